//! `amana issuer issue`: one card, or many.

use super::DeskArgs;
use crate::code;
use crate::exit::{Exit, Fault};
use crate::io;
use crate::output::Output;
use amana_core::credential::Format;
use amana_core::error::Error;
use amana_core::issuer::{CardDraft, Desk, Issued};
use amana_core::qr::{Kind, armour};
use clap::Args;
use serde_json::{Map, Value as Json, json};
use std::path::{Path, PathBuf};

const EXAMPLE: &str = r#"Examples:
  amana issuer issue --key desk.jwk --issuer https://id.example --draft card.json --enrolment enrolment.png --out card.txt
  amana issuer issue --key desk.jwk --issuer https://id.example --many drafts.jsonl --out-dir cards

The draft:
  {"type": "ration-card", "valid_from": "2026-01-01", "valid_until": "2027-12-31",
   "claims": {"person": {"given_name": "…", "birth_date": {"$date": "1984-02-29"}}, "photo": {"$bytes": "base64url"}},
   "open": ["country"], "split": ["languages"], "digests": {"": 8, "person": 4},
   "status": {"uri": "https://id.example/status/1", "index": 4711}}
The last four may be left out: "open" claims cannot be withheld, the elements of "split" lists are shown one by one,
"digests" brings every card to one count of hidden claims, "status" names an entry of a list that `amana issuer status`
makes, by which the card can be cancelled.

With --many each line is one draft, with the text of its enrolment beside: {"enrolment": "AM1E:…", "type": …}.
A line that fails does not stop the rest: it is reported with its number, and the worst line decides the exit code."#;

/// Issue cards, each sealed to the wallet that enrolled for it
#[derive(Args)]
#[command(after_help = EXAMPLE)]
pub struct Issue {
    #[command(flatten)]
    desk: DeskArgs,
    /// The card, as JSON
    #[arg(long, value_name = "JSON", required_unless_present = "many", conflicts_with = "many")]
    draft: Option<PathBuf>,
    /// The wallet's enrolment: a picture of its code, or its text in a file
    #[arg(long, value_name = "FILE", required_unless_present = "many", conflicts_with = "many")]
    enrolment: Option<PathBuf>,
    /// Where to write the sealed card: .png and .svg are pictures, a folder gets one a code, all else is text
    #[arg(long, value_name = "FILE", conflicts_with = "many")]
    out: Option<PathBuf>,
    /// Many cards, as JSON lines
    #[arg(long, value_name = "JSONL", requires = "out_dir")]
    many: Option<PathBuf>,
    /// Folder for the sealed cards of --many, each named by its line
    #[arg(long, value_name = "DIR", requires = "many")]
    out_dir: Option<PathBuf>,
    /// Write the card in clear (mode 0600) instead of sealed: for a file that the holder alone gets
    #[arg(long)]
    plain: bool,
}

impl Issue {
    /// Issues.
    pub fn run(&self, out: &Output) -> Result<Exit, Fault> {
        let desk = self.desk.desk()?;
        match (&self.many, &self.out_dir, &self.draft, &self.enrolment) {
            (Some(lines), Some(folder), ..) => self.issue_many(out, &desk, lines, folder),
            (_, _, Some(draft), Some(enrolment)) => self.issue_one(out, &desk, draft, enrolment),
            _ => Err(Fault::usage("Give --draft and --enrolment, or --many and --out-dir.")),
        }
    }

    fn issue_one(&self, out: &Output, desk: &Desk, draft: &Path, enrolment: &Path) -> Result<Exit, Fault> {
        let card = CardDraft::from_json(&io::read_text(draft)?).map_err(|e| Fault::from(e).within(draft))?;
        let applicant = desk.accept(&code::read(enrolment)?).map_err(|e| Fault::from(e).within(enrolment))?;
        let issued = desk.issue(card, applicant).map_err(|e| Fault::from(e).within(draft))?;
        let text = armour::to_text(Kind::Delivery, &issued.delivery);
        let json = json!({"file": self.out, "type": issued.card.card_type(), "text": (!self.plain).then_some(&text)});
        match (&self.out, self.plain) {
            (None, true) => return Err(Fault::usage("A card in clear goes to a file: give --out.")),
            (Some(path), true) => {
                io::write_private(path, &issued.card.to_bytes())?;
                out.warn(&format!("{} holds the card in clear: give it to its holder alone.", path.display()));
            }
            (path, false) => code::give(out, path.as_deref(), &text)?,
        }
        out.json(&json)?;
        Ok(Exit::Done)
    }

    fn issue_many(&self, out: &Output, desk: &Desk, lines: &Path, folder: &Path) -> Result<Exit, Fault> {
        let text = io::read_text(lines)?;
        io::make_folder(folder)?;
        let lines: Vec<_> = (1_usize..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty()).collect();
        let bar = out.progress(lines.len() as u64);
        let (mut worst, mut issued) = (Exit::Done, 0_usize);
        for (number, line) in &lines {
            let result = issue_line(desk, line).and_then(|card| self.write(folder, *number, &card));
            match result {
                Ok(file) => {
                    issued += 1;
                    out.json(&json!({"line": number, "file": file}))?;
                }
                // The disk, not the line: the rest would fare no better.
                Err(fault) if fault.exit() >= Exit::File => return Err(fault),
                Err(fault) => {
                    worst = worst.max(fault.exit());
                    bar.suspend(|| out.warn(&format!("line {number}: {}", fault.sentence)));
                    out.json(&json!({"line": number, "error": fault.code, "reason": fault.reason}))?;
                }
            }
            bar.inc(1);
        }
        bar.finish_and_clear();
        out.words(format!("Issued {issued} of {} cards into {}.", lines.len(), folder.display()))?;
        Ok(worst)
    }

    fn write(&self, folder: &Path, number: usize, issued: &Issued) -> Result<PathBuf, Fault> {
        if self.plain {
            let file = folder.join(format!("{number:06}.{}", ending(issued.card.format())));
            io::write_private(&file, &issued.card.to_bytes())?;
            return Ok(file);
        }
        let file = folder.join(format!("{number:06}.txt"));
        code::write(&file, &armour::to_text(Kind::Delivery, &issued.delivery))?;
        Ok(file)
    }
}

/// How a file with such a card ends.
fn ending(format: Format) -> &'static str {
    match format {
        Format::SdCwt => "sdcwt",
        Format::SdJwt => "sdjwt",
        Format::Mdoc => "mdoc",
        Format::Claim169 | Format::Health => "cwt",
    }
}

fn issue_line(desk: &Desk, line: &str) -> Result<Issued, Fault> {
    let mut object: Map<String, Json> =
        amana_core::json::parse_object(line.as_bytes()).map_err(|_| Error::Invalid { reason: "json" })?;
    let enrolment = object.shift_remove("enrolment");
    let enrolment = enrolment.as_ref().and_then(Json::as_str).ok_or(Error::Invalid { reason: "json-field" })?;
    let draft = CardDraft::from_object(&object)?;
    Ok(desk.issue(draft, desk.accept(enrolment.as_bytes())?)?)
}
