//! `amana issuer`: the desk that offers, issues and cancels cards, the registrar, and whoever signs trust bundles.

mod certificate;
mod issue;
mod paper;
mod spec;
mod status;

use crate::code;
use crate::exit::{Exit, Fault};
use crate::io;
use crate::key::{Key, KeyGen, Keys, PubKey};
use crate::output::Output;
use amana_core::credential::Format;
use amana_core::issuer::Desk;
use amana_core::ports::OsEntropy;
use amana_core::qr::{Kind, armour};
use amana_core::software::SystemClock;
use amana_core::trust::Registration;
use clap::{Args, Subcommand, ValueEnum};
use serde_json::json;
use std::path::PathBuf;
use std::sync::Arc;

/// What the desk does.
#[derive(Subcommand)]
pub enum IssuerCommand {
    #[command(name = "keygen")]
    KeyGen(KeyGen),
    #[command(name = "pubkey")]
    PubKey(PubKey),
    Certificate(certificate::Certificate),
    Offer(Offer),
    Issue(issue::Issue),
    Paper(paper::Paper),
    Register(Register),
    Bundle(Bundle),
    Status(status::Status),
}

impl IssuerCommand {
    /// Does it.
    pub fn run(&self, out: &Output) -> Result<Exit, Fault> {
        match self {
            Self::KeyGen(command) => command.run(out),
            Self::PubKey(command) => command.run(out),
            Self::Certificate(command) => command.run(out),
            Self::Offer(command) => command.run(out),
            Self::Issue(command) => command.run(out),
            Self::Paper(command) => command.run(out),
            Self::Register(command) => command.run(out),
            Self::Bundle(command) => command.run(out),
            Self::Status(command) => command.run(out),
        }
    }
}

/// Who issues.
#[derive(Args)]
struct DeskArgs {
    /// The issuer's private key: JWK or PEM
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// The issuer's id, as trust bundles name it
    #[arg(long, value_name = "ID")]
    issuer: String,
    /// The certificate of the key, and those above it but for the root (PEM or DER): mdocs need it, SD-JWTs take it along
    #[arg(long, value_name = "FILE")]
    certificate: Vec<PathBuf>,
}

impl DeskArgs {
    fn desk(&self) -> Result<Desk, Fault> {
        let (key, kid) = Key::load_private(&self.key)?;
        let desk = Desk::new(&self.issuer, &kid, key, Arc::new(SystemClock), Arc::new(OsEntropy));
        let chain = Keys::load(&self.certificate)?.certificates;
        if chain.is_empty() { Ok(desk) } else { Ok(desk.with_chain(chain)?) }
    }
}

/// A format that is bound to a holder's key.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FormatName {
    /// SD-CWT: small, made for codes
    SdCwt,
    /// SD-JWT VC (RFC 9901)
    SdJwt,
    /// mdoc (ISO/IEC 18013-5); needs --certificate
    Mdoc,
}

impl FormatName {
    fn format(self) -> Format {
        match self {
            Self::SdCwt => Format::SdCwt,
            Self::SdJwt => Format::SdJwt,
            Self::Mdoc => Format::Mdoc,
        }
    }
}

const OFFER_EXAMPLE: &str = "Example:
  amana issuer offer --key desk.jwk --issuer https://id.example --type ration-card --out offer.png

The wallet answers with `amana wallet enroll offer.png`. One offer may be shown to many.";

/// Offer a card, as a code that wallets answer
#[derive(Args)]
#[command(after_help = OFFER_EXAMPLE)]
pub struct Offer {
    #[command(flatten)]
    desk: DeskArgs,
    /// The kind of card
    #[arg(long = "type", value_name = "TYPE")]
    card_type: String,
    /// The card's format
    #[arg(long, value_enum, default_value = "sd-cwt")]
    format: FormatName,
    /// How long the offer holds
    #[arg(long, value_name = "N", default_value_t = 24, value_parser = clap::value_parser!(u32).range(1..=8760))]
    hours: u32,
    /// Where to write the code: .png and .svg are pictures, a folder gets one a code, all else is text
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

impl Offer {
    fn run(&self, out: &Output) -> Result<Exit, Fault> {
        let offer = self.desk.desk()?.offer_in(self.format.format(), &self.card_type, self.hours * 3600)?;
        let text = armour::to_text(Kind::Offer, &offer.to_bytes());
        code::give(out, self.out.as_deref(), &text)?;
        out.json(&json!({"text": text, "type": self.card_type, "expires": offer.expires()}))?;
        Ok(Exit::Done)
    }
}

/// Vouch for a verifier: bind its key to a name and to what it may ask
#[derive(Args)]
#[command(after_help = spec::REGISTRATION_HELP)]
pub struct Register {
    /// The registrar's private key: JWK or PEM
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// The verifier's public key: JWK, PEM or COSE_Key
    #[arg(long, value_name = "FILE")]
    verifier: PathBuf,
    /// What to vouch for, as JSON
    #[arg(long, value_name = "JSON")]
    registration: PathBuf,
    /// Where to write the registration
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

impl Register {
    fn run(&self, out: &Output) -> Result<Exit, Fault> {
        let (key, kid) = Key::load_private(&self.key)?;
        let verifier = Key::load(&self.verifier)?.public;
        let spec = spec::RegistrationSpec::read(&self.registration)?;
        let spec::RegistrationSpec { names, purposes, contact, valid_until } = &spec;
        let registration = Registration::sign(&verifier, names, purposes, contact, *valid_until, &kid, &key)?;
        io::write(&self.out, &registration.to_bytes())?;
        let purposes: Vec<_> = registration.purposes().collect();
        let json = json!({"file": self.out, "purposes": purposes, "valid_until": valid_until.to_string()});
        out.say(format!("Registered {} until {valid_until}: {}.", names.best(&[]), self.out.display()), &json)?;
        Ok(Exit::Done)
    }
}

/// Sign a trust bundle: the issuers and registrars that wallets and verifiers believe
#[derive(Args)]
#[command(after_help = spec::BUNDLE_HELP)]
pub struct Bundle {
    /// The private key of whoever runs the programme: JWK or PEM
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// Whom to believe, as JSON
    #[arg(long, value_name = "JSON")]
    spec: PathBuf,
    /// Where to write the bundle: .png and .svg are pictures, a folder gets one a code, all else is text
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

impl Bundle {
    fn run(&self, out: &Output) -> Result<Exit, Fault> {
        let (key, _) = Key::load_private(&self.key)?;
        let bundle = spec::read_bundle(&self.spec)?;
        code::write(&self.out, &armour::to_text(Kind::Bundle, &bundle.sign(&key)?))?;
        let (issuers, registrars) = (bundle.issuers.len(), bundle.registrars.len());
        let json = json!({"file": self.out, "sequence": bundle.sequence, "issuers": issuers, "registrars": registrars});
        let words = format!(
            "Signed bundle {} with {issuers} issuer(s) and {registrars} registrar(s), {} to {}: {}.",
            bundle.sequence,
            bundle.valid_from,
            bundle.valid_until,
            self.out.display()
        );
        out.say(words, &json)?;
        Ok(Exit::Done)
    }
}
