//! The key hierarchy.
//!
//! ```text
//! prf(header, salt) ─HKDF─► header key, header nonce key
//! PIN ─Argon2id─► A;  A ‖ prf(door, A) ─HKDF─► KEK of the door ───wraps─► slot key
//!                     A ‖ prf(header, A) ─HKDF─► KEK of its panic PIN ─wraps─► key of the slot it opens
//! slot key ─HKDF─► record · nonce · digest · name · slot header keys
//! ```
//! The PIN alone is not enough: each guess needs the device.

use super::layout::{Cell, Door, FileRow, NAME_LEN, NONCE_LEN, Place};
use crate::crypto::kdf::{self, Prf};
use crate::crypto::{Pin, Secret, aead, make_random};
use crate::error::{Error, Result};
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

/// The keys that one PIN gives at one door: as its PIN, and as its panic PIN.
pub struct PinKeys {
    /// An error where the door's own key did not answer (the system has destroyed it, or the person cancelled): the
    /// panic PIN opens all the same.
    pub(super) door: Result<Secret<32>>,
    pub(super) panic: Secret<32>,
}

impl PinKeys {
    /// Stretches a PIN. Takes as long as Argon2 takes, and may wait for a person.
    ///
    /// # Errors
    /// `storage` (`memory`); `host` where the device's header key does not answer.
    pub fn derive(device: &dyn DeviceKey, file: &FileRow, door: Door, pin: &Pin) -> Result<Self> {
        let stretched = kdf::argon2id(pin.expose(), &file.salt, file.cost)?;
        let number = [door.number()];
        let kek = |name, info: &[u8]| {
            let from_device = device.prf(name, stretched.expose())?;
            let both = Zeroizing::new([&stretched.expose()[..], &from_device[..]].concat());
            Ok(kdf::derive(&both, &file.salt, &[info, &number]))
        };
        // Both, whichever it will be: a device that asks for a finger asks for either PIN.
        let door = kek(door.key_name(), b"amana/1 vault door");
        Ok(Self { door, panic: kek(DeviceKeyName::Header, b"amana/1 vault panic")? })
    }
}

/// The key of a slot and what follows from it.
pub struct SlotKey {
    master: Secret<32>,
    pub record: Secret<32>,
    pub nonce: Secret<32>,
    pub header: Secret<32>,
    digest: Prf,
    name: Prf,
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
            digest: Prf::new(key(b"amana/1 vault digest").expose()),
            name: Prf::new(key(b"amana/1 vault name").expose()),
            master,
        }
    }

    /// The key itself, to be wrapped.
    pub fn expose(&self) -> &[u8; 32] {
        self.master.expose()
    }

    /// The same key once more: for a panic PIN of another door.
    pub fn duplicate(&self) -> Self {
        Self::derive(Secret::from_zeroizing(Zeroizing::new(*self.expose())))
    }

    /// A cell's share in the slot's digest sum. Its tag stands for its body.
    pub fn digest(&self, place: Place, cell: &Cell) -> [u8; 32] {
        *self.digest.over(&[&place.to_bytes(), &cell.nonce, &cell.tag, &cell.name])
    }

    /// Hides or shows a name: the same step both ways.
    pub fn mask_name(&self, nonce: &[u8], name: &[u8; NAME_LEN]) -> [u8; NAME_LEN] {
        let mask = self.name.over(&[nonce]);
        core::array::from_fn(|i| name[i] ^ mask[i])
    }
}

/// Seals under a key of the hierarchy: nonce ‖ ciphertext ‖ tag.
pub fn seal(
    key: &Secret<32>,
    nonce_key: &Secret<32>,
    aad: &[u8],
    plain: &[u8],
    entropy: &dyn Entropy,
) -> Result<Vec<u8>> {
    let nonce = derive_nonce(nonce_key, &make_random(entropy)?, aad, plain);
    Ok([&nonce[..], &aead::seal(key, &nonce, aad, plain)?].concat())
}

/// Opens what [`seal`] made.
pub fn open(key: &Secret<32>, aad: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
    let (nonce, body) = sealed.split_first_chunk::<NONCE_LEN>().ok_or(Error::NotAVault { reason: "seal" })?;
    aead::open(key, nonce, aad, body)
}

/// A nonce that holds even where the device's randomness repeats (a phone restored from a snapshot): HMAC over
/// randomness, AAD and plaintext.
pub fn derive_nonce(key: &Secret<32>, random: &[u8; 32], aad: &[u8], plaintext: &[u8]) -> [u8; NONCE_LEN] {
    let mac = kdf::hmac_parts(key.expose(), &[random, aad, plaintext]);
    core::array::from_fn(|i| mac[i])
}
