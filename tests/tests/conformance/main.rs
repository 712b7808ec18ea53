//! Independent vectors, from the folder that `AMANA_VECTORS` names. None of them is in this repository.
//!
//! Unset, each suite says that it was skipped and passes. Set, a file that is missing fails.

mod age;
mod cctv;
mod claim169;
mod cose;
mod mdoc;
mod sd_cwt;
mod sd_jwt;
mod status_list;
mod typed;
mod wycheproof;
mod x509;

use amana_tests::from_hex;
use serde_json::Value;
use std::fmt::Display;
use std::io::Write as _;
use std::path::PathBuf;

/// One suite's folder.
struct Suite {
    name: &'static str,
    folder: PathBuf,
}

impl Suite {
    /// The suite's folder; none, and said so, where no vectors are at hand.
    fn find(name: &'static str) -> Option<Self> {
        match std::env::var_os("AMANA_VECTORS") {
            Some(root) => Some(Self { name, folder: PathBuf::from(root).join(name) }),
            None => {
                say(format_args!("{name}: skipped, AMANA_VECTORS is not set"));
                None
            }
        }
    }

    fn bytes(&self, file: &str) -> Vec<u8> {
        let path = self.folder.join(file);
        std::fs::read(&path).unwrap_or_else(|error| panic!("AMANA_VECTORS is set, but {}: {error}", path.display()))
    }

    fn text(&self, file: &str) -> String {
        String::from_utf8(self.bytes(file)).expect("vectors are UTF-8")
    }

    fn json(&self, file: &str) -> Value {
        serde_json::from_slice(&self.bytes(file)).expect("vectors are JSON")
    }

    /// The names of the suite's files in a folder that start so, in order.
    fn files(&self, folder: &str, start: &str) -> Vec<String> {
        let path = self.folder.join(folder);
        let entries = std::fs::read_dir(&path)
            .unwrap_or_else(|error| panic!("AMANA_VECTORS is set, but {}: {error}", path.display()));
        let names = entries.map(|entry| entry.expect("an entry").file_name().into_string().expect("UTF-8"));
        let mut names: Vec<_> = names.filter(|name| name.starts_with(start)).collect();
        names.sort();
        assert!(!names.is_empty(), "{} has no {start}*", path.display());
        names.into_iter().map(|name| format!("{folder}/{name}")).collect()
    }

    fn report(&self, what: impl Display) {
        say(format_args!("{}: {what}", self.name));
    }
}

/// Writes to standard error past libtest, which swallows what `eprintln!` of a passing test prints.
fn say(what: impl Display) {
    let line = format!("conformance: {what}\n");
    std::io::stderr().write_all(line.as_bytes()).expect("standard error");
}

/// A field that holds hex.
fn bytes(object: &Value, field: &str) -> Vec<u8> {
    from_hex(object[field].as_str().unwrap_or_else(|| panic!("no {field} in {object}")))
}

fn fixed<const N: usize>(object: &Value, field: &str) -> [u8; N] {
    bytes(object, field).try_into().unwrap_or_else(|_| panic!("{field} of another length in {object}"))
}
