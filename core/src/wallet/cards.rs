//! Getting, holding and deleting cards.

use super::Holder;
use super::records::{self, CARD, CardRecord, HOLDER_KEY, HolderKeyRecord};
use crate::credential::enrolment::{Enrolment, Offer};
use crate::credential::sd_cwt::SdCwt;
use crate::credential::{Claims, Validity};
use crate::crypto::seal::{Ephemeral, HINT_LEN, Use};
use crate::crypto::{SigningKey, make_random, sha256};
use crate::error::{Error, Result, untrusted};
use crate::qr::{Kind, armour};
use crate::trust::{Bundle, Names};
use crate::vault::{RecordId, Session};
use core::fmt;

/// Names a card in this wallet. Says nothing outside it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CardId(pub(super) RecordId);

impl CardId {
    /// Reads what `Display` wrote: 32 hexadecimal digits.
    ///
    /// # Errors
    /// `not-found` (`card`).
    pub fn parse(text: &str) -> Result<Self> {
        let wrong = Error::NotFound { what: "card" };
        if text.len() != 32 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(wrong);
        }
        let mut id = [0; 16];
        for (i, byte) in id.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&text[2 * i..2 * i + 2], 16).map_err(|_| wrong.clone())?;
        }
        Ok(Self(RecordId(id)))
    }

    fn of(token: &[u8]) -> Self {
        let hash = sha256(token);
        Self(RecordId(core::array::from_fn(|i| hash[i])))
    }
}

impl fmt::Display for CardId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for CardId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CardId({self})")
    }
}

/// A card in a list.
#[derive(Clone, Debug, PartialEq)]
pub struct CardSummary {
    /// Its id.
    pub id: CardId,
    /// What kind of card.
    pub card_type: String,
    /// The issuer's id.
    pub issuer: String,
    /// The issuer's name, where the trust bundle has it and the card's signature holds.
    pub issuer_names: Option<Names>,
    /// From when to when.
    pub validity: Validity,
    /// When it was added, Unix seconds by this device's clock.
    pub added_at: i64,
}

impl Holder {
    /// Answers a desk's offer (armoured text, or bytes) with a fresh key, and returns the enrolment as text to show or
    /// send. The key is kept before this returns.
    ///
    /// # Errors
    /// `untrusted` where the issuer is in the trust bundle and did not sign the offer; `damaged`, `foreign`, `locked`,
    /// `storage`.
    pub fn enrol(&self, offer: &[u8]) -> Result<String> {
        let (_, bytes) = armour::read(offer, &[Kind::Offer])?;
        let offer = Offer::parse(&bytes)?;
        let entropy = &*self.host.entropy;
        let (key, ephemeral) = (SigningKey::make(entropy)?, Ephemeral::make(entropy)?);
        let enrolment = Enrolment::make(&offer, &key, ephemeral.public_key());
        let id = RecordId(make_random(entropy)?);
        let issuer = offer.issuer().to_owned();
        let record = HolderKeyRecord { key, enrolment: *enrolment.hash(), issuer, delivery: Some(ephemeral) };
        self.with(|session| {
            if let Some(issuer) = records::read_trust(session)?.as_ref().and_then(|trust| known(trust, &offer)) {
                let mut keys = issuer.keys_named(offer.kid());
                if !keys.any(|key| offer.verify_issuer(&key.key).is_ok()) {
                    return Err(untrusted("signature-invalid"));
                }
            }
            session.write(|batch| record.write(batch, id))
        })?;
        Ok(armour::to_text(Kind::Enrolment, enrolment.bytes()))
    }

    /// Takes in a card: a delivery sealed to this wallet, or a card in clear, as armoured text or bytes. The same card
    /// again changes nothing.
    ///
    /// # Errors
    /// `not-for-me` where no key of this wallet belongs to it; `untrusted` (`signature-invalid`) where its issuer is in
    /// the trust bundle and did not sign it; `damaged` (`sd-cwt-not-whole`) where the desk kept disclosures back.
    pub fn add(&self, input: &[u8]) -> Result<CardId> {
        let (kind, bytes) = armour::read(input, &[Kind::Card, Kind::Delivery])?;
        let added_at = self.host.clock.now()?;
        self.with(|session| {
            let (token, is_delivery) = match kind {
                Some(Kind::Card) => (bytes, false),
                // Bytes from a file: a card in clear starts as COSE does, a delivery with chance.
                None if SdCwt::parse(&bytes).is_ok() => (bytes, false),
                _ => match open_delivery(session, &bytes)? {
                    Delivery::New(token) => (token, true),
                    Delivery::Before(id) => return Ok(id),
                },
            };
            let card = SdCwt::parse(&token)?;
            // A digest without its disclosure could hide a claim from its holder (the draft's section 16.4).
            if !card.is_whole() {
                return Err(crate::error::damaged("sd-cwt-not-whole"));
            }
            if let Some(trust) = records::read_trust(session)? {
                let issuer = trust.issuer(card.issuer(), card.card_type());
                let mut keys = issuer.iter().flat_map(|issuer| issuer.keys_named(card.kid()));
                if issuer.is_some() && !keys.any(|key| card.verify_issuer(&key.key).is_ok()) {
                    return Err(untrusted("signature-invalid"));
                }
            }
            // Refuses a card with names that could not be shown truly.
            card.shown_by(&[])?;
            let (key_id, key) = find_key(session, &card)?;
            let id = CardId::of(&token);
            let record = CardRecord { token, key: key_id, added_at };
            session.write(|batch| {
                if !batch.has(CARD, id.0) {
                    record.write(batch, id.0)?;
                }
                // Once the delivery has come, what it was sealed to is wiped. A card in clear is no delivery: whoever
                // saw the enrolment could make one for the same key.
                if is_delivery { HolderKeyRecord { delivery: None, ..key }.write(batch, key_id) } else { Ok(()) }
            })?;
            Ok(id)
        })
    }

    /// The cards, oldest first.
    ///
    /// # Errors
    /// `locked`, `storage`, `not-a-vault`.
    pub fn cards(&self) -> Result<Vec<CardSummary>> {
        self.with(|session| {
            let trust = records::read_trust(session)?;
            let mut cards = Vec::new();
            for id in session.list(CARD)? {
                let record = CardRecord::read(session, id)?;
                cards.push(summarise(CardId(id), &record, &SdCwt::parse(&record.token)?, trust.as_deref()));
            }
            cards.sort_by_key(|card| (card.added_at, card.id));
            Ok(cards)
        })
    }

    /// What a card says.
    ///
    /// # Errors
    /// `not-found` (`card`), `locked`, `storage`, `not-a-vault`.
    pub fn claims(&self, id: CardId) -> Result<Claims> {
        self.with(|session| Ok(SdCwt::parse(&read_card(session, id)?.token)?.claims()))
    }

    /// Deletes a card and its key. Nobody is told.
    ///
    /// # Errors
    /// `not-found` (`card`), `locked`, `storage`, `in-use`.
    pub fn delete(&self, id: CardId) -> Result<()> {
        self.with(|session| {
            let key = read_card(session, id)?.key;
            let mut used_elsewhere = false;
            for other in session.list(CARD)? {
                used_elsewhere |= other != id.0 && CardRecord::read(session, other)?.key == key;
            }
            session.write(|batch| {
                batch.delete(CARD, id.0)?;
                if used_elsewhere { Ok(()) } else { batch.delete(HOLDER_KEY, key) }
            })
        })
    }
}

pub(super) fn read_card(session: &mut Session, id: CardId) -> Result<CardRecord> {
    CardRecord::read(session, id.0).map_err(|error| match error {
        Error::NotFound { .. } => Error::NotFound { what: "card" },
        other => other,
    })
}

fn known<'a>(trust: &'a Bundle, offer: &Offer) -> Option<&'a crate::trust::Issuer> {
    trust.issuers.iter().find(|issuer| issuer.id == offer.issuer())
}

enum Delivery {
    New(Vec<u8>),
    /// Its card is here already.
    Before(CardId),
}

fn open_delivery(session: &mut Session, sealed: &[u8]) -> Result<Delivery> {
    for id in session.list(HOLDER_KEY)? {
        let record = HolderKeyRecord::read(session, id)?;
        if !sealed.starts_with(&record.enrolment[..HINT_LEN]) {
            continue;
        }
        return match record.delivery {
            Some(ephemeral) => {
                let token = ephemeral.open(Use::Delivery, &record.enrolment, sealed)?;
                Ok(Delivery::New(token.to_vec()))
            }
            None => card_of(session, id).map(Delivery::Before),
        };
    }
    Err(Error::NotForMe)
}

fn card_of(session: &mut Session, key: RecordId) -> Result<CardId> {
    for id in session.list(CARD)? {
        if CardRecord::read(session, id)?.key == key {
            return Ok(CardId(id));
        }
    }
    Err(Error::NotForMe)
}

fn find_key(session: &mut Session, card: &SdCwt) -> Result<(RecordId, HolderKeyRecord)> {
    for id in session.list(HOLDER_KEY)? {
        let record = HolderKeyRecord::read(session, id)?;
        // Also of the issuer the key was made for: whoever filmed the enrolment could issue to it too.
        if record.key.public_key() == *card.holder_key() && record.issuer == card.issuer() {
            return Ok((id, record));
        }
    }
    Err(Error::NotForMe)
}

fn summarise(id: CardId, record: &CardRecord, card: &SdCwt, trust: Option<&Bundle>) -> CardSummary {
    let issuer = trust.and_then(|trust| trust.issuer(card.issuer(), card.card_type()));
    let signed =
        |issuer: &&crate::trust::Issuer| issuer.keys_named(card.kid()).any(|key| card.verify_issuer(&key.key).is_ok());
    CardSummary {
        id,
        card_type: card.card_type().to_owned(),
        issuer: card.issuer().to_owned(),
        issuer_names: issuer.filter(signed).map(|issuer| issuer.names.clone()),
        validity: card.validity(),
        added_at: record.added_at,
    }
}
