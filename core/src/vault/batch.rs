//! Changes of records that become one transaction.

use super::cells::{Name, OpenSlot, PREAMBLE_LEN, Places, name_of, open_cell, open_plain, seal_cell, seal_plain};
use super::layout::{CLASS_LEN, CLASSES, Cell, Place, RecordId, RecordKind, class_for, growth};
use super::slot::SlotHeader;
use super::sqlite::{self, CELL_SEALED};
use crate::error::{Error, Result};
use rusqlite::Connection;
use zeroize::Zeroizing;

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
            Some(&(place, _)) if place.class == class => {
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
        let (hole, _) = self.places.remove(&(kind, id)).ok_or(Error::NotFound { what: "record" })?;
        let class = hole.class;
        let last = self.header.used[class].checked_sub(1).ok_or(CELL_SEALED)?;
        let last = self.place(class, last);
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

    /// Reads a record, as this batch leaves it.
    pub(super) fn read_own(&mut self, kind: RecordKind, id: RecordId) -> Result<Zeroizing<Vec<u8>>> {
        let &(place, _) = self.places.get(&(kind, id)).ok_or(Error::NotFound { what: "record" })?;
        let (found, content) = open_cell(self.slot, self.db, place)?;
        if found == (kind, id) { Ok(content) } else { Err(CELL_SEALED) }
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
        let (cell, body) = sqlite::read_cell(self.db, from)?;
        let name = name_of(&self.slot.slot_key.mask_name(&cell.nonce, &cell.name));
        // As it is, whichever version wrote it.
        match open_plain(self.slot, from, &cell, body.clone()) {
            Ok(plain) => {
                let (cell, body) = seal_plain(self.slot, to, name, &plain)?;
                self.set(to, name, &cell, &body)
            }
            // It was altered and opens nowhere. It stays listed, as something that cannot be read.
            Err(CELL_SEALED) => self.set(to, name, &cell, &body),
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
        self.places.insert(name, (place, *cell));
        Ok(())
    }

    fn forget_digest(&mut self, place: Place) -> Result<()> {
        let cell = sqlite::read_tag(self.db, place)?;
        self.header.subtract(&self.slot.slot_key.digest(place, &cell));
        Ok(())
    }
}
