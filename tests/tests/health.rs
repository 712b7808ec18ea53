//! Health certificates: read from the text of their codes, verified by a signer's key, and held by nobody.

use amana_core::cose::Sign1;
use amana_core::cose::cbor::Value;
use amana_core::cose::cwt::claim;
use amana_core::cose::label;
use amana_core::credential::health::{HealthCertificate, signer_name};
use amana_core::credential::{Format, Validity, claim169, parse_card, to_json};
use amana_core::crypto::{Curve, SigningKey, sha256};
use amana_core::error::Error;
use amana_core::ports::OsEntropy;
use amana_tests::{NOW, World};
use serde_json::{Value as Json, json};

fn map<const N: usize>(entries: [(Value, Value); N]) -> Value {
    Value::Map(entries.into())
}

fn entry(number: i64, value: impl Into<Value>) -> (Value, Value) {
    (number.into(), value.into())
}

/// What a certificate of one vaccination says.
fn claims() -> Value {
    let text = |name: &str, value: &str| (Value::from(name), Value::from(value));
    let vaccination = map([text("ci", "URN:UVCI:01:XX:1"), text("co", "XX"), text("dt", "2026-02-01")]);
    let content = map([
        ("ver".into(), "1.3.0".into()),
        ("nam".into(), map([text("fn", "Juma"), text("gn", "Amina")])),
        text("dob", "1984-02-29"),
        ("v".into(), Value::Array(vec![vaccination])),
    ]);
    map([
        entry(claim::ISS, "XX"),
        entry(claim::EXP, NOW + 10),
        entry(claim::IAT, NOW),
        entry(-260, map([entry(1, content)])),
    ])
}

fn text_of(signed: &Sign1) -> String {
    format!("HC1:{}", claim169::to_text(&signed.to_bytes()))
}

fn not_held() -> Result<(), Error> {
    Err(Error::Invalid { reason: "health-not-held" })
}

fn key() -> SigningKey {
    SigningKey::make_on(Curve::P256, &OsEntropy).unwrap()
}

#[test]
fn a_certificate_is_read_and_verified() {
    let (signer, certificate) = (key(), b"the signer's certificate, DER");
    let kid = signer_name(certificate);
    assert_eq!(kid, sha256(certificate)[..8]);
    let header = [entry(label::KID, &kid[..])];
    let signed = Sign1::sign_of_old(header, claims().to_bytes(), &[], &signer).unwrap();
    let text = text_of(&signed);
    for text in [text.clone(), format!("{text}\r\n")] {
        let read = HealthCertificate::from_text(&text).unwrap();
        assert_eq!((read.issuer(), read.kid(), read.unsigned_kid()), ("XX", Some(&kid[..]), None));
        assert_eq!(read.validity(), Validity { not_before: None, expires: Some(NOW + 10) });
        let content = Json::Object(to_json(read.content()));
        assert_eq!((&content["nam"]["gn"], &content["v"][0]["co"]), (&json!("Amina"), &json!("XX")));
        assert_eq!(to_json(read.all_claims())["iss"], json!("XX"));
        assert_eq!(read.verify(&signer.public_key()), Ok(()));
        assert_eq!(read.verify(&key().public_key()), Err(Error::Untrusted { reason: "signature-invalid" }));
        assert!(!format!("{read:?}").contains("Amina"));
    }
    let untagged = match signed.to_value() {
        Value::Tag(_, inner) => *inner,
        other => other,
    };
    for token in [untagged.clone(), Value::Tag(61, Box::new(signed.to_value())), Value::Tag(18, Box::new(untagged))] {
        assert_eq!(HealthCertificate::parse(&token.to_bytes()).unwrap().verify(&signer.public_key()), Ok(()));
    }
}

#[test]
fn a_name_outside_the_signature_selects_nothing() {
    let signer = key();
    let mut signed = Sign1::sign_of_old([], claims().to_bytes(), &[], &signer).unwrap();
    signed.unprotected = map([entry(label::KID, &[7; 8][..])]);
    let read = HealthCertificate::from_text(&text_of(&signed)).unwrap();
    assert_eq!((read.kid(), read.unsigned_kid()), (None, Some(&[7; 8][..])));
    assert_eq!(read.verify(&signer.public_key()), Ok(()));
}

#[test]
fn ps256_is_unsupported_and_not_invalid() {
    let headers = map([entry(label::ALG, -37_i64), entry(label::KID, &[7; 8][..])]).to_bytes();
    let parts = vec![headers.into(), Value::Map(Vec::new()), claims().to_bytes().into(), vec![0; 256].into()];
    let read = HealthCertificate::parse(&Value::Tag(18, Box::new(Value::Array(parts))).to_bytes()).unwrap();
    assert_eq!(read.algorithm(), None);
    assert_eq!(read.verify(&key().public_key()), Err(Error::Untrusted { reason: "algorithm-unsupported" }));
}

#[test]
fn other_texts_are_told_apart() {
    let signed = Sign1::sign_of_old([], claims().to_bytes(), &[], &key()).unwrap();
    let text = text_of(&signed);
    let read = |text: &str| HealthCertificate::from_text(text).unwrap_err();
    for foreign in ["", "HC", "HC1", "https://example.org", &text[4..], &text.replace("HC1:", "hc1:"), "HCARD:AB"] {
        assert_eq!(read(foreign), Error::Foreign, "{foreign}");
    }
    assert_eq!(read(&text.replace("HC1:", "HC2:")), Error::TooNew);
    for torn in ["HC1:", "HC1:é", "HC1:ABC", &text[..text.len() / 3 * 2 + 1]] {
        assert!(matches!(read(torn), Error::Damaged { .. }), "{torn}");
    }
    // A token without a health certificate in it; a health certificate, which is judged like a card and never held.
    let other = Sign1::sign_of_old([], map([entry(claim::ISS, "XX")]).to_bytes(), &[], &key()).unwrap();
    assert_eq!(read(&text_of(&other)), Error::Foreign);
    let card = parse_card(&signed.to_bytes()).unwrap();
    assert_eq!((card.format(), card.check_whole()), (Format::Health, not_held()));
    assert_eq!(World::new().holder.add(text.as_bytes()).map(|_| ()), not_held());
}

#[test]
fn no_cut_and_no_flipped_bit_verifies() {
    let signer = key();
    let signed = Sign1::sign_of_old([], claims().to_bytes(), &[], &signer).unwrap().to_bytes();
    for len in 0..signed.len() {
        assert!(HealthCertificate::parse(&signed[..len]).is_err(), "{len}");
    }
    for bit in 0..signed.len() * 8 {
        let mut altered = signed.clone();
        altered[bit / 8] ^= 1 << (bit % 8);
        let verified = HealthCertificate::parse(&altered).and_then(|read| read.verify(&signer.public_key()));
        assert!(verified.is_err(), "bit {bit}");
    }
}
