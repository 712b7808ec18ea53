//! The bytes of one frame, and what is refused before any memory is taken for a transfer.

use crate::error::{Error, Result, damaged};
use crate::qr::armour::{self, Kind};
use sha2::{Digest as _, Sha256};

/// Most bytes of a payload: the letter of its kind, and what is transferred.
pub const MAX_PAYLOAD: usize = 256 * 1024;
/// Most source symbols of a transfer.
pub const MAX_SYMBOLS: usize = 1024;
/// Bytes of a frame besides its symbol.
pub const OVERHEAD: usize = HEAD_LEN + CHECK_LEN;
/// The last number of a symbol: 24 bits, as RFC 6330 has them.
pub const MAX_NUMBER: u32 = 0xff_ffff;
/// Most bytes of a frame: what one code of version 27-M holds.
const MAX_FRAME: usize = 1088;
const HEAD_LEN: usize = ID_LEN + 3 + 3;
const ID_LEN: usize = 16;
const CHECK_LEN: usize = 4;

/// The first 16 bytes of the payload's SHA-256.
pub type TransferId = [u8; ID_LEN];

/// What every frame of one transfer says alike.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    pub transfer: TransferId,
    /// Bytes of the payload.
    pub length: usize,
    /// Bytes of a symbol.
    pub size: usize,
}

impl Shape {
    /// For a payload in the fewest symbols of at most `most` bytes, none larger than it has to be.
    pub fn of(payload: &[u8], most: usize) -> Result<Self> {
        let limit = MAX_PAYLOAD.min(most * MAX_SYMBOLS);
        if payload.len() > limit {
            return Err(Error::TooLarge { bytes: payload.len() as u64, limit: limit as u64 });
        }
        let symbols = payload.len().div_ceil(most);
        let size = payload.len().div_ceil(symbols);
        Ok(Self { transfer: identify(payload), length: payload.len(), size })
    }

    /// Source symbols: frames that it takes where none is lost.
    pub fn symbols(&self) -> usize {
        self.length.div_ceil(self.size)
    }

    /// The payload in a decoded block. Its hash is the only proof that it is the one.
    pub fn payload<'a>(&self, block: &'a [u8]) -> Option<&'a [u8]> {
        block.get(..self.length).filter(|payload| identify(payload) == self.transfer)
    }
}

/// One frame.
pub struct Frame {
    pub shape: Shape,
    /// Which symbol it holds.
    pub number: u32,
    pub symbol: Vec<u8>,
}

impl Frame {
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(OVERHEAD + self.symbol.len());
        bytes.extend_from_slice(&self.shape.transfer);
        bytes.extend_from_slice(&(self.shape.length as u32).to_be_bytes()[1..]);
        bytes.extend_from_slice(&self.number.to_be_bytes()[1..]);
        bytes.extend_from_slice(&self.symbol);
        let check = check(&bytes);
        bytes.extend_from_slice(&check);
        bytes
    }

    /// # Errors
    /// `damaged`: `frame-length`, `frame-check`, or `frame-sizes` where it tells of a transfer that nothing may be.
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        if !(OVERHEAD + 1..=MAX_FRAME).contains(&bytes.len()) {
            return Err(damaged("frame-length"));
        }
        let (told, found) = bytes.split_last_chunk::<CHECK_LEN>().ok_or(damaged("frame-length"))?;
        if check(told) != *found {
            return Err(damaged("frame-check"));
        }
        let (transfer, rest) = told.split_first_chunk::<ID_LEN>().ok_or(damaged("frame-length"))?;
        let &[a, b, c, d, e, f, ref symbol @ ..] = rest else { return Err(damaged("frame-length")) };
        let length = u32::from_be_bytes([0, a, b, c]) as usize;
        let shape = Shape { transfer: *transfer, length, size: symbol.len() };
        // A symbol larger than all of the payload is nothing that a sender makes.
        if length == 0 || length > MAX_PAYLOAD || shape.symbols() > MAX_SYMBOLS || shape.size > length {
            return Err(damaged("frame-sizes"));
        }
        Ok(Self { shape, number: u32::from_be_bytes([0, d, e, f]), symbol: symbol.to_vec() })
    }
}

/// The letter of the kind, then the bytes.
pub fn to_payload(kind: Kind, bytes: &[u8]) -> Vec<u8> {
    let mut payload = Vec::with_capacity(1 + bytes.len());
    payload.push(armour::letter_of(kind));
    payload.extend_from_slice(bytes);
    payload
}

/// # Errors
/// `too-new` for a kind that is not known.
pub fn parse_payload(payload: &[u8]) -> Result<(Kind, Vec<u8>)> {
    let (letter, bytes) = payload.split_first().ok_or(damaged("frame-sizes"))?;
    let kind = armour::kind_of(*letter).ok_or(Error::TooNew)?;
    Ok((kind, bytes.to_vec()))
}

fn identify(payload: &[u8]) -> TransferId {
    first(&Sha256::digest(payload))
}

/// Tells a damaged frame at once. It keeps nobody out: whoever makes a frame makes its check.
fn check(told: &[u8]) -> [u8; CHECK_LEN] {
    first(&Sha256::digest(told))
}

fn first<const LEN: usize>(hash: &[u8]) -> [u8; LEN] {
    core::array::from_fn(|i| hash[i])
}
