//! Something else in the file's place: each has its answer, and the original put back still opens. A file that cannot be
//! written is in `disk`: root writes everything.

use amana_core::error::Error;
use amana_core::wallet::{Door, FileAge, Wallet};
use amana_tests::{World, claim, pin};
use std::fs;
use std::path::Path;

const PIN: &str = "482913";

type Replace = fn(&World, &Path);

/// What is put there, and what opening then says.
const REPLACED: [(&str, Replace, Error); 6] = [
    ("nothing", |_, _| {}, Error::NotFound { what: "vault" }),
    ("an empty file", |_, path| write(path, b""), Error::NotAVault { reason: "application-id" }),
    ("a text file", |_, path| write(path, b"Dear diary,\n"), Error::NotAVault { reason: "not-a-database" }),
    ("a directory", |_, path| fs::create_dir(path).unwrap(), Error::NotAVault { reason: "not-a-file" }),
    ("another program's database", |_, path| database(path), Error::NotAVault { reason: "application-id" }),
    ("half of it", |world, path| write(path, &original(world)[..40_000]), Error::NotAVault { reason: "corrupt" }),
];

fn write(path: &Path, bytes: &[u8]) {
    fs::write(path, bytes).unwrap();
}

fn database(path: &Path) {
    rusqlite::Connection::open(path)
        .unwrap()
        .execute_batch("CREATE TABLE notes (text); PRAGMA user_version = 2")
        .unwrap();
}

fn kept(world: &World) -> std::path::PathBuf {
    world.folder().join("kept aside")
}

fn original(world: &World) -> Vec<u8> {
    fs::read(kept(world)).unwrap()
}

/// Opens, unlocks and reads.
fn open(world: &World) -> Result<FileAge, Error> {
    let wallet = Wallet::open(&world.vault, world.host())?;
    wallet.check_device()?;
    let holder = wallet.unlock(Door::One, &pin(PIN))?;
    let claims = holder.claims(world.card)?;
    assert!(claims.at(&claim("person.family_name")).is_some());
    Ok(holder.state()?.file)
}

#[test]
fn whatever_lies_in_the_files_place_has_its_answer_and_the_original_still_opens() {
    let world = World::new();
    world.holder.close_now();
    for (what, replace, error) in REPLACED {
        fs::rename(&world.vault, kept(&world)).unwrap();
        replace(&world, &world.vault);
        assert_eq!(open(&world), Err(error), "{what}");
        // It is left as it was found, and nothing of ours stays beside it.
        if world.vault.is_dir() {
            fs::remove_dir(&world.vault).unwrap();
        }
        fs::rename(kept(&world), &world.vault).unwrap();
        assert_eq!(open(&world), Ok(FileAge::Newest), "{what}");
    }
}

#[test]
fn an_older_copy_and_another_persons_vault_in_its_place() {
    let (world, other) = (World::new(), World::new());
    [&world, &other].into_iter().for_each(|world| world.holder.close_now());
    let older = fs::read(&world.vault).unwrap();
    assert_eq!(open(&world), Ok(FileAge::Newest));
    fs::copy(&world.vault, kept(&world)).unwrap();

    fs::copy(&other.vault, &world.vault).unwrap();
    let foreign = Err(Error::NotAVault { reason: "header-sealed" });
    assert_eq!(open(&world), foreign);
    let wallet = Wallet::open(&world.vault, world.host()).unwrap();
    assert_eq!(wallet.unlock(Door::One, &pin(PIN)).err(), foreign.err());
    // It was not written to either: its own device opens it as the newest.
    fs::copy(&world.vault, &other.vault).unwrap();
    assert_eq!(open(&other), Ok(FileAge::Newest));

    fs::copy(kept(&world), &world.vault).unwrap();
    assert_eq!(open(&world), Ok(FileAge::Newest));
    fs::write(&world.vault, older).unwrap();
    assert_eq!(open(&world), Ok(FileAge::RolledBack { by: 2 }));
}
