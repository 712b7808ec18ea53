//! Inputs from the folder of independent vectors, taken apart without knowing what they are: an input that is none of a
//! look's is refused by it, which is a look too.

use base64ct::{Base64Unpadded, Base64UrlUnpadded, Encoding as _};
use serde_json::Value;
use std::path::{Path, PathBuf};

/// Longer ones slow the fuzzer down.
const MAX_LEN: usize = 64 * 1024;

/// Every file below `folder`; every text in those that are JSON, and every paragraph of those that are text, without its
/// spaces; also as the bytes that these spell in hexadecimal or base64.
pub fn vectors(folder: &Path) -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    for path in files(folder) {
        let bytes = std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        match serde_json::from_slice(&bytes) {
            Ok(json) => each_text(&json, &mut |text| found.extend(spelled(text))),
            Err(_) => {
                let text = str::from_utf8(&bytes).unwrap_or_default();
                let paragraphs = text.split("\n\n").flat_map(|paragraph| paragraph.split("```"));
                paragraphs.for_each(|paragraph| found.extend(spelled(&paragraph.replace(char::is_whitespace, ""))));
                found.push(bytes);
            }
        }
    }
    found.retain(|bytes| !bytes.is_empty() && bytes.len() <= MAX_LEN);
    found.sort();
    found.dedup();
    found
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    entries
        .flat_map(|entry| {
            let path = entry.expect("an entry").path();
            if path.is_dir() { files(&path) } else { vec![path] }
        })
        .collect()
}

fn each_text(json: &Value, take: &mut dyn FnMut(&str)) {
    match json {
        Value::String(text) => take(text),
        Value::Array(items) => items.iter().for_each(|item| each_text(item, take)),
        Value::Object(fields) => fields.values().for_each(|field| each_text(field, take)),
        _ => {}
    }
}

fn spelled(text: &str) -> impl Iterator<Item = Vec<u8>> {
    let digits = |at: usize| u8::from_str_radix(text.get(at..at + 2)?, 16).ok();
    let hex = (text.len() >= 8 && text.len().is_multiple_of(2))
        .then(|| (0..text.len()).step_by(2).map(digits).collect::<Option<Vec<u8>>>())
        .flatten();
    let plain = text.trim_end_matches('=');
    let base64 = Base64Unpadded::decode_vec(plain).or_else(|_| Base64UrlUnpadded::decode_vec(plain)).ok();
    [Some(text.as_bytes().to_vec()), hex, base64].into_iter().flatten()
}
