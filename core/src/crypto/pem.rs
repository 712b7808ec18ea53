//! PEM (RFC 7468): PKCS #8 private keys, SPKI public keys.
//!
//! Private keys are Ed25519 or P-256; public keys also P-384.

use super::{Curve, PublicKey, SigningKey};
use crate::error::{Error, Result, invalid};
use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{DecodePrivateKey as _, DecodePublicKey as _, EncodePrivateKey as _, EncodePublicKey as _};
use zeroize::Zeroizing;

/// Reads one block, `PRIVATE KEY` or `PUBLIC KEY`: the public half, and the private one where the block has it.
///
/// # Errors
/// `invalid` (`key-type`) for anything else, or a kind of key that Amana has no use for.
pub fn parse(text: &str) -> Result<(PublicKey, Option<SigningKey>)> {
    if text.contains("-----BEGIN PRIVATE KEY-----") {
        let (curve, secret) = if let Ok(key) = ed25519_dalek::SigningKey::from_pkcs8_pem(text) {
            (Curve::Ed25519, Zeroizing::new(key.to_bytes()))
        } else {
            let key = p256::SecretKey::from_pkcs8_pem(text).map_err(|_| invalid("key-type"))?;
            (Curve::P256, Zeroizing::new(key.to_bytes().into()))
        };
        let key = SigningKey::from_secret(curve, &secret)?;
        Ok((key.public_key(), Some(key)))
    } else if let Ok(key) = ed25519_dalek::VerifyingKey::from_public_key_pem(text) {
        Ok((PublicKey::parse_ed25519(key.as_bytes())?, None))
    } else if let Ok(key) = p256::PublicKey::from_public_key_pem(text) {
        Ok((PublicKey::parse_sec1(Curve::P256, &key.to_sec1_bytes())?, None))
    } else if let Ok(key) = p384::PublicKey::from_public_key_pem(text) {
        Ok((PublicKey::parse_sec1(Curve::P384, &key.to_sec1_bytes())?, None))
    } else {
        Err(invalid("key-type"))
    }
}

/// Writes a public key as an SPKI block.
pub fn from_public(public: &PublicKey) -> Result<String> {
    let fault = Error::Internal { reason: "pem" };
    let (x, y) = public.coordinates();
    let point = [&[4], &x[..], y.as_deref().unwrap_or_default()].concat();
    let text = match public.curve() {
        Curve::Ed25519 => {
            let bytes = x[..].try_into().map_err(|_| fault.clone())?;
            let key = ed25519_dalek::VerifyingKey::from_bytes(bytes).map_err(|_| fault.clone())?;
            key.to_public_key_pem(LineEnding::LF).ok()
        }
        Curve::P256 => {
            p256::PublicKey::from_sec1_bytes(&point).ok().and_then(|key| key.to_public_key_pem(LineEnding::LF).ok())
        }
        Curve::P384 => {
            p384::PublicKey::from_sec1_bytes(&point).ok().and_then(|key| key.to_public_key_pem(LineEnding::LF).ok())
        }
    };
    text.ok_or(fault)
}

/// Writes a private key as a PKCS #8 block. Keep the text as you keep the key.
pub fn from_private(key: &SigningKey) -> Result<Zeroizing<String>> {
    let (fault, secret) = (Error::Internal { reason: "pem" }, key.expose_secret());
    match key.public_key().curve() {
        Curve::Ed25519 => ed25519_dalek::SigningKey::from_bytes(&secret).to_pkcs8_pem(LineEnding::LF).ok(),
        _ => p256::SecretKey::from_slice(&secret[..]).ok().and_then(|key| key.to_pkcs8_pem(LineEnding::LF).ok()),
    }
    .ok_or(fault)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::OsEntropy;

    #[test]
    fn keys_survive() {
        for curve in [Curve::Ed25519, Curve::P256] {
            let key = SigningKey::make_on(curve, &OsEntropy).unwrap();
            let (public, private) = parse(&from_private(&key).unwrap()).unwrap();
            assert_eq!(public, key.public_key());
            assert_eq!(private.unwrap().expose_secret(), key.expose_secret());
            let (public, private) = parse(&from_public(&public).unwrap()).unwrap();
            assert_eq!((public, private.is_none()), (key.public_key(), true));
        }
    }

    #[test]
    fn other_blocks_are_told_apart() {
        let broken = "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n";
        assert_eq!(parse(broken).unwrap_err(), invalid("key-type"));
    }
}
