//! A list under its issuer's signature (the draft's section 5).

use super::StatusList;
use crate::cose::Sign1;
use crate::cose::cbor::{self, Value};
use crate::cose::cwt::{self, claim};
use crate::cose::label;
use crate::crypto::{Algorithm, PublicKey};
use crate::error::{Error, Result, damaged};
use crate::jose::Jws;
use crate::json;
use base64ct::{Base64UrlUnpadded, Encoding as _};
use core::fmt;
use serde_json::Value as Json;

/// `typ` of a CWT, and its CoAP content format.
const CWT_TYP: &str = "application/statuslist+cwt";
const CWT_TYP_NUMBER: i64 = 279;
/// `typ` of a JWT.
const JWT_TYP: &str = "statuslist+jwt";
/// Longest name of a list, in bytes.
const MAX_URI_LEN: usize = 2048;
/// Most items in the claims of a token, also of those that nobody reads.
const MAX_ITEMS: usize = 256;
const WRONG: Error = damaged("status-list-claims");

/// A Status List Token, as it came. Its signature is checked by [`verify_issuer`](Self::verify_issuer), or against a bundle
/// by [`StatusLists::add`](super::StatusLists::add). The list in it is inflated by [`into_claims`](Self::into_claims), so
/// that what nobody signed need not be.
#[derive(Clone)]
pub struct StatusListToken {
    envelope: Envelope,
    issuer: Option<String>,
    uri: String,
    issued_at: i64,
    expires: Option<i64>,
    time_to_live: Option<u64>,
    bits: u64,
    compressed: Vec<u8>,
}

#[derive(Clone)]
enum Envelope {
    Cwt(Sign1),
    Jwt(Jws),
}

/// What a token says.
#[derive(Clone, Debug, PartialEq)]
pub struct StatusListClaims {
    /// Which list it is (`sub`): what cards give as the `uri` of their status.
    pub uri: String,
    /// When it was made (`iat`), Unix seconds.
    pub issued_at: i64,
    /// From when on it is not to be relied upon (`exp`), Unix seconds.
    pub expires: Option<i64>,
    /// Seconds after which its issuer will have made a newer one (`ttl`).
    pub time_to_live: Option<u64>,
    /// The list.
    pub list: StatusList,
}

impl StatusListToken {
    /// Most bytes of a token. A CWT holds the widest list there may be; a JWT, whose claims are at most
    /// [`json::MAX_LEN`], any of 2^20 entries of one bit.
    pub const MAX_BYTES: usize = 2 << 20;

    /// Reads a token, CWT or JWT. Checks everything but the signature, the clock, and the list itself.
    ///
    /// # Errors
    /// `foreign` where it is something else; `damaged`: `status-list-length` for more than
    /// [`MAX_BYTES`](Self::MAX_BYTES), `status-list-claims`, `cwt-date`, `cwt-dates`, and what COSE, CBOR, JWS and JSON
    /// say.
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        if bytes.len() > Self::MAX_BYTES {
            return Err(damaged("status-list-length"));
        }
        // A CWT is an array, tagged or not: its first byte is none of a text's.
        let token = if bytes.first().is_none_or(u8::is_ascii) { Self::from_jwt(bytes) } else { Self::from_cwt(bytes) }?;
        if !(1..=MAX_URI_LEN).contains(&token.uri.len()) || token.time_to_live == Some(0) {
            return Err(WRONG);
        }
        // Beyond the calendar it could be shown to nobody.
        cwt::day_of(token.issued_at)?;
        if token.expires.is_some_and(|expires| expires <= token.issued_at) {
            return Err(damaged("cwt-dates"));
        }
        Ok(token)
    }

    fn from_cwt(bytes: &[u8]) -> Result<Self> {
        let signed = Sign1::parse(bytes)?;
        let typed = match signed.header(label::TYP) {
            Some(Value::Text(typ)) => typ == CWT_TYP,
            Some(typ) => typ.as_int() == Some(CWT_TYP_NUMBER),
            None => false,
        };
        if !typed {
            return Err(Error::Foreign);
        }
        let payload = cbor::parse_within(signed.payload(), &mut { MAX_ITEMS })?;
        let text = |label: i64| payload.get(label).map(|text| text.as_text().map(str::to_owned).ok_or(WRONG));
        let date = |label: i64| payload.get(label).map(cwt::numeric_date);
        let number = |value: &Value| if let Value::Uint(number) = value { Ok(*number) } else { Err(WRONG) };
        let list = payload.get(claim::STATUS_LIST).ok_or(WRONG)?;
        Ok(Self {
            issuer: text(claim::ISS).transpose()?,
            uri: text(claim::SUB).ok_or(WRONG)??,
            issued_at: date(claim::IAT).ok_or(WRONG)??,
            expires: date(claim::EXP).transpose()?,
            time_to_live: payload.get(claim::TTL).map(number).transpose()?,
            bits: number(list.get("bits").ok_or(WRONG)?)?,
            compressed: list.get("lst").and_then(Value::as_bytes).ok_or(WRONG)?.to_vec(),
            envelope: Envelope::Cwt(signed),
        })
    }

    fn from_jwt(bytes: &[u8]) -> Result<Self> {
        let text = core::str::from_utf8(bytes).map_err(|_| Error::Foreign)?;
        // Text that is no token at all is somebody else's.
        let (header, rest) = text.split_once('.').ok_or(Error::Foreign)?;
        let is_header = header.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
        if !is_header || !rest.contains('.') {
            return Err(Error::Foreign);
        }
        let signed = Jws::parse(text)?;
        if signed.typ() != Some(JWT_TYP) {
            return Err(Error::Foreign);
        }
        let Json::Object(payload) = json::parse_within(signed.payload(), &mut { MAX_ITEMS })? else {
            return Err(WRONG);
        };
        let text = |name: &str| payload.get(name).map(|text| text.as_str().map(str::to_owned).ok_or(WRONG));
        let date = |name: &str| payload.get(name).map(numeric_date);
        let number = |value: &Json| value.as_u64().ok_or(WRONG);
        // Any number that is positive (the draft's section 5.1), in whole seconds, rounded up.
        let whole = |ttl: &Json| {
            ttl.as_u64().or_else(|| ttl.as_f64().filter(|seconds| *seconds > 0.0).map(|s| s.ceil() as u64))
        };
        let list = payload.get("status_list").and_then(Json::as_object).ok_or(WRONG)?;
        let lst = list.get("lst").and_then(Json::as_str).ok_or(WRONG)?;
        Ok(Self {
            issuer: text("iss").transpose()?,
            uri: text("sub").ok_or(WRONG)??,
            issued_at: date("iat").ok_or(WRONG)??,
            expires: date("exp").transpose()?,
            time_to_live: payload.get("ttl").map(|ttl| whole(ttl).ok_or(WRONG)).transpose()?,
            bits: number(list.get("bits").ok_or(WRONG)?)?,
            compressed: Base64UrlUnpadded::decode_vec(lst).map_err(|_| WRONG)?,
            envelope: Envelope::Jwt(signed),
        })
    }

    /// Its issuer's id, where it gives one (`iss`).
    pub fn issuer(&self) -> Option<&str> {
        self.issuer.as_deref()
    }

    /// The name of the key that signed, where it stands under the signature.
    pub fn kid(&self) -> Option<&[u8]> {
        match &self.envelope {
            Envelope::Cwt(signed) => signed.kid(),
            Envelope::Jwt(signed) => signed.kid(),
        }
    }

    /// The algorithm it is signed with; none where Amana does not verify it.
    pub fn algorithm(&self) -> Option<Algorithm> {
        match &self.envelope {
            Envelope::Cwt(signed) => signed.algorithm(),
            Envelope::Jwt(signed) => signed.algorithm(),
        }
    }

    /// Checks the signature.
    ///
    /// # Errors
    /// `untrusted`: `algorithm-unsupported`, `algorithm-mismatch` or `signature-invalid`.
    pub fn verify_issuer(&self, key: &PublicKey) -> Result<()> {
        match &self.envelope {
            Envelope::Cwt(signed) => signed.verify(&[], key),
            Envelope::Jwt(signed) => signed.verify(key),
        }
    }

    /// What it says, whoever signed it. Inflates the list.
    ///
    /// # Errors
    /// As [`StatusList::parse`].
    pub fn into_claims(self) -> Result<StatusListClaims> {
        let Self { uri, issued_at, expires, time_to_live, bits, compressed, envelope, .. } = self;
        // It holds the list too, and more than there is room for beside it.
        drop(envelope);
        Ok(StatusListClaims { uri, issued_at, expires, time_to_live, list: StatusList::parse(bits, &compressed)? })
    }
}

/// A list tells who is cancelled: how long it is may be printed, what it says may not.
impl fmt::Debug for StatusListToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StatusListToken({}, {} bytes, redacted)", self.uri, self.compressed.len())
    }
}

/// A NumericDate (RFC 7519 section 2), read as a CWT's is.
fn numeric_date(value: &Json) -> Result<i64> {
    let Json::Number(number) = value else { return Err(damaged("cwt-date")) };
    let whole = number.as_i64().map(Value::from).or_else(|| number.as_u64().map(Value::from));
    cwt::numeric_date(&whole.unwrap_or(Value::Float(number.as_f64().unwrap_or(f64::NAN))))
}

impl StatusListClaims {
    /// Whether its issuer would no longer go by it at `now` (Unix seconds).
    pub fn is_stale(&self, now: i64) -> bool {
        self.stale_from().is_some_and(|end| now >= end)
    }

    /// From when on it is stale, Unix seconds: past `exp`, or `ttl` after it was made, whichever is first. Nobody knows
    /// when a file was fetched, so `ttl` counts from the making. A list with neither is never stale.
    pub fn stale_from(&self) -> Option<i64> {
        let live = |seconds| self.issued_at.saturating_add(i64::try_from(seconds).unwrap_or(i64::MAX));
        self.expires.into_iter().chain(self.time_to_live.map(live)).min()
    }
}

#[cfg(feature = "issuer")]
pub use making::TokenForm;

#[cfg(feature = "issuer")]
mod making {
    use super::*;
    use crate::crypto::Signer;
    use crate::error::invalid;
    use serde_json::Map;

    /// The form of a token.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum TokenForm {
        /// CBOR Web Token: the smaller one.
        Cwt,
        /// JSON Web Token.
        Jwt,
    }

    impl StatusListClaims {
        /// Signs the list under the name `kid`.
        ///
        /// # Errors
        /// `damaged` (`status-list-claims`, `cwt-date`, `cwt-dates`, of a JWT `jws-length` and `json-length`) where no reader
        /// would take it; `invalid` (`kid`) for a
        /// JWT's that is no text; `host`.
        pub fn sign(&self, form: TokenForm, kid: &[u8], key: &dyn Signer) -> Result<Vec<u8>> {
            let token = match form {
                TokenForm::Cwt => self.to_cwt(kid, key)?,
                TokenForm::Jwt => self.to_jwt(kid, key)?,
            };
            // What leaves the desk went through the same reader as what arrives at a verifier.
            StatusListToken::parse(&token).map(|_| token)
        }

        fn to_cwt(&self, kid: &[u8], key: &dyn Signer) -> Result<Vec<u8>> {
            let list = Value::map([
                ("bits".into(), u64::from(self.list.bits()).into()),
                ("lst".into(), self.list.to_compressed().into()),
            ]);
            let entries = [
                Some((claim::SUB.into(), self.uri.as_str().into())),
                Some((claim::IAT.into(), self.issued_at.into())),
                self.expires.map(|expires| (claim::EXP.into(), expires.into())),
                self.time_to_live.map(|seconds| (claim::TTL.into(), seconds.into())),
                Some((claim::STATUS_LIST.into(), list)),
            ];
            let payload = Value::map(entries.into_iter().flatten());
            let headers = [(label::TYP.into(), CWT_TYP.into()), (label::KID.into(), kid.into())];
            Ok(Sign1::sign_of_old(headers, payload.to_bytes(), &[], key)?.to_bytes())
        }

        fn to_jwt(&self, kid: &[u8], key: &dyn Signer) -> Result<Vec<u8>> {
            let object = |entries: Vec<(&str, Json)>| -> Map<String, Json> {
                entries.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
            };
            let lst = Base64UrlUnpadded::encode_string(&self.list.to_compressed());
            let list = object(vec![("bits", self.list.bits().into()), ("lst", lst.into())]);
            let mut payload = object(vec![
                ("sub", self.uri.as_str().into()),
                ("iat", self.issued_at.into()),
                ("status_list", list.into()),
            ]);
            payload.extend(self.expires.map(|expires| ("exp".to_owned(), expires.into())));
            payload.extend(self.time_to_live.map(|seconds| ("ttl".to_owned(), seconds.into())));
            let kid = core::str::from_utf8(kid).map_err(|_| invalid("kid"))?;
            let header = [("typ", JWT_TYP.into()), ("kid", kid.into())];
            Ok(Jws::sign(header, &payload, key)?.to_text().into_bytes())
        }
    }
}

#[cfg(all(test, feature = "issuer"))]
mod tests {
    use super::*;
    use crate::crypto::{Curve, SigningKey};
    use crate::error::invalid;
    use crate::ports::OsEntropy;

    const ZLIB: [u8; 10] = [0x78, 0xda, 0xdb, 0xb9, 0x18, 0, 2, 0x17, 1, 0x5d];

    fn key() -> SigningKey {
        SigningKey::make_on(Curve::P256, &OsEntropy).unwrap()
    }

    fn list() -> StatusListClaims {
        StatusListClaims {
            uri: "https://id.example/status/1".to_owned(),
            issued_at: 1_686_920_170,
            expires: Some(2_291_720_170),
            time_to_live: Some(43_200),
            list: StatusList::parse(1, &ZLIB).unwrap(),
        }
    }

    /// What a reader makes of a CWT with these claims.
    fn cwt(typ: Value, claims: Value) -> Result<StatusListToken> {
        let signed = Sign1::sign([(label::TYP.into(), typ)], claims.to_bytes(), &[], &key())?;
        StatusListToken::parse(&signed.to_bytes())
    }

    /// What a reader makes of a JWT with these claims, as text.
    fn jwt(typ: &str, claims: &str) -> Result<StatusListToken> {
        let signed = Jws::sign_bytes([("typ", typ.into())], claims.as_bytes(), &key())?;
        StatusListToken::parse(signed.to_text().as_bytes())
    }

    fn entries() -> Vec<(Value, Value)> {
        let list = Value::map([("bits".into(), 1_u64.into()), ("lst".into(), ZLIB.to_vec().into())]);
        vec![
            (claim::SUB.into(), "https://id.example/status/1".into()),
            (claim::IAT.into(), 1_686_920_170_u64.into()),
            (claim::STATUS_LIST.into(), list),
        ]
    }

    #[test]
    fn what_is_signed_is_read_in_both_forms() {
        for curve in [Curve::Ed25519, Curve::P256] {
            let key = SigningKey::make_on(curve, &OsEntropy).unwrap();
            for form in [TokenForm::Cwt, TokenForm::Jwt] {
                let token = StatusListToken::parse(&list().sign(form, b"desk-1", &key).unwrap()).unwrap();
                assert_eq!((token.kid(), token.issuer()), (Some(&b"desk-1"[..]), None));
                assert_eq!(token.algorithm(), Some(key.public_key().algorithm()));
                assert_eq!(token.verify_issuer(&key.public_key()), Ok(()));
                assert_eq!(token.into_claims(), Ok(list()));
            }
        }
        assert_eq!(list().sign(TokenForm::Jwt, b"\xff", &key()), Err(invalid("kid")));
    }

    #[test]
    fn only_the_right_type_is_a_list() {
        let map = || Value::map(entries());
        for typ in [CWT_TYP.into(), CWT_TYP_NUMBER.into()] {
            assert!(cwt(typ, map()).is_ok());
        }
        for typ in ["statuslist+cwt".into(), "application/statuslist+jwt".into(), 293_i64.into(), Value::NULL] {
            assert_eq!(cwt(typ, map()).err(), Some(Error::Foreign));
        }
        let claims = r#"{"sub":"u","iat":1,"status_list":{"bits":1,"lst":"eNrbuRgAAhcBXQ"}}"#;
        for typ in ["statuslist+jwt", "application/statuslist+jwt"] {
            assert!(jwt(typ, claims).is_ok());
        }
        for typ in ["statuslist+cwt", "JWT", "", "dc+sd-jwt"] {
            assert_eq!(jwt(typ, claims).err(), Some(Error::Foreign), "{typ}");
        }
        // An unsigned type is none.
        let mut untyped = Sign1::sign([], map().to_bytes(), &[], &key()).unwrap();
        untyped.unprotected = Value::map([(label::TYP.into(), CWT_TYP.into())]);
        assert_eq!(StatusListToken::parse(&untyped.to_bytes()).err(), Some(Error::Foreign));
    }

    #[test]
    fn a_cwt_lacks_no_claim_and_has_none_of_the_wrong_kind() {
        let with = |label: i64, value: Option<Value>| {
            let mut claims = entries();
            claims.retain(|(name, _)| *name != label.into());
            claims.extend(value.map(|value| (label.into(), value)));
            cwt(CWT_TYP.into(), Value::map(claims)).map(|_| ())
        };
        for label in [claim::SUB, claim::IAT, claim::STATUS_LIST] {
            assert_eq!(with(label, None), Err(WRONG), "{label}");
        }
        let list = |bits: Value, lst: Value| Some(Value::map([("bits".into(), bits), ("lst".into(), lst)]));
        for (label, wrong) in [
            (claim::SUB, Some("".into())),
            (claim::SUB, Some("x".repeat(2049).into())),
            (claim::SUB, Some(vec![1].into())),
            (claim::ISS, Some(7_i64.into())),
            (claim::TTL, Some(0_u64.into())),
            (claim::TTL, Some((-1_i64).into())),
            (claim::TTL, Some("60".into())),
            (claim::STATUS_LIST, Some(Value::Array(Vec::new()))),
            (claim::STATUS_LIST, list("1".into(), ZLIB.to_vec().into())),
            (claim::STATUS_LIST, list((-1_i64).into(), ZLIB.to_vec().into())),
            (claim::STATUS_LIST, list(Value::Float(1.0), ZLIB.to_vec().into())),
            (claim::STATUS_LIST, list(1_u64.into(), "eNrbuRgAAhcBXQ".into())),
        ] {
            assert_eq!(with(label, wrong), Err(WRONG), "{label}");
        }
        assert_eq!(with(claim::IAT, Some("2026".into())), Err(damaged("cwt-date")));
        assert_eq!(with(claim::IAT, Some((1_u64 << 53).into())), Err(damaged("cwt-date")));
        assert_eq!(with(claim::EXP, Some(1_686_920_170_u64.into())), Err(damaged("cwt-dates")));
        assert_eq!(with(claim::EXP, Some(1_686_920_171_u64.into())), Ok(()));
        // What nobody reads may be there, within bounds.
        assert_eq!(with(1000, Some(Value::Array(vec![Value::NULL; 200]))), Ok(()));
        assert_eq!(with(1000, Some(Value::Array(vec![Value::NULL; 300]))), Err(damaged("cbor-items")));
        let twice = [entries(), vec![(claim::IAT.into(), 1_u64.into())]].concat();
        assert_eq!(cwt(CWT_TYP.into(), Value::Map(twice)).err(), Some(damaged("cbor-duplicate-key")));
    }

    #[test]
    fn a_jwt_lacks_no_claim_and_has_none_of_the_wrong_kind() {
        let read = |claims: &str| jwt(JWT_TYP, claims).map(|_| ());
        let list = r#""status_list":{"bits":1,"lst":"eNrbuRgAAhcBXQ"}"#;
        let with = |more: &str| read(&format!("{{{more}{list}}}"));
        assert_eq!(with(r#""sub":"u","iat":1.5,"ttl":60.5,"exp":2e9,"aud":["a"],"#), Ok(()));
        assert_eq!(with(r#""sub":"u","iat":1,"ttl":0.5,"#), Ok(()));
        for wrong in [
            r#""iat":1,"#,
            r#""sub":"u","#,
            r#""sub":"","iat":1,"#,
            r#""sub":1,"iat":1,"#,
            r#""sub":"u","iat":1,"iss":1,"#,
            r#""sub":"u","iat":1,"ttl":0,"#,
            r#""sub":"u","iat":1,"ttl":-1,"#,
            r#""sub":"u","iat":1,"ttl":"60","#,
        ] {
            assert_eq!(with(wrong), Err(WRONG), "{wrong}");
        }
        for wrong in [r#""sub":"u","iat":"1","#, r#""sub":"u","iat":null,"#, r#""sub":"u","iat":1e300,"#] {
            assert_eq!(with(wrong), Err(damaged("cwt-date")), "{wrong}");
        }
        assert_eq!(with(r#""sub":"u","iat":5,"exp":5,"#), Err(damaged("cwt-dates")));
        for wrong in [
            r#"{}"#,
            r#"[]"#,
            r#"{"bits":1}"#,
            r#"{"lst":"eNrbuRgAAhcBXQ"}"#,
            r#"{"bits":1.0,"lst":"eNrbuRgAAhcBXQ"}"#,
            r#"{"bits":"1","lst":"eNrbuRgAAhcBXQ"}"#,
            r#"{"bits":1,"lst":"eNrbuRgAAhcBXQ=="}"#,
            r#"{"bits":1,"lst":"eNrbuRgAAhcBX+"}"#,
            r#"{"bits":1,"lst":[]}"#,
        ] {
            assert_eq!(read(&format!(r#"{{"sub":"u","iat":1,"status_list":{wrong}}}"#)), Err(WRONG), "{wrong}");
        }
        let twice = damaged("json-duplicate-name");
        assert_eq!(with(r#""sub":"u","iat":1,"iat":2,"#).err(), Some(twice.clone()));
        let inside = r#"{"sub":"u","iat":1,"status_list":{"bits":1,"lst":"eNrbuRgAAhcBXQ","bits":2}}"#;
        assert_eq!(read(inside).err(), Some(twice));
    }

    #[test]
    fn the_list_is_read_last_and_says_what_is_wrong_with_it() {
        let with = |bits: u64, lst: &[u8]| {
            let list = Value::map([("bits".into(), bits.into()), ("lst".into(), lst.into())]);
            let claims = entries().into_iter().filter(|(name, _)| *name != claim::STATUS_LIST.into());
            let token = cwt(CWT_TYP.into(), Value::map(claims.chain([(claim::STATUS_LIST.into(), list)]))).unwrap();
            token.into_claims().map(|_| ())
        };
        assert_eq!(with(1, &ZLIB), Ok(()));
        for bits in [0, 3, 16] {
            assert_eq!(with(bits, &ZLIB), Err(damaged("status-list-bits")));
        }
        assert_eq!(with(1, &[]), Err(damaged("status-list-zlib")));
        let bomb = miniz_oxide::deflate::compress_to_vec_zlib(&vec![0; 1 << 26], 10);
        assert_eq!(with(8, &bomb), Err(damaged("status-list-size")));
    }

    #[test]
    fn a_token_has_at_most_2_mib() {
        let long = |first: &[u8]| [first, &vec![b'A'; StatusListToken::MAX_BYTES]].concat();
        for first in [&b"eyJ"[..], &[0xd2, 0x84]] {
            assert_eq!(StatusListToken::parse(&long(first)).err(), Some(damaged("status-list-length")));
        }
        // The widest list there may be fits into a CWT.
        let drawn = |bits: u8| {
            let mut seed = 1_u32;
            let mut wide = StatusList::make(bits, 1 << 20).unwrap();
            for index in 0..1 << 20 {
                seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                wide.set(index, (seed >> (32 - bits)) as u8).unwrap();
            }
            StatusListClaims { list: wide, ..list() }
        };
        let wide = drawn(8);
        let token = wide.sign(TokenForm::Cwt, b"k", &key()).unwrap();
        assert!(token.len() > StatusList::MAX_BYTES);
        assert_eq!(StatusListToken::parse(&token).unwrap().into_claims(), Ok(wide.clone()));
        assert_eq!(wide.sign(TokenForm::Jwt, b"k", &key()), Err(damaged("jws-length")));
        let narrow = drawn(1);
        let token = narrow.sign(TokenForm::Jwt, b"k", &key()).unwrap();
        assert!(token.len() > 200_000, "nothing of it is compressed");
        assert_eq!(StatusListToken::parse(&token).unwrap().into_claims(), Ok(narrow));
    }

    #[test]
    fn no_token_prints_its_list() {
        let token = StatusListToken::parse(&list().sign(TokenForm::Jwt, b"k", &key()).unwrap()).unwrap();
        let printed = format!("{token:?}");
        assert!(printed.contains("redacted") && !printed.contains("218"), "{printed}");
        assert!(format!("{:?}", list()).contains("StatusList(16 of 1 bits, redacted)"));
    }
}
