//! Issuing: from claims to a signed card with every disclosure.

use super::disclosure::{SALT_LEN, digest_of};
use super::{SHA_256, SdCwt, TYP};
use crate::cose::Sign1;
use crate::cose::cbor::{REDACTED_KEYS, TAG_REDACTED_ELEMENT, Value};
use crate::cose::cwt::{self, claim};
use crate::cose::key;
use crate::cose::label;
use crate::credential::draft::{Draft, Place};
use crate::credential::format::StatusReference;
use crate::credential::model::{ClaimName, ClaimPath, Value as ClaimValue};
use crate::crypto::{PublicKey, Signer, make_random};
use crate::error::Result;
use crate::ports::Entropy;

/// Signs a card for the holder of `holder_key`, in the name of `issuer` (its id, as trust bundles have it).
///
/// # Errors
/// `invalid`: `dates`, `claim-reserved`, `claim-missing`, `digest-count`, `portrait-format`, `status-reference`; `too-large`
/// for a portrait.
pub fn issue(
    draft: &Draft,
    issuer: &str,
    holder_key: &PublicKey,
    kid: &[u8],
    key: &dyn Signer,
    entropy: &dyn Entropy,
) -> Result<SdCwt> {
    draft.check()?;
    let status = draft.status.as_ref().map(StatusReference::to_cbor);
    let mut redactor = Redactor { draft, entropy, disclosures: Vec::new() };
    // The draft wants a subject: without one, a handle that means nothing outside the desk, and is withheld.
    let subject = match draft.claims.value(&ClaimName::Int(claim::SUB)) {
        Some(_) => None,
        None => Some((claim::SUB.into(), ClaimValue::Bytes(make_random::<SALT_LEN>(entropy)?.to_vec()))),
    };
    let claims: Vec<_> = draft.claims.iter().cloned().chain(subject).collect();
    let Value::Map(redacted) = redactor.map(&claims, None)? else { unreachable!("a map is redacted to a map") };
    let cnf = Value::map([(cwt::CNF_COSE_KEY.into(), key::to_value(holder_key))]);
    let registered = [
        (claim::ISS.into(), issuer.into()),
        (claim::NBF.into(), cwt::day_start(draft.valid_from).into()),
        (claim::EXP.into(), cwt::day_end(draft.valid_until).into()),
        (claim::VCT.into(), draft.card_type.as_str().into()),
        (claim::CNF.into(), cnf),
    ];
    let status = status.map(|status| (claim::STATUS.into(), status));
    let payload = Value::map(registered.into_iter().chain(status).chain(redacted));
    let headers =
        [(label::TYP.into(), TYP.into()), (label::KID.into(), kid.into()), (label::SD_ALG.into(), SHA_256.into())];
    let mut signed = Sign1::sign(headers, payload.to_bytes(), &[], key)?;
    let disclosures: Vec<_> = redactor.disclosures.into_iter().map(Value::Bytes).collect();
    signed.unprotected = Value::map((!disclosures.is_empty()).then(|| (label::SD_CLAIMS.into(), disclosures.into())));
    // What leaves the desk went through the same reader as what arrives in the wallet.
    SdCwt::parse(&signed.to_bytes())
}

struct Redactor<'a> {
    draft: &'a Draft,
    entropy: &'a dyn Entropy,
    disclosures: Vec<Vec<u8>>,
}

impl Redactor<'_> {
    /// Salts `content`, keeps it as a disclosure and gives its digest.
    fn redact(&mut self, content: impl IntoIterator<Item = Value>) -> Result<[u8; 32]> {
        let salt = make_random::<SALT_LEN>(self.entropy)?;
        let parts: Vec<_> = [Value::from(&salt[..])].into_iter().chain(content).collect();
        let bytes = Value::Array(parts).to_bytes();
        let digest = digest_of(&bytes);
        self.disclosures.push(bytes);
        Ok(digest)
    }

    fn map(&mut self, claims: &[(ClaimName, ClaimValue)], at: Option<&ClaimPath>) -> Result<Value> {
        let mut entries = Vec::new();
        let mut digests = Vec::new();
        for (name, value) in claims {
            let path = ClaimPath::inside(at, name)?;
            match self.draft.place(&path) {
                Place::Open => entries.push((name.to_cbor(), value.to_cbor())),
                Place::OpenInside => entries.push((name.to_cbor(), self.value(value, &path)?)),
                Place::Closed => {
                    let value = self.value(value, &path)?;
                    digests.push(self.redact([value, name.to_cbor()])?);
                }
            }
        }
        for _ in 0..self.draft.decoys(at, digests.len())? {
            digests.push(self.redact([])?);
        }
        if !digests.is_empty() {
            // Sorted, so that their order tells nothing.
            digests.sort_unstable();
            let list: Vec<_> = digests.iter().map(|digest| Value::from(&digest[..])).collect();
            entries.push((REDACTED_KEYS, list.into()));
        }
        Ok(Value::map(entries))
    }

    fn value(&mut self, value: &ClaimValue, path: &ClaimPath) -> Result<Value> {
        match value {
            ClaimValue::Map(claims) => self.map(&claims.iter().cloned().collect::<Vec<_>>(), Some(path)),
            ClaimValue::List(items) if self.draft.split.contains(path) => {
                let mut elements = Vec::new();
                for item in items {
                    let digest = self.redact([item.to_cbor()])?;
                    elements.push(Value::Tag(TAG_REDACTED_ELEMENT, Box::new((&digest[..]).into())));
                }
                Ok(elements.into())
            }
            other => Ok(other.to_cbor()),
        }
    }
}
