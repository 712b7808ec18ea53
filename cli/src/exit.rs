//! How a command ends: exit codes, and what stands behind a failure.

use crate::words;
use amana_core::error::Error;
use serde_json::{Value, json};
use std::path::Path;
use std::process::ExitCode;

/// How a command ended. Ordered from best to worst, so that of several inputs the worst is the whole's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exit {
    /// Done, or accepted, also with an exception.
    Done,
    /// It cannot be checked here; nothing is known against it.
    CannotCheck,
    /// Refused: not genuine, not proven, a wrong PIN or passphrase, too few shares.
    Refused,
    /// The input is not what it claims to be.
    Malformed,
    /// The command line is not one (sysexits.h: EX_USAGE).
    Usage,
    /// A file is missing, or cannot be read or written (EX_NOINPUT).
    File,
    /// A fault of Amana's own (EX_SOFTWARE).
    Internal,
}

impl Exit {
    /// The process's exit code.
    pub fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Refused => 1,
            Self::Malformed => 2,
            Self::CannotCheck => 3,
            Self::Usage => 64,
            Self::File => 66,
            Self::Internal => 70,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

/// Every error code, and how a command that meets it ends. A reason narrows a row to one kind of its code; the first
/// row that fits counts.
const EXITS: &[(&str, Option<&str>, Exit)] = &[
    ("damaged", None, Exit::Malformed),
    ("foreign", None, Exit::Malformed),
    ("not-a-vault", None, Exit::Malformed),
    ("invalid", Some("nothing-chosen"), Exit::Usage),
    ("invalid", None, Exit::Malformed),
    ("too-large", None, Exit::Malformed),
    ("image", None, Exit::Malformed),
    ("too-new", None, Exit::CannotCheck),
    ("untrusted", None, Exit::Refused),
    ("wrong-pin", None, Exit::Refused),
    ("too-soon", None, Exit::Refused),
    ("wrong-passphrase", None, Exit::Refused),
    ("need-more-shares", None, Exit::Refused),
    ("not-for-me", Some("sealed"), Exit::CannotCheck),
    ("not-for-me", None, Exit::Refused),
    ("already-answered", None, Exit::Refused),
    ("request-closed", None, Exit::Refused),
    ("already-used", None, Exit::Refused),
    ("not-found", Some("card"), Exit::Usage),
    ("not-found", Some("claim"), Exit::Usage),
    ("not-found", Some("entry"), Exit::Usage),
    ("not-found", None, Exit::File),
    ("usage", None, Exit::Usage),
    ("already-exists", None, Exit::File),
    ("in-use", None, Exit::File),
    ("storage", None, Exit::File),
    ("file", None, Exit::File),
    ("host", Some("missing"), Exit::File),
    ("host", None, Exit::Internal),
    ("locked", None, Exit::Internal),
    ("internal", None, Exit::Internal),
];

/// Why a command could not do its task. Carries no personal data.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    /// The stable code: the core's, or `usage`, `file`, `image`.
    pub code: &'static str,
    /// The finer stable word, where there is one.
    pub reason: Option<&'static str>,
    /// What a person is told.
    pub sentence: String,
}

impl Fault {
    /// The command line is short of something that only a look at the rest of it shows.
    pub fn usage(sentence: impl Into<String>) -> Self {
        Self { code: "usage", reason: None, sentence: sentence.into() }
    }

    /// A file did not do.
    pub fn file(path: &Path, error: &std::io::Error) -> Self {
        let (reason, why) = match error.kind() {
            std::io::ErrorKind::NotFound => ("missing", "there is no such file or folder"),
            std::io::ErrorKind::AlreadyExists => ("exists", "it is there already and is not overwritten"),
            std::io::ErrorKind::PermissionDenied => ("permission", "permission denied"),
            std::io::ErrorKind::IsADirectory => ("folder", "it is a folder"),
            std::io::ErrorKind::StorageFull => ("disk-full", "the disk is full"),
            std::io::ErrorKind::FileTooLarge => ("too-large", "it is too large"),
            std::io::ErrorKind::BrokenPipe => ("broken-pipe", "nobody reads any more"),
            _ => ("io", "reading or writing failed"),
        };
        Self { code: "file", reason: Some(reason), sentence: format!("{}: {why}.", path.display()) }
    }

    /// An image did not do.
    pub fn image(reason: &'static str, sentence: &str) -> Self {
        Self { code: "image", reason: Some(reason), sentence: sentence.to_owned() }
    }

    /// The same fault, with the file in which it was found.
    #[must_use]
    pub fn within(mut self, path: &Path) -> Self {
        self.sentence = format!("{}: {}", path.display(), self.sentence);
        self
    }

    /// How the command ends.
    pub fn exit(&self) -> Exit {
        let fits = |(code, reason, _): &&(&str, Option<&str>, Exit)| {
            *code == self.code && (reason.is_none() || *reason == self.reason)
        };
        EXITS.iter().find(fits).map_or(Exit::Internal, |(.., exit)| *exit)
    }

    /// For `--json`.
    pub fn to_json(&self) -> Value {
        json!({"error": self.code, "reason": self.reason, "sentence": self.sentence, "exit": self.exit().code()})
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self { code: error.code(), reason: error.reason(), sentence: words::error(&error) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use amana_core::error::PortError;

    #[test]
    fn every_error_of_the_core_has_its_row() {
        let reason = "any";
        let errors = [
            (Error::Damaged { reason }, 2),
            (Error::Foreign, 2),
            (Error::TooNew, 3),
            (Error::NotForMe, 1),
            (Error::TooLarge { bytes: 1, limit: 0 }, 2),
            (Error::Untrusted { reason }, 1),
            (Error::Invalid { reason }, 2),
            (Error::NotFound { what: "vault" }, 66),
            (Error::NotFound { what: "card" }, 64),
            (Error::AlreadyExists, 66),
            (Error::NotAVault { reason }, 2),
            (Error::WrongPin { retry_after: 0 }, 1),
            (Error::TooSoon { retry_after: 30, reason }, 1),
            (Error::WrongPassphrase, 1),
            (Error::NeedMoreShares { have: 1, need: 2 }, 1),
            (Error::InUse, 66),
            (Error::Storage { reason }, 66),
            (Error::Host { reason: PortError::Missing }, 66),
            (Error::Host { reason: PortError::Unavailable }, 70),
            (Error::AlreadyAnswered, 1),
            (Error::RequestClosed, 1),
            (Error::AlreadyUsed, 1),
            (Error::Locked, 70),
            (Error::Internal { reason }, 70),
        ];
        for (error, code) in errors {
            let fault = Fault::from(error);
            assert!(EXITS.iter().any(|(known, ..)| *known == fault.code), "{}", fault.code);
            assert_eq!(fault.exit().code(), code, "{}", fault.code);
        }
    }

    #[test]
    fn malformed_is_worse_than_refused_and_refused_than_unchecked() {
        assert_eq!([Exit::CannotCheck, Exit::Malformed, Exit::Refused].into_iter().max(), Some(Exit::Malformed));
        assert_eq!([Exit::CannotCheck, Exit::Refused, Exit::Done].into_iter().max(), Some(Exit::Refused));
    }
}
