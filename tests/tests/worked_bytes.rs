//! `docs/exchange-bytes.md` is what this code makes from fixed keys and fixed randomness, so that others can check
//! theirs against it. `AMANA_UPDATE_DOCS=1 cargo test -p amana-tests --test worked_bytes` writes it anew.

use amana_core::cose::cbor::{self, Value};
use amana_core::cose::key::Thumbprint;
use amana_core::credential::sd_cwt::KeyBinding;
use amana_core::credential::{Presentation as _, parse_card};
use amana_core::crypto::seal::{Ephemeral, Use};
use amana_core::crypto::{Curve, SigningKey, make_random, sha256};
use amana_core::issuer::{CardDraft, Desk};
use amana_core::ports::{Clock, Entropy, PortError};
use amana_core::presentation::{Asked, Opened, Request, response};
use amana_core::qr::{Frames, Kind, armour};
use amana_core::trust::{Purpose, Registration};
use amana_tests::{CARD_TYPE, ISSUER, NOW, PURPOSE, ask, bundle, claim, names};
use std::fmt::Write as _;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use zeroize::Zeroizing;

/// SHA-256 of a counter: anything but random.
struct Counted(AtomicU64, Mutex<Vec<u8>>);

impl Entropy for Counted {
    fn fill(&self, out: &mut [u8]) -> Result<(), PortError> {
        let mut pool = self.1.lock().unwrap();
        while pool.len() < out.len() {
            pool.extend(sha256(&self.0.fetch_add(1, Ordering::SeqCst).to_be_bytes()));
        }
        out.copy_from_slice(&pool[..out.len()]);
        pool.drain(..out.len());
        Ok(())
    }
}

struct Standing;

impl Clock for Standing {
    fn now(&self) -> Result<i64, PortError> {
        Ok(NOW)
    }

    fn elapsed(&self) -> Result<u64, PortError> {
        Ok(0)
    }
}

fn key(byte: u8) -> SigningKey {
    SigningKey::from_secret(Curve::Ed25519, &Zeroizing::new([byte; 32])).unwrap()
}

fn hex(bytes: &[u8]) -> String {
    let digits = amana_tests::to_hex(bytes);
    digits.as_bytes().chunks(96).map(|line| format!("{}\n", str::from_utf8(line).unwrap())).collect()
}

/// Diagnostic notation (RFC 8949 section 8), one entry a line, with embedded CBOR opened.
fn diagnostic(value: &Value, indent: usize) -> String {
    let pad = |n: usize| "  ".repeat(n);
    let list = |open: &str, items: Vec<String>, close: &str| {
        let body: String = items.iter().map(|item| format!("{}{item},\n", pad(indent + 1))).collect();
        if items.is_empty() { format!("{open}{close}") } else { format!("{open}\n{body}{}{close}", pad(indent)) }
    };
    match value {
        Value::Uint(_) | Value::Nint(_) => value.as_int().unwrap().to_string(),
        Value::Text(text) => format!("{text:?}"),
        Value::Bytes(bytes) => match cbor::parse_claims(bytes) {
            Ok(inner @ (Value::Map(_) | Value::Array(_))) => format!("<< {} >>", diagnostic(&inner, indent)),
            _ => format!("h'{}'", hex(bytes).replace('\n', "")),
        },
        Value::Array(items) => list("[", items.iter().map(|item| diagnostic(item, indent + 1)).collect(), "]"),
        Value::Map(entries) => {
            let entry = |(k, v): &(Value, Value)| format!("{}: {}", diagnostic(k, 0), diagnostic(v, indent + 1));
            list("{", entries.iter().map(entry).collect(), "}")
        }
        Value::Tag(tag, inner) => format!("{tag}({})", diagnostic(inner, indent)),
        Value::Encoded(encoded) => format!("24({})", diagnostic(&encoded.content().into(), indent)),
        Value::Simple(n) => match n {
            20 => "false".to_owned(),
            21 => "true".to_owned(),
            22 => "null".to_owned(),
            n => format!("simple({n})"),
        },
        Value::Float(x) => x.to_string(),
    }
}

#[test]
fn the_worked_bytes_are_what_this_code_makes() {
    let entropy = Arc::new(Counted(AtomicU64::new(0), Mutex::new(Vec::new())));
    let (anchor, issuer, registrar, verifier, holder) = (key(1), key(2), key(3), key(4), key(5));
    let bundle = bundle(&issuer, &registrar);
    let purpose = Purpose { needed: vec![claim("household.family_size")], optional: vec![claim("address.district")] };
    let registration = Registration::sign(
        &verifier.public_key(),
        &names("Kasulu Food Point", "Kituo cha Chakula Kasulu"),
        &[(PURPOSE.to_owned(), purpose)],
        "+255 800 110 110",
        time::macros::date!(2027 - 06 - 30),
        b"reg-1",
        &registrar,
    )
    .unwrap();

    let desk = Desk::new(ISSUER, b"desk-1", issuer, Arc::new(Standing), entropy.clone());
    let offer = desk.offer(CARD_TYPE, 3600).unwrap();
    let delivered_to = Ephemeral::make(&*entropy).unwrap();
    let enrolment =
        amana_core::credential::enrolment::Enrolment::make(&offer, &holder, delivered_to.public_key()).unwrap();
    let draft = r#"{"type": "ration-card", "valid_from": "2026-01-01", "valid_until": "2027-12-31", "claims": {
        "household": {"family_size": 5, "ration_card": "TZ-0041-7782"}, "address": {"district": "Kasulu"}}}"#;
    let applicant = desk.accept(enrolment.bytes()).unwrap();
    let issued = desk.issue(CardDraft::from_json(draft).unwrap(), applicant).unwrap();

    let reply_to = Ephemeral::make(&*entropy).unwrap();
    let asks = ["household.family_size", "address.district"].map(ask);
    let challenge = make_random(&*entropy).unwrap();
    let request =
        Request::make(&verifier, Some(&registration), challenge, NOW, PURPOSE, &asks, reply_to.public_key()).unwrap();
    let assessed = Asked::parse(request.bytes()).unwrap().assess(
        Some(&bundle),
        NOW,
        vec![parse_card(&issued.card.to_bytes()).unwrap()],
    );
    let answer = assessed.review().unwrap().respond(Some(&holder), NOW, &*entropy).unwrap();
    let padded = reply_to.open(Use::Response, request.hash(), answer.bytes()).unwrap();
    let Opened::Presented(proof) = response::open(&reply_to, request.hash(), answer.bytes()).unwrap() else {
        panic!("declined")
    };
    assert!(KeyBinding::parse(&proof.to_bytes()).is_ok_and(|proof| proof.verify_signature().is_ok()));

    let mut page = String::from(
        "# The exchange in worked bytes\n\nMade by `tests/tests/worked_bytes.rs`, which fails when this page is no \
         longer what the code makes. The keys are Ed25519 seeds of one repeated byte: anchor 01, issuer 02, registrar \
         03, verifier 04, holder 05. Randomness is SHA-256 of an eight-byte counter from 0, in order of use. The time \
         is 2026-11-22T12:00:00Z. [exchange.md](exchange.md) says what each part is for.\n",
    );
    let mut part = |title: &str, about: &str, bytes: &[u8], open: bool| {
        write!(page, "\n## {title}\n\n{about} {} bytes.\n\n```text\n{}```\n", bytes.len(), hex(bytes)).unwrap();
        if open {
            let value = cbor::parse(bytes).unwrap();
            write!(page, "\n```cbor-diag\n{}\n```\n", diagnostic(&value, 0)).unwrap();
        }
    };
    part("Trust bundle", "Signed by the anchor, external AAD `amana/1 bundle`.", &bundle.sign(&anchor).unwrap(), true);
    part(
        "Registration",
        "Signed by the registrar, external AAD `amana/1 registration`.",
        &registration.to_bytes(),
        true,
    );
    part("Offer", "Signed by the issuer, external AAD `amana/1 offer`.", &offer.to_bytes(), true);
    part("Enrolment", "Signed by the holder's fresh key, external AAD `amana/1 enrolment`.", enrolment.bytes(), true);
    part("Card", "An SD-CWT with all its disclosures.", &issued.card.to_bytes(), true);
    part("Request", "Signed by the verifier, external AAD `amana/1 request`.", request.bytes(), true);
    part("R", "SHA-256 of the request.", request.hash(), false);
    part(
        "Verifier id",
        "Thumbprint of the verifier's key (RFC 9679).",
        Thumbprint::of(&verifier.public_key()).as_bytes(),
        false,
    );
    part(
        "Presentation",
        "An SD-KBT. Two of three disclosures are of `household.family_size`: its group and itself.",
        &proof.to_bytes(),
        true,
    );
    let used = 4 + u32::from_be_bytes(padded[..4].try_into().unwrap()) as usize;
    part("Plaintext", "Length, deflated answer; zeros to 1,032 bytes are left out here.", &padded[..used], false);
    part(
        "Verifier's X25519 secret",
        "Drawn for this request, wiped after its verdict.",
        &*reply_to.expose_secret(),
        false,
    );
    part("Response", "First eight bytes of R, the holder's X25519 key, ciphertext and tag.", answer.bytes(), false);
    let text = armour::to_text(Kind::Response, answer.bytes());
    writeln!(
        page,
        "\n## Code\n\nThe response as the code holds it: {} characters.\n\n```text\n{text}\n```",
        text.len()
    )
    .unwrap();
    let frames = Frames::at_version(Kind::Card, &issued.card.to_bytes(), 10).unwrap();
    writeln!(
        page,
        "\n## Frames\n\nThe card in clear, as frames of codes of version 10. {} hold it; the first of these, and the first \
         that repairs.\n\n```text\n{}\n{}\n```",
        frames.symbols(),
        frames.text(0),
        frames.text(frames.symbols() as u32),
    )
    .unwrap();

    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/exchange-bytes.md");
    if std::env::var_os("AMANA_UPDATE_DOCS").is_some() {
        std::fs::write(&file, &page).unwrap();
    }
    let written = std::fs::read_to_string(&file).expect("docs/exchange-bytes.md is there");
    assert!(written == page, "docs/exchange-bytes.md is out of date: see the head of this test");
}
