//! Sealing under a key both sides hold already: ChaCha20-Poly1305 (RFC 8439) and its 24-byte-nonce form; for the formats
//! of others also AES-GCM (NIST SP 800-38D).

use super::Secret;
use crate::error::{Error, Result, damaged, untrusted};
use aes_gcm::aes::Aes192;
use aes_gcm::{Aes128Gcm, Aes256Gcm, AesGcm};
use chacha20poly1305::aead::{Aead, AeadCore, KeyInit as _, Payload, consts::U12};
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

/// Bytes of an AES-GCM nonce.
pub const GCM_NONCE_LEN: usize = 12;

/// Seals with AES-GCM under a key of 16, 24 or 32 bytes, a tag of 16 bytes at the end. Never twice with one nonce.
///
/// # Errors
/// `damaged` (`key-length`).
pub fn gcm_seal(key: &[u8], nonce: &[u8; GCM_NONCE_LEN], aad: &[u8], plaintext: &[u8]) -> Result<Vec<u8>> {
    let cipher = gcm(key)?;
    cipher.seal(nonce, Payload { msg: plaintext, aad }).ok_or(Error::Internal { reason: "seal" })
}

/// Opens what [`gcm_seal`] made.
///
/// # Errors
/// `damaged` (`key-length`); `untrusted` (`seal-broken`) where key, nonce, AAD or bytes differ.
pub fn gcm_open(key: &[u8], nonce: &[u8; GCM_NONCE_LEN], aad: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
    gcm(key)?.open(nonce, Payload { msg: sealed, aad }).map(Zeroizing::new).ok_or(UNSEALED)
}

fn gcm(key: &[u8]) -> Result<Box<dyn Gcm>> {
    let wrong = |_| damaged("key-length");
    Ok(match key.len() {
        16 => Box::new(Aes128Gcm::new_from_slice(key).map_err(wrong)?),
        24 => Box::new(AesGcm::<Aes192, _>::new_from_slice(key).map_err(wrong)?),
        32 => Box::new(Aes256Gcm::new_from_slice(key).map_err(wrong)?),
        _ => return Err(damaged("key-length")),
    })
}

/// The three key sizes as one.
trait Gcm {
    fn seal(&self, nonce: &[u8; GCM_NONCE_LEN], payload: Payload<'_, '_>) -> Option<Vec<u8>>;
    fn open(&self, nonce: &[u8; GCM_NONCE_LEN], payload: Payload<'_, '_>) -> Option<Vec<u8>>;
}

impl<C: Aead + AeadCore<NonceSize = U12>> Gcm for C {
    fn seal(&self, nonce: &[u8; GCM_NONCE_LEN], payload: Payload<'_, '_>) -> Option<Vec<u8>> {
        self.encrypt(nonce.into(), payload).ok()
    }

    fn open(&self, nonce: &[u8; GCM_NONCE_LEN], payload: Payload<'_, '_>) -> Option<Vec<u8>> {
        self.decrypt(nonce.into(), payload).ok()
    }
}
