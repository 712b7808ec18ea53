//! The field worker's front door: ask, scan, judge.
//!
//! ```text
//! Verifier::new ─► request ─► OpenRequest ── text() ──► shown as a code
//!                                 └──────── judge(scanned) ─► Judged::{Declined, Verdict}
//! ```
//! [`judge_card`] judges what is shown without a request: a paper ID, a file. Needs no store and keeps nothing: an [`OpenRequest`] lives in memory until its verdict, its cancelling or its five
//! minutes, and its key with it.

mod judge;
mod open_request;
mod policy;
mod verdict;

pub use judge::judge_card;
pub use open_request::{Judged, OpenRequest, REQUEST_LIFE_MS};
pub use policy::{Policy, Stance};
pub use verdict::{Authenticity, CannotCheck, Decision, HolderProof, Reason, Status, ValidityState, Verdict};

use crate::cose::Verified;
use crate::crypto::SigningKey;
use crate::error::{Result, invalid};
use crate::ports::{Clock, Entropy};
use crate::presentation::Ask;
use crate::qr::{Kind, armour};
use crate::trust::{Anchor, Believed, Bundle, Registration};
use std::sync::Arc;

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
    policy: Policy,
    host: VerifierHost,
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
        Ok(Self { key, registration, trust: Arc::new(trust.into()), policy, host })
    }

    /// Reads a trust bundle: armoured text, or bytes.
    ///
    /// # Errors
    /// As [`Bundle::verify`].
    pub fn read_trust(input: &[u8], anchor: &Anchor) -> Result<Verified<Bundle>> {
        Bundle::verify(&armour::read(input, &[Kind::Bundle])?.1, anchor)
    }

    /// Makes a fresh request for a purpose.
    ///
    /// # Errors
    /// `invalid`: `purpose` or `asks`; `host`.
    pub fn request(&self, purpose: &str, asks: &[Ask]) -> Result<OpenRequest> {
        OpenRequest::make(self, purpose, asks)
    }

    /// Judges a card that is shown in clear, as [`judge_card`] does.
    ///
    /// # Errors
    /// As [`judge_card`]; `host`.
    pub fn judge_card(&self, input: &[u8]) -> Result<Verdict> {
        judge_card(input, &self.trust, &self.policy, self.host.clock.now()?)
    }

    /// Takes up a request that [`OpenRequest::to_session`] wrote, with the time that has passed.
    ///
    /// # Errors
    /// `damaged` (`session`); `invalid` (`session`) for another verifier's.
    pub fn resume(&self, session: &[u8]) -> Result<OpenRequest> {
        OpenRequest::resume(self, session)
    }
}
