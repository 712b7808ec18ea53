//! `amana wallet history`: what was asked, by whom, for what, and what was shown.

use super::ask;
use crate::exit::{Exit, Fault};
use crate::io;
use crate::output::{Ink, Output};
use amana_core::cose::cwt;
use amana_core::explain::Message;
use amana_core::wallet::{EntryId, HistoryEntry, Holder};
use clap::{Args, ValueEnum};
use serde_json::{Value as Json, json};
use std::path::PathBuf;

const EXAMPLE: &str = "Examples:
  amana wallet history
  amana wallet history --export history.json
  amana wallet history --forget 3f9c…   (all 32 digits)
  amana wallet history --forget-before 2026-01-01
  amana wallet history --keep none --forget-all

It holds names of fields, never values, and each verifier's signed request as a receipt. On a seized phone it tells where
its holder has been: keep none if that is worse than having no receipt.";

/// Show, export or forget what was asked and shown
#[derive(Args)]
#[command(after_help = EXAMPLE)]
pub struct History {
    /// Write all of it, with the signed requests, as JSON that anybody can check
    #[arg(long, value_name = "FILE")]
    export: Option<PathBuf>,
    /// Forget one entry for good
    #[arg(long, value_name = "ID", conflicts_with_all = ["forget_before", "forget_all"])]
    forget: Option<String>,
    /// Forget for good what happened before this day, UTC
    #[arg(long, value_name = "YYYY-MM-DD", conflicts_with = "forget_all")]
    forget_before: Option<String>,
    /// Forget everything for good
    #[arg(long)]
    forget_all: bool,
    /// Whether entries are kept from now on
    #[arg(long, value_name = "WHAT")]
    keep: Option<Keep>,
    /// Do not ask again before forgetting
    #[arg(long)]
    yes: bool,
}

#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum Keep {
    /// Every request that is answered or declined
    All,
    /// None; what is there stays until it is forgotten
    None,
}

impl History {
    /// Does what is asked, then shows what is left.
    pub fn run(&self, out: &Output, holder: &Holder) -> Result<Exit, Fault> {
        if let Some(file) = &self.export {
            io::write_private(file, holder.export_history()?.as_bytes())?;
            out.words(format!("Written to {}.", file.display()))?;
        }
        if !self.forget(out, holder)? {
            out.words("Nothing was forgotten.")?;
            return Ok(Exit::Refused);
        }
        if let Some(keep) = self.keep {
            holder.keep_history(keep == Keep::All)?;
        }
        let history = holder.history()?;
        if !history.is_whole {
            out.warn("this history is not whole: an entry was altered, put in or taken away by somebody else.");
        }
        for entry in history.entries.iter().rev() {
            describe_entry(entry, |message| out.sentence(message))
                .into_iter()
                .enumerate()
                .try_for_each(|(i, line)| out.words(if i == 0 { out.ink(Ink::Bold, line) } else { line }))?;
            out.words(format!("  {}", out.ink(Ink::Faint, entry.id().to_string())))?;
        }
        out.words(match (history.entries.is_empty(), history.is_kept) {
            (true, true) => "Nothing has been asked yet.",
            (true, false) => "The history is empty, and none is kept.",
            (false, true) => "Newest last. New entries are kept.",
            (false, false) => "Newest last. No new entries are kept.",
        })?;
        out.json(&json!({
            "entries": history.entries.iter().map(to_json).collect::<Vec<_>>(),
            "whole": history.is_whole,
            "kept": history.is_kept,
        }))?;
        Ok(Exit::Done)
    }

    /// Whether it was done, or nothing was to be done.
    fn forget(&self, out: &Output, holder: &Holder) -> Result<bool, Fault> {
        let before = match &self.forget_before {
            Some(day) => {
                let day = cwt::parse_full_date(day).map_err(|_| Fault::usage("A day is of the form 2026-12-31."))?;
                Some(day.midnight().assume_utc().unix_timestamp())
            }
            None => self.forget_all.then_some(i64::MAX),
        };
        if self.forget.is_none() && before.is_none() {
            return Ok(true);
        }
        if !self.yes && !ask("Forget it for good? The receipts go too. [y/N] ", "--yes")?.eq_ignore_ascii_case("y") {
            return Ok(false);
        }
        if let Some(id) = &self.forget {
            holder.forget(EntryId::parse(id)?)?;
        }
        if let Some(moment) = before {
            let count = holder.forget_before(moment)?;
            out.words(format!("Forgotten: {count}."))?;
        }
        Ok(true)
    }
}

/// An entry as lines, each message by its sentence.
pub fn describe_entry(entry: &HistoryEntry, sentence: impl Fn(&Message) -> String) -> Vec<String> {
    let inset = |number| if number == 0 { "" } else { "  " };
    let messages = entry.explain();
    (0..).zip(&messages).map(|(number, message)| format!("{}{}", inset(number), sentence(message))).collect()
}

fn to_json(entry: &HistoryEntry) -> Json {
    let paths = |paths: &[amana_core::credential::ClaimPath]| paths.iter().map(ToString::to_string).collect::<Vec<_>>();
    json!({
        "id": entry.id().to_string(),
        "at": entry.at(),
        "outcome": entry.outcome().code(),
        "asker": entry.asker().code(),
        "verifier": entry.verifier().to_text(),
        "name": entry.names().map(|names| names.best(&[])),
        "purpose": entry.purpose(),
        "asked": entry.asked().iter().map(|ask| ask.path.to_string()).collect::<Vec<_>>(),
        "shown": paths(entry.shown()),
        "also_shown": paths(entry.also_shown()),
        "withheld": paths(entry.withheld()),
    })
}
