//! `amana wallet`: a holder's wallet in a file.

mod present;

use crate::exit::{Exit, Fault};
use crate::io::{self, CodeIn};
use crate::key::Key;
use crate::output::{Ink, Output};
use crate::words::{plain, sentence};
use amana_core::credential::{Validity, to_json};
use amana_core::crypto::Pin;
use amana_core::error::Error;
use amana_core::software::{self, FileDeviceKey, SystemClock};
use amana_core::trust::Anchor;
use amana_core::wallet::{Argon2Cost, CardSummary, Door, FileAge, Holder, Wallet};
use clap::{Args, Subcommand};
use serde_json::{Map, Value as Json, json};
use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

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
    ChangePin(ChangePin),
}

impl WalletArgs {
    /// Does it.
    pub fn run(&self, out: &Output) -> Result<Exit, Fault> {
        match &self.command {
            WalletCommand::Init => self.init(out),
            WalletCommand::Trust(command) => command.run(out, &self.unlock(out)?),
            WalletCommand::Enroll(command) => command.run(out, &self.unlock(out)?),
            WalletCommand::Add(code) => add(out, &self.unlock(out)?, code),
            WalletCommand::List => list(out, &self.unlock(out)?),
            WalletCommand::Show(card) => show(out, &self.unlock(out)?, card),
            WalletCommand::Present(command) => command.run(out, || self.unlock(out)),
            WalletCommand::Delete(command) => command.run(out, &self.unlock(out)?),
            WalletCommand::ChangePin(command) => self.change_pin(out, command),
        }
    }

    fn init(&self, out: &Output) -> Result<Exit, Fault> {
        let path = self.path()?;
        if path.exists() {
            return Err(Error::AlreadyExists.into());
        }
        let pin = read_new_pin(self.pin_file.as_deref(), "PIN for the new wallet: ")?;
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            io::make_folder(folder)?;
        }
        let host = software::host_beside(&path)?;
        let spinner = out.spinner("Measuring how fast this machine is, then making the wallet …");
        let made = Argon2Cost::calibrate(&SystemClock, Wallet::TARGET_MS)
            .and_then(|cost| Ok((cost, Wallet::create(&path, host, self.door, &pin, cost)?)));
        spinner.finish_and_clear();
        let (cost, wallet) = made?;
        let device = FileDeviceKey::beside(&path);
        out.words(format!("Made the wallet {}, behind door {}.", path.display(), self.door.number()))?;
        out.words(format!(
            "Its device key is software, in {}: whoever copies both files can guess PINs elsewhere. On a phone that key \
             lies in the hardware. Keep the two files apart in backups; without the second no PIN opens the first.",
            device.path().display()
        ))?;
        let protection = format!("{:?}", wallet.protection()).to_lowercase();
        let Argon2Cost { memory_kib, passes, lanes } = cost;
        out.json(&json!({
            "vault": path, "device_key": device.path(), "protection": protection, "door": self.door.number(),
            "cost": {"memory_kib": memory_kib, "passes": passes, "lanes": lanes},
        }))?;
        Ok(Exit::Done)
    }

    fn change_pin(&self, out: &Output, command: &ChangePin) -> Result<Exit, Fault> {
        let old = read_pin(self.pin_file.as_deref(), "PIN: ")?;
        let holder = self.unlock_with(out, &old)?;
        let new = read_new_pin(command.new_pin_file.as_deref(), "New PIN: ")?;
        let spinner = out.spinner("Changing the PIN …");
        let changed = holder.change_pin(&old, &new);
        spinner.finish_and_clear();
        changed?;
        out.say("The PIN is changed.", &json!({"changed": true}))?;
        Ok(Exit::Done)
    }

    fn unlock(&self, out: &Output) -> Result<Holder, Fault> {
        // A missing wallet is said before anybody is asked for its PIN.
        self.open()?;
        self.unlock_with(out, &read_pin(self.pin_file.as_deref(), "PIN: ")?)
    }

    fn open(&self) -> Result<Wallet, Fault> {
        let path = self.path()?;
        Ok(Wallet::open(&path, software::host_beside(&path)?)?)
    }

    fn unlock_with(&self, out: &Output, pin: &Pin) -> Result<Holder, Fault> {
        let wallet = self.open()?;
        let spinner = out.spinner("Opening the wallet …");
        let opened = wallet.unlock(self.door, pin);
        spinner.finish_and_clear();
        let holder = opened?;
        let state = holder.state()?;
        if state.file != FileAge::Newest || !state.records_intact || state.read_only.is_some() {
            state.explain().iter().for_each(|message| out.warn(&sentence(message)));
        }
        for card in holder.unreadable_cards()? {
            out.warn(&format!(
                "the card {card} cannot be read: it was damaged, or a later version wrote it. It is kept."
            ));
        }
        Ok(holder)
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

fn read_pin(file: Option<&Path>, prompt: &str) -> Result<Pin, Fault> {
    let typed = match file {
        Some(path) => {
            let text = Zeroizing::new(io::read_text(path)?);
            Zeroizing::new(text.lines().next().unwrap_or_default().to_owned())
        }
        None => ask_pin(prompt)?,
    };
    Ok(Pin::new(typed)?)
}

fn read_new_pin(file: Option<&Path>, prompt: &str) -> Result<Pin, Fault> {
    if file.is_some() {
        return read_pin(file, prompt);
    }
    let (once, again) = (ask_pin(prompt)?, ask_pin("The same once more: ")?);
    if once != again {
        return Err(Fault::usage("The two PINs differ; nothing was changed."));
    }
    Ok(Pin::new(once)?)
}

fn ask_pin(prompt: &str) -> Result<Zeroizing<String>, Fault> {
    let no_terminal = || Fault::usage("Nobody is here to ask for the PIN: give it with --pin-file.");
    if !std::io::stdin().is_terminal() {
        return Err(no_terminal());
    }
    rpassword::prompt_password(prompt).map(Zeroizing::new).map_err(|_| no_terminal())
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
            holder.load_trust(&io::read_code(file)?, &anchor).map_err(|e| Fault::from(e).within(file))?;
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
    /// Where to write the enrolment: .png and .svg are pictures, all else is text
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

impl Enroll {
    fn run(&self, out: &Output, holder: &Holder) -> Result<Exit, Fault> {
        let text = holder.enrol(&self.offer.read()?)?;
        io::give_code(out, self.out.as_deref(), &text)?;
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

/// Change the PIN
#[derive(Args)]
#[command(after_help = "Example:\n  amana wallet change-pin --pin-file old.txt --new-pin-file new.txt")]
struct ChangePin {
    /// A file with the new PIN in its first line, instead of being asked for it
    #[arg(long, value_name = "FILE")]
    new_pin_file: Option<PathBuf>,
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
        "type": card.card_type,
        "issuer": card.issuer,
        "issuer_name": card.issuer_names.as_ref().map(|names| names.best(&[])),
        "not_before": not_before,
        "expires": expires,
        "added_at": card.added_at,
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
    format!("{}  {id}\n  from {issuer}{}", out.ink(Ink::Bold, plain(&card.card_type)), until.unwrap_or_default())
}
