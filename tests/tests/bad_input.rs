//! Bad input, case by case: each has its stable error, and nothing that is stored already is lost.

use amana_core::cose::Sign1;
use amana_core::cose::cbor::{REDACTED_KEYS, TAG_REDACTED_ELEMENT, Value};
use amana_core::cose::cwt::{CNF_COSE_KEY, claim as label};
use amana_core::cose::key;
use amana_core::cose::label as header;
use amana_core::credential::enrolment::{Enrolment, Offer};
use amana_core::credential::sd_cwt::{self, KeyBinding, SdCwt};
use amana_core::credential::{Binding, Credential as _};
use amana_core::crypto::seal::{self, Use};
use amana_core::crypto::{SigningKey, sha256};
use amana_core::error::Error;
use amana_core::issuer::CardDraft;
use amana_core::ports::OsEntropy;
use amana_core::presentation::Request;
use amana_core::qr::{Kind, armour};
use amana_core::trust::{Anchor, Bundle};
use amana_core::verifier::{Decision, Judged, OpenRequest};
use amana_core::wallet::{CardId, Door, Wallet};
use amana_tests::{CARD_JSON, ISSUER, PURPOSE, World, ask, claim, pin};
use miniz_oxide::deflate::compress_to_vec;
use std::fs;
use std::path::Path;

fn open(world: &World) -> OpenRequest {
    world.verifier().request(PURPOSE, &["household.family_size", "household.ration_card"].map(ask)).unwrap()
}

fn key() -> SigningKey {
    SigningKey::make(&OsEntropy).unwrap()
}

/// The parts of a COSE_Sign1.
fn parts(message: &[u8]) -> Vec<Value> {
    let Value::Tag(_, parts) = Sign1::parse(message).unwrap().to_value() else { panic!("untagged") };
    parts.as_array().unwrap().to_vec()
}

fn with_part(message: &[u8], index: usize, part: Value) -> Vec<u8> {
    let mut parts = parts(message);
    parts[index] = part;
    Value::Array(parts).to_bytes()
}

fn with_algorithm(message: &[u8], algorithm: Option<i64>) -> Vec<u8> {
    let protected = parts(message)[0].as_bytes().unwrap().to_vec();
    let Value::Map(mut headers) = amana_core::cose::cbor::parse(&protected).unwrap() else { panic!("no map") };
    headers.retain(|(label, _)| *label != header::ALG.into());
    headers.extend(algorithm.map(|algorithm| (header::ALG.into(), algorithm.into())));
    with_part(message, 0, Value::map(headers).to_bytes().into())
}

/// A card that nobody issued, of these claims and disclosures.
fn card(holder: &SigningKey, claims: Vec<(Value, Value)>, disclosures: &[Vec<u8>]) -> Vec<u8> {
    let cnf = Value::map([(CNF_COSE_KEY.into(), key::to_value(&holder.public_key()))]);
    let claims: Vec<_> = claims.into_iter().chain([(label::CNF.into(), cnf)]).collect();
    let typ = (header::TYP.into(), 293_i64.into());
    let mut card = Sign1::sign([typ], Value::Map(claims).to_bytes(), &[], holder).unwrap();
    let list: Vec<_> = disclosures.iter().map(|disclosure| Value::from(disclosure.as_slice())).collect();
    card.unprotected = Value::map((!list.is_empty()).then(|| (header::SD_CLAIMS.into(), list.into())));
    card.to_bytes()
}

fn digest(disclosure: &[u8]) -> Value {
    Value::from(&sha256(&Value::from(disclosure).to_bytes())[..])
}

fn disclosing(disclosure: Value) -> Vec<u8> {
    let disclosure = disclosure.to_bytes();
    let redacted = (REDACTED_KEYS, Value::Array(vec![digest(&disclosure)]));
    card(&key(), vec![redacted], &[disclosure])
}

#[test]
fn every_bad_input_has_its_error() {
    let world = World::new();
    let request = open(&world);
    let (text, bytes) = (request.text(), request.request().bytes());
    let receive = |input: &[u8]| world.holder.receive(input).err();
    let parse = |input: &[u8]| SdCwt::parse(input).err();
    let named = |value: Value| (1000_i64.into(), value);
    let answered = |inside: &[u8]| {
        let request = request.request();
        seal::seal_to(request.reply_to(), Use::Response, request.hash(), inside, &OsEntropy).unwrap()
    };
    let padded = |deflated: &[u8]| {
        let mut inside = [&(deflated.len() as u32).to_be_bytes()[..], deflated].concat();
        inside.resize(inside.len().max(1032), 0);
        inside
    };
    let judge = |inside: &[u8]| request.judge(&answered(inside)).err();
    let bomb = compress_to_vec(&vec![0; 10 << 20], 9);
    assert!(bomb.len() < 16 << 10);
    let deep = |level: u8| [vec![level; 1000], vec![0]].concat();
    let long_salt = |len| Value::Array(vec![vec![7; len].into(), Value::NULL, "name".into()]);
    let holder = key();
    let twice = vec![named(Value::NULL), named(Value::NULL)];
    let stolen = card(&holder, vec![(label::AUD.into(), "somebody else".into())], &[]);
    let binding = Binding { audience: "me".to_owned(), challenge: None, request: None };
    let presented = KeyBinding::sign(SdCwt::parse(&stolen).unwrap(), binding.clone(), &holder, &OsEntropy).unwrap();

    let cases = [
        ("a code cut short", receive(&text.as_bytes()[..text.len() - 3]), "damaged", Some("cbor-truncated")),
        ("a code cut anywhere", receive(&text.as_bytes()[..text.len() - 1]), "damaged", None),
        ("a code read twice as one", receive(text.repeat(2).as_bytes()), "damaged", None),
        ("bytes twice", receive(&bytes.repeat(2)), "damaged", Some("cbor-trailing")),
        ("a web address", receive(b"https://example.com"), "foreign", None),
        ("a health certificate", receive(b"HC1:6BFOXN*TS0BI$ZD"), "foreign", None),
        ("nothing", receive(b""), "foreign", None),
        ("a later version's code", receive(b"AM2Q:000"), "too-new", None),
        ("a code of another kind", receive(armour::to_text(Kind::Card, b"card").as_bytes()), "not-for-me", None),
        ("a huge length", parse(b"\x5b\xff\xff\xff\xff\xff\xff\xff\xff"), "damaged", Some("cbor-truncated")),
        ("an endless list", parse(b"\x9f\x00\xff"), "damaged", Some("cbor-indefinite")),
        ("deep lists", parse(&deep(0x81)), "damaged", Some("cbor-depth")),
        ("deep tags", parse(&deep(0xc1)), "damaged", Some("cbor-depth")),
        ("one claim twice", parse(&card(&holder, twice, &[])), "damaged", Some("cbor-duplicate-key")),
        ("a salt of 15 bytes", parse(&disclosing(long_salt(15))), "damaged", Some("sd-cwt-disclosure")),
        ("a salt of 16 bytes", parse(&disclosing(long_salt(16))), "", None),
        ("a zip bomb", judge(&padded(&bomb)), "damaged", Some("response-deflate")),
        ("a length beyond the end", judge(&[0xff; 1032]), "damaged", Some("response-length")),
        ("padding that says something", judge(&[padded(&[]), vec![1]].concat()), "damaged", Some("response-padding")),
        (
            "no signature",
            receive(&with_part(bytes, 3, Value::Bytes(Vec::new()))),
            "untrusted",
            Some("signature-invalid"),
        ),
        ("half a signature", receive(&with_part(bytes, 3, vec![7; 32].into())), "untrusted", Some("signature-invalid")),
        ("ES256, Ed25519 key", receive(&with_algorithm(bytes, Some(-7))), "untrusted", Some("algorithm-mismatch")),
        ("PS256", receive(&with_algorithm(bytes, Some(-37))), "untrusted", Some("algorithm-unsupported")),
        ("HMAC", receive(&with_algorithm(bytes, Some(5))), "untrusted", Some("algorithm-unsupported")),
        ("no algorithm", receive(&with_algorithm(bytes, None)), "untrusted", Some("algorithm-unsupported")),
        ("a card for another", presented.verify_binding(&binding).err(), "untrusted", Some("card-audience")),
        ("a signed card id", CardId::parse("+f+f+f+f+f+f+f+f+f+f+f+f+f+f+f+f").err(), "not-found", Some("card")),
    ];
    for (name, found, code, reason) in cases {
        assert_eq!(found.as_ref().map_or("", Error::code), code, "{name}: {found:?}");
        assert!(reason.is_none() || found.as_ref().and_then(Error::reason) == reason, "{name}: {found:?}");
    }
}

#[test]
fn a_card_without_a_signature_is_read_and_never_believed() {
    let world = World::new();
    let issuer = &world.bundle.issuers[0].keys[0].key;
    let draft = CardDraft::from_json(CARD_JSON).unwrap();
    let offer = world.desk.offer(&draft.card_type, 60).unwrap();
    let enrolment = Enrolment::make(&offer, &key(), [9; 32]).unwrap();
    let issued = world.desk.issue(draft, world.desk.accept(enrolment.bytes()).unwrap()).unwrap();
    assert_eq!(issued.card.verify_issuer(issuer), Ok(()));
    let unsigned = SdCwt::parse(&with_part(&issued.card.to_bytes(), 3, Value::Bytes(Vec::new()))).unwrap();
    assert_eq!(unsigned.verify_issuer(issuer), Err(Error::Untrusted { reason: "signature-invalid" }));
    let swapped = SdCwt::parse(&with_algorithm(&issued.card.to_bytes(), Some(-35))).unwrap();
    assert_eq!(swapped.verify_issuer(issuer), Err(Error::Untrusted { reason: "algorithm-mismatch" }));
}

#[test]
fn a_request_again_or_from_the_future_is_warned_of_and_not_refused() {
    let world = World::new();
    world.verifier_clock.set(amana_tests::NOW + 400 * 86_400);
    let request = open(&world);
    let warnings = || {
        let incoming = world.holder.receive(request.text().as_bytes()).unwrap();
        incoming.explain().into_iter().map(|message| message.id).filter(|id| id.starts_with("request-")).collect()
    };
    let first: Vec<_> = warnings();
    assert_eq!(first, ["request-future"]);
    world.holder.receive(request.text().as_bytes()).unwrap().review().unwrap().respond().unwrap();
    let second: Vec<_> = warnings();
    assert_eq!(second, ["request-future", "request-answered-before"]);
}

fn wallet_at(world: &World, path: &Path) -> Result<Wallet, Error> {
    Wallet::open(path, world.host())
}

#[test]
fn a_file_that_is_no_vault_says_so_and_stays_as_it_was() {
    let world = World::new();
    world.holder.close_now();
    let whole = fs::read(&world.vault).unwrap();
    let path = world.folder().join("other");
    let database = |sql: &str| {
        fs::remove_file(&path).ok();
        rusqlite::Connection::open(&path).unwrap().execute_batch(sql).unwrap();
        fs::read(&path).unwrap()
    };
    // A view in the place of a table never ends.
    let endless = "PRAGMA application_id = 1095585366; PRAGMA user_version = 2; CREATE VIEW file AS
        WITH RECURSIVE n(id) AS (SELECT 2 UNION ALL SELECT id + 1 FROM n)
        SELECT id, x'' AS salt, 1 AS memory_kib, 1 AS passes, 1 AS lanes, x'' AS header FROM n";
    let cases = [
        ("nothing", Vec::new(), "application-id"),
        ("a text", b"This is my diary.\n".repeat(1000), "not-a-database"),
        (
            "another program's database",
            database("CREATE TABLE notes (text); INSERT INTO notes VALUES ('kept')"),
            "application-id",
        ),
        ("no layout", database("PRAGMA application_id = 1095585366"), "version"),
        ("the first form", database("PRAGMA application_id = 1095585366; PRAGMA user_version = 1"), "first-form"),
        ("no tables", database("PRAGMA application_id = 1095585366; PRAGMA user_version = 2"), "corrupt"),
        ("a view that never ends", database(endless), "corrupt"),
        ("a vault cut short", whole[..whole.len() / 2].to_vec(), "corrupt"),
    ];
    for (name, bytes, reason) in cases {
        fs::write(&path, &bytes).unwrap();
        let opened = wallet_at(&world, &path).and_then(|wallet| wallet.unlock(Door::One, &pin("482913")));
        assert_eq!(opened.err(), Some(Error::NotAVault { reason }), "{name}");
        // What says that it is a vault is worked on as one; all else stays as it is.
        assert!(fs::read(&path).unwrap() == bytes || reason == "corrupt", "{name} was written to");
    }
    let later = database("PRAGMA application_id = 1095585366; PRAGMA user_version = 3");
    assert_eq!(wallet_at(&world, &path).err(), Some(Error::TooNew));
    assert_eq!(fs::read(&path).unwrap(), later);
    assert_eq!(wallet_at(&world, world.folder()).err(), Some(Error::NotAVault { reason: "not-a-file" }));
    let nowhere = world.folder().join("nowhere");
    assert_eq!(wallet_at(&world, &nowhere).err(), Some(Error::NotFound { what: "vault" }));
    assert!(!nowhere.exists());

    let wallet = wallet_at(&world, &world.vault).unwrap();
    for wrong in ["0000", "48291", "4829133"] {
        assert_eq!(wallet.unlock(Door::One, &pin(wrong)).err(), Some(Error::WrongPin { retry_after: 0 }));
    }
    assert_eq!(wallet.unlock(Door::Two, &pin("482913")).err(), Some(Error::WrongPin { retry_after: 0 }));
    assert_eq!(wallet.unlock(Door::One, &pin("482913")).unwrap().cards().unwrap().len(), 1);
}

/// Every eighth bit of every sample, to every way into the wallet.
#[test]
fn nothing_that_is_stored_is_lost_to_hostile_input() {
    let world = World::new();
    let (cards, claims) = (world.holder.cards().unwrap(), world.holder.claims(world.card).unwrap());
    let anchor = Anchor::new(world.anchor.public_key());
    let draft = CardDraft::from_json(CARD_JSON).unwrap();
    let offer = world.desk.offer(&draft.card_type, 60).unwrap().to_bytes();
    let enrolment = world.holder.enrol(&offer).unwrap();
    let delivery = world.desk.issue(draft, world.desk.accept(enrolment.as_bytes()).unwrap()).unwrap().delivery;
    let newer = Bundle { sequence: 2, ..world.bundle.clone() }.sign(&world.anchor).unwrap();
    let request = open(&world);
    // A text of the offer stays an offer when it is altered: it is fed by its signature alone.
    let signature_at = Sign1::parse(&offer).unwrap().to_bytes().len() - 64;
    let samples = [&delivery, &newer, request.request().bytes(), &offer[..]];
    for (which, sample) in samples.into_iter().enumerate() {
        let from = if which == 3 { signature_at } else { 0 };
        for at in (from..sample.len()).step_by(7) {
            let mut altered = sample.to_vec();
            altered[at] ^= 1 << (at % 8);
            assert!(world.holder.add(&altered).is_err());
            assert!(world.holder.receive(&altered).is_err());
            assert!(world.holder.load_trust(&altered, &anchor).is_err());
            assert!(world.holder.enrol(&altered).is_err());
            assert!(world.holder.add(&sample[..at]).is_err());
        }
    }
    assert_eq!(world.holder.cards().unwrap(), cards);
    assert_eq!(world.holder.claims(world.card).unwrap(), claims);
    assert!(world.holder.state().unwrap().records_intact);
    assert_eq!(world.holder.trust().unwrap().unwrap().sequence, 1);
    let answer = world.holder.receive(request.text().as_bytes()).unwrap().review().unwrap().respond().unwrap();
    let Judged::Verdict(verdict) = request.judge(answer.text().as_bytes()).unwrap() else { panic!("declined") };
    assert_eq!(verdict.decision, Decision::Accept);
    // The card that was on its way still comes in.
    world.holder.add(&delivery).unwrap();
    assert_eq!(world.holder.cards().unwrap().len(), 2);
}

/// Whoever films an enrolment knows the fresh key, and can make a card for it, in nobody's name.
#[test]
fn a_strangers_card_does_not_keep_out_the_one_that_was_enrolled_for() {
    let world = World::new();
    let draft = CardDraft::from_json(CARD_JSON).unwrap();
    let offer = world.desk.offer(&draft.card_type, 60).unwrap();
    let enrolment = world.holder.enrol(&offer.to_bytes()).unwrap();
    let filmed = Enrolment::verify(&armour::parse(&enrolment).unwrap().1).unwrap();
    let make =
        |issuer: &str| sd_cwt::issue(&draft, issuer, filmed.holder_key(), b"desk-1", &key(), &OsEntropy).unwrap();
    let gift = make("https://stranger.example");
    assert_eq!(world.holder.add(&gift.to_bytes()), Err(Error::NotForMe), "not the issuer the key was made for");
    // In that issuer's name, its signature gives it away where the bundle knows the issuer.
    let posing = make(ISSUER);
    let refused = Err(Error::Untrusted { reason: "signature-invalid" });
    assert_eq!(world.holder.add(&posing.to_bytes()), refused);
    let issued = world.desk.issue(draft, world.desk.accept(enrolment.as_bytes()).unwrap()).unwrap();
    let id = world.holder.add(&issued.delivery).unwrap();
    assert_eq!(world.holder.claims(id), Ok(issued.card.claims()));
    assert_eq!(world.holder.cards().unwrap().len(), 2);
}

/// Disclosures that stand in each other, on the smallest stack a phone gives a thread.
#[test]
fn what_is_nested_as_deep_as_can_be_fits_a_small_stack() {
    assert_eq!(parse_nested(22, 0), Ok(true));
    assert_eq!(parse_nested(26, 0), Err(Error::Damaged { reason: "cbor-depth" }));
    assert_eq!(parse_nested(20, 18), Err(Error::Damaged { reason: "cbor-depth" }));
}

fn parse_nested(times: usize, tags: usize) -> Result<bool, Error> {
    let tagged = |value: Value| (0..tags).fold(value, |inner, _| Value::Tag(1, Box::new(inner)));
    let mut disclosures = Vec::new();
    let mut inner = Value::NULL;
    for _ in 0..times {
        let disclosure = Value::Array(vec![vec![7; 16].into(), tagged(Value::Array(vec![inner]))]).to_bytes();
        inner = Value::Tag(TAG_REDACTED_ELEMENT, Box::new(digest(&disclosure)));
        disclosures.push(disclosure);
    }
    let bytes = card(&key(), vec![(1000_i64.into(), Value::Array(vec![inner]))], &disclosures);
    let parse = move || SdCwt::parse(&bytes).map(|card| card.is_whole());
    std::thread::Builder::new().stack_size(512 << 10).spawn(parse).unwrap().join().unwrap()
}

#[test]
fn nothing_prints_what_a_card_says() {
    let world = World::new();
    let draft = CardDraft::from_json(CARD_JSON).unwrap();
    let offer = world.desk.offer(&draft.card_type, 60).unwrap();
    let holder = key();
    let enrolment = Enrolment::make(&offer, &holder, [9; 32]).unwrap();
    let issued = world.desk.issue(draft, world.desk.accept(enrolment.bytes()).unwrap()).unwrap();
    let request = Request::make(&key(), None, [1; 16], 0, PURPOSE, &[ask("person")], [9; 32]).unwrap();
    let shown = issued.card.select(&[claim("person")]).unwrap();
    let shown = SdCwt::parse(&shown.to_bytes()).unwrap();
    let proof = KeyBinding::sign(shown, request.binding(), &holder, &OsEntropy).unwrap();
    let offer = Offer::parse(&offer.to_bytes()).unwrap();
    let printed = format!("{issued:?} {proof:?} {offer:?} {:?}", proof.card());
    for said in ["Amina", "Juma", "TZ-0041-7782"] {
        let numbers = format!("{:?}", said.as_bytes());
        assert!(!printed.contains(said) && !printed.contains(numbers.trim_matches(['[', ']'])), "{said}");
    }
}
