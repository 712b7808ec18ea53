//! Records in cells: sealed into their places and opened from them.

use super::keys::derive_nonce;
use super::layout::{CLASS_LEN, CLASSES, Cell, NAME_LEN, Place, RecordId, RecordKind, class_for, growth};
use super::session::{OpenSlot, Places};
use super::slot::SlotHeader;
use super::sqlite::{self, CELL_SEALED};
use crate::crypto::aead::{self, TAG_LEN};
use crate::crypto::make_random;
use crate::error::{Error, Result};
use rusqlite::Connection;
use zeroize::Zeroizing;

/// version · kind · id · length of the content
const PREAMBLE_LEN: usize = 1 + NAME_LEN + 4;
const RECORD_VERSION: u8 = 1;

pub(super) type Name = (RecordKind, RecordId);

/// Changes that become one transaction.
pub struct Batch<'a> {
    pub(super) slot: &'a OpenSlot,
    pub(super) db: &'a Connection,
    /// Cells of each class that every slot has.
    pub(super) cells: &'a mut [u32; CLASSES],
    pub(super) header: &'a mut SlotHeader,
    pub(super) places: &'a mut Places,
}

impl Batch<'_> {
    /// The largest record, in bytes.
    pub const LIMIT: usize = CLASS_LEN[CLASSES - 1] - PREAMBLE_LEN;

    /// Writes a record, in place of the one of the same name if there is one.
    ///
    /// # Errors
    /// `too-large` beyond [`LIMIT`](Self::LIMIT), 65,898 bytes.
    pub fn put(&mut self, kind: RecordKind, id: RecordId, content: &[u8]) -> Result<()> {
        let too_large = Error::TooLarge { bytes: content.len() as u64, limit: Self::LIMIT as u64 };
        let class = class_for(content.len() + PREAMBLE_LEN).ok_or(too_large)?;
        match self.places.get(&(kind, id)) {
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
        let (class, index) = self.places.remove(&(kind, id)).ok_or(Error::NotFound { what: "record" })?;
        let last = self.header.used[class].checked_sub(1).ok_or(CELL_SEALED)?;
        let (hole, last) = (self.place(class, index), self.place(class, last));
        self.forget_digest(hole)?;
        if hole != last {
            self.move_cell(last, hole)?;
        }
        self.header.used[class] -= 1;
        sqlite::write_random(self.db, last, &*self.slot.host.entropy)
    }

    /// Whether there is such a record.
    pub fn has(&self, kind: RecordKind, id: RecordId) -> bool {
        self.places.contains_key(&(kind, id))
    }

    fn place(&self, class: usize, index: u32) -> Place {
        Place { slot: self.slot.slot, class, index }
    }

    fn append(&mut self, class: usize, name: Name, content: &[u8]) -> Result<()> {
        let index = self.header.used[class];
        if index >= self.cells[class] {
            let more = growth(self.cells[class]);
            sqlite::grow(self.db, class, &mut self.cells[class], more, &*self.slot.host.entropy)?;
        }
        self.header.used[class] += 1;
        self.fill(self.place(class, index), name, content)
    }

    fn move_cell(&mut self, from: Place, to: Place) -> Result<()> {
        self.forget_digest(from)?;
        match open_cell(self.slot, self.db, from) {
            Ok((name, content)) => self.fill(to, name, &content),
            // It was altered and opens nowhere. It stays listed, as something that cannot be read.
            Err(CELL_SEALED | Error::TooNew) => {
                let (cell, body) = sqlite::read_cell(self.db, from)?;
                let name = name_of(&self.slot.slot_key.mask_name(&cell.nonce, &cell.name));
                self.set(to, name, &cell, &body)
            }
            Err(error) => Err(error),
        }
    }

    fn fill(&mut self, place: Place, name: Name, content: &[u8]) -> Result<()> {
        let (cell, body) = seal_cell(self.slot, place, name, content)?;
        self.set(place, name, &cell, &body)
    }

    fn set(&mut self, place: Place, name: Name, cell: &Cell, body: &[u8]) -> Result<()> {
        sqlite::write_cell(self.db, place, cell, body)?;
        self.header.add(&self.slot.slot_key.digest(place, cell));
        self.places.insert(name, (place.class, place.index));
        Ok(())
    }

    fn forget_digest(&mut self, place: Place) -> Result<()> {
        let cell = sqlite::read_tag(self.db, place)?;
        self.header.subtract(&self.slot.slot_key.digest(place, &cell));
        Ok(())
    }
}

/// Pads a record to its class and seals it to its place.
fn seal_cell(slot: &OpenSlot, place: Place, (kind, id): Name, content: &[u8]) -> Result<(Cell, Vec<u8>)> {
    let mut plain = Zeroizing::new(vec![0; CLASS_LEN[place.class]]);
    let name = name_bytes((kind, id));
    plain[0] = RECORD_VERSION;
    plain[1..=NAME_LEN].copy_from_slice(&name);
    plain[1 + NAME_LEN..PREAMBLE_LEN].copy_from_slice(&(content.len() as u32).to_be_bytes());
    plain[PREAMBLE_LEN..PREAMBLE_LEN + content.len()].copy_from_slice(content);

    let random = make_random(&*slot.host.entropy)?;
    // The hidden name depends on the nonce, so the nonce is drawn over the place and the open name.
    let nonce = derive_nonce(&slot.slot_key.nonce, &random, &aad(slot, place, &name), &plain);
    let hidden = slot.slot_key.mask_name(&nonce, &name);
    let mut body = aead::seal(&slot.slot_key.record, &nonce, &aad(slot, place, &hidden), &plain)?;
    let tag = body.split_off(body.len() - TAG_LEN);
    let tag = tag.try_into().map_err(|_| Error::Internal { reason: "tag" })?;
    Ok((Cell { nonce, tag, name: hidden }, body))
}

/// Opens the record in a place.
///
/// # Errors
/// `not-a-vault` (`cell-sealed`); `too-new` for a record that a later version wrote.
pub(super) fn open_cell(slot: &OpenSlot, db: &Connection, place: Place) -> Result<(Name, Zeroizing<Vec<u8>>)> {
    open_sealed(slot, place, sqlite::read_cell(db, place)?)
}

/// Opens what was read of a place.
///
/// # Errors
/// As [`open_cell`].
pub(super) fn open_sealed(
    slot: &OpenSlot,
    place: Place,
    (cell, mut body): (Cell, Vec<u8>),
) -> Result<(Name, Zeroizing<Vec<u8>>)> {
    body.extend_from_slice(&cell.tag);
    let plain = aead::open(&slot.slot_key.record, &cell.nonce, &aad(slot, place, &cell.name), &body);
    let plain = plain.map_err(|_| CELL_SEALED)?;
    let (preamble, rest) = plain.split_first_chunk::<PREAMBLE_LEN>().ok_or(CELL_SEALED)?;
    let [RECORD_VERSION, named @ ..] = preamble else { return Err(Error::TooNew) };
    let (name, length) = named.split_first_chunk::<NAME_LEN>().ok_or(CELL_SEALED)?;
    let length = u32::from_be_bytes(length.try_into().map_err(|_| CELL_SEALED)?) as usize;
    let content = rest.get(..length).ok_or(CELL_SEALED)?;
    Ok((name_of(name), Zeroizing::new(content.to_vec())))
}

fn aad(slot: &OpenSlot, place: Place, name: &[u8; NAME_LEN]) -> Vec<u8> {
    [b"amana/1 vault cell", &slot.file.salt[..], &place.to_bytes(), name].concat()
}

fn name_bytes((kind, id): Name) -> [u8; NAME_LEN] {
    let mut name = [kind.0; NAME_LEN];
    name[1..].copy_from_slice(&id.0);
    name
}

pub(super) fn name_of(bytes: &[u8; NAME_LEN]) -> Name {
    let (kind, id) = (bytes[0], core::array::from_fn(|i| bytes[1 + i]));
    (RecordKind(kind), RecordId(id))
}
