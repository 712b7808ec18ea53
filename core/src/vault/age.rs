//! Whether the file is the newest: its generation against the device's counter.
//!
//! Every transaction writes generation C + 1, is synced, and only then the counter is advanced and the caller told. So
//! the file is at most one ahead, by a write that nobody was told of. Any other difference is an incident: the header
//! takes a new random mark, and every slot is told of it until it has acknowledged that mark, also months later.

use crate::ports::{MonotonicCounter, PortError};

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

    /// What a file of this generation is beside a counter that stands there.
    pub fn compare(generation: u64, count: u64) -> Self {
        match generation.checked_sub(count) {
            Some(0 | 1) => Self::Newest,
            Some(_) => Self::CounterLost,
            None => Self::RolledBack { by: count - generation },
        }
    }

    /// Compares a file's generation with the counter, without changing anything.
    pub fn of(generation: u64, counter: &dyn MonotonicCounter) -> Self {
        counter.read().map_or_else(|reason| Self::Unchecked { reason }, |count| Self::compare(generation, count))
    }

    /// Advances the counter to what is on disk now, before anybody is told. The lock is held.
    pub fn advance(self, counter: &dyn MonotonicCounter, generation: u64) -> Self {
        match self {
            Self::Newest => counter.advance_to(generation).map_or_else(|reason| Self::Unchecked { reason }, |()| self),
            _ => self,
        }
    }
}
