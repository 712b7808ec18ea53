//! The 1,024 words of SLIP-0039, ten bits each. They are in order, and no two begin with the same four letters.

use zeroize::Zeroizing;

/// Letters of the longest word.
const LONGEST: usize = 8;
/// Letters that tell a word.
const TELLING: usize = 4;

/// Padded with zeros, not slices: those would cost the phone library a relocation each.
static WORDS: [[u8; LONGEST]; 1024] = {
    let text = include_str!("words.txt").as_bytes();
    let mut words = [[0; LONGEST]; 1024];
    let (mut at, mut word, mut letter) = (0, 0, 0);
    while at < text.len() {
        if text[at] == b'\n' {
            (word, letter) = (word + 1, 0);
        } else {
            words[word][letter] = text[at];
            letter += 1;
        }
        at += 1;
    }
    assert!(word == words.len());
    words
};

/// The words of bytes, ten bits each, as many as there are whole.
pub fn spell(bytes: &[u8], between: &str) -> Zeroizing<String> {
    let count = bytes.len() * 8 / 10;
    // Never grown: what a text leaves behind when it moves is not wiped.
    let mut text = Zeroizing::new(String::with_capacity(count * (LONGEST + between.len())));
    for (n, index) in split(bytes).enumerate() {
        text.push_str(if n > 0 { between } else { "" });
        text.push_str(word(index));
    }
    text
}

/// Ten bits each, from the first.
pub fn split(bytes: &[u8]) -> impl Iterator<Item = u16> {
    bytes.chunks_exact(5).flat_map(|five| {
        let bits = five.iter().fold(0, |bits, byte| bits << 8 | u64::from(*byte));
        [30, 20, 10, 0].map(|shift| (bits >> shift) as u16 & 1023)
    })
}

/// The other way round; four numbers are five bytes.
pub fn join(numbers: &[u16], bytes: &mut [u8]) {
    for (four, five) in numbers.chunks_exact(4).zip(bytes.chunks_exact_mut(5)) {
        let bits = four.iter().fold(0, |bits, number| bits << 10 | u64::from(*number));
        five.copy_from_slice(&bits.to_be_bytes()[3..]);
    }
}

/// The number of a word as typed: in letters of any size, whole, or its first four letters and more.
pub fn find(typed: &str) -> Option<u16> {
    if !(TELLING..=LONGEST).contains(&typed.len()) {
        return None;
    }
    let mut start = Zeroizing::new([0; LONGEST]);
    start[..typed.len()].copy_from_slice(typed.as_bytes());
    start.make_ascii_lowercase();
    let at = WORDS.partition_point(|word| *word < *start);
    let is_found = WORDS.get(at)?.starts_with(&start[..typed.len()]);
    is_found.then_some(at as u16)
}

fn word(index: u16) -> &'static str {
    // The list is ASCII.
    str::from_utf8(&WORDS[usize::from(index)]).unwrap_or_default().trim_end_matches('\0')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_in_order_and_told_by_four_letters() {
        assert!(WORDS.is_sorted_by(|a, b| a[..TELLING] < b[..TELLING]));
        assert!(WORDS.iter().all(|word| word[..TELLING].iter().all(u8::is_ascii_lowercase)));
        assert_eq!((word(0), word(1023)), ("academic", "zero"));
        // SHA-256 of the list as python-shamir-mnemonic 0.3.0 has it.
        let digest = crate::crypto::sha256(include_bytes!("words.txt"));
        assert_eq!(digest[..8], [0xbc, 0xc4, 0x55, 0x53, 0x40, 0x33, 0x2d, 0x16]);
    }

    #[test]
    fn words_are_found_by_what_is_typed() {
        for index in 0..1024 {
            let word = word(index);
            assert_eq!(find(word), Some(index));
            assert_eq!(find(&word[..TELLING].to_uppercase()), Some(index));
        }
        for typed in ["", "aca", "acadx", "academix", "academics", "zzzz", "أكاد"] {
            assert_eq!(find(typed), None, "{typed}");
        }
    }

    #[test]
    fn bytes_are_words_and_back() {
        let bytes: Vec<u8> = (0..25).map(|n: u8| n.wrapping_mul(77)).collect();
        let numbers: Vec<u16> = split(&bytes).collect();
        let mut again = [0; 25];
        join(&numbers, &mut again);
        assert_eq!(again[..], bytes);
        assert_eq!(*spell(&[0, 0, 0x10, 0x08, 3], " "), "academic acid acne acquire");
    }
}
