//! The whole loop by commands only, with pictures between them, and what goes wrong on the way.

use crate::world::{VALUES, World, holds, mode};
use serde_json::json;

#[test]
fn from_keys_to_a_verdict() {
    let world = World::with_card();
    let cards = world.wallet(&["list", "--json"]).code(0).json();
    assert_eq!((&cards[0]["type"], &cards[0]["issuer_name"]), (&json!("ration-card"), &json!("Registry of Persons")));
    let shown = world.wallet(&["show", "--json"]).code(0).json();
    assert_eq!(shown["claims"]["person"]["given_name"], "Amina");

    let request = world.request().code(0);
    assert_eq!(mode(&world.path("open.session")), 0o600);
    assert!(request.err.contains("secret key"), "{}", request.err);

    let presented =
        world.wallet(&["present", "request.png", "--share", "district", "--yes", "--out", "answer.png", "--json"]);
    let presented = presented.code(0).json();
    let needs: Vec<_> = presented["asker"]["claims"].as_array().unwrap().iter().map(|c| c["need"].clone()).collect();
    assert_eq!(needs, ["needed", "needed", "optional", "beyond"]);
    assert_eq!(presented["asker"]["name"], "Kasulu Food Point");
    assert_eq!(presented["consent"]["withheld"], json!(["person.birth_date"]));

    let verdict = world.verifier("verify", &["answer.png", "--json"]).code(0).json();
    assert_eq!(verdict["decision"]["is"], "accept");
    assert_eq!(verdict["authenticity"]["is"], "genuine");
    assert_eq!(verdict["holder"]["is"], "fresh");
    assert_eq!(verdict["status"]["is"], "unknown");
    assert_eq!(verdict["validity"], json!({"is": "current", "until": "2037-12-31"}));
    let claims = json!({"household": {"family_size": 5, "ration_card": "TZ-0041-7782"}, "district": "Kasulu"});
    assert_eq!(verdict["claims"], claims);
    assert_eq!(verdict["withheld"], json!(["person.birth_date"]));

    // Used up: the session is gone, and with it the key that opens the answer.
    assert!(!world.path("open.session").exists());
    world.verifier("verify", &["answer.png"]).code(66);
    for value in VALUES {
        assert!(!holds(&world.read("w.amana"), value), "{value} stands in the vault");
    }
}

#[test]
fn a_refusal_looks_like_an_answer_and_uses_up_nothing() {
    let world = World::with_card();
    world.request().code(0);
    let text = |args: &[&str]| {
        world.wallet(&[&["present", "request.png", "--json"], args].concat()).code(0).json()["text"].to_string()
    };
    let (declined, answered) = (text(&["--decline"]), text(&["--yes"]));
    assert_eq!(declined.len(), answered.len());
    world.wallet(&["present", "request.png", "--decline", "--out", "no.png"]).code(0);
    let declined = world.verifier("verify", &["no.png", "--json"]).code(1).json();
    assert_eq!(declined, json!({"outcome": "declined"}));
    world.wallet(&["present", "request.png", "--yes", "--out", "answer.txt"]).code(0);
    let accepted = world.verifier("verify", &["answer.txt"]).code(0);
    assert!(
        accepted.out.starts_with("ACCEPT\nThe card is genuine: Registry of Persons signed it.\n"),
        "{}",
        accepted.out
    );
}

#[test]
fn what_is_over_asked_takes_an_act_of_its_own() {
    let world = World::with_card();
    world.request().code(0);
    let present = |args: &[&str]| world.wallet(&[&["present", "request.png", "--json", "--yes"], args].concat());
    assert_eq!(present(&["--share", "person.birth_date"]).code(64).json()["error"], "not-found");
    let shown = present(&["--share-beyond", "person.birth_date"]).code(0).json();
    assert_eq!(shown["consent"]["shown"][2], "person.birth_date");
    // Nobody is there to decide: nothing is decided for them.
    world.wallet(&["present", "request.png"]).code(64);
    let nothing = ["--withhold", "household.family_size", "household.ration_card"];
    present(&nothing).code(64);
}

#[test]
fn a_policy_decides_what_an_unknown_issuer_means() {
    let world = World::with_card();
    let bundle = String::from_utf8(world.read("bundle.json")).unwrap().replace("https://id.example", "https://other");
    world.write("bundle.json", bundle);
    world.run(&["issuer", "bundle", "--key", "anchor.jwk", "--spec", "bundle.json", "--out", "trust.txt"]).code(0);
    for (policy, code, decision) in [("strict", 3, "refuse"), ("rations", 0, "accept-with-exception")] {
        world.request().code(0);
        world.wallet(&["present", "request.png", "--yes", "--out", "answer.png"]).code(0);
        let verdict = world.verifier("verify", &["--policy", policy, "answer.png", "--json"]).code(code).json();
        assert_eq!(verdict["decision"], json!({"is": decision, "reasons": ["unknown-issuer"]}));
        assert!(world.path("open.session").exists(), "only what verifies uses a request up");
    }
}

#[test]
fn an_answer_to_another_request_is_refused() {
    let world = World::with_card();
    world.request().code(0);
    world.wallet(&["present", "request.png", "--yes", "--out", "answer.png"]).code(0);
    world.request().code(0);
    assert_eq!(world.verifier("verify", &["answer.png", "--json"]).code(1).json()["error"], "not-for-me");
    assert_eq!(world.verifier("verify", &["request.png", "--json"]).code(1).json()["error"], "not-for-me");
}

#[test]
fn a_wrong_pin_opens_nothing() {
    let world = World::with_card();
    world.write("wrong", "000000\n");
    let wrong = world.run(&["wallet", "list", "--vault", "w.amana", "--pin-file", "wrong", "--json"]).code(1);
    assert_eq!(
        (wrong.json()["error"].clone(), wrong.err),
        (json!("wrong-pin"), "amana: The PIN is wrong.\n".to_owned())
    );
    world.write("new", "719354");
    world.wallet(&["change-pin", "--new-pin-file", "new"]).code(0);
    world.wallet(&["list"]).code(1);
    world.run(&["wallet", "list", "--vault", "w.amana", "--pin-file", "new"]).code(0);
    assert_eq!(world.wallet(&["change-pin"]).code, 1);
}

#[test]
fn the_vault_lies_where_it_is_said_and_is_its_owners_alone() {
    let world = World::empty();
    let said = world.run(&["wallet", "init", "--pin-file", "pin"]).code(0).out;
    assert!(said.contains("software"), "{said}");
    let vault = world.path(".local/share/amana/vault.amana");
    assert_eq!((mode(&vault), mode(&vault.with_added_extension("device-key"))), (0o600, 0o600));
    assert_eq!(
        world.run(&["wallet", "init", "--pin-file", "pin", "--json"]).code(66).json()["error"],
        "already-exists"
    );
    // Without the device's key no PIN opens it, and another one does not either.
    std::fs::remove_file(vault.with_added_extension("device-key")).unwrap();
    assert_eq!(world.run(&["wallet", "list", "--pin-file", "pin", "--json"]).code(66).json()["reason"], "missing");
    world.wallet(&["init"]).code(0);
    std::fs::copy(world.path("w.amana.device-key"), vault.with_added_extension("device-key")).unwrap();
    assert_eq!(world.run(&["wallet", "list", "--pin-file", "pin", "--json"]).code(2).json()["error"], "not-a-vault");
    world.write("text", "no vault");
    assert_eq!(world.run(&["wallet", "list", "--vault", "text", "--pin-file", "pin"]).code, 2);
    world.run(&["wallet", "list", "--vault", "none", "--pin-file", "pin"]).code(66);
}

#[test]
fn what_is_always_open_is_said_before_anybody_decides() {
    let world = World::new();
    let offer = ["issuer", "offer", "--key", "desk.jwk", "--issuer", crate::world::ISSUER, "--type", "ration-card"];
    world.run(&[&offer[..], &["--out", "offer.png"]].concat()).code(0);
    world.wallet(&["enroll", "offer.png", "--out", "enrolment.png"]).code(0);
    world.write("card.json", crate::world::CARD.replace("\"type\"", "\"open\": [\"district\"], \"type\""));
    let issue = ["issuer", "issue", "--key", "desk.jwk", "--issuer", crate::world::ISSUER, "--draft", "card.json"];
    let issue = || world.run(&[&issue[..], &["--enrolment", "enrolment.png", "--out", "card.png"]].concat()).code(0);
    issue();
    world.wallet(&["add", "card.png"]).code(0);
    world.wallet(&["add", "card.png"]).code(0);
    // One enrolment, one card.
    issue();
    assert_eq!(world.wallet(&["add", "card.png", "--json"]).code(1).json()["error"], "already-used");
    world.request().code(0);
    let told = world.wallet(&["present", "request.png", "--yes", "--out", "answer.png"]).code(0).out;
    assert!(told.contains("district: is shown with any answer."), "{told}");
    let verdict = world.verifier("verify", &["answer.png", "--json"]).code(0).json();
    assert_eq!(verdict["claims"]["district"], "Kasulu");
}

#[test]
fn cards_are_named_by_the_start_of_their_id_and_go_with_it() {
    let world = World::with_card();
    let id = world.wallet(&["list", "--json"]).json()[0]["id"].as_str().unwrap().to_owned();
    world.wallet(&["show", &id[..5]]).code(0);
    world.wallet(&["show", "zz"]).code(64);
    world.wallet(&["delete", &id]).code(64);
    world.wallet(&["delete", &id, "--yes"]).code(0);
    assert_eq!(world.wallet(&["list"]).code(0).out, "The wallet is empty.\n");
}

#[test]
fn many_cards_are_issued_and_one_bad_line_stops_none() {
    let world = World::new();
    let offer = ["issuer", "offer", "--key", "desk.jwk", "--issuer", crate::world::ISSUER, "--type", "ration-card"];
    let offer = world.run(&[&offer[..], &["--json"]].concat()).code(0).json()["text"].as_str().unwrap().to_owned();
    let line = || {
        let enrolment = world.wallet(&["enroll", "--text", &offer, "--json"]).code(0).json();
        let mut line: serde_json::Value = serde_json::from_str(crate::world::CARD).unwrap();
        line["enrolment"] = enrolment["text"].clone();
        line.to_string()
    };
    world.write("many.jsonl", [&line(), "{\"enrolment\": \"AM1E:\"}", "", &line()].join("\n"));
    let issue = ["issuer", "issue", "--key", "desk.jwk", "--issuer", crate::world::ISSUER, "--many", "many.jsonl"];
    let issued = world.run(&[&issue[..], &["--out-dir", "cards", "--json"]].concat()).code(2).lines();
    let lines: Vec<_> =
        issued.iter().map(|line| (line["line"].as_u64().unwrap(), line.get("error").is_some())).collect();
    assert_eq!(lines, [(1, false), (2, true), (4, false)]);
    for file in ["cards/000001.txt", "cards/000004.txt"] {
        world.wallet(&["add", file]).code(0);
    }
    let told = world.run(&[&issue[..], &["--out-dir", "cards"]].concat()).code(2);
    assert_eq!(told.out, "Issued 2 of 3 cards into cards.\n");
    assert!(told.err.starts_with("amana: line 2: "), "{}", told.err);
}
