//! What the looks are shown first: everything here is made by the core's own code, under keys that are always the same,
//! so that an input that was kept is still signed and sealed as it was.

use crate::{
    CARD_JSON, CARD_TYPE, ISSUER, NOW, PURPOSE, RICH_JSON, Rng, TestClock, World, ask, bundle, certificate_draft,
    claim, names, to_hex,
};
use amana_core::backup::{Passphrase, RecoveryKey, age};
use amana_core::cose::cbor::{self, Encoded, TAG_CWT, Value};
use amana_core::cose::label;
use amana_core::cose::{Encrypt0, Sign1, key};
use amana_core::credential::claim169::{self, Claim169};
use amana_core::credential::enrolment::{Enrolment, Offer};
use amana_core::credential::mdoc::session::{
    Engagement, KeyBytes, SessionData, SessionEstablishment, SessionTranscript,
};
use amana_core::credential::mdoc::{
    self, AskedElement, DeviceRequest, DeviceResponse, Document, DocumentRequest, Mdoc,
};
use amana_core::credential::sd_cwt::{KeyBinding, SdCwt};
use amana_core::credential::sd_jwt::{self, SdJwt};
use amana_core::credential::{
    Binding, ClaimPath, Claims, Credential as _, Presentation as _, StatusReference, claims_from_json,
};
use amana_core::crypto::seal::{self, Ephemeral, Use};
use amana_core::crypto::{Cipher, Curve, SigningKey, SymmetricKey, key_file, sha256};
use amana_core::issuer::{CardDraft, Desk};
use amana_core::ports::{Entropy, PortError};
use amana_core::presentation::Request;
use amana_core::qr::frames::TransferId;
use amana_core::qr::{Frames, Kind, armour};
use amana_core::trust::status_list::{StatusListClaims, TokenForm};
use amana_core::trust::{Anchor, Bundle, Purpose, Registration, StatusList};
use amana_core::wallet::{HolderKeys, share_to_text};
use amana_core::x509::{Certificate, CertificateDraft, Profile, make_root, make_signer};
use base64ct::{Base64, Base64UrlUnpadded, Encoding as _};
use std::sync::{Arc, Mutex, OnceLock};
use zeroize::Zeroizing;

/// Who is there, and what they made.
pub struct Made {
    pub holder_key: SigningKey,
    pub reader: Ephemeral,
    pub request_hash: [u8; 32],
    pub bundle_as_made: Bundle,
    pub request: Message,
    pub registration: Message,
    pub bundle: Message,
    pub enrolment: Message,
    pub status_list: Message,
    pub claim_169: Message,
    pub health: Message,
    /// What sealed tokens are opened with.
    pub symmetric_key: SymmetricKey,
    /// What a holder's proof is bound to.
    pub binding: Binding,
    /// What chains of certificates lead to.
    pub root: Certificate,
    anchor_key: SigningKey,
    offer: Offer,
    cards: Vec<SdCwt>,
    proof: KeyBinding,
    jwt_cards: Vec<SdJwt>,
    jwt_proof: Vec<u8>,
    signer: Certificate,
    mdoc: Mdoc,
    mdoc_request: DeviceRequest,
    mdoc_response: DeviceResponse,
}

/// A message, and the key and the context that it was signed with.
pub struct Message {
    bytes: Vec<u8>,
    context: &'static [u8],
    key: SigningKey,
}

impl Message {
    /// The same message with another payload, signed as its maker signs.
    pub fn signed(&self, payload: &[u8]) -> Vec<u8> {
        Sign1::sign(headers(&self.bytes), payload.to_vec(), self.context, &self.key).expect("signed").to_bytes()
    }

    fn payload(&self) -> Vec<u8> {
        payload(&self.bytes)
    }
}

/// The cast: made once.
pub fn made() -> &'static Made {
    static MADE: OnceLock<Made> = OnceLock::new();
    MADE.get_or_init(Made::new)
}

impl Made {
    fn new() -> Self {
        let chance = Arc::new(Chance::new("cast"));
        let (holder_key, anchor_key) = (key_of("holder"), key_of("anchor"));
        let reader = Ephemeral::make(&*chance).expect("chance");
        let purpose =
            Purpose { needed: vec![claim("household.family_size")], optional: vec![claim("address.district")] };
        let registration = Registration::sign(
            &key_of("verifier").public_key(),
            &names("Kasulu Food Point", "Kituo cha Chakula Kasulu"),
            &[(PURPOSE.to_owned(), purpose)],
            "+255 800 110 110",
            time::macros::date!(2027 - 06 - 30),
            b"reg-1",
            &key_of("registrar"),
        );
        let registration = registration.expect("a registration");
        let asks = ["household.family_size", "address.district"].map(ask);
        let request =
            Request::make(&key_of("verifier"), Some(&registration), [1; 16], NOW, PURPOSE, &asks, reader.public_key());
        let request = request.expect("a request");
        let desk = Desk::new(ISSUER, b"desk-1", key_of("issuer"), TestClock::at(NOW), chance.clone());
        let offer = desk.offer(CARD_TYPE, 3600).expect("an offer");
        let enrolments = [1, 2].map(|n| Enrolment::make(&offer, &holder_key, [n; 32]).expect("an enrolment"));
        let issue = |(enrolment, json): (&Enrolment, &str)| {
            let applicant = desk.accept(enrolment.bytes()).expect("the desk accepts it");
            let issued = desk.issue(CardDraft::from_json(json).expect("a draft"), applicant).expect("a card");
            SdCwt::parse(&issued.card.to_bytes()).expect("an SD-CWT")
        };
        let [plain, rich] = [(&enrolments[0], CARD_JSON), (&enrolments[1], RICH_JSON)].map(issue);
        let part = plain.select(&[claim("household.family_size"), claim("address")]).expect("a part");
        let part = SdCwt::parse(&part.to_bytes()).expect("an SD-CWT");
        let proof = KeyBinding::sign(part.clone(), request.binding(), &holder_key, &*chance).expect("a proof");
        let jwt_holder = key_on(Curve::P256, "holder");
        let issue_jwt = |json: &str, holder: Option<&SigningKey>| {
            let (draft, public) = (CardDraft::from_json(json).expect("a draft"), holder.map(SigningKey::public_key));
            sd_jwt::issue(&draft, ISSUER, public.as_ref(), b"desk-1", &[], &key_on(Curve::P256, "issuer"), &*chance)
                .expect("a card")
        };
        let jwt_cards = vec![issue_jwt(CARD_JSON, Some(&jwt_holder)), issue_jwt(RICH_JSON, None)];
        let jwt_proof = jwt_cards[0].present(&request.binding(), Some(&jwt_holder), NOW, &*chance).expect("a proof");
        let root = make_root(&certificate("Amana Root"), &key_on(Curve::P256, "root"), &*chance).expect("a root");
        let signer = make_signer(
            &certificate("Amana Signer"),
            &key_on(Curve::P256, "issuer").public_key(),
            Profile::DocumentSigner,
            &root,
            &key_on(Curve::P256, "root"),
            &*chance,
        );
        let signer = signer.expect("a certificate");
        let draft = CardDraft::from_json(MDOC_JSON).expect("a draft");
        let chain = std::slice::from_ref(&signer);
        let mdoc = mdoc::issue(&draft, &jwt_holder.public_key(), &key_on(Curve::P256, "issuer"), chain, &*chance);
        let mdoc = mdoc.expect("a card");
        let transcript = SessionTranscript::of_exchange(&request.binding());
        let document = Document::sign(mdoc.clone(), &Claims::default(), &transcript, &jwt_holder).expect("a document");
        let reader_key = key_on(Curve::P256, "reader");
        let asker = make_signer(
            &certificate("Amana Reader"),
            &reader_key.public_key(),
            Profile::Reader,
            &root,
            &key_on(Curve::P256, "root"),
            &*chance,
        );
        let asked = ["family_name", "portrait"].map(|element| AskedElement {
            path: ClaimPath::new(vec!["org.iso.18013.5.1".into(), element.into()]).expect("a path"),
            kept: false,
        });
        let mdoc_request = DocumentRequest::make("org.iso.18013.5.1.mDL", asked.to_vec()).expect("a request");
        let mdoc_request = mdoc_request.sign(&transcript, &reader_key, &[asker.expect("a certificate")]);
        let bundle_as_made = bundle(&key_of("issuer"), &key_of("registrar"));
        let signed = bundle_as_made.sign(&anchor_key).expect("signed");
        let message = |bytes: Vec<u8>, context, key| Message { bytes, context, key: key_of(key) };
        Self {
            request_hash: *request.hash(),
            binding: request.binding(),
            mdoc_request: DeviceRequest { documents: vec![mdoc_request.expect("signed")] },
            mdoc_response: DeviceResponse::of(document),
            mdoc,
            signer,
            root,
            jwt_cards,
            jwt_proof,
            request: message(request.bytes().to_vec(), b"amana/1 request", "verifier"),
            registration: message(registration.to_bytes(), b"amana/1 registration", "registrar"),
            bundle: message(signed, b"amana/1 bundle", "anchor"),
            enrolment: message(enrolments[0].bytes().to_vec(), b"amana/1 enrolment", "holder"),
            status_list: message(status_list(TokenForm::Cwt), b"", "issuer"),
            claim_169: message(claim_169().to_bytes(), b"", "issuer"),
            health: message(health(), b"", "issuer"),
            symmetric_key: symmetric_key(),
            cards: vec![plain, rich, part],
            holder_key,
            reader,
            bundle_as_made,
            anchor_key,
            offer,
            proof,
        }
    }

    /// What bundles are believed by.
    pub fn anchor(&self) -> Anchor {
        Anchor::new(self.anchor_key.public_key())
    }

    /// The passphrase of every backup.
    pub fn passphrase(&self) -> Passphrase {
        Passphrase::typed(Zeroizing::new("a passphrase of looks".to_owned())).expect("a passphrase")
    }

    /// Seals a token under the key that its readers have.
    pub fn sealed(&self, token: &[u8]) -> Vec<u8> {
        let sealed = Encrypt0::seal(token, &[], &self.symmetric_key, Cipher::A256Gcm, &Chance::new("sealed"));
        sealed.expect("sealed").to_bytes()
    }

    /// Seals an answer to the request.
    pub fn seal(&self, inside: &[u8]) -> Vec<u8> {
        let (reader, chance) = (self.reader.public_key(), Chance::new("answer"));
        seal::seal_to(&reader, Use::Response, &self.request_hash, inside, &chance).expect("sealed")
    }
}

/// The length before a deflated answer, and the padding after it.
pub fn padded(deflated: &[u8]) -> Vec<u8> {
    let mut bytes = (deflated.len() as u32).to_be_bytes().to_vec();
    bytes.extend_from_slice(deflated);
    bytes.resize(bytes.len().max(1032), 0);
    bytes
}

pub fn answers() -> Vec<Vec<u8>> {
    let answer = Value::Array(vec![Value::Array(vec![1_u64.into(), made().proof.to_bytes().into()])]).to_bytes();
    vec![padded(&miniz_oxide::deflate::compress_to_vec(&answer, 9)), answer, Value::Array(Vec::new()).to_bytes()]
}

pub fn armoured() -> Vec<Vec<u8>> {
    let [request, bundle] = [&made().request, &made().bundle].map(|message| &message.bytes[..]);
    let texts = [(Kind::Card, &made().cards[2].to_bytes()[..]), (Kind::Request, request), (Kind::Bundle, bundle)];
    texts.map(|(kind, bytes)| armour::to_text(kind, bytes).into_bytes()).to_vec()
}

/// A transfer in three frames and one that repairs, as lines; and what is between separators for the same.
pub fn frames() -> Vec<Vec<u8>> {
    let payload: Vec<u8> = (0..100).collect();
    let frames = Frames::at_version(Kind::Card, &payload, 5).expect("frames");
    let texts = [1, 0, 5, 2].map(|index| frames.text(index));
    let parts = texts.each_ref().map(|text| {
        let frame = bytes_of_frame(text).expect("a frame");
        frame[..frame.len() - 4].to_vec()
    });
    vec![texts.join("\n").into_bytes(), parts.join(&BETWEEN)]
}

/// A frame with a check that holds.
pub fn frame_of(told: &[u8]) -> String {
    let frame = [told, &sha256(told)[..4]].concat();
    // Nothing outside the core writes frames: they are told from a card by their letter.
    armour::to_text(Kind::Card, &frame).replacen("AM1C", "AM1F", 1)
}

/// Which transfer a frame says that it is of.
pub fn transfer_of(text: &str) -> Option<TransferId> {
    bytes_of_frame(text)?.first_chunk().copied()
}

fn bytes_of_frame(text: &str) -> Option<Vec<u8>> {
    let text = text.trim_matches(['\r', '\n', '\u{feff}']);
    let text = text.starts_with("AM1F").then(|| text.replacen("AM1F", "AM1C", 1))?;
    armour::parse(&text).ok().map(|(_, frame)| frame)
}

pub fn backups() -> Vec<Vec<u8>> {
    let seal = |len: usize| age::seal(&vec![7; len], &made().passphrase(), 1, &Chance::new("backup")).expect("sealed");
    vec![seal(0), seal(100)]
}

/// Of a wallet with a card, its key and a history; its keys are new each time.
pub fn backup_documents() -> Vec<Vec<u8>> {
    let world = World::new();
    let request = world.verifier().request(PURPOSE, &[ask("household.family_size")]).expect("a request");
    world.holder.receive(request.text().as_bytes()).expect("a request").decline().expect("declined");
    let plan = world.holder.plan_backup(HolderKeys::IncludeSoftwareKeys).expect("a plan");
    let file = plan.seal(&made().passphrase()).expect("sealed");
    vec![age::open(&file, &made().passphrase()).expect("opened").trim_ascii_end().to_vec()]
}

pub fn bundles() -> Vec<Vec<u8>> {
    vec![made().bundle.bytes.clone(), made().bundle.payload()]
}

pub fn cards() -> Vec<Vec<u8>> {
    let card = made().cards[2].to_bytes();
    let hex = to_hex(&card);
    vec![card, hex.into_bytes()]
}

pub fn messages() -> Vec<Vec<u8>> {
    let key = |named: bool| match (named, made().holder_key.public_key()) {
        (true, public) => key::to_named_value(&public, b"desk-1"),
        (false, public) => key::to_value(&public),
    };
    let p256 = key::to_value(&key_on(Curve::P256, "p256").public_key());
    let keys = [key(true), key(false), p256].map(|key| key.to_bytes());
    [made().cards[2].to_bytes(), made().offer.to_bytes()].into_iter().chain(keys).collect()
}

pub fn drafts() -> Vec<Vec<u8>> {
    [CARD_JSON, RICH_JSON].map(|json| json.as_bytes().to_vec()).to_vec()
}

pub fn enrolments() -> Vec<Vec<u8>> {
    vec![made().offer.to_bytes(), made().enrolment.bytes.clone(), made().enrolment.payload()]
}

pub fn key_files() -> Vec<Vec<u8>> {
    let key = &made().holder_key;
    let private = [key_file::private_pem(key).expect("PEM"), key_file::private_jwk(key, Some("desk-1"))];
    let public = key_file::public_pem(&key.public_key()).expect("PEM").into_bytes();
    private.into_iter().map(|text| text.as_bytes().to_vec()).chain([public]).collect()
}

pub fn paths() -> Vec<Vec<u8>> {
    ["address.city", "503.2", "-65537", r"org\.iso\.18013\.5\.1.\1"].map(|path| path.as_bytes().to_vec()).to_vec()
}

pub fn registrations() -> Vec<Vec<u8>> {
    vec![made().registration.bytes.clone(), made().registration.payload()]
}

pub fn requests() -> Vec<Vec<u8>> {
    vec![made().request.bytes.clone(), made().request.payload()]
}

pub fn sd_cwts() -> Vec<Vec<u8>> {
    made().cards.iter().map(|card| card.to_bytes()).collect()
}

pub fn sd_kbts() -> Vec<Vec<u8>> {
    vec![made().proof.to_bytes()]
}

/// Tokens, and their parts in clear.
pub fn sd_jwts() -> Vec<Vec<u8>> {
    let tokens = made().jwt_cards.iter().map(|card| card.to_bytes());
    tokens.flat_map(|token| [parts_of(&token), token]).collect()
}

pub fn sd_jwt_kbs() -> Vec<Vec<u8>> {
    vec![made().jwt_proof.clone(), parts_of(&made().jwt_proof)]
}

/// Between the parts of an SD-JWT in clear, and between frames.
pub const BETWEEN: u8 = 0x1e;

/// Header, payload and disclosures of a token in clear, and header and payload of the holder's proof.
fn parts_of(token: &[u8]) -> Vec<u8> {
    let text = str::from_utf8(token).expect("a token is text");
    let (card, proof) = text.rsplit_once('~').expect("a tilde");
    let jwt = |text: &str| text.split('.').take(2).map(str::to_owned).collect::<Vec<_>>();
    let (token, disclosures) = card.split_once('~').unwrap_or((card, ""));
    let parts = [jwt(token), disclosures.split('~').map(str::to_owned).collect(), jwt(proof)].concat();
    let parts = parts.iter().filter(|part| !part.is_empty());
    let parts: Vec<_> = parts.map(|part| Base64UrlUnpadded::decode_vec(part).expect("base64url")).collect();
    parts.join(&BETWEEN)
}

/// The token of such parts; the last two are the holder's proof, where there is to be one. Its signatures do not hold:
/// reading does not ask for that.
pub fn sd_jwt_of(parts: &[u8], with_proof: bool) -> Vec<u8> {
    let parts: Vec<String> = parts.split(|byte| *byte == BETWEEN).map(Base64UrlUnpadded::encode_string).collect();
    let jwt = |parts: &[String]| parts.join(".") + "." + &"A".repeat(86);
    let (token, rest) = parts.split_at(parts.len().min(2));
    let (disclosures, proof) = rest.split_at(rest.len().saturating_sub(if with_proof { 2 } else { 0 }));
    let disclosures: String = disclosures.iter().map(|disclosure| format!("{disclosure}~")).collect();
    let proof = if with_proof { jwt(proof) } else { String::new() };
    format!("{}~{disclosures}{proof}", jwt(token)).into_bytes()
}

/// A card of two name spaces.
const MDOC_JSON: &str = r#"{
    "type": "org.iso.18013.5.1.mDL", "valid_from": "2026-11-22", "valid_until": "2027-06-30",
    "claims": {
        "org.iso.18013.5.1": {"family_name": "Juma", "given_name": "Amina", "birth_date": {"$date": "1984-02-29"},
            "age_over_18": true, "portrait": {"$bytes": "_9j_4A"},
            "driving_privileges": [{"vehicle_category_code": "A", "issue_date": {"$date": "2020-01-01"}}]},
        "example.camp": {"zone": 4}
    }
}"#;

pub fn mdocs() -> Vec<Vec<u8>> {
    vec![made().mdoc.to_bytes()]
}

pub fn mdoc_requests() -> Vec<Vec<u8>> {
    vec![made().mdoc_request.to_bytes()]
}

pub fn mdoc_responses() -> Vec<Vec<u8>> {
    vec![made().mdoc_response.to_bytes()]
}

pub fn mdoc_sessions() -> Vec<Vec<u8>> {
    let [device, reader] = ["device", "reader"].map(|name| key_on(Curve::P256, name).public_key());
    let (engagement, reader_key) = (Engagement::make(&device, None), KeyBytes::of(&reader));
    let transcript = SessionTranscript::of_qr(&engagement, &reader_key).as_bytes().to_vec();
    let first = SessionEstablishment { reader_key, data: vec![7; 40] }.to_bytes();
    let later = SessionData { data: Some(vec![7; 40]), status: Some(20) }.to_bytes();
    vec![engagement.as_bytes().to_vec(), transcript, first, later]
}

pub fn status_lists() -> Vec<Vec<u8>> {
    let jwt = status_list(TokenForm::Jwt);
    let payload = str::from_utf8(&jwt).ok().and_then(|jwt| jwt.split('.').nth(1)).expect("a payload").to_owned();
    let payload = Base64UrlUnpadded::decode_vec(&payload).expect("base64url");
    let list = [&[1][..], &StatusList::make(1, 64).expect("a list").to_compressed()].concat();
    vec![made().status_list.bytes.clone(), made().status_list.payload(), jwt, payload, list]
}

fn status_list(form: TokenForm) -> Vec<u8> {
    let mut list = StatusList::make(2, 32).expect("a list");
    list.set(5, 1).expect("an entry");
    let uri = "https://id.example/lists/1".to_owned();
    let (expires, time_to_live) = (Some(NOW + 86_400), Some(43_200));
    let claims = StatusListClaims { uri, issued_at: NOW, expires, time_to_live, list };
    claims.sign(form, b"desk-1", &key_of("issuer")).expect("signed")
}

/// A JWT with this payload. Its signature does not hold: reading does not ask for that.
pub fn jwt_of(header: &str, payload: &[u8]) -> Vec<u8> {
    let [header, payload] = [header.as_bytes(), payload].map(Base64UrlUnpadded::encode_string);
    format!("{header}.{payload}.{}", "A".repeat(86)).into_bytes()
}

fn symmetric_key() -> SymmetricKey {
    SymmetricKey::new(Zeroizing::new(vec![7; 32]), None, None).expect("a key")
}

fn claim_169() -> Claim169 {
    const JSON: &str = r#"{"id": "3918592438", "full_name": "Amina Juma", "date_of_birth": {"$date": "1984-02-29"},
        "gender": "female", "address": "Nyarugusu, zone 4", "binary_image": {"$bytes": "_9j_4A"}}"#;
    let draft = claim169::Draft {
        valid_from: time::macros::date!(2026 - 01 - 01),
        valid_until: time::macros::date!(2027 - 12 - 31),
        issued_at: Some(NOW),
        claims: claims_of(JSON),
        status: Some(StatusReference { uri: "https://id.example/lists/1".to_owned(), index: 5 }),
    };
    claim169::issue(&draft, ISSUER, b"desk-1", &key_of("issuer")).expect("a card")
}

fn claims_of(json: &str) -> Claims {
    let serde_json::Value::Object(fields) = serde_json::from_str(json).expect("JSON") else { panic!("no object") };
    claims_from_json(&fields).expect("claims")
}

/// Text, token and claims of a card; a sealed one.
pub fn claim_169s() -> Vec<Vec<u8>> {
    let token = claim_169().to_bytes();
    let sealed = made().sealed(&token);
    vec![claim169::to_text(&token).into_bytes(), made().claim_169.payload(), token, sealed]
}

fn health() -> Vec<u8> {
    let text = |text: &str| Value::from(text);
    let entry = [("ma", "ORG-100030215"), ("ci", "URN:UVCI:01:TZ:187/37512422923"), ("dt", "2021-02-18")];
    let entry = Value::Map(entry.map(|(name, value)| (text(name), text(value))).into());
    let name = Value::Map([("fn", "Juma"), ("gn", "Amina")].map(|(name, value)| (text(name), text(value))).into());
    let dose = vec![entry];
    let content = [(text("v"), dose.into()), (text("nam"), name), (text("dob"), text("1984-02-29"))];
    let certificate = Value::map([(1_i64.into(), Value::Map(content.into()))]);
    let claims = [(1_i64.into(), text("TZ")), (4_i64.into(), (NOW + 86_400).into()), ((-260_i64).into(), certificate)];
    let headers = [(label::KID.into(), Value::from(&[7_u8; 8][..]))];
    let signed = Sign1::sign_of_old(headers, Value::map(claims).to_bytes(), b"", &key_of("issuer"));
    signed.expect("signed").to_bytes()
}

pub fn health_certificates() -> Vec<Vec<u8>> {
    let text = format!("HC1:{}", claim169::to_text(&health()));
    vec![text.into_bytes(), health(), made().health.payload()]
}

/// The same card, or response, with digests that fit its items: none where it has no such shape.
pub fn mdoc_of(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut value = cbor::parse(bytes).ok()?;
    match field(&mut value, "documents") {
        Some(Value::Array(documents)) => {
            for document in documents {
                fit_digests(field(document, "issuerSigned")?)?;
            }
        }
        Some(_) => return None,
        None => fit_digests(&mut value)?,
    }
    Some(value.to_bytes())
}

fn fit_digests(issuer_signed: &mut Value) -> Option<()> {
    let spaces = issuer_signed.get("nameSpaces")?.as_map()?;
    let digests_of = |items: &Value| {
        let digest = |item: &Value| {
            let Value::Encoded(item) = item else { return None };
            let number = cbor::parse(item.content()).ok()?.get("digestID")?.clone();
            Some((number, Value::from(&sha256(item.as_bytes())[..])))
        };
        Some(Value::Map(items.as_array()?.iter().map(digest).collect::<Option<_>>()?))
    };
    let digests = spaces.iter().map(|(name, items)| Some((name.clone(), digests_of(items)?)));
    let digests = Value::Map(digests.collect::<Option<_>>()?);
    let Some(Value::Array(parts)) = field(issuer_signed, "issuerAuth") else { return None };
    let Some(Value::Bytes(payload)) = parts.get_mut(2) else { return None };
    let Ok(Value::Encoded(object)) = cbor::parse(payload) else { return None };
    let mut object = cbor::parse(object.content()).ok()?;
    *field(&mut object, "valueDigests")? = digests;
    *payload = Encoded::of_value(&object).as_bytes().to_vec();
    Some(())
}

fn field<'a>(map: &'a mut Value, name: &str) -> Option<&'a mut Value> {
    let Value::Map(entries) = map else { return None };
    entries.iter_mut().find(|(key, _)| key.as_text() == Some(name)).map(|(_, value)| value)
}

pub fn certificates() -> Vec<Vec<u8>> {
    let der = |certificate: &Certificate| certificate.to_bytes().to_vec();
    let line = Base64::encode_string(made().root.to_bytes());
    let lines: Vec<_> = line.as_bytes().chunks(64).map(String::from_utf8_lossy).collect();
    let pem = format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", lines.join("\n"));
    vec![der(&made().root), der(&made().signer), pem.into_bytes()]
}

fn certificate(name: &str) -> CertificateDraft {
    certificate_draft(name, (NOW - 86_400, NOW + 86_400 * 365))
}

pub fn shares() -> Vec<Vec<u8>> {
    let chance = Chance::new("share");
    let shares = RecoveryKey::make(&chance).expect("chance").split(2, 3, &chance).expect("shares");
    let words = shares[0].words().as_bytes().to_vec();
    vec![words, shares[1].to_bytes().to_vec(), share_to_text(&shares[2]).as_bytes().to_vec()]
}

/// Chance that is the same each time.
pub struct Chance(Mutex<Rng>);

impl Chance {
    pub fn new(name: &str) -> Self {
        Self(Mutex::new(Rng::new(0, name, 0)))
    }
}

impl Entropy for Chance {
    fn fill(&self, out: &mut [u8]) -> Result<(), PortError> {
        let mut rng = self.0.lock().map_err(|_| PortError::Unavailable)?;
        out.fill_with(|| rng.below(256) as u8);
        Ok(())
    }
}

fn secret_of(name: &str) -> Zeroizing<[u8; 32]> {
    let mut secret = Zeroizing::new([0; 32]);
    Chance::new(name).fill(&mut *secret).expect("chance");
    secret
}

fn key_of(name: &str) -> SigningKey {
    key_on(Curve::Ed25519, name)
}

fn key_on(curve: Curve, name: &str) -> SigningKey {
    SigningKey::from_secret(curve, &secret_of(name)).expect("a secret")
}

fn payload(message: &[u8]) -> Vec<u8> {
    Sign1::from_value(without_tag(message)).expect("a message").payload().to_vec()
}

/// The protected headers of a message, without the algorithm, which signing adds.
fn headers(message: &[u8]) -> Vec<(Value, Value)> {
    let Value::Tag(_, parts) = without_tag(message) else { panic!("untagged") };
    let protected = parts.as_array().and_then(|parts| parts[0].as_bytes()).expect("a COSE_Sign1");
    let Ok(Value::Map(mut entries)) = cbor::parse(protected) else { panic!("no headers") };
    entries.retain(|(key, _)| *key != label::ALG.into());
    entries
}

/// A message, without the tag of a CWT around it.
fn without_tag(message: &[u8]) -> Value {
    match cbor::parse(message).expect("a message") {
        Value::Tag(TAG_CWT, inner) => *inner,
        whole => whole,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use amana_core::credential::sd_jwt::SdJwtKb;

    #[test]
    fn what_is_taken_apart_is_put_together_as_it_was() {
        let proof = &made().jwt_proof;
        assert_eq!(
            SdJwtKb::parse(&sd_jwt_of(&parts_of(proof), true)).map(|shown| shown.card().all_claims().clone()),
            SdJwtKb::parse(proof).map(|shown| shown.card().all_claims().clone())
        );
        for bytes in [mdocs(), mdoc_responses()].concat() {
            assert_eq!(mdoc_of(&bytes), Some(bytes));
        }
    }
}
