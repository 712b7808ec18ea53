//! A card as the desk's JSON describes it.

use crate::cose::cwt;
use crate::credential::{ClaimPath, StatusReference, claims_from_json};
use crate::error::{Result, invalid};
use crate::json;
use serde_json::{Map, Value as Json};

/// Most objects, lists and values in one draft: JSON's reader takes hundreds of bytes for each.
const MAX_JSON_ITEMS: usize = 1024;

/// A card to be issued.
pub use crate::credential::Draft as CardDraft;

impl CardDraft {
    /// Reads a draft from JSON:
    ///
    /// ```json
    /// {"type": "ration-card", "valid_from": "2026-01-01", "valid_until": "2027-12-31",
    ///  "claims": {"name": "…", "birth_date": {"$date": "1984-02-29"}, "address": {"city": "…"}},
    ///  "open": ["country"], "split": ["languages"], "digests": {"": 8, "address": 4},
    ///  "status": {"uri": "https://id.example/status/1", "index": 4711}}
    /// ```
    /// The last four may be left out.
    ///
    /// # Errors
    /// `invalid`: `json`, `json-items` (more than 1,024), `json-field` (one that is missing or unknown), `json-date`,
    /// `json-value`, `json-bytes`, `json-depth`, `claim-path`.
    pub fn from_json(text: &str) -> Result<Self> {
        let items = text.bytes().filter(|byte| matches!(byte, b'{' | b'[' | b','));
        if items.count() > MAX_JSON_ITEMS {
            return Err(invalid("json-items"));
        }
        Self::from_object(&json::parse_object(text.as_bytes()).map_err(|_| invalid("json"))?)
    }

    /// Reads the same from an object that is parsed already.
    pub fn from_object(object: &Map<String, Json>) -> Result<Self> {
        const FIELDS: [&str; 8] = ["type", "valid_from", "valid_until", "claims", "open", "split", "digests", "status"];
        // A misspelt "open" would put a claim where it must not be.
        if object.keys().any(|name| !FIELDS.contains(&name.as_str())) {
            return Err(invalid("json-field"));
        }
        let text = |name: &str| object.get(name).and_then(Json::as_str).ok_or(invalid("json-field"));
        let date = |name: &str| cwt::parse_full_date(text(name)?).map_err(|_| invalid("json-date"));
        let claims = object.get("claims").and_then(Json::as_object).ok_or(invalid("json-field"))?;
        let paths = |name: &str| match object.get(name) {
            None => Ok(Vec::new()),
            Some(Json::Array(paths)) => {
                paths.iter().map(|path| ClaimPath::parse(path.as_str().ok_or(invalid("claim-path"))?)).collect()
            }
            Some(_) => Err(invalid("json-field")),
        };
        let level = |(path, count): (&String, &Json)| {
            let path = if path.is_empty() { None } else { Some(ClaimPath::parse(path)?) };
            let count = count.as_u64().and_then(|count| usize::try_from(count).ok()).ok_or(invalid("json-field"))?;
            Ok((path, count))
        };
        let digests = match object.get("digests") {
            None => Vec::new(),
            Some(Json::Object(levels)) => levels.iter().map(level).collect::<Result<_>>()?,
            Some(_) => return Err(invalid("json-field")),
        };
        let status = match object.get("status") {
            None => None,
            Some(status) => Some(status_from(status).ok_or(invalid("json-field"))?),
        };
        Ok(Self {
            status,
            card_type: text("type")?.to_owned(),
            valid_from: date("valid_from")?,
            valid_until: date("valid_until")?,
            claims: claims_from_json(claims)?,
            open: paths("open")?,
            split: paths("split")?,
            digests,
        })
    }
}

fn status_from(json: &Json) -> Option<StatusReference> {
    let status = json.as_object().filter(|status| status.len() == 2)?;
    Some(StatusReference { uri: status.get("uri")?.as_str()?.to_owned(), index: status.get("index")?.as_u64()? })
}
