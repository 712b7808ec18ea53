//! The encrypted store: one SQLite file of sealed cells, four doors, nothing readable.
//!
//! ```text
//! file row   salt · Argon2 cost · sealed header
//!              header: generation · mark · incident · attempts · cells of each class · 4 slots
//!                slot: two wraps of slot keys · sealed { mark · real cells · digest sum }
//! class 0..3 tags_N (nonce, tag, hidden name) beside cells_N (body): one row a cell
//!
//! Vault ─unlock(door, pin)─► Session: list, read, write(Batch) ─drop─► wiped and folded
//! ```
//!
//! Every slot always has equally many cells of every class; those without a record hold random bytes. Records of a
//! slot lie dense at the front. Cells are overwritten, never deleted. `docs/vault.md` describes every column, and says
//! what all this does and does not protect against.
//!
//! Which file for what: `layout` measures and places, `sqlite` the file and its rows, `migrations` its schema, `lock`
//! between processes, `header` and `slot` what is sealed in the header, `keys` how keys follow from each other, `age`
//! old copies of the file, `attempts` wrong PINs, `doors` opening and taking a door, `pins` changing PINs, `cells`
//! records in their places, `session` and `batch` reading and writing them.

mod age;
mod attempts;
mod batch;
mod cells;
mod doors;
mod header;
mod keys;
mod layout;
mod lock;
mod migrations;
mod pins;
mod session;
mod slot;
mod sqlite;

pub use age::FileAge;
pub use batch::Batch;
pub use keys::PinKeys;
pub use layout::{Door, RecordId, RecordKind};
pub use pins::{PanicOpens, PinTask};
pub use session::{Integrity, Records, Session};

use crate::crypto::kdf::Argon2Cost;
use crate::crypto::{Pin, make_random};
use crate::error::{Error, Result};
use crate::ports::{Protection, WalletHost};
use header::Header;
use keys::{HeaderKey, SlotKey};
use layout::{CLASSES, DOORS, FileRow, INITIAL_CELLS};
use lock::Lock;
use slot::{SlotHeader, Wrap};
use sqlite::File;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

/// A vault's file, locked.
pub struct Vault {
    path: PathBuf,
    host: WalletHost,
    /// Since when a PIN could not be counted because the disk refused, in milliseconds of the device's running time.
    stalled_since: Mutex<Option<u64>>,
}

impl Vault {
    /// Makes a vault with one door in use, and leaves it locked. `cost` belongs to the file for good.
    ///
    /// # Errors
    /// `already-exists`, `invalid` (`argon2-cost`), `storage`; `host`, also where the counter does not answer.
    pub fn create(path: &Path, host: WalletHost, door: Door, pin: &Pin, cost: Argon2Cost) -> Result<Self> {
        if !cost.is_allowed() {
            return Err(Error::Invalid { reason: "argon2-cost" });
        }
        if path.exists() {
            return Err(Error::AlreadyExists);
        }
        let file = FileRow { salt: make_random(&*host.entropy)?, cost };
        let keys = PinKeys::derive(&*host.device_key, &file, door, pin)?;
        Self::create_with(path, host, file, (door, &keys), INITIAL_CELLS)
    }

    fn create_with(
        path: &Path,
        host: WalletHost,
        file: FileRow,
        (door, keys): (Door, &PinKeys),
        cells: [u32; CLASSES],
    ) -> Result<Self> {
        let entropy = &*host.entropy;
        let header_key = HeaderKey::derive(&*host.device_key, &file)?;
        let slot_key = SlotKey::make(entropy)?;
        let mut header = Header::new(host.counter.read()?.saturating_add(1), entropy)?;
        let slot = &mut header.slots[door.index()];
        slot.wrap(&file, door, Wrap::Pin, keys, (door, &slot_key), entropy)?;
        slot.seal_header(&file, door, &slot_key, &SlotHeader::empty(header.mark), entropy)?;

        // Made beside its place and moved there whole: a crash half-way leaves no file that is not a vault.
        let unfinished = path.with_added_extension(format!("{:016x}.new", u64::from_be_bytes(make_random(entropy)?)));
        let made = (|| {
            sqlite::claim(&unfinished)?;
            let db = File::make(&unfinished)?;
            let txn = db.begin()?;
            for (class, count) in cells.into_iter().enumerate() {
                sqlite::grow(&txn, class, &mut header.cells[class], count, entropy)?;
            }
            sqlite::insert_file_row(&txn, &file, &header.seal(&file, &header_key, entropy)?)?;
            txn.commit().map_err(Error::from_sqlite)?;
            drop(db);
            let _lock = Lock::exclusive(path)?;
            sqlite::remove_sides(path)?;
            sqlite::move_new(&unfinished, path)
        })();
        if made.is_err() {
            sqlite::remove(&unfinished);
        }
        made?;
        // Where it fails, this is an interrupted write like any other: the first unlock finishes it.
        let _ = host.counter.advance_to(header.generation);
        Ok(Self::at(path, host))
    }

    /// Finds a vault and leaves it locked.
    ///
    /// # Errors
    /// `not-found` (`vault`), `not-a-vault`, `too-new`, `storage`.
    pub fn open(path: &Path, host: WalletHost) -> Result<Self> {
        let db = File::open_either(path)?;
        sqlite::read_file_row(&db)?;
        Ok(Self::at(path, host))
    }

    fn at(path: &Path, host: WalletHost) -> Self {
        Self { path: path.to_owned(), host, stalled_since: Mutex::new(None) }
    }

    /// Looks whether the device still opens this file, before anybody is asked for a PIN.
    ///
    /// # Errors
    /// `host` (`locked`: ask the person to unlock the device; `invalidated` or `missing`: only a backup helps);
    /// `not-a-vault` (`header-sealed`) for the file of another device, or an altered one; as [`open`](Self::open).
    pub fn check_device(&self) -> Result<()> {
        let db = File::open_either(&self.path)?;
        let (file, sealed) = sqlite::read_file_row(&db)?;
        let header_key = HeaderKey::derive(&*self.host.device_key, &file)?;
        Header::open(&file, &header_key, &sealed).map(drop)
    }

    /// How well the device keeps this vault's keys.
    pub fn protection(&self) -> Protection {
        self.host.device_key.protection()
    }
}

const _: () = assert!(DOORS == 4, "the file's layout has four slots");

#[cfg(test)]
mod tests;
