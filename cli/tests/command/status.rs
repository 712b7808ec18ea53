//! Status lists on the command line: made, brought up to date, looked into, and what a verdict makes of them.

use crate::world::{CARD, ISSUER, World};
use serde_json::{Value, json};

const URI: &str = "https://id.example/status/1";
const STATUS: [&str; 4] = ["issuer", "status", "--key", "desk.jwk"];

/// A world with a card that names entry 4711 of a list.
fn world() -> World {
    let world = World::new();
    let offer = ["issuer", "offer", "--key", "desk.jwk", "--issuer", ISSUER, "--type", "ration-card"];
    world.run(&[&offer[..], &["--out", "offer.png"]].concat()).code(0);
    world.wallet(&["enroll", "offer.png", "--out", "enrolment.png"]).code(0);
    let status = format!("{{\"status\": {{\"uri\": \"{URI}\", \"index\": 4711}},");
    world.write("card.json", CARD.replacen('{', &status, 1));
    let issue = ["issuer", "issue", "--key", "desk.jwk", "--issuer", ISSUER, "--draft", "card.json"];
    world.run(&[&issue[..], &["--enrolment", "enrolment.png", "--out", "card.txt"]].concat()).code(0);
    world.wallet(&["add", "card.txt"]).code(0);
    world
}

fn make(world: &World, args: &[&str]) -> Value {
    world.run(&[&STATUS[..], &["--uri", URI, "--entries", "8192", "--json"], args].concat()).code(0).json()
}

fn update(world: &World, args: &[&str]) -> Value {
    world.run(&[&STATUS[..], &["--json"], args].concat()).code(0).json()
}

fn verify(world: &World, lists: &[&str], code: i32) -> Value {
    world.request().code(0);
    world.wallet(&["present", "request.png", "--yes", "--out", "answer.txt"]).code(0);
    let lists: Vec<_> = lists.iter().flat_map(|list| ["--status", list]).collect();
    world.verifier("verify", &[&["answer.txt", "--json"], &lists[..]].concat()).code(code).json()
}

#[test]
fn a_card_is_cancelled_by_the_next_edition_of_its_list() {
    let world = world();
    let made = make(&world, &["--bits", "2", "--out", "list.cwt"]);
    assert_eq!((&made["uri"], &made["bits"], &made["entries"]), (&json!(URI), &json!(2), &json!(8192)));
    let verdict = verify(&world, &["list.cwt"], 0);
    assert_eq!((&verdict["status"]["is"], &verdict["status"]["as_of"]), (&json!("valid"), &made["as_of"]));
    assert_eq!(verify(&world, &[], 0)["status"], json!({"is": "unknown"}));

    std::fs::copy(world.path("list.cwt"), world.path("old.cwt")).unwrap();
    let updated =
        update(&world, &["--update", "list.cwt", "--set", "4711=cancelled", "--set", "1=3", "--out", "list.txt"]);
    assert!(updated["as_of"].as_i64() > made["as_of"].as_i64(), "later than before, within one second too");
    assert_eq!(updated["set"], 2);
    assert!(world.read("list.txt").starts_with(b"AM1L:"));
    let verdict = verify(&world, &["list.txt"], 1);
    assert_eq!(verdict["decision"], json!({"is": "refuse", "reasons": ["cancelled"]}));
    // An older edition beside it changes nothing, in whatever order.
    for lists in [["old.cwt", "list.txt"], ["list.txt", "old.cwt"]] {
        assert_eq!(verify(&world, &lists, 1)["status"]["is"], "cancelled");
    }

    update(&world, &["--update", "list.txt", "--set", "4711=suspended", "--out", "list.png"]);
    let verdict = verify(&world, &["list.png"], 1);
    assert_eq!(verdict["decision"]["reasons"], json!(["suspended"]));
    assert_eq!(verdict["status"]["is"], "suspended");
    update(&world, &["--update", "list.png", "--set", "4711=valid", "--out", "list.cwt"]);
    assert_eq!(verify(&world, &["list.cwt"], 0)["status"]["is"], "valid");
}

#[test]
fn a_list_that_nobody_believed_made_stops_the_command() {
    let world = world();
    world.run(&["issuer", "keygen", "--kid", "desk", "--out", "rogue.jwk", "--public", "rogue.pub.jwk"]).code(0);
    let rogue = ["issuer", "status", "--key", "rogue.jwk", "--uri", URI, "--entries", "8192", "--out", "rogue.cwt"];
    world.run(&rogue).code(0);
    world.request().code(0);
    world.wallet(&["present", "request.png", "--yes", "--out", "answer.txt"]).code(0);
    let verify = |list: &str| world.verifier("verify", &["answer.txt", "--json", "--status", list]);
    let refused = verify("rogue.cwt").code(1).json();
    assert_eq!((&refused["error"], &refused["reason"]), (&json!("untrusted"), &json!("signature-invalid")));
    assert_eq!(verify("trust.txt").code(1).json()["error"], "not-for-me");
    assert_eq!(verify("point.reg").code(2).json()["error"], "foreign");
    assert_eq!(verify("missing").code(66).json()["error"], "file");
    // Nothing of it has used the request up.
    world.verifier("verify", &["answer.txt"]).code(0);
}

#[test]
fn a_list_says_what_it_is() {
    let world = world();
    make(&world, &["--bits", "4", "--set", "0=1", "--set", "9=cancelled", "--set", "8191=15", "--out", "list.cwt"]);
    let inspect =
        |args: &[&str], code: i32| world.run(&[&["inspect", "--json", "list.cwt"], args].concat()).code(code).json();
    let report = inspect(&["--key", "desk.pub.jwk", "--index", "9"], 0);
    assert_eq!((&report["format"], &report["signature"]), (&json!("status-list"), &json!("valid")));
    assert_eq!(report["errors"], json!([]));
    let claims = &report["claims"];
    assert_eq!((&claims["sub"], &claims["bits"], &claims["entries"]), (&json!(URI), &json!(4), &json!(8192)));
    assert_eq!(claims["statuses"], json!({"0": 8189, "1": 2, "15": 1}));
    assert_eq!(claims["status"], json!({"index": 9, "is": 1}));
    assert_eq!(inspect(&["--index", "8192"], 3)["claims"]["status"], json!({"index": 8192, "is": null}));
    let trust = ["--trust", "trust.txt", "--anchor", "anchor.pub.jwk"];
    assert_eq!(inspect(&trust, 0)["signature"], "valid");
    assert_eq!(inspect(&["--key", "registrar.pub.pem"], 1)["signature"], "invalid");
    let later = inspect(&[&trust[..], &["--at", "2099-01-01T00:00:00Z"]].concat(), 1);
    assert_eq!(later["errors"], json!(["expired"]));
    let told = world.run(&["inspect", "list.cwt", "--key", "desk.pub.jwk"]).code(0).out;
    assert!(told.contains("status-list") && told.contains("statuses.15"), "{told}");

    // The same as a JWT, whose text may end in a newline, and as Amana's text.
    let as_jwt = |out: &str| update(&world, &["--update", "list.cwt", "--as", "jwt", "--out", out]);
    as_jwt("list.jwt");
    let token = String::from_utf8(world.read("list.jwt")).unwrap();
    assert!(token.starts_with("eyJ") && token.split('.').count() == 3, "{token}");
    world.write("list.jwt", format!("{token}\n"));
    as_jwt("list.txt");
    for list in ["list.jwt", "list.txt"] {
        let report = world.run(&[&["inspect", "--json", list], &trust[..]].concat()).code(0).json();
        assert_eq!((&report["format"], &report["claims"]["statuses"]), (&json!("status-list"), &claims["statuses"]));
        assert_eq!(verify(&world, &[list], 0)["status"]["is"], "valid");
    }
    let altered = token.replacen("eyJ", "eyK", 1);
    assert_eq!(world.run(&["inspect", "--json", "--text", &altered]).code(2).json()["errors"][0], "damaged");
}

#[test]
fn what_a_list_cannot_hold_is_said() {
    let world = World::new();
    make(&world, &["--out", "list.cwt"]);
    let whole = world.read("list.cwt");
    let fails = |args: &[&str], code: i32, reason: &str| {
        let done = world.run(&[&STATUS[..], &["--json", "--out", "list.cwt"], args].concat()).code(code).json();
        assert_eq!(done["reason"], reason, "{args:?}");
    };
    let new = |entries: &'static str, bits: &'static str| ["--uri", URI, "--entries", entries, "--bits", bits];
    fails(&new("0", "1"), 2, "status-list-size");
    fails(&new("8388609", "1"), 2, "status-list-size");
    fails(&new("8", "3"), 2, "status-list-bits");
    fails(&["--uri", "", "--entries", "8"], 2, "status-list-claims");
    fails(&["--update", "list.cwt", "--set", "8192=1"], 2, "status-index");
    fails(&["--update", "list.cwt", "--set", "0=2"], 2, "status-value");
    // Another's list, unless its key is given: an issuer goes on under a new one.
    world.run(&["issuer", "keygen", "--kid", "next", "--out", "next.jwk", "--public", "next.pub.jwk"]).code(0);
    let by_next = ["issuer", "status", "--json", "--key", "next.jwk", "--update", "list.cwt", "--out", "next.cwt"];
    assert_eq!(world.run(&by_next).code(1).json()["reason"], "signature-invalid");
    world.run(&[&by_next[..], &["--signed-by", "desk.pub.jwk"]].concat()).code(0);
    world.run(&["inspect", "next.cwt", "--key", "next.pub.jwk"]).code(0);
    // The command line itself.
    for wrong in [
        &["--set", "1"][..],
        &["--set", "x=1", "--update", "list.cwt"],
        &["--set", "1=256", "--update", "list.cwt"],
        &["--set", "1=gone", "--update", "list.cwt"],
        &["--update", "list.cwt", "--uri", URI],
        &["--update", "list.cwt", "--ttl", "0"],
        &["--uri", URI],
    ] {
        world.run(&[&STATUS[..], &["--out", "list.cwt"], wrong].concat()).code(64);
    }
    assert_eq!(world.read("list.cwt"), whole, "what failed left the list as it was");
}

/// The draft's own examples, where they are at hand; their lines are broken, and the CWT is in hexadecimal.
#[test]
fn others_lists_are_read() {
    let Some(vectors) = std::env::var_os("AMANA_VECTORS") else {
        eprintln!("skipped: AMANA_VECTORS is not set");
        return;
    };
    let examples = std::path::Path::new(&vectors).join("token-status-list/examples");
    let read = |name: &str| std::fs::read_to_string(examples.join(name)).unwrap();
    let text = read("status_list_cwt.md");
    let digits: Vec<_> = text.bytes().filter(u8::is_ascii_hexdigit).collect();
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    let world = World::empty();
    world.write("list.cwt", digits.chunks(2).map(byte).collect::<Vec<_>>());
    world.write("list.jwt", read("status_list_jwt_raw.md").replace('\n', ""));
    for list in ["list.cwt", "list.jwt"] {
        let report = world.run(&["inspect", "--json", list, "--at", "1686920170"]).code(3).json();
        assert_eq!((&report["format"], &report["signature"]), (&json!("status-list"), &json!("no-key")));
        assert_eq!(report["claims"]["statuses"], json!({"0": 7, "1": 9}));
    }
}
