//! The mobile security object: what the issuer signs (ISO/IEC 18013-5 section 9.1.2.4).

use super::fields::{Fields, SHAPE, by_name, check_version, list};
use crate::cose::cbor::{self, Encoded, TAG_DATE_TIME, Value};
use crate::cose::cwt;
use crate::cose::key;
use crate::credential::format::StatusReference;
use crate::credential::model::{Claims, Validity};
use crate::crypto::{PublicKey, sha256, sha384, sha512};
use crate::error::{Result, damaged};

pub(super) const VERSION: &str = "1.0";

/// What stands beside the digests.
#[derive(Clone)]
pub(super) struct SecurityObject {
    pub doc_type: String,
    /// When it was signed, Unix seconds.
    pub signed: i64,
    pub validity: Validity,
    pub status: Option<StatusReference>,
    pub device_key: PublicKey,
    pub authorizations: Authorizations,
}

/// Which elements the device's key may sign in the issuer's place.
#[derive(Clone, Default)]
pub(super) struct Authorizations {
    name_spaces: Vec<String>,
    elements: Vec<(String, Vec<Value>)>,
}

/// The digests by name space and number, each to be answered once.
pub(super) struct Digests {
    hash: Hash,
    name_spaces: Vec<(String, Vec<(Value, Value)>)>,
    answered: usize,
}

#[derive(Clone, Copy)]
enum Hash {
    Sha256,
    Sha384,
    Sha512,
}

impl SecurityObject {
    /// Reads the payload of the issuer's signature: the object, encoded inside a byte string.
    pub fn parse(payload: &[u8], items: &mut usize) -> Result<(Self, Digests)> {
        let mut fields = Fields::of(cbor::parse_within(cbor::content_of(payload)?, items)?)?;
        check_version(&fields.text("version")?, &[VERSION])?;
        let hash = Hash::of_name(&fields.text("digestAlgorithm")?)?;
        let digests = Digests::of(hash, fields.value("valueDigests")?)?;
        let mut device = Fields::of(fields.value("deviceKeyInfo")?)?;
        let (device_key, _) = key::from_value_of_any_use(&device.value("deviceKey")?)?;
        let authorizations = device.optional("keyAuthorizations").map(Authorizations::of).transpose()?;
        let mut dates = Fields::of(fields.value("validityInfo")?)?;
        let mut date = |name| date_time(&dates.value(name)?);
        let (signed, from, until) = (date("signed")?, date("validFrom")?, date("validUntil")?);
        if from > until {
            return Err(damaged("mdoc-dates"));
        }
        let status = match fields.optional("status") {
            Some(status) => StatusReference::of(&Claims::from_cbor(vec![("status".into(), status)])?)?,
            None => None,
        };
        let object = Self {
            doc_type: fields.text("docType")?,
            signed,
            // It is valid through its last second.
            validity: Validity { not_before: Some(from), expires: Some(until + 1) },
            status,
            device_key,
            authorizations: authorizations.unwrap_or_default(),
        };
        Ok((object, digests))
    }
}

fn date_time(value: &Value) -> Result<i64> {
    match value {
        Value::Tag(TAG_DATE_TIME, text) => cwt::parse_date_time(text.as_text().ok_or(SHAPE)?),
        _ => Err(SHAPE),
    }
}

impl Authorizations {
    fn of(value: Value) -> Result<Self> {
        let mut fields = Fields::of(value)?;
        let name = |name| if let Value::Text(name) = name { Ok(name) } else { Err(SHAPE) };
        let name_spaces = match fields.optional("nameSpaces") {
            Some(names) => list(names)?.into_iter().map(name).collect::<Result<_>>()?,
            None => Vec::new(),
        };
        let elements = match fields.optional("dataElements") {
            Some(elements) => {
                by_name(elements)?.into_iter().map(|(name, names)| Ok((name, list(names)?))).collect::<Result<_>>()?
            }
            None => Vec::new(),
        };
        Ok(Self { name_spaces, elements })
    }

    pub fn allow(&self, name_space: &str, element: &str) -> bool {
        let is_listed = |(name, elements): &(String, Vec<Value>)| {
            name == name_space && elements.iter().any(|listed| listed.as_text() == Some(element))
        };
        self.name_spaces.iter().any(|name| name == name_space) || self.elements.iter().any(is_listed)
    }
}

impl Digests {
    fn of(hash: Hash, value: Value) -> Result<Self> {
        let entries = |value| match value {
            Value::Map(digests) if !digests.is_empty() => Ok(digests),
            _ => Err(SHAPE),
        };
        let name_spaces = by_name(value)?.into_iter().map(|(name, digests)| Ok((name, entries(digests)?)));
        Ok(Self { hash, name_spaces: name_spaces.collect::<Result<_>>()?, answered: 0 })
    }

    /// Checks that the issuer signed this item, by its original bytes, and that no other came under its number.
    pub fn answer(&mut self, name_space: &str, number: u64, item: &Encoded) -> Result<()> {
        let digests = self.name_spaces.iter_mut().find(|(name, _)| name == name_space);
        let digest = digests.and_then(|(_, digests)| digests.iter_mut().find(|(key, _)| *key == Value::Uint(number)));
        let (_, digest) = digest.ok_or(damaged("mdoc-digest"))?;
        match core::mem::replace(digest, Value::NULL) {
            Value::Bytes(digest) if self.hash.is_of(&digest, item.as_bytes()) => {
                self.answered += 1;
                Ok(())
            }
            Value::NULL => Err(damaged("mdoc-digest-twice")),
            _ => Err(damaged("mdoc-digest")),
        }
    }

    /// How many no item answered.
    pub fn unanswered(&self) -> usize {
        self.name_spaces.iter().map(|(_, digests)| digests.len()).sum::<usize>() - self.answered
    }
}

impl Hash {
    fn of_name(name: &str) -> Result<Self> {
        match name {
            "SHA-256" => Ok(Self::Sha256),
            "SHA-384" => Ok(Self::Sha384),
            "SHA-512" => Ok(Self::Sha512),
            _ => Err(damaged("mdoc-hash-unsupported")),
        }
    }

    fn is_of(self, digest: &[u8], bytes: &[u8]) -> bool {
        match self {
            Self::Sha256 => digest == sha256(bytes),
            Self::Sha384 => digest == sha384(bytes),
            Self::Sha512 => digest == sha512(bytes),
        }
    }
}
