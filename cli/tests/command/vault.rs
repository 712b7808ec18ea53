//! The wallet's file by commands: doors, panic PINs, old copies, history, backups.

use crate::world::{VALUES, World, holds, mode};
use serde_json::json;

#[test]
fn two_doors_do_not_see_each_other_and_a_panic_pin_opens_a_decoy() {
    let world = World::with_card();
    world.write("pin2", "2222\n");
    world.write("panic", "9999\n");
    let door = |door: &str, pin: &str, args: &[&str]| {
        world.run(&[&["wallet", "--vault", "w.amana", "--door", door, "--pin-file", pin], args].concat())
    };
    // Nobody is here to type the word.
    door("2", "pin", &["take-door", "--new-pin-file", "pin2"]).code(64);
    door("2", "pin", &["take-door", "--new-pin-file", "pin2", "--destroy-what-is-behind"]).code(0);
    assert_eq!(door("2", "pin2", &["list", "--json"]).code(0).json(), json!([]));
    assert_eq!(door("2", "pin", &["list", "--json"]).code(1).json()["error"], "wrong-pin");
    door("5", "pin", &["list"]).code(64);

    let opens = ["--opens-door", "2", "--opens-pin-file", "pin2"];
    let set = door("1", "pin", &[&["panic-pin", "--new-pin-file", "panic"], &opens[..]].concat()).code(0);
    assert!(set.out.contains("destroys what is behind it for good and opens door 2"), "{}", set.out);
    door("1", "pin", &["list"]).code(0);
    assert_eq!(door("1", "panic", &["list", "--json"]).code(0).json(), json!([]));
    door("1", "pin", &["list"]).code(1);
}

#[test]
fn wrong_pins_are_slowed() {
    let world = World::new();
    world.write("wrong", "0000\n");
    let wrong = || world.run(&["wallet", "--vault", "w.amana", "--pin-file", "wrong", "list", "--json"]).code(1).json();
    let reasons: Vec<_> = (0..6).map(|_| wrong()["reason"].clone()).collect();
    assert_eq!(reasons, [json!(null), json!(null), json!(null), json!(null), json!("wait"), json!("wrong-pins")]);
    let refused = world.wallet(&["list", "--json"]).code(1).json();
    assert_eq!((&refused["error"], &refused["reason"]), (&json!("too-soon"), &json!("wrong-pins")));
}

#[test]
fn an_older_copy_put_back_is_told_until_it_is_acknowledged() {
    let world = World::with_card();
    let copy = world.read("w.amana");
    world.wallet(&["list"]).code(0);
    world.write("w.amana", copy);
    let told = world.wallet(&["list"]).code(0);
    assert!(told.err.contains("OLDER COPY"), "{}", told.err);
    let status = world.wallet(&["status", "--json", "--acknowledge"]).code(0).json();
    assert_eq!((&status["file"], &status["protection"]), (&json!("rolled-back"), &json!("software")));
    let status = world.wallet(&["status", "--json"]).code(0).json();
    assert_eq!((&status["file"], &status["records_intact"]), (&json!("newest"), &json!(true)));
    assert_eq!(world.wallet(&["list"]).code(0).err, "");
}

#[test]
fn a_history_is_shown_exported_and_forgotten() {
    let world = World::with_card();
    world.request().code(0);
    world.wallet(&["present", "request.png", "--yes", "--out", "answer.png"]).code(0);
    world.wallet(&["present", "request.png", "--decline", "--out", "no.png"]).code(0);
    let said = world.wallet(&["history", "--export", "history.json"]).code(0);
    assert!(said.out.contains("Kasulu Food Point asked, for food-ration. You shared:"), "{}", said.out);
    assert!(said.out.contains("withheld: person.birth_date"), "{}", said.out);
    let export = world.read("history.json");
    assert_eq!(mode(&world.path("history.json")), 0o600);
    assert!(VALUES[..4].iter().all(|value| !holds(&export, value)));
    let history = world.wallet(&["history", "--json"]).code(0).json();
    assert_eq!((&history["whole"], history["entries"].as_array().unwrap().len()), (&json!(true), 2));
    let id = history["entries"][0]["id"].as_str().unwrap().to_owned();
    world.wallet(&["history", "--forget", &id]).code(64);
    world.wallet(&["history", "--forget", &id, "--yes"]).code(0);
    world.wallet(&["history", "--forget", &id, "--yes"]).code(64);
    let left = world.wallet(&["history", "--forget-all", "--yes", "--keep", "none", "--json"]).code(0).json();
    assert_eq!(left, json!({"entries": [], "whole": true, "kept": false}));
    world.wallet(&["present", "request.png", "--yes", "--out", "answer.png"]).code(0);
    assert_eq!(world.wallet(&["history", "--json"]).code(0).json()["entries"], json!([]));
}

#[test]
fn a_backup_by_passphrase_is_rehearsed_and_restored_on_another_machine() {
    let world = World::with_card();
    let passphrase = world.run(&["wallet", "backup", "passphrase"]).code(0).out;
    assert_eq!(passphrase.trim().split('-').count(), 8);
    world.write("pass", &passphrase);
    world.write("short", "too short\n");
    let make = |args: &[&str]| world.wallet(&[&["backup", "make", "--out", "b.age", "--json"], args].concat());
    make(&["--passphrase-file", "pass"]).code(64);
    assert_eq!(make(&["--passphrase-file", "short", "--yes"]).code(2).json()["reason"], "passphrase-short");
    let made = make(&["--passphrase-file", "pass", "--yes", "--include-software-keys"]).code(0).json();
    assert_eq!((&made["cards_to_show"], &made["cards_to_reissue"]), (&json!(1), &json!(0)));
    assert_eq!(mode(&world.path("b.age")), 0o600);
    make(&["--passphrase-file", "pass", "--yes"]).code(66);

    let rehearse =
        |pass: &str| world.run(&["wallet", "backup", "rehearse", "b.age", "--passphrase-file", pass, "--json"]);
    assert_eq!(rehearse("pass").code(0).json()["contents"]["cards"], 1);
    assert_eq!(rehearse("short").code(1).json()["error"], "wrong-passphrase");

    let other = |args: &[&str]| world.run(&[&["wallet", "--vault", "other.amana", "--pin-file", "pin"], args].concat());
    other(&["init"]).code(0);
    let restored = other(&["backup", "restore", "b.age", "--passphrase-file", "pass", "--json"]).code(0).json();
    assert_eq!(restored["added"]["cards"], 1);
    let card = other(&["list", "--json"]).code(0).json();
    assert_eq!((&card[0]["needs_reissue"], &card[0]["issuer_name"]), (&json!(false), &json!("Registry of Persons")));
    let whole = world.read("b.age");
    world.write("b.age", &whole[..whole.len() - 1]);
    assert_eq!(rehearse("pass").code(2).json()["error"], "damaged");
}

#[test]
fn a_backup_by_shares_on_paper() {
    let world = World::with_card();
    let make = ["backup", "make", "--out", "b.age", "--shares", "2/3", "--sheets", "sheets", "--yes"];
    let made = world.wallet(&make).code(0);
    assert!(made.out.contains("must be issued again") || made.out.contains("have it issued again"), "{}", made.out);
    // What a person copies from the sheets.
    for n in 1..=3 {
        let sheet = String::from_utf8(world.read(&format!("sheets/share-{n}.svg"))).unwrap();
        assert!(sheet.contains(&format!("Share {n} of 3")));
        let words =
            sheet.lines().filter_map(|line| line.strip_suffix("</text>")?.rsplit_once("  ").map(|(_, word)| word));
        let words: Vec<_> = words.collect();
        assert_eq!(words.len(), 20);
        world.write(&format!("{n}.txt"), words.join(" "));
    }
    let rehearse = |shares: &[&str]| {
        world.run(&[&["wallet", "backup", "rehearse", "b.age", "--json", "--share"], shares].concat())
    };
    assert_eq!(rehearse(&["1.txt", "3.txt"]).code(0).json()["contents"]["cards_to_reissue"], 1);
    assert_eq!(rehearse(&["2.txt"]).code(1).json()["error"], "need-more-shares");
    world.write("bad.txt", String::from_utf8(world.read("2.txt")).unwrap().replacen(' ', " academic ", 1));
    assert_eq!(rehearse(&["1.txt", "bad.txt"]).code(2).json()["error"], "damaged");
}
