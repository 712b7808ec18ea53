//! Issuers, and whether one of them signed something.

use super::Names;
use crate::cose::cbor::{TAG_FULL_DATE, Value};
use crate::cose::{cwt, key};
use crate::credential::Credential;
use crate::crypto::PublicKey;
use crate::error::{Error, Result, damaged};
use crate::x509::{self, Certificate};
use time::Date;

/// Where a key stands in a bundle.
pub(super) const KEY: &str = "key";
/// The field of an issuer's roots in a bundle.
pub(super) const ROOTS: &str = "roots";

/// Somebody who issues cards.
#[derive(Clone, Debug, PartialEq)]
pub struct Issuer {
    /// The `iss` of its cards.
    pub id: String,
    /// Its name.
    pub names: Names,
    /// The card types it is believed for.
    pub types: Vec<String>,
    /// Its keys.
    pub keys: Vec<IssuerKey>,
    /// Certificates that stand over its signers', for formats whose cards bring a chain of certificates along.
    pub roots: Vec<Certificate>,
}

/// A key of an issuer or registrar.
#[derive(Clone, Debug, PartialEq)]
pub struct IssuerKey {
    /// Its name, as cards carry it.
    pub kid: Vec<u8>,
    /// The key.
    pub key: PublicKey,
    /// The day it was taken out of use, if it was. What it signed can no longer be told from what a thief signed.
    pub retired: Option<Date>,
}

/// Whether an issuer signed something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signed {
    /// With a key of its.
    By {
        /// The day it was taken out of use, if it was.
        retired: Option<Date>,
    },
    /// Not with the key that is named: a forgery.
    Not {
        /// What failed, a stable word.
        why: &'static str,
    },
    /// It cannot be told: nobody who is believed has such a key, and what is known here may be older than it.
    UnknownKey,
}

impl Signed {
    pub(super) fn not(error: Error) -> Self {
        Self::Not { why: error.reason().unwrap_or("signature-invalid") }
    }
}

impl Issuer {
    /// Whether this issuer signed what names the key `kid`, by a check of the signature.
    pub fn signed(&self, kid: Option<&[u8]>, verify: impl Fn(&PublicKey) -> Result<()>) -> Signed {
        signed_by(self.keys_named(kid), kid, verify)
    }

    /// Its keys of this name; all of them where a card names none.
    pub fn keys_named<'a>(&'a self, kid: Option<&'a [u8]>) -> impl Iterator<Item = &'a IssuerKey> {
        self.keys.iter().filter(move |key| kid.is_none_or(|kid| key.kid == kid))
    }

    pub(super) fn from_cbor(value: &Value) -> Result<Self> {
        let text = |value: &Value| value.as_text().map(str::to_owned).ok_or(damaged("bundle-shape"));
        let types = value.get("types").and_then(Value::as_array).ok_or(damaged("bundle-shape"))?;
        Ok(Self {
            id: text(value.get("id").ok_or(damaged("bundle-shape"))?)?,
            names: Names::from_cbor(value.get("names"))?,
            types: types.iter().map(text).collect::<Result<_>>()?,
            keys: keys_from_cbor(value)?,
            roots: match value.get(ROOTS) {
                None => Vec::new(),
                Some(roots) => {
                    roots.as_array().ok_or(damaged("bundle-shape"))?.iter().map(root).collect::<Result<_>>()?
                }
            },
        })
    }
}

/// Whether one of these keys, all of that name where there is one, signed.
pub(super) fn signed_by<'a>(
    keys: impl Iterator<Item = &'a IssuerKey>,
    kid: Option<&[u8]>,
    verify: impl Fn(&PublicKey) -> Result<()>,
) -> Signed {
    let mut failed = Signed::UnknownKey;
    for key in keys {
        match verify(&key.key) {
            Ok(()) => return Signed::By { retired: key.retired },
            // Without a key's name nothing says that it was one of these.
            Err(error) if kid.is_some() => failed = Signed::not(error),
            Err(_) => {}
        }
    }
    failed
}

/// The keys that a bundle has of an issuer or a registrar.
pub(super) fn keys_from_cbor(value: &Value) -> Result<Vec<IssuerKey>> {
    let one = |entry: &Value| {
        let (key, kid) = key::from_value(entry.get(KEY).ok_or(damaged("bundle-shape"))?)?;
        let retired = entry.get("retired").map(|day| date(Some(day))).transpose()?;
        Ok(IssuerKey { kid: kid.ok_or(damaged("bundle-shape"))?, key, retired })
    };
    value.get("keys").and_then(Value::as_array).ok_or(damaged("bundle-shape"))?.iter().map(one).collect()
}

/// A day, as bundles have it.
pub(super) fn date(value: Option<&Value>) -> Result<Date> {
    match value {
        Some(Value::Tag(TAG_FULL_DATE, text)) => cwt::parse_full_date(text.as_text().ok_or(damaged("full-date"))?),
        _ => Err(damaged("full-date")),
    }
}

fn root(value: &Value) -> Result<Certificate> {
    Certificate::parse(value.as_bytes().ok_or(damaged("bundle-shape"))?)
}

/// Whether the signer whose certificate comes first in a card's chain, under one of `roots`, signed it. None where the chain
/// leads to none of them: of a stranger nothing is known.
pub(super) fn signed_under(roots: &[Certificate], card: &dyn Credential, at: i64) -> Option<Signed> {
    // One that cannot be read leads nowhere.
    let chain: Vec<_> = card.chain().iter().map_while(|der| Certificate::parse(der).ok()).collect();
    let signer = chain.first()?;
    let retired = match x509::verify_chain(&chain, roots, at, card.signer_profile()) {
        Ok(_) => None,
        Err(Error::Untrusted { reason: "chain-root-unknown" | "chain-names" | "algorithm-unsupported" }) => {
            return None;
        }
        // Its time is over: what it signed is told, and that it cannot be told from what a thief signed.
        Err(Error::Untrusted { reason: "chain-expired" }) => cwt::day_of(signer.expires().min(at)).ok(),
        // By this clock nobody has signed yet.
        Err(Error::Untrusted { reason: "chain-not-yet-valid" }) => return Some(Signed::UnknownKey),
        Err(error) => return Some(Signed::not(error)),
    };
    let checked = signer.public_key().and_then(|key| card.verify_issuer(key)).and_then(|()| card.check_signer(signer));
    Some(match checked {
        Ok(()) => Signed::By { retired },
        Err(Error::Untrusted { reason: "algorithm-unsupported" }) => Signed::UnknownKey,
        Err(error) => Signed::not(error),
    })
}
