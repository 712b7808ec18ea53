//! CBOR data items (RFC 8949), strictly: definite lengths, no duplicate keys, keys that are integers or texts.
//!
//! The draft of SD-CWT demands this (its section "Differences from the CBOR Web Token Specification"); everything
//! else Amana reads or writes keeps to it too.

use crate::error::{Error, Result, damaged};
use zeroize::Zeroize;

/// Deepest nesting that is read.
pub const MAX_DEPTH: usize = 24;
/// Most data items in one document: bounds memory to some 40 bytes each, whatever the lengths declare.
pub const MAX_ITEMS: usize = 16 * 1024;
/// Longest text that may be a map key, in bytes.
pub const MAX_KEY_LEN: usize = 255;

/// The simple value under which a map keeps the digests of its redacted claims.
pub const REDACTED_KEYS: Value = Value::Simple(59);
/// The tag around the digest of a redacted array element.
pub const TAG_REDACTED_ELEMENT: u64 = 60;
/// The tag of a COSE_Sign1.
pub const TAG_SIGN1: u64 = 18;
/// The tag of a date and time as text (RFC 8949 section 3.4.1).
pub const TAG_DATE_TIME: u64 = 0;
/// The tag of a COSE_Encrypt0.
pub const TAG_ENCRYPT0: u64 = 16;
/// The tag of a CWT (RFC 8392 section 6), around the tag of the message that it is.
pub const TAG_CWT: u64 = 61;
/// The tag of a full-date text (RFC 8943).
pub const TAG_FULL_DATE: u64 = 1004;
/// The tag of an encoded data item inside a byte string (RFC 8949 section 3.4.5.1): read as [`Value::Encoded`].
pub const TAG_ENCODED: u64 = 24;

/// One data item.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Major type 0.
    Uint(u64),
    /// Major type 1: the value is -1 - n.
    Nint(u64),
    /// Major type 2.
    Bytes(Vec<u8>),
    /// Major type 3.
    Text(String),
    /// Major type 4.
    Array(Vec<Self>),
    /// Major type 5, in the order of the encoding.
    Map(Vec<(Self, Self)>),
    /// Major type 6.
    Tag(u64, Box<Self>),
    /// Major type 6 with tag 24.
    Encoded(Encoded),
    /// Major type 7: false is 20, true 21, null 22, undefined 23.
    Simple(u8),
    /// Major type 7: a half, single or double.
    Float(f64),
}

/// An encoded data item inside a byte string, tag 24: what others hash or sign, kept as it came, heads and all.
#[derive(Clone, Debug, PartialEq)]
pub struct Encoded(Vec<u8>);

impl Encoded {
    /// Wraps an encoded data item.
    pub fn of(content: &[u8]) -> Self {
        let mut out = Vec::with_capacity(content.len() + 11);
        write_head(&mut out, 6, TAG_ENCODED);
        write_head(&mut out, 2, content.len() as u64);
        out.extend_from_slice(content);
        Self(out)
    }

    /// Wraps a data item.
    pub fn of_value(content: &Value) -> Self {
        Self::of(&content.to_bytes())
    }

    /// All of it: tag, byte string and content.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The encoded data item inside.
    pub fn content(&self) -> &[u8] {
        let rest = &self.0[head_len(self.0[0])..];
        &rest[head_len(rest[0])..]
    }
}

impl Value {
    /// False.
    pub const FALSE: Self = Self::Simple(20);
    /// True.
    pub const TRUE: Self = Self::Simple(21);
    /// Null.
    pub const NULL: Self = Self::Simple(22);

    /// A map in the deterministic order of RFC 8949 section 4.2.1.
    pub fn map(entries: impl IntoIterator<Item = (Self, Self)>) -> Self {
        let mut entries: Vec<_> = entries.into_iter().collect();
        entries.sort_by_cached_key(|(key, _)| key.to_bytes());
        Self::Map(entries)
    }

    /// The integer, where it is one that fits.
    pub fn as_int(&self) -> Option<i64> {
        match *self {
            Self::Uint(n) => i64::try_from(n).ok(),
            Self::Nint(n) => i64::try_from(n).ok().map(|n| -1 - n),
            _ => None,
        }
    }

    /// The bytes of a byte string.
    pub fn as_bytes(&self) -> Option<&[u8]> {
        if let Self::Bytes(bytes) = self { Some(bytes) } else { None }
    }

    /// The text of a text string.
    pub fn as_text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    /// The encoded data item inside a byte string.
    pub fn as_encoded(&self) -> Option<&Encoded> {
        if let Self::Encoded(encoded) = self { Some(encoded) } else { None }
    }

    /// The elements of an array.
    pub fn as_array(&self) -> Option<&[Self]> {
        if let Self::Array(items) = self { Some(items) } else { None }
    }

    /// The entries of a map.
    pub fn as_map(&self) -> Option<&[(Self, Self)]> {
        if let Self::Map(entries) = self { Some(entries) } else { None }
    }

    /// The truth value.
    pub fn as_bool(&self) -> Option<bool> {
        match *self {
            Self::FALSE => Some(false),
            Self::TRUE => Some(true),
            _ => None,
        }
    }

    /// What this tag stands around; itself where it does not stand around it.
    #[must_use]
    pub fn without_tag(self, tag: u64) -> Self {
        match self {
            Self::Tag(found, inner) if found == tag => *inner,
            other => other,
        }
    }

    /// The value under `key`, where this is a map that has it.
    pub fn get(&self, key: impl Into<Self>) -> Option<&Self> {
        let key = key.into();
        self.as_map()?.iter().find(|(k, _)| *k == key).map(|(_, value)| value)
    }

    /// Encodes in preferred serialisation (RFC 8949 section 4.1); maps keep their order.
    pub fn to_bytes(&self) -> Vec<u8> {
        // Room for all of it at once: growing would leave copies behind that nobody wipes.
        let mut out = Vec::with_capacity(self.most_bytes());
        self.write(&mut out);
        out
    }

    fn most_bytes(&self) -> usize {
        const HEAD: usize = 9;
        HEAD + match self {
            Self::Bytes(bytes) => bytes.len(),
            Self::Text(text) => text.len(),
            Self::Array(items) => items.iter().map(Self::most_bytes).sum(),
            Self::Map(entries) => entries.iter().map(|(key, value)| key.most_bytes() + value.most_bytes()).sum(),
            Self::Tag(_, inner) => inner.most_bytes(),
            Self::Encoded(encoded) => encoded.0.len(),
            Self::Uint(_) | Self::Nint(_) | Self::Simple(_) | Self::Float(_) => 0,
        }
    }

    fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Uint(n) => write_head(out, 0, *n),
            Self::Nint(n) => write_head(out, 1, *n),
            Self::Bytes(bytes) => {
                write_head(out, 2, bytes.len() as u64);
                out.extend_from_slice(bytes);
            }
            Self::Text(text) => {
                write_head(out, 3, text.len() as u64);
                out.extend_from_slice(text.as_bytes());
            }
            Self::Array(items) => {
                write_head(out, 4, items.len() as u64);
                items.iter().for_each(|item| item.write(out));
            }
            Self::Map(entries) => {
                write_head(out, 5, entries.len() as u64);
                for (key, value) in entries {
                    key.write(out);
                    value.write(out);
                }
            }
            Self::Tag(tag, inner) => {
                write_head(out, 6, *tag);
                inner.write(out);
            }
            Self::Encoded(encoded) => out.extend_from_slice(&encoded.0),
            Self::Simple(n @ 0..=23) => out.push(0xe0 | n),
            Self::Simple(n) => out.extend_from_slice(&[0xf8, *n]),
            Self::Float(x) => write_float(out, *x),
        }
    }
}

/// Wipes what a value says; for records that hold secrets.
impl Zeroize for Value {
    fn zeroize(&mut self) {
        match self {
            Self::Bytes(bytes) => bytes.zeroize(),
            Self::Text(text) => text.zeroize(),
            Self::Array(items) => items.iter_mut().for_each(Self::zeroize),
            Self::Map(entries) => entries.iter_mut().for_each(|(_, value)| value.zeroize()),
            Self::Tag(_, inner) => inner.zeroize(),
            Self::Encoded(encoded) => {
                encoded.0.zeroize();
                *self = Self::NULL;
            }
            Self::Uint(_) | Self::Nint(_) | Self::Simple(_) | Self::Float(_) => *self = Self::NULL,
        }
    }
}

macro_rules! from {
    ($($source:ty => |$x:ident| $made:expr),+ $(,)?) => {
        $(impl From<$source> for Value {
            fn from($x: $source) -> Self {
                $made
            }
        })+
    };
}

from! {
    i64 => |n| if n < 0 { Self::Nint((-1 - n) as u64) } else { Self::Uint(n as u64) },
    u64 => |n| Self::Uint(n),
    bool => |b| if b { Self::TRUE } else { Self::FALSE },
    &str => |text| Self::Text(text.to_owned()),
    String => |text| Self::Text(text),
    &[u8] => |bytes| Self::Bytes(bytes.to_vec()),
    Vec<u8> => |bytes| Self::Bytes(bytes),
    Vec<Self> => |items| Self::Array(items),
    Encoded => |encoded| Self::Encoded(encoded),
}

/// Reads exactly one data item that fills `bytes`.
///
/// # Errors
/// `damaged`: `cbor-truncated`, `cbor-trailing`, `cbor-indefinite`, `cbor-depth`, `cbor-items`, `cbor-duplicate-key`,
/// `cbor-map-key`, `cbor-text`, `cbor-simple` or `cbor-encoded` (tag 24 around what is no byte string).
pub fn parse(bytes: &[u8]) -> Result<Value> {
    parse_with(bytes, false, &mut { MAX_ITEMS })
}

/// Like [`parse`], for claims maps, whose redacted claims stand under the key [`REDACTED_KEYS`].
pub fn parse_claims(bytes: &[u8]) -> Result<Value> {
    parse_claims_within(bytes, &mut { MAX_ITEMS })
}

/// Like [`parse`], for one of several documents that belong together and share an allowance of items.
pub(crate) fn parse_within(bytes: &[u8], items: &mut usize) -> Result<Value> {
    parse_with(bytes, false, items)
}

/// Like [`parse_claims`], for one of several documents.
pub(crate) fn parse_claims_within(bytes: &[u8], items: &mut usize) -> Result<Value> {
    parse_with(bytes, true, items)
}

/// The content of bytes that are one encoded data item inside a byte string, tag 24.
///
/// # Errors
/// As [`parse`].
pub fn content_of(bytes: &[u8]) -> Result<&[u8]> {
    let mut reader = Reader { rest: bytes, items: &mut 1, redacted_keys: false };
    let content = match reader.head()? {
        (6, _, TAG_ENCODED) => reader.byte_string()?,
        _ => return Err(damaged("cbor-encoded")),
    };
    if reader.rest.is_empty() { Ok(content) } else { Err(damaged("cbor-trailing")) }
}

fn parse_with(bytes: &[u8], redacted_keys: bool, items: &mut usize) -> Result<Value> {
    let mut reader = Reader { rest: bytes, items, redacted_keys };
    reader.room(1, 1)?;
    let value = reader.item(0)?;
    if reader.rest.is_empty() { Ok(value) } else { Err(damaged("cbor-trailing")) }
}

struct Reader<'a, 'i> {
    rest: &'a [u8],
    /// How many more may be declared: lists inside of lists share the allowance before memory is taken.
    items: &'i mut usize,
    redacted_keys: bool,
}

const TRUNCATED: Error = damaged("cbor-truncated");

impl<'a> Reader<'a, '_> {
    fn take(&mut self, len: u64) -> Result<&'a [u8]> {
        let len = usize::try_from(len).map_err(|_| TRUNCATED)?;
        let (taken, rest) = self.rest.split_at_checked(len).ok_or(TRUNCATED)?;
        self.rest = rest;
        Ok(taken)
    }

    fn head(&mut self) -> Result<(u8, u8, u64)> {
        let first = self.take(1)?[0];
        let (major, info) = (first >> 5, first & 0x1f);
        let argument = match info {
            0..=23 => u64::from(info),
            24..=27 => self.take(1 << (info - 24))?.iter().fold(0, |n, byte| n << 8 | u64::from(*byte)),
            31 => return Err(damaged("cbor-indefinite")),
            _ => return Err(damaged("cbor-truncated")),
        };
        Ok((major, info, argument))
    }

    fn byte_string(&mut self) -> Result<&'a [u8]> {
        match self.head()? {
            (2, _, len) => self.take(len),
            _ => Err(damaged("cbor-encoded")),
        }
    }

    fn text(&mut self, len: u64) -> Result<String> {
        let text = core::str::from_utf8(self.take(len)?).map_err(|_| damaged("cbor-text"))?;
        Ok(text.to_owned())
    }

    /// Room for as many entries of `each` items as are declared, but never for more than the rest of the input can hold.
    fn room(&mut self, declared: u64, each: usize) -> Result<usize> {
        let count = usize::try_from(declared).map_err(|_| TRUNCATED)?;
        // An item is a byte at least.
        if count > self.rest.len() / each {
            return Err(TRUNCATED);
        }
        *self.items = self.items.checked_sub(count * each).ok_or(damaged("cbor-items"))?;
        Ok(count)
    }

    fn item(&mut self, depth: usize) -> Result<Value> {
        if depth > MAX_DEPTH {
            return Err(damaged("cbor-depth"));
        }
        let start = self.rest;
        let (major, info, argument) = self.head()?;
        Ok(match major {
            0 => Value::Uint(argument),
            1 => Value::Nint(argument),
            2 => Value::Bytes(self.take(argument)?.to_vec()),
            3 => Value::Text(self.text(argument)?),
            4 => {
                let mut items = Vec::with_capacity(self.room(argument, 1)?);
                for _ in 0..argument {
                    items.push(self.item(depth + 1)?);
                }
                Value::Array(items)
            }
            5 => {
                let mut entries = Vec::with_capacity(self.room(argument, 2)?);
                for _ in 0..argument {
                    let key = self.key(depth + 1)?;
                    entries.push((key, self.item(depth + 1)?));
                }
                refuse_duplicates(&entries)?;
                Value::Map(entries)
            }
            6 if argument == TAG_ENCODED => {
                self.byte_string()?;
                Value::Encoded(Encoded(start[..start.len() - self.rest.len()].to_vec()))
            }
            6 => {
                self.room(1, 1)?;
                Value::Tag(argument, Box::new(self.item(depth + 1)?))
            }
            _ => match info {
                0..=23 => Value::Simple(info),
                // A one-byte simple value below 32 is not well-formed (RFC 8949 section 3.3).
                24 if argument >= 32 => Value::Simple(argument as u8),
                25 => Value::Float(half_to_double(argument as u16)),
                26 => Value::Float(f64::from(f32::from_bits(argument as u32))),
                27 => Value::Float(f64::from_bits(argument)),
                _ => return Err(damaged("cbor-simple")),
            },
        })
    }

    fn key(&mut self, depth: usize) -> Result<Value> {
        let key = self.item(depth)?;
        match &key {
            Value::Uint(_) | Value::Nint(_) => Ok(key),
            Value::Text(text) if text.len() <= MAX_KEY_LEN => Ok(key),
            &REDACTED_KEYS if self.redacted_keys => Ok(key),
            _ => Err(damaged("cbor-map-key")),
        }
    }
}

fn refuse_duplicates(entries: &[(Value, Value)]) -> Result<()> {
    // Up to this many, comparing all pairs beats sorting and takes no memory.
    const FEW: usize = 24;
    let duplicate = if entries.len() <= FEW {
        entries.iter().enumerate().any(|(i, (key, _))| entries[..i].iter().any(|(earlier, _)| earlier == key))
    } else {
        let mut keys: Vec<_> = entries.iter().map(|(key, _)| sort_key(key)).collect();
        keys.sort_unstable();
        keys.windows(2).any(|pair| pair[0] == pair[1])
    };
    if duplicate { Err(damaged("cbor-duplicate-key")) } else { Ok(()) }
}

fn sort_key(key: &Value) -> (u8, u64, &str) {
    match key {
        Value::Uint(n) => (0, *n, ""),
        Value::Nint(n) => (1, *n, ""),
        Value::Text(text) => (3, 0, text),
        _ => (7, 0, ""),
    }
}

/// Bytes of a head that starts with this one.
fn head_len(first: u8) -> usize {
    match first & 0x1f {
        info @ 24..=27 => 1 + (1 << (info - 24)),
        _ => 1,
    }
}

fn write_head(out: &mut Vec<u8>, major: u8, argument: u64) {
    let major = major << 5;
    match argument {
        0..=23 => out.push(major | argument as u8),
        24..=0xff => out.extend_from_slice(&[major | 24, argument as u8]),
        0x100..=0xffff => {
            out.push(major | 25);
            out.extend_from_slice(&(argument as u16).to_be_bytes());
        }
        0x1_0000..=0xffff_ffff => {
            out.push(major | 26);
            out.extend_from_slice(&(argument as u32).to_be_bytes());
        }
        _ => {
            out.push(major | 27);
            out.extend_from_slice(&argument.to_be_bytes());
        }
    }
}

fn write_float(out: &mut Vec<u8>, x: f64) {
    let single = x as f32;
    if f64::from(single).to_bits() != x.to_bits() {
        out.push(0xfb);
        out.extend_from_slice(&x.to_bits().to_be_bytes());
    } else if let Some(half) = single_to_half(single) {
        out.push(0xf9);
        out.extend_from_slice(&half.to_be_bytes());
    } else {
        out.push(0xfa);
        out.extend_from_slice(&single.to_bits().to_be_bytes());
    }
}

fn half_to_double(half: u16) -> f64 {
    let (exponent, fraction) = (i32::from(half >> 10 & 0x1f), f64::from(half & 0x3ff));
    let magnitude = match exponent {
        0 => fraction * f64::powi(2.0, -24),
        31 if fraction == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        _ => (1.0 + fraction / 1024.0) * f64::powi(2.0, exponent - 15),
    };
    if half >> 15 == 1 { -magnitude } else { magnitude }
}

/// The half that says exactly the same, where there is one.
fn single_to_half(single: f32) -> Option<u16> {
    let bits = single.to_bits();
    let sign = (bits >> 16 & 0x8000) as u16;
    let (exponent, fraction) = ((bits >> 23 & 0xff) as i32 - 127, bits & 0x7f_ffff);
    let half = match exponent {
        -127 if fraction == 0 => sign,
        128 if fraction == 0 => sign | 0x7c00,
        128 => sign | 0x7e00,
        -14..=15 if fraction & 0x1fff == 0 => sign | ((exponent + 15) as u16) << 10 | (fraction >> 13) as u16,
        -24..=-15 => {
            let shift = (-14 - exponent + 13) as u32;
            let mantissa = fraction | 0x80_0000;
            if mantissa & ((1 << shift) - 1) != 0 {
                return None;
            }
            sign | (mantissa >> shift) as u16
        }
        _ => return None,
    };
    Some(half)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(text: &str) -> Vec<u8> {
        (0..text.len()).step_by(2).map(|i| u8::from_str_radix(&text[i..i + 2], 16).unwrap()).collect()
    }

    #[test]
    fn examples_of_rfc_8949_appendix_a_read_and_write_alike() {
        let examples = [
            "00",
            "17",
            "1818",
            "1903e8",
            "1a000f4240",
            "1bffffffffffffffff",
            "20",
            "3903e7",
            "3bffffffffffffffff",
            "f90000",
            "f98000",
            "f93c00",
            "fb3ff199999999999a",
            "f93e00",
            "f97bff",
            "fa47c35000",
            "fa7f7fffff",
            "fb7e37e43c8800759c",
            "f90001",
            "f90400",
            "f9c400",
            "fbc010666666666666",
            "f97c00",
            "f9fc00",
            "f4",
            "f5",
            "f6",
            "f7",
            "f0",
            "f8ff",
            "c074323031332d30332d32315432303a30343a30305a",
            "40",
            "4401020304",
            "60",
            "6449455446",
            "62c3bc",
            "80",
            "83010203",
            "8301820203820405",
            "a0",
            "a201020304",
            "a26161016162820203",
            "d818456449455446",
        ];
        for example in examples {
            let value = parse(&hex(example)).unwrap_or_else(|error| panic!("{example}: {error}"));
            assert_eq!(value.to_bytes(), hex(example), "{example}");
        }
    }

    #[test]
    fn what_is_not_strict_is_damaged_and_says_why() {
        let cases = [
            ("", "cbor-truncated"),
            ("18", "cbor-truncated"),
            ("1c", "cbor-truncated"),
            ("4403", "cbor-truncated"),
            ("5bffffffffffffffff00", "cbor-truncated"),
            ("9bffffffffffffffff00", "cbor-truncated"),
            ("0000", "cbor-trailing"),
            ("9fff", "cbor-indefinite"),
            ("5f42010243030405ff", "cbor-indefinite"),
            ("a201020103", "cbor-duplicate-key"),
            ("a20102180103", "cbor-duplicate-key"),
            ("a18000", "cbor-map-key"),
            ("a1f5f5", "cbor-map-key"),
            ("a1f83b80", "cbor-map-key"),
            ("61ff", "cbor-text"),
            ("f818", "cbor-simple"),
            ("fc", "cbor-truncated"),
            ("d81800", "cbor-encoded"),
            ("d8184403", "cbor-truncated"),
            ("d8185f4101ff", "cbor-indefinite"),
        ];
        for (bytes, reason) in cases {
            assert_eq!(parse(&hex(bytes)), Err(damaged(reason)), "{bytes}");
        }
        assert!(parse_claims(&hex("a1f83b80")).is_ok());
    }

    #[test]
    fn encoded_items_keep_the_heads_they_came_with() {
        let made = Encoded::of_value(&"IETF".into());
        assert_eq!(made.as_bytes(), hex("d818456449455446"));
        // The same content under heads that need not be so long: what hashes or signs them tells them apart.
        for bytes in ["d818456449455446", "d90018456449455446", "d81858056449455446", "d818590005 6449455446"] {
            let bytes = hex(&bytes.replace(' ', ""));
            let value = parse(&bytes).unwrap();
            assert_eq!(value.as_encoded().unwrap().content(), made.content());
            assert_eq!(content_of(&bytes), Ok(made.content()));
            assert_eq!(value.to_bytes(), bytes);
        }
        assert_eq!(content_of(&hex("d8184000")), Err(damaged("cbor-trailing")));
        assert_eq!(content_of(&hex("c074323031332d30332d32315432303a30343a30305a")), Err(damaged("cbor-encoded")));
    }

    #[test]
    fn depth_and_items_are_bounded() {
        let deep = [vec![0x81; MAX_DEPTH], vec![0x00]].concat();
        assert!(parse(&deep).is_ok());
        assert_eq!(parse(&[&[0x81], &deep[..]].concat()), Err(damaged("cbor-depth")));
        let mut wide = vec![0x99, 0x3f, 0xff];
        wide.extend(vec![0; MAX_ITEMS - 1]);
        assert!(parse(&wide).is_ok());
        let mut wider = vec![0x99, 0x40, 0x00];
        wider.extend(vec![0; MAX_ITEMS]);
        assert_eq!(parse(&wider), Err(damaged("cbor-items")));
        // Each declares what could still follow; together they declare twenty times that.
        let mut nested = [0x99, 0x3e, 0x80].repeat(20);
        nested.resize(17_000, 0);
        assert_eq!(parse(&nested), Err(damaged("cbor-items")));
    }

    #[test]
    fn duplicates_are_found_in_large_maps_too() {
        let entries = (0..100_i64).map(|n| (Value::from(n), Value::NULL));
        let mut map: Vec<_> = entries.collect();
        assert!(parse(&Value::Map(map.clone()).to_bytes()).is_ok());
        map.push((Value::from(50_i64), Value::NULL));
        assert_eq!(parse(&Value::Map(map).to_bytes()), Err(damaged("cbor-duplicate-key")));
    }
}
