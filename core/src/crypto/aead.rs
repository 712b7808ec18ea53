//! Sealing under a key both sides hold already: ChaCha20-Poly1305 (RFC 8439) and its 24-byte-nonce form; for the formats
//! of others also AES-GCM (NIST SP 800-38D).

use super::Secret;
use crate::error::{Error, Result, damaged, untrusted};
use aes_gcm::aes::Aes192;
use aes_gcm::{Aes128Gcm, Aes256Gcm, AesGcm};
use chacha20poly1305::aead::{Aead, AeadCore, KeyInit as _, Payload, consts::U12};
use chacha20poly1305::{ChaCha20Poly1305, XChaCha20Poly1305};
use core::fmt;
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

fn gcm(key: &[u8]) -> Result<Box<dyn Keyed>> {
    let cipher = [Cipher::A128Gcm, Cipher::A192Gcm, Cipher::A256Gcm].into_iter().find(|c| c.key_len() == key.len());
    cipher.ok_or(damaged("key-length"))?.keyed(key)
}

/// A cipher that the formats of others name (COSE algorithm numbers: RFC 9053 section 4). Each takes a nonce of 12 bytes
/// and adds a tag of 16.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cipher {
    /// AES-GCM with a key of 16 bytes, number 1.
    A128Gcm,
    /// AES-GCM with a key of 24 bytes, number 2.
    A192Gcm,
    /// AES-GCM with a key of 32 bytes, number 3.
    A256Gcm,
    /// ChaCha20-Poly1305 with a key of 32 bytes, number 24.
    ChaCha20Poly1305,
}

impl Cipher {
    /// Its COSE number.
    pub fn cose_number(self) -> i64 {
        match self {
            Self::A128Gcm => 1,
            Self::A192Gcm => 2,
            Self::A256Gcm => 3,
            Self::ChaCha20Poly1305 => 24,
        }
    }

    /// The cipher behind a COSE number; none where Amana does not open it.
    pub fn from_cose_number(number: i64) -> Option<Self> {
        [Self::A128Gcm, Self::A192Gcm, Self::A256Gcm, Self::ChaCha20Poly1305]
            .into_iter()
            .find(|cipher| cipher.cose_number() == number)
    }

    /// Bytes of its key.
    pub fn key_len(self) -> usize {
        match self {
            Self::A128Gcm => 16,
            Self::A192Gcm => 24,
            Self::A256Gcm | Self::ChaCha20Poly1305 => 32,
        }
    }

    fn keyed(self, key: &[u8]) -> Result<Box<dyn Keyed>> {
        let wrong = |_| damaged("key-length");
        Ok(match self {
            Self::A128Gcm => Box::new(Aes128Gcm::new_from_slice(key).map_err(wrong)?),
            Self::A192Gcm => Box::new(AesGcm::<Aes192, _>::new_from_slice(key).map_err(wrong)?),
            Self::A256Gcm => Box::new(Aes256Gcm::new_from_slice(key).map_err(wrong)?),
            Self::ChaCha20Poly1305 => Box::new(ChaCha20Poly1305::new_from_slice(key).map_err(wrong)?),
        })
    }
}

/// A key that both sides hold, for messages in the formats of others. Not Clone, not Serialize; wiped when dropped.
pub struct SymmetricKey {
    secret: Zeroizing<Vec<u8>>,
    kid: Option<Vec<u8>>,
    /// The one cipher that its file allows it for; any of its length where the file names none.
    cipher: Option<Cipher>,
}

impl SymmetricKey {
    /// Takes over a key of 16, 24 or 32 bytes, under its name where it has one.
    ///
    /// # Errors
    /// `damaged` (`key-length`).
    pub fn new(secret: Zeroizing<Vec<u8>>, kid: Option<Vec<u8>>, cipher: Option<Cipher>) -> Result<Self> {
        let fits = cipher.map_or(matches!(secret.len(), 16 | 24 | 32), |cipher| cipher.key_len() == secret.len());
        if fits { Ok(Self { secret, kid, cipher }) } else { Err(damaged("key-length")) }
    }

    /// Its name.
    pub fn kid(&self) -> Option<&[u8]> {
        self.kid.as_deref()
    }

    /// The cipher to seal with: the one that its file names, else AES-GCM of its length.
    pub fn cipher(&self) -> Cipher {
        let gcm = [Cipher::A128Gcm, Cipher::A192Gcm].into_iter().find(|cipher| cipher.key_len() == self.secret.len());
        self.cipher.or(gcm).unwrap_or(Cipher::A256Gcm)
    }

    /// Whether it can be used with this cipher: by its length, and by the one its file names.
    pub fn fits(&self, cipher: Cipher) -> bool {
        cipher.key_len() == self.secret.len() && self.cipher.is_none_or(|own| own == cipher)
    }

    /// Seals; never twice with one nonce.
    ///
    /// # Errors
    /// `untrusted` (`algorithm-mismatch`) where the key does not fit.
    pub fn seal(&self, cipher: Cipher, nonce: &[u8; GCM_NONCE_LEN], aad: &[u8], plaintext: &[u8]) -> Result<Vec<u8>> {
        let keyed = self.keyed(cipher)?;
        keyed.seal(nonce, Payload { msg: plaintext, aad }).ok_or(Error::Internal { reason: "seal" })
    }

    /// Opens.
    ///
    /// # Errors
    /// `untrusted`: `algorithm-mismatch` where the key does not fit, `seal-broken` where key, nonce, AAD or bytes differ.
    pub fn open(
        &self,
        cipher: Cipher,
        nonce: &[u8; GCM_NONCE_LEN],
        aad: &[u8],
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>> {
        self.keyed(cipher)?.open(nonce, Payload { msg: sealed, aad }).map(Zeroizing::new).ok_or(UNSEALED)
    }

    fn keyed(&self, cipher: Cipher) -> Result<Box<dyn Keyed>> {
        if self.fits(cipher) { cipher.keyed(&self.secret) } else { Err(untrusted("algorithm-mismatch")) }
    }
}

impl fmt::Debug for SymmetricKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SymmetricKey(redacted)")
    }
}

/// The ciphers as one, with their keys in them.
trait Keyed {
    fn seal(&self, nonce: &[u8; GCM_NONCE_LEN], payload: Payload<'_, '_>) -> Option<Vec<u8>>;
    fn open(&self, nonce: &[u8; GCM_NONCE_LEN], payload: Payload<'_, '_>) -> Option<Vec<u8>>;
}

impl<C: Aead + AeadCore<NonceSize = U12>> Keyed for C {
    fn seal(&self, nonce: &[u8; GCM_NONCE_LEN], payload: Payload<'_, '_>) -> Option<Vec<u8>> {
        self.encrypt(nonce.into(), payload).ok()
    }

    fn open(&self, nonce: &[u8; GCM_NONCE_LEN], payload: Payload<'_, '_>) -> Option<Vec<u8>> {
        self.decrypt(nonce.into(), payload).ok()
    }
}
