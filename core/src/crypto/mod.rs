//! Keys, signatures, agreement, sealing and derivation: the only room that touches an algorithm.
//!
//! | you want to | use |
//! |---|---|
//! | sign, or check a signature | [`Signer`], [`SigningKey`], [`PublicKey::verify`] |
//! | agree on a secret as ISO/IEC 18013-5 does | [`Agree`], [`AgreementKey`] |
//! | seal for one reader who showed a fresh key | [`seal::seal_to`], [`seal::Ephemeral::open`] |
//! | seal for yourself, under a key you hold | [`aead`] |
//! | turn a secret into keys | [`kdf`] |
//! | hold a secret | [`Secret`], [`Pin`] |
//! | read or write a key as PEM | [`pem`] |
//!
//! One key, one purpose: a key that signs never agrees, and no Ed25519 key is ever turned into an X25519 one.

pub mod aead;
mod agree;
pub mod kdf;
pub mod pem;
pub mod seal;
mod secret;
mod sign;

pub use agree::{Agree, AgreementKey};
#[cfg(feature = "vault")]
pub use secret::Pin;
pub use secret::Secret;
pub use sign::{Algorithm, Curve, PublicKey, Signer, SigningKey};

use crate::error::Result;
use crate::ports::Entropy;
use sha2::Digest as _;

/// SHA-256 (FIPS 180-4).
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    sha2::Sha256::digest(bytes).into()
}

/// Draws `N` random bytes.
pub fn make_random<const N: usize>(entropy: &dyn Entropy) -> Result<[u8; N]> {
    let mut out = [0; N];
    entropy.fill(&mut out)?;
    Ok(out)
}
