//! Askar's store, through its peer: both link SQLite, and one build can have only one of them.

use crate::peers::{Peer, rust_peer};
use std::path::Path;
use std::time::Duration;

pub struct Askar(Peer);

impl Askar {
    /// Starts it, if it is built. Its store lies in `folder`.
    pub fn start(folder: &Path) -> Option<Self> {
        Some(Self(Peer::start(&mut rust_peer("askar")?, folder)))
    }

    /// Its versions and settings, for people.
    pub fn about(&mut self) -> String {
        self.0.about()
    }

    /// Makes its store anew, with the records below `count`, of `size` bytes each.
    pub fn fill(&mut self, count: u64, size: usize) {
        assert_eq!(self.0.ask(&format!("fill {count} {size}")), "ok");
    }

    /// Reads the first of [`picks`](crate::peers::records::picks).
    pub fn reads(&mut self, times: usize, seed: u64) -> Vec<Duration> {
        self.0.times(&format!("reads {times} {seed}"))
    }

    /// Writes the records that come next by number, a transaction each, on disk when it is over.
    pub fn writes(&mut self, times: usize) -> Vec<Duration> {
        self.0.times(&format!("writes {times}"))
    }

    /// Lists all names: how long it took, and how many there are.
    pub fn list(&mut self) -> (Duration, u64) {
        let [time, count] = self.0.numbers("list")[..] else { panic!("a time and a count") };
        (Duration::from_nanos(time), count)
    }

    /// Closes the store, and times opening it.
    pub fn open(&mut self) -> Duration {
        self.0.times("open")[0]
    }
}
