//! Issuing: from claims to a signed card with every item.

use super::security_object::VERSION;
use super::{Mdoc, RANDOM_LEN};
use crate::cose::cbor::{Encoded, TAG_DATE_TIME, Value};
use crate::cose::{Sign1, cwt, key};
use crate::credential::model::{ClaimName, Claims, MAX_LARGE_PORTRAIT_LEN, Value as ClaimValue, check_portraits};
use crate::credential::{Draft, StatusReference};
use crate::crypto::{PublicKey, Signer, make_random, sha256};
use crate::error::{Result, invalid};
use crate::ports::Entropy;
use crate::x509::Certificate;

/// Signs a card for the holder of `holder_key`. The claims of the draft are name spaces with their elements; `key` signs,
/// and `chain` holds its certificate and those above it, the root left out.
///
/// The card says that it was signed in the first second of its validity: so it carries no time of its own, and all cards of
/// one day look alike. The signer's certificate must be valid then.
///
/// # Errors
/// `invalid`: `dates`; `certificate` where the first of `chain` is not that of `key`; `name-space` for a claim that is no
/// group of named ones; `draft-unsupported` for open claims, lists shown one by one and decoys, which the format has not;
/// `status-reference`; `portrait-format`; `too-large` for a portrait.
pub fn issue(
    draft: &Draft,
    holder_key: &PublicKey,
    key: &dyn Signer,
    chain: &[Certificate],
    entropy: &dyn Entropy,
) -> Result<Mdoc> {
    let signer = chain.first().filter(|own| own.public_key() == Ok(&key.public_key())).ok_or(invalid("certificate"))?;
    let signed = cwt::day_start(draft.valid_from);
    if draft.valid_from > draft.valid_until || !(signer.not_before()..signer.expires()).contains(&signed) {
        return Err(invalid("dates"));
    }
    if !(draft.open.is_empty() && draft.split.is_empty() && draft.digests.is_empty()) {
        return Err(invalid("draft-unsupported"));
    }
    draft.status.as_ref().map_or(Ok(()), StatusReference::check)?;
    check_portraits(&draft.claims, MAX_LARGE_PORTRAIT_LEN)?;
    let (mut name_spaces, mut digests) = (Vec::new(), Vec::new());
    for (name, elements) in draft.claims.iter() {
        let (ClaimName::Text(name), ClaimValue::Map(elements)) = (name, elements) else {
            return Err(invalid("name-space"));
        };
        let items = make_items(elements, entropy)?;
        let digest = |(number, item): (u64, &Encoded)| (number.into(), Value::from(&sha256(item.as_bytes())[..]));
        digests.push((Value::from(name.as_str()), Value::Map((0..).zip(&items).map(digest).collect())));
        let items: Vec<_> = items.into_iter().map(Value::Encoded).collect();
        name_spaces.push((Value::from(name.as_str()), Value::from(items)));
    }
    if name_spaces.is_empty() {
        return Err(invalid("name-space"));
    }
    let time = |day: &str| Value::Tag(TAG_DATE_TIME, Box::new(day.into()));
    let first = time(&format!("{}T00:00:00Z", draft.valid_from));
    let validity = Value::Map(vec![
        ("signed".into(), first.clone()),
        ("validFrom".into(), first),
        ("validUntil".into(), time(&format!("{}T23:59:59Z", draft.valid_until))),
    ]);
    let status = draft.status.as_ref().map(|status| ("status".into(), status.to_cbor()));
    let object = [
        ("version".into(), VERSION.into()),
        ("digestAlgorithm".into(), "SHA-256".into()),
        ("valueDigests".into(), Value::Map(digests)),
        ("deviceKeyInfo".into(), Value::Map(vec![("deviceKey".into(), key::to_value(holder_key))])),
        ("docType".into(), draft.card_type.as_str().into()),
        ("validityInfo".into(), validity),
    ];
    let object = Value::Map(object.into_iter().chain(status).collect());
    let mut issuer_auth = Sign1::sign_of_old([], Encoded::of_value(&object).as_bytes().to_vec(), &[], key)?;
    let chain: Vec<_> = chain.iter().map(|certificate| certificate.to_bytes().to_vec()).collect();
    issuer_auth.set_x5chain(&chain);
    let card = Value::Map(vec![
        ("nameSpaces".into(), Value::Map(name_spaces)),
        ("issuerAuth".into(), issuer_auth.to_untagged_value()),
    ]);
    // What leaves the desk went through the same reader as what arrives in the wallet.
    Mdoc::parse(&card.to_bytes())
}

/// The items of a name space, in the order of their numbers.
fn make_items(elements: &Claims, entropy: &dyn Entropy) -> Result<Vec<Encoded>> {
    let mut drawn = Vec::new();
    for (name, value) in elements.iter() {
        let ClaimName::Text(name) = name else { return Err(invalid("name-space")) };
        drawn.push((make_random::<RANDOM_LEN>(entropy)?, name, value));
    }
    if drawn.is_empty() {
        return Err(invalid("name-space"));
    }
    // Numbered by chance: a number tells nothing of what else there is.
    drawn.sort_unstable_by_key(|(random, ..)| *random);
    let item = |(number, (random, name, value)): (u64, ([u8; RANDOM_LEN], &String, &ClaimValue))| {
        let fields = vec![
            ("digestID".into(), number.into()),
            ("random".into(), random[..].into()),
            ("elementIdentifier".into(), name.as_str().into()),
            ("elementValue".into(), value.to_cbor()),
        ];
        Encoded::of_value(&Value::Map(fields))
    };
    Ok((0..).zip(drawn).map(item).collect())
}
