//! Claims from and to JSON.
//!
//! JSON has no dates and no bytes: `{"$date": "1984-02-29"}` and `{"$bytes": "base64url"}` say them. Written out, a
//! date is its text and bytes are base64url; registered claims go by their JWT names, other numbers in decimal.

use super::model::{ClaimName, Claims, Value};
use crate::cose::cwt;
use crate::error::{Result, invalid};
use base64ct::{Base64UrlUnpadded, Encoding as _};
use serde_json::{Map, Number, Value as Json};

/// Deepest JSON that is taken.
const MAX_DEPTH: usize = 16;

/// Reads claims from a JSON object.
///
/// # Errors
/// `invalid`: `json-value` (null, or a number that is none of ours), `json-date`, `json-bytes`, `json-depth`.
pub fn claims_from_json(object: &Map<String, Json>) -> Result<Claims> {
    claims_at(object, 0)
}

fn claims_at(object: &Map<String, Json>, depth: usize) -> Result<Claims> {
    let entry = |(name, value): (&String, &Json)| Ok((ClaimName::parse(name), value_at(value, depth)?));
    // Sorted: whether the JSON reader keeps an order depends on how it was built, and an order could carry a message.
    let mut fields: Vec<_> = object.iter().collect();
    fields.sort_by_key(|(name, _)| *name);
    Claims::new(fields.into_iter().map(entry).collect::<Result<_>>()?)
}

fn value_at(value: &Json, depth: usize) -> Result<Value> {
    if depth > MAX_DEPTH {
        return Err(invalid("json-depth"));
    }
    Ok(match value {
        Json::Null => return Err(invalid("json-value")),
        Json::Bool(truth) => Value::Bool(*truth),
        Json::Number(number) => match number.as_i64() {
            Some(whole) => Value::Int(whole),
            None => Value::Float(number.as_f64().filter(|x| x.is_finite()).ok_or(invalid("json-value"))?),
        },
        Json::String(text) => Value::Text(text.clone()),
        Json::Array(items) => Value::List(items.iter().map(|item| value_at(item, depth + 1)).collect::<Result<_>>()?),
        Json::Object(object) => match single(object) {
            Some(("$date", text)) => Value::Date(cwt::parse_full_date(text).map_err(|_| invalid("json-date"))?),
            Some(("$bytes", text)) => {
                Value::Bytes(Base64UrlUnpadded::decode_vec(text).map_err(|_| invalid("json-bytes"))?)
            }
            _ => Value::Map(claims_at(object, depth + 1)?),
        },
    })
}

fn single(object: &Map<String, Json>) -> Option<(&str, &str)> {
    match object.iter().next() {
        Some((name, Json::String(text))) if object.len() == 1 => Some((name, text)),
        _ => None,
    }
}

/// Writes claims as a JSON object.
pub fn to_json(claims: &Claims) -> Map<String, Json> {
    let registered =
        |number: &i64| cwt::JWT_NAMES.iter().find(|(n, _)| n == number).map(|(_, name)| (*name).to_owned());
    let entry = |(name, value): &(ClaimName, Value)| {
        let name = match name {
            ClaimName::Int(number) => registered(number).unwrap_or_else(|| number.to_string()),
            ClaimName::Text(text) => text.clone(),
        };
        (name, value_to_json(value))
    };
    // A text that spells a registered name never stands for the registered claim: numbers come last, and win.
    let (numbers, texts): (Vec<_>, Vec<_>) = claims.iter().partition(|(name, _)| matches!(name, ClaimName::Int(_)));
    texts.into_iter().chain(numbers).map(entry).collect()
}

/// One value as a person reads it: a text as it is, everything else as JSON.
pub fn value_text(value: &Value) -> String {
    match value_to_json(value) {
        Json::String(text) => text,
        other => other.to_string(),
    }
}

pub(super) fn value_to_json(value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Bool(truth) => Json::Bool(*truth),
        Value::Int(number) => (*number).into(),
        Value::Float(number) => Number::from_f64(*number).map_or(Json::Null, Json::Number),
        Value::Text(text) => text.as_str().into(),
        Value::Date(day) => day.to_string().into(),
        Value::Bytes(bytes) => Base64UrlUnpadded::encode_string(bytes).into(),
        Value::List(items) => items.iter().map(value_to_json).collect(),
        Value::Map(claims) => {
            Json::Object(claims.iter().map(|(name, value)| (name.to_string(), value_to_json(value))).collect())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(json: Json) -> Result<Claims> {
        claims_from_json(json.as_object().unwrap())
    }

    #[test]
    fn only_what_is_written_as_a_number_is_one() {
        let claims = read(json!({"7": 1, "-7": 1, "007": 1, "+7": 1, "-0": 1})).unwrap();
        let numbers = claims.iter().filter(|(name, _)| matches!(name, ClaimName::Int(_)));
        assert_eq!((claims.len(), numbers.count()), (5, 2));
    }

    #[test]
    fn every_kind_of_value_is_read_and_written() {
        let claims = read(json!({
            "name": "Amina", "family_size": 5, "height": 1.5, "adult": true, "birth_date": {"$date": "1984-02-29"},
            "photo": {"$bytes": "_9j_"}, "languages": ["sw", "en"], "address": {"city": "Mwanza"}, "501": "number"
        }));
        let written = Json::Object(to_json(&claims.unwrap()));
        assert_eq!(
            written,
            json!({
                "name": "Amina", "family_size": 5, "height": 1.5, "adult": true, "birth_date": "1984-02-29",
                "photo": "_9j_", "languages": ["sw", "en"], "address": {"city": "Mwanza"}, "501": "number"
            })
        );
    }

    #[test]
    fn a_text_never_stands_for_a_registered_claim() {
        let entry = |name: ClaimName, text: &str| (name, Value::Text(text.to_owned()));
        let both = [entry(cwt::claim::ISS.into(), "the issuer"), entry("iss".into(), "somebody else")];
        for claims in [both.to_vec(), both.iter().rev().cloned().collect()] {
            let written = to_json(&Claims::new(claims).unwrap());
            assert_eq!(Json::Object(written), json!({"iss": "the issuer"}));
        }
    }

    #[test]
    fn what_cannot_be_a_claim_says_why() {
        assert_eq!(read(json!({"a": null})), Err(invalid("json-value")));
        assert_eq!(read(json!({"a": {"$date": "1983-02-29"}})), Err(invalid("json-date")));
        assert_eq!(read(json!({"a": {"$bytes": "=="}})), Err(invalid("json-bytes")));
        let deep = (0..20).fold(json!(1), |inner, _| json!([inner]));
        assert_eq!(read(json!({ "a": deep })), Err(invalid("json-depth")));
    }
}
