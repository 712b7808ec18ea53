//! Mutations, each replayed by its seed, its parser's name and its index alone.

use amana_core::cose::cbor::{self, Encoded, Value};
use amana_tests::Rng;

type Mutator = fn(&mut Rng, &mut Vec<u8>, &[Vec<u8>]);

const MUTATORS: [Mutator; 12] = [
    |rng, bytes, _| flip_bits(rng, bytes),
    |rng, bytes, _| set_bytes(rng, bytes),
    |rng, bytes, _| bytes.truncate(rng.below(bytes.len())),
    |_, bytes, _| bytes.extend_from_within(..),
    splice,
    |rng, bytes, _| insert_head(rng, bytes),
    |rng, bytes, _| nest_deep(rng, bytes),
    |rng, bytes, _| repeat_chunk(rng, bytes),
    |rng, bytes, _| make_indefinite(rng, bytes),
    // Thrice: what stays well-formed gets the furthest.
    |rng, bytes, _| change_item(rng, bytes),
    |rng, bytes, _| change_item(rng, bytes),
    |rng, bytes, _| change_item(rng, bytes),
];

/// A sample, changed once or a few times.
pub fn mutate(rng: &mut Rng, samples: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = rng.pick(samples).clone();
    for _ in 0..=rng.below(3) {
        rng.pick(&MUTATORS)(rng, &mut bytes, samples);
    }
    bytes
}

fn flip_bits(rng: &mut Rng, bytes: &mut [u8]) {
    for _ in 0..=rng.below(4) {
        let at = rng.below(bytes.len());
        if let Some(byte) = bytes.get_mut(at) {
            *byte ^= 1 << rng.below(8);
        }
    }
}

fn set_bytes(rng: &mut Rng, bytes: &mut [u8]) {
    const TELLING: &[u8] = b"\x00\x01\x17\x18\x1f\x3b\x40\x5b\x60\x7f\x80\x9f\xa0\xbf\xc1\xd2\xf6\xf8\xfb\xff\"{[.-+ 9";
    for _ in 0..=rng.below(4) {
        let at = rng.below(bytes.len());
        if let Some(byte) = bytes.get_mut(at) {
            *byte = *rng.pick(TELLING);
        }
    }
}

fn splice(rng: &mut Rng, bytes: &mut Vec<u8>, samples: &[Vec<u8>]) {
    let other = rng.pick(samples);
    bytes.truncate(rng.below(bytes.len()));
    bytes.extend_from_slice(&other[rng.below(other.len())..]);
}

/// A head that declares what is not there.
fn insert_head(rng: &mut Rng, bytes: &mut Vec<u8>) {
    const HEADS: [&[u8]; 8] = [
        b"\x5b\xff\xff\xff\xff\xff\xff\xff\xff",
        b"\x7b\xff\xff\xff\xff\xff\xff\xff\xff",
        b"\x9b\xff\xff\xff\xff\xff\xff\xff\xff",
        b"\xbb\xff\xff\xff\xff\xff\xff\xff\xff",
        b"\x5a\x7f\xff\xff\xff",
        b"\x9a\x00\x00\x40\x00",
        b"\x99\x01\x00",
        b"\xb9\x01\x00",
    ];
    let at = rng.below(bytes.len() + 1);
    bytes.splice(at..at, rng.pick(&HEADS).iter().copied());
}

fn nest_deep(rng: &mut Rng, bytes: &mut Vec<u8>) {
    // An array of one, a tag, a map of one with the key 0; a JSON array.
    const LEVELS: [&[u8]; 4] = [b"\x81", b"\xc1", b"\xa1\x00", b"["];
    let (level, times, at) = (*rng.pick(&LEVELS), *rng.pick(&[1, 8, 24, 200, 4000]), rng.below(bytes.len() + 1));
    bytes.splice(at..at, level.repeat(times));
}

fn repeat_chunk(rng: &mut Rng, bytes: &mut Vec<u8>) {
    let (from, len) = (rng.below(bytes.len()), rng.below(64));
    let chunk = bytes[from.min(bytes.len())..(from + len).min(bytes.len())].to_vec();
    bytes.splice(from..from, chunk.repeat(1 + rng.below(3)));
}

fn make_indefinite(rng: &mut Rng, bytes: &mut Vec<u8>) {
    let heads: Vec<_> = (0..bytes.len()).filter(|at| (2..=5).contains(&(bytes[*at] >> 5))).collect();
    if !heads.is_empty() {
        bytes[*rng.pick(&heads)] |= 0x1f;
        bytes.push(0xff);
    }
}

/// Changes one data item, also inside of byte strings, and encodes the whole again: what comes out is well-formed.
fn change_item(rng: &mut Rng, bytes: &mut Vec<u8>) {
    match cbor::parse_claims(bytes) {
        Ok(mut value) => {
            change(rng, &mut value);
            *bytes = value.to_bytes();
        }
        Err(_) => flip_bits(rng, bytes),
    }
}

fn change(rng: &mut Rng, value: &mut Value) {
    const NUMBERS: [i64; 16] =
        [0, 1, 4, 8, -7, -8, -9, -19, -35, -37, -51, 293, 294, i64::MAX, i64::MIN, 9_007_199_254_740_993];
    let deeper = rng.below(5) > 0;
    match value {
        Value::Array(items) if deeper && !items.is_empty() => {
            let at = rng.below(items.len());
            change(rng, &mut items[at]);
        }
        Value::Map(entries) if deeper && !entries.is_empty() => {
            let at = rng.below(entries.len());
            let (key, value) = &mut entries[at];
            let changed = if rng.below(6) == 0 { key } else { value };
            change(rng, changed);
        }
        Value::Tag(_, inner) if deeper => change(rng, inner),
        Value::Bytes(inside) if deeper && inside.len() > 8 => match cbor::parse_claims(inside) {
            Ok(mut value) => {
                change(rng, &mut value);
                *inside = value.to_bytes();
            }
            Err(_) => flip_bits(rng, inside),
        },
        Value::Encoded(inside) if deeper => {
            if let Ok(mut inner) = cbor::parse(inside.content()) {
                change(rng, &mut inner);
                *value = Encoded::of_value(&inner).into();
            }
        }
        // Twice the same, none of it, or one less.
        Value::Array(items) => match rng.below(3) {
            0 => items.extend_from_within(..),
            1 => items.clear(),
            _ => drop(items.pop()),
        },
        Value::Map(entries) => match rng.below(3) {
            0 => entries.extend_from_within(..),
            1 => entries.clear(),
            _ => drop(entries.pop()),
        },
        Value::Bytes(inside) => match rng.below(3) {
            0 => inside.clear(),
            1 => inside.extend_from_within(..),
            _ => *value = Value::Text("text".to_owned()),
        },
        Value::Text(text) => match rng.below(3) {
            0 => text.clear(),
            1 => *text = text.repeat(30),
            _ => *value = Value::Bytes(vec![0xff; 300]),
        },
        other => {
            *other = match rng.below(4) {
                0 => Value::Float(*rng.pick(&[f64::NAN, f64::INFINITY, -0.5, 1e300, 9.3e15])),
                1 => Value::Simple(*rng.pick(&[20, 22, 23, 59, 255])),
                2 => Value::Tag(*rng.pick(&[18, 58, 60, 62, 1004]), Box::new(other.clone())),
                _ => (*rng.pick(&NUMBERS)).into(),
            }
        }
    }
}
