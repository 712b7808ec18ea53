//! Frames: what does not fit one code goes as many, in any order and from any start, by RaptorQ (RFC 6330).
//!
//! | you have | use |
//! |---|---|
//! | something to show | [`Frames`]: show `text(0)`, `text(1)` … without end, each as a [`Symbol`] |
//! | texts from a scanner | [`Collector`]: add each, until it is whole |
//!
//! The first frames hold the payload in order, so that nothing is decoded where nothing is lost; all after them repair
//! whatever was. Every frame says of which transfer it is, and a transfer is whole only when the hash that names it
//! holds. `docs/exchange.md` has the layout.

mod collector;
mod constants;
mod field;
mod layout;
mod raptor;
mod seek;
#[cfg(test)]
mod tests;

pub use collector::{Collector, Progress};
pub use layout::{MAX_NUMBER, MAX_PAYLOAD, MAX_SYMBOLS, TransferId};

use super::armour::{self, Kind};
use super::symbol::{self, MAX_VERSION, Symbol};
use crate::error::{Error, Result, invalid};
use core::fmt;
use layout::{Frame, OVERHEAD, Shape};
use raptor::Encoder;

/// The version of a frame's code unless the caller chooses: the largest whose picture fits the narrowest screens in use,
/// 320 pixels, at the 3 pixels a module that a camera needs. On usual screens a module then has 6 pixels or more, which
/// a moving picture needs.
pub const VERSION: usize = 20;

/// A transfer as an endless row of frames.
pub struct Frames {
    shape: Shape,
    encoder: Encoder,
}

impl Frames {
    /// Frames of codes of at most version 20-M ([`VERSION`]).
    ///
    /// # Errors
    /// `too-large` beyond [`MAX_PAYLOAD`].
    pub fn new(kind: Kind, bytes: &[u8]) -> Result<Self> {
        Self::at_version(kind, bytes, VERSION)
    }

    /// Frames of codes of at most this version: a small one is coarse, and takes more frames.
    ///
    /// # Errors
    /// `too-large` beyond [`MAX_PAYLOAD`] or [`MAX_SYMBOLS`] frames; `invalid`: `frame-version` beyond 1 to 27.
    pub fn at_version(kind: Kind, bytes: &[u8], version: usize) -> Result<Self> {
        if !(1..=MAX_VERSION).contains(&version) {
            return Err(invalid("frame-version"));
        }
        let payload = layout::to_payload(kind, bytes);
        let holds = armour::bytes_in(symbol::characters(version));
        let Some(most) = holds.checked_sub(OVERHEAD).filter(|most| *most > 0) else {
            return Err(Error::TooLarge { bytes: payload.len() as u64, limit: 0 });
        };
        let shape = Shape::of(&payload, most)?;
        let mut block = payload;
        block.resize(shape.symbols() * shape.size, 0);
        let encoder = Encoder::new(block, shape.size).ok_or(Error::Internal { reason: "frames" })?;
        Ok(Self { shape, encoder })
    }

    /// Frames of codes that a square of so many physical pixels shows, as [`Symbol::fits`] has it.
    ///
    /// # Errors
    /// As [`at_version`](Self::at_version).
    pub fn fitting(kind: Kind, bytes: &[u8], pixels: usize) -> Result<Self> {
        let version = (1..=MAX_VERSION).rev().find(|version| Symbol::fits_at(*version, pixels));
        Self::at_version(kind, bytes, version.unwrap_or(1))
    }

    /// Frames that it takes where none is lost.
    pub fn symbols(&self) -> usize {
        self.shape.symbols()
    }

    /// The transfer that they are of.
    pub fn transfer(&self) -> TransferId {
        self.shape.transfer
    }

    /// The text of a frame, to be shown as a [`Symbol`]. The first [`symbols`](Self::symbols) hold the payload, the others
    /// repair it; after [`MAX_NUMBER`] they begin again. The same index has the same text.
    pub fn text(&self, index: u32) -> String {
        let number = index & MAX_NUMBER;
        let frame = Frame { shape: self.shape, number, symbol: self.encoder.symbol(number) };
        armour::frame_to_text(&frame.to_bytes())
    }
}

impl fmt::Debug for Frames {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Frames").field("symbols", &self.symbols()).finish_non_exhaustive()
    }
}
