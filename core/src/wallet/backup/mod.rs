//! A copy of the wallet that opens without this phone, and without us.
//!
//! ```text
//! Holder ─plan_backup─► BackupPlan (says what stays behind) ─seal─► file ─Backup::open─► Backup ─restore─► Holder
//!                                                           └seal_for_shares─► file, shares      (all or nothing)
//! ```
//! A [`Backup`] that opened has been read to the last byte and every part of it checked: opening one and dropping it is
//! the rehearsal. What it was sealed to is [`backup`](crate::backup)'s: a passphrase, or shares on paper.

mod document;

pub use crate::backup::{Passphrase, RecoveryKey, Share};

use super::Holder;
use super::cards::{CardSummary, issuer_of, read_cards, refuse_forged, summarise};
use super::history::{All, Chain, Entry};
use super::holder_key::HolderKey;
use super::records::{self, CARD, CHAIN, CardRecord, HISTORY, HOLDER_KEY, HolderKeyRecord, Settings, TrustRecord};
use crate::backup::age;
use crate::cose::key::Thumbprint;
use crate::error::{Error, Result};
use crate::explain::Message;
use crate::ports::Entropy;
use crate::qr::{Kind, armour};
use crate::vault::{Batch, RecordId, Records};
use core::fmt;
use document::Document;
use std::sync::Arc;
use zeroize::Zeroizing;

/// A share as the text of a code: show it to its keeper, on paper, and to nobody else.
pub fn share_to_text(share: &Share) -> Zeroizing<String> {
    Zeroizing::new(armour::to_text(Kind::Share, &*share.to_bytes()))
}

/// Reads a share: its words as typed, or the text of its code.
///
/// # Errors
/// `damaged` (`share-*`), `foreign` for another tool's share that is not of this form, `not-for-me` for another code.
pub fn read_share(text: &str) -> Result<Share> {
    match armour::parse(text) {
        Ok((Kind::Share, bytes)) => Share::from_bytes(&Zeroizing::new(bytes)),
        Ok(_) => Err(Error::NotForMe),
        Err(Error::Foreign) => Share::parse(text),
        Err(error) => Err(error),
    }
}

/// Whether holder keys that lie in software go along.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HolderKeys {
    /// They stay: cards are to be issued again to another phone. The default.
    StayBehind,
    /// They go along: whoever opens the backup can be the holder, and nobody can take that back.
    IncludeSoftwareKeys,
}

/// A backup that is about to be made.
pub struct BackupPlan {
    document: Document,
    goes: Vec<CardSummary>,
    reissue: Vec<CardSummary>,
    unreadable: usize,
    history_left_out: usize,
    entropy: Arc<dyn Entropy>,
}

impl BackupPlan {
    /// Cards that another phone can show once they are restored there.
    pub fn goes(&self) -> &[CardSummary] {
        &self.goes
    }

    /// Cards whose key stays here: they go along to be read, and must be issued again to be shown.
    pub fn reissue(&self) -> &[CardSummary] {
        &self.reissue
    }

    /// Cards that cannot be read, and stay behind.
    pub fn unreadable(&self) -> usize {
        self.unreadable
    }

    /// Entries of the history that go along.
    pub fn history_entries(&self) -> usize {
        self.document.history.iter().map(|(_, entries)| entries.len()).sum()
    }

    /// Entries of the history that cannot be read, and stay behind.
    pub fn history_left_out(&self) -> usize {
        self.history_left_out
    }

    /// What the person is told before it is made.
    pub fn explain(&self) -> Vec<Message> {
        let card = |id, card: &CardSummary| Message::plain(id).with("card", card.card_type.as_str());
        let goes = self.goes.iter().map(|goes| card("backup-card", goes));
        let reissue = self.reissue.iter().map(|stays| card("backup-card-reissue", stays));
        let unreadable = (self.unreadable > 0)
            .then(|| Message::plain("backup-unreadable").with("count", self.unreadable.to_string()));
        let history = match self.history_entries() {
            0 => None,
            count => Some(Message::plain("backup-history").with("count", count.to_string())),
        };
        let left_out = (self.history_left_out > 0)
            .then(|| Message::plain("backup-history-left-out").with("count", self.history_left_out.to_string()));
        let keys = (!self.document.keys.is_empty()).then(|| Message::plain("backup-can-be-you"));
        let forever = Some(Message::plain("backup-forever"));
        goes.chain(reissue).chain([unreadable, history, left_out, keys, forever].into_iter().flatten()).collect()
    }

    /// Makes it: an age file that the passphrase opens. Takes about a second.
    ///
    /// # Errors
    /// `invalid` (`passphrase-short`), `too-large` beyond [`Backup::LIMIT`], `storage` (`memory`), `host`.
    pub fn seal(&self, passphrase: &Passphrase) -> Result<Vec<u8>> {
        let plain = self.document.to_json()?;
        // One that could not be opened is not made.
        Document::parse(&plain)?;
        let file = age::seal(&plain, passphrase, age::LOG_N, &*self.entropy)?;
        Backup::check_size(&file)?;
        Ok(file)
    }

    /// Makes it: an age file that `threshold` of `count` shares open together.
    ///
    /// # Errors
    /// `invalid` (`shares-threshold`), `storage` (`memory`), `host`.
    pub fn seal_for_shares(&self, threshold: u8, count: u8) -> Result<(Vec<u8>, Vec<Share>)> {
        let key = RecoveryKey::make(&*self.entropy)?;
        let shares = key.split(threshold, count, &*self.entropy)?;
        Ok((self.seal(&key.passphrase())?, shares))
    }
}

impl fmt::Debug for BackupPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BackupPlan(redacted)")
    }
}

/// A backup, opened and checked to its end.
pub struct Backup(Document);

impl Backup {
    /// The largest file that is taken, in bytes.
    pub const LIMIT: usize = 64 * 1024 * 1024;

    /// Opens a backup. Changes nothing: this is the rehearsal. Takes about a second.
    ///
    /// # Errors
    /// `wrong-passphrase`, `foreign`, `too-new`, `damaged`, `too-large`, `not-for-me`, `storage` (`memory`).
    pub fn open(file: &[u8], passphrase: &Passphrase) -> Result<Self> {
        Self::check_size(file)?;
        Document::parse(&age::open(file, passphrase)?).map(Self)
    }

    fn check_size(file: &[u8]) -> Result<()> {
        let too_large = Error::TooLarge { bytes: file.len() as u64, limit: Self::LIMIT as u64 };
        if file.len() > Self::LIMIT { Err(too_large) } else { Ok(()) }
    }

    /// The same with shares.
    ///
    /// # Errors
    /// As [`open`](Self::open); `need-more-shares`; `damaged` (`shares-digest`), `invalid` (`shares-of-two-sets`).
    pub fn open_with_shares(file: &[u8], shares: &[Share]) -> Result<Self> {
        Self::open(file, &RecoveryKey::combine(shares)?.passphrase())
    }

    /// When it was made, Unix seconds by the clock of the device that made it.
    pub fn made_at(&self) -> i64 {
        self.0.made_at
    }

    /// What is in it.
    pub fn contents(&self) -> Contents {
        let Document { cards, history, trust, .. } = &self.0;
        let to_show = cards.iter().filter(|(_, card)| card.key.is_some() || !card.needs_key()).count();
        Contents {
            cards: cards.len() as u64,
            cards_to_reissue: (cards.len() - to_show) as u64,
            history_entries: history.iter().map(|(_, entries)| entries.len() as u64).sum(),
            has_trust: trust.is_some(),
            anchor: trust.as_ref().map(|trust| Thumbprint::of(trust.anchor.key()).to_text()),
        }
    }
}

impl fmt::Debug for Backup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Backup(redacted)")
    }
}

/// How much of each kind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contents {
    /// Cards.
    pub cards: u64,
    /// Those of them that must be issued again before they can be shown.
    pub cards_to_reissue: u64,
    /// Entries of the history.
    pub history_entries: u64,
    /// Whether a trust bundle is there.
    pub has_trust: bool,
    /// By whose key it is believed: a thumbprint, to be compared with the programme's own.
    pub anchor: Option<String>,
}

/// What a restore did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Restored {
    /// What was not here before.
    pub added: Contents,
    /// Cards that were here already.
    pub cards_present: u64,
    /// Chains of the history that go on otherwise here than in the backup: the wallet's own were kept.
    pub histories_kept_out: u64,
}

impl Holder {
    /// Gathers what a backup would hold, and says what it would not. Makes nothing yet.
    ///
    /// # Errors
    /// `locked`, `storage`, `in-use`, `host`.
    pub fn plan_backup(&self, keys: HolderKeys) -> Result<BackupPlan> {
        let made_at = self.host.clock.now()?;
        self.with(|session| {
            let trust = records::read_trust(session)?;
            let cards = read_cards(session)?;
            let mut document = Document { made_at, ..Document::default() };
            if keys == HolderKeys::IncludeSoftwareKeys {
                for id in session.list(HOLDER_KEY)? {
                    let key = records::readable(HolderKeyRecord::read(session, id))?;
                    let key = key.filter(|key| matches!(key.key, HolderKey::Vault(_)));
                    document.keys.extend(key.map(|key| (id, key)));
                }
            }
            let (mut goes, mut reissue) = (Vec::new(), Vec::new());
            for held in &cards.held {
                let summary = summarise(held, trust.as_deref(), made_at);
                let needs_none = held.card.holder_key().is_none();
                let is_usable = needs_none || held.record.key.is_some_and(|key| document.has_key(key));
                if is_usable { goes.push(summary) } else { reissue.push(summary) }
            }
            let history = All::read(session)?;
            let readable = history.entries.len();
            let unread = history.unreadable.len();
            document.history = history.into_chains();
            let goes_along: usize = document.history.iter().map(|(_, entries)| entries.len()).sum();
            let history_left_out = readable - goes_along + unread;
            let trust_record = records::readable(TrustRecord::read(session))?.flatten();
            document.trust = trust_record.filter(|trust| trust.verify().is_ok());
            document.keeps_history = Settings::read(session)?.keeps_history;
            document.cards = cards.held.into_iter().map(|held| (held.id.0, held.record)).collect();
            let (unreadable, entropy) = (cards.unreadable.len(), self.host.entropy.clone());
            Ok(BackupPlan { document, goes, reissue, unreadable, history_left_out, entropy })
        })
    }

    /// Takes a backup in, all of it or nothing, beside what is here. What is here stays: the same card again adds only a
    /// key that was missing. A trust bundle is taken only where there is none that can be read, and never a demo's: show
    /// its anchor (of [`Backup::contents`]) before.
    ///
    /// # Errors
    /// `untrusted` (`signature-invalid`) where a card's issuer is believed and did not sign it; `locked`, `storage`,
    /// `in-use`.
    pub fn restore(&self, backup: &Backup) -> Result<Restored> {
        let at = self.host.clock.now()?;
        self.with(|session| session.write(|batch| Here::read(batch)?.take_in(&backup.0, at, batch)))
    }
}

/// What the wallet had before.
struct Here {
    cards: Vec<(RecordId, CardRecord)>,
    chains: Vec<Chain>,
    entries: Vec<Entry>,
    has_trust: bool,
    has_settings: bool,
}

impl Here {
    fn read(session: &mut dyn Records) -> Result<Self> {
        let mut cards = Vec::new();
        for id in session.list(CARD)? {
            cards.extend(records::readable(CardRecord::read(session, id))?.map(|card| (id, card)));
        }
        let All { chains, entries, .. } = All::read(session)?;
        let has_trust = records::read_trust(session)?.is_some();
        let has_settings = Settings::is_set(session)? && !Settings::is_unreadable(session)?;
        Ok(Self { cards, chains, entries, has_trust, has_settings })
    }

    fn take_in(&self, document: &Document, at: i64, batch: &mut Batch<'_>) -> Result<Restored> {
        let mut restored = Restored::default();
        let trust = document.trust.as_ref().filter(|trust| !self.has_trust && !trust.anchor.is_demo());
        if let Some(trust) = trust {
            trust.write(batch)?;
            restored.added.has_trust = true;
            restored.added.anchor = Some(Thumbprint::of(trust.anchor.key()).to_text());
        }
        let believed = records::read_trust(batch)?;
        for (_, card) in &document.cards {
            let card = card.parse()?;
            refuse_forged(issuer_of(&*card, believed.as_deref(), at).map(|(_, signed)| signed))?;
        }
        for (id, key) in &document.keys {
            if !batch.has(HOLDER_KEY, *id) {
                key.write(batch, *id)?;
            }
        }
        for (id, card) in &document.cards {
            let own = self.cards.iter().find(|(own, _)| own == id).map(|(_, card)| card);
            let gains_key =
                own.is_some_and(|own| !own.key.is_some_and(|key| batch.has(HOLDER_KEY, key)) && card.key.is_some());
            if !batch.has(CARD, *id) || gains_key {
                card.write(batch, *id)?;
            }
            match own {
                Some(_) => restored.cards_present += 1,
                None => {
                    restored.added.cards += 1;
                    restored.added.cards_to_reissue += u64::from(card.needs_key() && card.key.is_none());
                }
            }
        }
        for (chain, entries) in &document.history {
            match self.chains.iter().find(|own| own.id == chain.id) {
                Some(own) if own.until >= chain.until => {
                    let is_part = own.hash_at(&self.entries, chain.until).is_none_or(|hash| hash == chain.head);
                    restored.histories_kept_out += u64::from(!is_part);
                }
                Some(own) if chain.hash_at(entries, own.until).is_some_and(|hash| hash != own.head) => {
                    restored.histories_kept_out += 1;
                }
                own => restored.added.history_entries += add_history(own, &self.entries, chain, entries, batch)?,
            }
        }
        if !self.has_settings {
            Settings { keeps_history: document.keeps_history, chain: None }.write(batch)?;
        }
        Ok(restored)
    }
}

/// Adds what comes after the wallet's own; what the holder forgot there stays forgotten.
fn add_history(
    own: Option<&Chain>,
    own_entries: &[Entry],
    chain: &Chain,
    entries: &[Entry],
    batch: &mut Batch<'_>,
) -> Result<u64> {
    let from = own.map_or(0, |own| own.until);
    let new: Vec<_> = entries.iter().filter(|entry| entry.seq > from).collect();
    for entry in &new {
        batch.put(HISTORY, entry.record_id(), &entry.to_bytes())?;
    }
    let joined = match own {
        Some(own) => {
            let mut joined = own.clone();
            (joined.until, joined.head) = (chain.until, chain.head);
            // Those that the backup forgot after the wallet's last.
            let all: Vec<_> = [own_entries, &new.iter().map(|entry| (*entry).clone()).collect::<Vec<_>>()].concat();
            joined.forget_missing(&all);
            joined
        }
        None => chain.clone(),
    };
    batch.put(CHAIN, chain.id, &joined.to_bytes())?;
    Ok(new.len() as u64)
}
