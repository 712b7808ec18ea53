//! What was asked, by whom, for what, and what was shared and withheld, requests that were declined too: names of fields,
//! never values. Each entry keeps the verifier's signed request as a receipt, and holds on to the one before.
//!
//! Only the holder forgets: one entry, those before a day, or all. Who keeps none has none: on a seized phone a history
//! tells where its holder has been.

mod chain;
mod export;

pub(super) use chain::{Chain, Entry};
pub use chain::{Outcome, ToldAsker};
pub(super) use export::{from_json, to_json};

use super::Holder;
use super::hex::{hex, parse_hex};
use super::records::{self, CHAIN, HISTORY, Settings};
use crate::cose::Verified;
use crate::cose::cwt;
use crate::cose::key::Thumbprint;
use crate::credential::ClaimPath;
use crate::crypto::{make_random, sha256};
use crate::error::{Error, Result};
use crate::explain::Message;
use crate::ports::Entropy;
use crate::presentation::{Ask, Asker, Request};
use crate::trust::Names;
use crate::vault::{Batch, RecordId, Records};
use chain::is_about;
use core::fmt;

/// Names an entry in this wallet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct EntryId(RecordId);

impl EntryId {
    /// Reads what `Display` wrote: 32 hexadecimal digits.
    ///
    /// # Errors
    /// `not-found` (`entry`).
    pub fn parse(text: &str) -> Result<Self> {
        parse_hex(text).map(|id| Self(RecordId(id))).ok_or(Error::NotFound { what: "entry" })
    }
}

impl fmt::Display for EntryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0.0))
    }
}

/// The history as it stands.
#[derive(Debug)]
pub struct History {
    /// What can be read, newest first.
    pub entries: Vec<HistoryEntry>,
    /// Whether each entry is as it was written and none is missing but those that the holder forgot.
    pub is_whole: bool,
    /// Whether new entries are kept.
    pub is_kept: bool,
}

/// One request and how it ended.
#[derive(Debug)]
pub struct HistoryEntry {
    entry: Entry,
    request: Verified<Request>,
}

impl HistoryEntry {
    /// Its id.
    pub fn id(&self) -> EntryId {
        EntryId(self.entry.record_id())
    }

    /// When it was, Unix seconds by this device's clock.
    pub fn at(&self) -> i64 {
        self.entry.at
    }

    /// How it ended.
    pub fn outcome(&self) -> Outcome {
        self.entry.outcome
    }

    /// Whom the person was told that asks.
    pub fn asker(&self) -> ToldAsker {
        self.entry.asker
    }

    /// The verifier's id.
    pub fn verifier(&self) -> Thumbprint {
        self.request.verifier()
    }

    /// The verifier's name, where somebody vouched for it.
    pub fn names(&self) -> Option<&Names> {
        let vouched = self.entry.asker != ToldAsker::Unregistered;
        self.request.registration().filter(|_| vouched).map(|registration| registration.names())
    }

    /// What for.
    pub fn purpose(&self) -> &str {
        self.request.purpose()
    }

    /// What was asked for.
    pub fn asked(&self) -> &[Ask] {
        self.request.asks()
    }

    /// What was shown.
    pub fn shown(&self) -> &[ClaimPath] {
        &self.entry.shown
    }

    /// What was shown beside it.
    pub fn also_shown(&self) -> &[ClaimPath] {
        &self.entry.beside
    }

    /// What was asked for and not shown.
    pub fn withheld(&self) -> &[ClaimPath] {
        &self.entry.withheld
    }

    /// The type and issuer of the card that was shown.
    pub fn card(&self) -> Option<(&str, &str)> {
        self.entry.card.as_ref().map(|(card_type, issuer)| (card_type.as_str(), issuer.as_str()))
    }

    /// The verifier's signed request.
    pub fn receipt(&self) -> &[u8] {
        &self.entry.request
    }

    /// The entry in plain words.
    pub fn explain(&self) -> Vec<Message> {
        let day = cwt::day_of(self.at()).map_or_else(|_| "?".to_owned(), |day| day.to_string());
        let name = self.names().map_or_else(|| self.verifier().to_text(), |names| names.best(&[]).to_owned());
        let id = match self.outcome() {
            Outcome::Shared => "history-shared",
            Outcome::Declined => "history-declined",
        };
        let first = Message::plain(id).with("day", day).with("name", name).with("purpose", self.purpose());
        let claims = |id, paths: &[ClaimPath]| {
            let message = |path: &ClaimPath| Message::plain(id).with("claim", path.to_string());
            paths.iter().map(message).collect::<Vec<_>>()
        };
        let shown = claims("history-shown", self.shown());
        let beside = claims("history-shown", self.also_shown());
        [vec![first], shown, beside, claims("history-withheld", self.withheld())].concat()
    }
}

impl Holder {
    /// The history.
    ///
    /// # Errors
    /// `locked`, `storage`, `in-use`.
    pub fn history(&self) -> Result<History> {
        self.with(|session| {
            let is_kept = Settings::read(session)?.keeps_history;
            let all = All::read(session)?;
            let (is_whole, entries) = (all.is_whole(), all.entries);
            let read = |entry: Entry| -> Result<_> { Ok(HistoryEntry { request: entry.read_request()?, entry }) };
            let count = entries.len();
            let mut entries: Vec<_> = entries.into_iter().map(read).filter_map(Result::ok).collect();
            entries.sort_by_key(|entry| core::cmp::Reverse((entry.at(), entry.entry.seq)));
            Ok(History { is_whole: is_whole && entries.len() == count, entries, is_kept })
        })
    }

    /// Forgets one entry for good.
    ///
    /// # Errors
    /// `not-found` (`entry`), `locked`, `storage`, `in-use`.
    pub fn forget(&self, id: EntryId) -> Result<()> {
        match self.forget_where(|entry| entry.record_id() == id.0, false)? {
            0 => Err(Error::NotFound { what: "entry" }),
            _ => Ok(()),
        }
    }

    /// Forgets for good what happened before a moment, Unix seconds; `i64::MAX` for everything. Returns how many entries
    /// went.
    ///
    /// # Errors
    /// `locked`, `storage`, `in-use`.
    pub fn forget_before(&self, moment: i64) -> Result<usize> {
        // When an unreadable one was cannot be told: it goes with everything.
        self.forget_where(|entry| entry.at < moment, moment == i64::MAX)
    }

    /// Whether entries are kept from now on. What is there already stays until it is forgotten.
    ///
    /// # Errors
    /// `locked`, `storage`, `in-use`.
    pub fn keep_history(&self, keep: bool) -> Result<()> {
        self.with(|session| {
            session.write(|batch| Settings { keeps_history: keep, ..Settings::read(batch)? }.write(batch))
        })
    }

    /// The history as a JSON document that anybody can check; `docs/history.md` describes it.
    ///
    /// # Errors
    /// `locked`, `storage`, `in-use`.
    pub fn export_history(&self) -> Result<String> {
        self.with(|session| {
            let All { chains, entries, .. } = All::read(session)?;
            Ok(serde_json::Value::Object(to_json(&chains, &entries)).to_string())
        })
    }

    fn forget_where(&self, is_meant: impl Fn(&Entry) -> bool, unreadable_too: bool) -> Result<usize> {
        let forget = |batch: &mut Batch<'_>| {
            let All { mut chains, entries, unreadable, unreadable_chains } = All::read(batch)?;
            let (meant, kept): (Vec<_>, Vec<_>) = entries.into_iter().partition(is_meant);
            for entry in &meant {
                batch.delete(HISTORY, entry.record_id())?;
                if let Some(chain) = chains.iter_mut().find(|chain| chain.id == entry.chain) {
                    chain.forget(entry.seq, sha256(&entry.to_bytes()));
                }
            }
            if unreadable_too {
                unreadable.iter().try_for_each(|id| batch.delete(HISTORY, *id))?;
                unreadable_chains.iter().try_for_each(|id| batch.delete(CHAIN, *id))?;
                chains.iter_mut().for_each(|chain| chain.forget_missing(&kept));
            }
            let touched = |chain: &&Chain| unreadable_too || meant.iter().any(|entry| entry.chain == chain.id);
            chains.iter().filter(touched).try_for_each(|chain| batch.put(CHAIN, chain.id, &chain.to_bytes()))?;
            Ok(meant.len() + if unreadable_too { unreadable.len() } else { 0 })
        };
        self.with(|session| session.write(forget))
    }
}

/// What is about to be written down.
pub(super) struct Draft<'a> {
    pub request: &'a Request,
    pub asker: ToldAsker,
    pub at: i64,
    pub outcome: Outcome,
    pub shown: &'a [ClaimPath],
    pub beside: &'a [ClaimPath],
    pub withheld: &'a [ClaimPath],
    pub card: Option<(String, String)>,
}

impl Draft<'_> {
    /// Writes it to the end of this wallet's own chain, unless the holder keeps none.
    pub fn write(self, batch: &mut Batch<'_>, entropy: &dyn Entropy) -> Result<()> {
        let settings = Settings::read(batch)?;
        if !settings.keeps_history {
            return Ok(());
        }
        let mut chain = match settings.chain {
            Some(id) => read_chain(batch, id)?,
            None => None,
        };
        // A chain that cannot be read stays as it is, and a new one is begun.
        let chain = match &mut chain {
            Some(chain) => chain,
            None => &mut Chain::start(RecordId(make_random(entropy)?)),
        };
        let entry = chain.append(Entry {
            chain: chain.id,
            seq: 0,
            prev: [0; 32],
            at: self.at,
            outcome: self.outcome,
            asker: self.asker,
            shown: self.shown.to_vec(),
            beside: self.beside.to_vec(),
            withheld: self.withheld.to_vec(),
            card: self.card,
            request: self.request.bytes().to_vec(),
        });
        let settings = Settings { chain: Some(chain.id), ..settings };
        batch.put(HISTORY, entry.record_id(), &entry.to_bytes())?;
        batch.put(CHAIN, chain.id, &chain.to_bytes())?;
        settings.write(batch)
    }
}

impl From<&Asker> for ToldAsker {
    fn from(asker: &Asker) -> Self {
        match asker {
            Asker::Registered { .. } => Self::Registered,
            Asker::Lapsed { .. } => Self::Lapsed,
            Asker::Unregistered { .. } => Self::Unregistered,
        }
    }
}

/// When a request was answered or declined last, as far as the history tells.
pub(super) fn answered_at(session: &mut dyn Records, request: &Request) -> Result<Option<i64>> {
    let mut latest = None;
    for id in session.list(HISTORY)?.into_iter().filter(|id| is_about(*id, request.hash())) {
        let entry = records::readable(read_entry(session, id))?;
        latest = latest.max(entry.filter(|entry| entry.request == request.bytes()).map(|entry| entry.at));
    }
    Ok(latest)
}

/// Every chain and every entry, as far as they can be read.
pub(super) struct All {
    pub chains: Vec<Chain>,
    pub entries: Vec<Entry>,
    pub unreadable: Vec<RecordId>,
    pub unreadable_chains: Vec<RecordId>,
}

impl All {
    pub fn read(session: &mut dyn Records) -> Result<Self> {
        let mut all =
            Self { chains: Vec::new(), entries: Vec::new(), unreadable: Vec::new(), unreadable_chains: Vec::new() };
        for id in session.list(CHAIN)? {
            match read_chain(session, id)? {
                Some(chain) => all.chains.push(chain),
                None => all.unreadable_chains.push(id),
            }
        }
        for id in session.list(HISTORY)? {
            match records::readable(read_entry(session, id))? {
                Some(entry) => all.entries.push(entry),
                None => all.unreadable.push(id),
            }
        }
        Ok(all)
    }

    fn is_whole(&self) -> bool {
        let Self { chains, entries, unreadable, unreadable_chains } = self;
        unreadable.is_empty()
            && unreadable_chains.is_empty()
            && chains.iter().all(|chain| chain.holds(entries))
            && entries.iter().all(|entry| chains.iter().any(|chain| chain.id == entry.chain))
    }

    /// Each chain with its entries, made whole around what cannot be read.
    pub fn into_chains(self) -> Vec<(Chain, Vec<Entry>)> {
        let Self { chains, entries, .. } = self;
        let with_entries = |mut chain: Chain| {
            chain.forget_missing(&entries);
            let own = entries.iter().filter(|entry| entry.chain == chain.id).cloned().collect::<Vec<_>>();
            (chain, own)
        };
        chains.into_iter().map(with_entries).filter(|(chain, entries)| chain.holds(entries)).collect()
    }
}

fn read_chain(session: &mut dyn Records, id: RecordId) -> Result<Option<Chain>> {
    match session.read(CHAIN, id).and_then(|bytes| Chain::parse(id, &bytes)) {
        Err(Error::NotFound { .. }) => Ok(None),
        read => records::readable(read),
    }
}

fn read_entry(session: &mut dyn Records, id: RecordId) -> Result<Entry> {
    Entry::parse(&session.read(HISTORY, id)?)
}
