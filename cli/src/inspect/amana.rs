//! Amana's own messages: what of them anybody can read, and whether it holds.

use super::{Context, Found, Message, Report, Signature};
use amana_core::backup::Share;
use amana_core::cose::Sign1;
use amana_core::cose::cwt;
use amana_core::credential::enrolment::{Enrolment, Offer};
use amana_core::credential::{Claims, to_json};
use amana_core::crypto::seal::OVERHEAD;
use amana_core::error::{Error, Result};
use amana_core::presentation::Request;
use amana_core::qr::Kind;
use amana_core::trust::{Anchor, Bundle, IssuerKey, Registration, Standing};
use serde_json::{Map, Value as Json, json};

/// A verifier's request. Its signature is by the key it names; `registration.standing` says whose that is.
pub const REQUEST: Message = Message {
    name: "request",
    is: |found| is(found, Kind::Request, &["for", "ask", "epk"]),
    look: |found, context, report| {
        report.says(&payload(found)?);
        let request = signed_by_itself(Request::verify(&found.bytes), report)?;
        let ask = |ask: &amana_core::presentation::Ask| json!({"claim": ask.path.to_string(), "kept": ask.kept});
        let more = json!({
            "ask": request.asks().iter().map(ask).collect::<Vec<_>>(),
            "verifier": request.verifier().to_text(),
            "registration": request.registration().map(|registration| standing(registration, context)),
        });
        extend(report, more);
        Ok(())
    },
};

/// A desk's offer.
pub const OFFER: Message = Message {
    name: "offer",
    is: |found| is(found, Kind::Offer, &["vct", "nonce"]),
    look: |found, context, report| {
        let claims = payload(found)?;
        report.says(&claims);
        report.check_dates(&claims, context.at);
        look_at_offer(&Offer::parse(&found.bytes)?, &found.bytes, context, report)
    },
};

/// A wallet's enrolment: its own proof around a desk's offer, whose signature is the one that is told.
pub const ENROLMENT: Message = Message {
    name: "enrolment",
    is: |found| is(found, Kind::Enrolment, &["offer", "epk"]),
    look: |found, context, report| {
        let enrolment = match Enrolment::verify(&found.bytes) {
            Err(error @ Error::Untrusted { .. }) => {
                report.check_proof(Err(error));
                return Ok(());
            }
            other => other?,
        };
        report.check_proof(Ok(()));
        let offer = enrolment.offer().to_bytes();
        let claims = Claims::parse(Sign1::parse(&offer)?.payload())?;
        report.says(&claims);
        report.check_dates(&claims, context.at);
        let key = amana_core::cose::key::Thumbprint::of(enrolment.holder_key());
        extend(report, json!({"holder_key": key.to_text()}));
        look_at_offer(enrolment.offer(), &offer, context, report)
    },
};

/// A trust bundle.
pub const BUNDLE: Message = Message {
    name: "bundle",
    is: |found| is(found, Kind::Bundle, &["seq", "issuers"]),
    look: |found, context, report| {
        report.says(&payload(found)?);
        let (key, thumbprint) = Bundle::claimed_anchor(&found.bytes)?;
        extend(report, json!({"anchor": thumbprint.to_text()}));
        let is_given = context.keys.keys.iter().any(|given| given.public == key);
        let bundle = signed_by_itself(Bundle::verify(&found.bytes, &Anchor::new(key)), report)?;
        if !is_given {
            report.signature = Signature::NoKey;
        }
        let (from, until) = (cwt::day_start(bundle.valid_from), cwt::day_end(bundle.valid_until));
        report.check_validity(Some(from), Some(until), context.at);
        Ok(())
    },
};

/// A registrar's word for a verifier.
pub const REGISTRATION: Message = Message {
    name: "registration",
    is: |found| found.kind.is_none() && says(found, &["for", "contact"]),
    look: |found, context, report| {
        let claims = payload(found)?;
        report.says(&claims);
        report.check_dates(&claims, context.at);
        let registration = Registration::parse(&found.bytes)?;
        let (algorithm, kid) = (sign1(found)?.algorithm(), registration.kid());
        report.check_signature(algorithm, kid, context, &[], |key| registration.verify_registrar(key));
        if vouched(&registration, context).is_some_and(|standing| standing != Standing::Unvouched) {
            report.signature = Signature::Valid;
        }
        extend(report, json!({"registration": standing(&registration, context)}));
        Ok(())
    },
};

/// A holder's answer: sealed, so that nothing of it can be read or checked here.
pub const RESPONSE: Message =
    Message { name: "response", is: |found| found.kind == Some(Kind::Response), look: look_at_sealed };

/// A card on its way to its wallet: sealed, too.
pub const DELIVERY: Message =
    Message { name: "delivery", is: |found| found.kind == Some(Kind::Delivery), look: look_at_sealed };

/// A paper share: which one it is, and never its words.
pub const SHARE: Message = Message {
    name: "share",
    is: |found| found.kind == Some(Kind::Share),
    look: |found, _, report| {
        let share = Share::from_bytes(&found.bytes)?;
        extend(report, json!({"number": share.number(), "threshold": share.threshold(), "set": share.set()}));
        Ok(())
    },
};

fn look_at_sealed(found: &Found, _: &Context, report: &mut Report) -> Result<()> {
    if found.bytes.len() < OVERHEAD {
        return Err(Error::Damaged { reason: "sealed-length" });
    }
    report.proof = super::Proof::Unchecked;
    Ok(())
}

/// Whether the armour says so, or, without armour, whether the payload has the claims that only this message has.
fn is(found: &Found, kind: Kind, claims: &[&str]) -> bool {
    match found.kind {
        Some(said) => said == kind,
        None => says(found, claims),
    }
}

fn says(found: &Found, claims: &[&str]) -> bool {
    let said = payload(found).map(|claims| to_json(&claims));
    said.is_ok_and(|said| claims.iter().all(|claim| said.contains_key(*claim)))
}

fn sign1(found: &Found) -> Result<&Sign1> {
    found.signed.as_ref().map_err(Clone::clone)
}

fn payload(found: &Found) -> Result<Claims> {
    Claims::parse(sign1(found)?.payload())
}

/// Writes down the signature of a message that names its own signer.
fn signed_by_itself<T>(verified: Result<T>, report: &mut Report) -> Result<T> {
    report.signature = match &verified {
        Ok(_) => Signature::Valid,
        Err(Error::Untrusted { reason: "algorithm-unsupported" }) => Signature::Unsupported,
        Err(Error::Untrusted { .. }) => Signature::Invalid,
        Err(_) => Signature::Absent,
    };
    verified
}

fn look_at_offer(offer: &Offer, bytes: &[u8], context: &Context, report: &mut Report) -> Result<()> {
    let believed = keys_in_bundle(context, offer.issuer(), offer.card_type(), offer.kid());
    let algorithm = Sign1::parse(bytes)?.algorithm();
    report.check_signature(algorithm, offer.kid(), context, &believed, |key| offer.verify_issuer(key));
    Ok(())
}

fn vouched(registration: &Registration, context: &Context) -> Option<Standing> {
    context.trust.as_deref().map(|bundle| registration.standing(Some(bundle), context.at))
}

/// Who is registered for what, and whether that is to be believed; `unchecked` without a bundle.
fn standing(registration: &Registration, context: &Context) -> Json {
    let word = match vouched(registration, context) {
        None => "unchecked",
        Some(Standing::Registered { .. }) => "registered",
        Some(Standing::Expired { .. }) => "lapsed",
        Some(Standing::Unvouched) => "unvouched",
    };
    let names: Map<_, _> = registration.names().iter().map(|(tag, name)| (tag.to_owned(), name.into())).collect();
    let purposes: Vec<_> = registration.purposes().collect();
    json!({"names": names, "contact": registration.contact(), "purposes": purposes, "standing": word})
}

fn extend(report: &mut Report, more: Json) {
    if let Json::Object(more) = more {
        report.claims.get_or_insert_default().extend(more);
    }
}

/// The keys by which the bundle lets this issuer be believed for this card type.
fn keys_in_bundle<'a>(
    context: &'a Context,
    issuer: &str,
    card_type: &str,
    kid: Option<&'a [u8]>,
) -> Vec<&'a IssuerKey> {
    let bundle = context.trust.as_deref();
    let issuer = bundle.and_then(|bundle| bundle.issuer(issuer, card_type));
    issuer.into_iter().flat_map(|issuer| issuer.keys_named(kid)).collect()
}
