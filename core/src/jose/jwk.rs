//! Public keys inside JSON: JWK (RFC 7517, RFC 7518 section 6.2, RFC 8037 section 2) and its thumbprint (RFC 7638).

use super::{algorithm_of_name, json};
use crate::crypto::{Curve, PublicKey, sha256};
use crate::error::{Result, damaged, invalid};
use base64ct::{Base64UrlUnpadded, Encoding as _};
use serde_json::{Map, Value};

/// Reads the point of a key; what the key is for is not looked at.
///
/// # Errors
/// `invalid` (`key-type`) for a kind that Amana has no use for; `damaged`: `jwk-field`, `jwk-base64url` or `key-point`.
pub fn from_object(jwk: &Map<String, Value>) -> Result<PublicKey> {
    let field = |name| jwk.get(name).and_then(Value::as_str);
    let coordinate = |name, len| {
        let text = field(name).ok_or(damaged("jwk-field"))?;
        let bytes = Base64UrlUnpadded::decode_vec(text).map_err(|_| damaged("jwk-base64url"))?;
        if bytes.len() == len { Ok(bytes) } else { Err(damaged("jwk-field")) }
    };
    let ec = |curve, len| {
        let (x, y) = (coordinate("x", len)?, coordinate("y", len)?);
        PublicKey::parse_sec1(curve, &[&[4], &x[..], &y].concat())
    };
    match (field("kty"), field("crv")) {
        (Some("OKP"), Some("Ed25519")) => PublicKey::parse_ed25519(&coordinate("x", 32)?),
        (Some("EC"), Some("P-256")) => ec(Curve::P256, 32),
        (Some("EC"), Some("P-384")) => ec(Curve::P384, 48),
        _ => Err(invalid("key-type")),
    }
}

/// Reads a key that verifies signatures.
///
/// # Errors
/// As [`from_object`]; `invalid` (`key-type`) also where `use`, `key_ops` or `alg` say that it is for something else.
pub fn verifier_from_object(jwk: &Map<String, Value>) -> Result<PublicKey> {
    let key = from_object(jwk)?;
    let signs = |operation: &Value| matches!(operation.as_str(), Some("sign" | "verify"));
    let fits = [
        jwk.get("use").is_none_or(|purpose| purpose == "sig"),
        jwk.get("key_ops").is_none_or(|all| all.as_array().is_some_and(|all| all.iter().any(signs))),
        jwk.get("alg").is_none_or(|alg| alg.as_str().and_then(algorithm_of_name) == Some(key.algorithm())),
    ];
    if fits == [true; 3] { Ok(key) } else { Err(invalid("key-type")) }
}

/// The required members, and no other.
pub fn to_object(key: &PublicKey) -> Map<String, Value> {
    let (kty, crv) = match key.curve() {
        Curve::Ed25519 => ("OKP", "Ed25519"),
        Curve::P256 => ("EC", "P-256"),
        Curve::P384 => ("EC", "P-384"),
    };
    let (x, y) = key.coordinates();
    let coordinate = |name: &str, bytes: &[u8]| (name.to_owned(), Base64UrlUnpadded::encode_string(bytes).into());
    [("kty".to_owned(), kty.into()), ("crv".to_owned(), crv.into()), coordinate("x", &x)]
        .into_iter()
        .chain(y.map(|y| coordinate("y", &y)))
        .collect()
}

/// SHA-256 of the required members, in order: the name of a key that nobody can give to another.
pub fn thumbprint(key: &PublicKey) -> [u8; 32] {
    sha256(json::to_text(to_object(key)).as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::SigningKey;
    use crate::ports::OsEntropy;
    use serde_json::json;

    fn read(jwk: Value) -> Result<PublicKey> {
        verifier_from_object(jwk.as_object().unwrap())
    }

    /// RFC 8037 appendix A.2.
    fn rfc_8037() -> Value {
        json!({"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})
    }

    #[test]
    fn keys_survive() {
        let mut keys: Vec<_> = [Curve::Ed25519, Curve::P256]
            .map(|curve| SigningKey::make_on(curve, &OsEntropy).unwrap().public_key())
            .into();
        // RFC 7518 has no key on P-384: the generator (FIPS 186-4 appendix D.1.2.4).
        keys.push(
            read(json!({"kty": "EC", "crv": "P-384",
            "x": "qofKIr6LBTeOscce8yCtdG4dO2KLp5uYWfdB4IJUKjhVAvJdv1UpbDpUXjhydgq3",
            "y": "NhfeSpYmLG9dnpi_kpLcKfj0Hb0omhR86doxE7XwuMAKYLHOHX6BnXpDHXyQ6g5f"}))
            .unwrap(),
        );
        for key in keys {
            assert_eq!(from_object(&to_object(&key)), Ok(key));
        }
    }

    #[test]
    fn the_thumbprint_of_rfc_8037_appendix_a_3() {
        let thumbprint = thumbprint(&read(rfc_8037()).unwrap());
        assert_eq!(Base64UrlUnpadded::encode_string(&thumbprint), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    }

    #[test]
    fn what_is_no_such_key_says_why() {
        let with = |name: &str, value: Value| {
            let mut jwk = rfc_8037();
            jwk[name] = value;
            read(jwk)
        };
        for (name, value) in [("use", "enc"), ("alg", "ES256"), ("alg", "ECDH-ES"), ("kty", "EC"), ("crv", "X25519")] {
            assert_eq!(with(name, value.into()), Err(invalid("key-type")), "{name} {value}");
        }
        assert_eq!(with("key_ops", json!(["encrypt"])), Err(invalid("key-type")));
        assert_eq!(with("key_ops", json!("verify")), Err(invalid("key-type")));
        for (name, value) in [("use", json!("sig")), ("alg", json!("Ed25519")), ("key_ops", json!(["verify"]))] {
            assert!(with(name, value).is_ok());
        }
        assert_eq!(with("x", json!(7)), Err(damaged("jwk-field")));
        assert_eq!(with("x", json!("AAAA")), Err(damaged("jwk-field")));
        assert_eq!(with("x", json!("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo=")), Err(damaged("jwk-base64url")));
        assert_eq!(with("x", json!("AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")), Err(damaged("key-point")));
        // Coordinates of another curve's length (RFC 7518 section 6.2.1.2).
        let short = "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
        let off = |crv: &str| read(json!({"kty": "EC", "crv": crv, "x": short, "y": short}));
        assert_eq!((off("P-384"), off("P-256")), (Err(damaged("jwk-field")), Err(damaged("key-point"))));
    }
}
