//! The holder's history.

use crate::error::Result;
use crate::show::{self, Message};
use crate::wallet::Holder;
use crate::worker;
use amana_core::wallet::{self as core, EntryId};
use std::collections::HashMap;
use std::sync::Arc;

/// The history as it stands.
#[derive(uniffi::Record)]
pub struct History {
    /// What can be read, newest first.
    pub entries: Vec<Arc<HistoryEntry>>,
    /// Whether each entry is as it was written and none is missing but those that the holder forgot.
    pub is_whole: bool,
    /// Whether new entries are kept.
    pub is_kept: bool,
}

/// How a request ended.
#[uniffi::remote(Enum)]
pub enum Outcome {
    Shared,
    Declined,
}

/// Whom the person was told that asks.
#[uniffi::remote(Enum)]
pub enum ToldAsker {
    Registered,
    Lapsed,
    Unregistered,
}

use core::{Outcome, ToldAsker};

/// One request and how it ended: names of fields, never values. An object, so that nothing prints it by accident.
#[derive(uniffi::Object)]
pub struct HistoryEntry(core::HistoryEntry);

#[uniffi::export]
impl HistoryEntry {
    /// Its id.
    pub fn id(&self) -> String {
        self.0.id().to_string()
    }

    /// When it was, Unix seconds by this phone's clock.
    pub fn at(&self) -> i64 {
        self.0.at()
    }

    /// How it ended.
    pub fn outcome(&self) -> Outcome {
        self.0.outcome()
    }

    /// Whom the person was told that asks.
    pub fn asker(&self) -> ToldAsker {
        self.0.asker()
    }

    /// The verifier's id: its key's thumbprint, base64url.
    pub fn verifier(&self) -> String {
        self.0.verifier().to_text()
    }

    /// The verifier's name by language, where somebody vouched for it.
    pub fn names(&self) -> HashMap<String, String> {
        self.0.names().map(show::names).unwrap_or_default()
    }

    /// What for.
    pub fn purpose(&self) -> String {
        self.0.purpose().to_owned()
    }

    /// What was asked for.
    pub fn asked(&self) -> Vec<String> {
        self.0.asked().iter().map(|ask| ask.path.to_string()).collect()
    }

    /// What was shown.
    pub fn shown(&self) -> Vec<String> {
        show::paths(self.0.shown())
    }

    /// What was shown beside it.
    pub fn also_shown(&self) -> Vec<String> {
        show::paths(self.0.also_shown())
    }

    /// What was asked for and not shown.
    pub fn withheld(&self) -> Vec<String> {
        show::paths(self.0.withheld())
    }

    /// The verifier's signed request.
    pub fn receipt(&self) -> Vec<u8> {
        self.0.receipt().to_vec()
    }

    /// The entry in plain words.
    pub fn explain(&self) -> Vec<Arc<Message>> {
        show::messages(self.0.explain())
    }
}

#[uniffi::export]
impl Holder {
    /// The history.
    pub async fn history(self: Arc<Self>) -> Result<History> {
        worker::run(move || {
            let core::History { entries, is_whole, is_kept } = self.0.history()?;
            let entries = entries.into_iter().map(|entry| Arc::new(HistoryEntry(entry))).collect();
            Ok(History { entries, is_whole, is_kept })
        })
        .await
    }

    /// Forgets one entry for good.
    pub async fn forget(self: Arc<Self>, entry: String) -> Result<()> {
        worker::run(move || Ok(self.0.forget(EntryId::parse(&entry)?)?)).await
    }

    /// Forgets for good what happened before a moment, Unix seconds. Returns how many entries went.
    pub async fn forget_before(self: Arc<Self>, moment: i64) -> Result<u64> {
        worker::run(move || Ok(self.0.forget_before(moment)? as u64)).await
    }

    /// Whether entries are kept from now on. What is there already stays until it is forgotten.
    pub async fn keep_history(self: Arc<Self>, keep: bool) -> Result<()> {
        worker::run(move || Ok(self.0.keep_history(keep)?)).await
    }

    /// The history as a JSON document that anybody can check; `docs/history.md` describes it.
    pub async fn export_history(self: Arc<Self>) -> Result<String> {
        worker::run(move || Ok(self.0.export_history()?)).await
    }
}
