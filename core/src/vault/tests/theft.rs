//! Point 1: the file stolen.

use super::*;

#[test]
fn point_1_a_stolen_file_shows_nothing_and_opens_nowhere_else() {
    let fixture = Fixture::new();
    let mut session = fixture.unlock();
    let secret = b"Amina Juma, Mwanza, 1984-02-29";
    let name = RecordId(*b"sixteen byte id!");
    session.write(|batch| batch.put(KIND, name, secret)).unwrap();
    drop(session);
    let bytes = fixture.copy();
    let now = 1_795_348_800_u32.to_be_bytes();
    let found = |needle: &[u8]| bytes.windows(needle.len()).any(|window| window == needle);
    for needle in [&secret[..8], &name.0[..8], &now, b"1234"] {
        assert!(!found(needle));
    }
    // The control: the same search finds what is there.
    assert!(found(b"tags_0"));

    // Whoever has the file and the PIN, and another phone.
    let elsewhere = Vault::open(&fixture.path, Phone::new(2).host()).unwrap();
    assert_eq!(elsewhere.unlock(Door::One, &pin(PIN)).err(), Some(Error::NotAVault { reason: "header-sealed" }));
    assert_eq!(elsewhere.check_device(), Err(Error::NotAVault { reason: "header-sealed" }));
    assert_eq!(fixture.vault.check_device(), Ok(()));
    assert_eq!(fixture.vault.protection(), Protection::Software);
}

#[test]
fn point_1_records_of_one_class_have_one_size_and_slots_have_equally_many() {
    let fixture = Fixture::new();
    let mut session = fixture.unlock();
    for n in 0..60 {
        put(&mut session, n, &content(n));
    }
    drop(session);
    let db = rusqlite::Connection::open(&fixture.path).unwrap();
    for class in 0..CLASSES {
        let count = |door: usize| {
            let sql = format!(
                "SELECT count(*), min(length(body)), max(length(body)) FROM cells_{class} WHERE place % 4 = {door}"
            );
            db.query_row(&sql, [], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?, row.get::<_, i64>(2)?)))
                .unwrap()
        };
        let (cells, shortest, longest) = count(0);
        assert!(cells >= 12 && shortest == longest, "class {class}");
        assert!((1..4).all(|door| count(door) == count(0)), "class {class}");
    }
}

#[test]
fn point_1_a_phone_that_repeats_its_randomness_repeats_no_nonce() {
    /// The randomness of a phone that was put back to a snapshot.
    struct Repeats;
    impl crate::ports::Entropy for Repeats {
        fn fill(&self, out: &mut [u8]) -> Result<(), PortError> {
            out.fill(7);
            Ok(())
        }
    }
    let fixture = Fixture::new();
    let host = WalletHost { entropy: Arc::new(Repeats), ..fixture.phone.host() };
    let vault = Vault::open(&fixture.path, host).unwrap();
    let nonces = |content: &[u8]| {
        let mut session = vault.unlock(Door::One, &pin(PIN)).unwrap();
        put(&mut session, 1, content);
        drop(session);
        let db = rusqlite::Connection::open(&fixture.path).unwrap();
        let cell: Vec<u8> = db.query_row("SELECT nonce FROM tags_0 WHERE place = 0", [], |row| row.get(0)).unwrap();
        let header: Vec<u8> = db.query_row("SELECT header FROM file", [], |row| row.get(0)).unwrap();
        (cell, header[..24].to_vec())
    };
    let (first, second) = (nonces(b"first"), nonces(b"second"));
    assert!(first.0 != second.0 && first.1 != second.1);
}
