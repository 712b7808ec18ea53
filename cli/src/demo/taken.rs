//! The phone taken: its file copied and put back, and its holder forced.

use super::cast::{self, Cast, HOLDER};
use super::stage::{Eyes, Mark, Panel, Stage, held};
use crate::exit::Fault;
use crate::io;
use crate::wallet::describe_entry;
use crate::words::{self, in_english};
use amana_core::credential::to_json;
use amana_core::crypto::Pin;
use amana_core::error::Error;
use amana_core::issuer::CardDraft;
use amana_core::software;
use amana_core::wallet::{Door, FileAge, Holder, Wallet};
use std::path::Path;

/// The wallet of the story, closed, and the phone it lies on.
pub struct Taken<'a> {
    pub vault: &'a Path,
    pub phone: &'a Path,
    pub wallet: Wallet,
}

impl Taken<'_> {
    /// A thief copies the file, tries it elsewhere with the PIN, and puts an old copy back.
    pub fn stolen(&self, stage: &mut Stage<'_>) -> Result<(), Fault> {
        stage.step(
            "stolen",
            "The file is stolen, and put back",
            format!(
                "A thief copies {HOLDER}’s wallet and even knows her PIN. Later they put the old copy back into her phone, so \
                 that it forgets what happened since."
            ),
        )?;
        let copy = io::read(self.vault)?;
        let elsewhere = self.phone.join("thief");
        let (file, host) = (elsewhere.with_extension("amana"), software::host_beside(&elsewhere)?);
        io::write(&file, &copy)?;
        let own = cast::pin()?;
        let met = Wallet::open(&file, host).and_then(|wallet| wallet.unlock(Door::One, &own)).err();
        let words = met.as_ref().map_or("It opened.".to_owned(), words::error);
        stage.say(&format!("The stolen file on another phone, with the right PIN: {words}"))?;
        stage.panel(
            Panel::new(Eyes::Bystander, "The file, the right PIN, another phone")
                .line(held(met == Some(Error::NotAVault { reason: "header-sealed" })), words),
        );

        let holder = self.wallet.unlock(Door::One, &cast::pin()?)?;
        let history = holder.history()?;
        let last = history.entries.first().map(|entry| describe_entry(entry, in_english)).unwrap_or_default();
        stage.panel(
            Panel::new(Eyes::Holder, "What the wallet remembers of its last request: names of fields, no values")
                .lines(last.into_iter().map(|line| (Mark::Plain, line)))
                .line(held(history.is_whole), "Each entry holds the asker’s signed request, and on to the one before."),
        );
        holder.close_now();

        io::write(self.vault, &copy)?;
        let holder = self.wallet.unlock(Door::One, &cast::pin()?)?;
        let state = holder.state()?;
        let told = state.explain().first().map(in_english).unwrap_or_default();
        let is_told = matches!(state.file, FileAge::RolledBack { .. });
        stage.say(&format!("The old copy put back: {told}"))?;
        stage.panel(
            Panel::new(Eyes::Holder, format!("What {HOLDER} is told when she opens it"))
                .line(held(is_told), told)
                .line(
                    held(!holder.cards()?.is_empty()),
                    "It opens all the same: nobody is locked out of their own ID.",
                ),
        );
        holder.acknowledge()?;
        holder.close_now();
        Ok(())
    }

    /// Somebody forces her to open it.
    pub fn decoy(&self, stage: &mut Stage<'_>, cast: &Cast) -> Result<(), Fault> {
        stage.step(
            "decoy",
            "Forced to open it",
            format!(
                "Every wallet has four doors, used or not. Behind door 2 {HOLDER} has put a card that may be seen, and she has \
                 set a panic PIN for door 1. At a checkpoint she is forced to open door 1."
            ),
        )?;
        let harmless = pin("365204")?;
        self.wallet.take_door_and_destroy_what_is_behind(Door::Two, &harmless)?;
        let decoy = self.wallet.unlock(Door::Two, &harmless)?;
        decoy.load_trust(&cast.bundle()?.sign(&cast.anchor)?, &cast.believe())?;
        give_harmless_card(cast, &decoy)?;
        let (own, panic) = (cast::pin()?, pin("900417")?);
        let holder = self.wallet.unlock(Door::One, &own)?;
        let hidden = holder.cards()?;
        holder.set_panic_pin(&own, &panic, Some(&decoy))?;
        let apart = decoy.cards()?.iter().all(|card| hidden.iter().all(|other| other.id != card.id));
        stage.panel(
            Panel::new(Eyes::Holder, "Before: two doors that cannot see each other")
                .line(Mark::Plain, format!("Door 1: {}", facts(&holder)?))
                .line(held(apart), format!("Door 2: {}", facts(&decoy)?)),
        );
        decoy.close_now();
        holder.close_now();

        let forced = self.wallet.unlock(Door::One, &panic)?;
        let shown = facts(&forced)?;
        let hides = forced.cards()?.iter().all(|card| hidden.iter().all(|other| other.id != card.id));
        let after = self.wallet.unlock(Door::One, &own).err();
        let gone = matches!(after, Some(Error::WrongPin { .. }));
        stage.say(&format!("The panic PIN at door 1 opens: {shown}"))?;
        stage.panel(
            Panel::new(Eyes::Bystander, "What whoever forces her sees")
                .line(held(hides), format!("She types a PIN at door 1, and it opens: {shown}"))
                .line(Mark::Plain, "Four doors, as on every phone. Used and unused ones look alike in the file."),
        );
        stage.panel(
            Panel::new(Eyes::Holder, "What is left of what she hid")
                .line(held(gone), "Her own PIN opens nothing any more: the key behind door 1 is destroyed, for good.")
                .line(
                    Mark::Plain,
                    "Somebody who filmed the phone before, or copies its memory while it is open, learns more.",
                ),
        );
        Ok(())
    }
}

fn give_harmless_card(cast: &Cast, holder: &Holder) -> Result<(), Fault> {
    let offer = cast.desk.offer(cast::CARD_TYPE, 3600)?;
    let enrolment = holder.enrol(&offer.to_bytes())?;
    let applicant = cast.desk.accept(enrolment.as_bytes())?;
    let issued = cast.desk.issue(CardDraft::from_json(&cast.harmless_card())?, applicant)?;
    holder.add(&issued.delivery)?;
    Ok(())
}

/// The cards behind a door, in a line.
fn facts(holder: &Holder) -> Result<String, Fault> {
    let mut all = Vec::new();
    for card in holder.cards()? {
        let count = crate::wallet::flatten(&to_json(&holder.claims(card.id)?)).len();
        all.push(format!("a {} that says {count} things", card.card_type));
    }
    Ok(if all.is_empty() { "nothing".to_owned() } else { all.join(", ") })
}

fn pin(digits: &str) -> Result<Pin, Fault> {
    Ok(Pin::new(digits.to_owned().into())?)
}
