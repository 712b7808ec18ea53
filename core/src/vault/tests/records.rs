//! Records: written, replaced, deleted, listed; by one session and by two.

use super::*;

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
