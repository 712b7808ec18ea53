//! Judges one file of the form that `tests/interop/README.md` describes, as an app would: by keys and moments that the file
//! names, and by what it promises.

use amana_core::credential::claim169::{self, Claim169, Parsed};
use amana_core::credential::mdoc::session::SessionTranscript;
use amana_core::credential::mdoc::{DeviceResponse, Mdoc};
use amana_core::credential::sd_jwt::SdJwtKb;
use amana_core::credential::{Claims, Credential, Presentation as _, to_json};
use amana_core::crypto::{AgreementKey, PublicKey, SymmetricKey, key_file};
use amana_core::error::Error;
use amana_core::jose::jwk;
use amana_core::trust::StatusListToken;
use amana_core::x509::{Certificate, verify_chain};
use amana_tests::from_hex;
use base64ct::{Base64UrlUnpadded, Encoding as _};
use serde_json::{Map, Value};
use zeroize::Zeroizing;

/// What the file's card says of its holder, where it holds; nothing of a status list.
pub fn judge(file: &Value) -> Result<Option<Claims>, Error> {
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
            if let (Some(list), Some(reference)) = (text("status_list"), shown.card().status()) {
                let token = StatusListToken::parse(list.as_bytes())?;
                token.verify_issuer(&public(&given["status_key"])?)?;
                if token.into_claims()?.list.status(reference.index) != Some(0) {
                    return Err(Error::Untrusted { reason: "revoked" });
                }
            }
            Ok(Some(shown.card().all_claims().clone()))
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
                let card = Mdoc::parse(&from_hex(issued))?;
                return check(&card).map(|()| Some(card.claims()));
            }
            let response = DeviceResponse::parse(&from_hex(text("device_response").unwrap()))?;
            let transcript = SessionTranscript::parse(&from_hex(text("session_transcript").unwrap()))?;
            let reader = given["reader_key"].as_object().map(|jwk| {
                let file = key_file::parse_jwk(&Value::Object(jwk.clone()).to_string()).unwrap();
                AgreementKey::from_secret(&file.private.unwrap().expose_secret()).unwrap()
            });
            let [document] = &response.documents[..] else { return Err(Error::NotFound { what: "document" }) };
            check(document.card())?;
            let reader = reader.as_ref().map(|key| key as &dyn amana_core::crypto::Agree);
            document.verify_device(&transcript, reader)?;
            Ok(Some(document.card().claims()))
        }
        "claim169" => {
            let token = text("token").unwrap();
            let bytes = claim169::from_text(token).unwrap_or_else(|_| from_hex(token));
            let key = text("secret")
                .map(|secret| SymmetricKey::new(Zeroizing::new(from_hex(secret)), None, None).expect("a key"));
            let card: Box<Claim169> = match claim169::parse_with(&bytes, key.as_slice())? {
                Parsed::Card(card) => card,
                Parsed::Encrypted(_) => return Err(Error::NotForMe),
            };
            card.verify_issuer(&public(&given["issuer_key"])?)?;
            is_within(&*card, at).map(|()| Some(card.claims()))
        }
        "status-list-jwt" | "status-list-cwt" => {
            let token = text("token").unwrap();
            let bytes = if token.contains('.') { token.as_bytes().to_vec() } else { from_hex(token) };
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
                Ok(None)
            } else {
                Err(Error::Untrusted { reason: "status" })
            }
        }
        other => panic!("{other}"),
    }
}

/// Whether that is what the file promises, in the formats whose claims have the same names here and there.
pub fn is_as_promised(file: &Value, seen: Option<&Claims>) -> bool {
    let Some(Value::Object(promised)) = file["expect"].get("claims") else { return true };
    let Some(seen) = seen else { return false };
    if file["format"] == "claim169" {
        return true;
    }
    plain(Value::Object(promised.clone())) == Value::Object(to_json(seen))
}

/// As Amana writes what JSON cannot say: a day as its text, bytes as base64url.
fn plain(value: Value) -> Value {
    let is_only = |fields: &Map<String, Value>, names: &[&str]| {
        fields.len() == names.len() && names.iter().all(|name| fields.contains_key(*name))
    };
    match value {
        Value::Object(fields) if is_only(&fields, &["tag", "value"]) => plain(fields["value"].clone()),
        Value::Object(fields) if is_only(&fields, &["hex"]) => {
            Base64UrlUnpadded::encode_string(&from_hex(fields["hex"].as_str().unwrap())).into()
        }
        Value::Object(fields) => fields.into_iter().map(|(name, value)| (name, plain(value))).collect(),
        Value::Array(items) => items.into_iter().map(plain).collect(),
        other => other,
    }
}

fn public(value: &Value) -> Result<PublicKey, Error> {
    let mut public = value.clone();
    public.as_object_mut().unwrap().remove("d");
    jwk::from_value(&public)
}

fn is_within(card: &dyn Credential, at: i64) -> Result<(), Error> {
    if card.validity().holds_at(at) { Ok(()) } else { Err(Error::Untrusted { reason: "out-of-date" }) }
}
