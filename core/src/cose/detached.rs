//! COSE_Sign1 whose payload goes another way (RFC 9052 section 4.1): null stands in its place.

use super::Sign1;
use super::cbor::{TAG_SIGN1, Value};
use crate::crypto::{PublicKey, Signer};
use crate::error::{Result, damaged};

/// A signature without what it signs.
#[derive(Clone, Debug, PartialEq)]
pub struct Detached(Sign1);

impl Detached {
    /// Takes a data item apart, as found inside another, with or without tag 18.
    ///
    /// # Errors
    /// `damaged`: `sign1-shape` where a payload came along, and as [`Sign1::parse`].
    pub fn from_value(value: Value) -> Result<Self> {
        let Value::Array(mut parts) = value.without_tag(TAG_SIGN1) else { return Err(damaged("sign1-shape")) };
        match parts.get_mut(2) {
            Some(payload) if *payload == Value::NULL => *payload = Value::Bytes(Vec::new()),
            _ => return Err(damaged("sign1-shape")),
        }
        Sign1::from_value(Value::Array(parts)).map(Self)
    }

    /// Signs `payload` as [`Sign1::sign_of_old`] does, which is what the formats of others know.
    ///
    /// # Errors
    /// `host`, where the key lies in the host's hands.
    pub fn sign_of_old(
        headers: impl IntoIterator<Item = (Value, Value)>,
        payload: Vec<u8>,
        context: &[u8],
        key: &dyn Signer,
    ) -> Result<Self> {
        Ok(Self(Sign1::sign_of_old(headers, payload, context, key)?.without_payload()))
    }

    /// Checks the signature over `payload`.
    ///
    /// # Errors
    /// As [`Sign1::verify`].
    pub fn verify(&self, payload: &[u8], context: &[u8], key: &PublicKey) -> Result<()> {
        self.0.verify_over(payload, context, key)
    }

    /// Puts the signer's certificates, DER, into the unprotected header.
    pub fn set_x5chain(&mut self, chain: &[Vec<u8>]) {
        self.0.set_x5chain(chain);
    }

    /// As [`Sign1::x5chain`].
    ///
    /// # Errors
    /// `damaged` (`x5chain`).
    pub fn x5chain(&self) -> Result<Vec<Vec<u8>>> {
        self.0.x5chain()
    }

    /// The data item, without a tag.
    pub fn to_value(&self) -> Value {
        self.0.to_value_with(Value::NULL)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::SigningKey;
    use crate::error::untrusted;
    use crate::ports::OsEntropy;

    #[test]
    fn the_payload_is_signed_and_stays_away() {
        let key = SigningKey::make(&OsEntropy).unwrap();
        let made = Detached::sign_of_old([], b"payload".to_vec(), b"context", &key).unwrap();
        let value = made.to_value();
        assert_eq!(value.as_array().unwrap()[2], Value::NULL);
        let read = Detached::from_value(value).unwrap();
        assert_eq!(read.verify(b"payload", b"context", &key.public_key()), Ok(()));
        for (payload, context) in [(&b""[..], &b"context"[..]), (b"other", b"context"), (b"payload", b"")] {
            assert_eq!(read.verify(payload, context, &key.public_key()), Err(untrusted("signature-invalid")));
        }
        let attached = Sign1::sign_of_old([], b"payload".to_vec(), b"context", &key).unwrap().to_value();
        assert_eq!(Detached::from_value(attached), Err(damaged("sign1-shape")));
    }
}
