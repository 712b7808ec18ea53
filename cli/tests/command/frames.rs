//! A card that no single code holds goes from the desk to the wallet in several.

use crate::world::{ISSUER, World};
use serde_json::{Value, json};

/// A card whose delivery takes several codes: its groups hold what does not deflate.
fn large_card() -> Value {
    let notes = |from: u64| -> String {
        let letter = |i: u64| char::from(b'a' + ((from + i).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 59) as u8 % 26);
        (0..700).map(letter).collect()
    };
    let groups = (0..4).map(|group| (format!("group{group}"), json!({"notes": notes(group * 700)})));
    json!({"type": "ration-card", "valid_from": "2026-01-01", "valid_until": "2037-12-31",
           "claims": serde_json::Map::from_iter(groups)})
}

#[test]
fn a_large_card_goes_by_every_kind_of_picture() {
    let world = World::new();
    let desk = ["--key", "desk.jwk", "--issuer", ISSUER];
    world.write("card.json", large_card().to_string());
    let issued = |out: &str| {
        let offer = [&["issuer", "offer"], &desk[..], &["--type", "ration-card", "--out", "offer.png"]].concat();
        world.run(&offer).code(0);
        world.wallet(&["enroll", "offer.png", "--out", "enrolment.png"]).code(0);
        let card = ["--draft", "card.json", "--enrolment", "enrolment.png", "--out", out];
        [&["issuer", "issue"], &desk[..], &card].concat().into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    let run = |args: &[String]| world.run(&args.iter().map(String::as_str).collect::<Vec<_>>()).code(0);

    // An animated PNG.
    let said = run(&issued("card.png")).out;
    assert!(said.contains("codes, one after the other"), "{said}");
    world.wallet(&["add", "card.png"]).code(0);

    // A folder, of which some pictures are lost and others have nothing to do with it.
    run(&issued("codes/"));
    let pictures = std::fs::read_dir(world.path("codes")).unwrap().count();
    assert!(pictures > 6, "{pictures}");
    let first = world.read("codes/0001.png");
    std::fs::remove_file(world.path("codes/0001.png")).unwrap();
    std::fs::copy(world.path("offer.png"), world.path("codes/zzz.png")).unwrap();
    world.write("codes/note.txt", "not a picture");
    world.write("codes/0003.png", &first[..200]);
    // The offer is whole: a folder with it gives whichever is whole first, and the card's codes come first.
    world.wallet(&["add", "codes"]).code(0);

    // One picture of them is not enough, and says how many are.
    world.write("one.png", first);
    let fault = world.wallet(&["add", "one.png", "--json"]).code(2).json();
    assert_eq!((&fault["error"], &fault["reason"]), (&json!("damaged"), &json!("frames-missing")));
    assert!(fault["sentence"].as_str().unwrap().contains("1 different codes are here"), "{fault}");

    // An animated SVG shows one code at a time.
    run(&issued("card.svg"));
    let svg = String::from_utf8(world.read("card.svg")).unwrap();
    assert!(svg.matches("<path style=\"animation-delay:").count() > 6);

    // The text stays whole where it goes as text, and what is said as JSON is what it was.
    let json = run(&[issued("card.txt"), vec!["--json".to_owned()]].concat()).json();
    assert_eq!(world.read("card.txt"), format!("{}\n", json["text"].as_str().unwrap()).into_bytes());
    world.wallet(&["add", "card.txt"]).code(0);
    assert_eq!(world.wallet(&["list", "--json"]).code(0).json().as_array().unwrap().len(), 3);
}
