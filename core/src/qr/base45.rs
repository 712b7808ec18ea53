//! Base45 (RFC 9285), strictly: one text for each byte string, everything else refused.
//!
//! Our own, because the crate at hand takes a last pair above 255 for some byte (`docs/adr/0004-base45.md`).

const ALPHABET: &[u8; 45] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";

pub fn encode_into(bytes: &[u8], out: &mut String) {
    let mut digits = |value: u16, count: u32| {
        out.extend((0..count).map(|i| ALPHABET[usize::from(value / 45_u16.pow(i) % 45)] as char));
    };
    let (pairs, last) = bytes.as_chunks::<2>();
    pairs.iter().for_each(|pair| digits(u16::from_be_bytes(*pair), 3));
    last.iter().for_each(|byte| digits(u16::from(*byte), 2));
}

/// Whether this is a character of the alphabet.
pub fn is_letter(letter: u8) -> bool {
    ALPHABET.contains(&letter)
}

/// None for a character outside the alphabet, a group above its range, or a length that no bytes have.
pub fn decode(text: &[u8]) -> Option<Vec<u8>> {
    const NONE: u8 = 0xff;
    const VALUES: [u8; 256] = {
        let mut values = [NONE; 256];
        let mut i = 0;
        while i < ALPHABET.len() {
            values[ALPHABET[i] as usize] = i as u8;
            i += 1;
        }
        values
    };
    let number = |digits: &[u8]| {
        digits.iter().rev().try_fold(0_u32, |number, digit| match VALUES[usize::from(*digit)] {
            NONE => None,
            value => Some(number * 45 + u32::from(value)),
        })
    };
    let (triples, last) = text.as_chunks::<3>();
    let mut out = Vec::with_capacity(text.len() / 3 * 2 + 1);
    for triple in triples {
        out.extend_from_slice(&u16::try_from(number(triple)?).ok()?.to_be_bytes());
    }
    match last {
        [] => {}
        [_, _] => out.push(u8::try_from(number(last)?).ok()?),
        _ => return None,
    }
    Some(out)
}
