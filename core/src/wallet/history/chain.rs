//! Entries of the history, each bound to the one before by its hash.
//!
//! ```text
//! before ◄─prev─ entry from ◄─prev─ … ◄─prev─ entry until = head
//! ```
//! An entry that its holder forgets leaves its hash, so that the rest still holds together; at the start of a chain even
//! that goes. A wallet that was restored from a backup has the backup's chains beside its own.

use crate::cose::cbor::{self, Value};
use crate::credential::ClaimPath;
use crate::crypto::sha256;
use crate::error::{Error, Result};
use crate::presentation::Request;
use crate::vault::RecordId;
use std::collections::BTreeMap;

const WRONG: Error = Error::NotAVault { reason: "history" };

/// SHA-256 of an entry's bytes.
pub type Hash = [u8; 32];

/// Whom the person was told that asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ToldAsker {
    /// Somebody that a believed registrar vouches for.
    Registered,
    /// The same, until a day that was over.
    Lapsed,
    /// Nobody known.
    Unregistered,
}

/// How a request ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Something was shown.
    Shared,
    /// It was refused.
    Declined,
}

/// What is written down of one request: names of fields, never values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub chain: RecordId,
    pub seq: u64,
    pub prev: Hash,
    /// Unix seconds by the device's clock.
    pub at: i64,
    pub outcome: Outcome,
    pub asker: ToldAsker,
    pub shown: Vec<ClaimPath>,
    pub beside: Vec<ClaimPath>,
    pub withheld: Vec<ClaimPath>,
    /// The card's type and issuer, where one was shown.
    pub card: Option<(String, String)>,
    /// The verifier's signed request: the receipt.
    pub request: Vec<u8>,
}

const OUTCOMES: [(&str, Outcome); 2] = [("shared", Outcome::Shared), ("declined", Outcome::Declined)];
const ASKERS: [(&str, ToldAsker); 3] =
    [("registered", ToldAsker::Registered), ("lapsed", ToldAsker::Lapsed), ("unregistered", ToldAsker::Unregistered)];

impl Outcome {
    /// The stable word for it.
    pub fn code(self) -> &'static str {
        OUTCOMES[self as usize].0
    }
}

impl ToldAsker {
    /// The stable word for it.
    pub fn code(self) -> &'static str {
        ASKERS[self as usize].0
    }
}

impl Entry {
    pub fn to_bytes(&self) -> Vec<u8> {
        let paths = |paths: &[ClaimPath]| Value::Array(paths.iter().map(|path| path.to_string().into()).collect());
        let fields = [
            ("chain", (&self.chain.0[..]).into()),
            ("seq", self.seq.into()),
            ("prev", (&self.prev[..]).into()),
            ("at", self.at.into()),
            ("outcome", self.outcome.code().into()),
            ("asker", self.asker.code().into()),
            ("shown", paths(&self.shown)),
            ("beside", paths(&self.beside)),
            ("withheld", paths(&self.withheld)),
            ("request", self.request.as_slice().into()),
        ];
        let card = self
            .card
            .as_ref()
            .map(|(card_type, issuer)| ("card", Value::Array(vec![card_type.as_str().into(), issuer.as_str().into()])));
        Value::map(fields.into_iter().chain(card).map(|(name, value)| (name.into(), value))).to_bytes()
    }

    /// Reads an entry that this or another wallet wrote.
    ///
    /// # Errors
    /// `not-a-vault` (`history`).
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        let value = cbor::parse(bytes).map_err(|_| WRONG)?;
        Self::from_value(&value).filter(|entry| entry.to_bytes() == bytes).ok_or(WRONG)
    }

    fn from_value(value: &Value) -> Option<Self> {
        fn word<T: Copy>(value: Option<&Value>, words: &[(&str, T)]) -> Option<T> {
            let found = value?.as_text()?;
            words.iter().find(|(word, _)| *word == found).map(|(_, meaning)| *meaning)
        }
        let paths = |name: &str| -> Option<Vec<ClaimPath>> {
            value.get(name)?.as_array()?.iter().map(|path| ClaimPath::parse(path.as_text()?).ok()).collect()
        };
        let card = match value.get("card") {
            None => None,
            Some(card) => match card.as_array()? {
                [card_type, issuer] => Some((card_type.as_text()?.to_owned(), issuer.as_text()?.to_owned())),
                _ => return None,
            },
        };
        Some(Self {
            chain: RecordId(value.get("chain")?.as_bytes()?.try_into().ok()?),
            seq: value.get("seq")?.as_int()?.try_into().ok()?,
            prev: value.get("prev")?.as_bytes()?.try_into().ok()?,
            at: value.get("at")?.as_int()?,
            outcome: word(value.get("outcome"), &OUTCOMES)?,
            asker: word(value.get("asker"), &ASKERS)?,
            shown: paths("shown")?,
            beside: paths("beside")?,
            withheld: paths("withheld")?,
            card,
            request: value.get("request")?.as_bytes()?.to_vec(),
        })
    }

    /// Where it is kept: found by its request, and the same for the same entry.
    pub fn record_id(&self) -> RecordId {
        let (request, entry) = (sha256(&self.request), sha256(&self.to_bytes()));
        RecordId(core::array::from_fn(|i| if i < 8 { request[i] } else { entry[i - 8] }))
    }

    /// The request, read from the receipt.
    ///
    /// # Errors
    /// As [`Request::verify`].
    pub fn read_request(&self) -> Result<crate::cose::Verified<Request>> {
        Request::verify(&self.request)
    }
}

/// Whether a record may be an entry about this request.
pub fn is_about(id: RecordId, request: &Hash) -> bool {
    id.0[..8] == request[..8]
}

/// No wallet writes so many entries: only a forged chain has them.
const LONGEST: u64 = 1 << 48;

/// What holds a chain together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chain {
    pub id: RecordId,
    /// The first entry that is kept or has left its hash.
    pub from: u64,
    /// The last one; `from - 1` where there is none.
    pub until: u64,
    /// The hash before `from`; zeros at the very start.
    pub before: Hash,
    /// The hash of the last entry.
    pub head: Hash,
    /// Runs of entries that were forgotten: by the first, the last and its hash.
    pub forgotten: BTreeMap<u64, (u64, Hash)>,
}

impl Chain {
    pub fn start(id: RecordId) -> Self {
        Self { id, from: 1, until: 0, before: [0; 32], head: [0; 32], forgotten: BTreeMap::new() }
    }

    /// Puts an entry at the end.
    pub fn append(&mut self, mut entry: Entry) -> Entry {
        self.until += 1;
        (entry.chain, entry.seq, entry.prev) = (self.id, self.until, self.head);
        self.head = sha256(&entry.to_bytes());
        entry
    }

    /// Takes an entry out; its hash stays while there are others before it.
    pub fn forget(&mut self, seq: u64, hash: Hash) {
        let (mut first, mut last, mut hash) = (seq, seq, hash);
        if let Some((&before, &(until, _))) = self.forgotten.range(..seq).next_back()
            && until + 1 == seq
        {
            first = before;
        }
        if let Some((until, of)) = self.forgotten.remove(&(seq + 1)) {
            (last, hash) = (until, of);
        }
        self.forgotten.insert(first, (last, hash));
        while let Some((last, hash)) = self.forgotten.remove(&self.from) {
            (self.before, self.from) = (hash, last + 1);
        }
    }

    /// Takes out what is not there though it should be: its hash is known from the one that follows.
    pub fn forget_missing(&mut self, entries: &[Entry]) {
        let own: BTreeMap<u64, &Entry> =
            entries.iter().filter(|entry| entry.chain == self.id).map(|entry| (entry.seq, entry)).collect();
        // Backwards, so that the last of a run gives its hash.
        let mut next = self.head;
        let mut seq = self.until;
        while seq >= self.from && seq > 0 {
            let run = self.forgotten.iter().find(|(_, (last, _))| *last == seq).map(|(first, _)| *first);
            match (own.get(&seq), run) {
                (Some(entry), _) => next = entry.prev,
                // Only the last hash of a run is ever looked at.
                (None, Some(first)) => seq = first,
                (None, None) => self.forget(seq, next),
            }
            seq -= 1;
        }
    }

    /// The hash of an entry, also of one that was forgotten, as far as it is known.
    pub fn hash_at(&self, entries: &[Entry], seq: u64) -> Option<Hash> {
        if seq + 1 == self.from {
            return Some(self.before);
        }
        let entry = entries.iter().find(|entry| entry.chain == self.id && entry.seq == seq);
        let forgotten = || self.forgotten.values().find(|(last, _)| *last == seq).map(|(_, hash)| *hash);
        entry.map(|entry| sha256(&entry.to_bytes())).or_else(forgotten)
    }

    /// Whether exactly the entries that should be here are, each as it was written.
    pub fn holds(&self, entries: &[Entry]) -> bool {
        if self.until >= LONGEST || self.from > self.until + 1 {
            return false;
        }
        let mut own: BTreeMap<u64, &Entry> = BTreeMap::new();
        for entry in entries.iter().filter(|entry| entry.chain == self.id) {
            if own.insert(entry.seq, entry).is_some() {
                return false;
            }
        }
        let (mut last, mut seq) = (self.before, self.from);
        // Each step takes an entry or a run: a forged `until` costs nothing.
        for _ in 0..own.len() + self.forgotten.len() {
            (last, seq) = match (own.get(&seq), self.forgotten.get(&seq)) {
                (Some(entry), None) if entry.prev == last => (sha256(&entry.to_bytes()), seq + 1),
                (None, Some((until, hash))) if (seq..LONGEST).contains(until) => (*hash, until + 1),
                _ => return false,
            };
        }
        last == self.head && seq == self.until + 1
    }

    pub fn to_bytes(&self) -> Vec<u8> {
        let run = |(first, (last, hash)): (&u64, &(u64, Hash))| {
            Value::Array(vec![(*first).into(), (*last).into(), (&hash[..]).into()])
        };
        let forgotten = self.forgotten.iter().map(run);
        Value::map([
            ("from".into(), self.from.into()),
            ("until".into(), self.until.into()),
            ("before".into(), (&self.before[..]).into()),
            ("head".into(), (&self.head[..]).into()),
            ("forgotten".into(), Value::Array(forgotten.collect())),
        ])
        .to_bytes()
    }

    pub fn parse(id: RecordId, bytes: &[u8]) -> Result<Self> {
        let value = cbor::parse(bytes).map_err(|_| WRONG)?;
        Self::from_value(id, &value).ok_or(WRONG)
    }

    fn from_value(id: RecordId, value: &Value) -> Option<Self> {
        let number = |value: &Value| u64::try_from(value.as_int()?).ok();
        let hash = |value: &Value| Hash::try_from(value.as_bytes()?).ok();
        let forgotten = value.get("forgotten")?.as_array()?.iter().map(|pair| match pair.as_array()? {
            [first, last, of] => Some((number(first)?, (number(last)?, hash(of)?))),
            _ => None,
        });
        Some(Self {
            id,
            from: number(value.get("from")?)?,
            until: number(value.get("until")?)?,
            before: hash(value.get("before")?)?,
            head: hash(value.get("head")?)?,
            forgotten: forgotten.collect::<Option<_>>()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(at: i64) -> Entry {
        Entry {
            chain: RecordId([0; 16]),
            seq: 0,
            prev: [0; 32],
            at,
            outcome: Outcome::Shared,
            asker: ToldAsker::Lapsed,
            shown: vec![ClaimPath::parse("household.family_size").unwrap()],
            beside: Vec::new(),
            withheld: vec![ClaimPath::parse("person.portrait").unwrap()],
            card: Some(("ration-card".to_owned(), "https://id.example".to_owned())),
            request: vec![1, 2, 3],
        }
    }

    fn chain(length: i64) -> (Chain, Vec<Entry>) {
        let mut chain = Chain::start(RecordId([7; 16]));
        let entries = (0..length).map(|at| chain.append(entry(at))).collect();
        (chain, entries)
    }

    #[test]
    fn what_is_written_is_read() {
        let (chain, entries) = chain(3);
        for entry in &entries {
            assert_eq!(Entry::parse(&entry.to_bytes()).as_ref(), Ok(entry));
        }
        assert_eq!(Chain::parse(chain.id, &chain.to_bytes()), Ok(chain));
        assert_eq!(Entry::parse(b"\xa0"), Err(WRONG));
    }

    #[test]
    fn an_entry_taken_altered_moved_or_put_in_is_found() {
        let (chain, entries) = chain(5);
        assert!(chain.holds(&entries));
        for i in 0..5 {
            let mut fewer = entries.clone();
            fewer.remove(i);
            assert!(!chain.holds(&fewer));
            let mut altered = entries.clone();
            altered[i].at += 1;
            assert!(!chain.holds(&altered));
        }
        let mut swapped = entries.clone();
        (swapped[1].seq, swapped[2].seq) = (3, 2);
        assert!(!chain.holds(&swapped));
        let more = [&entries[..], &[entry(9)]].concat();
        assert!(chain.holds(&more), "another chain's");
        let twice = [&entries[..], &entries[..1]].concat();
        assert!(!chain.holds(&twice));
        let forged = Chain { until: u64::MAX, ..chain };
        assert!(!forged.holds(&entries));
    }

    #[test]
    fn forgetting_keeps_the_rest_together() {
        let (mut chain, mut entries) = chain(5);
        let mut forget = |chain: &mut Chain, seq: u64| {
            let at = entries.iter().position(|entry| entry.seq == seq).unwrap();
            let entry = entries.remove(at);
            chain.forget(seq, sha256(&entry.to_bytes()));
            assert!(chain.holds(&entries), "after {seq}");
        };
        forget(&mut chain, 2);
        assert_eq!(chain.forgotten.len(), 1);
        forget(&mut chain, 1);
        assert_eq!((chain.from, chain.forgotten.len()), (3, 0));
        forget(&mut chain, 5);
        forget(&mut chain, 4);
        forget(&mut chain, 3);
        assert_eq!((chain.from, chain.until, chain.forgotten.len()), (6, 5, 0));
        // And it goes on from there.
        let next = chain.append(entry(9));
        assert_eq!(next.seq, 6);
        assert!(chain.holds(&[next]));
    }
}
