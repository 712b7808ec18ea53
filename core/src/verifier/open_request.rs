//! One request, from its making to its verdict.

use super::judge::is_issued;
use super::verdict::{HolderProof, Verdict};
use super::{Judge, Lists, Policy, Verifier, VerifierHost};
use crate::cose::Verified;
use crate::cose::cbor::{self, Value};
use crate::credential::{ClaimPath, Presentation};
use crate::crypto::seal::{Ephemeral, HINT_LEN};
use crate::crypto::{Secret, make_random, sha256};
use crate::error::{Error, Result, damaged, invalid};
use crate::presentation::{Ask, Opened, Request, response};
use crate::qr::{Kind, Symbol, armour};
use crate::trust::Believed;
use std::sync::{Arc, Mutex, PoisonError};
use zeroize::Zeroizing;

/// How long a request can be answered, in milliseconds of [`Clock::elapsed`](crate::ports::Clock::elapsed).
pub const REQUEST_LIFE_MS: u64 = 5 * 60 * 1000;

/// A request that waits for its answer.
pub struct OpenRequest {
    request: Verified<Request>,
    needed: Vec<ClaimPath>,
    opened_at: u64,
    trust: Arc<Believed>,
    status: Lists,
    policy: Policy,
    host: VerifierHost,
    state: Mutex<State>,
}

enum State {
    Waiting(Ephemeral),
    /// Used up: the answer's hash and its verdict, so that a camera may read twice.
    Answered([u8; 32], Box<Verdict>),
    Cancelled,
}

/// What became of an answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Judged {
    /// The holder shares nothing. No verdict, and the request stays open.
    Declined,
    /// An answer, in parts.
    Verdict(Box<Verdict>),
}

impl OpenRequest {
    pub(super) fn make(verifier: &Verifier, purpose: &str, asks: &[Ask]) -> Result<Self> {
        let entropy = &*verifier.host.entropy;
        let ephemeral = Ephemeral::make(entropy)?;
        let (challenge, now) = (make_random(entropy)?, verifier.host.clock.now()?);
        let registration = verifier.registration.as_ref();
        let reply_to = ephemeral.public_key();
        let request = Request::make(&verifier.key, registration, challenge, now, purpose, asks, reply_to)?;
        let opened_at = verifier.host.clock.elapsed()?;
        Ok(Self::open(verifier, request, ephemeral, opened_at))
    }

    fn open(verifier: &Verifier, request: Verified<Request>, ephemeral: Ephemeral, opened_at: u64) -> Self {
        let paths = || request.asks().iter().map(|ask| ask.path.clone());
        // By the registration that the holder sees.
        let needed = match request.registration().and_then(|r| r.purpose(request.purpose())) {
            Some(purpose) => paths().filter(|path| purpose.needed.iter().any(|n| path.is_within(n))).collect(),
            None => paths().collect(),
        };
        Self {
            needed,
            request,
            opened_at,
            trust: verifier.trust.clone(),
            status: verifier.status.clone(),
            policy: verifier.policy,
            host: verifier.host.clone(),
            state: Mutex::new(State::Waiting(ephemeral)),
        }
    }

    /// The request.
    pub fn request(&self) -> &Request {
        &self.request
    }

    /// The text to show as a code.
    pub fn text(&self) -> String {
        armour::to_text(Kind::Request, self.request.bytes())
    }

    /// The code to show.
    ///
    /// # Errors
    /// `too-large`.
    pub fn symbol(&self) -> Result<Symbol> {
        Symbol::of(&self.text())
    }

    /// Closes the request and wipes its key.
    pub fn cancel(&self) {
        *self.state() = State::Cancelled;
    }

    /// Judges an answer: armoured text, or bytes.
    ///
    /// Only an answer whose issuer signature and holder proof both hold uses the request up. The same answer again
    /// repeats its verdict.
    ///
    /// # Errors
    /// `foreign`, `not-for-me`, `too-new`, `damaged` and `untrusted` for what is no answer to this request: they use up
    /// nothing. `already-answered` for another answer, unread. `request-closed` after five minutes or a cancel.
    pub fn judge(&self, input: &[u8]) -> Result<Judged> {
        let (_, bytes) = armour::read(input, &[Kind::Response])?;
        if bytes.get(..HINT_LEN) != Some(&self.request.hash()[..HINT_LEN]) {
            return Err(if bytes.len() < HINT_LEN { damaged("sealed-length") } else { Error::NotForMe });
        }
        // Before the lock: a port may take its time.
        let (now, elapsed) = (self.host.clock.now()?, self.host.clock.elapsed()?);
        // Lower than before: the device was started anew, and nobody knows how long it was off.
        let is_over = elapsed.checked_sub(self.opened_at).is_none_or(|age| age > REQUEST_LIFE_MS);
        let mut state = self.state();
        if is_over {
            *state = State::Cancelled;
        }
        let ephemeral = match &*state {
            State::Cancelled => return Err(Error::RequestClosed),
            State::Answered(hash, verdict) if *hash == sha256(&bytes) => return Ok(Judged::Verdict(verdict.clone())),
            State::Answered(..) => return Err(Error::AlreadyAnswered),
            State::Waiting(ephemeral) => ephemeral,
        };
        let proof = match response::open(ephemeral, self.request.hash(), &bytes)? {
            Opened::Declined => return Ok(Judged::Declined),
            Opened::Presented(proof) => proof,
        };
        let verdict = Box::new(self.verdict(&*proof, now)?);
        if is_issued(&verdict.authenticity) && verdict.holder == HolderProof::Fresh {
            *state = State::Answered(sha256(&bytes), verdict.clone());
        }
        Ok(Judged::Verdict(verdict))
    }

    fn verdict(&self, proof: &dyn Presentation, now: i64) -> Result<Verdict> {
        let (card, binding) = (proof.card(), self.request.binding());
        let holder = match proof.verify_holder(&binding) {
            _ if card.holder_key().is_none() && card.is_meant_for(&binding.audience) => HolderProof::Bearer,
            _ if card.holder_key().is_none() => HolderProof::NotProven { why: "card-audience" },
            Ok(()) => HolderProof::Fresh,
            Err(error) => HolderProof::NotProven { why: error.reason().unwrap_or("proof") },
        };
        let asked: Vec<_> = self.request.asks().iter().map(|ask| ask.path.clone()).collect();
        let judge = Judge { trust: &self.trust, lists: &self.status.lock(), policy: &self.policy, keys: &[], now };
        judge.verdict(card, holder, &asked, &self.needed)
    }

    /// What a command needs to take the request up in another process: with its secret key, so the file must be its
    /// owner's alone, and deleted after the verdict.
    ///
    /// # Errors
    /// `already-answered`, `request-closed`.
    pub fn to_session(&self) -> Result<Zeroizing<Vec<u8>>> {
        match &*self.state() {
            State::Waiting(ephemeral) => {
                let secret = Value::from(&ephemeral.expose_secret()[..]);
                let parts = vec![secret, self.opened_at.into(), self.request.bytes().into()];
                let session = Zeroizing::new(Value::Array(parts));
                Ok(Zeroizing::new(session.to_bytes()))
            }
            State::Answered(..) => Err(Error::AlreadyAnswered),
            State::Cancelled => Err(Error::RequestClosed),
        }
    }

    pub(super) fn resume(verifier: &Verifier, session: &[u8]) -> Result<Self> {
        let wrong = damaged("session");
        let value = cbor::parse(session).map(Zeroizing::new).map_err(|_| wrong.clone())?;
        let Some([Value::Bytes(secret), Value::Uint(opened_at), Value::Bytes(request)]) = value.as_array() else {
            return Err(wrong);
        };
        let request = Request::verify(request)?;
        if request.verifier() != crate::cose::key::Thumbprint::of(&verifier.key.public_key()) {
            return Err(invalid("session"));
        }
        let secret = Zeroizing::new(secret[..].try_into().map_err(|_| wrong.clone())?);
        let ephemeral = Ephemeral::from_secret(&Secret::from_zeroizing(secret));
        if ephemeral.public_key() != *request.reply_to() {
            return Err(wrong);
        }
        let age = verifier.host.clock.now()?.checked_sub(request.made_at().ok_or(wrong)?);
        let resumed = Self::open(verifier, request, ephemeral, *opened_at);
        // Elapsed time starts anew with the device: the wall clock must agree.
        if age.is_none_or(|age| !(0..=(REQUEST_LIFE_MS / 1000) as i64).contains(&age)) {
            resumed.cancel();
        }
        Ok(resumed)
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        // Each change of state is one assignment: a panic elsewhere leaves none half-made.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
