//! `amana wallet`: a holder's wallet in a file.

mod backup;
mod history;
mod pins;
mod present;
mod sheet;

pub use history::describe_entry;

use crate::code::{self, CodeIn};
use crate::exit::{Exit, Fault};
use crate::key::Key;
use crate::output::{Ink, Output};
use crate::words::{self, plain};
use amana_core::credential::{Validity, to_json};
use amana_core::crypto::Pin;
use amana_core::error::Error;
use amana_core::software;
use amana_core::trust::Anchor;
use amana_core::wallet::{CardSummary, Door, FileAge, Holder, KeyPlace, Wallet};
use clap::{Args, Subcommand};
use serde_json::{Map, Value as Json, json};
use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A wallet and what to do with it.
#[derive(Args)]
pub struct WalletArgs {
    /// The wallet's file [default: amana/vault.amana in the XDG data folder]
    #[arg(long, global = true, env = "AMANA_VAULT", value_name = "FILE")]
    vault: Option<PathBuf>,
    /// A file with the PIN in its first line ("-" for standard input), instead of being asked for it
    #[arg(long, global = true, value_name = "FILE")]
    pin_file: Option<PathBuf>,
    /// Which of the wallet's four doors, 1 to 4
    #[arg(long, global = true, env = "AMANA_DOOR", value_name = "N", default_value = "1", value_parser = door)]
    door: Door,
    #[command(subcommand)]
    command: WalletCommand,
}

fn door(number: &str) -> Result<Door, String> {
    number.parse().ok().and_then(Door::from_number).ok_or_else(|| "a wallet has doors 1 to 4".to_owned())
}

/// What the holder does.
#[derive(Subcommand)]
enum WalletCommand {
    /// Make a wallet
    #[command(after_help = "Example:\n  amana wallet init --vault mine.amana --pin-file pin.txt")]
    Init,
    Status(Status),
    /// Load a trust bundle, or show the one that is kept
    #[command(after_help = "Examples:\n  amana wallet trust trust.txt --anchor anchor.pub.jwk\n  amana wallet trust")]
    Trust(Trust),
    Enroll(Enroll),
    /// Take in a card that the desk sealed to this wallet
    #[command(after_help = "Example:\n  amana wallet add card.png")]
    Add(CodeIn),
    /// List the cards
    #[command(after_help = "Example:\n  amana wallet list")]
    List,
    /// Show what a card says
    #[command(after_help = "Example:\n  amana wallet show 3f9c")]
    Show(CardArg),
    Present(present::Present),
    Delete(Delete),
    History(history::History),
    /// Keep a copy that opens without this machine
    #[command(
        subcommand,
        after_help = "Example:\n  amana wallet backup make --out backup.age\n  amana wallet backup rehearse backup.age"
    )]
    Backup(backup::BackupCommand),
    ChangePin(pins::ChangePin),
    PanicPin(pins::PanicPin),
    TakeDoor(pins::TakeDoor),
}

impl WalletArgs {
    /// Does it.
    pub fn run(&self, out: &Output) -> Result<Exit, Fault> {
        match &self.command {
            WalletCommand::Init => pins::init(self, out),
            WalletCommand::Status(command) => command.run(out, &self.unlock_quietly(out)?),
            WalletCommand::Trust(command) => command.run(out, &self.unlock(out)?),
            WalletCommand::Enroll(command) => command.run(out, &self.unlock(out)?),
            WalletCommand::Add(code) => add(out, &self.unlock(out)?, code),
            WalletCommand::List => list(out, &self.unlock(out)?),
            WalletCommand::Show(card) => show(out, &self.unlock(out)?, card),
            WalletCommand::Present(command) => command.run(out, || self.unlock(out)),
            WalletCommand::Delete(command) => command.run(out, &self.unlock(out)?),
            WalletCommand::History(command) => command.run(out, &self.unlock(out)?),
            WalletCommand::Backup(command) => command.run(out, || self.unlock(out)),
            WalletCommand::ChangePin(command) => command.run(self, out),
            WalletCommand::PanicPin(command) => command.run(self, out),
            WalletCommand::TakeDoor(command) => command.run(self, out),
        }
    }

    /// Opens the wallet, and says what is not as it should be.
    fn unlock(&self, out: &Output) -> Result<Holder, Fault> {
        let holder = self.unlock_quietly(out)?;
        tell_state(out, &holder)?;
        Ok(holder)
    }

    fn unlock_quietly(&self, out: &Output) -> Result<Holder, Fault> {
        // A missing wallet is said before anybody is asked for its PIN.
        let wallet = self.open()?;
        unlock(out, &wallet, self.door, &pins::read(self.pin_file.as_deref(), "PIN: ")?)
    }

    fn open(&self) -> Result<Wallet, Fault> {
        let path = self.path()?;
        if !path.exists() {
            return Err(Error::NotFound { what: "vault" }.into());
        }
        Ok(Wallet::open(&path, software::host_beside(&path)?)?)
    }

    fn path(&self) -> Result<PathBuf, Fault> {
        if let Some(path) = &self.vault {
            return Ok(path.clone());
        }
        let folder = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        // The XDG base directory specification: a relative folder counts as none.
        let data = folder("XDG_DATA_HOME").filter(|folder| folder.is_absolute());
        let data = data.or_else(|| folder("HOME").map(|home| home.join(".local/share")));
        let data = data.ok_or_else(|| Fault::usage("There is no HOME: give the wallet's file with --vault."))?;
        Ok(data.join("amana/vault.amana"))
    }
}

fn unlock(out: &Output, wallet: &Wallet, door: Door, pin: &Pin) -> Result<Holder, Fault> {
    let try_pin = || {
        let spinner = out.spinner("Opening the wallet …");
        let opened = wallet.unlock(door, pin);
        spinner.finish_and_clear();
        opened
    };
    match try_pin() {
        // Wrong PINs cannot be counted, and this process alone remembers that it has waited.
        Err(Error::TooSoon { retry_after, reason }) if reason != "wrong-pins" => {
            out.warn(&words::error(&Error::TooSoon { retry_after, reason }));
            let bar = out.progress(retry_after);
            for _ in 0..retry_after {
                std::thread::sleep(Duration::from_secs(1));
                bar.inc(1);
            }
            bar.finish_and_clear();
            Ok(try_pin()?)
        }
        opened => Ok(opened?),
    }
}

fn tell_state(out: &Output, holder: &Holder) -> Result<(), Fault> {
    let state = holder.state()?;
    if !state.is_well() {
        state.explain().iter().for_each(|message| out.warn(&out.sentence(message)));
    }
    for card in holder.unreadable_cards()? {
        out.warn(&format!("the card {card} cannot be read: it was damaged, or a later version wrote it. It is kept."));
    }
    Ok(())
}

/// Say how the wallet stands: what protects it, and whether its file is the newest
#[derive(Args)]
#[command(after_help = "Examples:\n  amana wallet status\n  amana wallet status --acknowledge")]
struct Status {
    /// Take note of what is said of the file and its records: it is said no more
    #[arg(long)]
    acknowledge: bool,
}

impl Status {
    fn run(&self, out: &Output, holder: &Holder) -> Result<Exit, Fault> {
        let state = holder.state()?;
        if self.acknowledge {
            holder.acknowledge()?;
        }
        let lost = match state.file {
            FileAge::RolledBack { by } => Some(by),
            _ => None,
        };
        if state.is_well() {
            out.words("The file is the newest that this machine has written, and its records are whole.")?;
        }
        state.explain().iter().try_for_each(|message| out.words(out.sentence(message)))?;
        out.json(&json!({
            "file": state.file.code(),
            "changes_lost": lost,
            "records_intact": state.records_intact,
            "read_only": state.read_only,
            "protection": state.protection.code(),
            "trust_unreadable": state.trust_unreadable,
            "settings_unreadable": state.settings_unreadable,
            "acknowledged": self.acknowledge,
        }))?;
        Ok(Exit::Done)
    }
}

/// Load a trust bundle.
#[derive(Args)]
struct Trust {
    /// The bundle: its text in a file, or a picture of its code
    #[arg(value_name = "FILE", requires = "anchor")]
    file: Option<PathBuf>,
    /// The public key of whoever runs the programme, from a source you trust: JWK, PEM or COSE_Key
    #[arg(long, value_name = "FILE", requires = "file")]
    anchor: Option<PathBuf>,
}

impl Trust {
    fn run(&self, out: &Output, holder: &Holder) -> Result<Exit, Fault> {
        if let (Some(file), Some(anchor)) = (&self.file, &self.anchor) {
            let anchor = Anchor::new(Key::load(anchor)?.public);
            holder.load_trust(&code::read(file)?, &anchor).map_err(|e| Fault::from(e).within(file))?;
        }
        let Some(bundle) = holder.trust()? else {
            out.say("The wallet has no trust bundle: it believes nobody yet.", &Json::Null)?;
            return Ok(Exit::Done);
        };
        let names = |names: &amana_core::trust::Names| {
            Json::Object(names.iter().map(|(tag, name)| (tag.to_owned(), name.into())).collect())
        };
        let issuer = |issuer: &amana_core::trust::Issuer| json!({"id": issuer.id, "names": names(&issuer.names), "types": issuer.types});
        out.words(format!("Trust bundle {}, for {} to {}.", bundle.sequence, bundle.valid_from, bundle.valid_until))?;
        for issuer in &bundle.issuers {
            out.words(format!("  {} may issue: {}", issuer.names.best(&[]), issuer.types.join(", ")))?;
        }
        for registrar in &bundle.registrars {
            out.words(format!("  {} may vouch for verifiers", registrar.names.best(&[])))?;
        }
        out.json(&json!({
            "sequence": bundle.sequence,
            "valid_from": bundle.valid_from.to_string(),
            "valid_until": bundle.valid_until.to_string(),
            "issuers": bundle.issuers.iter().map(issuer).collect::<Vec<_>>(),
            "registrars": bundle.registrars.iter().map(|r| names(&r.names)).collect::<Vec<_>>(),
        }))?;
        Ok(Exit::Done)
    }
}

/// Answer a desk's offer with a fresh key
#[derive(Args)]
#[command(after_help = "Example:\n  amana wallet enroll offer.png --out enrolment.png")]
struct Enroll {
    #[command(flatten)]
    offer: CodeIn,
    /// Where to write the enrolment: .png and .svg are pictures, a folder gets one a code, all else is text
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Make the card's key where the device keeps keys, out of the vault and of every backup
    #[arg(long)]
    in_device: bool,
}

impl Enroll {
    fn run(&self, out: &Output, holder: &Holder) -> Result<Exit, Fault> {
        let place = if self.in_device { KeyPlace::Device } else { KeyPlace::Vault };
        let text = holder.enrol_with(&self.offer.read()?, place)?;
        code::give(out, self.out.as_deref(), &text)?;
        out.json(&json!({"text": text}))?;
        Ok(Exit::Done)
    }
}

fn add(out: &Output, holder: &Holder, code: &CodeIn) -> Result<Exit, Fault> {
    let id = holder.add(&code.read()?)?;
    let cards = holder.cards()?;
    let card = cards.iter().find(|card| card.id == id).ok_or(Error::NotFound { what: "card" })?;
    out.say(format!("The wallet now holds:\n{}", describe(out, card)), &summary(card))?;
    Ok(Exit::Done)
}

fn list(out: &Output, holder: &Holder) -> Result<Exit, Fault> {
    let cards = holder.cards()?;
    if cards.is_empty() {
        out.words("The wallet is empty.")?;
    }
    cards.iter().try_for_each(|card| out.words(describe(out, card)))?;
    out.json(&cards.iter().map(summary).collect())?;
    Ok(Exit::Done)
}

/// A card that is named by the start of its id.
#[derive(Args)]
struct CardArg {
    /// The card's id, or enough of its start; may be left out where there is only one card
    #[arg(value_name = "ID")]
    id: Option<String>,
}

impl CardArg {
    fn find(&self, holder: &Holder) -> Result<CardSummary, Fault> {
        find_card(holder, self.id.as_deref())
    }
}

fn find_card(holder: &Holder, id: Option<&str>) -> Result<CardSummary, Fault> {
    let start = id.unwrap_or_default().to_ascii_lowercase();
    let mut found = holder.cards()?.into_iter().filter(|card| card.id.to_string().starts_with(&start));
    match (found.next(), found.next()) {
        (None, _) => Err(Error::NotFound { what: "card" }.into()),
        (Some(card), None) => Ok(card),
        (Some(_), Some(_)) => Err(Fault::usage("More than one card fits: give more of its id.")),
    }
}

fn show(out: &Output, holder: &Holder, card: &CardArg) -> Result<Exit, Fault> {
    let card = card.find(holder)?;
    let claims = to_json(&holder.claims(card.id)?);
    out.words(describe(out, &card))?;
    flatten(&claims).into_iter().try_for_each(|(path, value)| out.words(format!("  {path:<32} {value}")))?;
    let mut json = summary(&card);
    json["claims"] = Json::Object(claims);
    out.json(&json)?;
    Ok(Exit::Done)
}

/// Claims as lines: each path and its value as a person reads it.
pub fn flatten(claims: &Map<String, Json>) -> Vec<(String, String)> {
    let line = |(name, value): (&String, &Json)| match value {
        Json::Object(group) => {
            flatten(group).into_iter().map(|(path, value)| (format!("{}.{path}", plain(name)), value)).collect()
        }
        Json::String(text) => vec![(plain(name), plain(text))],
        other => vec![(plain(name), plain(&other.to_string()))],
    };
    claims.iter().flat_map(line).collect()
}

/// Delete a card and its key; nobody is told
#[derive(Args)]
#[command(after_help = "Example:\n  amana wallet delete 3f9c --yes")]
struct Delete {
    #[command(flatten)]
    card: CardArg,
    /// Do not ask again
    #[arg(long)]
    yes: bool,
}

impl Delete {
    fn run(&self, out: &Output, holder: &Holder) -> Result<Exit, Fault> {
        let card = self.card.find(holder)?;
        if !self.yes {
            let question = format!("{}\nDelete it for good? [y/N] ", describe(out, &card));
            if !ask(&question, "--yes")?.eq_ignore_ascii_case("y") {
                out.words("Nothing was deleted.")?;
                return Ok(Exit::Refused);
            }
        }
        holder.delete(card.id)?;
        out.say("The card and its key are deleted.", &json!({"deleted": card.id.to_string()}))?;
        Ok(Exit::Done)
    }
}

/// Asks the person at the terminal; `instead` is the option that answers where there is none.
fn ask(question: &str, instead: &str) -> Result<String, Fault> {
    use std::io::Write as _;
    if !std::io::stdin().is_terminal() {
        return Err(Fault::usage(format!("Nobody is here to ask: decide with {instead}.")));
    }
    let failed = |error| Fault::file(Path::new("the terminal"), &error);
    let mut err = std::io::stderr().lock();
    write!(err, "{question}").and_then(|()| err.flush()).map_err(failed)?;
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).map_err(failed)?;
    Ok(line.trim().to_owned())
}

fn summary(card: &CardSummary) -> Json {
    let Validity { not_before, expires } = card.validity;
    json!({
        "id": card.id.to_string(),
        "format": card.format.name(),
        "type": card.card_type,
        "issuer": card.issuer,
        "issuer_name": card.issuer_names.as_ref().map(|names| names.best(&[])),
        "not_before": not_before,
        "expires": expires,
        "added_at": card.added_at,
        "has_holder_key": card.has_holder_key,
        "needs_reissue": card.needs_reissue,
    })
}

fn describe(out: &Output, card: &CardSummary) -> String {
    let issuer = match &card.issuer_names {
        Some(names) => names.best(&[]).to_owned(),
        None => format!("{} (not in the trust bundle)", plain(&card.issuer)),
    };
    let day = |second: i64| amana_core::cose::cwt::day_of(second).map_or("?".to_owned(), |day| day.to_string());
    let until = card.validity.expires.map(|expires| format!(", through {}", day(expires - 1)));
    let id = out.ink(Ink::Faint, card.id.to_string());
    let card_type = out.ink(Ink::Bold, plain(&card.card_type));
    let reissue =
        if card.needs_reissue { "\n  Its key is not here: have it issued again before you show it." } else { "" };
    format!("{card_type}  {id}\n  from {issuer}{}{reissue}", until.unwrap_or_default())
}
