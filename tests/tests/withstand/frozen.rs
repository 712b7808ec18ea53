//! Point 9: stores that released builds made, in `tests/frozen/`, open in every later one. `README.md` there says what is
//! in them and how another is made.

use amana_core::credential::to_json;
use amana_core::error::Error;
use amana_core::software;
use amana_core::wallet::{Door, FileAge, Outcome, Wallet, WalletHost};
use amana_tests::{CARD_TYPE, NOW, PURPOSE, TestClock, World, ask, pin};
use std::fs;
use std::path::{Path, PathBuf};

const PIN: &str = "482913";
/// Door 2's.
const SECOND: &str = "2222";
/// What lies beside a store.
const SIDES: [&str; 3] = ["", ".device-key", ".counter"];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("frozen")
}

/// The stores, oldest first.
fn stores() -> Vec<PathBuf> {
    let found = fs::read_dir(folder()).expect("tests/frozen").map(|entry| entry.expect("an entry").path());
    let mut stores: Vec<_> = found.filter(|path| path.extension().is_some_and(|ending| ending == "amana")).collect();
    stores.sort();
    stores
}

fn copy(store: &Path, to: &Path) {
    for side in SIDES {
        let from = PathBuf::from(format!("{}{side}", store.display()));
        fs::copy(from, format!("{}{side}", to.display())).expect("copied");
    }
}

fn open(path: &Path) -> Result<Wallet, Error> {
    Wallet::open(path, WalletHost { clock: TestClock::at(NOW), ..software::host_beside(path)? })
}

#[test]
fn point_9_every_store_of_a_release_opens_and_all_of_it_is_read() {
    let stores = stores();
    assert!(!stores.is_empty());
    for store in stores {
        let name = store.display();
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("wallet.amana");
        copy(&store, &path);
        let wallet = open(&path).unwrap_or_else(|e| panic!("{name}: {e}"));
        let holder = wallet.unlock(Door::One, &pin(PIN)).unwrap_or_else(|e| panic!("{name}: {e}"));
        let state = holder.state().expect("a state");
        assert_eq!((state.file, state.records_intact), (FileAge::Newest, true), "{name}");
        let [card] = &holder.cards().expect("cards")[..] else { panic!("{name}: one card") };
        assert_eq!((card.card_type.as_str(), card.needs_reissue), (CARD_TYPE, false), "{name}");
        let claims = serde_json::Value::Object(to_json(&holder.claims(card.id).expect("claims")));
        assert_eq!(claims["household"]["ration_card"], "TZ-0041-7782", "{name}");
        assert_eq!(holder.trust().expect("trust").expect("a bundle").sequence, 1, "{name}");
        let history = holder.history().expect("a history");
        let outcomes: Vec<_> = history.entries.iter().map(|entry| entry.outcome()).collect();
        assert_eq!((history.is_whole, outcomes), (true, vec![Outcome::Declined, Outcome::Shared]), "{name}");
        // And it goes on: what is written now is read again.
        holder.keep_history(false).expect("written");
        holder.close_now();
        let holder = wallet.unlock(Door::One, &pin(PIN)).expect("opened");
        assert!(!holder.history().expect("a history").is_kept, "{name}");
        let second = wallet.unlock(Door::Two, &pin(SECOND)).unwrap_or_else(|e| panic!("{name}, door 2: {e}"));
        assert!(second.cards().expect("cards").is_empty(), "{name}");
    }
}

#[test]
fn point_9_a_newer_store_and_one_of_the_first_form_say_what_they_are() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("wallet.amana");
    for (version, told) in [
        (1, Error::NotAVault { reason: "first-form" }),
        (99, Error::TooNew),
        (0, Error::NotAVault { reason: "version" }),
    ] {
        copy(stores().last().expect("a store"), &path);
        let db = rusqlite::Connection::open(&path).expect("a database");
        db.execute_batch(&format!("PRAGMA user_version = {version}")).expect("set");
        drop(db);
        let before = fs::read(&path).expect("read");
        assert_eq!(open(&path).err(), Some(told), "version {version}");
        assert!(fs::read(&path).expect("read") == before, "version {version} was written to");
    }
}

/// Not a test but the tool that makes the next store: with `AMANA_FREEZE=NAME`, in `tests/frozen/NAME.amana`.
#[test]
fn freeze() {
    let Ok(name) = std::env::var("AMANA_FREEZE") else { return };
    let world = World::new();
    let request = world.verifier().request(PURPOSE, &[ask("household.family_size"), ask("household.ration_card")]);
    let text = request.expect("a request").text();
    let incoming = world.holder.receive(text.as_bytes()).expect("received");
    incoming.review().expect("reviewed").respond().expect("answered");
    world.holder_clock.pass(60_000);
    world.holder.receive(text.as_bytes()).expect("received").decline().expect("declined");
    let wallet = Wallet::open(&world.vault, world.host()).expect("a wallet");
    wallet.take_door_and_destroy_what_is_behind(Door::Two, &pin(SECOND)).expect("taken");
    world.holder.close_now();
    copy(&world.vault, &folder().join(format!("{name}.amana")));
}
