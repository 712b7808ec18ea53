//! JSON Web Keys (RFC 7517, RFC 7518 section 6.2, RFC 8037 section 2): public ones, and their thumbprints (RFC 7638). Key files are [`key_file`]'s.
//!
//! [`key_file`]: crate::crypto::key_file

use crate::crypto::{PublicKey, key_file, sha256};
use crate::error::{Result, damaged};
use serde_json::{Map, Value};

/// Reads a public key.
///
/// # Errors
/// `invalid` (`key-type`) for a kind Amana does not verify with; `damaged`: `jwk-*` or `key-point`. A private key where a
/// public one belongs is `damaged` (`jwk-private`): it has been given away.
pub fn from_value(jwk: &Value) -> Result<PublicKey> {
    let jwk = jwk.as_object().ok_or(damaged("jwk-field"))?;
    if jwk.contains_key("d") {
        return Err(damaged("jwk-private"));
    }
    Ok(key_file::read_jwk(jwk)?.public)
}

/// Writes a public key, its required members only.
pub fn to_value(key: &PublicKey) -> Map<String, Value> {
    key_file::jwk_fields(key, None)
}

/// SHA-256 of a key's required members in the order of their names: a name of the key that nobody can give to another.
pub fn thumbprint(key: &PublicKey) -> [u8; 32] {
    let mut members: Vec<_> = to_value(key).into_iter().collect();
    members.sort_by(|(one, _), (other, _)| one.cmp(other));
    let members: Vec<_> = members.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
    sha256(format!("{{{}}}", members.join(",")).as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::{Curve, SigningKey};
    use crate::error::invalid;
    use crate::ports::OsEntropy;
    use base64ct::{Base64UrlUnpadded, Encoding as _};
    use serde_json::json;

    /// RFC 8037 appendix A.2.
    fn rfc_8037() -> Value {
        json!({"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})
    }

    #[test]
    fn keys_survive() {
        let mut keys: Vec<_> = [Curve::Ed25519, Curve::P256]
            .map(|curve| SigningKey::make_on(curve, &OsEntropy).unwrap().public_key())
            .into();
        // The generator of P-384 (FIPS 186-4 appendix D.1.2.4).
        let p384 = json!({"kty": "EC", "crv": "P-384",
            "x": "qofKIr6LBTeOscce8yCtdG4dO2KLp5uYWfdB4IJUKjhVAvJdv1UpbDpUXjhydgq3",
            "y": "NhfeSpYmLG9dnpi_kpLcKfj0Hb0omhR86doxE7XwuMAKYLHOHX6BnXpDHXyQ6g5f"});
        keys.push(from_value(&p384).unwrap());
        for key in keys {
            assert_eq!(from_value(&Value::Object(to_value(&key))), Ok(key));
        }
    }

    #[test]
    fn the_thumbprint_of_rfc_8037_appendix_a_3() {
        let thumbprint = thumbprint(&from_value(&rfc_8037()).unwrap());
        assert_eq!(Base64UrlUnpadded::encode_string(&thumbprint), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    }

    #[test]
    fn what_is_no_such_key_says_why() {
        let with = |name: &str, value: Value| {
            let mut jwk = rfc_8037();
            jwk[name] = value;
            from_value(&jwk)
        };
        for (name, value) in [("use", "enc"), ("alg", "ES256"), ("alg", "ECDH-ES")] {
            assert_eq!(with(name, value.into()), Err(invalid("key-use")), "{name} {value}");
        }
        assert_eq!(with("key_ops", json!(["encrypt"])), Err(invalid("key-use")));
        assert_eq!(with("key_ops", json!("verify")), Err(invalid("key-use")));
        for (name, value) in [("use", json!("sig")), ("alg", json!("Ed25519")), ("key_ops", json!(["verify"]))] {
            assert!(with(name, value).is_ok());
        }
        assert_eq!(with("kty", json!("EC")), Err(invalid("key-type")));
        assert_eq!(with("crv", json!("X25519")), Err(invalid("key-type")));
        assert_eq!(with("x", json!(7)), Err(damaged("jwk-field")));
        assert_eq!(with("x", json!("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo=")), Err(damaged("jwk-base64url")));
        assert_eq!(with("x", json!("AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")), Err(damaged("key-point")));
        assert_eq!(with("d", json!("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A")), Err(damaged("jwk-private")));
        assert_eq!(from_value(&json!("key")), Err(damaged("jwk-field")));
        // Coordinates of another curve's length (RFC 7518 section 6.2.1.2).
        let short = "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
        let off = |crv: &str| from_value(&json!({"kty": "EC", "crv": crv, "x": short, "y": short}));
        assert_eq!((off("P-384"), off("P-256")), (Err(damaged("jwk-field")), Err(damaged("key-point"))));
    }
}
