//! `askar-peer`: Askar's store on SQLite, measured from outside. A request is a line on stdin, its reply one on stdout.
//!
//! ```text
//! about           what is measured: versions and settings, as one line of text
//! fill N SIZE     makes the store anew, with the records 0 to N - 1, of SIZE bytes each; replies `ok`
//! reads K SEED    K times one record by its name, picked from those of `fill`; replies the time of each
//! writes K        K times the next record, as a transaction of its own, on disk when it returns; the time of each
//! list            the names of all records; replies a time and how many there are
//! open            opens the store, after closing it outside the time; replies a time
//! quit            closes the store and ends; so does the end of stdin
//! ```
//! Times are nanoseconds, separated by spaces. Whatever fails replies `error:` and why. The store lies in the working
//! folder, under a raw key: no time has a key derivation in it.
//!
//! Where Askar has several ways the leanest is taken: one session stays open, so that a read is a single query, not
//! three, and the names come from one `fetch_all`. It has no call that leaves the values sealed.

#[path = "../../tests/benches/peers/records.rs"]
mod records;

// Hidden in its documentation, but what its own benches wait with: the runtime that its blocking work runs on.
use aries_askar::future::block_on;
use aries_askar::{PassKey, Session, Store, StoreKeyMethod};
use std::error::Error;
use std::time::Instant;
use std::{io, mem};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// Both settings are also Askar's defaults: a commit returns when the log is synced, as in Amana's vault.
const URI: &str = "sqlite://askar.db?journal_mode=wal&synchronous=full";
const ABOUT: &str = "journal_mode=wal, synchronous=full (Askar's defaults: the log is synced at every commit), raw key";
const CATEGORY: &str = "card";

fn main() -> Result<()> {
    let mut peer = Peer { key: Store::new_raw_key(None)?, state: State::Closed, count: 0, size: 0, next: 0 };
    for line in io::stdin().lines() {
        let line = line?;
        if line == "quit" {
            break;
        }
        // Standard output is flushed at each end of a line.
        println!("{}", peer.answer(&line).unwrap_or_else(|error| format!("error: {error}")));
    }
    peer.close()
}

struct Peer {
    key: PassKey<'static>,
    state: State,
    /// How many records `fill` made.
    count: u64,
    size: usize,
    /// The number of the next record to write.
    next: u64,
}

enum State {
    Closed,
    Open(Store, Session),
}

impl Peer {
    fn answer(&mut self, line: &str) -> Result<String> {
        match line.split_whitespace().collect::<Vec<_>>()[..] {
            ["about"] => {
                let version = |name| format!("{name} {}", locked(name).unwrap_or("?"));
                Ok(format!("{} on {}, {ABOUT}", version("aries-askar"), version("libsqlite3-sys")))
            }
            ["fill", count, size] => self.fill(count.parse()?, size.parse()?),
            ["reads", times, seed] => self.reads(times.parse()?, seed.parse()?),
            ["writes", times] => self.writes(times.parse()?),
            ["list"] => self.list(),
            ["open"] => {
                self.close()?;
                self.open().map(|time| time.to_string())
            }
            _ => Err("no such request".into()),
        }
    }

    fn fill(&mut self, count: u64, size: usize) -> Result<String> {
        if count == 0 {
            return Err("no records".into());
        }
        self.close()?;
        (self.count, self.size, self.next) = (count, size, count);
        block_on(async {
            let store = Store::provision(URI, StoreKeyMethod::RawKey, self.key.as_ref(), None, true).await?;
            let mut session = store.transaction(None).await?;
            for number in 0..count {
                session.insert(CATEGORY, &name(number), &records::content(number, size), None, None).await?;
            }
            session.commit().await?;
            store.close().await
        })?;
        // Opened anew: the log of the filling is folded into the file, and no cache is warm from it.
        self.open()?;
        Ok("ok".into())
    }

    fn reads(&mut self, times: usize, seed: u64) -> Result<String> {
        let (count, size) = (self.count, self.size);
        let session = self.session()?;
        let read = |number| {
            let name = name(number);
            let (time, entry) = timed(session.fetch(CATEGORY, &name, false))?;
            let right = entry.is_some_and(|entry| *entry.value == *records::content(number, size));
            if right { Ok(time) } else { Err("another record than was written".into()) }
        };
        join(records::picks(seed, count).take(times).map(read))
    }

    fn writes(&mut self, times: u64) -> Result<String> {
        let (numbers, size) = (self.next..self.next + times, self.size);
        self.next = numbers.end;
        let session = self.session()?;
        let write = |number| {
            let (name, content) = (name(number), records::content(number, size));
            // Outside a transaction an insert begins one and commits it.
            timed(session.insert(CATEGORY, &name, &content, None, None)).map(|(time, ())| time)
        };
        join(numbers.map(write))
    }

    fn list(&mut self) -> Result<String> {
        let (time, entries) = timed(self.session()?.fetch_all(Some(CATEGORY), None, None, None, false, false))?;
        Ok(format!("{time} {}", entries.len()))
    }

    fn session(&mut self) -> Result<&mut Session> {
        match &mut self.state {
            State::Open(_, session) => Ok(session),
            State::Closed => Err("nothing is filled".into()),
        }
    }

    /// How long Askar takes until a session can be had.
    fn open(&mut self) -> Result<u128> {
        let (time, store) = timed(Store::open(URI, Some(StoreKeyMethod::RawKey), self.key.as_ref(), None))?;
        let session = block_on(store.session(None))?;
        self.state = State::Open(store, session);
        Ok(time)
    }

    fn close(&mut self) -> Result<()> {
        if let State::Open(store, session) = mem::replace(&mut self.state, State::Closed) {
            block_on(async {
                // Inside the runtime, which gives its connection back.
                drop(session);
                store.close().await
            })?;
        }
        Ok(())
    }
}

fn name(number: u64) -> String {
    records::id(number).map(|byte| format!("{byte:02x}")).concat()
}

fn timed<T>(work: impl Future<Output = std::result::Result<T, aries_askar::Error>>) -> Result<(u128, T)> {
    let start = Instant::now();
    let value = block_on(work);
    let time = start.elapsed().as_nanos();
    Ok((time, value?))
}

fn join(times: impl Iterator<Item = Result<u128>>) -> Result<String> {
    Ok(times.map(|time| time.map(|time| time.to_string())).collect::<Result<Vec<_>>>()?.join(" "))
}

/// The version of a crate that this is built with.
fn locked(name: &str) -> Option<&'static str> {
    let (_, after) = include_str!("../Cargo.lock").split_once(&format!("name = \"{name}\"\nversion = \""))?;
    after.split('"').next()
}
