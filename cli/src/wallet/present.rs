//! `amana wallet present`: who asks, every claim, a person's decision, the sealed answer.

use super::{ask, find_card};
use crate::code::{self, CodeIn};
use crate::exit::{Exit, Fault};
use crate::output::{Ink, Output};
use crate::words::plain;
use amana_core::credential::{ClaimPath, Claims, value_text};
use amana_core::explain::Message;
use amana_core::presentation::{Asker, Item, Need};
use amana_core::wallet::{Consent, Holder, Incoming};
use clap::Args;
use serde_json::{Value as Json, json};
use std::path::PathBuf;

const EXAMPLE: &str = "Examples:
  amana wallet present request.png --out answer.png
  amana wallet present request.png --share address.district --withhold household.ration_card --yes --out answer.png
  amana wallet present request.png --decline --out answer.png

What the purpose needs and the card has is chosen at first. A claim beyond what they are registered to ask is shared by
--share-beyond only, one by one. An answer that declines looks like any other.";

/// Answer a verifier's request: see who asks for what, decide, show the sealed answer
#[derive(Args)]
#[command(after_help = EXAMPLE)]
pub struct Present {
    #[command(flatten)]
    request: CodeIn,
    /// The card to show [default: the one that has most of what is needed]
    #[arg(long, value_name = "ID")]
    card: Option<String>,
    /// Share this optional claim
    #[arg(long, value_name = "PATH", num_args = 1.., value_parser = ClaimPath::parse)]
    share: Vec<ClaimPath>,
    /// Withhold this claim
    #[arg(long, value_name = "PATH", num_args = 1.., value_parser = ClaimPath::parse)]
    withhold: Vec<ClaimPath>,
    /// Share this claim although they are not registered to ask for it
    #[arg(long, value_name = "PATH", num_args = 1.., value_parser = ClaimPath::parse)]
    share_beyond: Vec<ClaimPath>,
    /// Do not ask again: show what is chosen
    #[arg(long, conflicts_with = "decline")]
    yes: bool,
    /// Share nothing
    #[arg(long, conflicts_with_all = ["share", "share_beyond", "withhold"])]
    decline: bool,
    /// Where to write the answer: .png and .svg are pictures, a folder gets one a code, all else is text
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

impl Present {
    /// Presents.
    pub fn run(&self, out: &Output, unlock: impl FnOnce() -> Result<Holder, Fault>) -> Result<Exit, Fault> {
        let request = self.request.read()?;
        let holder = unlock()?;
        let mut incoming = holder.receive(&request)?;
        self.choose_by_options(&holder, &mut incoming)?;
        let asker = asker_json(&incoming);
        let claims = incoming.card().map(|id| holder.claims(id)).transpose()?.unwrap_or_default();
        let about_request = |message: &&Message| !IN_THE_LIST.contains(&message.id);
        incoming.explain().iter().filter(about_request).try_for_each(|message| {
            let ink = if message.id == "asker-registered" { Ink::Bold } else { Ink::Warn };
            let ink = if message.id == "links-card" { Ink::Faint } else { ink };
            out.words(out.ink(ink, out.sentence(message)))
        })?;
        out.words(list(out, incoming.items(), &claims))?;

        let decision = if self.decline {
            Decision::Decline(incoming.into())
        } else if self.yes {
            Decision::Show(incoming.review()?.into())
        } else {
            ask_person(out, incoming, &claims)?
        };
        let (consent, answer) = match decision {
            Decision::Nothing => {
                out.say("Nothing was answered.", &json!({"answered": false}))?;
                return Ok(Exit::Refused);
            }
            Decision::Decline(incoming) => {
                out.words("Sharing nothing. The answer looks like any other.")?;
                (
                    json!({"declined": true, "shown": [], "withheld": texts(incoming.items(), |item| &item.path)}),
                    incoming.decline()?,
                )
            }
            Decision::Show(consent) => {
                if self.yes {
                    explain(out, &consent)?;
                }
                let told = json!({
                    "declined": false,
                    "shown": texts(consent.shown(), |path| path),
                    "also_shown": texts(consent.also_shown(), |path| path),
                    "withheld": texts(consent.withheld(), |path| path),
                    "stands_out": consent.stands_out(),
                });
                (told, consent.respond()?)
            }
        };
        answer.explain().iter().for_each(|message| out.warn(&out.sentence(message)));
        code::give(out, self.out.as_deref(), &answer.text())?;
        let told: Vec<_> = answer.explain().iter().map(|message| message.id).collect();
        out.json(&json!({"answered": true, "asker": asker, "consent": consent, "told": told, "text": answer.text()}))?;
        Ok(Exit::Done)
    }

    fn choose_by_options(&self, holder: &Holder, incoming: &mut Incoming) -> Result<(), Fault> {
        if let Some(id) = &self.card {
            incoming.use_card(find_card(holder, Some(id))?.id)?;
        }
        self.share.iter().try_for_each(|path| incoming.share(path))?;
        self.share_beyond.iter().try_for_each(|path| incoming.share_beyond_registration(path))?;
        Ok(self.withhold.iter().try_for_each(|path| incoming.withhold(path))?)
    }
}

/// Sentences of which the list of claims says the same.
const IN_THE_LIST: [&str; 4] = ["claim-needed", "claim-optional", "claim-beyond", "claim-kept"];

/// What the person decided.
enum Decision {
    Show(Box<Consent>),
    Decline(Box<Incoming>),
    /// Neither: the request stays unanswered.
    Nothing,
}

const QUESTION: &str = "\nType a number to change that claim, y to go on, n to share nothing, q to leave: ";

fn ask_person(out: &Output, mut incoming: Incoming, claims: &Claims) -> Result<Decision, Fault> {
    loop {
        match ask(QUESTION, "--yes or --decline")?.as_str() {
            "q" | "" => return Ok(Decision::Nothing),
            "n" => return Ok(Decision::Decline(incoming.into())),
            "y" => match incoming.check_ready() {
                Ok(()) => break,
                // An empty answer would still show a card that can be recognised: that is no way to say no.
                Err(_) => out.words("Nothing is marked to be shared: n says so to them.")?,
            },
            typed => {
                let item = typed.parse::<usize>().ok().and_then(|n| incoming.items().get(n.checked_sub(1)?)).cloned();
                match item {
                    Some(item) => change(out, &mut incoming, &item)?,
                    None => out.words("There is no such number.")?,
                }
                out.words(list(out, incoming.items(), claims))?;
            }
        }
    }
    let consent = incoming.review()?;
    explain(out, &consent)?;
    let agreed = ask("\nShow exactly this? [y/N] ", "--yes")?.eq_ignore_ascii_case("y");
    Ok(if agreed { Decision::Show(consent.into()) } else { Decision::Nothing })
}

fn change(out: &Output, incoming: &mut Incoming, item: &Item) -> Result<(), Fault> {
    if !item.held {
        return out.words("The card does not have that.");
    }
    match (item.chosen, item.need) {
        (true, _) => incoming.withhold(&item.path)?,
        (false, Need::Beyond) => {
            // More than one key stroke, for each such claim.
            let question =
                format!("\nThey are not registered to ask for {0}. To share it all the same, type {0}: ", item.path);
            if ask(&question, "--share-beyond")? == item.path.to_string() {
                incoming.share_beyond_registration(&item.path)?;
            }
        }
        (false, _) => incoming.share(&item.path)?,
    }
    Ok(())
}

fn explain(out: &Output, consent: &Consent) -> Result<(), Fault> {
    consent.explain().iter().try_for_each(|message| out.words(out.sentence(message)))
}

/// Every claim with its number, its mark, its value on the card, and how it stands to what they may ask.
fn list(out: &Output, items: &[Item], claims: &Claims) -> String {
    let line = |(number, item): (usize, &Item)| {
        let need = match item.need {
            Need::Needed => out.ink(Ink::Good, "needed"),
            Need::Optional => "optional".to_owned(),
            Need::Beyond => out.ink(Ink::Bad, "BEYOND what they may ask"),
        };
        let value = match claims.at(&item.path) {
            Some(value) => format!("{:<24}", show_value(value)),
            // Padded before it is inked: what colours a word takes no room on the screen.
            None => out.ink(Ink::Faint, format!("{:<24}", "not on the card")),
        };
        let mark = if item.chosen { "x" } else { " " };
        let kept = if item.kept { ", they keep it" } else { "" };
        format!("  {number} [{mark}] {:<28} {value} {need}{kept}", item.path.to_string())
    };
    (1..).zip(items).map(line).collect::<Vec<_>>().join("\n")
}

fn show_value(value: &amana_core::credential::Value) -> String {
    plain(&value_text(value))
}

fn texts<T>(items: &[T], path: impl Fn(&T) -> &ClaimPath) -> Vec<String> {
    items.iter().map(|item| path(item).to_string()).collect()
}

fn asker_json(incoming: &Incoming) -> Json {
    let request = incoming.request();
    let item = |item: &Item| {
        let need = match item.need {
            Need::Needed => "needed",
            Need::Optional => "optional",
            Need::Beyond => "beyond",
        };
        json!({"claim": item.path.to_string(), "need": need, "kept": item.kept, "held": item.held})
    };
    let (standing, name, contact) = match incoming.asker() {
        Asker::Registered { names, contact, .. } => ("registered", Some(names.best(&[])), Some(contact)),
        Asker::Lapsed { names, contact, .. } => ("lapsed", Some(names.best(&[])), Some(contact)),
        Asker::Unregistered { .. } => ("unregistered", None, None),
    };
    json!({
        "standing": standing,
        "name": name,
        "contact": contact,
        "verifier": request.verifier().to_text(),
        "purpose": request.purpose(),
        "claims": incoming.items().iter().map(item).collect::<Vec<_>>(),
        "answered_before": incoming.answered_at().is_some(),
    })
}
