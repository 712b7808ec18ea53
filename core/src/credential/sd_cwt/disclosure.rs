//! Disclosures, and putting them back where their digests stand.

use super::NEVER_REDACTED;
use crate::cose::cbor::{self, REDACTED_KEYS, TAG_REDACTED_ELEMENT, Value};
use crate::credential::model::{ClaimName, Place};
use crate::crypto::sha256;
use crate::error::{Result, damaged};
use std::collections::HashMap;

/// Most data items in the claims of a card and its disclosures, taken together.
const MAX_ITEMS: usize = 4096;
/// Bytes of a salt, at least: with fewer, whoever has the digest could guess what it hides.
pub(super) const SALT_LEN: usize = 16;

/// What a disclosure says.
enum Content {
    /// Only a salt: hides how many claims there are.
    Decoy,
    Element(Value),
    Claim(Value, Value),
}

impl Content {
    fn parse(disclosure: &[u8], items: &mut usize) -> Result<Self> {
        let wrong = damaged("sd-cwt-disclosure");
        let Value::Array(mut parts) = cbor::parse_claims_within(disclosure, items)? else { return Err(wrong) };
        if parts.first().and_then(Value::as_bytes).is_none_or(|salt| salt.len() < SALT_LEN) {
            return Err(wrong);
        }
        // [salt], [salt, value] or [salt, value, name]
        match (parts.len(), parts.pop(), parts.pop()) {
            (1, ..) => Ok(Self::Decoy),
            (2, Some(value), _) => Ok(Self::Element(value)),
            (3, Some(name @ (Value::Uint(_) | Value::Nint(_) | Value::Text(_))), Some(value)) => {
                Ok(Self::Claim(name, value))
            }
            _ => Err(wrong),
        }
    }
}

/// What stands in the claims for a disclosure. It covers the byte string around it too, head and all: the draft's
/// figures and its examples hash the `bstr-encoded-salted`, not the array inside.
pub(super) fn digest_of(disclosure: &[u8]) -> [u8; 32] {
    sha256(&Value::from(disclosure).to_bytes())
}

pub(super) struct Unredacted {
    pub claims: Value,
    pub undisclosed: usize,
}

/// Reads the claims and puts every disclosure back in place (the draft's section "SD-KBT and SD-CWT Verifier
/// Validation", step 7).
pub(super) fn unredact(payload: &[u8], disclosures: &[&[u8]], place: &mut Place<'_>) -> Result<Unredacted> {
    let mut items = MAX_ITEMS;
    let Value::Map(entries) = cbor::parse_claims_within(payload, &mut items)? else {
        return Err(damaged("sd-cwt-claims"));
    };
    let by_digest: HashMap<_, _> = disclosures.iter().enumerate().map(|(i, d)| (digest_of(d), i)).collect();
    if by_digest.len() != disclosures.len() {
        return Err(damaged("sd-cwt-disclosure-twice"));
    }
    let contents = disclosures.iter().map(|d| Content::parse(d, &mut items).map(Some)).collect::<Result<_>>()?;
    let mut walk = Walk { contents, by_digest, place, undisclosed: 0, depth: 0 };
    let claims = walk.map(entries, &mut Vec::new())?;
    if walk.contents.iter().any(Option::is_some) {
        return Err(damaged("sd-cwt-disclosure-unmatched"));
    }
    Ok(Unredacted { claims, undisclosed: walk.undisclosed })
}

struct Walk<'a, 'b> {
    /// None where it is in its place.
    contents: Vec<Option<Content>>,
    by_digest: HashMap<[u8; 32], usize>,
    place: &'a mut Place<'b>,
    undisclosed: usize,
    /// Of the claims as they are put together: each disclosure alone is no deeper, but they stand in each other.
    depth: usize,
}

impl Walk<'_, '_> {
    /// The content behind a digest, if it is disclosed; each at most once.
    fn reveal(&mut self, digest: &Value) -> Result<Option<(usize, Content)>> {
        let digest: &[u8; 32] = digest.as_bytes().and_then(|d| d.try_into().ok()).ok_or(damaged("sd-cwt-digest"))?;
        let Some(&index) = self.by_digest.get(digest) else {
            self.undisclosed += 1;
            return Ok(None);
        };
        let content = self.contents[index].take().ok_or(damaged("sd-cwt-disclosure-twice"))?;
        Ok(Some((index, content)))
    }

    fn value(&mut self, value: Value, path: &mut Vec<ClaimName>) -> Result<Value> {
        self.depth += 1;
        if self.depth > cbor::MAX_DEPTH {
            return Err(damaged("cbor-depth"));
        }
        let value = match value {
            Value::Map(entries) => self.map(entries, path)?,
            Value::Array(items) => self.array(items, path)?,
            Value::Tag(TAG_REDACTED_ELEMENT, _) => return Err(damaged("sd-cwt-redacted-place")),
            Value::Tag(tag, inner) => Value::Tag(tag, Box::new(self.value(*inner, path)?)),
            other => other,
        };
        self.depth -= 1;
        Ok(value)
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
            let (index, name, value) = match self.reveal(digest)? {
                None | Some((_, Content::Decoy)) => continue,
                Some((_, Content::Element(_))) => return Err(damaged("sd-cwt-redacted-place")),
                Some((index, Content::Claim(name, value))) => (index, name, value),
            };
            let registered = |n: i64| path.is_empty() && NEVER_REDACTED.contains(&n);
            if name.as_int().is_some_and(registered) {
                return Err(damaged("sd-cwt-never-redacted"));
            }
            if out.iter().any(|(key, _)| *key == name) {
                return Err(damaged("cbor-duplicate-key"));
            }
            path.push(ClaimName::from_cbor(&name)?);
            (self.place)(index, path);
            let value = self.value(value, path)?;
            path.pop();
            out.push((name, value));
        }
        Ok(Value::Map(out))
    }

    fn array(&mut self, items: Vec<Value>, path: &mut Vec<ClaimName>) -> Result<Value> {
        let mut out = Vec::with_capacity(items.len());
        for item in items {
            let (revealed, item) = match item {
                Value::Tag(TAG_REDACTED_ELEMENT, digest) => match self.reveal(&digest)? {
                    None | Some((_, Content::Decoy)) => continue,
                    Some((_, Content::Claim(..))) => return Err(damaged("sd-cwt-redacted-place")),
                    Some((index, Content::Element(value))) => (Some(index), value),
                },
                open => (None, open),
            };
            path.push(ClaimName::Int(out.len() as i64));
            if let Some(index) = revealed {
                (self.place)(index, path);
            }
            let item = self.value(item, path)?;
            path.pop();
            out.push(item);
        }
        Ok(Value::Array(out))
    }
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
