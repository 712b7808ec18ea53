//! Whether the file is the newest: its generation against the device's counter.
//!
//! Every transaction writes generation C + 1, is synced, and only then the counter is advanced and the caller told. So
//! the file is at most one ahead, by a write that nobody was told of. Any other difference is an incident: the header
//! takes a new random mark, and every slot is told of it until it has acknowledged that mark, also months later.

use super::header::Header;
use crate::error::Result;
use crate::ports::{Entropy, MonotonicCounter, PortError};

/// What is known of the file's age.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileAge {
    /// It is the newest that this device has written.
    Newest,
    /// An older copy was put in its place.
    RolledBack {
        /// How many changes and unlocks were lost.
        by: u64,
    },
    /// The device's counter was lost or reset, or the file comes from elsewhere: its age cannot be told.
    CounterLost,
    /// The counter does not answer at present.
    Unchecked {
        /// Why.
        reason: PortError,
    },
}

impl FileAge {
    /// The stable word for it.
    pub fn code(self) -> &'static str {
        match self {
            Self::Newest => "newest",
            Self::RolledBack { .. } => "rolled-back",
            Self::CounterLost => "counter-lost",
            Self::Unchecked { .. } => "unchecked",
        }
    }

    /// Compares without changing anything.
    pub fn of(header: &Header, counter: &dyn MonotonicCounter) -> Self {
        match counter.read() {
            Ok(count) => match header.generation.checked_sub(count) {
                Some(0 | 1) => Self::Newest,
                Some(_) => Self::CounterLost,
                None => Self::RolledBack { by: count - header.generation },
            },
            Err(reason) => Self::Unchecked { reason },
        }
    }
}

/// Makes the header ready for the next transaction: finishes an interrupted write, or notes an incident, and gives it
/// the next generation. The lock is held. What it returns is known of the file from then on.
///
/// A counter that does not answer keeps nobody from writing. The generation then stays, so that the file is never more
/// than one ahead of it.
pub fn settle(header: &mut Header, counter: &dyn MonotonicCounter, entropy: &dyn Entropy) -> Result<FileAge> {
    let age = FileAge::of(header, counter);
    match age {
        FileAge::Newest => {
            if let Err(reason) = counter.advance_to(header.generation) {
                return Ok(FileAge::Unchecked { reason });
            }
        }
        FileAge::RolledBack { by } => {
            header.note(age, entropy)?;
            header.generation += by;
        }
        FileAge::CounterLost => header.note(age, entropy)?,
        FileAge::Unchecked { .. } => return Ok(age),
    }
    header.generation = header.generation.saturating_add(1);
    Ok(FileAge::Newest)
}

/// Advances the counter to what is on disk now, before anybody is told. The lock is held.
pub fn advance(counter: &dyn MonotonicCounter, generation: u64, age: FileAge) -> FileAge {
    match age {
        FileAge::Newest => counter.advance_to(generation).map_or_else(|reason| FileAge::Unchecked { reason }, |()| age),
        _ => age,
    }
}
