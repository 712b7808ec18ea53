//! An open door: records read and written until it is locked.

use super::VaultHost;
use super::header::{Header, SlotHeader};
use super::keys::{HeaderKey, SlotKey, derive_kek, derive_nonce};
use super::layout::{CLASS_LEN, CLASSES, Door, FileRow, NAME_LEN, Place, RecordId, RecordKind, class_for, growth};
use super::sqlite::{self, Cell};
use crate::crypto::aead::{self, TAG_LEN};
use crate::crypto::{Pin, Secret, make_random};
use crate::error::{Error, Result};
use rusqlite::{Connection, Transaction, TransactionBehavior};
use std::collections::HashMap;
use zeroize::Zeroizing;

/// version · kind · id · length of the content
const PREAMBLE_LEN: usize = 1 + NAME_LEN + 4;
const RECORD_VERSION: u8 = 1;

type Name = (RecordKind, RecordId);

/// A slot, open. Dropping it locks the door and wipes its keys.
pub struct Session {
    // None only while closing.
    db: Option<Connection>,
    file: FileRow,
    header_key: HeaderKey,
    slot_key: SlotKey,
    door: Door,
    host: VaultHost,
    state: State,
}

/// What was read of the file, as of one sealed header.
#[derive(Clone)]
struct State {
    sealed: Vec<u8>,
    slot: SlotHeader,
    places: HashMap<Name, (usize, u32)>,
    intact: bool,
}

impl Session {
    pub(super) fn load(
        db: Connection,
        file: FileRow,
        header_key: HeaderKey,
        slot_key: SlotKey,
        door: Door,
        host: VaultHost,
    ) -> Result<Self> {
        let txn = db.unchecked_transaction().map_err(sqlite::error)?;
        let state = State::read(&txn, &file, &header_key, &slot_key, door)?;
        txn.finish().map_err(sqlite::error)?;
        Ok(Self { db: Some(db), file, header_key, slot_key, door, host, state })
    }

    /// Whether every record is the one that was last written. An old one put back in its place says false.
    pub fn is_intact(&self) -> bool {
        self.state.intact
    }

    /// The ids of a kind of record, in a stable order.
    pub fn list(&mut self, kind: RecordKind) -> Result<Vec<RecordId>> {
        let db = self.db.take().ok_or(Error::Locked)?;
        let fresh = db.unchecked_transaction().map_err(sqlite::error).and_then(|txn| self.refresh(&txn));
        self.db = Some(db);
        fresh?;
        let mut ids: Vec<_> = self.state.places.keys().filter(|(k, _)| *k == kind).map(|(_, id)| *id).collect();
        ids.sort_unstable();
        Ok(ids)
    }

    /// Reads a record.
    ///
    /// # Errors
    /// `not-found` (`record`); `not-a-vault` (`cell-sealed`) where its cell was altered, moved or swapped.
    pub fn read(&mut self, kind: RecordKind, id: RecordId) -> Result<Zeroizing<Vec<u8>>> {
        let db = self.db.take().ok_or(Error::Locked)?;
        let content = self.read_in(&db, kind, id);
        self.db = Some(db);
        content
    }

    fn read_in(&mut self, db: &Connection, kind: RecordKind, id: RecordId) -> Result<Zeroizing<Vec<u8>>> {
        // One view of the file: another process may write between two looks.
        let txn = db.unchecked_transaction().map_err(sqlite::error)?;
        self.refresh(&txn)?;
        let &(class, index) = self.state.places.get(&(kind, id)).ok_or(Error::NotFound { what: "record" })?;
        let place = Place { door: self.door, class, index };
        let (found, content) = self.open_cell(&txn, place)?;
        if found == (kind, id) { Ok(content) } else { Err(CELL_SEALED) }
    }

    /// Writes and deletes as one: all of it or nothing is on disk when this returns.
    ///
    /// # Errors
    /// What `change` says; `too-large`, `in-use`, `storage`.
    pub fn write<T>(&mut self, change: impl FnOnce(&mut Batch<'_>) -> Result<T>) -> Result<T> {
        let mut db = self.db.take().ok_or(Error::Locked)?;
        let result = self.write_in(&mut db, change);
        self.db = Some(db);
        result
    }

    fn write_in<T>(&mut self, db: &mut Connection, change: impl FnOnce(&mut Batch<'_>) -> Result<T>) -> Result<T> {
        let txn = db.transaction_with_behavior(TransactionBehavior::Immediate).map_err(sqlite::error)?;
        self.refresh(&txn)?;
        let header = Header::open(&self.file, &self.header_key, &self.state.sealed)?;
        let mut batch = Batch { session: self, txn, header, state: self.state.clone() };
        let value = change(&mut batch)?;
        let state = batch.commit()?;
        self.state = state;
        Ok(value)
    }

    /// What a change of PIN needs of this session, so that its long part runs without it.
    pub fn pin_change(&self) -> PinChange {
        PinChange { file: self.file.clone(), door: self.door, host: self.host.clone() }
    }

    /// Wraps the slot's key under another PIN. The old PIN opens nothing afterwards.
    ///
    /// # Errors
    /// `wrong-pin` where the old PIN was not the PIN; `in-use`, `storage`.
    pub fn change_pin(&mut self, change: &NewPin) -> Result<()> {
        self.write(|batch| {
            let session = batch.session;
            let slot = &mut batch.header.slots[session.door.index()];
            slot.open(&session.file, session.door, &change.old)?;
            slot.rewrap(&session.file, session.door, &change.new, &session.slot_key, &*session.host.entropy)
        })
    }

    /// Reads the file again if another process has written to it.
    fn refresh(&mut self, db: &Connection) -> Result<()> {
        if !sqlite::header_is(db, &self.state.sealed)? {
            self.state = State::read(db, &self.file, &self.header_key, &self.slot_key, self.door)?;
        }
        Ok(())
    }

    fn aad(&self, place: Place, name: &[u8; NAME_LEN]) -> Vec<u8> {
        [b"amana/1 vault cell", &self.file.salt[..], &place.to_bytes(), name].concat()
    }

    fn seal_cell(&self, place: Place, (kind, id): Name, content: &[u8]) -> Result<(Cell, Vec<u8>)> {
        let mut plain = Zeroizing::new(vec![0; CLASS_LEN[place.class]]);
        let name = name_bytes((kind, id));
        plain[0] = RECORD_VERSION;
        plain[1..=NAME_LEN].copy_from_slice(&name);
        plain[1 + NAME_LEN..PREAMBLE_LEN].copy_from_slice(&(content.len() as u32).to_be_bytes());
        plain[PREAMBLE_LEN..PREAMBLE_LEN + content.len()].copy_from_slice(content);

        let random = make_random(&*self.host.entropy)?;
        // The hidden name depends on the nonce, so the nonce is drawn over the place and the open name.
        let nonce = derive_nonce(&self.slot_key.nonce, &random, &self.aad(place, &name), &plain);
        let hidden = self.slot_key.mask_name(&nonce, &name);
        let mut body = aead::seal(&self.slot_key.record, &nonce, &self.aad(place, &hidden), &plain)?;
        let tag = body.split_off(body.len() - TAG_LEN);
        let tag = tag.try_into().map_err(|_| Error::Internal { reason: "tag" })?;
        Ok((Cell { nonce, tag, name: hidden }, body))
    }

    fn open_cell(&self, db: &Connection, place: Place) -> Result<(Name, Zeroizing<Vec<u8>>)> {
        let (cell, mut body) = sqlite::read_cell(db, place)?;
        body.extend_from_slice(&cell.tag);
        let plain = aead::open(&self.slot_key.record, &cell.nonce, &self.aad(place, &cell.name), &body);
        let plain = plain.map_err(|_| CELL_SEALED)?;
        let (preamble, rest) = plain.split_first_chunk::<PREAMBLE_LEN>().ok_or(CELL_SEALED)?;
        let [RECORD_VERSION, named @ ..] = preamble else { return Err(Error::TooNew) };
        let (name, length) = named.split_first_chunk::<NAME_LEN>().ok_or(CELL_SEALED)?;
        let length = u32::from_be_bytes(length.try_into().map_err(|_| CELL_SEALED)?) as usize;
        let content = rest.get(..length).ok_or(CELL_SEALED)?;
        Ok((name_of(name), Zeroizing::new(content.to_vec())))
    }
}

/// A change of PIN before the PINs are stretched.
pub struct PinChange {
    file: FileRow,
    door: Door,
    host: VaultHost,
}

/// A change of PIN that only has to be written.
pub struct NewPin {
    old: Secret<32>,
    new: Secret<32>,
}

impl PinChange {
    /// Stretches both PINs. Takes as long as Argon2 takes, twice, and may wait for a person.
    ///
    /// # Errors
    /// `host`.
    pub fn derive(&self, old: &Pin, new: &Pin) -> Result<NewPin> {
        let kek = |pin| derive_kek(&*self.host.device_key, &self.file, self.door, pin);
        Ok(NewPin { old: kek(old)?, new: kek(new)? })
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        if let Some(db) = self.db.take() {
            // A log that cannot be folded now is folded at the next opening.
            let _ = sqlite::close(db);
        }
    }
}

impl State {
    fn read(db: &Connection, file: &FileRow, header_key: &HeaderKey, slot_key: &SlotKey, door: Door) -> Result<Self> {
        let (_, sealed) = sqlite::read_file_row(db)?;
        let header = Header::open(file, header_key, &sealed)?;
        let slot = header.slots[door.index()].open_header(file, door, slot_key)?;
        let mut places = HashMap::new();
        let mut counted = SlotHeader::empty(slot.mark);
        for class in 0..CLASSES {
            sqlite::read_tags(db, Place { door, class, index: 0 }, slot.used[class], |place, cell| {
                counted.add(&slot_key.digest(place, &cell.nonce, &cell.tag));
                let name = name_of(&slot_key.mask_name(&cell.nonce, &cell.name));
                places.insert(name, (class, place.index));
                Ok(())
            })?;
        }
        let intact = counted.sum == slot.sum;
        Ok(Self { sealed, slot, places, intact })
    }
}

/// Changes that become one transaction.
pub struct Batch<'a> {
    session: &'a Session,
    txn: Transaction<'a>,
    header: Header,
    state: State,
}

impl Batch<'_> {
    /// Writes a record, in place of the one of the same name if there is one.
    ///
    /// # Errors
    /// `too-large` beyond 65,898 bytes.
    pub fn put(&mut self, kind: RecordKind, id: RecordId, content: &[u8]) -> Result<()> {
        let limit = (CLASS_LEN[CLASSES - 1] - PREAMBLE_LEN) as u64;
        let class = class_for(content.len() + PREAMBLE_LEN);
        let class = class.ok_or(Error::TooLarge { bytes: content.len() as u64, limit })?;
        match self.state.places.get(&(kind, id)) {
            Some(&(held, index)) if held == class => {
                let place = self.place(class, index);
                self.forget_digest(place)?;
                self.fill(place, (kind, id), content)
            }
            Some(_) => {
                self.delete(kind, id)?;
                self.append(class, (kind, id), content)
            }
            None => self.append(class, (kind, id), content),
        }
    }

    /// Deletes a record: the last of its class takes its cell, and that one's is filled with random bytes.
    ///
    /// # Errors
    /// `not-found` (`record`).
    pub fn delete(&mut self, kind: RecordKind, id: RecordId) -> Result<()> {
        let (class, index) = self.state.places.remove(&(kind, id)).ok_or(Error::NotFound { what: "record" })?;
        let (hole, last) = (self.place(class, index), self.place(class, self.state.slot.used[class] - 1));
        self.forget_digest(hole)?;
        if hole != last {
            let (name, content) = self.session.open_cell(&self.txn, last)?;
            self.forget_digest(last)?;
            self.fill(hole, name, &content)?;
        }
        self.state.slot.used[class] -= 1;
        sqlite::write_random(&self.txn, last, &*self.session.host.entropy)
    }

    /// Whether there is such a record.
    pub fn has(&self, kind: RecordKind, id: RecordId) -> bool {
        self.state.places.contains_key(&(kind, id))
    }

    fn place(&self, class: usize, index: u32) -> Place {
        Place { door: self.session.door, class, index }
    }

    fn append(&mut self, class: usize, name: Name, content: &[u8]) -> Result<()> {
        let index = self.state.slot.used[class];
        if index == self.header.cells[class] {
            let cells = &mut self.header.cells[class];
            let more = growth(*cells);
            sqlite::grow(&self.txn, class, cells, more, &*self.session.host.entropy)?;
        }
        self.state.slot.used[class] += 1;
        self.fill(self.place(class, index), name, content)
    }

    fn fill(&mut self, place: Place, name: Name, content: &[u8]) -> Result<()> {
        let (cell, body) = self.session.seal_cell(place, name, content)?;
        sqlite::write_cell(&self.txn, place, &cell, &body)?;
        self.state.slot.add(&self.session.slot_key.digest(place, &cell.nonce, &cell.tag));
        self.state.places.insert(name, (place.class, place.index));
        Ok(())
    }

    fn forget_digest(&mut self, place: Place) -> Result<()> {
        let cell = sqlite::read_tag(&self.txn, place)?;
        self.state.slot.subtract(&self.session.slot_key.digest(place, &cell.nonce, &cell.tag));
        Ok(())
    }

    fn commit(mut self) -> Result<State> {
        let session = self.session;
        let entropy = &*session.host.entropy;
        self.header.generation += 1;
        let slot = &mut self.header.slots[session.door.index()];
        slot.reseal(&session.file, session.door, &session.slot_key, &self.state.slot, entropy)?;
        let sealed = self.header.seal(&session.file, &session.header_key, entropy)?;
        sqlite::update_header(&self.txn, &sealed)?;
        self.txn.commit().map_err(sqlite::error)?;
        Ok(State { sealed, ..self.state })
    }
}

const CELL_SEALED: Error = Error::NotAVault { reason: "cell-sealed" };

fn name_bytes((kind, id): Name) -> [u8; NAME_LEN] {
    let mut name = [kind.0; NAME_LEN];
    name[1..].copy_from_slice(&id.0);
    name
}

fn name_of(bytes: &[u8; NAME_LEN]) -> Name {
    let (kind, id) = (bytes[0], core::array::from_fn(|i| bytes[1 + i]));
    (RecordKind(kind), RecordId(id))
}
