//! A peer that Amana is measured against, in a process of its own: most bring crates that Amana's build cannot have beside
//! its own, or are not Rust at all.
//!
//! Nothing is timed here: the peer times each call where it makes it, so the pipe is in no figure. Take turns with it, a
//! few calls each, so that what else the machine does meets both sides alike.

pub mod records;

use std::env::{self, consts::EXE_SUFFIX};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

/// The folder of the peers in Rust, as `cargo xtask bench` names it.
const RUST_PEERS: &str = "AMANA_RUST_PEERS";

/// A peer of `bench-peers` by its name; none where nothing says that they are built.
pub fn rust_peer(name: &str) -> Option<Command> {
    let folder = PathBuf::from(env::var_os(RUST_PEERS)?);
    Some(Command::new(folder.join(format!("{name}-peer{EXE_SUFFIX}"))))
}

/// A running peer. Dropping it ends it.
pub struct Peer {
    child: Child,
    // None only while ending.
    requests: Option<ChildStdin>,
    replies: BufReader<ChildStdout>,
}

impl Peer {
    /// Starts it. What it reads and writes lies in `folder`.
    pub fn start(command: &mut Command, folder: &Path) -> Self {
        let mut child = command
            .current_dir(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let requests = child.stdin.take();
        let replies = BufReader::new(child.stdout.take().expect("piped"));
        Self { child, requests, replies }
    }

    /// Its versions and settings, for people.
    pub fn about(&mut self) -> String {
        self.ask("about")
    }

    /// A line for a line.
    pub fn ask(&mut self, request: &str) -> String {
        let requests = self.requests.as_mut().expect("not ending");
        writeln!(requests, "{request}").expect("the peer listens");
        let mut reply = String::new();
        self.replies.read_line(&mut reply).expect("the peer replies");
        assert!(!reply.is_empty() && !reply.starts_with("error"), "{request}: {reply}");
        reply.trim_end().to_owned()
    }

    /// The numbers of its reply.
    pub fn numbers(&mut self, request: &str) -> Vec<u64> {
        self.ask(request).split_whitespace().map(|word| word.parse().expect("a number")).collect()
    }

    /// The times of its reply.
    pub fn times(&mut self, request: &str) -> Vec<Duration> {
        self.numbers(request).into_iter().map(Duration::from_nanos).collect()
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        // It ends with its input.
        drop(self.requests.take());
        let _ = self.child.wait();
    }
}

/// Lets both sides take turns, each first every other time; shows the medians on stderr, and returns that of the turns'
/// ratios.
pub fn ratio(
    name: &str,
    turns: u64,
    mut ours: impl FnMut(u64) -> Vec<Duration>,
    mut theirs: impl FnMut(u64) -> Vec<Duration>,
) -> f64 {
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
    let ratio = ratios[ratios.len() / 2];
    let (ours, theirs) = pairs.into_iter().unzip();
    eprintln!("{name:>20}{:>12.1?}{:>12.1?}  x{ratio:.3}", median(ours), median(theirs));
    ratio
}

/// Prints a row for `cargo xtask bench`.
pub fn row(name: &str, value: f64, unit: &str, bar: f64) {
    let value = (value * 1000.0).round() / 1000.0;
    println!("{}", serde_json::json!({"name": name, "value": value, "unit": unit, "bar": bar, "holds": value <= bar}));
}

pub fn time<T>(work: impl FnOnce() -> T) -> Duration {
    let start = Instant::now();
    let done = work();
    let elapsed = start.elapsed();
    drop(done);
    elapsed
}

pub fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}
