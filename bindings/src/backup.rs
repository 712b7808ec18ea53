//! Backups: made, rehearsed, restored.

use crate::error::Result;
use crate::show::{self, Message, Symbol};
use crate::wallet::{CardSummary, Holder};
use crate::worker;
use amana_core::ports::OsEntropy;
use amana_core::qr;
use amana_core::wallet::{self as core, Contents, HolderKeys, Passphrase, Restored, Share};
use std::sync::Arc;
use zeroize::Zeroizing;

/// Draws a passphrase of eight words, 80 bits: to be shown to its owner once, and written down.
#[uniffi::export]
pub fn make_passphrase() -> Result<String> {
    Ok(Passphrase::make(&OsEntropy)?.expose().to_owned())
}

/// Whether holder keys that lie in software go along.
#[uniffi::remote(Enum)]
pub enum HolderKeys {
    StayBehind,
    IncludeSoftwareKeys,
}

/// How much of each kind.
#[uniffi::remote(Record)]
pub struct Contents {
    pub cards: u64,
    pub cards_to_reissue: u64,
    pub history_entries: u64,
    pub has_trust: bool,
    pub anchor: Option<String>,
}

/// What a restore did.
#[uniffi::remote(Record)]
pub struct Restored {
    pub added: Contents,
    pub cards_present: u64,
    pub histories_kept_out: u64,
}

/// A backup that is about to be made: tell the person what it will not hold.
#[derive(uniffi::Object)]
pub struct BackupPlan(core::BackupPlan);

#[uniffi::export]
impl BackupPlan {
    /// Cards that another phone can show once they are restored there.
    pub fn goes(&self) -> Vec<CardSummary> {
        self.0.goes().iter().cloned().map(CardSummary::from).collect()
    }

    /// Cards whose key stays here: they must be issued again to be shown.
    pub fn reissue(&self) -> Vec<CardSummary> {
        self.0.reissue().iter().cloned().map(CardSummary::from).collect()
    }

    /// What the person is told before it is made.
    pub fn explain(&self) -> Vec<Arc<Message>> {
        show::messages(self.0.explain())
    }

    /// Makes it: a file that the passphrase opens, also with any age tool.
    pub async fn seal(self: Arc<Self>, passphrase: String) -> Result<Vec<u8>> {
        let passphrase = Zeroizing::new(passphrase);
        worker::run(move || Ok(self.0.seal(&Passphrase::typed(passphrase)?)?)).await
    }

    /// Makes it: a file that `threshold` of `count` paper shares open together.
    pub async fn seal_for_shares(self: Arc<Self>, threshold: u8, count: u8) -> Result<SharedBackup> {
        worker::run(move || {
            let (file, shares) = self.0.seal_for_shares(threshold, count)?;
            Ok(SharedBackup { file, shares: shares.into_iter().map(|share| Arc::new(PaperShare(share))).collect() })
        })
        .await
    }
}

/// A backup and the shares that open it.
#[derive(uniffi::Record)]
pub struct SharedBackup {
    /// The file.
    pub file: Vec<u8>,
    /// One for each keeper.
    pub shares: Vec<Arc<PaperShare>>,
}

/// A share on paper: words, or a code. An object, so that nothing prints it by accident.
#[derive(uniffi::Object)]
pub struct PaperShare(Share);

#[uniffi::export]
impl PaperShare {
    /// Reads a share: its words as typed, or the text of its code.
    #[uniffi::constructor]
    pub fn read(text: String) -> Result<Arc<Self>> {
        Ok(Arc::new(Self(core::read_share(&Zeroizing::new(text))?)))
    }

    /// Which one of the set, from 1.
    pub fn number(&self) -> u8 {
        self.0.number()
    }

    /// How many of the set it takes.
    pub fn threshold(&self) -> u8 {
        self.0.threshold()
    }

    /// Its twenty words.
    pub fn words(&self) -> String {
        self.0.words().to_string()
    }

    /// The text to show as a code.
    pub fn text(&self) -> String {
        core::share_to_text(&self.0).to_string()
    }

    /// The code to show.
    pub fn symbol(&self) -> Result<Arc<Symbol>> {
        Symbol::wrap(qr::Symbol::of(&core::share_to_text(&self.0)))
    }
}

/// A backup, opened and checked to its end. Opening one and letting go of it is the rehearsal: nothing changes.
#[derive(uniffi::Object)]
pub struct Backup(core::Backup);

#[uniffi::export]
impl Backup {
    /// Opens a backup.
    #[uniffi::constructor]
    pub async fn open(file: Vec<u8>, passphrase: String) -> Result<Arc<Self>> {
        let passphrase = Zeroizing::new(passphrase);
        worker::run(move || Ok(Arc::new(Self(core::Backup::open(&file, &Passphrase::typed(passphrase)?)?)))).await
    }

    /// The same with shares.
    #[uniffi::constructor]
    pub async fn open_with_shares(file: Vec<u8>, shares: Vec<Arc<PaperShare>>) -> Result<Arc<Self>> {
        worker::run(move || {
            let shares = shares.iter().map(|share| Share::from_bytes(&*share.0.to_bytes()));
            let shares = shares.collect::<amana_core::error::Result<Vec<_>>>()?;
            Ok(Arc::new(Self(core::Backup::open_with_shares(&file, &shares)?)))
        })
        .await
    }

    /// When it was made, Unix seconds by the clock of the phone that made it.
    pub fn made_at(&self) -> i64 {
        self.0.made_at()
    }

    /// What is in it.
    pub fn contents(&self) -> Contents {
        self.0.contents()
    }
}

#[uniffi::export]
impl Holder {
    /// Gathers what a backup would hold, and says what it would not. Makes nothing yet.
    pub async fn plan_backup(self: Arc<Self>, keys: HolderKeys) -> Result<Arc<BackupPlan>> {
        worker::run(move || Ok(Arc::new(BackupPlan(self.0.plan_backup(keys)?)))).await
    }

    /// Takes a backup in, all of it or nothing, beside what is here.
    pub async fn restore(self: Arc<Self>, backup: Arc<Backup>) -> Result<Restored> {
        worker::run(move || Ok(self.0.restore(&backup.0)?)).await
    }
}
