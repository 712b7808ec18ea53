//! How a card comes to be bound to a fresh key: the desk's offer, the wallet's proof, the sealed delivery.
//!
//! ```text
//! desk    Offer::make ─────────► wallet   Enrolment::make (fresh key signs the offer's nonce)
//! desk    Enrolment::verify ◄─── wallet
//! desk    issue, seal to the enrolment's own X25519 key ─► wallet opens, and finds its key in `cnf`
//! ```

use super::format::Format;
use crate::cose::cbor::{self, Value};
use crate::cose::cwt::{self, claim};
use crate::cose::key;
#[cfg(feature = "issuer")]
use crate::cose::label;
use crate::cose::{Sign1, Verified};
use crate::crypto::{PublicKey, Signer, sha256};
use crate::error::{Error, Result, damaged};

const OFFER_CONTEXT: &[u8] = b"amana/1 offer";
const ENROLMENT_CONTEXT: &[u8] = b"amana/1 enrolment";
/// Protected header of an enrolment: the fresh COSE_Key.
const KEY: &str = "key";

/// A desk's offer to issue a card, signed by the issuer so that the desk knows its own again.
#[derive(Clone, Debug, PartialEq)]
pub struct Offer {
    signed: Sign1,
    issuer: String,
    card_type: String,
    format: Format,
    expires: i64,
}

/// Claim of an offer: the number of the card's format. Left out for an SD-CWT.
const FORMAT: &str = "fmt";

impl Offer {
    /// Signs an offer with a fresh nonce; `expires` in Unix seconds.
    ///
    /// # Errors
    /// `host`, where the key lies in the host's hands.
    #[cfg(feature = "issuer")]
    pub fn make(
        issuer: &str,
        card_type: &str,
        format: Format,
        nonce: [u8; 16],
        expires: i64,
        kid: &[u8],
        key: &dyn Signer,
    ) -> Result<Self> {
        let named = (format != Format::SdCwt).then(|| (FORMAT.into(), format.number().into()));
        let entries = [
            (claim::ISS.into(), issuer.into()),
            (claim::VCT.into(), card_type.into()),
            (claim::EXP.into(), expires.into()),
            (claim::CNONCE.into(), (&nonce[..]).into()),
        ];
        let payload = Value::map(entries.into_iter().chain(named));
        let signed = Sign1::sign([(label::KID.into(), kid.into())], payload.to_bytes(), OFFER_CONTEXT, key)?;
        Ok(Self { signed, issuer: issuer.to_owned(), card_type: card_type.to_owned(), format, expires })
    }

    /// Reads an offer. Whether the issuer made it is [`verify_issuer`](Self::verify_issuer)'s to say.
    ///
    /// # Errors
    /// `damaged` (`offer-shape`) and what COSE and CBOR say.
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        Self::from_sign1(Sign1::parse(bytes)?)
    }

    fn from_sign1(signed: Sign1) -> Result<Self> {
        let wrong = damaged("offer-shape");
        let payload = cbor::parse(signed.payload())?;
        let text = |label: i64| payload.get(label).and_then(Value::as_text).map(str::to_owned).ok_or(wrong.clone());
        // The nonce itself is signed by being inside the offer, which the enrolment signs whole.
        if payload.get(claim::CNONCE).and_then(Value::as_bytes).is_none_or(|nonce| nonce.len() != 16) {
            return Err(wrong);
        }
        let expires = cwt::numeric_date(payload.get(claim::EXP).ok_or(wrong.clone())?)?;
        let format = match payload.get(FORMAT) {
            None => Format::SdCwt,
            Some(Value::Uint(number)) => Format::of_number(*number)?,
            Some(_) => return Err(wrong),
        };
        Ok(Self { issuer: text(claim::ISS)?, card_type: text(claim::VCT)?, format, expires, signed })
    }

    /// The issuer's id.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The kind of card that is offered.
    pub fn card_type(&self) -> &str {
        &self.card_type
    }

    /// The format of the card that is offered.
    pub fn format(&self) -> Format {
        self.format
    }

    /// The first second at which it is over, Unix seconds.
    pub fn expires(&self) -> i64 {
        self.expires
    }

    /// The name of the key that signed.
    pub fn kid(&self) -> Option<&[u8]> {
        self.signed.kid()
    }

    /// Checks the issuer's signature.
    ///
    /// # Errors
    /// `untrusted`.
    pub fn verify_issuer(&self, key: &PublicKey) -> Result<()> {
        self.signed.verify(OFFER_CONTEXT, key)
    }

    /// The encoding.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.signed.to_bytes()
    }
}

/// A wallet's proof that it holds a fresh key, made for one offer.
#[derive(Clone, Debug, PartialEq)]
pub struct Enrolment {
    offer: Offer,
    holder_key: PublicKey,
    deliver_to: [u8; 32],
    hash: [u8; 32],
    bytes: Vec<u8>,
}

impl Enrolment {
    /// Signs the offer with the fresh key. `deliver_to` is a fresh X25519 public key the card is sealed to.
    ///
    /// # Errors
    /// `host`, where the key lies in the host's hands.
    pub fn make(offer: &Offer, key: &dyn Signer, deliver_to: [u8; 32]) -> Result<Self> {
        let payload = Value::map([("offer".into(), offer.signed.to_value()), ("epk".into(), (&deliver_to[..]).into())]);
        let headers = [(KEY.into(), key::to_value(&key.public_key()))];
        let bytes = Sign1::sign(headers, payload.to_bytes(), ENROLMENT_CONTEXT, key)?.to_bytes();
        Ok(Self { offer: offer.clone(), holder_key: key.public_key(), deliver_to, hash: sha256(&bytes), bytes })
    }

    /// Reads an enrolment and checks that the key in it signed it. The desk checks the offer in it.
    ///
    /// # Errors
    /// `untrusted` (`signature-invalid`), `damaged` (`enrolment-shape`) and what COSE and CBOR say.
    pub fn verify(bytes: &[u8]) -> Result<Verified<Self>> {
        let wrong = damaged("enrolment-shape");
        let signed = Sign1::parse(bytes)?;
        let (holder_key, _) = key::from_value(signed.text_header(KEY).ok_or(Error::Foreign)?)?;
        signed.verify(ENROLMENT_CONTEXT, &holder_key)?;
        let payload = cbor::parse(signed.payload())?;
        let offer = payload.get("offer").ok_or(wrong.clone())?;
        let deliver_to = payload.get("epk").and_then(Value::as_bytes).and_then(|epk| epk.try_into().ok());
        Ok(Verified::new(Self {
            offer: Offer::from_sign1(Sign1::from_value(offer.clone())?)?,
            holder_key,
            deliver_to: deliver_to.ok_or(wrong)?,
            hash: sha256(bytes),
            bytes: bytes.to_vec(),
        }))
    }

    /// The offer it answers.
    pub fn offer(&self) -> &Offer {
        &self.offer
    }

    /// The fresh key it proves.
    pub fn holder_key(&self) -> &PublicKey {
        &self.holder_key
    }

    /// The X25519 key that the card is sealed to.
    pub fn deliver_to(&self) -> &[u8; 32] {
        &self.deliver_to
    }

    /// SHA-256 of its exact bytes: what a delivery is bound to.
    pub fn hash(&self) -> &[u8; 32] {
        &self.hash
    }

    /// The encoding.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}
