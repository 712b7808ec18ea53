//! The header: what the file knows of itself, sealed under the device's `header` key, and the four slot headers in it.
//!
//! All numbers are big-endian. Every part has a fixed length, so that nothing can be told from sizes.

use super::keys::{HeaderKey, SlotKey, derive_nonce};
use super::layout::{CLASSES, DOORS, Door, FileRow};
use crate::crypto::{Secret, aead, make_random};
use crate::error::{Error, Result};
use crate::ports::Entropy;
use zeroize::Zeroizing;

const NONCE_LEN: usize = 24;
const MARK_LEN: usize = 16;
const WRAP_LEN: usize = NONCE_LEN + 32 + aead::TAG_LEN;
/// mark · cells in use of each class · digest sum · 32 bytes kept for later, zero.
const SLOT_PLAIN_LEN: usize = MARK_LEN + 4 * CLASSES + 32 + 32;
const SLOT_SEALED_LEN: usize = NONCE_LEN + SLOT_PLAIN_LEN + aead::TAG_LEN;
const SLOT_LEN: usize = 2 * WRAP_LEN + SLOT_SEALED_LEN;
/// Kept for later, zero.
const SPARE_LEN: usize = 64;
const PLAIN_LEN: usize = 8 + MARK_LEN + 4 + 4 * CLASSES + DOORS * SLOT_LEN + SPARE_LEN;

/// The header, opened.
pub struct Header {
    /// Grows with every transaction and every unlock.
    pub generation: u64,
    /// Changes when something happened to the file that every slot must be told.
    pub mark: [u8; MARK_LEN],
    /// PINs tried since one was right.
    pub attempts: u32,
    /// Cells of each class that every slot has.
    pub cells: [u32; CLASSES],
    /// The four slots.
    pub slots: [SlotSeal; DOORS],
}

impl Header {
    pub fn seal(&self, file: &FileRow, key: &HeaderKey, entropy: &dyn Entropy) -> Result<Vec<u8>> {
        let mut plain = Zeroizing::new(Vec::with_capacity(PLAIN_LEN));
        plain.extend_from_slice(&self.generation.to_be_bytes());
        plain.extend_from_slice(&self.mark);
        plain.extend_from_slice(&self.attempts.to_be_bytes());
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
        let mut reader = Fields(&plain);
        let header = Self {
            generation: u64::from_be_bytes(reader.take().ok_or(wrong.clone())?),
            mark: reader.take().ok_or(wrong.clone())?,
            attempts: reader.number().ok_or(wrong.clone())?,
            cells: reader.numbers().ok_or(wrong.clone())?,
            slots: [
                SlotSeal(reader.take().ok_or(wrong.clone())?),
                SlotSeal(reader.take().ok_or(wrong.clone())?),
                SlotSeal(reader.take().ok_or(wrong.clone())?),
                SlotSeal(reader.take().ok_or(wrong.clone())?),
            ],
        };
        if reader.0 == [0; SPARE_LEN] { Ok(header) } else { Err(wrong) }
    }
}

/// A slot as the header holds it: the PIN's wrap, the panic PIN's wrap, the sealed slot header. Random where unused.
pub struct SlotSeal([u8; SLOT_LEN]);

impl SlotSeal {
    /// A slot that nobody uses.
    pub fn make_random(entropy: &dyn Entropy) -> Result<Self> {
        make_random(entropy).map(Self)
    }

    /// A slot that opens with `kek`; its panic wrap is random.
    pub fn seal(
        file: &FileRow,
        door: Door,
        kek: &Secret<32>,
        slot_key: &SlotKey,
        header: &SlotHeader,
        entropy: &dyn Entropy,
    ) -> Result<Self> {
        let mut slot = Self::make_random(entropy)?;
        slot.rewrap(file, door, kek, slot_key, entropy)?;
        slot.reseal(file, door, slot_key, header, entropy)?;
        Ok(slot)
    }

    /// # Errors
    /// `wrong-pin` where `kek` opens nothing.
    pub fn open(&self, file: &FileRow, door: Door, kek: &Secret<32>) -> Result<(SlotKey, SlotHeader)> {
        let unwrapped = open(kek, &slot_aad(file, b"wrap", door), &self.0[..WRAP_LEN]).map_err(|_| Error::WrongPin)?;
        let mut master = Zeroizing::new([0; 32]);
        master.copy_from_slice(&unwrapped);
        let slot_key = SlotKey::derive(Secret::from_zeroizing(master));
        let header = self.open_header(file, door, &slot_key)?;
        Ok((slot_key, header))
    }

    pub fn open_header(&self, file: &FileRow, door: Door, slot_key: &SlotKey) -> Result<SlotHeader> {
        let wrong = Error::NotAVault { reason: "slot-sealed" };
        let sealed = &self.0[2 * WRAP_LEN..];
        let plain = open(&slot_key.header, &slot_aad(file, b"slot", door), sealed).map_err(|_| wrong.clone())?;
        let mut reader = Fields(&plain);
        Ok(SlotHeader {
            mark: reader.take().ok_or(wrong.clone())?,
            used: reader.numbers().ok_or(wrong.clone())?,
            sum: reader.take().ok_or(wrong)?,
        })
    }

    /// Wraps the slot key anew: a changed PIN.
    pub fn rewrap(
        &mut self,
        file: &FileRow,
        door: Door,
        kek: &Secret<32>,
        slot_key: &SlotKey,
        entropy: &dyn Entropy,
    ) -> Result<()> {
        let wrapped = seal(kek, &slot_key.nonce, &slot_aad(file, b"wrap", door), slot_key.expose(), entropy)?;
        self.0[..WRAP_LEN].copy_from_slice(&wrapped);
        Ok(())
    }

    /// Seals a changed slot header in its place.
    pub fn reseal(
        &mut self,
        file: &FileRow,
        door: Door,
        slot_key: &SlotKey,
        header: &SlotHeader,
        entropy: &dyn Entropy,
    ) -> Result<()> {
        let mut plain = [0; SLOT_PLAIN_LEN];
        let mut at = 0;
        let mut put = |bytes: &[u8]| {
            plain[at..at + bytes.len()].copy_from_slice(bytes);
            at += bytes.len();
        };
        put(&header.mark);
        header.used.iter().for_each(|used| put(&used.to_be_bytes()));
        put(&header.sum);
        let sealed = seal(&slot_key.header, &slot_key.nonce, &slot_aad(file, b"slot", door), &plain, entropy)?;
        self.0[2 * WRAP_LEN..].copy_from_slice(&sealed);
        Ok(())
    }
}

fn slot_aad(file: &FileRow, what: &[u8], door: Door) -> Vec<u8> {
    let mut aad = file.aad(what);
    aad.push(door.index() as u8);
    aad
}

/// What a slot knows of itself.
#[derive(Clone)]
pub struct SlotHeader {
    /// The mark it was last told of.
    pub mark: [u8; MARK_LEN],
    /// Cells of each class that hold a record.
    pub used: [u32; CLASSES],
    /// Sum mod 2^256 of the digests of those cells, little-endian.
    pub sum: [u8; 32],
}

impl SlotHeader {
    pub fn empty(mark: [u8; MARK_LEN]) -> Self {
        Self { mark, used: [0; CLASSES], sum: [0; 32] }
    }

    pub fn add(&mut self, digest: &[u8; 32]) {
        let mut carry = 0;
        for (sum, digest) in self.sum.iter_mut().zip(digest) {
            let total = u16::from(*sum) + u16::from(*digest) + carry;
            *sum = total as u8;
            carry = total >> 8;
        }
    }

    pub fn subtract(&mut self, digest: &[u8; 32]) {
        // a - d = a + (not d) + 1 in two's complement.
        self.add(&digest.map(|byte| !byte));
        let mut one = [0; 32];
        one[0] = 1;
        self.add(&one);
    }
}

fn seal(key: &Secret<32>, nonce_key: &Secret<32>, aad: &[u8], plain: &[u8], entropy: &dyn Entropy) -> Result<Vec<u8>> {
    let nonce = derive_nonce(nonce_key, &make_random(entropy)?, aad, plain);
    Ok([&nonce[..], &aead::seal(key, &nonce, aad, plain)?].concat())
}

fn open(key: &Secret<32>, aad: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
    let wrong = Error::NotAVault { reason: "seal" };
    let (nonce, body) = sealed.split_first_chunk::<NONCE_LEN>().ok_or(wrong)?;
    aead::open(key, nonce, aad, body)
}

struct Fields<'a>(&'a [u8]);

impl Fields<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*taken)
    }

    fn number(&mut self) -> Option<u32> {
        self.take().map(u32::from_be_bytes)
    }

    fn numbers<const N: usize>(&mut self) -> Option<[u32; N]> {
        let mut out = [0; N];
        for number in &mut out {
            *number = self.number()?;
        }
        Some(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_come_back_to_where_they_were() {
        let mut header = SlotHeader::empty([0; 16]);
        let (a, b) = ([0xff; 32], [0x80; 32]);
        header.add(&a);
        header.add(&b);
        header.subtract(&a);
        assert_eq!(header.sum, b);
        header.subtract(&b);
        assert_eq!(header.sum, [0; 32]);
    }
}
