//! The exchange's measures, each a ratio or a size of one run. `cargo xtask bench exchange` runs this and shows them;
//! alone it prints them as JSON lines.

use amana_core::cose::Sign1;
use amana_core::cose::cbor::Value;
use amana_core::credential::sd_cwt::KeyBinding;
use amana_core::credential::{Credential as _, Presentation as _};
use amana_core::crypto::SigningKey;
use amana_core::crypto::seal::{Ephemeral, Use};
use amana_core::ports::OsEntropy;
use amana_core::presentation::{Opened, Request, response};
use amana_core::qr::{Kind, armour};
use amana_core::trust::{Names, Purpose, Registration};
use amana_core::verifier::{Decision, Judged, OpenRequest};
use amana_tests::{PURPOSE, World, ask, claim};
use ed25519_dalek::{Signature, VerifyingKey};
use serde_json::json;
use std::hint::black_box;
use std::time::{Duration, Instant};

const PAIRS: usize = 200;
const ASKED: [&str; 3] = ["household.family_size", "household.ration_card", "household.children"];

fn main() {
    let world = World::new();
    for (name, value, unit, bar) in [
        ("judge", judge(&world), "x two verify_strict and one X25519", 1.3),
        ("answer-3-of-12", answer(&world), "QR version, M", 27.0),
        ("request", request(&world, 2), "bytes, two names", 480.0),
        ("request-5-names", request(&world, 5), "bytes, five names", 650.0),
    ] {
        println!("{}", json!({"name": name, "value": value, "unit": unit, "bar": bar, "holds": value <= bar}));
    }
}

/// A verifier whose purpose needs the three claims that the answer shows.
fn open(world: &World, verifier: &amana_core::verifier::Verifier) -> (OpenRequest, String) {
    let request = verifier.request(PURPOSE, &ASKED.map(ask)).expect("a request");
    let mut incoming = world.holder.receive(request.text().as_bytes()).expect("received");
    for path in ASKED {
        incoming.share_beyond_registration(&claim(path)).expect("held");
    }
    let text = incoming.review().expect("reviewed").respond().expect("answered").text();
    (request, text)
}

/// From text to verdict, over the signatures and the agreement in it, in interleaved pairs that take turns in going
/// first; the median of the ratios.
fn judge(world: &World) -> f64 {
    let verifier = world.verifier();
    let made = (0..PAIRS).map(|_| open(world, &verifier));
    let pairs: Vec<_> = made.map(|(request, text)| (Floor::of(world, &request, &text), request, text)).collect();
    let ratio = |(i, (floor, request, text)): (usize, &(Floor, OpenRequest, String))| {
        let judge = || {
            time(|| match request.judge(black_box(text.as_bytes())).expect("judged") {
                Judged::Verdict(verdict) => assert_eq!(verdict.decision, Decision::Accept),
                Judged::Declined => panic!("declined"),
            })
        };
        let floor = || time(|| floor.run());
        let (judge, floor) = if i % 2 == 0 {
            let judge = judge();
            (judge, floor())
        } else {
            let floor = floor();
            (judge(), floor)
        };
        judge.as_secs_f64() / floor.as_secs_f64()
    };
    let mut ratios: Vec<f64> = pairs.iter().enumerate().map(ratio).collect();
    ratios.sort_by(f64::total_cmp);
    (ratios[PAIRS / 2] * 1000.0).round() / 1000.0
}

/// What no verifier can do without: two strict verifications and one agreement, on the bytes of the answer.
struct Floor {
    signed: Vec<(VerifyingKey, Vec<u8>, Signature)>,
    secret: x25519_dalek::StaticSecret,
    peer: x25519_dalek::PublicKey,
}

impl Floor {
    fn of(world: &World, request: &OpenRequest, text: &str) -> Self {
        let session = request.to_session().expect("open");
        let parts = amana_core::cose::cbor::parse(&session).expect("a session");
        let secret: [u8; 32] = parts.as_array().and_then(|p| p[0].as_bytes()).expect("secret").try_into().expect("32");
        let secret = x25519_dalek::StaticSecret::from(secret);
        let (Kind::Response, bytes) = armour::parse(text).expect("armour") else { panic!("kind") };
        let peer: [u8; 32] = bytes[8..40].try_into().expect("32");
        let ephemeral = Ephemeral::from_secret(&amana_core::crypto::Secret::from_zeroizing(secret.to_bytes().into()));
        assert!(ephemeral.open(Use::Response, request.request().hash(), &bytes).is_ok());
        let Opened::Presented(proof) = response::open(&ephemeral, request.request().hash(), &bytes).expect("opens")
        else {
            panic!("declined")
        };
        let proof = KeyBinding::parse(&proof.to_bytes()).expect("an SD-KBT");
        let whole = Sign1::parse(&proof.to_bytes()).expect("a COSE_Sign1");
        let issuer = &world.bundle.issuers[0].keys[0].key;
        let signed = [(&whole, proof.card().holder_key().expect("a key")), (proof.card().signed(), issuer)];
        Self { signed: signed.map(|(sign1, key)| one(sign1, key)).into(), secret, peer: peer.into() }
    }

    fn run(&self) {
        for (key, message, signature) in &self.signed {
            key.verify_strict(black_box(message), signature).expect("holds");
        }
        black_box(self.secret.diffie_hellman(black_box(&self.peer)));
    }
}

/// The key, the Sig_structure (RFC 9052 section 4.4) and the signature of a message.
fn one(sign1: &Sign1, key: &amana_core::crypto::PublicKey) -> (VerifyingKey, Vec<u8>, Signature) {
    let Value::Tag(_, inner) = sign1.to_value() else { panic!("tagged") };
    let protected = inner.as_array().and_then(|parts| parts[0].as_bytes()).expect("protected").to_vec();
    let structure: Vec<Value> =
        vec!["Signature1".into(), protected.into(), Vec::<u8>::new().into(), sign1.payload().into()];
    let key: [u8; 32] = key.coordinates().0.try_into().expect("32");
    let signature = Signature::from_slice(sign1.signature()).expect("64 bytes");
    (VerifyingKey::from_bytes(&key).expect("a key"), Value::Array(structure).to_bytes(), signature)
}

fn time(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

/// The version of the code that shows three of twelve claims, padded and sealed.
fn answer(world: &World) -> f64 {
    let (_, text) = open(world, &world.verifier());
    amana_core::qr::Symbol::of(&text).map_or(f64::INFINITY, |symbol| symbol.version() as f64)
}

/// The bytes of a request for three claims, with so many names of 22 to 30 bytes and one purpose.
fn request(world: &World, names: usize) -> f64 {
    const NAMES: [(&str, &str); 5] = [
        ("en", "Kasulu Food Point No. 4"),
        ("sw", "Kituo cha Chakula Kasulu 4"),
        ("fr", "Point alimentaire Kasulu 4"),
        ("ur", "کاسولو خوراک مرکز"),
        ("rn", "Aho batangira ibiribwa 4"),
    ];
    let key = SigningKey::make(&OsEntropy).expect("randomness");
    let names = NAMES[..names].iter().map(|(tag, name)| ((*tag).to_owned(), (*name).to_owned())).collect();
    let purpose = Purpose { needed: ASKED[..2].iter().copied().map(claim).collect(), optional: vec![claim(ASKED[2])] };
    let until = time::macros::date!(2027 - 06 - 30);
    let registration = Registration::sign(
        &key.public_key(),
        &Names::new(names).expect("names"),
        &[(PURPOSE.to_owned(), purpose)],
        "+255 800 110 110",
        until,
        b"reg-1",
        &world.registrar,
    )
    .expect("a registration");
    let reply_to = Ephemeral::make(&OsEntropy).expect("randomness").public_key();
    let made = Request::make(&key, Some(&registration), [1; 16], amana_tests::NOW, PURPOSE, &ASKED.map(ask), reply_to);
    made.expect("a request").bytes().len() as f64
}
