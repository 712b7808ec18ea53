//! JWS in its compact serialisation (RFC 7515), for JWTs of every kind.

use super::json;
use crate::crypto::{Algorithm, PublicKey, Signer};
use crate::error::{Result, damaged, untrusted};
use base64ct::{Base64, Base64UrlUnpadded, Encoding as _};
use core::fmt;
use serde_json::{Map, Value};

/// Longest token that is read, in bytes.
const MAX_LEN: usize = 2 << 20;
/// Longest header, decoded: a chain of certificates fits.
const MAX_HEADER_LEN: usize = 32 * 1024;
/// Most certificates in a header.
const MAX_CERTIFICATES: usize = 10;

/// A signed token. Parsing keeps the signed text as it came.
#[derive(Clone, PartialEq)]
pub struct Jws {
    text: String,
    /// Where the signature's text begins.
    signature_at: usize,
    header: Map<String, Value>,
    chain: Vec<Vec<u8>>,
    payload: Vec<u8>,
    signature: Vec<u8>,
}

impl Jws {
    /// Reads a token in its compact serialisation. Checks no signature.
    ///
    /// # Errors
    /// `damaged`: `jws-shape`, `jws-length`, `jws-base64url`, `jws-header`, `jws-crit` (a header that must be understood),
    /// `jws-x5c`, or what [`json::parse`] says of the header.
    pub fn parse(text: &str) -> Result<Self> {
        let (head, rest) = text.split_once('.').ok_or(damaged("jws-shape"))?;
        let (body, tail) = rest.split_once('.').ok_or(damaged("jws-shape"))?;
        if head.is_empty() || tail.is_empty() || tail.contains('.') {
            return Err(damaged("jws-shape"));
        }
        if text.len() > MAX_LEN || head.len() > MAX_HEADER_LEN / 3 * 4 {
            return Err(damaged("jws-length"));
        }
        let decode = |part| Base64UrlUnpadded::decode_vec(part).map_err(|_| damaged("jws-base64url"));
        let header = json::parse_object(&decode(head)?)?;
        // No extension is understood, so none may be critical (RFC 7515 section 4.1.11).
        if header.contains_key("crit") {
            return Err(damaged("jws-crit"));
        }
        let is_text = |name| header.get(name).is_none_or(Value::is_string);
        if !header.contains_key("alg") || !["alg", "typ", "kid"].into_iter().all(is_text) {
            return Err(damaged("jws-header"));
        }
        Ok(Self {
            chain: read_chain(&header)?,
            header,
            payload: decode(body)?,
            signature: decode(tail)?,
            signature_at: text.len() - tail.len(),
            text: text.to_owned(),
        })
    }

    /// Signs `payload`. The algorithm is added to the header: for Ed25519 by its name from before RFC 9864, which every
    /// reader knows.
    ///
    /// # Errors
    /// `host`, where the key lies in the host's hands.
    pub fn sign(mut header: Map<String, Value>, payload: &[u8], key: &dyn Signer) -> Result<Self> {
        header.insert("alg".to_owned(), algorithm_name(key.public_key().algorithm()).into());
        let encode = Base64UrlUnpadded::encode_string;
        let mut text = [encode(json::to_text(header).as_bytes()), encode(payload)].join(".");
        let signature = key.sign(text.as_bytes())?;
        text.push('.');
        text.push_str(&encode(&signature));
        // What is made goes through the same reader as what arrives.
        Self::parse(&text)
    }

    /// Checks the signature with `key`, by the algorithm that the header names. ECDSA is r ‖ s, never DER.
    ///
    /// # Errors
    /// `untrusted`: `algorithm-unsupported` (`none` among them), `algorithm-mismatch` or `signature-invalid`.
    pub fn verify(&self, key: &PublicKey) -> Result<()> {
        let algorithm = self.algorithm().ok_or(untrusted("algorithm-unsupported"))?;
        key.verify(algorithm, &self.text.as_bytes()[..self.signature_at - 1], &self.signature)
    }

    /// The algorithm in the header; `None` where it is not one that Amana verifies.
    pub fn algorithm(&self) -> Option<Algorithm> {
        algorithm_of_name(self.text_header("alg")?)
    }

    /// The type of the whole object, without `application/`, which may be left out (RFC 7515 section 4.1.9).
    pub fn typ(&self) -> Option<&str> {
        self.text_header("typ").map(|typ| typ.strip_prefix("application/").unwrap_or(typ))
    }

    /// The key identifier.
    pub fn kid(&self) -> Option<&str> {
        self.text_header("kid")
    }

    /// The certificates in the header (`x5c`), DER, the signer's first. Whether they hold is for others to check.
    pub fn chain(&self) -> &[Vec<u8>] {
        &self.chain
    }

    /// The header, all of it signed.
    pub fn header(&self) -> &Map<String, Value> {
        &self.header
    }

    fn text_header(&self, name: &str) -> Option<&str> {
        self.header.get(name)?.as_str()
    }

    /// The signed content.
    pub fn payload(&self) -> &[u8] {
        &self.payload
    }

    /// The compact serialisation.
    pub fn as_text(&self) -> &str {
        &self.text
    }
}

/// Header and payload hold cards: how much there is may be printed, what it says may not.
impl fmt::Debug for Jws {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Jws({} bytes, redacted)", self.text.len())
    }
}

/// The name of an algorithm (RFC 7518 section 3.1, RFC 8037 section 3.1).
pub fn algorithm_name(algorithm: Algorithm) -> &'static str {
    match algorithm {
        Algorithm::Ed25519 => "EdDSA",
        Algorithm::Es256 => "ES256",
        Algorithm::Es384 => "ES384",
    }
}

/// The algorithm of a name, also of a fully specified one (RFC 9864); `None` where Amana does not verify it.
pub fn algorithm_of_name(name: &str) -> Option<Algorithm> {
    match name {
        "EdDSA" | "Ed25519" => Some(Algorithm::Ed25519),
        "ES256" => Some(Algorithm::Es256),
        "ES384" => Some(Algorithm::Es384),
        _ => None,
    }
}

/// RFC 7515 section 4.1.6: base64 here, not base64url.
fn read_chain(header: &Map<String, Value>) -> Result<Vec<Vec<u8>>> {
    let wrong = damaged("jws-x5c");
    let certificates = match header.get("x5c") {
        None => return Ok(Vec::new()),
        Some(Value::Array(certificates)) if (1..=MAX_CERTIFICATES).contains(&certificates.len()) => certificates,
        Some(_) => return Err(wrong),
    };
    let certificate = |text: &Value| text.as_str().and_then(|text| Base64::decode_vec(text).ok());
    certificates.iter().map(certificate).collect::<Option<_>>().ok_or(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::{Curve, SigningKey};
    use crate::ports::OsEntropy;
    use serde_json::json;

    fn object(value: Value) -> Map<String, Value> {
        value.as_object().unwrap().clone()
    }

    fn token(header: &str, payload: &[u8], signature: &[u8]) -> String {
        [header.as_bytes(), payload, signature].map(Base64UrlUnpadded::encode_string).join(".")
    }

    fn refused(text: &str) -> Option<&'static str> {
        Jws::parse(text).err().and_then(|error| error.reason())
    }

    #[test]
    fn a_signature_covers_header_and_payload() {
        for curve in [Curve::Ed25519, Curve::P256] {
            let key = SigningKey::make_on(curve, &OsEntropy).unwrap();
            let header = object(json!({"typ": "application/example+jwt", "kid": "desk-1"}));
            let made = Jws::sign(header, b"{}", &key).unwrap();
            let read = Jws::parse(made.as_text()).unwrap();
            assert_eq!(read, made);
            assert_eq!((read.typ(), read.kid(), read.payload()), (Some("example+jwt"), Some("desk-1"), &b"{}"[..]));
            assert_eq!(read.algorithm(), Some(key.public_key().algorithm()));
            assert_eq!(read.verify(&key.public_key()), Ok(()));
            let [head, body, tail] = made.as_text().split('.').collect::<Vec<_>>()[..] else { unreachable!() };
            let other_head = Base64UrlUnpadded::encode_string(format!("{{\"alg\":{}}}", read.header["alg"]).as_bytes());
            for altered in [[head, "e30K", tail], [&other_head, body, tail]] {
                let altered = Jws::parse(&altered.join(".")).unwrap();
                assert_eq!(altered.verify(&key.public_key()), Err(untrusted("signature-invalid")));
            }
            let other = SigningKey::make_on(curve, &OsEntropy).unwrap().public_key();
            assert_eq!(read.verify(&other), Err(untrusted("signature-invalid")));
        }
    }

    /// RFC 8037 appendix A.4 and A.5, and the same under the name of RFC 9864.
    #[test]
    fn the_example_of_rfc_8037() {
        let x = Base64UrlUnpadded::decode_vec("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo").unwrap();
        let key = PublicKey::parse_ed25519(&x).unwrap();
        let text = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";
        let read = Jws::parse(text).unwrap();
        assert_eq!(read.payload(), b"Example of Ed25519 signing");
        assert_eq!(read.verify(&key), Ok(()));
        let renamed = Jws::parse(&token(r#"{"alg":"Ed25519"}"#, b"", b"x")).unwrap();
        assert_eq!(renamed.algorithm(), Some(Algorithm::Ed25519));
    }

    #[test]
    fn no_other_algorithm_is_verified() {
        let key = SigningKey::make_on(Curve::P256, &OsEntropy).unwrap().public_key();
        for name in ["none", "None", "HS256", "RS256", "PS256", "ES512", "ES256K", "es256", "ESP256", ""] {
            let jws = Jws::parse(&token(&json!({"alg": name}).to_string(), b"{}", &[0; 64])).unwrap();
            assert_eq!(jws.verify(&key), Err(untrusted("algorithm-unsupported")), "{name}");
        }
        let jws = Jws::parse(&token(r#"{"alg":"EdDSA"}"#, b"{}", &[0; 64])).unwrap();
        assert_eq!(jws.verify(&key), Err(untrusted("algorithm-mismatch")));
    }

    #[test]
    fn a_signature_in_der_is_refused() {
        let key = SigningKey::make_on(Curve::P256, &OsEntropy).unwrap();
        let signed = Jws::sign(Map::new(), b"{}", &key).unwrap();
        let raw = p256::ecdsa::Signature::from_slice(&signed.signature).unwrap();
        let der = Base64UrlUnpadded::encode_string(raw.to_der().as_bytes());
        let text = [&signed.text[..signed.signature_at], &der].concat();
        assert_eq!(Jws::parse(&text).unwrap().verify(&key.public_key()), Err(untrusted("signature-invalid")));
    }

    #[test]
    fn shape_and_encoding_are_strict() {
        let good = token(r#"{"alg":"ES256"}"#, b"{}", b"xy");
        assert!(Jws::parse(&good).is_ok());
        for wrong in ["", "a", "a.b", "..", ".e30.eHk", "e30.e30.", "e30.e30.eHk.", "e30.e30.eHk.eHk.eHk"] {
            assert_eq!(refused(wrong), Some("jws-shape"), "{wrong}");
        }
        // Padded, spaced, of the other alphabet, with bits behind the last byte, cut within a byte.
        for wrong in ["e30.e30=.eHk", "e30.e3 0.eHk", "e30.e30.eHk\n", "e30.++++.eHk", "e30.e31.eHk", "e30.e30a4.eHk"] {
            let wrong = wrong.replacen("e30", good.split('.').next().unwrap(), 1);
            assert_eq!(refused(&wrong), Some("jws-base64url"), "{wrong}");
        }
        assert_eq!(refused(&format!("{good}{}", "A".repeat(MAX_LEN))), Some("jws-length"));
        assert_eq!(refused(&token(&" ".repeat(MAX_HEADER_LEN + 3), b"", b"x")), Some("jws-length"));
        for len in 0..good.len() {
            assert!(Jws::parse(&good[..len]).is_err() || len > good.rfind('.').unwrap());
        }
    }

    #[test]
    fn headers_say_what_they_are_or_are_refused() {
        for (header, why) in [
            (r#"{"alg":"ES256","crit":["b64"],"b64":false}"#, "jws-crit"),
            (r#"{"alg":"ES256","crit":[]}"#, "jws-crit"),
            (r#"{"typ":"JWT"}"#, "jws-header"),
            (r#"{"alg":["ES256"]}"#, "jws-header"),
            (r#"{"alg":"ES256","kid":7}"#, "jws-header"),
            (r#"{"alg":"ES256","typ":null}"#, "jws-header"),
            (r#"{"alg":"ES256","alg":"none"}"#, "json-duplicate-key"),
            (r#"["ES256"]"#, "json-object"),
            ("\u{feff}{\"alg\":\"ES256\"}", "json-syntax"),
            (r#"{"alg":"ES256","x5c":[]}"#, "jws-x5c"),
            (r#"{"alg":"ES256","x5c":"MIIB"}"#, "jws-x5c"),
            (r#"{"alg":"ES256","x5c":["MI_B"]}"#, "jws-x5c"),
            (r#"{"alg":"ES256","x5c":["MII"]}"#, "jws-x5c"),
            (r#"{"alg":"ES256","x5c":["A","A","A","A","A","A","A","A","A","A","A"]}"#, "jws-x5c"),
        ] {
            assert_eq!(refused(&token(header, b"{}", b"x")), Some(why), "{header}");
        }
        let chained = Jws::parse(&token(r#"{"alg":"ES256","x5c":["MII=","+/8="]}"#, b"", b"x")).unwrap();
        assert_eq!(chained.chain(), [vec![0x30, 0x82], vec![0xfb, 0xff]]);
        assert!(!format!("{chained:?}").contains("MII"));
    }
}
