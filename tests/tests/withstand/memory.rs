//! Point 7: after locking, no PIN, key, claim value or record is in the process image.
//!
//! The parent makes a wallet of a random PIN and random claims, and reads the child's memory from outside: all that the
//! child can write, its stacks too. The child knows nothing but where the vault lies, and hears the PIN on its standard
//! input.
//!
//! This binary has the phone library's allocator, which wipes what is freed. Without it the core alone leaves no PIN, no
//! holder key and no device key (it wipes those itself), but claim values and cards in freed buffers: they pass through
//! CBOR, texts and lists that are not secrets of its own. Whoever builds on the core without the library needs such an
//! allocator too.

use crate::child::{Child, listen, say};
use amana_core::cose::cbor::{self, Value};
use amana_core::crypto::Pin;
use amana_core::ports::OsEntropy;
use amana_core::vault::{Door, RecordKind, Session, Vault};
use amana_core::wallet::{HolderKeys, Passphrase, Wallet};
use amana_tests::{NOW, PURPOSE, Rng, TestClock, World, ask, host_of, pin};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};
use zeroize::Zeroizing;

/// Every kind of record that a wallet keeps.
const KINDS: [RecordKind; 4] = [RecordKind(1), RecordKind(2), RecordKind(3), RecordKind(4)];
const HOLDER_KEY: RecordKind = RecordKind(2);

/// Opens a wallet, reads, answers, makes a backup with its keys and says "open"; then closes it, lets go of everything, and says "closed".
pub fn hold_and_close(arguments: &[String]) {
    let [path, request] = arguments else { panic!("a path and a request") };
    let path = Path::new(path);
    let host = host_of(path, &TestClock::at(NOW));
    let pin = Pin::new(listen()).expect("a PIN");

    let wallet = Wallet::open(path, host.clone()).expect("a wallet");
    let holder = wallet.unlock(Door::One, &pin).expect("it opens");
    let claims: Vec<_> =
        holder.cards().expect("cards").iter().map(|card| holder.claims(card.id).expect("claims")).collect();
    let incoming = holder.receive(request.as_bytes()).expect("a request");
    let answer = holder.receive(request.as_bytes()).expect("a request").review().expect("a choice").respond();
    let passphrase = Passphrase::make(&OsEntropy).expect("randomness");
    let plan = holder.plan_backup(HolderKeys::IncludeSoftwareKeys).expect("a plan");
    let backup = plan.seal(&passphrase).expect("a backup");
    let vault = Vault::open(path, host).expect("a vault");
    let mut session = vault.unlock(Door::One, &pin).expect("it opens");
    let records = read_records(&mut session);
    say("open");
    listen();

    drop((claims, incoming, answer, plan, backup, passphrase, records, session, pin));
    holder.close_now();
    say("closed");
    listen();
}

fn read_records(session: &mut Session) -> Vec<(RecordKind, Zeroizing<Vec<u8>>)> {
    let mut records = Vec::new();
    for kind in KINDS {
        for id in session.list(kind).expect("a list") {
            records.push((kind, session.read(kind, id).expect("a record")));
        }
    }
    records
}

#[test]
fn point_7_after_locking_nothing_secret_is_in_the_process_image() {
    let (world, typed, needles) = random_wallet();
    let request = world.verifier().request(PURPOSE, &["household.family_size", "household.ration_card"].map(ask));
    let (path, request) = (world.vault.to_str().unwrap(), request.unwrap().text());
    let mut child = Child::start("hold and close", &[path, &request]);
    child.tell(&typed);
    assert_eq!(child.hear().as_deref(), Some("open"));
    let (open, _) = search(child.id(), &needles);
    child.tell("close");
    assert_eq!(child.hear().as_deref(), Some("closed"));
    let (closed, searched) = search(child.id(), &needles);
    println!(
        "{} of {} secrets found while open; {} in {searched} bytes once closed",
        open.len(),
        needles.len(),
        closed.len()
    );
    assert_eq!(closed, BTreeMap::new());
    // The control: the same search finds everything while it is open, but for the device's keys: those are wiped at once.
    let held = |name: &&String| !name.starts_with("device key");
    assert_eq!(open.keys().collect::<Vec<_>>(), needles.keys().filter(held).collect::<Vec<_>>());
}

/// What is searched for, by names.
type Needles = BTreeMap<String, Vec<u8>>;

/// A locked wallet with one card, its PIN, and everything in it that is secret.
fn random_wallet() -> (World, String, Needles) {
    let seed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos() as u64;
    println!("seed {seed}");
    let mut rng = Rng::new(seed, "memory", 0);
    let mut text = || -> String {
        (0..14).map(|_| char::from(*rng.pick(b"abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"))).collect()
    };
    let typed = text();
    let mut needles = Needles::from([("the PIN".to_owned(), typed.clone().into_bytes())]);
    let groups = ["person", "household", "address"].map(|group| {
        let fields = ["family_size", "ration_card", "district", "more"].map(|field| {
            let value = text();
            needles.insert(format!("claim {group}.{field}"), value.clone().into_bytes());
            format!(r#""{field}": "{value}""#)
        });
        format!(r#""{group}": {{{}}}"#, fields.join(", "))
    });
    let world = World::with_card(&format!(
        r#"{{"type": "ration-card", "valid_from": "2026-01-01", "valid_until": "2027-12-31", "claims": {{{}}}}}"#,
        groups.join(", ")
    ));
    world.holder.change_pin(&pin("482913"), &pin(&typed)).unwrap();
    world.holder.close_now();

    let vault = Vault::open(&world.vault, world.host()).unwrap();
    for (n, (kind, record)) in read_records(&mut vault.unlock(Door::One, &pin(&typed)).unwrap()).iter().enumerate() {
        let middle = record.len() / 2;
        needles.insert(format!("record {n} of kind {}", kind.0), record[middle - 8..middle + 8].to_vec());
        if *kind == HOLDER_KEY {
            let seed = cbor::parse(record).unwrap().get("seed").and_then(Value::as_bytes).unwrap().to_vec();
            needles.insert("the holder key".to_owned(), seed);
        }
    }
    let device = fs::read(world.vault.with_added_extension("device-key")).unwrap();
    let keys = device[8..].chunks(32).take(2).zip(["device key header", "device key door 1"]);
    needles.extend(keys.map(|(key, name)| (name.to_owned(), key.to_vec())));
    (world, typed, needles)
}

/// Which of these are in a process's memory and in which region first, and how many bytes were looked at.
fn search(process: u32, needles: &Needles) -> (BTreeMap<String, String>, usize) {
    let maps = fs::read_to_string(format!("/proc/{process}/maps")).unwrap();
    let memory = File::open(format!("/proc/{process}/mem")).unwrap();
    let mut starts = vec![Vec::new(); 256];
    needles.iter().for_each(|(name, needle)| starts[usize::from(needle[0])].push((name, needle)));
    let (mut found, mut searched) = (BTreeMap::new(), 0);
    for region in maps.lines().filter(|line| line.split(' ').nth(1).is_some_and(|rights| rights.starts_with("rw"))) {
        let (from, to) = region.split(' ').next().and_then(|range| range.split_once('-')).unwrap();
        let [from, to] = [from, to].map(|address| u64::from_str_radix(address, 16).unwrap());
        let mut bytes = vec![0; (to - from) as usize];
        memory.read_exact_at(&mut bytes, from).unwrap_or_else(|e| panic!("{region}: {e}"));
        searched += bytes.len();
        for (at, byte) in bytes.iter().enumerate() {
            for (name, needle) in &starts[usize::from(*byte)] {
                if bytes[at..].starts_with(needle) {
                    found.entry((*name).clone()).or_insert_with(|| format!("{at} bytes into {region}"));
                }
            }
        }
    }
    (found, searched)
}
