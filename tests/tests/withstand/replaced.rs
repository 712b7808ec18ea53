//! Something else in the file's place: it says what it met, changes nothing, and the vault put back still opens.

use crate::life::{FINE, KIND, content, host, id, read_all};
use amana_core::error::Error;
use amana_core::vault::{Door, FileAge, Vault};
use amana_core::wallet::Argon2Cost;
use amana_tests::pin;
use std::fs;
use std::path::{Path, PathBuf};

const PIN: &str = "482913";

fn make(folder: &Path, name: &str) -> (PathBuf, Vault) {
    let path = folder.join(name);
    let vault = Vault::create(&path, host(&path), Door::One, &pin(PIN), Argon2Cost::FLOOR).expect("made");
    let mut session = vault.unlock(Door::One, &pin(PIN)).expect("opened");
    session.write(|batch| batch.put(KIND, id(1), &content(500, 1))).expect("written");
    drop(session);
    (path, vault)
}

#[test]
fn what_lies_in_a_vaults_place_is_told_and_left_as_it_was() {
    let folder = tempfile::tempdir().expect("a folder");
    let ((path, _), (hers, _)) = (make(folder.path(), "mine.amana"), make(folder.path(), "hers.amana"));
    let (mine, hers) = (fs::read(&path).expect("mine"), fs::read(hers).expect("hers"));
    let open = || Vault::open(&path, host(&path)).and_then(|vault| vault.unlock(Door::One, &pin(PIN)));
    let not = |reason| Some(Error::NotAVault { reason });
    for (name, bytes, told) in [
        ("another person's vault", &hers[..], not("header-sealed")),
        (
            "a text",
            &b"Dear diary, nothing of this is a database, however long it goes on and on.\n".repeat(99),
            not("not-a-database"),
        ),
        ("nothing", &[], not("application-id")),
        ("half of it", &mine[..mine.len() / 8192 * 4096], not("corrupt")),
    ] {
        fs::write(&path, bytes).expect("written");
        assert_eq!(open().err(), told, "{name}");
        assert!(fs::read(&path).expect("read") == bytes, "{name} was written to");
    }
    fs::remove_file(&path).expect("removed");
    assert_eq!(open().err(), Some(Error::NotFound { what: "vault" }));
    assert!(!path.exists());
    fs::create_dir(&path).expect("a folder");
    assert_eq!(open().err(), not("not-a-file"));
    fs::remove_dir(&path).expect("removed");

    // Mine once more. Nothing was written meanwhile, so it still is the newest.
    fs::write(&path, &mine).expect("written");
    let mut session = open().expect("it opens");
    assert_eq!(session.integrity(), FINE);
    assert_eq!(read_all(&mut session).expect("read").len(), 1);
    drop(session);
    // And what it was before that unlock is an older copy.
    fs::write(&path, &mine).expect("written");
    assert_eq!(open().expect("it opens").integrity().file, FileAge::RolledBack { by: 1 });
}
