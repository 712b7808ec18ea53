//! From the parts of a verdict to a decision: the caller's, written down as data.

use super::verdict::{Authenticity, CannotCheck, Decision, HolderProof, Reason, Status, ValidityState};

/// What to do when a check does not come out clean.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stance {
    /// Take it as clean.
    Accept,
    /// Serve, and record the reason.
    Exception,
    /// Do not serve.
    Refuse,
}

/// A stance for every finding that leaves room for one. Forged, cancelled, suspended, not proven and
/// replayed never do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Issuer unknown, key retired, algorithm unsupported.
    pub cannot_check: Stance,
    /// Nothing binds the card to a person.
    pub bearer: Stance,
    /// The proof is of a time window.
    pub recent: Stance,
    /// Past its last day.
    pub expired: Stance,
    /// Before its first day.
    pub not_yet: Stance,
    /// The status list is too old.
    pub status_stale: Stance,
    /// No status list says anything.
    pub status_unknown: Stance,
    /// The trust bundle is out of its days.
    pub trust_stale: Stance,
    /// A claim that the purpose needs is missing.
    pub needed_withheld: Stance,
}

impl Policy {
    /// For what can wait until a check is possible.
    pub const STRICT: Self = Self {
        cannot_check: Stance::Refuse,
        bearer: Stance::Refuse,
        recent: Stance::Refuse,
        expired: Stance::Refuse,
        not_yet: Stance::Refuse,
        status_stale: Stance::Refuse,
        status_unknown: Stance::Accept,
        trust_stale: Stance::Refuse,
        needed_withheld: Stance::Refuse,
    };

    /// For food and medicine: where a check cannot be made, serve and record why.
    pub const RATIONS: Self = Self {
        cannot_check: Stance::Exception,
        bearer: Stance::Exception,
        recent: Stance::Accept,
        expired: Stance::Exception,
        not_yet: Stance::Exception,
        status_stale: Stance::Exception,
        status_unknown: Stance::Accept,
        trust_stale: Stance::Exception,
        needed_withheld: Stance::Refuse,
    };

    pub(super) fn decide(&self, findings: &Findings<'_>) -> Decision {
        let authenticity = match findings.authenticity {
            Authenticity::Genuine { .. } => None,
            Authenticity::Forged { .. } => Some((Reason::Forged, Stance::Refuse)),
            Authenticity::CannotCheck(why) => Some((
                match why {
                    CannotCheck::UnknownIssuer => Reason::UnknownIssuer,
                    CannotCheck::RetiredKey { .. } => Reason::RetiredKey,
                    CannotCheck::UnsupportedAlgorithm => Reason::UnsupportedAlgorithm,
                },
                self.cannot_check,
            )),
        };
        let holder = match findings.holder {
            HolderProof::Fresh => None,
            HolderProof::Recent { .. } => Some((Reason::Recent, self.recent)),
            HolderProof::Bearer => Some((Reason::Bearer, self.bearer)),
            HolderProof::NotProven { .. } => Some((Reason::NotProven, Stance::Refuse)),
            HolderProof::Replayed => Some((Reason::Replayed, Stance::Refuse)),
        };
        let validity = match findings.validity {
            ValidityState::Current { .. } | ValidityState::Extended { .. } => None,
            ValidityState::Expired { .. } => Some((Reason::Expired, self.expired)),
            ValidityState::NotYet { .. } => Some((Reason::NotYet, self.not_yet)),
        };
        let status = match findings.status {
            Status::Valid { .. } => None,
            Status::Cancelled { .. } => Some((Reason::Cancelled, Stance::Refuse)),
            Status::Suspended { .. } => Some((Reason::Suspended, Stance::Refuse)),
            Status::Stale { .. } => Some((Reason::StatusStale, self.status_stale)),
            Status::Unknown => Some((Reason::StatusUnknown, self.status_unknown)),
        };
        let trust = findings.trust_is_stale.then_some((Reason::TrustStale, self.trust_stale));
        let claims = findings.needed_withheld.then_some((Reason::NeededWithheld, self.needed_withheld));

        let found = [authenticity, holder, validity, status, trust, claims].into_iter().flatten();
        let found: Vec<_> = found.filter(|(_, stance)| *stance != Stance::Accept).collect();
        let reasons = |least: Stance| found.iter().filter(|(_, s)| *s >= least).map(|(reason, _)| *reason).collect();
        match found.iter().map(|(_, stance)| *stance).max() {
            None | Some(Stance::Accept) => Decision::Accept,
            Some(Stance::Exception) => Decision::AcceptWithException(reasons(Stance::Exception)),
            Some(Stance::Refuse) => Decision::Refuse(reasons(Stance::Refuse)),
        }
    }
}

/// What the decision is made from.
pub(super) struct Findings<'a> {
    pub authenticity: &'a Authenticity,
    pub holder: &'a HolderProof,
    pub validity: &'a ValidityState,
    pub status: &'a Status,
    pub trust_is_stale: bool,
    pub needed_withheld: bool,
}
