//! Point 9: stores that released builds made still open, and all of what they hold is read. `tests/frozen/README.md` says
//! what that is and how another is made.

use amana_core::VERSION;
use amana_core::credential::{claims_from_json, to_json};
use amana_core::error::Error;
use amana_core::wallet::{Door, FileAge, Holder, Wallet};
use amana_tests::{CARD_JSON, NOW, PURPOSE, TestClock, World, ask, host_of, pin};
use std::fs;
use std::path::{Path, PathBuf};

/// What a frozen store consists of, and the request that its wallet has answered.
const FILES: [&str; 4] = ["", ".device-key", ".counter", ".request"];
const EXTENSION: &str = "amana";

/// The doors that are in use, and their PINs: the second holds nothing.
const DOORS: [(Door, &str); 2] = [(Door::One, "482913"), (Door::Three, "770211")];

fn frozen() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("frozen")
}

/// Every frozen store, copied: opening one writes to it.
fn copies(folder: &Path) -> Vec<PathBuf> {
    let names = fs::read_dir(frozen()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let stores: Vec<String> = names.filter(|name| name.ends_with(EXTENSION)).collect();
    let copy = |name: &String| {
        for suffix in FILES {
            fs::copy(frozen().join(format!("{name}{suffix}")), folder.join(format!("{name}{suffix}"))).unwrap();
        }
        folder.join(name)
    };
    stores.iter().map(copy).collect()
}

fn open(store: &Path) -> Result<Wallet, Error> {
    Wallet::open(store, host_of(store, &TestClock::at(NOW)))
}

#[test]
fn point_9_every_frozen_store_opens_and_all_of_it_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let stores = copies(folder.path());
    assert!(!stores.is_empty(), "no frozen store; tests/frozen/README.md says how one is made");
    for store in stores {
        println!("{}", store.file_name().unwrap().display());
        let wallet = open(&store).unwrap();
        wallet.check_device().unwrap();
        let [holder, other] = DOORS.map(|(door, typed)| wallet.unlock(door, &pin(typed)).unwrap());
        for holder in [&holder, &other] {
            let state = holder.state().unwrap();
            assert_eq!((state.file, state.records_intact, state.read_only), (FileAge::Newest, true, None));
        }
        assert_eq!(other.cards().unwrap(), []);
        read_all(&holder, &fs::read(store.with_added_extension("request")).unwrap());
        // And it is written to.
        for card in holder.cards().unwrap() {
            holder.delete(card.id).unwrap();
        }
        assert_eq!(holder.cards().unwrap(), []);
    }
}

/// A card with all that it says, its key, a bundle that names its issuer, and a request that was answered.
fn read_all(holder: &Holder, request: &[u8]) {
    let [card] = <[_; 1]>::try_from(holder.cards().unwrap()).expect("one card");
    assert!(holder.unreadable_cards().unwrap().is_empty());
    assert_eq!(card.issuer_names.expect("believed").best(&["sw"]), "Wakala wa Usajili");
    assert_eq!(card.added_at, NOW);
    let card_json: serde_json::Value = serde_json::from_str(CARD_JSON).unwrap();
    let issued = claims_from_json(card_json["claims"].as_object().unwrap()).unwrap();
    assert_eq!(to_json(&holder.claims(card.id).unwrap()), to_json(&issued));
    assert_eq!(holder.trust().unwrap().expect("a bundle").sequence, 1);
    let incoming = holder.receive(request).unwrap();
    assert_eq!(incoming.answered_at(), Some(NOW));
    // The card's own key signs.
    assert!(incoming.review().unwrap().respond().unwrap().bytes().len() > 500);
}

#[test]
fn point_9_a_newer_store_and_the_first_form_are_told() {
    let folder = tempfile::tempdir().unwrap();
    for store in copies(folder.path()) {
        for (version, told) in [(9999, Error::TooNew), (1, Error::NotAVault { reason: "first-form" })] {
            rusqlite::Connection::open(&store).unwrap().pragma_update(None, "user_version", version).unwrap();
            assert_eq!(open(&store).err(), Some(told));
        }
    }
}

/// Not a test but the maker of a frozen store: writes this build's into the folder that `AMANA_FREEZE` names, and does
/// nothing where there is none.
#[test]
fn freeze() {
    let Some(folder) = std::env::var_os("AMANA_FREEZE").map(PathBuf::from) else { return };
    let world = World::new();
    let request = world.verifier().request(PURPOSE, &["household.family_size", "address.village"].map(ask)).unwrap();
    let incoming = world.holder.receive(request.text().as_bytes()).unwrap();
    drop(incoming.review().unwrap().respond().unwrap());
    world.holder.close_now();
    let wallet = Wallet::open(&world.vault, world.host()).unwrap();
    let (door, typed) = DOORS[1];
    wallet.take_door_and_destroy_what_is_behind(door, &pin(typed)).unwrap();
    drop(wallet);
    fs::write(world.vault.with_added_extension("request"), request.text()).unwrap();
    for suffix in FILES {
        let to = folder.join(format!("{VERSION}.{EXTENSION}{suffix}"));
        // What was frozen stays as it is.
        let mut to = fs::File::create_new(&to).unwrap_or_else(|e| panic!("{}: {e}", to.display()));
        let from = PathBuf::from(format!("{}{suffix}", world.vault.display()));
        std::io::copy(&mut fs::File::open(from).unwrap(), &mut to).unwrap();
    }
}
