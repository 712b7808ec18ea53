//! The field worker's front door: ask, scan, judge.
//!
//! ```text
//! Verifier::new ─► load_status, for each list of cancelled cards at hand
//!       └────────► request ─► OpenRequest ── text() ──► shown as a code
//!                                 └──────── judge(scanned) ─► Judged::{Declined, Verdict}
//! ```
//! [`Verifier::judge_card`] judges what is shown without a request: a paper ID, a file. Needs no store and keeps nothing: an
//! [`OpenRequest`] lives in memory until its verdict, its cancelling or its five minutes, and its key with it.

mod judge;
mod open_request;
mod policy;
mod verdict;

pub use judge::Judge;
pub use open_request::{Judged, OpenRequest, REQUEST_LIFE_MS};
pub use policy::{Policy, Stance};
pub use verdict::{Authenticity, CannotCheck, Decision, HolderProof, Reason, Status, ValidityState, Verdict};

use crate::cose::Verified;
use crate::crypto::{SigningKey, SymmetricKey};
use crate::error::{Error, Result, invalid, untrusted};
use crate::ports::{Clock, Entropy};
use crate::presentation::Ask;
use crate::qr::{Kind, armour};
use crate::trust::{Anchor, Believed, Bundle, Registration, StatusListClaims, StatusListToken, StatusLists};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What a verifier needs of its host.
#[derive(Clone)]
pub struct VerifierHost {
    /// Clocks.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
}

/// Somebody who checks cards.
pub struct Verifier {
    key: SigningKey,
    registration: Option<Registration>,
    trust: Arc<Believed>,
    status: Lists,
    /// What opens cards that are sealed for their readers.
    symmetric_keys: Mutex<Vec<SymmetricKey>>,
    policy: Policy,
    host: VerifierHost,
}

/// The status lists, shared with the requests that are open: what is loaded meanwhile counts for them too.
#[derive(Clone, Default)]
struct Lists(Arc<Mutex<StatusLists>>);

impl Lists {
    fn lock(&self) -> MutexGuard<'_, StatusLists> {
        // A list is put in its place whole or not at all: a panic elsewhere leaves none half-made.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A status list that was loaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoadedList {
    /// Which one: the `uri` that cards name.
    pub uri: String,
    /// When it was made, Unix seconds.
    pub as_of: i64,
    /// From when on it is too old to go by, Unix seconds; never where its issuer does not say.
    pub stale_from: Option<i64>,
}

impl From<&StatusListClaims> for LoadedList {
    fn from(claims: &StatusListClaims) -> Self {
        Self { uri: claims.uri.clone(), as_of: claims.issued_at, stale_from: claims.stale_from() }
    }
}

impl Verifier {
    /// A verifier with its key and what it believes. Without a registration it has no name for holders.
    ///
    /// # Errors
    /// `invalid` (`registration`) where the registration is for another key.
    pub fn new(
        trust: impl Into<Believed>,
        key: SigningKey,
        registration: Option<Registration>,
        policy: Policy,
        host: VerifierHost,
    ) -> Result<Self> {
        if registration.as_ref().is_some_and(|registration| *registration.key() != key.public_key()) {
            return Err(invalid("registration"));
        }
        let (trust, status, symmetric_keys) = (Arc::new(trust.into()), Lists::default(), Mutex::default());
        Ok(Self { key, registration, trust, status, symmetric_keys, policy, host })
    }

    /// Reads a trust bundle: armoured text, or bytes.
    ///
    /// # Errors
    /// As [`Bundle::verify`].
    pub fn read_trust(input: &[u8], anchor: &Anchor) -> Result<Verified<Bundle>> {
        Bundle::verify(&armour::read(input, &[Kind::Bundle])?.1, anchor)
    }

    /// Reads a status list: armoured text, or the token itself. Checks no signature.
    ///
    /// # Errors
    /// As [`StatusListToken::parse`]; `not-for-me`, `too-new` and `damaged` (`armour-*`) for armour.
    pub fn read_status(input: &[u8]) -> Result<StatusListToken> {
        StatusListToken::parse(&status_token(input)?)
    }

    /// Loads a status list: armoured text, or the token itself. Kept in memory, also for requests that are open; an older
    /// edition of the same list goes. At most [`StatusLists::MAX`] lists.
    ///
    /// # Errors
    /// As [`StatusLists::add`]; `not-for-me`, `too-new` and `damaged` (`armour-*`) for armour.
    pub fn load_status(&self, input: &[u8]) -> Result<LoadedList> {
        let token = status_token(input)?;
        let mut lists = self.status.lock();
        Ok(lists.add(&token, self.trust.bundle().ok_or(untrusted("status-list-issuer"))?)?.into())
    }

    /// The status lists that are loaded.
    pub fn status_lists(&self) -> Vec<LoadedList> {
        self.status.lock().iter().map(LoadedList::from).collect()
    }

    /// What it believes.
    pub fn trust(&self) -> &Believed {
        &self.trust
    }

    /// What a registrar lets it ask for.
    pub fn registration(&self) -> Option<&Registration> {
        self.registration.as_ref()
    }

    /// Most keys that [`load_key`](Self::load_key) takes.
    pub const MAX_KEYS: usize = 16;

    /// Loads a key that opens cards which are sealed for their readers. Kept in memory, and wiped with this verifier.
    ///
    /// # Errors
    /// `invalid` (`keys`) beyond [`MAX_KEYS`](Self::MAX_KEYS).
    pub fn load_key(&self, key: SymmetricKey) -> Result<()> {
        let mut keys = self.symmetric_keys();
        if keys.len() == Self::MAX_KEYS {
            return Err(invalid("keys"));
        }
        keys.push(key);
        Ok(())
    }

    fn symmetric_keys(&self) -> MutexGuard<'_, Vec<SymmetricKey>> {
        // One push is all that ever happens to it.
        self.symmetric_keys.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes a fresh request for a purpose.
    ///
    /// # Errors
    /// `invalid`: `purpose` or `asks`; `host`.
    pub fn request(&self, purpose: &str, asks: &[Ask]) -> Result<OpenRequest> {
        OpenRequest::make(self, purpose, asks)
    }

    /// Judges a card that is shown without a request, as [`Judge::card`] does.
    ///
    /// # Errors
    /// As [`Judge::card`]; `host`.
    pub fn judge_card(&self, input: &[u8]) -> Result<Verdict> {
        let now = self.host.clock.now()?;
        let (lists, keys) = (self.status.lock(), self.symmetric_keys());
        Judge { trust: &self.trust, lists: &lists, policy: &self.policy, keys: &keys, now }.card(input)
    }

    /// Takes up a request that [`OpenRequest::to_session`] wrote, with the time that has passed.
    ///
    /// # Errors
    /// `damaged` (`session`); `invalid` (`session`) for another verifier's.
    pub fn resume(&self, session: &[u8]) -> Result<OpenRequest> {
        OpenRequest::resume(self, session)
    }
}

/// The token of a status list that is armoured, or as it is.
///
/// # Errors
/// `not-for-me`, `too-new` and `damaged` (`armour-*`) for armour.
pub fn status_token(input: &[u8]) -> Result<Vec<u8>> {
    match armour::read(input, &[Kind::StatusList]) {
        // A JWT is plain text, and no armour.
        Err(Error::Foreign) => Ok(input.trim_ascii().to_vec()),
        read => Ok(read?.1),
    }
}
