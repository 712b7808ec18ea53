use super::*;
use crate::error::PortError;
use crate::ports::{DeviceKeyName, OsEntropy};
use std::fs;
use zeroize::Zeroizing;

/// A device whose keys are HMACs under a secret of its own.
struct Device(u8);

impl DeviceKey for Device {
    fn prf(&self, key: DeviceKeyName, input: &[u8; 32]) -> Result<Zeroizing<[u8; 32]>, PortError> {
        Ok(crate::crypto::kdf::hmac_parts(&[self.0], &[format!("{key:?}").as_bytes(), input]))
    }
    fn replace(&self, _: DeviceKeyName) -> Result<(), PortError> {
        Err(PortError::Unavailable)
    }
    fn protection(&self) -> Protection {
        Protection::Software
    }
}

fn host(device: u8) -> VaultHost {
    VaultHost { device_key: Arc::new(Device(device)), entropy: Arc::new(OsEntropy) }
}

fn pin(text: &str) -> Pin {
    Pin::new(Zeroizing::new(text.to_owned())).unwrap()
}

const KIND: RecordKind = RecordKind(1);

fn id(n: u32) -> RecordId {
    let mut id = [0; 16];
    id[..4].copy_from_slice(&n.to_be_bytes());
    RecordId(id)
}

fn content(n: u32) -> Vec<u8> {
    let len = [10, 400, 1500, 7000, 30_000][n as usize % 5] + n as usize % 7;
    format!("record {n} ").into_bytes().into_iter().cycle().take(len).collect()
}

struct Fixture {
    _folder: tempfile::TempDir,
    path: PathBuf,
}

fn fixture() -> (Fixture, Vault) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("vault.amana");
    let vault = Vault::create(&path, host(1), Door::One, &pin("1234"), Argon2Cost::FLOOR).unwrap();
    (Fixture { _folder: folder, path }, vault)
}

#[test]
fn records_survive_locking_and_a_new_process() {
    let (fixture, vault) = fixture();
    let mut session = vault.unlock(Door::One, &pin("1234")).unwrap();
    for n in 0..40 {
        session.write(|batch| batch.put(KIND, id(n), &content(n))).unwrap();
    }
    // Replaced in place, moved to another class, deleted from the middle.
    session.write(|batch| batch.put(KIND, id(3), b"short")).unwrap();
    session.write(|batch| (0..40).step_by(4).try_for_each(|n| batch.delete(KIND, id(n)))).unwrap();
    drop(session);

    let vault = Vault::open(&fixture.path, host(1)).unwrap();
    let mut session = vault.unlock(Door::One, &pin("1234")).unwrap();
    assert!(session.is_intact());
    assert_eq!(session.list(KIND).unwrap().len(), 30);
    for n in 0..40 {
        let expected = match n {
            _ if n % 4 == 0 => Err(Error::NotFound { what: "record" }),
            3 => Ok(b"short".to_vec()),
            _ => Ok(content(n)),
        };
        assert_eq!(session.read(KIND, id(n)).map(|content| content.to_vec()), expected, "record {n}");
    }
}

#[test]
fn a_failed_batch_changes_nothing() {
    let (_fixture, vault) = fixture();
    let mut session = vault.unlock(Door::One, &pin("1234")).unwrap();
    session.write(|batch| batch.put(KIND, id(1), b"kept")).unwrap();
    let failed: Result<()> = session.write(|batch| {
        batch.put(KIND, id(1), b"lost")?;
        batch.put(KIND, id(2), b"lost")?;
        Err(Error::AlreadyUsed)
    });
    assert_eq!(failed, Err(Error::AlreadyUsed));
    assert_eq!(*session.read(KIND, id(1)).unwrap(), b"kept");
    assert_eq!(session.list(KIND).unwrap(), [id(1)]);
}

#[test]
fn only_the_pin_on_its_door_and_device_opens() {
    let (fixture, vault) = fixture();
    assert_eq!(vault.unlock(Door::One, &pin("4321")).err(), Some(Error::WrongPin));
    assert_eq!(vault.unlock(Door::Two, &pin("1234")).err(), Some(Error::WrongPin));
    let elsewhere = Vault::open(&fixture.path, host(2)).unwrap();
    let sealed = Error::NotAVault { reason: "header-sealed" };
    assert_eq!(elsewhere.unlock(Door::One, &pin("1234")).err(), Some(sealed));
    assert!(vault.unlock(Door::One, &pin("1234")).is_ok());
}

#[test]
fn a_changed_pin_leaves_the_old_one_useless() {
    let (_fixture, vault) = fixture();
    let mut session = vault.unlock(Door::One, &pin("1234")).unwrap();
    session.write(|batch| batch.put(KIND, id(1), b"kept")).unwrap();
    let change = |old: &str, new: &str| session.pin_change().derive(&pin(old), &pin(new)).unwrap();
    let (wrong, right) = (change("0000", "9876"), change("1234", "9876"));
    assert_eq!(session.change_pin(&wrong), Err(Error::WrongPin));
    session.change_pin(&right).unwrap();
    drop(session);
    assert_eq!(vault.unlock(Door::One, &pin("1234")).err(), Some(Error::WrongPin));
    assert_eq!(*vault.unlock(Door::One, &pin("9876")).unwrap().read(KIND, id(1)).unwrap(), b"kept");
}

#[test]
fn the_file_shows_no_content_name_or_kind() {
    let (fixture, vault) = fixture();
    let mut session = vault.unlock(Door::One, &pin("1234")).unwrap();
    let secret = b"Amina Juma, Mwanza, 1984-02-29";
    let name = RecordId(*b"sixteen byte id!");
    session.write(|batch| batch.put(KIND, name, secret)).unwrap();
    drop(session);
    let bytes = fs::read(&fixture.path).unwrap();
    assert!(!fixture.path.with_added_extension("wal").exists());
    for needle in [&secret[..8], &name.0[..8], b"1234"] {
        assert!(!bytes.windows(needle.len()).any(|window| window == needle));
    }
    // The control: the same search finds what is there.
    assert!(bytes.windows(6).any(|window| window == b"tags_0"));
}

#[test]
fn every_slot_has_as_many_cells_as_the_one_in_use() {
    let (fixture, vault) = fixture();
    let mut session = vault.unlock(Door::One, &pin("1234")).unwrap();
    for n in 0..60 {
        session.write(|batch| batch.put(KIND, id(n), &content(n))).unwrap();
    }
    drop(session);
    let db = Connection::open(&fixture.path).unwrap();
    for class in 0..CLASSES {
        let count = |door: usize| {
            let sql = format!(
                "SELECT count(*), min(length(body)), max(length(body)) FROM cells_{class} WHERE place % 4 = {door}"
            );
            db.query_row(&sql, [], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?, row.get::<_, i64>(2)?)))
                .unwrap()
        };
        assert!((1..4).all(|door| count(door) == count(0)), "class {class}");
        assert!(count(0).0 >= 12);
    }
}

#[test]
fn a_cell_moved_swapped_or_put_back_is_found() {
    let (fixture, vault) = fixture();
    let mut session = vault.unlock(Door::One, &pin("1234")).unwrap();
    session.write(|batch| batch.put(KIND, id(1), b"first")).unwrap();
    session.write(|batch| batch.put(KIND, id(2), b"second")).unwrap();
    drop(session);
    let copy = |from: &Path, to: &Path| fs::copy(from, to).map(drop).unwrap();
    let before = fixture.path.with_added_extension("before");
    copy(&fixture.path, &before);

    // Swapped: the rows of records 1 and 2 change places.
    let db = Connection::open(&fixture.path).unwrap();
    for table in ["tags_0", "cells_0"] {
        let swap = format!(
            "UPDATE {table} SET place = -1 WHERE place = 0; UPDATE {table} SET place = 0 WHERE place = 4; UPDATE {table} SET place = 4 WHERE place = -1;"
        );
        db.execute_batch(&swap).unwrap();
    }
    drop(db);
    let mut session = vault.unlock(Door::One, &pin("1234")).unwrap();
    assert!(!session.is_intact());
    assert_eq!(session.read(KIND, id(1)), Err(Error::NotAVault { reason: "cell-sealed" }));
    drop(session);

    // Put back: the old cell of record 1 in its own place, in a newer file.
    copy(&before, &fixture.path);
    let mut session = vault.unlock(Door::One, &pin("1234")).unwrap();
    session.write(|batch| batch.put(KIND, id(1), b"newer")).unwrap();
    assert!(session.is_intact());
    drop(session);
    let db = Connection::open(&fixture.path).unwrap();
    db.execute("ATTACH ?1 AS old", [before.to_str().unwrap()]).unwrap();
    for table in ["tags_0", "cells_0"] {
        db.execute(&format!("REPLACE INTO main.{table} SELECT * FROM old.{table} WHERE place = 0"), []).unwrap();
    }
    drop(db);
    let mut session = vault.unlock(Door::One, &pin("1234")).unwrap();
    assert!(!session.is_intact());
    // It opens all the same: nobody is locked out of their own cards.
    assert_eq!(*session.read(KIND, id(2)).unwrap(), b"second");
}

#[test]
fn two_sessions_see_what_the_other_wrote() {
    let (_fixture, vault) = fixture();
    let mut one = vault.unlock(Door::One, &pin("1234")).unwrap();
    let mut two = vault.unlock(Door::One, &pin("1234")).unwrap();
    one.write(|batch| batch.put(KIND, id(1), b"one")).unwrap();
    assert_eq!(*two.read(KIND, id(1)).unwrap(), b"one");
    two.write(|batch| batch.put(KIND, id(2), b"two")).unwrap();
    one.write(|batch| batch.put(KIND, id(3), b"three")).unwrap();
    assert_eq!(two.list(KIND).unwrap(), [id(1), id(2), id(3)]);
    assert!(one.is_intact() && two.is_intact());
}

#[test]
fn what_is_not_a_vault_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    let open = || Vault::open(&path, host(1)).err().unwrap();
    assert_eq!(open(), Error::NotFound { what: "vault" });
    fs::write(&path, "a text file that is no vault, long enough to be read as a page header by SQLite").unwrap();
    assert_eq!(open(), Error::NotAVault { reason: "not-a-database" });
    fs::write(&path, "").unwrap();
    assert_eq!(open(), Error::NotAVault { reason: "application-id" });
    assert_eq!(fs::read(&path).unwrap(), b"");
    Connection::open(&path)
        .unwrap()
        .execute_batch("CREATE TABLE notes (text); INSERT INTO notes VALUES ('hers')")
        .unwrap();
    let hers = fs::read(&path).unwrap();
    assert_eq!(open(), Error::NotAVault { reason: "application-id" });
    assert_eq!(fs::read(&path).unwrap(), hers, "another program's database is left as it was");
    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    assert_eq!(open(), Error::NotAVault { reason: "not-a-file" });

    let (fixture, _vault) = fixture();
    let created = Vault::create(&fixture.path, host(1), Door::One, &pin("1234"), Argon2Cost::FLOOR);
    assert_eq!(created.err(), Some(Error::AlreadyExists));
    Connection::open(&fixture.path).unwrap().execute_batch("PRAGMA user_version = 2").unwrap();
    assert_eq!(Vault::open(&fixture.path, host(1)).err(), Some(Error::TooNew));
}

#[test]
fn a_file_cut_short_or_altered_never_panics_and_never_lies() {
    let (fixture, vault) = fixture();
    let mut session = vault.unlock(Door::One, &pin("1234")).unwrap();
    session.write(|batch| batch.put(KIND, id(1), b"content")).unwrap();
    drop(session);
    let whole = fs::read(&fixture.path).unwrap();
    let outcome = |bytes: &[u8]| {
        fs::write(&fixture.path, bytes).unwrap();
        for side in ["wal", "shm"] {
            let mut name = fixture.path.clone().into_os_string();
            name.push(format!("-{side}"));
            let _ = fs::remove_file(name);
        }
        let mut session = Vault::open(&fixture.path, host(1))?.unlock(Door::One, &pin("1234"))?;
        session.read(KIND, id(1)).map(|content| content.to_vec())
    };
    assert_eq!(outcome(&whole), Ok(b"content".to_vec()));
    for pages in [0, 1, 2, 5, 10] {
        let cut = outcome(&whole[..(pages * 4096).min(whole.len() - 1)]);
        assert!(cut.is_err(), "cut to {pages} pages: {cut:?}");
    }
    // Every part in clear, and a sample of the rest.
    for at in (0..4096).step_by(97).chain((4096..whole.len()).step_by(9973)) {
        let mut altered = whole.clone();
        altered[at] ^= 0x10;
        if let Ok(content) = outcome(&altered) {
            assert_eq!(content, b"content", "byte {at}");
        }
    }
}
