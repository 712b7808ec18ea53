//! From a card, a proof and what is known here to a verdict.

use super::policy::{Findings, Policy};
use super::verdict::{Authenticity, CannotCheck, HolderProof, Status, ValidityState, Verdict};
use crate::cose::cwt;
use crate::credential::{ClaimPath, Credential, Validity, recognise_presentation, recognise_with};
use crate::crypto::SymmetricKey;
use crate::error::{Error, Result, damaged};
use crate::ports::PortError;
use crate::trust::{Believed, Signed, StatusLists, status_list};

/// By what a card is judged.
pub struct Judge<'a> {
    /// Whom to believe.
    pub trust: &'a Believed,
    /// The status lists at hand.
    pub lists: &'a StatusLists,
    /// What to make of the parts.
    pub policy: &'a Policy,
    /// Keys that both sides hold, for cards that are sealed.
    pub keys: &'a [SymmetricKey],
    /// The moment, Unix seconds.
    pub now: i64,
}

impl Judge<'_> {
    /// Judges a card that is shown in clear, without a request: a paper ID, a file. Text or bytes in any form. Whoever has a
    /// copy of it could show it, also of one that its holder could prove to be theirs: the holder is `Bearer`. So is a
    /// presentation that was made for somebody else, unless its proof is broken. Whether a card's issuer made it for one
    /// verifier alone (`aud`) is not judged: whose request it answers is not known.
    ///
    /// # Errors
    /// `foreign`, `too-new` and `damaged` for what is no card.
    pub fn card(&self, input: &[u8]) -> Result<Verdict> {
        match recognise_with(input, self.keys) {
            Ok((card, _)) => self.verdict(&*card, HolderProof::Bearer, &[], &[]),
            Err(error) => {
                let presentation = recognise_presentation(input).ok_or(error)?;
                let holder = match presentation.verify_signature() {
                    Err(Error::Untrusted {
                        reason: why @ ("signature-invalid" | "algorithm-mismatch" | "sd-hash"),
                    }) => HolderProof::NotProven { why },
                    _ => HolderProof::Bearer,
                };
                self.verdict(presentation.card(), holder, &[], &[])
            }
        }
    }

    /// The verdict on a card; `asked` are the claims it was asked for, and `needed` those that the purpose cannot do
    /// without.
    pub(super) fn verdict(
        &self,
        card: &dyn Credential,
        holder: HolderProof,
        asked: &[ClaimPath],
        needed: &[ClaimPath],
    ) -> Result<Verdict> {
        let authenticity = self.authenticity(card);
        let validity = validity(card.validity(), self.now)?;
        let status = if is_issued(&authenticity) { self.status(card) } else { Status::Unknown };
        let trust_is_stale = self.trust.is_stale(self.now);
        let claims = card.claims();
        let withheld: Vec<_> = asked.iter().filter(|path| claims.at(path).is_none()).cloned().collect();
        let findings = Findings {
            authenticity: &authenticity,
            holder: &holder,
            validity: &validity,
            status: &status,
            trust_is_stale,
            needed_withheld: needed.iter().any(|path| withheld.contains(path)),
        };
        let decision = self.policy.decide(&findings);
        let card_type = card.card_type().to_owned();
        Ok(Verdict { authenticity, holder, validity, status, trust_is_stale, card_type, claims, withheld, decision })
    }

    fn authenticity(&self, card: &dyn Credential) -> Authenticity {
        match self.trust.signer_of(card, self.now) {
            (Some(issuer), Signed::By { retired: None }) => Authenticity::Genuine { issuer },
            (_, Signed::By { retired: Some(on) }) => Authenticity::CannotCheck(CannotCheck::RetiredKey { on }),
            (_, Signed::Not { why }) => Authenticity::Forged { why },
            // Anybody could have made it.
            (_, Signed::UnknownKey) if !card.is_signed() => Authenticity::Forged { why: "signature-missing" },
            (_, Signed::UnknownKey) if card.algorithm().is_none() => {
                Authenticity::CannotCheck(CannotCheck::UnsupportedAlgorithm)
            }
            _ => Authenticity::CannotCheck(CannotCheck::UnknownIssuer),
        }
    }

    /// What the lists here say of a card that its issuer signed. Being stale hides neither a cancelling nor a suspending:
    /// it only means that a card may have been cancelled since.
    fn status(&self, card: &dyn Credential) -> Status {
        let Some(reference) = card.status() else { return Status::Unknown };
        // Not a card that another key signed in an issuer's name, were it one that is believed beside the bundle.
        let issuer = self.trust.bundle().and_then(|bundle| bundle.signer_of(card, self.now));
        let Some((issuer, Signed::By { .. })) = issuer else { return Status::Unknown };
        let Some(list) = self.lists.list_for(reference, issuer) else { return Status::Unknown };
        let as_of = list.issued_at;
        match list.list.status(reference.index) {
            Some(status_list::VALID) if list.is_stale(self.now) => {
                Status::Stale { as_of, age: self.now.saturating_sub(as_of) }
            }
            Some(status_list::VALID) => Status::Valid { as_of },
            Some(status_list::INVALID) => Status::Cancelled { as_of },
            Some(status_list::SUSPENDED) => Status::Suspended { as_of },
            // Of its issuer's own meaning, or beyond the list's end.
            Some(_) | None => Status::Unknown,
        }
    }
}

/// Whether its issuer's signature holds: also where the key was retired since.
pub(super) fn is_issued(authenticity: &Authenticity) -> bool {
    matches!(authenticity, Authenticity::Genuine { .. } | Authenticity::CannotCheck(CannotCheck::RetiredKey { .. }))
}

/// Validity ends with its day, in UTC.
fn validity(card: Validity, now: i64) -> Result<ValidityState> {
    let today = cwt::day_of(now).map_err(|_| PortError::Unavailable)?;
    let first = card.not_before.map(cwt::day_of).transpose()?;
    // A card that expires beyond the calendar (the year 9999) does not expire.
    let last = card.expires.and_then(|expires| cwt::day_of(expires - 1).ok());
    Ok(match (first, last) {
        (Some(from), _) if today < from => ValidityState::NotYet { from },
        (_, Some(last)) if today > last => {
            ValidityState::Expired { since: last.next_day().ok_or(damaged("cwt-date"))? }
        }
        (_, until) => ValidityState::Current { until },
    })
}
