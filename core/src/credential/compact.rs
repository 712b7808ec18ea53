//! Tokens as others put them into codes: base45 (RFC 9285) over CBOR, which is deflated in most.
//!
//! zlib (RFC 1950) is what the specifications ask for. Met in the field are also deflate without its wrapper (RFC 1951), no
//! compression at all, and, from Inji Certify, the hexadecimal text of a token in place of the token.

use crate::cose::cbor;
use crate::error::{Error, Result, damaged};
use crate::qr::base45;
use miniz_oxide::deflate::compress_to_vec_zlib;
use miniz_oxide::inflate::TINFLStatus;
use miniz_oxide::inflate::core::{DecompressorOxide, decompress, inflate_flags as flags};

/// Most bytes that a text holds, inflated or not: a code holds 3 KB, and a file of biometrics is none of ours.
pub(super) const MAX_LEN: usize = 64 * 1024;
/// Most characters of a text: what so many bytes need.
const MAX_TEXT: usize = MAX_LEN.div_ceil(2) * 3;
/// The hardest that is tried: a card is deflated once and scanned often.
const LEVEL: u8 = 10;

/// What a text holds. A space belongs to the alphabet, at either end too, and stays; a newline goes.
///
/// # Errors
/// `foreign` for what is no base45, or holds nothing of the kind; `damaged`: `compact-stream` where the deflated bytes are
/// torn, `compact-trailing`, `compact-size` beyond 64 KiB.
pub(super) fn from_text(text: &str) -> Result<Vec<u8>> {
    let text = text.trim_matches(['\r', '\n', '\u{feff}']);
    if text.len() > MAX_TEXT {
        // Not decoded: it is enough that it could be.
        let is_base45 = text.bytes().all(base45::is_letter);
        return Err(if is_base45 { damaged("compact-size") } else { Error::Foreign });
    }
    unpack(base45::decode(text.as_bytes()).ok_or(Error::Foreign)?)
}

/// A token as the text of a code: zlib, then base45.
pub(super) fn to_text(token: &[u8]) -> String {
    let mut text = String::new();
    base45::encode_into(&compress_to_vec_zlib(token, LEVEL), &mut text);
    text
}

fn unpack(bytes: Vec<u8>) -> Result<Vec<u8>> {
    if is_zlib(&bytes) {
        let plain = inflate(&bytes, flags::TINFL_FLAG_PARSE_ZLIB_HEADER | flags::TINFL_FLAG_COMPUTE_ADLER32)?;
        return if is_token(&plain) { Ok(plain) } else { from_hexadecimal(&plain).ok_or(Error::Foreign) };
    }
    // Anything may start a stream without its wrapper: it counts where it ends with the text, and has a token in it.
    match inflate(&bytes, 0) {
        Ok(plain) if is_token(&plain) => Ok(plain),
        _ if is_token(&bytes) => Ok(bytes),
        _ => Err(Error::Foreign),
    }
}

/// A zlib header: deflate, a window of at most 32 KiB, no dictionary, and its check. No token starts like this.
fn is_zlib(bytes: &[u8]) -> bool {
    matches!(bytes, [method, more, ..]
        if method & 0x0f == 8 && method >> 4 <= 7 && more & 0x20 == 0 && u16::from_be_bytes([*method, *more]) % 31 == 0)
}

/// Whether these bytes are a COSE message or a claims set, by their start: one with a tag says what it is and may be torn,
/// one without must be whole.
fn is_token(bytes: &[u8]) -> bool {
    match bytes {
        // CWT, COSE_Sign1, COSE_Encrypt0
        [0xd8, 0x3d, ..] | [0xd2, 0x84, ..] | [0xd0, 0x83, ..] => true,
        // Arrays of three and four, maps
        [0x83 | 0x84 | 0xa0..=0xbb, ..] => cbor::parse(bytes).is_ok(),
        _ => false,
    }
}

fn from_hexadecimal(text: &[u8]) -> Option<Vec<u8>> {
    base16ct::mixed::decode_vec(text).ok().filter(|bytes| is_token(bytes))
}

/// Inflates all of `bytes`, growing as it goes and never beyond the limit.
fn inflate(bytes: &[u8], format: u32) -> Result<Vec<u8>> {
    let mut state = Box::<DecompressorOxide>::default();
    let mut plain = vec![0; (bytes.len() * 2).clamp(1024, MAX_LEN)];
    let (mut read, mut written) = (0, 0);
    loop {
        let format = format | flags::TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF;
        let (status, taken, given) = decompress(&mut state, &bytes[read..], &mut plain, written, format);
        (read, written) = (read + taken, written + given);
        match status {
            TINFLStatus::Done if read < bytes.len() => return Err(damaged("compact-trailing")),
            TINFLStatus::Done => break,
            TINFLStatus::HasMoreOutput if plain.len() < MAX_LEN => plain.resize((plain.len() * 2).min(MAX_LEN), 0),
            TINFLStatus::HasMoreOutput => return Err(damaged("compact-size")),
            _ => return Err(damaged("compact-stream")),
        }
    }
    plain.truncate(written);
    Ok(plain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cose::cbor::Value;
    use miniz_oxide::deflate::compress_to_vec;

    fn text_of(bytes: &[u8]) -> String {
        let mut text = String::new();
        base45::encode_into(bytes, &mut text);
        text
    }

    /// An unsigned token of about so many bytes.
    fn token(len: usize) -> Vec<u8> {
        Value::map([(169_i64.into(), vec![7; len].into())]).to_bytes()
    }

    #[test]
    fn every_packing_holds_the_same_token() {
        for len in [0, 1, 100, 5000, MAX_LEN - 10] {
            let token = token(len);
            let hexadecimal = base16ct::upper::encode_string(&token);
            let mut packings = vec![compress_to_vec_zlib(&token, 1), compress_to_vec(&token, 6), token.clone()];
            packings.extend((hexadecimal.len() <= MAX_LEN).then(|| compress_to_vec_zlib(hexadecimal.as_bytes(), 6)));
            for (i, packed) in packings.iter().enumerate() {
                assert_eq!(from_text(&text_of(packed)).as_ref(), Ok(&token), "packing {i}, {len} bytes");
            }
            assert_eq!(from_text(&to_text(&token)), Ok(token));
        }
    }

    #[test]
    fn spaces_are_data_and_a_newline_at_the_end_is_none() {
        // Two claims, 9 and 169: a2 09 is 41,481, whose last digit to the base of 45 is 36, a space.
        let token = Value::map([(9_i64.into(), "".into()), (169_i64.into(), Value::Map(Vec::new()))]).to_bytes();
        let text = text_of(&token);
        assert!(text.starts_with(' '));
        for whole in [&text, &format!("{text}\r\n")] {
            assert_eq!(from_text(whole).as_ref(), Ok(&token));
        }
        for other in [text.trim_start(), &format!(" {text}"), &format!("{text} ")] {
            assert_eq!(from_text(other), Err(Error::Foreign), "{other:?}");
        }
    }

    #[test]
    fn bombs_stop_at_the_limit() {
        let bomb = vec![0xa0; 40 * 1024 * 1024];
        let bombs = [compress_to_vec_zlib(&bomb, 9), compress_to_vec_zlib(&bomb[..MAX_LEN + 1], 9)];
        for bomb in bombs {
            assert_eq!(from_text(&text_of(&bomb)), Err(damaged("compact-size")));
        }
        assert_eq!(from_text(&text_of(&compress_to_vec(&bomb, 9)[..4000])), Err(Error::Foreign));
        assert_eq!(from_text(&"0".repeat(MAX_TEXT + 1)), Err(damaged("compact-size")));
    }

    #[test]
    fn a_torn_stream_says_so() {
        let whole = compress_to_vec_zlib(&token(300), 6);
        for len in 2..whole.len() {
            assert_eq!(from_text(&text_of(&whole[..len])), Err(damaged("compact-stream")), "{len}");
        }
        let more = [&whole[..], b"more"].concat();
        assert_eq!(from_text(&text_of(&more)), Err(damaged("compact-trailing")));
        let mut checksum = whole;
        *checksum.last_mut().unwrap() ^= 1;
        assert_eq!(from_text(&text_of(&checksum)), Err(damaged("compact-stream")));
    }

    #[test]
    fn other_texts_are_foreign() {
        // The third and fourth are pixelpass's "hello", and two characters that no two bytes have.
        for text in ["", "hello", "NCFKVPV0QSIP600GP5L0", ":::", "HELLO WORLD", "HTTPS://EXAMPLE.ORG/A", "123456", "é"]
        {
            assert_eq!(from_text(text), Err(Error::Foreign), "{text}");
        }
    }
}
