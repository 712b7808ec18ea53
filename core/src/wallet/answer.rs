//! Answering a request: the consent of [`presentation`](crate::presentation), with the wallet's cards and memory.

use super::Holder;
use super::cards::{CardId, read_card, read_cards};
use super::history::{self, Draft, Outcome, ToldAsker};
use super::records::{self, HolderKeyRecord, Settings};
use crate::credential::ClaimPath;
use crate::error::{Error, Result};
use crate::explain::Message;
use crate::presentation::{Asked, Asker, Assessed, Item, Need, Request, Response, Reviewed};
use crate::qr::{Kind, Symbol, armour};

/// A request that was received: choose here.
pub struct Incoming {
    holder: Holder,
    assessed: Assessed,
    cards: Vec<CardId>,
    answered_at: Option<i64>,
    received_at: i64,
}

impl Holder {
    /// Reads a verifier's request (armoured text, or bytes) and holds it against the cards.
    ///
    /// # Errors
    /// `untrusted` (`signature-invalid`), `not-for-me` for another kind of code, `foreign`, `too-new`, `damaged`,
    /// `locked`.
    pub fn receive(&self, input: &[u8]) -> Result<Incoming> {
        let (_, bytes) = armour::read(input, &[Kind::Request])?;
        let asked = Asked::parse(&bytes)?;
        let received_at = self.host.clock.now()?;
        let (trust, cards, answered_at) = self.with(|session| {
            // One whose key stayed on another phone proves nothing here.
            let cards = read_cards(session)?.held.into_iter().filter(|held| held.is_usable);
            let answered_at = history::answered_at(session, asked.request())?;
            let cards: Vec<_> = cards.map(|held| (held.id, held.card)).collect();
            Ok((records::read_trust(session)?, cards, answered_at))
        })?;
        let (ids, cards) = cards.into_iter().unzip();
        let assessed = asked.assess(trust.as_deref(), received_at, cards);
        Ok(Incoming { holder: self.clone(), assessed, cards: ids, answered_at, received_at })
    }
}

impl Incoming {
    /// Who asks.
    pub fn asker(&self) -> &Asker {
        self.assessed.asker()
    }

    /// The request.
    pub fn request(&self) -> &Request {
        self.assessed.request()
    }

    /// Every claim that is asked for, and what is chosen so far.
    pub fn items(&self) -> &[Item] {
        self.assessed.items()
    }

    /// The card in hand; none where no card has anything that is asked for.
    pub fn card(&self) -> Option<CardId> {
        self.assessed.card().and_then(|index| self.cards.get(index)).copied()
    }

    /// When this wallet answered or declined the same request before, Unix seconds, as far as its history tells.
    pub fn answered_at(&self) -> Option<i64> {
        self.answered_at
    }

    /// How old the request seems, in seconds; negative for one from the future. Either clock may be wrong.
    pub fn seeming_age(&self) -> Option<i64> {
        self.request().made_at().map(|made_at| self.received_at.saturating_sub(made_at))
    }

    /// Takes up another card; the choice goes back to the default.
    ///
    /// # Errors
    /// `not-found` (`card`).
    pub fn use_card(&mut self, id: CardId) -> Result<()> {
        let index = self.cards.iter().position(|card| *card == id);
        self.assessed.use_card(index.unwrap_or(usize::MAX))
    }

    /// Shares a claim that the verifier is registered to ask for.
    ///
    /// # Errors
    /// `not-found` (`claim`) for one not asked for, not held, or beyond the registration.
    pub fn share(&mut self, path: &ClaimPath) -> Result<()> {
        self.assessed.share(path)
    }

    /// Shares a claim that the verifier is not registered to ask for.
    ///
    /// # Errors
    /// `not-found` (`claim`) for one not asked for or not held.
    pub fn share_beyond_registration(&mut self, path: &ClaimPath) -> Result<()> {
        self.assessed.share_beyond_registration(path)
    }

    /// Withholds a claim.
    ///
    /// # Errors
    /// `not-found` (`claim`) for one not asked for.
    pub fn withhold(&mut self, path: &ClaimPath) -> Result<()> {
        self.assessed.withhold(path)
    }

    /// The claims that the purpose needs and the card in hand has: the default.
    pub fn needed(&self) -> Vec<ClaimPath> {
        self.assessed.needed()
    }

    /// Whether [`review`](Self::review) would go on.
    ///
    /// # Errors
    /// `not-found` (`card`) where no card is in hand, `invalid` (`nothing-chosen`): then decline.
    pub fn check_ready(&self) -> Result<()> {
        self.assessed.check_ready()
    }

    /// Ends the choosing.
    ///
    /// # Errors
    /// As [`check_ready`](Self::check_ready).
    pub fn review(self) -> Result<Consent> {
        let card = self.card();
        let asker = ToldAsker::from(self.asker());
        let reviewed = self.assessed.review()?;
        let card = card.ok_or(Error::NotFound { what: "card" })?;
        Ok(Consent { holder: self.holder, reviewed, card, asker })
    }

    /// Refuses. The answer looks like any other and says only that nothing is shared.
    ///
    /// # Errors
    /// `locked`, `storage`, `host`; `untrusted` (`point-small-order`).
    pub fn decline(self) -> Result<Answer> {
        let asked: Vec<_> = self.items().iter().map(|item| item.path.clone()).collect();
        let unrecorded = self.holder.remember(|at| Draft {
            request: self.assessed.request(),
            asker: ToldAsker::from(self.asker()),
            at,
            outcome: Outcome::Declined,
            shown: &[],
            beside: &[],
            withheld: &asked,
            card: None,
        })?;
        let response = self.assessed.decline(&*self.holder.host.entropy)?;
        Ok(Answer { response, unrecorded })
    }

    /// What the person is told before choosing, most important first.
    pub fn explain(&self) -> Vec<Message> {
        let purpose = |message: Message| message.with("purpose", self.request().purpose());
        let mut messages = vec![purpose(match self.asker() {
            Asker::Registered { names, registrar, contact } => Message::plain("asker-registered")
                .with("name", names.best(&[]))
                .with("registrar", registrar.best(&[]))
                .with("contact", contact.as_str()),
            Asker::Lapsed { names, contact, on } => Message::plain("asker-lapsed")
                .with("name", names.best(&[]))
                .with("day", on.to_string())
                .with("contact", contact.as_str()),
            Asker::Unregistered { id } => Message::plain("asker-unregistered").with("id", id.to_text()),
        })];
        for item in self.items() {
            let id = match item.need {
                Need::Needed => "claim-needed",
                Need::Optional => "claim-optional",
                Need::Beyond => "claim-beyond",
            };
            messages.push(Message::plain(id).with("claim", item.path.to_string()));
            messages.extend(item.kept.then(|| Message::plain("claim-kept").with("claim", item.path.to_string())));
        }
        let always = self.assessed.always_shown();
        messages.extend(always.iter().map(|path| Message::plain("claim-open").with("claim", path.to_string())));
        messages.extend(self.assessed.is_out_of_date(self.received_at).then(|| Message::plain("card-out-of-date")));
        // The same signature and key at every showing: verifiers who compare notes can tell.
        messages.extend(self.card().map(|_| Message::plain("links-card")));
        let days = |seconds: i64| (seconds.abs() / 86_400).to_string();
        messages.extend(match self.seeming_age() {
            Some(age) if age >= 86_400 => Some(Message::plain("request-old").with("days", days(age))),
            Some(age) if age <= -86_400 => Some(Message::plain("request-future").with("days", days(age))),
            _ => None,
        });
        messages.extend(self.answered_at.map(|_| Message::plain("request-answered-before")));
        messages
    }
}

/// A decision that only waits to be carried out.
pub struct Consent {
    holder: Holder,
    reviewed: Reviewed,
    card: CardId,
    asker: ToldAsker,
}

impl Consent {
    /// What will be shown.
    pub fn shown(&self) -> &[ClaimPath] {
        self.reviewed.shown()
    }

    /// What will be shown beside it, because the issuer left it open or tied it to what was chosen.
    pub fn also_shown(&self) -> &[ClaimPath] {
        self.reviewed.also_shown()
    }

    /// What was asked for and will not be shown.
    pub fn withheld(&self) -> &[ClaimPath] {
        self.reviewed.withheld()
    }

    /// Whether the answer will be larger than a refusal, so that a bystander can tell them apart.
    pub fn stands_out(&self) -> bool {
        self.reviewed.stands_out()
    }

    /// What the person is told before the last tap.
    pub fn explain(&self) -> Vec<Message> {
        let claim = |id, path: &ClaimPath| Message::plain(id).with("claim", path.to_string());
        let shown = self.shown().iter().map(|path| claim("will-show", path));
        let beside = self.also_shown().iter().map(|path| claim("will-show-beside", path));
        let withheld = self.withheld().iter().map(|path| claim("will-withhold", path));
        shown
            .chain(beside)
            .chain(withheld)
            .chain(self.stands_out().then(|| Message::plain("answer-stands-out")))
            .collect()
    }

    /// Carries it out: signs and seals the answer, and hands it out once the history has it, or cannot have it because
    /// nothing can be written: [`Answer::explain`] says so.
    ///
    /// # Errors
    /// `locked`, `storage`, `host`; `not-found` (`card`) where it was deleted meanwhile; `untrusted`
    /// (`point-small-order`).
    pub fn respond(self) -> Result<Answer> {
        let key = self.holder.with(|session| {
            let record = read_card(session, self.card)?;
            match record.key {
                Some(key) => HolderKeyRecord::read(session, key).map(|record| Some(record.key)),
                // Only what needs no proof is shown without a key.
                None if record.parse()?.holder_key().is_none() => Ok(None),
                None => Err(Error::NotFound { what: "card" }),
            }
        })?;
        let card = self.reviewed.card();
        let (request, named) =
            (self.reviewed.request().clone(), (card.card_type().to_owned(), card.issuer().to_owned()));
        let [shown, beside, withheld] = [self.shown(), self.also_shown(), self.withheld()].map(<[ClaimPath]>::to_vec);
        let at = self.holder.host.clock.now()?;
        // A key inside the device may wait for a person, who may say no: then nothing was answered.
        let signer = key.as_ref().map(|key| key.signer(&self.holder.host)).transpose()?;
        let response = self.reviewed.respond(signer.as_deref(), at, &*self.holder.host.entropy)?;
        let unrecorded = self.holder.remember(|at| Draft {
            request: &request,
            asker: self.asker,
            at,
            outcome: Outcome::Shared,
            shown: &shown,
            beside: &beside,
            withheld: &withheld,
            card: Some(named),
        })?;
        Ok(Answer { response, unrecorded })
    }
}

impl Holder {
    /// Writes the history's entry, where the holder keeps one. On a disk that takes nothing people still show their ID:
    /// then this is why there is no entry.
    fn remember<'a>(&self, draft: impl FnOnce(i64) -> Draft<'a>) -> Result<Option<&'static str>> {
        let now = self.host.clock.now()?;
        self.with(|session| {
            if !Settings::read(session)?.keeps_history {
                return Ok(None);
            }
            if let Some(reason) = session.read_only() {
                return Ok(Some(reason));
            }
            match session.write(|batch| draft(now).write(batch, &*self.host.entropy)) {
                Err(Error::Storage { reason }) => Ok(Some(reason)),
                written => written.map(|()| None),
            }
        })
    }
}

/// A sealed answer to show. Showing it again shows the same bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    response: Response,
    /// Why the history has no entry of it though one is kept.
    unrecorded: Option<&'static str>,
}

impl Answer {
    /// What the person is told beside the code: where all is well, nothing.
    pub fn explain(&self) -> Vec<Message> {
        let unrecorded = |reason| Message::plain("answer-unrecorded").with("reason", reason);
        self.unrecorded.map(unrecorded).into_iter().collect()
    }

    /// The text to show as a code.
    pub fn text(&self) -> String {
        armour::to_text(Kind::Response, self.response.bytes())
    }

    /// The code to show.
    ///
    /// # Errors
    /// `too-large`: then pass the text as a file.
    pub fn symbol(&self) -> Result<Symbol> {
        Symbol::of(&self.text())
    }

    /// The sealed bytes.
    pub fn bytes(&self) -> &[u8] {
        self.response.bytes()
    }
}
