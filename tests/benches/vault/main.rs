//! The vault's measures, each a ratio or a size of one run, beside Askar on the same records. `cargo xtask bench vault`
//! builds the peer, runs this and shows the rows; alone it prints them as JSON lines, and the medians on stderr.
//!
//! Measure on a quiet machine. Beside other work a durable write waits, once synced, for the scheduler's next tick, and
//! its figure is a multiple of that. The counter is in memory: Askar has none, and a phone's is its keystore's affair.

mod askar;
#[path = "../peers/mod.rs"]
mod peers;

use amana_core::crypto::kdf::argon2id;
use amana_core::ports::{MonotonicCounter, PortError, WalletHost};
use amana_core::software;
use amana_core::vault::{Batch, Door, RecordId, RecordKind, Session, Vault};
use amana_core::wallet::Argon2Cost;
use amana_tests::pin;
use askar::Askar;
use peak_alloc::PeakAlloc;
use peers::{median, ratio, records, row, time};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

const CARD: RecordKind = RecordKind(1);
const SIZE: usize = 1500;
/// Turns that each side takes.
const TURNS: u64 = 41;
/// Calls in a turn. The first finds its threads asleep and its caches cold, since the other side had the machine; a
/// turn's median leaves it out.
const READS: usize = 21;
const WRITES: usize = 5;
const FEW: u64 = 10;
const LISTED: u64 = 10_000;
const MANY: u64 = 100_000;
/// Bytes of a record of [`SIZE`] as the vault pads it: class 1.
const PADDED: u64 = 2016;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

fn main() {
    let folder = tempfile::tempdir().expect("a folder");
    let Some(mut theirs) = Askar::start(folder.path()) else {
        return eprintln!("no peer to measure against: `cargo xtask bench vault` builds it");
    };
    eprintln!("{LISTED} records of {SIZE} bytes, beside {}", theirs.about());
    theirs.fill(LISTED, SIZE);
    let listed = Store::fill(folder.path(), "listed", LISTED);
    let mut ours = listed.unlock();

    let read = ratio("read", TURNS, |turn| reads(&mut ours, LISTED, turn), |turn| theirs.reads(READS, turn));
    row("read", read, "x Askar, 1.5 KB of 10,000", 0.2);
    let write = ratio("write", TURNS, |turn| writes(&mut ours, LISTED, turn), |_| theirs.writes(WRITES));
    row("write", write, "x Askar, durable", 1.05);
    let held = LISTED + TURNS * WRITES as u64;
    let list_ours = |ours: &mut Session| {
        vec![time(|| assert_eq!(ours.list(CARD).expect("listed").len() as u64, held, "each record once"))]
    };
    let list_theirs = |theirs: &mut Askar| {
        let (time, listed) = theirs.list();
        assert_eq!(listed, held, "each record once");
        vec![time]
    };
    let list = ratio("list", 9, |_| list_ours(&mut ours), |_| list_theirs(&mut theirs));
    row("list", list, "x Askar, 10,000 names", 1.05);
    // No row: Askar's opening reads no record, ours checks every one.
    let open = median((0..9).map(|_| theirs.open()).collect());
    eprintln!("{:>16}{:>12}{open:>12.1?}  10,000 records", "open", "");
    drop((ours, theirs));

    let (few, many) = (Store::fill(folder.path(), "few", FEW), Store::fill(folder.path(), "many", MANY));
    let size = std::fs::metadata(&many.path).expect("a file").len() as f64 / (MANY * PADDED) as f64;
    row("file", size, "x its padded records", 4.5);
    opening(&few, &many);
    let (mut small, mut large) = (few.unlock(), many.unlock());
    let flat = ratio("read, flat", TURNS, |turn| reads(&mut large, MANY, turn), |turn| reads(&mut small, FEW, turn));
    row("read-flat", flat, "x 100,000 over 10 records", 1.5);
    let flat = ratio("write, flat", TURNS, |turn| writes(&mut large, MANY, turn), |turn| writes(&mut small, FEW, turn));
    row("write-flat", flat, "x 100,000 over 10 records", 1.5);
    drop((small, large));
    row("memory", memory(&many), "MB at most, 100,000 records, without the KDF", 32.0);
}

/// Opening without the stretching of the PIN, and but for the check of every record.
fn opening(few: &Store, many: &Store) {
    let open = |store: &Store| median((0..9).map(|_| time(|| drop(store.unlock()))).collect());
    let stretch = || time(|| drop(argon2id(b"482913", &[7; 32], Argon2Cost::FLOOR)));
    let stretch = median((0..9).map(|_| stretch()).collect());
    let (few, many) = (open(few).saturating_sub(stretch), open(many).saturating_sub(stretch));
    let check = many.saturating_sub(few).as_secs_f64() * 1e6 / (MANY - FEW) as f64;
    eprintln!("{:>16}{few:>12.1?}{many:>12.1?}  without {stretch:.1?} for the PIN", "open");
    row("open-check", check, "us a record", 1.0);
}

/// The most that the core takes at once while it opens 100,000 records, reads and writes: all of it is counted from
/// here, SQLite's own is not (its cache is bounded by 8 MiB). The KDF's is taken off.
fn memory(many: &Store) -> f64 {
    let before = MEMORY.current_usage();
    MEMORY.reset_peak_usage();
    let mut session = many.unlock();
    let kdf = f64::from(Argon2Cost::FLOOR.memory_kib) / 1024.0;
    let unlocking = (MEMORY.peak_usage() - before) as f64 / 1e6;
    MEMORY.reset_peak_usage();
    reads(&mut session, MANY, 0);
    writes(&mut session, MANY + 10_000, 0);
    let after = (MEMORY.peak_usage() - before) as f64 / 1e6;
    eprintln!(
        "{:>16}{unlocking:>10.1} MB unlocking, {after:.1} MB reading and writing, {kdf:.1} MiB for the PIN",
        "memory"
    );
    after
}

fn reads(session: &mut Session, count: u64, turn: u64) -> Vec<Duration> {
    let read = |id| time(|| session.read(CARD, id).expect("held"));
    records::picks(turn, count).take(READS).map(id).map(read).collect()
}

fn writes(session: &mut Session, from: u64, turn: u64) -> Vec<Duration> {
    let write = |number| {
        let content = records::content(number, SIZE);
        time(|| session.write(|batch| batch.put(CARD, id(number), &content)).expect("written"))
    };
    (from + turn * WRITES as u64..).take(WRITES).map(write).collect()
}

/// A vault that is filled and locked.
struct Store {
    path: PathBuf,
    vault: Vault,
}

impl Store {
    fn fill(folder: &Path, name: &str, count: u64) -> Self {
        let path = folder.join(format!("{name}.amana"));
        let host = software::host_beside(&path).expect("keys in files");
        let host = WalletHost { counter: Arc::new(Counter::default()), ..host };
        let vault = Vault::create(&path, host, Door::One, &pin("482913"), Argon2Cost::FLOOR).expect("made");
        let store = Self { path, vault };
        let put = |batch: &mut Batch<'_>, number| batch.put(CARD, id(number), &records::content(number, SIZE));
        let mut session = store.unlock();
        for start in (0..count).step_by(5000) {
            let numbers = start..(start + 5000).min(count);
            session.write(|batch| numbers.into_iter().try_for_each(|number| put(batch, number))).expect("filled");
        }
        drop(session);
        store
    }

    /// Opened anew, as the peer does: the log of what was written is folded into the file.
    fn unlock(&self) -> Session {
        self.vault.unlock(Door::One, &pin("482913")).expect("the PIN opens it")
    }
}

#[derive(Default)]
struct Counter(AtomicU64);

impl MonotonicCounter for Counter {
    fn read(&self) -> Result<u64, PortError> {
        Ok(self.0.load(Ordering::SeqCst))
    }

    fn advance_to(&self, number: u64) -> Result<(), PortError> {
        self.0.fetch_max(number, Ordering::SeqCst);
        Ok(())
    }
}

fn id(number: u64) -> RecordId {
    RecordId(records::id(number))
}
