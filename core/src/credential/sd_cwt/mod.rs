//! SD-CWT: a CWT whose claims can be shown one by one (draft-ietf-spice-sd-cwt at commit 10965be).
//!
//! The format that others are copied from. Its life:
//!
//! ```text
//! desk    issue()  ──►  SdCwt with every disclosure
//! wallet  SdCwt::parse ──► claims(), select(paths) ──► KeyBinding::sign ──►  SD-KBT
//! field   KeyBinding::parse ──► verify_holder(), card().verify_issuer(key) ──► card().claims()
//! ```
//!
//! Not read: encrypted disclosures (header 171), claims in the protected header (header 15), hashes other than
//! SHA-256. A card that needs one of them is refused with a reason, never read in part.

mod disclosure;
#[cfg(feature = "issuer")]
mod issue;
mod key_binding;

#[cfg(feature = "issuer")]
pub use issue::issue;
pub use key_binding::KeyBinding;

use super::format::{Binding, Card, Credential, Format, Presentation as _, StatusReference};
use super::model::{ClaimName, ClaimPath, Claims, Place, Validity, Value as ClaimValue, chosen, not_closed};
use crate::cose::Sign1;
use crate::cose::cbor::Value;
use crate::cose::cwt::{self, claim};
use crate::cose::key;
use crate::cose::label;
use crate::crypto::{Algorithm, PublicKey, Signer};
use crate::error::{Error, Result, damaged, invalid};
use crate::ports::Entropy;
use disclosure::Unredacted;

/// `typ` of an SD-CWT: its CoAP content format.
const TYP: i64 = 293;
const TYP_TEXT: &str = "application/sd-cwt";
/// `sd_alg`: SHA-256.
const SHA_256: i64 = -16;
/// Claims an issuer must not redact (the draft's section 7).
const NEVER_REDACTED: [i64; 8] =
    [claim::ISS, claim::AUD, claim::EXP, claim::NBF, claim::IAT, claim::CTI, claim::CNF, claim::CNONCE];

/// A card in this format: the issuer's signature, and the disclosures that came with it.
#[derive(Clone, Debug)]
pub struct SdCwt {
    signed: Sign1,
    /// The claims as far as they are disclosed, registered ones included.
    claims: Claims,
    /// Digests in the payload or in disclosures that no disclosure here answers.
    undisclosed: usize,
    issuer: String,
    card_type: String,
    validity: Validity,
    status: Option<StatusReference>,
    holder_key: PublicKey,
}

impl SdCwt {
    /// Reads a card or a presentation of one. Checks everything but signatures and the clock.
    ///
    /// # Errors
    /// `foreign` where the type is another's; `damaged` with `sd-cwt-*`, `cwt-*`, `sign1-*` or `cbor-*`.
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        Self::from_sign1(Sign1::parse(bytes)?)
    }

    fn from_sign1(signed: Sign1) -> Result<Self> {
        let typed = match signed.header(label::TYP) {
            Some(Value::Text(typ)) => typ == TYP_TEXT || typ.ends_with("+sd-cwt"),
            Some(typ) => typ.as_int() == Some(TYP),
            None => false,
        };
        if !typed {
            return Err(Error::Foreign);
        }
        if signed.header(label::CWT_CLAIMS).is_some() || signed.unprotected.get(label::SD_AEAD_CLAIMS).is_some() {
            return Err(damaged("sd-cwt-header-unsupported"));
        }
        if signed.header(label::SD_ALG).is_some_and(|alg| alg.as_int() != Some(SHA_256)) {
            return Err(damaged("sd-cwt-hash-unsupported"));
        }
        let Unredacted { claims: raw, undisclosed } =
            disclosure::unredact(signed.payload(), &disclosures(&signed)?, &mut |_, _| {})?;
        let text = |label: i64, missing| match raw.get(label) {
            Some(Value::Text(text)) => Ok(text.clone()),
            // A type may be a registered number (the draft's section "Credential Types").
            Some(number) if label == claim::VCT => number.as_int().map(|n| n.to_string()).ok_or(damaged(missing)),
            Some(_) => Err(damaged(missing)),
            None => Ok(String::new()),
        };
        let date = |label: i64| raw.get(label).map(cwt::numeric_date).transpose();
        let (not_before, expires, issued) = (date(claim::NBF)?, date(claim::EXP)?, date(claim::IAT)?);
        let before = |a: Option<i64>, b: Option<i64>| a.zip(b).is_none_or(|(a, b)| a < b);
        let not_after = |a: Option<i64>, b: Option<i64>| a.zip(b).is_none_or(|(a, b)| a <= b);
        if !(not_after(not_before, issued) && before(not_before, expires) && before(issued, expires)) {
            return Err(damaged("cwt-dates"));
        }
        let confirmation = raw.get(claim::CNF).and_then(|cnf| cnf.get(cwt::CNF_COSE_KEY));
        let (holder_key, _) = key::from_value(confirmation.ok_or(damaged("cwt-cnf"))?)?;
        let (issuer, card_type) = (text(claim::ISS, "cwt-iss")?, text(claim::VCT, "cwt-vct")?);
        let ClaimValue::Map(claims) = ClaimValue::from_cbor(raw)? else { return Err(damaged("sd-cwt-claims")) };
        Ok(Self {
            issuer,
            card_type,
            validity: Validity { not_before, expires },
            holder_key,
            status: StatusReference::of(&claims)?,
            claims,
            signed,
            undisclosed,
        })
    }

    /// Whether every digest has its disclosure.
    pub fn is_whole(&self) -> bool {
        self.undisclosed == 0
    }

    /// The token under its signature, for what must look inside (`inspect`).
    pub fn signed(&self) -> &Sign1 {
        &self.signed
    }

    fn each_disclosure(&self, place: &mut Place<'_>) -> Result<()> {
        disclosure::unredact(self.signed.payload(), &disclosures(&self.signed)?, place).map(drop)
    }
}

impl Credential for SdCwt {
    fn format(&self) -> Format {
        Format::SdCwt
    }

    /// `iss`.
    fn issuer(&self) -> &str {
        &self.issuer
    }

    fn kid(&self) -> Option<&[u8]> {
        self.signed.kid()
    }

    fn algorithm(&self) -> Option<Algorithm> {
        self.signed.algorithm()
    }

    /// `vct`.
    fn card_type(&self) -> &str {
        &self.card_type
    }

    fn validity(&self) -> Validity {
        self.validity
    }

    fn status(&self) -> Option<&StatusReference> {
        self.status.as_ref()
    }

    /// `cnf`.
    fn holder_key(&self) -> Option<&PublicKey> {
        Some(&self.holder_key)
    }

    fn all_claims(&self) -> &Claims {
        &self.claims
    }

    /// All but the registered ones that make the token work.
    fn is_meant_for(&self, audience: &str) -> bool {
        self.claims.names_audience(&claim::AUD.into(), audience)
    }

    fn claims(&self) -> Claims {
        let about_the_token = |name: &ClaimName| {
            matches!(name, ClaimName::Int(n) if NEVER_REDACTED.contains(n)
            || matches!(*n, claim::SUB | claim::VCT | claim::STATUS))
        };
        self.claims.clone().filtered(|name| !about_the_token(name))
    }

    fn check_whole(&self) -> Result<()> {
        if self.is_whole() { Ok(()) } else { Err(damaged("sd-cwt-not-whole")) }
    }

    fn verify_issuer(&self, key: &PublicKey) -> Result<()> {
        self.signed.verify(&[], key)
    }

    fn select(&self, paths: &[ClaimPath]) -> Result<Card> {
        let kept = chosen(&self.claims, paths, &|place| self.each_disclosure(place))?;
        let disclosures = disclosures(&self.signed)?;
        let kept: Vec<_> = kept.into_iter().map(|index| Value::from(disclosures[index])).collect();
        let mut signed = self.signed.clone();
        // An empty list is invalid: without disclosures the header is left out (the draft's section 9).
        signed.unprotected = Value::map((!kept.is_empty()).then(|| (label::SD_CLAIMS.into(), kept.into())));
        Ok(Box::new(Self::from_sign1(signed)?))
    }

    fn shown_by(&self, paths: &[ClaimPath]) -> Result<Vec<ClaimPath>> {
        not_closed(&self.claims(), paths, &|place| self.each_disclosure(place))
    }

    fn present(&self, binding: &Binding, key: Option<&dyn Signer>, _at: i64, entropy: &dyn Entropy) -> Result<Vec<u8>> {
        let key = key.ok_or(invalid("holder-key"))?;
        Ok(KeyBinding::sign(self.clone(), binding.clone(), key, entropy)?.to_bytes())
    }

    /// A signature, the binding claims, and heads.
    fn proof_len(&self) -> usize {
        240
    }

    fn to_bytes(&self) -> Vec<u8> {
        self.signed.to_bytes()
    }
}

/// The disclosures that came with a card, as its issuer encoded them.
fn disclosures(signed: &Sign1) -> Result<Vec<&[u8]>> {
    let Some(list) = signed.unprotected.get(label::SD_CLAIMS) else { return Ok(Vec::new()) };
    match list.as_array() {
        Some(list) if !list.is_empty() => {
            list.iter().map(|item| item.as_bytes().ok_or(damaged("sd-cwt-disclosure"))).collect()
        }
        _ => Err(damaged("sd-cwt-disclosures-empty")),
    }
}
