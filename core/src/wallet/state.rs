//! What is known of the wallet itself: whether its file is the newest, its records the ones last written, and how well
//! the device keeps its keys. A state to tell the person, never an error: everybody gets in.

use super::Holder;
use super::records::{self, Settings};
use crate::error::Result;
use crate::explain::Message;
use crate::ports::Protection;
use crate::vault::{FileAge, Session};

/// How the wallet stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct State {
    /// Whether the file is the newest that this device has written.
    pub file: FileAge,
    /// Whether every record lies where it was last written; false where one was put back or moved. What is damaged
    /// inside is found when it is read.
    pub records_intact: bool,
    /// Why nothing can be written, such as `disk-full`; none where it can.
    pub read_only: Option<&'static str>,
    /// How well the device keeps the keys.
    pub protection: Protection,
    /// Whether the trust bundle is there and cannot be read: nobody is believed until it is loaded again.
    pub trust_unreadable: bool,
    /// Whether what the holder has chosen cannot be read: no history is kept until they choose again.
    pub settings_unreadable: bool,
}

impl State {
    /// Whether there is nothing to tell but what protects the wallet.
    pub fn is_well(&self) -> bool {
        let is_read = !self.trust_unreadable && !self.settings_unreadable;
        self.file == FileAge::Newest && self.records_intact && self.read_only.is_none() && is_read
    }

    /// What the person is told, most important first. Where all is well, only what protects the wallet.
    pub fn explain(&self) -> Vec<Message> {
        let file = match self.file {
            FileAge::Newest => None,
            FileAge::RolledBack { by } => Some(Message::plain("file-rolled-back").with("changes", by.to_string())),
            FileAge::CounterLost => Some(Message::plain("file-counter-lost")),
            FileAge::Unchecked { .. } => Some(Message::plain("file-unchecked")),
        };
        let altered = (!self.records_intact).then(|| Message::plain("records-altered"));
        let read_only = self.read_only.map(|reason| Message::plain("wallet-read-only").with("reason", reason));
        let trust = self.trust_unreadable.then(|| Message::plain("trust-unreadable"));
        let settings = self.settings_unreadable.then(|| Message::plain("settings-unreadable"));
        let protection = Message::plain(match self.protection {
            Protection::Hardware => "protection-hardware",
            Protection::Software => "protection-software",
            Protection::None => "protection-none",
        });
        [file, altered, read_only, trust, settings, Some(protection)].into_iter().flatten().collect()
    }
}

impl Holder {
    /// How the wallet stands: tell the person what is not as it should be.
    ///
    /// # Errors
    /// `locked`, `storage`, `in-use`.
    pub fn state(&self) -> Result<State> {
        self.with(|session| {
            let integrity = session.integrity();
            Ok(State {
                file: integrity.file,
                records_intact: integrity.records_intact,
                read_only: session.read_only(),
                protection: session.protection(),
                trust_unreadable: records::is_trust_unreadable(session)?,
                settings_unreadable: Settings::is_unreadable(session)?,
            })
        })
    }

    /// Takes note of what [`state`](Self::state) tells of file and records: it is told no more.
    ///
    /// # Errors
    /// `locked`, `storage`, `in-use`.
    pub fn acknowledge(&self) -> Result<()> {
        self.with(Session::acknowledge)
    }
}
