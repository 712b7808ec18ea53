//! Maps with fields of known names, taken apart without copying.

use crate::cose::cbor::{Encoded, Value};
use crate::error::{Error, Result, damaged};

pub(super) const SHAPE: Error = damaged("mdoc-shape");

/// The entries of a map, each to be taken out once.
pub(super) struct Fields(Vec<(Value, Value)>);

impl Fields {
    pub fn of(value: Value) -> Result<Self> {
        if let Value::Map(entries) = value { Ok(Self(entries)) } else { Err(SHAPE) }
    }

    pub fn optional(&mut self, name: impl Into<Value>) -> Option<Value> {
        let name = name.into();
        let at = self.0.iter().position(|(key, _)| *key == name)?;
        Some(self.0.swap_remove(at).1)
    }

    pub fn value(&mut self, name: impl Into<Value>) -> Result<Value> {
        self.optional(name).ok_or(SHAPE)
    }

    pub fn text(&mut self, name: &str) -> Result<String> {
        if let Value::Text(text) = self.value(name)? { Ok(text) } else { Err(SHAPE) }
    }

    pub fn bytes(&mut self, name: &str) -> Result<Vec<u8>> {
        if let Value::Bytes(bytes) = self.value(name)? { Ok(bytes) } else { Err(SHAPE) }
    }

    pub fn number(&mut self, name: &str) -> Result<u64> {
        if let Value::Uint(number) = self.value(name)? { Ok(number) } else { Err(SHAPE) }
    }

    pub fn encoded(&mut self, name: impl Into<Value>) -> Result<Encoded> {
        if let Value::Encoded(encoded) = self.value(name)? { Ok(encoded) } else { Err(SHAPE) }
    }

    /// Refuses anything more: what nobody signed must not say something else to somebody else.
    pub fn end(self) -> Result<()> {
        if self.0.is_empty() { Ok(()) } else { Err(SHAPE) }
    }
}

/// A list that is not empty.
pub(super) fn list(value: Value) -> Result<Vec<Value>> {
    match value {
        Value::Array(items) if !items.is_empty() => Ok(items),
        _ => Err(SHAPE),
    }
}

/// A map by name that is not empty.
pub(super) fn by_name(value: Value) -> Result<Vec<(String, Value)>> {
    let Value::Map(entries) = value else { return Err(SHAPE) };
    if entries.is_empty() {
        return Err(SHAPE);
    }
    let named = |(key, value)| if let Value::Text(name) = key { Ok((name, value)) } else { Err(SHAPE) };
    entries.into_iter().map(named).collect()
}

/// Refuses a version whose meaning is not known here.
pub(super) fn check_version(version: &str, known: &[&str]) -> Result<()> {
    if known.contains(&version) { Ok(()) } else { Err(Error::TooNew) }
}
