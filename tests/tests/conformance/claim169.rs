//! Claim 169 version 1.2.0: the example of its section 3.2.1, and the literals of pixelpass's own tests.

use crate::{Suite, bytes};
use amana_core::cose::Sign1;
use amana_core::cose::cbor::{self, Value};
use amana_core::credential::claim169::{self, Claim169};
use amana_core::credential::{Credential as _, recognise, to_json};
use amana_core::crypto::SigningKey;
use amana_core::error::Error;
use amana_core::ports::OsEntropy;
use amana_tests::from_hex;
use miniz_oxide::deflate::compress_to_vec_zlib;
use serde_json::{Value as Json, json};

#[test]
fn the_example_of_the_specification() {
    let Some(suite) = Suite::find("claim169") else { return };
    let vector = suite.json("spec/spec-example-cwt.json");
    let token = bytes(&vector, "cose_sign1_tag61_hex");
    let card = Claim169::parse(&token).expect("the example");
    assert_eq!((card.issuer(), card.is_signed()), ("www.mosip.io", true));
    let validity = card.validity();
    assert_eq!((validity.not_before, validity.expires), (Some(1_756_376_445), Some(1_787_912_445)));
    // It stands in the unprotected header: it names no key.
    assert_eq!(card.kid(), None);
    let claims = Json::Object(to_json(&card.claims()));
    let expected = json!({
        "id": "3918592438", "full_name": "Janardhan BS", "date_of_birth": "1984-04-18", "gender": "male",
        "address": "New House, Near Metro Line, Bengaluru, KA", "email_id": "janardhan@example.com",
        "phone_number": "+919876543210", "nationality": "IN", "62": null
    });
    assert_eq!(claims, expected);
    // A face as biometric data: told, and not kept.
    assert_eq!(card.biometrics(), [62]);
    assert_eq!(card.check_whole(), Err(Error::Invalid { reason: "biometrics" }));
    assert!(card.portrait().is_none());
    assert_eq!(card.to_bytes(), token);
    assert_eq!(recognise(claim169::to_text(&token).as_bytes(), &[]).expect("its text").to_bytes(), token);
    // The public key was not published: no other one verifies it.
    let other = SigningKey::make(&OsEntropy).expect("randomness").public_key();
    assert_eq!(card.verify_issuer(&other), Err(Error::Untrusted { reason: "signature-invalid" }));
    suite.report("the example of section 3.2.1 is read, biometrics told and not kept");
}

/// One of pixelpass's tests, by its name.
fn literals(tests: &Json, name: &str) -> Json {
    let test = tests.as_array().expect("a list").iter().find(|test| test["name"] == name);
    test.unwrap_or_else(|| panic!("no test {name}"))["literals"].clone()
}

#[test]
fn the_literals_of_pixelpass() {
    let Some(suite) = Suite::find("claim169") else { return };
    let tests = suite.json("pixelpass-js-tests.json");
    let text = |name: &str, field: &str| literals(&tests, name)[field].as_str().expect("a text").to_owned();
    // Base45 over zlib over CBOR, whatever it says; a text that is none is another's.
    let encoded = text("should return decoded data for given QR data in cbor", "data");
    let read = claim169::from_text(&encoded).expect("CBOR");
    assert_eq!(cbor::parse(&read).expect("CBOR").get("temp"), Some(&Value::Uint(15)));
    // Deflated as they deflate it: the same bytes.
    assert_eq!(claim169::from_text(&claim169::to_text(&read)), Ok(read));
    let hello = text("should return decoded data for given QR data", "data");
    assert_eq!(claim169::from_text(&hello), Err(Error::Foreign));
    assert_eq!(claim169::from_text(&format!("mockHeader://{hello}")), Err(Error::Foreign));
    for wrong in ["1", "1234", "^1", "1^", "0123456789^"] {
        assert_eq!(claim169::from_text(wrong), Err(Error::Foreign));
    }

    // Fields by numbers as text, fingers as text: the map of claim 169, which they put into a
    // CWT as bytes.
    let mapped = text("should return mapped CBOR data for given data with map for claim 169 semantics", "expected");
    let identity = from_hex(&mapped);
    let claims = Value::Map(vec![(1_i64.into(), "issuer".into()), (169_i64.into(), identity.clone().into())]);
    let key = SigningKey::make(&OsEntropy).expect("randomness");
    let signed = Sign1::sign_of_old([], claims.to_bytes(), &[], &key).expect("signed").to_bytes();
    // Inji Certify deflates the hexadecimal text of the token.
    let hexadecimal = amana_tests::to_hex(&signed);
    let packed = compress_to_vec_zlib(hexadecimal.as_bytes(), 9);
    let text = amana_core::qr::armour::to_text(amana_core::qr::Kind::Card, &packed);
    let card = recognise(&text.as_bytes()[amana_core::qr::armour::PREFIX_LEN..], &[]).expect("a card");
    assert_eq!(card.verify_issuer(&key.public_key()), Ok(()));
    let card = Claim169::parse(&signed).expect("a card");
    let mut claims = to_json(&card.claims());
    // Their hexadecimal picture lost a digit: it stays the text that it is.
    let picture = claims.remove("binary_image").expect("field 16");
    assert_eq!((picture.as_str().expect("a text").len(), card.portrait()), (849, None));
    let expected = json!({
        "id": "11110000324013", "version": "1.0", "language": "EN", "full_name": "Peter M Jhon", "first_name": "Peter",
        "middle_name": "M", "last_name": "Jhon", "date_of_birth": "1988-01-02", "gender": "male",
        "address": "New City, METRO LINE, PA", "email_id": "peter@example.com", "phone_number": "+1 234-567",
        "nationality": "US", "marital_status": "married", "guardian": "Jhon Honai", "binary_image_format": "jpeg2000",
        "best_quality_fingers": [1, 2]
    });
    assert_eq!(Json::Object(claims), expected);
    // Alone it is no CWT: nothing tells its numbers from those of a token's claims.
    assert_eq!(Claim169::parse(&identity).unwrap_err(), Error::Foreign);
    suite.report("pixelpass: six of its literals");
}
