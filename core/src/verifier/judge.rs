//! From a card, a proof and what is known here to a verdict.

use super::policy::{Findings, Policy};
use super::verdict::{Authenticity, CannotCheck, HolderProof, Status, ValidityState, Verdict};
use crate::cose::cwt;
use crate::credential::{ClaimPath, Claims, Credential, Validity, Value, recognise, recognise_presentation};
use crate::crypto::SymmetricKey;
use crate::error::{Error, Result};
use crate::trust::{Believed, Signed, StatusLists, status_list};
use std::collections::HashSet;

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
    /// As [`recognise`].
    pub fn card(&self, input: &[u8]) -> Result<Verdict> {
        match recognise(input, self.keys) {
            Ok(card) => self.verdict(&*card, HolderProof::Bearer, &[], &[]),
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
        let withheld: Vec<_> = asked.iter().filter(|path| !is_given(&claims, path, asked)).cloned().collect();
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

/// Whether what was asked is shown. Elements of a list that are withheld leave no gap, so that of those shown nobody can tell
/// which they are: none that was asked counts as given unless as many are there.
fn is_given(claims: &Claims, path: &ClaimPath, asked: &[ClaimPath]) -> bool {
    let names = path.names();
    let list_at = |depth: usize| match claims.value(&names[0])?.inside(&names[1..depth]) {
        Some(Value::List(items)) => Some((depth, items)),
        _ => None,
    };
    let Some((depth, items)) = (1..names.len()).find_map(list_at) else { return claims.at(path).is_some() };
    let (above, rest) = (&names[..depth], &names[depth + 1..]);
    let of_this_list = asked.iter().filter(|other| other.names().len() > depth && other.names().starts_with(above));
    let wanted: HashSet<_> = of_this_list.map(|other| &other.names()[depth]).collect();
    items.iter().filter(|item| item.inside(rest).is_some()).count() >= wanted.len()
}

/// To the second, and told by days in UTC.
fn validity(card: Validity, now: i64) -> Result<ValidityState> {
    let day = |second: i64| cwt::day_of(second);
    Ok(match (card.not_before, card.expires) {
        (Some(first), _) if now < first => ValidityState::NotYet { from: day(first)? },
        (_, Some(end)) if now >= end => ValidityState::Expired { since: day(end)? },
        // A card that expires beyond the calendar (the year 9999) does not expire.
        (_, end) => ValidityState::Current { until: end.and_then(|end| day(end - 1).ok()) },
    })
}
