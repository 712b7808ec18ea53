//! The vault beside its peer: how the two take turns. Figures for people, on stderr, until the vault's rows stand here.
//! `cargo xtask bench vault` builds the peer and runs this.
//!
//! Measure on a quiet machine. Beside other work a durable write waits, once synced, for the scheduler's next tick, and
//! its figure is a multiple of that.

mod peer;
mod records;

use amana_core::ports::OsEntropy;
use amana_core::vault::{Batch, Door, RecordId, RecordKind, Session, Vault, VaultHost};
use amana_core::wallet::Argon2Cost;
use amana_tests::{TestDevice, pin};
use peer::Peer;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

const CARD: RecordKind = RecordKind(1);
const SIZE: usize = 1500;
/// Turns that each side takes.
const TURNS: u64 = 41;
/// Calls in a turn. The first finds its threads asleep and its caches cold, since the other side had the machine; a
/// turn's median leaves it out.
const READS: usize = 21;
const WRITES: usize = 5;

fn main() {
    for count in [10, 1000, 10_000] {
        let folder = tempfile::tempdir().expect("a folder");
        let Some(mut theirs) = Peer::start(folder.path()) else {
            return eprintln!("no peer to measure against: `cargo xtask bench vault` builds it");
        };
        eprintln!("{count} records of {SIZE} bytes, beside {}", theirs.about());
        theirs.fill(count, SIZE);
        let mut ours = fill(folder.path(), count);

        let read_ours = |ours: &mut Session, turn| {
            let read = |id| time(|| ours.read(CARD, id).expect("held"));
            records::picks(turn, count).take(READS).map(id).map(read).collect()
        };
        let write_ours = |ours: &mut Session, turn| {
            let write = |number| {
                let content = records::content(number, SIZE);
                time(|| ours.write(|batch| batch.put(CARD, id(number), &content)).expect("written"))
            };
            let first = count + turn * WRITES as u64;
            (first..).take(WRITES).map(write).collect()
        };
        let held = count + TURNS * WRITES as u64;
        let list_ours = |ours: &mut Session| {
            vec![time(|| assert_eq!(ours.list(CARD).expect("listed").len() as u64, held, "each record once"))]
        };
        let list_theirs = |theirs: &mut Peer| {
            let (time, listed) = theirs.list();
            assert_eq!(listed, held, "each record once");
            vec![time]
        };
        show("read", TURNS, |turn| read_ours(&mut ours, turn), |turn| theirs.reads(READS, turn));
        show("durable write", TURNS, |turn| write_ours(&mut ours, turn), |_| theirs.writes(WRITES));
        show("list", 9, |_| list_ours(&mut ours), |_| list_theirs(&mut theirs));
        // Ours is to come: it has a PIN to stretch, which is to be left out of the figure or said beside it.
        let open = (0..9).map(|_| theirs.open()).collect();
        eprintln!("{:>16}{:>12}{:>12.1?}", "open", "", median(open));
    }
}

/// Lets both sides take turns, each first every other time; shows the medians, and that of the turns' ratios.
fn show(
    name: &str,
    turns: u64,
    mut ours: impl FnMut(u64) -> Vec<Duration>,
    mut theirs: impl FnMut(u64) -> Vec<Duration>,
) {
    let turn = |turn: u64| {
        if turn.is_multiple_of(2) {
            let ours = median(ours(turn));
            (ours, median(theirs(turn)))
        } else {
            let theirs = median(theirs(turn));
            (median(ours(turn)), theirs)
        }
    };
    let pairs: Vec<_> = (0..turns).map(turn).collect();
    let mut ratios: Vec<f64> = pairs.iter().map(|(ours, theirs)| ours.as_secs_f64() / theirs.as_secs_f64()).collect();
    ratios.sort_by(f64::total_cmp);
    let (ours, theirs) = pairs.into_iter().unzip();
    eprintln!("{name:>16}{:>12.1?}{:>12.1?}  x{:.3}", median(ours), median(theirs), ratios[ratios.len() / 2]);
}

fn fill(folder: &Path, count: u64) -> Session {
    let host = VaultHost { device_key: Arc::new(TestDevice([7; 32])), entropy: Arc::new(OsEntropy) };
    let vault = Vault::create(&folder.join("amana.db"), host, Door::One, &pin("482913"), Argon2Cost::FLOOR);
    let vault = vault.expect("made");
    let unlock = || vault.unlock(Door::One, &pin("482913")).expect("the PIN opens it");
    let put = |batch: &mut Batch<'_>, number| batch.put(CARD, id(number), &records::content(number, SIZE));
    unlock().write(|batch| (0..count).try_for_each(|number| put(batch, number))).expect("filled");
    // Opened anew, as the peer does: the log of the filling is folded into the file.
    unlock()
}

fn id(number: u64) -> RecordId {
    RecordId(records::id(number))
}

fn time<T>(work: impl FnOnce() -> T) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}
