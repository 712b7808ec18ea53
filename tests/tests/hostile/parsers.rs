//! Every parser of untrusted bytes, with valid samples that the real code made.

use crate::shapes;
use amana_core::backup::{RecoveryKey, Share, age};
use amana_core::cose::cbor::{self, Value};
use amana_core::cose::cwt::{CNF_COSE_KEY, claim, parse_full_date};
use amana_core::cose::label;
use amana_core::cose::{Encrypt0, Sign1, key};
use amana_core::credential::claim169::{self, Parsed};
use amana_core::credential::enrolment::{Enrolment, Offer};
use amana_core::credential::health::HealthCertificate;
use amana_core::credential::sd_cwt::{KeyBinding, SdCwt};
use amana_core::credential::sd_jwt::{self, SdJwt, SdJwtKb};
use amana_core::credential::{Binding, ClaimPath, Credential, Presentation as _, claims_from_json};
use amana_core::crypto::seal::{self, Ephemeral, Use};
use amana_core::crypto::{Cipher, Curve, SigningKey, SymmetricKey, key_file, sha256};
use amana_core::issuer::CardDraft;
use amana_core::jose::Jws;
use amana_core::json;
use amana_core::ports::OsEntropy;
use amana_core::presentation::{Request, response};
use amana_core::qr::{Collector, Frames, Kind, armour};
use amana_core::trust::status_list::{StatusListClaims, TokenForm};
use amana_core::trust::{Anchor, Bundle, Registration, Standing, StatusList, StatusListToken};
use amana_core::verifier::{OpenRequest, Verifier};
use amana_core::wallet::{Backup, CardId, EntryId, HolderKeys, read_share, share_to_text};
use amana_tests::{CARD_JSON, PURPOSE, RICH_JSON, World, ask, claim as path};
use base64ct::{Base64, Base64UrlUnpadded, Encoding as _};
use miniz_oxide::deflate::{compress_to_vec, compress_to_vec_zlib};
use serde_json::{Map, Value as Json};

type Dress<'a> = Box<dyn Fn(&[u8]) -> Vec<u8> + 'a>;
type Parse<'a> = Box<dyn Fn(&[u8]) -> bool + 'a>;

/// A parser, what it is fed, and how.
pub struct Parser<'a> {
    pub name: &'static str,
    pub samples: Vec<Vec<u8>>,
    /// Puts what was mutated to where the parser finds it: under a signature that holds, inside of a seal.
    pub dress: Dress<'a>,
    /// What weighs the most for its length, by name; dressed as the samples are.
    pub heavy: Vec<(String, Vec<u8>)>,
    /// Among how many entries of the table its mutations are shared: sealing takes its time.
    pub share: u64,
    /// Whether it is taken.
    pub parse: Parse<'a>,
}

impl<'a> Parser<'a> {
    pub fn new(name: &'static str, samples: Vec<Vec<u8>>, parse: impl Fn(&[u8]) -> bool + 'a) -> Self {
        let dress = Box::new(|bytes: &[u8]| bytes.to_vec());
        Self { name, samples, dress, heavy: Vec::new(), share: 1, parse: Box::new(parse) }
    }

    pub fn dressed(mut self, dress: impl Fn(&[u8]) -> Vec<u8> + 'a) -> Self {
        self.dress = Box::new(dress);
        self
    }

    /// Parsers of text get text.
    pub fn of_text(name: &'static str, samples: &[&str], parse: impl Fn(&str) -> bool + 'a) -> Self {
        let samples = samples.iter().map(|sample| sample.as_bytes().to_vec()).collect();
        let parse = move |bytes: &[u8]| parse(str::from_utf8(bytes).expect("dressed as text"));
        Self::new(name, samples, parse).dressed(|bytes| String::from_utf8_lossy(bytes).into_owned().into_bytes())
    }

    pub fn weighed(self, heavy: Vec<(String, Vec<u8>)>) -> Self {
        Self { heavy, ..self }
    }

    pub fn shared(self, share: u64) -> Self {
        Self { share, ..self }
    }
}

/// Who is there, and what they made.
pub struct Cast {
    world: World,
    verifier: Verifier,
    verifier_key: SigningKey,
    open: OpenRequest,
    /// A request whose key to open answers the test has.
    reader: Ephemeral,
    request: Vec<u8>,
    request_hash: [u8; 32],
    unregistered: Vec<u8>,
    registration: Registration,
    holder_key: SigningKey,
    cards: Vec<SdCwt>,
    proof: KeyBinding,
    binding: Binding,
    offer: Vec<u8>,
    enrolment: Vec<u8>,
    bundle: Vec<u8>,
}

/// A paper ID with one of every kind of field.
const PAPER_JSON: &str = r#"{"id": "3918592438", "full_name": "Amina Juma", "date_of_birth": "19840229", "gender": 2,
    "binary_image": {"$bytes": "_9j_4A"}, "best_quality_fingers": [1, 6], "30": {"more": [true, 1.5]}}"#;

/// The contexts under which `docs/exchange.md` has each kind signed.
const REQUEST: &[u8] = b"amana/1 request";
const REGISTRATION: &[u8] = b"amana/1 registration";
const BUNDLE: &[u8] = b"amana/1 bundle";
const ENROLMENT: &[u8] = b"amana/1 enrolment";

fn sd_cwt_of(card: &dyn Credential) -> SdCwt {
    SdCwt::parse(&card.to_bytes()).expect("an SD-CWT")
}

pub fn with_world(test: impl FnOnce(&Cast)) {
    let world = World::new();
    let make = || SigningKey::make(&OsEntropy).expect("randomness");
    let (verifier_key, holder_key) = (make(), make());
    let registration = world.registration_for(&verifier_key);
    let own_key = SigningKey::from_secret(Curve::Ed25519, &verifier_key.expose_secret()).expect("a seed");
    let verifier = world.verifier_with(own_key, Some(registration.clone()));
    let asks = ["household.family_size", "address.district"].map(ask);
    let open = verifier.request(PURPOSE, &asks).expect("a request");

    let reader = Ephemeral::make(&OsEntropy).expect("randomness");
    let reply_to = reader.public_key();
    let request = Request::make(&verifier_key, Some(&registration), [1; 16], 0, PURPOSE, &asks, reply_to);
    let request = request.expect("a request");
    let unregistered = Request::make(&make(), None, [1; 16], 0, PURPOSE, &asks, reply_to).expect("a request");

    let issue = |json| {
        let draft = CardDraft::from_json(json).expect("a draft");
        let offer = world.desk.offer(&draft.card_type, 3600).expect("an offer");
        let enrolment = Enrolment::make(&offer, &holder_key, reply_to).unwrap();
        let applicant = world.desk.accept(enrolment.bytes()).expect("an applicant");
        (
            offer.to_bytes(),
            enrolment.bytes().to_vec(),
            sd_cwt_of(&*world.desk.issue(draft, applicant).expect("a card").card),
        )
    };
    let (offer, enrolment, plain) = issue(CARD_JSON);
    let (_, _, rich) = issue(RICH_JSON);
    let part = sd_cwt_of(&*plain.select(&[path("household.family_size"), path("address")]).expect("a part"));
    let proof = KeyBinding::sign(part.clone(), request.binding(), &holder_key, &OsEntropy).expect("a proof");
    let bundle = world.bundle.sign(&world.anchor).unwrap();
    test(&Cast {
        request: request.bytes().to_vec(),
        request_hash: *request.hash(),
        binding: request.binding(),
        unregistered: unregistered.bytes().to_vec(),
        cards: vec![plain, rich, part],
        world,
        verifier,
        verifier_key,
        open,
        reader,
        registration,
        holder_key,
        proof,
        offer,
        enrolment,
        bundle,
    });
}

fn payload(message: &[u8]) -> Vec<u8> {
    Sign1::parse(message).expect("a sample").payload().to_vec()
}

/// The protected headers of a message, without the algorithm, which signing adds.
fn headers(message: &[u8]) -> Vec<(Value, Value)> {
    let value = cbor::parse(message).expect("a sample");
    let Value::Tag(_, parts) = value else { panic!("untagged") };
    let protected = parts.as_array().and_then(|parts| parts[0].as_bytes()).expect("a COSE_Sign1");
    let Value::Map(mut entries) = cbor::parse(protected).expect("headers") else { panic!("no map") };
    entries.retain(|(key, _)| *key != label::ALG.into());
    entries
}

/// The same message with another payload, signed as its maker signs.
fn signed_again<'a>(message: &[u8], context: &'static [u8], key: &'a SigningKey) -> Dress<'a> {
    let headers = headers(message);
    Box::new(move |payload| Sign1::sign(headers.clone(), payload.to_vec(), context, key).unwrap().to_bytes())
}

fn padded(deflated: &[u8]) -> Vec<u8> {
    let mut bytes = (deflated.len() as u32).to_be_bytes().to_vec();
    bytes.extend_from_slice(deflated);
    bytes.resize(bytes.len().max(1032), 0);
    bytes
}

/// A card of these claims and disclosures, for the holder's key.
fn card_of(cast: &Cast, mut claims: Vec<(Value, Value)>, disclosures: &[Vec<u8>]) -> Sign1 {
    let cnf = Value::map([(CNF_COSE_KEY.into(), key::to_value(&cast.holder_key.public_key()))]);
    claims.push((claim::CNF.into(), cnf));
    let headers = headers(&cast.cards[0].to_bytes());
    let mut card = Sign1::sign(headers, Value::Map(claims).to_bytes(), &[], &cast.holder_key).unwrap();
    card.unprotected = shapes::disclosed(disclosures);
    card
}

/// A card that discloses one thing, whatever it is.
fn card_with(cast: &Cast, disclosure: &[u8]) -> Vec<u8> {
    let disclosures = [disclosure.to_vec()];
    card_of(cast, vec![shapes::digests_of(&disclosures)], &disclosures).to_bytes()
}

/// A presentation of a card, signed as its holder signs, with as much beside it as is told.
fn proof_of(cast: &Cast, card: &Sign1, [protected, unprotected, claims]: [usize; 3]) -> Vec<u8> {
    let proof = cast.proof.to_bytes();
    let mut headers = headers(&proof);
    headers.retain(|(key, _)| *key != label::KCWT.into());
    headers.extend([(label::KCWT.into(), card.to_value()), shapes::named(shapes::zeros(protected))]);
    let Ok(Value::Map(mut payload)) = cbor::parse(&payload(&proof)) else { panic!("claims are a map") };
    payload.push(shapes::named(shapes::zeros(claims)));
    let mut proof = Sign1::sign(headers, Value::Map(payload).to_bytes(), &[], &cast.holder_key).unwrap();
    proof.unprotected = Value::map([(1001_i64.into(), shapes::zeros(unprotected))]);
    proof.to_bytes()
}

/// A list that is these bytes, with other claims beside it.
fn list_as_cwt(lst: &[u8], beside: Vec<(Value, Value)>, key: &SigningKey) -> Vec<u8> {
    let list = Value::map([("bits".into(), 8_u64.into()), ("lst".into(), lst.into())]);
    let claims =
        [(claim::SUB.into(), "u".into()), (claim::IAT.into(), 1_u64.into()), (claim::STATUS_LIST.into(), list)];
    let payload = Value::map(claims.into_iter().chain(beside)).to_bytes();
    let headers = [(label::TYP.into(), "application/statuslist+cwt".into())];
    Sign1::sign(headers, payload, &[], key).unwrap().to_bytes()
}

fn list_as_jwt(claims: &[u8], key: &SigningKey) -> Vec<u8> {
    Jws::sign_bytes([("typ", "statuslist+jwt".into())], claims, key).unwrap().to_text().into_bytes()
}

fn disclosures(card: &SdCwt) -> Vec<Vec<u8>> {
    let list = card.signed().unprotected.get(label::SD_CLAIMS).and_then(Value::as_array).expect("disclosures");
    // Only those of map entries stand at the top level of another card.
    let is_of_claim =
        |bytes: &&[u8]| cbor::parse_claims(bytes).is_ok_and(|d| d.as_array().is_some_and(|d| d.len() != 2));
    list.iter().filter_map(Value::as_bytes).filter(is_of_claim).map(<[u8]>::to_vec).collect()
}

/// Paper IDs and health certificates: what anybody's camera may find on a wall.
fn papers(cast: &Cast) -> Vec<Parser<'_>> {
    let symmetric = || SymmetricKey::new(vec![7; 32].into(), None, None).expect("a key");
    let draft = claim169::Draft {
        valid_from: time::macros::date!(2026 - 01 - 01),
        valid_until: time::macros::date!(2027 - 12 - 31),
        issued_at: Some(amana_tests::NOW),
        claims: claims_from_json(serde_json::from_str(PAPER_JSON).as_ref().expect("an object")).expect("claims"),
        status: None,
    };
    let card = claim169::issue(&draft, amana_tests::ISSUER, b"desk-1", &cast.holder_key).expect("a card");
    let seal = move |plaintext: &[u8]| {
        Encrypt0::seal(plaintext, &[], &symmetric(), Cipher::A256Gcm, &OsEntropy).expect("sealed").to_bytes()
    };
    let token = card.to_bytes();
    let Ok(Value::Tag(_, signed)) = cbor::parse(&token) else { panic!("untagged") };
    let signed = signed.to_bytes();
    let (sealed, claims) = (seal(&signed), payload(&signed));
    let texts = [&token, &sealed, &claims].map(|token| claim169::to_text(token));
    let content = Value::Map(vec![("nam".into(), Value::Map(vec![("fn".into(), "Juma".into())]))]);
    let health = Value::Map(vec![((-260_i64).into(), Value::Map(vec![(1_i64.into(), content)]))]);
    let health = Sign1::sign_of_old([], health.to_bytes(), &[], &cast.holder_key).expect("signed").to_bytes();
    let health_text = format!("HC1:{}", claim169::to_text(&health));
    let is_card = || {
        let key = [symmetric()];
        move |bytes: &[u8]| matches!(claim169::parse_with(bytes, &key), Ok(Parsed::Card(_)))
    };
    let under_signature = signed_again(&signed, &[], &cast.holder_key);
    let deflated = |plain: &[u8]| {
        let text = armour::to_text(Kind::Card, &compress_to_vec_zlib(plain, 1));
        text.as_bytes()[armour::PREFIX_LEN..].to_vec()
    };
    let is_token = |text: &str| claim169::from_text(text).is_ok();
    let key = [symmetric()];
    vec![
        Parser::of_text("claim169::from_text", &texts.each_ref().map(String::as_str), is_token),
        Parser::new("claim169::from_text, inflated", vec![token.clone(), claims.clone()], move |text| {
            str::from_utf8(text).is_ok_and(is_token)
        })
        .dressed(deflated),
        Parser::new("claim169::parse_with", vec![token, sealed.clone(), claims.clone()], is_card()),
        Parser::new("claim169::parse_with, the claims", vec![claims], is_card()).dressed(under_signature),
        Parser::new("claim169::parse_with, rightly sealed", vec![signed], is_card()).dressed(seal).shared(2),
        Parser::new("Encrypt0::open", vec![sealed], move |bytes| {
            Encrypt0::parse(bytes).is_ok_and(|sealed| matches!(sealed.open(&[], &key), Ok(Some(_))))
        }),
        Parser::of_text("HealthCertificate::from_text", &[&health_text], |text| {
            HealthCertificate::from_text(text).is_ok()
        }),
        Parser::new("HealthCertificate::parse", vec![health], |bytes| HealthCertificate::parse(bytes).is_ok()),
        Parser::of_text("key_file::parse_symmetric", &[OCT_JWK], |text| key_file::parse_symmetric(text).is_ok()),
    ]
}

pub fn parsers(cast: &Cast) -> Vec<Parser<'_>> {
    own_parsers(cast).into_iter().chain(papers(cast)).collect()
}

fn own_parsers(cast: &Cast) -> Vec<Parser<'_>> {
    let world = &cast.world;
    let cards: Vec<_> = cast.cards.iter().map(SdCwt::to_bytes).collect();
    let registration = cast.registration.to_bytes();
    let proof = cast.proof.to_bytes();
    let requests = vec![cast.request.clone(), cast.unregistered.clone()];
    let messages = [&cards[..], &requests, &[proof.clone(), cast.bundle.clone(), cast.enrolment.clone()]].concat();
    let keys: Vec<_> = [
        key::to_value(&cast.holder_key.public_key()),
        key::to_named_value(&cast.holder_key.public_key(), b"desk-1"),
        p256_key(true),
        p256_key(false),
    ]
    .iter()
    .map(Value::to_bytes)
    .collect();
    let anchor = Anchor::new(world.anchor.public_key());
    let private_pem = key_file::private_pem(&cast.holder_key).expect("PEM");
    let public_pem = key_file::public_pem(&cast.holder_key.public_key()).expect("PEM");
    let jwk = key_file::private_jwk(&cast.holder_key, Some("desk-1"));
    let armoured = [(Kind::Card, &cards[0]), (Kind::Request, &cast.request), (Kind::Bundle, &cast.bundle)];
    let armoured = armoured.map(|(kind, bytes)| armour::to_text(kind, bytes));
    let armoured: Vec<_> = armoured.iter().map(String::as_str).collect();
    let frames = Frames::new(Kind::Card, &[7; 1500]).expect("three frames");
    let frames: Vec<String> = [0, 2, 1].map(|index| frames.text(index)).to_vec();
    let texts: Vec<_> = frames.iter().map(String::as_str).collect();
    let frame_bytes = armour::parse(&frames[2].replace("AM1F:", "AM1C:")).expect("its bytes in base45").1;
    let frame_bytes = frame_bytes[..frame_bytes.len() - 4].to_vec();
    let answer = Value::Array(vec![Value::Array(vec![1_u64.into(), proof.clone().into()])]).to_bytes();
    let answers = vec![answer.clone(), Value::Array(Vec::new()).to_bytes()];
    let plaintexts: Vec<_> = answers.iter().map(|answer| padded(&compress_to_vec(answer, 9))).collect();
    let seal_for = |reader: [u8; 32], hash: [u8; 32]| {
        move |inside: &[u8]| seal::seal_to(&reader, Use::Response, &hash, inside, &OsEntropy).expect("sealed")
    };
    let seal_to_open = seal_for(*cast.open.request().reply_to(), *cast.open.request().hash());
    let seal_to_reader = seal_for(cast.reader.public_key(), cast.request_hash);
    let open = |bytes: &[u8]| response::open(&cast.reader, &cast.request_hash, bytes).is_ok();
    // The proof is for another request, so that judging it uses up nothing.
    let judged: Vec<_> = plaintexts.iter().map(|inside| seal_to_open(inside)).collect();
    let session = cast.open.to_session().expect("open").to_vec();
    let key = RecoveryKey::make(&OsEntropy).expect("randomness");
    let (passphrase, written) = (key.passphrase(), key.split(2, 3, &OsEntropy).expect("shares"));
    let backup = |len| age::seal(&vec![0; len], &passphrase, 1, &OsEntropy).expect("sealed");
    let backups = vec![backup(0), backup(100), age_armour(&backup(100))];
    let header_end = backups[1].windows(5).position(|window| window == b"\n--- ").expect("a MAC") + 49;
    let (backup_header, backup_payload) = (backups[1][..header_end].to_vec(), backups[1][header_end..].to_vec());
    let heavy_backups = [("a long file", backup(170_000)), ("a long file in armour", age_armour(&backup(170_000)))];
    let heavy_backups = heavy_backups.map(|(name, file)| (name.to_owned(), file)).to_vec();
    let words: Vec<_> = written.iter().map(Share::words).collect();
    let words: Vec<&str> = words.iter().map(|words| words.as_str()).collect();
    let shares = written.iter().map(|share| share.to_bytes().to_vec()).collect();
    let open_backup = || {
        let passphrase = key.passphrase();
        move |file: &[u8]| age::open_within(file, &passphrase, MOST_LOG_N).is_ok()
    };
    let document = {
        let holder = &world.holder;
        let declined = cast.open.text();
        holder.receive(declined.as_bytes()).expect("a request").decline().expect("declined");
        let plan = holder.plan_backup(HolderKeys::IncludeSoftwareKeys).expect("a plan");
        let plain = age::open(&plan.seal(&passphrase).expect("sealed"), &passphrase).expect("opened");
        plain.trim_ascii_end().to_vec()
    };
    let heavy_documents = ["[],", "{},", "0,", "\"\","].map(|small| {
        // As many as a document of its length may have, in a field that nobody reads.
        let whole = str::from_utf8(&document).expect("JSON").strip_suffix("}").expect("an object");
        let more = format!("{whole}, \"more\": [{}]}}", small.repeat(3000).trim_end_matches(','));
        (format!("many {small}"), [more.into_bytes(), vec![b' '; 3000 * 3 * 24]].concat())
    });
    let heavy_json = shapes::heavy_json().map(|(name, text)| (name.to_owned(), text.into_bytes())).to_vec();
    let json_texts = [JOSE_HEADER, r#"{"alg":"ES256","":[null,true,-7,1.5e3,"\u00e9",{},[]]}"#];
    let json_texts: Vec<_> = json_texts.iter().map(|text| text.as_bytes().to_vec()).collect();
    let jwt_card = {
        let draft = CardDraft::from_json(RICH_JSON).expect("a draft");
        let holder = cast.holder_key.public_key();
        sd_jwt::issue(&draft, "iss", Some(&holder), b"k", &[], &cast.holder_key, &OsEntropy).expect("a card")
    };
    let jws = jwt_card.signed().to_text();
    let jwt_proof = jwt_card.present(&cast.binding, Some(&cast.holder_key), 0, &OsEntropy).expect("a proof");
    let jwt_claims = jwt_card.signed().payload().to_vec();
    let jwt_text = jwt_card.to_text();
    let jwt_disclosures = jwt_text.split('~').skip(1).filter_map(|text| Base64UrlUnpadded::decode_vec(text).ok());
    // Only those of members stand at the top level of another card.
    let is_of_member =
        |text: &Vec<u8>| json::parse(text).is_ok_and(|parts| parts.as_array().is_some_and(|parts| parts.len() == 3));
    let jwt_disclosures = jwt_disclosures.filter(is_of_member).collect();
    let jwt_cards = vec![jwt_card.to_bytes(), jwt_in_json(&jwt_card.to_text())];
    let jwt_proofs = vec![jwt_proof.clone(), jwt_in_json(str::from_utf8(&jwt_proof).expect("text"))];
    let is_jwt_card = |bytes: &[u8]| SdJwt::parse(bytes).is_ok();
    let heavy_jwt_cards: Vec<_> =
        shapes::heavy_jwts().into_iter().map(|jwt| (jwt.name, jwt_of(&jwt.claims, &jwt.disclosures))).collect();
    let (_, jwt_proof_alone) = str::from_utf8(&jwt_proof).ok().and_then(|text| text.rsplit_once('~')).expect("a proof");
    let with_proof = |(name, card): &(String, Vec<u8>)| (name.clone(), [card, jwt_proof_alone.as_bytes()].concat());
    let heavy_jwt_proofs = heavy_jwt_cards.iter().map(with_proof).collect();
    let (seal_document, open_document) = (key.passphrase(), key.passphrase());
    let is_card = |bytes: &[u8]| SdCwt::parse(bytes).is_ok();
    let weigh = |card: shapes::Card| (card.name, card_of(cast, card.claims, &card.disclosures));
    let heavy: Vec<_> = shapes::heavy_cards().into_iter().map(weigh).collect();
    let heavy_cards: Vec<_> = heavy.iter().map(|(name, card)| (name.clone(), card.to_bytes())).collect();
    let heavy_proofs = heavy.iter().map(|(name, card)| (name.clone(), proof_of(cast, card, [0; 3])));
    let heaped =
        heavy.iter().map(|(name, card)| (format!("{name}, and more"), proof_of(cast, card, [1900, 2000, 16_000])));
    let heavy_proofs: Vec<_> = heavy_proofs.chain(heaped).collect();

    let armoured_bytes = armoured.iter().map(|text| text.as_bytes().to_vec()).chain([cards[0].clone()]).collect();
    let seal_answer = move |seal: &dyn Fn(&[u8]) -> Vec<u8>, answer: &[u8]| seal(&padded(&compress_to_vec(answer, 1)));
    let is_vouched_for = |registration: Registration| {
        registration.standing(Some(&world.bundle), amana_tests::NOW) != Standing::Unvouched
    };
    let mut list = StatusList::make(2, 2000).expect("a list");
    (0..2000).step_by(7).for_each(|index| list.set(index, (index % 4) as u8).expect("it fits"));
    let compressed = list.to_compressed();
    let list_claims = StatusListClaims {
        uri: "https://id.example/status/1".to_owned(),
        issued_at: amana_tests::NOW,
        expires: Some(amana_tests::NOW + 86_400),
        time_to_live: Some(3600),
        list,
    };
    let lists = [TokenForm::Cwt, TokenForm::Jwt].map(|form| list_claims.sign(form, b"k", &cast.holder_key).unwrap());
    let list_claims =
        Base64UrlUnpadded::decode_vec(str::from_utf8(&lists[1]).unwrap().split('.').nth(1).unwrap()).unwrap();
    // The most there may be from the fewest bytes, more than that, and with as much beside it as is read.
    let heavy_lists: Vec<_> =
        [(1 << 20, 0), (1 << 20, 240), ((1 << 20) + 1, 0), (1 << 26, 0), (1 << 17, 0), (700_000, 240)]
            .into_iter()
            .flat_map(|(len, beside)| {
                let lst = compress_to_vec_zlib(&vec![0; len], 10);
                let beside_cbor = vec![(1000_i64.into(), Value::Array(vec![Value::Array(Vec::new()); beside]))];
                let beside_json = vec!["[]"; beside].join(",");
                let text = Base64UrlUnpadded::encode_string(&lst);
                let claims = format!(
                    r#"{{"sub":"u","iat":1,"status_list":{{"bits":8,"lst":"{text}"}},"more":[{beside_json}]}}"#
                );
                [
                    (
                        format!("{len} zeros in a CWT, {beside} beside"),
                        list_as_cwt(&lst, beside_cbor, &cast.holder_key),
                    ),
                    (
                        format!("{len} zeros in a JWT, {beside} beside"),
                        list_as_jwt(claims.as_bytes(), &cast.holder_key),
                    ),
                ]
            })
            .collect();
    let is_list = |bytes: &[u8]| StatusListToken::parse(bytes).and_then(StatusListToken::into_claims).is_ok();
    let is_bundle = move |bytes: &[u8]| Bundle::verify(bytes, &anchor).is_ok();
    let is_proof = |bytes: &[u8]| KeyBinding::parse(bytes).is_ok_and(|proof| proof.verify_signature().is_ok());
    let claims: Vec<_> = cards[..2].iter().map(|card| payload(card)).collect();

    vec![
        Parser::new("cbor::parse", messages.clone(), |bytes| cbor::parse(bytes).is_ok()),
        Parser::new("cbor::parse_claims", [claims.clone(), disclosures(&cast.cards[1])].concat(), |bytes| {
            cbor::parse_claims(bytes).is_ok()
        }),
        Parser::new("Sign1::parse", messages, |bytes| Sign1::parse(bytes).is_ok()),
        Parser::new("cose::key::parse", keys, |bytes| key::parse(bytes).is_ok()),
        Parser::new("SdCwt::parse", cards.clone(), is_card).weighed(heavy_cards),
        Parser::new("SdCwt::parse, the claims", claims, is_card).dressed(signed_again(
            &cards[0],
            &[],
            &cast.holder_key,
        )),
        Parser::new("SdCwt::parse, a disclosure", disclosures(&cast.cards[1]), is_card)
            .dressed(|disclosure| card_with(cast, disclosure)),
        Parser::new("KeyBinding::parse", vec![proof.clone()], is_proof).weighed(heavy_proofs.clone()),
        Parser::new("KeyBinding::parse, the claims", vec![payload(&proof)], is_proof).dressed(signed_again(
            &proof,
            &[],
            &cast.holder_key,
        )),
        Parser::new("Request::verify", requests, |bytes| Request::verify(bytes).is_ok()),
        Parser::new("Request::verify, rightly signed", vec![payload(&cast.request)], |bytes| {
            Request::verify(bytes).is_ok()
        })
        .dressed(signed_again(&cast.request, REQUEST, &cast.verifier_key)),
        Parser::new("Registration::parse", vec![registration.clone()], |bytes| Registration::parse(bytes).is_ok()),
        Parser::new("Registration::parse, rightly signed", vec![payload(&registration)], move |bytes| {
            Registration::parse(bytes).is_ok_and(is_vouched_for)
        })
        .dressed(signed_again(&registration, REGISTRATION, &world.registrar)),
        Parser::new("Bundle::verify", vec![cast.bundle.clone()], is_bundle.clone()),
        Parser::new("Bundle::verify, rightly signed", vec![payload(&cast.bundle)], is_bundle).dressed(signed_again(
            &cast.bundle,
            BUNDLE,
            &world.anchor,
        )),
        Parser::new("Offer::parse", vec![cast.offer.clone()], |bytes| Offer::parse(bytes).is_ok()),
        Parser::new("Enrolment::verify", vec![cast.enrolment.clone()], |bytes| Enrolment::verify(bytes).is_ok()),
        Parser::new("Enrolment::verify, rightly signed", vec![payload(&cast.enrolment)], |bytes| {
            Enrolment::verify(bytes).is_ok()
        })
        .dressed(signed_again(&cast.enrolment, ENROLMENT, &cast.holder_key)),
        Parser::new("StatusListToken", lists.to_vec(), is_list).weighed(heavy_lists),
        Parser::new("StatusListToken, the claims of a CWT", vec![payload(&lists[0])], is_list).dressed(signed_again(
            &lists[0],
            &[],
            &cast.holder_key,
        )),
        Parser::new("StatusListToken, the claims of a JWT", vec![list_claims], is_list)
            .dressed(|claims| list_as_jwt(claims, &cast.holder_key)),
        Parser::new("StatusListToken, the list", vec![compressed], is_list)
            .dressed(|lst| list_as_cwt(lst, Vec::new(), &cast.holder_key)),
        Parser::new("json::parse", json_texts.clone(), |bytes| json::parse(bytes).is_ok()).weighed(heavy_json),
        Parser::of_text("Jws::parse", &[&jws], |text| Jws::parse(text).is_ok()),
        Parser::new("Jws::parse, the header", vec![json_texts[0].clone()], |bytes| {
            Jws::parse(str::from_utf8(bytes).expect("dressed as text")).is_ok()
        })
        .dressed(|header| format!("{}.e30.eHk", encode(header)).into_bytes()),
        Parser::new("SdJwt::parse", jwt_cards.clone(), is_jwt_card).weighed(heavy_jwt_cards),
        Parser::new("SdJwt::parse, the claims", vec![jwt_claims], is_jwt_card).dressed(|claims| jwt_of(claims, &[])),
        Parser::new("SdJwt::parse, a disclosure", jwt_disclosures, is_jwt_card).dressed(jwt_with),
        Parser::new("SdJwtKb::parse", jwt_proofs, |bytes| {
            SdJwtKb::parse(bytes).map(|shown| shown.verify_signature()).is_ok()
        })
        .weighed(heavy_jwt_proofs),
        Parser::of_text("armour::parse", &armoured, |text| armour::parse(text).is_ok()),
        Parser::new("armour::read", armoured_bytes, |bytes| {
            armour::read(bytes, &[Kind::Card, Kind::Request, Kind::Bundle]).is_ok()
        }),
        Parser::of_text("key_file::parse", &[&private_pem, &public_pem, &jwk, P256_JWK], |text| {
            key_file::parse(text).is_ok()
        }),
        Parser::of_text("Collector::add", &texts, |text| Collector::new().add(text).is_ok()),
        Parser::new("Collector::add, its check right, after two of three", vec![frame_bytes], {
            let frames = frames.clone();
            move |bytes| {
                let mut collector = Collector::new();
                frames[..2].iter().for_each(|text| assert!(collector.add(text).is_ok()));
                collector.add(str::from_utf8(bytes).expect("dressed as text")).is_ok()
            }
        })
        .dressed(|frame| {
            let checked = [frame, &sha256(frame)[..4]].concat();
            armour::to_text(Kind::Card, &checked).replace("AM1C:", "AM1F:").into_bytes()
        }),
        Parser::of_text("CardDraft::from_json", &[CARD_JSON, RICH_JSON], |text| CardDraft::from_json(text).is_ok()),
        Parser::new("OpenRequest::judge", judged, |bytes| cast.open.judge(bytes).is_ok()).shared(2),
        Parser::new("OpenRequest::judge, rightly sealed", answers.clone(), |bytes| cast.open.judge(bytes).is_ok())
            .dressed(move |answer| seal_answer(&seal_to_open, answer))
            .shared(2),
        Parser::new("response::open, the padding", plaintexts, open).dressed(seal_to_reader).shared(3),
        Parser::new("response::open, the answer", answers, open)
            .dressed(move |answer| seal_answer(&seal_to_reader, answer))
            .shared(3),
        Parser::new("response::open, a token in the answer", vec![proof], open)
            .dressed(move |token| {
                let answer = Value::Array(vec![Value::Array(vec![1_u64.into(), token.into()])]);
                seal_answer(&seal_to_reader, &answer.to_bytes())
            })
            .weighed(heavy_proofs)
            .shared(3),
        Parser::new("Verifier::resume", vec![session], |bytes| cast.verifier.resume(bytes).is_ok()),
        Parser::of_text("CardId::parse", &[&world.card.to_string()], |text| CardId::parse(text).is_ok()),
        Parser::of_text("EntryId::parse", &["0123456789abcdef0123456789abcdef"], |text| EntryId::parse(text).is_ok()),
        Parser::of_text("read_share", &[&share_to_text(&written[0]), words[0]], |text| read_share(text).is_ok()),
        Parser::of_text("ClaimPath::parse", &["name", "address.city", "503.2", "-65537", "a.b.c.d.e.f.g"], |text| {
            ClaimPath::parse(text).is_ok()
        }),
        Parser::new("age::open_within", backups, open_backup()).weighed(heavy_backups).shared(2),
        Parser::new("age::open_within, the payload", vec![backup_payload], open_backup())
            .dressed(move |payload| [&backup_header[..], payload].concat())
            .shared(2),
        Parser::new("Backup::open, the document", vec![document], move |file| {
            Backup::open(file, &open_document).is_ok()
        })
        .dressed(move |inside| age::seal(inside, &seal_document, 1, &OsEntropy).expect("sealed"))
        .weighed(heavy_documents.to_vec())
        .shared(3),
        Parser::of_text("Share::parse", &words, |text| Share::parse(text).is_ok()),
        Parser::new("Share::from_bytes", shares, |bytes| Share::from_bytes(bytes).is_ok()),
        Parser::of_text("parse_full_date", &["1984-02-29", "2026-11-22"], |text| parse_full_date(text).is_ok()),
    ]
}

/// What a file may ask of scrypt here: 256 KiB. What it may ask of a phone would drown what is counted.
const MOST_LOG_N: u8 = 8;

fn age_armour(file: &[u8]) -> Vec<u8> {
    let text = Base64::encode_string(file);
    let lines: Vec<_> = text.as_bytes().chunks(64).collect();
    [&b"-----BEGIN AGE ENCRYPTED FILE-----"[..], &lines.join(&b'\n'), b"-----END AGE ENCRYPTED FILE-----"].join(&b'\n')
}

/// The key of RFC 9679 section 6, whole or compressed: its y is even.
fn p256_key(whole: bool) -> Value {
    let number = |text: &str| {
        let digits = |at| u8::from_str_radix(&text[at..at + 2], 16).expect("hex");
        Value::Bytes((0..text.len()).step_by(2).map(digits).collect())
    };
    let y = number("1e52ed75701163f7f9e40ddf9f341b3dc9ba860af7e0ca7ca7e9eecd0084d19c");
    Value::map([
        (1_i64.into(), 2_i64.into()),
        ((-1_i64).into(), 1_i64.into()),
        ((-2_i64).into(), number("65eda5a12577c2bae829437fe338701a10aaa375e1bb5b5de108de439c08551d")),
        ((-3_i64).into(), if whole { y } else { Value::FALSE }),
    ])
}

/// A JWK of both sides, as RFC 7517 appendix A.3 has it.
const OCT_JWK: &str = r#"{"kty":"oct","alg":"A128GCM","kid":"both","k":"AAECAwQFBgcICQoLDA0ODw"}"#;

/// The header of a token.
const JOSE_HEADER: &str = r#"{"alg":"EdDSA","typ":"dc+sd-jwt","kid":"desk-1","x5c":["MIIB","AAAA"]}"#;

fn encode(bytes: &[u8]) -> String {
    Base64UrlUnpadded::encode_string(bytes)
}

/// A card with these claims; a signature that does not hold is not what is tried here.
fn jwt_of(claims: &[u8], disclosures: &[Vec<u8>]) -> Vec<u8> {
    let header = br#"{"alg":"EdDSA","typ":"example+sd-jwt"}"#;
    let disclosures: String = disclosures.iter().map(|disclosure| format!("{}~", encode(disclosure))).collect();
    format!("{}.{}.eHk~{disclosures}", encode(header), encode(claims)).into_bytes()
}

/// A card that discloses one thing, whatever it is.
fn jwt_with(disclosure: &[u8]) -> Vec<u8> {
    jwt_of(&shapes::jwt_digests(&[disclosure.to_vec()]), &[disclosure.to_vec()])
}

/// The same in the flattened JSON serialisation (RFC 9901 section 8.2).
fn jwt_in_json(compact: &str) -> Vec<u8> {
    let (jwt, rest) = compact.split_once('~').expect("an SD-JWT");
    let (disclosures, proof) = rest.rsplit_once('~').expect("disclosures");
    let [protected, payload, signature] = jwt.split('.').collect::<Vec<_>>()[..] else { panic!("a JWT") };
    let mut header = Map::new();
    header.insert("disclosures".to_owned(), disclosures.split('~').collect());
    if !proof.is_empty() {
        header.insert("kb_jwt".to_owned(), proof.into());
    }
    let text = |name: &str, text: &str| (name.to_owned(), Json::from(text));
    let members = [text("protected", protected), text("payload", payload), text("signature", signature)];
    let members = members.into_iter().chain([("header".to_owned(), header.into())]);
    Json::Object(members.collect()).to_string().into_bytes()
}

/// RFC 7517 appendix A.1, for signatures.
const P256_JWK: &str = r#"{"kty":"EC","crv":"P-256","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
    "y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM","use":"sig","kid":"1"}"#;
