//! What Amana issues, presents and tampers with, as files that the independent programs judge (`shown`) or present
//! (`issued`). Keys are the same each time, salts are not; the people are invented.

use amana_core::credential::mdoc::session::{Engagement, KeyBytes, SessionTranscript};
use amana_core::credential::mdoc::{self, DeviceResponse, Document, Mdoc};
use amana_core::credential::sd_jwt::{self, SdJwt};
use amana_core::credential::{Binding, ClaimPath, Claims, Credential as _, claim169, claims_from_json};
use amana_core::crypto::{Agree as _, AgreementKey, Cipher, Curve, SigningKey, SymmetricKey, key_file, sha256};
use amana_core::issuer::CardDraft;
use amana_core::ports::OsEntropy;
use amana_core::trust::StatusList;
use amana_core::trust::status_list::{StatusListClaims, TokenForm};
use amana_core::x509::{Certificate, Profile, make_root, make_signer};
use amana_tests::{certificate_draft, claim, to_hex};
use base64ct::{Base64, Base64UrlUnpadded, Encoding as _};
use serde_json::{Value, json};
use zeroize::Zeroizing;

/// How many of [`shown`] are to be accepted and to be refused.
pub const COUNTS: (usize, usize) = (71, 40);

pub type File = (String, Value);

pub fn shown() -> Vec<File> {
    [sd_jwts(), mdocs(), claim_169s(), status_lists()].concat()
}

pub fn issued() -> Vec<File> {
    [sd_jwts_to_present(), mdocs_to_present()].concat()
}

/// 2026-11-24T12:00:00Z, the moment of all files.
const AT: i64 = 1_795_521_600;
/// 2026-01-01 and 2036-01-01: the validity of all that is not over.
const VALIDITY: (i64, i64) = (1_767_225_600, 2_082_758_400);
const ISSUER: &str = "https://issuer.example";
const KID: &str = "desk-1";
const AUDIENCE: &str = "https://verifier.example";
const LIST: &str = "https://issuer.example/status/7";

/// What a file promises, and which programs see it otherwise: they take what they should not, or refuse what is sound.
enum Expect<'a> {
    /// The card says this, and nothing else.
    Claims(Value, &'a [&'a str]),
    /// The list says this.
    Status(u8),
    /// Whoever looks refuses it.
    Refused(&'a [&'a str]),
}

fn file(format: &str, name: impl Into<String>, about: &str, verify: Value, expect: Expect<'_>) -> File {
    let (expect, otherwise) = match expect {
        Expect::Claims(claims, otherwise) => (json!({"ok": true, "claims": claims}), otherwise),
        Expect::Status(status) => (json!({"ok": true, "status": status}), &[][..]),
        Expect::Refused(otherwise) => (json!({"ok": false}), otherwise),
    };
    let answer = json!({"ok": expect["ok"] == false});
    let said: Value = otherwise.iter().map(|program| ((*program).to_owned(), answer.clone())).collect();
    let (program, version) = ("amana", env!("CARGO_PKG_VERSION"));
    let content = json!({"program": program, "version": version, "format": format, "about": about, "verify": verify,
        "expect": expect, "said": said});
    (name.into(), content)
}

/// What is given to a verifier, with other fields in place.
fn but(verify: &Value, fields: Value) -> Value {
    let (Value::Object(mut verify), Value::Object(fields)) = (verify.clone(), fields) else { panic!("no objects") };
    verify.extend(fields);
    verify.into()
}

fn key(curve: Curve, name: &str) -> SigningKey {
    SigningKey::from_secret(curve, &Zeroizing::new(sha256(name.as_bytes()))).unwrap()
}

fn public(key: &SigningKey) -> Value {
    serde_json::from_str(&key_file::public_jwk(&key.public_key(), None)).unwrap()
}

fn private(key: &SigningKey) -> Value {
    serde_json::from_str(&key_file::private_jwk(key, None)).unwrap()
}

/// The same bytes with one bit turned in the last.
fn turned(mut bytes: Vec<u8>) -> Vec<u8> {
    *bytes.last_mut().unwrap() ^= 1;
    bytes
}

fn replaced(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let at = bytes.windows(from.len()).position(|window| window == from).expect("what is to be replaced");
    [&bytes[..at], to, &bytes[at + from.len()..]].concat()
}

// SD-JWT ---------------------------------------------------------------------------------------------------------------

/// Groups and a list hidden inside, decoys on two levels, one claim open.
const PERSON: &str = r#"{
    "type": "https://issuer.example/credentials/person", "valid_from": "2026-01-01", "valid_until": "2035-12-31",
    "claims": {"given_name": "Amina", "family_name": "Njoroge", "birthdate": {"$date": "1990-04-12"}, "adult": true,
        "address": {"locality": "Kisumu", "region": "Nyanza", "geo": {"lat": -0.1, "zone": 4}},
        "nationalities": ["UT", "XA", "XB"], "note": "Ünïcödé \"quoted\" \\ 阿米娜"},
    "open": ["adult"], "split": ["nationalities"], "digests": {"": 12, "address": 5}
}"#;

struct Holding {
    issuer: SigningKey,
    holder: Option<SigningKey>,
    card: SdJwt,
}

impl Holding {
    fn of(draft: &str, issuer: Curve, holder: Option<Curve>, chain: &[Vec<u8>]) -> Self {
        let (issuer, holder) = (key(issuer, "issuer"), holder.map(|curve| key(curve, "holder")));
        let draft = CardDraft::from_json(draft).unwrap();
        let bound = holder.as_ref().map(SigningKey::public_key);
        let card = sd_jwt::issue(&draft, ISSUER, bound.as_ref(), KID.as_bytes(), chain, &issuer, &OsEntropy).unwrap();
        Self { issuer, holder, card }
    }

    fn token(&self, shown: &[&str]) -> String {
        let paths: Vec<_> = shown.iter().map(|path| claim(path)).collect();
        let signer = self.holder.as_ref().map(|key| key as _);
        let token = self.card.select(&paths).unwrap().present(&binding(), signer, AT, &OsEntropy).unwrap();
        String::from_utf8(token).unwrap()
    }

    /// What a verifier is given with it.
    fn verify(&self, token: &str) -> Value {
        let verify = json!({"token": token, "issuer_key": public(&self.issuer), "at": AT});
        match self.holder {
            Some(_) => but(&verify, json!({"audience": AUDIENCE, "nonce": nonce()})),
            None => verify,
        }
    }

    /// These claims, and those that every card has.
    fn claims(&self, shown: Value) -> Value {
        let bound = self.holder.as_ref().map(|key| json!({"cnf": {"jwk": public(key)}})).unwrap_or(json!({}));
        let every = json!({"iss": ISSUER, "vct": "https://issuer.example/credentials/person", "adult": true,
            "nbf": VALIDITY.0, "exp": VALIDITY.1});
        but(&but(&every, bound), shown)
    }
}

fn binding() -> Binding {
    Binding { audience: AUDIENCE.to_owned(), challenge: Some(vec![0x5c; 16]), request: None }
}

fn nonce() -> String {
    Base64UrlUnpadded::encode_string(&[0x5c; 16])
}

/// What a holder chooses.
struct Choice {
    paths: &'static [&'static str],
    seen: Value,
    /// What is seen if only whole claims of the top can be chosen.
    seen_whole: Value,
}

fn choices() -> [Choice; 5] {
    let whole_address = json!({"locality": "Kisumu", "region": "Nyanza", "geo": {"lat": -0.1, "zone": 4}});
    let names = json!({"given_name": "Amina", "note": "Ünïcödé \"quoted\" \\ 阿米娜"});
    let everything = json!({"address": whole_address, "nationalities": ["UT", "XA", "XB"]});
    let choice = |paths, seen, seen_whole| Choice { paths, seen, seen_whole };
    [
        choice(&["given_name", "note"], names.clone(), names),
        choice(
            &["birthdate", "nationalities.1"],
            json!({"birthdate": "1990-04-12", "nationalities": ["XA"]}),
            json!({"birthdate": "1990-04-12", "nationalities": ["UT", "XA", "XB"]}),
        ),
        choice(
            &["address.locality", "address.geo.zone"],
            json!({"address": {"locality": "Kisumu", "geo": {"zone": 4}}}),
            json!({"address": whole_address}),
        ),
        choice(
            &[
                "address.locality",
                "address.region",
                "address.geo.lat",
                "address.geo.zone",
                "nationalities.0",
                "nationalities.1",
                "nationalities.2",
            ],
            everything.clone(),
            everything,
        ),
        choice(&[], json!({}), json!({})),
    ]
}

fn sd_jwts() -> Vec<File> {
    use Curve::{Ed25519, P256};
    const VC: &str = "sd-jwt-vc";
    let mut files = Vec::new();
    for (short, issuer, holder) in
        [("es256", P256, P256), ("eddsa", Ed25519, Ed25519), ("eddsa-holder-es256", Ed25519, P256)]
    {
        let held = Holding::of(PERSON, issuer, Some(holder), &[]);
        for (number, Choice { paths, seen, .. }) in choices().into_iter().enumerate() {
            let expect = Expect::Claims(held.claims(seen), &[]);
            let verify = held.verify(&held.token(paths));
            files.push(file(VC, format!("vc-{short}-{number}"), "with key binding", verify, expect));
        }
    }
    let [_, _, Choice { paths, seen, .. }, ..] = choices();
    let bearer = Holding::of(PERSON, P256, None, &[]);
    let expect = Expect::Claims(bearer.claims(seen.clone()), &[]);
    files.push(file(VC, "vc-bearer", "no holder's key", bearer.verify(&bearer.token(paths)), expect));
    let chain = [Office::new(P256).signer.to_bytes().to_vec()];
    let certified = Holding::of(PERSON, P256, Some(P256), &chain);
    let expect = Expect::Claims(certified.claims(seen), &[]);
    files.push(file(VC, "vc-x5c", "with a certificate", certified.verify(&certified.token(paths)), expect));

    let held = Holding::of(PERSON, P256, Some(P256), &[]);
    let token = held.token(&["given_name", "note"]);
    let verify = held.verify(&token);
    let parts: Vec<&str> = token.split('~').collect();
    let [jwt, given_name, note, proof] = parts[..] else { panic!("two disclosures") };
    let (signed, signature) = jwt.rsplit_once('.').unwrap();
    let forged = Base64UrlUnpadded::encode_string(&turned(Base64UrlUnpadded::decode_vec(signature).unwrap()));
    let another = Base64UrlUnpadded::decode_vec(given_name).unwrap();
    let another = Base64UrlUnpadded::encode_string(&replaced(&another, b"Amina", b"Amino"));
    let (proof_signed, _) = proof.rsplit_once('.').unwrap();
    let stranger = key(P256, "stranger");
    let reproof = Base64UrlUnpadded::encode_string(&stranger.sign(proof_signed.as_bytes()).unwrap());
    let expired = Holding::of(&PERSON.replace("2035-12-31", "2026-11-23"), P256, Some(P256), &[]);
    let token_of = |parts: &[&str]| json!({"token": parts.join("~")});
    let refused = [
        (
            "signature",
            "the issuer's signature, one bit turned",
            token_of(&[&format!("{signed}.{forged}"), given_name, note, proof]),
        ),
        ("disclosure", "a disclosure of another value", token_of(&[jwt, &another, note, proof])),
        ("withheld", "a disclosure taken away after the holder signed", token_of(&[jwt, note, proof])),
        ("unbound", "without the key binding that is asked for", token_of(&[jwt, given_name, note, ""])),
        (
            "binding",
            "a key binding by another key",
            token_of(&[jwt, given_name, note, &format!("{proof_signed}.{reproof}")]),
        ),
        ("nonce", "an answer to another question", json!({"nonce": "YW5vdGhlciBub25jZQ"})),
        ("audience", "an answer for another verifier", json!({"audience": "https://other.example"})),
        ("issuer", "another issuer's key", json!({"issuer_key": public(&stranger)})),
    ];
    let refused = refused.map(|(name, about, change)| (name, about, but(&verify, change), &[][..]));
    let over = (
        "expired",
        "over since the day before",
        expired.verify(&expired.token(&["note"])),
        &["sd-jwt", "eudi-lib-jvm-sdjwt-kt"][..],
    );
    for (name, about, verify, takes) in refused.into_iter().chain([over]) {
        files.push(file(VC, format!("refused-vc-{name}"), about, verify, Expect::Refused(takes)));
    }

    let draft = PERSON.replace("\"open\"", &format!("\"status\": {{\"uri\": \"{LIST}\", \"index\": 19}}, \"open\""));
    let held = Holding::of(&draft, P256, None, &[]);
    let status = json!({"status": {"status_list": {"idx": 19, "uri": LIST}}});
    for (name, status_of_it, expect) in [
        ("vc-status-valid", 0, Expect::Claims(held.claims(status), &[])),
        ("refused-vc-status", 1, Expect::Refused(&["sd-jwt", "eudi-lib-jvm-sdjwt-kt", "multipaz"])),
    ] {
        let list = list(TokenForm::Jwt, 1, &[(19, status_of_it)], VALIDITY.1, &held.issuer);
        let list = json!({"status_list": String::from_utf8(list).unwrap(), "status_key": public(&held.issuer)});
        let about = format!("its entry in the status list is {status_of_it}");
        files.push(file(VC, name, &about, but(&held.verify(&held.token(&[])), list), expect));
    }
    files
}

/// Whole cards, for the programs' holders to choose from.
fn sd_jwts_to_present() -> Vec<File> {
    let mut files = Vec::new();
    for (short, curve) in [("es256", Curve::P256), ("eddsa", Curve::Ed25519)] {
        let held = Holding::of(PERSON, curve, Some(curve), &[]);
        for (number, Choice { paths, seen, seen_whole }) in choices().into_iter().enumerate() {
            let disclose: Vec<Value> = paths.iter().flat_map(|path| steps(&claim(path))).collect();
            let holder = held.holder.as_ref().unwrap();
            let present = json!({"token": held.card.to_text(), "disclose": disclose, "holder_key": private(holder),
                "audience": AUDIENCE, "nonce": nonce(), "iat": AT});
            let expect = Expect::Claims(held.claims(seen), &[]);
            let (name, mut content) =
                file("sd-jwt-vc", format!("vc-{short}-{number}"), "issued by Amana", held.verify(""), expect);
            content["present"] = present;
            content["said"] = json!({"multipaz": {"ok": true, "claims": held.claims(seen_whole)}});
            files.push((name, content));
        }
    }
    files
}

/// A path in JSON's steps, after those of the groups around it: what is inside a hidden group takes the group too.
fn steps(path: &ClaimPath) -> Vec<Value> {
    let step = |name: &amana_core::credential::ClaimName| match name {
        amana_core::credential::ClaimName::Int(index) => json!(index),
        amana_core::credential::ClaimName::Text(text) => json!(text),
    };
    (1..=path.names().len()).map(|len| path.names()[..len].iter().map(step).collect()).collect()
}

// mdoc -----------------------------------------------------------------------------------------------------------------

const DOC_TYPE: &str = "org.iso.18013.5.1.mDL";
const SPACE: &str = "org.iso.18013.5.1";
const LICENCE: &str = r#"{
    "type": "org.iso.18013.5.1.mDL", "valid_from": "2026-01-01", "valid_until": "2035-12-31",
    "claims": {
        "org.iso.18013.5.1": {
            "family_name": "Njoroge", "given_name": "Amina", "birth_date": {"$date": "1990-04-12"}, "issuing_country": "TZ",
            "document_number": "TZ-000169", "portrait": {"$bytes": "_9j_4AAQSkZJRgABAQAAAQABAAD_2Q"}, "age_over_18": true,
            "sex": 2, "driving_privileges": [{"vehicle_category_code": "A", "issue_date": {"$date": "2020-01-01"}}]
        },
        "example.camp": {"zone": "4", "members": 5}
    }
}"#;

/// A root, and a document signer that it vouches for.
struct Office {
    issuer: SigningKey,
    root: Certificate,
    signer: Certificate,
}

impl Office {
    fn new(curve: Curve) -> Self {
        Self::named(curve, "Amana Interop Root", "root")
    }

    fn named(curve: Curve, name: &str, root_key: &str) -> Self {
        let (root_key, issuer) = (key(Curve::P256, root_key), key(curve, "issuer"));
        let root = make_root(&certificate_draft(name, VALIDITY), &root_key, &OsEntropy).unwrap();
        let draft = certificate_draft("Amana Interop Signer", (VALIDITY.0, VALIDITY.0 + 86_400 * 450));
        let profile = Profile::DocumentSigner;
        let signer = make_signer(&draft, &issuer.public_key(), profile, &root, &root_key, &OsEntropy).unwrap();
        Self { issuer, root, signer }
    }

    fn issue(&self, draft: &str, holder: &SigningKey) -> Mdoc {
        let draft = CardDraft::from_json(draft).unwrap();
        mdoc::issue(&draft, &holder.public_key(), &self.issuer, std::slice::from_ref(&self.signer), &OsEntropy).unwrap()
    }

    fn verify(&self) -> Value {
        let lines = Base64::encode_string(self.root.to_bytes());
        let lines: Vec<_> = lines.as_bytes().chunks(64).map(String::from_utf8_lossy).collect();
        let pem = format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", lines.join("\n"));
        json!({"doctype": DOC_TYPE, "roots": [pem], "at": AT})
    }
}

fn licence() -> Value {
    json!({
        SPACE: {
            "family_name": "Njoroge", "given_name": "Amina", "birth_date": {"tag": 1004, "value": "1990-04-12"},
            "issuing_country": "TZ", "document_number": "TZ-000169",
            "portrait": {"hex": "ffd8ffe000104a46494600010100000100010000ffd9"}, "age_over_18": true, "sex": 2,
            "driving_privileges": [{"vehicle_category_code": "A", "issue_date": {"tag": 1004, "value": "2020-01-01"}}]
        },
        "example.camp": {"zone": "4", "members": 5}
    })
}

fn part_of_licence() -> (Vec<ClaimPath>, Value) {
    let path = |space: &str, element: &str| ClaimPath::new(vec![space.into(), element.into()]).unwrap();
    let paths = vec![path(SPACE, "given_name"), path(SPACE, "birth_date"), path("example.camp", "zone")];
    let birth_date = json!({"tag": 1004, "value": "1990-04-12"});
    (paths, json!({SPACE: {"given_name": "Amina", "birth_date": birth_date}, "example.camp": {"zone": "4"}}))
}

/// Transcripts: of a QR engagement, and of Amana's own exchange.
fn transcripts() -> [(&'static str, SessionTranscript); 2] {
    let engagement = Engagement::make(&key(Curve::P256, "engagement").public_key(), None);
    let near = SessionTranscript::of_qr(&engagement, &KeyBytes::of(&reader().public_key()));
    let binding = Binding { request: Some([0xa5; 32]), ..binding() };
    [("near", near), ("exchange", SessionTranscript::of_exchange(&binding))]
}

fn reader() -> AgreementKey {
    AgreementKey::from_secret(&Zeroizing::new(sha256(b"reader"))).unwrap()
}

fn reader_jwk() -> Value {
    private(&SigningKey::from_secret(Curve::P256, &reader().expose_secret()).unwrap())
}

fn mdocs() -> Vec<File> {
    use Curve::{Ed25519, P256};
    const PY: &str = "pymdoccbor";
    let mut files = Vec::new();
    let holder = key(P256, "holder");
    for (name, curve, refuse) in [("mdoc-issued-es256", P256, &[][..]), ("mdoc-issued-eddsa", Ed25519, &[PY])] {
        let office = Office::new(curve);
        let issued = json!({"issuer_signed": to_hex(&office.issue(LICENCE, &holder).to_bytes())});
        let expect = Expect::Claims(licence(), refuse);
        files.push(file("mdoc", name, "IssuerSigned", but(&office.verify(), issued), expect));
    }
    let office = Office::new(P256);
    let status = format!("\"status\": {{\"uri\": \"{LIST}\", \"index\": 19}}, \"claims\"");
    let issued =
        json!({"issuer_signed": to_hex(&office.issue(&LICENCE.replace("\"claims\"", &status), &holder).to_bytes())});
    let about = "with an entry in a status list";
    files.push(file(
        "mdoc",
        "mdoc-issued-status",
        about,
        but(&office.verify(), issued),
        Expect::Claims(licence(), &[]),
    ));

    let (paths, seen) = part_of_licence();
    let part = |card: &Mdoc| Mdoc::parse(&card.select(&paths).unwrap().to_bytes()).unwrap();
    let response = |document: Document| json!({"device_response": to_hex(&DeviceResponse::of(document).to_bytes())});
    let over = |transcript: &SessionTranscript| json!({"session_transcript": to_hex(transcript.as_bytes())});
    for (short, transcript) in transcripts() {
        for (name, holder) in [("es256", key(P256, "holder")), ("eddsa", key(Ed25519, "holder"))] {
            let card = part(&office.issue(LICENCE, &holder));
            let shown = response(Document::sign(card, &Claims::default(), &transcript, &holder).unwrap());
            let verify = but(&but(&office.verify(), shown), over(&transcript));
            let about = "the holder's signature";
            files.push(file("mdoc", format!("mdoc-{short}-{name}"), about, verify, Expect::Claims(seen.clone(), &[])));
        }
        let agreeing = AgreementKey::from_secret(&key(P256, "holder").expose_secret()).unwrap();
        let card = part(&office.issue(LICENCE, &holder));
        let reader = reader().public_key();
        let shown = Document::authenticate(card, &Claims::default(), &transcript, &agreeing, &reader).unwrap();
        let verify = but(&but(&office.verify(), response(shown)), over(&transcript));
        let verify = but(&verify, json!({"reader_key": reader_jwk()}));
        let expect = Expect::Claims(seen.clone(), &[]);
        files.push(file("mdoc", format!("mdoc-{short}-mac"), "a code for the reader alone", verify.clone(), expect));
        let stranger = json!({"reader_key": private(&key(P256, "stranger"))});
        let name = format!("refused-mdoc-{short}-reader");
        files.push(file("mdoc", name, "another reader's key", but(&verify, stranger), Expect::Refused(&[PY])));
    }

    let [(_, near), (_, exchange)] = transcripts();
    let whole = office.issue(LICENCE, &holder).to_bytes();
    let shown = Document::sign(part(&office.issue(LICENCE, &holder)), &Claims::default(), &near, &holder).unwrap();
    let shown = DeviceResponse::of(shown).to_bytes();
    let expired = office.issue(&LICENCE.replace("2035-12-31", "2026-11-23"), &holder).to_bytes();
    let issued = |bytes: &[u8]| but(&office.verify(), json!({"issuer_signed": to_hex(bytes)}));
    let presented = |bytes: &[u8]| but(&but(&office.verify(), json!({"device_response": to_hex(bytes)})), over(&near));
    let other = Office::named(P256, "Another Root", "other root");
    let refused: [(&str, &str, Value, &[&str]); 6] = [
        ("value", "an element of another value", issued(&replaced(&whole, b"Amina", b"Amino")), &[]),
        ("signature", "the issuer's signature, one bit turned", issued(&turned(whole.clone())), &[]),
        ("root", "another root", but(&issued(&whole), json!({"roots": other.verify()["roots"]})), &[]),
        ("expired", "over since the day before", issued(&expired), &[PY]),
        ("shown-value", "an element of another value", presented(&replaced(&shown, b"Amina", b"Amino")), &[]),
        ("transcript", "an answer to another question", but(&presented(&shown), over(&exchange)), &[PY]),
    ];
    for (name, about, verify, takes) in refused {
        files.push(file("mdoc", format!("refused-mdoc-{name}"), about, verify, Expect::Refused(takes)));
    }
    files
}

/// Whole cards, for the programs' holders to choose from.
fn mdocs_to_present() -> Vec<File> {
    let mut files = Vec::new();
    let office = Office::new(Curve::P256);
    let (paths, seen) = part_of_licence();
    for (short, transcript) in transcripts() {
        for (name, curve, auth) in
            [("es256", Curve::P256, "signature"), ("eddsa", Curve::Ed25519, "signature"), ("mac", Curve::P256, "mac")]
        {
            let holder = key(curve, "holder");
            let transcript = json!({"session_transcript": to_hex(transcript.as_bytes())});
            let mut disclose = json!({});
            for path in &paths {
                let [space, element] = path.names() else { panic!("an element") };
                let elements = &mut disclose[space.to_string()];
                *elements =
                    elements.as_array().into_iter().flatten().cloned().chain([element.to_string().into()]).collect();
            }
            let card = office.issue(LICENCE, &holder);
            let present = json!({"issuer_signed": to_hex(&card.to_bytes()), "doctype": DOC_TYPE, "disclose": disclose,
                "holder_key": private(&holder), "auth": auth, "reader_key": reader_jwk()});
            let verify = but(&office.verify(), transcript.clone());
            let verify = if auth == "mac" { but(&verify, json!({"reader_key": reader_jwk()})) } else { verify };
            let expect = Expect::Claims(seen.clone(), &[]);
            let (name, mut content) = file("mdoc", format!("mdoc-{short}-{name}"), "issued by Amana", verify, expect);
            content["present"] = but(&present, transcript);
            files.push((name, content));
        }
    }
    files
}

// Claim 169 ------------------------------------------------------------------------------------------------------------

const SMALL: &str = r#"{"id": "3918592438", "version": "1.0", "language": "eng", "full_name": "Amina Njoroge",
    "date_of_birth": {"$date": "1990-04-12"}, "gender": "female"}"#;
const FULL: &str = r#"{"id": "3918592438", "version": "1.0", "language": "eng", "full_name": "Amina Njoroge",
    "first_name": "Amina", "middle_name": "Wanjiku", "last_name": "Njoroge", "date_of_birth": {"$date": "1990-04-12"},
    "gender": "female", "address": "12 Lake Road, Kisumu", "email_id": "amina@example.com",
    "phone_number": "+254700000169", "nationality": "UT", "marital_status": "married", "guardian": "2020000001",
    "binary_image": {"$bytes": "_9j_4AAQSkZJRgABAQAAAQABAAD_2Q"}, "full_name_secondary_language": "أمينة نجوروجي",
    "secondary_language": "ara", "location_code": "6GFJWQ5V+2X", "legal_status": "Refugee", "country_of_issuance": "UT"}"#;

fn small() -> Value {
    json!({"1": "3918592438", "2": "1.0", "3": "eng", "4": "Amina Njoroge", "8": "19900412", "9": 2})
}

fn full() -> Value {
    let more = json!({"5": "Amina", "6": "Wanjiku", "7": "Njoroge", "10": "12 Lake Road, Kisumu", "11": "amina@example.com",
        "12": "+254700000169", "13": "UT", "14": 2, "15": "2020000001",
        "16": {"hex": "ffd8ffe000104a46494600010100000100010000ffd9"}, "17": 1, "19": "أمينة نجوروجي", "20": "ara",
        "21": "6GFJWQ5V+2X", "22": "Refugee", "23": "UT"});
    but(&small(), more)
}

fn paper(json: &str, (from, until): (time::Date, time::Date), issuer: &SigningKey) -> claim169::Claim169 {
    let Value::Object(fields) = serde_json::from_str(json).unwrap() else { panic!("no object") };
    let draft = claim169::Draft {
        valid_from: from,
        valid_until: until,
        issued_at: Some(VALIDITY.0),
        claims: claims_from_json(&fields).unwrap(),
        status: None,
    };
    claim169::issue(&draft, ISSUER, KID.as_bytes(), issuer).unwrap()
}

fn claim_169s() -> Vec<File> {
    use time::macros::date;
    const DAYS: (time::Date, time::Date) = (date!(2026 - 01 - 01), date!(2035 - 12 - 31));
    let mut files = Vec::new();
    let outer = |inner: Value| json!({"1": ISSUER, "4": VALIDITY.1, "5": VALIDITY.0, "6": VALIDITY.0, "169": inner});
    let given = |token: &[u8], issuer: &SigningKey| json!({"token": claim169::to_text(token), "issuer_key": public(issuer), "at": AT});
    for (short, curve) in [("ed25519", Curve::Ed25519), ("es256", Curve::P256)] {
        let issuer = key(curve, "issuer");
        for (size, json, inner) in [("small", SMALL, small()), ("full", FULL, full())] {
            let card = paper(json, DAYS, &issuer);
            for (shape, token, refuse) in
                [("tagged", card.to_bytes(), &["claim169"][..]), ("untagged", card.to_untagged_bytes(), &[])]
            {
                let expect = Expect::Claims(outer(inner.clone()), refuse);
                let name = format!("claim169-{short}-{size}-{shape}");
                files.push(file("claim169", name, "signed", given(&token, &issuer), expect));
            }
        }
        for (name, cipher, len) in [("aes128", Cipher::A128Gcm, 16), ("aes256", Cipher::A256Gcm, 32)] {
            let secret = vec![0x5a; len];
            let symmetric = SymmetricKey::new(Zeroizing::new(secret.clone()), None, None).unwrap();
            let sealed = claim169::seal(&paper(SMALL, DAYS, &issuer), &symmetric, cipher, &OsEntropy).unwrap();
            let verify = but(&given(&sealed, &issuer), json!({"secret": to_hex(&secret)}));
            let expect = Expect::Claims(outer(small()), &[]);
            files.push(file(
                "claim169",
                format!("claim169-{short}-{name}"),
                "signed and sealed",
                verify.clone(),
                expect,
            ));
            let other = but(&verify, json!({"secret": "00".repeat(len)}));
            let name = format!("refused-claim169-{short}-{name}");
            files.push(file("claim169", name, "another secret", other, Expect::Refused(&[])));
        }
        let card = paper(SMALL, DAYS, &issuer).to_untagged_bytes();
        let verify = given(&card, &issuer);
        let day_before = paper(SMALL, (DAYS.0, date!(2026 - 11 - 23)), &issuer).to_untagged_bytes();
        let to_come = paper(SMALL, (date!(2030 - 01 - 01), DAYS.1), &issuer).to_untagged_bytes();
        let refused = [
            ("value", "the name changed", given(&replaced(&card, b"Njoroge", b"Njoroga"), &issuer)),
            ("signature", "one bit of the signature turned", given(&turned(card), &issuer)),
            ("key", "another issuer's key", but(&verify, json!({"issuer_key": public(&key(curve, "stranger"))}))),
            ("expired", "over since the day before", given(&day_before, &issuer)),
            ("not-yet", "not valid before 2030", given(&to_come, &issuer)),
        ];
        for (name, about, verify) in refused {
            files.push(file(
                "claim169",
                format!("refused-claim169-{short}-{name}"),
                about,
                verify,
                Expect::Refused(&[]),
            ));
        }
    }
    files
}

// Status lists ---------------------------------------------------------------------------------------------------------

fn list(form: TokenForm, bits: u8, entries: &[(u64, u8)], expires: i64, issuer: &SigningKey) -> Vec<u8> {
    let mut list = StatusList::make(bits, 64).unwrap();
    for (index, status) in entries {
        list.set(*index, *status).unwrap();
    }
    let uri = LIST.to_owned();
    let claims =
        StatusListClaims { uri, issued_at: VALIDITY.0, expires: Some(expires), time_to_live: Some(43_200), list };
    claims.sign(form, KID.as_bytes(), issuer).unwrap()
}

fn status_lists() -> Vec<File> {
    let mut files = Vec::new();
    for (form, format) in [(TokenForm::Jwt, "status-list-jwt"), (TokenForm::Cwt, "status-list-cwt")] {
        let short = format.trim_start_matches("status-list-");
        let write = |token: Vec<u8>| match form {
            TokenForm::Jwt => String::from_utf8(token).unwrap(),
            TokenForm::Cwt => to_hex(&token),
        };
        let verify = |token: String, index: u64, issuer: &SigningKey| json!({"token": token, "issuer_key": public(issuer), "uri": LIST, "index": index, "at": AT});
        for bits in [1, 2, 4, 8] {
            let issuer = key(if bits == 4 { Curve::Ed25519 } else { Curve::P256 }, "issuer");
            let most = u8::MAX >> (8 - bits);
            let entries = [(0, 1), (19, most), (63, most / 2 + 1)];
            let token = write(list(form, bits, &entries, VALIDITY.1, &issuer));
            for (index, status) in entries.into_iter().chain([(18, 0)]) {
                let name = format!("status-{short}-{bits}-bits-{index}");
                let verify = verify(token.clone(), index, &issuer);
                files.push(file(format, name, "one entry of a list", verify, Expect::Status(status)));
            }
        }
        let issuer = key(Curve::P256, "issuer");
        let token = list(form, 2, &[(19, 1)], VALIDITY.1, &issuer);
        let forged = match form {
            TokenForm::Cwt => to_hex(&turned(token.clone())),
            TokenForm::Jwt => {
                let text = String::from_utf8(token.clone()).unwrap();
                let (signed, signature) = text.rsplit_once('.').unwrap();
                let signature = turned(Base64UrlUnpadded::decode_vec(signature).unwrap());
                format!("{signed}.{}", Base64UrlUnpadded::encode_string(&signature))
            }
        };
        let old = write(list(form, 2, &[(19, 1)], AT - 86_400, &issuer));
        let token = verify(write(token), 19, &issuer);
        let takes: &[&str] = &["multipaz"];
        let refused = [
            ("signature", "one bit of the signature turned", but(&token, json!({"token": forged})), &[][..]),
            ("uri", "the list of another address", but(&token, json!({"uri": format!("{LIST}7")})), takes),
            ("index", "an index beyond the list", but(&token, json!({"index": 4000})), takes),
            ("expired", "over since the day before", but(&token, json!({"token": old})), takes),
        ];
        for (name, about, verify, takes) in refused {
            files.push(file(format, format!("refused-status-{short}-{name}"), about, verify, Expect::Refused(takes)));
        }
    }
    files
}
