//! Point 7: after the wallet is closed no PIN, key or claim value is in the process image.
//!
//! A child opens a wallet that it was given in files, reads its claims, answers a request, makes a backup, closes and lets
//! go of all it was given. Meanwhile this process reads all of its memory that can be written. The child knows none of
//! what is searched for but what the wallet tells it; the PIN comes through a pipe, unbuffered.

use crate::child::{Child, say, wait};
use amana_core::backup::age;
use amana_core::crypto::{Pin, SigningKey};
use amana_core::issuer::Desk;
use amana_core::ports::OsEntropy;
use amana_core::trust::Anchor;
use amana_core::wallet::{Argon2Cost, Door, HolderKeys, Passphrase, Wallet};
use amana_tests::{ISSUER, NOW, PURPOSE, TestClock, World, ask, bundle, host_of, issue_to, pin};
use base64ct::{Base64UrlUnpadded, Encoding as _};
use std::fs::{self, File};
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::Path;
use std::sync::Arc;
use zeroize::Zeroizing;

const PIN: &str = "739146285";
const CARD: &str = r#"{"type": "ration-card", "valid_from": "2026-01-01", "valid_until": "2027-12-31", "claims": {
    "person": {"given_name": "Zawadiheri", "family_name": "Mwinyimvuaje", "birth_date": {"$date": "1987-03-19"}},
    "household": {"family_size": 5, "ration_card": "TZ-7744-109921"}, "address": {"village": "Nyarugusu-Saba"}}}"#;
const VALUES: [&str; 5] = ["Zawadiheri", "Mwinyimvuaje", "1987-03-19", "TZ-7744-109921", "Nyarugusu-Saba"];
const PASSPHRASE: &str = "a passphrase of this test";

/// What is searched for, by name.
type Needles = Vec<(String, Vec<u8>)>;

/// Makes a wallet with a card in it, and says what must not be found of it.
fn make(world: &World, vault: &Path) -> Needles {
    let clock = TestClock::at(NOW);
    let wallet = Wallet::create(vault, host_of(vault, &clock), Door::One, &pin(PIN), Argon2Cost::FLOOR).expect("made");
    let holder = wallet.unlock(Door::One, &pin(PIN)).expect("opened");
    let issuer = SigningKey::make(&OsEntropy).expect("randomness");
    let trusted = bundle(&issuer, &world.registrar).sign(&world.anchor);
    holder.load_trust(&trusted, &Anchor::new(world.anchor.public_key())).expect("believed");
    issue_to(&Desk::new(ISSUER, b"desk-1", issuer, clock, Arc::new(OsEntropy)), &holder, CARD);

    let passphrase = Passphrase::typed(Zeroizing::new(PASSPHRASE.to_owned())).expect("typed");
    let plan = holder.plan_backup(HolderKeys::IncludeSoftwareKeys).expect("planned");
    let plain = age::open(&plan.seal(&passphrase).expect("sealed"), &passphrase).expect("opened");
    let document: serde_json::Value = serde_json::from_slice(&plain).expect("JSON");
    let text = document["holder_keys"][0]["jwk"]["d"].as_str().expect("a seed");
    let seed = Base64UrlUnpadded::decode_vec(text).expect("base64url");

    let mut needles: Needles = VALUES.map(|value| (value.to_owned(), value.as_bytes().to_vec())).to_vec();
    needles.push(("the PIN".to_owned(), PIN.as_bytes().to_vec()));
    needles.push(("the passphrase".to_owned(), PASSPHRASE.as_bytes().to_vec()));
    needles.push(("the holder key".to_owned(), seed));
    needles.push(("the holder key as text".to_owned(), text.as_bytes().to_vec()));
    let device_key = fs::read(vault.with_added_extension("device-key")).expect("a file");
    // The header's and door 1's; a sixth of a second later the spare one is another.
    for (name, at) in [("the header's device key", 8), ("the door's device key", 40)] {
        needles.push((name.to_owned(), device_key[at..at + 32].to_vec()));
    }
    needles
}

/// The part of the child: opens, uses and closes the wallet.
pub fn hold_and_close(arguments: &[String]) {
    let [vault, request] = arguments else { panic!("a vault and a request") };
    let vault = Path::new(vault);
    let request = fs::read(request).expect("a request");
    let pin = read_secret();
    say("typed");
    wait();

    let wallet = Wallet::open(vault, host_of(vault, &TestClock::at(NOW))).expect("a wallet");
    let holder = wallet.unlock(Door::One, &pin).expect("the PIN opens it");
    drop(pin);
    let card = holder.cards().expect("cards")[0].id;
    let claims = holder.claims(card).expect("claims");
    let consent = holder.receive(&request).expect("a request").review().expect("a choice");
    let answer = consent.respond().expect("an answer");
    let passphrase = Passphrase::typed(Zeroizing::new(PASSPHRASE.to_owned())).expect("typed");
    let backup =
        holder.plan_backup(HolderKeys::IncludeSoftwareKeys).expect("planned").seal(&passphrase).expect("sealed");
    say("open");
    wait();

    drop((claims, answer, passphrase, backup));
    holder.close_now();
    drop((holder, wallet));
    say("closed");
    wait();
}

/// Without a buffer of the standard library's, which would keep it.
fn read_secret() -> Pin {
    let mut typed = Zeroizing::new(String::with_capacity(64));
    let mut input = File::open("/dev/stdin").expect("a pipe");
    let mut byte = Zeroizing::new([0]);
    while input.read(&mut *byte).expect("a pipe") == 1 && byte[0] != b'\n' {
        typed.push(char::from(byte[0]));
    }
    Pin::new(typed).expect("a PIN")
}

/// Which of these are in the memory of a process that can be written: its heap, stacks and data.
fn search(process: u32, needles: &Needles) -> Vec<String> {
    let maps = fs::read_to_string(format!("/proc/{process}/maps")).expect("its map can be read");
    let mut memory =
        File::open(format!("/proc/{process}/mem")).expect("its memory can be read: run as its user or root");
    let mut found = Vec::new();
    let mut searched = 0;
    for region in maps.lines().filter(|line| line.split(' ').nth(1).is_some_and(|may| may.starts_with("rw"))) {
        let (start, end) = region.split(' ').next().and_then(|range| range.split_once('-')).expect("a range");
        let [start, end] = [start, end].map(|text| u64::from_str_radix(text, 16).expect("a number"));
        let mut bytes = vec![0; (end - start) as usize];
        memory.seek(SeekFrom::Start(start)).expect("a place");
        if memory.read_exact(&mut bytes).is_err() {
            continue;
        }
        searched += bytes.len();
        let holds = |needle: &[u8]| bytes.windows(needle.len()).any(|window| window == needle);
        let here = needles.iter().filter(|(_, needle)| holds(needle)).map(|(name, _)| name.clone());
        found.extend(here.map(|name| format!("{name} in {}", region.rsplit(' ').next().unwrap_or_default())));
    }
    assert!(searched > 100_000, "{searched} bytes are no process");
    found
}

#[test]
fn point_7_after_closing_no_secret_is_in_the_process_image() {
    let world = World::new();
    let vault = world.folder().join("other.amana");
    let needles = make(&world, &vault);
    let open = world.verifier().request(PURPOSE, &["household.family_size", "household.ration_card"].map(ask));
    let request = world.folder().join("request");
    fs::write(&request, open.expect("a request").text()).expect("written");

    let mut child = Child::start("hold and close", &[&vault.display().to_string(), &request.display().to_string()]);
    child.tell(PIN);
    let mut at = |moment: &str| {
        assert_eq!(child.hear().as_deref(), Some(moment));
        let found = search(child.id(), &needles);
        child.tell("go on");
        found
    };
    // The control: what is held is found.
    let typed = at("typed");
    assert!(typed.iter().any(|found| found.starts_with("the PIN")), "{typed:?}");
    let held = at("open");
    // A date is held as a number, so its text is there only while it is read.
    for value in VALUES.into_iter().filter(|value| !value.starts_with("1987")).chain(["the passphrase"]) {
        assert!(held.iter().any(|found| found.starts_with(value)), "{value}: {held:?}");
    }
    let left = at("closed");
    assert!(left.is_empty(), "left behind: {left:#?}");
}
