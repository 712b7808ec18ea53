//! The encrypted store: one SQLite file of sealed cells, four doors, nothing readable.
//!
//! ```text
//! file row   format · salt · Argon2 cost · sealed header
//!              header: generation · mark · attempts · cells of each class · 4 slot headers
//!                slot header: two wraps of the slot key · sealed { mark · real cells · digest sum }
//! class 0..3 tags_N (nonce, tag, hidden name) beside cells_N (body): one row a cell
//! ```
//!
//! Every slot always has equally many cells of every class; those without a record hold random bytes. Records of a
//! slot lie dense at the front. Cells are overwritten, never deleted. `docs/vault.md` describes every column.
//!
//! First form: one door is in use. The layout is that of all four, so that no file has to be rewritten.

mod header;
mod keys;
mod layout;
mod session;
mod sqlite;

pub use layout::{Door, RecordId, RecordKind};
pub use session::{Batch, NewPin, PinChange, Session};

use crate::crypto::kdf::Argon2Cost;
use crate::crypto::{Pin, make_random};
use crate::error::{Error, Result};
use crate::ports::{DeviceKey, Entropy, Protection};
use header::{Header, SlotHeader, SlotSeal};
use keys::{HeaderKey, SlotKey};
use layout::{CLASSES, DOORS, FileRow, INITIAL_CELLS};
use rusqlite::{Connection, TransactionBehavior};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What a vault needs of its host.
#[derive(Clone)]
pub struct VaultHost {
    /// The keys that stay in the device.
    pub device_key: Arc<dyn DeviceKey>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
}

/// A vault's file, locked.
pub struct Vault {
    path: PathBuf,
    host: VaultHost,
}

impl Vault {
    /// Makes a vault with one door in use, and leaves it locked. `cost` belongs to the file for good.
    ///
    /// # Errors
    /// `already-exists`, `invalid` (`argon2-cost`), `storage`, `host`.
    pub fn create(path: &Path, host: VaultHost, door: Door, pin: &Pin, cost: Argon2Cost) -> Result<Self> {
        if !cost.is_allowed() {
            return Err(Error::Invalid { reason: "argon2-cost" });
        }
        if path.exists() {
            return Err(Error::AlreadyExists);
        }
        let entropy = &*host.entropy;
        let file = FileRow { salt: make_random(entropy)?, cost };
        let header_key = HeaderKey::derive(&*host.device_key, &file)?;
        let kek = keys::derive_kek(&*host.device_key, &file, door, pin)?;
        let slot_key = SlotKey::make(entropy)?;
        let mark = make_random(entropy)?;

        let mut slots = [
            SlotSeal::make_random(entropy)?,
            SlotSeal::make_random(entropy)?,
            SlotSeal::make_random(entropy)?,
            SlotSeal::make_random(entropy)?,
        ];
        slots[door.index()] = SlotSeal::seal(&file, door, &kek, &slot_key, &SlotHeader::empty(mark), entropy)?;
        let header = Header { generation: 1, mark, attempts: 0, cells: [0; CLASSES], slots };

        // Made beside its place and moved there whole: a crash half-way leaves no file that is not a vault.
        let unfinished = path.with_added_extension(format!("{:016x}.new", u64::from_be_bytes(make_random(entropy)?)));
        let made = (|| {
            sqlite::claim(&unfinished)?;
            let mut db = sqlite::open_new(&unfinished)?;
            sqlite::make_schema(&db)?;
            let txn = db.transaction_with_behavior(TransactionBehavior::Immediate).map_err(sqlite::error)?;
            let mut header = header;
            for (class, count) in INITIAL_CELLS.iter().enumerate() {
                sqlite::grow(&txn, class, &mut header.cells[class], *count, entropy)?;
            }
            sqlite::insert_file_row(&txn, &file, &header.seal(&file, &header_key, entropy)?)?;
            txn.commit().map_err(sqlite::error)?;
            sqlite::close(db)?;
            sqlite::move_new(&unfinished, path)
        })();
        if made.is_err() {
            sqlite::remove(&unfinished);
        }
        made.map(|()| Self { path: path.to_owned(), host })
    }

    /// Finds a vault and leaves it locked.
    ///
    /// # Errors
    /// `not-found` (`vault`), `not-a-vault`, `too-new`, `storage`.
    pub fn open(path: &Path, host: VaultHost) -> Result<Self> {
        let db = sqlite::open_existing(path)?;
        sqlite::read_file_row(&db)?;
        sqlite::close(db)?;
        Ok(Self { path: path.to_owned(), host })
    }

    /// Opens a door. Takes as long as Argon2 takes: call it on a worker.
    ///
    /// # Errors
    /// `wrong-pin` (also for a door nobody has taken: the two look alike), `not-a-vault` (`header-sealed`) where the
    /// file was altered or belongs to another device, `host`, `in-use`, `storage`.
    pub fn unlock(&self, door: Door, pin: &Pin) -> Result<Session> {
        let device = &*self.host.device_key;
        let entropy = &*self.host.entropy;
        let mut db = sqlite::open_existing(&self.path)?;
        let (file, _) = sqlite::read_file_row(&db)?;
        let header_key = HeaderKey::derive(device, &file)?;

        // Counted and on disk before the PIN is tried.
        rewrite(&mut db, &file, &header_key, entropy, |header| {
            header.attempts = header.attempts.saturating_add(1);
            Ok(())
        })?;
        // No lock is held while the device key may wait for a person.
        let kek = keys::derive_kek(device, &file, door, pin)?;

        let mut opened = None;
        rewrite(&mut db, &file, &header_key, entropy, |header| {
            let (slot_key, slot) = header.slots[door.index()].open(&file, door, &kek)?;
            header.attempts = 0;
            header.generation += 1;
            header.slots[door.index()].reseal(&file, door, &slot_key, &slot, entropy)?;
            opened = Some(slot_key);
            Ok(())
        })?;
        let slot_key = opened.ok_or(Error::Internal { reason: "unlock" })?;
        Session::load(db, file, header_key, slot_key, door, self.host.clone())
    }

    /// How well the device keeps this vault's keys.
    pub fn protection(&self) -> Protection {
        self.host.device_key.protection()
    }
}

/// Reads the header, changes it and writes it back, in one transaction.
fn rewrite(
    db: &mut Connection,
    file: &FileRow,
    key: &HeaderKey,
    entropy: &dyn Entropy,
    change: impl FnOnce(&mut Header) -> Result<()>,
) -> Result<()> {
    let txn = db.transaction_with_behavior(TransactionBehavior::Immediate).map_err(sqlite::error)?;
    let (_, sealed) = sqlite::read_file_row(&txn)?;
    let mut header = Header::open(file, key, &sealed)?;
    change(&mut header)?;
    sqlite::update_header(&txn, &header.seal(file, key, entropy)?)?;
    txn.commit().map_err(sqlite::error)
}

const _: () = assert!(DOORS == 4, "the file's layout has four slots");

#[cfg(test)]
mod tests;
