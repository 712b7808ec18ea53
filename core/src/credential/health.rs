//! Health certificates (`HC1:`), as the EU Digital COVID Certificate has them: signed CWTs in codes. Read and verified, never
//! held.
//!
//! Sources: the eHealth Network's "Electronic Health Certificate Specification" 1.0.8 (sections 3 and 4, appendix A), which
//! Commission Implementing Decision (EU) 2021/1073 took over. ES256 is verified; PS256, the secondary algorithm, is
//! `untrusted` (`algorithm-unsupported`), which says nothing against the certificate.

use super::compact;
use super::format::{Binding, Card, Credential, Format};
use super::model::{ClaimName, ClaimPath, Claims, Validity, Value as ClaimValue};
use crate::cose::Sign1;
use crate::cose::cbor::{self, TAG_CWT, Value};
use crate::cose::cwt::{self, claim};
use crate::cose::label;
use crate::crypto::{Algorithm, PublicKey, Signer, sha256};
use crate::error::{Error, Result, damaged, invalid};
use crate::ports::Entropy;
use crate::x509::Certificate;

/// The claim with health certificates, and the one in it that is the EU's, version 1.
const HCERT: i64 = -260;
const EU_DCC_V1: i64 = 1;
/// What kind of card every one of this format is.
pub const CARD_TYPE: &str = "health-certificate";
/// Bytes of a signer's name.
const KID_LEN: usize = 8;
/// Most data items in the claims.
const MAX_ITEMS: usize = 4096;

/// The name by which certificates name the signer with this certificate (DER): the start of its SHA-256. Eight bytes can be
/// the same for two signers: try all that have the name.
pub fn signer_name(certificate: &[u8]) -> [u8; KID_LEN] {
    let mut name = [0; KID_LEN];
    name.copy_from_slice(&sha256(certificate)[..KID_LEN]);
    name
}

/// The token that the text of a code holds.
///
/// # Errors
/// `foreign` for another text, `too-new` for a later version of it; `damaged`: `compact-*`.
pub fn from_text(text: &str) -> Result<Vec<u8>> {
    let rest = text.trim_start_matches(['\r', '\n', '\u{feff}']).strip_prefix("HC").ok_or(Error::Foreign)?;
    match rest.as_bytes() {
        [b'1', b':', ..] => {}
        [b'2'..=b'9' | b'A'..=b'Z', b':', ..] => return Err(Error::TooNew),
        _ => return Err(Error::Foreign),
    }
    compact::from_text(&rest[2..]).map_err(|error| match error {
        // The prefix says what it is.
        Error::Foreign => damaged("compact-stream"),
        error => error,
    })
}

/// A health certificate.
#[derive(Clone, Debug)]
pub struct HealthCertificate {
    signed: Sign1,
    claims: Claims,
    validity: Validity,
}

impl HealthCertificate {
    /// Reads the text of a code.
    ///
    /// # Errors
    /// `foreign` for another text, `too-new` for a later version of it; `damaged`: `compact-*` or what
    /// [`parse`](Self::parse) says.
    pub fn from_text(text: &str) -> Result<Self> {
        Self::parse(&from_text(text)?)
    }

    /// Reads a signed CWT. Checks everything but the signature and the clock.
    ///
    /// # Errors
    /// `foreign` where there is no health certificate in it; `damaged` with `cwt-*`, `sign1-*` or `cbor-*`.
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        let signed = Sign1::from_value(cbor::parse_within(bytes, &mut { MAX_ITEMS })?.without_tag(TAG_CWT))?;
        let claims = cbor::parse_within(signed.payload(), &mut { MAX_ITEMS })?;
        if claims.get(HCERT).and_then(|kinds| kinds.get(EU_DCC_V1)).and_then(Value::as_map).is_none() {
            return Err(Error::Foreign);
        }
        if claims.get(claim::ISS).is_some_and(|issuer| issuer.as_text().is_none()) {
            return Err(damaged("cwt-iss"));
        }
        let date = |label: i64| claims.get(label).map(cwt::numeric_date).transpose();
        let (not_before, expires, _) = (date(claim::NBF)?, date(claim::EXP)?, date(claim::IAT)?);
        let ClaimValue::Map(claims) = ClaimValue::from_cbor(claims)? else { return Err(damaged("cwt-claims")) };
        Ok(Self { signed, claims, validity: Validity { not_before, expires } })
    }

    /// The country that issued it, by ISO 3166-1 alpha-2; empty where it names none.
    pub fn issuer(&self) -> &str {
        match self.claims.value(&claim::ISS.into()) {
            Some(ClaimValue::Text(issuer)) => issuer,
            _ => "",
        }
    }

    /// The name of the key that signed, from the protected header only. The specification lets it stand unsigned as well:
    /// such a name selects nothing, and any signer's key may be tried.
    pub fn kid(&self) -> Option<&[u8]> {
        self.signed.kid()
    }

    /// The name outside the signature, where the certificate has it there: for a list that is too long to try whole.
    pub fn unsigned_kid(&self) -> Option<&[u8]> {
        self.signed.unprotected.get(label::KID)?.as_bytes()
    }

    /// The algorithm that it is signed with; none where Amana does not verify it.
    pub fn algorithm(&self) -> Option<Algorithm> {
        self.signed.algorithm()
    }

    /// From when to when.
    pub fn validity(&self) -> Validity {
        self.validity
    }

    /// Every claim, those that make the token work too.
    pub fn all_claims(&self) -> &Claims {
        &self.claims
    }

    /// What it says of the person and their health: names (`nam`), day of birth (`dob`), and vaccinations (`v`), tests (`t`)
    /// or recoveries (`r`).
    pub fn content(&self) -> &Claims {
        let path = [ClaimName::Int(HCERT), ClaimName::Int(EU_DCC_V1)];
        let found = path.iter().try_fold(&self.claims, |claims, name| match claims.value(name) {
            Some(ClaimValue::Map(inside)) => Some(inside),
            _ => None,
        });
        found.unwrap_or_else(|| unreachable!("a certificate without content is not made"))
    }

    /// Checks the signature.
    ///
    /// # Errors
    /// `untrusted`: `algorithm-unsupported`, `algorithm-mismatch` or `signature-invalid`.
    pub fn verify(&self, key: &PublicKey) -> Result<()> {
        self.signed.verify(&[], key)
    }
}

/// Judged like a card, and never held.
impl Credential for HealthCertificate {
    fn format(&self) -> Format {
        Format::Health
    }

    fn issuer(&self) -> &str {
        self.issuer()
    }

    fn kid(&self) -> Option<&[u8]> {
        self.kid()
    }

    fn certificate_id(&self, certificate: &Certificate) -> Option<Vec<u8>> {
        Some(signer_name(certificate.to_bytes()).to_vec())
    }

    fn algorithm(&self) -> Option<Algorithm> {
        self.algorithm()
    }

    fn is_signed(&self) -> bool {
        !self.signed.signature().is_empty()
    }

    fn card_type(&self) -> &str {
        CARD_TYPE
    }

    fn validity(&self) -> Validity {
        self.validity
    }

    fn holder_key(&self) -> Option<&PublicKey> {
        None
    }

    fn all_claims(&self) -> &Claims {
        &self.claims
    }

    fn claims(&self) -> Claims {
        self.content().clone()
    }

    fn check_whole(&self) -> Result<()> {
        Err(invalid("health-not-held"))
    }

    fn verify_issuer(&self, key: &PublicKey) -> Result<()> {
        self.verify(key)
    }

    fn select(&self, _paths: &[ClaimPath]) -> Result<Card> {
        Ok(Box::new(self.clone()))
    }

    fn shown_by(&self, _paths: &[ClaimPath]) -> Result<Vec<ClaimPath>> {
        self.shown_by_all()
    }

    fn present(&self, _: &Binding, _: Option<&dyn Signer>, _: i64, _: &dyn Entropy) -> Result<Vec<u8>> {
        Ok(Credential::to_bytes(self))
    }

    fn proof_len(&self) -> usize {
        0
    }

    fn to_bytes(&self) -> Vec<u8> {
        self.signed.to_bytes()
    }
}
