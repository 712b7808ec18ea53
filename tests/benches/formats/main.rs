//! How fast cards of each format are read and verified, beside whoever else does; and how status lists and frames behave.
//! `cargo xtask bench formats` builds the peers, runs this and shows the rows; alone it prints them as JSON lines, and the
//! medians on stderr.
//!
//! Both sides verify the same bytes, made here by Amana's own issuing code, and say first what they read of them. Keys and
//! roots are read beforehand, as a verifier has them.

#[path = "../peers/mod.rs"]
mod peers;
mod sd_jwt;

use peers::{Peer, ratio, time};
use std::path::Path;
use std::time::Duration;

/// Turns that each side takes.
const TURNS: u64 = 41;
/// Calls in a turn. The first finds its caches cold, since the other side had the machine; a turn's median leaves it out.
const CALLS: usize = 21;

fn main() {
    let folder = tempfile::tempdir().expect("a folder");
    sd_jwt::measure(folder.path());
}

/// The ratio of `ours` to the peer's on an input of this name, in turns.
fn beside(peer: &mut Peer, name: &str, mut ours: impl FnMut()) -> f64 {
    let theirs = |_| peer.times(&format!("turn {CALLS}"));
    ratio(name, TURNS, |_| (0..CALLS).map(|_| time(&mut ours)).collect::<Vec<Duration>>(), theirs)
}

/// Has the peer take up an input, and checks that it read the same as we did.
fn load(peer: &mut Peer, name: &str, read: usize) {
    assert_eq!(peer.numbers(&format!("load {name}")), [read as u64], "{name}: both sides read the same");
}

fn write(folder: &Path, name: &str, bytes: impl AsRef<[u8]>) {
    std::fs::write(folder.join(name), bytes).expect("written");
}
