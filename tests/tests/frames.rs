//! What a collector of frames takes of memory, whatever it is shown. One test, alone in its process: anything beside it
//! would be counted too.

use amana_core::crypto::sha256;
use amana_core::qr::frames::MAX_PAYLOAD;
use amana_core::qr::{Collector, Frames, Kind, Progress, armour};
use amana_tests::Rng;
use peak_alloc::PeakAlloc;

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

/// Four transfers, twice over, and half as much again for what stands around them.
const MOST_HELD: usize = 4 * 2 * MAX_PAYLOAD * 3 / 2;
/// What finding the false ones among the frames of the largest transfer takes for a moment.
const MOST_SOUGHT: usize = 12 << 20;

/// The frame with another symbol, its check right.
fn falsify(text: &str, rng: &mut Rng) -> String {
    let (_, mut bytes) = armour::parse(&text.replacen("AM1F:", "AM1C:", 1)).unwrap();
    let end = bytes.len() - 4;
    bytes[22..end].iter_mut().for_each(|octet| *octet = rng.below(256) as u8);
    let check = sha256(&bytes[..end]);
    bytes[end..].copy_from_slice(&check[..4]);
    armour::to_text(Kind::Card, &bytes).replacen("AM1C:", "AM1F:", 1)
}

#[test]
fn four_of_the_largest_transfers_and_false_frames_take_bounded_memory() {
    let mut rng = Rng::new(1, "frames", 0);
    let mut payload = || -> Vec<u8> { (0..MAX_PAYLOAD - 1).map(|_| rng.below(256) as u8).collect() };
    let transfers: Vec<(Vec<u8>, Frames)> = (0..6)
        .map(|_| {
            let bytes = payload();
            // Symbols as small as they may be: as many as there may be.
            let frames = Frames::at_version(Kind::Card, &bytes, 13).unwrap();
            (bytes, frames)
        })
        .collect();
    let symbols = transfers[0].1.symbols();
    assert!(symbols > 800);

    let before = ALLOCATOR.current_usage();
    ALLOCATOR.reset_peak_usage();
    let mut collector = Collector::new();
    // All but whole, six of them in turn, of which four are kept.
    for index in 0..symbols as u32 - 1 {
        for (_, frames) in &transfers {
            assert!(matches!(collector.add(&frames.text(index)), Ok(Progress::NeedMore { .. })));
        }
    }
    let held = ALLOCATOR.peak_usage() - before;
    assert!(held < MOST_HELD, "{held} bytes are held");

    // One false frame among those of one transfer: it is whole with one or two more than it takes.
    let before = ALLOCATOR.current_usage();
    ALLOCATOR.reset_peak_usage();
    let (bytes, frames) = &transfers[0];
    let mut collector = Collector::new();
    let false_frame = falsify(&frames.text(7), &mut rng);
    let texts = core::iter::once(false_frame).chain((0..).map(|index| frames.text(index * 3)));
    let mut whole = None;
    for (count, text) in texts.enumerate().take(symbols + 5) {
        if let Progress::Whole(_, received) = collector.add(&text).unwrap() {
            whole = Some((count, received));
            break;
        }
    }
    let (count, received) = whole.expect("one false frame is no obstacle");
    assert!(count <= symbols + 3 && received == *bytes, "{count}");
    let sought = ALLOCATOR.peak_usage() - before;
    assert!(sought < MOST_SOUGHT, "{sought} bytes are sought in");
    println!("{held} bytes held for four transfers, {sought} sought in");
}
