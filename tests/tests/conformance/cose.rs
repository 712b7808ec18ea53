//! COSE_Sign1 of cose-wg/Examples and gluecose/test-vectors, with the external AAD where a vector has one.

use crate::{Suite, bytes};
use amana_core::cose::cbor;
use amana_core::cose::{Encrypt0, Mac0, Sign1};
use amana_core::crypto::{Curve, PublicKey, Secret, SigningKey, SymmetricKey};
use amana_core::error::Error;
use amana_core::ports::OsEntropy;
use amana_tests::from_hex;
use base64ct::{Base64UrlUnpadded, Encoding as _};
use serde_json::Value;
use zeroize::Zeroizing;

/// The algorithms whose signatures Amana verifies; the vectors of the others must be told as unsupported.
const VERIFIED: [&str; 3] = ["EdDSA", "ES256", "ES384"];

/// Valid COSE, and refused all the same: its algorithm stands in the unprotected header, where anybody can change it.
const UNSIGNED_ALGORITHM: &str = "sign1-tests/sign-pass-01.json";

/// The vector's key, where Amana verifies with such a key.
fn key(jwk: &Value) -> Option<PublicKey> {
    let coordinate = |name: &str| match jwk[name].as_str() {
        Some(text) => Base64UrlUnpadded::decode_vec(text).expect("base64url"),
        None => bytes(jwk, &format!("{name}_hex")),
    };
    let point = || [&[4], &coordinate("x")[..], &coordinate("y")].concat();
    let key = match jwk["crv"].as_str() {
        Some("Ed25519") => PublicKey::parse_ed25519(&coordinate("x")),
        Some("P-256") => PublicKey::parse_sec1(Curve::P256, &point()),
        Some("P-384") => PublicKey::parse_sec1(Curve::P384, &point()),
        _ => return None,
    };
    Some(key.expect("a point on its curve"))
}

/// Checks one vector: it verifies if it should. Where Amana does not verify its algorithm or has no use for its key,
/// another key is told so.
fn check(name: &str, message: &[u8], jwk: &Value, external: &[u8], alg: &str, should_verify: bool) -> bool {
    let own = key(jwk).filter(|_| VERIFIED.contains(&alg));
    let is_own = own.is_some();
    let key = own.unwrap_or_else(|| SigningKey::make(&OsEntropy).expect("randomness").public_key());
    let found = Sign1::parse(message).and_then(|signed| signed.verify(external, &key));
    if is_own {
        assert_eq!(found.is_ok(), should_verify, "{name}: {found:?}");
        return true;
    }
    let reason = found.expect_err(name).reason();
    assert!(matches!(reason, Some("algorithm-unsupported" | "signature-invalid")), "{name}: {reason:?}");
    false
}

#[test]
fn sign1_of_the_working_group() {
    let Some(suite) = Suite::find("cose") else { return };
    let files = [("sign1-tests", "sign-"), ("eddsa-examples", "eddsa-sig-"), ("ecdsa-examples", "ecdsa-sig-")];
    let files: Vec<_> = files.iter().flat_map(|(folder, start)| suite.files(folder, start)).collect();
    let (mut verified, mut unsupported) = (0, 0);
    for file in &files {
        let vector = suite.json(file);
        let input = &vector["input"]["sign0"];
        let external = input["external"].as_str().map(from_hex).unwrap_or_default();
        let should_verify = vector["fail"].as_bool() != Some(true) && file != UNSIGNED_ALGORITHM;
        let message = bytes(&vector["output"], "cbor");
        let alg = input["alg"].as_str().expect("an algorithm");
        let counted = if check(file, &message, &input["key"], &external, alg, should_verify) {
            &mut verified
        } else {
            &mut unsupported
        };
        *counted += 1;
        // What should verify is also written as the working group writes it, but always with its tag.
        if should_verify {
            let signed = Sign1::parse(&message).expect(file);
            assert!(signed.to_bytes().ends_with(&message), "{file}");
            assert_eq!(signed.payload(), vector["input"]["plaintext"].as_str().expect("a text").as_bytes(), "{file}");
        }
    }
    assert_eq!((files.len(), verified, unsupported), (15, 12, 3));
    suite.report(format_args!("sign1: {verified} as the vectors say, {unsupported} told as unsupported"));
}

/// Amana reads codes whose payload goes another way: it is taken out of the vectors.
#[test]
fn mac0_of_the_working_group() {
    let Some(suite) = Suite::find("cose") else { return };
    let files = [("mac0-tests", ""), ("hmac-examples", "HMac-enc-")];
    let files: Vec<_> = files.iter().flat_map(|(folder, start)| suite.files(folder, start)).collect();
    let (mut verified, mut refused, mut unsupported) = (0, 0, 0);
    for file in &files {
        let vector = suite.json(file);
        let input = &vector["input"]["mac0"];
        let external = input["external"].as_str().map(from_hex).unwrap_or_default();
        let secret = input["recipients"][0]["key"]["k"].as_str().expect("a key");
        let secret = Base64UrlUnpadded::decode_vec(secret).expect("base64url");
        // Longer ones are for longer hashes, which no key verifies.
        let key = Secret::from_zeroizing(Zeroizing::new(secret[..32].try_into().expect("32 bytes")));
        let mut message = cbor::parse(&bytes(&vector["output"], "cbor")).expect(file);
        let parts = match &mut message {
            cbor::Value::Tag(_, inner) => &mut **inner,
            untagged => untagged,
        };
        let cbor::Value::Array(parts) = parts else { panic!("{file}: no array") };
        let payload = std::mem::replace(&mut parts[2], cbor::Value::NULL);
        let code = Mac0::from_value(message);
        // The algorithm must stand where it is covered, as with signatures; and be the one there is.
        let is_covered = input["protected"]["alg"] == "HS256" && vector["input"]["failures"]["ChangeAttr"].is_null();
        let found = code.and_then(|code| code.verify(payload.as_bytes().expect("bytes"), &external, &key));
        let reason = found.as_ref().err().and_then(|error| error.reason());
        match (vector["fail"].as_bool() == Some(true), is_covered) {
            (false, true) => verified += usize::from(found.is_ok()),
            (true, true) => refused += usize::from(matches!(reason, Some("signature-invalid" | "mac0-shape"))),
            (_, false) => unsupported += usize::from(reason == Some("algorithm-unsupported")),
        }
    }
    assert_eq!((files.len(), verified, refused, unsupported), (15, 2, 5, 8));
    suite.report(format_args!("mac0: {verified} hold, {refused} refused, {unsupported} told as unsupported"));
}

#[test]
fn sign1_of_gluecose() {
    let Some(suite) = Suite::find("cose") else { return };
    let (mut verified, mut unsupported) = (0, 0);
    for file in suite.files("gluecose", "sign1-") {
        let vector = suite.json(&file);
        // The output of a signing vector is a signature to verify, too.
        let (part, message, should_verify) = match &vector["sign1::verify"] {
            Value::Null => (&vector["sign1::sign"], "expectedOutput", true),
            part => (part, "taggedCOSESign1", part["shouldVerify"].as_bool().expect("a truth value")),
        };
        let external = part["external"].as_str().map(from_hex).unwrap_or_default();
        let message = bytes(&part[message], "cborHex");
        let alg = vector["alg"].as_str().expect("an algorithm");
        let counted = if check(&file, &message, &vector["key"], &external, alg, should_verify) {
            &mut verified
        } else {
            &mut unsupported
        };
        *counted += 1;
        // None of them fails as it stands, so each is made to: one bit of the signature, and another AAD.
        if VERIFIED.contains(&alg) {
            let mut altered = message.clone();
            *altered.last_mut().expect("a signature") ^= 1;
            check(&file, &altered, &vector["key"], &external, alg, false);
            check(&file, &message, &vector["key"], &[&external[..], &[0]].concat(), alg, false);
        }
    }
    assert_eq!((verified, unsupported), (6, 8));
    suite.report(format_args!("gluecose: {verified} as the vectors say, {unsupported} told as unsupported"));
}

/// RFC 8392 appendix A.3: a signed CWT.
#[test]
fn the_signed_cwt_of_rfc_8392() {
    let Some(suite) = Suite::find("cose") else { return };
    let vector = suite.json("CWT/A_3.json");
    let message = bytes(&vector["output"], "cbor");
    // The example wraps its COSE_Sign1 into the CWT tag or not; the core reads what stands inside.
    let inner = match cbor::parse(&message).expect("CBOR") {
        cbor::Value::Tag(61, inner) => *inner,
        other => other,
    };
    let signed = Sign1::from_value(inner).expect("a COSE_Sign1");
    let key = key(&vector["input"]["sign0"]["key"]).expect("a key");
    assert_eq!(signed.verify(&[], &key), Ok(()));
    let claims = cbor::parse(signed.payload()).expect("claims");
    assert_eq!(claims.get(1_i64).and_then(cbor::Value::as_text), Some("coap://as.example.com"));
    assert_eq!(claims.get(4_i64).and_then(cbor::Value::as_int), Some(1_444_064_944));
    suite.report("the signed CWT of RFC 8392");
}

/// COSE_Encrypt0 of the working group: the algorithms Amana opens open, those that must fail do, the others are told.
#[test]
fn encrypt0_of_the_working_group() {
    let Some(suite) = Suite::find("cose") else { return };
    let folders = [
        ("aes-gcm-examples", "aes-gcm-enc-"),
        ("chacha-poly-examples", "chacha-poly-enc-"),
        ("aes-ccm-examples", "aes-ccm-enc-"),
        ("encrypted-tests", "enc-"),
    ];
    let files: Vec<_> = folders.iter().flat_map(|(folder, start)| suite.files(folder, start)).collect();
    let (mut opened, mut refused, mut unsupported) = (0, 0, 0);
    for file in &files {
        let vector = suite.json(file);
        let input = &vector["input"]["encrypted"];
        let external = input["external"].as_str().map(from_hex).unwrap_or_default();
        let secret = Base64UrlUnpadded::decode_vec(input["recipients"][0]["key"]["k"].as_str().expect("a key"));
        let key = SymmetricKey::new(Zeroizing::new(secret.expect("base64url")), None, None).expect("a key");
        let message = bytes(&vector["output"], "cbor");
        let found = Encrypt0::parse(&message).and_then(|sealed| sealed.open(&external, &[key]));
        let alg = input["protected"]["alg"].as_str().unwrap_or_default();
        match found {
            Ok(Some(plaintext)) => {
                assert_eq!(vector["fail"].as_bool(), None, "{file}");
                assert_eq!(*plaintext, vector["input"]["plaintext"].as_str().expect("a text").as_bytes(), "{file}");
                opened += 1;
            }
            Err(Error::Untrusted { reason: "algorithm-unsupported" }) if alg.starts_with("AES-CCM") => unsupported += 1,
            other => {
                // Valid COSE, and refused all the same: its algorithm stands where anybody can change it.
                let is_unsigned = input["unprotected"]["alg"].is_string();
                assert!(vector["fail"].as_bool() == Some(true) || is_unsigned, "{file}: {other:?}");
                refused += 1;
            }
        }
    }
    suite.report(format_args!("encrypt0: {opened} open, {refused} refused, {unsupported} told as unsupported"));
    assert_eq!((files.len(), opened, refused, unsupported), (22, 5, 9, 8));
}
