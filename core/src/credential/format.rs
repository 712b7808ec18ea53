//! What every format gives: a card, a presentation of it, and a row in the table by which both are recognised.

use super::model::{ClaimPath, Claims, Validity, Value, leaf_paths};
use super::{claim169, health, mdoc, sd_cwt, sd_jwt};
#[cfg(feature = "issuer")]
use crate::cose::cbor;
use crate::cose::cwt::claim;
use crate::crypto::{Algorithm, Curve, PublicKey, Signer, SymmetricKey};
#[cfg(feature = "issuer")]
use crate::error::invalid;
use crate::error::{Error, Result, damaged, untrusted};
use crate::ports::Entropy;
use crate::x509::{Certificate, Profile};
use base64ct::{Base64Unpadded, Base64UrlUnpadded, Encoding as _};
use core::fmt;

/// A card, whatever format it comes in.
pub type Card = Box<dyn Credential>;

/// The formats, each with its number: the same inside an answer and in the vault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// SD-CWT, presented as SD-KBT.
    SdCwt,
    /// SD-JWT and SD-JWT VC, presented with a KB-JWT.
    SdJwt,
    /// mdoc, presented as a DeviceResponse.
    Mdoc,
    /// Claim 169, presented as it is.
    Claim169,
    /// Health certificates (`HC1:`): judged, never held.
    Health,
}

/// What there is to know of a format beside its own module.
struct Row {
    /// Never given to another format.
    number: u64,
    name: &'static str,
    presentation_name: &'static str,
    holder_curve: Curve,
    parse_card: fn(&[u8]) -> Result<Card>,
    parse_presentation: fn(&[u8]) -> Result<Box<dyn Presentation>>,
}

impl Format {
    /// All of them, in the order in which they are tried on what nobody named.
    pub const ALL: [Self; 5] = [Self::SdCwt, Self::SdJwt, Self::Mdoc, Self::Claim169, Self::Health];

    fn row(self) -> Row {
        match self {
            Self::SdCwt => Row {
                number: 1,
                name: "sd-cwt",
                presentation_name: "sd-kbt",
                holder_curve: Curve::Ed25519,
                parse_card: |bytes| Ok(Box::new(sd_cwt::SdCwt::parse(bytes)?)),
                parse_presentation: |bytes| Ok(Box::new(sd_cwt::KeyBinding::parse(bytes)?)),
            },
            Self::SdJwt => Row {
                number: 2,
                name: "sd-jwt",
                presentation_name: "sd-jwt-kb",
                holder_curve: Curve::P256,
                parse_card: |bytes| Ok(Box::new(sd_jwt::SdJwt::parse(bytes)?)),
                parse_presentation: |bytes| Ok(Box::new(sd_jwt::SdJwtKb::parse(bytes)?)),
            },
            Self::Mdoc => Row {
                number: 3,
                name: "mdoc",
                presentation_name: "mdoc-response",
                holder_curve: Curve::P256,
                parse_card: |bytes| Ok(Box::new(mdoc::Mdoc::parse(bytes)?)),
                parse_presentation: |bytes| Ok(Box::new(mdoc::Document::parse_presentation(bytes)?)),
            },
            Self::Claim169 => Row {
                number: 4,
                name: "claim-169",
                presentation_name: "claim-169",
                // None of its cards has a holder key.
                holder_curve: Curve::Ed25519,
                parse_card: |bytes| Ok(Box::new(claim169::Claim169::parse(bytes)?)),
                parse_presentation: |bytes| Ok(Box::new(claim169::Shown::parse(bytes)?)),
            },
            Self::Health => Row {
                number: 5,
                name: "health-certificate",
                presentation_name: "health-certificate",
                holder_curve: Curve::Ed25519,
                parse_card: |bytes| Ok(Box::new(health::HealthCertificate::parse(bytes)?)),
                parse_presentation: |_| Err(Error::Foreign),
            },
        }
    }

    /// Its number inside an answer and in the vault.
    pub fn number(self) -> u64 {
        self.row().number
    }

    /// The format of a number.
    ///
    /// # Errors
    /// `too-new` for one that this version does not know.
    pub fn of_number(number: u64) -> Result<Self> {
        Self::ALL.into_iter().find(|format| format.number() == number).ok_or(Error::TooNew)
    }

    /// The format of a stable word.
    ///
    /// # Errors
    /// As [`of_number`](Self::of_number).
    pub fn of_name(name: &str) -> Result<Self> {
        Self::ALL.into_iter().find(|format| format.name() == name).ok_or(Error::TooNew)
    }

    /// The stable word for it.
    pub fn name(self) -> &'static str {
        self.row().name
    }

    /// The stable word for its presentation.
    pub fn presentation_name(self) -> &'static str {
        self.row().presentation_name
    }

    /// The curve of a new card's holder key, where the issuer leaves the choice.
    pub fn holder_curve(self) -> Curve {
        self.row().holder_curve
    }

    /// Reads a card of this format. Checks everything but signatures and the clock.
    ///
    /// # Errors
    /// `foreign` where it is of another format, `damaged` where it is broken.
    pub fn parse_card(self, bytes: &[u8]) -> Result<Card> {
        (self.row().parse_card)(bytes)
    }

    /// Reads a presentation in this format. Checks everything but signatures and the clock.
    ///
    /// # Errors
    /// As [`parse_card`](Self::parse_card).
    pub fn parse_presentation(self, bytes: &[u8]) -> Result<Box<dyn Presentation>> {
        (self.row().parse_presentation)(bytes)
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

/// A card: claims about a person that an issuer signed, some or all of which can be shown.
pub trait Credential: fmt::Debug + Send + Sync {
    /// The format it comes in.
    fn format(&self) -> Format;

    /// The issuer's id; empty where the card names none.
    fn issuer(&self) -> &str;

    /// The name of the key that signed, where the card gives one under the signature.
    fn kid(&self) -> Option<&[u8]>;

    /// The certificates that came along, DER, the signer's first; none in most formats.
    fn chain(&self) -> &[Vec<u8>] {
        &[]
    }

    /// The name by which the card would name a signer with this certificate; none where it names keys in another way.
    fn certificate_id(&self, _certificate: &Certificate) -> Option<Vec<u8>> {
        None
    }

    /// What the first of those certificates must be made for.
    fn signer_profile(&self) -> Profile {
        Profile::AnySigner
    }

    /// Checks what the format asks of the certificate of its signer, beyond its chain.
    ///
    /// # Errors
    /// `untrusted`, with a word of the format's.
    fn check_signer(&self, _signer: &Certificate) -> Result<()> {
        Ok(())
    }

    /// Whether there is a signature to be checked at all.
    fn is_signed(&self) -> bool {
        true
    }

    /// The algorithm that the issuer signed with; none where Amana does not verify it, or nothing is signed.
    fn algorithm(&self) -> Option<Algorithm>;

    /// What kind of card it is; empty where the card does not say.
    fn card_type(&self) -> &str;

    /// From when to when.
    fn validity(&self) -> Validity;

    /// Where its issuer says whether it is cancelled.
    fn status(&self) -> Option<&StatusReference> {
        None
    }

    /// The key that its holder proves to have; none for a bearer's card.
    fn holder_key(&self) -> Option<&PublicKey>;

    /// Every claim that is disclosed here, also those that make the token work.
    fn all_claims(&self) -> &Claims;

    /// Whether its issuer made it for this verifier's id, or for nobody in particular (`aud`).
    fn is_meant_for(&self, _audience: &str) -> bool {
        true
    }

    /// The claims about the person.
    fn claims(&self) -> Claims;

    /// Checks that every claim is disclosed: so a card comes from its desk, and a presentation need not be. And that it has
    /// nothing that must not be kept.
    ///
    /// # Errors
    /// `damaged`, or `invalid`, with a word of the format's.
    fn check_whole(&self) -> Result<()>;

    /// Checks the issuer's signature.
    ///
    /// # Errors
    /// `untrusted`: `algorithm-unsupported`, `algorithm-mismatch` or `signature-invalid`.
    fn verify_issuer(&self, key: &PublicKey) -> Result<()>;

    /// The same card with only those disclosures that show the claims at `paths`: each path's own, all inside it, and
    /// the groups around it. Claims that are always open need no path and stay.
    ///
    /// # Errors
    /// `not-found` (`claim`) for a path the card does not have.
    fn select(&self, paths: &[ClaimPath]) -> Result<Card>;

    /// Everything about the person that [`select`](Self::select) with these paths shows, value by value: also what
    /// stands open, and what its issuer put into one disclosure with what is chosen.
    ///
    /// # Errors
    /// `damaged` (`claim-path`) for a card with a name that must not be shown to a person, (`claim-paths`) for one whose names
    /// would take more than a megabyte.
    fn shown_by(&self, paths: &[ClaimPath]) -> Result<Vec<ClaimPath>>;

    /// Everything about the person that the card says, value by value.
    ///
    /// # Errors
    /// As [`shown_by`](Self::shown_by).
    fn shown_by_all(&self) -> Result<Vec<ClaimPath>> {
        leaf_paths(&self.claims(), &|_| true)
    }

    /// Presents it: the encoding that a verifier reads by [`Format::parse_presentation`], with the holder's proof where the
    /// card has a holder key. `at`, Unix seconds by the holder's clock, goes where a format demands a time; nobody judges
    /// by it.
    ///
    /// # Errors
    /// `invalid` (`holder-key`) where `key` is not the one the card names; `host`.
    fn present(&self, binding: &Binding, key: Option<&dyn Signer>, at: i64, entropy: &dyn Entropy) -> Result<Vec<u8>>;

    /// Most bytes that [`present`](Self::present) adds to the card.
    fn proof_len(&self) -> usize;

    /// The encoding, with the disclosures.
    fn to_bytes(&self) -> Vec<u8>;
}

/// What a holder shows: a card with the disclosures they chose, and their proof.
pub trait Presentation: fmt::Debug + Send + Sync {
    /// The card that is presented.
    fn card(&self) -> &dyn Credential;

    /// Checks that the holder's proof holds, by the key that the card names, and was made for this verifier, this
    /// challenge and this request. Says nothing of the issuer. A bearer's card, which has no holder key, proves nothing:
    /// ask [`Credential::holder_key`] first.
    ///
    /// # Errors
    /// `untrusted`: `audience`, `challenge`, `request`, `proof-missing`, `signature-invalid` and words of the format's.
    fn verify_holder(&self, expected: &Binding) -> Result<()>;

    /// Checks the holder's signature alone, where it can be checked without knowing what it is bound to.
    ///
    /// # Errors
    /// `untrusted`: `binding-unknown` where it cannot; else as [`verify_holder`](Self::verify_holder).
    fn verify_signature(&self) -> Result<()> {
        Err(untrusted("binding-unknown"))
    }

    /// The encoding.
    fn to_bytes(&self) -> Vec<u8>;
}

/// What a holder's proof is bound to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binding {
    /// The verifier's id (`aud`).
    pub audience: String,
    /// The challenge (`cnonce`, `nonce`), where there is one.
    pub challenge: Option<Vec<u8>>,
    /// SHA-256 of the request (`req`), where there is one.
    pub request: Option<[u8; 32]>,
}

/// Where in which status list a card's status stands (draft-ietf-oauth-status-list-21, section 6).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusReference {
    /// Which list (`uri`).
    pub uri: String,
    /// Which entry (`idx`), from 0.
    pub index: u64,
}

impl StatusReference {
    /// What a token's claims say: `status_list` inside `status`; none where there is none, or another mechanism.
    ///
    /// # Errors
    /// `damaged` (`status-reference`).
    pub(super) fn of(claims: &Claims) -> Result<Option<Self>> {
        let status = claims.value(&claim::STATUS.into()).or_else(|| claims.value(&"status".into()));
        let Some(Value::Map(status)) = status else { return Ok(None) };
        let Some(list) = status.value(&"status_list".into()) else { return Ok(None) };
        let Value::Map(list) = list else { return Err(damaged("status-reference")) };
        match (list.value(&"uri".into()), list.value(&"idx".into())) {
            (Some(Value::Text(uri)), Some(Value::Int(index @ 0..))) => {
                Ok(Some(Self { uri: uri.clone(), index: *index as u64 }))
            }
            _ => Err(damaged("status-reference")),
        }
    }

    /// Checks that a list could answer it.
    ///
    /// # Errors
    /// `invalid` (`status-reference`) for what is no URI of at most 2,048 bytes, or an index that no list reaches.
    #[cfg(feature = "issuer")]
    pub(super) fn check(&self) -> Result<()> {
        const MAX_URI_LEN: usize = 2048;
        const MAX_INDEX: u64 = u32::MAX as u64;
        let scheme = self.uri.split_once(':').is_some_and(|(scheme, rest)| !scheme.is_empty() && !rest.is_empty());
        let uri_fine = scheme && self.uri.len() <= MAX_URI_LEN && self.uri.bytes().all(|byte| byte.is_ascii_graphic());
        if uri_fine && self.index <= MAX_INDEX { Ok(()) } else { Err(invalid("status-reference")) }
    }

    /// The value of a CWT's `status` claim (the draft's section 6.3).
    #[cfg(feature = "issuer")]
    pub(super) fn to_cbor(&self) -> cbor::Value {
        let list = [("idx".into(), self.index.into()), ("uri".into(), self.uri.as_str().into())];
        cbor::Value::map([("status_list".into(), cbor::Value::map(list))])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_keeps_its_number_and_its_name() {
        assert_eq!(Format::ALL.map(Format::number), [1, 2, 3, 4, 5]);
        for format in Format::ALL {
            assert_eq!(Format::of_number(format.number()), Ok(format));
            assert_eq!(Format::of_name(format.name()), Ok(format));
        }
        assert_eq!(Format::of_number(0), Err(Error::TooNew));
    }

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
