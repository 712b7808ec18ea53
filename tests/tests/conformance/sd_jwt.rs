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

/// The RFC's text itself, whose examples stand in blocks of JSON.
struct Text(Vec<String>);

impl Text {
    /// The block after the line that says so, counted from `line`.
    fn block(&self, line: usize, after: &str) -> Value {
        let from = line + self.0[line..].iter().position(|line| line.contains(after)).expect(after);
        let start = from + self.0[from..].iter().position(|line| line == "   {").expect("a block");
        let end = start + self.0[start..].iter().position(|line| line == "   }").expect("its end");
        // Texts that are too long for a line go on in the next.
        let block: String = self.0[start..=end].iter().map(|line| line.trim_start()).collect();
        serde_json::from_str(&block).unwrap_or_else(|error| panic!("line {start}: {error}"))
    }

    fn last(&self, before: usize, what: &str) -> usize {
        self.0[..before].iter().rposition(|line| line.contains(what)).expect(what)
    }
}

/// What an example says once everything is back in its place: for what a holder chose the Processed SD-JWT Payload that the
/// RFC prints, for what an issuer made the claims that it began with.
#[test]
fn every_processed_payload_is_the_one_that_the_rfc_prints() {
    let Some((suite, vectors, _)) = vectors() else { return };
    let text = Text(suite.text("draft-22.txt").lines().map(str::to_owned).collect());
    let mut compared = 0;
    for vector in list(&vectors["vectors"]).iter().filter(|vector| vector["kind"] != "JWT") {
        let (compact, line) = (vector["compact"].as_str().unwrap(), vector["line"].as_u64().unwrap() as usize);
        let shown = SdJwtKb::parse(compact.as_bytes()).unwrap();
        let mut said = Value::Object(to_json(shown.card().all_claims()));
        let is_issued = ["5.1 Issuance", "A.3 SD", "A.4 W3C"];
        let section = vector["section"].as_str().unwrap();
        if vector["kind"] == "SD-JWT" && is_issued.iter().any(|start| section.starts_with(start)) {
            let mut input = text.block(text.last(line, "input JWT Claims Set"), "input JWT Claims Set");
            for registered in ["iss", "iat", "exp", "cnf"] {
                for claims in [&mut said, &mut input] {
                    claims.as_object_mut().unwrap().remove(registered);
                }
            }
            assert_eq!(said, input, "{section}, line {line}");
        } else {
            let printed = if section.starts_with("A.4") { "Payload available" } else { "Processed SD-" };
            assert_eq!(said, text.block(line, printed), "{section}, line {line}");
        }
        compared += 1;
    }
    suite.report(format_args!("{compared} processed payloads"));
    assert_eq!(compared, 8);
}

/// The examples of section 8 as they stand there. Of the two signatures of the last, the first counts.
#[test]
fn the_examples_in_json_hold() {
    let Some((suite, _, issuer)) = vectors() else { return };
    let text = Text(suite.text("draft-22.txt").lines().map(str::to_owned).collect());
    let section = |title: &str| text.last(text.0.len(), title);
    let flattened = section("8.2.  Flattened JSON Serialization");
    let issued = text.block(flattened, "as issued");
    let shown = text.block(flattened, "SD-JWT+KB with two");
    let general = text.block(section("8.3.  General JSON Serialization"), "General");
    let card = SdJwt::parse(issued.to_string().as_bytes()).unwrap();
    assert_eq!(card.verify_issuer(&issuer), Ok(()));
    assert_eq!(card.shown_by_all().unwrap().len(), 3);
    assert_eq!(card.all_claims().value(&"sub".into()), Some(&CardValue::Text("john_doe_42".to_owned())));
    for shown in [shown, general.clone()] {
        let shown = SdJwtKb::parse(shown.to_string().as_bytes()).unwrap();
        assert_eq!(shown.card().verify_issuer(&issuer), Ok(()));
        assert_eq!(shown.verify_key_binding("https://verifier.example.org", "1234567890"), Ok(()));
        let names: Vec<_> = shown.card().claims().iter().map(|(name, _)| name.to_string()).collect();
        assert_eq!(names, ["family_name", "given_name"]);
        // Its compact form is the same presentation.
        assert_eq!(SdJwtKb::parse(&shown.to_bytes()).unwrap().verify_signature(), Ok(()));
    }

    let refused = |change: &dyn Fn(&mut Value)| {
        let mut changed = general.clone();
        change(&mut changed);
        SdJwtKb::parse(changed.to_string().as_bytes()).map_err(|error| error.reason()).err()
    };
    let wrong = Some(Some("sd-jwt-json"));
    assert_eq!(refused(&|_| {}), None);
    assert_eq!(refused(&|json| json["signatures"][1]["header"]["disclosures"] = json!([])), wrong);
    assert_eq!(refused(&|json| json["signatures"][1]["header"]["kb_jwt"] = json!("x")), wrong);
    assert_eq!(refused(&|json| json["signatures"][0] = json!("x")), wrong);
    // Without any signature it does not say that it is one.
    assert_eq!(refused(&|json| json["signatures"] = json!([])), Some(None));
    assert_eq!(refused(&|json| json["signature"] = json!("x")), wrong);
    assert_eq!(refused(&|json| json["payload"] = json!(7)), wrong);
    assert_eq!(refused(&|json| json["signatures"][0]["header"] = json!([])), wrong);
    assert_eq!(refused(&|json| json["signatures"][0]["header"]["disclosures"][0] = json!(7)), wrong);
    assert_eq!(refused(&|json| json["signatures"][0]["header"]["crit"] = json!(["b64"])), Some(Some("jws-crit")));
    // Unsigned headers name nobody.
    assert_eq!(general["signatures"][0]["header"]["kid"], "issuer-key-1");
    assert_eq!(SdJwtKb::parse(general.to_string().as_bytes()).unwrap().card().kid(), None);
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
        for json in [flattened, general] {
            let shown = SdJwtKb::parse(json.to_string().as_bytes()).unwrap();
            assert_eq!(shown.to_bytes(), compact.as_bytes());
            assert_eq!(shown.card().verify_issuer(&issuer), Ok(()));
        }
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

/// Key sets are nobody's business here: each key by itself. Whatever is taken must be valid; what is valid and not taken is
/// by algorithms that Amana does not have.
#[test]
fn wycheproof_json_web_keys() {
    let Some(suite) = Suite::find("wycheproof") else { return };
    let vectors = suite.json("json_web_key_test.json");
    let (mut ours, mut others) = (0, 0);
    for group in list(&vectors["testGroups"]) {
        let keys = if group["public"].is_null() { &group["private"] } else { &group["public"] };
        for test in list(&group["tests"]) {
            let text = test["jws"].as_str().expect("a JWS");
            for key in list(&keys["keys"]) {
                let taken = jwk::from_value(key).and_then(|key| Jws::parse(text)?.verify(&key)).is_ok();
                assert!(!taken, "{test}: none of these is by a key that should be taken");
                *if key["crv"].is_null() { &mut others } else { &mut ours } += 1;
            }
        }
    }
    suite.report(format_args!("JWK: {ours} refused as they should be, {others} by keys that Amana has no use for"));
    assert_eq!(ours, 7);
}
