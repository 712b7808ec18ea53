//! `amana verifier`: a field worker who asks and judges.

use crate::code::{self, CodeIn};
use crate::exit::{Exit, Fault};
use crate::inspect::parse_time;
use crate::io;
use crate::key::{Key, KeyGen, Keys, PubKey};
use crate::output::{Ink, Output};
use crate::wallet::flatten;
use crate::{trust, words};
use amana_core::credential::{ClaimPath, to_json};
use amana_core::error::Error;
use amana_core::ports::{Clock as _, OsEntropy};
use amana_core::presentation::Ask;
use amana_core::software::SystemClock;
use amana_core::trust::{Believed, Names, Registration, StatusLists};
use amana_core::verifier::{
    Authenticity, CannotCheck, Decision, HolderProof, Judge, Judged, Policy, Reason, Stance, Status, ValidityState,
    Verdict, Verifier, VerifierHost, status_token,
};
use clap::{Args, Subcommand, ValueEnum};
use serde_json::{Value as Json, json};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What the field worker does.
#[derive(Subcommand)]
pub enum VerifierCommand {
    #[command(name = "keygen")]
    KeyGen(KeyGen),
    #[command(name = "pubkey")]
    PubKey(PubKey),
    Request(Request),
    Verify(Verify),
}

impl VerifierCommand {
    /// Does it.
    pub fn run(&self, out: &Output) -> Result<Exit, Fault> {
        match self {
            Self::KeyGen(command) => command.run(out),
            Self::PubKey(command) => command.run(out),
            Self::Request(command) => command.run(out),
            Self::Verify(command) => command.run(out),
        }
    }
}

/// Who asks, and whom they believe.
#[derive(Args)]
struct WhoAsks {
    /// The verifier's private key: JWK or PEM
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// What a registrar vouches for; without it holders see no name
    #[arg(long, value_name = "FILE")]
    registration: Option<PathBuf>,
    /// The trust bundle
    #[arg(long, value_name = "FILE")]
    trust: PathBuf,
    /// The public key that the bundle must be signed by: JWK, PEM or COSE_Key
    #[arg(long, value_name = "FILE")]
    anchor: PathBuf,
}

impl WhoAsks {
    fn verifier(&self, out: &Output, policy: Policy) -> Result<Verifier, Fault> {
        let (key, _) = Key::load_private(&self.key)?;
        let read =
            |path: &PathBuf| Registration::parse(&io::read(path)?).map_err(|error| Fault::from(error).within(path));
        let registration = self.registration.as_ref().map(read).transpose()?;
        let bundle = trust::load(out, &self.trust, Some(&self.anchor))?;
        Ok(Verifier::new(bundle, key, registration, policy, host())?)
    }
}

const REQUEST_EXAMPLE: &str = "Example:
  amana verifier request --key point.jwk --registration point.reg --trust trust.txt --anchor anchor.pub.jwk \\
    --purpose food-ration --claim household.family_size household.ration_card --session open.session --out request.png

The session file holds the secret key that opens the answer (mode 0600). `amana verifier verify` deletes it once the
request is answered or closed.";

/// Ask for claims, as a code that wallets answer within five minutes
#[derive(Args)]
#[command(after_help = REQUEST_EXAMPLE)]
pub struct Request {
    #[command(flatten)]
    who: WhoAsks,
    /// Why: a purpose of the registration
    #[arg(long, value_name = "CODE")]
    purpose: String,
    /// Ask for this claim
    #[arg(long, value_name = "PATH", num_args = 1.., value_parser = ClaimPath::parse, required_unless_present = "keep")]
    claim: Vec<ClaimPath>,
    /// Ask for this claim, and say that its value will be kept
    #[arg(long, value_name = "PATH", num_args = 1.., value_parser = ClaimPath::parse)]
    keep: Vec<ClaimPath>,
    /// Where to keep the open request, with its secret key
    #[arg(long, value_name = "FILE")]
    session: PathBuf,
    /// Where to write the code: .png and .svg are pictures, a folder gets one a code, all else is text
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

impl Request {
    fn run(&self, out: &Output) -> Result<Exit, Fault> {
        let asked = self.claim.iter().filter(|path| !self.keep.contains(path)).map(|path| (path, false));
        let kept = self.keep.iter().map(|path| (path, true));
        let asks: Vec<_> = asked.chain(kept).map(|(path, kept)| Ask { path: path.clone(), kept }).collect();
        // The policy judges answers; a request does not need it.
        let request = self.who.verifier(out, Policy::STRICT)?.request(&self.purpose, &asks)?;
        io::write_private(&self.session, &request.to_session()?)?;
        out.warn(&format!(
            "{} holds the secret key of this request; it is deleted after the verdict.",
            self.session.display()
        ));
        code::give(out, self.out.as_deref(), &request.text())?;
        out.json(&json!({
            "text": request.text(),
            "verifier": request.request().verifier().to_text(),
            "bytes": request.request().bytes().len(),
            "session": self.session,
        }))?;
        Ok(Exit::Done)
    }
}

/// What to make of checks that cannot be complete.
#[derive(Clone, Copy, ValueEnum)]
enum PolicyName {
    /// Refuse: for what can wait until a check is possible
    Strict,
    /// Serve, and say what to record: for food and medicine
    Rations,
}

impl PolicyName {
    fn policy(self) -> Policy {
        match self {
            Self::Strict => Policy::STRICT,
            Self::Rations => Policy::RATIONS,
        }
    }
}

const VERIFY_EXAMPLE: &str = "Example:
  amana verifier verify --key point.jwk --trust trust.txt --anchor anchor.pub.jwk \\
    --policy rations --status list.cwt --session open.session answer.png

Exit codes: 0 accepted, also with an exception; 1 refused, or nothing was shared; 3 refused only because a check could
not be made.";

/// Judge an answer to a request, or a card that is shown without one
#[derive(Args)]
#[command(after_help = VERIFY_EXAMPLE)]
pub struct Verify {
    /// A key: with --session the verifier's private key; also an issuer's key (JWK, PEM or COSE_Key) or a certificate (PEM or
    /// DER) that is believed, or a key that opens what is sealed (JWK of the kind oct); give it again for another
    #[arg(long, value_name = "FILE")]
    key: Vec<PathBuf>,
    /// The trust bundle
    #[arg(long, value_name = "FILE", requires = "anchor")]
    trust: Option<PathBuf>,
    /// The public key that the bundle must be signed by: JWK, PEM or COSE_Key
    #[arg(long, value_name = "FILE", requires = "trust")]
    anchor: Option<PathBuf>,
    /// What to make of checks that cannot be complete [default: strict; of a card shown without a request only its not being
    /// bound to a person is accepted, as an exception]
    #[arg(long, value_enum)]
    policy: Option<PolicyName>,
    /// The open request, as `request` wrote it; without it a card is judged that is shown in clear
    #[arg(long, value_name = "FILE")]
    session: Option<PathBuf>,
    /// A status list of an issuer in the bundle: a token, its text, or a picture of it; give it again for another
    #[arg(long, value_name = "FILE")]
    status: Vec<PathBuf>,
    /// Judge a card shown in clear at this moment, RFC 3339 or Unix seconds [default: now]
    #[arg(long, value_name = "TIME", value_parser = parse_time, conflicts_with = "session")]
    at: Option<i64>,
    #[command(flatten)]
    answer: CodeIn,
}

impl Verify {
    fn run(&self, out: &Output) -> Result<Exit, Fault> {
        match &self.session {
            Some(session) => self.judge_answer(out, session),
            None => self.judge_card(out),
        }
    }

    fn believed(&self, out: &Output, keys: &Keys) -> Result<Believed, Fault> {
        let bundle = self.trust.as_deref().map(|path| trust::load(out, path, self.anchor.as_deref())).transpose()?;
        Ok(keys.believed(bundle))
    }

    fn judge_answer(&self, out: &Output, session: &Path) -> Result<Exit, Fault> {
        let policy = self.policy.map_or(Policy::STRICT, PolicyName::policy);
        let mut keys = Keys::load(&self.key)?;
        let own = keys.take_private().ok_or_else(|| Fault::usage("Give the verifier's private key with --key."))?;
        // The request in the session has its registration.
        let verifier = Verifier::new(self.believed(out, &keys)?, own, None, policy, host())?;
        self.status
            .iter()
            .try_for_each(|path| load_status(out, path, |list| verifier.load_status(list).map(|_| ())))?;
        let bytes = zeroize::Zeroizing::new(io::read(session)?);
        let request = verifier.resume(&bytes).map_err(|error| Fault::from(error).within(session))?;
        let judged = request.judge(&self.answer.read()?);
        // Answered or closed: what its key opens is over, and so is the key.
        if request.to_session().is_err() {
            io::remove(session)?;
        }
        match judged? {
            Judged::Declined => {
                out.say(
                    "They share nothing. That is no finding about them; the request stays open.",
                    &json!({"outcome": "declined"}),
                )?;
                Ok(Exit::Refused)
            }
            Judged::Verdict(verdict) => tell(out, &verdict),
        }
    }

    fn judge_card(&self, out: &Output) -> Result<Exit, Fault> {
        let of_paper = Policy { bearer: Stance::Exception, ..Policy::STRICT };
        let policy = self.policy.map_or(of_paper, PolicyName::policy);
        let keys = Keys::load(&self.key)?;
        let trust = self.believed(out, &keys)?;
        let mut lists = StatusLists::default();
        for path in &self.status {
            let bundle =
                trust.bundle().ok_or_else(|| Fault::usage("A status list is believed by a bundle: give --trust."))?;
            load_status(out, path, |list| lists.add(&status_token(list)?, bundle).map(|_| ()))?;
        }
        let now = match self.at {
            Some(at) => at,
            None => SystemClock.now().map_err(Error::from)?,
        };
        let judge = Judge { trust: &trust, lists: &lists, policy: &policy, keys: &keys.symmetric, now };
        let verdict = judge.card(&self.answer.read()?).map_err(|error| match error {
            Error::NotForMe => Fault { reason: Some("sealed"), sentence: words::SEALED.to_owned(), ..error.into() },
            error => error.into(),
        });
        tell(out, &verdict?)
    }
}

fn tell(out: &Output, verdict: &Verdict) -> Result<Exit, Fault> {
    out.words(describe(out, verdict))?;
    out.json(&to_report(out, verdict))?;
    Ok(exit(&verdict.decision))
}

fn host() -> VerifierHost {
    VerifierHost { clock: Arc::new(SystemClock), entropy: Arc::new(OsEntropy) }
}

/// Loads a list. An older edition of one that is loaded does no harm.
fn load_status(
    out: &Output,
    path: &Path,
    load: impl FnOnce(&[u8]) -> amana_core::error::Result<()>,
) -> Result<(), Fault> {
    match load(&code::read(path)?) {
        Err(Error::Untrusted { reason: "status-list-older" }) => {
            out.warn(&format!("{}: a newer edition of this status list is loaded.", path.display()));
            Ok(())
        }
        loaded => loaded.map_err(|error| Fault::from(error).within(path)),
    }
}

/// A refusal for nothing but checks that could not be made is no finding about the card or the person.
fn exit(decision: &Decision) -> Exit {
    let unchecked = |reason: &Reason| {
        matches!(
            reason,
            Reason::UnknownIssuer
                | Reason::RetiredKey
                | Reason::UnsupportedAlgorithm
                | Reason::StatusStale
                | Reason::StatusUnknown
                | Reason::TrustStale
        )
    };
    match decision {
        Decision::Accept | Decision::AcceptWithException(_) => Exit::Done,
        Decision::Refuse(reasons) if reasons.iter().all(unchecked) => Exit::CannotCheck,
        Decision::Refuse(_) => Exit::Refused,
    }
}

/// The verdict for a person.
fn describe(out: &Output, verdict: &Verdict) -> String {
    let ink = match verdict.decision {
        Decision::Accept => Ink::Good,
        Decision::AcceptWithException(_) => Ink::Warn,
        Decision::Refuse(_) => Ink::Bad,
    };
    let mut lines: Vec<_> = verdict.explain().iter().map(|message| out.sentence(message)).collect();
    if let Some(decision) = lines.first_mut() {
        *decision = out.ink(ink, &*decision);
    }
    let shown = flatten(&to_json(&verdict.claims));
    if !shown.is_empty() {
        lines.push(out.ink(Ink::Bold, "Shown:"));
        lines.extend(shown.into_iter().map(|(path, value)| format!("  {path:<32} {value}")));
    }
    lines.join("\n")
}

/// The verdict with all its parts, for a program.
fn to_report(out: &Output, verdict: &Verdict) -> Json {
    let names = |names: &Names| Json::Object(names.iter().map(|(tag, name)| (tag.to_owned(), name.into())).collect());
    let authenticity = match &verdict.authenticity {
        Authenticity::Genuine { issuer } => json!({"is": "genuine", "issuer": names(issuer)}),
        Authenticity::Forged { why } => json!({"is": "forged", "why": why}),
        Authenticity::CannotCheck(CannotCheck::UnknownIssuer) => json!({"is": "cannot-check", "why": "unknown-issuer"}),
        Authenticity::CannotCheck(CannotCheck::RetiredKey { on }) => {
            json!({"is": "cannot-check", "why": "retired-key", "on": on.to_string()})
        }
        Authenticity::CannotCheck(CannotCheck::UnsupportedAlgorithm) => {
            json!({"is": "cannot-check", "why": "unsupported-algorithm"})
        }
    };
    let holder = match verdict.holder {
        HolderProof::Fresh => json!({"is": "fresh"}),
        HolderProof::Recent { window } => json!({"is": "recent", "window": window}),
        HolderProof::Bearer => json!({"is": "bearer"}),
        HolderProof::NotProven { why } => json!({"is": "not-proven", "why": why}),
        HolderProof::Replayed => json!({"is": "replayed"}),
    };
    let validity = match verdict.validity {
        ValidityState::Current { until } => json!({"is": "current", "until": until.map(|day| day.to_string())}),
        ValidityState::Expired { since } => json!({"is": "expired", "since": since.to_string()}),
        ValidityState::Extended { until, by } => json!({"is": "extended", "until": until.to_string(), "by": by}),
        ValidityState::NotYet { from } => json!({"is": "not-yet", "from": from.to_string()}),
    };
    let status = match verdict.status {
        Status::Valid { as_of } => json!({"is": "valid", "as_of": as_of}),
        Status::Cancelled { as_of } => json!({"is": "cancelled", "as_of": as_of}),
        Status::Suspended { as_of } => json!({"is": "suspended", "as_of": as_of}),
        Status::Stale { as_of, age } => json!({"is": "stale", "as_of": as_of, "age": age}),
        Status::Unknown => json!({"is": "unknown"}),
    };
    let (decision, reasons): (_, &[Reason]) = match &verdict.decision {
        Decision::Accept => ("accept", &[]),
        Decision::AcceptWithException(reasons) => ("accept-with-exception", reasons),
        Decision::Refuse(reasons) => ("refuse", reasons),
    };
    json!({
        "outcome": "verdict",
        "decision": {"is": decision, "reasons": reasons.iter().map(|reason| reason.code()).collect::<Vec<_>>()},
        "authenticity": authenticity,
        "holder": holder,
        "validity": validity,
        "status": status,
        "trust_is_stale": verdict.trust_is_stale,
        "type": verdict.card_type,
        "claims": to_json(&verdict.claims),
        "withheld": verdict.withheld.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "explain": verdict.explain().iter().map(|message| out.sentence(message)).collect::<Vec<_>>(),
    })
}
