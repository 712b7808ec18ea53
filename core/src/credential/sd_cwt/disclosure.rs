//! Disclosures, and putting them back where their digests stand.

use super::NEVER_REDACTED;
use crate::cose::cbor::{self, REDACTED_KEYS, TAG_REDACTED_ELEMENT, Value};
use crate::credential::model::{ClaimName, ClaimPath};
use crate::crypto::sha256;
use crate::error::{Result, damaged};
use std::collections::HashMap;

/// A salted claim, as the issuer encoded it.
#[derive(Clone, Debug)]
pub(super) struct Disclosure {
    pub bytes: Vec<u8>,
    digest: [u8; 32],
    content: Content,
}

#[derive(Clone, Debug)]
enum Content {
    /// Only a salt: hides how many claims there are.
    Decoy,
    Element(Value),
    Claim(Value, Value),
}

impl Disclosure {
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        let wrong = damaged("sd-cwt-disclosure");
        let Value::Array(mut parts) = cbor::parse_claims(bytes)? else { return Err(wrong) };
        if parts.first().and_then(Value::as_bytes).is_none() {
            return Err(wrong);
        }
        // [salt], [salt, value] or [salt, value, name]
        let content = match (parts.len(), parts.pop(), parts.pop()) {
            (1, ..) => Content::Decoy,
            (2, Some(value), _) => Content::Element(value),
            (3, Some(name @ (Value::Uint(_) | Value::Nint(_) | Value::Text(_))), Some(value)) => {
                Content::Claim(name, value)
            }
            _ => return Err(wrong),
        };
        Ok(Self { bytes: bytes.to_vec(), digest: digest_of(bytes), content })
    }
}

/// What stands in the claims for a disclosure. It covers the byte string around it too, head and all: the draft's
/// figures and its examples hash the `bstr-encoded-salted`, not the array inside.
pub(super) fn digest_of(disclosure: &[u8]) -> [u8; 32] {
    sha256(&Value::from(disclosure).to_bytes())
}

/// Where a disclosure stands in the claims; none for a decoy.
#[derive(Clone, Debug, Default)]
pub(super) struct Place {
    pub path: Option<ClaimPath>,
}

pub(super) struct Unredacted {
    pub claims: Value,
    pub places: Vec<Place>,
    pub undisclosed: usize,
}

/// Puts every disclosure back in place (the draft's section "SD-KBT and SD-CWT Verifier Validation", step 7).
pub(super) fn unredact(payload: Value, disclosures: &[Disclosure]) -> Result<Unredacted> {
    let by_digest: HashMap<_, _> = disclosures.iter().enumerate().map(|(i, d)| (d.digest, i)).collect();
    if by_digest.len() != disclosures.len() {
        return Err(damaged("sd-cwt-disclosure-twice"));
    }
    let mut walk = Walk { disclosures, by_digest, places: vec![None; disclosures.len()], undisclosed: 0 };
    let Value::Map(entries) = payload else { return Err(damaged("sd-cwt-claims")) };
    let claims = walk.map(entries, &mut Vec::new())?;
    let places = walk.places.into_iter().collect::<Option<Vec<_>>>().ok_or(damaged("sd-cwt-disclosure-unmatched"))?;
    Ok(Unredacted { claims, places, undisclosed: walk.undisclosed })
}

struct Walk<'a> {
    disclosures: &'a [Disclosure],
    by_digest: HashMap<[u8; 32], usize>,
    places: Vec<Option<Place>>,
    undisclosed: usize,
}

impl<'a> Walk<'a> {
    /// The content behind a digest, if it is disclosed; each at most once.
    fn reveal(
        &mut self,
        digest: &Value,
        path: impl FnOnce(&Content) -> Result<Option<ClaimPath>>,
    ) -> Result<Option<&'a Content>> {
        let digest: &[u8; 32] = digest.as_bytes().and_then(|d| d.try_into().ok()).ok_or(damaged("sd-cwt-digest"))?;
        let Some(&index) = self.by_digest.get(digest) else {
            self.undisclosed += 1;
            return Ok(None);
        };
        let content = &self.disclosures[index].content;
        let place = Place { path: path(content)? };
        if self.places[index].replace(place).is_some() {
            return Err(damaged("sd-cwt-disclosure-twice"));
        }
        Ok(Some(content))
    }

    fn value(&mut self, value: Value, path: &mut Vec<ClaimName>) -> Result<Value> {
        if path.len() > cbor::MAX_DEPTH {
            return Err(damaged("cbor-depth"));
        }
        match value {
            Value::Map(entries) => self.map(entries, path),
            Value::Array(items) => self.array(items, path),
            Value::Tag(TAG_REDACTED_ELEMENT, _) => Err(damaged("sd-cwt-redacted-place")),
            Value::Tag(tag, inner) => Ok(Value::Tag(tag, Box::new(self.value(*inner, path)?))),
            other => Ok(other),
        }
    }

    fn map(&mut self, entries: Vec<(Value, Value)>, path: &mut Vec<ClaimName>) -> Result<Value> {
        let mut out = Vec::with_capacity(entries.len());
        let mut digests = Vec::new();
        for (key, value) in entries {
            if key == REDACTED_KEYS {
                let Value::Array(list) = value else { return Err(damaged("sd-cwt-digest")) };
                digests = list;
                continue;
            }
            path.push(ClaimName::from_cbor(&key)?);
            let value = self.value(value, path)?;
            path.pop();
            out.push((key, value));
        }
        for digest in &digests {
            let place = |content: &Content| match content {
                Content::Claim(name, _) => join(path, ClaimName::from_cbor(name)?).map(Some),
                Content::Decoy => Ok(None),
                Content::Element(_) => Err(damaged("sd-cwt-redacted-place")),
            };
            let Some(Content::Claim(name, value)) = self.reveal(digest, place)? else { continue };
            let registered = |n: i64| path.is_empty() && NEVER_REDACTED.contains(&n);
            if name.as_int().is_some_and(registered) {
                return Err(damaged("sd-cwt-never-redacted"));
            }
            if out.iter().any(|(key, _)| key == name) {
                return Err(damaged("cbor-duplicate-key"));
            }
            path.push(ClaimName::from_cbor(name)?);
            let value = self.value(value.clone(), path)?;
            path.pop();
            out.push((name.clone(), value));
        }
        Ok(Value::Map(out))
    }

    fn array(&mut self, items: Vec<Value>, path: &mut Vec<ClaimName>) -> Result<Value> {
        let mut out = Vec::with_capacity(items.len());
        for item in items {
            let index = ClaimName::Int(out.len() as i64);
            let item = match item {
                Value::Tag(TAG_REDACTED_ELEMENT, digest) => {
                    let place = |content: &Content| match content {
                        Content::Element(_) => join(path, index.clone()).map(Some),
                        Content::Decoy => Ok(None),
                        Content::Claim(..) => Err(damaged("sd-cwt-redacted-place")),
                    };
                    match self.reveal(&digest, place)? {
                        Some(Content::Element(value)) => value.clone(),
                        _ => continue,
                    }
                }
                open => open,
            };
            path.push(index);
            let item = self.value(item, path)?;
            path.pop();
            out.push(item);
        }
        Ok(Value::Array(out))
    }
}

fn join(path: &[ClaimName], name: ClaimName) -> Result<ClaimPath> {
    let names = path.iter().cloned().chain([name]).collect();
    ClaimPath::new(names).map_err(|_| damaged("claim-path"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first disclosure of the draft's `issuer_cwt`, and the digest that stands there for it.
    #[test]
    fn the_digest_covers_the_byte_string() {
        let salt = *b"\xba\xe6\x11\x06\x7b\xb8\x23\x48\x67\x97\xda\x1e\xbb\xb5\x2f\x83";
        let parts = vec![Value::from(&salt[..]), "ABCD-123456".into(), 501_i64.into()];
        let digest = digest_of(&Value::Array(parts).to_bytes());
        assert_eq!(digest[..8], [0xaf, 0x37, 0x5d, 0xc3, 0xfb, 0xa1, 0xd0, 0x82]);
    }
}
