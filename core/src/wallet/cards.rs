//! Getting, holding and deleting cards.

use super::Holder;
use super::hex::{hex, parse_hex};
use super::holder_key::{HolderKey, KeyPlace};
use super::records::{self, CARD, CardRecord, HOLDER_KEY, HolderKeyRecord};
use crate::credential::enrolment::{Enrolment, Offer};
use crate::credential::{
    Card, Claims, Credential, Format, MAX_PORTRAIT_LEN, Validity, check_portraits, parse_card, recognise,
};
use crate::crypto::seal::{Ephemeral, HINT_LEN, Use};
use crate::crypto::{make_random, sha256};
use crate::error::{Error, Result, damaged, untrusted};
use crate::qr::{Kind, armour};
use crate::trust::{Bundle, Issuer, Names, Signed};
use crate::vault::{Batch, RecordId, Records};
use core::fmt;
use zeroize::Zeroizing;

/// Names a card in this wallet. Says nothing outside it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CardId(pub(super) RecordId);

impl CardId {
    /// Reads what `Display` wrote: 32 hexadecimal digits.
    ///
    /// # Errors
    /// `not-found` (`card`).
    pub fn parse(text: &str) -> Result<Self> {
        Ok(Self(RecordId(parse_hex(text).ok_or(Error::NotFound { what: "card" })?)))
    }
}

impl fmt::Display for CardId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0.0))
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
    /// The format it comes in.
    pub format: Format,
    /// What kind of card.
    pub card_type: String,
    /// The issuer's id; empty where the card names none.
    pub issuer: String,
    /// The issuer's name, where the trust bundle has it and the card's signature holds.
    pub issuer_names: Option<Names>,
    /// From when to when.
    pub validity: Validity,
    /// When it was added, Unix seconds by this device's clock.
    pub added_at: i64,
    /// Whether its holder proves a key when showing it. A bearer's card, such as a paper ID, can be shown by whoever has it.
    pub has_holder_key: bool,
    /// Whether its key is not here: it came from a backup, and must be issued again before it can be shown.
    pub needs_reissue: bool,
}

impl Holder {
    /// Answers a desk's offer (armoured text, or bytes) with a fresh key, and returns the enrolment as text to show or
    /// send. The key is kept before this returns.
    ///
    /// # Errors
    /// `untrusted` where the issuer is in the trust bundle and did not sign the offer; `damaged`, `foreign`, `locked`,
    /// `storage`.
    pub fn enrol(&self, offer: &[u8]) -> Result<String> {
        self.enrol_with(offer, KeyPlace::Vault)
    }

    /// [`enrol`](Self::enrol), with the say of where the card's key lies. May wait for a person, where it lies in the device.
    ///
    /// # Errors
    /// As [`enrol`](Self::enrol); `host` (`missing`) for a device that has no place for keys.
    pub fn enrol_with(&self, offer: &[u8], place: KeyPlace) -> Result<String> {
        let (_, bytes) = armour::read(offer, &[Kind::Offer])?;
        let offer = Offer::parse(&bytes)?;
        let entropy = &*self.host.entropy;
        // Made, and signed with, while nothing is locked.
        let key = HolderKey::make(place, offer.format().holder_curve(), &self.host)?;
        let ephemeral = Ephemeral::make(entropy)?;
        let enrolment = Enrolment::make(&offer, &*key.signer(&self.host)?, ephemeral.public_key())?;
        let id = RecordId(make_random(entropy)?);
        let issuer = offer.issuer().to_owned();
        let card_type = offer.card_type().to_owned();
        let delivery = Some(ephemeral);
        let record =
            HolderKeyRecord { key, enrolment: *enrolment.hash(), issuer, card_type, delivery, delivered: None };
        self.with(|session| {
            let trust = records::read_trust(session)?;
            let issuer = trust.as_ref().and_then(|trust| trust.issuer(offer.issuer(), offer.card_type()));
            refuse_forged(issuer.map(|issuer| issuer.signed(offer.kid(), |key| offer.verify_issuer(key))))?;
            session.write(|batch| record.write(batch, id))
        })?;
        Ok(armour::to_text(Kind::Enrolment, enrolment.bytes()))
    }

    /// Takes in a card: a delivery sealed to this wallet, or a card in clear, of any format, as text or bytes. The same
    /// card again changes nothing.
    ///
    /// # Errors
    /// `not-for-me` where no key of this wallet belongs to it, or was made for its issuer and type; `already-used` for
    /// another delivery to an enrolment that has its card; `untrusted` (`signature-invalid`) where its issuer is in
    /// the trust bundle and did not sign it; `damaged` (`sd-cwt-not-whole`) where the desk kept disclosures back.
    pub fn add(&self, input: &[u8]) -> Result<CardId> {
        let (kind, bytes) = match armour::read(input, &[Kind::Card, Kind::Delivery]) {
            // Not in our armour: a card as its own format writes it.
            Err(Error::Foreign) => (Some(Kind::Card), recognise(input, &[])?.to_bytes()),
            read => read?,
        };
        let added_at = self.host.clock.now()?;
        self.with(|session| session.write(|batch| add_to(batch, kind, bytes, added_at)))
    }

    /// The cards that can be read, oldest first.
    ///
    /// # Errors
    /// `locked`, `storage`, `in-use`.
    pub fn cards(&self) -> Result<Vec<CardSummary>> {
        let at = self.host.clock.now()?;
        self.with(|session| {
            let trust = records::read_trust(session)?;
            Ok(read_cards(session)?.held.iter().map(|held| summarise(held, trust.as_deref(), at)).collect())
        })
    }

    /// The cards that cannot be read: their cells were damaged, or a later version wrote them. They are kept.
    ///
    /// # Errors
    /// `locked`, `storage`, `in-use`.
    pub fn unreadable_cards(&self) -> Result<Vec<CardId>> {
        self.with(|session| Ok(read_cards(session)?.unreadable))
    }

    /// What a card says.
    ///
    /// # Errors
    /// `not-found` (`card`), `locked`, `storage`, `not-a-vault`.
    pub fn claims(&self, id: CardId) -> Result<Claims> {
        self.with(|session| Ok(read_card(session, id)?.parse()?.claims()))
    }

    /// Deletes a card and its key. Nobody is told.
    ///
    /// # Errors
    /// `not-found` (`card`), `locked`, `storage`, `in-use`.
    pub fn delete(&self, id: CardId) -> Result<()> {
        let key = self.with(|session| {
            session.write(|batch| {
                let key = records::readable(read_card(batch, id))?.and_then(|record| record.key);
                let is_shared = read_cards(batch)?.held.iter().any(|held| held.id != id && held.record.key == key);
                batch.delete(CARD, id.0).map_err(no_card)?;
                let Some(key) = key.filter(|key| !is_shared && batch.has(HOLDER_KEY, *key)) else { return Ok(None) };
                let record = records::readable(HolderKeyRecord::read(batch, key))?;
                batch.delete(HOLDER_KEY, key)?;
                Ok(record.map(|record| record.key))
            })
        })?;
        // Only once the card is gone for good.
        key.iter().for_each(|key| key.forget(&self.host));
        Ok(())
    }
}

fn add_to(batch: &mut Batch<'_>, kind: Option<Kind>, bytes: Vec<u8>, added_at: i64) -> Result<CardId> {
    let (token, delivery) = match kind {
        Some(Kind::Card) => (bytes, None),
        // Bytes from a file: a card in clear starts as COSE does, a delivery with chance.
        None if parse_card(&bytes).is_ok() => (bytes, None),
        _ => match open_delivery(batch, &bytes)? {
            Delivery::New(token) => (token, Some(sha256(&bytes))),
            Delivery::Before(id) => return Ok(id),
        },
    };
    let card = parse_card(&token)?;
    check_card(&*card)?;
    let trust = records::read_trust(batch)?;
    let signed = issuer_of(&*card, trust.as_deref(), added_at).map(|(_, signed)| signed);
    refuse_forged(signed)?;
    let key = match card.holder_key() {
        Some(_) => Some(find_key(batch, &*card)?),
        // A bearer's: whoever has it can show it, and needs no key.
        None => None,
    };
    let key_id = key.as_ref().map(|(id, _)| *id);
    let record = CardRecord { format: card.format(), token: Zeroizing::new(token), key: key_id, added_at };
    let id = CardId(record.id());
    let is_here = match CardRecord::read(batch, id.0) {
        Err(Error::NotFound { .. }) => false,
        read => records::readable(read)?.is_some_and(|here| here.key == record.key),
    };
    // One that was here without its key has it now.
    if !is_here {
        record.write(batch, id.0)?;
    }
    if let Some((key_id, mut key)) = key {
        key.delivered = delivery.map(|hash| (hash, id.0)).or(key.delivered);
        // Whoever saw the enrolment could seal a card of their own to it: only one that a known issuer signed ends the
        // waiting for the delivery.
        if delivery.is_some() && matches!(signed, Some(Signed::By { retired: None })) {
            key.delivery = None;
        }
        key.write(batch, key_id)?;
    }
    Ok(id)
}

/// Whether a card can be held at all.
///
/// # Errors
/// `damaged` (`sd-cwt-not-whole`, `claim-*`).
pub(super) fn check_card(card: &dyn Credential) -> Result<()> {
    // A digest without its disclosure could hide a claim from its holder (the draft's section 16.4).
    card.check_whole()?;
    // Refuses a card with names that could not be shown truly, or a portrait that is none.
    card.shown_by_all()?;
    match card.format() {
        Format::SdCwt => check_portraits(&card.claims(), MAX_PORTRAIT_LEN).map_err(|_| damaged("claim-portrait")),
        // Others' issuers put into a portrait what they like.
        _ => Ok(()),
    }
}

/// The cards of a wallet, as far as they can be read: one that cannot be must not keep the others from their holder.
pub(super) struct Cards {
    /// Oldest first.
    pub held: Vec<Held>,
    pub unreadable: Vec<CardId>,
}

/// A card that can be read.
pub(super) struct Held {
    pub id: CardId,
    pub record: CardRecord,
    pub card: Card,
    /// Whether its key is here.
    pub is_usable: bool,
}

pub(super) fn read_cards(session: &mut dyn Records) -> Result<Cards> {
    let mut cards = Cards { held: Vec::new(), unreadable: Vec::new() };
    let keys = session.list(HOLDER_KEY)?;
    for id in session.list(CARD)? {
        let record = records::readable(CardRecord::read(session, id))?;
        let card = record.and_then(|record| record.parse().ok().map(|card| (record, card)));
        match card {
            Some((record, card)) => {
                let is_usable = card.holder_key().is_none() || record.key.is_some_and(|key| keys.contains(&key));
                cards.held.push(Held { id: CardId(id), record, card, is_usable });
            }
            None => cards.unreadable.push(CardId(id)),
        }
    }
    cards.held.sort_by_key(|held| (held.record.added_at, held.id));
    Ok(cards)
}

fn no_card(error: Error) -> Error {
    match error {
        Error::NotFound { .. } => Error::NotFound { what: "card" },
        other => other,
    }
}

pub(super) fn read_card(session: &mut dyn Records, id: CardId) -> Result<CardRecord> {
    CardRecord::read(session, id.0).map_err(no_card)
}

enum Delivery {
    New(Vec<u8>),
    /// Its card is here already.
    Before(CardId),
}

fn open_delivery(session: &mut dyn Records, sealed: &[u8]) -> Result<Delivery> {
    let hash = sha256(sealed);
    for id in session.list(HOLDER_KEY)? {
        let Some(record) = records::readable(HolderKeyRecord::read(session, id))? else { continue };
        if !sealed.starts_with(&record.enrolment[..HINT_LEN]) {
            continue;
        }
        return match (record.delivered, record.delivery) {
            (Some((delivered, card)), _) if delivered == hash => Ok(Delivery::Before(CardId(card))),
            (_, Some(ephemeral)) => {
                let token = ephemeral.open(Use::Delivery, &record.enrolment, sealed)?;
                Ok(Delivery::New(token.to_vec()))
            }
            _ => Err(Error::AlreadyUsed),
        };
    }
    Err(Error::NotForMe)
}

fn find_key(session: &mut dyn Records, card: &dyn Credential) -> Result<(RecordId, HolderKeyRecord)> {
    for id in session.list(HOLDER_KEY)? {
        let Some(record) = records::readable(HolderKeyRecord::read(session, id))? else { continue };
        // Also of the issuer and type that the key was made for: whoever filmed the enrolment could issue to it too.
        // A card that names no issuer is told by its type alone.
        let is_of_issuer = card.issuer().is_empty() || record.issuer == card.issuer();
        let is_offered = is_of_issuer && record.card_type == card.card_type();
        if is_offered && Some(&record.key.public_key()) == card.holder_key() {
            return Ok((id, record));
        }
    }
    Err(Error::NotForMe)
}

/// The issuer of a card, where the bundle knows it for this type, and whether it signed, seen at a moment.
pub(super) fn issuer_of<'a>(card: &dyn Credential, trust: Option<&'a Bundle>, at: i64) -> Option<(&'a Issuer, Signed)> {
    trust?.signer_of(card, at)
}

/// Only what is known to be forged is refused: an issuer or a key that the bundle does not have may be newer than it.
pub(super) fn refuse_forged(signed: Option<Signed>) -> Result<()> {
    match signed {
        Some(Signed::Not { why }) => Err(untrusted(why)),
        _ => Ok(()),
    }
}

pub(super) fn summarise(held: &Held, trust: Option<&Bundle>, at: i64) -> CardSummary {
    let Held { id, record, card, is_usable } = held;
    CardSummary {
        id: *id,
        format: card.format(),
        card_type: card.card_type().to_owned(),
        has_holder_key: card.holder_key().is_some(),
        issuer: card.issuer().to_owned(),
        issuer_names: match issuer_of(&**card, trust, at) {
            Some((issuer, Signed::By { .. })) => Some(issuer.names.clone()),
            _ => None,
        },
        validity: card.validity(),
        added_at: record.added_at,
        needs_reissue: !is_usable,
    }
}
