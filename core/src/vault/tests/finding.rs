//! Findings of a review: each fails until what it shows is mended.

use super::super::cells::open_cell;
use super::super::layout::Place;
use super::super::sqlite;
use super::*;
use crate::crypto::aead;

/// An incident that arises in the same transaction as the acknowledgement was never told to anybody.
#[test]
fn finding_acknowledge_swallows_an_incident_that_was_never_told() {
    let fixture = Fixture::new();
    let mut session = fixture.unlock();
    put(&mut session, 1, b"ticket used");
    // First incident, told.
    fixture.phone.counter.count.fetch_add(3, Ordering::SeqCst);
    drop(session);
    let mut session = fixture.unlock();
    assert_eq!(session.integrity().file, FileAge::RolledBack { by: 3 });
    // Another session writes, then the file it wrote is lost (a second rollback, here seen from the counter's side).
    let other = fixture.vault.unlock(Door::One, &pin(PIN)).unwrap();
    drop(other);
    fixture.phone.counter.count.fetch_add(40, Ordering::SeqCst);
    // The person acknowledges what they were told: three changes lost.
    session.acknowledge().unwrap();
    drop(session);
    // The second one (40) must still be told.
    assert_ne!(fixture.unlock().integrity().file, FileAge::Newest);
}

/// `State::counted` skips the counter, so an old copy put back under an open session is taken for the newest.
#[test]
fn finding_rollback_under_an_open_session_goes_unnoticed() {
    let fixture = Fixture::new();
    let mut long = fixture.unlock();
    put(&mut long, 1, b"ticket unused");
    long.fold();
    let copy = fs::read(&fixture.path).unwrap();
    // Another session (another process) uses the ticket; it is acknowledged.
    let mut other = fixture.unlock();
    put(&mut other, 1, b"ticket used");
    drop(other);
    long.fold();
    // The old copy is put back in place, while `long` is still open and has not looked since.
    fs::write(&fixture.path, &copy).unwrap();
    // As many writes as were lost: then the generations meet again.
    (2..5).for_each(|n| put(&mut long, n, b"something else"));
    let told = long.integrity().file;
    drop(long);
    let later = fixture.unlock();
    assert!(
        told != FileAge::Newest || later.integrity().file != FileAge::Newest,
        "two acknowledged generations were lost and nobody is told"
    );
}

/// A log that an earlier vault of the same name left behind is SQLite's to replay.
#[test]
fn finding_a_new_vault_is_overlaid_by_an_old_ones_log() {
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

/// `move_cell` moves the sealed bytes of a record that a later version wrote; its seal is bound to its old place.
#[test]
fn finding_moving_a_record_of_a_later_version_destroys_it() {
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
    assert_eq!(read(&mut session, 2), Err(Error::TooNew));
    // This older version deletes another record; the last of the class takes its cell.
    session.write(|batch| batch.delete(KIND, id(1))).unwrap();
    assert_eq!(read(&mut session, 2), Err(Error::TooNew), "still whole, for the later version to read");
}

/// The waiting of a wallet that cannot be written is remembered by the `Vault` object alone.
#[cfg(unix)]
#[test]
fn finding_a_read_only_wallet_never_opens_from_commands_of_one_attempt_each() {
    let fixture = Fixture::new();
    // Stands for a disk that refuses: the lock's place is taken by a folder, so no attempt can be counted.
    let lock = fixture.path.with_added_extension("lock");
    let _ = fs::remove_file(&lock);
    fs::create_dir(&lock).unwrap();
    let mut last = None;
    for _ in 0..12 {
        // Each is a run of `amana wallet list`: a process, and a Vault, of its own. The person waits as told.
        let vault = Vault::open(&fixture.path, fixture.phone.host()).unwrap();
        match vault.unlock(Door::One, &pin(PIN)) {
            Ok(_) => return,
            Err(error) => last = Some(error),
        }
        fixture.phone.wait(301);
    }
    panic!("an hour of waiting as told, and still {last:?}");
}

/// Taking a door leaves its slot key in another door's panic wrap, and its cells where they were.
#[test]
fn finding_what_was_behind_a_taken_door_opens_with_anothers_panic_pin() {
    let fixture = Fixture::new();
    let mut two = fixture.take(Door::Two, "2222");
    put(&mut two, 1, b"behind door two");
    let mut one = fixture.unlock();
    let task = one.pin_task().unwrap();
    let (current, panic) = (task.stretch(&pin(PIN)).unwrap(), task.stretch(&pin("9999")).unwrap());
    one.set_panic_pin(&current, &panic, Some(&two.as_panic_target())).unwrap();
    drop((one, two));
    fixture.vault.take_door_and_destroy_what_is_behind(Door::Two, &pin("3333")).unwrap();

    let session = fixture.vault.unlock(Door::One, &pin("9999")).unwrap();
    let db = File::open(&fixture.path).unwrap();
    let place = Place { slot: Door::Two, class: 0, index: 0 };
    let found = open_cell(session.slot(), &db, place).map(|(_, content)| content.to_vec());
    assert_ne!(found, Ok(b"behind door two".to_vec()), "destroyed for good, it said");
}

impl Session {
    fn fold(&mut self) {
        self.test_db().fold().unwrap();
    }
}
