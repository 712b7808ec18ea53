//! What a damaged record, a hostile backup, two sessions at once or a wrong clock do to a wallet: a card is never lost for it,
//! and what is not as it should be is told.

use amana_core::crypto::SigningKey;
use amana_core::error::Error;
use amana_core::ports::OsEntropy;
use amana_core::trust::{Anchor, Names, Purpose, Registration};
use amana_core::wallet::{Argon2Cost, Backup, Door, Holder, HolderKeys, Passphrase, Wallet};
use amana_tests::{NOW, PURPOSE, TestClock, World, ask, claim, host_of, pin};
use rusqlite::{Connection, params};
use zeroize::Zeroizing;

fn passphrase() -> Passphrase {
    Passphrase::typed(Zeroizing::new("acid-dwarf-echo-fiber-glad-hobo".to_owned())).unwrap()
}

fn backup(holder: &Holder) -> Vec<u8> {
    holder.plan_backup(HolderKeys::IncludeSoftwareKeys).unwrap().seal(&passphrase()).unwrap()
}

fn decline(world: &World, holder: &Holder) {
    let request = world.verifier().request(PURPOSE, &[ask("person.sex")]).unwrap();
    holder.receive(request.text().as_bytes()).unwrap().decline().unwrap();
}

fn new_phone(clock: &std::sync::Arc<TestClock>) -> (Holder, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("wallet.amana");
    let wallet = Wallet::create(&file, host_of(&file, clock), Door::One, &pin("5555"), Argon2Cost::FLOOR).unwrap();
    (wallet.unlock(Door::One, &pin("5555")).unwrap(), folder)
}

/// Flips one bit of each used-looking cell of door 1 in turn, and says what `look` finds each time.
fn with_each_cell_flipped<T>(world: &World, look: impl Fn(&Holder) -> T) -> Vec<T> {
    let db = Connection::open(&world.vault).unwrap();
    let mut found = Vec::new();
    for class in 0..4 {
        let places: Vec<i64> = db
            .prepare(&format!("SELECT place FROM cells_{class} WHERE place % 4 = 0 ORDER BY place LIMIT 6"))
            .unwrap()
            .query_map([], |row| row.get(0))
            .unwrap()
            .collect::<Result<_, _>>()
            .unwrap();
        for place in places {
            let get = format!("SELECT body FROM cells_{class} WHERE place = ?1");
            let set = format!("UPDATE cells_{class} SET body = ?2 WHERE place = ?1");
            let body: Vec<u8> = db.query_row(&get, [place], |row| row.get(0)).unwrap();
            let mut flipped = body.clone();
            flipped[100] ^= 1;
            db.execute(&set, params![place, flipped]).unwrap();
            found.push(look(&world.holder));
            db.execute(&set, params![place, body]).unwrap();
        }
    }
    found
}

#[test]
fn one_flipped_bit_takes_no_other_card_from_its_holder() {
    let world = World::new();
    let request = world.verifier().request(PURPOSE, &[ask("household.family_size")]).unwrap().text();
    let trust = world.bundle.sign(&world.anchor).unwrap();
    let anchor = Anchor::new(world.anchor.public_key());
    let found = with_each_cell_flipped(&world, |holder| {
        (
            holder.cards().err(),
            holder.receive(request.as_bytes()).err(),
            holder.plan_backup(HolderKeys::StayBehind).err(),
            // The way out: the same bundle once more.
            holder.load_trust(&trust, &anchor).err(),
        )
    });
    let bad: Vec<_> = found.into_iter().filter(|(cards, ..)| cards.is_some()).collect();
    assert!(bad.is_empty(), "{bad:?}");
}

#[test]
fn two_open_sessions_write_one_history() {
    let world = World::new();
    decline(&world, &world.holder);
    let other = Wallet::open(&world.vault, world.host()).unwrap().unlock(Door::One, &pin("482913")).unwrap();
    let requests: Vec<_> =
        (0..40).map(|_| world.verifier().request(PURPOSE, &[ask("person.sex")]).unwrap().text()).collect();
    std::thread::scope(|scope| {
        for (holder, requests) in [(&world.holder, &requests[..20]), (&other, &requests[20..])] {
            scope.spawn(move || {
                for request in requests {
                    holder.receive(request.as_bytes()).unwrap().decline().unwrap();
                }
            });
        }
    });
    let history = world.holder.history().unwrap();
    let plan = world.holder.plan_backup(HolderKeys::StayBehind).unwrap();
    assert!(
        history.is_whole,
        "{} entries, not whole; {} of them would go into a backup",
        history.entries.len(),
        plan.history_entries()
    );
}

#[test]
fn no_verifiers_name_makes_a_backup_unopenable() {
    let world = World::new();
    let key = SigningKey::make(&OsEntropy).unwrap();
    // Nobody vouches for it: the registrar is its own.
    let names = (0..12).map(|n| (format!("a{n}"), ":,".repeat(60))).collect();
    let purpose = Purpose { needed: vec![claim("household.family_size")], optional: vec![] };
    let registration = Registration::sign(
        &key.public_key(),
        &Names::new(names).unwrap(),
        &[(PURPOSE.to_owned(), purpose)],
        "nobody",
        time::macros::date!(2027 - 06 - 30),
        b"none",
        &key,
    )
    .unwrap();
    let request = world.verifier_with(key, Some(registration)).request(PURPOSE, &[ask("household.family_size")]);
    // The holder does the careful thing.
    world.holder.receive(request.unwrap().text().as_bytes()).unwrap().decline().unwrap();
    let file = backup(&world.holder);
    assert_eq!(Backup::open(&file, &passphrase()).err(), None);
}

#[test]
fn a_damaged_entry_is_left_out_of_a_backup_and_that_is_told() {
    let world = World::new();
    (0..3).for_each(|_| decline(&world, &world.holder));
    let found = with_each_cell_flipped(&world, |holder| match holder.plan_backup(HolderKeys::StayBehind) {
        Ok(plan) => {
            let said: Vec<_> = plan.explain().into_iter().map(|message| message.id).collect();
            (plan.history_entries(), plan.unreadable(), said)
        }
        Err(_) => (3, 0, Vec::new()),
    });
    let silent = |(entries, _, said): &&(usize, usize, Vec<&str>)| {
        *entries == 0 && !said.iter().any(|id| id.contains("history"))
    };
    let silent: Vec<_> = found.iter().filter(silent).collect();
    assert!(silent.is_empty(), "{silent:?}");
}

#[test]
fn a_backup_whose_history_went_another_way_is_told() {
    let world = World::new();
    decline(&world, &world.holder);
    world.holder.close_now();
    let copy = std::fs::read(&world.vault).unwrap();
    let open = || Wallet::open(&world.vault, world.host()).unwrap().unlock(Door::One, &pin("482913")).unwrap();
    let holder = open();
    (0..2).for_each(|_| decline(&world, &holder));
    let file = backup(&holder);
    holder.close_now();
    // The file is rolled back: two entries are gone. Two others are made.
    std::fs::write(&world.vault, copy).unwrap();
    let holder = open();
    (0..2).for_each(|_| decline(&world, &holder));
    let restored = holder.restore(&Backup::open(&file, &passphrase()).unwrap()).unwrap();
    assert_eq!(restored.histories_kept_out, 1, "{restored:?}");
}

#[test]
fn a_history_goes_on_after_a_forgotten_entry() {
    let world = World::new();
    decline(&world, &world.holder);
    let early = backup(&world.holder);
    world.holder_clock.pass(1_000_000);
    decline(&world, &world.holder);
    let oldest = world.holder.history().unwrap().entries.last().unwrap().id();
    world.holder.forget(oldest).unwrap();
    let late = backup(&world.holder);
    let (phone, _folder) = new_phone(&TestClock::at(NOW));
    phone.restore(&Backup::open(&early, &passphrase()).unwrap()).unwrap();
    let restored = phone.restore(&Backup::open(&late, &passphrase()).unwrap()).unwrap();
    assert_eq!((restored.added.history_entries, restored.histories_kept_out), (1, 0));
}

#[test]
fn a_restored_bundle_of_anybody_does_not_shut_the_programmes_out() {
    let world = World::new();
    // An attacker's wallet, their own programme with demo keys, sequence as high as it goes.
    let attacker = SigningKey::make(&OsEntropy).unwrap();
    let mut bundle = world.bundle.clone();
    bundle.sequence = i64::MAX as u64;
    bundle.issuers[0].keys[0].kid = b"DEMO-desk".to_vec();
    let (evil, _evil_folder) = new_phone(&TestClock::at(NOW));
    evil.load_trust(&bundle.sign(&attacker).unwrap(), &Anchor::demo(attacker.public_key())).unwrap();
    let file = backup(&evil);

    let (victim, _folder) = new_phone(&TestClock::at(NOW));
    victim.restore(&Backup::open(&file, &passphrase()).unwrap()).unwrap();
    let demo = victim.trust().unwrap().is_some_and(|bundle| bundle.sequence == i64::MAX as u64);
    let genuine =
        victim.load_trust(&world.bundle.sign(&world.anchor).unwrap(), &Anchor::new(world.anchor.public_key()));
    assert!(!demo && genuine.is_ok(), "demo keys believed: {demo}; the genuine bundle: {:?}", genuine.err());
}

#[test]
fn many_entries_are_forgotten_but_the_first() {
    let world = World::new();
    // The first entry is dated years ahead: a wrong clock.
    world.holder_clock.set(NOW + 1_000_000_000);
    decline(&world, &world.holder);
    world.holder_clock.set(NOW);
    let verifier = world.verifier();
    for _ in 0..1800 {
        let request = verifier.request(PURPOSE, &[ask("person.sex")]).unwrap();
        world.holder.receive(request.text().as_bytes()).unwrap().decline().unwrap();
    }
    assert_eq!(world.holder.forget_before(NOW + 1), Ok::<_, Error>(1800));
}

#[test]
fn a_damaged_setting_is_told() {
    let world = World::new();
    decline(&world, &world.holder);
    let found = with_each_cell_flipped(&world, |_| {
        let wallet = Wallet::open(&world.vault, world.host()).unwrap();
        let holder = wallet.unlock(Door::One, &pin("482913")).unwrap();
        let history = holder.history().unwrap();
        (holder.state().unwrap().is_well(), history.is_whole, history.is_kept)
    });
    assert!(!found.contains(&(true, true, false)), "no entry is kept any more, and nothing tells of damage");
}
