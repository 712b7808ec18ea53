//! JSON texts (RFC 8259), strictly: UTF-8 without a byte order mark, one value, no name twice in an object.
//!
//! `serde_json` alone keeps the last of two members with one name, silently: two readers could see two tokens.

use crate::error::{Result, damaged};
use core::fmt;
use serde_core::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

/// Deepest nesting that is read.
pub const MAX_DEPTH: usize = 24;
/// Longest text that is read, in bytes.
pub const MAX_LEN: usize = 1 << 20;
/// Longest name of a member, in bytes.
pub const MAX_KEY_LEN: usize = 255;
/// Most items in one text. They are counted by the memory that they take, some 50 bytes each: a value is one, a member
/// of an object three more, an object 16 more.
pub const MAX_ITEMS: usize = 12 * 1024;

const OBJECT_ITEMS: usize = 16;
const MEMBER_ITEMS: usize = 3;

/// Reads one value that fills `bytes`.
///
/// # Errors
/// `damaged`: `json-syntax`, `json-length`, `json-depth`, `json-items`, `json-key` or `json-duplicate-key`.
pub fn parse(bytes: &[u8]) -> Result<Value> {
    parse_within(bytes, &mut { MAX_ITEMS })
}

/// Reads one object.
///
/// # Errors
/// As [`parse`]; `json-object` for any other value.
pub fn parse_object(bytes: &[u8]) -> Result<Map<String, Value>> {
    parse_object_within(bytes, &mut { MAX_ITEMS })
}

/// The same with fewer items, or with one budget for several texts: what is read is taken from `items`.
pub fn parse_object_within(bytes: &[u8], items: &mut usize) -> Result<Map<String, Value>> {
    match parse_within(bytes, items)? {
        Value::Object(object) => Ok(object),
        _ => Err(damaged("json-object")),
    }
}

/// As [`parse`], taking what is read from `items`.
pub fn parse_within(bytes: &[u8], items: &mut usize) -> Result<Value> {
    if bytes.len() > MAX_LEN {
        return Err(damaged("json-length"));
    }
    let mut limits = Limits { items, fault: "json-syntax" };
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = Reader { depth: 0, limits: &mut limits }.deserialize(&mut reader);
    let value = value.and_then(|value| reader.end().map(|()| value));
    value.map_err(|_| damaged(limits.fault))
}

/// Writes an object without white space, its members in order of their names: however `serde_json` was built.
pub fn to_text(object: Map<String, Value>) -> String {
    let mut value = Value::Object(object);
    value.sort_all_objects();
    value.to_string()
}

struct Limits<'a> {
    items: &'a mut usize,
    /// Why it was refused.
    fault: &'static str,
}

impl Limits<'_> {
    fn refuse<E: Error>(&mut self, fault: &'static str) -> E {
        self.fault = fault;
        E::custom(fault)
    }

    fn take<E: Error>(&mut self, items: usize) -> Result<(), E> {
        *self.items = self.items.checked_sub(items).ok_or_else(|| self.refuse("json-items"))?;
        Ok(())
    }
}

struct Reader<'a, 'b> {
    depth: usize,
    limits: &'a mut Limits<'b>,
}

impl Reader<'_, '_> {
    fn descend<E: Error>(&mut self) -> Result<(), E> {
        self.depth += 1;
        if self.depth > MAX_DEPTH { Err(self.limits.refuse("json-depth")) } else { Ok(()) }
    }
}

impl<'de> DeserializeSeed<'de> for Reader<'_, '_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        self.limits.take(1)?;
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Reader<'_, '_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, truth: bool) -> Result<Value, E> {
        Ok(truth.into())
    }

    fn visit_i64<E>(self, number: i64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_u64<E>(self, number: u64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_f64<E>(self, number: f64) -> Result<Value, E> {
        // A text has no other than finite numbers.
        Ok(number.into())
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(text.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut elements: A) -> Result<Value, A::Error> {
        self.descend()?;
        let mut list = Vec::new();
        while let Some(element) = elements.next_element_seed(Reader { depth: self.depth, limits: &mut *self.limits })? {
            list.push(element);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut members: A) -> Result<Value, A::Error> {
        self.descend()?;
        self.limits.take(OBJECT_ITEMS)?;
        let mut object = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            self.limits.take(MEMBER_ITEMS)?;
            if name.len() > MAX_KEY_LEN {
                return Err(self.limits.refuse("json-key"));
            }
            if object.contains_key(&name) {
                return Err(self.limits.refuse("json-duplicate-key"));
            }
            let value = members.next_value_seed(Reader { depth: self.depth, limits: &mut *self.limits })?;
            object.insert(name, value);
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn refused(text: &[u8]) -> Option<&'static str> {
        parse(text).err().and_then(|error| error.reason())
    }

    #[test]
    fn every_kind_of_value_is_read() {
        let text = r#" {"a": [null, true, -7, 18446744073709551615, 1.5, "\u00e9é", {}, []], "": {"a": 1e2}} "#;
        let expected = json!({"a": [null, true, -7, u64::MAX, 1.5, "éé", {}, []], "": {"a": 100.0}});
        assert_eq!(parse(text.as_bytes()), Ok(expected));
    }

    #[test]
    fn what_is_no_json_text_is_refused() {
        let texts: [&[u8]; 20] = [
            b"",
            b"{",
            b"{}{}",
            b"{} x",
            b"\xef\xbb\xbf{}",
            b"{\"a\":\"\xff\"}",
            b"{\"\xff\":1}",
            b"{\"a\":\"\\ud800\"}",
            b"{'a':1}",
            b"{a:1}",
            b"{\"a\":1,}",
            b"[1,]",
            b"[01]",
            b"[+1]",
            b"[.5]",
            b"[1e999]",
            b"[NaN]",
            b"[\"\n\"]",
            b"// a\n{}",
            b"{\"a\" 1}",
        ];
        for text in texts {
            assert_eq!(refused(text), Some("json-syntax"), "{}", text.escape_ascii());
        }
    }

    #[test]
    fn no_name_stands_twice_on_any_level() {
        for text in [r#"{"a":1,"a":1}"#, r#"[{"b":{"a":1,"c":2,"a":3}}]"#, r#"{"a":1,"\u0061":2}"#] {
            assert_eq!(refused(text.as_bytes()), Some("json-duplicate-key"), "{text}");
        }
        assert_eq!(parse(br#"{"a":{"a":1},"b":{"a":1}}"#), Ok(json!({"a": {"a": 1}, "b": {"a": 1}})));
    }

    #[test]
    fn depth_items_names_and_length_are_bounded() {
        let nested = |open: &str, close: &str, depth| [open.repeat(depth), close.repeat(depth)].concat();
        assert!(parse(nested("[", "]", MAX_DEPTH).as_bytes()).is_ok());
        assert_eq!(refused(nested("[", "]", MAX_DEPTH + 1).as_bytes()), Some("json-depth"));
        assert_eq!(refused("[".repeat(200_000).as_bytes()), Some("json-depth"));
        assert_eq!(refused("{\"\":".repeat(200_000).as_bytes()), Some("json-depth"));
        let list = |count: usize| format!("[{}0]", "0,".repeat(count));
        assert!(parse(list(MAX_ITEMS - 2).as_bytes()).is_ok());
        assert_eq!(refused(list(MAX_ITEMS).as_bytes()), Some("json-items"));
        assert_eq!(refused(format!("[{}0]", "{},".repeat(MAX_ITEMS / 16)).as_bytes()), Some("json-items"));
        let name = |len| format!("{{\"{}\":0}}", "a".repeat(len));
        assert!(parse(name(MAX_KEY_LEN).as_bytes()).is_ok());
        assert_eq!(refused(name(MAX_KEY_LEN + 1).as_bytes()), Some("json-key"));
        assert_eq!(refused(&vec![b' '; MAX_LEN + 1]), Some("json-length"));
        assert_eq!(parse_object(b"[]").err(), Some(damaged("json-object")));
    }

    #[test]
    fn several_texts_share_a_budget() {
        let mut items = 10;
        assert!(parse_within(b"[1,2]", &mut items).is_ok());
        assert_eq!(items, 7);
        assert_eq!(parse_within(b"[1,2,3,4,5,6,7]", &mut items), Err(damaged("json-items")));
    }

    #[test]
    fn members_are_written_in_order() {
        let Value::Object(object) = json!({"b": {"d": 1, "c": 2}, "a": [1.5]}) else { unreachable!() };
        assert_eq!(to_text(object), r#"{"a":[1.5],"b":{"c":2,"d":1}}"#);
    }
}
