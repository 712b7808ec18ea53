//! The key binding token: the holder's proof for one verifier and one request (SD-KBT).

use super::{ClaimValue, SdCwt};
use crate::cose::Sign1;
use crate::cose::cbor::{self, Value};
use crate::cose::cwt::{self, claim};
use crate::cose::label;
use crate::credential::format::{Binding, Credential, Presentation};
use crate::crypto::{Signer, make_random};
use crate::error::{Error, Result, damaged, untrusted};
use crate::ports::Entropy;

/// `typ` of an SD-KBT: its CoAP content format.
const TYP: i64 = 294;
const TYP_TEXT: &str = "application/kb+cwt";
/// The private claim that binds a proof to one request: the SHA-256 of the request's exact bytes.
const REQ: &str = "req";

/// A presentation: a card with chosen disclosures, signed by its holder for one verifier.
#[derive(Clone, Debug)]
pub struct KeyBinding {
    signed: Sign1,
    card: SdCwt,
    binding: Binding,
}

impl KeyBinding {
    /// Signs a presentation of `card` bound to `binding`. It carries a random id and no time: the holder's clock may be
    /// years off, and must not make a good card invalid.
    ///
    /// # Errors
    /// `invalid` (`holder-key`) where `key` is not the one the card names.
    pub fn sign(card: SdCwt, binding: Binding, key: &dyn Signer, entropy: &dyn Entropy) -> Result<Self> {
        if key.public_key() != card.holder_key {
            return Err(crate::error::invalid("holder-key"));
        }
        let bytes = |bytes: &[u8]| Value::from(bytes);
        let entries = [
            Some((claim::AUD.into(), binding.audience.as_str().into())),
            Some((claim::CTI.into(), bytes(&make_random::<16>(entropy)?))),
            binding.challenge.as_deref().map(|challenge| (claim::CNONCE.into(), bytes(challenge))),
            binding.request.map(|hash| (REQ.into(), bytes(&hash))),
        ];
        let payload = Value::map(entries.into_iter().flatten());
        let headers = [(label::TYP.into(), TYP.into()), (label::KCWT.into(), card.signed.to_value())];
        let signed = Sign1::sign(headers, payload.to_bytes(), &[], key)?;
        Ok(Self { signed, card, binding })
    }

    /// Reads a presentation. Checks everything but signatures and the clock.
    ///
    /// # Errors
    /// `foreign` where the type is another's; `damaged` with `sd-kbt-*` or what [`SdCwt::parse`] says.
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        let mut signed = Sign1::parse(bytes)?;
        let typed = match signed.header(label::TYP) {
            Some(Value::Text(typ)) => typ == TYP_TEXT,
            Some(typ) => typ.as_int() == Some(TYP),
            None => false,
        };
        if !typed {
            return Err(Error::Foreign);
        }
        if signed.header(label::CWT_CLAIMS).is_some() {
            return Err(damaged("sd-kbt-header"));
        }
        let inner = signed.take_header(label::KCWT).ok_or(damaged("sd-kbt-kcwt"))?;
        let card = SdCwt::from_sign1(Sign1::from_value(inner)?)?;
        let payload = cbor::parse(signed.payload())?;
        refuse_bad_times(&payload, &card)?;
        if payload.get(claim::ISS).is_some() || payload.get(claim::SUB).is_some() {
            return Err(damaged("sd-kbt-iss-sub"));
        }
        let text = |value: &Value| value.as_text().map(str::to_owned);
        let audience = payload.get(claim::AUD).and_then(text).ok_or(damaged("sd-kbt-aud"))?;
        let bytes = |value: &Value| value.as_bytes().map(<[u8]>::to_vec).ok_or(damaged("sd-kbt-cnonce"));
        let challenge = payload.get(claim::CNONCE).map(bytes).transpose()?;
        let hash = |value: &Value| value.as_bytes().and_then(|b| b.try_into().ok()).ok_or(damaged("sd-kbt-req"));
        let request = payload.get(REQ).map(hash).transpose()?;
        Ok(Self { signed, card, binding: Binding { audience, challenge, request } })
    }

    /// Checks that the proof was made for this verifier, this challenge and this request.
    ///
    /// # Errors
    /// `untrusted`: `audience`, `card-audience` (its issuer made the card for another), `challenge` or `request`.
    pub fn verify_binding(&self, expected: &Binding) -> Result<()> {
        let checks = [
            (self.binding.audience == expected.audience, "audience"),
            (self.card.is_meant_for(&expected.audience), "card-audience"),
            (self.binding.challenge == expected.challenge, "challenge"),
            (self.binding.request == expected.request, "request"),
        ];
        match checks.iter().find(|(holds, _)| !holds) {
            Some((_, which)) => Err(untrusted(which)),
            None => Ok(()),
        }
    }

    /// What it says it is bound to.
    pub fn binding(&self) -> &Binding {
        &self.binding
    }

    /// The card that is presented, with the disclosures its holder chose.
    pub fn card(&self) -> &SdCwt {
        &self.card
    }
}

impl Presentation for KeyBinding {
    fn card(&self) -> &dyn Credential {
        &self.card
    }

    fn verify_holder(&self, expected: &Binding) -> Result<()> {
        self.verify_binding(expected)?;
        self.verify_signature()
    }

    fn verify_signature(&self) -> Result<()> {
        self.signed.verify(&[], &self.card.holder_key)
    }

    fn to_bytes(&self) -> Vec<u8> {
        self.signed.to_bytes()
    }
}

/// The draft's section "SD-KBT and SD-CWT Verifier Validation", step 6.
fn refuse_bad_times(payload: &Value, card: &SdCwt) -> Result<()> {
    let date = |label: i64| payload.get(label).map(cwt::numeric_date).transpose();
    let (exp, nbf, iat) = (date(claim::EXP)?, date(claim::NBF)?, date(claim::IAT)?);
    let has_id = payload.get(claim::CTI).is_some_and(|cti| cti.as_bytes().is_some());
    if iat.is_none() && (!has_id || exp.is_some() || nbf.is_some()) {
        return Err(damaged("sd-kbt-times"));
    }
    let issued = match card.all_claims().value(&claim::IAT.into()) {
        Some(ClaimValue::Int(iat)) => Some(*iat),
        Some(ClaimValue::Float(iat)) => Some(iat.floor() as i64),
        _ => None,
    };
    let card = card.validity();
    let less = |a: Option<i64>, b: Option<i64>| a.zip(b).is_none_or(|(a, b)| a < b);
    let at_most = |a: Option<i64>, b: Option<i64>| a.zip(b).is_none_or(|(a, b)| a <= b);
    let holds = at_most(nbf, iat)
        && less(iat, exp)
        && at_most(exp, card.expires)
        && at_most(card.not_before, nbf)
        && at_most(issued, iat)
        && less(nbf, card.expires)
        && less(iat, card.expires)
        && at_most(card.not_before, iat);
    if holds { Ok(()) } else { Err(damaged("sd-kbt-times")) }
}
