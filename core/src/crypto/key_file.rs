//! Key files: JWK (RFC 7517, RFC 8037) and PEM (RFC 7468: PKCS #8 private keys, SPKI public keys).
//!
//! Private keys are Ed25519 or P-256; public keys also P-384. A key that both sides hold is a JWK of the kind `oct`
//! (RFC 7518 section 6.4). COSE_Key lives in [`cose::key`](crate::cose::key).

use super::{Algorithm, Cipher, Curve, PublicKey, SigningKey, SymmetricKey};
use crate::error::{Error, Result, damaged, invalid};
use crate::json;
use base64ct::{Base64UrlUnpadded, Encoding as _};
use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{DecodePrivateKey as _, DecodePublicKey as _, EncodePrivateKey as _, EncodePublicKey as _};
use serde_json::{Map, Value};
use zeroize::{Zeroize as _, Zeroizing};

/// A key as a file holds it.
#[derive(Debug)]
pub struct KeyFile {
    /// The public half.
    pub public: PublicKey,
    /// The private half, where the file has it.
    pub private: Option<SigningKey>,
    /// The key's name, as UTF-8 bytes, where the file names it.
    pub kid: Option<Vec<u8>>,
}

/// Reads a JWK or a PEM file, told apart by content.
///
/// # Errors
/// `foreign` for neither, `damaged` for a broken one, `invalid` (`key-type`) for a kind of key Amana has no use for.
pub fn parse(text: &str) -> Result<KeyFile> {
    match text.trim_start_matches('\u{feff}').trim_start() {
        json if json.starts_with('{') => parse_jwk(json),
        pem if pem.starts_with("-----BEGIN ") => parse_pem(pem),
        _ => Err(Error::Foreign),
    }
}

/// Longest JWK that is read, certificates included: small objects take JSON's reader a hundred times their length.
const MAX_JWK_LEN: usize = 8 * 1024;

/// Reads one JWK.
pub fn parse_jwk(text: &str) -> Result<KeyFile> {
    if text.len() > MAX_JWK_LEN {
        return Err(damaged("jwk-length"));
    }
    let mut jwk = read_object(text)?;
    let key = read_jwk(&jwk);
    wipe(&mut jwk);
    key
}

/// A member that stands twice would be one thing here and another elsewhere; a name that is no text would be none.
fn read_object(text: &str) -> Result<Map<String, Value>> {
    let mut jwk = json::parse_object(text.as_bytes()).map_err(|_| damaged("jwk-json"))?;
    if jwk.get("kid").is_none_or(Value::is_string) {
        return Ok(jwk);
    }
    wipe(&mut jwk);
    Err(damaged("jwk-field"))
}

fn wipe(jwk: &mut Map<String, Value>) {
    for field in ["d", "k"] {
        if let Some(Value::String(secret)) = jwk.get_mut(field) {
            secret.zeroize();
        }
    }
}

/// Reads one JWK that holds a key of both sides (`kty` is `oct`): 16, 24 or 32 bytes. Where it names an algorithm, it is
/// used with no other.
///
/// # Errors
/// `foreign` for what is no JSON object; `invalid`: `key-type` for another kind of key, `key-use` where it is not for sealing;
/// `damaged`: `jwk-*`, `key-length`.
pub fn parse_symmetric(text: &str) -> Result<SymmetricKey> {
    let text = text.trim_start_matches('\u{feff}').trim_start();
    if !text.starts_with('{') {
        return Err(Error::Foreign);
    }
    if text.len() > MAX_JWK_LEN {
        return Err(damaged("jwk-length"));
    }
    let mut jwk = read_object(text)?;
    let key = read_symmetric(&jwk);
    wipe(&mut jwk);
    key
}

/// JOSE's names of the ciphers (RFC 7518 section 5.1).
const CIPHERS: [(&str, Cipher); 3] =
    [("A128GCM", Cipher::A128Gcm), ("A192GCM", Cipher::A192Gcm), ("A256GCM", Cipher::A256Gcm)];

fn read_symmetric(jwk: &Map<String, Value>) -> Result<SymmetricKey> {
    let field = |name| jwk.get(name).and_then(Value::as_str);
    if field("kty") != Some("oct") {
        return Err(invalid("key-type"));
    }
    let seals = |operation: &Value| matches!(operation.as_str(), Some("encrypt" | "decrypt"));
    let operations = jwk.get("key_ops").map(|list| list.as_array().is_some_and(|list| list.iter().any(seals)));
    if jwk.get("use").is_some_and(|said| said != "enc") || operations == Some(false) {
        return Err(invalid("key-use"));
    }
    let named = |said: &Value| CIPHERS.iter().find(|(name, _)| said == name).map(|(_, cipher)| *cipher);
    let cipher = jwk.get("alg").map(|said| named(said).ok_or(invalid("key-use"))).transpose()?;
    let secret = field("k").ok_or(damaged("jwk-field"))?;
    let secret = Base64UrlUnpadded::decode_vec(secret).map(Zeroizing::new).map_err(|_| damaged("jwk-base64url"))?;
    SymmetricKey::new(secret, field("kid").map(|kid| kid.as_bytes().to_vec()), cipher)
}

pub(crate) fn read_jwk(jwk: &Map<String, Value>) -> Result<KeyFile> {
    let key = read_jwk_of_any_use(jwk)?;
    if is_for(jwk, key.public.algorithm()) { Ok(key) } else { Err(invalid("key-use")) }
}

/// Whether a JWK may be used to sign and verify by this algorithm (RFC 7517 sections 4.2 to 4.4).
fn is_for(jwk: &Map<String, Value>, algorithm: Algorithm) -> bool {
    let names: &[&str] = match algorithm {
        Algorithm::Ed25519 => &["EdDSA", "Ed25519"],
        Algorithm::Es256 => &["ES256"],
        Algorithm::Es384 => &["ES384"],
    };
    let is = |name: &str, allowed: &[&str]| {
        jwk.get(name).is_none_or(|value| value.as_str().is_some_and(|value| allowed.contains(&value)))
    };
    let signs = |operation: &Value| matches!(operation.as_str(), Some("sign" | "verify"));
    let operations = jwk.get("key_ops").map(|list| list.as_array().is_some_and(|list| list.iter().any(signs)));
    is("use", &["sig"]) && is("alg", names) && operations.unwrap_or(true)
}

fn read_jwk_of_any_use(jwk: &Map<String, Value>) -> Result<KeyFile> {
    let field = |name| jwk.get(name).and_then(Value::as_str);
    let bytes = |name| {
        let text = field(name).ok_or(damaged("jwk-field"))?;
        Base64UrlUnpadded::decode_vec(text).map(Zeroizing::new).map_err(|_| damaged("jwk-base64url"))
    };
    let private = |public: &PublicKey| {
        if !jwk.contains_key("d") {
            return Ok(None);
        }
        let secret = bytes("d")?[..].try_into().map(Zeroizing::new).map_err(|_| damaged("jwk-field"))?;
        let key = SigningKey::from_secret(public.curve(), &secret)?;
        // A pair that does not match would sign what nobody can verify.
        if key.public_key() == *public { Ok(Some(key)) } else { Err(damaged("jwk-pair")) }
    };
    let kid = field("kid").map(|kid| kid.as_bytes().to_vec());
    match (field("kty"), field("crv")) {
        (Some("OKP"), Some("Ed25519")) => {
            let public = PublicKey::parse_ed25519(&bytes("x")?)?;
            Ok(KeyFile { private: private(&public)?, public, kid })
        }
        (Some("EC"), Some(curve @ ("P-256" | "P-384"))) => {
            let (curve, len) = if curve == "P-256" { (Curve::P256, 32) } else { (Curve::P384, 48) };
            let (x, y) = (bytes("x")?, bytes("y")?);
            if x.len() != len || y.len() != len {
                return Err(damaged("jwk-field"));
            }
            let public = PublicKey::parse_sec1(curve, &[&[4], &x[..], &y[..]].concat())?;
            Ok(KeyFile { private: private(&public)?, public, kid })
        }
        _ => Err(invalid("key-type")),
    }
}

/// Writes the public half as a JWK.
pub fn public_jwk(public: &PublicKey, kid: Option<&str>) -> String {
    to_text(&jwk_fields(public, kid))
}

/// Writes a private key as a JWK. Keep the text as you keep the key.
pub fn private_jwk(key: &SigningKey, kid: Option<&str>) -> Zeroizing<String> {
    let mut fields = jwk_fields(&key.public_key(), kid);
    fields.insert("d".to_owned(), Base64UrlUnpadded::encode_string(&*key.expose_secret()).into());
    let text = Zeroizing::new(to_text(&fields));
    wipe(&mut fields);
    text
}

/// Reads one PEM block: `PRIVATE KEY` or `PUBLIC KEY`.
pub fn parse_pem(text: &str) -> Result<KeyFile> {
    let (public, private) = if text.contains("-----BEGIN PRIVATE KEY-----") {
        let (curve, secret) = if let Ok(key) = ed25519_dalek::SigningKey::from_pkcs8_pem(text) {
            (Curve::Ed25519, Zeroizing::new(key.to_bytes()))
        } else {
            let key = p256::SecretKey::from_pkcs8_pem(text).map_err(|_| invalid("key-type"))?;
            (Curve::P256, Zeroizing::new(key.to_bytes().into()))
        };
        let key = SigningKey::from_secret(curve, &secret)?;
        (key.public_key(), Some(key))
    } else if let Ok(key) = ed25519_dalek::VerifyingKey::from_public_key_pem(text) {
        (PublicKey::parse_ed25519(key.as_bytes())?, None)
    } else if let Ok(key) = p256::PublicKey::from_public_key_pem(text) {
        (PublicKey::parse_sec1(Curve::P256, &key.to_sec1_bytes())?, None)
    } else if let Ok(key) = p384::PublicKey::from_public_key_pem(text) {
        (PublicKey::parse_sec1(Curve::P384, &key.to_sec1_bytes())?, None)
    } else {
        return Err(invalid("key-type"));
    };
    Ok(KeyFile { public, private, kid: None })
}

/// Writes the public half as an SPKI PEM block.
pub fn public_pem(public: &PublicKey) -> Result<String> {
    let fault = Error::Internal { reason: "pem" };
    let point = public.to_point();
    let text = match public.curve() {
        Curve::Ed25519 => {
            let bytes = point[..].try_into().map_err(|_| fault.clone())?;
            let key = ed25519_dalek::VerifyingKey::from_bytes(bytes).map_err(|_| fault.clone())?;
            key.to_public_key_pem(LineEnding::LF).ok()
        }
        Curve::P256 => {
            p256::PublicKey::from_sec1_bytes(&point).ok().and_then(|key| key.to_public_key_pem(LineEnding::LF).ok())
        }
        Curve::P384 => {
            p384::PublicKey::from_sec1_bytes(&point).ok().and_then(|key| key.to_public_key_pem(LineEnding::LF).ok())
        }
    };
    text.ok_or(fault)
}

/// Writes a private key as a PKCS #8 PEM block. Keep the text as you keep the key.
pub fn private_pem(key: &SigningKey) -> Result<Zeroizing<String>> {
    let (fault, secret) = (Error::Internal { reason: "pem" }, key.expose_secret());
    match key.public_key().curve() {
        Curve::Ed25519 => ed25519_dalek::SigningKey::from_bytes(&secret).to_pkcs8_pem(LineEnding::LF).ok(),
        _ => p256::SecretKey::from_slice(&secret[..]).ok().and_then(|key| key.to_pkcs8_pem(LineEnding::LF).ok()),
    }
    .ok_or(fault)
}

pub(crate) fn jwk_fields(public: &PublicKey, kid: Option<&str>) -> Map<String, Value> {
    let (kty, crv) = match public.curve() {
        Curve::Ed25519 => ("OKP", "Ed25519"),
        Curve::P256 => ("EC", "P-256"),
        Curve::P384 => ("EC", "P-384"),
    };
    let (x, y) = public.coordinates();
    let mut fields = Map::new();
    fields.insert("kty".to_owned(), serde_json::json!(kty));
    fields.insert("crv".to_owned(), serde_json::json!(crv));
    fields.insert("x".to_owned(), serde_json::json!(Base64UrlUnpadded::encode_string(&x)));
    if let Some(y) = y {
        fields.insert("y".to_owned(), serde_json::json!(Base64UrlUnpadded::encode_string(&y)));
    }
    if let Some(kid) = kid {
        fields.insert("kid".to_owned(), serde_json::json!(kid));
    }
    fields
}

fn to_text(fields: &Map<String, Value>) -> String {
    // A map of texts is always JSON.
    serde_json::to_string(fields).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    // RFC 8037 appendix A.1 and A.2: the Ed25519 key of RFC 8032 section 7.1 test 1.
    const RFC_8037: &str = r#"{"kty":"OKP","crv":"Ed25519","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
        "x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;

    #[test]
    fn a_jwk_and_a_pem_hold_the_same_key() {
        let file = parse(RFC_8037).unwrap();
        let key = file.private.unwrap();
        let again = parse(&private_pem(&key).unwrap()).unwrap();
        assert_eq!(again.private.unwrap().public_key(), file.public);
        assert_eq!(parse(&public_pem(&file.public).unwrap()).unwrap().public, file.public);
        let jwk = parse(&private_jwk(&key, Some("desk-1"))).unwrap();
        assert_eq!((jwk.public, jwk.kid), (file.public, Some(b"desk-1".to_vec())));
    }

    #[test]
    fn p256_keys_survive_in_both_forms() {
        let key = SigningKey::make_on(Curve::P256, &crate::ports::OsEntropy).unwrap();
        for text in [private_jwk(&key, None), private_pem(&key).unwrap()] {
            let file = parse(&text).unwrap();
            assert_eq!(file.private.unwrap().expose_secret(), key.expose_secret());
            assert_eq!(file.public, key.public_key());
        }
    }

    #[test]
    fn a_pair_that_does_not_match_is_damaged() {
        let swapped = RFC_8037.replace("\"d\":\"nWG", "\"d\":\"nWH");
        assert_eq!(parse(&swapped).unwrap_err(), damaged("jwk-pair"));
    }

    /// RFC 7517 appendix A.3, with the length of a cipher's key.
    #[test]
    fn a_key_of_both_sides_is_an_oct() {
        let key = |more: &str| {
            parse_symmetric(&format!(r#"{{"kty":"oct","k":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"{more}}}"#))
        };
        let named = key(r#","kid":"both","alg":"A256GCM""#).unwrap();
        assert_eq!(named.kid(), Some(&b"both"[..]));
        assert!(named.fits(Cipher::A256Gcm) && !named.fits(Cipher::ChaCha20Poly1305));
        let free = key("").unwrap();
        assert!(free.fits(Cipher::A256Gcm) && free.fits(Cipher::ChaCha20Poly1305) && !free.fits(Cipher::A128Gcm));
        assert_eq!(format!("{free:?}"), "SymmetricKey(redacted)");
        assert_eq!(key(r#","alg":"A128GCM""#).unwrap_err(), damaged("key-length"));
        for other in [r#","alg":"A256KW""#, r#","use":"sig""#, r#","key_ops":["wrapKey"]"#] {
            assert_eq!(key(other).unwrap_err(), invalid("key-use"));
        }
        assert!(key(r#","use":"enc","key_ops":["decrypt"]"#).is_ok());
        assert_eq!(parse_symmetric(r#"{"kty":"oct","k":"AAEC"}"#).unwrap_err(), damaged("key-length"));
        assert_eq!(parse_symmetric(r#"{"kty":"oct"}"#).unwrap_err(), damaged("jwk-field"));
        assert_eq!(parse_symmetric(r#"{"kty":"oct","k":"=="}"#).unwrap_err(), damaged("jwk-base64url"));
        assert_eq!(parse_symmetric(RFC_8037).unwrap_err(), invalid("key-type"));
        assert_eq!(parse_symmetric("hello").unwrap_err(), Error::Foreign);
        assert_eq!(parse(r#"{"kty":"oct","k":"AAEC"}"#).unwrap_err(), invalid("key-type"));
    }

    #[test]
    fn other_files_are_told_apart() {
        assert_eq!(parse("hello").unwrap_err(), Error::Foreign);
        assert_eq!(parse("{").unwrap_err(), damaged("jwk-json"));
        // Which of two would count, and a name that would be none.
        assert_eq!(parse(&RFC_8037.replacen('{', r#"{"x":"AA","#, 1)).unwrap_err(), damaged("jwk-json"));
        assert_eq!(parse(&RFC_8037.replacen('{', r#"{"kid":7,"#, 1)).unwrap_err(), damaged("jwk-field"));
        assert_eq!(parse(r#"{"kty":"RSA"}"#).unwrap_err(), invalid("key-type"));
        assert_eq!(parse(&format!("{{{}", " ".repeat(MAX_JWK_LEN))).unwrap_err(), damaged("jwk-length"));
        assert_eq!(
            parse("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n").unwrap_err(),
            invalid("key-type")
        );
    }
}
