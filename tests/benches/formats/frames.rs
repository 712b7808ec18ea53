//! How many frames are shown until 20 KB are there, over the fewest that could be; beside the crate ur on the same payload,
//! fragments as large, and the same frames lost.

use crate::peers::{Peer, records, row, rust_peer};
use amana_core::qr::{Collector, Frames, Kind, Progress};
use std::path::Path;

const LEN: usize = 20 * 1024;
/// How many of a thousand frames are lost.
const LOST: u64 = 300;
const SEEDS: u64 = 301;

pub fn measure(folder: &Path) {
    let shown = |lost| -> Vec<(f64, u32)> { (0..SEEDS).map(|seed| shown(seed, lost)).collect() };
    let over = |runs: &[(f64, u32)]| median(runs.iter().map(|(fewest, shown)| f64::from(*shown) / fewest).collect());
    row("frames-whole", over(&shown(0)), "x the fewest, none lost", 1.0);
    let lossy = shown(LOST);
    row("frames-lossy", over(&lossy), "x the fewest, 30 % lost", 1.45);
    let Some(mut command) = rust_peer("ur") else { return eprintln!("frames: no peer to measure against") };
    let mut peer = Peer::start(&mut command, folder);
    let theirs: Vec<_> = (0..SEEDS)
        .zip(&lossy)
        .map(|(seed, (fewest, _))| {
            let size = LEN.div_ceil(*fewest as usize);
            let [fragments, shown] = peer.numbers(&format!("frames {LEN} {size} {LOST} {seed}"))[..] else {
                panic!("two")
            };
            shown as f64 / fragments as f64
        })
        .collect();
    eprintln!(
        "\n{LEN} bytes in {} frames, beside {}: x{:.3} with 30 % lost",
        lossy[0].0,
        peer.about(),
        median(theirs.clone())
    );
    let ratios = lossy.iter().zip(theirs).map(|((fewest, shown), theirs)| f64::from(*shown) / fewest / theirs);
    row("frames-lossy-ur", median(ratios.collect()), "x ur, 30 % lost", 1.0);
}

/// The fewest frames that this payload takes, and how many were shown until it was there.
fn shown(seed: u64, lost: u64) -> (f64, u32) {
    let payload = records::content(seed, LEN);
    let frames = Frames::new(Kind::Card, &payload).expect("frames");
    let mut collector = Collector::new();
    for (index, lost) in (0..).zip(records::losses(seed, lost)) {
        if lost {
            continue;
        }
        if let Progress::Whole(kind, whole) = collector.add(&frames.text(index)).expect("a frame") {
            assert_eq!((kind, whole), (Kind::Card, payload));
            return (frames.symbols() as f64, index + 1);
        }
    }
    unreachable!("losses have no end")
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
