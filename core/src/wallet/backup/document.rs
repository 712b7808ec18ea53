//! What a backup says, as JSON: `docs/backup.md` describes it. Anybody with an age tool can read it.

use crate::cose::cbor;
use crate::cose::key;
use crate::credential::{Format, Validity};
use crate::crypto::seal::Ephemeral;
use crate::crypto::{Secret, key_file};
use crate::error::{Error, Result, damaged};
use crate::trust::Anchor;
use crate::vault::RecordId;
use crate::wallet::cards::check_card;
use crate::wallet::hex::{from_hex, hex};
use crate::wallet::history::{self, Chain, Entry};
use crate::wallet::holder_key::HolderKey;
use crate::wallet::records::{CardRecord, HolderKeyRecord, TrustRecord};
use base64ct::{Base64UrlUnpadded, Encoding as _};
use serde_json::{Value as Json, json};
use std::io;
use zeroize::{Zeroize as _, Zeroizing};

/// The version of the form.
const VERSION: u64 = 1;
/// A document ends in spaces up to a multiple of this, so that a file's size tells little.
const PADDED_TO: usize = 16 * 1024;
const WRONG: Error = damaged("backup-json");

/// What goes along.
#[derive(Default)]
pub struct Document {
    /// Unix seconds by the clock of the device that made it.
    pub made_at: i64,
    pub cards: Vec<(RecordId, CardRecord)>,
    /// None, unless the holder chose to take the software ones along.
    pub keys: Vec<(RecordId, HolderKeyRecord)>,
    pub history: Vec<(Chain, Vec<Entry>)>,
    pub trust: Option<TrustRecord>,
    pub keeps_history: bool,
}

impl Document {
    pub fn has_key(&self, id: RecordId) -> bool {
        self.keys.iter().any(|(key, _)| *key == id)
    }

    /// Whether a card names no key, or its own.
    fn keys_fit(&self, card: &CardRecord) -> bool {
        let Some(id) = card.key else { return true };
        let own = card.parse().ok().and_then(|card| card.holder_key().cloned());
        self.keys.iter().any(|(key, record)| *key == id && own == Some(record.key.public_key()))
    }

    /// # Errors
    /// `internal` (`json`).
    pub fn to_json(&self) -> Result<Zeroizing<Vec<u8>>> {
        let (chains, entries): (Vec<_>, Vec<_>) = self.history.iter().cloned().unzip();
        let cards = self.cards.iter().map(|(_, card)| self.card_to_json(card)).collect();
        let keys = self.keys.iter().map(|(id, key)| key_to_json(*id, key)).collect::<Result<Vec<_>>>()?;
        let mut json = Wiped(json!({
            "amana_backup": VERSION,
            "made_at": self.made_at,
            "history": history::to_json(&chains, &entries.concat()),
            "trust": self.trust.as_ref().map(trust_to_json),
            "settings": {"history": self.keeps_history},
        }));
        json.take("cards", Json::Array(cards));
        json.take("holder_keys", Json::Array(keys));
        json.to_bytes()
    }

    fn card_to_json(&self, card: &CardRecord) -> Json {
        let parsed = card.parse().ok();
        let validity = parsed.as_ref().map(|card| card.validity());
        let mut json = json!({
            "format": card.format.name(),
            "key": card.key.filter(|key| self.has_key(*key)).map(|key| hex(&key.0)),
            "added_at": card.added_at,
            // For people: the token says the same.
            "type": parsed.as_ref().map(|card| card.card_type()),
            "issuer": parsed.as_ref().map(|card| card.issuer()),
            "not_before": validity.and_then(|Validity { not_before, .. }| not_before),
            "expires": validity.and_then(|Validity { expires, .. }| expires),
        });
        json["token"] = Json::String(Base64UrlUnpadded::encode_string(&card.token));
        json
    }

    /// Reads a document, and checks every part of it.
    ///
    /// # Errors
    /// `foreign`, `too-new`; `damaged` (`backup-json`, `backup-card`, `history-json`, `history-chain`); as
    /// [`Bundle::verify`](crate::trust::Bundle::verify).
    pub fn parse(plain: &[u8]) -> Result<Self> {
        if !is_light(plain) {
            return Err(WRONG);
        }
        let json = Wiped(serde_json::from_slice(plain).map_err(|_| Error::Foreign)?);
        match json.0.get("amana_backup").ok_or(Error::Foreign)?.as_u64() {
            Some(VERSION) => {}
            Some(later) if later > VERSION => return Err(Error::TooNew),
            _ => return Err(WRONG),
        }
        let list = |name: &str| json.0.get(name).and_then(Json::as_array).ok_or(WRONG);
        let history = json.0.get("history").and_then(Json::as_object).ok_or(WRONG)?;
        let document = Self {
            made_at: json.0.get("made_at").and_then(Json::as_i64).ok_or(WRONG)?,
            cards: list("cards")?.iter().map(card_from_json).collect::<Result<_>>()?,
            keys: list("holder_keys")?.iter().map(key_from_json).collect::<Result<_>>()?,
            history: history::from_json(history)?,
            trust: given(&json.0, "trust").map(trust_from_json).transpose()?,
            keeps_history: json.0["settings"]["history"].as_bool().ok_or(WRONG)?,
        };
        if let Some(trust) = &document.trust {
            trust.verify()?;
        }
        if document.cards.iter().all(|(_, card)| document.keys_fit(card)) { Ok(document) } else { Err(WRONG) }
    }
}

/// Whether a document has no more values than one of its length would have: many small ones, and small objects above all,
/// take JSON's reader a hundred times their length. What stands in a text does not count.
fn is_light(plain: &[u8]) -> bool {
    let (mut weight, mut in_text, mut escaped) = (0, false, false);
    for byte in plain {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_text => escaped = true,
            b'"' => in_text = !in_text,
            b'{' if !in_text => weight += 10,
            b',' | b':' | b'[' if !in_text => weight += 1,
            _ => {}
        }
    }
    weight <= 256 + plain.len() / 8
}

fn card_from_json(json: &Json) -> Result<(RecordId, CardRecord)> {
    let format = Format::of_name(json["format"].as_str().ok_or(WRONG)?)?;
    let token = bytes(json, "token")?;
    format.parse_card(&token).and_then(|card| check_card(&*card)).map_err(|_| damaged("backup-card"))?;
    let key = given(json, "key").map(|key| from_hex(key).map(RecordId).ok_or(WRONG));
    let added_at = json["added_at"].as_i64().ok_or(WRONG)?;
    let record = CardRecord { format, token, key: key.transpose()?, added_at };
    Ok((record.id(), record))
}

fn key_to_json(id: RecordId, key: &HolderKeyRecord) -> Result<Json> {
    // What lies inside the device cannot leave it: such keys are not taken into a document.
    let HolderKey::Vault(own) = &key.key else { return Err(Error::Internal { reason: "device-key" }) };
    let jwk = key_file::private_jwk(own, None);
    let delivery = key.delivery.as_ref().map(|ephemeral| Base64UrlUnpadded::encode_string(&*ephemeral.expose_secret()));
    let mut json = json!({
        "id": hex(&id.0),
        "issuer": key.issuer,
        "type": key.card_type,
        "enrolment": hex(&key.enrolment),
        "delivered": key.delivered.map(|(hash, card)| json!([hex(&hash), hex(&card.0)])),
    });
    json["jwk"] = serde_json::from_str(&jwk).map_err(|_| Error::Internal { reason: "json" })?;
    json["delivery_key"] = delivery.map_or(Json::Null, Json::String);
    Ok(json)
}

fn key_from_json(json: &Json) -> Result<(RecordId, HolderKeyRecord)> {
    let text = |name: &str| json[name].as_str().map(str::to_owned).ok_or(WRONG);
    let jwk = to_bytes(&json["jwk"])?;
    let jwk = core::str::from_utf8(&jwk).map_err(|_| WRONG)?;
    let delivery = |_: &Json| {
        let secret: [u8; 32] = bytes(json, "delivery_key")?[..].try_into().map_err(|_| WRONG)?;
        Ok::<_, Error>(Ephemeral::from_secret(&Secret::from_zeroizing(Zeroizing::new(secret))))
    };
    let delivered = |pair: &Json| {
        let (hash, card) = (from_hex(&pair[0]).ok_or(WRONG)?, from_hex(&pair[1]).ok_or(WRONG)?);
        Ok::<_, Error>((hash, RecordId(card)))
    };
    let record = HolderKeyRecord {
        key: HolderKey::Vault(key_file::parse_jwk(jwk).map_err(|_| WRONG)?.private.ok_or(WRONG)?),
        enrolment: from_hex(&json["enrolment"]).ok_or(WRONG)?,
        issuer: text("issuer")?,
        card_type: text("type")?,
        delivery: given(json, "delivery_key").map(delivery).transpose()?,
        delivered: given(json, "delivered").map(delivered).transpose()?,
    };
    Ok((RecordId(from_hex(&json["id"]).ok_or(WRONG)?), record))
}

fn trust_to_json(trust: &TrustRecord) -> Json {
    json!({
        "bundle": Base64UrlUnpadded::encode_string(&trust.bundle),
        "anchor": Base64UrlUnpadded::encode_string(&key::to_value(trust.anchor.key()).to_bytes()),
        "demo": trust.anchor.is_demo(),
    })
}

fn trust_from_json(json: &Json) -> Result<TrustRecord> {
    let anchor = cbor::parse(&bytes(json, "anchor")?).map_err(|_| WRONG)?;
    let (key, _) = key::from_value(&anchor).map_err(|_| WRONG)?;
    let anchor = if json["demo"].as_bool().ok_or(WRONG)? { Anchor::demo(key) } else { Anchor::new(key) };
    Ok(TrustRecord { bundle: bytes(json, "bundle")?.to_vec(), anchor })
}

/// A field that may be absent or null.
fn given<'a>(json: &'a Json, name: &str) -> Option<&'a Json> {
    json.get(name).filter(|value| !value.is_null())
}

fn bytes(json: &Json, name: &str) -> Result<Zeroizing<Vec<u8>>> {
    let decoded = json[name].as_str().and_then(|text| Base64UrlUnpadded::decode_vec(text).ok());
    decoded.map(Zeroizing::new).ok_or(WRONG)
}

/// JSON that holds claims and keys: its texts are wiped when it is dropped.
struct Wiped(Json);

impl Wiped {
    /// Moves a value in: `json!` would copy it, and what it was copied from is not wiped.
    fn take(&mut self, name: &str, value: Json) {
        self.0[name] = value;
    }

    fn to_bytes(&self) -> Result<Zeroizing<Vec<u8>>> {
        let mut out = to_bytes(&self.0)?;
        let padded = out.len().next_multiple_of(PADDED_TO);
        out.resize(padded, b' ');
        Ok(out)
    }
}

/// Writes JSON into one buffer that needs not grow, also when it is padded: that would leave copies behind that nobody wipes.
fn to_bytes(json: &Json) -> Result<Zeroizing<Vec<u8>>> {
    /// Counts what is written.
    struct Count(usize);
    impl io::Write for Count {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0 += bytes.len();
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let failed = |_| Error::Internal { reason: "json" };
    let mut count = Count(0);
    serde_json::to_writer(&mut count, json).map_err(failed)?;
    let mut out = Zeroizing::new(Vec::with_capacity(count.0.next_multiple_of(PADDED_TO)));
    serde_json::to_writer(&mut *out, json).map_err(failed)?;
    Ok(out)
}

impl Drop for Wiped {
    fn drop(&mut self) {
        wipe(&mut self.0);
    }
}

fn wipe(json: &mut Json) {
    match json {
        Json::String(text) => text.zeroize(),
        Json::Array(items) => items.iter_mut().for_each(wipe),
        Json::Object(fields) => fields.values_mut().for_each(wipe),
        Json::Null | Json::Bool(_) | Json::Number(_) => {}
    }
}
