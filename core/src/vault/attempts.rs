//! Wrong PINs: counted in the header before each is tried, and slowed.
//!
//! One count serves the file: one for each door would show which are used. It slows a person at the screen and nobody
//! else, and it never locks anybody out.

use super::header::Header;
use crate::error::{Error, Result};
use crate::ports::Clock;

/// The longest that anybody waits, in milliseconds: five minutes.
pub const LONGEST_MS: u64 = 5 * 60 * 1000;
/// Wrong PINs that cost no waiting.
const FREE: u32 = 4;
/// What each one after those costs; later ones cost [`LONGEST_MS`].
const DELAYS_MS: [u64; 3] = [30 * 1000, 60 * 1000, 2 * 60 * 1000];

/// How long to wait after so many wrong PINs, in milliseconds.
pub fn delay_ms(attempts: u32) -> u64 {
    match attempts.checked_sub(FREE + 1) {
        None => 0,
        Some(beyond) => DELAYS_MS.get(beyond as usize).copied().unwrap_or(LONGEST_MS),
    }
}

/// Counts an attempt that is about to be made.
///
/// # Errors
/// `too-soon` (`wrong-pins`) where the waiting is not over; `host` where the clock fails.
pub fn count(header: &mut Header, clock: &dyn Clock) -> Result<()> {
    let now = clock.elapsed()?;
    let left = delay_ms(header.attempts).saturating_sub(waited_ms(header.tried_at, now));
    if left > 0 {
        return Err(Error::TooSoon { retry_after: to_seconds(left), reason: "wrong-pins" });
    }
    header.attempts = header.attempts.saturating_add(1);
    header.tried_at = now;
    Ok(())
}

/// How long ago it was at least. A device that was started anew counts from nothing again: then it is as long as it
/// has run.
pub fn waited_ms(since: u64, now: u64) -> u64 {
    now.checked_sub(since).unwrap_or(now)
}

/// Seconds, upwards: who waits so long has waited enough.
pub fn to_seconds(ms: u64) -> u64 {
    ms.div_ceil(1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_grow_and_end() {
        let seconds: Vec<_> = (0..10).map(|attempts| to_seconds(delay_ms(attempts))).collect();
        assert_eq!(seconds, [0, 0, 0, 0, 0, 30, 60, 120, 300, 300]);
        assert_eq!(delay_ms(u32::MAX), LONGEST_MS);
    }

    #[test]
    fn a_restart_never_shortens_the_waiting() {
        assert_eq!(waited_ms(1_000_000, 1_030_000), 30_000);
        assert_eq!(waited_ms(1_000_000, 5_000), 5_000);
    }
}
