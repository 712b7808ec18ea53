//! The lock that spans file and counter: one writer from its first look at the header until the counter has advanced,
//! many readers while they compare the two. SQLite's own locks end with the transaction, which is too early.
//!
//! It is held on an empty file beside the vault. The system lets go of it when a process dies.

use crate::error::{Error, Result};
use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;
use std::time::Duration;

/// How often a taken lock is asked for again, and how long between: about five seconds in all.
const TRIES: u32 = 500;
const PAUSE: Duration = Duration::from_millis(10);

/// Held until dropped.
pub struct Lock(#[expect(dead_code, reason = "closing the file lets go of the lock")] File);

impl Lock {
    /// Keeps every other process and session out.
    ///
    /// # Errors
    /// `in-use` where another does not let go within five seconds; `storage`.
    pub fn exclusive(vault: &Path) -> Result<Self> {
        Self::take(vault, File::try_lock)
    }

    /// Keeps writers out.
    ///
    /// # Errors
    /// As [`exclusive`](Self::exclusive).
    pub fn shared(vault: &Path) -> Result<Self> {
        Self::take(vault, File::try_lock_shared)
    }

    fn take(vault: &Path, lock: fn(&File) -> Result<(), TryLockError>) -> Result<Self> {
        let mut options = OpenOptions::new();
        options.create(true).truncate(false).write(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(vault.with_added_extension("lock")).map_err(|e| Error::from_io(&e))?;
        for _ in 0..TRIES {
            match lock(&file) {
                Ok(()) => return Ok(Self(file)),
                Err(TryLockError::WouldBlock) => std::thread::sleep(PAUSE),
                Err(TryLockError::Error(e)) => return Err(Error::from_io(&e)),
            }
        }
        Err(Error::InUse)
    }
}
