//! JSON Web Keys (RFC 7517, RFC 7518 section 6.2, RFC 8037 section 2): public ones. Key files are [`key_file`]'s.
//!
//! [`key_file`]: crate::crypto::key_file

use crate::crypto::{PublicKey, key_file};
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
