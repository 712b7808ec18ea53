//! The one public error.
//!
//! A variant exists only where an app acts on it. Every error has a stable [`code`](Error::code), a sentence for
//! developers (`Display`), and an anchor in `docs/errors.md`. None carries personal data, a secret or another
//! library's text. People are shown [`explain`](crate::explain) messages, never errors.

use core::fmt;

/// Everything that can go wrong, as far as an app can act on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Error {
    /// The bytes are not what they claim to be: a code cut short, torn or altered. Scan or load it again.
    Damaged {
        /// Which check failed, a stable word such as `cbor-truncated`.
        reason: &'static str,
    },
    /// Not one of Amana's: another app's code or file.
    Foreign,
    /// Made by a newer version than this one understands. Update the app.
    TooNew,
    /// Whole and Amana's, but meant for another request, desk, wallet or place.
    NotForMe,
    /// Does not fit into one code. Share less, or transfer it as a file.
    TooLarge {
        /// Bytes that were to be shown.
        bytes: u64,
        /// Bytes that one code takes.
        limit: u64,
    },
    /// A signature or a proof does not hold, or nobody who is trusted made it.
    Untrusted {
        /// What failed, a stable word such as `signature-invalid`.
        reason: &'static str,
    },
    /// The input breaks a rule that the caller can mend, such as a PIN that is too short.
    Invalid {
        /// The rule, a stable word such as `pin-length`.
        reason: &'static str,
    },
    /// There is no such file, card or key.
    NotFound {
        /// What is missing, a stable word such as `vault`. For a vault: make one with `Wallet::create`.
        what: &'static str,
    },
    /// The file is there already and is not overwritten.
    AlreadyExists,
    /// The file is not a vault, or a vault that was altered.
    NotAVault {
        /// Which check failed, a stable word such as `header-sealed`.
        reason: &'static str,
    },
    /// The PIN does not open this door.
    WrongPin {
        /// Seconds until another PIN is tried; 0 for at once.
        retry_after: u64,
    },
    /// No PIN was tried: too many were wrong, or they cannot be counted. Wait, or free the disk.
    TooSoon {
        /// Seconds until a PIN is tried.
        retry_after: u64,
        /// Why, a stable word: `wrong-pins`, or what the disk said, such as `disk-full`.
        reason: &'static str,
    },
    /// The passphrase does not open this backup, or the part that it opens was altered.
    WrongPassphrase,
    /// Too few shares of one set. Bring more.
    NeedMoreShares {
        /// Distinct shares that are there.
        have: u64,
        /// How many it takes.
        need: u64,
    },
    /// Another process is writing to the vault. Try again.
    InUse,
    /// The disk refused: full, read-only, failing. What was acknowledged before is still there.
    Storage {
        /// What the disk said, a stable word such as `disk-full`.
        reason: &'static str,
    },
    /// A port of the host did not do its work.
    Host {
        /// Which way it failed.
        reason: PortError,
    },
    /// This request was answered before; the new answer was not read.
    AlreadyAnswered,
    /// The request is closed: its time is over, or it was cancelled. Make a new one.
    RequestClosed,
    /// This object has done its one task already.
    AlreadyUsed,
    /// The wallet is locked.
    Locked,
    /// A fault of Amana's own. Please report the code.
    Internal {
        /// Where, a stable word.
        reason: &'static str,
    },
}

/// Why a port of the host failed. Apps turn these into a way out, never into a silent downgrade.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PortError {
    /// The key needs the person first: a fingerprint, a device unlock.
    Locked,
    /// The system has made the key unusable for good, for example after a new fingerprint was enrolled.
    Invalidated,
    /// There is no such key on this device: another phone, or a reset one.
    Missing,
    /// The person cancelled.
    Cancelled,
    /// Anything else: no clock, no randomness, a driver that fails.
    Unavailable,
}

impl PortError {
    /// The stable word for this failure.
    pub fn code(self) -> &'static str {
        match self {
            Self::Locked => "locked",
            Self::Invalidated => "invalidated",
            Self::Missing => "missing",
            Self::Cancelled => "cancelled",
            Self::Unavailable => "unavailable",
        }
    }
}

impl Error {
    /// What SQLite said of a vault.
    #[cfg(feature = "vault")]
    pub(crate) fn from_sqlite(e: rusqlite::Error) -> Self {
        match e.sqlite_error_code() {
            Some(rusqlite::ErrorCode::DatabaseBusy | rusqlite::ErrorCode::DatabaseLocked) => Self::InUse,
            Some(rusqlite::ErrorCode::DiskFull) => Self::Storage { reason: "disk-full" },
            Some(rusqlite::ErrorCode::ReadOnly) => Self::Storage { reason: "read-only" },
            Some(rusqlite::ErrorCode::CannotOpen) => Self::Storage { reason: "cannot-open" },
            Some(rusqlite::ErrorCode::PermissionDenied) => Self::Storage { reason: "permission" },
            Some(rusqlite::ErrorCode::SystemIoFailure) => Self::Storage { reason: "io" },
            Some(rusqlite::ErrorCode::OutOfMemory) => Self::Storage { reason: "memory" },
            Some(rusqlite::ErrorCode::NotADatabase) => Self::NotAVault { reason: "not-a-database" },
            // Everything else says that the file does not have the tables, rows and types of a vault.
            _ => Self::NotAVault { reason: "corrupt" },
        }
    }

    /// What the system said of a file.
    #[cfg(any(feature = "vault", feature = "software"))]
    pub(crate) fn from_io(error: &std::io::Error) -> Self {
        let reason = match error.kind() {
            std::io::ErrorKind::AlreadyExists => return Self::AlreadyExists,
            std::io::ErrorKind::PermissionDenied => "permission",
            std::io::ErrorKind::StorageFull => "disk-full",
            std::io::ErrorKind::ReadOnlyFilesystem => "read-only",
            std::io::ErrorKind::NotFound => "cannot-open",
            _ => "io",
        };
        Self::Storage { reason }
    }

    /// The stable code, the same in every language and release.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Damaged { .. } => "damaged",
            Self::Foreign => "foreign",
            Self::TooNew => "too-new",
            Self::NotForMe => "not-for-me",
            Self::TooLarge { .. } => "too-large",
            Self::Untrusted { .. } => "untrusted",
            Self::Invalid { .. } => "invalid",
            Self::NotFound { .. } => "not-found",
            Self::AlreadyExists => "already-exists",
            Self::NotAVault { .. } => "not-a-vault",
            Self::WrongPin { .. } => "wrong-pin",
            Self::TooSoon { .. } => "too-soon",
            Self::WrongPassphrase => "wrong-passphrase",
            Self::NeedMoreShares { .. } => "need-more-shares",
            Self::InUse => "in-use",
            Self::Storage { .. } => "storage",
            Self::Host { .. } => "host",
            Self::AlreadyAnswered => "already-answered",
            Self::RequestClosed => "request-closed",
            Self::AlreadyUsed => "already-used",
            Self::Locked => "locked",
            Self::Internal { .. } => "internal",
        }
    }

    /// The finer stable word inside the variant, where it has one.
    pub fn reason(&self) -> Option<&'static str> {
        match self {
            Self::Damaged { reason }
            | Self::Untrusted { reason }
            | Self::Invalid { reason }
            | Self::NotAVault { reason }
            | Self::Storage { reason }
            | Self::TooSoon { reason, .. }
            | Self::Internal { reason } => Some(reason),
            Self::NotFound { what } => Some(what),
            Self::WrongPin { retry_after: 1.. } => Some("wait"),
            Self::Host { reason } => Some(reason.code()),
            _ => None,
        }
    }

    /// Where the documentation tells what to do about it.
    pub fn docs(&self) -> String {
        format!("docs/errors.md#{}", self.code())
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sentence = match self {
            Self::Damaged { .. } => "the data is damaged",
            Self::Foreign => "this is not one of Amana's codes or files",
            Self::TooNew => "made by a newer version of Amana",
            Self::NotForMe => "meant for another recipient",
            Self::TooLarge { bytes, limit } => {
                return write!(f, "{bytes} bytes do not fit into one code of at most {limit} bytes");
            }
            Self::Untrusted { .. } => "a signature or proof does not hold, or its maker is not trusted",
            Self::Invalid { .. } => "the input breaks a rule",
            Self::NotFound { what: "vault" } => "there is no vault here; Wallet::create makes one",
            Self::NotFound { .. } => "not found",
            Self::AlreadyExists => "the file exists already and is not overwritten",
            Self::NotAVault { .. } => "the file is not a vault, or was altered",
            Self::WrongPin { .. } => "wrong PIN",
            Self::TooSoon { .. } => "no PIN is tried yet",
            Self::WrongPassphrase => "wrong passphrase",
            Self::NeedMoreShares { have, need } => return write!(f, "{have} of {need} shares are there"),
            Self::InUse => "another process is writing to the vault",
            Self::Storage { .. } => "the disk refused",
            Self::Host { .. } => "a port of the host failed",
            Self::AlreadyAnswered => "the request was answered already; this answer was not read",
            Self::RequestClosed => "the request is closed",
            Self::AlreadyUsed => "this object has been used already",
            Self::Locked => "the wallet is locked",
            Self::Internal { .. } => "a fault inside Amana",
        };
        match self.reason() {
            Some(reason) => write!(f, "{sentence} ({reason})"),
            None => f.write_str(sentence),
        }
    }
}

impl core::error::Error for Error {}

impl From<PortError> for Error {
    fn from(reason: PortError) -> Self {
        Self::Host { reason }
    }
}

/// The result of everything public.
pub type Result<T, E = Error> = core::result::Result<T, E>;

pub(crate) const fn damaged(reason: &'static str) -> Error {
    Error::Damaged { reason }
}

pub(crate) const fn untrusted(reason: &'static str) -> Error {
    Error::Untrusted { reason }
}

pub(crate) const fn invalid(reason: &'static str) -> Error {
    Error::Invalid { reason }
}
