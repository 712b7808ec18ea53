//! Issuing: from claims to a signed card with every disclosure.

use super::disclosure::{SALT_LEN, digest_of};
use super::{SHA_256, SdCwt, TYP};
use crate::cose::Sign1;
use crate::cose::cbor::{REDACTED_KEYS, TAG_REDACTED_ELEMENT, Value};
use crate::cose::cwt::{self, claim};
use crate::cose::key;
use crate::cose::sign1::label;
use crate::credential::format::StatusReference;
use crate::credential::model::{ClaimName, ClaimPath, Claims, Value as ClaimValue, check_portraits};
use crate::crypto::{PublicKey, Signer, make_random};
use crate::error::{Result, invalid};
use crate::ports::Entropy;
use time::Date;

/// What a card will say, before it is signed.
#[derive(Clone, Debug)]
pub struct Draft {
    /// What kind of card it is.
    pub card_type: String,
    /// First day of validity, UTC.
    pub valid_from: Date,
    /// Last day of validity, UTC.
    pub valid_until: Date,
    /// The claims. Every one can be withheld by the holder, unless it is in `open`; so can each member of a group.
    pub claims: Claims,
    /// Claims that stand in clear, whole groups with all inside them.
    pub open: Vec<ClaimPath>,
    /// Lists whose elements can be shown one by one.
    pub split: Vec<ClaimPath>,
    /// How many digests a level shows at least, so that every card of a type looks alike; decoys fill it up. No path
    /// means the top.
    pub digests: Vec<(Option<ClaimPath>, usize)>,
    /// Where its issuer will say whether it is cancelled. Stands in clear: nobody can withhold it. Draw the index by chance,
    /// and give each to one card only: it links every showing of the card.
    pub status: Option<StatusReference>,
}

/// Most digests that one level may be brought to.
const MAX_DIGESTS: usize = 256;

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
    if draft.valid_from > draft.valid_until {
        return Err(invalid("dates"));
    }
    let missing = |path: &ClaimPath| draft.claims.at(path).is_none();
    let levels = draft.digests.iter().filter_map(|(path, _)| path.as_ref());
    if draft.open.iter().chain(&draft.split).chain(levels).any(missing) {
        return Err(invalid("claim-missing"));
    }
    let reserved = |name: &ClaimName| {
        let is = |(number, text): &(i64, &str)| *name == ClaimName::Int(*number) || *name == ClaimName::from(*text);
        *name != ClaimName::Int(claim::SUB) && cwt::JWT_NAMES.iter().any(is)
    };
    if draft.claims.iter().any(|(name, _)| reserved(name)) {
        return Err(invalid("claim-reserved"));
    }
    check_portraits(&draft.claims)?;
    let status = draft.status.as_ref().map(StatusReference::to_cbor).transpose()?;

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
            let path = join(at, name)?;
            if self.draft.open.iter().any(|open| path.is_within(open)) {
                entries.push((name.to_cbor(), value.to_cbor()));
            } else if self.draft.open.iter().any(|open| open.is_within(&path)) {
                // Something inside stays open: so does the way to it.
                entries.push((name.to_cbor(), self.value(value, &path)?));
            } else {
                let value = self.value(value, &path)?;
                digests.push(self.redact([value, name.to_cbor()])?);
            }
        }
        let least = self.draft.digests.iter().find(|(level, _)| level.as_ref() == at).map_or(0, |(_, least)| *least);
        if least > MAX_DIGESTS || (least > 0 && digests.len() > least) {
            return Err(invalid("digest-count"));
        }
        while digests.len() < least {
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

fn join(at: Option<&ClaimPath>, name: &ClaimName) -> Result<ClaimPath> {
    let outer = at.map(ClaimPath::names).unwrap_or_default();
    ClaimPath::new(outer.iter().cloned().chain([name.clone()]).collect())
}
