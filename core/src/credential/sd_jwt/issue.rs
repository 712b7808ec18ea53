//! Issuing: from claims to a signed card with every disclosure.

use super::SdJwt;
use super::disclosure::{DIGESTS, ELEMENT, HASH, Hash};
use crate::cose::cwt;
use crate::credential::draft::{Draft, Place};
use crate::credential::json::value_to_json;
use crate::credential::model::{ClaimName, ClaimPath, Value};
use crate::crypto::{PublicKey, Signer, make_random};
use crate::error::Result;
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
/// `invalid`: `dates`, `claim-reserved`, `claim-missing`, `digest-count`, `portrait-format`; `too-large` for a portrait;
/// `host`.
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
    let claims: Vec<_> = draft.claims.iter().cloned().collect();
    let mut payload = redactor.object(&claims, None)?;
    let registered = [
        ("iss", issuer.into()),
        ("nbf", cwt::day_start(draft.valid_from).into()),
        ("exp", cwt::day_end(draft.valid_until).into()),
        ("vct", draft.card_type.as_str().into()),
        (HASH, "sha-256".into()),
    ];
    let confirmation = holder_key.map(|key| ("cnf", json!({"jwk": jwk::to_value(key)})));
    payload.extend(registered.into_iter().chain(confirmation).map(|(name, value)| (name.to_owned(), value)));
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

    fn object(&mut self, claims: &[(ClaimName, Value)], at: Option<&ClaimPath>) -> Result<Map<String, Json>> {
        let mut object = Map::new();
        let mut digests = Vec::new();
        for (name, value) in claims {
            let path = ClaimPath::inside(at, name)?;
            match self.draft.place(&path) {
                Place::Open => drop(object.insert(name.to_string(), value_to_json(value))),
                Place::OpenInside => drop(object.insert(name.to_string(), self.value(value, &path)?)),
                Place::Closed => {
                    let value = self.value(value, &path)?;
                    digests.push(self.redact([name.to_string().into(), value])?);
                }
            }
        }
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
            Value::Map(claims) => {
                let claims: Vec<_> = claims.iter().cloned().collect();
                self.object(&claims, Some(path)).map(Json::Object)
            }
            Value::List(items) if self.draft.split.contains(path) => {
                let element = |item: &Value| Ok(json!({ ELEMENT: self.redact([value_to_json(item)])? }));
                items.iter().map(element).collect()
            }
            other => Ok(value_to_json(other)),
        }
    }
}
