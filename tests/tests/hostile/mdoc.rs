//! The parsers of mdoc and of certificates.

use crate::parsers::Parser;
use crate::shapes;
use amana_core::cose::Sign1;
use amana_core::cose::cbor::{self, Encoded, Value};
use amana_core::cose::cwt::parse_date_time;
use amana_core::credential::mdoc::session::{
    Engagement, KeyBytes, SessionData, SessionEstablishment, SessionTranscript,
};
use amana_core::credential::mdoc::{
    AskedElement, DeviceRequest, DeviceResponse, Document, DocumentError, DocumentRequest, Mdoc, issue,
};
use amana_core::credential::{Binding, Claims, Credential as _, Presentation as _};
use amana_core::crypto::{Agree as _, AgreementKey, Curve, SigningKey, sha256};
use amana_core::issuer::CardDraft;
use amana_core::ports::OsEntropy;
use amana_core::x509::{Certificate, Profile, make_root, make_signer};
use amana_tests::{certificate_draft, claim as path};
use base64ct::{Base64, Encoding as _};

const SPACE: &str = "org.example.1";
const JSON: &str = r#"{
    "type": "org.iso.18013.5.1.mDL", "valid_from": "2026-01-01", "valid_until": "2027-12-31",
    "claims": {
        "org.iso.18013.5.1": {"family_name": "Juma", "birth_date": {"$date": "1984-02-29"}, "photo": {"$bytes": "_9j_4A"},
            "driving_privileges": [{"vehicle_category_code": "A"}]},
        "org.example.1": {"age_over_18": true, "height": 1.5}
    }
}"#;

/// 2025-12-01T00:00:00Z and 2028-01-01T00:00:00Z.
const DESK_TIME: (i64, i64) = (1_764_547_200, 1_830_297_600);

fn key() -> SigningKey {
    SigningKey::make_on(Curve::P256, &OsEntropy).expect("randomness")
}

/// An item that stands for what somebody put in its place.
fn item(number: u64, value: &Value) -> Vec<u8> {
    Value::Map(vec![
        ("digestID".into(), number.into()),
        ("random".into(), vec![7; 16].into()),
        ("elementIdentifier".into(), format!("element-{number}").into()),
        ("elementValue".into(), value.clone()),
    ])
    .to_bytes()
}

/// A card with these items, whatever is in them, rightly hashed and signed under `object` with their digests.
fn card_of(object: &Value, items: &[&[u8]], key: &SigningKey) -> Vec<u8> {
    let items: Vec<_> = items.iter().map(|item| Encoded::of(item)).collect();
    let number = |item: &Encoded| match cbor::parse(item.content()) {
        Ok(value) => value.get("digestID").and_then(Value::as_int).and_then(|n| u64::try_from(n).ok()).unwrap_or(0),
        Err(_) => 0,
    };
    let digest = |item: &Encoded| (number(item).into(), Value::from(&sha256(item.as_bytes())[..]));
    let digests = Value::Map(vec![(SPACE.into(), Value::Map(items.iter().map(digest).collect()))]);
    let mut fields = object.as_map().expect("a map").to_vec();
    fields
        .iter_mut()
        .filter(|(name, _)| *name == "valueDigests".into())
        .for_each(|(_, value)| *value = digests.clone());
    let payload = Encoded::of_value(&Value::Map(fields)).as_bytes().to_vec();
    let signed = Sign1::sign_of_old([], payload, &[], key).expect("signed");
    let items: Vec<_> = items.into_iter().map(Value::Encoded).collect();
    Value::Map(vec![
        ("nameSpaces".into(), Value::Map(vec![(SPACE.into(), items.into())])),
        ("issuerAuth".into(), signed.to_untagged_value()),
    ])
    .to_bytes()
}

/// Values that make a card as heavy as so many bytes can, as items of their own.
fn heavy_items() -> Vec<(String, Vec<u8>)> {
    type Make = fn(usize) -> Value;
    const MAKERS: [(&str, Make); 4] = [
        ("a list", shapes::zeros),
        ("a list of maps of one", |len| Value::Array(vec![Value::Map(vec![shapes::named(Value::NULL)]); len / 5])),
        ("a long text", |len| Value::Text("a".repeat(len))),
        ("groups of long names", |len| {
            let name = |n: usize| Value::Text(format!("{n:0>255}"));
            let innermost = Value::Map((0..len / 260).map(|n| (name(n), 0_u64.into())).collect());
            (0..6).fold(innermost, |inner, n| Value::Map(vec![(name(n), inner)]))
        }),
    ];
    let sized = |(name, make): &(&str, Make)| {
        [1000, 3900, 16_000, 60_000].map(|len| (format!("{name}, {len} bytes"), item(0, &make(len))))
    };
    MAKERS.iter().flat_map(sized).collect()
}

pub fn parsers<'a>() -> Vec<Parser<'a>> {
    let (root_key, signer_key, holder) = (key(), key(), key());
    let root = make_root(&certificate_draft("Utopia root", DESK_TIME), &root_key, &OsEntropy).expect("a root");
    let signer = certificate_draft("Utopia signer", DESK_TIME);
    let signer = make_signer(&signer, &signer_key.public_key(), Profile::DocumentSigner, &root, &root_key, &OsEntropy);
    let signer = signer.expect("a signer");
    let chain = [signer.clone(), root.clone()];
    let draft = CardDraft::from_json(JSON).expect("a draft");
    let card = issue(&draft, &holder.public_key(), &signer_key, &chain, &OsEntropy).expect("a card");
    let object = cbor::parse(cbor::content_of(card.signed().payload()).expect("encoded")).expect("an object");
    let issued = cbor::parse(&card.to_bytes()).expect("CBOR");
    let document =
        Value::Map(vec![("docType".into(), card.card_type().into()), ("issuerSigned".into(), issued.clone())]);
    let items = issued.get("nameSpaces").and_then(|spaces| spaces.get(SPACE)).and_then(Value::as_array);
    let items = items.expect("items").iter().filter_map(Value::as_encoded);
    let items: Vec<_> = items.map(|item| item.content().to_vec()).collect();

    let binding = Binding { audience: "verifier".to_owned(), challenge: Some(vec![1; 16]), request: Some([2; 32]) };
    let shown = card.present(&binding, Some(&holder), 0, &OsEntropy).expect("a presentation");
    let transcript = SessionTranscript::of_exchange(&binding);
    let agreeing = AgreementKey::make(&OsEntropy).expect("randomness");
    let coded = issue(&draft, &agreeing.public_key(), &signer_key, &chain, &OsEntropy).expect("a card");
    let coded = Document::authenticate(coded, &Claims::default(), &transcript, &agreeing, &agreeing.public_key());
    let errors = vec![DocumentError { doc_type: "org.example.other".to_owned(), code: -1 }];
    let coded = DeviceResponse { errors, ..DeviceResponse::of(coded.expect("a document")) }.to_bytes();

    let asked = ["org\\.example\\.1.height", "org\\.example\\.1.age_over_18"];
    let asked = asked.map(|element| AskedElement { path: path(element), kept: true }).to_vec();
    let request = DocumentRequest::make("org.iso.18013.5.1.mDL", asked).expect("a request");
    let request = request.sign(&transcript, &signer_key, &chain).expect("signed");
    let request = DeviceRequest { documents: vec![request.clone(), request] }.to_bytes();
    let engagement = Engagement::make(&agreeing.public_key(), Some(shapes::zeros(3)));
    let reader_key = KeyBytes::of(&agreeing.public_key());
    let met = SessionTranscript::of_nfc(&engagement, &reader_key, b"select", Some(b"request"));
    let first = SessionEstablishment { reader_key, data: vec![1; 40] }.to_bytes();
    let later = SessionData { data: Some(vec![1; 40]), status: Some(20) }.to_bytes();
    let pem: String = chain.iter().map(pem).collect();

    let is_card = |bytes: &[u8]| Mdoc::parse(bytes).is_ok();
    let is_shown = move |bytes: &[u8]| {
        Document::parse_presentation(bytes).is_ok_and(|document| document.verify_holder(&binding).is_ok())
    };
    let (for_items, for_objects) = (object.clone(), items.clone());
    let (item_key, object_key) = (key(), key());
    vec![
        Parser::new("Mdoc::parse", vec![card.to_bytes(), document.to_bytes()], is_card),
        Parser::new("Mdoc::parse, an item", items, is_card)
            .dressed(move |item| card_of(&for_items, &[item], &item_key))
            .weighed(heavy_items())
            .shared(2),
        Parser::new("Mdoc::parse, the object", vec![object.to_bytes()], is_card)
            .dressed(move |object| {
                let items: Vec<_> = for_objects.iter().map(Vec::as_slice).collect();
                match cbor::parse(object) {
                    Ok(object @ Value::Map(_)) => card_of(&object, &items, &object_key),
                    _ => object.to_vec(),
                }
            })
            .shared(2),
        Parser::new("Document::parse_presentation", vec![shown], is_shown).shared(2),
        Parser::new("DeviceResponse::parse", vec![coded], |bytes| DeviceResponse::parse(bytes).is_ok()),
        Parser::new("DeviceRequest::parse", vec![request], |bytes| DeviceRequest::parse(bytes).is_ok()),
        Parser::new("Engagement::parse", vec![engagement.as_bytes().to_vec()], |bytes| {
            Engagement::parse(bytes).is_ok()
        }),
        Parser::new("SessionEstablishment::parse", vec![first], |bytes| SessionEstablishment::parse(bytes).is_ok()),
        Parser::new("SessionData::parse", vec![later], |bytes| SessionData::parse(bytes).is_ok()),
        Parser::new("SessionTranscript::parse", vec![met.as_bytes().to_vec()], |bytes| {
            SessionTranscript::parse(bytes).is_ok()
        }),
        Parser::new("Certificate::parse", chain.iter().map(|one| one.to_bytes().to_vec()).collect(), |bytes| {
            Certificate::parse(bytes).is_ok()
        }),
        Parser::of_text("Certificate::parse_pem", &[&pem], |text| Certificate::parse_pem(text).is_ok()),
        Parser::of_text("parse_date_time", &["2026-11-22T12:00:00Z", "2026-11-22T12:00:00.5+00:00"], |text| {
            parse_date_time(text).is_ok()
        }),
    ]
}

fn pem(certificate: &Certificate) -> String {
    let body = Base64::encode_string(certificate.to_bytes());
    format!("-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n")
}
