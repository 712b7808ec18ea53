//! Disclosures, and putting them back where their digests stand (RFC 9901 sections 4.2 and 7.1).

use crate::credential::model::{ClaimName, Claims, Value};
use crate::error::{Result, damaged};
use crate::jose::{json, jws};
use base64ct::{Base64UrlUnpadded, Encoding as _};
use serde_json::{Map, Value as Json};
use sha2::{Digest as _, Sha256, Sha384, Sha512};
use std::collections::{HashMap, HashSet};

/// The key of an object's digests.
pub(super) const DIGESTS: &str = "_sd";
/// The key of the hash's name.
pub(super) const HASH: &str = "_sd_alg";
/// The key of an array element's digest.
pub(super) const ELEMENT: &str = "...";

/// The hash that digests are made with.
#[derive(Clone, Copy)]
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
        match self {
            Self::Sha256 => Base64UrlUnpadded::encode_string(&Sha256::digest(text)),
            Self::Sha384 => Base64UrlUnpadded::encode_string(&Sha384::digest(text)),
            Self::Sha512 => Base64UrlUnpadded::encode_string(&Sha512::digest(text)),
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
            (3, Some(value), Some(Json::String(name))) if name != DIGESTS && name != ELEMENT => {
                Ok(Self::Claim(name, value))
            }
            _ => Err(wrong),
        }
    }
}

pub(super) struct Unredacted {
    /// With what is disclosed, and without what makes disclosing work.
    pub claims: Claims,
    /// The names that stand open at the top.
    pub open: Vec<String>,
}

/// Told of every disclosure: its number in the list, and where it stands.
type Place<'a> = dyn FnMut(usize, &[ClaimName]) + 'a;

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
    let open = payload.keys().filter(|name| *name != DIGESTS).cloned().collect();
    let mut walk = Walk { contents, by_digest, seen: HashSet::new(), place, depth: 0 };
    let claims = walk.object(payload, &mut Vec::new())?;
    if walk.contents.iter().any(Option::is_some) {
        return Err(damaged("sd-jwt-disclosure-unmatched"));
    }
    Ok(Unredacted { claims, open })
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
            Json::Null => Value::Null,
            Json::Bool(truth) => Value::Bool(truth),
            Json::Number(number) => match (number.as_i64(), number.as_f64()) {
                (Some(whole), _) => Value::Int(whole),
                // Beyond 64 bits with a sign: said exactly, as text.
                (None, _) if number.is_u64() => Value::Text(number.to_string()),
                (None, Some(other)) => Value::Float(other),
                (None, None) => return Err(damaged("json-syntax")),
            },
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
        if object.contains_key(ELEMENT) {
            return Err(damaged("sd-jwt-redacted-place"));
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
