//! The exchange, and every attack on it that `docs/exchange.md` names, carried out.

use amana_core::credential::enrolment::Enrolment;
use amana_core::credential::sd_cwt::{self, KeyBinding};
use amana_core::credential::{Credential as _, Presentation as _};
use amana_core::crypto::seal::{self, Ephemeral, Use};
use amana_core::crypto::{Secret, SigningKey, make_random};
use amana_core::error::Error;
use amana_core::issuer::{CardDraft, Desk};
use amana_core::ports::OsEntropy;
use amana_core::presentation::{Asker, Need, Request};
use amana_core::qr::{Kind, armour};
use amana_core::verifier::{
    Authenticity, CannotCheck, Decision, HolderProof, Judged, OpenRequest, REQUEST_LIFE_MS, Reason, Status,
    ValidityState, Verdict,
};
use amana_core::wallet::Answer;
use amana_tests::{PURPOSE, World, ask, claim, issue_to};
use std::sync::Arc;
use zeroize::Zeroizing;

const ASKED: [&str; 3] = ["household.family_size", "household.ration_card", "address.district"];

fn open(world: &World) -> OpenRequest {
    world.verifier().request(PURPOSE, &ASKED.map(ask)).unwrap()
}

fn answer(world: &World, request: &OpenRequest) -> Answer {
    world.holder.receive(request.text().as_bytes()).unwrap().review().unwrap().respond().unwrap()
}

fn verdict(judged: Result<Judged, Error>) -> Verdict {
    match judged.unwrap() {
        Judged::Verdict(verdict) => *verdict,
        Judged::Declined => panic!("declined"),
    }
}

#[test]
fn the_loop_from_request_to_verdict() {
    let world = World::new();
    let request = open(&world);
    let incoming = world.holder.receive(request.text().as_bytes()).unwrap();
    assert!(
        matches!(incoming.asker(), Asker::Registered { names, .. } if names.best(&["sw"]) == "Kituo cha Chakula Kasulu")
    );
    let needs: Vec<_> = incoming.items().iter().map(|item| (item.need, item.held, item.chosen)).collect();
    assert_eq!(needs, [(Need::Needed, true, true), (Need::Needed, true, true), (Need::Optional, true, false)]);

    let consent = incoming.review().unwrap();
    assert_eq!(consent.shown(), [claim(ASKED[0]), claim(ASKED[1])]);
    assert_eq!(consent.withheld(), [claim(ASKED[2])]);
    assert!(!consent.stands_out());
    let answer = consent.respond().unwrap();
    assert!(answer.symbol().unwrap().version() <= 27);

    let verdict = verdict(request.judge(answer.text().as_bytes()));
    assert!(
        matches!(&verdict.authenticity, Authenticity::Genuine { issuer } if issuer.best(&["en"]) == "Registry of Persons")
    );
    assert_eq!(verdict.holder, HolderProof::Fresh);
    assert_eq!(verdict.validity, ValidityState::Current { until: Some(time::macros::date!(2027 - 12 - 31)) });
    assert_eq!((verdict.status, verdict.trust_is_stale), (Status::Unknown, false));
    assert_eq!(verdict.decision, Decision::Accept);
    assert_eq!(verdict.withheld, [claim(ASKED[2])]);
    // What was not asked for did not come along.
    assert!(verdict.claims.at(&claim(ASKED[0])).is_some());
    for absent in ["person", "person.given_name", "household.children", "address"] {
        assert!(verdict.claims.at(&claim(absent)).is_none(), "{absent}");
    }
}

#[test]
fn an_over_asked_claim_is_never_shared_by_default_or_by_the_ordinary_act() {
    let world = World::new();
    let request = world.verifier().request(PURPOSE, &[ask(ASKED[0]), ask("person.birth_date")]).unwrap();
    let mut incoming = world.holder.receive(request.text().as_bytes()).unwrap();
    let beyond = claim("person.birth_date");
    assert_eq!(incoming.items()[1].need, Need::Beyond);
    assert!(!incoming.items()[1].chosen);
    assert_eq!(incoming.share(&beyond), Err(Error::NotFound { what: "claim" }));
    assert!(!incoming.items()[1].chosen);
    incoming.share_beyond_registration(&beyond).unwrap();
    let answer = incoming.review().unwrap().respond().unwrap();
    assert!(verdict(request.judge(answer.text().as_bytes())).claims.at(&beyond).is_some());
}

#[test]
fn an_unregistered_verifier_is_shown_as_such_and_gets_nothing_by_default() {
    let world = World::new();
    let key = SigningKey::make(&OsEntropy).unwrap();
    let verifier = world.verifier_with(key, None);
    let request = verifier.request(PURPOSE, &ASKED.map(ask)).unwrap();
    let incoming = world.holder.receive(request.text().as_bytes()).unwrap();
    assert!(matches!(incoming.asker(), Asker::Unregistered { .. }));
    assert!(incoming.items().iter().all(|item| item.need == Need::Beyond && !item.chosen));
}

/// § A rogue copies a challenge and a verifier's id into a request of its own, and passes the answer on.
#[test]
fn a_copied_challenge_in_a_rogues_request_proves_nothing() {
    let world = World::new();
    let honest = open(&world);
    // The rogue reads the honest request from the screen, and asks the holder with the same challenge.
    let rogue_key = SigningKey::make(&OsEntropy).unwrap();
    let rogue_ephemeral = Ephemeral::make(&OsEntropy).unwrap();
    let challenge = honest.request().binding().challenge.unwrap().try_into().unwrap();
    let asks = ASKED.map(ask);
    let rogue = Request::make(&rogue_key, None, challenge, 0, PURPOSE, &asks, rogue_ephemeral.public_key()).unwrap();
    let mut incoming = world.holder.receive(rogue.bytes()).unwrap();
    for path in ASKED {
        incoming.share_beyond_registration(&claim(path)).unwrap();
    }
    let answer = incoming.review().unwrap().respond().unwrap();
    // As it is, it does not even name the honest request.
    assert_eq!(honest.judge(answer.text().as_bytes()), Err(Error::NotForMe));
    // The rogue opens it and seals what was inside to the honest request.
    let inside = rogue_ephemeral.open(Use::Response, rogue.hash(), answer.bytes()).unwrap();
    let passed_on =
        seal::seal_to(honest.request().reply_to(), Use::Response, honest.request().hash(), &inside, &OsEntropy)
            .unwrap();
    let verdict = verdict(honest.judge(&passed_on));
    assert_eq!(verdict.holder, HolderProof::NotProven { why: "audience" });
    assert_eq!(verdict.decision, Decision::Refuse(vec![Reason::NotProven]));
}

/// § The same with the verifier's own id: only `req` tells the two requests apart.
#[test]
fn an_answer_to_one_request_never_answers_another_of_the_same_verifier() {
    let world = World::new();
    let key = SigningKey::make(&OsEntropy).unwrap();
    let registration = world.registration_for(&key);
    let ephemeral = Ephemeral::make(&OsEntropy).unwrap();
    let asks = ASKED.map(ask);
    let challenge = make_random(&OsEntropy).unwrap();
    let first = Request::make(&key, Some(&registration), challenge, 0, PURPOSE, &asks, ephemeral.public_key()).unwrap();
    let answer = world.holder.receive(first.bytes()).unwrap().review().unwrap().respond().unwrap();
    let inside = ephemeral.open(Use::Response, first.hash(), answer.bytes()).unwrap();
    let second =
        Request::make(&key, Some(&registration), challenge, 1, PURPOSE, &asks, ephemeral.public_key()).unwrap();
    let moved = seal::seal_to(second.reply_to(), Use::Response, second.hash(), &inside, &OsEntropy).unwrap();
    let opened = amana_core::presentation::response::open(&ephemeral, second.hash(), &moved).unwrap();
    let amana_core::presentation::Opened::Presented(proof) = opened else { panic!("declined") };
    assert_eq!(proof.verify_holder(&first.binding()), Ok(()));
    assert_eq!(proof.verify_holder(&second.binding()), Err(Error::Untrusted { reason: "request" }));
}

/// § A rogue puts an honest verifier's registration into its request.
#[test]
fn a_swapped_registration_is_refused() {
    let world = World::new();
    let honest = world.registration_for(&SigningKey::make(&OsEntropy).unwrap());
    let rogue = SigningKey::make(&OsEntropy).unwrap();
    let own = world.registration_for(&rogue);
    let asks = ASKED.map(ask);
    let reply_to = Ephemeral::make(&OsEntropy).unwrap().public_key();
    assert_eq!(
        Request::make(&rogue, Some(&honest), [1; 16], 0, PURPOSE, &asks, reply_to).err(),
        Some(Error::Invalid { reason: "registration" })
    );
    // Written by hand instead: the rogue's registration is cut out and the honest one pasted in.
    let request = Request::make(&rogue, Some(&own), [1; 16], 0, PURPOSE, &asks, reply_to).unwrap();
    let (from, to) = (own.to_bytes(), honest.to_bytes());
    assert_eq!(from.len(), to.len());
    let at = request.bytes().windows(from.len()).position(|window| window == from).unwrap();
    let mut swapped = request.bytes().to_vec();
    swapped[at..at + to.len()].copy_from_slice(&to);
    assert_eq!(world.holder.receive(&swapped).err(), Some(Error::Untrusted { reason: "signature-invalid" }));
}

/// A registration that nobody vouches for gives no name.
#[test]
fn a_registration_of_an_unknown_registrar_gives_no_name() {
    let mut world = World::new();
    world.registrar = SigningKey::make(&OsEntropy).unwrap();
    let request = open(&world);
    let incoming = world.holder.receive(request.text().as_bytes()).unwrap();
    assert!(matches!(incoming.asker(), Asker::Unregistered { .. }));
}

/// § Another answer to a used challenge is not read.
#[test]
fn another_answer_to_a_used_challenge_is_unread() {
    let world = World::new();
    let request = open(&world);
    let (first, second) = (answer(&world, &request), answer(&world, &request));
    verdict(request.judge(first.text().as_bytes()));
    assert_eq!(request.judge(second.text().as_bytes()), Err(Error::AlreadyAnswered));
    // Not even garbage that carries the request's prefix is looked into.
    let garbage = [&request.request().hash()[..8], &[0; 60]].concat();
    assert_eq!(request.judge(&garbage), Err(Error::AlreadyAnswered));
    assert!(request.to_session().is_err(), "the key is gone");
}

/// § Garbage with the request's prefix uses up nothing.
#[test]
fn garbage_that_carries_the_requests_prefix_uses_up_nothing() {
    let world = World::new();
    let request = open(&world);
    let prefix = &request.request().hash()[..8];
    for len in [0, 1, 47, 48, 100, 1200] {
        let garbage = [prefix, &vec![0x42; len]].concat();
        assert!(request.judge(&garbage).is_err(), "{len}");
    }
    // Sealed rightly, by somebody who filmed the request, with nonsense inside.
    for inside in [vec![0; 1032], vec![0xff; 1032], Vec::new()] {
        let hash = request.request().hash();
        let sealed = seal::seal_to(request.request().reply_to(), Use::Response, hash, &inside, &OsEntropy).unwrap();
        assert!(request.judge(&sealed).is_err());
    }
    assert_eq!(verdict(request.judge(answer(&world, &request).text().as_bytes())).decision, Decision::Accept);
}

/// § A stranger's card, rightly bound to this request, uses up nothing either.
#[test]
fn an_answer_that_does_not_verify_uses_up_nothing() {
    let (world, stranger) = (World::new(), World::new());
    let request = open(&world);
    let mut incoming = stranger.holder.receive(request.text().as_bytes()).unwrap();
    for path in ASKED {
        incoming.share_beyond_registration(&claim(path)).unwrap();
    }
    let forged = incoming.review().unwrap().respond().unwrap();
    let found = verdict(request.judge(forged.text().as_bytes()));
    assert_eq!(found.authenticity, Authenticity::Forged { why: "signature-invalid" });
    assert_eq!(found.decision, Decision::Refuse(vec![Reason::Forged]));
    assert_eq!(verdict(request.judge(answer(&world, &request).text().as_bytes())).decision, Decision::Accept);
}

/// § A refusal is as large as an answer, gives no verdict and uses up nothing.
#[test]
fn a_refusal_looks_like_an_answer_and_uses_up_nothing() {
    let world = World::new();
    let request = open(&world);
    let declined = world.holder.receive(request.text().as_bytes()).unwrap().decline().unwrap();
    let answered = answer(&world, &request);
    assert_eq!(declined.bytes().len(), answered.bytes().len());
    assert_eq!(request.judge(declined.text().as_bytes()), Ok(Judged::Declined));
    assert_eq!(request.judge(declined.text().as_bytes()), Ok(Judged::Declined));
    assert_eq!(verdict(request.judge(answered.text().as_bytes())).decision, Decision::Accept);

    // A wallet that has nothing of it refuses with the same size.
    let other = World::with_card(
        r#"{"type": "ration-card", "valid_from": "2026-01-01", "valid_until": "2026-12-31", "claims": {"x": 1}}"#,
    );
    let incoming = other.holder.receive(request.text().as_bytes()).unwrap();
    assert_eq!(incoming.card(), None);
    let nothing = incoming.decline().unwrap();
    assert_eq!(nothing.bytes().len(), answered.bytes().len());
}

/// § Cameras read twice.
#[test]
fn the_same_bytes_again_repeat_the_verdict() {
    let world = World::new();
    let request = open(&world);
    let answer = answer(&world, &request);
    let first = verdict(request.judge(answer.text().as_bytes()));
    assert_eq!(verdict(request.judge(answer.text().as_bytes())), first);
    assert_eq!(verdict(request.judge(answer.bytes())), first);
}

/// § Freshness is the challenge, not the clock.
#[test]
fn clocks_that_are_years_off_leave_the_proof_fresh() {
    const YEAR: i64 = 365 * 86_400;
    for (holder, verifier) in [(-20, 0), (30, 0), (-15, 40), (10, -26)] {
        let world = World::new();
        world.holder_clock.set(amana_tests::NOW + holder * YEAR);
        world.verifier_clock.set(amana_tests::NOW + verifier * YEAR);
        let request = open(&world);
        let incoming = world.holder.receive(request.text().as_bytes()).unwrap();
        let age = incoming.seeming_age().unwrap();
        assert_eq!(age, (holder - verifier) * YEAR);
        let told = incoming.explain().iter().any(|m| ["request-old", "request-future"].contains(&m.id));
        assert!(told, "the person is told");
        let found = verdict(request.judge(incoming.review().unwrap().respond().unwrap().text().as_bytes()));
        assert_eq!(found.holder, HolderProof::Fresh);
        assert!(matches!(found.authenticity, Authenticity::Genuine { .. }));
    }
}

/// § Filmed screens are worthless, even if both phones are taken later.
#[test]
fn a_filmed_exchange_opens_with_no_key_that_lasts() {
    let world = World::new();
    let make = || SigningKey::make(&OsEntropy).unwrap();
    // The holder's key and the verifier's key are the test's own, so that a thief can have both.
    let (issuer, holder, verifier_key) = (make(), make(), make());
    let draft = CardDraft::from_json(amana_tests::CARD_JSON).unwrap();
    let card = sd_cwt::issue(&draft, "iss", &holder.public_key(), b"k", &issuer, &OsEntropy).unwrap();
    let registration = world.registration_for(&verifier_key);
    let seeds = [&verifier_key, &holder, &issuer, &world.anchor, &world.registrar].map(SigningKey::expose_secret);
    let request = world.verifier_with(verifier_key, Some(registration)).request(PURPOSE, &ASKED.map(ask)).unwrap();
    let asked = amana_core::presentation::Asked::parse(request.request().bytes()).unwrap();
    let assessed = asked.assess(Some(&world.bundle), amana_tests::NOW, vec![Box::new(card)]);
    let filmed = assessed.review().unwrap().respond(Some(&holder), amana_tests::NOW, &OsEntropy).unwrap();
    let (hash, reply_to) = (*request.request().hash(), *request.request().reply_to());

    // The control: the verifier's phone can open it until it closes the request.
    let session = request.to_session().unwrap();
    let parts = amana_core::cose::cbor::parse(&session).unwrap();
    let secret: [u8; 32] = parts.as_array().unwrap()[0].as_bytes().unwrap().try_into().unwrap();
    let open = |secret: [u8; 32]| {
        let secret = Secret::from_zeroizing(Zeroizing::new(secret));
        Ephemeral::from_secret(&secret).open(Use::Response, &hash, filmed.bytes())
    };
    assert!(open(secret).is_ok());
    request.cancel();
    assert!(request.to_session().is_err());
    // The thief has the film and every key that lasts, and tries each as the agreement key.
    for seed in seeds {
        assert_eq!(open(*seed), Err(Error::Untrusted { reason: "seal-broken" }));
    }
    // Nothing of the answer stands in the open but eight bytes of the request's hash and a key used once.
    assert_eq!(filmed.bytes()[..8], hash[..8]);
    assert_ne!(filmed.bytes()[8..40], reply_to);
    for value in [&b"TZ-0041-7782"[..], b"Kasulu", b"ration-card"] {
        assert!(!filmed.bytes().windows(value.len()).any(|window| window == value));
    }
}

/// Each answer is sealed with a key of its own.
#[test]
fn two_answers_to_one_request_share_no_key() {
    let world = World::new();
    let request = open(&world);
    let (first, second) = (answer(&world, &request), answer(&world, &request));
    assert_ne!(first.bytes()[8..40], second.bytes()[8..40]);
}

#[test]
fn a_wallet_says_when_it_has_answered_before() {
    let world = World::new();
    let request = open(&world);
    assert_eq!(world.holder.receive(request.text().as_bytes()).unwrap().answered_at(), None);
    answer(&world, &request);
    let again = world.holder.receive(request.text().as_bytes()).unwrap();
    assert_eq!(again.answered_at(), Some(amana_tests::NOW));
    assert!(again.explain().iter().any(|message| message.id == "request-answered-before"));
}

#[test]
fn a_request_closes_after_five_minutes_and_when_the_device_starts_anew() {
    let world = World::new();
    let request = open(&world);
    let answer = answer(&world, &request);
    // The wall clock may jump: only elapsed time counts.
    world.verifier_clock.set(0);
    world.verifier_clock.pass(REQUEST_LIFE_MS + 1);
    assert_eq!(request.judge(answer.text().as_bytes()), Err(Error::RequestClosed));

    let request = open(&world);
    world.verifier_clock.restart();
    assert_eq!(
        request.judge(world.holder.receive(request.text().as_bytes()).unwrap().decline().unwrap().bytes()),
        Err(Error::RequestClosed)
    );

    let request = open(&world);
    request.cancel();
    assert_eq!(request.judge(&[&request.request().hash()[..8], &[0; 60]].concat()), Err(Error::RequestClosed));
}

#[test]
fn an_answer_to_another_request_is_told_apart_without_a_key() {
    let world = World::new();
    let (one, other) = (open(&world), open(&world));
    let answer = answer(&world, &one);
    assert_eq!(other.judge(answer.text().as_bytes()), Err(Error::NotForMe));
    assert_eq!(other.judge(one.text().as_bytes()), Err(Error::NotForMe), "another kind of code");
    assert_eq!(other.judge(b"https://example.com"), Err(Error::Foreign));
    assert_eq!(other.judge(b"AM2R:000"), Err(Error::TooNew));
}

/// RFC 7748 section 6.1: a request whose key gives everybody the same secret gets no answer.
#[test]
fn a_request_with_a_key_of_small_order_gets_no_answer() {
    let world = World::new();
    let key = SigningKey::make(&OsEntropy).unwrap();
    let registration = world.registration_for(&key);
    let request = Request::make(&key, Some(&registration), [1; 16], 0, PURPOSE, &ASKED.map(ask), [0; 32]).unwrap();
    let refused = Error::Untrusted { reason: "point-small-order" };
    let consent = world.holder.receive(request.bytes()).unwrap().review().unwrap();
    assert_eq!(consent.respond().err(), Some(refused.clone()));
    assert_eq!(world.holder.receive(request.bytes()).unwrap().decline().err(), Some(refused));
}

#[test]
fn the_command_can_take_a_request_up_in_another_process() {
    let world = World::new();
    let verifier = world.verifier();
    let request = verifier.request(PURPOSE, &ASKED.map(ask)).unwrap();
    let session = request.to_session().unwrap();
    let answer = answer(&world, &request);
    drop(request);
    let resumed = verifier.resume(&session).unwrap();
    assert_eq!(verdict(resumed.judge(answer.text().as_bytes())).decision, Decision::Accept);
    assert!(world.verifier().resume(&session).is_err(), "another verifier's session");
    // A device that was started anew may show as much elapsed time as before: the wall clock tells.
    world.verifier_clock.set(amana_tests::NOW + 86_400);
    assert_eq!(verifier.resume(&session).unwrap().judge(answer.bytes()), Err(Error::RequestClosed));
    world.verifier_clock.set(amana_tests::NOW);
    world.verifier_clock.pass(REQUEST_LIFE_MS + 1);
    assert_eq!(verifier.resume(&session).unwrap().judge(answer.bytes()), Err(Error::RequestClosed));
}

#[test]
fn what_cannot_be_checked_is_never_called_forged() {
    let mut world = World::new();
    let day = time::macros::date!(2026 - 06 - 01);
    world.bundle.issuers[0].keys[0].retired = Some(day);
    let request = open(&world);
    let found = verdict(request.judge(answer(&world, &request).bytes()));
    assert_eq!(found.authenticity, Authenticity::CannotCheck(CannotCheck::RetiredKey { on: day }));
    assert_eq!(found.decision, Decision::AcceptWithException(vec![Reason::RetiredKey]));
    // Both signatures hold, so it is used up.
    let second = answer(&world, &request);
    assert_eq!(request.judge(second.bytes()), Err(Error::AlreadyAnswered));

    world.bundle.issuers.clear();
    let request = open(&world);
    let found = verdict(request.judge(answer(&world, &request).bytes()));
    assert_eq!(found.authenticity, Authenticity::CannotCheck(CannotCheck::UnknownIssuer));

    // Ninety days on, with a bundle that is out of its days.
    let world = World::new();
    world.verifier_clock.set(amana_tests::NOW + 90 * 86_400);
    let request = open(&world);
    let found = verdict(request.judge(answer(&world, &request).bytes()));
    assert!(matches!(found.authenticity, Authenticity::Genuine { .. }));
    assert_eq!(found.decision, Decision::AcceptWithException(vec![Reason::TrustStale]));
}

#[test]
fn validity_ends_with_its_day() {
    let json = r#"{"type": "ration-card", "valid_from": "2026-11-22", "valid_until": "2026-11-23",
        "claims": {"household": {"family_size": 5, "ration_card": "X"}}}"#;
    let world = World::with_card(json);
    let at = |text: &str| {
        let format = &time::format_description::well_known::Rfc3339;
        world.verifier_clock.set(time::OffsetDateTime::parse(text, format).unwrap().unix_timestamp());
        let request = open(&world);
        verdict(request.judge(answer(&world, &request).bytes())).validity
    };
    let (first, last) = (time::macros::date!(2026 - 11 - 22), time::macros::date!(2026 - 11 - 23));
    assert_eq!(at("2026-11-21T23:59:59Z"), ValidityState::NotYet { from: first });
    assert_eq!(at("2026-11-22T00:00:00Z"), ValidityState::Current { until: Some(last) });
    assert_eq!(at("2026-11-23T23:59:59Z"), ValidityState::Current { until: Some(last) });
    assert_eq!(at("2026-11-24T00:00:00Z"), ValidityState::Expired { since: last.next_day().unwrap() });
}

#[test]
fn a_wallet_takes_in_only_whole_cards_of_its_own_from_their_issuer() {
    let (world, other) = (World::new(), World::new());
    let offer = world.desk.offer("ration-card", 60).unwrap();
    let enrolment = world.holder.enrol(&offer.to_bytes()).unwrap();
    let draft = CardDraft::from_json(amana_tests::CARD_JSON).unwrap();
    let issued = world.desk.issue(draft, world.desk.accept(enrolment.as_bytes()).unwrap()).unwrap();

    assert_eq!(other.holder.add(&issued.delivery).err(), Some(Error::NotForMe), "sealed to another wallet");
    assert_eq!(other.holder.add(&issued.card.to_bytes()).err(), Some(Error::Untrusted { reason: "signature-invalid" }));
    let part = issued.card.select(&[claim("person.given_name")]).unwrap();
    assert_eq!(world.holder.add(&part.to_bytes()).err(), Some(Error::Damaged { reason: "sd-cwt-not-whole" }));
    let id = world.holder.add(armour::to_text(Kind::Delivery, &issued.delivery).as_bytes()).unwrap();
    assert_eq!(world.holder.add(&issued.delivery), Ok(id), "cameras read twice");
    assert_eq!(world.holder.add(&issued.card.to_bytes()), Ok(id));
    assert_eq!(world.holder.cards().unwrap().len(), 2);
}

#[test]
fn a_desk_issues_only_to_a_key_that_was_proven_for_its_own_offer() {
    let (world, other) = (World::new(), World::new());
    let offer = world.desk.offer("ration-card", 60).unwrap();
    let enrolment = world.holder.enrol(&offer.to_bytes()).unwrap();
    assert_eq!(other.desk.accept(enrolment.as_bytes()).err(), Some(Error::NotForMe), "another desk's offer");
    assert_eq!(
        other.holder.enrol(&offer.to_bytes()).err(),
        Some(Error::Untrusted { reason: "signature-invalid" }),
        "an offer in a known issuer's name that it did not sign"
    );
    let (_, mut bytes) = armour::parse(&enrolment).unwrap();
    let at = bytes.len() - 1;
    bytes[at] ^= 1;
    assert_eq!(world.desk.accept(&bytes).err(), Some(Error::Untrusted { reason: "signature-invalid" }));
    world.verifier_clock.pass(61_000);
    assert_eq!(world.desk.accept(enrolment.as_bytes()).err(), Some(Error::Untrusted { reason: "offer-expired" }));
}

#[test]
fn each_card_has_a_key_of_its_own_that_goes_with_it() {
    let world = World::new();
    let second = issue_to(&world.desk, &world.holder, amana_tests::CARD_JSON);
    assert_ne!(world.card, second);
    world.holder.delete(second).unwrap();
    assert_eq!(world.holder.delete(second), Err(Error::NotFound { what: "card" }));
    let request = open(&world);
    assert_eq!(verdict(request.judge(answer(&world, &request).bytes())).decision, Decision::Accept);
}

#[test]
fn a_locked_wallet_answers_nothing_more() {
    let world = World::new();
    let request = open(&world);
    let consent = world.holder.receive(request.text().as_bytes()).unwrap().review().unwrap();
    world.holder.close_now();
    assert_eq!(consent.respond().err(), Some(Error::Locked));
    assert_eq!(world.holder.cards().err(), Some(Error::Locked));
    assert_eq!(world.holder.receive(request.text().as_bytes()).err(), Some(Error::Locked));
}

/// What an issuer tied together goes together: the person is told before the last tap.
#[test]
fn consent_names_everything_that_the_answer_shows() {
    let world = World::with_card(
        r#"{"type": "ration-card", "valid_from": "2026-01-01", "valid_until": "2027-12-31", "open": ["country"],
            "split": ["languages"], "claims": {"visits": ["clinic", "ward", "shelter"], "languages": ["sw", "ha"],
            "country": "TZ", "address": {"district": "Kasulu", "zone": "4"}}}"#,
    );
    let asked = ["visits.0", "languages.1", "address.district", "visits.2"];
    let request = world.verifier().request(PURPOSE, &asked.map(ask)).unwrap();
    let mut incoming = world.holder.receive(request.text().as_bytes()).unwrap();
    for path in &asked[..3] {
        incoming.share_beyond_registration(&claim(path)).unwrap();
    }
    let consent = incoming.review().unwrap();
    assert_eq!(consent.shown(), asked[..3].iter().map(|path| claim(path)).collect::<Vec<_>>());
    let mut beside = consent.also_shown().to_vec();
    beside.sort();
    assert_eq!(beside, [claim("country"), claim("visits.1"), claim("visits.2")]);
    assert_eq!(consent.withheld(), [], "visits.2 cannot be kept back");
    let found = verdict(request.judge(consent.respond().unwrap().text().as_bytes())).claims;
    for (path, is_shown) in [
        ("visits.1", true),
        ("country", true),
        ("address.district", true),
        ("address.zone", false),
        ("languages.0", true),
        ("languages.1", false),
    ] {
        // The one language that is shown stands first where the other is left out.
        assert_eq!(found.at(&claim(path)).is_some(), is_shown, "{path}");
    }
}

/// An answer without a claim would still show a card that can be recognised.
#[test]
fn nothing_chosen_is_no_answer() {
    let world = World::new();
    let request = world.verifier().request(PURPOSE, &[ask("person.given_name")]).unwrap();
    let incoming = world.holder.receive(request.text().as_bytes()).unwrap();
    assert_eq!(incoming.needed(), []);
    assert_eq!(incoming.check_ready(), Err(Error::Invalid { reason: "nothing-chosen" }));
    assert_eq!(incoming.review().err(), Some(Error::Invalid { reason: "nothing-chosen" }));
}

/// Whoever films an enrolment can seal a card of their own to it. The desk's must still come in.
#[test]
fn a_forged_delivery_does_not_swallow_the_real_card() {
    let world = World::new();
    let draft = CardDraft::from_json(amana_tests::CARD_JSON).unwrap();
    // The wallet does not know the issuer: the hardest case.
    let stranger = Desk::new(
        "https://new.example",
        b"n",
        SigningKey::make(&OsEntropy).unwrap(),
        world.verifier_clock.clone(),
        Arc::new(OsEntropy),
    );
    let offer = stranger.offer("ration-card", 60).unwrap();
    let enrolment = world.holder.enrol(&offer.to_bytes()).unwrap();
    let filmed = Enrolment::verify(&armour::parse(&enrolment).unwrap().1).unwrap();
    let forge = |issuer: &str| {
        let key = SigningKey::make(&OsEntropy).unwrap();
        let card = sd_cwt::issue(&draft, issuer, filmed.holder_key(), b"n", &key, &OsEntropy).unwrap();
        seal::seal_to(filmed.deliver_to(), Use::Delivery, filmed.hash(), &card.to_bytes(), &OsEntropy).unwrap()
    };
    assert_eq!(world.holder.add(&forge("https://other.example")), Err(Error::NotForMe), "not the issuer of the offer");
    let forged = world.holder.add(&forge("https://new.example")).unwrap();
    let issued = stranger.issue(draft.clone(), stranger.accept(enrolment.as_bytes()).unwrap()).unwrap();
    let real = world.holder.add(&issued.delivery).unwrap();
    assert_ne!(forged, real);
    assert_eq!(world.holder.add(&issued.delivery), Ok(real), "cameras read twice");
    assert_eq!(world.holder.claims(real), Ok(issued.card.claims()));
    assert!(world.holder.cards().unwrap().iter().any(|card| card.id == real && card.issuer_names.is_none()));
}

/// A bundle may be older than an issuer's key: what cannot be told is neither forged nor refused.
#[test]
fn a_key_newer_than_the_bundle_is_unknown_not_forged() {
    let world = World::new();
    let key = SigningKey::make(&OsEntropy).unwrap();
    let clock = world.verifier_clock.clone();
    let desk = Desk::new(amana_tests::ISSUER, b"desk-2", key, clock, Arc::new(OsEntropy));
    let card = issue_to(&desk, &world.holder, amana_tests::CARD_JSON);
    let cards = world.holder.cards().unwrap();
    assert!(cards.iter().any(|held| held.id == card && held.issuer_names.is_none()));
    world.holder.delete(world.card).unwrap();
    let request = open(&world);
    let found = verdict(request.judge(answer(&world, &request).bytes()));
    assert_eq!(found.authenticity, Authenticity::CannotCheck(CannotCheck::UnknownIssuer));
}

/// A renewed card is shown, not the one that has run out.
#[test]
fn a_card_in_its_days_goes_before_one_that_is_not() {
    let json = |until: &str| {
        format!(
            r#"{{"type": "ration-card", "valid_from": "2026-01-01", "valid_until": "{until}",
        "claims": {{"household": {{"family_size": 5, "ration_card": "X"}}}}}}"#
        )
    };
    let world = World::with_card(&json("2026-06-30"));
    let request = open(&world);
    let expired = world.holder.receive(request.text().as_bytes()).unwrap();
    assert!(expired.explain().iter().any(|message| message.id == "card-out-of-date"));
    let renewed = issue_to(&world.desk, &world.holder, &json("2027-06-30"));
    let incoming = world.holder.receive(request.text().as_bytes()).unwrap();
    assert_eq!(incoming.card(), Some(renewed));
    assert!(!incoming.explain().iter().any(|message| message.id == "card-out-of-date"));
}

/// Every bit of a presentation is covered by one signature or the other.
#[test]
fn no_bit_of_a_presentation_can_be_changed() {
    let world = World::new();
    let ephemeral = Ephemeral::make(&OsEntropy).unwrap();
    let key = SigningKey::make(&OsEntropy).unwrap();
    let asked = Request::make(&key, None, [3; 16], 0, PURPOSE, &ASKED.map(ask), ephemeral.public_key()).unwrap();
    let mut incoming = world.holder.receive(asked.bytes()).unwrap();
    incoming.share_beyond_registration(&claim(ASKED[0])).unwrap();
    let answer = incoming.review().unwrap().respond().unwrap();
    let opened = amana_core::presentation::response::open(&ephemeral, asked.hash(), answer.bytes()).unwrap();
    let amana_core::presentation::Opened::Presented(proof) = opened else { panic!("declined") };
    let whole = proof.to_bytes();
    let issuer = world.bundle.issuers[0].keys[0].key.clone();
    let holds = |bytes: &[u8]| {
        KeyBinding::parse(bytes).is_ok_and(|proof| {
            proof.verify_holder(&asked.binding()).is_ok() && proof.card().verify_issuer(&issuer).is_ok()
        })
    };
    assert!(holds(&whole));
    for at in 0..whole.len() {
        for bit in 0..8 {
            let mut altered = whole.clone();
            altered[at] ^= 1 << bit;
            assert!(!holds(&altered), "byte {at} bit {bit}");
        }
    }
}

/// The measures of the design, on the cards and requests of this world.
#[test]
fn sizes_stay_within_their_budgets() {
    let world = World::new();
    let request = open(&world);
    assert!(request.request().bytes().len() <= 480, "{}", request.request().bytes().len());
    let answer = answer(&world, &request);
    assert!(answer.symbol().unwrap().version() <= 27);
}
