//! The holder's side: from a request to a decision.
//!
//! ```text
//! Asked ──assess──► Assessed ──review──► Reviewed ──respond──► Response
//!                      └────────decline─────────────────────► Response (a refusal of the same size)
//! ```
//! Each step takes the one before by value. In an [`Assessed`] the person chooses; a [`Reviewed`] says what exactly
//! will be shown, and only it can respond.

use super::request::Request;
use super::response::{self, Response};
use crate::cose::Verified;
use crate::cose::key::Thumbprint;
use crate::credential::{Card, ClaimPath, Credential};
use crate::crypto::Signer;
use crate::error::{Error, Result, invalid};
use crate::ports::Entropy;
use crate::trust::{Bundle, Names, Purpose, Standing};
use std::collections::HashSet;
use time::Date;
use zeroize::Zeroizing;

/// A request that was read and whose signature holds.
#[derive(Debug)]
pub struct Asked(Verified<Request>);

/// Who asks, as far as it can be known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asker {
    /// A registrar the wallet believes vouches for this name.
    Registered {
        /// The verifier's name.
        names: Names,
        /// Who vouches.
        registrar: Names,
        /// Where to complain.
        contact: String,
    },
    /// The same, but only until some day that is over by the holder's clock.
    Lapsed {
        /// The verifier's name.
        names: Names,
        /// Where to complain.
        contact: String,
        /// Last day, UTC.
        on: Date,
    },
    /// Nobody the wallet knows vouches for it: it has no name, whatever it says.
    Unregistered {
        /// Its key's thumbprint, the only thing about it that is certain.
        id: Thumbprint,
    },
}

/// How a claim stands to what the verifier is registered for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// The purpose cannot be served without it.
    Needed,
    /// It helps, and may be withheld.
    Optional,
    /// The verifier is not registered to ask for it. Never in the default, never shared by one tap.
    Beyond,
}

/// One claim of the request, seen from the holder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Which claim.
    pub path: ClaimPath,
    /// How it stands to the registration.
    pub need: Need,
    /// Whether the verifier says it keeps the value.
    pub kept: bool,
    /// Whether the card in hand has it.
    pub held: bool,
    /// Whether it is chosen to be shown.
    pub chosen: bool,
}

impl Asked {
    /// Reads a request.
    ///
    /// # Errors
    /// As [`Request::verify`].
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        Request::verify(bytes).map(Self)
    }

    /// The request.
    pub fn request(&self) -> &Request {
        &self.0
    }

    /// Holds the request against whom the wallet believes and what it holds; `cards` oldest first. Of those in their days
    /// the one that has most of what is needed is taken up; needed claims it has are chosen.
    pub fn assess(self, trust: Option<&Bundle>, now: i64, cards: Vec<Card>) -> Assessed {
        let registration = self.0.registration();
        let standing = registration.map_or(Standing::Unvouched, |registration| registration.standing(trust, now));
        let asker = match (registration, standing) {
            (Some(r), Standing::Registered { registrar }) => {
                Asker::Registered { names: r.names().clone(), registrar, contact: r.contact().to_owned() }
            }
            (Some(r), Standing::Expired { on }) => {
                Asker::Lapsed { names: r.names().clone(), contact: r.contact().to_owned(), on }
            }
            _ => Asker::Unregistered { id: self.0.verifier() },
        };
        let purpose = match asker {
            Asker::Unregistered { .. } => None,
            _ => registration.and_then(|registration| registration.purpose(self.0.purpose())),
        };
        let need = |path: &ClaimPath| need_of(path, purpose);
        let item = |ask: &super::Ask| Item {
            need: need(&ask.path),
            path: ask.path.clone(),
            kept: ask.kept,
            held: false,
            chosen: false,
        };
        let items = self.0.asks().iter().map(item).collect();
        let mut assessed = Assessed { request: self.0, asker, items, cards, card: None };
        let covers = |card: &dyn Credential| {
            let held = |need| assessed.items.iter().filter(|i| i.need == need && holds(card, &i.path)).count();
            (held(Need::Needed), held(Need::Optional), held(Need::Beyond))
        };
        // A card in its days before one that is not, then the one that has most, then the newest.
        let rank = |i: &usize| (assessed.cards[*i].validity().holds_at(now), covers(&*assessed.cards[*i]));
        let answering = (0..assessed.cards.len()).filter(|i| covers(&*assessed.cards[*i]) != (0, 0, 0));
        if let Some(best) = answering.max_by_key(rank) {
            assessed.take_up(best);
        }
        assessed
    }
}

fn holds(card: &dyn Credential, path: &ClaimPath) -> bool {
    card.claims().at(path).is_some()
}

fn need_of(path: &ClaimPath, purpose: Option<&Purpose>) -> Need {
    let within = |listed: &[ClaimPath]| listed.iter().any(|listed| path.is_within(listed));
    match purpose {
        Some(purpose) if within(&purpose.needed) => Need::Needed,
        Some(purpose) if within(&purpose.optional) => Need::Optional,
        _ => Need::Beyond,
    }
}

/// A request held against the wallet: the person chooses here.
#[derive(Debug)]
pub struct Assessed {
    request: Verified<Request>,
    asker: Asker,
    items: Vec<Item>,
    cards: Vec<Card>,
    card: Option<usize>,
}

impl Assessed {
    /// Who asks.
    pub fn asker(&self) -> &Asker {
        &self.asker
    }

    /// The request.
    pub fn request(&self) -> &Request {
        &self.request
    }

    /// Every claim that is asked for.
    pub fn items(&self) -> &[Item] {
        &self.items
    }

    /// The card in hand, by its place in what was given to [`Asked::assess`]; none where no card has anything asked.
    pub fn card(&self) -> Option<usize> {
        self.card
    }

    /// Takes up another card; the choice goes back to the default.
    ///
    /// # Errors
    /// `not-found` (`card`).
    pub fn use_card(&mut self, index: usize) -> Result<()> {
        if index >= self.cards.len() {
            return Err(Error::NotFound { what: "card" });
        }
        self.take_up(index);
        Ok(())
    }

    fn take_up(&mut self, index: usize) {
        self.card = Some(index);
        for item in &mut self.items {
            item.held = holds(&*self.cards[index], &item.path);
            item.chosen = item.held && item.need == Need::Needed;
        }
    }

    /// Withholds a claim.
    ///
    /// # Errors
    /// `not-found` (`claim`) for one that is not asked for.
    pub fn withhold(&mut self, path: &ClaimPath) -> Result<()> {
        self.choose(path, false, |_| true)
    }

    /// Shares a claim that the verifier is registered to ask for.
    ///
    /// # Errors
    /// `not-found` (`claim`) for one that is not asked for, not held, or beyond the registration.
    pub fn share(&mut self, path: &ClaimPath) -> Result<()> {
        self.choose(path, true, |item| item.held && item.need != Need::Beyond)
    }

    /// Shares a claim that the verifier is not registered to ask for: one explicit act for each.
    ///
    /// # Errors
    /// `not-found` (`claim`) for one that is not asked for or not held.
    pub fn share_beyond_registration(&mut self, path: &ClaimPath) -> Result<()> {
        self.choose(path, true, |item| item.held)
    }

    fn choose(&mut self, path: &ClaimPath, chosen: bool, allowed: impl Fn(&Item) -> bool) -> Result<()> {
        let item = self.items.iter_mut().find(|item| item.path == *path).filter(|item| allowed(item));
        item.ok_or(Error::NotFound { what: "claim" })?.chosen = chosen;
        Ok(())
    }

    /// The claims that the purpose needs and the card in hand has: the default.
    pub fn needed(&self) -> Vec<ClaimPath> {
        let is_needed = |item: &&Item| item.held && item.need == Need::Needed;
        self.items.iter().filter(is_needed).map(|item| item.path.clone()).collect()
    }

    /// What the card in hand shows with any answer, because its issuer left it open.
    pub fn always_shown(&self) -> Vec<ClaimPath> {
        let card = self.card.map(|index| &self.cards[index]);
        card.and_then(|card| card.shown_by(&[]).ok()).unwrap_or_default()
    }

    /// Whether the card in hand is out of its days at `now`, Unix seconds.
    pub fn is_out_of_date(&self, now: i64) -> bool {
        self.card.is_some_and(|index| !self.cards[index].validity().holds_at(now))
    }

    /// Whether [`review`](Self::review) would go on.
    ///
    /// # Errors
    /// `not-found` (`card`) where no card is in hand; `invalid` (`nothing-chosen`): an answer without a claim would still
    /// show a card that can be recognised. Then [`decline`](Self::decline) is the way.
    pub fn check_ready(&self) -> Result<()> {
        self.ready().map(drop)
    }

    /// The card in hand, once something is chosen.
    fn ready(&self) -> Result<usize> {
        let index = self.card.ok_or(Error::NotFound { what: "card" })?;
        if self.items.iter().any(|item| item.chosen) { Ok(index) } else { Err(invalid("nothing-chosen")) }
    }

    /// Ends the choosing: what would be shown now stands fast.
    ///
    /// # Errors
    /// As [`check_ready`](Self::check_ready).
    pub fn review(mut self) -> Result<Reviewed> {
        let card = self.cards.swap_remove(self.ready()?);
        let (chosen, rest): (Vec<_>, Vec<_>) = self.items.into_iter().partition(|item| item.chosen);
        let paths = |items: Vec<Item>| items.into_iter().map(|item| item.path).collect::<Vec<_>>();
        let shown = paths(chosen);
        // What the issuer tied together goes together, whatever was asked: the person is told.
        let values = card.shown_by(&shown)?;
        let whole = card.shown_by_all()?;
        let goes: HashSet<_> = values.iter().collect();
        let is_kept_back = |path: &ClaimPath| {
            let mut inside = whole.iter().filter(|value| value.is_within(path)).peekable();
            inside.peek().is_none() || inside.any(|value| !goes.contains(value))
        };
        let withheld = paths(rest).into_iter().filter(is_kept_back).collect();
        let beside = |value: &ClaimPath| !shown.iter().any(|path| value.is_within(path));
        let also_shown = values.iter().filter(|value| beside(value)).cloned().collect();
        let card = card.select(&shown)?;
        let size = response::size_for(&self.request, response::most_bytes(&*card));
        Ok(Reviewed { request: self.request, card, shown, also_shown, withheld, size })
    }

    /// Refuses. The verifier learns that nothing was shared; not whether it was there.
    pub fn decline(self, entropy: &dyn Entropy) -> Result<Response> {
        response::seal(&self.request, None, response::size_for(&self.request, 0), entropy)
    }
}

/// A decision that only waits to be carried out.
#[derive(Debug)]
pub struct Reviewed {
    request: Verified<Request>,
    card: Card,
    shown: Vec<ClaimPath>,
    also_shown: Vec<ClaimPath>,
    withheld: Vec<ClaimPath>,
    size: usize,
}

impl Reviewed {
    /// What was chosen and will be shown.
    pub fn shown(&self) -> &[ClaimPath] {
        &self.shown
    }

    /// What will be shown beside it, because the issuer left it open or tied it to what was chosen.
    pub fn also_shown(&self) -> &[ClaimPath] {
        &self.also_shown
    }

    /// What was asked for and will not be shown.
    pub fn withheld(&self) -> &[ClaimPath] {
        &self.withheld
    }

    /// The request.
    pub fn request(&self) -> &Request {
        &self.request
    }

    /// The card as it will be shown, with the chosen disclosures only.
    pub fn card(&self) -> &dyn Credential {
        &*self.card
    }

    /// Whether the answer will be larger than a refusal of this request, so that a bystander can tell them apart.
    pub fn stands_out(&self) -> bool {
        self.size > response::size_for(&self.request, 0)
    }

    /// Signs and seals the answer; `key` is the card's, none for a bearer's card, and `at` the holder's clock, Unix seconds.
    ///
    /// # Errors
    /// `invalid` (`holder-key`) where `key` is not the card's; `untrusted` (`point-small-order`) for a request whose
    /// key would open to everybody.
    pub fn respond(self, key: Option<&dyn Signer>, at: i64, entropy: &dyn Entropy) -> Result<Response> {
        let proof = self.card.present(&self.request.binding(), key, at, entropy).map(Zeroizing::new)?;
        response::seal(&self.request, Some((self.card.format(), &proof)), self.size, entropy)
    }
}
