//! What the wallet keeps, as records of the vault. Each is a CBOR map whose keys are in `docs/vault.md`.

use super::holder_key::HolderKey;
use crate::cose::Verified;
use crate::cose::cbor::{self, Value};
use crate::cose::key;
use crate::credential::{Card, Format};
use crate::crypto::seal::Ephemeral;
use crate::crypto::{Curve, Secret, SigningKey, sha256};
use crate::error::{Error, Result};
use crate::trust::{Anchor, Bundle};
use crate::vault::{Batch, RecordId, RecordKind, Records};
use zeroize::Zeroizing;

/// A card and the id of its holder key.
pub const CARD: RecordKind = RecordKind(1);
/// A holder key: fresh for each card, waiting for it or used by it.
pub const HOLDER_KEY: RecordKind = RecordKind(2);
/// An entry of the history.
pub const HISTORY: RecordKind = RecordKind(3);
/// The trust bundle; only one.
pub const TRUST: RecordKind = RecordKind(4);
/// What holds a chain of the history together.
pub const CHAIN: RecordKind = RecordKind(5);
/// What the holder has chosen; only one.
pub const SETTINGS: RecordKind = RecordKind(6);

const ONLY: RecordId = RecordId([0; 16]);
const WRONG: Error = Error::NotAVault { reason: "record" };

/// A card as it is kept.
pub struct CardRecord {
    pub format: Format,
    pub token: Zeroizing<Vec<u8>>,
    /// Its holder key; none where the card came from a backup that its key stayed out of.
    pub key: Option<RecordId>,
    pub added_at: i64,
}

impl CardRecord {
    /// The first half of the token's SHA-256.
    pub fn id(&self) -> RecordId {
        let hash = sha256(&self.token);
        RecordId(core::array::from_fn(|i| hash[i]))
    }

    /// The card itself.
    pub fn parse(&self) -> Result<Card> {
        self.format.parse_card(&self.token)
    }

    /// Whether its holder proves a key when showing it; also where that cannot be read.
    pub fn needs_key(&self) -> bool {
        self.parse().map_or(true, |card| card.holder_key().is_some())
    }

    pub fn read(session: &mut dyn Records, id: RecordId) -> Result<Self> {
        let record = parse(&session.read(CARD, id)?)?;
        let Some(Value::Uint(format)) = record.get("format") else { return Err(WRONG) };
        Ok(Self {
            format: Format::of_number(*format)?,
            token: Zeroizing::new(bytes(&record, "token")?),
            key: record.get("key").map(|_| fixed(&record, "key").map(RecordId)).transpose()?,
            added_at: record.get("added").and_then(Value::as_int).ok_or(WRONG)?,
        })
    }

    pub fn write(&self, batch: &mut Batch<'_>, id: RecordId) -> Result<()> {
        let entries = [
            ("format".into(), self.format.number().into()),
            ("token".into(), self.token.as_slice().into()),
            ("added".into(), self.added_at.into()),
        ];
        let key = self.key.map(|key| ("key".into(), (&key.0[..]).into()));
        let record = Zeroizing::new(Value::map(entries.into_iter().chain(key)));
        batch.put(CARD, id, &Zeroizing::new(record.to_bytes()))
    }
}

/// A holder key, and the enrolment that proved it.
pub struct HolderKeyRecord {
    pub key: HolderKey,
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
    pub fn read(session: &mut dyn Records, id: RecordId) -> Result<Self> {
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
            key: match (record.get("seed"), record.get("p256")) {
                (Some(_), _) => HolderKey::Vault(SigningKey::from_secret(Curve::Ed25519, &secret("seed")?)?),
                (_, Some(_)) => {
                    let key = SigningKey::from_secret(Curve::P256, &secret("p256")?).map_err(|_| WRONG)?;
                    HolderKey::Vault(key)
                }
                _ => {
                    let (public, _) = key::from_value(record.get("public").ok_or(WRONG)?).map_err(|_| WRONG)?;
                    HolderKey::Device { id: fixed(&record, "device")?, public }
                }
            },
            enrolment: fixed(&record, "enrolment")?,
            issuer: text("issuer")?,
            card_type: text("type")?,
            delivery,
            delivered,
        })
    }

    pub fn write(&self, batch: &mut Batch<'_>, id: RecordId) -> Result<()> {
        let (key, public): (_, Option<Value>) = match &self.key {
            HolderKey::Vault(key) => {
                let name = if key.public_key().curve() == Curve::Ed25519 { "seed" } else { "p256" };
                ((name.into(), (&key.expose_secret()[..]).into()), None)
            }
            HolderKey::Device { id, public } => (("device".into(), (&id[..]).into()), Some(key::to_value(public))),
        };
        let entries = [
            Some(key),
            public.map(|public| ("public".into(), public)),
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

/// What the holder has chosen.
pub struct Settings {
    pub keeps_history: bool,
    /// The chain that new entries of the history go to.
    pub chain: Option<RecordId>,
}

impl Settings {
    /// Whether the holder, or this wallet for them, has chosen anything yet.
    pub fn is_set(session: &mut dyn Records) -> Result<bool> {
        Ok(!session.list(SETTINGS)?.is_empty())
    }

    pub fn read(session: &mut dyn Records) -> Result<Self> {
        // Whoever chose to keep none is not betrayed by a damaged record.
        Ok(Self::try_read(session)?.unwrap_or(Self { keeps_history: false, chain: None }))
    }

    /// Whether they are kept, and cannot be read.
    pub fn is_unreadable(session: &mut dyn Records) -> Result<bool> {
        Ok(Self::try_read(session)?.is_none())
    }

    fn try_read(session: &mut dyn Records) -> Result<Option<Self>> {
        match session.read(SETTINGS, ONLY).and_then(|record| Self::parse(&record)) {
            Err(Error::NotFound { .. }) => Ok(Some(Self { keeps_history: true, chain: None })),
            read => readable(read),
        }
    }

    fn parse(record: &[u8]) -> Result<Self> {
        let record = parse(record)?;
        let chain = record.get("chain").map(|_| fixed(&record, "chain").map(RecordId)).transpose()?;
        Ok(Self { keeps_history: record.get("history").and_then(Value::as_bool).ok_or(WRONG)?, chain })
    }

    pub fn write(&self, batch: &mut Batch<'_>) -> Result<()> {
        let chain = self.chain.map(|chain| ("chain".into(), (&chain.0[..]).into()));
        let record = Value::map([("history".into(), self.keeps_history.into())].into_iter().chain(chain));
        batch.put(SETTINGS, ONLY, &record.to_bytes())
    }
}

/// None for a record that was damaged, or that a later version wrote.
pub fn readable<T>(read: Result<T>) -> Result<Option<T>> {
    match read {
        Ok(record) => Ok(Some(record)),
        Err(Error::NotAVault { .. } | Error::TooNew) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The trust bundle that is kept, and by whose key it is believed.
pub struct TrustRecord {
    /// As it came.
    pub bundle: Vec<u8>,
    pub anchor: Anchor,
}

impl TrustRecord {
    pub fn read(session: &mut dyn Records) -> Result<Option<Self>> {
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
        Ok(Some(Self { bundle: bytes(&record, "bundle")?, anchor }))
    }

    pub fn verify(&self) -> Result<Verified<Bundle>> {
        Bundle::verify(&self.bundle, &self.anchor)
    }

    pub fn write(&self, batch: &mut Batch<'_>) -> Result<()> {
        let record = Value::map([
            ("bundle".into(), self.bundle.as_slice().into()),
            ("anchor".into(), key::to_value(self.anchor.key())),
            ("demo".into(), self.anchor.is_demo().into()),
        ]);
        batch.put(TRUST, ONLY, &record.to_bytes())
    }
}

/// The trust bundle that is kept: none also where it cannot be read or believed any more, which the wallet's state tells. A
/// card is not lost for that.
pub fn read_trust(session: &mut dyn Records) -> Result<Option<Verified<Bundle>>> {
    let trust = readable(TrustRecord::read(session))?.flatten();
    Ok(trust.and_then(|trust| trust.verify().ok()))
}

/// Whether a trust bundle is kept, and cannot be read or believed.
pub fn is_trust_unreadable(session: &mut dyn Records) -> Result<bool> {
    Ok(!session.list(TRUST)?.is_empty() && read_trust(session)?.is_none())
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
