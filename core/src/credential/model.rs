//! Claims: names, values and paths.

use crate::cose::cbor::{self, TAG_FULL_DATE};
use crate::cose::cwt;
use crate::error::{Error, Result, damaged, invalid};
use core::fmt;
use std::collections::HashSet;
use time::Date;

/// The name of a claim: a text, or a registered number.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ClaimName {
    /// A number, as CWT registers them.
    Int(i64),
    /// A text.
    Text(String),
}

impl From<&str> for ClaimName {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<i64> for ClaimName {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

impl ClaimName {
    /// A number where the text is one as it is written, else the text.
    pub(super) fn parse(text: &str) -> Self {
        text.parse().ok().filter(|number: &i64| number.to_string() == text).map_or_else(|| text.into(), Self::Int)
    }

    /// Bytes of memory that it takes.
    fn footprint(&self) -> usize {
        size_of::<Self>() + if let Self::Text(text) = self { text.len() } else { 0 }
    }

    pub(crate) fn to_cbor(&self) -> cbor::Value {
        match self {
            Self::Int(number) => (*number).into(),
            Self::Text(text) => text.as_str().into(),
        }
    }

    pub(crate) fn from_cbor(value: &cbor::Value) -> Result<Self> {
        match value {
            cbor::Value::Text(text) => Ok(Self::Text(text.clone())),
            other => other.as_int().map(Self::Int).ok_or(damaged("claim-name")),
        }
    }
}

impl fmt::Display for ClaimName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Int(number) => number.fmt(f),
            Self::Text(text) => f.write_str(text),
        }
    }
}

/// Where a claim stands: `address`, or `address.city` inside a group. Never empty.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ClaimPath(Vec<ClaimName>);

impl ClaimPath {
    /// Deepest path.
    pub const MAX_DEPTH: usize = 8;

    /// A path of these names.
    ///
    /// # Errors
    /// `invalid` (`claim-path`) for none or more than 8, or for one that is empty, longer than 255 bytes, or holds
    /// control characters: a path is shown to a person who decides by it.
    pub fn new(names: Vec<ClaimName>) -> Result<Self> {
        let fine = |name: &ClaimName| match name {
            ClaimName::Int(_) => true,
            ClaimName::Text(text) => (1..=cbor::MAX_KEY_LEN).contains(&text.len()) && !text.chars().any(is_deceptive),
        };
        let depth_fine = (1..=Self::MAX_DEPTH).contains(&names.len());
        if depth_fine && names.iter().all(fine) { Ok(Self(names)) } else { Err(invalid("claim-path")) }
    }

    /// Reads `address.city`. Segments of digits, with or without a minus, are numbers; a backslash takes the meaning
    /// from a dot, a backslash, or the digits after it. What `Display` writes, this reads.
    ///
    /// # Errors
    /// As [`ClaimPath::new`].
    pub fn parse(text: &str) -> Result<Self> {
        let mut names = Vec::new();
        let (mut segment, mut is_text) = (String::new(), false);
        let name = |segment: &str, is_text: bool| {
            if is_text { ClaimName::from(segment) } else { ClaimName::parse(segment) }
        };
        let mut characters = text.chars();
        while let Some(c) = characters.next() {
            match c {
                '.' => {
                    names.push(name(&segment, is_text));
                    (segment, is_text) = (String::new(), false);
                }
                '\\' => {
                    is_text = true;
                    segment.push(characters.next().ok_or(invalid("claim-path"))?);
                }
                c => segment.push(c),
            }
            // Refused before it takes memory.
            if names.len() >= Self::MAX_DEPTH || segment.len() > cbor::MAX_KEY_LEN {
                return Err(invalid("claim-path"));
            }
        }
        names.push(name(&segment, is_text));
        Self::new(names)
    }

    /// The path of `name` inside `outer`, or at the top.
    ///
    /// # Errors
    /// As [`ClaimPath::new`].
    #[cfg(feature = "issuer")]
    pub(super) fn inside(outer: Option<&Self>, name: &ClaimName) -> Result<Self> {
        let outer = outer.map(Self::names).unwrap_or_default();
        Self::new(outer.iter().cloned().chain([name.clone()]).collect())
    }

    /// The names from the outside in.
    pub fn names(&self) -> &[ClaimName] {
        &self.0
    }

    /// Whether this is `other` or lies inside it.
    pub fn is_within(&self, other: &Self) -> bool {
        self.0.starts_with(&other.0)
    }

    /// One encoding for a path: a text alone as itself, everything else as an array of names.
    pub(crate) fn to_cbor(&self) -> cbor::Value {
        match &self.0[..] {
            [name @ ClaimName::Text(_)] => name.to_cbor(),
            names => names.iter().map(ClaimName::to_cbor).collect::<Vec<_>>().into(),
        }
    }

    pub(crate) fn from_cbor(value: &cbor::Value) -> Result<Self> {
        let names = match value {
            cbor::Value::Text(text) => vec![ClaimName::from(text.as_str())],
            cbor::Value::Array(names) if !matches!(names[..], [cbor::Value::Text(_)]) => {
                names.iter().map(ClaimName::from_cbor).collect::<Result<_>>()?
            }
            _ => return Err(damaged("claim-path")),
        };
        Self::new(names).map_err(|_| damaged("claim-path"))
    }
}

impl fmt::Display for ClaimPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, name) in self.0.iter().enumerate() {
            f.write_str(if i == 0 { "" } else { "." })?;
            match name {
                ClaimName::Int(number) => number.fmt(f)?,
                ClaimName::Text(text) => {
                    if text.parse::<i64>().is_ok_and(|number| number.to_string() == *text) {
                        f.write_str("\\")?;
                    }
                    f.write_str(&text.replace('\\', "\\\\").replace('.', "\\."))?;
                }
            }
        }
        Ok(())
    }
}

/// Characters that change how the rest of a line reads: controls, and overrides of its direction.
pub fn is_deceptive(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// The value of a claim.
#[derive(Clone, PartialEq)]
pub enum Value {
    /// True or false.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Another number.
    Float(f64),
    /// A text.
    Text(String),
    /// A day, without a time zone.
    Date(Date),
    /// Bytes, such as a portrait.
    Bytes(Vec<u8>),
    /// Values in order.
    List(Vec<Self>),
    /// A group of claims.
    Map(Claims),
    /// Nothing: the claim is there and empty.
    Null,
}

/// Values are personal data: what kind it is may be printed, what it says may not.
impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Bool(_) => "Bool(redacted)",
            Self::Int(_) => "Int(redacted)",
            Self::Float(_) => "Float(redacted)",
            Self::Text(_) => "Text(redacted)",
            Self::Date(_) => "Date(redacted)",
            Self::Bytes(_) => "Bytes(redacted)",
            Self::List(_) => "List(redacted)",
            Self::Map(_) => "Map(redacted)",
            Self::Null => "Null",
        })
    }
}

impl Value {
    /// The value that these names lead to; a number reaches into a list.
    pub(crate) fn inside(&self, names: &[ClaimName]) -> Option<&Self> {
        names.iter().try_fold(self, |value, name| match (value, name) {
            (Self::Map(claims), name) => claims.value(name),
            (Self::List(items), ClaimName::Int(index)) => items.get(usize::try_from(*index).ok()?),
            _ => None,
        })
    }

    pub(crate) fn to_cbor(&self) -> cbor::Value {
        match self {
            Self::Bool(truth) => (*truth).into(),
            Self::Int(number) => (*number).into(),
            Self::Float(number) => cbor::Value::Float(*number),
            Self::Text(text) => text.as_str().into(),
            Self::Date(day) => cbor::Value::Tag(TAG_FULL_DATE, Box::new(day.to_string().into())),
            Self::Bytes(bytes) => bytes.as_slice().into(),
            Self::List(items) => items.iter().map(Self::to_cbor).collect::<Vec<_>>().into(),
            Self::Map(claims) => cbor::Value::map(claims.iter().map(|(name, value)| (name.to_cbor(), value.to_cbor()))),
            Self::Null => cbor::Value::NULL,
        }
    }

    /// Takes a CBOR value into the model: full-dates become dates, other tags are dropped.
    pub(crate) fn from_cbor(value: cbor::Value) -> Result<Self> {
        Ok(match value {
            cbor::Value::FALSE => Self::Bool(false),
            cbor::Value::TRUE => Self::Bool(true),
            // Beyond 64 bits with a sign: said exactly, as text.
            cbor::Value::Uint(number) => {
                i64::try_from(number).map_or_else(|_| Self::Text(number.to_string()), Self::Int)
            }
            cbor::Value::Nint(number) => {
                let exact = -1 - i128::from(number);
                i64::try_from(exact).map_or_else(|_| Self::Text(exact.to_string()), Self::Int)
            }
            cbor::Value::Float(number) => Self::Float(number),
            cbor::Value::Text(text) => Self::Text(text),
            cbor::Value::Bytes(bytes) => Self::Bytes(bytes),
            cbor::Value::Array(items) => Self::List(items.into_iter().map(Self::from_cbor).collect::<Result<_>>()?),
            cbor::Value::Map(entries) => Self::Map(Claims::from_cbor(entries)?),
            cbor::Value::Tag(TAG_FULL_DATE, inner) => {
                Self::Date(cwt::parse_full_date(inner.as_text().ok_or(damaged("full-date"))?)?)
            }
            cbor::Value::Tag(_, inner) => Self::from_cbor(*inner)?,
            cbor::Value::Encoded(encoded) => Self::Bytes(encoded.content().to_vec()),
            cbor::Value::Simple(_) => Self::Null,
        })
    }
}

/// Claims in the order of the card; no name twice.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Claims(Vec<(ClaimName, Value)>);

impl Claims {
    /// Claims of these names and values.
    ///
    /// # Errors
    /// `invalid` (`claim-twice`).
    pub fn new(entries: Vec<(ClaimName, Value)>) -> Result<Self> {
        let twice =
            |(i, (name, _)): (usize, &(ClaimName, Value))| entries[..i].iter().any(|(earlier, _)| earlier == name);
        if entries.iter().enumerate().any(twice) { Err(invalid("claim-twice")) } else { Ok(Self(entries)) }
    }

    /// Reads an encoded claims set as it stands, for what must look inside any token (`inspect`). Checks no signature.
    ///
    /// # Errors
    /// `damaged`: `claim-set`, `claim-name`, `full-date`, and what CBOR says.
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        match cbor::parse(bytes)? {
            cbor::Value::Map(entries) => Self::from_cbor(entries),
            _ => Err(damaged("claim-set")),
        }
    }

    pub(crate) fn from_cbor(entries: Vec<(cbor::Value, cbor::Value)>) -> Result<Self> {
        let entry = |(name, value)| Ok((ClaimName::from_cbor(&name)?, Value::from_cbor(value)?));
        // The reader has refused duplicate keys already.
        Ok(Self(entries.into_iter().map(entry).collect::<Result<_>>()?))
    }

    /// Names and values in order.
    pub fn iter(&self) -> impl Iterator<Item = &(ClaimName, Value)> {
        self.0.iter()
    }

    /// How many there are at this level.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The value of a claim at this level.
    pub fn value(&self, name: &ClaimName) -> Option<&Value> {
        self.0.iter().find(|(n, _)| n == name).map(|(_, value)| value)
    }

    /// The value at a path; a number reaches into a list.
    pub fn at(&self, path: &ClaimPath) -> Option<&Value> {
        let (first, rest) = path.names().split_first()?;
        self.value(first)?.inside(rest)
    }

    /// Whether the claim of this name, `aud` of a JWT or CWT (RFC 7519 section 4.1.3), names this audience or is not there.
    pub(super) fn names_audience(&self, name: &ClaimName, audience: &str) -> bool {
        let is_this = |value: &Value| matches!(value, Value::Text(text) if text == audience);
        match self.value(name) {
            None => true,
            Some(Value::List(all)) => all.iter().any(is_this),
            Some(one) => is_this(one),
        }
    }

    /// Told of every single value: where it stands, from the outside in.
    pub(crate) fn each_leaf(&self, visit: &mut dyn FnMut(&[ClaimName])) {
        fn walk(value: &Value, at: &mut Vec<ClaimName>, visit: &mut dyn FnMut(&[ClaimName])) {
            let mut inside = |name: ClaimName, value: &Value| {
                at.push(name);
                walk(value, at, visit);
                at.pop();
            };
            match value {
                Value::Map(claims) if !claims.is_empty() => {
                    claims.iter().for_each(|(name, value)| inside(name.clone(), value));
                }
                Value::List(items) if !items.is_empty() => {
                    (0..).zip(items).for_each(|(index, value)| inside(ClaimName::Int(index), value));
                }
                _ => visit(at),
            }
        }
        self.0.iter().for_each(|(name, value)| walk(value, &mut vec![name.clone()], visit));
    }

    /// The claims whose names pass, at this level.
    #[must_use]
    pub fn filtered(self, keep: impl Fn(&ClaimName) -> bool) -> Self {
        Self(self.0.into_iter().filter(|(name, _)| keep(name)).collect())
    }
}

/// When a card is valid.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Validity {
    /// First second, where the card names one.
    pub not_before: Option<i64>,
    /// First second after its last, where the card names one.
    pub expires: Option<i64>,
}

impl Validity {
    /// Whether this second (Unix) is in it.
    pub fn holds_at(self, now: i64) -> bool {
        self.not_before.is_none_or(|first| first <= now) && self.expires.is_none_or(|end| now < end)
    }
}

/// Largest portrait of a card that is to go by codes, in bytes.
pub const MAX_PORTRAIT_LEN: usize = 4096;
/// Largest portrait of a card in a format of others, in bytes: it takes many codes.
pub const MAX_LARGE_PORTRAIT_LEN: usize = 48 * 1024;

/// Checks every claim named `portrait`, wherever it stands, to be of at most `limit` bytes.
///
/// # Errors
/// `too-large`, or `invalid` (`portrait-format`).
pub fn check_portraits(claims: &Claims, limit: usize) -> Result<()> {
    claims.iter().try_for_each(|(name, value)| match value {
        Value::Map(inside) => check_portraits(inside, limit),
        Value::Bytes(bytes) if *name == ClaimName::from("portrait") => check_portrait(bytes, limit),
        _ if *name == ClaimName::from("portrait") => Err(invalid("portrait-format")),
        _ => Ok(()),
    })
}

/// Checks that bytes can be a portrait: JPEG, JPEG 2000 or WebP by their first bytes. Never decodes it.
///
/// # Errors
/// `too-large`, or `invalid` (`portrait-format`).
pub fn check_portrait(bytes: &[u8], limit: usize) -> Result<()> {
    const JPEGS: [&[u8]; 3] = [&[0xff, 0xd8, 0xff], b"\0\0\0\x0cjP  ", &[0xff, 0x4f, 0xff, 0x51]];
    if bytes.len() > limit {
        return Err(Error::TooLarge { bytes: bytes.len() as u64, limit: limit as u64 });
    }
    let jpeg = JPEGS.iter().any(|start| bytes.starts_with(start));
    let webp = bytes.len() >= 12 && bytes.starts_with(b"RIFF") && bytes[8..12] == *b"WEBP";
    if jpeg || webp { Ok(()) } else { Err(invalid("portrait-format")) }
}

/// Whether a disclosure at `at` is needed to show the claims at `paths`: their own, all inside, the groups around.
pub(super) fn is_shown(at: &[ClaimName], paths: &[ClaimPath]) -> bool {
    paths.iter().any(|path| at.starts_with(path.names()) || path.names().starts_with(at))
}

/// Told of every disclosure of a claim: its number in the list, and where it stands.
pub(super) type Place<'a> = dyn FnMut(usize, &[ClaimName]) + 'a;

/// Goes through the disclosures of one card.
type Disclosures<'a> = dyn Fn(&mut Place<'_>) -> Result<()> + 'a;

/// The numbers of the disclosures that show `paths`, in their order.
pub(super) fn chosen(claims: &Claims, paths: &[ClaimPath], disclosures: &Disclosures<'_>) -> Result<Vec<usize>> {
    if paths.iter().any(|path| claims.at(path).is_none()) {
        return Err(Error::NotFound { what: "claim" });
    }
    let mut chosen = Vec::new();
    disclosures(&mut |index, at| chosen.extend(is_shown(at, paths).then_some(index)))?;
    chosen.sort_unstable();
    Ok(chosen)
}

/// Where the values stand that are shown with `paths`: what is not chosen stays closed, with all inside it.
pub(super) fn not_closed(
    claims: &Claims,
    paths: &[ClaimPath],
    disclosures: &Disclosures<'_>,
) -> Result<Vec<ClaimPath>> {
    let mut closed: HashSet<Vec<ClaimName>> = HashSet::new();
    disclosures(&mut |_, at| closed.extend((!is_shown(at, paths)).then(|| at.to_vec())))?;
    leaf_paths(claims, &|leaf| (1..=leaf.len()).all(|len| !closed.contains(&leaf[..len])))
}

/// Where the values stand that `is_meant` takes, as paths that can be shown to a person: what lies deeper than a path
/// reaches is told by the group that it lies in.
///
/// # Errors
/// `damaged`: `claim-path` for a name that cannot be shown; `claim-paths` where all of them take more than a megabyte, which a
/// few long names around many values would come to.
pub(super) fn leaf_paths(claims: &Claims, is_meant: &dyn Fn(&[ClaimName]) -> bool) -> Result<Vec<ClaimPath>> {
    const MOST: usize = 1 << 20;
    let (mut paths, mut taken): (Vec<ClaimPath>, _) = (Vec::new(), 0);
    let mut add = |leaf: &[ClaimName]| {
        let names = &leaf[..leaf.len().min(ClaimPath::MAX_DEPTH)];
        if !is_meant(leaf) || paths.last().is_some_and(|last| last.names() == names) {
            return Ok(());
        }
        taken += names.iter().map(ClaimName::footprint).sum::<usize>();
        if taken > MOST {
            return Err(damaged("claim-paths"));
        }
        paths.push(ClaimPath::new(names.to_vec()).map_err(|_| damaged("claim-path"))?);
        Ok(())
    };
    let mut result = Ok(());
    claims.each_leaf(&mut |leaf| {
        if result.is_ok() {
            result = add(leaf);
        }
    });
    result.map(|()| paths)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_read_and_write_alike() {
        for text in ["name", "address.city", "503.2", "501", "-65537"] {
            let path = ClaimPath::parse(text).unwrap();
            assert_eq!(path.to_string(), text);
            assert_eq!(ClaimPath::from_cbor(&path.to_cbor()), Ok(path));
        }
        let odd = ["org.iso.18013.5.1", "1", "-7", "a\\b", "+5", "007"].map(ClaimName::from).to_vec();
        let path = ClaimPath::new(odd).unwrap();
        assert_eq!(path.to_string(), r"org\.iso\.18013\.5\.1.\1.\-7.a\\b.+5.007");
        assert_eq!(ClaimPath::parse(&path.to_string()), Ok(path));
        for wrong in ["", ".", "a..b", "a.b.c.d.e.f.g.h.i", "size\u{202e}eman", "a\nb", "a\\"] {
            assert_eq!(ClaimPath::parse(wrong), Err(invalid("claim-path")), "{wrong}");
        }
    }

    /// Few bytes of a card must not become many of memory, nor of time.
    #[test]
    fn long_names_around_many_values_are_refused() {
        let many = Value::List(vec![Value::Int(1); 7600]);
        let nested = |depth: usize| {
            let wrap = |inside, name: String| Value::Map(Claims::new(vec![(ClaimName::Text(name), inside)]).unwrap());
            let names = (0..depth).map(|level| format!("{level:x<250}"));
            match names.fold(many.clone(), wrap) {
                Value::Map(claims) => claims,
                _ => panic!("no group"),
            }
        };
        let all = |claims: &Claims| leaf_paths(claims, &|_| true);
        assert_eq!(all(&nested(7)), Err(damaged("claim-paths")));
        // Beyond what a path reaches they are one.
        assert_eq!(all(&nested(20)).map(|paths| paths.len()), Ok(1));
        assert_eq!(all(&Claims::new(vec![("n".into(), many.clone())]).unwrap()).map(|paths| paths.len()), Ok(7600));
    }

    #[test]
    fn values_do_not_print_what_they_say() {
        let claims = Claims::new(vec![("name".into(), Value::Text("Amina".to_owned()))]).unwrap();
        assert!(!format!("{claims:?}").contains("Amina"));
    }

    #[test]
    fn portraits_are_jpeg_or_webp_of_at_most_4_kb() {
        assert_eq!(check_portrait(&[0xff, 0xd8, 0xff, 0xe0], 4096), Ok(()));
        assert_eq!(check_portrait(b"RIFF\x10\0\0\0WEBPVP8 ", 4096), Ok(()));
        assert_eq!(check_portrait(b"\x89PNG\r\n\x1a\n", 4096), Err(invalid("portrait-format")));
        let large = [&[0xff, 0xd8, 0xff][..], &[0; 4096]].concat();
        assert_eq!(check_portrait(&large, 4096), Err(Error::TooLarge { bytes: 4099, limit: 4096 }));
    }
}
