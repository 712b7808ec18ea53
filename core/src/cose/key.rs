//! COSE_Key (RFC 9052 section 7, RFC 9053 section 7) and its thumbprint (RFC 9679).

use super::cbor::{self, Value};
use crate::crypto::{Algorithm, Curve, PublicKey, SigningKey, sha256};
use crate::error::{Result, damaged, invalid};
use core::fmt;
use zeroize::Zeroizing;

const KTY: i64 = 1;
const KID: i64 = 2;
const ALG: i64 = 3;
const KEY_OPS: i64 = 4;
const CRV: i64 = -1;
const X: i64 = -2;
const Y: i64 = -3;
const D: i64 = -4;
const KTY_OKP: i64 = 1;
const KTY_EC2: i64 = 2;

/// SHA-256 of a key's required parameters: the name of a key that nobody can give to another.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Thumbprint([u8; 32]);

impl Thumbprint {
    /// The thumbprint of a key.
    pub fn of(key: &PublicKey) -> Self {
        // The map is in deterministic order, and a P-256 or P-384 point is in its long form.
        Self(sha256(&to_value(key).to_bytes()))
    }

    /// Its 32 bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Base64url without padding, 43 characters: how it stands in an `aud` claim.
    pub fn to_text(self) -> String {
        use base64ct::{Base64UrlUnpadded, Encoding as _};
        Base64UrlUnpadded::encode_string(&self.0)
    }
}

impl fmt::Debug for Thumbprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_text())
    }
}

/// The COSE_Key map with the required parameters only.
pub fn to_value(key: &PublicKey) -> Value {
    let (kty, crv) = match key.curve() {
        Curve::Ed25519 => (KTY_OKP, 6_i64),
        Curve::P256 => (KTY_EC2, 1),
        Curve::P384 => (KTY_EC2, 2),
    };
    let (x, y) = key.coordinates();
    let y = y.map(|y| (Y.into(), y.into()));
    Value::map([(KTY.into(), kty.into()), (CRV.into(), crv.into()), (X.into(), x.into())].into_iter().chain(y))
}

/// Reads a COSE_Key that verifies signatures; returns its `kid` beside it where it has one.
///
/// # Errors
/// `invalid`: `key-type` for a kind Amana does not verify with, `key-use` for one that its owner meant for something else
/// (RFC 9052 section 7.1); `damaged`: `key-point`, `cose-key`, also for one with its private half.
pub fn from_value(value: &Value) -> Result<(PublicKey, Option<Vec<u8>>)> {
    let (key, kid) = from_value_of_any_use(value)?;
    if is_for_signatures(value, &key) { Ok((key, kid)) } else { Err(invalid("key-use")) }
}

/// The same for one that may also agree.
///
/// # Errors
/// As [`from_value`], but for `key-use`.
pub fn from_value_of_any_use(value: &Value) -> Result<(PublicKey, Option<Vec<u8>>)> {
    if value.get(D).is_some() { Err(damaged("cose-key")) } else { read(value) }
}

fn is_for_signatures(value: &Value, key: &PublicKey) -> bool {
    const SIGN: i64 = 1;
    const VERIFY: i64 = 2;
    let is_this = |alg: &Value| alg.as_int().and_then(Algorithm::from_cose_number) == Some(key.algorithm());
    let signs = |operation: &Value| matches!(operation.as_int(), Some(SIGN | VERIFY));
    let may_sign = |operations: &Value| operations.as_array().is_some_and(|all| all.iter().any(signs));
    value.get(ALG).is_none_or(is_this) && value.get(KEY_OPS).is_none_or(may_sign)
}

fn read(value: &Value) -> Result<(PublicKey, Option<Vec<u8>>)> {
    let int = |label: i64| value.get(label).and_then(Value::as_int).ok_or(damaged("cose-key"));
    let x = value.get(X).and_then(Value::as_bytes).ok_or(damaged("cose-key"));
    let ec2 = |curve, len: usize| {
        let x = x.clone()?;
        if x.len() != len {
            return Err(damaged("cose-key"));
        }
        // y is the coordinate itself or, for a compressed point, its sign (RFC 9053 section 7.1.1).
        let point = match value.get(Y) {
            Some(Value::Bytes(y)) if y.len() == len => [&[4], x, y].concat(),
            Some(sign) => [&[2 + u8::from(sign.as_bool().ok_or(damaged("cose-key"))?)], x].concat(),
            None => return Err(damaged("cose-key")),
        };
        PublicKey::parse_sec1(curve, &point)
    };
    let key = match (int(KTY)?, int(CRV)?) {
        (KTY_OKP, 6) => PublicKey::parse_ed25519(x?)?,
        (KTY_EC2, 1) => ec2(Curve::P256, 32)?,
        (KTY_EC2, 2) => ec2(Curve::P384, 48)?,
        _ => return Err(invalid("key-type")),
    };
    Ok((key, value.get(KID).and_then(Value::as_bytes).map(<[u8]>::to_vec)))
}

/// Reads the public half of an encoded COSE_Key for signatures, which may have its private half.
///
/// # Errors
/// As [`from_value`], but for the private half.
pub fn parse(bytes: &[u8]) -> Result<(PublicKey, Option<Vec<u8>>)> {
    let value = Zeroizing::new(cbor::parse(bytes)?);
    let (key, kid) = read(&value)?;
    if is_for_signatures(&value, &key) { Ok((key, kid)) } else { Err(invalid("key-use")) }
}

/// Reads the private half of an encoded COSE_Key, where it has one (RFC 9053 section 7.1 and 7.2).
///
/// # Errors
/// As [`parse`]; `damaged` (`cose-key`) for a pair that does not match.
pub fn parse_private(bytes: &[u8]) -> Result<Option<SigningKey>> {
    let value = Zeroizing::new(cbor::parse(bytes)?);
    let (public, _) = read(&value)?;
    let Some(secret) = value.get(D) else { return Ok(None) };
    let secret = secret.as_bytes().and_then(|d| d.try_into().ok()).map(Zeroizing::new).ok_or(damaged("cose-key"))?;
    let key = SigningKey::from_secret(public.curve(), &secret)?;
    if key.public_key() == public { Ok(Some(key)) } else { Err(damaged("cose-key")) }
}

/// Encodes a private key as a COSE_Key. Keep the bytes as you keep the key.
pub fn private_to_bytes(key: &SigningKey, kid: &[u8]) -> Zeroizing<Vec<u8>> {
    let public = to_named_value(&key.public_key(), kid);
    let secret = [(D.into(), (&key.expose_secret()[..]).into())];
    let value = Zeroizing::new(Value::map(public.as_map().unwrap_or_default().iter().cloned().chain(secret)));
    Zeroizing::new(value.to_bytes())
}

/// The COSE_Key map with its name.
pub fn to_named_value(key: &PublicKey, kid: &[u8]) -> Value {
    let entries = to_value(key).as_map().unwrap_or_default().to_vec();
    Value::map(entries.into_iter().chain([(KID.into(), kid.into())]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(text: &str) -> Vec<u8> {
        (0..text.len()).step_by(2).map(|i| u8::from_str_radix(&text[i..i + 2], 16).unwrap()).collect()
    }

    #[test]
    fn the_thumbprint_of_rfc_9679_section_6() {
        let key = Value::map([
            (KTY.into(), 2_i64.into()),
            (CRV.into(), 1_i64.into()),
            (X.into(), hex("65eda5a12577c2bae829437fe338701a10aaa375e1bb5b5de108de439c08551d").into()),
            (Y.into(), hex("1e52ed75701163f7f9e40ddf9f341b3dc9ba860af7e0ca7ca7e9eecd0084d19c").into()),
        ]);
        let (key, _) = from_value(&key).unwrap();
        let expected = hex("496bd8afadf307e5b08c64b0421bf9dc01528a344a43bda88fadd1669da253ec");
        assert_eq!(Thumbprint::of(&key).as_bytes()[..], expected);
    }

    #[test]
    fn keys_survive_and_keep_their_name() {
        let key = SigningKey::make(&crate::ports::OsEntropy).unwrap().public_key();
        assert_eq!(parse(&to_named_value(&key, b"k").to_bytes()).unwrap(), (key, Some(b"k".to_vec())));
    }

    #[test]
    fn private_keys_survive_with_their_public_half() {
        let key = SigningKey::make(&crate::ports::OsEntropy).unwrap();
        let bytes = private_to_bytes(&key, b"k");
        assert_eq!(parse(&bytes).unwrap(), (key.public_key(), Some(b"k".to_vec())));
        assert_eq!(parse_private(&bytes).unwrap().map(|key| key.public_key()), Some(key.public_key()));
        assert!(parse_private(&to_named_value(&key.public_key(), b"k").to_bytes()).unwrap().is_none());
        let mut other = bytes.to_vec();
        let at = other.len() - 1;
        other[at] ^= 1;
        assert_eq!(parse_private(&other).err(), Some(damaged("cose-key")));
    }

    #[test]
    fn a_key_for_something_else_verifies_nothing() {
        let key = SigningKey::make_on(Curve::P256, &crate::ports::OsEntropy).unwrap().public_key();
        let with = |label: i64, value: Value| {
            let entries = to_value(&key).as_map().unwrap().to_vec();
            Value::map(entries.into_iter().chain([(label.into(), value)]))
        };
        let operations = |all: &[i64]| Value::Array(all.iter().map(|operation| (*operation).into()).collect());
        for fine in [with(ALG, (-7_i64).into()), with(ALG, (-9_i64).into()), with(KEY_OPS, operations(&[2, 7]))] {
            assert_eq!(from_value(&fine), Ok((key.clone(), None)));
        }
        for other in [with(ALG, (-25_i64).into()), with(ALG, "ES256".into()), with(KEY_OPS, operations(&[7, 8]))] {
            assert_eq!(from_value(&other), Err(invalid("key-use")));
            assert_eq!(from_value_of_any_use(&other), Ok((key.clone(), None)));
        }
        assert_eq!(from_value_of_any_use(&with(D, vec![1; 32].into())), Err(damaged("cose-key")));
    }

    #[test]
    fn a_point_off_its_curve_is_no_key() {
        let off = Value::map([
            (KTY.into(), 2_i64.into()),
            (CRV.into(), 1_i64.into()),
            (X.into(), vec![1; 32].into()),
            (Y.into(), vec![1; 32].into()),
        ]);
        assert_eq!(from_value(&off).unwrap_err(), damaged("key-point"));
    }
}
