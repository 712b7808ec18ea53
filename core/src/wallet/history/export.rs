//! The history as JSON: `docs/history.md` describes it. A backup carries the same form.
//!
//! What counts is each entry's `bytes`, which the chain binds; the fields beside them say the same for people to read.

use super::chain::{Chain, Entry};
use crate::cose::cwt;
use crate::crypto::sha256;
use crate::error::{Result, damaged};
use crate::presentation::Ask;
use crate::vault::RecordId;
use crate::wallet::hex::{from_hex, hex};
use base64ct::{Base64UrlUnpadded, Encoding as _};
use serde_json::{Map, Value as Json, json};

/// The version of the form.
const VERSION: u64 = 1;
const WRONG: crate::error::Error = damaged("history-json");

/// Every chain with its entries.
pub fn to_json(chains: &[Chain], entries: &[Entry]) -> Map<String, Json> {
    let chain = |chain: &Chain| {
        let mut own: Vec<_> = entries.iter().filter(|entry| entry.chain == chain.id).collect();
        own.sort_by_key(|entry| entry.seq);
        json!({
            "chain": hex(&chain.id.0),
            "from": chain.from,
            "until": chain.until,
            "before": hex(&chain.before),
            "head": hex(&chain.head),
            "forgotten": chain.forgotten.iter().map(|(first, (last, hash))| json!([first, last, hex(hash)])).collect::<Vec<_>>(),
            "entries": own.into_iter().map(entry_to_json).collect::<Vec<_>>(),
        })
    };
    let mut object = Map::new();
    object.insert("amana_history".to_owned(), VERSION.into());
    object.insert("chains".to_owned(), chains.iter().map(chain).collect());
    object
}

fn entry_to_json(entry: &Entry) -> Json {
    let bytes = entry.to_bytes();
    let paths = |paths: &[crate::credential::ClaimPath]| paths.iter().map(ToString::to_string).collect::<Vec<_>>();
    let request = entry.read_request().ok();
    let asked = |asks: &[Ask], kept: bool| {
        let asks = asks.iter().filter(|ask| ask.kept || !kept);
        asks.map(|ask| ask.path.to_string()).collect::<Vec<_>>()
    };
    let names = request.as_ref().and_then(|request| request.registration()).map(|registration| {
        registration.names().iter().map(|(tag, name)| (tag.to_owned(), name.into())).collect::<Map<_, Json>>()
    });
    json!({
        "seq": entry.seq,
        "hash": hex(&sha256(&bytes)),
        "bytes": Base64UrlUnpadded::encode_string(&bytes),
        "at": entry.at,
        "day": cwt::day_of(entry.at).ok().map(|day| day.to_string()),
        "outcome": entry.outcome.code(),
        "asker": entry.asker.code(),
        "verifier": request.as_ref().map(|request| request.verifier().to_text()),
        "names": names,
        "purpose": request.as_ref().map(|request| request.purpose().to_owned()),
        "asked": request.as_ref().map(|request| asked(request.asks(), false)),
        "kept": request.as_ref().map(|request| asked(request.asks(), true)),
        "shown": paths(&entry.shown),
        "also_shown": paths(&entry.beside),
        "withheld": paths(&entry.withheld),
        "card": entry.card.as_ref().map(|(card_type, issuer)| json!({"type": card_type, "issuer": issuer})),
        "request": Base64UrlUnpadded::encode_string(&entry.request),
    })
}

/// Reads chains and entries, each chain whole.
///
/// # Errors
/// `damaged` (`history-json`, `history-chain`), `too-new`.
pub fn from_json(object: &Map<String, Json>) -> Result<Vec<(Chain, Vec<Entry>)>> {
    match object.get("amana_history").and_then(Json::as_u64) {
        Some(VERSION) => {}
        Some(later) if later > VERSION => return Err(crate::error::Error::TooNew),
        _ => return Err(WRONG),
    }
    object.get("chains").and_then(Json::as_array).ok_or(WRONG)?.iter().map(chain_from_json).collect()
}

fn chain_from_json(object: &Json) -> Result<(Chain, Vec<Entry>)> {
    let number = |json: &Json| json.as_u64().ok_or(WRONG);
    let field = |name: &str| object.get(name).ok_or(WRONG);
    let hash = |json: &Json| from_hex::<32>(json).ok_or(WRONG);
    let list = |name: &str| field(name)?.as_array().ok_or(WRONG);
    let run = |run: &Json| Ok((number(&run[0])?, (number(&run[1])?, hash(&run[2])?)));
    let forgotten = list("forgotten")?.iter().map(run);
    let chain = Chain {
        id: RecordId(from_hex(field("chain")?).ok_or(WRONG)?),
        from: number(field("from")?)?,
        until: number(field("until")?)?,
        before: hash(field("before")?)?,
        head: hash(field("head")?)?,
        forgotten: forgotten.collect::<Result<_>>()?,
    };
    let entry = |json: &Json| {
        let bytes = json["bytes"].as_str().and_then(|text| Base64UrlUnpadded::decode_vec(text).ok()).ok_or(WRONG)?;
        Entry::parse(&bytes).map_err(|_| WRONG)
    };
    let entries = list("entries")?.iter().map(entry).collect::<Result<Vec<_>>>()?;
    let is_own = entries.iter().all(|entry| entry.chain == chain.id);
    if is_own && chain.holds(&entries) { Ok((chain, entries)) } else { Err(damaged("history-chain")) }
}
