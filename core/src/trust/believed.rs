//! Whom somebody believes: a trust bundle, and keys that were given beside it.

use super::{Bundle, Issuer, Names, Signed};
use crate::cose::Verified;
use crate::cose::key::Thumbprint;
use crate::credential::Credential;
use crate::crypto::PublicKey;

/// A trust bundle, and keys that somebody at a command line gave beside it and believes for whatever they signed.
#[derive(Clone, Debug, Default)]
pub struct Believed {
    bundle: Option<Verified<Bundle>>,
    keys: Vec<GivenKey>,
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
        Self { bundle: Some(bundle), keys: Vec::new() }
    }
}

impl Believed {
    /// The same, and this key.
    #[must_use]
    pub fn and_key(mut self, key: GivenKey) -> Self {
        self.keys.push(key);
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

    /// Who signed a card, as far as it is known here.
    pub fn signer_of(&self, card: &dyn Credential) -> (Option<Names>, Signed) {
        let in_bundle = self.bundle.as_ref().and_then(|bundle| bundle.signer_of(card));
        if let Some((issuer, signed @ Signed::By { .. })) = in_bundle {
            return (Some(issuer.names.clone()), signed);
        }
        let mut failed = in_bundle.map_or(Signed::UnknownKey, |(_, signed)| signed);
        for given in self.keys.iter().filter(|given| given.may_have_signed(card)) {
            match card.verify_issuer(&given.key) {
                Ok(()) => return (Some(given.names()), Signed::By { retired: None }),
                // Named by the card, or the only one it could be: then it is known not to have signed.
                Err(error) => failed = Signed::Not { why: error.reason().unwrap_or("signature-invalid") },
            }
        }
        (None, failed)
    }
}

impl GivenKey {
    fn may_have_signed(&self, card: &dyn Credential) -> bool {
        match &self.kid {
            Some(kid) => Some(kid.as_slice()) == card.kid(),
            None => card.algorithm() == Some(self.key.algorithm()),
        }
    }

    /// What it is called: its name, or the start of its thumbprint.
    fn names(&self) -> Names {
        let kid = self.kid.as_deref().and_then(|kid| core::str::from_utf8(kid).ok()).map(str::to_owned);
        let named = |name| Names::new(vec![("und".to_owned(), name)]);
        kid.map(named).and_then(Result::ok).unwrap_or_else(|| {
            let thumbprint = Thumbprint::of(&self.key).to_text();
            named(thumbprint).unwrap_or_else(|_| unreachable!("a thumbprint is a name"))
        })
    }
}

impl Bundle {
    /// The issuer that a card names, where this bundle knows it for this type, and whether it signed.
    pub fn signer_of(&self, card: &dyn Credential) -> Option<(&Issuer, Signed)> {
        let issuer = self.issuer(card.issuer(), card.card_type())?;
        let signed = match card.algorithm() {
            Some(_) => issuer.signed(card.kid(), |key| card.verify_issuer(key)),
            // Says nothing against the card: nobody here can tell.
            None => Signed::UnknownKey,
        };
        Some((issuer, signed))
    }
}
