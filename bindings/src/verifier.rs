//! The field worker's side.

use crate::error::Result;
use crate::host::{Clock, HostClock};
use crate::show::{self, Claims, Message, Symbol};
use crate::worker;
use amana_core::credential::ClaimPath;
use amana_core::crypto::{SigningKey, key_file};
use amana_core::error::Error;
use amana_core::ports::OsEntropy;
use amana_core::presentation::Ask;
use amana_core::trust::{Anchor, Bundle, Registration};
use amana_core::verifier::{self as core, VerifierHost};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use zeroize::Zeroizing;

/// A verifier's own key. It leaves this object only into one verifier.
#[derive(uniffi::Object)]
pub struct VerifierKey(Mutex<Option<SigningKey>>);

#[uniffi::export]
impl VerifierKey {
    /// Reads a private key (JWK or PEM; Ed25519 or P-256).
    #[uniffi::constructor]
    pub fn parse(text: String) -> Result<Arc<Self>> {
        let text = Zeroizing::new(text);
        let key = key_file::parse(&text)?.private.ok_or(Error::Invalid { reason: "key-private" })?;
        Ok(Arc::new(Self(Mutex::new(Some(key)))))
    }
}

/// A status list that was loaded: the `uri` that cards name, when it was made, and from when on it is too old to go by; Unix
/// seconds.
#[uniffi::remote(Record)]
pub struct LoadedList {
    pub uri: String,
    pub as_of: i64,
    pub stale_from: Option<i64>,
}

use core::LoadedList;

/// Something that a verifier is registered to ask for.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct Purpose {
    /// Its code, such as `food-ration`.
    pub code: String,
    /// The claims that it cannot be served without.
    pub needed: Vec<String>,
    /// The claims that help.
    pub optional: Vec<String>,
}

/// How old what a verifier goes by is; days in UTC, both included.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct Knowledge {
    /// Which edition of the trust bundle.
    pub trust_sequence: u64,
    /// Its first day.
    pub trust_from: String,
    /// Its last day.
    pub trust_until: String,
    /// The status lists that are loaded.
    pub lists: Vec<LoadedList>,
}

/// What to do when a check does not come out clean.
#[uniffi::remote(Enum)]
pub enum Stance {
    Accept,
    Exception,
    Refuse,
}

/// A stance for every finding that leaves room for one. Forged, cancelled, suspended, not proven and replayed never do.
#[uniffi::remote(Record)]
pub struct Policy {
    pub cannot_check: Stance,
    pub bearer: Stance,
    pub recent: Stance,
    pub expired: Stance,
    pub not_yet: Stance,
    pub status_stale: Stance,
    pub status_unknown: Stance,
    pub trust_stale: Stance,
    pub needed_withheld: Stance,
}

use core::{Policy, Stance};

/// For what can wait until a check is possible.
#[uniffi::export]
pub fn strict_policy() -> Policy {
    Policy::STRICT
}

/// For food and medicine: where a check cannot be made, serve and record why.
#[uniffi::export]
pub fn rations_policy() -> Policy {
    Policy::RATIONS
}

/// Somebody who checks cards.
#[derive(uniffi::Object)]
pub struct Verifier(core::Verifier);

#[uniffi::export]
impl Verifier {
    /// A verifier that believes `trust` (a bundle's bytes) if the key in `anchor` (JWK or PEM) signed it. Without a
    /// `registration` (its file's bytes) it has no name for holders. Takes the key out of `key`.
    #[uniffi::constructor]
    pub fn new(
        trust: Vec<u8>,
        anchor: String,
        key: Arc<VerifierKey>,
        registration: Option<Vec<u8>>,
        policy: Policy,
        clock: Arc<dyn Clock>,
    ) -> Result<Arc<Self>> {
        let trust = core::Verifier::read_trust(&trust, &Anchor::new(key_file::parse(&anchor)?.public))?;
        let registration = registration.map(|bytes| Registration::parse(&bytes)).transpose()?;
        let host = VerifierHost { clock: Arc::new(HostClock(clock)), entropy: Arc::new(OsEntropy) };
        let key = key.0.lock().unwrap_or_else(PoisonError::into_inner).take().ok_or(Error::AlreadyUsed)?;
        Ok(Arc::new(Self(core::Verifier::new(trust, key, registration, policy, host)?)))
    }

    /// Its name by language, as its registration has it; holders are shown that name where they believe the registrar.
    pub fn names(&self) -> HashMap<String, String> {
        self.0.registration().map(|registration| show::names(registration.names())).unwrap_or_default()
    }

    /// What it is registered to ask for.
    pub fn purposes(&self) -> Vec<Purpose> {
        let Some(registration) = self.0.registration() else { return Vec::new() };
        let of_code = |code: &str| {
            let purpose = registration.purpose(code)?;
            let (needed, optional) = (show::paths(&purpose.needed), show::paths(&purpose.optional));
            Some(Purpose { code: code.to_owned(), needed, optional })
        };
        registration.purposes().filter_map(of_code).collect()
    }

    /// How old what it goes by is.
    pub fn knowledge(&self) -> Knowledge {
        let trust = self.0.trust().bundle();
        let day = |of: fn(&Bundle) -> String| trust.map(|bundle| of(bundle)).unwrap_or_default();
        Knowledge {
            trust_sequence: trust.map(|bundle| bundle.sequence).unwrap_or_default(),
            trust_from: day(|bundle| bundle.valid_from.to_string()),
            trust_until: day(|bundle| bundle.valid_until.to_string()),
            lists: self.0.status_lists(),
        }
    }

    /// Makes a fresh request for these claims; those in `keep` are said to be kept.
    pub async fn request(
        self: Arc<Self>,
        purpose: String,
        claims: Vec<String>,
        keep: Vec<String>,
    ) -> Result<Arc<OpenRequest>> {
        worker::run(move || {
            let ask = |path: &String| Ok(Ask { path: ClaimPath::parse(path)?, kept: keep.contains(path) });
            let asks = claims.iter().map(ask).collect::<Result<Vec<_>>>()?;
            Ok(Arc::new(OpenRequest(self.0.request(&purpose, &asks)?)))
        })
        .await
    }

    /// Loads a status list: scanned text, or a file's bytes. Kept in memory, also for requests that are open.
    pub async fn load_status(self: Arc<Self>, list: Vec<u8>) -> Result<LoadedList> {
        worker::run(move || Ok(self.0.load_status(&list)?)).await
    }

    /// Loads a key (JWK of the kind `oct`) that opens cards which are sealed for their readers. Kept in memory; at most 16.
    pub fn load_key(&self, jwk: String) -> Result<()> {
        Ok(self.0.load_key(key_file::parse_symmetric(&Zeroizing::new(jwk))?)?)
    }

    /// Judges a card that is shown without a request: a paper ID, a file. Text or bytes of any format.
    pub async fn judge_card(self: Arc<Self>, card: Vec<u8>) -> Result<Arc<Verdict>> {
        worker::run(move || Ok(Arc::new(Verdict(self.0.judge_card(&card)?)))).await
    }
}

/// A request that waits for its answer, for five minutes.
#[derive(uniffi::Object)]
pub struct OpenRequest(core::OpenRequest);

#[uniffi::export]
impl OpenRequest {
    /// The text to show as a code.
    pub fn text(&self) -> String {
        self.0.text()
    }

    /// The code to show.
    pub fn symbol(&self) -> Result<Arc<Symbol>> {
        Symbol::wrap(self.0.symbol())
    }

    /// Judges what was scanned. Only an answer that verifies uses the request up.
    pub async fn judge(self: Arc<Self>, scanned: String) -> Result<Judged> {
        worker::run(move || Ok(self.0.judge(scanned.as_bytes())?.into())).await
    }

    /// Closes the request and wipes its key.
    pub fn cancel(&self) {
        self.0.cancel();
    }
}

/// What became of an answer.
#[derive(uniffi::Enum)]
pub enum Judged {
    /// The holder shares nothing. No verdict, and the request stays open.
    Declined,
    /// An answer, in parts.
    Answered {
        /// The parts.
        verdict: Arc<Verdict>,
    },
}

impl From<core::Judged> for Judged {
    fn from(judged: core::Judged) -> Self {
        match judged {
            core::Judged::Declined => Self::Declined,
            core::Judged::Verdict(verdict) => Self::Answered { verdict: Arc::new(Verdict(*verdict)) },
        }
    }
}

/// Whether the card is what it says.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Enum)]
#[allow(missing_docs, reason = "the core's, and described there")]
pub enum Authenticity {
    Genuine { issuer: HashMap<String, String> },
    Forged { why: String },
    UnknownIssuer,
    RetiredKey { on: String },
    UnsupportedAlgorithm,
}

impl From<&core::Authenticity> for Authenticity {
    fn from(authenticity: &core::Authenticity) -> Self {
        match authenticity {
            core::Authenticity::Genuine { issuer } => Self::Genuine { issuer: show::names(issuer) },
            core::Authenticity::Forged { why } => Self::Forged { why: (*why).to_owned() },
            core::Authenticity::CannotCheck(core::CannotCheck::UnknownIssuer) => Self::UnknownIssuer,
            core::Authenticity::CannotCheck(core::CannotCheck::RetiredKey { on }) => {
                Self::RetiredKey { on: on.to_string() }
            }
            core::Authenticity::CannotCheck(core::CannotCheck::UnsupportedAlgorithm) => Self::UnsupportedAlgorithm,
        }
    }
}

/// Whether the one who shows the card holds its key.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Enum)]
#[allow(missing_docs, reason = "the core's, and described there")]
pub enum HolderProof {
    Fresh,
    Recent { window: u32 },
    Bearer,
    NotProven { why: String },
    Replayed,
}

impl From<core::HolderProof> for HolderProof {
    fn from(proof: core::HolderProof) -> Self {
        match proof {
            core::HolderProof::Fresh => Self::Fresh,
            core::HolderProof::Recent { window } => Self::Recent { window },
            core::HolderProof::Bearer => Self::Bearer,
            core::HolderProof::NotProven { why } => Self::NotProven { why: why.to_owned() },
            core::HolderProof::Replayed => Self::Replayed,
        }
    }
}

/// Whether the card is valid today; days in UTC.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Enum)]
#[allow(missing_docs, reason = "the core's, and described there")]
pub enum ValidityState {
    Current { until: Option<String> },
    Expired { since: String },
    Extended { until: String, by: u64 },
    NotYet { from: String },
}

impl From<core::ValidityState> for ValidityState {
    fn from(state: core::ValidityState) -> Self {
        match state {
            core::ValidityState::Current { until } => Self::Current { until: until.map(|day| day.to_string()) },
            core::ValidityState::Expired { since } => Self::Expired { since: since.to_string() },
            core::ValidityState::Extended { until, by } => Self::Extended { until: until.to_string(), by },
            core::ValidityState::NotYet { from } => Self::NotYet { from: from.to_string() },
        }
    }
}

/// Whether the issuer has cancelled the card, as far as is known; times in Unix seconds.
#[uniffi::remote(Enum)]
pub enum Status {
    Valid { as_of: i64 },
    Cancelled { as_of: i64 },
    Suspended { as_of: i64 },
    Stale { as_of: i64, age: i64 },
    Unknown,
}

use core::Status;

/// What the policy makes of the parts; reasons as stable words.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Enum)]
#[allow(missing_docs, reason = "the core's, and described there")]
pub enum Decision {
    Accept,
    AcceptWithException { reasons: Vec<String> },
    Refuse { reasons: Vec<String> },
}

impl From<&core::Decision> for Decision {
    fn from(decision: &core::Decision) -> Self {
        let codes = |reasons: &[core::Reason]| reasons.iter().map(|reason| reason.code().to_owned()).collect();
        match decision {
            core::Decision::Accept => Self::Accept,
            core::Decision::AcceptWithException(reasons) => Self::AcceptWithException { reasons: codes(reasons) },
            core::Decision::Refuse(reasons) => Self::Refuse { reasons: codes(reasons) },
        }
    }
}

/// Everything that was found. An object, so that nothing prints the claims by accident.
#[derive(uniffi::Object)]
pub struct Verdict(core::Verdict);

#[uniffi::export]
impl Verdict {
    /// Whether the card is what it says.
    pub fn authenticity(&self) -> Authenticity {
        (&self.0.authenticity).into()
    }

    /// Whether the one who shows it holds its key.
    pub fn holder(&self) -> HolderProof {
        self.0.holder.into()
    }

    /// Whether it is valid today.
    pub fn validity(&self) -> ValidityState {
        self.0.validity.into()
    }

    /// Whether it is cancelled.
    pub fn status(&self) -> Status {
        self.0.status
    }

    /// Whether the trust bundle was out of its days.
    pub fn trust_is_stale(&self) -> bool {
        self.0.trust_is_stale
    }

    /// What kind of card.
    pub fn card_type(&self) -> String {
        self.0.card_type.clone()
    }

    /// What was disclosed.
    pub fn claims(&self) -> Arc<Claims> {
        Arc::new(Claims(self.0.claims.clone()))
    }

    /// What was asked for and withheld, or not on the card.
    pub fn withheld(&self) -> Vec<String> {
        show::paths(&self.0.withheld)
    }

    /// What the policy makes of it.
    pub fn decision(&self) -> Decision {
        (&self.0.decision).into()
    }

    /// Whether to serve.
    pub fn is_accept(&self) -> bool {
        self.0.decision.is_accept()
    }

    /// What the field worker is told.
    pub fn explain(&self) -> Vec<Arc<Message>> {
        show::messages(self.0.explain())
    }
}
