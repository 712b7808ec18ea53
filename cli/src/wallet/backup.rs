//! `amana wallet backup`: made, rehearsed, restored.

use super::pins::{new_secret, secret};
use super::{ask, sheet};
use crate::code;
use crate::exit::{Exit, Fault};
use crate::io;
use crate::output::{Ink, Output};
use amana_core::cose::cwt;
use amana_core::ports::OsEntropy;
use amana_core::wallet::{Backup, Contents, Holder, HolderKeys, Passphrase, Share, read_share};
use clap::{Args, Subcommand};
use serde_json::{Value as Json, json};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// What to do with a backup.
#[derive(Subcommand)]
pub enum BackupCommand {
    Make(Make),
    Rehearse(Rehearse),
    Restore(Restore),
    /// Draw a passphrase of eight words (80 bits), to write down
    #[command(after_help = "Example:\n  amana wallet backup passphrase")]
    Passphrase,
}

impl BackupCommand {
    /// Does it.
    pub fn run(&self, out: &Output, unlock: impl FnOnce() -> Result<Holder, Fault>) -> Result<Exit, Fault> {
        match self {
            Self::Make(command) => command.run(out, &unlock()?),
            Self::Rehearse(command) => command.run(out),
            Self::Restore(command) => command.run(out, unlock),
            Self::Passphrase => {
                let passphrase = Passphrase::make(&OsEntropy)?;
                out.say(passphrase.expose(), &json!({"passphrase": passphrase.expose()}))?;
                Ok(Exit::Done)
            }
        }
    }
}

const MAKE_EXAMPLE: &str = "Examples:
  amana wallet backup make --out backup.age
  amana wallet backup make --out backup.age --shares 2/3 --sheets shares/

Without --include-software-keys the cards go along to be read; to be shown from another phone they must be issued again.
The file is an age file: `age -d backup.age` opens it too. Old backups and shares cannot be called back.";

/// Make a backup, after saying what it will not hold
#[derive(Args)]
#[command(after_help = MAKE_EXAMPLE)]
pub struct Make {
    /// Where to write it
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// A file with the passphrase in its first line, instead of being asked for it
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
    /// Split the key into paper shares instead: so many of so many open it
    #[arg(long, value_name = "M/N", value_parser = shares, conflicts_with = "passphrase_file", requires = "sheets")]
    shares: Option<(u8, u8)>,
    /// The folder for the sheets of the shares, an SVG picture each, to print and give away
    #[arg(long, value_name = "DIR", requires = "shares")]
    sheets: Option<PathBuf>,
    /// Take the cards' keys along: WHOEVER OPENS THE BACKUP CAN BE YOU, and that cannot be taken back
    #[arg(long)]
    include_software_keys: bool,
    /// Do not ask again
    #[arg(long)]
    yes: bool,
}

fn shares(text: &str) -> Result<(u8, u8), String> {
    let parse = || text.split_once('/').and_then(|(m, n)| Some((m.parse().ok()?, n.parse().ok()?)));
    parse().ok_or_else(|| "of the form 2/3".to_owned())
}

impl Make {
    fn run(&self, out: &Output, holder: &Holder) -> Result<Exit, Fault> {
        let keys = if self.include_software_keys { HolderKeys::IncludeSoftwareKeys } else { HolderKeys::StayBehind };
        let plan = holder.plan_backup(keys)?;
        for message in plan.explain() {
            let ink = if matches!(message.id, "backup-card" | "backup-history") { Ink::Good } else { Ink::Warn };
            out.words(format!("  {}", out.ink(ink, out.sentence(&message))))?;
        }
        if !self.yes && !ask("Make it? [y/N] ", "--yes")?.eq_ignore_ascii_case("y") {
            out.words("Nothing was made.")?;
            return Ok(Exit::Refused);
        }
        let spinner = |what| out.spinner(what);
        let (file, shares) = match self.shares {
            Some((threshold, count)) => {
                let spinner = spinner("Sealing, and splitting the key …");
                let made = plan.seal_for_shares(threshold, count);
                spinner.finish_and_clear();
                made?
            }
            None => {
                let passphrase = Passphrase::typed(new_secret(self.passphrase_file.as_deref(), "Passphrase: ")?)?;
                passphrase.fit_to_protect()?;
                let spinner = spinner("Sealing …");
                let made = plan.seal(&passphrase);
                spinner.finish_and_clear();
                (made?, Vec::new())
            }
        };
        // The sheets first: a backup that nobody has the shares of opens to nobody.
        let sheets = self.write_sheets(out, &shares)?;
        io::write_new_private(&self.out, &file)?;
        out.words(format!("Written to {}, {} bytes.", self.out.display(), file.len()))?;
        out.words("Rehearse it now: amana wallet backup rehearse.")?;
        out.json(&json!({
            "file": self.out, "bytes": file.len(), "cards_to_show": plan.goes().len(), "cards_to_reissue": plan.reissue().len(),
            "unreadable": plan.unreadable(), "history_left_out": plan.history_left_out(), "history_entries": plan.history_entries(), "sheets": sheets,
        }))?;
        Ok(Exit::Done)
    }

    fn write_sheets(&self, out: &Output, shares: &[Share]) -> Result<Vec<PathBuf>, Fault> {
        let Some(folder) = &self.sheets else { return Ok(Vec::new()) };
        io::make_folder(folder)?;
        let write = |share: &Share| {
            let file = folder.join(format!("share-{}.svg", share.number()));
            io::write_new_private(&file, sheet::draw(share, shares.len())?.as_bytes())?;
            out.words(format!("Share {} of {}: {}", share.number(), shares.len(), file.display()))?;
            Ok(file)
        };
        shares.iter().map(write).collect()
    }
}

/// What opens a backup.
#[derive(Args)]
struct Opening {
    /// The backup
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// A file with the passphrase in its first line, instead of being asked for it
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
    /// A share: a file with its words or the text of its code, or a picture of the code; once for each
    #[arg(long, value_name = "FILE", num_args = 1.., conflicts_with = "passphrase_file")]
    share: Vec<PathBuf>,
}

impl Opening {
    fn open(&self, out: &Output) -> Result<Backup, Fault> {
        let file = io::read(&self.file)?;
        let shares = self.share.iter().map(|path| read_share_file(path)).collect::<Result<Vec<_>, _>>()?;
        let passphrase = match shares[..] {
            [] => Some(Passphrase::typed(secret(self.passphrase_file.as_deref(), "Passphrase: ")?)?),
            _ => None,
        };
        let spinner = out.spinner("Opening the backup …");
        let opened = match passphrase {
            Some(passphrase) => Backup::open(&file, &passphrase),
            None => Backup::open_with_shares(&file, &shares),
        };
        spinner.finish_and_clear();
        Ok(opened?)
    }
}

fn read_share_file(path: &Path) -> Result<Share, Fault> {
    let text = Zeroizing::new(code::read(path)?);
    let text = std::str::from_utf8(&text).map_err(|_| Fault::from(amana_core::error::Error::Foreign).within(path))?;
    read_share(text).map_err(|error| Fault::from(error).within(path))
}

/// Prove that a backup opens, and that every part of it is whole; changes nothing and needs no wallet
#[derive(Args)]
#[command(
    after_help = "Examples:\n  amana wallet backup rehearse backup.age\n  amana wallet backup rehearse backup.age --share one.txt three.png"
)]
pub struct Rehearse {
    #[command(flatten)]
    opening: Opening,
}

impl Rehearse {
    fn run(&self, out: &Output) -> Result<Exit, Fault> {
        let backup = self.opening.open(out)?;
        let contents = backup.contents();
        out.words(out.ink(Ink::Good, "The backup opens, and all of it is whole."))?;
        let day = cwt::day_of(backup.made_at()).map_or("?".to_owned(), |day| day.to_string());
        out.words(format!("Made on {day}, by the clock of the device that made it. It holds:"))?;
        out.words(list(&contents))?;
        out.json(&json!({"made_at": backup.made_at(), "contents": to_json(&contents)}))?;
        Ok(Exit::Done)
    }
}

/// Take a backup into the wallet, all of it or nothing; what is in the wallet stays
#[derive(Args)]
#[command(after_help = "Example:\n  amana wallet init\n  amana wallet backup restore backup.age")]
pub struct Restore {
    #[command(flatten)]
    opening: Opening,
}

impl Restore {
    fn run(&self, out: &Output, unlock: impl FnOnce() -> Result<Holder, Fault>) -> Result<Exit, Fault> {
        let backup = self.opening.open(out)?;
        let restored = unlock()?.restore(&backup)?;
        out.words(out.ink(Ink::Good, "Restored. New in this wallet:"))?;
        out.words(list(&restored.added))?;
        if restored.cards_present > 0 {
            out.words(format!("  cards that were here already: {}", restored.cards_present))?;
        }
        if restored.histories_kept_out > 0 {
            out.words("  The history here goes on otherwise than the backup's: the wallet's own was kept.")?;
        }
        out.json(&json!({
            "added": to_json(&restored.added), "cards_present": restored.cards_present,
            "histories_kept_out": restored.histories_kept_out,
        }))?;
        Ok(Exit::Done)
    }
}

fn list(contents: &Contents) -> String {
    let Contents { cards, cards_to_reissue, history_entries, anchor, .. } = contents;
    let trust = anchor.as_ref().map_or("none".to_owned(), |anchor| format!("believed by the key {anchor}"));
    format!(
        "  cards: {cards}, of which {cards_to_reissue} must be issued again before they can be shown\n  entries of the \
         history: {history_entries}\n  trust bundle: {trust}"
    )
}

fn to_json(contents: &Contents) -> Json {
    json!({
        "cards": contents.cards, "cards_to_reissue": contents.cards_to_reissue,
        "history_entries": contents.history_entries, "trust_anchor": contents.anchor,
    })
}
