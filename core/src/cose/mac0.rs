//! COSE_Mac0 (RFC 9052 section 6.2) with HMAC 256/256 (RFC 9053 section 3.1), its payload elsewhere.

use super::cbor::Value;
use super::label;
use super::sign1::read_headers;
use crate::crypto::{Secret, kdf};
use crate::error::{Result, damaged, untrusted};
use core::fmt;

/// The tag of a COSE_Mac0.
const TAG_MAC0: u64 = 17;
/// `alg`: HMAC with SHA-256, the whole tag.
const HMAC_256: i64 = 5;
const TAG_LEN: usize = 32;

/// A message authentication code without what it covers: only whoever shares the key can check it, and could have made it.
#[derive(Clone, PartialEq)]
pub struct Mac0 {
    protected: Vec<u8>,
    headers: Value,
    unprotected: Value,
    tag: Vec<u8>,
}

impl Mac0 {
    /// Takes a data item apart, as found inside another, with or without tag 17.
    ///
    /// # Errors
    /// `damaged`: `mac0-shape`, also where a payload came along; of its headers what [`Sign1`](super::Sign1) says.
    pub fn from_value(value: Value) -> Result<Self> {
        let shape = damaged("mac0-shape");
        let Value::Array(parts) = value.without_tag(TAG_MAC0) else { return Err(shape) };
        match <[Value; 4]>::try_from(parts) {
            Ok([Value::Bytes(protected), unprotected @ Value::Map(_), Value::NULL, Value::Bytes(tag)]) => {
                let headers = read_headers(&protected, &unprotected)?;
                Ok(Self { protected, headers, unprotected, tag })
            }
            _ => Err(shape),
        }
    }

    /// Covers `payload`, and `context` as [`Sign1::sign`](super::Sign1::sign) has it.
    pub fn make(payload: &[u8], context: &[u8], key: &Secret<32>) -> Self {
        let headers = Value::map([(label::ALG.into(), HMAC_256.into())]);
        let protected = headers.to_bytes();
        let tag = kdf::hmac(key.expose(), &to_be_covered(&protected, context, payload)).to_vec();
        Self { protected, headers, unprotected: Value::Map(Vec::new()), tag }
    }

    /// Checks that it covers `payload` and `context` under `key`, in constant time.
    ///
    /// # Errors
    /// `untrusted`: `algorithm-unsupported` or `signature-invalid`.
    pub fn verify(&self, payload: &[u8], context: &[u8], key: &Secret<32>) -> Result<()> {
        if self.headers.get(label::ALG).and_then(Value::as_int) != Some(HMAC_256) {
            return Err(untrusted("algorithm-unsupported"));
        }
        let covered = to_be_covered(&self.protected, context, payload);
        let holds = self.tag.len() == TAG_LEN && kdf::hmac_starts_with(key.expose(), &covered, &self.tag);
        if holds { Ok(()) } else { Err(untrusted("signature-invalid")) }
    }

    /// The data item, without a tag.
    pub fn to_value(&self) -> Value {
        let (protected, tag) = (Value::Bytes(self.protected.clone()), Value::Bytes(self.tag.clone()));
        Value::Array(vec![protected, self.unprotected.clone(), Value::NULL, tag])
    }
}

impl fmt::Debug for Mac0 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Mac0({} bytes, redacted)", self.tag.len())
    }
}

fn to_be_covered(protected: &[u8], context: &[u8], payload: &[u8]) -> Vec<u8> {
    let parts: [Value; 4] = ["MAC0".into(), protected.into(), context.into(), payload.into()];
    Value::Array(parts.into()).to_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::OsEntropy;

    #[test]
    fn a_code_covers_payload_context_and_headers() {
        let (key, other) = (Secret::make(&OsEntropy).unwrap(), Secret::make(&OsEntropy).unwrap());
        let made = Mac0::make(b"payload", b"context", &key);
        let read = Mac0::from_value(made.to_value()).unwrap();
        assert_eq!(read, made);
        assert_eq!(read.verify(b"payload", b"context", &key), Ok(()));
        let invalid = Err(untrusted("signature-invalid"));
        assert_eq!(read.verify(b"payload", b"context", &other), invalid);
        assert_eq!(read.verify(b"other", b"context", &key), invalid);
        assert_eq!(read.verify(b"payload", b"", &key), invalid);
        // A code cut short, to nothing too, is none.
        for len in 0..TAG_LEN {
            let cut = Mac0 { tag: made.tag[..len].to_vec(), ..made.clone() };
            assert_eq!(cut.verify(b"payload", b"context", &key), invalid, "{len}");
        }
        let short = Value::map([(label::ALG.into(), 4_i64.into())]);
        let weaker = Mac0 { protected: short.to_bytes(), headers: short, ..made.clone() };
        assert_eq!(weaker.verify(b"payload", b"context", &key), Err(untrusted("algorithm-unsupported")));
        let Value::Array(mut parts) = made.to_value() else { panic!("an array") };
        parts[2] = Value::Bytes(b"payload".to_vec());
        assert_eq!(Mac0::from_value(parts.into()), Err(damaged("mac0-shape")));
    }
}
