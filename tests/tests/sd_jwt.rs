//! SD-JWT from the desk to the verdict, and what must not pass.

use amana_core::credential::sd_jwt::{self, SdJwt, SdJwtKb};
use amana_core::credential::{Binding, Credential as _, Draft, Format, Presentation as _, parse_card};
use amana_core::crypto::{Curve, SigningKey, sha256};
use amana_core::error::Error;
use amana_core::issuer::CardDraft;
use amana_core::jose::Jws;
use amana_core::ports::OsEntropy;
use amana_tests::{CARD_JSON, ISSUER, NOW, claim};
use base64ct::{Base64UrlUnpadded, Encoding as _};
use serde_json::{Map, Value, json};

fn key(curve: Curve) -> SigningKey {
    SigningKey::make_on(curve, &OsEntropy).unwrap()
}

fn draft() -> Draft {
    CardDraft::from_json(CARD_JSON).unwrap()
}

fn binding() -> Binding {
    Binding { audience: "verifier".to_owned(), challenge: Some(vec![7; 16]), request: Some([9; 32]) }
}

fn untrusted<T>(reason: &'static str) -> Result<T, Error> {
    Err(Error::Untrusted { reason })
}

/// Signs any payload, as an issuer with a mind of its own would.
fn signed(payload: &Value, header: &Value, disclosures: &[String]) -> String {
    let header = header.as_object().unwrap().iter().map(|(name, value)| {
        let name: &'static str = match name.as_str() {
            "typ" => "typ",
            "x5c" => "x5c",
            other => panic!("{other}"),
        };
        (name, value.clone())
    });
    let jws = Jws::sign(header, payload.as_object().unwrap(), &key(Curve::P256)).unwrap();
    let tail: String = disclosures.iter().map(|one| format!("{one}~")).collect();
    format!("{}~{tail}", jws.to_text())
}

fn disclosure(json: &Value) -> (String, String) {
    let text = Base64UrlUnpadded::encode_string(json.to_string().as_bytes());
    let digest = Base64UrlUnpadded::encode_string(&sha256(text.as_bytes()));
    (text, digest)
}

fn refusal(payload: &Value, disclosures: &[String]) -> &'static str {
    SdJwt::parse(signed(payload, &json!({}), disclosures).as_bytes()).unwrap_err().reason().unwrap()
}

#[test]
fn a_card_is_issued_chosen_from_shown_and_verified() {
    for (issuer_curve, holder_curve) in [(Curve::P256, Curve::P256), (Curve::Ed25519, Curve::Ed25519)] {
        let (issuer, holder) = (key(issuer_curve), key(holder_curve));
        let public = holder.public_key();
        let card = sd_jwt::issue(&draft(), ISSUER, Some(&public), b"desk-1", &[], &issuer, &OsEntropy).unwrap();
        assert_eq!((card.issuer(), card.card_type(), card.kid()), (ISSUER, "ration-card", Some(&b"desk-1"[..])));
        assert_eq!(card.verify_issuer(&issuer.public_key()), Ok(()));
        let text = card.to_text();
        assert_eq!(parse_card(text.as_bytes()).unwrap().format(), Format::SdJwt);
        assert_eq!(parse_card(format!("{text}\n").as_bytes()).unwrap().to_bytes(), text.as_bytes());

        let chosen = card.select(&[claim("household.family_size")]).unwrap();
        let shown = chosen.present(&binding(), Some(&holder), NOW, &OsEntropy).unwrap();
        assert!(shown.len() <= chosen.to_bytes().len() + chosen.proof_len());
        let read = SdJwtKb::parse(&shown).unwrap();
        assert_eq!(read.verify_holder(&binding()), Ok(()));
        assert_eq!(read.card().verify_issuer(&issuer.public_key()), Ok(()));
        assert!(read.card().claims().at(&claim("household.family_size")).is_some());
        assert!(!String::from_utf8(shown).unwrap().contains(&Base64UrlUnpadded::encode_string(b"Amina")));
        assert!(read.card().claims().at(&claim("person.given_name")).is_none());

        let other = |change: fn(&mut Binding)| {
            let mut expected = binding();
            change(&mut expected);
            read.verify_holder(&expected)
        };
        assert_eq!(other(|expected| expected.audience.push('x')), untrusted("audience"));
        assert_eq!(other(|expected| expected.challenge = Some(vec![8; 16])), untrusted("challenge"));
        assert_eq!(other(|expected| expected.request = Some([8; 32])), untrusted("request"));
        assert_eq!(other(|expected| expected.request = None), untrusted("request"));
        let stranger = key(holder_curve);
        let by_stranger = chosen.present(&binding(), Some(&stranger), NOW, &OsEntropy);
        assert_eq!(by_stranger, Err(Error::Invalid { reason: "holder-key" }));
        assert_eq!(SdJwtKb::parse(&chosen.to_bytes()).unwrap().verify_holder(&binding()), untrusted("proof-missing"));
    }
}

#[test]
fn a_bearers_card_needs_no_key() {
    let issuer = key(Curve::P256);
    let card = sd_jwt::issue(&draft(), ISSUER, None, b"", &[], &issuer, &OsEntropy).unwrap();
    assert_eq!((card.holder_key(), card.kid()), (None, None));
    assert_eq!(card.present(&binding(), None, NOW, &OsEntropy).unwrap(), card.to_bytes());
}

#[test]
fn decoys_bring_every_card_to_one_count_of_digests() {
    let mut wanted = draft();
    wanted.digests = vec![(None, 12)];
    let card = sd_jwt::issue(&wanted, ISSUER, None, b"k", &[], &key(Curve::P256), &OsEntropy).unwrap();
    let payload: Map<String, Value> = serde_json::from_slice(card.signed().payload()).unwrap();
    assert_eq!(payload["_sd"].as_array().unwrap().len(), 12);
    assert_eq!(card.claims().len(), draft().claims.len(), "decoys say nothing");
}

#[test]
fn every_altered_character_is_found() {
    let (issuer, holder) = (key(Curve::P256), key(Curve::P256));
    let public = holder.public_key();
    let mut small = draft();
    small.claims = amana_core::credential::claims_from_json(json!({"a": 1, "b": "c"}).as_object().unwrap()).unwrap();
    small.open.clear();
    small.split.clear();
    small.digests.clear();
    let card = sd_jwt::issue(&small, ISSUER, Some(&public), b"k", &[], &issuer, &OsEntropy).unwrap();
    let shown = card.present(&binding(), Some(&holder), NOW, &OsEntropy).unwrap();
    let holds = |bytes: &[u8]| {
        SdJwtKb::parse(bytes).is_ok_and(|read| {
            read.verify_holder(&binding()).is_ok() && read.card().verify_issuer(&issuer.public_key()).is_ok()
        })
    };
    assert!(holds(&shown));
    for at in 0..shown.len() {
        for other in [b'A', b'~', b'.', b'\n', shown[at] ^ 1, shown[at] ^ 0x80] {
            let mut altered = shown.clone();
            altered[at] = other;
            assert!(other == shown[at] || !holds(&altered), "character {at}");
        }
        assert!(!holds(&shown[..at]), "cut at {at}");
    }
}

#[test]
fn what_rfc_9901_section_7_refuses_is_refused() {
    let (text, digest) = disclosure(&json!(["salt", "name", "Amina"]));
    let (element, element_digest) = disclosure(&json!(["salt", "US"]));
    let one = |payload: Value| refusal(&payload, std::slice::from_ref(&text));
    assert!(
        SdJwt::parse(signed(&json!({"_sd": [digest]}), &json!({}), std::slice::from_ref(&text)).as_bytes()).is_ok()
    );
    assert_eq!(one(json!({})), "sd-jwt-disclosure-unmatched");
    assert_eq!(one(json!({"_sd": [digest, digest]})), "sd-jwt-digest-twice");
    assert_eq!(one(json!({"_sd": [digest], "inner": {"_sd": [digest]}})), "sd-jwt-digest-twice");
    assert_eq!(one(json!({"_sd": [digest], "name": "open"})), "sd-jwt-claim-twice");
    assert_eq!(one(json!({"_sd": digest})), "sd-jwt-digest");
    assert_eq!(one(json!({"_sd": [7]})), "sd-jwt-digest");
    assert_eq!(one(json!({"list": [{"...": digest}]})), "sd-jwt-redacted-place");
    assert_eq!(one(json!({"list": [{"...": digest, "more": 1}]})), "sd-jwt-redacted-place");
    assert_eq!(one(json!({"_sd": [digest], "_sd_alg": "md5"})), "sd-jwt-hash-unsupported");
    assert_eq!(one(json!({"_sd": [digest], "_sd_alg": 256})), "sd-jwt-hash-unsupported");
    assert_eq!(refusal(&json!({"_sd": [element_digest]}), std::slice::from_ref(&element)), "sd-jwt-redacted-place");
    assert_eq!(refusal(&json!({"_sd": [digest]}), &[text.clone(), text.clone()]), "sd-jwt-disclosure-twice");
    for wrong in [
        json!([]),
        json!(["salt"]),
        json!(["salt", "_sd", []]),
        json!(["salt", "...", "x"]),
        json!([7, "name", "x"]),
        json!(["salt", 7, "x"]),
        json!(["salt", "name", "x", "more"]),
        json!({"salt": 1}),
    ] {
        let (text, digest) = disclosure(&wrong);
        assert_eq!(refusal(&json!({"_sd": [digest]}), &[text]), "sd-jwt-disclosure", "{wrong}");
    }
    let padded = format!("{text}=");
    let digest = Base64UrlUnpadded::encode_string(&sha256(padded.as_bytes()));
    assert_eq!(refusal(&json!({"_sd": [digest]}), &[padded]), "sd-jwt-disclosure");
}

#[test]
fn what_an_sd_jwt_vc_must_not_hide_is_refused() {
    let typ = json!({"typ": "dc+sd-jwt"});
    for name in ["iss", "nbf", "exp", "vct", "status", "cnf"] {
        let (text, digest) = disclosure(&json!(["salt", name, 7]));
        let mut payload = json!({"vct": "card", "_sd": [digest]});
        if name == "vct" {
            payload.as_object_mut().unwrap().remove("vct");
        }
        let card = SdJwt::parse(signed(&payload, &typ, &[text]).as_bytes());
        assert!(matches!(card.unwrap_err().reason(), Some("sd-jwt-never-hidden" | "sd-jwt-vct")), "{name}");
    }
    let without = SdJwt::parse(signed(&json!({"iss": "x"}), &typ, &[]).as_bytes());
    assert_eq!(without.unwrap_err().reason(), Some("sd-jwt-vct"));
}

#[test]
fn disclosures_stand_in_each_other_and_depth_is_bounded() {
    let nested = |depth: usize| {
        let (mut texts, mut value) = (Vec::new(), json!("deep"));
        for level in 0..depth {
            let (text, digest) = disclosure(&json!([format!("salt{level}"), "in", value]));
            texts.push(text);
            value = json!({"_sd": [digest]});
        }
        SdJwt::parse(signed(&value, &json!({}), &texts).as_bytes())
    };
    let card = nested(6).unwrap();
    let path = claim("in.in.in.in.in.in");
    assert_eq!(card.shown_by_all().unwrap(), std::slice::from_ref(&path));
    assert_eq!(card.select(&[path]).unwrap().to_bytes(), card.to_bytes());
    assert_eq!(nested(100).unwrap_err().reason(), Some("json-depth"));
}

#[test]
fn bombs_are_refused_before_they_take_memory() {
    let tildes = format!("{}{}", signed(&json!({}), &json!({}), &[]), "~".repeat(100_000));
    assert_eq!(SdJwt::parse(tildes.as_bytes()).unwrap_err().reason(), Some("sd-jwt-disclosures"));
    let long = format!("a.b.c~{}", "A".repeat(1 << 20));
    assert_eq!(SdJwt::parse(long.as_bytes()).unwrap_err().reason(), Some("jws-length"));
    for text in ["", "~", "a.b.c", "a~", "a.b.c~", "a.b~c.d~", "\u{feff}a.b.c~", "{}", "{\"payload\":1}", "..~"] {
        assert!(SdJwt::parse(text.as_bytes()).is_err() && SdJwtKb::parse(text.as_bytes()).is_err(), "{text}");
    }
}

#[test]
fn a_signature_in_der_is_none() {
    let (issuer, holder) = (key(Curve::P256), key(Curve::P256));
    let card = sd_jwt::issue(&draft(), ISSUER, Some(&holder.public_key()), b"k", &[], &issuer, &OsEntropy).unwrap();
    let text = card.to_text();
    let (jwt, rest) = text.split_once('~').unwrap();
    let (signed, signature) = jwt.rsplit_once('.').unwrap();
    let raw = Base64UrlUnpadded::decode_vec(signature).unwrap();
    let der = amana_core::crypto::signature_to_der(&raw).unwrap();
    let der = format!("{signed}.{}~{rest}", Base64UrlUnpadded::encode_string(&der));
    let card = SdJwt::parse(der.as_bytes()).unwrap();
    assert_eq!(card.verify_issuer(&issuer.public_key()), untrusted("signature-invalid"));
}

#[test]
fn nothing_prints_what_a_card_says() {
    let issuer = key(Curve::P256);
    let card = sd_jwt::issue(&draft(), ISSUER, None, b"k", &[], &issuer, &OsEntropy).unwrap();
    let shown = SdJwtKb::parse(&card.to_bytes()).unwrap();
    let printed = format!("{card:?} {shown:?}");
    assert!(!printed.contains("Amina"), "{printed}");
    // Disclosures are claims in another dress.
    let dressed = card.to_text();
    assert!(dressed.split('~').skip(1).filter(|part| !part.is_empty()).all(|part| !printed.contains(part)));
}
