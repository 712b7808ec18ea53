//! Issuing: from claims to a signed card with every disclosure.

use super::NEVER_HIDDEN;
use super::SdJwt;
use super::disclosure::{DIGESTS, ELEMENT, HASH, Hash, IMAGES};
use crate::cose::cwt::{self, claim};
use crate::credential::draft::{Draft, Place};
use crate::credential::format::StatusReference;
use crate::credential::json::value_to_json;
use crate::credential::model::{ClaimName, ClaimPath, Claims, MAX_LARGE_PORTRAIT_LEN, Value, check_portrait};
use crate::crypto::{PublicKey, Signer, make_random};
use crate::error::{Result, invalid};
use crate::jose::{Jws, jwk};
use crate::ports::Entropy;
use base64ct::{Base64, Base64UrlUnpadded, Encoding as _};
use serde_json::{Map, Value as Json, json};

/// Bytes of a salt (RFC 9901 section 9.3: 128 bits at least).
const SALT_LEN: usize = 16;

/// Signs an SD-JWT VC in the name of `issuer`, for the holder of `holder_key`, or for whoever bears it where there is none.
/// `chain` goes along as `x5c`: DER, the certificate of `key` first; it may be empty.
///
/// # Errors
/// `invalid`: `dates`, `claim-reserved`, `claim-twice`, `claim-missing`, `digest-count`, `portrait-format`,
/// `status-reference`; `damaged` (`jws-x5c`) for more than 8 certificates; `too-large` for a portrait; `host`.
pub fn issue(
    draft: &Draft,
    issuer: &str,
    holder_key: Option<&PublicKey>,
    kid: &[u8],
    chain: &[Vec<u8>],
    key: &dyn Signer,
    entropy: &dyn Entropy,
) -> Result<SdJwt> {
    draft.check()?;
    let mut redactor = Redactor { draft, entropy, disclosures: Vec::new() };
    let mut payload = redactor.object(&draft.claims, None)?;
    let registered = [
        ("iss", issuer.into()),
        ("nbf", cwt::day_start(draft.valid_from).into()),
        ("exp", cwt::day_end(draft.valid_until).into()),
        ("vct", draft.card_type.as_str().into()),
        (HASH, "sha-256".into()),
    ];
    let confirmation = holder_key.map(|key| ("cnf", json!({"jwk": jwk::to_value(key)})));
    let list = |status: &StatusReference| json!({"status_list": {"idx": status.index, "uri": status.uri}});
    let status = draft.status.as_ref().map(|status| ("status", list(status)));
    let registered = registered.into_iter().chain(confirmation).chain(status);
    payload.extend(registered.map(|(name, value)| (name.to_owned(), value)));
    let kid = core::str::from_utf8(kid).ok().filter(|kid| !kid.is_empty()).map(|kid| ("kid", kid.into()));
    let chain: Vec<Json> = chain.iter().map(|certificate| Base64::encode_string(certificate).into()).collect();
    let chain = (!chain.is_empty()).then(|| ("x5c", chain.into()));
    let header = [("typ", "dc+sd-jwt".into())].into_iter().chain(kid).chain(chain);
    let card = SdJwt::from_parts(Jws::sign(header, &payload, key)?, redactor.disclosures)?;
    // What leaves the desk went through the same reader as what arrives in the wallet.
    SdJwt::parse(card.to_text().as_bytes())
}

struct Redactor<'a> {
    draft: &'a Draft,
    entropy: &'a dyn Entropy,
    disclosures: Vec<String>,
}

impl Redactor<'_> {
    /// Salts `content`, keeps it as a disclosure and gives its digest.
    fn redact(&mut self, content: impl IntoIterator<Item = Json>) -> Result<String> {
        let salt = Base64UrlUnpadded::encode_string(&make_random::<SALT_LEN>(self.entropy)?);
        let parts: Json = [salt.into()].into_iter().chain(content).collect();
        let disclosure = Base64UrlUnpadded::encode_string(parts.to_string().as_bytes());
        let digest = Hash::Sha256.digest(&disclosure);
        self.disclosures.push(disclosure);
        Ok(digest)
    }

    fn object(&mut self, claims: &Claims, at: Option<&ClaimPath>) -> Result<Map<String, Json>> {
        let mut object = Map::new();
        let mut digests = Vec::new();
        let mut names = Vec::new();
        for (name, value) in claims.iter() {
            let (path, name) = (ClaimPath::inside(at, name)?, name_of(name, at.is_none())?);
            match self.draft.place(&path) {
                Place::Open => drop(object.insert(name.clone(), to_json(value)?)),
                Place::OpenInside => drop(object.insert(name.clone(), self.value(value, &path)?)),
                Place::Closed => {
                    let value = self.value(value, &path)?;
                    digests.push(self.redact([name.as_str().into(), value])?);
                }
            }
            names.push(name);
        }
        refuse_twice(names)?;
        for _ in 0..self.draft.decoys(at, digests.len())? {
            // Nobody can tell it from the digest of a disclosure (RFC 9901 section 4.2.5).
            digests.push(Hash::Sha256.digest(&Base64UrlUnpadded::encode_string(&make_random::<32>(self.entropy)?)));
        }
        if !digests.is_empty() {
            // Sorted, so that their order tells nothing.
            digests.sort_unstable();
            object.insert(DIGESTS.to_owned(), digests.into());
        }
        Ok(object)
    }

    fn value(&mut self, value: &Value, path: &ClaimPath) -> Result<Json> {
        match value {
            Value::Map(claims) => self.object(claims, Some(path)).map(Json::Object),
            Value::List(items) if self.draft.split.contains(path) => {
                let element = |item: &Value| Ok(json!({ ELEMENT: self.redact([to_json(item)?])? }));
                items.iter().map(element).collect()
            }
            other => to_json(other),
        }
    }
}

/// How a claim is called in JSON, where numbers stand for nothing.
fn name_of(name: &ClaimName, is_at_top: bool) -> Result<String> {
    let text = match name {
        ClaimName::Int(claim::SUB) if is_at_top => "sub".to_owned(),
        other => other.to_string(),
    };
    let is_of_the_format = [DIGESTS, ELEMENT, HASH].contains(&text.as_str());
    let is_reserved = is_of_the_format || is_at_top && NEVER_HIDDEN.contains(&text.as_str());
    if is_reserved { Err(invalid("claim-reserved")) } else { Ok(text) }
}

fn refuse_twice(mut names: Vec<String>) -> Result<()> {
    names.sort_unstable();
    let is_twice = names.windows(2).any(|pair| pair[0] == pair[1]);
    if is_twice { Err(invalid("claim-twice")) } else { Ok(()) }
}

/// A value that hides nothing inside it. A portrait is a data URI, as the draft asks for bytes (its section "Public and
/// Private JWT claims"); other bytes are base64url.
fn to_json(value: &Value) -> Result<Json> {
    Ok(match value {
        Value::Map(claims) => {
            let names = claims.iter().map(|(name, _)| name_of(name, false)).collect::<Result<Vec<_>>>()?;
            refuse_twice(names.clone())?;
            let values = claims.iter().map(|(_, value)| to_json(value)).collect::<Result<Vec<_>>>()?;
            Json::Object(names.into_iter().zip(values).collect())
        }
        Value::List(items) => items.iter().map(to_json).collect::<Result<_>>()?,
        Value::Bytes(bytes) if check_portrait(bytes, MAX_LARGE_PORTRAIT_LEN).is_ok() => {
            let [jpeg, webp] = IMAGES;
            let starts = [(&[0xff, 0xd8][..], jpeg), (b"RIFF", webp)];
            match starts.iter().find(|(magic, _)| bytes.starts_with(magic)) {
                Some((_, start)) => format!("{start}{}", Base64::encode_string(bytes)).into(),
                // JPEG 2000, which no browser shows.
                None => value_to_json(value),
            }
        }
        other => value_to_json(other),
    })
}
