//! The file's measures: doors, classes, places, names.

use crate::crypto::aead::TAG_LEN;
use crate::crypto::kdf::Argon2Cost;
use crate::ports::DeviceKeyName;

/// "AMNV" in SQLite's application id: what `file` and this module tell a vault by.
pub const APPLICATION_ID: i32 = 0x414d_4e56;
/// What every seal of a file is bound to. Not the schema's version, which grows while seals stay.
const SEALS: i64 = 2;
/// Doors of a file; every file has all of them.
pub const DOORS: usize = 4;
/// Size classes.
pub const CLASSES: usize = 4;

/// Bytes of a padded record in each class. Chosen so that SQLite's pages of 4,096 bytes are filled: eight, two to a
/// page, then two and sixteen overflow pages each (payload = 489 + 4,092 n; see SQLite's file format, section 1.6).
pub const CLASS_LEN: [usize; CLASSES] = [496, 2016, 8656, 65_920];
/// Cells of each class that a new file has in every slot.
pub const INITIAL_CELLS: [u32; CLASSES] = [16, 8, 2, 0];
/// How many cells a class grows by: a sixteenth, so that the file stays near its records' size, and never so many that
/// one write takes long.
pub const fn growth(cells: u32) -> u32 {
    match cells {
        0..16 => 1,
        16..512 => cells / 16,
        _ => 32,
    }
}

/// What stands in clear.
#[derive(Clone)]
pub struct FileRow {
    pub salt: [u8; 32],
    pub cost: Argon2Cost,
}

impl FileRow {
    /// What every seal of this file is bound to.
    pub fn aad(&self, what: &[u8]) -> Vec<u8> {
        let cost = [self.cost.memory_kib, self.cost.passes, self.cost.lanes];
        let mut aad = [b"amana/1 vault ", what, &SEALS.to_be_bytes(), &self.salt[..]].concat();
        cost.iter().for_each(|number| aad.extend_from_slice(&number.to_be_bytes()));
        aad
    }
}

/// Which of the file's four doors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    /// Door 1.
    One,
    /// Door 2.
    Two,
    /// Door 3.
    Three,
    /// Door 4.
    Four,
}

impl Door {
    /// All of them; apps always show all of them.
    pub const ALL: [Self; DOORS] = [Self::One, Self::Two, Self::Three, Self::Four];

    /// 0 to 3.
    pub fn index(self) -> usize {
        self as usize
    }

    /// 1 to 4.
    pub fn number(self) -> u8 {
        self as u8 + 1
    }

    /// Door `number`, 1 to 4.
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.get(usize::from(number).checked_sub(1)?).copied()
    }

    pub(super) fn key_name(self) -> DeviceKeyName {
        match self {
            Self::One => DeviceKeyName::Door1,
            Self::Two => DeviceKeyName::Door2,
            Self::Three => DeviceKeyName::Door3,
            Self::Four => DeviceKeyName::Door4,
        }
    }
}

/// What kind of record: hidden in the file, its meaning is the wallet's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RecordKind(pub u8);

/// A record's id, random unless the wallet keeps only one of a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RecordId(pub [u8; 16]);

/// Kind and id, as they stand hidden beside a cell.
pub const NAME_LEN: usize = 17;

/// Bytes of a mark.
pub const MARK_LEN: usize = 16;
/// Bytes of every nonce.
pub const NONCE_LEN: usize = 24;

/// A cell's narrow part, as the file has it.
#[derive(Clone, Copy)]
pub struct Cell {
    pub nonce: [u8; NONCE_LEN],
    pub tag: [u8; TAG_LEN],
    /// Kind and id, hidden.
    pub name: [u8; NAME_LEN],
}

/// Where a cell is. Its three numbers are bound into its seal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    pub slot: Door,
    pub class: usize,
    pub index: u32,
}

impl Place {
    /// The row in the tables of its class: slots side by side, so that growing only appends.
    pub fn row(self) -> i64 {
        i64::from(self.index) * DOORS as i64 + self.slot.index() as i64
    }

    pub fn to_bytes(self) -> [u8; 6] {
        let [a, b, c, d] = self.index.to_be_bytes();
        [self.slot.index() as u8, self.class as u8, a, b, c, d]
    }
}

/// The smallest class that holds so many bytes.
pub fn class_for(len: usize) -> Option<usize> {
    CLASS_LEN.iter().position(|class_len| *class_len >= len)
}

/// Reads fields of fixed length one after the other.
pub struct Fields<'a>(pub &'a [u8]);

impl Fields<'_> {
    pub fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*taken)
    }

    pub fn number(&mut self) -> Option<u32> {
        self.take().map(u32::from_be_bytes)
    }

    pub fn numbers<const N: usize>(&mut self) -> Option<[u32; N]> {
        let mut out = [0; N];
        for number in &mut out {
            *number = self.number()?;
        }
        Some(out)
    }

    pub fn long(&mut self) -> Option<u64> {
        self.take().map(u64::from_be_bytes)
    }
}
