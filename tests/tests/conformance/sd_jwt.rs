//! The examples of RFC 9901, and Wycheproof's JSON Web Signatures.

use crate::Suite;
use amana_core::credential::sd_jwt::{SdJwt, SdJwtKb};
use amana_core::credential::{ClaimPath, Credential, Presentation as _, Value as CardValue, to_json};
use amana_core::crypto::PublicKey;
use amana_core::error::Error;
use amana_core::jose::{Jws, jwk};
use serde_json::{Value, json};

fn vectors() -> Option<(Suite, Value, PublicKey)> {
    let suite = Suite::find("sd-jwt")?;
    let vectors = suite.json("rfc9901-draft22-examples.json");
    let mut jwk = vectors["issuer_jwk"].clone();
    jwk["kty"] = "EC".into();
    jwk["crv"] = "P-256".into();
    let issuer = jwk::from_value(&jwk).expect("the issuer's key");
    Some((suite, vectors, issuer))
}

fn list(value: &Value) -> &Vec<Value> {
    value.as_array().expect("a list")
}

/// The salts' neighbours: what the vectors say is disclosed.
fn disclosed(vector: &Value) -> Vec<Value> {
    list(&vector["disclosures"]).iter().map(|one| list(one).last().expect("a value").clone()).collect()
}

#[test]
fn every_example_holds() {
    let Some((suite, vectors, issuer)) = vectors() else { return };
    let mut held = 0;
    for vector in list(&vectors["vectors"]) {
        let (section, compact) = (&vector["section"], vector["compact"].as_str().expect("a text"));
        match vector["kind"].as_str().expect("a kind") {
            "JWT" => {
                assert_eq!(SdJwt::parse(compact.as_bytes()).err(), Some(Error::Foreign), "{section}");
                assert_eq!(Jws::parse(compact).unwrap().verify(&issuer), Ok(()), "{section}");
            }
            "SD-JWT" => {
                let card = SdJwt::parse(compact.as_bytes()).unwrap();
                assert_eq!(card.verify_issuer(&issuer), Ok(()), "{section}");
                assert_eq!(card.to_text(), compact, "{section}");
                let said = Value::Object(to_json(card.all_claims())).to_string();
                for value in disclosed(vector).iter().filter_map(Value::as_str) {
                    assert!(said.contains(value), "{section}: {value}");
                }
                assert!(!said.contains("_sd") && !said.contains("\"...\""), "{section}: {said}");
            }
            "SD-JWT+KB" => {
                let shown = SdJwtKb::parse(compact.as_bytes()).unwrap();
                assert_eq!(shown.card().verify_issuer(&issuer), Ok(()), "{section}");
                assert_eq!(shown.verify_signature(), Ok(()), "{section}");
                let said = &vector["kb_payload"];
                let (audience, nonce) = (said["aud"].as_str().unwrap(), said["nonce"].as_str().unwrap());
                assert_eq!(shown.verify_key_binding(audience, nonce), Ok(()), "{section}");
                let untrusted = |reason| Err(Error::Untrusted { reason });
                assert_eq!(shown.verify_key_binding("https://other.example", nonce), untrusted("audience"));
                assert_eq!(shown.verify_key_binding(audience, "another"), untrusted("challenge"));
                assert_eq!(shown.to_bytes(), compact.as_bytes(), "{section}");
                assert_eq!(SdJwt::parse(compact.as_bytes()).unwrap_err().reason(), Some("sd-jwt-key-binding"));
                // One disclosure less, and the proof is another's.
                let (first, rest) = compact.split_once('~').unwrap();
                let (_, rest) = rest.split_once('~').unwrap();
                let fewer = SdJwtKb::parse(format!("{first}~{rest}").as_bytes());
                assert!(fewer.is_err() || fewer.unwrap().verify_signature() == untrusted("sd-hash"), "{section}");
            }
            other => panic!("{other}"),
        }
        held += 1;
    }
    suite.report(format_args!("{held} of 9 examples of RFC 9901"));
    assert_eq!(held, 9);
}

/// Section 5.2: what the verifier is left with.
#[test]
fn the_processed_payload_is_the_one_of_section_5_2() {
    let Some((_, vectors, _)) = vectors() else { return };
    let shown = &list(&vectors["vectors"])[2];
    let shown = SdJwtKb::parse(shown["compact"].as_str().unwrap().as_bytes()).unwrap();
    let mut said = Value::Object(to_json(shown.card().all_claims()));
    said.as_object_mut().unwrap().remove("cnf").expect("a key");
    let expected = json!({
        "iss": "https://issuer.example.com", "iat": 1_683_000_000, "exp": 1_883_000_000, "sub": "user_42",
        "nationalities": ["US"], "family_name": "Doe", "given_name": "John",
        "address": {"street_address": "123 Main St", "locality": "Anytown", "region": "Anystate", "country": "US"},
    });
    assert_eq!(said, expected);
}

/// Section 8: the same card as JSON.
#[test]
fn the_json_serialisation_is_the_same_card() {
    let Some((_, vectors, issuer)) = vectors() else { return };
    for vector in list(&vectors["vectors"]).iter().filter(|vector| vector["kind"] != "JWT") {
        let compact = vector["compact"].as_str().unwrap();
        let (jwt, rest) = compact.split_once('~').unwrap();
        let (disclosures, proof) = rest.rsplit_once('~').unwrap();
        let [protected, payload, signature] = jwt.split('.').collect::<Vec<_>>()[..] else { panic!("a JWT") };
        let mut header = json!({"disclosures": disclosures.split('~').collect::<Vec<_>>()});
        if !proof.is_empty() {
            header["kb_jwt"] = proof.into();
        }
        let one = json!({"protected": protected, "signature": signature, "header": header});
        let mut flattened = one.clone();
        flattened["payload"] = payload.into();
        let general = json!({"payload": payload, "signatures": [one]});
        let twice = json!({"payload": payload, "signatures": [one, one]});
        for json in [flattened, general] {
            let shown = SdJwtKb::parse(json.to_string().as_bytes()).unwrap();
            assert_eq!(shown.to_bytes(), compact.as_bytes());
            assert_eq!(shown.card().verify_issuer(&issuer), Ok(()));
        }
        assert_eq!(SdJwtKb::parse(twice.to_string().as_bytes()).unwrap_err().reason(), Some("sd-jwt-json"));
    }
}

/// Each claim of an example can be chosen alone, with what it stands in.
#[test]
fn every_claim_of_every_example_is_chosen_alone() {
    let Some((_, vectors, issuer)) = vectors() else { return };
    for vector in list(&vectors["vectors"]).iter().filter(|vector| vector["kind"] == "SD-JWT") {
        let card = SdJwt::parse(vector["compact"].as_str().unwrap().as_bytes()).unwrap();
        let open = card.shown_by(&[]).unwrap();
        for path in card.shown_by_all().unwrap() {
            let predicted = card.shown_by(std::slice::from_ref(&path)).unwrap();
            let chosen = card.select(std::slice::from_ref(&path)).unwrap();
            assert_eq!(chosen.verify_issuer(&issuer), Ok(()));
            // A group of which nothing is shown stands there empty.
            let is_value = |path: &ClaimPath| !chosen.claims().at(path).is_some_and(is_empty);
            let shown: Vec<_> = chosen.shown_by_all().unwrap().into_iter().filter(is_value).collect();
            assert_eq!(shown.len(), predicted.len(), "{path}");
            assert!(open.iter().all(|open| predicted.contains(open)));
            assert!(predicted.contains(&path), "{path}");
            // An element of a list has moved to the front: its value is there all the same.
            let said = |card: &dyn Credential, path: &ClaimPath| card.claims().at(path).cloned();
            let value = said(&card, &path);
            assert!(shown.iter().any(|shown| said(&*chosen, shown) == value), "{path}");
        }
    }
}

fn is_empty(value: &CardValue) -> bool {
    match value {
        CardValue::Map(claims) => claims.is_empty(),
        CardValue::List(items) => items.is_empty(),
        _ => false,
    }
}

#[test]
fn wycheproof_json_web_signatures() {
    let Some(suite) = Suite::find("wycheproof") else { return };
    let (mut checked, mut others) = (0, 0);
    for file in ["json_web_signature_test.json", "json_web_crypto_test.json"] {
        let vectors = suite.json(file);
        for group in list(&vectors["testGroups"]) {
            let is_ours = group["public"]["kty"] == "EC" && group["public"]["crv"] == "P-256";
            for test in list(&group["tests"]) {
                let Some(text) = test["jws"].as_str().filter(|_| is_ours) else {
                    others += 1;
                    continue;
                };
                let key = jwk::from_value(&group["public"]);
                let taken = key.and_then(|key| Jws::parse(text)?.verify(&key)).is_ok();
                assert_eq!(taken, test["result"] == "valid", "{file}: {test}");
                checked += 1;
            }
        }
    }
    suite.report(format_args!("JWS: {checked} as they say, {others} by keys that Amana has no use for"));
    assert_eq!(checked, 56);
}
