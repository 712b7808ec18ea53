//! The measures of status lists, each a ratio of one run. `cargo xtask bench status-list` runs this and shows them; alone
//! it prints them as JSON lines.

use amana_core::crypto::SigningKey;
use amana_core::ports::OsEntropy;
use amana_core::trust::status_list::{StatusListClaims, TokenForm};
use amana_core::trust::{StatusList, StatusListToken};
use miniz_oxide::inflate::decompress_to_vec_zlib_with_limit;
use serde_json::json;
use std::hint::black_box;
use std::time::{Duration, Instant};

const ROUNDS: usize = 101;
const LOOK_UPS: u64 = 1 << 14;
/// Entries of a list that a country's registry may have.
const MANY: u64 = 1 << 20;
const FEW: u64 = 1 << 10;

fn main() {
    let key = SigningKey::make(&OsEntropy).expect("randomness");
    let worst = |of: &dyn Fn(u8) -> f64| [1, 2, 4, 8].into_iter().map(of).fold(0.0, f64::max);
    for (name, value, unit, bar) in [
        ("status-look-up", worst(&look_up), "x among 2^10 entries, among 2^20", 1.5),
        ("status-parse-cwt", worst(&|bits| parse(bits, TokenForm::Cwt, &key)), "x inflating the same bytes", 2.0),
        ("status-parse-jwt", worst(&|bits| parse(bits, TokenForm::Jwt, &key)), "x inflating the same bytes", 2.0),
    ] {
        println!("{}", json!({"name": name, "value": value, "unit": unit, "bar": bar, "holds": value <= bar}));
    }
}

/// A list in which one card in a hundred is cancelled, by chance.
fn list(bits: u8, entries: u64) -> StatusList {
    let mut list = StatusList::make(bits, entries).expect("a list");
    let mut chance = Chance(7);
    (0..entries / 100).for_each(|_| list.set(chance.below(entries), 1).expect("an entry"));
    list
}

/// Numbers that look drawn, the same in every run (Knuth's MMIX generator).
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }
}

/// Look-ups anywhere in a long list, over as many in a short one.
fn look_up(bits: u8) -> f64 {
    let indexes = |entries| -> Vec<u64> {
        let mut chance = Chance(11);
        (0..LOOK_UPS).map(|_| chance.below(entries)).collect()
    };
    let run = |list: &StatusList, indexes: &[u64]| {
        time(|| {
            let sum: u64 = indexes.iter().map(|index| u64::from(list.status(*index).expect("an entry"))).sum();
            black_box(sum);
        })
    };
    let (long, short) = (list(bits, MANY), list(bits, FEW));
    let (anywhere, near) = (indexes(MANY), indexes(FEW));
    ratio(|| run(&long, &anywhere), || run(&short, &near))
}

/// From a token's bytes to a list that can be asked, over inflating what is in it.
fn parse(bits: u8, form: TokenForm, key: &SigningKey) -> f64 {
    let list = list(bits, MANY);
    let compressed = list.to_compressed();
    let uri = "https://id.example/status/1".to_owned();
    let claims = StatusListClaims { uri, issued_at: 0, expires: None, time_to_live: None, list };
    let token = claims.sign(form, b"desk-1", key).expect("signed");
    let parse = || StatusListToken::parse(black_box(&token)).and_then(StatusListToken::into_claims).expect("a list");
    let inflate =
        || decompress_to_vec_zlib_with_limit(black_box(&compressed), StatusList::MAX_BYTES).expect("inflated");
    ratio(|| time(|| drop(black_box(parse()))), || time(|| drop(black_box(inflate()))))
}

/// The median of the ratios of pairs that take turns in going first.
fn ratio(ours: impl Fn() -> Duration, floor: impl Fn() -> Duration) -> f64 {
    let pair = |round: usize| {
        let (ours, floor) = if round.is_multiple_of(2) {
            let ours = ours();
            (ours, floor())
        } else {
            let floor = floor();
            (ours(), floor)
        };
        ours.as_secs_f64() / floor.as_secs_f64()
    };
    let mut ratios: Vec<f64> = (0..ROUNDS).map(pair).collect();
    ratios.sort_by(f64::total_cmp);
    (ratios[ROUNDS / 2] * 1000.0).round() / 1000.0
}

fn time(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}
