//! Point 2: the file rolled back, whole or one record of it.

use super::*;

const FINE: Integrity = Integrity { file: FileAge::Newest, records_intact: true };

#[test]
fn point_2_an_older_copy_of_the_file_is_told_and_opens() {
    let fixture = Fixture::new();
    let mut session = fixture.unlock();
    put(&mut session, 1, b"ticket unused");
    drop(session);
    let copy = fixture.copy();
    let mut session = fixture.unlock();
    put(&mut session, 1, b"ticket used");
    drop(session);

    fixture.put_back(&copy);
    let mut session = fixture.unlock();
    // An unlock and a write were lost.
    assert_eq!(session.integrity().file, FileAge::RolledBack { by: 2 });
    assert_eq!(read(&mut session, 1), Ok(b"ticket unused".to_vec()));
    put(&mut session, 2, b"still writable");
    drop(session);
    // Told until it is acknowledged, then no more.
    let mut session = fixture.unlock();
    assert_eq!(session.integrity().file, FileAge::RolledBack { by: 2 });
    session.acknowledge().unwrap();
    assert_eq!(session.integrity(), FINE);
    drop(session);
    assert_eq!(fixture.unlock().integrity(), FINE);
    // And the next one is told again.
    fixture.put_back(&copy);
    assert!(matches!(fixture.unlock().integrity().file, FileAge::RolledBack { .. }));
}

#[test]
fn point_2_every_door_is_told_also_later() {
    let fixture = Fixture::new();
    drop(fixture.take(Door::Two, "2222"));
    let copy = fixture.copy();
    drop(fixture.unlock());
    fixture.put_back(&copy);
    let mut first = fixture.unlock();
    first.acknowledge().unwrap();
    drop(first);
    let mut second = fixture.vault.unlock(Door::Two, &pin("2222")).unwrap();
    assert_eq!(second.integrity().file, FileAge::RolledBack { by: 1 });
    second.acknowledge().unwrap();
    assert_eq!(second.integrity(), FINE);
}

#[test]
fn point_2_a_crash_between_commit_and_counter_is_no_attack() {
    let fixture = Fixture::new();
    let mut session = fixture.unlock();
    let before = fixture.phone.counter.count.load(Ordering::SeqCst);
    put(&mut session, 1, b"committed");
    drop(session);
    // The counter's last step never happened.
    fixture.phone.counter.count.store(before, Ordering::SeqCst);
    let mut session = fixture.unlock();
    assert_eq!(session.integrity(), FINE);
    assert_eq!(read(&mut session, 1), Ok(b"committed".to_vec()));
    drop(session);
    assert_eq!(fixture.unlock().integrity(), FINE);
}

#[test]
fn point_2_a_lost_counter_is_its_own_outcome() {
    let fixture = Fixture::new();
    let mut session = fixture.unlock();
    put(&mut session, 1, b"kept");
    drop(session);
    fixture.phone.counter.count.store(0, Ordering::SeqCst);
    let mut session = fixture.unlock();
    assert_eq!(session.integrity().file, FileAge::CounterLost);
    assert_eq!(read(&mut session, 1), Ok(b"kept".to_vec()));
    session.acknowledge().unwrap();
    drop(session);
    // From here on the counter counts again.
    let copy = fixture.copy();
    drop(fixture.unlock());
    assert_eq!(fixture.unlock().integrity(), FINE);
    fixture.put_back(&copy);
    assert_eq!(fixture.unlock().integrity().file, FileAge::RolledBack { by: 2 });
}

#[test]
fn point_2_a_counter_that_does_not_answer_locks_nobody_out() {
    let fixture = Fixture::new();
    *fixture.phone.counter.fails.lock().unwrap() = Some(PortError::Unavailable);
    let mut session = fixture.unlock();
    let unchecked = FileAge::Unchecked { reason: PortError::Unavailable };
    assert_eq!(session.integrity().file, unchecked);
    for n in 0..5 {
        put(&mut session, n, b"written all the same");
    }
    assert_eq!(session.integrity().file, unchecked);
    drop(session);
    // Once it answers again, the writes in between were no attack.
    *fixture.phone.counter.fails.lock().unwrap() = None;
    assert_eq!(fixture.unlock().integrity(), FINE);
}

#[test]
fn point_2_one_old_record_put_back_into_its_place_is_found() {
    let fixture = Fixture::new();
    let mut session = fixture.unlock();
    put(&mut session, 1, b"ticket unused");
    put(&mut session, 2, b"second");
    drop(session);
    let before = fixture.path.with_added_extension("before");
    fs::write(&before, fixture.copy()).unwrap();
    let mut session = fixture.unlock();
    put(&mut session, 1, b"ticket used");
    assert_eq!(session.integrity(), FINE);
    drop(session);

    let db = rusqlite::Connection::open(&fixture.path).unwrap();
    db.execute("ATTACH ?1 AS old", [before.to_str().unwrap()]).unwrap();
    for table in ["tags_0", "cells_0"] {
        db.execute(&format!("REPLACE INTO main.{table} SELECT * FROM old.{table} WHERE place = 0"), []).unwrap();
    }
    drop(db);
    let mut session = fixture.unlock();
    assert_eq!(session.integrity(), Integrity { file: FileAge::Newest, records_intact: false });
    // It opens all the same: nobody is locked out of their own cards.
    assert_eq!(read(&mut session, 2), Ok(b"second".to_vec()));
    assert_eq!(read(&mut session, 1), Ok(b"ticket unused".to_vec()));
    session.acknowledge().unwrap();
    drop(session);
    assert_eq!(fixture.unlock().integrity(), FINE);
}

#[test]
fn point_2_cells_that_change_places_are_found() {
    let fixture = Fixture::new();
    let mut session = fixture.unlock();
    put(&mut session, 1, b"first");
    put(&mut session, 2, b"second");
    put(&mut session, 3, b"third");
    drop(session);
    let db = rusqlite::Connection::open(&fixture.path).unwrap();
    for table in ["tags_0", "cells_0"] {
        let swap = "UPDATE TABLE SET place = -1 WHERE place = 0; UPDATE TABLE SET place = 0 WHERE place = 4;
                    UPDATE TABLE SET place = 4 WHERE place = -1;";
        db.execute_batch(&swap.replace("TABLE", table)).unwrap();
    }
    drop(db);
    let mut session = fixture.unlock();
    assert!(!session.integrity().records_intact);
    assert_eq!(read(&mut session, 1), Err(Error::NotAVault { reason: "cell-sealed" }));
    // Nothing is lost by going on: what cannot be read stays listed, also when it is moved.
    session.write(|batch| batch.delete(KIND, id(3))).unwrap();
    assert_eq!(session.list(KIND).unwrap().len(), 2);
}

#[test]
fn point_2_only_what_was_told_is_acknowledged() {
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

#[test]
fn point_2_a_copy_put_back_under_an_open_session_is_told() {
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
