//! Errors as Kotlin and Swift see them.

use amana_core::error::{Error, PortError};

/// What every error says.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct Problem {
    /// The stable code, such as `wrong-pin`.
    pub code: String,
    /// The finer stable word inside it, such as `cbor-truncated`, where there is one.
    pub reason: Option<String>,
    /// A sentence for developers. People are shown `explain` messages instead.
    pub sentence: String,
    /// Where the documentation tells what to do about it.
    pub docs: String,
}

/// Everything that can go wrong, as far as an app can act on it. `docs/errors.md` says how.
#[derive(Debug, thiserror::Error, uniffi::Error)]
#[allow(missing_docs, reason = "each variant is the core's, and described there and in docs/errors.md")]
pub enum AmanaError {
    #[error("{}", problem.sentence)]
    Damaged { problem: Problem },
    #[error("{}", problem.sentence)]
    Foreign { problem: Problem },
    #[error("{}", problem.sentence)]
    TooNew { problem: Problem },
    #[error("{}", problem.sentence)]
    NotForMe { problem: Problem },
    #[error("{}", problem.sentence)]
    TooLarge { problem: Problem, bytes: u64, limit: u64 },
    #[error("{}", problem.sentence)]
    Untrusted { problem: Problem },
    #[error("{}", problem.sentence)]
    Invalid { problem: Problem },
    #[error("{}", problem.sentence)]
    NotFound { problem: Problem },
    #[error("{}", problem.sentence)]
    AlreadyExists { problem: Problem },
    #[error("{}", problem.sentence)]
    NotAVault { problem: Problem },
    #[error("{}", problem.sentence)]
    WrongPin { problem: Problem, retry_after: u64 },
    #[error("{}", problem.sentence)]
    TooSoon { problem: Problem, retry_after: u64 },
    #[error("{}", problem.sentence)]
    WrongPassphrase { problem: Problem },
    #[error("{}", problem.sentence)]
    NeedMoreShares { problem: Problem, have: u64, need: u64 },
    #[error("{}", problem.sentence)]
    InUse { problem: Problem },
    #[error("{}", problem.sentence)]
    Storage { problem: Problem },
    #[error("{}", problem.sentence)]
    Host { problem: Problem, failure: HostError },
    #[error("{}", problem.sentence)]
    AlreadyAnswered { problem: Problem },
    #[error("{}", problem.sentence)]
    RequestClosed { problem: Problem },
    #[error("{}", problem.sentence)]
    AlreadyUsed { problem: Problem },
    #[error("{}", problem.sentence)]
    Locked { problem: Problem },
    #[error("{}", problem.sentence)]
    Internal { problem: Problem },
}

/// Why a port of the host failed. Thrown by the host's own code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, uniffi::Error)]
pub enum HostError {
    /// The key needs the person first: a fingerprint, a device unlock.
    #[error("the key needs the person first")]
    Locked,
    /// The system has made the key unusable for good.
    #[error("the key was invalidated")]
    Invalidated,
    /// There is no such key on this device.
    #[error("there is no such key")]
    Missing,
    /// The person cancelled.
    #[error("the person cancelled")]
    Cancelled,
    /// Anything else, also whatever else the host's code threw.
    #[error("the port failed")]
    Unavailable,
}

impl From<uniffi::UnexpectedUniFFICallbackError> for HostError {
    fn from(_: uniffi::UnexpectedUniFFICallbackError) -> Self {
        Self::Unavailable
    }
}

impl From<HostError> for PortError {
    fn from(error: HostError) -> Self {
        match error {
            HostError::Locked => Self::Locked,
            HostError::Invalidated => Self::Invalidated,
            HostError::Missing => Self::Missing,
            HostError::Cancelled => Self::Cancelled,
            HostError::Unavailable => Self::Unavailable,
        }
    }
}

impl From<PortError> for HostError {
    fn from(error: PortError) -> Self {
        match error {
            PortError::Locked => Self::Locked,
            PortError::Invalidated => Self::Invalidated,
            PortError::Missing => Self::Missing,
            PortError::Cancelled => Self::Cancelled,
            PortError::Unavailable => Self::Unavailable,
        }
    }
}

impl From<Error> for AmanaError {
    fn from(error: Error) -> Self {
        let problem = Problem {
            code: error.code().to_owned(),
            reason: error.reason().map(str::to_owned),
            sentence: error.to_string(),
            docs: error.docs(),
        };
        match error {
            Error::Damaged { .. } => Self::Damaged { problem },
            Error::Foreign => Self::Foreign { problem },
            Error::TooNew => Self::TooNew { problem },
            Error::NotForMe => Self::NotForMe { problem },
            Error::TooLarge { bytes, limit } => Self::TooLarge { problem, bytes, limit },
            Error::Untrusted { .. } => Self::Untrusted { problem },
            Error::Invalid { .. } => Self::Invalid { problem },
            Error::NotFound { .. } => Self::NotFound { problem },
            Error::AlreadyExists => Self::AlreadyExists { problem },
            Error::NotAVault { .. } => Self::NotAVault { problem },
            Error::WrongPin { retry_after } => Self::WrongPin { problem, retry_after },
            Error::TooSoon { retry_after, .. } => Self::TooSoon { problem, retry_after },
            Error::WrongPassphrase => Self::WrongPassphrase { problem },
            Error::NeedMoreShares { have, need } => Self::NeedMoreShares { problem, have, need },
            Error::InUse => Self::InUse { problem },
            Error::Storage { .. } => Self::Storage { problem },
            Error::Host { reason } => Self::Host { problem, failure: reason.into() },
            Error::AlreadyAnswered => Self::AlreadyAnswered { problem },
            Error::RequestClosed => Self::RequestClosed { problem },
            Error::AlreadyUsed => Self::AlreadyUsed { problem },
            Error::Locked => Self::Locked { problem },
            Error::Internal { .. } => Self::Internal { problem },
        }
    }
}

/// The result of everything exported.
pub type Result<T, E = AmanaError> = core::result::Result<T, E>;
