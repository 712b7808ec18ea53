//! What is measured, by number: Amana's side and each peer make the same records and lose the same frames, in the same
//! order, without passing them. The peers of `bench-peers` include this file.
#![allow(dead_code, reason = "each bench and each peer uses a part of it")]

/// The id of a record. No two numbers share one.
pub fn id(number: u64) -> [u8; 16] {
    let halves = [2 * number, 2 * number + 1].map(mix);
    (u128::from(halves[0]) << 64 | u128::from(halves[1])).to_be_bytes()
}

/// What is in a record.
pub fn content(number: u64, size: usize) -> Vec<u8> {
    let start = mix(!number);
    (0..).flat_map(|i| mix(start ^ i).to_be_bytes()).take(size).collect()
}

/// Which of `count` records to read, without end.
pub fn picks(seed: u64, count: u64) -> impl Iterator<Item = u64> {
    let start = mix(seed);
    (0..).map(move |i| mix(start ^ i) % count)
}

/// Whether each of the frames that are shown is lost, without end: so many in a thousand are.
pub fn losses(seed: u64, per_thousand: u64) -> impl Iterator<Item = bool> {
    picks(seed, 1000).map(move |pick| pick < per_thousand)
}

/// SplitMix64's output function: scattered enough to measure with, and for nothing else.
fn mix(number: u64) -> u64 {
    let z = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
