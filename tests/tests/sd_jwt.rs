//! SD-JWT from the desk to the verdict, and what must not pass.

use amana_core::credential::enrolment::Enrolment;
use amana_core::credential::sd_jwt::{self, SdJwt, SdJwtKb};
use amana_core::credential::{
    Binding, Claims, Credential as _, Draft, Format, Presentation as _, StatusReference, Value as Said,
    claims_from_json, parse_card,
};
use amana_core::crypto::{Curve, SigningKey, sha256, sha384, sha512};
use amana_core::error::Error;
use amana_core::issuer::CardDraft;
use amana_core::jose::{Jws, jwk};
use amana_core::ports::OsEntropy;
use amana_core::qr::armour;
use amana_core::verifier::{HolderProof, Judged};
use amana_tests::{CARD_JSON, ISSUER, NOW, PURPOSE, World, ask, claim};
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
fn signed(payload: &Value, typ: &str, disclosures: &[String]) -> String {
    let typ = (!typ.is_empty()).then(|| ("typ", typ.into()));
    let jws = Jws::sign(typ, payload.as_object().unwrap(), &key(Curve::P256)).unwrap();
    let tail: String = disclosures.iter().map(|one| format!("{one}~")).collect();
    format!("{}~{tail}", jws.to_text())
}

/// A type of nobody's.
const TYP: &str = "example+sd-jwt";

fn disclosure(json: &Value) -> (String, String) {
    let text = Base64UrlUnpadded::encode_string(json.to_string().as_bytes());
    let digest = Base64UrlUnpadded::encode_string(&sha256(text.as_bytes()));
    (text, digest)
}

fn refusal(payload: &Value, disclosures: &[String]) -> &'static str {
    SdJwt::parse(signed(payload, TYP, disclosures).as_bytes()).unwrap_err().reason().unwrap()
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

/// Whoever bears it, and whoever it is shown to: its issuer made it for one verifier.
#[test]
fn a_bearers_card_for_another_verifier_proves_nobody() {
    let world = World::new();
    let verifier = world.verifier();
    let judge = |audience: Value| {
        let request = verifier.request(PURPOSE, &[ask("household.family_size")]).unwrap();
        let own = request.request().verifier().to_text();
        let audience: Value = serde_json::from_str(&audience.to_string().replace("OWN", &own)).unwrap();
        let payload = json!({"vct": "voucher", "household": {"family_size": 5}, "aud": audience});
        let card = world.holder.add(signed(&payload, TYP, &[]).as_bytes()).unwrap();
        let mut incoming = world.holder.receive(request.text().as_bytes()).unwrap();
        incoming.use_card(card).unwrap();
        let answer = incoming.review().unwrap().respond().unwrap();
        match request.judge(answer.text().as_bytes()).unwrap() {
            Judged::Verdict(verdict) => verdict.holder,
            Judged::Declined => panic!("declined"),
        }
    };
    assert_eq!(judge(json!("clinic-a")), HolderProof::NotProven { why: "card-audience" });
    assert_eq!(judge(json!(["clinic-a", "clinic-b"])), HolderProof::NotProven { why: "card-audience" });
    assert_eq!(judge(json!(7)), HolderProof::NotProven { why: "card-audience" });
    assert_eq!(judge(json!("OWN")), HolderProof::Bearer);
    assert_eq!(judge(json!(["clinic-a", "OWN"])), HolderProof::Bearer);
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
    small.claims = claims_from_json(json!({"a": 1, "b": "c"}).as_object().unwrap()).unwrap();
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
    assert!(SdJwt::parse(signed(&json!({"_sd": [digest]}), TYP, std::slice::from_ref(&text)).as_bytes()).is_ok());
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
fn what_no_card_may_hide_is_refused() {
    let hiding = |name: &str, value: Value| {
        let (text, digest) = disclosure(&json!(["salt", name, value]));
        refusal(&json!({"_sd": [digest]}), &[text])
    };
    for name in ["iss", "aud", "nbf", "exp", "vct", "vct#integrity", "aka_vcts", "status", "cnf"] {
        assert_eq!(hiding(name, json!(7)), "sd-jwt-never-hidden", "{name}");
    }
    let read = |payload: Value, disclosures: &[String]| {
        SdJwt::parse(signed(&payload, TYP, disclosures).as_bytes()).map_err(|error| error.reason().unwrap())
    };
    let (text, digest) = disclosure(&json!(["salt", "status_list", {"uri": "https://list.example", "idx": 1}]));
    // Shown or not: who could keep it back could keep back that the card was cancelled.
    for disclosures in [vec![text], Vec::new()] {
        let hidden = read(json!({"status": {"_sd": [digest]}}), &disclosures);
        assert_eq!(hidden.err(), Some("sd-jwt-never-hidden"));
    }
    assert_eq!(read(json!({"status": {"a": [{"...": digest}]}}), &[]).err(), Some("sd-jwt-never-hidden"));
    assert_eq!(read(json!({"cnf": {"_sd": [digest]}}), &[]).err(), Some("sd-jwt-never-hidden"));
    // For whom a card is may be shown one by one; when it was made, and its subject, may be kept back.
    assert!(read(json!({"aud": ["a", {"...": digest}]}), &[]).is_ok());
    for name in ["sub", "iat", "jti"] {
        let (text, digest) = disclosure(&json!(["salt", name, 7]));
        assert!(read(json!({"_sd": [digest]}), &[text]).unwrap().claims().is_empty());
    }
}

#[test]
fn an_sd_jwt_vc_says_what_it_is() {
    let vc = |payload: Value, typ: &str| SdJwt::parse(signed(&payload, typ, &[]).as_bytes());
    for typ in ["dc+sd-jwt", "application/dc+sd-jwt"] {
        for wrong in [json!({"iss": "x"}), json!({"vct": 7}), json!({"vct": ""})] {
            assert_eq!(vc(wrong, typ).unwrap_err().reason(), Some("sd-jwt-vct"));
        }
        assert_eq!(vc(json!({"vct": "card"}), typ).unwrap().card_type(), "card");
    }
    // The older type is also W3C's, whose cards have no `vct`.
    assert_eq!(vc(json!({"iss": "x"}), "vc+sd-jwt").unwrap().card_type(), "");
}

#[test]
fn a_token_of_another_kind_is_no_card() {
    for typ in ["", "JWT", "at+jwt", "kb+jwt", "statuslist+jwt", "sd-jwt+json", "dc+sd-jwtx"] {
        let text = signed(&json!({"vct": "card"}), typ, &[]);
        assert_eq!(SdJwt::parse(text.as_bytes()).err(), Some(Error::Foreign), "{typ}");
        assert_eq!(SdJwtKb::parse(text.as_bytes()).err(), Some(Error::Foreign), "{typ}");
    }
    for typ in ["sd-jwt", "example+sd-jwt", "application/example+sd-jwt", "vc+sd-jwt", "dc+sd-jwt"] {
        assert!(SdJwt::parse(signed(&json!({"vct": "card"}), typ, &[]).as_bytes()).is_ok(), "{typ}");
    }
    for text in [
        "https://www.example.com/~amina",
        "www.example.com~amina",
        "from 1.2.3~beta on",
        "AM1C:A.B.C~",
        "{\"payload\": 1}",
        "[\"payload\", \"protected\"]",
    ] {
        assert_eq!(SdJwt::parse(text.as_bytes()).err(), Some(Error::Foreign), "{text}");
    }
}

#[test]
fn the_hash_is_named_at_the_top_alone() {
    let (text, digest) = disclosure(&json!(["salt", "name", "Amina"]));
    let one = |payload: Value| refusal(&payload, std::slice::from_ref(&text));
    assert_eq!(one(json!({"_sd": [digest], "in": {"_sd_alg": "sha-256"}})), "sd-jwt-redacted-place");
    let (text, digest) = disclosure(&json!(["salt", "_sd_alg", "sha-256"]));
    assert_eq!(refusal(&json!({"_sd": [digest]}), &[text]), "sd-jwt-disclosure");
}

#[test]
fn longer_hashes_are_verified_too() {
    let (text, _) = disclosure(&json!(["salt", "name", "Amina"]));
    let holder = key(Curve::P256);
    let encode = Base64UrlUnpadded::encode_string;
    for (name, digest) in [("sha-384", encode(&sha384(text.as_bytes()))), ("sha-512", encode(&sha512(text.as_bytes())))]
    {
        let payload = json!({"_sd_alg": name, "_sd": [digest], "cnf": {"jwk": jwk::to_value(&holder.public_key())}});
        let card = SdJwt::parse(signed(&payload, TYP, std::slice::from_ref(&text)).as_bytes()).unwrap();
        assert!(card.claims().at(&claim("name")).is_some(), "{name}");
        let shown = card.present(&binding(), Some(&holder), NOW, &OsEntropy).unwrap();
        assert!(shown.len() <= card.to_bytes().len() + card.proof_len());
        assert_eq!(SdJwtKb::parse(&shown).unwrap().verify_holder(&binding()), Ok(()), "{name}");
        // The digest of another hash is nobody's.
        let mut other = payload;
        other["_sd_alg"] = "sha-256".into();
        assert_eq!(refusal(&other, std::slice::from_ref(&text)), "sd-jwt-disclosure-unmatched");
    }
}

#[test]
fn what_could_be_read_in_two_ways_is_refused() {
    let of = |payload: &str, disclosures: &[&str]| {
        let header = Base64UrlUnpadded::encode_string(format!("{{\"alg\":\"ES256\",\"typ\":\"{TYP}\"}}").as_bytes());
        let encode = |text: &str| Base64UrlUnpadded::encode_string(text.as_bytes());
        let tail: String = disclosures.iter().map(|text| format!("{}~", encode(text))).collect();
        let read = SdJwt::parse(format!("{header}.{}.eHk~{tail}", encode(payload)).as_bytes());
        read.err().map(|error| error.reason().unwrap())
    };
    assert_eq!(of("{}", &[]), None);
    assert_eq!(of(r#"{"iss":"a","iss":"b"}"#, &[]), Some("json-duplicate-name"));
    assert_eq!(of(r#"{"a":{"b":1,"\u0062":2}}"#, &[]), Some("json-duplicate-name"));
    assert_eq!(of("\u{feff}{}", &[]), Some("json-syntax"));
    assert_eq!(of("{} ", &[r#"["salt","a",{"b":1,"b":2}]"#]), Some("json-duplicate-name"));
    assert_eq!(of("{}", &["\u{feff}[\"salt\",\"a\",1]"]), Some("json-syntax"));
    assert_eq!(of("{}", &[r#"["salt","a",1] "x""#]), Some("json-syntax"));
    assert_eq!(of("[]", &[]), Some("json-object"));
    assert_eq!(of(r#"{"exp":"1883000000"}"#, &[]), Some("cwt-date"));
    assert_eq!(of(r#"{"nbf":1e300}"#, &[]), Some("cwt-date"));
    assert_eq!(of(r#"{"iss":["a"]}"#, &[]), Some("sd-jwt-iss"));
}

#[test]
fn a_key_named_otherwise_does_not_pass_for_none() {
    let holder = key(Curve::P256).public_key();
    let cnf = |cnf: Value| refusal(&json!({ "cnf": cnf }), &[]);
    for other in [json!({}), json!({"kid": "holder"}), json!({"jkt": "x"}), json!("key"), json!(null), json!([])] {
        assert_eq!(cnf(other.clone()), "sd-jwt-cnf", "{other}");
    }
    let mut given_away = jwk::to_value(&holder);
    given_away.insert("d".to_owned(), "AAAA".into());
    assert_eq!(cnf(json!({ "jwk": given_away })), "jwk-private");
    assert_eq!(cnf(json!({"jwk": {"kty": "RSA", "n": "AQ", "e": "AQAB"}})), "key-type");
    let mut for_agreement = jwk::to_value(&holder);
    for_agreement.insert("use".to_owned(), "enc".into());
    assert_eq!(cnf(json!({ "jwk": for_agreement })), "key-use");
}

/// A card with a holder's key, and a proof of any claims by any key.
struct Stage {
    holder: SigningKey,
    card: SdJwt,
}

impl Stage {
    fn new(more: Value) -> Self {
        let holder = key(Curve::P256);
        let mut payload = json!({"iss": "x", "cnf": {"jwk": jwk::to_value(&holder.public_key())}});
        payload.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let card = SdJwt::parse(signed(&payload, TYP, &[]).as_bytes()).unwrap();
        Self { holder, card }
    }

    fn claims(&self) -> Value {
        let text = self.card.to_text();
        json!({"aud": "a", "nonce": "n", "iat": NOW, "sd_hash": Base64UrlUnpadded::encode_string(&sha256(text.as_bytes()))})
    }

    fn read(&self, claims: &Value, typ: &str, signer: &SigningKey) -> Result<SdJwtKb, Error> {
        let proof = Jws::sign([("typ", typ.into())], claims.as_object().unwrap(), signer).unwrap();
        SdJwtKb::parse((self.card.to_text() + &proof.to_text()).as_bytes())
    }

    fn verify(&self, claims: &Value) -> Result<(), Error> {
        self.read(claims, "kb+jwt", &self.holder)?.verify_key_binding("a", "n")
    }
}

#[test]
fn a_proof_says_all_that_it_must() {
    let stage = Stage::new(json!({}));
    assert_eq!(stage.verify(&stage.claims()), Ok(()));
    let with = |name: &str, value: Value| {
        let mut claims = stage.claims();
        claims[name] = value;
        stage.verify(&claims).err().and_then(|error| error.reason())
    };
    for (name, wrong) in [
        ("aud", json!(["a"])),
        ("aud", json!(null)),
        ("nonce", json!(7)),
        ("iat", json!("1795348800")),
        ("iat", json!(1e300)),
        ("sd_hash", json!({})),
        ("req", json!(7)),
        ("exp", json!("never")),
    ] {
        assert_eq!(with(name, wrong.clone()), Some("kb-jwt-claims"), "{name}: {wrong}");
    }
    for name in ["aud", "nonce", "iat", "sd_hash"] {
        let mut claims = stage.claims();
        claims.as_object_mut().unwrap().remove(name);
        assert_eq!(stage.verify(&claims).unwrap_err().reason(), Some("kb-jwt-claims"), "{name}");
    }
    assert_eq!(with("aud", json!("b")), Some("audience"));
    assert_eq!(with("nonce", json!("m")), Some("challenge"));
    assert_eq!(with("sd_hash", json!("n")), Some("sd-hash"));
    for typ in ["JWT", "kb+JWT", "dc+sd-jwt"] {
        let read = stage.read(&stage.claims(), typ, &stage.holder);
        assert_eq!(read.unwrap_err().reason(), Some("kb-jwt-typ"), "{typ}");
    }
    let by_stranger = stage.read(&stage.claims(), "kb+jwt", &key(Curve::P256)).unwrap();
    assert_eq!(by_stranger.verify_key_binding("a", "n"), untrusted("signature-invalid"));
    assert_eq!(by_stranger.verify_signature(), untrusted("signature-invalid"));
    let on_another_curve = stage.read(&stage.claims(), "kb+jwt", &key(Curve::Ed25519)).unwrap();
    assert_eq!(on_another_curve.verify_signature(), untrusted("algorithm-mismatch"));
    let text = stage.card.to_text();
    let head = Base64UrlUnpadded::encode_string(br#"{"alg":"none","typ":"kb+jwt"}"#);
    let body = Base64UrlUnpadded::encode_string(stage.claims().to_string().as_bytes());
    let unsigned = SdJwtKb::parse(format!("{text}{head}.{body}.").as_bytes()).unwrap();
    assert_eq!(unsigned.verify_key_binding("a", "n"), untrusted("algorithm-unsupported"));
}

#[test]
fn a_proofs_dates_are_told_to_whoever_has_a_clock() {
    let stage = Stage::new(json!({}));
    let mut claims = stage.claims();
    (claims["iat"], claims["exp"]) = (json!(7.5), json!(9));
    let read = stage.read(&claims, "kb+jwt", &stage.holder).unwrap();
    assert_eq!(read.verify_key_binding("a", "n"), Ok(()));
    assert_eq!(
        (read.issued_at(), read.proof_validity().expires, read.proof_validity().not_before),
        (Some(7), Some(9), None)
    );
    let bare = SdJwtKb::parse(&stage.card.to_bytes()).unwrap();
    assert_eq!((bare.issued_at(), bare.has_key_binding()), (None, false));
}

#[test]
fn a_proof_of_another_selection_is_none() {
    let (text, digest) = disclosure(&json!(["salt", "name", "Amina"]));
    let holder = key(Curve::P256);
    let payload = json!({"_sd": [digest], "cnf": {"jwk": jwk::to_value(&holder.public_key())}});
    let card = SdJwt::parse(signed(&payload, TYP, &[text]).as_bytes()).unwrap();
    let bare = card.select(&[]).unwrap();
    let shown = bare.present(&binding(), Some(&holder), NOW, &OsEntropy).unwrap();
    let (_, proof) = std::str::from_utf8(&shown).unwrap().rsplit_once('~').unwrap();
    let swapped = SdJwtKb::parse((card.to_text() + proof).as_bytes()).unwrap();
    assert_eq!(swapped.verify_holder(&binding()), untrusted("sd-hash"));
    assert_eq!(swapped.verify_signature(), untrusted("sd-hash"));
}

#[test]
fn a_card_that_was_made_for_some_is_not_taken_by_others() {
    for (audience, taken) in [
        (json!("a"), true),
        (json!("b"), false),
        (json!(["b", "a"]), true),
        (json!(["b", {"...": "x"}]), false),
        (json!([]), false),
        (json!(7), false),
    ] {
        let stage = Stage::new(json!({ "aud": audience }));
        let expected = if taken { Ok(()) } else { untrusted("card-audience") };
        assert_eq!(stage.verify(&stage.claims()), expected, "{audience}");
    }
}

#[test]
fn a_proof_beside_a_bearers_card_proves_nothing() {
    let stage = Stage::new(json!({}));
    let bearers = SdJwt::parse(signed(&json!({"iss": "x"}), TYP, &[]).as_bytes()).unwrap();
    let other = Stage { holder: stage.holder, card: bearers };
    assert_eq!(other.verify(&other.claims()), untrusted("proof-missing"));
}

#[test]
fn a_draft_with_names_of_the_format_is_refused() {
    let issue = |claims: Value, open: &[&str]| {
        let mut wanted = draft();
        wanted.claims = claims_from_json(claims.as_object().unwrap()).unwrap();
        wanted.open = open.iter().map(|path| claim(path)).collect();
        sd_jwt::issue(&wanted, ISSUER, None, b"k", &[], &key(Curve::P256), &OsEntropy)
    };
    let invalid = |reason| Some(Error::Invalid { reason });
    for (claims, open) in [
        (json!({"_sd": ["x"]}), &[][..]),
        (json!({"...": 1}), &[]),
        (json!({"_sd_alg": "md5"}), &[]),
        (json!({"a": {"_sd": ["x"]}}), &[]),
        (json!({"a": {"b": {"...": "x"}}}), &["a"]),
        (json!({"a": [{"...": "x"}]}), &[]),
        (json!({"vct#integrity": "x"}), &[]),
        (json!({"aka_vcts": ["x"]}), &[]),
        (json!({"iss": "x"}), &[]),
    ] {
        assert_eq!(issue(claims.clone(), open).err(), invalid("claim-reserved"), "{claims}");
    }
    // A number and its digits are one name here.
    let twice = Claims::new(vec![(501.into(), Said::Int(1)), ("501".into(), Said::Int(2))]);
    let mut wanted = draft();
    wanted.claims = twice.unwrap();
    let issued = sd_jwt::issue(&wanted, ISSUER, None, b"k", &[], &key(Curve::P256), &OsEntropy);
    assert_eq!(issued.err(), invalid("claim-twice"));
    let subject = issue(json!({"2": "user_42", "700": 1}), &["2"]).unwrap();
    assert_eq!(subject.all_claims().value(&"sub".into()), Some(&Said::Text("user_42".to_owned())));
    assert_eq!(subject.claims().value(&"700".into()), Some(&Said::Int(1)));
}

#[test]
fn a_portrait_is_a_data_uri_and_comes_back_as_bytes() {
    let portrait = [&[0xff, 0xd8, 0xff, 0xe0][..], &[7; 100]].concat();
    for open in [true, false] {
        let mut wanted = draft();
        wanted.claims = Claims::new(vec![
            ("portrait".into(), Said::Bytes(portrait.clone())),
            ("seal".into(), Said::Bytes(vec![1, 2])),
        ])
        .unwrap();
        wanted.open = if open { vec![claim("portrait")] } else { Vec::new() };
        let card = sd_jwt::issue(&wanted, ISSUER, None, b"k", &[], &key(Curve::P256), &OsEntropy).unwrap();
        assert_eq!(card.claims().value(&"portrait".into()), Some(&Said::Bytes(portrait.clone())));
        assert_eq!(card.claims().value(&"seal".into()), Some(&Said::Text("AQI".to_owned())));
        let disclosed = card.to_text().split('~').skip(1).find_map(|one| {
            String::from_utf8(Base64UrlUnpadded::decode_vec(one).ok()?).ok().filter(|one| one.contains("portrait"))
        });
        let said = if open { String::from_utf8(card.signed().payload().to_vec()).ok() } else { disclosed };
        assert!(said.unwrap().contains("data:image/jpeg;base64,/9j/4AcH"));
    }
    let other = json!({"portrait": "https://example.com/amina.jpg"});
    let card = SdJwt::parse(signed(&other, TYP, &[]).as_bytes()).unwrap();
    assert!(matches!(card.claims().value(&"portrait".into()), Some(Said::Text(_))));
}

#[test]
fn salts_are_of_128_bits_and_no_two_alike() {
    let card = sd_jwt::issue(&draft(), ISSUER, None, b"k", &[], &key(Curve::P256), &OsEntropy).unwrap();
    let text = card.to_text();
    let salts = text.split('~').skip(1).filter(|one| !one.is_empty()).map(|one| {
        let parts: Vec<Value> = serde_json::from_slice(&Base64UrlUnpadded::decode_vec(one).unwrap()).unwrap();
        Base64UrlUnpadded::decode_vec(parts[0].as_str().unwrap()).unwrap()
    });
    let salts: std::collections::HashSet<_> = salts.inspect(|salt| assert_eq!(salt.len(), 16)).collect();
    assert!(salts.len() >= 12);
}

#[test]
fn elements_of_a_list_are_shown_one_by_one() {
    let mut wanted = draft();
    wanted.claims =
        claims_from_json(json!({"languages": ["sw", "en", "fr"], "name": "A"}).as_object().unwrap()).unwrap();
    wanted.split = vec![claim("languages")];
    let card = sd_jwt::issue(&wanted, ISSUER, None, b"k", &[], &key(Curve::P256), &OsEntropy).unwrap();
    // The list is hidden as a whole too: its disclosure goes along with its element's.
    let chosen = card.select(&[claim("languages.1")]).unwrap();
    assert_eq!(chosen.claims().at(&claim("languages.0")), Some(&Said::Text("en".to_owned())));
    assert_eq!((chosen.claims().len(), chosen.claims().at(&claim("languages.1"))), (1, None));
    assert_eq!(std::str::from_utf8(&chosen.to_bytes()).unwrap().matches('~').count(), 3);
    assert_eq!(card.select(&[]).unwrap().claims().len(), 0);
    assert_eq!(card.check_whole(), Ok(()));
    assert_eq!(chosen.check_whole(), Ok(()));
}

#[test]
fn a_status_stands_in_clear_where_the_draft_has_one() {
    let mut wanted = draft();
    let status = StatusReference { uri: "https://id.example/status/1".to_owned(), index: 4711 };
    wanted.status = Some(status.clone());
    let issue = |draft: &Draft| sd_jwt::issue(draft, ISSUER, None, b"k", &[], &key(Curve::P256), &OsEntropy);
    let card = issue(&wanted).unwrap();
    assert_eq!(card.select(&[]).unwrap().status(), Some(&status));
    wanted.status = Some(StatusReference { uri: "nowhere".to_owned(), index: 0 });
    assert_eq!(issue(&wanted).err(), Some(Error::Invalid { reason: "status-reference" }));
}

#[test]
fn the_same_card_with_another_end_of_line_is_one_card() {
    let world = World::new();
    let offer = world.desk.offer_in(Format::SdJwt, "ration-card", 3600).unwrap();
    let enrolment = world.holder.enrol(&offer.to_bytes()).unwrap();
    let enrolment = Enrolment::verify(&armour::parse(&enrolment).unwrap().1).unwrap();
    let holder = Some(enrolment.holder_key());
    let card = sd_jwt::issue(&draft(), ISSUER, holder, b"elsewhere", &[], &key(Curve::P256), &OsEntropy).unwrap();
    let text = card.to_text();
    let id = world.holder.add(text.as_bytes()).unwrap();
    assert_eq!(world.holder.add(format!("{text}\r\n").as_bytes()), Ok(id));
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
        SdJwt::parse(signed(&value, TYP, &texts).as_bytes())
    };
    let card = nested(6).unwrap();
    let path = claim("in.in.in.in.in.in");
    assert_eq!(card.shown_by_all().unwrap(), std::slice::from_ref(&path));
    assert_eq!(card.select(&[path]).unwrap().to_bytes(), card.to_bytes());
    assert_eq!(nested(100).unwrap_err().reason(), Some("json-depth"));
}

#[test]
fn bombs_are_refused_before_they_take_memory() {
    let tildes = format!("{}{}", signed(&json!({}), TYP, &[]), "~".repeat(100_000));
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
