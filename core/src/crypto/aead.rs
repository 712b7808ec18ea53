//! Sealing under a key both sides hold already: ChaCha20-Poly1305 (RFC 8439) and its 24-byte-nonce form.

use super::Secret;
use crate::error::{Error, Result, untrusted};
use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{ChaCha20Poly1305, XChaCha20Poly1305};
use zeroize::Zeroizing;

/// Bytes that sealing adds.
pub const TAG_LEN: usize = 16;

const UNSEALED: Error = untrusted("seal-broken");

/// Seals once under a key that is used for nothing else (the nonce comes with the key).
pub fn seal_once(key: &Secret<32>, nonce: &[u8; 12], aad: &[u8], plaintext: &[u8]) -> Result<Vec<u8>> {
    ChaCha20Poly1305::new(key.expose().into())
        .encrypt(nonce.into(), Payload { msg: plaintext, aad })
        .map_err(|_| Error::Internal { reason: "seal" })
}

/// Opens what [`seal_once`] made.
///
/// # Errors
/// `untrusted` (`seal-broken`) where key, nonce, AAD or bytes differ.
pub fn open_once(key: &Secret<32>, nonce: &[u8; 12], aad: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
    ChaCha20Poly1305::new(key.expose().into())
        .decrypt(nonce.into(), Payload { msg: sealed, aad })
        .map(Zeroizing::new)
        .map_err(|_| UNSEALED)
}

/// Seals under a long-lived key with a 24-byte nonce (draft-irtf-cfrg-xchacha-03).
pub fn seal(key: &Secret<32>, nonce: &[u8; 24], aad: &[u8], plaintext: &[u8]) -> Result<Vec<u8>> {
    XChaCha20Poly1305::new(key.expose().into())
        .encrypt(nonce.into(), Payload { msg: plaintext, aad })
        .map_err(|_| Error::Internal { reason: "seal" })
}

/// Opens what [`seal`] made.
///
/// # Errors
/// `untrusted` (`seal-broken`) where key, nonce, AAD or bytes differ.
pub fn open(key: &Secret<32>, nonce: &[u8; 24], aad: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
    XChaCha20Poly1305::new(key.expose().into())
        .decrypt(nonce.into(), Payload { msg: sealed, aad })
        .map(Zeroizing::new)
        .map_err(|_| UNSEALED)
}
