//! The command line itself: usage, help, files, keys.

use crate::world::{World, mode};
use serde_json::json;

#[test]
fn a_wrong_command_line_is_64_and_help_is_0() {
    let world = World::empty();
    for wrong in [
        &[][..],
        &["nonsense"],
        &["wallet", "--nonsense"],
        &["wallet", "present"],
        &["inspect"],
        &["verifier", "request", "--claim", "a..b"],
        &["inspect", "--at", "yesterday", "--text", "x"],
        &["wallet", "init"],
    ] {
        world.run(wrong).code(64);
    }
    assert!(world.run(&["--version"]).code(0).out.starts_with("amana "));
}

#[test]
fn every_command_has_help_with_an_example() {
    let world = World::empty();
    let mut commands = vec![Vec::<String>::new()];
    let mut seen = 0;
    while let Some(command) = commands.pop() {
        let args: Vec<_> = command.iter().map(String::as_str).chain(["--help"]).collect();
        let help = world.run(&args).code(0).out;
        assert!(help.contains("--json"), "{args:?}\n{help}");
        assert!(command.is_empty() || help.contains("Example"), "{args:?}\n{help}");
        assert!(command.is_empty() || help.contains(&format!("amana {}", command[0])), "{args:?}\n{help}");
        let listed = help.split_once("Commands:\n").map(|(_, rest)| rest.split_once("\n\n").unwrap().0);
        for name in listed.unwrap_or_default().lines().filter_map(|line| line.split_whitespace().next()) {
            if name != "help" {
                commands.push(command.iter().cloned().chain([name.to_owned()]).collect());
            }
        }
        seen += 1;
    }
    assert!(seen > 20, "{seen}");
}

#[test]
fn keys_go_from_and_to_every_form() {
    let world = World::empty();
    world.run(&["issuer", "keygen", "--kid", "desk", "--out", "desk.jwk", "--public", "desk.pub.jwk"]).code(0);
    assert_eq!(mode(&world.path("desk.jwk")), 0o600);
    world.run(&["issuer", "keygen", "--out", "desk.jwk"]).code(66);
    let thumbprint = |file: &str| {
        let key = world.run(&["issuer", "pubkey", "--key", file, "--json"]).code(0).json();
        assert!(key["public"].get("d").is_none());
        key["thumbprint"].as_str().unwrap().to_owned()
    };
    let expected = thumbprint("desk.jwk");
    for (format, file) in [("jwk", "a.jwk"), ("pem", "a.pem"), ("cose", "a.cose")] {
        world.run(&["issuer", "pubkey", "--key", "desk.pub.jwk", "--format", format, "--out", file]).code(0);
        assert_eq!(thumbprint(file), expected);
    }
    world.run(&["issuer", "keygen", "--format", "cose", "--out", "c.cose", "--public", "c.pub"]).code(0);
    assert_eq!(thumbprint("c.cose"), thumbprint("c.pub"));
    world.run(&["issuer", "keygen", "--format", "cose"]).code(64);
    let made = world.run(&["verifier", "keygen", "--json"]).code(0).json();
    assert!(made["private"]["d"].is_string() && made["public"].get("d").is_none());
    world.write("torn.jwk", "{\"kty\":");
    world.run(&["issuer", "pubkey", "--key", "torn.jwk"]).code(2);
    // A key that cannot sign.
    let offer = ["issuer", "offer", "--key", "desk.pub.jwk", "--issuer", "x", "--type", "y"];
    world.run(&offer).code(64);
}

#[test]
fn the_demos_keys_are_refused() {
    let world = World::new();
    let key = String::from_utf8(world.read("desk.jwk")).unwrap();
    world.write("demo.jwk", key.replace("\"desk\"", "\"DEMO-desk\""));
    let refused = |args: &[&str]| {
        let done = world.run(&[args, &["--json"]].concat()).code(1).json();
        assert_eq!((&done["error"], &done["reason"]), (&json!("untrusted"), &json!("demo-key")), "{args:?}");
    };
    refused(&["issuer", "keygen", "--kid", "DEMO-1"]);
    refused(&["issuer", "pubkey", "--key", "demo.jwk"]);
    refused(&["issuer", "offer", "--key", "demo.jwk", "--issuer", "x", "--type", "y"]);
    refused(&["inspect", "--key", "demo.jwk", "--text", "AM1Q:"]);
    refused(&[
        "verifier",
        "request",
        "--key",
        "demo.jwk",
        "--trust",
        "trust.txt",
        "--anchor",
        "anchor.pub.jwk",
        "--purpose",
        "p",
        "--claim",
        "c",
        "--session",
        "s",
    ]);
    let bundle = String::from_utf8(world.read("bundle.json")).unwrap().replace("desk.pub.jwk", "demo.jwk");
    world.write("bundle.json", bundle);
    refused(&["issuer", "bundle", "--key", "anchor.jwk", "--spec", "bundle.json", "--out", "demo.txt"]);
}

#[test]
fn json_of_the_wrong_form_names_its_file() {
    let world = World::new();
    for (spec, reason) in [
        ("{", "json"),
        ("{\"sequence\": 1}", "json-field"),
        (r#"{"sequence": 1, "valid_from": "x", "valid_until": "2026-01-01"}"#, "json-date"),
        (r#"{"sequence": 1, "valid_from": "2026-01-02", "valid_until": "2026-01-01"}"#, "dates"),
        (r#"{"sequence": 1, "valid_form": "2026-01-01"}"#, "json-field"),
    ] {
        world.write("spec.json", spec);
        let bundle = ["issuer", "bundle", "--key", "anchor.jwk", "--spec", "spec.json", "--out", "x", "--json"];
        let done = world.run(&bundle).code(2);
        assert_eq!(done.json()["reason"], reason, "{spec}");
        assert!(done.err.starts_with("amana: spec.json: "), "{}", done.err);
    }
}

#[test]
fn an_unvouched_bundle_is_said_to_be_one() {
    let world = World::new();
    let request = [
        "verifier",
        "request",
        "--key",
        "point.jwk",
        "--trust",
        "trust.txt",
        "--purpose",
        "p",
        "--claim",
        "c",
        "--session",
        "s",
    ];
    world.run(&request).code(64);
    let wrong = world.run(&[&request[..], &["--anchor", "desk.pub.jwk"]].concat()).code(1);
    assert!(wrong.err.contains("another key"), "{}", wrong.err);
    world.wallet(&["trust", "trust.txt"]).code(64);
    // Only to look at something, the bundle's own key will do, and that is said.
    let looked = world.run(&["inspect", "trust.txt", "--trust", "trust.txt"]);
    assert!(looked.err.contains("nobody vouched for the trust bundle"), "{}", looked.err);
}
