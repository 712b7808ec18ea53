//! Paper IDs: drawn, scanned again, and what must not be drawn.

use crate::world::{ISSUER, World};
use serde_json::{Value, json};

/// The start of a JPEG: enough to be told as one.
const JPEG: &[u8] = &[0xff, 0xd8, 0xff, 0xe0, 0, 16, b'J', b'F', b'I', b'F'];

fn spec(claims: Value) -> String {
    json!({
        "issuer_name": "Registry of Persons", "title": "Identity card", "contact": "+255 800 110 110",
        "valid_from": "2026-01-01", "valid_until": "2037-12-31", "claims": claims
    })
    .to_string()
}

fn amina() -> Value {
    json!({"id": "3918592438", "full_name": "Amina Juma", "date_of_birth": {"$date": "1984-02-29"}, "gender": "female",
           "nationality": "TZ", "full_name_secondary_language": "أمينة جمعة", "address": "Zone 4"})
}

fn paper(world: &World, more: &[&str]) -> crate::world::Done {
    let paper = ["issuer", "paper", "--key", "desk.jwk", "--issuer", ISSUER, "--spec", "spec.json", "--out", "id.svg"];
    world.run(&[&paper[..], &["--json"], more].concat())
}

#[test]
fn a_sheet_is_drawn_and_its_code_is_read_held_and_judged() {
    let world = World::new();
    world.write("spec.json", spec(amina()));
    world.write("amina.jpg", JPEG);
    let drawn = paper(&world, &["--portrait", "amina.jpg"]).code(0).json();
    let text = drawn["text"].as_str().unwrap().to_owned();
    assert!((5..=27).contains(&drawn["version"].as_u64().unwrap()) && drawn["characters"] == text.len());
    let sheet = String::from_utf8(world.read("id.svg")).unwrap();
    for said in [
        r#"width="148mm" height="105mm""#,
        "Registry of Persons",
        "Amina Juma",
        "أمينة جمعة",
        r#"direction="rtl""#,
        "1984-02-29",
        "data:image/jpeg;base64,",
        "compare the",
        "+255 800 110 110",
        "Valid 2026-01-01 through 2037-12-31",
        &format!("version {}", drawn["version"]),
    ] {
        assert!(sheet.contains(said), "{said}\n{sheet}");
    }
    // What is in the code and not on the paper is told by its name only.
    assert!(sheet.contains("address") && !sheet.contains("Zone 4"));

    let found = world.run(&["inspect", "--json", "--text", &text, "--key", "desk.pub.jwk"]).code(0).json();
    assert_eq!((&found["format"], &found["signature"]), (&json!("claim-169"), &json!("valid")));
    assert_eq!(found["claims"]["169"]["full_name"], json!("Amina Juma"));
    assert_eq!(found["claims"]["169"]["binary_image_format"], json!("jpeg"));
    world.write("id.txt", format!("{text}\n"));
    world.wallet(&["add", "id.txt"]).code(0);
    assert!(world.wallet(&["list"]).code(0).out.contains("claim-169"));
    let untagged = paper(&world, &["--size", "a4", "--untagged"]).code(0).json();
    let untagged = untagged["text"].as_str().unwrap();
    assert_ne!(untagged, text);
    let found = world.run(&["inspect", "--json", "--text", untagged, "--key", "desk.pub.jwk"]).code(0).json();
    assert_eq!(found["claims"]["169"]["full_name"], json!("Amina Juma"));
    assert!(String::from_utf8(world.read("id.svg")).unwrap().contains(r#"width="297mm" height="210mm""#));
}

#[test]
fn nothing_that_is_printed_can_draw() {
    let world = World::new();
    let hostile = "</text><script>alert('1')</script>&\"\u{202e}\u{0}\u{fffe}{contact}";
    let sheet = json!({
        "issuer_name": hostile, "title": hostile, "contact": hostile, "valid_from": "2026-01-01",
        "valid_until": "2037-12-31", "claims": {"full_name": hostile, "id": hostile, "nationality": hostile, "30": 1},
        "texts": {"proves": hostile, "id": hostile, "reads": hostile}
    });
    world.write("spec.json", sheet.to_string());
    paper(&world, &[]).code(0);
    let sheet = String::from_utf8(world.read("id.svg")).unwrap();
    assert!(!sheet.contains(['\u{202e}', '\u{0}', '\u{fffe}']));
    for tag in sheet.split('<').skip(1) {
        let name = tag.trim_start_matches('/').split([' ', '>', '/']).next().unwrap();
        assert!(["svg", "rect", "path", "text"].contains(&name), "<{tag}");
    }
    let bare = sheet
        .split('&')
        .skip(1)
        .filter(|rest| !["amp;", "lt;", "gt;", "quot;", "#39;"].iter().any(|entity| rest.starts_with(entity)));
    assert_eq!(bare.count(), 0);
}

#[test]
fn a_sealed_code_is_read_by_nobody_without_its_key() {
    let world = World::new();
    world.write("spec.json", spec(amina()));
    world.write("clinic.jwk", r#"{"kty":"oct","alg":"A128GCM","kid":"clinic","k":"AAECAwQFBgcICQoLDA0ODw"}"#);
    let drawn = paper(&world, &["--seal", "clinic.jwk"]).code(0).json();
    let text = drawn["text"].as_str().unwrap();
    let inspect = ["inspect", "--json", "--text", text, "--key", "desk.pub.jwk"];
    let found = world.run(&inspect).code(3).json();
    assert_eq!((&found["format"], &found["errors"][0]), (&json!("claim-169"), &json!("sealed")));
    assert_eq!(found["claims"], Value::Null);
    let found = world.run(&[&inspect[..], &["--key", "clinic.jwk"]].concat()).code(0).json();
    assert_eq!((&found["signature"], &found["claims"]["169"]["id"]), (&json!("valid"), &json!("3918592438")));
    assert!(String::from_utf8(world.read("id.svg")).unwrap().contains("The code is sealed"));
    world.write("id.txt", text);
    world.wallet(&["add", "id.txt"]).code(1);
    // Whoever cannot read it has found nothing against it.
    let unread = world.run(&["verifier", "verify", "--json", "--key", "desk.pub.jwk", "id.txt"]).code(3).json();
    assert_eq!((&unread["error"], &unread["reason"]), (&json!("not-for-me"), &json!("sealed")));
    let read = world.run(&["verifier", "verify", "--json", "--key", "desk.pub.jwk", "--key", "clinic.jwk", "id.txt"]);
    assert_eq!(read.code(0).json()["authenticity"]["is"], "genuine");
    for (language, said) in [("en", "The card is genuine"), ("sw", "Kadi ni halisi"), ("ur", "کارڈ اصلی ہے")]
    {
        let verify = ["verifier", "verify", "--language", language, "--key", "desk.pub.jwk", "--key", "clinic.jwk"];
        let told = world.run(&[&verify[..], &["id.txt"]].concat()).code(0).out;
        assert!(told.contains(said), "{language}: {told}");
    }
    world.run(&["verifier", "verify", "--language", "xx", "id.txt"]).code(64);
}

#[test]
fn what_cannot_be_printed_says_why() {
    let world = World::new();
    let refused = |claims: Value, more: &[&str]| {
        world.write("spec.json", spec(claims));
        let done = paper(&world, more).code(2).json();
        (done["error"].as_str().unwrap().to_owned(), done["reason"].as_str().unwrap_or_default().to_owned())
    };
    let invalid = |reason: &str| ("invalid".to_owned(), reason.to_owned());
    assert_eq!(refused(json!({"nickname": "Mina"}), &[]), invalid("claim-unknown"));
    assert_eq!(refused(json!({"full_name": 5}), &[]), invalid("claim-value"));
    assert_eq!(refused(json!({"full_name": "A", "face": {"$bytes": "_9j_4A"}}), &[]), invalid("biometrics"));
    world.write("note.txt", "no picture");
    assert_eq!(refused(amina(), &["--portrait", "note.txt"]), invalid("portrait-format"));
    world.write("large.jpg", [JPEG, &[7; 5000]].concat());
    assert_eq!(refused(amina(), &["--portrait", "large.jpg"]).0, "too-large");
    // Within what a card takes, and beyond what a cheap phone's camera reads.
    let mut state = 1_u32;
    let noise: Vec<u8> = std::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state as u8
    })
    .take(2000)
    .collect();
    world.write("noise.jpg", [JPEG, &noise].concat());
    assert_eq!(refused(amina(), &["--portrait", "noise.jpg"]).0, "too-large");
    for broken in [json!({}), json!({"claims": {}}), json!("text")] {
        world.write("spec.json", broken.to_string());
        paper(&world, &[]).code(2);
    }
    let mut misspelt: Value = serde_json::from_str(&spec(amina())).unwrap();
    misspelt["text"] = json!({});
    world.write("spec.json", misspelt.to_string());
    paper(&world, &[]).code(2);
    assert!(!world.path("id.svg").exists());
}
