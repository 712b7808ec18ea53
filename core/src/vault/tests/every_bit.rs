//! Point 4: every single bit flipped, and a file cut short.

use super::*;
use crate::vault::doors::Entrance;

/// A small vault with a record of each of two kinds, in a folder that lies in memory where there is one.
struct Small {
    folder: tempfile::TempDir,
    phone: Phone,
    keys: PinKeys,
    whole: Vec<u8>,
}

impl Small {
    fn new() -> Self {
        let memory = Path::new("/dev/shm");
        let folder = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }.unwrap();
        let phone = Phone::new(1);
        let file = FileRow { salt: make_random(&OsEntropy).unwrap(), cost: Argon2Cost::FLOOR };
        let keys = PinKeys::derive(&*phone.keys, &file, Door::One, &pin(PIN)).unwrap();
        let path = folder.path().join("vault.amana");
        let vault = Vault::create_with(&path, phone.host(), file, (Door::One, &keys), [2, 0, 0, 0]).unwrap();
        let mut session = vault.unlock(Door::One, &pin(PIN)).unwrap();
        put(&mut session, 1, b"content");
        session.write(|batch| batch.put(RecordKind(2), id(2), b"another")).unwrap();
        drop(session);
        let whole = fs::read(&path).unwrap();
        Self { folder, phone, keys, whole }
    }

    /// A file of these bytes, in a place of its own for each thread.
    fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.folder.path().join(name);
        sqlite::remove(&path);
        fs::write(&path, bytes).unwrap();
        path
    }
}

/// What a session shows is right, or said to be wrong.
fn check(mut session: Session, at: usize) {
    let is_intact = session.integrity().records_intact;
    let content = read(&mut session, 1);
    assert!(
        matches!(&content, Ok(content) if content == b"content") || is_not_a_vault(&content) || !is_intact,
        "bit {at}"
    );
    let listed = session.list(KIND);
    assert!(matches!(&listed, Ok(ids) if *ids == [id(1)]) || is_not_a_vault(&listed) || !is_intact, "bit {at}");
}

fn is_not_a_vault<T>(result: &Result<T>) -> bool {
    matches!(result, Err(Error::NotAVault { .. }))
}

#[test]
fn point_4_every_bit_flipped_is_a_clear_error_or_the_right_answer() {
    let small = Small::new();
    let bits = small.whole.len() * 8;
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    let opened: usize = std::thread::scope(|scope| {
        let thread = |n: usize| {
            let small = &small;
            scope.spawn(move || {
                let name = format!("vault-{n}");
                let mut bytes = small.whole.clone();
                let mut opened = 0;
                for at in (n..bits).step_by(threads) {
                    bytes[at / 8] ^= 1 << (at % 8);
                    let vault = Vault::at(&small.file(&name, &bytes), small.phone.host());
                    let look = |entrance: Entrance<'_>| entrance.look(&small.keys, "flipped");
                    if let Ok(session) = Entrance::open_read_only(&vault, Door::One).and_then(look) {
                        check(session, at);
                        opened += 1;
                    }
                    bytes[at / 8] ^= 1 << (at % 8);
                }
                opened
            })
        };
        (0..threads).map(thread).collect::<Vec<_>>().into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    // The control: most bits lie where nothing is, and some lie where they are seen.
    assert!(opened > bits / 2 && opened < bits - 1000, "{opened} of {bits} opened");
}

#[test]
fn point_4_flipped_bits_on_the_full_way_through_a_write() {
    let small = Small::new();
    for at in (0..small.whole.len() * 8).step_by(131) {
        let mut bytes = small.whole.clone();
        bytes[at / 8] ^= 1 << (at % 8);
        let vault = Vault::open(&small.file("vault", &bytes), small.phone.host());
        let enter = |vault: Vault| Entrance::open(&vault, Door::One)?.count()?.enter(&small.keys);
        let Ok(mut session) = vault.and_then(enter) else { continue };
        if session.write(|batch| batch.put(RecordKind(3), id(3), b"written")).is_ok() {
            let written = session.read(RecordKind(3), id(3)).map(|content| content.to_vec());
            assert!(matches!(&written, Ok(content) if content == b"written") || is_not_a_vault(&written), "bit {at}");
        }
        check(session, at);
    }
}

#[test]
fn point_4_the_fields_of_the_kdf_flipped_are_refused_before_they_cost_anything() {
    let small = Small::new();
    let path = small.file("vault", &small.whole);
    let flip = |column: &str, bit: u32| {
        fs::write(&path, &small.whole).unwrap();
        let db = rusqlite::Connection::open(&path).unwrap();
        let sql = match column {
            "salt" => {
                let mut salt: Vec<u8> = db.query_row("SELECT salt FROM file", [], |row| row.get(0)).unwrap();
                salt[bit as usize / 8] ^= 1 << (bit % 8);
                db.execute("UPDATE file SET salt = ?1", [salt])
            }
            // SQLite has no exclusive or: a + b - 2 (a and b).
            n => db.execute(&format!("UPDATE file SET {n} = {n} + ?1 - 2 * ({n} & ?1)"), [1_u32 << bit]),
        };
        sql.unwrap();
        drop(db);
        Vault::open(&path, small.phone.host()).and_then(|vault| vault.unlock(Door::One, &pin(PIN))).err()
    };
    let fields = [("salt", 256), ("memory_kib", 31), ("passes", 31), ("lanes", 31)];
    for (column, bit) in fields.into_iter().flat_map(|(column, bits)| (0..bits).map(move |bit| (column, bit))) {
        assert!(matches!(flip(column, bit), Some(Error::NotAVault { .. })), "{column}, bit {bit}");
    }
}

#[test]
fn point_4_a_file_cut_at_each_page_says_so() {
    let small = Small::new();
    for cut in (0..small.whole.len()).step_by(4096) {
        let path = small.file("vault", &small.whole[..cut]);
        let opened = Vault::open(&path, small.phone.host()).and_then(|vault| vault.unlock(Door::One, &pin(PIN)));
        assert!(matches!(opened.err(), Some(Error::NotAVault { .. })), "{cut} bytes of {}", small.whole.len());
        // In the middle of the last page there may be nothing to miss.
        let path = small.file("vault", &small.whole[..cut + 100]);
        let opened = Vault::open(&path, small.phone.host()).and_then(|vault| vault.unlock(Door::One, &pin(PIN)));
        opened.into_iter().for_each(|session| check(session, cut * 8));
    }
}
