//! `amana inspect`: each format, each answer, and the order of exit codes.

use crate::world::{ISSUER, World};
use serde_json::{Value, json};

/// A world with one of everything that can be inspected.
fn world() -> World {
    let world = World::with_card();
    let issue = ["issuer", "issue", "--key", "desk.jwk", "--issuer", ISSUER, "--draft", "card.json", "--enrolment"];
    world.run(&[&issue[..], &["enrolment.png", "--plain", "--out", "card.sdcwt"]].concat()).code(0);
    world.request().code(0);
    world.wallet(&["present", "request.png", "--yes", "--out", "answer.png"]).code(0);
    world
}

fn parts(report: &Value) -> (&Value, &Value, &Value, &Value) {
    (&report["format"], &report["signature"], &report["holder_proof"], &report["errors"])
}

const TRUST: [&str; 4] = ["--trust", "trust.txt", "--anchor", "anchor.pub.jwk"];

#[test]
fn each_format_says_what_can_be_told() {
    let world = world();
    for (input, format, signature, proof, code) in [
        ("card.sdcwt", "sd-cwt", "valid", "absent", 0),
        ("offer.png", "offer", "valid", "absent", 0),
        ("enrolment.png", "enrolment", "valid", "valid", 0),
        ("card.png", "delivery", "absent", "unchecked", 3),
        ("request.png", "request", "valid", "absent", 0),
        ("answer.png", "response", "absent", "unchecked", 3),
        ("trust.txt", "bundle", "no-key", "absent", 3),
        ("point.reg", "registration", "valid", "absent", 0),
    ] {
        let done = world.run(&[&["inspect", "--json", input], &TRUST[..]].concat()).code(code);
        let report = done.json();
        assert_eq!(parts(&report), (&json!(format), &json!(signature), &json!(proof), &json!([])), "{input}");
        assert_eq!(report["claims"].is_null(), code == 3 && format != "bundle", "{input}");
        assert_eq!(report.as_object().unwrap().len(), 5);
    }
    let card = world.run(&["inspect", "--json", "card.sdcwt"]).code(3).json();
    assert_eq!(card["signature"], "no-key");
    let claims = &card["claims"];
    assert_eq!((&claims["iss"], &claims["vct"]), (&json!(ISSUER), &json!("ration-card")));
    assert_eq!(claims["person"]["birth_date"], "1984-02-29");
    let told = world.run(&["inspect", "card.sdcwt", "--key", "desk.pub.jwk"]).code(0).out;
    assert!(told.contains("sd-cwt") && told.contains("person.birth_date"), "{told}");
}

#[test]
fn a_key_with_a_name_is_tried_under_that_name_only() {
    let world = world();
    let signature = |key: &str| {
        world.run(&["inspect", "--json", "card.sdcwt", "--key", key]).json()["signature"].as_str().unwrap().to_owned()
    };
    let named = |file: &str, key: &str, kid: &str| {
        let text = String::from_utf8(world.read(key))
            .unwrap()
            .replace(&format!("\"{}\"", key.split('.').next().unwrap()), &format!("\"{kid}\""));
        world.write(file, text);
    };
    named("other-name.jwk", "desk.pub.jwk", "desk-2");
    named("other-key.jwk", "point.pub.jwk", "desk");
    world.run(&["issuer", "pubkey", "--key", "desk.jwk", "--format", "pem", "--out", "desk.pem"]).code(0);
    world.run(&["issuer", "pubkey", "--key", "point.jwk", "--format", "pem", "--out", "point.pem"]).code(0);
    world.run(&["issuer", "pubkey", "--key", "desk.jwk", "--format", "cose", "--out", "desk.cose"]).code(0);
    assert_eq!(signature("desk.pub.jwk"), "valid");
    assert_eq!(signature("desk.cose"), "valid");
    assert_eq!(signature("desk.pem"), "valid");
    assert_eq!(signature("other-name.jwk"), "no-key");
    assert_eq!(signature("other-key.jwk"), "invalid");
    assert_eq!(signature("point.pem"), "invalid");
}

#[test]
fn dates_are_judged_at_the_moment_that_is_given() {
    let world = world();
    for (at, errors, code) in [
        ("2025-12-31T23:59:59Z", json!(["not-yet-valid"]), 1),
        ("2026-01-01T00:00:00Z", json!([]), 0),
        ("2145916799", json!([]), 0),
        ("2145916800", json!(["expired"]), 1),
    ] {
        let args = ["inspect", "--json", "card.sdcwt", "--key", "desk.pub.jwk", "--at", at];
        assert_eq!(world.run(&args).code(code).json()["errors"], errors, "{at}");
    }
}

#[test]
fn several_inputs_give_a_line_each_and_the_worst_exit_code() {
    let world = world();
    let mut altered = world.read("card.sdcwt");
    let last = altered.len() - 1;
    altered[last] ^= 1;
    world.write("altered.sdcwt", &altered);
    world.write("torn.sdcwt", &altered[..last - 10]);
    world.write("torn.png", &world.read("request.png")[..200]);
    let inspect = |inputs: &[&str], code: i32| {
        world.run(&[&["inspect", "--json", "--key", "desk.pub.jwk"], inputs].concat()).code(code).lines()
    };
    inspect(&["card.sdcwt", "card.sdcwt"], 0);
    inspect(&["card.sdcwt", "answer.png"], 3);
    inspect(&["answer.png", "altered.sdcwt", "card.sdcwt"], 1);
    let reports = inspect(&["torn.sdcwt", "altered.sdcwt", "answer.png", "torn.png", "--text", "hello"], 2);
    let told: Vec<_> = reports.iter().map(parts).collect();
    let nothing = json!(null);
    let absent = json!("absent");
    assert_eq!(told[0], (&nothing, &absent, &absent, &json!(["damaged", "cbor-truncated"])));
    let invalid = json!(["untrusted", "signature-invalid"]);
    assert_eq!(told[1], (&json!("sd-cwt"), &json!("invalid"), &absent, &invalid));
    assert_eq!(told[3], (&nothing, &absent, &absent, &json!(["image", "damaged"])));
    assert_eq!(told[4], (&nothing, &absent, &absent, &json!(["foreign"])));
    assert_eq!(inspect(&["missing", "card.sdcwt"], 66)[0]["errors"], json!(["file", "missing"]));
}

#[test]
fn a_request_says_who_stands_behind_it() {
    let world = world();
    let standing = |args: &[&str]| {
        let report = world.run(&[&["inspect", "--json", "request.png"], args].concat()).code(0).json();
        assert_eq!(report["claims"]["ask"][3], json!({"claim": "person.birth_date", "kept": true}));
        report["claims"]["registration"]["standing"].as_str().unwrap().to_owned()
    };
    assert_eq!(standing(&[]), "unchecked");
    assert_eq!(standing(&TRUST), "registered");
    assert_eq!(standing(&[&TRUST[..], &["--at", "2040-01-01T00:00:00Z"]].concat()), "lapsed");
}

/// The draft's own examples, where they are at hand: signed by others' code with ES384 and ES256.
#[test]
fn others_tokens_are_read() {
    let Some(vectors) = std::env::var_os("AMANA_VECTORS") else {
        eprintln!("skipped: AMANA_VECTORS is not set");
        return;
    };
    let examples = std::path::Path::new(&vectors).join("sd-cwt/examples");
    let world = World::empty();
    for (name, format, proof) in
        [("issuer_cwt", "sd-cwt", "absent"), ("kbt", "sd-kbt", "valid"), ("nested_kbt", "sd-kbt", "valid")]
    {
        let file = examples.join(name).with_extension("cbor");
        let args = ["inspect", "--json", "--at", "2024-09-02T12:00:00Z", file.to_str().unwrap()];
        let report = world.run(&args).code(3).json();
        assert_eq!(parts(&report), (&json!(format), &json!("no-key"), &json!(proof), &json!([])), "{name}");
        assert_eq!(report["claims"]["iss"], "https://issuer.example");
    }
}

/// The examples of RFC 9901, where they are at hand: looked into, and judged as cards shown in clear.
#[test]
fn others_sd_jwts_are_read_and_judged() {
    let Some(vectors) = std::env::var_os("AMANA_VECTORS") else {
        eprintln!("skipped: AMANA_VECTORS is not set");
        return;
    };
    let file = std::path::Path::new(&vectors).join("sd-jwt/rfc9901-draft22-examples.json");
    let vectors: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    let world = World::empty();
    let mut key = vectors["issuer_jwk"].clone();
    key["kty"] = "EC".into();
    key["crv"] = "P-256".into();
    world.write("issuer.jwk", key.to_string());
    for vector in vectors["vectors"].as_array().unwrap() {
        let (format, proof) = match vector["kind"].as_str().unwrap() {
            "SD-JWT" => ("sd-jwt", "absent"),
            "SD-JWT+KB" => ("sd-jwt-kb", "valid"),
            _ => continue,
        };
        let token = vector["compact"].as_str().unwrap();
        let at = ["--at", "2025-06-01T12:00:00Z"];
        let inspect = |more: &[&str], code| {
            world.run(&[&["inspect", "--json", "--text", token], &at[..], more].concat()).code(code).json()
        };
        let report = inspect(&["--key", "issuer.jwk"], 0);
        assert_eq!(parts(&report), (&json!(format), &json!("valid"), &json!(proof), &json!([])), "{vector}");
        assert_eq!(inspect(&[], 3)["signature"], "no-key");
        let verify = |more: &[&str], code| {
            let args = ["verifier", "verify", "--json", "--text", token];
            world.run(&[&args[..], &at, more].concat()).code(code).json()
        };
        let judged = verify(&["--key", "issuer.jwk"], 0);
        assert_eq!((&judged["holder"]["is"], &judged["authenticity"]["is"]), (&json!("bearer"), &json!("genuine")));
        assert_eq!(judged["decision"]["reasons"], json!(["bearer"]));
        assert_eq!(verify(&[], 3)["authenticity"]["why"], "unknown-issuer");
        assert_eq!(verify(&["--key", "issuer.jwk", "--policy", "strict"], 1)["decision"]["is"], "refuse");
        let torn = token.replacen('.', ".e", 1);
        let report = world.run(&["inspect", "--json", "--text", &torn]).code(2).json();
        assert_eq!(report["signature"], "absent");
    }
}

#[test]
fn a_picture_of_a_code_gives_its_text() {
    let world = world();
    let text = String::from_utf8(world.read("request.png")).ok();
    assert!(text.is_none(), "a picture is no text");
    let scanned = world.run(&["scan", "request.png"]).code(0).out;
    assert!(scanned.starts_with("AM1Q:"), "{scanned}");
    assert_eq!(world.run(&["scan", "request.png", "--json"]).code(0).json()["text"], scanned.trim_end());
    world.write("torn.png", &world.read("request.png")[..200]);
    world.run(&["scan", "torn.png"]).code(2);
    world.run(&["scan", "not-there.png"]).code(66);
}
