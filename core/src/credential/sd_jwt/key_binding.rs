//! The KB-JWT: the holder's proof for one verifier and one request (RFC 9901 section 4.3).

use super::{Parts, SdJwt, disclosure};
use crate::credential::format::{Binding, Credential, Presentation};
use crate::credential::model::Validity;
use crate::crypto::Signer;
use crate::error::{Result, damaged, untrusted};
use crate::jose::Jws;
use crate::json;
use base64ct::{Base64UrlUnpadded, Encoding as _};
use serde_json::{Map, Value as Json};

/// `typ` of a KB-JWT.
const TYP: &str = "kb+jwt";
/// The private claim that binds a proof to one of Amana's requests: the SHA-256 of the request's exact bytes, in base64url.
const REQ: &str = "req";

/// A presentation: a card with chosen disclosures, and the KB-JWT where its holder proved their key.
#[derive(Clone, Debug)]
pub struct SdJwtKb {
    card: SdJwt,
    proof: Option<Proof>,
}

#[derive(Clone, Debug)]
struct Proof {
    signed: Jws,
    audience: String,
    nonce: String,
    request: Option<String>,
    sd_hash: String,
    issued_at: i64,
    validity: Validity,
}

/// Signs a presentation of `card`, as it stands. RFC 9901 demands a time: it is the holder's clock's, and nobody judges by it.
pub(super) fn sign(card: &SdJwt, binding: &Binding, at: i64, key: &dyn Signer) -> Result<String> {
    let text = card.to_text();
    let encode = |bytes: &[u8]| Json::String(Base64UrlUnpadded::encode_string(bytes));
    let entries = [
        Some(("iat", at.into())),
        Some(("aud", binding.audience.as_str().into())),
        // RFC 9901 demands one; without a challenge it says nothing.
        Some(("nonce", encode(binding.challenge.as_deref().unwrap_or_default()))),
        Some(("sd_hash", card.hash.digest(&text).into())),
        binding.request.map(|request| (REQ, encode(&request))),
    ];
    let payload: Map<_, _> = entries.into_iter().flatten().map(|(name, value)| (name.to_owned(), value)).collect();
    let proof = Jws::sign([("typ", TYP.into())], &payload, key)?;
    Ok(text + &proof.to_text())
}

impl SdJwtKb {
    /// Reads a presentation, with a KB-JWT or without. Checks everything but signatures and the clock.
    ///
    /// # Errors
    /// As [`SdJwt::parse`]; `damaged` with `kb-jwt-*`.
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        let parts = Parts::parse(bytes)?;
        let card = SdJwt::from_parts(Jws::parse(&parts.jwt)?, parts.disclosures)?;
        let proof = parts.key_binding.as_deref().map(Proof::parse).transpose()?;
        Ok(Self { card, proof })
    }

    /// The card that is presented.
    pub fn card(&self) -> &SdJwt {
        &self.card
    }

    /// Whether there is a KB-JWT.
    pub fn has_key_binding(&self) -> bool {
        self.proof.is_some()
    }

    /// When the proof was made by the holder's clock, Unix seconds: for verifiers who judge by it.
    pub fn issued_at(&self) -> Option<i64> {
        self.proof.as_ref().map(|proof| proof.issued_at)
    }

    /// From when to when the proof itself holds. Few have such dates.
    pub fn proof_validity(&self) -> Validity {
        self.proof.as_ref().map_or_else(Validity::default, |proof| proof.validity)
    }

    /// Checks the proof for a verifier of another exchange: `audience` and `nonce` as it gave them. Its dates are for
    /// whoever has a clock to judge.
    ///
    /// # Errors
    /// `untrusted`: `proof-missing`, `sd-hash`, `audience`, `card-audience` (its issuer made the card for another),
    /// `challenge`, `algorithm-unsupported`, `algorithm-mismatch` or `signature-invalid`.
    pub fn verify_key_binding(&self, audience: &str, nonce: &str) -> Result<()> {
        let proof = self.verified_proof()?;
        if proof.audience != audience {
            return Err(untrusted("audience"));
        }
        if !self.card.is_meant_for(audience) {
            return Err(untrusted("card-audience"));
        }
        if proof.nonce == nonce { Ok(()) } else { Err(untrusted("challenge")) }
    }

    fn verified_proof(&self) -> Result<&Proof> {
        let missing = untrusted("proof-missing");
        let (proof, key) = self.proof.as_ref().zip(self.card.holder_key()).ok_or(missing)?;
        if self.card.hash.digest(&self.card.to_text()) != proof.sd_hash {
            return Err(untrusted("sd-hash"));
        }
        proof.signed.verify(key)?;
        Ok(proof)
    }
}

impl Presentation for SdJwtKb {
    fn card(&self) -> &dyn Credential {
        &self.card
    }

    fn verify_holder(&self, expected: &Binding) -> Result<()> {
        let nonce = Base64UrlUnpadded::encode_string(expected.challenge.as_deref().unwrap_or_default());
        self.verify_key_binding(&expected.audience, &nonce)?;
        let request = self.proof.as_ref().and_then(|proof| proof.request.clone());
        let is_expected = request == expected.request.map(|request| Base64UrlUnpadded::encode_string(&request));
        if is_expected { Ok(()) } else { Err(untrusted("request")) }
    }

    /// Also that it was made for exactly these disclosures.
    fn verify_signature(&self) -> Result<()> {
        self.verified_proof().map(drop)
    }

    fn to_bytes(&self) -> Vec<u8> {
        let proof = self.proof.as_ref().map(|proof| proof.signed.to_text());
        (self.card.to_text() + &proof.unwrap_or_default()).into_bytes()
    }
}

impl Proof {
    fn parse(text: &str) -> Result<Self> {
        let signed = Jws::parse(text)?;
        if signed.typ() != Some(TYP) {
            return Err(damaged("kb-jwt-typ"));
        }
        let payload = json::parse_object(signed.payload())?;
        let wrong = || damaged("kb-jwt-claims");
        let text = |name: &str| match payload.get(name) {
            None => Ok(None),
            Some(text) => text.as_str().map(|text| Some(text.to_owned())).ok_or_else(wrong),
        };
        let date = |name: &str| match payload.get(name) {
            None => Ok(None),
            Some(Json::Number(seconds)) => super::date(&disclosure::number(seconds)).map(Some).map_err(|_| wrong()),
            Some(_) => Err(wrong()),
        };
        Ok(Self {
            audience: text("aud")?.ok_or_else(wrong)?,
            nonce: text("nonce")?.ok_or_else(wrong)?,
            sd_hash: text("sd_hash")?.ok_or_else(wrong)?,
            request: text(REQ)?,
            issued_at: date("iat")?.ok_or_else(wrong)?,
            validity: Validity { not_before: date("nbf")?, expires: date("exp")? },
            signed,
        })
    }
}
