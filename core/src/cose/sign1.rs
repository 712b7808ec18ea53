//! COSE_Sign1 (RFC 9052 section 4.2).

use super::cbor::{self, TAG_SIGN1, Value};
use super::label;
use super::x5chain;
use crate::crypto::{Algorithm, PublicKey, Signer};
use crate::error::{Result, damaged, untrusted};
use core::fmt;

/// Most data items in the headers of one message, the disclosures of a card among them.
pub(super) const MAX_HEADER_ITEMS: usize = 2048;

/// A signed message. Parsing keeps the signed bytes as they came.
#[derive(Clone, PartialEq)]
pub struct Sign1 {
    protected: Vec<u8>,
    headers: Value,
    /// The unprotected header map: nothing in it is signed.
    pub unprotected: Value,
    payload: Vec<u8>,
    signature: Vec<u8>,
}

impl Sign1 {
    /// Reads a COSE_Sign1 with its payload inside, with or without tag 18.
    ///
    /// # Errors
    /// `damaged`: `sign1-shape`, `sign1-crit`, or what [`cbor::parse`] says.
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        Self::from_value(cbor::parse_within(bytes, &mut { MAX_HEADER_ITEMS })?)
    }

    /// Takes a data item apart, as found inside another.
    pub fn from_value(value: Value) -> Result<Self> {
        let shape = damaged("sign1-shape");
        let Value::Array(parts) = value.without_tag(TAG_SIGN1) else { return Err(shape) };
        let Ok([Value::Bytes(protected), unprotected @ Value::Map(_), Value::Bytes(payload), Value::Bytes(signature)]) =
            <[Value; 4]>::try_from(parts)
        else {
            return Err(shape);
        };
        let headers = read_headers(&protected, &unprotected)?;
        Ok(Self { protected, headers, unprotected, payload, signature })
    }

    /// Signs `payload`; the algorithm is added to the protected headers. `context` is the external AAD: it is signed,
    /// not sent, and keeps a message of one kind from standing for another.
    ///
    /// # Errors
    /// `host`, where the key lies in the host's hands.
    pub fn sign(
        headers: impl IntoIterator<Item = (Value, Value)>,
        payload: Vec<u8>,
        context: &[u8],
        key: &dyn Signer,
    ) -> Result<Self> {
        let algorithm = key.public_key().algorithm().cose_number();
        Self::sign_as(algorithm, headers, payload, context, key)
    }

    /// The same with the algorithm's number from before RFC 9864, for the formats of others.
    ///
    /// # Errors
    /// `host`, where the key lies in the host's hands.
    pub fn sign_of_old(
        headers: impl IntoIterator<Item = (Value, Value)>,
        payload: Vec<u8>,
        context: &[u8],
        key: &dyn Signer,
    ) -> Result<Self> {
        let algorithm = key.public_key().algorithm().cose_number_of_old();
        Self::sign_as(algorithm, headers, payload, context, key)
    }

    fn sign_as(
        algorithm: i64,
        headers: impl IntoIterator<Item = (Value, Value)>,
        payload: Vec<u8>,
        context: &[u8],
        key: &dyn Signer,
    ) -> Result<Self> {
        let headers = Value::map(headers.into_iter().chain([(label::ALG.into(), algorithm.into())]));
        let protected = headers.to_bytes();
        let signature = key.sign(&to_be_signed(&protected, context, &payload))?;
        Ok(Self { protected, headers, unprotected: Value::Map(Vec::new()), payload, signature })
    }

    /// Checks the signature with `key`, by the algorithm the protected header names.
    ///
    /// # Errors
    /// `untrusted`: `algorithm-unsupported`, `algorithm-mismatch` or `signature-invalid`.
    pub fn verify(&self, context: &[u8], key: &PublicKey) -> Result<()> {
        self.verify_over(&self.payload, context, key)
    }

    /// The same over a payload that came another way.
    pub(super) fn verify_over(&self, payload: &[u8], context: &[u8], key: &PublicKey) -> Result<()> {
        let algorithm = self.algorithm().ok_or(untrusted("algorithm-unsupported"))?;
        key.verify(algorithm, &to_be_signed(&self.protected, context, payload), &self.signature)
    }

    /// The certificates in the header `x5chain`, signed or not, DER, the signer's first; none where there is no such.
    ///
    /// # Errors
    /// `damaged` (`x5chain`).
    pub fn x5chain(&self) -> Result<Vec<Vec<u8>>> {
        x5chain::of(self.header(label::X5CHAIN).or_else(|| self.unprotected.get(label::X5CHAIN)))
    }

    /// The algorithm in the protected header; `None` where it is missing or not one Amana verifies.
    pub fn algorithm(&self) -> Option<Algorithm> {
        Algorithm::from_cose_number(self.header(label::ALG)?.as_int()?)
    }

    /// A protected header.
    pub fn header(&self, label: i64) -> Option<&Value> {
        self.headers.get(label)
    }

    /// Takes a protected header out of those that can be looked up; its bytes stay, and stay signed.
    pub(crate) fn take_header(&mut self, label: i64) -> Option<Value> {
        let Value::Map(entries) = &mut self.headers else { return None };
        let at = entries.iter().position(|(key, _)| *key == label.into())?;
        Some(entries.swap_remove(at).1)
    }

    /// A protected header with a text label.
    pub fn text_header(&self, label: &str) -> Option<&Value> {
        self.headers.get(label)
    }

    /// The key identifier, from the protected header only: an unsigned one names nobody.
    pub fn kid(&self) -> Option<&[u8]> {
        self.header(label::KID)?.as_bytes()
    }

    /// The signed content.
    pub fn payload(&self) -> &[u8] {
        &self.payload
    }

    /// The signature as it came; may be empty.
    pub fn signature(&self) -> &[u8] {
        &self.signature
    }

    /// The data item, with tag 18.
    pub fn to_value(&self) -> Value {
        Value::Tag(TAG_SIGN1, Box::new(self.to_untagged_value()))
    }

    /// The data item without a tag, for where nothing else can stand.
    pub fn to_untagged_value(&self) -> Value {
        self.to_value_with(Value::Bytes(self.payload.clone()))
    }

    pub(super) fn to_value_with(&self, payload: Value) -> Value {
        let (protected, signature) = (Value::Bytes(self.protected.clone()), Value::Bytes(self.signature.clone()));
        Value::Array(vec![protected, self.unprotected.clone(), payload, signature])
    }

    /// The same without its payload, which goes another way.
    pub(super) fn without_payload(self) -> Self {
        Self { payload: Vec::new(), ..self }
    }

    /// The encoding, with tag 18.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.to_value().to_bytes()
    }
}

/// Headers and payload hold cards: how much there is may be printed, what it says may not.
impl fmt::Debug for Sign1 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sign1({} + {} bytes, redacted)", self.protected.len(), self.payload.len())
    }
}

fn to_be_signed(protected: &[u8], context: &[u8], payload: &[u8]) -> Vec<u8> {
    let parts: [Value; 4] = ["Signature1".into(), protected.into(), context.into(), payload.into()];
    Value::Array(parts.into()).to_bytes()
}

/// The protected headers of a message, where both buckets are as they must be.
pub(super) fn read_headers(protected: &[u8], unprotected: &Value) -> Result<Value> {
    // An empty protected map is an empty byte string (RFC 9052 section 3).
    let headers = match protected {
        [] => Value::Map(Vec::new()),
        protected => cbor::parse_within(protected, &mut { MAX_HEADER_ITEMS })?,
    };
    if headers.as_map().is_none() {
        return Err(damaged("sign1-shape"));
    }
    refuse_unknown_crit(&headers)?;
    // It counts only where it is signed (RFC 9052 section 3.1).
    if unprotected.get(label::CRIT).is_some() {
        return Err(damaged("sign1-crit"));
    }
    // One label in both buckets would let the unsigned one be read for the signed one (RFC 9052 section 3).
    let both = |(key, _): &(Value, Value)| headers.get(key.clone()).is_some();
    if unprotected.as_map().unwrap_or_default().iter().any(both) {
        return Err(damaged("sign1-header-twice"));
    }
    Ok(headers)
}

fn refuse_unknown_crit(headers: &Value) -> Result<()> {
    // What every reader here looks at. Others are looked at by some, which do not say so here.
    const UNDERSTOOD: [i64; 3] = [label::ALG, label::CRIT, label::KID];
    let Some(crit) = headers.get(label::CRIT) else { return Ok(()) };
    let understood = |label: &Value| {
        label.as_int().is_some_and(|label| UNDERSTOOD.contains(&label)) && headers.get(label.clone()).is_some()
    };
    match crit.as_array() {
        Some(labels) if !labels.is_empty() && labels.iter().all(understood) => Ok(()),
        _ => Err(damaged("sign1-crit")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::SigningKey;
    use crate::ports::OsEntropy;

    #[test]
    fn a_signature_covers_headers_context_and_payload() {
        let key = SigningKey::make(&OsEntropy).unwrap();
        let made =
            Sign1::sign([(label::KID.into(), (&b"kid"[..]).into())], b"payload".to_vec(), b"context", &key).unwrap();
        let read = Sign1::parse(&made.to_bytes()).unwrap();
        assert_eq!(read, made);
        assert_eq!(read.kid(), Some(&b"kid"[..]));
        assert_eq!(read.verify(b"context", &key.public_key()), Ok(()));
        assert_eq!(read.verify(b"", &key.public_key()), Err(untrusted("signature-invalid")));
        let altered = Sign1 { payload: b"other".to_vec(), ..read.clone() };
        assert!(altered.verify(b"context", &key.public_key()).is_err());
        let unsigned = Sign1 { signature: Vec::new(), ..read };
        assert_eq!(unsigned.verify(b"context", &key.public_key()), Err(untrusted("signature-invalid")));
    }

    #[test]
    fn headers_that_must_be_understood_are_refused() {
        let key = SigningKey::make(&OsEntropy).unwrap();
        let crit = (label::CRIT.into(), Value::Array(vec![Value::from(99_i64)]));
        let made = Sign1::sign([crit, (99_i64.into(), Value::NULL)], Vec::new(), b"", &key).unwrap();
        assert_eq!(Sign1::parse(&made.to_bytes()), Err(damaged("sign1-crit")));
        let crit = |labels: &[i64]| {
            let labels = labels.iter().map(|label| (*label).into()).collect::<Vec<Value>>();
            let kid = (label::KID.into(), (&b"kid"[..]).into());
            let typ = (label::TYP.into(), "application/other".into());
            let headers = [(label::CRIT.into(), labels.into()), kid, typ];
            Sign1::parse(&Sign1::sign(headers, Vec::new(), b"", &key).unwrap().to_bytes()).map(drop)
        };
        assert_eq!(crit(&[label::ALG, label::KID]), Ok(()));
        // One that some messages have, one that is not there, none at all.
        for refused in [&[label::TYP][..], &[label::X5CHAIN], &[]] {
            assert_eq!(crit(refused), Err(damaged("sign1-crit")));
        }
    }

    #[test]
    fn one_label_in_both_buckets_is_refused() {
        let key = SigningKey::make(&OsEntropy).unwrap();
        let mut made = Sign1::sign([(label::KID.into(), (&b"a"[..]).into())], Vec::new(), b"", &key).unwrap();
        made.unprotected = Value::map([(label::KID.into(), (&b"b"[..]).into())]);
        assert_eq!(Sign1::parse(&made.to_bytes()), Err(damaged("sign1-header-twice")));
    }
}
