//! Opening a door, and taking one.
//!
//! ```text
//! unlock:  lock · count the attempt · commit ─► stretch the PIN (no lock: the device may wait for a person)
//!          ─► lock · try the PIN's wrap, then the panic wrap · replace a device key · commit · advance the counter
//! ```
//! A PIN and a panic PIN do the same things in the same order: only which device key is replaced differs.

use super::Vault;
use super::age::FileAge;
use super::attempts::{self, LONGEST_MS};
use super::cells::OpenSlot;
use super::header::Header;
use super::keys::{HeaderKey, PinKeys, SlotKey};
use super::layout::{Door, FileRow, Place};
use super::lock::Lock;
use super::session::Session;
use super::slot::{SlotHeader, SlotSeal, Wrap};
use super::sqlite::{self, File};
use crate::crypto::Pin;
use crate::error::{Error, Result};
use crate::ports::{DeviceKeyName, WalletHost};
use rusqlite::Connection;
use std::sync::{MutexGuard, PoisonError};

impl Vault {
    /// Opens a door. Takes as long as Argon2 takes, and may wait for a person: call it on a worker.
    ///
    /// Every attempt is counted and on disk before it is made, also one at which the device's key does not answer: else
    /// a panic PIN could be searched for at no cost. Where it cannot be counted, one is made after every longest waiting
    /// (five minutes), and opens a session that only reads.
    ///
    /// # Errors
    /// `wrong-pin` (also for a door nobody has taken: the two look alike), `too-soon`, `not-a-vault` (`header-sealed`)
    /// where the file was altered or belongs to another device, `host`, `in-use`, `storage`.
    pub fn unlock(&self, door: Door, pin: &Pin) -> Result<Session> {
        match Entrance::open(self, door).and_then(Entrance::count) {
            Ok(entrance) => {
                self.stalled_since().take();
                let keys = entrance.stretch(pin)?;
                match entrance.enter(&keys) {
                    // The disk has filled up since the attempt was counted.
                    Err(Error::Storage { reason }) => Entrance::open_read_only(self, door)?.look(&keys, reason),
                    entered => entered,
                }
            }
            // It may be full, or not ours to write.
            Err(Error::Storage { reason }) => {
                self.wait_instead_of_counting(reason)?;
                let entrance = Entrance::open_read_only(self, door)?;
                let keys = entrance.stretch(pin)?;
                entrance.look(&keys, reason)
            }
            Err(error) => Err(error),
        }
    }

    /// Gives a door to whoever types `pin` there from now on. **What is behind it, if anything, is destroyed for good**:
    /// nobody can know whether there is something. Say so, and ask twice.
    ///
    /// # Errors
    /// `not-a-vault`, `host`, `in-use`, `storage`. Where the disk refuses from the start, nothing has happened; after a
    /// later failure what was behind the door is gone, and nobody has it yet.
    pub fn take_door_and_destroy_what_is_behind(&self, door: Door, pin: &Pin) -> Result<()> {
        let entrance = Entrance::open(self, door)?;
        entrance.destroy()?;
        let keys = entrance.stretch(pin)?;
        entrance.give(&keys)
    }

    fn wait_instead_of_counting(&self, reason: &'static str) -> Result<()> {
        let now = self.host.clock.elapsed()?;
        let mut stalled = self.stalled_since();
        let left = LONGEST_MS.saturating_sub(attempts::waited_ms(*stalled.get_or_insert(now), now));
        if left > 0 {
            return Err(Error::TooSoon { retry_after: attempts::to_seconds(left), reason });
        }
        *stalled = Some(now);
        Ok(())
    }

    fn stalled_since(&self) -> MutexGuard<'_, Option<u64>> {
        self.stalled_since.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The way from a locked file to a session.
pub(super) struct Entrance<'a> {
    vault: &'a Vault,
    door: Door,
    db: File,
    file: FileRow,
    header_key: HeaderKey,
}

impl<'a> Entrance<'a> {
    pub(super) fn open(vault: &'a Vault, door: Door) -> Result<Self> {
        Self::into(vault, door, File::open(&vault.path)?)
    }

    pub(super) fn open_read_only(vault: &'a Vault, door: Door) -> Result<Self> {
        Self::into(vault, door, File::open_read_only(&vault.path)?)
    }

    fn into(vault: &'a Vault, door: Door, db: File) -> Result<Self> {
        let (file, _) = sqlite::read_file_row(&db)?;
        let header_key = HeaderKey::derive(&*vault.host.device_key, &file)?;
        Ok(Self { vault, door, db, file, header_key })
    }

    /// Counts an attempt, on disk when this returns.
    pub(super) fn count(self) -> Result<Self> {
        let _lock = Lock::exclusive(&self.vault.path)?;
        self.rewrite(|header| attempts::count(header, &*self.vault.host.clock))?;
        Ok(self)
    }

    pub(super) fn stretch(&self, pin: &Pin) -> Result<PinKeys> {
        PinKeys::derive(&*self.vault.host.device_key, &self.file, self.door, pin)
    }

    pub(super) fn enter(self, keys: &PinKeys) -> Result<Session> {
        let WalletHost { counter, entropy, .. } = &self.vault.host;
        let _lock = Lock::exclusive(&self.vault.path)?;
        let (admitted, generation, age) = self.rewrite(|header| {
            let admitted = self.admit(header, keys)?;
            self.replace_device_key(admitted.by);
            let own = &mut header.slots[self.door.index()];
            if admitted.by == Wrap::Panic {
                own.unset(Wrap::Pin, &**entropy)?;
                own.forget_header(&**entropy)?;
            }
            let slot = &mut header.slots[admitted.slot.index()];
            slot.seal_header(&self.file, admitted.slot, &admitted.slot_key, &admitted.slot_header, &**entropy)?;
            header.attempts = 0;
            let age = header.settle(&**counter, &**entropy)?;
            Ok((admitted, header.generation, age))
        })?;
        let age = age.advance(&**counter, generation);
        let (db, slot) = self.open_slot(admitted, None);
        Session::load(db, slot, age)
    }

    /// Opens a session that writes nothing: neither the file, nor the counter.
    pub(super) fn look(self, keys: &PinKeys, reason: &'static str) -> Result<Session> {
        let (_, sealed) = sqlite::read_file_row(&self.db)?;
        let header = Header::open(&self.file, &self.header_key, &sealed)?;
        let admitted = self.admit(&header, keys).map_err(|error| match error {
            Error::WrongPin { .. } => Error::WrongPin { retry_after: attempts::to_seconds(LONGEST_MS) },
            other => other,
        })?;
        self.replace_device_key(admitted.by);
        let age = FileAge::of(header.generation, &*self.vault.host.counter);
        let (db, slot) = self.open_slot(admitted, Some(reason));
        Session::load(db, slot, age)
    }

    /// Destroys what is behind the door: its key in the device.
    pub(super) fn destroy(&self) -> Result<()> {
        let _lock = Lock::exclusive(&self.vault.path)?;
        // A disk that refuses says so before anything is destroyed.
        self.rewrite(|_| Ok(()))?;
        self.vault.host.device_key.replace(self.door.key_name()).map_err(Error::from)
    }

    /// Gives the door an empty slot.
    pub(super) fn give(&self, keys: &PinKeys) -> Result<()> {
        let Self { file, door, .. } = self;
        let WalletHost { counter, entropy, .. } = &self.vault.host;
        let slot_key = SlotKey::make(&**entropy)?;
        let _lock = Lock::exclusive(&self.vault.path)?;
        let (generation, age) = self.rewrite_with(|db, header| {
            let age = header.settle(&**counter, &**entropy)?;
            let slot_header = SlotHeader::empty(header.mark);
            let slot = &mut header.slots[door.index()];
            *slot = SlotSeal::random(&**entropy)?;
            slot.wrap(file, *door, Wrap::Pin, keys, (*door, &slot_key), &**entropy)?;
            slot.seal_header(file, *door, &slot_key, &slot_header, &**entropy)?;
            // Another door's panic PIN may hold the key of what lay here.
            for (class, cells) in header.cells.into_iter().enumerate() {
                for index in 0..cells {
                    sqlite::write_random(db, Place { slot: *door, class, index }, &**entropy)?;
                }
            }
            Ok((header.generation, age))
        })?;
        age.advance(&**counter, generation);
        Ok(())
    }

    fn admit(&self, header: &Header, keys: &PinKeys) -> Result<Admitted> {
        let own = &header.slots[self.door.index()];
        let unwrap = |by| own.unwrap(&self.file, self.door, by, keys).map(|(leads_to, key)| (by, leads_to, key));
        let Some((by, leads_to, slot_key)) = [Wrap::Pin, Wrap::Panic].into_iter().find_map(unwrap) else {
            keys.door.as_ref().map_err(Error::clone)?;
            let retry_after = attempts::to_seconds(attempts::delay_ms(header.attempts));
            return Err(Error::WrongPin { retry_after });
        };
        let open = |slot: Door| header.slots[slot.index()].open_header(&self.file, slot, &slot_key);
        let (slot, slot_header) = match open(leads_to) {
            Ok(slot_header) => (leads_to, slot_header),
            Err(error) if by == Wrap::Pin && leads_to == self.door => return Err(error),
            // The panic PIN's own, empty; or what it led to was taken by somebody else meanwhile.
            Err(_) => (self.door, open(self.door).unwrap_or_else(|_| SlotHeader::empty(header.mark))),
        };
        Ok(Admitted { by, slot, slot_key, slot_header })
    }

    /// A panic PIN destroys the key of its door; every other unlock replaces one that opens nothing, so that both do
    /// the same. A device that refuses keeps nobody out, and the wrap in the file is destroyed all the same.
    fn replace_device_key(&self, by: Wrap) {
        let name = match by {
            Wrap::Pin => DeviceKeyName::Spare,
            Wrap::Panic => self.door.key_name(),
        };
        let _ = self.vault.host.device_key.replace(name);
    }

    /// Reads the header, changes it and writes it back, in one transaction. The lock is held.
    fn rewrite<T>(&self, change: impl FnOnce(&mut Header) -> Result<T>) -> Result<T> {
        self.rewrite_with(|_, header| change(header))
    }

    fn rewrite_with<T>(&self, change: impl FnOnce(&Connection, &mut Header) -> Result<T>) -> Result<T> {
        let txn = self.db.begin()?;
        let (_, sealed) = sqlite::read_file_row(&txn)?;
        let mut header = Header::open(&self.file, &self.header_key, &sealed)?;
        let value = change(&txn, &mut header)?;
        sqlite::update_header(&txn, &header.seal(&self.file, &self.header_key, &*self.vault.host.entropy)?)?;
        txn.commit().map_err(Error::from_sqlite)?;
        Ok(value)
    }

    fn open_slot(self, admitted: Admitted, read_only: Option<&'static str>) -> (File, OpenSlot) {
        let Admitted { by, slot, slot_key, .. } = admitted;
        let (path, host) = (self.vault.path.clone(), self.vault.host.clone());
        let Self { door, db, file, header_key, .. } = self;
        (db, OpenSlot { slot_key, header_key, path, host, file, door, by, slot, read_only })
    }
}

/// Where a PIN leads.
struct Admitted {
    by: Wrap,
    slot: Door,
    slot_key: SlotKey,
    slot_header: SlotHeader,
}
