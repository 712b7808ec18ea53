//! JSON Web Signature, compact (RFC 7515): what of it Amana reads, verifies and writes.
//!
//! `alg` is EdDSA (RFC 8037) or Ed25519 (RFC 9864), ES256, ES384 (RFC 7518 section 3.4: raw r ‖ s, never DER). All others, and
//! `none` above all, verify as `algorithm-unsupported`.

use crate::crypto::{Algorithm, PublicKey, Signer};
use crate::error::{Result, damaged, untrusted};
use crate::json;
use base64ct::{Base64, Base64UrlUnpadded, Encoding as _};
use core::fmt;
use serde_json::{Map, Value};

/// Longest compact JWS that is read, in characters.
pub const MAX_LEN: usize = 512 * 1024;
/// Most certificates in `x5c`.
const MAX_CHAIN: usize = 8;

/// A signed message. Parsing keeps the signed text as it came.
#[derive(Clone, PartialEq)]
pub struct Jws {
    /// Header and payload as they are signed: two base64url texts with a dot between.
    signed: String,
    header: Map<String, Value>,
    payload: Vec<u8>,
    signature: Vec<u8>,
    chain: Vec<Vec<u8>>,
}

impl Jws {
    /// Reads a compact JWS.
    ///
    /// # Errors
    /// `damaged`: `jws-shape`, `jws-length`, `jws-base64url`, `jws-crit` (no extension is understood), `jws-header`, `jws-x5c`, or
    /// what [`json::parse`] says.
    pub fn parse(compact: &str) -> Result<Self> {
        if compact.len() > MAX_LEN {
            return Err(damaged("jws-length"));
        }
        let (signed, signature) = compact.rsplit_once('.').ok_or(damaged("jws-shape"))?;
        let (header, payload) = signed.split_once('.').ok_or(damaged("jws-shape"))?;
        if payload.contains('.') {
            return Err(damaged("jws-shape"));
        }
        let header = json::parse_object(&base64url(header)?)?;
        if header.contains_key("crit") {
            return Err(damaged("jws-crit"));
        }
        // One of another kind names nothing: it must not pass for one that is left out.
        let is_text = |name: &&str| header.get(*name).is_none_or(Value::is_string);
        if !header.contains_key("alg") || !["alg", "typ", "kid"].iter().all(is_text) {
            return Err(damaged("jws-header"));
        }
        Ok(Self {
            chain: chain(&header)?,
            header,
            payload: base64url(payload)?,
            signature: base64url(signature)?,
            signed: signed.to_owned(),
        })
    }

    /// Signs `payload`; `alg` is added to the header.
    ///
    /// # Errors
    /// `host`, where the key lies in the host's hands.
    pub fn sign(
        header: impl IntoIterator<Item = (&'static str, Value)>,
        payload: &Map<String, Value>,
        key: &dyn Signer,
    ) -> Result<Self> {
        // A map of values that were read, or made here, is always JSON.
        Self::sign_bytes(header, serde_json::to_string(payload).unwrap_or_default().as_bytes(), key)
    }

    /// The same with a payload of any kind.
    ///
    /// # Errors
    /// As [`sign`](Self::sign).
    pub fn sign_bytes(
        header: impl IntoIterator<Item = (&'static str, Value)>,
        payload: &[u8],
        key: &dyn Signer,
    ) -> Result<Self> {
        let alg = match key.public_key().algorithm() {
            Algorithm::Ed25519 => "EdDSA",
            Algorithm::Es256 => "ES256",
            Algorithm::Es384 => "ES384",
        };
        let fields = [("alg", alg.into())].into_iter().chain(header);
        let header: Map<String, Value> = fields.map(|(name, value)| (name.to_owned(), value)).collect();
        let head = serde_json::to_string(&header).unwrap_or_default();
        let [head, encoded] = [head.as_bytes(), payload].map(Base64UrlUnpadded::encode_string);
        let signed = format!("{head}.{encoded}");
        let signature = key.sign(signed.as_bytes())?;
        Ok(Self { chain: chain(&header)?, header, payload: payload.to_vec(), signature, signed })
    }

    /// Checks the signature with `key`, by the algorithm the header names.
    ///
    /// # Errors
    /// `untrusted`: `algorithm-unsupported`, `algorithm-mismatch` or `signature-invalid`.
    pub fn verify(&self, key: &PublicKey) -> Result<()> {
        let algorithm = self.algorithm().ok_or(untrusted("algorithm-unsupported"))?;
        key.verify(algorithm, self.signed.as_bytes(), &self.signature)
    }

    /// The algorithm that the header names; `None` for one that Amana does not verify.
    pub fn algorithm(&self) -> Option<Algorithm> {
        match self.header.get("alg")?.as_str()? {
            "EdDSA" | "Ed25519" => Some(Algorithm::Ed25519),
            "ES256" => Some(Algorithm::Es256),
            "ES384" => Some(Algorithm::Es384),
            _ => None,
        }
    }

    /// The header, all of which is signed.
    pub fn header(&self) -> &Map<String, Value> {
        &self.header
    }

    /// The type (RFC 7515 section 4.1.9), without `application/`.
    pub fn typ(&self) -> Option<&str> {
        let typ = self.header.get("typ")?.as_str()?;
        Some(typ.strip_prefix("application/").unwrap_or(typ))
    }

    /// The name of the key that signed.
    pub fn kid(&self) -> Option<&[u8]> {
        self.header.get("kid")?.as_str().map(str::as_bytes)
    }

    /// The certificates of `x5c`, DER, the signer's first.
    pub fn chain(&self) -> &[Vec<u8>] {
        &self.chain
    }

    /// The signed content.
    pub fn payload(&self) -> &[u8] {
        &self.payload
    }

    /// The compact form.
    pub fn to_text(&self) -> String {
        format!("{}.{}", self.signed, Base64UrlUnpadded::encode_string(&self.signature))
    }
}

/// Headers and payload hold cards: how much there is may be printed, what it says may not.
impl fmt::Debug for Jws {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Jws({} characters, redacted)", self.signed.len())
    }
}

fn chain(header: &Map<String, Value>) -> Result<Vec<Vec<u8>>> {
    let wrong = damaged("jws-x5c");
    let Some(list) = header.get("x5c") else { return Ok(Vec::new()) };
    let list = list.as_array().filter(|list| (1..=MAX_CHAIN).contains(&list.len())).ok_or(wrong.clone())?;
    // Standard base64, padded, unlike all else (RFC 7515 section 4.1.6).
    let certificate = |entry: &Value| Base64::decode_vec(entry.as_str()?).ok();
    list.iter().map(certificate).collect::<Option<_>>().ok_or(wrong)
}

/// Base64url without padding, of which each byte string has one.
///
/// # Errors
/// `damaged` (`jws-base64url`).
pub(crate) fn base64url(text: &str) -> Result<Vec<u8>> {
    Base64UrlUnpadded::decode_vec(text).map_err(|_| damaged("jws-base64url"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::{Curve, SigningKey};
    use crate::ports::OsEntropy;
    use serde_json::json;

    fn payload() -> Map<String, Value> {
        json!({"iss": "joe"}).as_object().unwrap().clone()
    }

    #[test]
    fn a_signature_covers_header_and_payload() {
        for curve in [Curve::Ed25519, Curve::P256] {
            let key = SigningKey::make_on(curve, &OsEntropy).unwrap();
            let made = Jws::sign([("kid", "k".into())], &payload(), &key).unwrap();
            let text = made.to_text();
            let read = Jws::parse(&text).unwrap();
            assert_eq!((&read, read.kid()), (&made, Some(&b"k"[..])));
            assert_eq!(read.verify(&key.public_key()), Ok(()));
            for at in 0..text.len() {
                let mut altered = text.clone().into_bytes();
                altered[at] = if altered[at] == b'A' { b'B' } else { b'A' };
                let altered = String::from_utf8(altered).unwrap();
                assert!(Jws::parse(&altered).and_then(|jws| jws.verify(&key.public_key())).is_err(), "{at}");
            }
        }
    }

    /// RFC 8037 appendix A.4.
    #[test]
    fn the_example_of_rfc_8037() {
        let text = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbh\
                    ijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";
        let jwk = json!({"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"});
        let key = super::super::jwk::from_value(&jwk).unwrap();
        assert_eq!(Jws::parse(text).unwrap().verify(&key), Ok(()));
    }

    #[test]
    fn others_are_refused() {
        let encode = |text: &str| Base64UrlUnpadded::encode_string(text.as_bytes());
        let of = |header: &str, rest: &str| format!("{}.{}", encode(header), rest);
        for (text, why) in [
            ("abc".to_owned(), "jws-shape"),
            ("a.b.c.d".to_owned(), "jws-shape"),
            (of(r#"{"alg":"EdDSA","crit":["exp"]}"#, "e30."), "jws-crit"),
            (of(r#"{"typ":"x"}"#, "e30."), "jws-header"),
            (of(r#"{"alg":["EdDSA"]}"#, "e30."), "jws-header"),
            (of(r#"{"alg":"EdDSA","typ":null}"#, "e30."), "jws-header"),
            (of(r#"{"alg":"EdDSA","kid":7}"#, "e30."), "jws-header"),
            (of(r#"["EdDSA"]"#, "e30."), "json-object"),
            (of("\u{feff}{\"alg\":\"EdDSA\"}", "e30."), "json-syntax"),
            (of(r#"{"alg":"EdDSA"}"#, "e3 0."), "jws-base64url"),
            (of(r#"{"alg":"EdDSA"}"#, "e30.eHk\n"), "jws-base64url"),
            (of(r#"{"alg":"EdDSA"}"#, "++//."), "jws-base64url"),
            (of(r#"{"alg":"EdDSA"}"#, "e30a4."), "jws-base64url"),
            (of(r#"{"alg":"EdDSA"}"#, &"A".repeat(MAX_LEN)), "jws-length"),
            (of(r#"{"alg":"EdDSA","x5c":[]}"#, "e30."), "jws-x5c"),
            (of(r#"{"alg":"EdDSA","x5c":"MIIB"}"#, "e30."), "jws-x5c"),
            (of(r#"{"alg":"EdDSA","x5c":["MI_B"]}"#, "e30."), "jws-x5c"),
            (of(r#"{"alg":"EdDSA","x5c":["MII"]}"#, "e30."), "jws-x5c"),
            (of(r#"{"alg":"EdDSA"}"#, "e30=."), "jws-base64url"),
            (of(r#"{"alg":"EdDSA"}"#, "e31."), "jws-base64url"),
            (of(r#"{"alg":"EdDSA","x5c":["!"]}"#, "e30."), "jws-x5c"),
            (of(r#"{"alg":"EdDSA","alg":"none"}"#, "e30."), "json-duplicate-name"),
        ] {
            assert_eq!(Jws::parse(&text).unwrap_err(), damaged(why), "{text}");
        }
        let key = SigningKey::make(&OsEntropy).unwrap().public_key();
        for alg in ["none", "HS256", "RS256", "PS256", "ES256K", "eddsa"] {
            let jws = Jws::parse(&of(&format!(r#"{{"alg":"{alg}"}}"#), "e30.")).unwrap();
            assert_eq!(jws.verify(&key), Err(untrusted("algorithm-unsupported")), "{alg}");
        }
    }
}
