//! A slot's part of the header: two wraps of a slot key, and what the slot knows of itself.
//!
//! ```text
//! the PIN's wrap   sealed under the door's KEK       ┐ each holds the key of the slot that the PIN opens
//! the panic wrap   sealed under the device's header  ┘ (its number is in the AAD); random where unset
//! slot header      sealed under the slot key: mark · real cells · digest sum; random where unused
//! ```
//! An unused slot is random from end to end, and the two cannot be told apart without a PIN.

use super::keys::{PinKeys, SlotKey, open, seal};
use super::layout::{CLASSES, Door, Fields, FileRow, MARK_LEN, NONCE_LEN};
use crate::crypto::{Secret, aead, make_random};
use crate::error::{Error, Result};
use crate::ports::Entropy;
use zeroize::Zeroizing;

const WRAP_LEN: usize = NONCE_LEN + 32 + aead::TAG_LEN;
/// mark · cells in use of each class · digest sum · 32 bytes kept for later, zero.
const PLAIN_LEN: usize = MARK_LEN + 4 * CLASSES + 32 + 32;
const SEALED_LEN: usize = NONCE_LEN + PLAIN_LEN + aead::TAG_LEN;
/// Bytes of a slot's part.
pub const SLOT_LEN: usize = 2 * WRAP_LEN + SEALED_LEN;

/// A slot as the header holds it.
pub struct SlotSeal(pub [u8; SLOT_LEN]);

/// Which of a door's two PINs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrap {
    /// The one that opens what is behind the door.
    Pin,
    /// The one that destroys it and opens something else.
    Panic,
}

impl Wrap {
    fn range(self) -> core::ops::Range<usize> {
        match self {
            Self::Pin => 0..WRAP_LEN,
            Self::Panic => WRAP_LEN..2 * WRAP_LEN,
        }
    }

    fn kek(self, keys: &PinKeys) -> Result<&Secret<32>> {
        match self {
            Self::Pin => keys.door.as_ref().map_err(Error::clone),
            Self::Panic => Ok(&keys.panic),
        }
    }

    /// What the wrap is bound to: its file, its door, and the slot that it leads to.
    fn aad(self, file: &FileRow, door: Door, leads_to: Door) -> Vec<u8> {
        let what: &[u8] = match self {
            Self::Pin => b"wrap to ",
            Self::Panic => b"panic to ",
        };
        slot_aad(file, &[what, &[leads_to.index() as u8]].concat(), door)
    }
}

impl SlotSeal {
    /// A slot that nobody uses.
    pub fn random(entropy: &dyn Entropy) -> Result<Self> {
        make_random(entropy).map(Self)
    }

    /// The key that a wrap holds and the slot that it belongs to, where these keys open it.
    pub fn unwrap(&self, file: &FileRow, door: Door, wrap: Wrap, keys: &PinKeys) -> Option<(Door, SlotKey)> {
        let kek = wrap.kek(keys).ok()?;
        Door::ALL.into_iter().find_map(|leads_to| {
            let plain = open(kek, &wrap.aad(file, door, leads_to), &self.0[wrap.range()]).ok()?;
            let mut master = Zeroizing::new([0; 32]);
            master.copy_from_slice(&plain);
            Some((leads_to, SlotKey::derive(Secret::from_zeroizing(master))))
        })
    }

    /// Wraps the key of the slot that a PIN shall open.
    ///
    /// # Errors
    /// `host` where the door's own key did not answer.
    pub fn wrap(
        &mut self,
        file: &FileRow,
        door: Door,
        wrap: Wrap,
        keys: &PinKeys,
        (leads_to, slot_key): (Door, &SlotKey),
        entropy: &dyn Entropy,
    ) -> Result<()> {
        let aad = wrap.aad(file, door, leads_to);
        let wrapped = seal(wrap.kek(keys)?, &slot_key.nonce, &aad, slot_key.expose(), entropy)?;
        self.0[wrap.range()].copy_from_slice(&wrapped);
        Ok(())
    }

    /// Makes a wrap random: it opens to nobody.
    pub fn unset(&mut self, wrap: Wrap, entropy: &dyn Entropy) -> Result<()> {
        entropy.fill(&mut self.0[wrap.range()]).map_err(Error::from)
    }

    /// Makes the slot header random: what it told of is told to nobody, whoever may hold the slot's key.
    pub fn forget_header(&mut self, entropy: &dyn Entropy) -> Result<()> {
        entropy.fill(&mut self.0[2 * WRAP_LEN..]).map_err(Error::from)
    }

    /// # Errors
    /// `not-a-vault` (`slot-sealed`) where it is not this key's.
    pub fn open_header(&self, file: &FileRow, slot: Door, slot_key: &SlotKey) -> Result<SlotHeader> {
        let wrong = Error::NotAVault { reason: "slot-sealed" };
        let sealed = &self.0[2 * WRAP_LEN..];
        let plain = open(&slot_key.header, &slot_aad(file, b"slot", slot), sealed).map_err(|_| wrong.clone())?;
        SlotHeader::parse(&plain).ok_or(wrong)
    }

    /// Seals a changed slot header in its place.
    pub fn seal_header(
        &mut self,
        file: &FileRow,
        slot: Door,
        slot_key: &SlotKey,
        header: &SlotHeader,
        entropy: &dyn Entropy,
    ) -> Result<()> {
        let mut plain = Vec::with_capacity(PLAIN_LEN);
        plain.extend_from_slice(&header.mark);
        header.used.iter().for_each(|used| plain.extend_from_slice(&used.to_be_bytes()));
        plain.extend_from_slice(&header.sum);
        plain.resize(PLAIN_LEN, 0);
        let sealed = seal(&slot_key.header, &slot_key.nonce, &slot_aad(file, b"slot", slot), &plain, entropy)?;
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

    fn parse(plain: &[u8]) -> Option<Self> {
        let mut fields = Fields(plain);
        Some(Self { mark: fields.take()?, used: fields.numbers()?, sum: fields.take()? })
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
