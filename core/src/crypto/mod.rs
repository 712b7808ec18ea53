//! Keys, signatures, agreement, sealing and derivation: the only room that touches an algorithm, but for the checksums of `qr`.
//!
//! | you want to | use |
//! |---|---|
//! | sign, or check a signature | [`Signer`], [`SigningKey`], [`PublicKey::verify`] |
//! | agree on a secret as ISO/IEC 18013-5 does | [`Agree`], [`AgreementKey`] |
//! | seal for one reader who showed a fresh key | [`seal::seal_to`], [`seal::Ephemeral::open`] |
//! | seal for yourself, under a key you hold | [`aead`] |
//! | open what others sealed under a key you both hold | [`SymmetricKey`] |
//! | turn a secret into keys | [`kdf`] |
//! | hold a secret | [`Secret`], [`Pin`] |
//! | read or write key files | [`key_file`] |
//!
//! One key, one purpose: a key that signs never agrees, and no Ed25519 key is ever turned into an X25519 one.

pub mod aead;
mod agree;
pub mod kdf;
pub mod key_file;
pub mod seal;
mod secret;
mod sign;

pub use aead::{Cipher, SymmetricKey};
pub use agree::{Agree, AgreementKey};
#[cfg(feature = "vault")]
pub use secret::Pin;
pub use secret::Secret;
#[cfg(any(feature = "issuer", feature = "software"))]
pub use sign::signature_to_der;
pub use sign::{Algorithm, Curve, PublicKey, Signer, SigningKey, signature_from_der};

use crate::error::Result;
use crate::ports::Entropy;
use sha2::Digest as _;

/// SHA-256 (FIPS 180-4).
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    sha2::Sha256::digest(bytes).into()
}

/// SHA-1 (FIPS 180-4), by which certificates name keys. It protects nothing.
#[cfg(feature = "issuer")]
pub fn sha1(bytes: &[u8]) -> [u8; 20] {
    sha1::Sha1::digest(bytes).into()
}

/// SHA-384 (FIPS 180-4), for the formats of others.
pub fn sha384(bytes: &[u8]) -> [u8; 48] {
    sha2::Sha384::digest(bytes).into()
}

/// SHA-512 (FIPS 180-4), for the formats of others.
pub fn sha512(bytes: &[u8]) -> [u8; 64] {
    sha2::Sha512::digest(bytes).into()
}

/// Draws `N` random bytes.
pub fn make_random<const N: usize>(entropy: &dyn Entropy) -> Result<[u8; N]> {
    let mut out = [0; N];
    entropy.fill(&mut out)?;
    Ok(out)
}
