//! Gathering frames until a transfer is whole, also where false ones are among them.

use super::layout::{self, Frame, Shape, TransferId};
use super::raptor;
use super::seek::{self, Chance, Received};
use crate::error::{Result, damaged};
use crate::qr::armour::{self, Kind, Scanned};
use core::fmt;

/// Transfers that are gathered at once.
const MAX_TRANSFERS: usize = 4;
/// Symbols that are kept of a transfer, beyond twice its source symbols: small ones have room too.
const MORE_SYMBOLS: usize = 16;
/// A transfer is in view while fewer new frames than this have come since it was given one.
const IN_VIEW: u64 = 16;
/// New frames in which what counts for a transfer halves, while it is given none.
const HALF_LIFE: u64 = 32;

/// What a scanner's texts have come to.
#[derive(Clone, PartialEq, Eq)]
pub enum Progress {
    /// More frames are needed.
    NeedMore {
        /// The transfer that the last frame is of.
        transfer: TransferId,
        /// Different frames of it that are there; a lost one or a false one takes more than `of`.
        seen: usize,
        /// Frames that it takes where none is lost.
        of: usize,
        /// Enough were there and they do not fit together: another code is in view, which shows false frames.
        disturbed: bool,
    },
    /// What was transferred, or what a single code holds.
    Whole(Kind, Vec<u8>),
}

/// Takes in frames in any order, from any start, of at most four transfers at once.
///
/// It holds at most [four transfers](Collector::add) of [`MAX_PAYLOAD`](super::MAX_PAYLOAD), twice over.
#[derive(Default)]
pub struct Collector {
    transfers: Vec<Transfer>,
    /// Counts the frames that were new, or of a transfer that is not kept.
    clock: u64,
    chance: Chance,
}

impl Collector {
    /// One that has seen nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes in what a scanner returned: a frame, or a text that is whole by itself. What was gathered stays, whatever
    /// comes; a transfer that is whole is forgotten.
    ///
    /// A fifth transfer takes the place of another: of the one with the fewest frames, those of a transfer that is given
    /// none counting half as much after every 32 new ones of others; never of one with two frames or more that was given
    /// one among the last 16 new ones; and of one whose only frame is among these, for every other newcomer, as chance
    /// has it, or a fifth and a sixth would keep each other out. A newcomer that finds no place waits: `seen` is 0.
    ///
    /// # Errors
    /// As [`armour::parse`]. `damaged`: `frame-length`, `frame-check`, `frame-sizes`, and `frame-false` where twice the
    /// frames that it takes were there and no choice of them has the hash of the transfer: it is forgotten, another
    /// code is in view. `too-new` where what came is of a kind that is not known.
    pub fn add(&mut self, text: &str) -> Result<Progress> {
        let frame = match armour::scan(text)? {
            Scanned::Whole(kind, bytes) => return Ok(Progress::Whole(kind, bytes)),
            Scanned::Frame(bytes) => Frame::parse(&bytes)?,
        };
        self.chance.stir(&frame.shape.transfer);
        let Some(index) = self.place_for(&frame.shape) else {
            self.clock += 1;
            return Ok(Transfer::new(frame.shape, self.clock).progress());
        };
        let transfer = &mut self.transfers[index];
        if !transfer.take(frame) {
            return Ok(transfer.progress());
        }
        self.clock += 1;
        transfer.fed = self.clock;
        if let Some(payload) = transfer.decode() {
            self.transfers.swap_remove(index);
            let (kind, bytes) = layout::parse_payload(&payload)?;
            return Ok(Progress::Whole(kind, bytes));
        }
        if transfer.is_full() {
            self.transfers.swap_remove(index);
            return Err(damaged("frame-false"));
        }
        Ok(transfer.progress())
    }

    #[cfg(test)]
    pub(super) fn transfers_held(&self) -> usize {
        self.transfers.len()
    }

    /// Where the frames of a transfer go.
    fn place_for(&mut self, shape: &Shape) -> Option<usize> {
        if let Some(index) = self.transfers.iter().position(|transfer| transfer.shape == *shape) {
            return Some(index);
        }
        if self.transfers.len() == MAX_TRANSFERS {
            let (clock, chance) = (self.clock, &mut self.chance);
            let given_up = |(i, transfer): (usize, &Transfer)| {
                let in_view = transfer.is_in_view(clock);
                let key = (transfer.standing(clock), chance.next());
                (!in_view || transfer.received.len() < 2).then_some((key, in_view, i))
            };
            let ((_, coin), in_view, least) = self.transfers.iter().enumerate().filter_map(given_up).min()?;
            if in_view && coin % 2 == 0 {
                return None;
            }
            self.transfers.swap_remove(least);
        }
        self.transfers.push(Transfer::new(*shape, self.clock));
        Some(self.transfers.len() - 1)
    }
}

/// One transfer, as far as it is there.
struct Transfer {
    shape: Shape,
    /// In the order in which they came, every one different. Two may have one number: then one of them is false.
    received: Vec<Received>,
    /// How many different numbers they have.
    numbers: usize,
    /// What was there once did not have the hash.
    disturbed: bool,
    /// When it was last given something new, by the collector's clock.
    fed: u64,
    chance: Chance,
}

impl Transfer {
    fn new(shape: Shape, fed: u64) -> Self {
        Self { shape, received: Vec::new(), numbers: 0, disturbed: false, fed, chance: Chance::default() }
    }

    fn is_in_view(&self, clock: u64) -> bool {
        clock - self.fed < IN_VIEW
    }

    /// What counts for it where one has to go.
    fn standing(&self, clock: u64) -> usize {
        let halvings = u32::try_from((clock - self.fed) / HALF_LIFE).unwrap_or(u32::MAX);
        self.received.len().checked_shr(halvings).unwrap_or(0)
    }

    fn is_full(&self) -> bool {
        self.received.len() >= 2 * self.shape.symbols() + MORE_SYMBOLS
    }

    /// Whether it is new.
    fn take(&mut self, frame: Frame) -> bool {
        let same = self.received.iter().find(|received| received.number == frame.number);
        let ordinal = same.map_or(self.numbers, |received| received.ordinal);
        let received = Received { number: frame.number, ordinal, symbol: frame.symbol };
        if self.received.contains(&received) {
            return false;
        }
        self.numbers += usize::from(ordinal == self.numbers);
        self.chance.stir(&received.symbol);
        self.received.push(received);
        true
    }

    /// The payload, if it can be had from what is there.
    fn decode(&mut self) -> Option<Vec<u8>> {
        let symbols = self.shape.symbols();
        if self.numbers < symbols {
            return None;
        }
        if !self.disturbed {
            let mut first_of_each: Vec<(u32, &[u8])> = Vec::new();
            for received in &self.received {
                if received.ordinal == first_of_each.len() {
                    first_of_each.push((received.number, &received.symbol));
                }
            }
            let block = raptor::decode(symbols, self.shape.size, &first_of_each)?;
            if let Some(payload) = self.shape.payload(&block) {
                return Some(payload.to_vec());
            }
            self.disturbed = true;
        }
        seek::payload(&self.shape, &self.received, &mut self.chance)
    }

    fn progress(&self) -> Progress {
        Progress::NeedMore {
            transfer: self.shape.transfer,
            seen: self.numbers,
            of: self.shape.symbols(),
            disturbed: self.disturbed,
        }
    }
}

impl fmt::Debug for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NeedMore { seen, of, disturbed, .. } => f
                .debug_struct("NeedMore")
                .field("seen", seen)
                .field("of", of)
                .field("disturbed", disturbed)
                .finish_non_exhaustive(),
            Self::Whole(kind, bytes) => write!(f, "Whole({kind:?}, {} bytes)", bytes.len()),
        }
    }
}

impl fmt::Debug for Collector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Collector").field("transfers", &self.transfers.len()).finish_non_exhaustive()
    }
}
