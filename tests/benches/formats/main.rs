//! How fast cards of each format are read and verified, beside whoever else does; and how status lists and frames behave.
//! `cargo xtask bench formats` builds the peers, runs this and shows the rows; alone it prints them as JSON lines, and the
//! medians on stderr.
//!
//! Both sides verify the same bytes, made here by Amana's own issuing code, and say first what they read of them. Keys and
//! roots are read beforehand, as a verifier has them.

mod claim_169;
mod frames;
mod mdoc;
#[path = "../peers/mod.rs"]
mod peers;
mod sd_jwt;

use peers::{Peer, ratio, records, time};
use std::hint::black_box;
use std::path::Path;

/// Turns that each side takes.
const TURNS: u64 = 41;
/// Calls in a turn. The first finds its caches cold, since the other side had the machine; a turn's median leaves it out.
const CALLS: usize = 21;

fn main() {
    let folder = tempfile::tempdir().expect("a folder");
    claim_169::measure(folder.path());
    mdoc::measure(folder.path());
    sd_jwt::measure(folder.path());
    frames::measure(folder.path());
}

/// What stands in for a portrait: 2 KB that no inflater makes smaller, behind the first bytes of a JPEG.
fn portrait() -> Vec<u8> {
    [vec![0xff, 0xd8, 0xff, 0xe0], records::content(0, 2044)].concat()
}

/// The ratio of `ours` to the peer's on an input of this name, in turns.
fn beside<T>(peer: &mut Peer, name: &str, mut ours: impl FnMut() -> T) -> f64 {
    let ours = |_| (0..CALLS).map(|_| time(|| black_box(ours()))).collect();
    ratio(name, TURNS, ours, |_| peer.times(&format!("turn {CALLS}")))
}

/// Has the peer take up an input, and checks that it read the same as we did.
fn load(peer: &mut Peer, name: &str, read: usize) {
    assert_eq!(peer.numbers(&format!("load {name}")), [read as u64], "{name}: both sides read the same");
}

fn write(folder: &Path, name: &str, bytes: impl AsRef<[u8]>) {
    std::fs::write(folder.join(name), bytes).expect("written");
}
