//! Token Status List (draft-ietf-oauth-status-list-21): who is cancelled, signed by their issuer, loaded from anywhere.
//!
//! A card names a list and an entry in it ([`StatusReference`]). The list says 0 (valid), 1 (cancelled) or 2 (suspended);
//! other statuses are their issuer's own business. Use [`StatusLists`] to keep lists and to ask them, [`StatusListToken`]
//! to look into one, `StatusListClaims::sign` (feature `issuer`) to make one.
//!
//! A list says something about a card only if all of this holds: its `sub` is the `uri` that the card gives, and a key of
//! the card's own issuer, in use by the bundle, signed it. Another issuer's list of the same name says nothing.
//!
//! `docs/formats/status-list.md` has encodings, bounds and what is not supported.

mod list;
mod token;

pub use list::StatusList;
#[cfg(feature = "issuer")]
pub use token::TokenForm;
pub use token::{StatusListClaims, StatusListToken};

use super::{Bundle, Issuer, IssuerKey};
use crate::credential::StatusReference;
use crate::crypto::PublicKey;
use crate::error::{Result, invalid, untrusted};

/// The status of a card that is valid (the draft's section 7.1).
pub const VALID: u8 = 0;
/// The status of a card that was taken back for good.
pub const INVALID: u8 = 1;
/// The status of a card that does not count for now.
pub const SUSPENDED: u8 = 2;

/// The lists that somebody has loaded, the newest of each.
#[derive(Debug, Default)]
pub struct StatusLists(Vec<Kept>);

/// A list whose signature was checked.
#[derive(Debug)]
struct Kept {
    signer: PublicKey,
    claims: StatusListClaims,
}

impl StatusLists {
    /// Most lists that are kept.
    pub const MAX: usize = 64;

    /// Reads a list, believes it if an issuer in `trust` signed it with a key that is in use, and keeps it in place of an
    /// older one.
    ///
    /// # Errors
    /// As [`StatusListToken::parse`] and [`StatusListToken::into_claims`]; `untrusted`: `status-list-issuer` where nobody in
    /// the bundle signed it, `signature-invalid` where one of them is named and did not, `status-list-older` where a newer
    /// one is kept; `invalid` (`status-list-count`) for more than [`MAX`](Self::MAX).
    pub fn add(&mut self, bytes: &[u8], trust: &Bundle) -> Result<&StatusListClaims> {
        let token = StatusListToken::parse(bytes)?;
        let (issuer, key) = signer(&token, trust)?;
        let signer = key.key.clone();
        let mut claims = token.into_claims()?;
        claims.list.shrink();
        let at = match self.0.iter().position(|kept| kept.claims.uri == claims.uri && kept.is_signed_by(issuer)) {
            Some(at) if self.0[at].claims.issued_at > claims.issued_at => return Err(untrusted("status-list-older")),
            Some(at) => {
                self.0[at] = Kept { signer, claims };
                at
            }
            None if self.0.len() == Self::MAX => return Err(invalid("status-list-count")),
            None => {
                self.0.push(Kept { signer, claims });
                self.0.len() - 1
            }
        };
        Ok(&self.0[at].claims)
    }

    /// The lists that are kept.
    pub fn iter(&self) -> impl Iterator<Item = &StatusListClaims> {
        self.0.iter().map(|kept| &kept.claims)
    }

    /// The list that speaks for a card of this issuer: of the name that the card gives, and signed by one of the issuer's
    /// own keys that is in use.
    pub fn list_for(&self, reference: &StatusReference, issuer: &Issuer) -> Option<&StatusListClaims> {
        let speaks = |kept: &&Kept| kept.claims.uri == reference.uri && kept.is_signed_by(issuer);
        self.0.iter().find(speaks).map(|kept| &kept.claims)
    }
}

impl Kept {
    fn is_signed_by(&self, issuer: &Issuer) -> bool {
        issuer.keys.iter().any(|key| key.retired.is_none() && key.key == self.signer)
    }
}

/// Who in the bundle signed it, and with which key. What a retired key signed can no longer be told from what a thief
/// signed: it neither cancels nor clears a card.
fn signer<'a>(token: &StatusListToken, trust: &'a Bundle) -> Result<(&'a Issuer, &'a IssuerKey)> {
    let mut failed = untrusted("status-list-issuer");
    for issuer in trust.issuers.iter().filter(|issuer| token.issuer().is_none_or(|id| issuer.id == id)) {
        for key in issuer.keys.iter().filter(|key| token.kid().is_none_or(|kid| key.kid == kid)) {
            match token.verify_issuer(&key.key) {
                Ok(()) if key.retired.is_none() => return Ok((issuer, key)),
                // Without a key's name nothing says that it was one of these.
                Err(error) if token.kid().is_some() => failed = error,
                _ => {}
            }
        }
    }
    Err(failed)
}
