//! From bytes or text to a card or a presentation, of whichever format they are. Whoever knows the format reads by
//! [`Format::parse_card`]; whoever scans anything, by [`recognise`].

use super::format::{Card, Format, Presentation};
use super::{claim169, health, mdoc, sd_cwt, sd_jwt};
use crate::crypto::SymmetricKey;
use crate::error::{Error, Result};
use base64ct::{Base64Unpadded, Base64UrlUnpadded, Encoding as _};

impl Format {
    /// Reads a card of this format. Checks everything but signatures and the clock.
    ///
    /// # Errors
    /// `foreign` where it is of another format, `damaged` where it is broken.
    pub fn parse_card(self, bytes: &[u8]) -> Result<Card> {
        Ok(match self {
            Self::SdCwt => Box::new(sd_cwt::SdCwt::parse(bytes)?),
            Self::SdJwt => Box::new(sd_jwt::SdJwt::parse(bytes)?),
            Self::Mdoc => Box::new(mdoc::Mdoc::parse(bytes)?),
            Self::Claim169 => Box::new(claim169::Claim169::parse(bytes)?),
            Self::Health => Box::new(health::HealthCertificate::parse(bytes)?),
        })
    }

    /// Reads a presentation in this format. Checks everything but signatures and the clock.
    ///
    /// # Errors
    /// As [`parse_card`](Self::parse_card).
    pub fn parse_presentation(self, bytes: &[u8]) -> Result<Box<dyn Presentation>> {
        Ok(match self {
            Self::SdCwt => Box::new(sd_cwt::KeyBinding::parse(bytes)?),
            Self::SdJwt => Box::new(sd_jwt::SdJwtKb::parse(bytes)?),
            Self::Mdoc => Box::new(mdoc::Document::parse_presentation(bytes)?),
            Self::Claim169 => Box::new(claim169::Shown::parse(bytes)?),
            // Judged as it is, and never held to be presented.
            Self::Health => return Err(Error::Foreign),
        })
    }
}

/// Reads a card, whose format its content tells.
///
/// # Errors
/// `foreign` where it is of no format; `damaged` where it is broken.
pub fn parse_card(bytes: &[u8]) -> Result<Card> {
    let mut foreign = Error::Foreign;
    for format in Format::ALL {
        match format.parse_card(bytes) {
            Err(Error::Foreign) => {}
            // Broken beyond telling its format: another may still know it.
            Err(error @ Error::Damaged { .. }) if foreign == Error::Foreign => foreign = error,
            Err(Error::Damaged { .. }) => {}
            read => return read,
        }
    }
    Err(foreign)
}

/// Reads a card from text or bytes of any form: as it is, in hexadecimal, base64 or base64url, or as the text of a code
/// ([`claim169::from_text`], [`health::HealthCertificate::from_text`]); one that is sealed by one of these keys.
///
/// # Errors
/// As [`parse_card`], and `foreign` for another text; as [`unseal`] where it is sealed.
pub fn recognise(input: &[u8], keys: &[SymmetricKey]) -> Result<Card> {
    if let Some(opened) = unseal(input, keys) {
        return opened;
    }
    let text = core::str::from_utf8(input).ok();
    // No card in CBOR is text, and what CBOR's reader says of a text is none of its faults.
    let error = match if text.is_some() { Format::SdJwt.parse_card(input) } else { parse_card(input) } {
        Ok(card) => return Ok(card),
        Err(error) => error,
    };
    if let Some(card) = text_forms(input).iter().find_map(|bytes| parse_card(bytes).ok()) {
        return Ok(card);
    }
    // The text of a code says more of what is wrong with it than its letters do.
    let codes = text.into_iter().flat_map(|text| [health::from_text(text), claim169::from_text(text)]);
    match codes.into_iter().find(|token| *token != Err(Error::Foreign)) {
        Some(token) => parse_card(&token?),
        None => Err(error),
    }
}

/// Opens a card that is sealed; none where it is not.
///
/// # Errors
/// `not-for-me` where none of the keys is for it; `untrusted` (`seal-broken`) where one is and does not open it.
pub fn unseal(input: &[u8], keys: &[SymmetricKey]) -> Option<Result<Card>> {
    let is_sealed = |bytes: &Vec<u8>| matches!(claim169::parse_with(bytes, &[]), Ok(claim169::Parsed::Encrypted(_)));
    let sealed = forms(input).into_iter().find(is_sealed)?;
    Some(claim169::parse_with(&sealed, keys).and_then(|parsed| match parsed {
        claim169::Parsed::Card(card) => Ok(card as Card),
        claim169::Parsed::Encrypted(_) => Err(Error::NotForMe),
    }))
}

/// Reads a presentation from text or bytes of any form; none where it is none.
pub fn recognise_presentation(input: &[u8]) -> Option<Box<dyn Presentation>> {
    let parse = |bytes: Vec<u8>| Format::ALL.into_iter().find_map(|format| format.parse_presentation(&bytes).ok());
    forms(input).into_iter().find_map(parse)
}

/// What an input may stand for: itself, and what a text may be the encoding of.
pub fn forms(input: &[u8]) -> Vec<Vec<u8>> {
    [vec![input.to_vec()], text_forms(input)].concat()
}

fn text_forms(input: &[u8]) -> Vec<Vec<u8>> {
    let Ok(whole) = core::str::from_utf8(input) else { return Vec::new() };
    let text = whole.trim();
    let plain = text.trim_end_matches('=');
    [
        base16ct::mixed::decode_vec(text).ok(),
        Base64Unpadded::decode_vec(plain).ok(),
        Base64UrlUnpadded::decode_vec(plain).ok(),
        // A space at its end is one of its letters.
        claim169::from_text(whole).ok(),
        health::from_text(whole).ok(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::damaged;

    #[test]
    fn texts_of_others_are_not_torn_cards() {
        let read = |input: &[u8]| recognise(input, &[]).unwrap_err();
        let page = format!("{{\"page\": \"{}\"}}", "x".repeat(100_000));
        for text in ["", "https://example.com", "WIFI:S:home;;", "{}", "neither of them", "\u{e9}t\u{e9}", &page] {
            assert_eq!(read(text.as_bytes()), Error::Foreign, "{}", text.get(..20).unwrap_or(text));
        }
        assert_eq!(read(&"A".repeat(100_000).into_bytes()), damaged("compact-size"));
        assert_eq!(read(b"HC1:ABC"), damaged("compact-stream"));
        assert_eq!(read(b"HC2:6BF"), Error::TooNew);
        assert!(matches!(read(&[0xd2, 0x84, 0x43, 0xa1]), Error::Damaged { .. }), "a card that is cut");
    }
}
