//! Status lists in a verdict: what they say of a card, what they do not, and every way to make one say more than its
//! issuer did.

use amana_core::cose::Sign1;
use amana_core::cose::cbor::Value;
use amana_core::cose::cwt::claim;
use amana_core::cose::label;
use amana_core::credential::{Credential as _, StatusReference, parse_card, sd_cwt};
use amana_core::crypto::{Curve, SigningKey};
use amana_core::error::Error;
use amana_core::issuer::CardDraft;
use amana_core::ports::OsEntropy;
use amana_core::qr::{Kind, armour};
use amana_core::trust::status_list::{StatusListClaims, TokenForm};
use amana_core::trust::{Anchor, Believed, Bundle, GivenKey, Issuer, IssuerKey, StatusList, StatusLists};
use amana_core::verifier::{
    Authenticity, Decision, Judge, Judged, OpenRequest, Policy, Reason, Status, Verdict, Verifier,
};
use amana_tests::{CARD_JSON, CARD_TYPE, ISSUER, NOW, PURPOSE, World, ask, names};

const URI: &str = "https://id.example/status/1";
const INDEX: u64 = 4711;
const DAY: i64 = 86_400;
const FORMS: [TokenForm; 2] = [TokenForm::Cwt, TokenForm::Jwt];

/// A world whose card names an entry of a list, and a second key of its issuer's, that signs lists.
struct Desk {
    world: World,
    key: SigningKey,
}

impl Desk {
    fn new() -> Self {
        Self::with_key(SigningKey::make(&OsEntropy).unwrap())
    }

    fn with_key(key: SigningKey) -> Self {
        let status = format!("{{\"status\": {{\"uri\": \"{URI}\", \"index\": {INDEX}}},");
        let mut world = World::with_card(&CARD_JSON.replacen('{', &status, 1));
        world.bundle.issuers[0].keys.push(key_named(b"lists", &key));
        Self { world, key }
    }

    fn sign(&self, claims: &StatusListClaims) -> Vec<u8> {
        claims.sign(TokenForm::Cwt, b"lists", &self.key).unwrap()
    }

    /// The verdict on the card by a verifier who has loaded these.
    fn judge(&self, lists: &[Vec<u8>]) -> Verdict {
        let verifier = self.world.verifier();
        for list in lists {
            verifier.load_status(list).unwrap();
        }
        self.verdict(&request(&verifier))
    }

    fn verdict(&self, request: &OpenRequest) -> Verdict {
        let incoming = self.world.holder.receive(request.text().as_bytes()).unwrap();
        let answer = incoming.review().unwrap().respond().unwrap();
        match request.judge(answer.text().as_bytes()).unwrap() {
            Judged::Verdict(verdict) => *verdict,
            Judged::Declined => panic!("declined"),
        }
    }

    fn load(&self, list: &[u8]) -> Result<(), Error> {
        self.world.verifier().load_status(list).map(|_| ())
    }
}

fn request(verifier: &Verifier) -> OpenRequest {
    verifier.request(PURPOSE, &[ask("household.family_size"), ask("household.ration_card")]).unwrap()
}

fn key_named(kid: &[u8], key: &SigningKey) -> IssuerKey {
    IssuerKey { kid: kid.to_vec(), key: key.public_key(), retired: None }
}

/// A list of an hour ago, in which the card has this status.
fn claims(bits: u8, status: u8) -> StatusListClaims {
    let mut list = StatusList::make(bits, 8192).unwrap();
    list.set(INDEX, status).unwrap();
    StatusListClaims {
        uri: URI.to_owned(),
        issued_at: NOW - 3600,
        expires: Some(NOW + 7 * DAY),
        time_to_live: None,
        list,
    }
}

const AS_OF: i64 = NOW - 3600;

fn untrusted<T>(reason: &'static str) -> Result<T, Error> {
    Err(Error::Untrusted { reason })
}

#[test]
fn a_list_clears_cancels_or_suspends_a_card() {
    let keys = [Curve::Ed25519, Curve::P256].map(|curve| SigningKey::make_on(curve, &OsEntropy).unwrap());
    for key in keys {
        let desk = Desk::with_key(key);
        for form in FORMS {
            for (bits, status, found, decision) in [
                (1, 0, Status::Valid { as_of: AS_OF }, Decision::Accept),
                (1, 1, Status::Cancelled { as_of: AS_OF }, Decision::Refuse(vec![Reason::Cancelled])),
                (2, 2, Status::Suspended { as_of: AS_OF }, Decision::Refuse(vec![Reason::Suspended])),
                (8, 1, Status::Cancelled { as_of: AS_OF }, Decision::Refuse(vec![Reason::Cancelled])),
            ] {
                let list = claims(bits, status).sign(form, b"lists", &desk.key).unwrap();
                let verdict = desk.judge(&[list]);
                assert_eq!((verdict.status, verdict.decision.clone()), (found, decision), "{bits} bits: {status}");
                let told = verdict.explain().into_iter().find(|message| message.id.starts_with("status-")).unwrap();
                assert_eq!(told.args, [("day", "2026-11-22".to_owned())], "{}", told.id);
            }
        }
    }
}

#[test]
fn what_has_no_meaning_here_is_unknown_and_never_valid() {
    let desk = Desk::new();
    for status in [3, 4, 12, 15] {
        assert_eq!(desk.judge(&[desk.sign(&claims(4, status))]).status, Status::Unknown, "{status}");
    }
    let short = StatusListClaims { list: StatusList::make(1, INDEX - 7).unwrap(), ..claims(1, 0) };
    assert!(short.list.entries() <= INDEX);
    let verdict = desk.judge(&[desk.sign(&short)]);
    assert_eq!((verdict.status, verdict.decision), (Status::Unknown, Decision::Accept));
    // One entry more, and it is there.
    let enough = StatusListClaims { list: StatusList::make(1, INDEX + 1).unwrap(), ..claims(1, 0) };
    assert_eq!(desk.judge(&[desk.sign(&enough)]).status, Status::Valid { as_of: AS_OF });
}

#[test]
fn an_old_list_that_says_valid_is_stale() {
    let desk = Desk::new();
    let with = |issued_at, expires, time_to_live| {
        let old = StatusListClaims { issued_at, expires, time_to_live, ..claims(1, 0) };
        desk.judge(&[desk.sign(&old)])
    };
    let stale = |age: i64| Status::Stale { as_of: NOW - age, age };
    let valid = |age: i64| Status::Valid { as_of: NOW - age };
    // By its expiry, to the second.
    assert_eq!(with(NOW - DAY, Some(NOW), None).status, stale(DAY));
    assert_eq!(with(NOW - DAY, Some(NOW + 1), None).status, valid(DAY));
    // By its time to live, counted from its making, whichever is first.
    assert_eq!(with(NOW - DAY, None, Some(DAY as u64)).status, stale(DAY));
    assert_eq!(with(NOW - DAY, None, Some(DAY as u64 + 1)).status, valid(DAY));
    assert_eq!(with(NOW - DAY, Some(NOW + DAY), Some(60)).status, stale(DAY));
    assert_eq!(with(NOW - DAY, Some(NOW + DAY), Some(u64::MAX)).status, valid(DAY));
    // Its issuer does not say when: it does not get stale.
    assert_eq!(with(NOW - 3650 * DAY, None, None).status, valid(3650 * DAY));
    let verdict = with(NOW - DAY, Some(NOW), None);
    assert_eq!(verdict.decision, Decision::AcceptWithException(vec![Reason::StatusStale]));
}

#[test]
fn being_stale_hides_no_cancelling() {
    let desk = Desk::new();
    for (status, found) in
        [(1, Status::Cancelled { as_of: NOW - 90 * DAY }), (2, Status::Suspended { as_of: NOW - 90 * DAY })]
    {
        let old = StatusListClaims {
            issued_at: NOW - 90 * DAY,
            expires: Some(NOW - 80 * DAY),
            time_to_live: Some(60),
            ..claims(2, status)
        };
        let verdict = desk.judge(&[desk.sign(&old)]);
        assert_eq!(verdict.status, found);
        assert!(!verdict.decision.is_accept());
    }
}

#[test]
fn a_clock_that_is_behind_proves_no_list_stale() {
    let desk = Desk::new();
    let list = desk.sign(&StatusListClaims { time_to_live: Some(60), ..claims(1, 0) });
    desk.world.verifier_clock.set(AS_OF - 300 * DAY);
    assert_eq!(desk.judge(std::slice::from_ref(&list)).status, Status::Valid { as_of: AS_OF });
    desk.world.verifier_clock.set(AS_OF + 59);
    assert_eq!(desk.judge(std::slice::from_ref(&list)).status, Status::Valid { as_of: AS_OF });
    desk.world.verifier_clock.set(AS_OF + 60);
    assert_eq!(desk.judge(&[list]).status, Status::Stale { as_of: AS_OF, age: 60 });
}

#[test]
fn a_card_without_a_reference_and_a_list_that_is_not_here_are_unknown() {
    let desk = Desk::new();
    assert_eq!(desk.judge(&[]).status, Status::Unknown);
    let other = StatusListClaims { uri: "https://id.example/status/2".to_owned(), ..claims(1, 1) };
    assert_eq!(desk.judge(&[desk.sign(&other)]).status, Status::Unknown);
    // The name is compared as it stands.
    for alike in ["https://id.example/status/1/", "https://ID.example/status/1", "https://id.example/status/1#"] {
        let other = StatusListClaims { uri: alike.to_owned(), ..claims(1, 1) };
        assert_eq!(desk.judge(&[desk.sign(&other)]).status, Status::Unknown, "{alike}");
    }
    let plain = Desk { world: World::new(), key: SigningKey::make(&OsEntropy).unwrap() };
    let verdict = plain.verdict(&request(&plain.world.verifier()));
    assert_eq!((verdict.status, verdict.decision), (Status::Unknown, Decision::Accept));
}

/// Another issuer of the same bundle makes a list of the same name: neither does it cancel a card, nor does it take the
/// place of the list that does.
#[test]
fn another_issuers_list_says_nothing() {
    let mut desk = Desk::new();
    let other = SigningKey::make(&OsEntropy).unwrap();
    desk.world.bundle.issuers.push(Issuer {
        id: "https://other.example".to_owned(),
        names: names("Another Office", "Ofisi Nyingine"),
        types: vec![CARD_TYPE.to_owned()],
        keys: vec![key_named(b"lists", &other)],
        roots: Vec::new(),
    });
    let later = |status| StatusListClaims { issued_at: AS_OF + 60, ..claims(1, status) };
    let foreign = |status| later(status).sign(TokenForm::Cwt, b"lists", &other).unwrap();
    assert_eq!(desk.judge(&[foreign(1)]).status, Status::Unknown);
    for (own, found) in [(0, Status::Valid { as_of: AS_OF }), (1, Status::Cancelled { as_of: AS_OF })] {
        let own = desk.sign(&claims(1, own));
        let foreign = foreign(1 - u8::from(matches!(found, Status::Cancelled { .. })));
        assert_eq!(desk.judge(&[own.clone(), foreign.clone()]).status, found);
        assert_eq!(desk.judge(&[foreign, own]).status, found);
    }
}

#[test]
fn nobody_is_believed_but_an_issuer_with_a_key_in_use() {
    let mut desk = Desk::new();
    let stranger = SigningKey::make(&OsEntropy).unwrap();
    let by = |key: &SigningKey, kid: &[u8]| claims(1, 0).sign(TokenForm::Cwt, kid, key).unwrap();
    assert_eq!(desk.load(&by(&desk.key, b"lists")), Ok(()));
    assert_eq!(desk.load(&by(&stranger, b"lists")), untrusted("signature-invalid"));
    assert_eq!(desk.load(&by(&stranger, b"unheard-of")), untrusted("status-list-issuer"));
    // A right signature under another name names nobody.
    assert_eq!(desk.load(&by(&desk.key, b"unheard-of")), untrusted("status-list-issuer"));
    // Registrars and the anchor make no lists.
    assert_eq!(desk.load(&by(&desk.world.registrar, b"reg-1")), untrusted("status-list-issuer"));
    assert_eq!(desk.load(&by(&desk.world.anchor, b"lists")), untrusted("signature-invalid"));
    // What a retired key signed can no longer be told from what a thief signed.
    desk.world.bundle.issuers[0].keys[1].retired = Some(time::macros::date!(2026 - 11 - 01));
    assert_eq!(desk.load(&by(&desk.key, b"lists")), untrusted("status-list-issuer"));
}

#[test]
fn a_token_without_a_signature_is_refused() {
    let desk = Desk::new();
    let signed = Sign1::parse(&desk.sign(&claims(1, 0))).unwrap();
    let Value::Tag(tag, inner) = signed.to_value() else { panic!("tagged") };
    let parts = inner.as_array().unwrap();
    for signature in [vec![], vec![0; 64], vec![0xff; 64], signed.signature()[..63].to_vec()] {
        let mut parts = parts.to_vec();
        parts[3] = signature.into();
        let unsigned = Value::Tag(tag, Box::new(parts.into())).to_bytes();
        assert_eq!(desk.load(&unsigned), untrusted("signature-invalid"));
    }
    // Without the name of a key, nobody is accused.
    let anonymous = |alg: Value| {
        let headers = Value::map([(label::ALG.into(), alg), (label::TYP.into(), "application/statuslist+cwt".into())]);
        let mut parts = parts.to_vec();
        parts[0] = headers.to_bytes().into();
        Value::Tag(tag, Box::new(parts.into())).to_bytes()
    };
    for alg in [-19_i64, -7, -37, 0] {
        assert_eq!(desk.load(&anonymous(alg.into())), untrusted("status-list-issuer"), "{alg}");
    }
}

#[test]
fn no_bit_of_a_token_can_be_changed() {
    let desk = Desk::new();
    let verifier = desk.world.verifier();
    for form in FORMS {
        let whole = claims(1, 1).sign(form, b"lists", &desk.key).unwrap();
        for at in 0..whole.len() * 8 {
            let mut altered = whole.clone();
            altered[at / 8] ^= 1 << (at % 8);
            assert!(verifier.load_status(&altered).is_err(), "bit {at}");
        }
        for len in 0..whole.len() {
            assert!(verifier.load_status(&whole[..len]).is_err(), "{len} bytes");
        }
        assert!(verifier.load_status(&whole).is_ok());
    }
}

/// An old list, kept or shown again, does not bring a cancelled card back.
#[test]
fn an_older_list_never_replaces_a_newer() {
    let desk = Desk::new();
    // In whatever form: it is one list.
    let old =
        StatusListClaims { issued_at: AS_OF - 60, ..claims(1, 0) }.sign(TokenForm::Jwt, b"lists", &desk.key).unwrap();
    let new = desk.sign(&claims(1, 1));
    assert_eq!(desk.judge(&[old.clone(), new.clone()]).status, Status::Cancelled { as_of: AS_OF });
    let verifier = desk.world.verifier();
    let loaded = verifier.load_status(&new).unwrap();
    assert_eq!((loaded.uri.as_str(), loaded.as_of, loaded.stale_from), (URI, AS_OF, Some(NOW + 7 * DAY)));
    assert_eq!(verifier.load_status(&old), untrusted("status-list-older"));
    assert_eq!(verifier.load_status(&new), Ok(loaded), "the same once more changes nothing");
    assert_eq!(desk.verdict(&request(&verifier)).status, Status::Cancelled { as_of: AS_OF });
}

#[test]
fn a_list_that_is_loaded_meanwhile_counts_for_a_request_that_is_open() {
    let desk = Desk::new();
    let verifier = desk.world.verifier();
    let open = request(&verifier);
    verifier.load_status(&desk.sign(&claims(1, 1))).unwrap();
    assert_eq!(desk.verdict(&open).status, Status::Cancelled { as_of: AS_OF });
}

/// The lists are the issuer's word for cards it signed. What it did not sign, or nobody knows, has no status.
#[test]
fn a_card_that_cannot_be_checked_has_no_status() {
    let mut desk = Desk::new();
    let list = desk.sign(&claims(1, 1));
    let verifier = desk.world.verifier();
    verifier.load_status(&list).unwrap();
    assert_eq!(desk.verdict(&request(&verifier)).status, Status::Cancelled { as_of: AS_OF });
    // Forged: another key under the name of the desk's.
    desk.world.bundle.issuers[0].keys[0].key = SigningKey::make(&OsEntropy).unwrap().public_key();
    let verdict = desk.judge(std::slice::from_ref(&list));
    assert!(matches!(verdict.authenticity, Authenticity::Forged { .. }));
    assert_eq!(verdict.status, Status::Unknown);
    // Not believed for this type.
    desk.world.bundle.issuers[0].types = vec!["another-card".to_owned()];
    let verdict = desk.judge(&[list]);
    assert!(matches!(verdict.authenticity, Authenticity::CannotCheck(_)));
    assert_eq!(verdict.status, Status::Unknown);
}

/// A key that is believed beside the bundle signs in an issuer's name: that issuer's lists say nothing of the card.
#[test]
fn a_card_that_another_key_signed_in_the_issuers_name_has_no_status() {
    let desk = Desk::new();
    let bundle = Bundle::verify(
        &desk.world.bundle.sign(&desk.world.anchor).unwrap(),
        &Anchor::new(desk.world.anchor.public_key()),
    );
    let mut lists = StatusLists::default();
    lists.add(&desk.sign(&claims(1, 1)), &desk.world.bundle).unwrap();
    let stranger = SigningKey::make(&OsEntropy).unwrap();
    let trust = Believed::from(bundle.unwrap()).and_key(GivenKey { kid: None, key: stranger.public_key() });
    let reference = StatusReference { uri: URI.to_owned(), index: INDEX };
    let draft = CardDraft { status: Some(reference), ..CardDraft::from_json(CARD_JSON).unwrap() };
    let judge = |kid: &[u8], key: &SigningKey| {
        let card = sd_cwt::issue(&draft, ISSUER, &stranger.public_key(), kid, key, &OsEntropy).unwrap();
        let judge = Judge { trust: &trust, lists: &lists, policy: &Policy::RATIONS, keys: &[], now: NOW };
        let verdict = judge.card(&card.to_bytes()).unwrap();
        (matches!(verdict.authenticity, Authenticity::Genuine { .. }), verdict.status)
    };
    assert_eq!(judge(b"lists", &desk.key), (true, Status::Cancelled { as_of: AS_OF }));
    assert_eq!(judge(b"desk-1", &stranger), (true, Status::Unknown));
    assert_eq!(judge(b"unheard-of", &stranger), (true, Status::Unknown));
}

/// The desk's key is retired, and its lists go on under another: a card that it cancelled is still cancelled.
#[test]
fn a_card_of_a_retired_key_is_cancelled_by_a_list_of_a_newer_key() {
    let mut desk = Desk::new();
    desk.world.bundle.issuers[0].keys[0].retired = Some(time::macros::date!(2026 - 11 - 01));
    let verdict = desk.judge(&[desk.sign(&claims(1, 1))]);
    assert_eq!(verdict.status, Status::Cancelled { as_of: AS_OF });
    assert_eq!(verdict.decision, Decision::Refuse(vec![Reason::Cancelled]));
}

#[test]
fn lists_come_as_armour_or_as_they_are() {
    let desk = Desk::new();
    let verifier = desk.world.verifier();
    for form in FORMS {
        let token = claims(1, 1).sign(form, b"lists", &desk.key).unwrap();
        let text = armour::to_text(Kind::StatusList, &token);
        assert!(text.starts_with("AM1L:"));
        assert!(verifier.load_status(&token).is_ok());
        assert!(verifier.load_status(text.as_bytes()).is_ok());
        assert!(verifier.load_status(format!("{text}\n").as_bytes()).is_ok());
        assert_eq!(Verifier::read_status(text.as_bytes()).unwrap().into_claims(), Ok(claims(1, 1)));
        let card = armour::to_text(Kind::Card, &token);
        assert_eq!(verifier.load_status(card.as_bytes()), Err(Error::NotForMe));
    }
    for foreign in [&b"https://id.example/status/1"[..], b"", b"hello", b"{}", b"https://www.id.example/1"] {
        assert_eq!(verifier.load_status(foreign), Err(Error::Foreign), "{foreign:?}");
    }
    let bundle = desk.world.bundle.sign(&desk.world.anchor).unwrap();
    assert_eq!(verifier.load_status(&bundle), Err(Error::Foreign));
}

#[test]
fn only_so_many_lists_are_kept() {
    let desk = Desk::new();
    let mut lists = StatusLists::default();
    let small = StatusListClaims { list: StatusList::make(1, 8).unwrap(), ..claims(1, 0) };
    let numbered = |n: usize| desk.sign(&StatusListClaims { uri: format!("{URI}{n}"), ..small.clone() });
    for n in 0..StatusLists::MAX {
        lists.add(&numbered(n), &desk.world.bundle).unwrap();
    }
    let one_more = lists.add(&numbered(StatusLists::MAX), &desk.world.bundle);
    assert_eq!(one_more, Err(Error::Invalid { reason: "status-list-count" }));
    assert!(lists.add(&numbered(0), &desk.world.bundle).is_ok(), "another edition of one that is kept");
    let reference = |n: usize| StatusReference { uri: format!("{URI}{n}"), index: 0 };
    let issuer = &desk.world.bundle.issuers[0];
    assert!(lists.list_for(&reference(StatusLists::MAX - 1), issuer).is_some());
    assert!(lists.list_for(&reference(StatusLists::MAX), issuer).is_none());
}

#[test]
fn a_card_carries_its_reference_in_clear() {
    let key = SigningKey::make(&OsEntropy).unwrap();
    let reference = StatusReference { uri: URI.to_owned(), index: INDEX };
    let draft = CardDraft { status: Some(reference.clone()), ..CardDraft::from_json(CARD_JSON).unwrap() };
    let card = sd_cwt::issue(&draft, ISSUER, &key.public_key(), b"desk-1", &key, &OsEntropy).unwrap();
    assert_eq!(card.status(), Some(&reference));
    // It is about the token, not about the person; and it stays when nothing is shown.
    assert!(card.claims().iter().all(|(name, _)| *name != claim::STATUS.into()));
    let nothing = card.select(&[]).unwrap();
    assert_eq!(parse_card(&nothing.to_bytes()).unwrap().status(), Some(&reference));
}

#[test]
fn a_draft_refuses_what_no_list_could_answer() {
    let with = |status: &str| CARD_JSON.replacen('{', &format!("{{\"status\": {status},"), 1);
    for wrong in [
        r#"{"uri": "https://id.example/1"}"#,
        r#"{"index": 1}"#,
        r#"{"uri": "https://id.example/1", "index": -1}"#,
        r#"{"uri": "https://id.example/1", "index": 1.5}"#,
        r#"{"uri": "https://id.example/1", "index": "1"}"#,
        r#"{"uri": "https://id.example/1", "index": 1, "more": 2}"#,
        r#"["https://id.example/1", 1]"#,
        "null",
    ] {
        assert_eq!(CardDraft::from_json(&with(wrong)).err(), Some(Error::Invalid { reason: "json-field" }), "{wrong}");
    }
    let desk = Desk::new();
    let holder_key = SigningKey::make(&OsEntropy).unwrap().public_key();
    let issue = |uri: &str, index: u64| {
        let mut draft = CardDraft::from_json(CARD_JSON).unwrap();
        draft.status = Some(StatusReference { uri: uri.to_owned(), index });
        sd_cwt::issue(&draft, ISSUER, &holder_key, b"k", &desk.key, &OsEntropy).map(|_| ())
    };
    assert_eq!(issue(URI, 0), Ok(()));
    assert_eq!(issue("urn:example:list", u64::from(u32::MAX)), Ok(()));
    let long = format!("https://{}", "x".repeat(2048));
    for (uri, index) in
        [("", 0), ("list", 0), (":", 0), ("https://a b", 0), ("https://é", 0), (&long, 0), (URI, 1 << 32)]
    {
        assert_eq!(issue(uri, index), Err(Error::Invalid { reason: "status-reference" }), "{uri} {index}");
    }
}
