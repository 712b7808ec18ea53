//! From a card, a proof and what is known here to a verdict.

use super::policy::{Findings, Policy};
use super::verdict::{Authenticity, CannotCheck, HolderProof, Status, ValidityState, Verdict};
use crate::cose::cwt;
use crate::credential::{ClaimPath, Credential, Validity, recognise};
use crate::error::{Result, damaged};
use crate::ports::PortError;
use crate::trust::{Believed, Signed};

/// Judges a card that is shown in clear, without a request: a paper ID, a file. Text or bytes in any form; `now` is Unix
/// seconds. A card that its holder could prove to be theirs is `NotProven` so; a bearer's is `Bearer`.
///
/// # Errors
/// `foreign`, `too-new` and `damaged` for what is no card.
pub fn judge_card(input: &[u8], trust: &Believed, policy: &Policy, now: i64) -> Result<Verdict> {
    let (card, _) = recognise(input)?;
    let holder = match card.holder_key() {
        None => HolderProof::Bearer,
        Some(_) => HolderProof::NotProven { why: "not-asked" },
    };
    verdict(&*card, holder, &[], &[], trust, policy, now)
}

/// The verdict on a card; `asked` are the claims it was asked for, and `needed` those that the purpose cannot do without.
pub(super) fn verdict(
    card: &dyn Credential,
    holder: HolderProof,
    asked: &[ClaimPath],
    needed: &[ClaimPath],
    trust: &Believed,
    policy: &Policy,
    now: i64,
) -> Result<Verdict> {
    let authenticity = authenticity(trust, card, now);
    let validity = validity(card.validity(), now)?;
    let status = Status::Unknown;
    let trust_is_stale = trust.is_stale(now);
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
    let decision = policy.decide(&findings);
    let card_type = card.card_type().to_owned();
    Ok(Verdict { authenticity, holder, validity, status, trust_is_stale, card_type, claims, withheld, decision })
}

fn authenticity(trust: &Believed, card: &dyn Credential, now: i64) -> Authenticity {
    match trust.signer_of(card, now) {
        (Some(issuer), Signed::By { retired: None }) => Authenticity::Genuine { issuer },
        (_, Signed::By { retired: Some(on) }) => Authenticity::CannotCheck(CannotCheck::RetiredKey { on }),
        (_, Signed::Not { why }) => Authenticity::Forged { why },
        (_, Signed::UnknownKey) if card.algorithm().is_none() => {
            Authenticity::CannotCheck(CannotCheck::UnsupportedAlgorithm)
        }
        _ => Authenticity::CannotCheck(CannotCheck::UnknownIssuer),
    }
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
