//! Whom somebody believes: a trust bundle, and keys that were given beside it.

use super::issuer::signed_under;
use super::{Bundle, Issuer, Names, Signed};
use crate::cose::Verified;
use crate::cose::cwt;
use crate::cose::key::Thumbprint;
use crate::credential::Credential;
use crate::crypto::PublicKey;
use crate::x509::Certificate;

/// A trust bundle, and keys that somebody at a command line gave beside it and believes for whatever they signed.
#[derive(Clone, Debug, Default)]
pub struct Believed {
    bundle: Option<Verified<Bundle>>,
    keys: Vec<GivenKey>,
    certificates: Vec<Certificate>,
}

/// A key that is believed for whatever it signed.
#[derive(Clone, Debug)]
pub struct GivenKey {
    /// Its name. With one it is tried only on what names it under the signature; without one on anything.
    pub kid: Option<Vec<u8>>,
    /// The key.
    pub key: PublicKey,
}

impl From<Verified<Bundle>> for Believed {
    fn from(bundle: Verified<Bundle>) -> Self {
        Self { bundle: Some(bundle), ..Self::default() }
    }
}

impl Believed {
    /// The same, and this key.
    #[must_use]
    pub fn and_key(mut self, key: GivenKey) -> Self {
        self.keys.push(key);
        self
    }

    /// The same, and this certificate: an authority over signers, or a signer's own.
    #[must_use]
    pub fn and_certificate(mut self, certificate: Certificate) -> Self {
        self.certificates.push(certificate);
        self
    }

    /// The bundle, where there is one.
    pub fn bundle(&self) -> Option<&Verified<Bundle>> {
        self.bundle.as_ref()
    }

    /// Whether there is a bundle and this moment (Unix seconds) is outside its days.
    pub fn is_stale(&self, now: i64) -> bool {
        self.bundle.as_ref().is_some_and(|bundle| bundle.is_stale(now))
    }

    /// Who signed a card, as far as it is known here; certificates are judged at the moment `at`, Unix seconds.
    pub fn signer_of(&self, card: &dyn Credential, at: i64) -> (Option<Names>, Signed) {
        let in_bundle = self.bundle.as_ref().and_then(|bundle| bundle.signer_of(card, at));
        if let Some((issuer, signed @ Signed::By { .. })) = in_bundle {
            return (Some(issuer.names.clone()), signed);
        }
        let mut failed = in_bundle.map_or(Signed::UnknownKey, |(_, signed)| signed);
        for given in self.keys.iter().filter(|given| given.may_have_signed(card)) {
            match card.verify_issuer(&given.key) {
                Ok(()) => return (given.names(), Signed::By { retired: None }),
                // Named by the card, or the only one it could be: then it is known not to have signed.
                Err(error) => failed = Signed::not(error),
            }
        }
        match signed_under(&self.certificates, card, at) {
            Some(signed @ Signed::By { .. }) => return (self.name_of_chain(card), signed),
            Some(signed) => failed = signed,
            None => {}
        }
        // A signer's own certificate, for a card that brings none along.
        let alone = |certificate: &&Certificate| {
            card.chain().is_empty()
                && certificate.public_key().is_ok_and(|key| card.algorithm() == Some(key.algorithm()))
                && card.certificate_id(certificate).is_none_or(|id| card.kid().is_none_or(|kid| kid == id))
        };
        for certificate in self.certificates.iter().filter(alone) {
            match certificate.public_key().and_then(|key| card.verify_issuer(key)) {
                Ok(()) if at < certificate.not_before() => failed = Signed::UnknownKey,
                Ok(()) => {
                    let is_over = at >= certificate.expires();
                    let retired = is_over.then(|| cwt::day_of(certificate.expires()).ok()).flatten();
                    return (certificate.common_name().and_then(named), Signed::By { retired });
                }
                Err(error) => failed = Signed::not(error),
            }
        }
        (None, failed)
    }

    /// What the signer's certificate calls it.
    fn name_of_chain(&self, card: &dyn Credential) -> Option<Names> {
        let signer = card.chain().first().and_then(|der| Certificate::parse(der).ok())?;
        signer.common_name().and_then(named)
    }
}

/// A name in no language.
fn named(name: String) -> Option<Names> {
    Names::new(vec![("und".to_owned(), name)]).ok()
}

impl GivenKey {
    fn may_have_signed(&self, card: &dyn Credential) -> bool {
        match &self.kid {
            Some(kid) => Some(kid.as_slice()) == card.kid(),
            None => card.algorithm() == Some(self.key.algorithm()),
        }
    }

    /// What it is called: its name, or the start of its thumbprint.
    fn names(&self) -> Option<Names> {
        let kid = self.kid.as_deref().and_then(|kid| core::str::from_utf8(kid).ok()).map(str::to_owned);
        kid.and_then(named).or_else(|| named(Thumbprint::of(&self.key).to_text()))
    }
}

impl Bundle {
    /// The issuer of a card, where this bundle knows it for this type, and whether it signed; certificates are judged at the
    /// moment `at`, Unix seconds. An issuer is known by the id that the card names, or by standing over its signer's
    /// certificate.
    pub fn signer_of(&self, card: &dyn Credential, at: i64) -> Option<(&Issuer, Signed)> {
        let is_for = |issuer: &&Issuer| {
            let is_named = card.issuer().is_empty() || issuer.id == card.issuer();
            is_named && issuer.types.iter().any(|card_type| card_type == card.card_type())
        };
        if !card.chain().is_empty() {
            let candidates = self.issuers.iter().filter(is_for);
            let mut over: Vec<(&Issuer, Signed)> = candidates
                .filter_map(|issuer| signed_under(&issuer.roots, card, at).map(|signed| (issuer, signed)))
                .collect();
            // One who signed, before one who did not.
            over.sort_by_key(|(_, signed)| !matches!(signed, Signed::By { .. }));
            if let Some(found) = over.into_iter().next() {
                return Some(found);
            }
        }
        let issuer = self.issuer(card.issuer(), card.card_type())?;
        let signed = match card.algorithm() {
            Some(_) => issuer.signed(card.kid(), |key| card.verify_issuer(key)),
            // Says nothing against the card: nobody here can tell.
            None => Signed::UnknownKey,
        };
        Some((issuer, signed))
    }
}
