//! Disclosures, and putting them back where their digests stand (RFC 9901 sections 4.2 and 7.1).

use super::NEVER_HIDDEN;
use crate::credential::model::{ClaimName, Claims, MAX_LARGE_PORTRAIT_LEN, Place, Value, check_portrait};
use crate::crypto::{sha256, sha384, sha512};
use crate::error::{Result, damaged};
use crate::jose::jws;
use crate::json;
use base64ct::{Base64, Base64UrlUnpadded, Encoding as _};
use serde_json::{Map, Number, Value as Json};
use std::collections::{HashMap, HashSet};

/// The key of an object's digests.
pub(super) const DIGESTS: &str = "_sd";
/// The key of the hash's name.
pub(super) const HASH: &str = "_sd_alg";
/// The key of an array element's digest.
pub(super) const ELEMENT: &str = "...";

/// What a portrait's text begins with (RFC 2397): JSON has no bytes. Its first bytes tell JPEG from WebP.
pub(super) const IMAGES: [&str; 2] = ["data:image/jpeg;base64,", "data:image/webp;base64,"];

/// The hash that digests are made with.
#[derive(Clone, Copy, Debug)]
pub(super) enum Hash {
    Sha256,
    Sha384,
    Sha512,
}

impl Hash {
    /// What a payload says: SHA-256 where it says nothing (RFC 9901 section 4.1.1).
    pub(super) fn of(payload: &Map<String, Json>) -> Result<Self> {
        match payload.get(HASH).map(Json::as_str) {
            None | Some(Some("sha-256")) => Ok(Self::Sha256),
            Some(Some("sha-384")) => Ok(Self::Sha384),
            Some(Some("sha-512")) => Ok(Self::Sha512),
            Some(_) => Err(damaged("sd-jwt-hash-unsupported")),
        }
    }

    /// The digest of a text, in base64url.
    pub(super) fn digest(self, text: &str) -> String {
        let encode = Base64UrlUnpadded::encode_string;
        match self {
            Self::Sha256 => encode(&sha256(text.as_bytes())),
            Self::Sha384 => encode(&sha384(text.as_bytes())),
            Self::Sha512 => encode(&sha512(text.as_bytes())),
        }
    }
}

/// What a disclosure says.
enum Content {
    Element(Json),
    Claim(String, Json),
}

impl Content {
    fn parse(disclosure: &str, values: &mut usize) -> Result<Self> {
        let wrong = damaged("sd-jwt-disclosure");
        let text = jws::base64url(disclosure).map_err(|_| wrong.clone())?;
        let Json::Array(mut parts) = json::parse_within(&text, values)? else { return Err(wrong) };
        if !parts.first().is_some_and(Json::is_string) {
            return Err(wrong);
        }
        // [salt, value] or [salt, name, value]
        match (parts.len(), parts.pop(), parts.pop()) {
            (2, Some(value), _) => Ok(Self::Element(value)),
            (3, Some(value), Some(Json::String(name))) if ![DIGESTS, HASH, ELEMENT].contains(&name.as_str()) => {
                Ok(Self::Claim(name, value))
            }
            _ => Err(wrong),
        }
    }
}

pub(super) struct Unredacted {
    /// With what is disclosed, and without what makes disclosing work.
    pub claims: Claims,
    /// What stands there for the holder's key (`cnf`), as it stands.
    pub confirmation: Option<Json>,
    pub hash: Hash,
}

/// Reads the claims and puts every disclosure back in place.
pub(super) fn unredact(payload: &[u8], disclosures: &[String], place: &mut Place<'_>) -> Result<Unredacted> {
    let mut values = json::MAX_VALUES;
    let Json::Object(mut payload) = json::parse_within(payload, &mut values)? else {
        return Err(damaged("json-object"));
    };
    let hash = Hash::of(&payload)?;
    payload.remove(HASH);
    let by_digest: HashMap<_, _> = disclosures.iter().enumerate().map(|(i, d)| (hash.digest(d), i)).collect();
    if by_digest.len() != disclosures.len() {
        return Err(damaged("sd-jwt-disclosure-twice"));
    }
    let contents = disclosures.iter().map(|d| Content::parse(d, &mut values).map(Some)).collect::<Result<_>>()?;
    let confirmation = payload.get("cnf").cloned();
    let mut walk = Walk { contents, by_digest, seen: HashSet::new(), place, depth: 0 };
    let claims = walk.object(payload, &mut Vec::new())?;
    if walk.contents.iter().any(Option::is_some) {
        return Err(damaged("sd-jwt-disclosure-unmatched"));
    }
    Ok(Unredacted { claims, confirmation, hash })
}

struct Walk<'a, 'b> {
    /// None where it is in its place.
    contents: Vec<Option<Content>>,
    by_digest: HashMap<String, usize>,
    /// Digests met so far, decoys among them: none may stand in two places.
    seen: HashSet<String>,
    place: &'a mut Place<'b>,
    /// Of the claims as they are put together: each disclosure alone is no deeper, but they stand in each other.
    depth: usize,
}

impl Walk<'_, '_> {
    /// The content behind a digest, if it is disclosed.
    fn reveal(&mut self, digest: Json) -> Result<Option<(usize, Content)>> {
        let Json::String(digest) = digest else { return Err(damaged("sd-jwt-digest")) };
        let index = self.by_digest.get(&digest).copied();
        if !self.seen.insert(digest) {
            return Err(damaged("sd-jwt-digest-twice"));
        }
        // A digest that was met for the first time has not given its content away.
        Ok(index.and_then(|index| Some((index, self.contents[index].take()?))))
    }

    fn value(&mut self, value: Json, path: &mut Vec<ClaimName>) -> Result<Value> {
        Ok(match value {
            Json::String(text) if path.last() == Some(&"portrait".into()) => portrait(text),
            Json::Null => Value::Null,
            Json::Bool(truth) => Value::Bool(truth),
            Json::Number(number) => self::number(&number),
            Json::String(text) => Value::Text(text),
            Json::Array(items) => Value::List(self.deeper(|walk| walk.array(items, path))?),
            Json::Object(object) => Value::Map(self.deeper(|walk| walk.object(object, path))?),
        })
    }

    fn deeper<T>(&mut self, work: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        self.depth += 1;
        if self.depth > json::MAX_DEPTH {
            return Err(damaged("json-depth"));
        }
        let done = work(self)?;
        self.depth -= 1;
        Ok(done)
    }

    fn object(&mut self, mut object: Map<String, Json>, path: &mut Vec<ClaimName>) -> Result<Claims> {
        let digests = match object.remove(DIGESTS) {
            None => Vec::new(),
            Some(Json::Array(digests)) => digests,
            Some(_) => return Err(damaged("sd-jwt-digest")),
        };
        // The hash is named at the top alone, where it was taken out.
        if object.contains_key(ELEMENT) || object.contains_key(HASH) {
            return Err(damaged("sd-jwt-redacted-place"));
        }
        if !digests.is_empty() {
            refuse_hidden(path)?;
        }
        let mut out = Vec::with_capacity(object.len() + digests.len());
        for (name, value) in object {
            let name = ClaimName::Text(name);
            path.push(name.clone());
            out.push((name, self.value(value, path)?));
            path.pop();
        }
        for digest in digests {
            let (index, name, value) = match self.reveal(digest)? {
                None => continue,
                Some((_, Content::Element(_))) => return Err(damaged("sd-jwt-redacted-place")),
                Some((index, Content::Claim(name, value))) => (index, ClaimName::Text(name), value),
            };
            if out.iter().any(|(taken, _)| *taken == name) {
                return Err(damaged("sd-jwt-claim-twice"));
            }
            path.push(name.clone());
            refuse_hidden(path)?;
            (self.place)(index, path);
            out.push((name, self.value(value, path)?));
            path.pop();
        }
        Claims::new(out).map_err(|_| damaged("sd-jwt-claim-twice"))
    }

    fn array(&mut self, items: Vec<Json>, path: &mut Vec<ClaimName>) -> Result<Vec<Value>> {
        let mut out = Vec::with_capacity(items.len());
        for item in items {
            let (revealed, item) = match item {
                Json::Object(mut object) if object.len() == 1 && object.contains_key(ELEMENT) => {
                    // For whom a card is can be shown one by one (RFC 9901 section 9.7).
                    if path.first() != Some(&"aud".into()) {
                        refuse_hidden(path)?;
                    }
                    match self.reveal(object.remove(ELEMENT).unwrap_or_default())? {
                        None => continue,
                        Some((_, Content::Claim(..))) => return Err(damaged("sd-jwt-redacted-place")),
                        Some((index, Content::Element(value))) => (Some(index), value),
                    }
                }
                open => (None, open),
            };
            path.push(ClaimName::Int(out.len() as i64));
            if let Some(index) = revealed {
                (self.place)(index, path);
            }
            out.push(self.value(item, path)?);
            path.pop();
        }
        Ok(out)
    }
}

/// Refuses what may be hidden from nobody, and digests inside it.
fn refuse_hidden(path: &[ClaimName]) -> Result<()> {
    match path.first() {
        Some(ClaimName::Text(name)) if NEVER_HIDDEN.contains(&name.as_str()) => Err(damaged("sd-jwt-never-hidden")),
        _ => Ok(()),
    }
}

pub(super) fn number(number: &Number) -> Value {
    match (number.as_i64(), number.as_f64()) {
        (Some(whole), _) => Value::Int(whole),
        (None, Some(other)) if !number.is_u64() => Value::Float(other),
        // Beyond 64 bits with a sign: said exactly, as text.
        (None, _) => Value::Text(number.to_string()),
    }
}

/// A portrait's bytes, where the text holds one; else the text.
fn portrait(text: String) -> Value {
    let encoded = IMAGES.iter().find_map(|start| text.strip_prefix(start));
    let bytes = encoded.and_then(|encoded| Base64::decode_vec(encoded).ok());
    match bytes.filter(|bytes| check_portrait(bytes, MAX_LARGE_PORTRAIT_LEN).is_ok()) {
        Some(bytes) => Value::Bytes(bytes),
        None => Value::Text(text),
    }
}
