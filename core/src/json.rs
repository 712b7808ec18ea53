//! JSON (RFC 8259) from elsewhere: bounded in depth, values and length before it takes memory, no name twice (section 4 leaves
//! open what then counts), no mark at the start, nothing behind the end.

use crate::error::{Result, damaged};
use core::cell::Cell;
use core::fmt;
use serde_core::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// Deepest nesting that is read.
pub const MAX_DEPTH: usize = 24;
/// Most values in one document. They are counted by the memory that they take, some 60 bytes each: an object is 16 more,
/// a member of one and a list three more.
pub const MAX_VALUES: usize = 8 * 1024;
/// Longest name of a member, in bytes.
pub const MAX_NAME_LEN: usize = 255;
const OBJECT: usize = 16;
const MEMBER: usize = 3;
const LIST: usize = 3;
/// Longest document that is read, in bytes.
pub const MAX_LEN: usize = 256 * 1024;

/// Reads one JSON text.
///
/// # Errors
/// `damaged`: `json-length`, `json-depth`, `json-values`, `json-name`, `json-duplicate-name`, `json-syntax` (also for a byte order mark).
pub fn parse(bytes: &[u8]) -> Result<Value> {
    parse_within(bytes, &mut { MAX_VALUES })
}

/// Like [`parse`], for one of several documents that belong together and share an allowance of values.
pub(crate) fn parse_within(bytes: &[u8], values: &mut usize) -> Result<Value> {
    if bytes.len() > MAX_LEN {
        return Err(damaged("json-length"));
    }
    let state = State { left: Cell::new(*values), failed: Cell::new("json-syntax") };
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let read = Node { state: &state, depth: 0 }.deserialize(&mut reader).and_then(|value| reader.end().map(|()| value));
    *values = state.left.get();
    read.map_err(|_| damaged(state.failed.get()))
}

/// Like [`parse`], for what must be an object.
///
/// # Errors
/// As [`parse`]; `damaged` (`json-object`).
pub fn parse_object(bytes: &[u8]) -> Result<Map<String, Value>> {
    match parse(bytes)? {
        Value::Object(object) => Ok(object),
        _ => Err(damaged("json-object")),
    }
}

struct State {
    left: Cell<usize>,
    /// What was refused, once something was.
    failed: Cell<&'static str>,
}

#[derive(Clone, Copy)]
struct Node<'a> {
    state: &'a State,
    depth: usize,
}

impl Node<'_> {
    fn refuse<E: de::Error>(self, why: &'static str) -> E {
        self.state.failed.set(why);
        E::custom(why)
    }

    fn take<E: de::Error>(self, values: usize) -> Result<(), E> {
        let left = self.state.left.get().checked_sub(values).ok_or_else(|| self.refuse("json-values"))?;
        self.state.left.set(left);
        Ok(())
    }

    fn inside<E: de::Error>(self) -> Result<Self, E> {
        if self.depth == MAX_DEPTH {
            return Err(self.refuse("json-depth"));
        }
        Ok(Self { depth: self.depth + 1, ..self })
    }
}

impl<'de> DeserializeSeed<'de> for Node<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        self.take(1)?;
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Node<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, truth: bool) -> Result<Value, E> {
        Ok(Value::Bool(truth))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_u64<E>(self, number: u64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_f64<E>(self, number: f64) -> Result<Value, E> {
        Ok(Number::from_f64(number).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::String(text.to_owned()))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let inside = self.inside()?;
        self.take(LIST)?;
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(inside)? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let inside = self.inside()?;
        self.take(OBJECT)?;
        let mut object = Map::new();
        while let Some(name) = entries.next_key::<String>()? {
            self.take(MEMBER)?;
            if name.len() > MAX_NAME_LEN {
                return Err(self.refuse("json-name"));
            }
            if object.contains_key(&name) {
                return Err(self.refuse("json-duplicate-name"));
            }
            object.insert(name, entries.next_value_seed(inside)?);
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_json_is_read() {
        let text = r#" {"a": [1, -2, 1.5, true, null, "\u6e2f\ud83d\ude00"], "b": {"a": 18446744073709551615}} "#;
        let read = parse(text.as_bytes()).unwrap();
        assert_eq!(read, json!({"a": [1, -2, 1.5, true, null, "港😀"], "b": {"a": u64::MAX}}));
    }

    #[test]
    fn what_could_be_read_in_two_ways_is_refused() {
        for (text, why) in [
            (&br#"{"a":1,"a":2}"#[..], "json-duplicate-name"),
            (br#"{"a":1,"\u0061":2}"#, "json-duplicate-name"),
            (br#"[{"b":{"a":1,"a":1}}]"#, "json-duplicate-name"),
            (b"\xef\xbb\xbf{}", "json-syntax"),
            (b"{} {}", "json-syntax"),
            (b"{}x", "json-syntax"),
            (b"", "json-syntax"),
            (b"{\"a\":1,}", "json-syntax"),
            (b"\"\xff\"", "json-syntax"),
            (b"\"\\ud800\"", "json-syntax"),
            (b"NaN", "json-syntax"),
        ] {
            assert_eq!(parse(text), Err(damaged(why)), "{}", String::from_utf8_lossy(text));
        }
        assert_eq!(parse_object(b"[]"), Err(damaged("json-object")));
    }

    #[test]
    fn depth_and_count_and_length_are_bounded() {
        let nested = |depth: usize| [vec![b'['; depth], vec![b']'; depth]].concat();
        assert!(parse(&nested(MAX_DEPTH)).is_ok());
        assert_eq!(parse(&nested(MAX_DEPTH + 1)), Err(damaged("json-depth")));
        assert_eq!(parse(&nested(100_000)), Err(damaged("json-depth")));
        let many = format!("[{}0]", "0,".repeat(MAX_VALUES));
        assert_eq!(parse(many.as_bytes()), Err(damaged("json-values")));
        // What takes more memory counts for more.
        let objects = format!("[{}0]", "{\"\":0},".repeat(MAX_VALUES / 20));
        assert_eq!(parse(objects.as_bytes()), Err(damaged("json-values")));
        let named = |len| format!("{{\"{}\":0}}", "a".repeat(len));
        assert!(parse(named(MAX_NAME_LEN).as_bytes()).is_ok());
        assert_eq!(parse(named(MAX_NAME_LEN + 1).as_bytes()), Err(damaged("json-name")));
        assert_eq!(parse(&vec![b' '; MAX_LEN + 1]), Err(damaged("json-length")));
    }
}
