//! Claim 169: identity data in a QR code (MOSIP, version 1.2.0; IANA's CWT claim 169, `identity-data`).
//!
//! What is printed on paper IDs: a signed CWT, deflated, as base45 text in a code. It has no holder key, so whoever has the
//! paper can show it, and nothing of it can be withheld: a bearer's card. The verdict says so, and the person is compared.
//!
//! ```text
//! desk    issue() ──► Claim169 ──► to_text() ──► code        seal() first, where only holders of a key may read it
//! anyone  from_text() ──► parse_with(keys) ──► Parsed::Card(Claim169) ──► verify_issuer(key), claims(), portrait()
//!                                         └──► Parsed::Encrypted, where none of the keys is for it
//! ```
//!
//! Read in every form that is met in the field (`docs/formats/claim-169.md` has the table): with and without the tags 61, 18
//! and 16; claim 169 as a map, or as bytes that hold one; fields by number, by number as text, or by name; values as numbers,
//! or as the words they stand for. Only a `kid` in the protected header names a key. A token with an empty signature, or a
//! bare claims set that nobody signed, is read, and never verifies.
//!
//! **Biometric data** beyond the portrait (fields 50 to 74) is told to be there, by its number. Its values are in no claim, so
//! they are never shown or printed, and such a card is never held or passed on ([`Credential::check_whole`]): the issuer's
//! signature covers them, so nobody could leave them out. Only the signed bytes themselves have them, for as long as it
//! takes to check the signature.

mod fields;
#[cfg(feature = "issuer")]
mod issue;

#[cfg(feature = "issuer")]
pub use issue::{Draft, issue, seal};

use super::compact;
use super::format::{Binding, Card, Credential, Format, Presentation, StatusReference};
use super::model::{ClaimName, ClaimPath, Claims, Validity, Value as ClaimValue};
use crate::cose::cbor::{self, TAG_CWT, TAG_ENCRYPT0, TAG_SIGN1, Value};
use crate::cose::cwt::{self, claim};
use crate::cose::{Encrypt0, Sign1};
use crate::crypto::{Algorithm, PublicKey, Signer, SymmetricKey};
use crate::error::{Error, Result, damaged, invalid, untrusted};
use crate::ports::Entropy;
use core::fmt;

/// The claim that holds the identity data.
pub const CLAIM: i64 = 169;
/// What kind of card every one of this format is.
pub const CARD_TYPE: &str = "claim-169";
/// Most data items in a token, and as many in its claims.
const MAX_ITEMS: usize = 4096;
/// Most claims of a token beside each other.
const MAX_CLAIMS: usize = 64;

/// The token that the text of a code holds.
///
/// # Errors
/// `foreign` for another text; `damaged`: `compact-*`.
pub fn from_text(text: &str) -> Result<Vec<u8>> {
    compact::from_text(text)
}

/// The text of a code for a token.
pub fn to_text(token: &[u8]) -> String {
    compact::to_text(token)
}

/// What a token turned out to be.
#[derive(Clone, Debug)]
pub enum Parsed {
    /// One that can be read.
    Card(Box<Claim169>),
    /// One that is sealed, and that none of the keys is for.
    Encrypted(Encrypt0),
}

/// Reads a token, with keys to open it by where it is sealed. Checks everything but the issuer's signature and the clock.
///
/// # Errors
/// `foreign` where there is no claim 169; `damaged` with `claim-169-*`, `cwt-*`, `sign1-*`, `encrypt0-*` or `cbor-*`;
/// `untrusted` as [`Encrypt0::open`] says, where there are keys.
pub fn parse_with(bytes: &[u8], keys: &[SymmetricKey]) -> Result<Parsed> {
    let sealed = match read(bytes)? {
        Message::Open(card) => return Ok(Parsed::Card(Box::new(card))),
        Message::Sealed(sealed) => sealed,
    };
    let opened = if keys.is_empty() { None } else { sealed.open(&[], keys)? };
    match opened.as_deref().map(|plaintext| read(plaintext)).transpose()? {
        None => Ok(Parsed::Encrypted(sealed)),
        Some(Message::Open(card)) => Ok(Parsed::Card(Box::new(card))),
        Some(Message::Sealed(_)) => Err(damaged("claim-169-nested")),
    }
}

enum Message {
    Open(Claim169),
    Sealed(Encrypt0),
}

fn read(bytes: &[u8]) -> Result<Message> {
    let value = cbor::parse_within(bytes, &mut { MAX_ITEMS })?.without_tag(TAG_CWT);
    let parts = |value: &Value| value.as_array().map(<[Value]>::len);
    Ok(match value {
        Value::Tag(TAG_ENCRYPT0, _) => Message::Sealed(Encrypt0::from_value(value)?),
        Value::Array(_) if parts(&value) == Some(3) => Message::Sealed(Encrypt0::from_value(value)?),
        Value::Tag(TAG_SIGN1, _) | Value::Array(_) => {
            let signed = Sign1::from_value(value)?;
            let claims = cbor::parse_within(signed.payload(), &mut { MAX_ITEMS })?;
            Message::Open(Claim169::of(Token::Signed(signed), claims)?)
        }
        Value::Map(_) => Message::Open(Claim169::of(Token::Unsigned(bytes.to_vec()), value)?),
        _ => return Err(Error::Foreign),
    })
}

/// A card in this format.
#[derive(Clone, Debug)]
pub struct Claim169 {
    token: Token,
    /// Those of the CWT, with the identity data in its place among them.
    claims: Claims,
    chain: Vec<Vec<u8>>,
    validity: Validity,
    status: Option<StatusReference>,
}

/// What was signed, or would have been.
#[derive(Clone)]
enum Token {
    Signed(Sign1),
    /// A claims set, as it came.
    Unsigned(Vec<u8>),
}

/// It holds a person's data, and biometrics at times.
impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Signed(signed) => signed.fmt(f),
            Self::Unsigned(bytes) => write!(f, "Unsigned({} bytes, redacted)", bytes.len()),
        }
    }
}

impl Claim169 {
    /// Reads a token that is not sealed.
    ///
    /// # Errors
    /// As [`parse_with`]; `not-for-me` for one that is sealed.
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        match read(bytes)? {
            Message::Open(card) => Ok(card),
            Message::Sealed(_) => Err(Error::NotForMe),
        }
    }

    fn of(token: Token, claims: Value) -> Result<Self> {
        let claims = read_claims(claims)?;
        let date = |label: i64| match claims.value(&label.into()) {
            Some(ClaimValue::Int(seconds)) => cwt::numeric_date(&(*seconds).into()).map(Some),
            Some(ClaimValue::Float(seconds)) => cwt::numeric_date(&Value::Float(*seconds)).map(Some),
            Some(_) => Err(damaged("cwt-date")),
            None => Ok(None),
        };
        let (not_before, expires, _) = (date(claim::NBF)?, date(claim::EXP)?, date(claim::IAT)?);
        if !matches!(claims.value(&claim::ISS.into()), None | Some(ClaimValue::Text(_))) {
            return Err(damaged("cwt-iss"));
        }
        let chain = match &token {
            Token::Signed(signed) => signed.x5chain()?,
            Token::Unsigned(_) => Vec::new(),
        };
        Ok(Self {
            chain,
            validity: Validity { not_before, expires },
            status: StatusReference::of(&claims)?,
            claims,
            token,
        })
    }

    /// What the card says of the person; biometric data under its number and without a value.
    pub fn identity(&self) -> &Claims {
        match self.claims.value(&CLAIM.into()) {
            Some(ClaimValue::Map(identity)) => identity,
            _ => unreachable!("a card without identity data is not made"),
        }
    }

    /// The fields of biometric data that the token has, by number (50 to 74).
    pub fn biometrics(&self) -> Vec<i64> {
        let number = |(name, _): &(ClaimName, ClaimValue)| fields::number_of(name);
        let mut numbers: Vec<_> = self.identity().iter().filter_map(number).collect();
        numbers.retain(|number| fields::BIOMETRICS.contains(number));
        numbers.sort_unstable();
        numbers
    }

    /// The photograph of the person (fields 16 and 17). Never decoded here: its bytes are its issuer's, signed or not.
    pub fn portrait(&self) -> Option<Portrait<'_>> {
        let Some(ClaimValue::Bytes(bytes)) = self.identity().value(&fields::PORTRAIT.1.into()) else { return None };
        let told = match self.identity().value(&fields::PORTRAIT_FORMAT.1.into()) {
            Some(ClaimValue::Text(word)) => PictureFormat::of_name(word),
            _ => None,
        };
        Some(Portrait { bytes, format: PictureFormat::of(bytes).or(told) })
    }

    /// The token without the tag of a CWT (61), which a few readers refuse and most expect.
    #[cfg(feature = "issuer")]
    pub fn to_untagged_bytes(&self) -> Vec<u8> {
        match &self.token {
            Token::Signed(signed) => signed.to_bytes(),
            Token::Unsigned(bytes) => bytes.clone(),
        }
    }

    /// Checks that the card has no biometric data, and so may be kept and passed on.
    fn check_keepable(&self) -> Result<()> {
        if self.biometrics().is_empty() { Ok(()) } else { Err(invalid("biometrics")) }
    }
}

/// A photograph as a card has it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Portrait<'a> {
    /// The picture.
    pub bytes: &'a [u8],
    /// Its format, by its first bytes; where they say nothing, the one that the issuer named.
    pub format: Option<PictureFormat>,
}

/// A face is personal data.
impl fmt::Debug for Portrait<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Portrait({:?}, {} bytes, redacted)", self.format, self.bytes.len())
    }
}

/// The format of a picture (field 17).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PictureFormat {
    /// JPEG, number 1.
    Jpeg,
    /// JPEG 2000, number 2.
    Jpeg2000,
    /// AVIF, number 3.
    Avif,
    /// WebP, number 4.
    Webp,
}

impl PictureFormat {
    const ALL: [Self; 4] = [Self::Jpeg, Self::Jpeg2000, Self::Avif, Self::Webp];

    /// The format of a picture, by its first bytes.
    pub fn of(picture: &[u8]) -> Option<Self> {
        match picture {
            [0xff, 0xd8, 0xff, ..] => Some(Self::Jpeg),
            [0, 0, 0, 12, b'j', b'P', b' ', b' ', ..] | [0xff, 0x4f, 0xff, 0x51, ..] => Some(Self::Jpeg2000),
            [_, _, _, _, b'f', b't', b'y', b'p', b'a', b'v', b'i', b'f' | b's', ..] => Some(Self::Avif),
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(Self::Webp),
            _ => None,
        }
    }

    /// The format of a stable word.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.name() == name)
    }

    /// Its number in field 17.
    pub fn number(self) -> i64 {
        self as i64 + 1
    }

    /// The stable word for it.
    pub fn name(self) -> &'static str {
        fields::PICTURES.iter().find(|(number, _)| *number == self.number()).map_or("", |(_, name)| name)
    }
}

impl Credential for Claim169 {
    fn format(&self) -> Format {
        Format::Claim169
    }

    /// `iss`.
    fn issuer(&self) -> &str {
        match self.claims.value(&claim::ISS.into()) {
            Some(ClaimValue::Text(issuer)) => issuer,
            _ => "",
        }
    }

    fn kid(&self) -> Option<&[u8]> {
        match &self.token {
            Token::Signed(signed) => signed.kid(),
            Token::Unsigned(_) => None,
        }
    }

    /// `x5chain`, from either header: a chain proves itself.
    fn chain(&self) -> &[Vec<u8>] {
        &self.chain
    }

    fn is_signed(&self) -> bool {
        matches!(&self.token, Token::Signed(signed) if !signed.signature().is_empty())
    }

    fn algorithm(&self) -> Option<Algorithm> {
        match &self.token {
            Token::Signed(signed) => signed.algorithm(),
            Token::Unsigned(_) => None,
        }
    }

    fn card_type(&self) -> &str {
        CARD_TYPE
    }

    fn validity(&self) -> Validity {
        self.validity
    }

    fn status(&self) -> Option<&StatusReference> {
        self.status.as_ref()
    }

    fn holder_key(&self) -> Option<&PublicKey> {
        None
    }

    fn all_claims(&self) -> &Claims {
        &self.claims
    }

    fn is_meant_for(&self, audience: &str) -> bool {
        self.claims.names_audience(&claim::AUD.into(), audience)
    }

    fn claims(&self) -> Claims {
        self.identity().clone()
    }

    /// # Errors
    /// `invalid` (`biometrics`): such a card is shown, and never kept.
    fn check_whole(&self) -> Result<()> {
        self.check_keepable()
    }

    /// # Errors
    /// `untrusted`: `signature-missing` where there is none; else as every format's.
    fn verify_issuer(&self, key: &PublicKey) -> Result<()> {
        match &self.token {
            Token::Signed(signed) if self.is_signed() => signed.verify(&[], key),
            _ => Err(untrusted("signature-missing")),
        }
    }

    /// All of it: nothing can be withheld.
    fn select(&self, paths: &[ClaimPath]) -> Result<Card> {
        if paths.iter().any(|path| self.identity().at(path).is_none()) {
            return Err(Error::NotFound { what: "claim" });
        }
        Ok(Box::new(self.clone()))
    }

    fn shown_by(&self, _paths: &[ClaimPath]) -> Result<Vec<ClaimPath>> {
        self.shown_by_all()
    }

    /// The token itself.
    ///
    /// # Errors
    /// `invalid` (`biometrics`): such a card is not passed on.
    fn present(&self, _: &Binding, _: Option<&dyn Signer>, _at: i64, _: &dyn Entropy) -> Result<Vec<u8>> {
        self.check_keepable()?;
        Ok(self.to_bytes())
    }

    fn proof_len(&self) -> usize {
        0
    }

    /// The token, with its tags. One with biometric data has it in here, too.
    fn to_bytes(&self) -> Vec<u8> {
        match &self.token {
            Token::Signed(signed) => Value::Tag(TAG_CWT, Box::new(signed.to_value())).to_bytes(),
            Token::Unsigned(bytes) => bytes.clone(),
        }
    }
}

/// What its bearer shows: the token, and no proof.
#[derive(Clone, Debug)]
pub struct Shown(Claim169);

impl Shown {
    /// Reads a presentation.
    ///
    /// # Errors
    /// As [`Claim169::parse`].
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        Claim169::parse(bytes).map(Self)
    }
}

impl Presentation for Shown {
    fn card(&self) -> &dyn Credential {
        &self.0
    }

    /// # Errors
    /// `untrusted` (`proof-missing`), always: a bearer's card has no holder key to prove.
    fn verify_holder(&self, _: &Binding) -> Result<()> {
        Err(untrusted("proof-missing"))
    }

    fn verify_signature(&self) -> Result<()> {
        Err(untrusted("proof-missing"))
    }

    fn to_bytes(&self) -> Vec<u8> {
        self.0.to_bytes()
    }
}

/// The claims of the CWT, with those of claim 169 by the names of its fields.
fn read_claims(claims: Value) -> Result<Claims> {
    let Value::Map(entries) = claims else { return Err(Error::Foreign) };
    if entries.len() > MAX_CLAIMS {
        return Err(damaged("claim-169-fields"));
    }
    let mut read = Vec::with_capacity(entries.len());
    let mut has_identity = false;
    for (key, value) in entries {
        let name = number_if_any(ClaimName::from_cbor(&key)?);
        let value = match name {
            ClaimName::Int(CLAIM) => {
                has_identity = true;
                ClaimValue::Map(fields::read(identity_map(value)?)?)
            }
            _ => ClaimValue::from_cbor(value)?,
        };
        read.push((name, value));
    }
    if !has_identity {
        return Err(Error::Foreign);
    }
    Claims::new(read).map_err(|_| damaged("claim-169-field-twice"))
}

/// Who makes claims sets from JSON has texts for names.
fn number_if_any(name: ClaimName) -> ClaimName {
    match &name {
        ClaimName::Text(text) => match text.parse::<i64>() {
            Ok(number) if number.to_string() == *text => ClaimName::Int(number),
            _ => name,
        },
        ClaimName::Int(_) => name,
    }
}

/// A map, or bytes that hold one, with or without the tag that says so (24).
fn identity_map(value: Value) -> Result<Vec<(Value, Value)>> {
    let value = match value {
        Value::Bytes(bytes) => cbor::parse_within(&bytes, &mut { MAX_ITEMS })?,
        Value::Encoded(encoded) => cbor::parse_within(encoded.content(), &mut { MAX_ITEMS })?,
        other => other,
    };
    match value {
        Value::Map(entries) => Ok(entries),
        _ => Err(damaged("claim-169-map")),
    }
}
