//! A peer of `bench-peers`, in a process of its own: both link SQLite, and one build can have only one of them.
//!
//! Nothing is timed here: the peer times each call where it makes it, so the pipe is in no figure. Take turns with it,
//! a few calls each, so that what else the machine does meets both sides alike.

use std::env;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::str::SplitWhitespace;
use std::time::Duration;

/// Where `cargo xtask bench vault` says that the built peer lies.
const PROGRAM: &str = "AMANA_ASKAR_PEER";

/// A running peer. Dropping it ends it.
pub struct Peer {
    child: Child,
    // None only while ending.
    requests: Option<ChildStdin>,
    replies: BufReader<ChildStdout>,
}

impl Peer {
    /// Starts the peer that the environment names, if it names one. Its store lies in `folder`.
    pub fn start(folder: &Path) -> Option<Self> {
        let mut command = Command::new(env::var_os(PROGRAM)?);
        command.current_dir(folder).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("the peer starts");
        let requests = child.stdin.take();
        let replies = BufReader::new(child.stdout.take().expect("piped"));
        Some(Self { child, requests, replies })
    }

    /// Its versions and settings, for people.
    pub fn about(&mut self) -> String {
        self.ask("about")
    }

    /// Makes its store anew, with the records below `count`, of `size` bytes each.
    pub fn fill(&mut self, count: u64, size: usize) {
        assert_eq!(self.ask(&format!("fill {count} {size}")), "ok");
    }

    /// Reads the first of [`picks`](super::records::picks).
    pub fn reads(&mut self, times: usize, seed: u64) -> Vec<Duration> {
        durations(&mut self.ask(&format!("reads {times} {seed}")).split_whitespace(), times)
    }

    /// Writes the records that come next by number, a transaction each, on disk when it is over.
    pub fn writes(&mut self, times: usize) -> Vec<Duration> {
        durations(&mut self.ask(&format!("writes {times}")).split_whitespace(), times)
    }

    /// Lists all names: how long it took, and how many there are.
    pub fn list(&mut self) -> (Duration, u64) {
        let reply = self.ask("list");
        let mut words = reply.split_whitespace();
        (durations(&mut words, 1)[0], number(&mut words))
    }

    /// Closes the store, and times opening it.
    pub fn open(&mut self) -> Duration {
        durations(&mut self.ask("open").split_whitespace(), 1)[0]
    }

    fn ask(&mut self, request: &str) -> String {
        let requests = self.requests.as_mut().expect("not ending");
        writeln!(requests, "{request}").expect("the peer listens");
        let mut reply = String::new();
        self.replies.read_line(&mut reply).expect("the peer replies");
        assert!(!reply.is_empty() && !reply.starts_with("error"), "{request}: {reply}");
        reply.trim_end().to_owned()
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        // It closes its store at the end of its input.
        drop(self.requests.take());
        let _ = self.child.wait();
    }
}

fn durations(words: &mut SplitWhitespace<'_>, count: usize) -> Vec<Duration> {
    (0..count).map(|_| Duration::from_nanos(number(words))).collect()
}

fn number(words: &mut SplitWhitespace<'_>) -> u64 {
    words.next().and_then(|word| word.parse().ok()).expect("a number")
}
