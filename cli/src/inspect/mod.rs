//! `amana inspect`: what a code or token is, what it says, and whether its signatures hold.

mod amana;
mod card;
mod report;
mod status_list;

pub use report::{Proof, Report, Signature};

use crate::code;
use crate::exit::{Exit, Fault};
use crate::key::Keys;
use crate::output::Output;
use crate::trust;
use amana_core::cose::{Sign1, Verified};
use amana_core::error::{Error, Result};
use amana_core::ports::Clock as _;
use amana_core::qr::{Kind, armour};
use amana_core::trust::{Believed, Bundle};
use clap::Args;
use std::path::{Path, PathBuf};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// A kind of message that can be recognised and looked into.
pub struct Message {
    /// Its name in a report.
    pub name: &'static str,
    /// Whether this is one.
    is: fn(&Found) -> bool,
    /// Looks into it, and writes down what it finds as it goes; an error is written down too.
    look: fn(&Found, &Context, &mut Report) -> Result<()>,
}

/// Amana's own messages, the pickiest first. Cards and their presentations are looked for before, by the core's formats.
const MESSAGES: &[Message] = &[
    status_list::STATUS_LIST,
    amana::REQUEST,
    amana::ENROLMENT,
    amana::OFFER,
    amana::BUNDLE,
    amana::REGISTRATION,
    amana::RESPONSE,
    amana::DELIVERY,
    amana::SHARE,
];

const KINDS: [Kind; 9] = [
    Kind::Request,
    Kind::Response,
    Kind::Offer,
    Kind::Enrolment,
    Kind::Card,
    Kind::Delivery,
    Kind::Bundle,
    Kind::StatusList,
    Kind::Share,
];

/// What came in.
pub struct Found {
    /// What its armour says it is, where it has Amana's armour.
    kind: Option<Kind>,
    /// Without that armour; else as it came.
    bytes: Vec<u8>,
    /// As a COSE_Sign1, where it is one.
    signed: std::result::Result<Sign1, Error>,
}

/// By what to judge it.
pub struct Context {
    /// Keys that are taken to be the signers'.
    pub keys: Keys,
    /// Whom to believe of those who sign messages.
    pub trust: Option<Verified<Bundle>>,
    /// Whom to believe of those who sign cards: all of these.
    pub believed: Believed,
    /// The moment at which it is judged, Unix seconds.
    pub at: i64,
    /// Which entry of a status list to look up.
    pub index: Option<u64>,
}

impl Context {
    /// Somebody without any keys.
    pub fn knowing_nobody(at: i64) -> Self {
        Self { keys: Keys::default(), trust: None, believed: Believed::default(), at, index: None }
    }
}

/// Looks into what a scanner or a file gave.
pub fn examine(raw: &[u8], context: &Context) -> Report {
    let mut report = Report::default();
    let (kind, bytes) = match armour::read(raw, &KINDS) {
        Ok(read) => read,
        // Plain text that is not Amana's: a token of others' perhaps, and then a file's last line.
        Err(Error::Foreign) => (None, raw.trim_ascii().to_vec()),
        Err(error) => {
            report.fail(&error);
            return report;
        }
    };
    let may_be_card = matches!(kind, None | Some(Kind::Card));
    if let Some(report) = may_be_card.then(|| card::look(&bytes, context)).flatten() {
        return report;
    }
    let found = Found { kind, signed: Sign1::parse(&bytes), bytes };
    let Some(message) = MESSAGES.iter().find(|message| (message.is)(&found)) else {
        // What is no message at all says where it is torn; a whole one is another's.
        let torn = found.signed.err().filter(|_| raw.first().is_some_and(|byte| !byte.is_ascii_graphic()));
        report.fail(&torn.unwrap_or(Error::Foreign));
        return report;
    };
    report.format = Some(message.name);
    if let Err(error) = (message.look)(&found, context, &mut report) {
        report.fail(&error);
    }
    report
}

const EXAMPLE: &str = "Examples:
  amana inspect card.sdcwt --key desk.pub.jwk
  amana inspect --json --trust trust.txt --anchor anchor.pub.jwk photo1.jpg photo2.jpg
  amana inspect --text AM1Q:…

Formats: sd-cwt, sd-kbt, sd-jwt, sd-jwt-kb, mdoc, mdoc-response, claim-169, health-certificate, status-list; as they are, or in
hexadecimal, base64 or base64url. Amana's own request, response, offer, enrolment, delivery, bundle, registration, share. A key with a
name is tried on what was signed under that name only; one without a name on anything of its algorithm. With --json each
input gives one line, files first, then texts. The exit code is the worst: 66 unreadable, 2 malformed, 1 invalid or out
of its dates, 3 cannot be checked, 0 all that can be checked holds.";

/// Say what a code or token is, what it says, and whether its signatures hold
#[derive(Args)]
#[command(after_help = EXAMPLE)]
pub struct Inspect {
    /// Pictures of codes (PNG, JPEG), files with a code's text, token files; "-" for standard input
    #[arg(value_name = "INPUT", required_unless_present = "text")]
    inputs: Vec<PathBuf>,
    /// A code's text itself
    #[arg(long, value_name = "TEXT")]
    text: Vec<String>,
    /// A signer's key (JWK, PEM or COSE_Key), or a certificate (PEM or DER) of a signer or of who stands over it
    #[arg(long, value_name = "FILE")]
    key: Vec<PathBuf>,
    /// A trust bundle, whose issuers and registrars are believed
    #[arg(long, value_name = "FILE")]
    trust: Option<PathBuf>,
    /// The public key that the bundle must be signed by: JWK, PEM or COSE_Key
    #[arg(long, value_name = "FILE", requires = "trust")]
    anchor: Option<PathBuf>,
    /// Judge dates at this moment, RFC 3339 or Unix seconds [default: now]
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    at: Option<i64>,
    /// Look up this entry of a status list
    #[arg(long, value_name = "N")]
    index: Option<u64>,
}

impl Inspect {
    /// Inspects.
    pub fn run(&self, out: &Output) -> std::result::Result<Exit, Fault> {
        let anchor = self.anchor.as_deref();
        let keys = Keys::load(&self.key)?;
        let trust = self.trust.as_deref().map(|path| trust::load(out, path, anchor)).transpose()?;
        let context = Context {
            believed: keys.believed(trust.clone()),
            keys,
            trust,
            at: match self.at {
                Some(at) => at,
                None => amana_core::software::SystemClock.now().map_err(Error::from)?,
            },
            index: self.index,
        };
        let mut worst = Exit::Done;
        let files = self.inputs.iter().map(|path| (path.as_path(), code::read(path)));
        let texts = self.text.iter().map(|text| (Path::new("--text"), Ok(text.clone().into_bytes())));
        for (name, input) in files.chain(texts) {
            let report = match input {
                Ok(raw) => examine(&raw, &context),
                Err(fault) => Report::of_fault(&fault),
            };
            worst = worst.max(report.exit());
            out.say(report.describe(out, name), &report.to_json())?;
        }
        Ok(worst)
    }
}

/// Reads a moment from a command line.
pub fn parse_time(text: &str) -> std::result::Result<i64, String> {
    text.parse()
        .or_else(|_| OffsetDateTime::parse(text, &Rfc3339).map(OffsetDateTime::unix_timestamp))
        .map_err(|_| "give RFC 3339, such as 2026-11-22T12:00:00Z, or Unix seconds".to_owned())
}
