//! The header: what the file knows of itself, sealed under the device's `header` key.
//!
//! All numbers are big-endian. Every part has a fixed length, so that nothing can be told from sizes.

use super::age::FileAge;
use super::keys::{HeaderKey, open, seal};
use super::layout::{CLASSES, DOORS, Fields, FileRow, MARK_LEN};
use super::slot::{SLOT_LEN, SlotSeal};
use crate::crypto::make_random;
use crate::error::{Error, Result};
use crate::ports::{Entropy, MonotonicCounter};
use zeroize::Zeroizing;

/// Kept for later, zero.
const SPARE_LEN: usize = 47;
const PLAIN_LEN: usize = 8 + MARK_LEN + 1 + 8 + 4 + 8 + 4 * CLASSES + DOORS * SLOT_LEN + SPARE_LEN;

/// The header, opened.
pub struct Header {
    /// Grows with every transaction and every unlock.
    pub generation: u64,
    /// Changes when something happened to the file that every slot must be told.
    pub mark: [u8; MARK_LEN],
    /// What that was.
    pub incident: FileAge,
    /// PINs tried since one was right.
    pub attempts: u32,
    /// When the last of them was, in milliseconds of the device's running time.
    pub tried_at: u64,
    /// Cells of each class that every slot has.
    pub cells: [u32; CLASSES],
    /// The four slots.
    pub slots: [SlotSeal; DOORS],
}

impl Header {
    /// Of a new file: no cells yet, and slots that nobody uses.
    pub fn new(generation: u64, entropy: &dyn Entropy) -> Result<Self> {
        let slot = || SlotSeal::random(entropy);
        Ok(Self {
            generation,
            mark: make_random(entropy)?,
            incident: FileAge::Newest,
            attempts: 0,
            tried_at: 0,
            cells: [0; CLASSES],
            slots: [slot()?, slot()?, slot()?, slot()?],
        })
    }

    pub fn seal(&self, file: &FileRow, key: &HeaderKey, entropy: &dyn Entropy) -> Result<Vec<u8>> {
        let mut plain = Zeroizing::new(Vec::with_capacity(PLAIN_LEN));
        plain.extend_from_slice(&self.generation.to_be_bytes());
        plain.extend_from_slice(&self.mark);
        let (kind, by) = match self.incident {
            FileAge::RolledBack { by } => (1, by),
            FileAge::CounterLost => (2, 0),
            FileAge::Newest | FileAge::Unchecked { .. } => (0, 0),
        };
        plain.push(kind);
        plain.extend_from_slice(&by.to_be_bytes());
        plain.extend_from_slice(&self.attempts.to_be_bytes());
        plain.extend_from_slice(&self.tried_at.to_be_bytes());
        self.cells.iter().for_each(|cells| plain.extend_from_slice(&cells.to_be_bytes()));
        self.slots.iter().for_each(|slot| plain.extend_from_slice(&slot.0));
        plain.extend_from_slice(&[0; SPARE_LEN]);
        seal(&key.seal, &key.nonce, &file.aad(b"header"), &plain, entropy)
    }

    /// # Errors
    /// `not-a-vault` (`header-sealed`): altered, or sealed by another device.
    pub fn open(file: &FileRow, key: &HeaderKey, sealed: &[u8]) -> Result<Self> {
        let wrong = Error::NotAVault { reason: "header-sealed" };
        let plain = open(&key.seal, &file.aad(b"header"), sealed).map_err(|_| wrong.clone())?;
        Self::parse(&plain).ok_or(wrong)
    }

    fn parse(plain: &[u8]) -> Option<Self> {
        let slot = |fields: &mut Fields<'_>| fields.take().map(SlotSeal);
        let mut fields = Fields(plain);
        let (generation, mark) = (fields.long()?, fields.take()?);
        let incident = match (fields.take()?, fields.long()?) {
            ([0], 0) => FileAge::Newest,
            ([1], by) => FileAge::RolledBack { by },
            ([2], 0) => FileAge::CounterLost,
            _ => return None,
        };
        let (attempts, tried_at, cells) = (fields.number()?, fields.long()?, fields.numbers()?);
        let slots = [slot(&mut fields)?, slot(&mut fields)?, slot(&mut fields)?, slot(&mut fields)?];
        let header = Self { generation, mark, incident, attempts, tried_at, cells, slots };
        (fields.0 == [0; SPARE_LEN]).then_some(header)
    }

    /// Makes it ready for the next transaction: finishes an interrupted write, or notes an incident, and gives it the next
    /// generation. The lock is held. What it returns is known of the file from then on.
    ///
    /// A counter that does not answer keeps nobody from writing. The generation then stays, so that the file is never more
    /// than one ahead of it.
    pub fn settle(&mut self, counter: &dyn MonotonicCounter, entropy: &dyn Entropy) -> Result<FileAge> {
        let count = match counter.read() {
            Ok(count) => count,
            Err(reason) => return Ok(FileAge::Unchecked { reason }),
        };
        match FileAge::compare(self.generation, count) {
            FileAge::RolledBack { by } => {
                self.note(FileAge::RolledBack { by }, entropy)?;
                self.generation = count;
            }
            FileAge::CounterLost => self.note(FileAge::CounterLost, entropy)?,
            FileAge::Newest | FileAge::Unchecked { .. } if self.generation != count => {
                if let Err(reason) = counter.advance_to(self.generation) {
                    return Ok(FileAge::Unchecked { reason });
                }
            }
            FileAge::Newest | FileAge::Unchecked { .. } => {}
        }
        self.generation = self.generation.saturating_add(1);
        Ok(FileAge::Newest)
    }

    /// Notes what happened, under a mark that no slot has acknowledged.
    fn note(&mut self, incident: FileAge, entropy: &dyn Entropy) -> Result<()> {
        self.mark = make_random(entropy)?;
        self.incident = incident;
        Ok(())
    }
}
