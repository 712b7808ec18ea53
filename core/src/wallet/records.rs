//! What the wallet keeps, as records of the vault. Each is a CBOR map whose keys are in `docs/vault.md`.

use crate::cose::Verified;
use crate::cose::cbor::{self, Value};
use crate::cose::key;
use crate::crypto::seal::Ephemeral;
use crate::crypto::{Secret, SigningKey};
use crate::error::{Error, Result};
use crate::trust::{Anchor, Bundle};
use crate::vault::{Batch, RecordId, RecordKind, Session};
use zeroize::Zeroizing;

/// A card and the id of its holder key.
pub const CARD: RecordKind = RecordKind(1);
/// A holder key: fresh for each card, waiting for it or used by it.
pub const HOLDER_KEY: RecordKind = RecordKind(2);
/// A request that was answered or declined.
pub const ANSWERED: RecordKind = RecordKind(3);
/// The trust bundle; only one.
pub const TRUST: RecordKind = RecordKind(4);

/// The formats' numbers, the same as inside an answer.
const FORMAT_SD_CWT: u64 = 1;

const ONLY: RecordId = RecordId([0; 16]);
const WRONG: Error = Error::NotAVault { reason: "record" };

/// A card as it is kept.
pub struct CardRecord {
    pub token: Vec<u8>,
    pub key: RecordId,
    pub added_at: i64,
}

impl CardRecord {
    pub fn read(session: &mut Session, id: RecordId) -> Result<Self> {
        let record = parse(&session.read(CARD, id)?)?;
        if record.get("format") != Some(&FORMAT_SD_CWT.into()) {
            return Err(Error::TooNew);
        }
        Ok(Self {
            token: bytes(&record, "token")?,
            key: RecordId(fixed(&record, "key")?),
            added_at: record.get("added").and_then(Value::as_int).ok_or(WRONG)?,
        })
    }

    pub fn write(&self, batch: &mut Batch<'_>, id: RecordId) -> Result<()> {
        let record = Value::map([
            ("format".into(), FORMAT_SD_CWT.into()),
            ("token".into(), self.token.as_slice().into()),
            ("key".into(), (&self.key.0[..]).into()),
            ("added".into(), self.added_at.into()),
        ]);
        batch.put(CARD, id, &record.to_bytes())
    }
}

/// A holder key, and the enrolment that proved it.
pub struct HolderKeyRecord {
    pub key: SigningKey,
    /// SHA-256 of the enrolment.
    pub enrolment: [u8; 32],
    /// The issuer whose offer it answered.
    pub issuer: String,
    /// The type of card it offered.
    pub card_type: String,
    /// What the card's delivery is sealed to, until a card of a known issuer has come.
    pub delivery: Option<Ephemeral>,
    /// The delivery that was taken in: SHA-256 of its bytes, and the card's id. Cameras read twice.
    pub delivered: Option<([u8; 32], RecordId)>,
}

impl HolderKeyRecord {
    pub fn read(session: &mut Session, id: RecordId) -> Result<Self> {
        let record = parse(&session.read(HOLDER_KEY, id)?)?;
        let secret = |name: &str| fixed(&record, name).map(Zeroizing::new);
        let delivery = match record.get("epk") {
            Some(_) => Some(Ephemeral::from_secret(&Secret::from_zeroizing(secret("epk")?))),
            None => None,
        };
        let delivered = match record.get("delivered") {
            Some(_) => Some((fixed(&record, "delivered")?, RecordId(fixed(&record, "card")?))),
            None => None,
        };
        let text = |name: &str| record.get(name).and_then(Value::as_text).map(str::to_owned).ok_or(WRONG);
        Ok(Self {
            key: SigningKey::from_seed(&secret("seed")?),
            enrolment: fixed(&record, "enrolment")?,
            issuer: text("issuer")?,
            card_type: text("type")?,
            delivery,
            delivered,
        })
    }

    pub fn write(&self, batch: &mut Batch<'_>, id: RecordId) -> Result<()> {
        let entries = [
            Some(("seed".into(), (&self.key.expose_seed()[..]).into())),
            Some(("enrolment".into(), (&self.enrolment[..]).into())),
            Some(("issuer".into(), self.issuer.as_str().into())),
            Some(("type".into(), self.card_type.as_str().into())),
            self.delivered.map(|(delivery, _)| ("delivered".into(), (&delivery[..]).into())),
            self.delivered.map(|(_, card)| ("card".into(), (&card.0[..]).into())),
            self.delivery.as_ref().map(|ephemeral| ("epk".into(), (&ephemeral.expose_secret()[..]).into())),
        ];
        let record = Zeroizing::new(Value::map(entries.into_iter().flatten()));
        let bytes = Zeroizing::new(record.to_bytes());
        batch.put(HOLDER_KEY, id, &bytes)
    }
}

/// When a request was answered, by its hash.
pub fn read_answered(session: &mut Session, request: &[u8; 32]) -> Result<Option<i64>> {
    match session.read(ANSWERED, answered_id(request)) {
        Ok(record) => Ok(Some(parse(&record)?.get("at").and_then(Value::as_int).ok_or(WRONG)?)),
        Err(Error::NotFound { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

pub fn write_answered(session: &mut Session, request: &[u8; 32], at: i64) -> Result<()> {
    let record = Value::map([("at".into(), at.into())]);
    session.write(|batch| batch.put(ANSWERED, answered_id(request), &record.to_bytes()))
}

fn answered_id(request: &[u8; 32]) -> RecordId {
    RecordId(core::array::from_fn(|i| request[i]))
}

pub fn read_trust(session: &mut Session) -> Result<Option<Verified<Bundle>>> {
    let record = match session.read(TRUST, ONLY) {
        Ok(record) => parse(&record)?,
        Err(Error::NotFound { .. }) => return Ok(None),
        Err(error) => return Err(error),
    };
    let (key, _) = key::from_value(record.get("anchor").ok_or(WRONG)?)?;
    let anchor = match record.get("demo").and_then(Value::as_bool) {
        Some(true) => Anchor::demo(key),
        _ => Anchor::new(key),
    };
    Bundle::verify(&bytes(&record, "bundle")?, &anchor).map(Some)
}

pub fn write_trust(session: &mut Session, bundle: &[u8], anchor: &Anchor) -> Result<()> {
    let record = Value::map([
        ("bundle".into(), bundle.into()),
        ("anchor".into(), key::to_value(anchor.key())),
        ("demo".into(), anchor.is_demo().into()),
    ]);
    session.write(|batch| batch.put(TRUST, ONLY, &record.to_bytes()))
}

fn parse(record: &[u8]) -> Result<Zeroizing<Value>> {
    cbor::parse(record).map(Zeroizing::new).map_err(|_| WRONG)
}

fn bytes(record: &Value, name: &str) -> Result<Vec<u8>> {
    record.get(name).and_then(Value::as_bytes).map(<[u8]>::to_vec).ok_or(WRONG)
}

fn fixed<const N: usize>(record: &Value, name: &str) -> Result<[u8; N]> {
    record.get(name).and_then(Value::as_bytes).and_then(|bytes| bytes.try_into().ok()).ok_or(WRONG)
}
