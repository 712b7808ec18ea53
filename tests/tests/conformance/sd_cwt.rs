//! The examples of draft-ietf-spice-sd-cwt at commit 10965be.
//!
//! Not covered: encrypted disclosures (`aead-*`), which Amana does not read; and `first-blinded-hash.txt`, the hash of a
//! disclosure without the byte string around it, which stands in no card: the cards hash the whole byte string.

use crate::Suite;
use amana_core::cose::key;
use amana_core::credential::Binding;
use amana_core::credential::sd_cwt::{KeyBinding, SdCwt};
use amana_core::credential::{ClaimPath, to_json};
use amana_core::credential::{Credential, Presentation as _};
use amana_core::crypto::{Curve, PublicKey};
use amana_core::error::Error;
use amana_tests::from_hex;
use p256::pkcs8::DecodePrivateKey as _;
use serde_json::{Value, json};

const KID: &[u8] = b"https://issuer.example/cose-key3";

struct Keys {
    issuer: PublicKey,
    holder: PublicKey,
}

impl Keys {
    fn read(suite: &Suite) -> Self {
        // The files have empty lines around the block.
        let pem = |file| suite.text(file).trim().to_owned();
        let issuer = p384::SecretKey::from_pkcs8_pem(&pem("issuer_privkey.pem")).expect("a key");
        let holder = p256::SecretKey::from_pkcs8_pem(&pem("holder_privkey.pem")).expect("a key");
        let public = |curve, point: &[u8]| PublicKey::parse_sec1(curve, point).expect("a point");
        Self {
            issuer: public(Curve::P384, &issuer.public_key().to_sec1_bytes()),
            holder: public(Curve::P256, &holder.public_key().to_sec1_bytes()),
        }
    }
}

fn path(text: &str) -> ClaimPath {
    ClaimPath::parse(text).expect("a path")
}

/// The claims, without those that are the same in all examples; these are checked here.
fn claims_of(card: &dyn Credential) -> Value {
    let mut claims = to_json(card.all_claims());
    let registered =
        [("iss", json!("https://issuer.example")), ("exp", json!(1_725_330_600)), ("nbf", json!(1_725_243_900))];
    for (name, value) in registered.into_iter().chain([("iat", json!(1_725_244_200))]) {
        assert_eq!(claims.remove(name), Some(value), "{name}");
    }
    assert_eq!(claims.remove("sub"), Some(json!("https://device.example")));
    assert!(claims.remove("cnf").is_some());
    Value::Object(claims)
}

fn check_card(card: &dyn Credential, keys: &Keys) {
    assert_eq!(card.verify_issuer(&keys.issuer), Ok(()));
    assert_eq!(card.verify_issuer(&keys.holder), Err(Error::Untrusted { reason: "algorithm-mismatch" }));
    assert_eq!((card.issuer(), card.kid()), ("https://issuer.example", Some(KID)));
    assert_eq!(card.holder_key(), Some(&keys.holder));
}

fn check_proof(proof: &KeyBinding, keys: &Keys) {
    check_card(proof.card(), keys);
    assert_eq!(proof.verify_signature(), Ok(()));
    let binding = Binding {
        audience: "https://verifier.example/app".to_owned(),
        challenge: Some(from_hex("8c0f5f523b95bea44a9a48c649240803")),
        request: None,
    };
    assert_eq!(proof.verify_binding(&binding), Ok(()));
    let another = Binding { challenge: Some(vec![0; 16]), ..binding };
    assert_eq!(proof.verify_binding(&another), Err(Error::Untrusted { reason: "challenge" }));
}

fn inspection(at: i64, licence: &str, region: &str, postcode: &str) -> Value {
    json!({"500": true, "501": licence, "502": at, "503": {"1": "us", "2": region, "3": postcode}})
}

#[test]
fn the_issued_card_and_every_subset_of_it() {
    let Some(suite) = Suite::find("sd-cwt") else { return };
    let keys = Keys::read(&suite);
    let bytes = suite.bytes("examples/issuer_cwt.cbor");
    let card = SdCwt::parse(&bytes).expect("the example");
    check_card(&card, &keys);
    assert!(card.is_whole());
    assert_eq!(card.to_bytes(), bytes);
    assert_eq!(
        claims_of(&card),
        json!({
            "500": true, "501": "ABCD-123456", "502": [1_549_560_720, 1_612_560_720, 1_674_004_740],
            "503": {"country": "us", "region": "ca", "postal_code": "94188"}
        })
    );

    // The five that can be withheld, each alone and with any of the others.
    let optional = ["501", "502.0", "502.1", "503.region", "503.postal_code"].map(path);
    for chosen in 0..1_u32 << optional.len() {
        let paths: Vec<_> =
            (0..).zip(&optional).filter(|(i, _)| chosen >> i & 1 == 1).map(|(_, p)| p.clone()).collect();
        let shown = SdCwt::parse(&card.select(&paths).expect("a subset").to_bytes()).expect("it is read again");
        check_card(&shown, &keys);
        assert_eq!(shown.check_whole().is_ok(), paths.len() == optional.len());
        let claims = shown.claims();
        let at = |text: &str| claims.at(&path(text)).is_some();
        let has = |index: usize| chosen >> index & 1 == 1;
        let dates = 1 + usize::from(has(1)) + usize::from(has(2));
        assert_eq!((at("501"), at("503.region"), at("503.postal_code")), (has(0), has(3), has(4)));
        assert_eq!((at(&format!("502.{}", dates - 1)), at(&format!("502.{dates}"))), (true, false));
        assert!(at("500") && at("503.country"), "what the issuer left open stays");
    }
    assert_eq!(card.select(&[path("504")]).err(), Some(Error::NotFound { what: "claim" }));
    suite.report("issuer_cwt: holds, and 32 subsets of it");
}

#[test]
fn the_presentation() {
    let Some(suite) = Suite::find("sd-cwt") else { return };
    let keys = Keys::read(&suite);
    let proof = KeyBinding::parse(&suite.bytes("examples/kbt.cbor")).expect("the example");
    check_proof(&proof, &keys);
    assert!(!proof.card().is_whole());
    assert_eq!(
        claims_of(proof.card()),
        json!({
            "500": true, "501": "ABCD-123456", "502": [1_549_560_720, 1_674_004_740],
            "503": {"country": "us", "region": "ca"}
        })
    );
    suite.report("kbt: holds");
}

#[test]
fn the_nested_card_and_its_presentation() {
    let Some(suite) = Suite::find("sd-cwt") else { return };
    let keys = Keys::read(&suite);
    let card = SdCwt::parse(&suite.bytes("examples/nested_issuer_cwt.cbor")).expect("the example");
    check_card(&card, &keys);
    assert!(card.is_whole());
    let whole = json!({"504": [
        inspection(1_549_560_720, "DCBA-101777", "co", "80302"),
        inspection(1_612_560_720, "EFGH-789012", "nv", "89155"),
        inspection(1_674_004_740, "ABCD-123456", "ca", "94188"),
    ]});
    assert_eq!(claims_of(&card), whole);

    let expected = json!({"504": [
        {"500": true, "501": "DCBA-101777", "502": 1_549_560_720, "503": {"1": "us"}},
        {"500": true, "501": "ABCD-123456", "502": 1_674_004_740, "503": {"1": "us", "2": "ca"}},
    ]});
    let proof = KeyBinding::parse(&suite.bytes("examples/nested_kbt.cbor")).expect("the example");
    check_proof(&proof, &keys);
    assert_eq!(claims_of(proof.card()), expected);
    let presented = SdCwt::parse(&suite.bytes("examples/nested_cwt.cbor")).expect("the example");
    check_card(&presented, &keys);
    assert_eq!(claims_of(&presented), expected);

    // The same choice, made here: what is shown of a group that is hidden in another brings both along.
    let chosen = ["504.0.501", "504.0.503.1", "504.2.501", "504.2.503.2"].map(path);
    let selected = card.select(&chosen).expect("a subset");
    check_card(&*selected, &keys);
    assert_eq!(claims_of(&*selected), expected);
    suite.report("nested_issuer_cwt, nested_cwt, nested_kbt: hold");
}

#[test]
fn decoys_leave_no_trace() {
    let Some(suite) = Suite::find("sd-cwt") else { return };
    let keys = Keys::read(&suite);
    let card = SdCwt::parse(&suite.bytes("examples/decoy.cbor")).expect("the example");
    check_card(&card, &keys);
    assert!(card.is_whole(), "decoys have their disclosures");
    assert_eq!(claims_of(&card), json!({"98": ["fr"], "500": true}));
    let shown = card.select(&[path("500")]).expect("a subset");
    assert_eq!(claims_of(&*shown), json!({"98": [], "500": true}));
    assert!(shown.check_whole().is_err(), "decoys stay at home");
    suite.report("decoy: holds");
}

/// Flips that leave it readable are caught by one signature or the other.
#[test]
fn no_bit_of_the_presentation_can_be_changed() {
    let Some(suite) = Suite::find("sd-cwt") else { return };
    let keys = Keys::read(&suite);
    let whole = suite.bytes("examples/kbt.cbor");
    let holds = |bytes: &[u8]| {
        let proof = KeyBinding::parse(bytes);
        let verify =
            |proof: &KeyBinding| proof.verify_signature().and_then(|()| proof.card().verify_issuer(&keys.issuer));
        (proof.is_ok(), proof.is_ok_and(|proof| verify(&proof).is_ok()))
    };
    assert_eq!(holds(&whole), (true, true));
    let mut readable = 0;
    for at in 0..whole.len() {
        for bit in 0..8 {
            let mut altered = whole.clone();
            altered[at] ^= 1 << bit;
            let (is_readable, is_taken) = holds(&altered);
            assert!(!is_taken, "byte {at} bit {bit}");
            readable += usize::from(is_readable);
        }
    }
    suite.report(format_args!("kbt: {} flips refused, {readable} of them by a signature", whole.len() * 8));
}

/// The holder's key as the draft's own example of `cnf` writes it.
#[test]
fn the_holders_key_is_the_one_in_the_draft() {
    let Some(suite) = Suite::find("sd-cwt") else { return };
    let keys = Keys::read(&suite);
    let value = key::to_value(&keys.holder);
    let x = from_hex("8554eb275dcd6fbd1c7ac641aa2c90d92022fd0d3024b5af18c7cc61ad527a2d");
    let y = from_hex("4dc7ae2c677e96d0cc82597655ce92d5503f54293d87875d1e79ce4770194343");
    assert_eq!(value.get(-2_i64).and_then(|x| x.as_bytes()), Some(&x[..]));
    assert_eq!(value.get(-3_i64).and_then(|y| y.as_bytes()), Some(&y[..]));
}
