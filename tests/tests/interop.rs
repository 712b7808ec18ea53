//! What independent programs made (`tests/interop/made`), judged by Amana: what they issue and present holds, and what was
//! tampered with does not, whatever other programs say. `tests/interop/README.md` tells how the files came to be.

use amana_core::credential::claim169::{self, Claim169, Parsed};
use amana_core::credential::mdoc::session::SessionTranscript;
use amana_core::credential::mdoc::{DeviceResponse, Mdoc};
use amana_core::credential::sd_jwt::SdJwtKb;
use amana_core::credential::{Credential, Presentation as _};
use amana_core::crypto::{AgreementKey, PublicKey, SymmetricKey, key_file};
use amana_core::error::Error;
use amana_core::jose::jwk;
use amana_core::trust::StatusListToken;
use amana_core::x509::{Certificate, verify_chain};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|ending| ending == "json") {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn hex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

fn public(value: &Value) -> Result<PublicKey, Error> {
    let mut public = value.clone();
    public.as_object_mut().unwrap().remove("d");
    jwk::from_value(&public)
}

fn is_within(card: &dyn Credential, at: i64) -> Result<(), Error> {
    if card.validity().holds_at(at) { Ok(()) } else { Err(Error::Untrusted { reason: "out-of-date" }) }
}

fn judge(file: &Value) -> Result<(), Error> {
    let given = &file["verify"];
    let text = |name: &str| given[name].as_str();
    let at = given["at"].as_i64().unwrap();
    match file["format"].as_str().unwrap() {
        "sd-jwt" | "sd-jwt-vc" => {
            let shown = SdJwtKb::parse(text("token").unwrap().as_bytes())?;
            shown.card().verify_issuer(&public(&given["issuer_key"])?)?;
            is_within(shown.card(), at)?;
            match (text("audience"), text("nonce")) {
                (Some(audience), Some(nonce)) => shown.verify_key_binding(audience, nonce)?,
                _ if shown.has_key_binding() => shown.verify_signature()?,
                _ => {}
            }
            match (text("status_list"), shown.card().status()) {
                (Some(list), Some(reference)) => {
                    let token = StatusListToken::parse(list.as_bytes())?;
                    token.verify_issuer(&public(&given["status_key"])?)?;
                    let status = token.into_claims()?.list.status(reference.index);
                    if status == Some(0) { Ok(()) } else { Err(Error::Untrusted { reason: "revoked" }) }
                }
                _ => Ok(()),
            }
        }
        "mdoc" => {
            let roots = given["roots"].as_array().unwrap();
            let roots: Vec<_> =
                roots.iter().map(|pem| Certificate::parse_pem(pem.as_str().unwrap()).unwrap().remove(0)).collect();
            let check = |card: &Mdoc| {
                let chain = card.chain().iter().map(|der| Certificate::parse(der)).collect::<Result<Vec<_>, _>>()?;
                verify_chain(&chain, &roots, at, card.signer_profile())?;
                card.verify_issuer(chain[0].public_key()?)?;
                card.check_signer(&chain[0])?;
                is_within(card, at)
            };
            if let Some(issued) = text("issuer_signed") {
                return check(&Mdoc::parse(&hex(issued))?);
            }
            let response = DeviceResponse::parse(&hex(text("device_response").unwrap()))?;
            let transcript = SessionTranscript::parse(&hex(text("session_transcript").unwrap()))?;
            let reader = given["reader_key"].as_object().map(|jwk| {
                let file = key_file::parse_jwk(&Value::Object(jwk.clone()).to_string()).unwrap();
                AgreementKey::from_secret(&file.private.unwrap().expose_secret()).unwrap()
            });
            for document in &response.documents {
                check(document.card())?;
                let reader = reader.as_ref().map(|key| key as &dyn amana_core::crypto::Agree);
                document.verify_device(&transcript, reader)?;
            }
            Ok(())
        }
        "claim169" => {
            let token = text("token").unwrap();
            let bytes = claim169::from_text(token).unwrap_or_else(|_| hex(token));
            let key =
                text("secret").map(|secret| SymmetricKey::new(Zeroizing::new(hex(secret)), None, None).expect("a key"));
            let card: Box<Claim169> = match claim169::parse_with(&bytes, key.as_slice())? {
                Parsed::Card(card) => card,
                Parsed::Encrypted(_) => return Err(Error::NotForMe),
            };
            card.verify_issuer(&public(&given["issuer_key"])?)?;
            is_within(&*card, at)
        }
        "status-list-jwt" | "status-list-cwt" => {
            let token = text("token").unwrap();
            let bytes = if token.contains('.') { token.as_bytes().to_vec() } else { hex(token) };
            let token = StatusListToken::parse(&bytes)?;
            token.verify_issuer(&public(&given["issuer_key"])?)?;
            let claims = token.into_claims()?;
            if Some(claims.uri.as_str()) != text("uri") {
                return Err(Error::Untrusted { reason: "uri" });
            }
            if claims.expires.is_some_and(|expires| at >= expires) {
                return Err(Error::Untrusted { reason: "out-of-date" });
            }
            let expected = file["expect"]["status"].as_u64();
            let found = given["index"].as_u64().and_then(|index| claims.list.status(index)).map(u64::from);
            if found.is_some() && (expected.is_none() || found == expected) {
                Ok(())
            } else {
                Err(Error::Untrusted { reason: "status" })
            }
        }
        other => panic!("{other}"),
    }
}

#[test]
fn what_independent_programs_made_is_judged_rightly() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("interop/made");
    let (mut judged, mut wrong, mut left_out) = (BTreeMap::<String, (u32, u32)>::new(), Vec::new(), 0);
    for path in files(&root) {
        let name = path.strip_prefix(&root).unwrap().with_extension("").to_str().unwrap().replace('\\', "/");
        let file: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        // Packed codes without a signature, and bare CWTs, are no cards.
        let is_card = !matches!(file["format"].as_str(), Some("cwt") | None) && !name.contains("pixelpass");
        if !is_card {
            left_out += 1;
            continue;
        }
        let expected = file["expect"]["ok"].as_bool().unwrap();
        let found = judge(&file);
        if found.is_ok() != expected {
            wrong.push(format!("{name}: expected {expected}, found {found:?}"));
        }
        let counts = judged.entry(file["program"].as_str().unwrap().to_owned()).or_default();
        *(if expected { &mut counts.0 } else { &mut counts.1 }) += 1;
    }
    for (program, (accepted, refused)) in &judged {
        println!("{program}: {accepted} to accept, {refused} to refuse");
    }
    println!("{left_out} left out");
    assert!(wrong.is_empty(), "{} of {judged:?}:\n{}", wrong.len(), wrong.join("\n"));
    assert_eq!((judged.len(), judged.values().map(|(a, b)| a + b).sum::<u32>()), (12, 247));
}
