//! Text armour: a prefix of five characters, then base45 (RFC 9285).
//!
//! `AM` `1` `Q` `:` is the name, the version of the armour, and the kind of what follows. All of it is in the
//! alphanumeric set of QR codes (ISO/IEC 18004), because phone scanners return text, not bytes. The kind `F` is a frame
//! of a transfer that does not fit one code: [`frames`](super::frames) makes and reads those.

use super::base45;
use crate::error::{Error, Result, damaged};

const NAME: &str = "AM";
const VERSION: u8 = b'1';
/// Characters before the base45 text.
pub const PREFIX_LEN: usize = 5;
/// Most characters that are read: as many as the largest transfer by frames comes to, for files hold more than codes do.
pub const MAX_TEXT: usize = 384 * 1024;
/// The kind of what is no whole.
const FRAME: u8 = b'F';

/// What the armoured bytes are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A verifier's request.
    Request,
    /// A holder's response, sealed.
    Response,
    /// A desk's offer to issue, to be answered with an enrolment.
    Offer,
    /// A wallet's proof that it holds a fresh key.
    Enrolment,
    /// A card in clear.
    Card,
    /// A card sealed to the wallet that enrolled for it.
    Delivery,
    /// A trust bundle.
    Bundle,
    /// A list of cards that were cancelled.
    StatusList,
    /// A paper share of a backup's key.
    Share,
}

const LETTERS: [(Kind, u8); 9] = [
    (Kind::Request, b'Q'),
    (Kind::Response, b'R'),
    (Kind::Offer, b'O'),
    (Kind::Enrolment, b'E'),
    (Kind::Card, b'C'),
    (Kind::Delivery, b'D'),
    (Kind::Bundle, b'B'),
    (Kind::StatusList, b'L'),
    (Kind::Share, b'S'),
];

/// Armours bytes of a kind.
pub fn to_text(kind: Kind, bytes: &[u8]) -> String {
    write(letter_of(kind), bytes)
}

/// Armours a frame.
pub(super) fn frame_to_text(frame: &[u8]) -> String {
    write(FRAME, frame)
}

pub(super) fn letter_of(kind: Kind) -> u8 {
    LETTERS.iter().find(|(k, _)| *k == kind).map_or(b'?', |(_, letter)| *letter)
}

pub(super) fn kind_of(letter: u8) -> Option<Kind> {
    LETTERS.iter().find(|(_, l)| *l == letter).map(|(kind, _)| *kind)
}

/// Bytes that so many characters hold, the prefix among them.
pub(super) fn bytes_in(characters: usize) -> usize {
    let body = characters.saturating_sub(PREFIX_LEN);
    body / 3 * 2 + usize::from(body % 3 == 2)
}

fn write(letter: u8, bytes: &[u8]) -> String {
    let mut text = String::with_capacity(PREFIX_LEN + bytes.len().div_ceil(2) * 3);
    text.push_str(NAME);
    text.extend([VERSION as char, letter as char, ':']);
    base45::encode_into(bytes, &mut text);
    text
}

/// Reads what a scanner returned.
///
/// # Errors
/// `foreign` for a text without the prefix, `too-new` for a later version or an unknown kind, `damaged`:
/// `armour-length`, `armour-base45`, or `armour-frame` for a frame, which a [`Collector`](super::Collector) takes.
pub fn parse(text: &str) -> Result<(Kind, Vec<u8>)> {
    match scan(text)? {
        Scanned::Whole(kind, bytes) => Ok((kind, bytes)),
        Scanned::Frame(_) => Err(damaged("armour-frame")),
    }
}

/// Whether a text says that it is a frame.
pub fn is_frame(text: &str) -> bool {
    let rest = text.trim_matches(['\r', '\n', '\u{feff}']).strip_prefix(NAME);
    rest.is_some_and(|rest| matches!(rest.as_bytes(), [VERSION, FRAME, b':', ..]))
}

/// What a scanner returned.
pub(super) enum Scanned {
    Whole(Kind, Vec<u8>),
    Frame(Vec<u8>),
}

pub(super) fn scan(text: &str) -> Result<Scanned> {
    // Files end in a newline; a space belongs to the alphabet and stays.
    let text = text.trim_matches(['\r', '\n', '\u{feff}']);
    let rest = text.strip_prefix(NAME).ok_or(Error::Foreign)?.as_bytes();
    let [version, letter, b':', body @ ..] = rest else { return Err(Error::Foreign) };
    if !version.is_ascii_digit() || !letter.is_ascii_uppercase() {
        return Err(Error::Foreign);
    }
    let kind = kind_of(*letter);
    if *version != VERSION || kind.is_none() && *letter != FRAME {
        return Err(Error::TooNew);
    }
    if body.len() > MAX_TEXT {
        return Err(damaged("armour-length"));
    }
    let bytes = base45::decode(body).ok_or(damaged("armour-base45"))?;
    Ok(match kind {
        Some(kind) => Scanned::Whole(kind, bytes),
        None => Scanned::Frame(bytes),
    })
}

/// Reads what came from anywhere: armoured text, or the bytes themselves.
///
/// # Errors
/// As [`parse`]; `not-for-me` for armour of a kind that is not `expected`; `foreign` for any other plain text.
pub fn read(input: &[u8], expected: &[Kind]) -> Result<(Option<Kind>, Vec<u8>)> {
    let text = input.strip_prefix("\u{feff}".as_bytes()).unwrap_or(input).trim_ascii_start();
    let plain_text = || text.iter().all(|byte| byte.is_ascii_graphic() || byte.is_ascii_whitespace());
    // Sealed bytes begin as chance has it, also with the two letters of the name: the whole prefix tells.
    let has_prefix = matches!(text, [b'A', b'M', b'0'..=b'9', b'A'..=b'Z', b':', ..]);
    if has_prefix || plain_text() {
        let (kind, bytes) = parse(core::str::from_utf8(text).map_err(|_| damaged("armour-base45"))?)?;
        return if expected.contains(&kind) { Ok((Some(kind), bytes)) } else { Err(Error::NotForMe) };
    }
    Ok((None, input.to_vec()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_and_length_survives() {
        for (kind, _) in LETTERS {
            for len in 0..40_u8 {
                let bytes: Vec<u8> = (0..len).map(|i| i.wrapping_mul(211)).collect();
                assert_eq!(parse(&to_text(kind, &bytes)), Ok((kind, bytes)));
            }
        }
    }

    #[test]
    fn others_are_told_apart() {
        assert_eq!(parse("https://example.com"), Err(Error::Foreign));
        assert_eq!(parse("HC1:6BF"), Err(Error::Foreign));
        assert_eq!(parse("AM"), Err(Error::Foreign));
        assert_eq!(parse("AMAZON:6BF"), Err(Error::Foreign));
        assert_eq!(parse("AM2Q:6BF"), Err(Error::TooNew));
        assert_eq!(parse("AM1Z:6BF"), Err(Error::TooNew));
        assert_eq!(parse("AM1F:BB8"), Err(damaged("armour-frame")));
        for broken in ["AM1Q:a", "AM1Q:A", "AM1Q:ZZZ", "AM1Q:::", "AM1Q:é"] {
            assert_eq!(parse(broken), Err(damaged("armour-base45")), "{broken}");
        }
        assert_eq!(parse(&format!("AM1Q:{}", "0".repeat(MAX_TEXT + 1))), Err(damaged("armour-length")));
    }

    #[test]
    fn text_and_bytes_are_both_read() {
        let text = to_text(Kind::Card, &[0xd2, 0x84]);
        assert_eq!(read(text.as_bytes(), &[Kind::Card]), Ok((Some(Kind::Card), vec![0xd2, 0x84])));
        assert_eq!(read(text.as_bytes(), &[Kind::Bundle]), Err(Error::NotForMe));
        assert_eq!(read(&[0xd2, 0x84], &[Kind::Card]), Ok((None, vec![0xd2, 0x84])));
        // Sealed bytes may begin with what looks like a space.
        assert_eq!(read(&[b' ', 0x84], &[Kind::Card]), Ok((None, vec![b' ', 0x84])));
        assert_eq!(read(b"AM\xff\x84", &[Kind::Card]), Ok((None, b"AM\xff\x84".to_vec())));
        assert_eq!(read("AM1C:é".as_bytes(), &[Kind::Card]), Err(damaged("armour-base45")));
        assert_eq!(read(b"https://example.com\n", &[Kind::Card]), Err(Error::Foreign));
        assert_eq!(read(b"", &[Kind::Card]), Err(Error::Foreign));
    }

    #[test]
    fn the_vectors_of_rfc_9285() {
        assert_eq!(&to_text(Kind::Card, b"AB")[PREFIX_LEN..], "BB8");
        assert_eq!(&to_text(Kind::Card, b"Hello!!")[PREFIX_LEN..], "%69 VD92EX0");
        assert_eq!(&to_text(Kind::Card, b"ietf!")[PREFIX_LEN..], "QED8WEX0");
    }
}
