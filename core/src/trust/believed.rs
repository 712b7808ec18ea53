//! Whom somebody believes: a trust bundle, and keys that were given beside it.

use super::issuer::{signed_by, signed_under};
use super::{Bundle, IssuerKey, Names, Signed};
use crate::cose::Verified;
use crate::cose::cwt;
use crate::cose::key::Thumbprint;
use crate::credential::Credential;
use crate::crypto::{Algorithm, PublicKey};
use crate::error::{Error, Result};
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
        let by_chain = signed_under(&self.certificates, card, at);
        if let Some(signed @ Signed::By { .. }) = by_chain {
            return (self.name_of_chain(card), signed);
        }
        let mut tried = Tried::default();
        let verify = |key: &PublicKey| card.verify_issuer(key);
        if let Some(given) = self.given_signer(card.algorithm(), card.kid(), verify, &mut tried) {
            return (given.names(), Signed::By { retired: None });
        }
        // A signer's own certificate, for a card that brings none along. One key may have several: one in its time counts.
        let mut out_of_time = None;
        for certificate in self.certificates.iter().filter(|_| card.chain().is_empty()) {
            let (Ok(key), id) = (certificate.public_key(), card.certificate_id(certificate)) else { continue };
            let may_be = card.algorithm() == Some(key.algorithm())
                && id.as_deref().zip(card.kid()).is_none_or(|(id, kid)| id == kid);
            match may_be.then(|| card.verify_issuer(key)) {
                None => {}
                Some(Ok(())) if at < certificate.not_before() => {
                    out_of_time = out_of_time.or(Some((None, Signed::UnknownKey)));
                }
                Some(Ok(())) => {
                    let is_over = at >= certificate.expires();
                    let retired = is_over.then(|| cwt::day_of(certificate.expires()).ok()).flatten();
                    let found = (names_of(certificate.common_name(), key), Signed::By { retired });
                    if !is_over {
                        return found;
                    }
                    out_of_time = Some(found);
                }
                // An authority signs certificates: that it did not sign a card says nothing.
                Some(Err(_)) if certificate.is_authority() => {}
                Some(Err(error)) => tried.note(id.is_some() && id.as_deref() == card.kid(), error),
            }
        }
        if let Some(found) = out_of_time {
            return found;
        }
        let known = [in_bundle.map(|(_, signed)| signed), by_chain, tried.known()];
        let not = known.into_iter().flatten().find(|signed| matches!(signed, Signed::Not { .. }));
        (None, not.unwrap_or(Signed::UnknownKey))
    }

    /// Whether one of the given keys or of these, which the bundle has for it, signed something that is no card: it names the
    /// key `kid`, and `verify` checks the signature.
    pub fn signed(
        &self,
        algorithm: Option<Algorithm>,
        kid: Option<&[u8]>,
        keys: &[&IssuerKey],
        verify: impl Fn(&PublicKey) -> Result<()>,
    ) -> Signed {
        let mut tried = Tried::default();
        if self.given_signer(algorithm, kid, &verify, &mut tried).is_some() {
            return Signed::By { retired: None };
        }
        let keys = keys.iter().copied().filter(|_| algorithm.is_some());
        match signed_by(keys, kid, verify) {
            Signed::UnknownKey => tried.known().unwrap_or(Signed::UnknownKey),
            signed => signed,
        }
    }

    /// The given key that signed.
    fn given_signer(
        &self,
        algorithm: Option<Algorithm>,
        kid: Option<&[u8]>,
        verify: impl Fn(&PublicKey) -> Result<()>,
        tried: &mut Tried,
    ) -> Option<&GivenKey> {
        // That an algorithm is not verified here says nothing against what it signed.
        let algorithm = algorithm?;
        let may_have = |given: &&GivenKey| match &given.kid {
            Some(named) => Some(named.as_slice()) == kid,
            None => algorithm == given.key.algorithm(),
        };
        self.keys.iter().filter(may_have).find(|given| match verify(&given.key) {
            Ok(()) => true,
            Err(error) => {
                tried.note(given.kid.is_some(), error);
                false
            }
        })
    }

    /// What the signer's certificate calls it.
    fn name_of_chain(&self, card: &dyn Credential) -> Option<Names> {
        let signer = card.chain().first().and_then(|der| Certificate::parse(der).ok())?;
        names_of(signer.common_name(), signer.public_key().ok()?)
    }
}

/// What came of trying keys of which none is the signer's.
#[derive(Default)]
struct Tried {
    by_named: Option<Error>,
    by_others: Vec<Error>,
}

impl Tried {
    fn note(&mut self, is_named: bool, error: Error) {
        if is_named {
            self.by_named = Some(error);
        } else {
            self.by_others.push(error);
        }
    }

    /// That the card is false is known where it names the key, or where there is one alone that it could be: whoever gave that
    /// one says that it is the signer's. Of several nobody says which.
    fn known(mut self) -> Option<Signed> {
        let alone = self.by_others.pop().filter(|_| self.by_others.is_empty());
        self.by_named.or(alone).map(Signed::not)
    }
}

/// What a key's owner is called: the name, or the start of the key's thumbprint.
fn names_of(name: Option<String>, key: &PublicKey) -> Option<Names> {
    name.and_then(named).or_else(|| named(Thumbprint::of(key).to_text()))
}

/// A name in no language.
fn named(name: String) -> Option<Names> {
    Names::new(vec![("und".to_owned(), name)]).ok()
}

impl GivenKey {
    fn names(&self) -> Option<Names> {
        let kid = self.kid.as_deref().and_then(|kid| core::str::from_utf8(kid).ok());
        names_of(kid.map(str::to_owned), &self.key)
    }
}
