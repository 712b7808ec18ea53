//! The holder's front door: unlock, hold, answer.
//!
//! ```text
//! Wallet::create / open ─► unlock(door, pin) ─► Holder
//!   Holder: enrol ─► add ─► cards, card, delete
//!           receive(code) ─► Incoming (choose) ─► review ─► Consent ─► respond ─► Answer
//!                                └────────────── decline ───────────────────────► Answer
//! ```
//! A [`Holder`] can be shared between threads; [`Holder::lock`] closes it for all of them and wipes its keys. What was
//! received before can still be looked at, but no longer answered.

mod answer;
mod cards;
mod records;

pub use crate::crypto::kdf::Argon2Cost;
pub use crate::vault::Door;
pub use answer::{Answer, Consent, Incoming};
pub use cards::{CardId, CardSummary};

use crate::cose::Verified;
use crate::crypto::Pin;
use crate::error::{Error, Result};
use crate::ports::{Clock, DeviceKey, Entropy, Protection};
use crate::trust::{Anchor, Bundle};
use crate::vault::{Session, Vault, VaultHost};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, TryLockError};

/// What a wallet needs of its host.
#[derive(Clone)]
pub struct WalletHost {
    /// The keys that stay in the device.
    pub device_key: Arc<dyn DeviceKey>,
    /// Clocks.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
}

impl WalletHost {
    fn vault(&self) -> VaultHost {
        VaultHost { device_key: self.device_key.clone(), entropy: self.entropy.clone() }
    }
}

/// A wallet's file, locked.
pub struct Wallet {
    vault: Vault,
    host: WalletHost,
}

impl Wallet {
    /// What a new wallet costs to try a PIN on: 64 MiB, 3 passes.
    pub const COST: Argon2Cost = Argon2Cost { memory_kib: 64 * 1024, passes: 3, lanes: 1 };

    /// Makes a wallet with one door in use, and leaves it locked. Takes as long as Argon2 takes.
    ///
    /// # Errors
    /// `already-exists`, `invalid` (`argon2-cost`), `storage`, `host`.
    pub fn create(path: &Path, host: WalletHost, door: Door, pin: &Pin, cost: Argon2Cost) -> Result<Self> {
        Ok(Self { vault: Vault::create(path, host.vault(), door, pin, cost)?, host })
    }

    /// Finds a wallet and leaves it locked. Makes nothing.
    ///
    /// # Errors
    /// `not-found` (`vault`), `not-a-vault`, `too-new`, `storage`.
    pub fn open(path: &Path, host: WalletHost) -> Result<Self> {
        Ok(Self { vault: Vault::open(path, host.vault())?, host })
    }

    /// Opens a door. Takes as long as Argon2 takes, and may wait for a person: call it on a worker.
    ///
    /// # Errors
    /// `wrong-pin`, `not-a-vault`, `host`, `in-use`, `storage`.
    pub fn unlock(&self, door: Door, pin: &Pin) -> Result<Holder> {
        let session = self.vault.unlock(door, pin)?;
        Ok(Holder { session: Arc::new(Mutex::new(Some(session))), host: self.host.clone() })
    }

    /// How well the device keeps this wallet's keys.
    pub fn protection(&self) -> Protection {
        self.vault.protection()
    }
}

/// An open wallet.
#[derive(Clone)]
pub struct Holder {
    session: Arc<Mutex<Option<Session>>>,
    host: WalletHost,
}

impl Holder {
    /// Closes the wallet and wipes its keys, for every clone of this handle. Again does nothing.
    pub fn lock(&self) {
        drop(self.session.lock().unwrap_or_else(PoisonError::into_inner).take());
    }

    /// Whether it is open. Never waits.
    pub fn is_open(&self) -> bool {
        match self.session.try_lock() {
            Ok(session) => session.is_some(),
            Err(TryLockError::Poisoned(session)) => session.into_inner().is_some(),
            // Somebody is at work in it.
            Err(TryLockError::WouldBlock) => true,
        }
    }

    /// Whether every record is the one last written; false where an old one was put back.
    ///
    /// # Errors
    /// `locked`.
    pub fn is_intact(&self) -> Result<bool> {
        self.with(|session| Ok(session.is_intact()))
    }

    /// Changes the PIN of this door.
    ///
    /// # Errors
    /// `wrong-pin` where `old` is not the PIN; `locked`, `storage`, `in-use`, `host`.
    pub fn change_pin(&self, old: &Pin, new: &Pin) -> Result<()> {
        // The long part runs without the lock: the device key may wait for a person.
        let change = self.with(|session| Ok(session.pin_change()))?.derive(old, new)?;
        self.with(|session| session.change_pin(&change))
    }

    /// Loads a trust bundle and keeps it. Armoured text, or bytes.
    ///
    /// # Errors
    /// As [`Bundle::verify`]; `untrusted` (`bundle-older`) for one older than what is kept.
    pub fn load_trust(&self, input: &[u8], anchor: &Anchor) -> Result<Verified<Bundle>> {
        let bytes = crate::qr::armour::read(input, &[crate::qr::Kind::Bundle])?.1;
        let bundle = Bundle::verify(&bytes, anchor)?;
        self.with(|session| {
            let kept = records::read_trust(session)?;
            bundle.replaces(kept.as_deref())?;
            records::write_trust(session, &bytes, anchor)
        })?;
        Ok(bundle)
    }

    /// The trust bundle that is kept, if there is one.
    ///
    /// # Errors
    /// `locked`, `storage`, `not-a-vault`.
    pub fn trust(&self) -> Result<Option<Verified<Bundle>>> {
        self.with(records::read_trust)
    }

    fn with<T>(&self, work: impl FnOnce(&mut Session) -> Result<T>) -> Result<T> {
        let mut session = self.session.lock().unwrap_or_else(PoisonError::into_inner);
        work(session.as_mut().ok_or(Error::Locked)?)
    }
}
