//! What a verifier shows: who asks, why, for which claims, and the key the answer is sealed to.

use crate::cose::cbor::{self, Value};
use crate::cose::cwt::{self, claim};
use crate::cose::key::{self, Thumbprint};
use crate::cose::{Sign1, Verified};
use crate::credential::{Binding, ClaimPath};
use crate::crypto::{PublicKey, Signer, sha256};
use crate::error::{Error, Result, damaged, invalid};
use crate::trust::Registration;

const CONTEXT: &[u8] = b"amana/1 request";
/// Protected header: the registration, which holds the verifier's key.
const REGISTRATION: &str = "reg";
/// Protected header of an unregistered verifier: its key.
const KEY: &str = "key";

/// Most claims in one request.
pub const MAX_ASKS: usize = 32;
const MAX_PURPOSE_LEN: usize = 64;
const CHALLENGE_LEN: usize = 16;

/// One claim that is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ask {
    /// Which claim.
    pub path: ClaimPath,
    /// Whether the verifier says it keeps the value.
    pub kept: bool,
}

/// A request whose signature holds: made by the key it names, whoever that is.
#[derive(Clone, Debug)]
pub struct Request {
    bytes: Vec<u8>,
    hash: [u8; 32],
    key: PublicKey,
    registration: Option<Registration>,
    challenge: [u8; CHALLENGE_LEN],
    made_at: Option<i64>,
    purpose: String,
    asks: Vec<Ask>,
    reply_to: [u8; 32],
}

impl Request {
    /// Signs a request. `challenge` and `reply_to` (an X25519 public key) are fresh for each; `now` (Unix seconds) only
    /// lets the holder see how old the request seems.
    ///
    /// # Errors
    /// `invalid`: `purpose`, `asks`, or `registration` where it names another key.
    pub fn make(
        key: &dyn Signer,
        registration: Option<&Registration>,
        challenge: [u8; 16],
        now: i64,
        purpose: &str,
        asks: &[Ask],
        reply_to: [u8; 32],
    ) -> Result<Verified<Self>> {
        refuse_bad_asks(purpose, asks)?;
        let header = match registration {
            Some(registration) if *registration.key() != key.public_key() => return Err(invalid("registration")),
            Some(registration) => (REGISTRATION.into(), registration.to_value()),
            None => (KEY.into(), key::to_value(&key.public_key())),
        };
        let listed = listed(registration, purpose);
        // A claim of the registration goes by its number there: a request must fit a small code.
        let ask = |ask: &Ask| match listed.iter().position(|path| **path == ask.path) {
            Some(index) => (index as u64).into(),
            None => ask.path.to_cbor(),
        };
        let kept = (0_u64..).zip(asks).filter(|(_, ask)| ask.kept).map(|(i, _)| i.into()).collect::<Vec<Value>>();
        let entries = [
            (claim::IAT.into(), now.into()),
            (claim::CNONCE.into(), (&challenge[..]).into()),
            ("for".into(), purpose.into()),
            ("ask".into(), Value::Array(asks.iter().map(ask).collect())),
            ("epk".into(), (&reply_to[..]).into()),
        ];
        // Most verifiers keep nothing: then the list is left out.
        let kept = (!kept.is_empty()).then(|| ("keep".into(), kept.into()));
        let payload = Value::map(entries.into_iter().chain(kept));
        Self::verify(&Sign1::sign([header], payload.to_bytes(), CONTEXT, key)?.to_bytes())
    }

    /// Reads a request and checks its signature by the key it names.
    ///
    /// # Errors
    /// `untrusted` (`signature-invalid`, so also for another's registration), `damaged` with `request-*`,
    /// `registration-*` and what COSE and CBOR say.
    pub fn verify(bytes: &[u8]) -> Result<Verified<Self>> {
        let signed = Sign1::parse(bytes)?;
        let (key, registration) = match (signed.text_header(REGISTRATION), signed.text_header(KEY)) {
            (Some(registration), None) => {
                let registration = Registration::from_sign1(Sign1::from_value(registration.clone())?)?;
                (registration.key().clone(), Some(registration))
            }
            (None, Some(key)) => (key::from_value(key)?.0, None),
            (None, None) => return Err(Error::Foreign),
            (Some(_), Some(_)) => return Err(damaged("request-key-twice")),
        };
        signed.verify(CONTEXT, &key)?;
        let payload = cbor::parse(signed.payload())?;
        let bytes_at = |value: Option<&Value>| value.and_then(Value::as_bytes).map(<[u8]>::to_vec);
        let shape = damaged("request-shape");
        let fixed = |value: Option<&Value>| bytes_at(value).ok_or(shape.clone());
        let paths = payload.get("ask").and_then(Value::as_array).ok_or(shape.clone())?;
        if paths.len() > MAX_ASKS {
            return Err(shape);
        }
        let purpose = payload.get("for").and_then(Value::as_text).ok_or(shape.clone())?;
        let listed = listed(registration.as_ref(), purpose);
        let mut asks = Vec::with_capacity(paths.len());
        for path in paths {
            let path = match path {
                Value::Uint(index) => {
                    let path = usize::try_from(*index).ok().and_then(|index| listed.get(index));
                    (*path.ok_or(shape.clone())?).clone()
                }
                path => ClaimPath::from_cbor(path)?,
            };
            asks.push(Ask { path, kept: false });
        }
        let kept = match payload.get("keep") {
            Some(kept) => kept.as_array().ok_or(shape.clone())?,
            None => &[],
        };
        for index in kept {
            let index = index.as_int().and_then(|i| usize::try_from(i).ok());
            asks.get_mut(index.ok_or(shape.clone())?).ok_or(shape.clone())?.kept = true;
        }
        refuse_bad_asks(purpose, &asks).map_err(|_| shape.clone())?;
        Ok(Verified::new(Self {
            hash: sha256(bytes),
            key,
            registration,
            challenge: fixed(payload.get(claim::CNONCE))?[..].try_into().map_err(|_| shape.clone())?,
            made_at: payload.get(claim::IAT).map(cwt::numeric_date).transpose()?,
            purpose: purpose.to_owned(),
            asks,
            reply_to: fixed(payload.get("epk"))?[..].try_into().map_err(|_| shape.clone())?,
            bytes: bytes.to_vec(),
        }))
    }

    /// The exact bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// SHA-256 of the exact bytes: what an answer is bound to.
    pub fn hash(&self) -> &[u8; 32] {
        &self.hash
    }

    /// The verifier's id: the thumbprint of the key that signed.
    pub fn verifier(&self) -> Thumbprint {
        Thumbprint::of(&self.key)
    }

    /// The registration it came with, yet to be believed.
    pub fn registration(&self) -> Option<&Registration> {
        self.registration.as_ref()
    }

    /// When it was made by the verifier's clock, Unix seconds. May be wrong by years: to be shown, never to be judged by.
    pub fn made_at(&self) -> Option<i64> {
        self.made_at
    }

    /// Why the verifier asks, a code of its registration.
    pub fn purpose(&self) -> &str {
        &self.purpose
    }

    /// What it asks for.
    pub fn asks(&self) -> &[Ask] {
        &self.asks
    }

    /// The verifier's fresh X25519 key.
    pub fn reply_to(&self) -> &[u8; 32] {
        &self.reply_to
    }

    /// What a proof that answers this request must be bound to.
    pub fn binding(&self) -> Binding {
        Binding {
            audience: self.verifier().to_text(),
            challenge: Some(self.challenge.to_vec()),
            request: Some(self.hash),
        }
    }
}

/// The claims that a registration lists for a purpose, in its order: needed, then optional.
fn listed<'a>(registration: Option<&'a Registration>, purpose: &str) -> Vec<&'a ClaimPath> {
    let purpose = registration.and_then(|registration| registration.purpose(purpose));
    purpose.into_iter().flat_map(|purpose| purpose.needed.iter().chain(&purpose.optional)).collect()
}

fn refuse_bad_asks(purpose: &str, asks: &[Ask]) -> Result<()> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if purpose.is_empty() || purpose.len() > MAX_PURPOSE_LEN || !purpose.chars().all(plain) {
        return Err(invalid("purpose"));
    }
    let twice = (1..asks.len()).any(|i| asks[..i].iter().any(|earlier| earlier.path == asks[i].path));
    if asks.is_empty() || asks.len() > MAX_ASKS || twice { Err(invalid("asks")) } else { Ok(()) }
}
