//! An open door: records read and written until it is closed.

use super::age::FileAge;
use super::batch::Batch;
use super::cells::{OpenSlot, Places, open_cell, open_sealed};
use super::header::Header;
use super::layout::{MARK_LEN, RecordId, RecordKind};
use super::lock::Lock;
use super::slot::{SlotHeader, Wrap};
use super::sqlite::{self, CELL_SEALED, File};
use crate::error::{Error, Result};
use crate::ports::{Protection, WalletHost};
use rusqlite::{Connection, Transaction};
use zeroize::Zeroizing;

/// A slot, open. Dropping it closes the door: its keys are wiped first, then the file is tidied.
pub struct Session {
    // In the order in which they are dropped.
    slot: OpenSlot,
    state: State,
    db: File,
}

/// Whoever can read a slot's records: an open session, or a batch, which also reads what it has changed.
///
/// What is read to be changed is read in the batch that changes it: another session may write in between.
pub trait Records {
    /// The ids of a kind of record, in a stable order.
    ///
    /// # Errors
    /// As [`Session::list`].
    fn list(&mut self, kind: RecordKind) -> Result<Vec<RecordId>>;

    /// Reads a record.
    ///
    /// # Errors
    /// As [`Session::read`].
    fn read(&mut self, kind: RecordKind, id: RecordId) -> Result<Zeroizing<Vec<u8>>>;
}

impl Records for Session {
    fn list(&mut self, kind: RecordKind) -> Result<Vec<RecordId>> {
        Self::list(self, kind)
    }

    fn read(&mut self, kind: RecordKind, id: RecordId) -> Result<Zeroizing<Vec<u8>>> {
        Self::read(self, kind, id)
    }
}

impl Records for Batch<'_> {
    fn list(&mut self, kind: RecordKind) -> Result<Vec<RecordId>> {
        Ok(ids(self.places, kind))
    }

    fn read(&mut self, kind: RecordKind, id: RecordId) -> Result<Zeroizing<Vec<u8>>> {
        self.read_own(kind, id)
    }
}

/// What is known of the file and of this slot's records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Integrity {
    /// Whether the file is the newest. An incident stays until it is acknowledged here, also if it happened while
    /// another door was open.
    pub file: FileAge,
    /// Whether every record lies where it was last written: false where one was put back or moved. What is damaged inside
    /// is found when it is read.
    pub records_intact: bool,
}

impl Session {
    /// Reads the slot. The lock is held, or nothing can be written.
    pub(super) fn load(db: File, slot: OpenSlot, age: FileAge) -> Result<Self> {
        let state = State::read(&slot, &*db.view()?, age)?;
        Ok(Self { slot, state, db })
    }

    #[cfg(test)]
    pub(super) fn test_db(&self) -> &File {
        &self.db
    }

    pub(super) fn slot(&self) -> &OpenSlot {
        &self.slot
    }

    /// What is known of the file and its records. A state to be told of, never an error: everybody gets in.
    pub fn integrity(&self) -> Integrity {
        let is_told = self.state.header.mark == self.state.mark;
        let file = match self.state.age {
            FileAge::Newest | FileAge::Unchecked { .. } if !is_told => self.state.incident,
            age => age,
        };
        Integrity { file, records_intact: self.state.intact }
    }

    /// Takes note of what [`integrity`](Self::integrity) tells: the records stand as they are now.
    ///
    /// # Errors
    /// `in-use`, `storage`.
    pub fn acknowledge(&mut self) -> Result<()> {
        // Only of what was told: what happens meanwhile, or is found in this very transaction, is told next time.
        let (told, was_intact) = (self.state.mark, self.state.intact);
        self.transact(|slot, db, _, state| {
            state.header.mark = told;
            if !was_intact {
                (state.header.sum, state.places) = slot.survey(db, &state.header)?;
                state.intact = true;
            }
            Ok(())
        })
    }

    /// Why nothing can be written: what the disk said when this door was opened. None where it can.
    pub fn read_only(&self) -> Option<&'static str> {
        self.slot.read_only
    }

    /// How well the device keeps this vault's keys.
    pub fn protection(&self) -> Protection {
        self.slot.host.device_key.protection()
    }

    /// The ids of a kind of record, in a stable order.
    ///
    /// # Errors
    /// `locked` where the door was taken by somebody else; `in-use`, `storage`, `not-a-vault`.
    pub fn list(&mut self, kind: RecordKind) -> Result<Vec<RecordId>> {
        self.state.view(&self.slot, &self.db)?;
        Ok(ids(&self.state.places, kind))
    }

    /// Reads a record.
    ///
    /// # Errors
    /// `not-found` (`record`); `not-a-vault` (`cell-sealed`) where its cell was altered, moved or swapped; as
    /// [`list`](Self::list).
    pub fn read(&mut self, kind: RecordKind, id: RecordId) -> Result<Zeroizing<Vec<u8>>> {
        let Self { slot, state, db } = self;
        let place = |state: &State| state.places.get(&(kind, id)).copied();
        let as_remembered = match place(state) {
            Some((place, cell)) => sqlite::read_body_as_of(db, place, &state.sealed)?.map(|body| (place, (cell, body))),
            None => None,
        };
        let (found, content) = match as_remembered {
            Some((place, sealed)) => open_sealed(slot, place, sealed)?,
            // Another process may have written since.
            None => {
                let view = state.view(slot, db)?;
                open_cell(slot, &view, place(state).ok_or(Error::NotFound { what: "record" })?.0)?
            }
        };
        if found == (kind, id) { Ok(content) } else { Err(CELL_SEALED) }
    }

    /// Writes and deletes as one: all of it or nothing is on disk when this returns.
    ///
    /// # Errors
    /// What `change` says; `too-large`, `in-use`, `storage`; as [`list`](Self::list).
    pub fn write<T>(&mut self, change: impl FnOnce(&mut Batch<'_>) -> Result<T>) -> Result<T> {
        self.transact(|slot, db, header, State { header: own, places, .. }| {
            change(&mut Batch { slot, db, cells: &mut header.cells, header: own, places })
        })
    }

    /// Changes the file's header, as a transaction of its own.
    pub(super) fn write_header<T>(&mut self, change: impl FnOnce(&OpenSlot, &mut Header) -> Result<T>) -> Result<T> {
        self.transact(|slot, _, header, _| change(slot, header))
    }

    pub(super) fn entered_by(&mut self, by: Wrap) {
        self.slot.by = by;
    }

    /// Lock, change, commit, advance the counter; then the caller is told.
    fn transact<T>(
        &mut self,
        change: impl FnOnce(&OpenSlot, &Connection, &mut Header, &mut State) -> Result<T>,
    ) -> Result<T> {
        let Self { slot, state, db } = self;
        let WalletHost { counter, entropy, .. } = &slot.host;
        if let Some(reason) = slot.read_only {
            return Err(Error::Storage { reason });
        }
        let _lock = Lock::exclusive(&slot.path)?;
        let txn = db.begin()?;
        if !state.is_fresh(&txn)? {
            *state = State::read(slot, &txn, state.age)?;
        }
        let mut header = Header::open(&slot.file, &slot.header_key, &state.sealed)?;
        // Also while this session is open: the file may have been put back under it.
        let age = header.settle(&**counter, &**entropy)?;
        // From here until it is committed, nothing that is remembered holds: after a failure it is read again.
        state.sealed.clear();
        let value = change(slot, &txn, &mut header, state)?;
        let seal = &mut header.slots[slot.slot.index()];
        seal.seal_header(&slot.file, slot.slot, &slot.slot_key, &state.header, &**entropy)?;
        let sealed = header.seal(&slot.file, &slot.header_key, &**entropy)?;
        sqlite::update_header(&txn, &sealed)?;
        txn.commit().map_err(Error::from_sqlite)?;

        state.age = age.advance(&**counter, header.generation);
        (state.mark, state.incident, state.sealed) = (header.mark, header.incident, sealed);
        Ok(value)
    }
}

fn ids(places: &Places, kind: RecordKind) -> Vec<RecordId> {
    let mut ids: Vec<_> = places.keys().filter(|(of, _)| *of == kind).map(|(_, id)| *id).collect();
    ids.sort_unstable();
    ids
}

/// What was read of the file, as of one sealed header.
struct State {
    /// The header that the rest was read under. Empty where it has to be read again.
    sealed: Vec<u8>,
    mark: [u8; MARK_LEN],
    incident: FileAge,
    header: SlotHeader,
    places: Places,
    intact: bool,
    age: FileAge,
}

impl State {
    fn read(slot: &OpenSlot, db: &Connection, age: FileAge) -> Result<Self> {
        let (_, sealed) = sqlite::read_file_row(db)?;
        let opened = Header::open(&slot.file, &slot.header_key, &sealed)?;
        let header = match opened.slots[slot.slot.index()].open_header(&slot.file, slot.slot, &slot.slot_key) {
            Ok(header) => header,
            // A panic PIN has opened an empty slot, which could not be written down.
            Err(_) if slot.read_only.is_some() => SlotHeader::empty(opened.mark),
            // Somebody has taken the door.
            Err(_) => return Err(Error::Locked),
        };
        let (sum, places) = slot.survey(db, &header)?;
        let intact = sum == header.sum;
        Ok(Self { sealed, mark: opened.mark, incident: opened.incident, header, places, intact, age })
    }

    /// One view of the file, and the state as of it: another process may have written since.
    fn view<'a>(&mut self, slot: &OpenSlot, db: &'a File) -> Result<Transaction<'a>> {
        let view = db.view()?;
        if self.is_fresh(&view)? {
            return Ok(view);
        }
        drop(view);
        // No writer is between file and counter while the two are compared.
        let _lock = slot.read_only.is_none().then(|| Lock::shared(&slot.path)).transpose()?;
        let view = db.view()?;
        *self = Self::read(slot, &view, self.age)?;
        let header = Header::open(&slot.file, &slot.header_key, &self.sealed)?;
        self.age = FileAge::of(header.generation, &*slot.host.counter);
        Ok(view)
    }

    fn is_fresh(&self, db: &Connection) -> Result<bool> {
        Ok(!self.sealed.is_empty() && sqlite::header_is(db, &self.sealed)?)
    }
}
