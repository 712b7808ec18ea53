//! The holder's front door: unlock, hold, answer.
//!
//! ```text
//! Wallet::create / open ─► unlock(door, pin) ─► Holder
//!   Holder: enrol ─► add ─► cards, card, delete
//!           receive(code) ─► Incoming (choose) ─► review ─► Consent ─► respond ─► Answer
//!                                └────────────── decline ───────────────────────► Answer
//! ```
//! A [`Holder`] can be shared between threads; [`Holder::close_now`] closes it for all of them and wipes its keys. What was
//! received before can still be looked at, but no longer answered.

mod answer;
mod backup;
mod cards;
mod hex;
mod history;
mod holder_key;
mod records;
mod state;

pub use crate::crypto::kdf::Argon2Cost;
pub use crate::ports::WalletHost;
pub use crate::vault::{Door, FileAge};
pub use answer::{Answer, Consent, Incoming};
pub use backup::{
    Backup, BackupPlan, Contents, HolderKeys, Passphrase, RecoveryKey, Restored, Share, read_share, share_to_text,
};
pub use cards::{CardId, CardSummary};
pub use history::{EntryId, History, HistoryEntry, Outcome, ToldAsker};
pub use holder_key::KeyPlace;
pub use state::State;

use crate::cose::Verified;
use crate::crypto::Pin;
use crate::error::{Error, Result};
use crate::ports::Protection;
use crate::trust::{Anchor, Bundle};
use crate::vault::{Session, Vault};
use records::TrustRecord;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, TryLockError};

/// A wallet's file, locked.
pub struct Wallet {
    vault: Vault,
    host: WalletHost,
}

impl Wallet {
    /// How long trying one PIN should take on the phone that makes the wallet, in milliseconds: for
    /// [`Argon2Cost::calibrate`].
    pub const TARGET_MS: u64 = 800;

    /// Makes a wallet with one door in use, and leaves it locked. Takes as long as Argon2 takes. `cost` belongs to the
    /// file for good: a backup restored into a new wallet raises it.
    ///
    /// # Errors
    /// `already-exists`, `invalid` (`argon2-cost`), `storage`, `host`.
    pub fn create(path: &Path, host: WalletHost, door: Door, pin: &Pin, cost: Argon2Cost) -> Result<Self> {
        Ok(Self { vault: Vault::create(path, host.clone(), door, pin, cost)?, host })
    }

    /// Finds a wallet and leaves it locked. Makes nothing.
    ///
    /// # Errors
    /// `not-found` (`vault`), `not-a-vault`, `too-new`, `storage`.
    pub fn open(path: &Path, host: WalletHost) -> Result<Self> {
        Ok(Self { vault: Vault::open(path, host.clone())?, host })
    }

    /// Looks whether the device still opens this wallet, before anybody is asked for a PIN.
    ///
    /// # Errors
    /// `host`: `locked` until the person unlocks the device; `invalidated` or `missing` for good, then only a backup
    /// helps. `not-a-vault` (`header-sealed`) for the file of another device, or an altered one.
    pub fn check_device(&self) -> Result<()> {
        self.vault.check_device()
    }

    /// Opens a door. Takes as long as Argon2 takes, and may wait for a person: call it on a worker.
    ///
    /// # Errors
    /// `wrong-pin`, `too-soon`, `not-a-vault`, `host`, `in-use`, `storage`.
    pub fn unlock(&self, door: Door, pin: &Pin) -> Result<Holder> {
        let session = self.vault.unlock(door, pin)?;
        Ok(Holder { session: Arc::new(Mutex::new(Some(session))), host: self.host.clone() })
    }

    /// Gives a door to whoever types `pin` there from now on. **What is behind it, if anything, is destroyed for good**:
    /// nobody can know whether there is something. Say so, and ask twice.
    ///
    /// # Errors
    /// `not-a-vault`, `host`, `in-use`, `storage`.
    pub fn take_door_and_destroy_what_is_behind(&self, door: Door, pin: &Pin) -> Result<()> {
        self.vault.take_door_and_destroy_what_is_behind(door, pin)
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
    /// Closes the wallet at once and wipes its keys, for every clone of this handle. Again does nothing.
    pub fn close_now(&self) {
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

    /// Changes the PIN of this door.
    ///
    /// # Errors
    /// `wrong-pin` where `current` is not the PIN, `too-soon`; `invalid` (`panic-pin-same`); `locked`, `storage`,
    /// `in-use`, `host`.
    pub fn change_pin(&self, current: &Pin, new: &Pin) -> Result<()> {
        let task = self.with(Session::pin_task)?;
        // The long part runs without the lock: the device key may wait for a person.
        let (current, new) = (task.stretch(current)?, task.stretch(new)?);
        self.with(|session| session.change_pin(&current, &new))
    }

    /// Sets this door's panic PIN. Typed at this door, it destroys what is behind it and opens what another door has
    /// open now, or an empty wallet. Nothing tells whether there is one.
    ///
    /// # Errors
    /// As [`change_pin`](Self::change_pin); `invalid` (`panic-opens-itself`) where `opens` is the same door.
    pub fn set_panic_pin(&self, current: &Pin, panic: &Pin, opens: Option<&Self>) -> Result<()> {
        let opens = opens.map(|other| other.with(|session| Ok(session.as_panic_target()))).transpose()?;
        let task = self.with(Session::pin_task)?;
        let (current, panic) = (task.stretch(current)?, task.stretch(panic)?);
        self.with(|session| session.set_panic_pin(&current, &panic, opens.as_ref()))
    }

    /// Takes this door's panic PIN away, if there is one.
    ///
    /// # Errors
    /// As [`change_pin`](Self::change_pin).
    pub fn unset_panic_pin(&self, current: &Pin) -> Result<()> {
        let task = self.with(Session::pin_task)?;
        let current = task.stretch(current)?;
        self.with(|session| session.unset_panic_pin(&current))
    }

    /// Loads a trust bundle and keeps it. Armoured text, or bytes.
    ///
    /// # Errors
    /// As [`Bundle::verify`]; `untrusted` (`bundle-older`) for one older than what is kept.
    pub fn load_trust(&self, input: &[u8], anchor: &Anchor) -> Result<Verified<Bundle>> {
        let bytes = crate::qr::armour::read(input, &[crate::qr::Kind::Bundle])?.1;
        let bundle = Bundle::verify(&bytes, anchor)?;
        self.with(|session| {
            session.write(|batch| {
                // Editions are one programme's: another anchor's do not count against them.
                let kept = records::readable(TrustRecord::read(batch))?.flatten();
                let kept = kept.filter(|kept| kept.anchor.key() == anchor.key());
                bundle.replaces(kept.and_then(|kept| kept.verify().ok()).as_deref())?;
                TrustRecord { bundle: bytes, anchor: anchor.clone() }.write(batch)
            })
        })?;
        Ok(bundle)
    }

    /// The trust bundle that is kept, if there is one.
    ///
    /// # Errors
    /// `locked`, `storage`, `not-a-vault`.
    pub fn trust(&self) -> Result<Option<Verified<Bundle>>> {
        self.with(|session| records::read_trust(session))
    }

    fn with<T>(&self, work: impl FnOnce(&mut Session) -> Result<T>) -> Result<T> {
        let mut session = self.session.lock().unwrap_or_else(PoisonError::into_inner);
        work(session.as_mut().ok_or(Error::Locked)?)
    }
}
