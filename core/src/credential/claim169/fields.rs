//! The fields of claim 169 (version 1.2.0, section 3.1): their numbers, their names here, and how their values are read.

use crate::cose::cbor;
use crate::cose::cwt;
use crate::credential::model::{ClaimName, Claims, Value};
use crate::error::{Result, damaged};
use base64ct::{Base64Unpadded, Base64UrlUnpadded, Encoding as _};

/// Numbers of fields that hold biometric data beyond the portrait: 50 to 65 by name, 66 to 74 kept for more of it.
pub(super) const BIOMETRICS: core::ops::RangeInclusive<i64> = 50..=74;
/// Most fields that are read.
const MAX_FIELDS: usize = 256;

/// What a field's values look like.
pub(super) enum Kind {
    Text,
    /// `19880102`, in the field also `1988-01-02`.
    Day,
    /// A number for a word; in the field also the word.
    Word(&'static [(i64, &'static str)]),
    /// Bytes; in the field also hexadecimal or base64.
    Picture,
    /// Numbers of fingers; in the field also `[1, 2]` as text.
    Fingers,
}

pub(super) struct Field {
    pub number: i64,
    /// The attribute's name in the specification, in small letters and underscores.
    pub name: &'static str,
    pub kind: Kind,
}

const fn field(number: i64, name: &'static str, kind: Kind) -> Field {
    Field { number, name, kind }
}

const GENDERS: &[(i64, &str)] = &[(1, "male"), (2, "female"), (3, "others")];
const MARITAL: &[(i64, &str)] = &[(1, "unmarried"), (2, "married"), (3, "divorced")];
/// The second is the one that the specification writes as JPEG2.
pub(super) const PICTURES: &[(i64, &str)] = &[(1, "jpeg"), (2, "jpeg2000"), (3, "avif"), (4, "webp")];

pub(super) const PORTRAIT: (i64, &str) = (16, "binary_image");
pub(super) const PORTRAIT_FORMAT: (i64, &str) = (17, "binary_image_format");

/// Every field that is no biometric one.
pub(super) const FIELDS: [Field; 23] = [
    field(1, "id", Kind::Text),
    field(2, "version", Kind::Text),
    field(3, "language", Kind::Text),
    field(4, "full_name", Kind::Text),
    field(5, "first_name", Kind::Text),
    field(6, "middle_name", Kind::Text),
    field(7, "last_name", Kind::Text),
    field(8, "date_of_birth", Kind::Day),
    field(9, "gender", Kind::Word(GENDERS)),
    field(10, "address", Kind::Text),
    field(11, "email_id", Kind::Text),
    field(12, "phone_number", Kind::Text),
    field(13, "nationality", Kind::Text),
    field(14, "marital_status", Kind::Word(MARITAL)),
    field(15, "guardian", Kind::Text),
    field(PORTRAIT.0, PORTRAIT.1, Kind::Picture),
    field(PORTRAIT_FORMAT.0, PORTRAIT_FORMAT.1, Kind::Word(PICTURES)),
    field(18, "best_quality_fingers", Kind::Fingers),
    field(19, "full_name_secondary_language", Kind::Text),
    field(20, "secondary_language", Kind::Text),
    field(21, "location_code", Kind::Text),
    field(22, "legal_status", Kind::Text),
    field(23, "country_of_issuance", Kind::Text),
];

/// The biometric fields by name, from 50.
const BIOMETRIC_NAMES: [&str; 16] = [
    "right_thumb",
    "right_pointer_finger",
    "right_middle_finger",
    "right_ring_finger",
    "right_little_finger",
    "left_thumb",
    "left_pointer_finger",
    "left_middle_finger",
    "left_ring_finger",
    "left_little_finger",
    "right_iris",
    "left_iris",
    "face",
    "right_palm_print",
    "left_palm_print",
    "voice",
];

/// What issuers also call fields, where they write names for numbers: the specification's JSON and the libraries' schemas.
const ALIASES: &[(&str, i64)] = &[
    ("dob", 8),
    ("email", 11),
    ("phone", 12),
    ("photo", 16),
    ("photo_format", 17),
    ("secondary_full_name", 19),
    ("secondary_lang_full_name", 19),
    ("secondary_lang_code", 20),
    ("right_palm", 63),
    ("left_palm", 64),
];

/// Reads the map of claim 169. Of biometric data it is told that it is there, under its number and with no value; the data
/// itself goes no further than here.
pub(super) fn read(entries: Vec<(cbor::Value, cbor::Value)>) -> Result<Claims> {
    if entries.len() > MAX_FIELDS {
        return Err(damaged("claim-169-fields"));
    }
    let mut claims = Vec::with_capacity(entries.len());
    for (key, value) in entries {
        let name = ClaimName::from_cbor(&key)?;
        claims.push(match (number_of(&name), name) {
            (Some(number), _) if BIOMETRICS.contains(&number) => (number.into(), Value::Null),
            (Some(number), _) => match FIELDS.iter().find(|field| field.number == number) {
                Some(field) => (field.name.into(), field.kind.read(value)?),
                None => (number.into(), Value::from_cbor(value)?),
            },
            (None, name) => (name, Value::from_cbor(value)?),
        });
    }
    // The same field as a number and as a text: one could be shown and the other meant.
    Claims::new(claims).map_err(|_| damaged("claim-169-field-twice"))
}

/// The number of a field, however it is called.
pub(super) fn number_of(name: &ClaimName) -> Option<i64> {
    let text = match name {
        ClaimName::Int(number) => return Some(*number),
        ClaimName::Text(text) => text,
    };
    if let Some(number) = text.parse::<i64>().ok().filter(|number| number.to_string() == *text) {
        return Some(number);
    }
    let named = FIELDS.iter().map(|field| (field.name, field.number));
    let biometric = BIOMETRIC_NAMES.iter().copied().zip(BIOMETRICS);
    let mut names = named.chain(biometric).chain(ALIASES.iter().copied());
    names.find(|(known, _)| is_called(text, known)).map(|(_, number)| number)
}

/// Whether this is that name, whatever stands between its words: `fullName`, `Full Name`, `full_name`.
fn is_called(text: &str, name: &str) -> bool {
    let letters = |text: &str| -> Vec<u8> {
        let between = |byte: &u8| !matches!(byte, b' ' | b'_' | b'-');
        text.bytes().filter(between).map(|byte| byte.to_ascii_lowercase()).collect()
    };
    text.len() < 64 && letters(text) == letters(name)
}

impl Kind {
    /// A value of this kind. One that is none is kept as it came: only its issuer knows what it means.
    pub(super) fn read(&self, value: cbor::Value) -> Result<Value> {
        let read = match (self, &value) {
            (Self::Text, _) => None,
            (Self::Day, cbor::Value::Text(text)) => day(text),
            (Self::Day, value) => value.as_int().and_then(|number| day(&number.to_string())),
            (Self::Word(words), value) => word(words, value).map(|word| Value::Text(word.to_owned())),
            (Self::Picture, cbor::Value::Text(text)) => picture(text).map(Value::Bytes),
            (Self::Picture, _) => None,
            (Self::Fingers, cbor::Value::Text(text)) => fingers(text),
            (Self::Fingers, cbor::Value::Bytes(bytes)) => {
                Some(Value::List(bytes.iter().map(|finger| Value::Int((*finger).into())).collect()))
            }
            (Self::Fingers, _) => None,
        };
        read.map_or_else(|| Value::from_cbor(value), Ok)
    }
}

fn day(text: &str) -> Option<Value> {
    let full = match text.len() {
        8 if text.is_ascii() => format!("{}-{}-{}", &text[..4], &text[4..6], &text[6..]),
        _ => text.to_owned(),
    };
    cwt::parse_full_date(&full).ok().map(Value::Date)
}

/// The word behind a number, a number as text, or the word itself.
fn word(words: &[(i64, &'static str)], value: &cbor::Value) -> Option<&'static str> {
    let number = match value {
        cbor::Value::Text(text) => match text.parse() {
            Ok(number) => number,
            Err(_) => {
                // What the specification calls JPEG 2000.
                let text = if text.eq_ignore_ascii_case("jpeg2") { "jpeg2000" } else { text };
                return words.iter().find(|(_, word)| is_called(text, word)).map(|(_, word)| *word);
            }
        },
        // As some write every number.
        cbor::Value::Float(number) if number.fract() == 0.0 => *number as i64,
        value => value.as_int()?,
    };
    words.iter().find(|(known, _)| *known == number).map(|(_, word)| *word)
}

/// A picture that was put in as text.
fn picture(text: &str) -> Option<Vec<u8>> {
    if let Ok(bytes) = base16ct::mixed::decode_vec(text) {
        return Some(bytes).filter(|bytes| !bytes.is_empty());
    }
    let text = text.strip_prefix("data:").and_then(|rest| rest.split_once(";base64,")).map_or(text, |(_, data)| data);
    let text = text.trim_end_matches('=');
    let bytes = Base64Unpadded::decode_vec(text).or_else(|_| Base64UrlUnpadded::decode_vec(text)).ok()?;
    // Many a word is base64: only what turns out a picture was meant as one.
    super::PictureFormat::of(&bytes).map(|_| bytes)
}

fn fingers(text: &str) -> Option<Value> {
    let list = text.trim().strip_prefix('[')?.strip_suffix(']')?;
    let fingers =
        list.split(',').map(|finger| finger.trim().parse::<u8>().ok().map(|finger| Value::Int(finger.into())));
    fingers.collect::<Option<_>>().map(Value::List)
}
