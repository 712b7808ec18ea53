//! The key hierarchy.
//!
//! ```text
//! prf(header, salt) ─HKDF─► header key, header nonce key
//! PIN ─Argon2id─► A;  A ‖ prf(door, A) ─HKDF─► KEK of the door ─wraps─► slot key
//! slot key ─HKDF─► record · nonce · digest · name · slot header keys
//! ```
//! The PIN alone is not enough: each guess needs the device.

use super::layout::{Door, FileRow, NAME_LEN, Place};
use crate::crypto::{Pin, Secret, kdf};
use crate::error::Result;
use crate::ports::{DeviceKey, DeviceKeyName, Entropy};
use zeroize::Zeroizing;

/// Seals the file's header; the device gives it without asking anybody.
pub struct HeaderKey {
    pub seal: Secret<32>,
    pub nonce: Secret<32>,
}

impl HeaderKey {
    pub fn derive(device: &dyn DeviceKey, file: &FileRow) -> Result<Self> {
        let secret = device.prf(DeviceKeyName::Header, &file.salt)?;
        let key = |info: &[u8]| kdf::derive(&*secret, &file.salt, &[info]);
        Ok(Self { seal: key(b"amana/1 vault header"), nonce: key(b"amana/1 vault header nonce") })
    }
}

/// The key that a door's PIN and the device give together.
pub fn derive_kek(device: &dyn DeviceKey, file: &FileRow, door: Door, pin: &Pin) -> Result<Secret<32>> {
    let stretched = kdf::argon2id(pin.expose(), &file.salt, file.cost)?;
    let from_device = device.prf(door.key_name(), stretched.expose())?;
    let both = Zeroizing::new([&stretched.expose()[..], &from_device[..]].concat());
    let number = [door.index() as u8 + 1];
    Ok(kdf::derive(&both, &file.salt, &[b"amana/1 vault door", &number]))
}

/// The key of a slot and what follows from it.
pub struct SlotKey {
    master: Secret<32>,
    pub record: Secret<32>,
    pub nonce: Secret<32>,
    pub header: Secret<32>,
    digest: Secret<32>,
    name: Secret<32>,
}

impl SlotKey {
    pub fn make(entropy: &dyn Entropy) -> Result<Self> {
        Ok(Self::derive(Secret::make(entropy)?))
    }

    pub fn derive(master: Secret<32>) -> Self {
        let key = |info: &[u8]| kdf::derive(master.expose(), b"", &[info]);
        Self {
            record: key(b"amana/1 vault record"),
            nonce: key(b"amana/1 vault nonce"),
            header: key(b"amana/1 vault slot header"),
            digest: key(b"amana/1 vault digest"),
            name: key(b"amana/1 vault name"),
            master,
        }
    }

    /// The key itself, to be wrapped.
    pub fn expose(&self) -> &[u8; 32] {
        self.master.expose()
    }

    /// A cell's share in the slot's digest sum.
    pub fn digest(&self, place: Place, nonce: &[u8], tag: &[u8]) -> [u8; 32] {
        *kdf::hmac_parts(self.digest.expose(), &[&place.to_bytes(), nonce, tag])
    }

    /// Hides or shows a name: the same step both ways.
    pub fn mask_name(&self, nonce: &[u8], name: &[u8; NAME_LEN]) -> [u8; NAME_LEN] {
        let mask = kdf::hmac_parts(self.name.expose(), &[nonce]);
        core::array::from_fn(|i| name[i] ^ mask[i])
    }
}

/// A nonce that holds even where the device's randomness repeats (a phone restored from a snapshot): HMAC over
/// randomness, AAD and plaintext.
pub fn derive_nonce(key: &Secret<32>, random: &[u8; 32], aad: &[u8], plaintext: &[u8]) -> [u8; 24] {
    let mac = kdf::hmac_parts(key.expose(), &[random, aad, plaintext]);
    core::array::from_fn(|i| mac[i])
}
