//! What the vault withstands, as far as it is seen from inside. One file a point of `docs/threats.md`; those that need
//! processes, a wallet or another program are in the workspace's `tests/`.

mod coercion;
mod doors;
mod every_bit;
mod records;
mod rollback;
mod size;
mod theft;

use super::*;
use crate::error::PortError;
use crate::ports::{Clock, DeviceKey, DeviceKeyName, MonotonicCounter, OsEntropy};
use std::collections::HashMap;
use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use zeroize::Zeroizing;

/// A phone: keys that can be replaced, a counter, a clock. Cloning it is the same phone.
#[derive(Clone)]
struct Phone {
    keys: Arc<Keys>,
    counter: Arc<Counter>,
    clock: Arc<Ticking>,
}

struct Keys {
    secret: u8,
    replaced: Mutex<HashMap<String, u32>>,
    fails: Mutex<Option<(DeviceKeyName, PortError)>>,
    calls: Mutex<Vec<String>>,
}

impl DeviceKey for Keys {
    fn prf(&self, key: DeviceKeyName, input: &[u8; 32]) -> Result<Zeroizing<[u8; 32]>, PortError> {
        self.calls.lock().unwrap().push(format!("prf {key:?}"));
        if let Some((failing, how)) = *self.fails.lock().unwrap()
            && failing == key
        {
            return Err(how);
        }
        let name = format!("{key:?}");
        let nth = self.replaced.lock().unwrap().get(&name).copied().unwrap_or(0);
        Ok(crate::crypto::kdf::hmac_parts(&[self.secret], &[name.as_bytes(), &nth.to_be_bytes(), input]))
    }
    fn replace(&self, key: DeviceKeyName) -> Result<(), PortError> {
        self.calls.lock().unwrap().push("replace".to_owned());
        *self.replaced.lock().unwrap().entry(format!("{key:?}")).or_insert(0) += 1;
        Ok(())
    }
    fn protection(&self) -> Protection {
        Protection::Software
    }
}

#[derive(Default)]
struct Counter {
    count: AtomicU64,
    fails: Mutex<Option<PortError>>,
}

impl Counter {
    fn answer<T>(&self, value: T) -> Result<T, PortError> {
        self.fails.lock().unwrap().map_or(Ok(value), Err)
    }
}

impl MonotonicCounter for Counter {
    fn read(&self) -> Result<u64, PortError> {
        self.answer(self.count.load(Ordering::SeqCst))
    }
    fn advance_to(&self, number: u64) -> Result<(), PortError> {
        self.answer(())?;
        self.count.fetch_max(number, Ordering::SeqCst);
        Ok(())
    }
}

/// A clock that stands until a test moves it.
struct Ticking(AtomicU64);

impl Clock for Ticking {
    fn now(&self) -> Result<i64, PortError> {
        Ok(1_795_348_800)
    }
    fn elapsed(&self) -> Result<u64, PortError> {
        Ok(self.0.load(Ordering::SeqCst))
    }
}

impl Phone {
    fn new(secret: u8) -> Self {
        let (replaced, fails, calls) = (Mutex::default(), Mutex::default(), Mutex::default());
        Self {
            keys: Arc::new(Keys { secret, replaced, fails, calls }),
            counter: Arc::default(),
            clock: Arc::new(Ticking(AtomicU64::new(1_000_000))),
        }
    }

    fn host(&self) -> WalletHost {
        let Self { keys, counter, clock } = self.clone();
        WalletHost { device_key: keys, counter, clock, entropy: Arc::new(OsEntropy), holder_keys: None }
    }

    fn wait(&self, seconds: u64) {
        self.clock.0.fetch_add(1000 * seconds, Ordering::SeqCst);
    }
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

/// A vault with door 1 in use.
struct Fixture {
    _folder: tempfile::TempDir,
    path: PathBuf,
    phone: Phone,
    vault: Vault,
}

const PIN: &str = "1234";

impl Fixture {
    fn new() -> Self {
        Self::with_cells(INITIAL_CELLS)
    }

    fn with_cells(cells: [u32; CLASSES]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("vault.amana");
        let phone = Phone::new(1);
        let file = FileRow { salt: make_random(&OsEntropy).unwrap(), cost: Argon2Cost::FLOOR };
        let keys = PinKeys::derive(&*phone.keys, &file, Door::One, &pin(PIN)).unwrap();
        let vault = Vault::create_with(&path, phone.host(), file, (Door::One, &keys), cells).unwrap();
        Self { _folder: folder, path, phone, vault }
    }

    fn unlock(&self) -> Session {
        self.vault.unlock(Door::One, &pin(PIN)).unwrap()
    }

    fn take(&self, door: Door, new: &str) -> Session {
        self.vault.take_door_and_destroy_what_is_behind(door, &pin(new)).unwrap();
        self.vault.unlock(door, &pin(new)).unwrap()
    }

    /// What a thief copies while the vault is locked.
    fn copy(&self) -> Vec<u8> {
        assert!(!sqlite_log(&self.path).exists(), "a locked vault is one file");
        fs::read(&self.path).unwrap()
    }

    fn put_back(&self, copy: &[u8]) {
        fs::write(&self.path, copy).unwrap();
        let _ = fs::remove_file(sqlite_log(&self.path));
    }
}

fn sqlite_log(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push("-wal");
    name.into()
}

fn put(session: &mut Session, n: u32, content: &[u8]) {
    session.write(|batch| batch.put(KIND, id(n), content)).unwrap();
}

fn read(session: &mut Session, n: u32) -> Result<Vec<u8>> {
    session.read(KIND, id(n)).map(|content| content.to_vec())
}

fn set_panic_pin(session: &mut Session, panic: &str, opens: Option<&PanicOpens>) -> Result<()> {
    let task = session.pin_task().unwrap();
    session.set_panic_pin(&task.stretch(&pin(PIN)).unwrap(), &task.stretch(&pin(panic)).unwrap(), opens)
}

impl Session {
    /// Folds the log into the file while the door is open.
    fn fold(&self) {
        self.test_db().fold().unwrap();
    }
}
