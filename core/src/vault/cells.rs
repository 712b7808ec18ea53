//! Records in cells: sealed to their places, opened from them, and found.

use super::keys::{HeaderKey, SlotKey, derive_nonce};
use super::layout::{CLASS_LEN, Cell, Door, FileRow, NAME_LEN, Place, RecordId, RecordKind};
use super::slot::{SlotHeader, Wrap};
use super::sqlite::{self, CELL_SEALED};
use crate::crypto::aead::{self, TAG_LEN};
use crate::crypto::make_random;
use crate::error::{Error, Result};
use crate::ports::WalletHost;
use rusqlite::Connection;
use std::collections::HashMap;
use std::path::PathBuf;
use zeroize::Zeroizing;

/// version · kind · id · length of the content
pub const PREAMBLE_LEN: usize = 1 + NAME_LEN + 4;
const RECORD_VERSION: u8 = 1;

pub type Name = (RecordKind, RecordId);

/// What opens a slot's records: its keys, and where they are.
pub struct OpenSlot {
    pub slot_key: SlotKey,
    pub header_key: HeaderKey,
    pub path: PathBuf,
    pub host: WalletHost,
    pub file: FileRow,
    /// Where the PIN was typed, and which of its PINs it was.
    pub door: Door,
    pub by: Wrap,
    /// Whose cells are read and written. Another than the door's own after a panic PIN.
    pub slot: Door,
    pub read_only: Option<&'static str>,
}

/// Where records are, and the narrow part of their cells: a record is then read by one look into one table.
pub type Places = HashMap<Name, (Place, Cell)>;

impl OpenSlot {
    /// Passes over the slot's real cells: the sum of their digests, and where each record is.
    pub fn survey(&self, db: &Connection, header: &SlotHeader) -> Result<([u8; 32], Places)> {
        let mut places = HashMap::with_capacity(header.used.iter().map(|used| *used as usize).sum());
        let mut counted = SlotHeader::empty(header.mark);
        for (class, used) in header.used.into_iter().enumerate() {
            sqlite::read_tags(db, Place { slot: self.slot, class, index: 0 }, used, |place, cell| {
                counted.add(&self.slot_key.digest(place, &cell));
                let name = name_of(&self.slot_key.mask_name(&cell.nonce, &cell.name));
                places.insert(name, (place, cell));
                Ok(())
            })?;
        }
        Ok((counted.sum, places))
    }
}

/// Pads a record to its class and seals it to its place.
pub fn seal_cell(slot: &OpenSlot, place: Place, (kind, id): Name, content: &[u8]) -> Result<(Cell, Vec<u8>)> {
    let mut plain = Zeroizing::new(vec![0; CLASS_LEN[place.class]]);
    let name = name_bytes((kind, id));
    plain[0] = RECORD_VERSION;
    plain[1..=NAME_LEN].copy_from_slice(&name);
    plain[1 + NAME_LEN..PREAMBLE_LEN].copy_from_slice(&(content.len() as u32).to_be_bytes());
    plain[PREAMBLE_LEN..PREAMBLE_LEN + content.len()].copy_from_slice(content);

    seal_plain(slot, place, (kind, id), &plain)
}

/// Seals a padded record to its place, as it is.
pub fn seal_plain(slot: &OpenSlot, place: Place, name: Name, plain: &[u8]) -> Result<(Cell, Vec<u8>)> {
    let name = name_bytes(name);
    let random = make_random(&*slot.host.entropy)?;
    // The hidden name depends on the nonce, so the nonce is drawn over the place and the open name.
    let nonce = derive_nonce(&slot.slot_key.nonce, &random, &aad(slot, place, &name), plain);
    let hidden = slot.slot_key.mask_name(&nonce, &name);
    let mut body = aead::seal(&slot.slot_key.record, &nonce, &aad(slot, place, &hidden), plain)?;
    let tag = body.split_off(body.len() - TAG_LEN);
    let tag = tag.try_into().map_err(|_| Error::Internal { reason: "tag" })?;
    Ok((Cell { nonce, tag, name: hidden }, body))
}

/// Opens the record in a place.
///
/// # Errors
/// `not-a-vault` (`cell-sealed`); `too-new` for a record that a later version wrote.
pub fn open_cell(slot: &OpenSlot, db: &Connection, place: Place) -> Result<(Name, Zeroizing<Vec<u8>>)> {
    open_sealed(slot, place, sqlite::read_cell(db, place)?)
}

/// Opens what was read of a place.
///
/// # Errors
/// As [`open_cell`].
pub fn open_sealed(slot: &OpenSlot, place: Place, (cell, body): (Cell, Vec<u8>)) -> Result<(Name, Zeroizing<Vec<u8>>)> {
    let plain = open_plain(slot, place, &cell, body)?;
    let (preamble, rest) = plain.split_first_chunk::<PREAMBLE_LEN>().ok_or(CELL_SEALED)?;
    let [RECORD_VERSION, named @ ..] = preamble else { return Err(Error::TooNew) };
    let (name, length) = named.split_first_chunk::<NAME_LEN>().ok_or(CELL_SEALED)?;
    let length = u32::from_be_bytes(length.try_into().map_err(|_| CELL_SEALED)?) as usize;
    let content = rest.get(..length).ok_or(CELL_SEALED)?;
    Ok((name_of(name), Zeroizing::new(content.to_vec())))
}

/// A padded record, as it is.
///
/// # Errors
/// `not-a-vault` (`cell-sealed`).
pub fn open_plain(slot: &OpenSlot, place: Place, cell: &Cell, mut body: Vec<u8>) -> Result<Zeroizing<Vec<u8>>> {
    body.extend_from_slice(&cell.tag);
    let plain = aead::open(&slot.slot_key.record, &cell.nonce, &aad(slot, place, &cell.name), &body);
    plain.map_err(|_| CELL_SEALED)
}

fn aad(slot: &OpenSlot, place: Place, name: &[u8; NAME_LEN]) -> Vec<u8> {
    [b"amana/1 vault cell", &slot.file.salt[..], &place.to_bytes(), name].concat()
}

fn name_bytes((kind, id): Name) -> [u8; NAME_LEN] {
    let mut name = [kind.0; NAME_LEN];
    name[1..].copy_from_slice(&id.0);
    name
}

pub fn name_of(bytes: &[u8; NAME_LEN]) -> Name {
    let (kind, id) = (bytes[0], core::array::from_fn(|i| bytes[1 + i]));
    (RecordKind(kind), RecordId(id))
}
