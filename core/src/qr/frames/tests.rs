use super::layout::{Frame, OVERHEAD, Shape, to_payload};
use super::seek::Chance;
use super::*;
use crate::error::damaged;
use crate::qr::base45;

/// Twenty thousand bytes: 33 frames at the usual version.
const LENGTH: usize = 20_000;

/// Chance that is the same at every run.
struct Dice(Chance);

impl Dice {
    fn new(seed: u32) -> Self {
        let mut chance = Chance::default();
        chance.stir(&seed.to_be_bytes());
        Self(chance)
    }

    fn below(&mut self, end: usize) -> usize {
        (self.0.next() % end as u64) as usize
    }

    fn bytes(&mut self, length: usize) -> Vec<u8> {
        (0..length).map(|_| self.below(256) as u8).collect()
    }

    fn shuffle<T>(&mut self, items: &mut [T]) {
        for i in (1..items.len()).rev() {
            items.swap(i, self.below(i + 1));
        }
    }

    fn frames(&mut self, length: usize) -> (Frames, Vec<u8>) {
        let bytes = self.bytes(length);
        (Frames::new(Kind::Delivery, &bytes).unwrap(), bytes)
    }
}

fn open(text: &str) -> Frame {
    Frame::parse(&base45::decode(&text.as_bytes()[5..]).unwrap()).unwrap()
}

fn seal(frame: &Frame) -> String {
    armour::frame_to_text(&frame.to_bytes())
}

/// The frame with its symbol altered, and a check that holds.
fn falsify(text: &str, alter: impl FnOnce(&mut Vec<u8>)) -> String {
    let mut frame = open(text);
    alter(&mut frame.symbol);
    seal(&frame)
}

/// How many of these it takes. What is whole is what was sent.
fn needed<'a>(collector: &mut Collector, texts: impl IntoIterator<Item = &'a String>, sent: &[u8]) -> Option<usize> {
    for (i, text) in texts.into_iter().enumerate() {
        if let Ok(Progress::Whole(kind, bytes)) = collector.add(text) {
            assert!(kind == Kind::Delivery && bytes == sent);
            return Some(i + 1);
        }
    }
    None
}

#[test]
fn with_nothing_lost_the_source_symbols_are_enough() {
    let mut dice = Dice::new(1);
    for length in [0, 1, 616, 617, 618, 1233, 1234, LENGTH, MAX_PAYLOAD - 1] {
        let (frames, bytes) = dice.frames(length);
        let texts: Vec<String> = (0..frames.symbols() as u32).map(|index| frames.text(index)).collect();
        assert_eq!(frames.symbols(), (length + 1).div_ceil(617));
        assert_eq!(needed(&mut Collector::new(), &texts, &bytes), Some(frames.symbols()), "{length}");
    }
    let bytes = vec![0; MAX_PAYLOAD];
    let limit = MAX_PAYLOAD as u64;
    assert_eq!(Frames::new(Kind::Card, &bytes).unwrap_err(), Error::TooLarge { bytes: limit + 1, limit });
}

#[test]
fn the_first_frames_hold_the_payload_in_order() {
    let (frames, bytes) = Dice::new(2).frames(LENGTH);
    let mut held: Vec<u8> = (0..frames.symbols() as u32).flat_map(|index| open(&frames.text(index)).symbol).collect();
    held.truncate(1 + LENGTH);
    assert_eq!(held, to_payload(Kind::Delivery, &bytes));
    assert_eq!(open(&frames.text(0)).shape.transfer, frames.transfer());
}

#[test]
fn the_same_index_has_the_same_text_and_the_row_has_no_end() {
    let (frames, bytes) = Dice::new(3).frames(LENGTH);
    assert_eq!(frames.text(40), Frames::new(Kind::Delivery, &bytes).unwrap().text(40));
    assert_eq!(frames.text(MAX_NUMBER + 1), frames.text(0));
    let last: Vec<String> = (0..40).map(|back| frames.text(MAX_NUMBER - back)).collect();
    assert!(needed(&mut Collector::new(), &last, &bytes).is_some_and(|needed| needed <= 35));
}

#[test]
fn codes_are_as_coarse_as_the_caller_wants() {
    let (usual, bytes) = Dice::new(4).frames(LENGTH);
    let version_of = |frames: &Frames| Symbol::of(&frames.text(0)).unwrap().version();
    assert_eq!(version_of(&usual), VERSION);
    assert!(Symbol::of(&usual.text(7)).unwrap().fits(320));
    for version in [5, 10, 15, 27] {
        let frames = Frames::at_version(Kind::Delivery, &bytes, version).unwrap();
        assert_eq!(version_of(&frames), version);
        let texts: Vec<String> = (0..frames.symbols() as u32).map(|index| frames.text(index)).collect();
        assert_eq!(needed(&mut Collector::new(), &texts, &bytes), Some(frames.symbols()));
    }
    for pixels in [200, 240, 480, 5000] {
        let frames = Frames::fitting(Kind::Delivery, &bytes, pixels).unwrap();
        assert!(Symbol::of(&frames.text(0)).unwrap().fits(pixels), "{pixels}");
        assert!(version_of(&frames) == MAX_VERSION || !Symbol::fits_at(version_of(&frames) + 1, pixels));
    }
    // No frame is larger than an even share of the payload.
    assert!(version_of(&Frames::new(Kind::Card, &[0; 700]).unwrap()) < 16);
    let of = |version| Frames::at_version(Kind::Card, &bytes, version).unwrap_err();
    assert_eq!((of(0), of(28)), (invalid("frame-version"), invalid("frame-version")));
    assert!(matches!((of(1), of(2), of(3)), (Error::TooLarge { .. }, Error::TooLarge { .. }, Error::TooLarge { .. })));
}

/// What is shown until it is whole, over the source symbols, for every seed.
fn shown_over_needed(loss: usize, seeds: u32) -> Vec<f64> {
    let mut shown: Vec<f64> = (0..seeds)
        .map(|seed| {
            let mut dice = Dice::new(1000 + seed);
            let (frames, bytes) = dice.frames(LENGTH);
            let start = dice.below(100_000) as u32;
            let mut collector = Collector::new();
            let mut arrived = 0;
            let shown = (0_u32..).find(|i| {
                if dice.below(100) < loss {
                    return false;
                }
                arrived += 1;
                // Half of them begin to look later than the sender begins to show.
                let text = frames.text(if seed % 2 == 0 { *i } else { start + *i });
                needed(&mut collector, [&text], &bytes).is_some()
            });
            assert!(arrived <= frames.symbols() + 2, "{arrived}");
            f64::from(shown.unwrap() + 1) / frames.symbols() as f64
        })
        .collect();
    shown.sort_by(f64::total_cmp);
    shown
}

#[test]
fn what_is_lost_costs_little_more_than_what_is_lost() {
    for (loss, most) in [(0, 1.0), (10, 1.16), (30, 1.45), (50, 2.1)] {
        let shown = shown_over_needed(loss, 200);
        let (median, worst) = (shown[100], shown[199]);
        println!("{loss} % lost: {median:.2} times the source symbols are shown, {worst:.2} at worst");
        assert!(median <= most, "{loss} % lost: {median}");
    }
}

#[test]
fn order_duplicates_and_other_codes_change_nothing() {
    for seed in 0..20 {
        let mut dice = Dice::new(2000 + seed);
        let (frames, bytes) = dice.frames(LENGTH);
        let (other, _) = dice.frames(LENGTH + 1);
        let mut texts: Vec<String> = (0..36).map(|index| frames.text(index)).collect();
        texts.extend((0..30).map(|index| frames.text(index)));
        texts.extend((0..20).map(|index| other.text(index * 3)));
        texts.extend(["https://example.com", "AM2F:BB8", "AM1Z:BB8", "AM1F:BB8", "AM1F:é", ""].map(String::from));
        dice.shuffle(&mut texts);
        assert!(needed(&mut Collector::new(), &texts, &bytes).is_some());
    }
}

#[test]
fn what_is_seen_is_counted_and_one_code_passes_through() {
    let (frames, _) = Dice::new(5).frames(LENGTH);
    let mut collector = Collector::new();
    let progress = |seen| Progress::NeedMore { transfer: frames.transfer(), seen, of: 33, disturbed: false };
    assert_eq!(collector.add(&frames.text(9)), Ok(progress(1)));
    assert_eq!(collector.add(&frames.text(70)), Ok(progress(2)));
    assert_eq!(collector.add(&frames.text(9)), Ok(progress(2)));
    assert_eq!(collector.add("AM1F:BB8"), Err(damaged("frame-length")));
    assert_eq!(collector.add("HC1:6BF"), Err(Error::Foreign));
    let single = armour::to_text(Kind::Card, b"AB");
    assert_eq!(collector.add(&single), Ok(Progress::Whole(Kind::Card, b"AB".to_vec())));
    assert_eq!(collector.add(&frames.text(71)), Ok(progress(3)));
    assert_eq!(format!("{:?}", Progress::Whole(Kind::Card, b"AB".to_vec())), "Whole(Card, 2 bytes)");
}

#[test]
fn a_torn_frame_is_damaged_at_every_length() {
    let (frames, _) = Dice::new(6).frames(2000);
    let bytes = open(&frames.text(1)).to_bytes();
    for length in 0..bytes.len() {
        let torn = armour::frame_to_text(&bytes[..length]);
        assert!(matches!(Collector::new().add(&torn), Err(Error::Damaged { .. })), "{length}");
    }
    for bit in 0..bytes.len() * 8 {
        let mut altered = bytes.clone();
        altered[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(Collector::new().add(&armour::frame_to_text(&altered)), Err(damaged("frame-check")));
    }
    let long = open(&frames.text(1)).to_bytes().repeat(3);
    assert_eq!(Collector::new().add(&armour::frame_to_text(&long)), Err(damaged("frame-length")));
}

#[test]
fn sizes_are_refused_before_memory_is_taken() {
    let add = |length, size: usize, number| {
        let shape = Shape { transfer: [1; 16], length, size };
        let mut collector = Collector::new();
        let added = collector.add(&seal(&Frame { shape, number, symbol: vec![2; size] }));
        assert_eq!(collector.transfers_held(), usize::from(added.is_ok()));
        added
    };
    // No payload, no symbol, too many symbols, too much, a symbol beyond the payload.
    assert_eq!(add(0, 10, 0), Err(damaged("frame-sizes")));
    assert_eq!(add(10, 0, 0), Err(damaged("frame-length")));
    assert_eq!(add(1025, 1, 0), Err(damaged("frame-sizes")));
    assert_eq!(add(MAX_PAYLOAD + 1, 1000, 0), Err(damaged("frame-sizes")));
    assert_eq!(add(0xff_ffff, 1000, 0), Err(damaged("frame-sizes")));
    assert_eq!(add(10, 11, 0), Err(damaged("frame-sizes")));
    assert!(add(1024, 1, 0).is_ok() && add(MAX_PAYLOAD, 256, MAX_NUMBER).is_ok() && add(2000, 1062, 1).is_ok());
}

#[test]
fn frames_of_other_sizes_under_one_name_are_another_transfer() {
    let (frames, bytes) = Dice::new(7).frames(LENGTH);
    let mut collector = Collector::new();
    for (length, size) in [(LENGTH + 2, 607), (LENGTH + 1, 600)] {
        let shape = Shape { transfer: frames.transfer(), length, size };
        collector.add(&seal(&Frame { shape, number: 0, symbol: vec![0; size] })).unwrap();
    }
    let texts: Vec<String> = (0..33).map(|index| frames.text(index)).collect();
    assert_eq!(needed(&mut collector, &texts, &bytes), Some(33));
}

/// Good frames beyond the source symbols that it takes, with so many false ones among them.
fn surplus(
    seed: u32,
    length: usize,
    count: usize,
    falsify: impl Fn(&mut Dice, &str, usize) -> String,
) -> Option<usize> {
    let mut dice = Dice::new(seed);
    let (frames, bytes) = dice.frames(length);
    let symbols = frames.symbols();
    let start = dice.below(2) as u32 * 5000;
    let mut good: Vec<String> = (0..2 * symbols as u32 + 8).map(|index| frames.text(start + index)).collect();
    dice.shuffle(&mut good);
    let mut all: Vec<(bool, String)> = Vec::new();
    for i in 0..count {
        // Of a number that is also among the good ones, or of one that is not.
        let model =
            if dice.below(2) == 0 { good[dice.below(good.len())].clone() } else { frames.text(90_000 + i as u32) };
        all.push((false, falsify(&mut dice, &model, i)));
    }
    all.extend(good[..symbols].iter().map(|text| (true, text.clone())));
    dice.shuffle(&mut all);
    all.extend(good[symbols..].iter().map(|text| (true, text.clone())));
    let texts: Vec<String> = all.iter().map(|(_, text)| text.clone()).collect();
    let needed = needed(&mut Collector::new(), &texts, &bytes)?;
    Some(all[..needed].iter().filter(|(is_good, _)| *is_good).count().saturating_sub(symbols))
}

/// The most of it over some seeds, all of which come to an end.
fn worst_surplus(length: usize, count: usize, falsify: impl Fn(&mut Dice, &str, usize) -> String) -> usize {
    let surpluses = (0..20).map(|seed| surplus(3000 + seed, length, count, &falsify));
    surpluses.map(|surplus| surplus.expect("it is whole at last")).max().unwrap()
}

#[test]
fn false_frames_cost_three_more_good_ones_however_many_they_are() {
    for count in [1, 2, 3, 5, 10, 20, 28] {
        let worst = worst_surplus(LENGTH, count, |dice, model, _| {
            let symbol = dice.bytes(open(model).symbol.len());
            falsify(model, |old| *old = symbol)
        });
        println!("{count} false frames of chance: {worst} good ones more");
        assert!(worst <= 3, "{count}: {worst}");
    }
}

#[test]
fn false_frames_that_err_alike_cost_little_more() {
    for (count, most) in [(2, 5), (3, 6), (5, 8), (6, 10)] {
        let error = Dice::new(count as u32).bytes(2000);
        let worst = worst_surplus(LENGTH, count, |_, model, _| {
            falsify(model, |symbol| symbol.iter_mut().zip(&error).for_each(|(octet, error)| *octet ^= error))
        });
        let one_octet = worst_surplus(LENGTH, count, |dice, model, _| {
            let error = 1 + dice.below(255) as u8;
            falsify(model, |symbol| symbol[100] ^= error)
        });
        println!("{count} false frames with one error: {worst} good ones more, in one octet: {one_octet}");
        assert!(worst.max(one_octet) <= most, "{count}: {worst}, {one_octet}");
    }
}

#[test]
fn frames_of_another_payload_under_the_same_name_are_told_apart() {
    let other = Frames::new(Kind::Delivery, &Dice::new(8).bytes(LENGTH)).unwrap();
    let worst =
        worst_surplus(LENGTH, 20, |_, model, i| falsify(model, |symbol| *symbol = open(&other.text(i as u32)).symbol));
    assert!(worst <= 4, "{worst}");
}

#[test]
fn false_frames_among_few_and_among_many() {
    for (length, counts) in [(1, 5..6), (1000, 4..7), (2000, 4..6), (100_000, 30..31)] {
        for count in counts {
            let worst = worst_surplus(length, count, |dice, model, _| {
                let symbol = dice.bytes(open(model).symbol.len());
                falsify(model, |old| *old = symbol)
            });
            assert!(worst <= 4, "{length}, {count}: {worst}");
        }
    }
}

#[test]
fn a_transfer_that_never_fits_says_so_and_takes_nothing_with_it() {
    let (mut dice, mut collector) = (Dice::new(9), Collector::new());
    let (frames, bytes) = dice.frames(3000);
    let (bystander, kept) = dice.frames(LENGTH);
    (0..20).for_each(|index| assert!(collector.add(&bystander.text(index)).is_ok()));
    let symbols = frames.symbols();
    let most = 2 * symbols + 16;
    for i in 0..most {
        let symbol = dice.bytes(open(&frames.text(0)).symbol.len());
        let added = collector.add(&falsify(&frames.text(i as u32), |old| *old = symbol));
        let seen =
            Progress::NeedMore { transfer: frames.transfer(), seen: i + 1, of: symbols, disturbed: i + 1 >= symbols };
        assert_eq!(added, if i + 1 == most { Err(damaged("frame-false")) } else { Ok(seen) });
    }
    // It begins anew, and the other one was not touched.
    let texts: Vec<String> = (0..symbols as u32).map(|index| frames.text(index)).collect();
    assert_eq!(needed(&mut collector, &texts, &bytes), Some(symbols));
    let rest: Vec<String> = (20..33).map(|index| bystander.text(index)).collect();
    assert_eq!(needed(&mut collector, &rest, &kept), Some(13));
}

/// A frame of a transfer that there is not.
fn garbage(dice: &mut Dice, name: u32, number: u32) -> String {
    let mut transfer = [0; 16];
    transfer[..4].copy_from_slice(&name.to_be_bytes());
    let shape = Shape { transfer, length: MAX_PAYLOAD, size: 600 };
    seal(&Frame { shape, number, symbol: dice.bytes(600) })
}

#[test]
fn garbage_transfers_do_not_push_one_out_that_is_in_view() {
    // Nine in ten frames are the first of a transfer of their own; or one in three, and as many of three large ones.
    let flood = |dice: &mut Dice, i: u32| if dice.below(10) > 0 { Some((10 + i, 0)) } else { None };
    let three = |dice: &mut Dice, i: u32| match dice.below(9) {
        at @ 0..3 => Some((1 + at as u32, i)),
        3..6 => Some((10 + i, 0)),
        _ => None,
    };
    type Draw = fn(&mut Dice, u32) -> Option<(u32, u32)>;
    let cases: [(Draw, u32); 2] = [(flood, 0), (three, 200)];
    for (draw, before) in cases {
        for seed in 0..20 {
            let mut dice = Dice::new(4000 + seed);
            let (frames, bytes) = dice.frames(LENGTH);
            let mut collector = Collector::new();
            for i in 0..before {
                (1..4).for_each(|name| assert!(collector.add(&garbage(&mut dice, name, 100_000 + i)).is_ok()));
            }
            let mut shown = 0;
            let whole = (0..5000).any(|i| match draw(&mut dice, i) {
                Some((name, number)) => collector.add(&garbage(&mut dice, name, number)).is_err(),
                None => {
                    shown += 1;
                    needed(&mut collector, [&frames.text(shown - 1)], &bytes).is_some()
                }
            });
            println!("{shown} frames shown");
            assert!(whole && shown <= 2 * 33, "{shown}");
            assert!(collector.transfers_held() <= 4);
        }
    }
}

#[test]
fn stickers_beside_the_screen_are_passed_over() {
    let mut dice = Dice::new(10);
    let (frames, bytes) = dice.frames(LENGTH);
    let stickers: Vec<String> = (0..6).map(|name| garbage(&mut dice, name, 0)).collect();
    let mut collector = Collector::new();
    let mut texts = Vec::new();
    for index in 0..50 {
        texts.push(frames.text(index));
        texts.extend((0..2).map(|_| stickers[dice.below(6)].clone()));
    }
    let needed = needed(&mut collector, &texts, &bytes).unwrap();
    assert!(needed <= 3 * 42, "{needed}");
}

#[test]
fn six_transfers_in_turn_do_not_push_each_other_out() {
    let mut dice = Dice::new(12);
    let transfers: Vec<(Frames, Vec<u8>)> = (0..6).map(|_| dice.frames(LENGTH)).collect();
    let mut collector = Collector::new();
    let whole = (0..45_u32).flat_map(|index| transfers.iter().map(move |(frames, _)| frames.text(index)));
    let whole = whole.filter(|text| matches!(collector.add(text), Ok(Progress::Whole(..)))).count();
    assert_eq!(whole, 4);
}

#[test]
fn a_fifth_transfer_waits_while_four_are_in_view_and_not_for_long() {
    let mut dice = Dice::new(11);
    let mut collector = Collector::new();
    for number in 0..3 {
        (1..5).for_each(|name| assert!(collector.add(&garbage(&mut dice, name, number)).is_ok()));
    }
    let (frames, _) = dice.frames(LENGTH);
    let mut seen = (0..40).map(|index| match collector.add(&frames.text(index)) {
        Ok(Progress::NeedMore { seen, .. }) => seen,
        other => panic!("{other:?}"),
    });
    assert_eq!(seen.next(), Some(0));
    assert!(seen.last().unwrap() > 15);
    assert_eq!(collector.transfers_held(), 4);
}

#[test]
fn a_kind_that_is_not_known_is_too_new() {
    let payload = b"Zsomething".to_vec();
    let shape = Shape::of(&payload, 617).unwrap();
    let frame = Frame { shape, number: 0, symbol: payload };
    assert_eq!(Collector::new().add(&seal(&frame)), Err(Error::TooNew));
    assert_eq!(frame.to_bytes().len(), OVERHEAD + 10);
}
