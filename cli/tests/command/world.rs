//! A folder with everybody's files in it, and the built command to work on them.

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

pub const ISSUER: &str = "https://id.example";

/// A card small enough that its delivery fits into one code.
pub const CARD: &str = r#"{"type": "ration-card", "valid_from": "2026-01-01", "valid_until": "2037-12-31", "claims": {
    "person": {"given_name": "Amina", "family_name": "Juma", "birth_date": {"$date": "1984-02-29"}},
    "household": {"family_size": 5, "ration_card": "TZ-0041-7782"},
    "district": "Kasulu"}}"#;

/// What the card says that must not be readable anywhere but where its holder shows it.
pub const VALUES: [&str; 5] = ["Amina", "Juma", "1984-02-29", "TZ-0041-7782", "Kasulu"];

const REGISTRATION: &str = r#"{"names": {"en": "Kasulu Food Point", "sw": "Kituo cha Chakula Kasulu"},
    "purposes": {"food-ration": {"needed": ["household"], "optional": ["district"]}},
    "contact": "+255 800 110 110", "valid_until": "2037-06-30"}"#;

const BUNDLE: &str = r#"{"sequence": 1, "valid_from": "2026-01-01", "valid_until": "2037-12-31",
    "issuers": [{"id": "https://id.example", "names": {"en": "Registry of Persons"}, "types": ["ration-card"],
                 "keys": ["desk.pub.jwk"]}],
    "registrars": [{"names": {"en": "Data Protection Office"}, "keys": ["registrar.pub.pem"]}]}"#;

/// What a command did.
pub struct Done {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Done {
    /// One JSON document a line.
    pub fn lines(&self) -> Vec<Value> {
        self.out.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"))).collect()
    }

    /// The one JSON document.
    #[track_caller]
    pub fn json(&self) -> Value {
        let [line] = <[Value; 1]>::try_from(self.lines()).expect("one line");
        line
    }

    /// The same, where the command must have ended with this code.
    #[track_caller]
    pub fn code(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{}{}", self.out, self.err);
        self
    }
}

/// A folder in which commands run.
pub struct World {
    folder: tempfile::TempDir,
}

impl World {
    /// An empty folder with a PIN file.
    pub fn empty() -> Self {
        let world = Self { folder: tempfile::tempdir().unwrap() };
        world.write("pin", "482913\n");
        world
    }

    /// Keys, a bundle, a registration and an empty wallet that believes the bundle.
    pub fn new() -> Self {
        let world = Self::empty();
        for name in ["anchor", "desk", "registrar", "point"] {
            let (key, public) = (format!("{name}.jwk"), format!("{name}.pub.jwk"));
            world.run(&["issuer", "keygen", "--kid", name, "--out", &key, "--public", &public]).code(0);
        }
        // A PEM file has no place for a name: then the key goes by its thumbprint, on both sides.
        let keygen = ["issuer", "keygen", "--format", "pem", "--out", "registrar.pem", "--public", "registrar.pub.pem"];
        world.run(&keygen).code(0);
        world.write("bundle.json", BUNDLE);
        world.run(&["issuer", "bundle", "--key", "anchor.jwk", "--spec", "bundle.json", "--out", "trust.txt"]).code(0);
        world.write("point.json", REGISTRATION);
        let register = ["issuer", "register", "--key", "registrar.pem", "--verifier", "point.pub.jwk"];
        world.run(&[&register[..], &["--registration", "point.json", "--out", "point.reg"]].concat()).code(0);
        world.wallet(&["init"]).code(0);
        world.wallet(&["trust", "trust.txt", "--anchor", "anchor.pub.jwk"]).code(0);
        world
    }

    /// The same with a card in the wallet, that went from hand to hand in pictures.
    pub fn with_card() -> Self {
        let world = Self::new();
        let offer = ["issuer", "offer", "--key", "desk.jwk", "--issuer", ISSUER, "--type", "ration-card"];
        world.run(&[&offer[..], &["--out", "offer.png"]].concat()).code(0);
        world.wallet(&["enroll", "offer.png", "--out", "enrolment.png"]).code(0);
        world.write("card.json", CARD);
        let issue = ["issuer", "issue", "--key", "desk.jwk", "--issuer", ISSUER, "--draft", "card.json"];
        world.run(&[&issue[..], &["--enrolment", "enrolment.png", "--out", "card.png"]].concat()).code(0);
        world.wallet(&["add", "card.png"]).code(0);
        world
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        std::fs::write(self.path(name), content).unwrap();
    }

    pub fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path(name)).unwrap()
    }

    pub fn run(&self, args: &[&str]) -> Done {
        let Output { status, stdout, stderr } = Command::new(env!("CARGO_BIN_EXE_amana"))
            .args(args)
            .current_dir(self.folder.path())
            .env_remove("AMANA_VAULT")
            .env("HOME", self.folder.path())
            .env_remove("XDG_DATA_HOME")
            .stdin(std::process::Stdio::null())
            .output()
            .unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Done { code: status.code().unwrap(), out: text(stdout), err: text(stderr) }
    }

    pub fn wallet(&self, args: &[&str]) -> Done {
        self.run(&[&["wallet", "--vault", "w.amana", "--pin-file", "pin"], args].concat())
    }

    /// Runs a command of the verifier's, with its key and trust.
    pub fn verifier(&self, command: &str, args: &[&str]) -> Done {
        let who = ["verifier", command, "--key", "point.jwk", "--trust", "trust.txt"];
        self.run(&[&who[..], &["--anchor", "anchor.pub.jwk", "--session", "open.session"], args].concat())
    }

    /// Asks for the household, the district, and what the verifier is not registered for.
    pub fn request(&self) -> Done {
        let claims = ["--claim", "household.family_size", "household.ration_card", "district"];
        let over_asked = ["--keep", "person.birth_date"];
        self.verifier(
            "request",
            &[
                &["--registration", "point.reg", "--purpose", "food-ration"],
                &claims[..],
                &over_asked,
                &["--out", "request.png", "--json"],
            ]
            .concat(),
        )
    }
}

/// The permission bits of a file.
pub fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

/// Whether these bytes hold that text anywhere.
pub fn holds(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}
