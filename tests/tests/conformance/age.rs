//! C2SP CCTV: the testkit of the age file format, as far as it goes without a key.
//!
//! What a passphrase opens is judged whole. Of a file for a key, all is judged that comes before the key: its armour and
//! its header's grammar. Payloads of such files are judged by a unit test of the core, which may give a file key.

use crate::Suite;
use amana_core::backup::{Passphrase, age};
use amana_core::crypto::sha256;
use amana_core::error::Error;
use amana_tests::from_hex;
use std::collections::BTreeMap;
use zeroize::Zeroizing;

/// Files whose first line is not age's or its armour's, or that have none: told to be foreign, not damaged.
const FOREIGN: [&str; 6] =
    ["armor_empty", "armor_garbage_leading", "armor_lowercase", "armor_whitespace_begin", "armor_wrong_type", "empty"];

/// What is wrong in these files' headers shows only to who holds the key, or (`stream_`) has the file key.
const BEHIND_A_KEY: [&str; 3] = ["hybrid_", "x25519_", "stream_"];

struct Vector {
    fields: Vec<(String, String)>,
    file: Vec<u8>,
}

impl Vector {
    fn parse(bytes: &[u8]) -> Self {
        let end = bytes.windows(2).position(|pair| pair == b"\n\n").expect("an empty line");
        let fields = str::from_utf8(&bytes[..end]).expect("UTF-8").lines();
        let fields = fields.map(|line| line.split_once(": ").expect("a field"));
        let mut vector = Self {
            fields: fields.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
            file: bytes[end + 2..].to_vec(),
        };
        if vector.field("compressed").is_some() {
            vector.file = miniz_oxide::inflate::decompress_to_vec_zlib(&vector.file).expect("zlib");
        }
        vector
    }

    fn field(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(field, _)| field == name).map(|(_, value)| value.as_str())
    }

    fn open(&self) -> Result<Vec<u8>, Error> {
        let typed = self.field("passphrase").unwrap_or("of no use").to_owned();
        let passphrase = Passphrase::typed(Zeroizing::new(typed)).expect("a passphrase");
        age::open(&self.file, &passphrase).map(|plain| plain.to_vec())
    }
}

/// The kind of failure that an error is, in the testkit's words.
fn kind(error: &Error) -> &'static str {
    match error {
        Error::WrongPassphrase | Error::NotForMe => "no match",
        Error::TooNew | Error::Damaged { reason: "age-header" | "age-scrypt" | "age-work-factor" } => "header failure",
        Error::Damaged { reason: "age-mac" } => "HMAC failure",
        Error::Damaged { reason: "age-payload" } => "payload failure",
        Error::Damaged { reason: "age-armour" } => "armor failure",
        _ => panic!("{error}"),
    }
}

#[test]
fn files_open_or_say_why_not_as_the_testkit_wants() {
    let Some(suite) = Suite::find("cctv") else { return };
    let (mut judged, mut for_keys, mut unjudged) = (BTreeMap::<_, usize>::new(), 0, Vec::new());
    let files = suite.files("age/testdata", "");
    for path in &files {
        let name = path.trim_start_matches("age/testdata/");
        let vector = Vector::parse(&suite.bytes(path));
        let expected = vector.field("expect").expect("expect");
        match vector.open() {
            Ok(plain) => {
                assert_eq!(expected, "success", "{name}");
                assert_eq!(sha256(&plain)[..], from_hex(vector.field("payload").expect("payload")), "{name}");
            }
            // Its armour and its header's grammar hold, and the rest takes a key.
            Err(Error::NotForMe) if vector.field("passphrase").is_none() => {
                match expected {
                    "success" | "no match" | "HMAC failure" | "payload failure" => for_keys += 1,
                    _ if BEHIND_A_KEY.iter().any(|start| name.starts_with(start)) => unjudged.push(name),
                    _ => panic!("{name}: {expected}, but its header was taken"),
                }
                continue;
            }
            Err(error) => {
                let is_foreign = error == Error::Foreign && FOREIGN.contains(&name);
                assert!(is_foreign || kind(&error) == expected, "{name}: {expected}, but {error}");
            }
        }
        *judged.entry(expected.to_owned()).or_default() += 1;
    }
    let whole: usize = judged.values().sum();
    suite.report(format_args!(
        "age: of {} files {whole} judged whole {judged:?}, of {for_keys} for keys all but the key; out of scope are {}, \
         of files for keys: {}",
        files.len(),
        unjudged.len(),
        unjudged.join(" ")
    ));
    assert_eq!((files.len(), whole, for_keys, unjudged.len()), (143, 73, 53, 17));
}
