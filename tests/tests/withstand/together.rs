//! Point 8: processes and threads that write at once, and one that reads meanwhile.

use crate::child::{Child, listen, say};
use crate::life::{FINE, KIND, Liver, Step, content, host, id, read_all};
use amana_core::error::Error;
use amana_core::ports::{MonotonicCounter, PortError, WalletHost};
use amana_core::software::FileCounter;
use amana_core::vault::{Door, Session, Vault};
use amana_tests::pin;
use std::path::Path;
use std::sync::Arc;
use std::thread::sleep;
use std::time::{Duration, Instant};

const PIN: &str = "482913";
const SPAN: Duration = Duration::from_secs(3);
const THREADS: u32 = 8;
/// The records that each writer has to itself, the last of which grows.
const OWN: u32 = 5;

/// A writer: what it wrote last into each of its records, and what it was refused.
#[derive(Default)]
struct Written {
    last: [Option<(usize, u64)>; OWN as usize],
    writes: u64,
    in_use: u64,
}

impl Written {
    /// Writes for a while, under names that no other writer has.
    fn write(session: &mut Session, writer: u32, until: Instant) -> Self {
        let mut written = Self::default();
        for fill in 0.. {
            if Instant::now() >= until {
                break;
            }
            let n = (fill % u64::from(OWN)) as u32;
            let len = [30, 400, 1200, 5000, 20 * fill as usize][n as usize].min(30_000);
            match session.write(|batch| batch.put(KIND, id(writer * 100 + n), &content(len, fill))) {
                Ok(()) => {
                    written.last[n as usize] = Some((len, fill));
                    written.writes += 1;
                }
                Err(Error::InUse) => written.in_use += 1,
                Err(error) => panic!("writer {writer}: {error}"),
            }
            // Whoever waits for the lock asks now and then: somebody who never let go would keep it.
            sleep(Duration::from_millis(5));
        }
        written
    }

    /// As a child says it and its starter hears it.
    fn to_line(&self) -> String {
        let last = self.last.map(|last| last.map_or("-".to_owned(), |(len, fill)| format!("{len}:{fill}")));
        format!("{} {} {}", self.writes, self.in_use, last.join(" "))
    }

    fn from_line(line: &str) -> Self {
        let mut words = line.split(' ');
        let mut number = || words.next().and_then(|word| word.parse().ok()).expect("a number");
        let (writes, in_use) = (number(), number());
        let pair = |word: &str| word.split_once(':').map(|(len, fill)| (len.parse().unwrap(), fill.parse().unwrap()));
        let last: Vec<_> = words.map(pair).collect();
        Self { last: last.try_into().expect("one for each record"), writes, in_use }
    }
}

/// A counter that takes its time, as a phone's does: who reads the file and then the counter gives others time to write.
struct Slow(FileCounter);

impl MonotonicCounter for Slow {
    fn read(&self) -> Result<u64, PortError> {
        sleep(Duration::from_millis(3));
        self.0.read()
    }
    fn advance_to(&self, number: u64) -> Result<(), PortError> {
        self.0.advance_to(number)
    }
}

/// Unlocks, waiting for whoever is at it.
fn unlock(path: &Path, host: WalletHost) -> Session {
    let vault = Vault::open(path, host).expect("a vault");
    loop {
        match vault.unlock(Door::One, &pin(PIN)) {
            Err(Error::InUse) => {}
            opened => return opened.expect("the door opens"),
        }
    }
}

/// Writes for the span; first, where it is told so, one record whenever it is its turn.
pub fn write_beside_others(arguments: &[String]) {
    let [path, writer, turns] = arguments else { panic!("a path, a writer's number and a number of turns") };
    let (writer, turns): (u32, u64) = (writer.parse().expect("a number"), turns.parse().expect("a number"));
    let path = Path::new(path);
    let mut session = unlock(path, host(path));
    say("open");
    for turn in 0..turns {
        drop(listen());
        // What the other one wrote at its turn is there, and this session sees it without being opened anew.
        let seen = read_all(&mut session).expect("readable").get(&id(0)).cloned();
        assert_eq!(seen, (turn > 0 || writer > 1).then(|| content(100, 2 * turn + u64::from(writer - 1) - 1)));
        let fill = 2 * turn + u64::from(writer - 1);
        session.write(|batch| batch.put(KIND, id(0), &content(100, fill))).expect("nobody else writes");
        say("done");
    }
    drop(listen());
    say(Written::write(&mut session, writer, Instant::now() + SPAN).to_line());
}

/// Reads for the span, with one session and ever new ones, and says how often.
pub fn read_beside_others(arguments: &[String]) {
    let path = Path::new(&arguments[0]);
    let slow = || WalletHost { counter: Arc::new(Slow(FileCounter::beside(path))), ..host(path) };
    let mut session = unlock(path, slow());
    say("open");
    listen();
    let (until, mut reads, mut unlocks) = (Instant::now() + SPAN, 0, 0);
    while Instant::now() < until {
        match read_all(&mut session) {
            Ok(_) | Err(Error::NotFound { .. } | Error::InUse) => {}
            Err(error) => panic!("reader: {error}"),
        }
        assert_eq!(session.integrity(), FINE);
        reads += 1;
        if reads % 20 == 0 {
            session = unlock(path, slow());
            assert_eq!(session.integrity(), FINE);
            unlocks += 1;
        }
    }
    say(format!("{reads} reads, {unlocks} unlocks"));
}

#[test]
fn point_8_processes_and_threads_write_at_once_and_lose_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("vault.amana");
    Liver::at(&path, "").carry_out(&Step::Create { pin: PIN.to_owned() }).unwrap();
    let vault = path.to_str().unwrap();

    let writers = ["1", "2"].map(|writer| Child::start("write beside others", &[vault, writer, "20"]));
    let mut writers = writers.map(|mut writer| {
        assert_eq!(writer.hear().as_deref(), Some("open"));
        writer
    });
    for _ in 0..20 {
        for writer in &mut writers {
            writer.tell("your turn");
            assert_eq!(writer.hear().as_deref(), Some("done"));
        }
    }
    let sessions: Vec<_> = (0..THREADS).map(|_| unlock(&path, host(&path))).collect();
    let mut reader = Child::start("read beside others", &[vault]);
    assert_eq!(reader.hear().as_deref(), Some("open"));
    reader.tell("all at once");
    writers.iter_mut().for_each(|writer| writer.tell("all at once"));
    let until = Instant::now() + SPAN;
    let mut written: Vec<(u32, Written)> = std::thread::scope(|scope| {
        let write = |(n, mut session): (u32, Session)| {
            scope.spawn(move || (10 + n, Written::write(&mut session, 10 + n, until)))
        };
        let threads: Vec<_> = (0..THREADS).zip(sessions).map(write).collect();
        threads.into_iter().map(|thread| thread.join().expect("it writes on")).collect()
    });
    for (n, writer) in writers.iter_mut().enumerate() {
        written.push((1 + n as u32, Written::from_line(&writer.hear().expect("what it wrote"))));
    }
    let read = reader.hear().expect("it read to the end, and nothing looked like an attack");
    for child in writers.into_iter().chain([reader]) {
        assert!(child.end().success());
    }

    let mut session = unlock(&path, host(&path));
    assert_eq!(session.integrity(), FINE);
    let records = read_all(&mut session).unwrap();
    let mut expected = 1;
    for (writer, written) in &written {
        assert!(written.writes > 0, "writer {writer} never came to it");
        for (n, (len, fill)) in (0..).zip(written.last).filter_map(|(n, last)| Some((n, last?))) {
            expected += 1;
            assert_eq!(records.get(&id(writer * 100 + n)), Some(&content(len, fill)), "writer {writer}, record {n}");
        }
    }
    assert_eq!(records.len(), expected);
    let sum = |of: fn(&Written) -> u64| written.iter().map(|(_, written)| of(written)).sum::<u64>();
    let (writes, in_use) = (sum(|written| written.writes), sum(|written| written.in_use));
    println!("{writes} writes by {} writers, {in_use} refused as in use; {read}", written.len());
}
