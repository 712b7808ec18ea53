//! A list under its issuer's signature (the draft's section 5).

use super::StatusList;
use crate::cose::Sign1;
use crate::cose::cbor::{self, Value};
use crate::cose::cwt::{self, claim};
use crate::cose::sign1::label;
use crate::crypto::{Algorithm, PublicKey};
use crate::error::{Error, Result, damaged};

/// `typ` of a CWT, and its CoAP content format.
const CWT_TYP: &str = "application/statuslist+cwt";
const CWT_TYP_NUMBER: i64 = 279;
/// Longest name of a list, in bytes.
const MAX_URI_LEN: usize = 2048;

/// A Status List Token, as it came. Its signature is checked by [`verify_issuer`](Self::verify_issuer), or by
/// [`StatusLists::add`](super::StatusLists::add) against a bundle.
#[derive(Clone, Debug)]
pub struct StatusListToken {
    envelope: Envelope,
    issuer: Option<String>,
    claims: StatusListClaims,
}

#[derive(Clone, Debug)]
enum Envelope {
    Cwt(Sign1),
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
    /// Most bytes of a token: a list of [`StatusList::MAX_BYTES`] that cannot be compressed, twice in base64url.
    pub const MAX_BYTES: usize = 2 << 20;

    /// Reads a token, CWT or JWT. Checks everything but the signature and the clock.
    ///
    /// # Errors
    /// `foreign` where it is something else; `damaged`: `status-list-length` for more than
    /// [`MAX_BYTES`](Self::MAX_BYTES), `status-list-claims`, `cwt-date`, `cwt-dates`, what [`StatusList::parse`] says, and
    /// what COSE and CBOR say.
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        if bytes.len() > Self::MAX_BYTES {
            return Err(damaged("status-list-length"));
        }
        let signed = Sign1::parse(bytes)?;
        let typed = match signed.header(label::TYP) {
            Some(Value::Text(typ)) => typ == CWT_TYP,
            Some(typ) => typ.as_int() == Some(CWT_TYP_NUMBER),
            None => false,
        };
        if !typed {
            return Err(Error::Foreign);
        }
        let payload = cbor::parse(signed.payload())?;
        let wrong = damaged("status-list-claims");
        let date = |label: i64| payload.get(label).map(cwt::numeric_date).transpose();
        let list = payload.get(claim::STATUS_LIST).ok_or(wrong.clone())?;
        let (Some(Value::Uint(bits)), Some(Value::Bytes(lst))) = (list.get("bits"), list.get("lst")) else {
            return Err(wrong);
        };
        let issuer = payload.get(claim::ISS).map(|iss| iss.as_text().map(str::to_owned).ok_or(wrong.clone()));
        let time_to_live = payload.get(claim::TTL).map(|ttl| match ttl {
            Value::Uint(seconds) => Ok(*seconds),
            _ => Err(wrong.clone()),
        });
        let claims = StatusListClaims {
            uri: payload.get(claim::SUB).and_then(Value::as_text).ok_or(wrong.clone())?.to_owned(),
            issued_at: date(claim::IAT)?.ok_or(wrong.clone())?,
            expires: date(claim::EXP)?,
            time_to_live: time_to_live.transpose()?,
            list: StatusList::parse(*bits, lst)?,
        };
        Ok(Self { issuer: issuer.transpose()?, claims: claims.checked()?, envelope: Envelope::Cwt(signed) })
    }

    /// Its issuer's id, where it gives one (`iss`).
    pub fn issuer(&self) -> Option<&str> {
        self.issuer.as_deref()
    }

    /// The name of the key that signed, where it stands under the signature.
    pub fn kid(&self) -> Option<&[u8]> {
        match &self.envelope {
            Envelope::Cwt(signed) => signed.kid(),
        }
    }

    /// The algorithm it is signed with; none where Amana does not verify it.
    pub fn algorithm(&self) -> Option<Algorithm> {
        match &self.envelope {
            Envelope::Cwt(signed) => signed.algorithm(),
        }
    }

    /// What it says, whoever signed it.
    pub fn claims(&self) -> &StatusListClaims {
        &self.claims
    }

    /// The same by value.
    pub fn into_claims(self) -> StatusListClaims {
        self.claims
    }

    /// Checks the signature.
    ///
    /// # Errors
    /// `untrusted`: `algorithm-unsupported`, `algorithm-mismatch` or `signature-invalid`.
    pub fn verify_issuer(&self, key: &PublicKey) -> Result<()> {
        match &self.envelope {
            Envelope::Cwt(signed) => signed.verify(&[], key),
        }
    }
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

    fn checked(self) -> Result<Self> {
        if !(1..=MAX_URI_LEN).contains(&self.uri.len()) || self.time_to_live == Some(0) {
            return Err(damaged("status-list-claims"));
        }
        // Beyond the calendar it could be shown to nobody.
        cwt::day_of(self.issued_at)?;
        if self.expires.is_some_and(|expires| expires <= self.issued_at) {
            return Err(damaged("cwt-dates"));
        }
        Ok(self)
    }
}

#[cfg(feature = "issuer")]
mod making {
    use super::*;
    use crate::crypto::Signer;

    /// The form of a token.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum TokenForm {
        /// CBOR Web Token: the smaller one.
        Cwt,
    }

    impl StatusListClaims {
        /// Signs the list under the name `kid`.
        ///
        /// # Errors
        /// `damaged` (`status-list-claims`, `cwt-date`, `cwt-dates`) where no reader would take it; `host`.
        pub fn sign(&self, form: TokenForm, kid: &[u8], key: &dyn Signer) -> Result<Vec<u8>> {
            let token = match form {
                TokenForm::Cwt => self.to_cwt(kid, key)?,
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
    }
}

#[cfg(feature = "issuer")]
pub use making::TokenForm;
