//! A small world to test in: an issuing desk, a registrar, a field verifier and a wallet, with clocks and a device that
//! the test holds. Everything in it is the real thing, made through the core's public names.

mod chance;
pub mod looks;

pub use chance::{Rng, setting};

use amana_core::credential::ClaimPath;
use amana_core::crypto::{Pin, SigningKey};
use amana_core::issuer::{CardDraft, Desk};
use amana_core::ports::{Clock, OsEntropy, PortError};
use amana_core::presentation::Ask;
use amana_core::software;
use amana_core::trust::{Anchor, Bundle, Issuer, IssuerKey, Names, Purpose, Registrar, Registration};
use amana_core::verifier::{Policy, Verifier, VerifierHost};
use amana_core::wallet::{Argon2Cost, CardId, Door, Holder, Wallet, WalletHost};
use amana_core::x509::CertificateDraft;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use zeroize::Zeroizing;

/// 2026-11-22T12:00:00Z.
pub const NOW: i64 = 1_795_348_800;
/// The issuer's id.
pub const ISSUER: &str = "https://id.example";
/// The type of the card.
pub const CARD_TYPE: &str = "ration-card";
/// The purpose that the verifier is registered for.
pub const PURPOSE: &str = "food-ration";

/// A clock that stands until the test moves it.
pub struct TestClock {
    now: AtomicI64,
    elapsed: AtomicU64,
}

impl TestClock {
    /// A clock that shows `now`.
    pub fn at(now: i64) -> Arc<Self> {
        Arc::new(Self { now: AtomicI64::new(now), elapsed: AtomicU64::new(1_000_000) })
    }

    /// Sets the wall clock, as a person does; no time passes.
    pub fn set(&self, now: i64) {
        self.now.store(now, Ordering::SeqCst);
    }

    /// Starts the device anew: elapsed time begins at nothing, the wall clock goes on.
    pub fn restart(&self) {
        self.elapsed.store(0, Ordering::SeqCst);
    }

    /// Lets time pass.
    pub fn pass(&self, milliseconds: u64) {
        self.elapsed.fetch_add(milliseconds, Ordering::SeqCst);
        self.now.fetch_add((milliseconds / 1000) as i64, Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Result<i64, PortError> {
        Ok(self.now.load(Ordering::SeqCst))
    }

    fn elapsed(&self) -> Result<u64, PortError> {
        Ok(self.elapsed.load(Ordering::SeqCst))
    }
}

/// A PIN.
pub fn pin(digits: &str) -> Pin {
    Pin::new(Zeroizing::new(digits.to_owned())).expect("a PIN of at least four characters")
}

/// A claim that is asked for and not kept.
pub fn ask(path: &str) -> Ask {
    Ask { path: claim(path), kept: false }
}

/// A claim's path.
pub fn claim(path: &str) -> ClaimPath {
    ClaimPath::parse(path).expect("a path")
}

/// A name in English and Swahili.
pub fn names(en: &str, sw: &str) -> Names {
    Names::new(vec![("en".to_owned(), en.to_owned()), ("sw".to_owned(), sw.to_owned())]).expect("names")
}

/// The card that the desk issues: twelve fields in three groups and a few of their own.
pub const CARD_JSON: &str = r#"{
    "type": "ration-card", "valid_from": "2026-01-01", "valid_until": "2027-12-31",
    "claims": {
        "person": {"given_name": "Amina", "family_name": "Juma", "birth_date": {"$date": "1984-02-29"}, "sex": "F"},
        "household": {"family_size": 5, "children": 3, "ration_card": "TZ-0041-7782", "category": "B"},
        "address": {"village": "Nyarugusu", "district": "Kasulu", "zone": "4", "country": "TZ"}
    }
}"#;

/// A card with everything a card can have: open claims, a list of single elements, decoys on two levels.
pub const RICH_JSON: &str = r#"{
    "type": "ration-card", "valid_from": "2026-01-01", "valid_until": "2027-12-31",
    "claims": {"name": "Amina", "languages": ["sw", "en", "fr"], "height": 1.5, "adult": true, "501": -7,
        "birth_date": {"$date": "1984-02-29"}, "photo": {"$bytes": "_9j_4A"}, "address": {"city": {"ward": "Nyarugusu"}}},
    "open": ["adult"], "split": ["languages"], "digests": {"": 12, "address": 3}
}"#;

/// Hexadecimal.
pub fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The bytes of a text in hexadecimal.
pub fn from_hex(text: &str) -> Vec<u8> {
    assert_eq!(text.len() % 2, 0, "{text}");
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).expect("hexadecimal")).collect()
}

/// A certificate to be made, valid from the first to the second of these Unix seconds.
pub fn certificate_draft(common_name: &str, (not_before, expires): (i64, i64)) -> CertificateDraft {
    CertificateDraft {
        country: "TZ".to_owned(),
        common_name: common_name.to_owned(),
        not_before,
        expires,
        contact: "https://id.example".to_owned(),
        revocation_list: "https://id.example/crl".to_owned(),
    }
}

/// Edition 1 of the trust bundle: one issuer, one registrar.
pub fn bundle(issuer: &SigningKey, registrar: &SigningKey) -> Bundle {
    let key = |kid: &[u8], key: &SigningKey| IssuerKey { kid: kid.to_vec(), key: key.public_key(), retired: None };
    Bundle {
        sequence: 1,
        valid_from: time::macros::date!(2026 - 01 - 01),
        valid_until: time::macros::date!(2026 - 12 - 31),
        issuers: vec![Issuer {
            id: ISSUER.to_owned(),
            names: names("Registry of Persons", "Wakala wa Usajili"),
            types: vec![CARD_TYPE.to_owned()],
            keys: vec![key(b"desk-1", issuer)],
            roots: Vec::new(),
        }],
        registrars: vec![Registrar {
            names: names("Data Protection Office", "Ofisi ya Faragha"),
            keys: vec![key(b"reg-1", registrar)],
        }],
    }
}

/// Everybody.
pub struct World {
    /// The programme's key, by which bundles are believed.
    pub anchor: SigningKey,
    /// Issues cards.
    pub desk: Desk,
    /// Vouches for verifiers.
    pub registrar: SigningKey,
    /// Whom apps believe.
    pub bundle: Bundle,
    /// The wallet's clock.
    pub holder_clock: Arc<TestClock>,
    /// The verifier's clock.
    pub verifier_clock: Arc<TestClock>,
    /// The holder, unlocked, with one card.
    pub holder: Holder,
    /// The card.
    pub card: CardId,
    /// The wallet's file.
    pub vault: PathBuf,
    folder: tempfile::TempDir,
}

impl World {
    /// A world in which one card was enrolled for, issued and added.
    pub fn new() -> Self {
        Self::with_card(CARD_JSON)
    }

    /// The same with another card.
    pub fn with_card(json: &str) -> Self {
        let make = || SigningKey::make(&OsEntropy).expect("randomness");
        let (anchor, issuer, registrar) = (make(), make(), make());
        let bundle = bundle(&issuer, &registrar);
        let (holder_clock, verifier_clock) = (TestClock::at(NOW), TestClock::at(NOW));
        let folder = tempfile::tempdir().expect("a folder");
        let vault = folder.path().join("wallet.amana");
        let host = host_of(&vault, &holder_clock);
        let wallet =
            Wallet::create(&vault, host, Door::One, &pin("482913"), Argon2Cost::FLOOR).expect("a wallet is made");
        let holder = wallet.unlock(Door::One, &pin("482913")).expect("the PIN opens it");
        holder
            .load_trust(&bundle.sign(&anchor).expect("signed"), &Anchor::new(anchor.public_key()))
            .expect("the bundle is believed");
        let desk = Desk::new(ISSUER, b"desk-1", issuer, verifier_clock.clone(), Arc::new(OsEntropy));
        let card = issue_to(&desk, &holder, json);
        Self { anchor, desk, registrar, bundle, holder_clock, verifier_clock, holder, card, vault, folder }
    }

    /// A folder that goes with this world.
    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// The device that the wallet lies on.
    pub fn host(&self) -> WalletHost {
        host_of(&self.vault, &self.holder_clock)
    }

    /// A registration for a key: `household.family_size` and `household.ration_card` needed, `address.district`
    /// optional.
    pub fn registration_for(&self, verifier: &SigningKey) -> Registration {
        let purpose = Purpose {
            needed: vec![claim("household.family_size"), claim("household.ration_card")],
            optional: vec![claim("address.district")],
        };
        Registration::sign(
            &verifier.public_key(),
            &names("Kasulu Food Point", "Kituo cha Chakula Kasulu"),
            &[(PURPOSE.to_owned(), purpose)],
            "+255 800 110 110",
            time::macros::date!(2027 - 06 - 30),
            b"reg-1",
            &self.registrar,
        )
        .expect("a registration")
    }

    /// A registered verifier with a key of its own.
    pub fn verifier(&self) -> Verifier {
        let key = SigningKey::make(&OsEntropy).expect("randomness");
        let registration = self.registration_for(&key);
        self.verifier_with(key, Some(registration))
    }

    /// A verifier with this key and registration, that believes the bundle.
    pub fn verifier_with(&self, key: SigningKey, registration: Option<Registration>) -> Verifier {
        let trust =
            Bundle::verify(&self.bundle.sign(&self.anchor).expect("signed"), &Anchor::new(self.anchor.public_key()));
        let host = VerifierHost { clock: self.verifier_clock.clone(), entropy: Arc::new(OsEntropy) };
        Verifier::new(trust.expect("believed"), key, registration, Policy::RATIONS, host).expect("a verifier")
    }
}

impl Default for World {
    fn default() -> Self {
        Self::new()
    }
}

/// A device whose keys and counter lie beside a vault, with a clock that the test holds.
pub fn host_of(vault: &std::path::Path, clock: &Arc<TestClock>) -> WalletHost {
    WalletHost { clock: clock.clone(), ..software::host_beside(vault).expect("keys in files") }
}

/// Enrols, issues and adds.
pub fn issue_to(desk: &Desk, holder: &Holder, json: &str) -> CardId {
    let draft = CardDraft::from_json(json).expect("a draft");
    let offer = desk.offer(&draft.card_type, 3600).expect("an offer");
    let enrolment = holder.enrol(&offer.to_bytes()).expect("an enrolment");
    let applicant = desk.accept(enrolment.as_bytes()).expect("the desk accepts it");
    let issued = desk.issue(draft, applicant).expect("a card");
    holder.add(&issued.delivery).expect("the wallet takes it in")
}
