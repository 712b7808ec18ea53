//! Records: written, replaced, deleted, listed; by one session and by two.

use super::*;
use crate::crypto::aead;
use crate::vault::layout::Place;

#[test]
fn records_survive_locking_and_a_new_process() {
    let fixture = Fixture::new();
    let mut session = fixture.unlock();
    for n in 0..40 {
        put(&mut session, n, &content(n));
    }
    // Replaced in place, moved to another class, deleted from the middle.
    put(&mut session, 3, b"short");
    session.write(|batch| (0..40).step_by(4).try_for_each(|n| batch.delete(KIND, id(n)))).unwrap();
    drop(session);

    let vault = Vault::open(&fixture.path, fixture.phone.host()).unwrap();
    let mut session = vault.unlock(Door::One, &pin(PIN)).unwrap();
    assert_eq!(session.integrity(), Integrity { file: FileAge::Newest, records_intact: true });
    assert_eq!(session.list(KIND).unwrap().len(), 30);
    for n in 0..40 {
        let expected = match n {
            _ if n % 4 == 0 => Err(Error::NotFound { what: "record" }),
            3 => Ok(b"short".to_vec()),
            _ => Ok(content(n)),
        };
        assert_eq!(read(&mut session, n), expected, "record {n}");
    }
}

#[test]
fn a_failed_batch_changes_nothing() {
    let fixture = Fixture::new();
    let mut session = fixture.unlock();
    put(&mut session, 1, b"kept");
    let failed: Result<()> = session.write(|batch| {
        batch.put(KIND, id(1), b"lost")?;
        batch.put(KIND, id(2), b"lost")?;
        Err(Error::AlreadyUsed)
    });
    assert_eq!(failed, Err(Error::AlreadyUsed));
    assert_eq!(read(&mut session, 1), Ok(b"kept".to_vec()));
    assert_eq!(session.list(KIND).unwrap(), [id(1)]);
    let too_large = session.write(|batch| batch.put(KIND, id(3), &vec![0; Batch::LIMIT + 1]));
    assert_eq!(too_large, Err(Error::TooLarge { bytes: Batch::LIMIT as u64 + 1, limit: Batch::LIMIT as u64 }));
    put(&mut session, 3, &vec![7; Batch::LIMIT]);
    assert_eq!(read(&mut session, 3), Ok(vec![7; Batch::LIMIT]));
}

#[test]
fn two_sessions_see_what_the_other_wrote() {
    let fixture = Fixture::new();
    let (mut one, mut two) = (fixture.unlock(), fixture.unlock());
    put(&mut one, 1, b"one");
    assert_eq!(read(&mut two, 1), Ok(b"one".to_vec()));
    put(&mut two, 2, b"two");
    put(&mut one, 3, b"three");
    assert_eq!(two.list(KIND).unwrap(), [id(1), id(2), id(3)]);
    let fine = Integrity { file: FileAge::Newest, records_intact: true };
    assert_eq!((one.integrity(), two.integrity()), (fine, fine));
}

#[test]
fn what_is_not_a_vault_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    let phone = Phone::new(1);
    let open = || Vault::open(&path, phone.host()).err().unwrap();
    assert_eq!(open(), Error::NotFound { what: "vault" });
    fs::write(&path, "a text file that is no vault, long enough to be read as a page header by SQLite").unwrap();
    assert_eq!(open(), Error::NotAVault { reason: "not-a-database" });
    fs::write(&path, "").unwrap();
    assert_eq!(open(), Error::NotAVault { reason: "application-id" });
    assert_eq!(fs::read(&path).unwrap(), b"");
    let sql = |path: &Path, sql: &str| rusqlite::Connection::open(path).unwrap().execute_batch(sql).unwrap();
    sql(&path, "CREATE TABLE notes (text); INSERT INTO notes VALUES ('hers')");
    let hers = fs::read(&path).unwrap();
    assert_eq!(open(), Error::NotAVault { reason: "application-id" });
    assert_eq!(fs::read(&path).unwrap(), hers, "another program's database is left as it was");
    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    assert_eq!(open(), Error::NotAVault { reason: "not-a-file" });

    let fixture = Fixture::new();
    let created = Vault::create(&fixture.path, phone.host(), Door::One, &pin(PIN), Argon2Cost::FLOOR);
    assert_eq!(created.err(), Some(Error::AlreadyExists));
    sql(&fixture.path, "PRAGMA user_version = 3");
    assert_eq!(Vault::open(&fixture.path, phone.host()).err(), Some(Error::TooNew));
}

#[test]
fn a_log_that_an_earlier_vault_left_behind_is_not_replayed_onto_a_new_one() {
    let fixture = Fixture::new();
    let mut session = fixture.unlock();
    put(&mut session, 1, b"old");
    // The process dies here: the log stays. Then the person deletes the wallet's file, and makes a new one.
    let log = fs::read(sqlite_log(&fixture.path)).unwrap();
    drop(session);
    fs::remove_file(&fixture.path).unwrap();
    fs::write(sqlite_log(&fixture.path), log).unwrap();

    let new = Vault::create(&fixture.path, fixture.phone.host(), Door::One, &pin("7777"), Argon2Cost::FLOOR).unwrap();
    let opened = new.unlock(Door::One, &pin("7777"));
    assert!(opened.is_ok(), "{:?}", opened.err());
}

#[test]
fn a_record_of_a_later_version_is_moved_as_it_is() {
    let fixture = Fixture::new();
    let mut session = fixture.unlock();
    put(&mut session, 1, b"first");
    put(&mut session, 2, b"second");
    // A later version of the app rewrites record 2 with RECORD_VERSION 2, sealed as always.
    let place = Place { slot: Door::One, class: 0, index: 1 };
    session
        .write(|batch| {
            let (cell, body) = sqlite::read_cell(batch.db, place)?;
            let slot = batch.slot;
            let aad = |name: &[u8; 17]| [b"amana/1 vault cell", &slot.file.salt[..], &place.to_bytes(), name].concat();
            let mut sealed = body;
            sealed.extend_from_slice(&cell.tag);
            let mut plain = aead::open(&slot.slot_key.record, &cell.nonce, &aad(&cell.name), &sealed)?;
            plain[0] = 2;
            let mut nonce = cell.nonce;
            nonce[0] ^= 1;
            let open_name = slot.slot_key.mask_name(&cell.nonce, &cell.name);
            let name = slot.slot_key.mask_name(&nonce, &open_name);
            let mut sealed = aead::seal(&slot.slot_key.record, &nonce, &aad(&name), &plain)?;
            let tag = sealed.split_off(sealed.len() - 16).try_into().unwrap();
            let new = layout::Cell { nonce, tag, name };
            batch.header.subtract(&slot.slot_key.digest(place, &cell));
            batch.header.add(&slot.slot_key.digest(place, &new));
            sqlite::write_cell(batch.db, place, &new, &sealed)
        })
        .unwrap();
    drop(session);
    let mut session = fixture.unlock();
    assert_eq!(read(&mut session, 2), Err(Error::TooNew));
    // This older version deletes another record; the last of the class takes its cell.
    session.write(|batch| batch.delete(KIND, id(1))).unwrap();
    assert_eq!(read(&mut session, 2), Err(Error::TooNew), "still whole, for the later version to read");
}
