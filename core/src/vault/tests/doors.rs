//! Point 5: shared phones; and wrong PINs, changed PINs, devices and disks that refuse.

use super::*;
use crate::vault::cells::open_cell;
use crate::vault::layout::Place;

const WRONG: Error = Error::WrongPin { retry_after: 0 };

#[test]
fn point_5_four_doors_with_keys_of_their_own() {
    let fixture = Fixture::new();
    let mut one = fixture.unlock();
    put(&mut one, 1, b"hers");
    // Equal PINs are allowed: "taken" would give one away.
    let mut two = fixture.take(Door::Two, PIN);
    assert_eq!(two.list(KIND).unwrap(), []);
    put(&mut two, 1, b"his");
    put(&mut two, 2, b"his too");
    assert_eq!(read(&mut one, 1), Ok(b"hers".to_vec()));
    assert_eq!(one.list(KIND).unwrap(), [id(1)]);
    assert!(one.integrity().records_intact && two.integrity().records_intact);
    drop((one, two));
    // A door that nobody has taken says what a wrong PIN says.
    assert_eq!(fixture.vault.unlock(Door::Three, &pin(PIN)).err(), Some(WRONG));
    assert_eq!(fixture.vault.unlock(Door::One, &pin("4321")).err(), Some(WRONG));
}

#[test]
fn point_5_taking_a_door_destroys_what_is_behind_it() {
    let fixture = Fixture::new();
    let mut old = fixture.take(Door::Two, "2222");
    put(&mut old, 1, b"gone");
    let mut new = fixture.take(Door::Two, "3333");
    assert_eq!(new.list(KIND).unwrap(), []);
    // Whoever had it open is out, and the old PIN opens nothing.
    assert_eq!(old.list(KIND).err(), Some(Error::Locked));
    assert_eq!(fixture.vault.unlock(Door::Two, &pin("2222")).err(), Some(WRONG));
    assert!(fixture.unlock().integrity().records_intact);
}

#[test]
fn point_5_a_changed_pin_leaves_the_old_one_useless() {
    let fixture = Fixture::new();
    let mut session = fixture.unlock();
    put(&mut session, 1, b"kept");
    let mut change = |current: &str, new: &str| {
        let task = session.pin_task().unwrap();
        session.change_pin(&task.stretch(&pin(current)).unwrap(), &task.stretch(&pin(new)).unwrap())
    };
    assert_eq!(change("0000", "9876"), Err(WRONG));
    change(PIN, "9876").unwrap();
    drop(session);
    assert_eq!(fixture.vault.unlock(Door::One, &pin(PIN)).err(), Some(WRONG));
    let mut session = fixture.vault.unlock(Door::One, &pin("9876")).unwrap();
    assert_eq!(read(&mut session, 1), Ok(b"kept".to_vec()));
}

#[test]
fn wrong_pins_are_slowed_and_never_lock_out() {
    let fixture = Fixture::new();
    let wrong = || fixture.vault.unlock(Door::Two, &pin("0000")).err().unwrap();
    let told: Vec<_> = (0..4).map(|_| wrong()).collect();
    assert_eq!(told, [WRONG, WRONG, WRONG, WRONG]);
    assert_eq!(wrong(), Error::WrongPin { retry_after: 30 });
    // One count for all doors, also for the right PIN; and a new process does not forget.
    let again = Vault::open(&fixture.path, fixture.phone.host()).unwrap();
    let too_soon = |retry_after| Some(Error::TooSoon { retry_after, reason: "wrong-pins" });
    assert_eq!(again.unlock(Door::One, &pin(PIN)).err(), too_soon(30));
    fixture.phone.wait(29);
    assert_eq!(again.unlock(Door::One, &pin(PIN)).err(), too_soon(1));
    fixture.phone.wait(1);
    assert_eq!(wrong(), Error::WrongPin { retry_after: 60 });
    for seconds in [60, 120, 300, 300] {
        fixture.phone.wait(seconds);
        assert!(matches!(wrong(), Error::WrongPin { .. }));
    }
    fixture.phone.wait(300);
    drop(fixture.unlock());
    assert_eq!(wrong(), WRONG);
}

#[test]
fn an_old_copy_of_the_file_does_not_reset_the_count_for_longer_than_its_own() {
    let fixture = Fixture::new();
    let copy = fixture.copy();
    for _ in 0..5 {
        assert!(fixture.vault.unlock(Door::One, &pin("0000")).is_err());
    }
    // It does reset it: the count slows a person at the screen, and whoever can write the file is none. The docs say so.
    fixture.put_back(&copy);
    assert_eq!(fixture.vault.unlock(Door::One, &pin("0000")).err(), Some(WRONG));
}

#[test]
fn keys_that_are_locked_invalidated_or_missing_are_states() {
    let fixture = Fixture::new();
    let fails = |key, how| *fixture.phone.keys.fails.lock().unwrap() = Some((key, how));
    for how in [PortError::Locked, PortError::Invalidated, PortError::Missing, PortError::Cancelled] {
        let host = Error::Host { reason: how };
        fails(DeviceKeyName::Header, how);
        assert_eq!(fixture.vault.check_device(), Err(host.clone()));
        assert_eq!(fixture.vault.unlock(Door::One, &pin(PIN)).err(), Some(host.clone()));
        fails(DeviceKeyName::Door1, how);
        assert_eq!(fixture.vault.check_device(), Ok(()));
        assert_eq!(fixture.vault.unlock(Door::One, &pin(PIN)).err(), Some(host));
        *fixture.phone.keys.fails.lock().unwrap() = None;
        drop(fixture.unlock());
    }
}

#[test]
fn point_5_what_was_behind_a_taken_door_is_gone_also_where_anothers_panic_pin_led_there() {
    let fixture = Fixture::new();
    let mut two = fixture.take(Door::Two, "2222");
    put(&mut two, 1, b"behind door two");
    let mut one = fixture.unlock();
    set_panic_pin(&mut one, "9999", Some(&two.as_panic_target())).unwrap();
    drop((one, two));
    fixture.vault.take_door_and_destroy_what_is_behind(Door::Two, &pin("3333")).unwrap();

    let session = fixture.vault.unlock(Door::One, &pin("9999")).unwrap();
    let db = File::open(&fixture.path).unwrap();
    let place = Place { slot: Door::Two, class: 0, index: 0 };
    let found = open_cell(session.slot(), &db, place).map(|(_, content)| content.to_vec());
    assert_ne!(found, Ok(b"behind door two".to_vec()), "destroyed for good, it said");
}
