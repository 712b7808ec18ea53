//! The issuing desk: offers, enrolments, cards. Absent from phone builds.
//!
//! ```text
//! Desk::offer ─► (wallet enrols) ─► Desk::accept ─► Applicant ─► Desk::issue ─► Issued { card, delivery }
//! ```
//! A card is bound to a key only if a wallet proved that it holds it: [`Desk::issue`] takes an [`Applicant`], and only
//! [`Desk::accept`] makes one.

mod draft;

pub use draft::CardDraft;

use crate::cose::Verified;
use crate::credential::enrolment::{Enrolment, Offer};
use crate::credential::{Card, Format, mdoc, sd_cwt, sd_jwt};
use crate::crypto::seal::{self, Use};
use crate::crypto::{SigningKey, make_random};
use crate::error::{Error, Result, invalid, untrusted};
use crate::ports::{Clock, Entropy};
use crate::qr::{Kind, armour};
use crate::x509::Certificate;
use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

/// An issuer at work.
pub struct Desk {
    id: String,
    kid: Vec<u8>,
    key: SigningKey,
    /// The certificate of `key` and those above it, the root left out.
    chain: Vec<Certificate>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    /// Enrolments that got their card from this desk since it opened, by their hash.
    served: Mutex<HashSet<[u8; 32]>>,
}

/// A holder who proved a fresh key to this desk. Good for one card.
#[derive(Debug)]
pub struct Applicant(Verified<Enrolment>);

/// What a desk hands out.
#[derive(Debug)]
pub struct Issued {
    /// The card in clear: only for a file that the holder alone gets.
    pub card: Card,
    /// The card sealed to the wallet that enrolled.
    pub delivery: Vec<u8>,
}

impl Desk {
    /// A desk of the issuer `id`, signing with `key` under the name `kid`.
    pub fn new(id: &str, kid: &[u8], key: SigningKey, clock: Arc<dyn Clock>, entropy: Arc<dyn Entropy>) -> Self {
        let chain = Vec::new();
        Self { id: id.to_owned(), kid: kid.to_vec(), key, chain, clock, entropy, served: Mutex::default() }
    }

    /// The same desk with the certificate of its key, and those above it but for the root: cards in formats that bring a chain
    /// of certificates along get it.
    ///
    /// # Errors
    /// `invalid` (`certificate`) where the first is not that of the desk's key.
    pub fn with_chain(self, chain: Vec<Certificate>) -> Result<Self> {
        match chain.first().map(Certificate::public_key) {
            Some(Ok(key)) if *key == self.key.public_key() => Ok(Self { chain, ..self }),
            _ => Err(invalid("certificate")),
        }
    }

    /// Offers an SD-CWT of a type, for so many seconds from now. One offer may be shown to many.
    pub fn offer(&self, card_type: &str, seconds: u32) -> Result<Offer> {
        self.offer_in(Format::SdCwt, card_type, seconds)
    }

    /// [`offer`](Self::offer), in any format that is bound to a holder's key.
    ///
    /// # Errors
    /// `invalid`: `certificate` for an mdoc where the desk has no certificate, `holder-key` for a format without one, for which
    /// nobody enrols; `host`.
    pub fn offer_in(&self, format: Format, card_type: &str, seconds: u32) -> Result<Offer> {
        match format {
            Format::Claim169 | Format::Health => return Err(invalid("holder-key")),
            Format::Mdoc if self.chain.is_empty() => return Err(invalid("certificate")),
            _ => {}
        }
        let expires = self.clock.now()?.saturating_add(i64::from(seconds));
        let nonce = make_random(&*self.entropy)?;
        Offer::make(&self.id, card_type, format, nonce, expires, &self.kid, &self.key)
    }

    /// Reads a wallet's enrolment: armoured text, or bytes.
    ///
    /// # Errors
    /// `not-for-me` where the offer in it is another desk's, `untrusted` (`offer-expired`, `signature-invalid`),
    /// `damaged`, `foreign`.
    pub fn accept(&self, enrolment: &[u8]) -> Result<Applicant> {
        let (_, bytes) = armour::read(enrolment, &[Kind::Enrolment])?;
        let enrolment = Enrolment::verify(&bytes)?;
        let offer = enrolment.offer();
        if offer.issuer() != self.id || offer.verify_issuer(&self.key.public_key()).is_err() {
            return Err(Error::NotForMe);
        }
        if self.clock.now()? >= offer.expires() {
            return Err(untrusted("offer-expired"));
        }
        Ok(Applicant(enrolment))
    }

    /// Signs a card for an applicant and seals it to their wallet.
    ///
    /// # Errors
    /// `invalid` where the draft breaks a rule, or is not of the type that was offered (`card-type`); `too-large`;
    /// `already-used` for an enrolment that has its card: each card has a key of its own.
    pub fn issue(&self, draft: CardDraft, applicant: Applicant) -> Result<Issued> {
        let enrolment = applicant.0;
        if draft.card_type != enrolment.offer().card_type() {
            return Err(Error::Invalid { reason: "card-type" });
        }
        if !self.served.lock().unwrap_or_else(PoisonError::into_inner).insert(*enrolment.hash()) {
            return Err(Error::AlreadyUsed);
        }
        let key = enrolment.holder_key();
        let (issuer, entropy) = (&self.key, &*self.entropy);
        let card: Card = match enrolment.offer().format() {
            Format::SdCwt => Box::new(sd_cwt::issue(&draft, &self.id, key, &self.kid, issuer, entropy)?),
            Format::SdJwt => {
                let chain: Vec<_> = self.chain.iter().map(|one| one.to_bytes().to_vec()).collect();
                Box::new(sd_jwt::issue(&draft, &self.id, Some(key), &self.kid, &chain, issuer, entropy)?)
            }
            Format::Mdoc => Box::new(mdoc::issue(&draft, key, issuer, &self.chain, entropy)?),
            Format::Claim169 | Format::Health => return Err(invalid("holder-key")),
        };
        let delivery =
            seal::seal_to(enrolment.deliver_to(), Use::Delivery, enrolment.hash(), &card.to_bytes(), &*self.entropy)?;
        Ok(Issued { card, delivery })
    }
}

impl Applicant {
    /// The type of card that they were offered.
    pub fn card_type(&self) -> &str {
        self.0.offer().card_type()
    }
}
