//! `amana inspect` and `amana verifier verify` on what others issued, where the vectors are at hand.

use crate::world::World;
use base64ct::{Base64, Base64UrlUnpadded, Encoding as _};
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};

fn vectors() -> Option<PathBuf> {
    let vectors = std::env::var_os("AMANA_VECTORS");
    if vectors.is_none() {
        eprintln!("skipped: AMANA_VECTORS is not set");
    }
    vectors.map(PathBuf::from)
}

fn pictures(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if entry.is_dir() {
            found.extend(pictures(&entry));
        } else if entry.extension().is_some_and(|ending| ending == "png") {
            found.push(entry);
        }
    }
    found.sort();
    found
}

/// All of them are read from their pictures; nobody here has their signers' keys.
#[test]
fn every_picture_of_a_health_certificate_is_read() {
    let Some(vectors) = vectors() else { return };
    let pictures = pictures(&vectors.join("eu-dcc-qa"));
    assert_eq!(pictures.len(), 52);
    let world = World::empty();
    let names: Vec<_> = pictures.iter().map(|picture| picture.to_str().unwrap()).collect();
    let args = ["inspect", "--json", "--at", "2021-08-01T12:00:00Z"];
    let reports = world.run(&[&args[..], &names].concat());
    let mut signatures = std::collections::BTreeMap::new();
    for (name, report) in names.iter().zip(reports.lines()) {
        assert_eq!(report["format"], "health-certificate", "{name}: {report}");
        assert!(report["claims"]["-260"]["1"]["nam"].is_object(), "{name}: {report}");
        *signatures.entry(report["signature"].as_str().unwrap().to_owned()).or_insert(0) += 1;
    }
    let told: usize = signatures.values().sum();
    assert_eq!(told, 52);
    assert!(signatures.keys().all(|word| word == "no-key" || word == "unsupported"), "{signatures:?}");
    eprintln!("health certificates: {signatures:?}");
}

#[test]
fn a_key_of_another_name_is_not_tried_on_a_health_certificate() {
    let Some(vectors) = vectors() else { return };
    let world = World::empty();
    let picture = pictures(&vectors.join("eu-dcc-qa")).remove(0);
    world
        .run(&["issuer", "keygen", "--curve", "p256", "--kid", "other", "--out", "k.jwk", "--public", "k.pub.jwk"])
        .code(0);
    let certify = ["issuer", "certificate", "--key", "k.jwk", "--country", "TZ", "--name", "Root", "--contact"];
    let dates = ["https://id.example", "--from", "2020-01-01", "--until", "2036-01-01", "--out", "k.pem"];
    world.run(&[&certify[..], &dates].concat()).code(0);
    for key in ["k.pub.jwk", "k.pem"] {
        let args = ["inspect", "--json", "--at", "2021-08-01T12:00:00Z", "--key", key, picture.to_str().unwrap()];
        assert_eq!(world.run(&args).json()["signature"], "no-key", "{key}");
    }
}

/// ISO/IEC 18013-5 annex D, without and with the signer's own certificate, raw and in each text form.
#[test]
fn the_mdoc_of_annex_d_is_read_and_judged_in_every_dress() {
    let Some(vectors) = vectors() else { return };
    let constants: Value =
        serde_json::from_slice(&fs::read(vectors.join("mdoc-18013-5/annexD_vectors.json")).unwrap()).unwrap();
    let named = |part: &str| {
        let constants = constants.as_object().unwrap();
        let (_, value) = constants.iter().find(|(name, _)| name.to_ascii_uppercase().contains(part)).unwrap();
        value.as_str().unwrap().to_owned()
    };
    let world = World::empty();
    let hex = named("DEVICE_RESPONSE");
    let bytes: Vec<u8> =
        (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect();
    world.write("response.cbor", &bytes);
    world.write("response.hex", &hex);
    let certificate = named("DS_CERT");
    let der: Vec<u8> =
        (0..certificate.len()).step_by(2).map(|at| u8::from_str_radix(&certificate[at..at + 2], 16).unwrap()).collect();
    world.write("signer.der", der);
    world.write("response.b64", Base64::encode_string(&bytes));
    world.write("response.b64url", Base64UrlUnpadded::encode_string(&bytes));
    let at = ["--at", "2021-06-01T12:00:00Z"];
    for file in ["response.cbor", "response.hex", "response.b64", "response.b64url"] {
        let report = world.run(&[&["inspect", "--json", file], &at[..]].concat()).code(3).json();
        assert_eq!((&report["format"], &report["signature"]), (&json!("mdoc-response"), &json!("no-key")), "{report}");
        assert_eq!(report["claims"]["org.iso.18013.5.1"]["family_name"], "Doe", "{report}");
        let signer = ["--key", "signer.der"];
        let report = world.run(&[&["inspect", "--json", file], &at[..], &signer].concat()).json();
        assert_eq!(report["signature"], "valid", "{report}");
        let verdict = world.run(&[&["verifier", "verify", "--json", file], &at[..], &signer].concat()).json();
        assert_eq!((&verdict["authenticity"]["is"], &verdict["holder"]["is"]), (&json!("genuine"), &json!("bearer")));
    }
}
