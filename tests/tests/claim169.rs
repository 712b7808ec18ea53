//! Claim 169 from the desk to the verdict, in every form that is met in the field, and what must not pass.

use amana_core::cose::cbor::{self, Encoded, Value};
use amana_core::cose::cwt::claim;
use amana_core::cose::label;
use amana_core::cose::{Encrypt0, Sign1};
use amana_core::credential::claim169::{self, Claim169, Draft, Parsed, PictureFormat, Shown};
use amana_core::credential::{
    Binding, ClaimName, Claims, Credential as _, Format, StatusReference, Validity, Value as Claim, claims_from_json,
    parse_card, recognise, to_json,
};
use amana_core::crypto::{Cipher, Curve, SigningKey, SymmetricKey, key_file};
use amana_core::error::Error;
use amana_core::ports::OsEntropy;
use amana_core::qr::Symbol;
use amana_core::trust::{Anchor, Issuer, IssuerKey};
use amana_core::verifier::{Authenticity, HolderProof};
use amana_tests::{ISSUER, NOW, World, claim as path, names};
use miniz_oxide::deflate::{compress_to_vec, compress_to_vec_zlib};
use serde_json::{Value as Json, json};
use time::macros::date;
use zeroize::Zeroizing;

/// The smallest JPEG's start: enough to be told as one.
const JPEG: &[u8] = &[0xff, 0xd8, 0xff, 0xe0, 0, 16, b'J', b'F', b'I', b'F'];
/// What a template says, so that a test can look for it.
const TEMPLATE: &[u8] = b"TEMPLATE OF A THUMB";

fn key(curve: Curve) -> SigningKey {
    SigningKey::make_on(curve, &OsEntropy).unwrap()
}

fn damaged<T>(reason: &'static str) -> Result<T, Error> {
    Err(Error::Damaged { reason })
}

fn untrusted<T>(reason: &'static str) -> Result<T, Error> {
    Err(Error::Untrusted { reason })
}

fn invalid<T>(reason: &'static str) -> Result<T, Error> {
    Err(Error::Invalid { reason })
}

fn draft(claims: &Json) -> Draft {
    Draft {
        valid_from: date!(2026 - 01 - 01),
        valid_until: date!(2027 - 12 - 31),
        issued_at: Some(NOW),
        claims: claims_from_json(claims.as_object().unwrap()).unwrap(),
        status: None,
    }
}

/// Every field that is no biometric one.
fn whole() -> Json {
    json!({
        "id": "3918592438", "version": "1.0", "language": "eng", "full_name": "Amina Juma", "first_name": "Amina",
        "middle_name": "Neema", "last_name": "Juma", "date_of_birth": {"$date": "1984-02-29"}, "gender": "female",
        "address": "Zone 4\nNyarugusu", "email_id": "amina@example.org", "phone_number": "+255 800 110 110",
        "nationality": "TZ", "marital_status": "married", "guardian": "Rehema", "best_quality_fingers": [1, 6],
        "binary_image": {"$bytes": "_9j_4AAQSkZJRg"}, "full_name_secondary_language": "أمينة جمعة", "secondary_language": "ara",
        "location_code": "849VCWC8+R9", "legal_status": "Refugee", "country_of_issuance": "TZ", "24": "of this ecosystem"
    })
}

fn entry(number: i64, value: impl Into<Value>) -> (Value, Value) {
    (number.into(), value.into())
}

fn map(entries: Vec<(Value, Value)>) -> Value {
    Value::Map(entries)
}

/// A claims set with this as claim 169.
fn claims_with(identity: impl Into<Value>) -> Value {
    map(vec![
        entry(claim::ISS, ISSUER),
        entry(claim::EXP, NOW + 10),
        entry(claim::NBF, NOW - 10),
        entry(claim::IAT, NOW - 10),
        entry(claim169::CLAIM, identity),
    ])
}

fn simple() -> Value {
    map(vec![entry(1, "3918592438"), entry(4, "Amina Juma"), entry(9, 2_i64)])
}

fn sign(claims: &Value, key: &SigningKey) -> Sign1 {
    Sign1::sign_of_old([entry(label::KID, &b"desk-1"[..])], claims.to_bytes(), &[], key).unwrap()
}

fn tagged(tags: &[u64], value: Value) -> Value {
    tags.iter().rev().fold(value, |inner, tag| Value::Tag(*tag, Box::new(inner)))
}

fn untagged(value: Value) -> Value {
    match value {
        Value::Tag(_, inner) => *inner,
        other => other,
    }
}

fn read(identity: impl Into<Value>) -> Result<Claim169, Error> {
    Claim169::parse(&sign(&claims_with(identity), &key(Curve::Ed25519)).to_bytes())
}

fn json_of(claims: &Claims) -> Json {
    Json::Object(to_json(claims))
}

fn binding() -> Binding {
    Binding { audience: "verifier".to_owned(), challenge: Some(vec![7; 16]), request: Some([9; 32]) }
}

#[test]
fn a_card_is_issued_printed_scanned_and_verified() {
    for curve in [Curve::Ed25519, Curve::P256] {
        let issuer = key(curve);
        let made = claim169::issue(&draft(&whole()), ISSUER, b"desk-1", &issuer).unwrap();
        let text = claim169::to_text(&made.to_bytes());
        assert!(Symbol::of(&text).unwrap().version() <= 15, "{}", text.len());

        let card = recognise(format!("{text}\n").as_bytes(), &[]).unwrap();
        let token = made.to_bytes();
        assert_eq!(card.to_bytes(), token);
        assert!(token.starts_with(&[0xd8, 61, 0xd2]), "tagged as the specification has it");
        assert_eq!((card.format(), card.format().number(), card.format().name()), (Format::Claim169, 4, "claim-169"));
        assert_eq!((card.issuer(), card.card_type(), card.kid()), (ISSUER, "claim-169", Some(&b"desk-1"[..])));
        // From the first second of the first day to the first after the last.
        let days = Validity { not_before: Some(1_767_225_600), expires: Some(1_830_297_600) };
        assert_eq!((card.validity(), card.is_signed()), (days, true));
        assert_eq!(card.verify_issuer(&issuer.public_key()), Ok(()));
        assert_eq!(card.verify_issuer(&key(curve).public_key()), untrusted("signature-invalid"));
        let other = if curve == Curve::P256 { Curve::Ed25519 } else { Curve::P256 };
        assert_eq!(card.verify_issuer(&key(other).public_key()), untrusted("algorithm-mismatch"));

        let mut expected = whole();
        expected["date_of_birth"] = "1984-02-29".into();
        expected["binary_image"] = "_9j_4AAQSkZJRg".into();
        // Nobody said it: it is the picture's own.
        expected["binary_image_format"] = "jpeg".into();
        assert_eq!(json_of(&card.claims()), expected);
        assert_eq!(json_of(card.all_claims())["iat"], json!(NOW));
        let card = Claim169::parse(&token).unwrap();
        let portrait = card.portrait().unwrap();
        assert_eq!((portrait.bytes, portrait.format), (JPEG, Some(PictureFormat::Jpeg)));
        assert!(!format!("{card:?} {portrait:?}").contains("Amina"));
    }
}

#[test]
fn a_bearer_shows_all_of_it_and_proves_nothing() {
    let issuer = key(Curve::Ed25519);
    let card = claim169::issue(&draft(&whole()), ISSUER, b"desk-1", &issuer).unwrap();
    assert!(card.holder_key().is_none());
    assert_eq!(card.shown_by(&[path("full_name")]), card.shown_by_all());
    assert_eq!(card.shown_by(&[]).unwrap().len(), 25);
    let chosen = card.select(&[path("full_name")]).unwrap();
    assert_eq!(chosen.to_bytes(), card.to_bytes());
    assert_eq!(card.select(&[path("nickname")]).unwrap_err(), Error::NotFound { what: "claim" });
    let shown = card.present(&binding(), None, NOW, &OsEntropy).unwrap();
    assert_eq!((shown.len(), &shown), (card.to_bytes().len() + card.proof_len(), &card.to_bytes()));
    let read = Format::Claim169.parse_presentation(&shown).unwrap();
    assert_eq!(read.verify_holder(&binding()), untrusted("proof-missing"));
    assert_eq!(read.verify_signature(), untrusted("proof-missing"));
    assert_eq!(read.card().verify_issuer(&issuer.public_key()), Ok(()));
    assert_eq!(read.to_bytes(), shown);
}

#[test]
fn tags_may_be_there_or_not() {
    let issuer = key(Curve::P256);
    let signed = untagged(sign(&claims_with(simple()), &issuer).to_value());
    for tags in [&[61, 18][..], &[18], &[61], &[]] {
        let bytes = tagged(tags, signed.clone()).to_bytes();
        let card = parse_card(&bytes).unwrap_or_else(|error| panic!("{tags:?}: {error}"));
        assert_eq!((card.format(), card.verify_issuer(&issuer.public_key())), (Format::Claim169, Ok(())), "{tags:?}");
        // The token for a code always has both.
        assert_eq!(card.to_bytes(), tagged(&[61, 18], signed.clone()).to_bytes());
    }
    for tags in [&[18, 61][..], &[61, 61, 18], &[98]] {
        assert!(Claim169::parse(&tagged(tags, signed.clone()).to_bytes()).is_err(), "{tags:?}");
    }
}

#[test]
fn texts_come_deflated_wrapped_or_plain() {
    let token = tagged(&[61], sign(&claims_with(simple()), &key(Curve::Ed25519)).to_value()).to_bytes();
    let text = |packed: &[u8]| {
        // Base45 as the armour writes it, without the armour.
        let text = amana_core::qr::armour::to_text(amana_core::qr::Kind::Card, packed);
        text[amana_core::qr::armour::PREFIX_LEN..].to_owned()
    };
    let hexadecimal = amana_tests::to_hex(&token);
    let packings = [
        compress_to_vec_zlib(&token, 9),
        compress_to_vec_zlib(&token, 0),
        compress_to_vec(&token, 9),
        token.clone(),
        compress_to_vec_zlib(hexadecimal.as_bytes(), 9),
    ];
    for packed in packings {
        assert_eq!(claim169::from_text(&text(&packed)).as_ref(), Ok(&token));
        assert_eq!(recognise(text(&packed).as_bytes(), &[]).unwrap().to_bytes(), token);
    }
    // What is torn says so, and not that it is somebody else's.
    let torn = text(&compress_to_vec_zlib(&token, 9)[..60]);
    assert_eq!(recognise(torn.as_bytes(), &[]).unwrap_err(), Error::Damaged { reason: "compact-stream" });
}

#[test]
fn claim_169_is_a_map_or_bytes_that_hold_one() {
    let expected = json!({"id": "3918592438", "full_name": "Amina Juma", "gender": "female"});
    for identity in [simple(), simple().to_bytes().into(), Encoded::of_value(&simple()).into()] {
        assert_eq!(json_of(read(identity).unwrap().identity()), expected);
    }
    for garbage in [&b""[..], b"\xff", b"\xa1", b"hello", &[0x81; 40]] {
        let error = read(garbage).unwrap_err();
        assert!(matches!(error, Error::Damaged { .. }), "{garbage:?}: {error}");
    }
    for wrong in [Value::Uint(7), "text".into(), Value::NULL, Value::Array(vec![simple()])] {
        assert_eq!(read(wrong).unwrap_err(), Error::Damaged { reason: "claim-169-map" });
    }
    assert_eq!(read(map(Vec::new())).unwrap().identity().len(), 0);
}

#[test]
fn fields_go_by_number_by_number_as_text_or_by_name() {
    let text = |name: &str, value: Value| (Value::from(name), value);
    let names = [
        (text("4", "A".into()), "full_name"),
        (text("fullName", "A".into()), "full_name"),
        (text("Full Name", "A".into()), "full_name"),
        (text("Date Of Birth", "19840229".into()), "date_of_birth"),
        (text("dob", "19840229".into()), "date_of_birth"),
        (text("SecondaryLangFullName", "A".into()), "full_name_secondary_language"),
        (text("email", "A".into()), "email_id"),
        (text("Phone Number", "A".into()), "phone_number"),
        (text("binaryImageFormat", 4_i64.into()), "binary_image_format"),
        (text("hobby", "A".into()), "hobby"),
        (text("30", "A".into()), "30"),
        (entry(30, "A"), "30"),
        (entry(-7, "A"), "-7"),
        (entry(4711, "A"), "4711"),
    ];
    for (field, name) in names {
        let card = read(map(vec![field.clone()])).unwrap();
        assert_eq!(json_of(card.identity()).as_object().unwrap().keys().next().unwrap(), name, "{field:?}");
    }
    // Unknown ones stay under their number, and can be asked for.
    let card = read(map(vec![entry(30, "A")])).unwrap();
    assert_eq!(card.claims().at(&path("30")), Some(&Claim::Text("A".to_owned())));
    for twice in [text("4", "B".into()), text("fullName", "B".into())] {
        assert_eq!(
            read(map(vec![entry(4, "A"), twice])).unwrap_err(),
            Error::Damaged { reason: "claim-169-field-twice" }
        );
    }
}

#[test]
fn values_are_numbers_or_the_words_they_stand_for() {
    let one = |number: i64, value: Value| {
        let card = read(map(vec![(number.into(), value)])).unwrap();
        let read = json_of(card.identity());
        read.as_object().unwrap().values().next().unwrap().clone()
    };
    for (value, word) in [
        (1_i64.into(), json!("male")),
        ("2".into(), json!("female")),
        ("Female".into(), json!("female")),
        (Value::Float(3.0), json!("others")),
        ("Others".into(), json!("others")),
        // What the specification does not name stays what it was.
        (7_i64.into(), json!(7)),
        ("X".into(), json!("X")),
    ] {
        assert_eq!(one(9, value), word);
    }
    assert_eq!((one(14, 1_i64.into()), one(14, "3".into())), (json!("unmarried"), json!("divorced")));
    assert_eq!((one(17, 2_i64.into()), one(17, "JPEG2".into())), (json!("jpeg2000"), json!("jpeg2000")));
    assert_eq!((one(17, "4".into()), one(17, "webp".into())), (json!("webp"), json!("webp")));
    for day in ["19840229", "1984-02-29"] {
        let card = read(map(vec![entry(8, day)])).unwrap();
        assert_eq!(card.identity().at(&path("date_of_birth")), Some(&Claim::Date(date!(1984 - 02 - 29))));
    }
    assert_eq!(one(8, 19_840_229_i64.into()), json!("1984-02-29"));
    for other in ["1984", "29021984", "19830229", "unknown"] {
        assert_eq!(one(8, other.into()), json!(other));
    }
    assert_eq!(one(18, "[1, 2]".into()), json!([1, 2]));
    assert_eq!(one(18, Value::Array(vec![1_i64.into(), 6_i64.into()])), json!([1, 6]));
    // A number where the specification has a text, as its own examples have it.
    assert_eq!((one(1, 3_918_592_438_i64.into()), one(2, Value::Float(1.5))), (json!(3_918_592_438_i64), json!(1.5)));
}

#[test]
fn portraits_come_as_bytes_or_as_text_and_their_format_is_told() {
    let webp = b"RIFF\x10\0\0\0WEBPVP8 ";
    let avif = b"\0\0\0\x20ftypavif";
    let jpeg_2000 = b"\0\0\0\x0cjP  \r\n\x87\n";
    let pictures =
        [(JPEG, "jpeg"), (webp.as_slice(), "webp"), (avif.as_slice(), "avif"), (jpeg_2000.as_slice(), "jpeg2000")];
    for (picture, name) in pictures {
        use base64ct::Encoding as _;
        let hexadecimal: String = picture.iter().map(|byte| format!("{byte:02X}")).collect();
        let base64 = base64ct::Base64::encode_string(picture);
        let url = format!("data:image/{name};base64,{base64}");
        for value in [Value::from(picture), hexadecimal.into(), base64.into(), url.into()] {
            // What the issuer says of it counts for less than what it is.
            let card = read(map(vec![entry(16, value), entry(17, 1_i64)])).unwrap();
            let portrait = card.portrait().unwrap();
            assert_eq!((portrait.bytes, portrait.format.map(PictureFormat::name)), (picture, Some(name)));
        }
    }
    let card = read(map(vec![entry(16, &b"\x03\xcb"[..]), entry(17, 3_i64)])).unwrap();
    assert_eq!(card.portrait().unwrap().format, Some(PictureFormat::Avif));
    assert!(read(map(vec![entry(16, "no picture")])).unwrap().portrait().is_none());
}

#[test]
fn only_a_name_under_the_signature_names_a_key() {
    let issuer = key(Curve::Ed25519);
    let payload = claims_with(simple()).to_bytes();
    let mut signed = Sign1::sign_of_old([], payload, &[], &issuer).unwrap();
    signed.unprotected = map(vec![entry(label::KID, &b"k-1101"[..])]);
    let card = Claim169::parse(&signed.to_bytes()).unwrap();
    assert_eq!((card.kid(), card.verify_issuer(&issuer.public_key())), (None, Ok(())));
    // It is kept all the same: the token that is shown is the one that was issued.
    assert!(card.to_bytes().ends_with(&signed.to_bytes()));
}

#[test]
fn what_nobody_signed_is_read_and_never_verifies() {
    let issuer = key(Curve::Ed25519);
    let claims = claims_with(simple());
    let mut parts = untagged(sign(&claims, &issuer).to_value());
    let Value::Array(list) = &mut parts else { panic!("an array") };
    list[3] = Value::Bytes(Vec::new());
    let empty = tagged(&[61, 18], parts);
    let bare = claims.clone();
    let from_json = map(vec![(Value::from("1"), ISSUER.into()), (Value::from("169"), simple())]);
    for token in [empty, bare.clone(), tagged(&[61], bare), from_json] {
        let card = parse_card(&token.to_bytes()).unwrap();
        assert_eq!((card.format(), card.issuer(), card.is_signed()), (Format::Claim169, ISSUER, false));
        assert_eq!(json_of(&card.claims())["full_name"], json!("Amina Juma"));
        assert_eq!(card.to_bytes(), token.to_bytes());
        for curve in [Curve::Ed25519, Curve::P256] {
            assert_eq!(card.verify_issuer(&key(curve).public_key()), untrusted("signature-missing"));
        }
        assert_eq!(card.verify_issuer(&issuer.public_key()), untrusted("signature-missing"));
        let verdict = World::new().verifier().judge_card(&token.to_bytes()).unwrap();
        assert_eq!(verdict.authenticity, Authenticity::Forged { why: "signature-missing" });
    }
}

#[test]
fn sealed_ones_open_for_their_key_only() {
    let (issuer, entropy) = (key(Curve::P256), OsEntropy);
    let symmetric = |first: u8, kid: Option<&str>| {
        let secret = Zeroizing::new((first..first + 32).collect());
        SymmetricKey::new(secret, kid.map(|kid| kid.as_bytes().to_vec()), None).unwrap()
    };
    let card = claim169::issue(&draft(&whole()), ISSUER, b"desk-1", &issuer).unwrap();
    for cipher in [Cipher::A256Gcm, Cipher::ChaCha20Poly1305] {
        let sealed = claim169::seal(&card, &symmetric(0, Some("both")), cipher, &entropy).unwrap();
        let text = claim169::to_text(&sealed);
        assert_eq!(recognise(text.as_bytes(), &[]).unwrap_err(), Error::NotForMe);
        let message = untagged(cbor::parse(&sealed).unwrap());
        for tags in [&[61, 16][..], &[16], &[61], &[]] {
            let bytes = tagged(tags, message.clone()).to_bytes();
            assert_eq!(Claim169::parse(&bytes).unwrap_err(), Error::NotForMe);
            let open = |keys: &[SymmetricKey]| claim169::parse_with(&bytes, keys);
            assert!(matches!(open(&[]), Ok(Parsed::Encrypted(_))));
            assert!(matches!(open(&[symmetric(0, Some("other"))]), Ok(Parsed::Encrypted(_))));
            assert_eq!(open(&[symmetric(1, None)]).unwrap_err(), Error::Untrusted { reason: "seal-broken" });
            for kid in [Some("both"), None] {
                let Ok(Parsed::Card(opened)) = open(&[symmetric(9, Some("other")), symmetric(0, kid)]) else {
                    panic!("{tags:?}")
                };
                assert_eq!(opened.verify_issuer(&issuer.public_key()), Ok(()));
                assert_eq!(opened.to_bytes(), card.to_bytes());
            }
        }
    }
    // A claims set that nobody signed, sealed; and one seal inside another.
    let key = [symmetric(0, None)];
    let seal = |inside: &[u8]| Encrypt0::seal(inside, &[], &key[0], Cipher::A256Gcm, &entropy).unwrap().to_bytes();
    let Ok(Parsed::Card(opened)) = claim169::parse_with(&seal(&claims_with(simple()).to_bytes()), &key) else {
        panic!("unsigned")
    };
    assert_eq!(opened.verify_issuer(&issuer.public_key()), untrusted("signature-missing"));
    let nested = claim169::parse_with(&seal(&seal(&card.to_bytes())), &key);
    assert_eq!(nested.unwrap_err(), Error::Damaged { reason: "claim-169-nested" });
    let unsupported =
        tagged(&[16], Value::Array(vec![b"\xa1\x01\x0a"[..].into(), map(Vec::new()), vec![0; 30].into()]));
    assert!(matches!(claim169::parse_with(&unsupported.to_bytes(), &[]), Ok(Parsed::Encrypted(_))));
    assert_eq!(
        claim169::parse_with(&unsupported.to_bytes(), &key).unwrap_err(),
        Error::Untrusted { reason: "algorithm-unsupported" }
    );
}

/// A card with a thumb, an iris and a face in it, however the issuer calls them.
fn biometric() -> Value {
    let template = || Value::Array(vec![map(vec![entry(0, TEMPLATE), entry(1, 1_i64)])]);
    map(vec![
        entry(4, "Amina Juma"),
        entry(16, JPEG),
        entry(50, template()),
        (Value::from("60"), TEMPLATE.into()),
        (Value::from("Face"), map(vec![(Value::from("Data"), TEMPLATE.into())])),
        entry(74, template()),
    ])
}

#[test]
fn biometric_data_is_told_by_number_and_kept_nowhere() {
    let says = |bytes: &[u8]| bytes.windows(TEMPLATE.len()).any(|window| window == TEMPLATE);
    let issuer = key(Curve::Ed25519);
    for identity in [biometric(), biometric().to_bytes().into()] {
        let signed = sign(&claims_with(identity), &issuer);
        assert!(says(&signed.to_bytes()));
        let card = Claim169::parse(&signed.to_bytes()).unwrap();
        assert_eq!(card.biometrics(), [50, 60, 62, 74]);
        // Its signature covers them, and can be checked.
        assert_eq!(card.verify_issuer(&issuer.public_key()), Ok(()));
        let shown = json_of(card.all_claims()).to_string();
        assert!(shown.contains("Amina Juma") && shown.contains("\"62\":null"), "{shown}");
        assert!(!says(shown.as_bytes()) && !says(format!("{card:?} {:?}", card.claims()).as_bytes()));
        for claim in card.claims().iter() {
            assert!(!matches!(claim, (ClaimName::Int(50..=74), value) if *value != Claim::Null));
        }
        // Neither held nor passed on.
        assert_eq!(card.check_whole(), invalid("biometrics"));
        assert_eq!(card.present(&binding(), None, NOW, &OsEntropy), invalid("biometrics"));
        let world = World::new();
        for input in [signed.to_bytes(), claim169::to_text(&signed.to_bytes()).into_bytes()] {
            assert_eq!(world.holder.add(&input).unwrap_err(), Error::Invalid { reason: "biometrics" });
        }
        assert_eq!(world.holder.cards().unwrap().len(), 1);
        assert!(!says(&std::fs::read(&world.vault).unwrap()));
    }
    for name in ["face", "right_thumb", "60", "voice"] {
        let claims = json!({"full_name": "Amina", name: {"$bytes": "_9j_4A"}});
        assert_eq!(
            claim169::issue(&draft(&claims), ISSUER, b"", &issuer).unwrap_err(),
            Error::Invalid { reason: "biometrics" }
        );
    }
}

#[test]
fn a_wallet_holds_it_as_it_came_and_a_verifier_compares_the_person() {
    let mut world = World::new();
    let issuer = key(Curve::Ed25519);
    world.bundle.sequence += 1;
    world.bundle.issuers.push(Issuer {
        id: "https://national.example".to_owned(),
        names: names("National Registry", "Usajili wa Taifa"),
        types: vec![claim169::CARD_TYPE.to_owned()],
        keys: vec![IssuerKey { kid: b"nid-1".to_vec(), key: issuer.public_key(), retired: None }],
        roots: Vec::new(),
    });
    let bundle = world.bundle.sign(&world.anchor).unwrap();
    world.holder.load_trust(&bundle, &Anchor::new(world.anchor.public_key())).unwrap();
    let made = claim169::issue(&draft(&whole()), "https://national.example", b"nid-1", &issuer).unwrap();
    let text = claim169::to_text(&made.to_bytes());

    let id = world.holder.add(text.as_bytes()).unwrap();
    assert_eq!(world.holder.add(&made.to_bytes()).unwrap(), id);
    let summary = world.holder.cards().unwrap().into_iter().find(|card| card.id == id).unwrap();
    assert_eq!((summary.format, summary.card_type.as_str()), (Format::Claim169, "claim-169"));
    assert!(summary.issuer_names.is_some() && !summary.has_holder_key && !summary.needs_reissue);
    assert_eq!(json_of(&world.holder.claims(id).unwrap())["full_name"], json!("Amina Juma"));

    let verdict = world.verifier().judge_card(text.as_bytes()).unwrap();
    assert!(matches!(verdict.authenticity, Authenticity::Genuine { .. }), "{:?}", verdict.authenticity);
    assert_eq!(verdict.holder, HolderProof::Bearer);
    let forged = sign(&claims_with(simple()), &key(Curve::Ed25519));
    let verdict = world.verifier().judge_card(&forged.to_bytes()).unwrap();
    assert!(!matches!(verdict.authenticity, Authenticity::Genuine { .. }));
}

#[test]
fn status_and_certificates_go_along() {
    let issuer = key(Curve::P256);
    let status = StatusReference { uri: "https://id.example/status/1".to_owned(), index: 4711 };
    let with_status = Draft { status: Some(status.clone()), ..draft(&whole()) };
    let card = claim169::issue(&with_status, ISSUER, b"desk-1", &issuer).unwrap();
    assert_eq!(card.status(), Some(&status));
    let chain = |value: Value| {
        let mut signed = sign(&claims_with(simple()), &issuer);
        signed.unprotected = map(vec![entry(label::X5CHAIN, value)]);
        Claim169::parse(&signed.to_bytes()).map(|card| card.chain().to_vec())
    };
    assert_eq!(chain(b"\x30"[..].into()), Ok(vec![b"\x30".to_vec()]));
    assert_eq!(chain(Value::Array(vec![b"\x30"[..].into(), b"\x31"[..].into()])).unwrap().len(), 2);
    assert_eq!(chain(Value::Array(Vec::new())), damaged("x5chain"));
}

#[test]
fn a_desk_issues_nothing_that_is_no_field() {
    let issue = |claims: Json| claim169::issue(&draft(&claims), ISSUER, b"", &key(Curve::Ed25519)).map(|_| ());
    assert_eq!(issue(json!({"nickname": "Mina"})), invalid("claim-unknown"));
    assert_eq!(issue(json!({"100": "beyond"})), invalid("claim-unknown"));
    assert_eq!(issue(json!({"full_name": "A", "fullName": "B"})), invalid("claim-twice"));
    for (name, value) in [
        ("full_name", json!(5)),
        ("date_of_birth", json!("29 February 1984")),
        ("gender", json!("unknown")),
        ("gender", json!(4)),
        ("marital_status", json!(true)),
        ("best_quality_fingers", json!([11])),
        ("best_quality_fingers", json!("1")),
        ("binary_image", json!("text")),
    ] {
        assert_eq!(issue(json!({name: value})), invalid("claim-value"), "{name}");
    }
    assert_eq!(issue(json!({"binary_image": {"$bytes": "AAAA"}})), invalid("portrait-format"));
    assert_eq!(
        issue(json!({"binary_image": {"$bytes": "_9j_4A"}, "binary_image_format": "webp"})),
        invalid("portrait-format")
    );
    assert_eq!(issue(json!({"binary_image_format": "webp"})), invalid("portrait-format"));
    let large = "_9j_".repeat(1400);
    assert!(matches!(issue(json!({"binary_image": {"$bytes": large}})), Err(Error::TooLarge { .. })));
    let backwards = Draft { valid_until: date!(2025 - 01 - 01), ..draft(&whole()) };
    let made = claim169::issue(&backwards, ISSUER, b"", &key(Curve::Ed25519));
    assert_eq!(made.unwrap_err(), Error::Invalid { reason: "dates" });
    // As the specification has them: numbers, and a day without hyphens.
    let card = claim169::issue(&draft(&whole()), ISSUER, b"", &key(Curve::Ed25519)).unwrap();
    let Value::Tag(_, signed) = cbor::parse(&card.to_bytes()).unwrap() else { panic!("untagged") };
    let payload = cbor::parse(Sign1::from_value(*signed).unwrap().payload()).unwrap();
    let identity = payload.get(169_i64).unwrap();
    let expected: [(i64, Value); 4] =
        [(8, "19840229".into()), (9, 2_i64.into()), (14, 2_i64.into()), (17, 1_i64.into())];
    for (number, value) in expected {
        assert_eq!(identity.get(number), Some(&value));
    }
}

#[test]
fn other_tokens_are_foreign() {
    let issuer = key(Curve::Ed25519);
    let without = sign(&map(vec![entry(claim::ISS, ISSUER)]), &issuer);
    for bytes in [without.to_bytes(), map(vec![entry(1, "A")]).to_bytes(), b"\x01".to_vec(), b"\xa0".to_vec()] {
        assert_eq!(Claim169::parse(&bytes).unwrap_err(), Error::Foreign);
        assert_eq!(Shown::parse(&bytes).unwrap_err(), Error::Foreign);
    }
    let no_map = Sign1::sign_of_old([], b"\x01".to_vec(), &[], &issuer).unwrap();
    assert_eq!(Claim169::parse(&no_map.to_bytes()).unwrap_err(), Error::Foreign);
    let wrong = |number: i64, value: Value| {
        let mut claims = claims_with(simple());
        let Value::Map(entries) = &mut claims else { panic!("a map") };
        entries.retain(|(key, _)| *key != number.into());
        entries.push((number.into(), value));
        Claim169::parse(&sign(&claims, &issuer).to_bytes()).unwrap_err().reason()
    };
    assert_eq!(wrong(claim::ISS, 5_i64.into()), Some("cwt-iss"));
    for number in [claim::EXP, claim::NBF, claim::IAT] {
        for value in ["tomorrow".into(), Value::Float(f64::NAN), u64::MAX.into()] {
            assert_eq!(wrong(number, value), Some("cwt-date"));
        }
    }
    assert_eq!(wrong(claim::STATUS, map(vec![(Value::from("status_list"), Value::NULL)])), Some("status-reference"));
}

#[test]
fn hostile_tokens_are_refused() {
    let nested = |depth: usize| (0..depth).fold(Value::NULL, |inner, _| Value::Array(vec![inner]));
    assert!(read(map(vec![entry(30, nested(15))])).is_ok());
    assert_eq!(read(map(vec![entry(30, nested(30))])).unwrap_err(), Error::Damaged { reason: "cbor-depth" });
    assert_eq!(
        read(map(vec![entry(4, "A"), entry(4, "B")])).unwrap_err(),
        Error::Damaged { reason: "cbor-duplicate-key" }
    );
    let many = (0..300).map(|number| entry(1000 + number, 0_i64)).collect();
    assert_eq!(read(map(many)).unwrap_err(), Error::Damaged { reason: "claim-169-fields" });
    let wide = Value::Array(vec![Value::NULL; 5000]);
    assert_eq!(read(map(vec![entry(30, wide)])).unwrap_err(), Error::Damaged { reason: "cbor-items" });
    let bomb = compress_to_vec_zlib(&vec![0xa0; 8 * 1024 * 1024], 9);
    let text = amana_core::qr::armour::to_text(amana_core::qr::Kind::Card, &bomb);
    let text = &text[amana_core::qr::armour::PREFIX_LEN..];
    assert_eq!(recognise(text.as_bytes(), &[]).unwrap_err(), Error::Damaged { reason: "compact-size" });
}

#[test]
fn no_cut_and_no_flipped_bit_verifies() {
    for curve in [Curve::Ed25519, Curve::P256] {
        let issuer = key(curve);
        let signed = untagged(sign(&claims_with(simple()), &issuer).to_value()).to_bytes();
        let public = issuer.public_key();
        for len in 0..signed.len() {
            assert!(Claim169::parse(&signed[..len]).is_err(), "{len}");
        }
        for bit in 0..signed.len() * 8 {
            let mut altered = signed.clone();
            altered[bit / 8] ^= 1 << (bit % 8);
            let verified = Claim169::parse(&altered).and_then(|card| card.verify_issuer(&public));
            assert!(verified.is_err(), "{curve:?}, bit {bit}");
        }
        assert_eq!(Claim169::parse(&signed).unwrap().verify_issuer(&public), Ok(()));
    }
}

#[test]
fn an_oct_in_a_file_opens_what_it_sealed() {
    let jwk = r#"{"kty":"oct","alg":"A128GCM","kid":"clinic","k":"AAECAwQFBgcICQoLDA0ODw"}"#;
    let both = key_file::parse_symmetric(jwk).unwrap();
    let card = claim169::issue(&draft(&whole()), ISSUER, b"desk-1", &key(Curve::Ed25519)).unwrap();
    let sealed = claim169::seal(&card, &both, Cipher::A128Gcm, &OsEntropy).unwrap();
    assert!(matches!(claim169::parse_with(&sealed, &[both]), Ok(Parsed::Card(_))));
    let both = key_file::parse_symmetric(jwk).unwrap();
    let mismatch = claim169::seal(&card, &both, Cipher::A256Gcm, &OsEntropy);
    assert_eq!(mismatch, untrusted("algorithm-mismatch"));
}
