//! Files that hold a key: JWK (RFC 7517, RFC 8037) or PEM (RFC 7468).
//!
//! Private keys are Ed25519 or P-256; public keys also P-384. COSE_Key lives in the room `cose`.

use super::{json, jwk};
use crate::crypto::{PublicKey, SigningKey, pem};
use crate::error::{Error, Result, damaged};
use base64ct::{Base64UrlUnpadded, Encoding as _};
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
        block if block.starts_with("-----BEGIN ") => {
            let (public, private) = pem::parse(block)?;
            Ok(KeyFile { public, private, kid: None })
        }
        _ => Err(Error::Foreign),
    }
}

/// Longest JWK that is read, certificates included.
const MAX_JWK_LEN: usize = 8 * 1024;

/// Reads one JWK.
///
/// # Errors
/// As [`jwk::verifier_from_object`]; `damaged`: `jwk-length`, `jwk-pair` (halves of two keys), or what
/// [`json::parse`] says.
pub fn parse_jwk(text: &str) -> Result<KeyFile> {
    if text.len() > MAX_JWK_LEN {
        return Err(damaged("jwk-length"));
    }
    let mut jwk = json::parse_object(text.as_bytes())?;
    let key = read_jwk(&jwk);
    wipe(&mut jwk);
    key
}

fn read_jwk(jwk: &Map<String, Value>) -> Result<KeyFile> {
    let public = jwk::verifier_from_object(jwk)?;
    let kid = jwk.get("kid").and_then(Value::as_str).map(|kid| kid.as_bytes().to_vec());
    let Some(secret) = jwk.get("d") else { return Ok(KeyFile { public, private: None, kid }) };
    let secret = secret.as_str().ok_or(damaged("jwk-field"))?;
    let secret = Base64UrlUnpadded::decode_vec(secret).map(Zeroizing::new).map_err(|_| damaged("jwk-base64url"))?;
    let secret = secret[..].try_into().map(Zeroizing::new).map_err(|_| damaged("jwk-field"))?;
    let private = SigningKey::from_secret(public.curve(), &secret)?;
    // A pair that does not match would sign what nobody can verify.
    if private.public_key() != public {
        return Err(damaged("jwk-pair"));
    }
    Ok(KeyFile { public, private: Some(private), kid })
}

/// Writes the public half as a JWK.
pub fn public_jwk(public: &PublicKey, kid: Option<&str>) -> String {
    Value::Object(named(public, kid)).to_string()
}

/// Writes a private key as a JWK. Keep the text as you keep the key.
pub fn private_jwk(key: &SigningKey, kid: Option<&str>) -> Zeroizing<String> {
    let mut fields = named(&key.public_key(), kid);
    fields.insert("d".to_owned(), Base64UrlUnpadded::encode_string(&*key.expose_secret()).into());
    let text = Zeroizing::new(serde_json::to_string(&fields).unwrap_or_default());
    wipe(&mut fields);
    text
}

fn named(public: &PublicKey, kid: Option<&str>) -> Map<String, Value> {
    jwk::to_object(public).into_iter().chain(kid.map(|kid| ("kid".to_owned(), kid.into()))).collect()
}

fn wipe(jwk: &mut Map<String, Value>) {
    if let Some(Value::String(secret)) = jwk.get_mut("d") {
        secret.zeroize();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::Curve;
    use crate::error::invalid;

    // RFC 8037 appendix A.1 and A.2: the Ed25519 key of RFC 8032 section 7.1 test 1.
    const RFC_8037: &str = r#"{"kty":"OKP","crv":"Ed25519","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
        "x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;

    #[test]
    fn a_jwk_and_a_pem_hold_the_same_key() {
        let file = parse(RFC_8037).unwrap();
        let key = file.private.unwrap();
        let again = parse(&pem::from_private(&key).unwrap()).unwrap();
        assert_eq!(again.private.unwrap().public_key(), file.public);
        assert_eq!(parse(&pem::from_public(&file.public).unwrap()).unwrap().public, file.public);
        let jwk = parse(&private_jwk(&key, Some("desk-1"))).unwrap();
        assert_eq!((jwk.public, jwk.kid), (file.public, Some(b"desk-1".to_vec())));
    }

    #[test]
    fn p256_keys_survive() {
        let key = SigningKey::make_on(Curve::P256, &crate::ports::OsEntropy).unwrap();
        let file = parse(&private_jwk(&key, None)).unwrap();
        assert_eq!(file.private.unwrap().expose_secret(), key.expose_secret());
        assert_eq!(parse(&public_jwk(&file.public, None)).unwrap().public, key.public_key());
    }

    #[test]
    fn a_pair_that_does_not_match_is_damaged() {
        let swapped = RFC_8037.replace("\"d\":\"nWG", "\"d\":\"nWH");
        assert_eq!(parse(&swapped).unwrap_err(), damaged("jwk-pair"));
    }

    #[test]
    fn other_files_are_told_apart() {
        assert_eq!(parse("hello").unwrap_err(), Error::Foreign);
        assert_eq!(parse("{").unwrap_err(), damaged("json-syntax"));
        assert_eq!(parse(r#"{"kty":"EC","kty":"OKP"}"#).unwrap_err(), damaged("json-duplicate-key"));
        assert_eq!(parse(r#"{"kty":"RSA"}"#).unwrap_err(), invalid("key-type"));
        assert_eq!(parse(&RFC_8037.replace('{', r#"{"use":"enc","#)).unwrap_err(), invalid("key-type"));
        assert_eq!(parse(&format!("{{{}", " ".repeat(MAX_JWK_LEN))).unwrap_err(), damaged("jwk-length"));
        assert_eq!(
            parse("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n").unwrap_err(),
            invalid("key-type")
        );
    }
}
