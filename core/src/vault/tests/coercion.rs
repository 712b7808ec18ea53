//! Point 6: coercion. Decoys, panic PINs, and whether one copy of a locked file tells which slots are used.

use super::*;
use crate::crypto::Secret;
use crate::vault::doors::Entrance;
use std::collections::BTreeSet;

const PANIC: &str = "9999";

#[test]
fn point_6_a_panic_pin_destroys_its_door_and_opens_a_decoy() {
    let fixture = Fixture::new();
    let mut decoy = fixture.take(Door::Three, "3333");
    put(&mut decoy, 7, b"harmless");
    let mut session = fixture.unlock();
    put(&mut session, 1, b"hidden");
    set_panic_pin(&mut session, PANIC, Some(&decoy.as_panic_target())).unwrap();
    drop((session, decoy));
    // Until it is typed, nothing is different.
    assert_eq!(read(&mut fixture.unlock(), 1), Ok(b"hidden".to_vec()));

    let mut opened = fixture.vault.unlock(Door::One, &pin(PANIC)).unwrap();
    assert_eq!(opened.list(KIND).unwrap(), [id(7)]);
    assert!(opened.integrity().records_intact);
    put(&mut opened, 8, b"goes to the decoy");
    drop(opened);
    assert_eq!(fixture.vault.unlock(Door::One, &pin(PIN)).err(), Some(Error::WrongPin { retry_after: 0 }));
    // Typed again, it opens the same; and so does the decoy's own door.
    assert_eq!(fixture.vault.unlock(Door::One, &pin(PANIC)).unwrap().list(KIND).unwrap(), [id(7), id(8)]);
    assert_eq!(fixture.vault.unlock(Door::Three, &pin("3333")).unwrap().list(KIND).unwrap(), [id(7), id(8)]);
    // A new device key does not bring it back either: its wrap in the file is gone too.
    fixture.phone.keys.replaced.lock().unwrap().clear();
    assert!(fixture.vault.unlock(Door::One, &pin(PIN)).is_err());
}

#[test]
fn point_6_a_panic_pin_that_opens_an_empty_slot() {
    let fixture = Fixture::new();
    let mut session = fixture.unlock();
    put(&mut session, 1, b"hidden");
    set_panic_pin(&mut session, PANIC, None).unwrap();
    drop(session);
    let mut opened = fixture.vault.unlock(Door::One, &pin(PANIC)).unwrap();
    assert_eq!(opened.list(KIND).unwrap(), []);
    put(&mut opened, 2, b"a life of its own");
    // To whoever watches it always was the PIN: it can be changed like one.
    let task = opened.pin_task().unwrap();
    opened.change_pin(&task.stretch(&pin(PANIC)).unwrap(), &task.stretch(&pin("5555")).unwrap()).unwrap();
    drop(opened);
    assert!(fixture.vault.unlock(Door::One, &pin(PANIC)).is_err());
    assert_eq!(read(&mut fixture.vault.unlock(Door::One, &pin("5555")).unwrap(), 2), Ok(b"a life of its own".to_vec()));
}

#[test]
fn point_6_a_panic_pin_works_where_the_doors_own_key_is_gone() {
    let fixture = Fixture::new();
    set_panic_pin(&mut fixture.unlock(), PANIC, None).unwrap();
    *fixture.phone.keys.fails.lock().unwrap() = Some((DeviceKeyName::Door1, PortError::Cancelled));
    assert_eq!(fixture.vault.unlock(Door::One, &pin(PANIC)).unwrap().list(KIND).unwrap(), []);
}

#[test]
fn point_6_panic_pins_that_would_not_do_are_refused() {
    let fixture = Fixture::new();
    let mut session = fixture.unlock();
    let own = session.as_panic_target();
    assert_eq!(set_panic_pin(&mut session, PIN, None), Err(Error::Invalid { reason: "panic-pin-same" }));
    assert_eq!(set_panic_pin(&mut session, PANIC, Some(&own)), Err(Error::Invalid { reason: "panic-opens-itself" }));
    set_panic_pin(&mut session, PANIC, None).unwrap();
    let task = session.pin_task().unwrap();
    let (current, panic) = (task.stretch(&pin(PIN)).unwrap(), task.stretch(&pin(PANIC)).unwrap());
    assert_eq!(session.change_pin(&current, &panic), Err(Error::Invalid { reason: "panic-pin-same" }));
    session.unset_panic_pin(&current).unwrap();
    drop(session);
    assert_eq!(fixture.vault.unlock(Door::One, &pin(PANIC)).err(), Some(Error::WrongPin { retry_after: 0 }));
    drop(fixture.unlock());
}

#[test]
fn point_6_a_panic_pin_writes_and_asks_what_any_pin_does() {
    let pages = |bytes: &[u8]| bytes.chunks(4096).map(<[u8]>::to_vec).collect::<Vec<_>>();
    let watch = |typed: &str| {
        let fixture = Fixture::new();
        set_panic_pin(&mut fixture.unlock(), PANIC, None).unwrap();
        let before = pages(&fixture.copy());
        fixture.phone.keys.calls.lock().unwrap().clear();
        let from = fixture.phone.counter.count.load(Ordering::SeqCst);
        drop(fixture.vault.unlock(Door::One, &pin(typed)).unwrap());
        let after = pages(&fixture.copy());
        let changed: BTreeSet<_> = (0..after.len()).filter(|i| before.get(*i) != Some(&after[*i])).collect();
        let steps = fixture.phone.counter.count.load(Ordering::SeqCst) - from;
        (after.len(), changed, steps, fixture.phone.keys.calls.lock().unwrap().clone())
    };
    let (pin, panic) = (watch(PIN), watch(PANIC));
    assert_eq!(pin, panic);
    // The control: it saw something.
    assert!(!pin.1.is_empty() && pin.2 == 1 && pin.3.len() == 4, "{pin:?}");
}

#[test]
fn point_6_a_closed_wallet_leaves_no_log_beside_its_file() {
    let fixture = Fixture::new();
    let mut session = fixture.unlock();
    put(&mut session, 1, b"open");
    assert!(sqlite_log(&fixture.path).exists());
    drop(session);
    assert!(!sqlite_log(&fixture.path).exists());
}

/// A small source of choices that repeats itself for a seed (xorshift64*).
struct Choices(u64);

impl Choices {
    fn below(&mut self, end: u32) -> u32 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        ((self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as u32) % end
    }
}

const FILES: u64 = 1000;
const CELLS: [u32; CLASSES] = [4, 2, 1, 0];

/// A file with a random history, and which of its slots are used. PINs are not stretched: their keys are made up, which
/// changes nothing that lies in the file.
fn random_file(folder: &Path, seed: u64, leaky: bool) -> (Vec<u8>, Header, [bool; DOORS]) {
    let mut choose = Choices(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let phone = Phone::new(1);
    let path = folder.join(format!("{seed}"));
    let file = FileRow { salt: make_random(&OsEntropy).unwrap(), cost: Argon2Cost::FLOOR };
    let make_keys = || PinKeys { door: Secret::make(&OsEntropy), panic: Secret::make(&OsEntropy).unwrap() };
    let first = Door::ALL[choose.below(4) as usize];
    let mut doors = vec![(first, make_keys())];
    let vault = Vault::create_with(&path, phone.host(), file, (first, &doors[0].1), CELLS).unwrap();
    let enter =
        |door: Door, keys: &PinKeys| Entrance::open(&vault, door).unwrap().count().unwrap().enter(keys).unwrap();
    for _ in 0..1 + choose.below(6) {
        // Another door is taken, also one that is used; or one that is used is opened and lived in.
        if choose.below(4) == 0 {
            let (door, keys) = (Door::ALL[choose.below(4) as usize], make_keys());
            let entrance = Entrance::open(&vault, door).unwrap();
            entrance.destroy().unwrap();
            entrance.give(&keys).unwrap();
            doors.retain(|(taken, _)| *taken != door);
            doors.push((door, keys));
        }
        let which = choose.below(doors.len() as u32) as usize;
        let (door, keys) = &doors[which];
        let mut session = enter(*door, keys);
        session
            .write(|batch| {
                for _ in 0..1 + choose.below(6) {
                    let name = id(choose.below(8));
                    match choose.below(4) {
                        0 if batch.has(KIND, name) => batch.delete(KIND, name)?,
                        _ => batch.put(KIND, name, &vec![7; [40, 300, 1500, 6000][choose.below(4) as usize]])?,
                    }
                }
                Ok(())
            })
            .unwrap();
        if choose.below(6) == 0 {
            let panic = make_keys();
            session.set_panic_pin(keys, &panic, None).unwrap();
            drop(session);
            // Its door's key is another one from now on.
            let keys = PinKeys { door: Secret::make(&OsEntropy), panic: panic.panic };
            drop(enter(*door, &keys));
            let door = *door;
            doors.retain(|(taken, _)| *taken != door);
            doors.push((door, keys));
        }
    }
    let used = Door::ALL.map(|door| doors.iter().any(|(taken, _)| *taken == door));
    if leaky {
        leak(&path, used);
    }
    let bytes = fs::read(&path).unwrap();
    let header = fixture_header(&path, &phone);
    sqlite::remove(&path);
    (bytes, header, used)
}

/// What a store does that deletes a record's row, and writes it anew where there is room.
fn leak(path: &Path, used: [bool; DOORS]) {
    let db = rusqlite::Connection::open(path).unwrap();
    for slot in (0..DOORS).filter(|slot| used[*slot]) {
        let sql = "CREATE TEMP TABLE t AS SELECT * FROM cells_0 WHERE place % 4 = SLOT;
                   DELETE FROM cells_0 WHERE place % 4 = SLOT; INSERT INTO cells_0 SELECT * FROM t; DROP TABLE t;";
        db.execute_batch(&sql.replace("SLOT", &slot.to_string())).unwrap();
    }
}

/// Also what only somebody with the unlocked device sees.
fn fixture_header(path: &Path, phone: &Phone) -> Header {
    let db = File::open_read_only(path).unwrap();
    let (file, sealed) = sqlite::read_file_row(&db).unwrap();
    Header::open(&file, &HeaderKey::derive(&*phone.keys, &file).unwrap(), &sealed).unwrap()
}

/// What can be measured of a slot in one copy of a file: where its cells lie, in which order, and what their bytes look
/// like; and the same of its part of the header. Each is taken relative to the file's four slots.
fn features(path: &Path, bytes: &[u8], header: &Header) -> [Vec<f64>; DOORS] {
    fs::write(path, bytes).unwrap();
    let db = rusqlite::Connection::open(path).unwrap();
    let popcount = |bytes: &[u8]| {
        f64::from(bytes.iter().map(|byte| byte.count_ones()).sum::<u32>()) / (8.0 * bytes.len().max(1) as f64)
    };
    let chi = |bytes: &[u8]| {
        let mut counts = [0_f64; 16];
        bytes.iter().for_each(|byte| counts[usize::from(byte >> 4)] += 1.0);
        let expected = bytes.len() as f64 / 16.0;
        counts.iter().map(|count| (count - expected).powi(2) / expected.max(1.0)).sum::<f64>()
    };
    let mut all: [Vec<f64>; DOORS] = core::array::from_fn(|slot| {
        let sealed = &header.slots[slot].0;
        vec![popcount(sealed), chi(sealed), f64::from(sealed[0]), f64::from(sealed[72]), f64::from(sealed[144])]
    });
    for (table, columns) in (0..CLASSES)
        .flat_map(|class| [(format!("tags_{class}"), "nonce || tag || name"), (format!("cells_{class}"), "body")])
    {
        for (slot, features) in all.iter_mut().enumerate() {
            let sql = format!("SELECT CAST({columns} AS BLOB) FROM {table} WHERE place % 4 = {slot} ORDER BY place");
            let mut statement = db.prepare(&sql).unwrap();
            let rows = statement.query_map([], |row| row.get::<_, Vec<u8>>(0)).unwrap();
            let rows: Vec<Vec<u8>> = rows.map(Result::unwrap).collect();
            // A column's first bytes are unique in the file, so they tell where it lies.
            let finder = |row: &Vec<u8>| bytes.windows(12).position(|window| window == &row[..12]).unwrap_or(0) as f64;
            let at: Vec<f64> = rows.iter().map(finder).collect();
            let count = at.len().max(1) as f64;
            let joined = rows.concat();
            features.push(at.iter().sum::<f64>() / count);
            features.push(at.windows(2).filter(|pair| pair[0] < pair[1]).count() as f64);
            features.push(at.windows(2).map(|pair| (pair[1] - pair[0]).abs()).sum::<f64>() / count);
            features.extend([at.first().copied(), at.last().copied()].map(Option::unwrap_or_default));
            features.push(at.iter().map(|at| (at / 4096.0).floor()).sum::<f64>() / count);
            features.extend([popcount(&joined), chi(&joined), rows.len() as f64, joined.len() as f64]);
        }
    }
    for feature in 0..all[0].len() {
        let mean = all.iter().map(|slot| slot[feature]).sum::<f64>() / DOORS as f64;
        all.iter_mut().for_each(|slot| slot[feature] -= mean);
    }
    all
}

/// Logistic regression by gradient descent, learned on one half of the slots and tried on the other. Returns how often
/// it is right there, both kinds counted alike.
fn classify(samples: &[(Vec<f64>, bool)]) -> f64 {
    let width = samples[0].0.len();
    let count = samples.len() as f64;
    let spread: Vec<f64> =
        (0..width).map(|i| (samples.iter().map(|(x, _)| x[i] * x[i]).sum::<f64>() / count).sqrt().max(1e-9)).collect();
    let scaled: Vec<(Vec<f64>, bool)> =
        samples.iter().map(|(x, used)| (x.iter().zip(&spread).map(|(x, s)| x / s).collect(), *used)).collect();
    let (learn, test) = scaled.split_at(scaled.len() / 2);
    let mut weights = vec![0.0; width + 1];
    let score = |weights: &[f64], x: &[f64]| weights[width] + x.iter().zip(weights).map(|(x, w)| x * w).sum::<f64>();
    for _ in 0..200 {
        let mut gradient = vec![0.0; width + 1];
        for (x, used) in learn {
            let error = f64::from(u8::from(*used)) - 1.0 / (1.0 + (-score(&weights, x)).exp());
            x.iter().chain([&1.0]).zip(&mut gradient).for_each(|(x, g)| *g += x * error);
        }
        weights.iter_mut().zip(gradient).for_each(|(w, g)| *w += 0.5 * g / learn.len() as f64);
    }
    let right = |kind: bool| {
        let of_kind: Vec<_> = test.iter().filter(|(_, used)| *used == kind).collect();
        of_kind.iter().filter(|(x, _)| (score(&weights, x) > 0.0) == kind).count() as f64 / of_kind.len() as f64
    };
    (right(true) + right(false)) / 2.0
}

fn rate(files: u64, leaky: bool) -> f64 {
    let memory = Path::new("/dev/shm");
    let folder = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }.unwrap();
    let threads = std::thread::available_parallelism().map_or(2, |n| n.get() as u64);
    let measure = |n: u64| {
        let folder = folder.path();
        let copy = folder.join(format!("copy-{n}"));
        let mut samples = Vec::new();
        for seed in (n..files).step_by(threads as usize) {
            let (bytes, header, used) = random_file(folder, seed + 1, leaky);
            samples.extend(features(&copy, &bytes, &header).into_iter().zip(used));
        }
        samples
    };
    let samples: Vec<_> = std::thread::scope(|scope| {
        let started: Vec<_> = (0..threads).map(|n| scope.spawn(move || measure(n))).collect();
        started.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    classify(&samples)
}

#[test]
fn point_6_used_and_unused_slots_look_alike_in_a_thousand_files() {
    let (honest, leaky) = (rate(FILES, false), rate(FILES / 10, true));
    println!("told apart: {:.1} % of the slots; of a leaky store {:.1} %", 100.0 * honest, 100.0 * leaky);
    assert!(honest <= 0.55, "{honest}");
    // The control: the same classifier sees what a store does that deletes rows.
    assert!(leaky >= 0.75, "{leaky}");
}
