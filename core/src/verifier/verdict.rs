//! The verdict, in parts. Never a bool: a failure of technique is not a finding about a person.

use crate::cose::cwt;
use crate::credential::{ClaimPath, Claims};
use crate::explain::Message;
use crate::trust::Names;
use time::Date;

/// Whether the card is what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Authenticity {
    /// An issuer that the verifier believes for this kind of card signed it.
    Genuine {
        /// The issuer's name.
        issuer: Names,
    },
    /// The issuer's own key says that it did not sign this.
    Forged {
        /// What failed, a stable word.
        why: &'static str,
    },
    /// It cannot be told; nothing is known against the card.
    CannotCheck(CannotCheck),
}

/// Why authenticity cannot be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CannotCheck {
    /// The bundle has no such issuer, no such key, or does not believe it for this kind of card.
    UnknownIssuer,
    /// The key signed it, and was taken out of use on this day.
    RetiredKey {
        /// Which day.
        on: Date,
    },
    /// Signed by an algorithm that Amana does not verify.
    UnsupportedAlgorithm,
}

/// Whether the person showing it holds its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HolderProof {
    /// The holder's key answered this very request. Not that the holder stands here: a relay cannot be told.
    Fresh,
    /// It answered within a window of time (one-way).
    Recent {
        /// How long the window is, in seconds.
        window: u32,
    },
    /// Nothing binds it to a person: compare the person.
    Bearer,
    /// The proof is missing or does not hold.
    NotProven {
        /// What failed, a stable word.
        why: &'static str,
    },
    /// The same answer was shown before in this window (one-way).
    Replayed,
}

/// Whether the card is valid today, by the verifier's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValidityState {
    /// Through this day, UTC; for good where there is none.
    Current {
        /// Last day.
        until: Option<Date>,
    },
    /// No longer since this day, UTC.
    Expired {
        /// First day on which it was not valid.
        since: Date,
    },
    /// Past its own last day, and extended by its issuer.
    Extended {
        /// Last day of the extension.
        until: Date,
        /// Sequence number of the bundle that extends it.
        by: u64,
    },
    /// Not before this day, UTC.
    NotYet {
        /// First day.
        from: Date,
    },
}

/// Whether the issuer has cancelled the card, as far as is known here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Not cancelled as of this time (Unix seconds).
    Valid {
        /// When the list was made.
        as_of: i64,
    },
    /// Cancelled for good as of this time. Also in a list that is too old: nobody takes that back.
    Cancelled {
        /// When the list was made.
        as_of: i64,
    },
    /// Not to be taken for now, as of this time. Also in a list that is too old: a newer one may say otherwise.
    Suspended {
        /// When the list was made.
        as_of: i64,
    },
    /// Not cancelled in a list that is too old to go by.
    Stale {
        /// When the list was made.
        as_of: i64,
        /// How old it is, in seconds.
        age: i64,
    },
    /// Nothing is known: the card names no list, that list is not here, or what it says has no meaning here.
    Unknown,
}

/// What the caller's policy makes of the parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Serve.
    Accept,
    /// Serve, and record why the check could not be complete.
    AcceptWithException(Vec<Reason>),
    /// Do not serve on this card.
    Refuse(Vec<Reason>),
}

impl Decision {
    /// Whether to serve.
    pub fn is_accept(&self) -> bool {
        !matches!(self, Self::Refuse(_))
    }
}

/// Why a decision is not a plain Accept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Its issuer's key says that it did not sign it.
    Forged,
    /// Its issuer is unknown here.
    UnknownIssuer,
    /// Its key was taken out of use.
    RetiredKey,
    /// Its algorithm is not verified here.
    UnsupportedAlgorithm,
    /// The holder's proof is missing or does not hold.
    NotProven,
    /// The same answer was shown before.
    Replayed,
    /// Nothing binds it to a person.
    Bearer,
    /// The proof is of a time window, not of this request.
    Recent,
    /// Past its last day.
    Expired,
    /// Before its first day.
    NotYet,
    /// Cancelled by its issuer.
    Cancelled,
    /// Suspended by its issuer.
    Suspended,
    /// The status list is too old.
    StatusStale,
    /// No status list says anything.
    StatusUnknown,
    /// The trust bundle is out of its days.
    TrustStale,
    /// A claim that the purpose needs is missing.
    NeededWithheld,
}

impl Reason {
    /// The stable word.
    pub fn code(self) -> &'static str {
        match self {
            Self::Forged => "forged",
            Self::UnknownIssuer => "unknown-issuer",
            Self::RetiredKey => "retired-key",
            Self::UnsupportedAlgorithm => "unsupported-algorithm",
            Self::NotProven => "not-proven",
            Self::Replayed => "replayed",
            Self::Bearer => "bearer",
            Self::Recent => "recent",
            Self::Expired => "expired",
            Self::NotYet => "not-yet-valid",
            Self::Cancelled => "cancelled",
            Self::Suspended => "suspended",
            Self::StatusStale => "status-stale",
            Self::StatusUnknown => "status-unknown",
            Self::TrustStale => "trust-stale",
            Self::NeededWithheld => "needed-withheld",
        }
    }
}

/// Everything that was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    /// Whether the card is what it says.
    pub authenticity: Authenticity,
    /// Whether the one who shows it holds its key.
    pub holder: HolderProof,
    /// Whether it is valid today.
    pub validity: ValidityState,
    /// Whether it is cancelled.
    pub status: Status,
    /// Whether the trust bundle was in its own days.
    pub trust_is_stale: bool,
    /// What kind of card.
    pub card_type: String,
    /// What was disclosed.
    pub claims: Claims,
    /// What was asked for and withheld, or not on the card: the two look alike.
    pub withheld: Vec<ClaimPath>,
    /// What the policy makes of it.
    pub decision: Decision,
}

impl Verdict {
    /// What a field worker is told, most important first.
    pub fn explain(&self) -> Vec<Message> {
        let mut messages = vec![Message::plain(match self.decision {
            Decision::Accept => "decision-accept",
            Decision::AcceptWithException(_) => "decision-exception",
            Decision::Refuse(_) => "decision-refuse",
        })];
        messages.push(match &self.authenticity {
            Authenticity::Genuine { issuer } => Message::plain("card-genuine").with("issuer", issuer.best(&[])),
            Authenticity::Forged { .. } => Message::plain("card-forged"),
            Authenticity::CannotCheck(CannotCheck::UnknownIssuer) => Message::plain("card-unknown-issuer"),
            Authenticity::CannotCheck(CannotCheck::RetiredKey { on }) => {
                Message::plain("card-retired-key").with("day", on.to_string())
            }
            Authenticity::CannotCheck(CannotCheck::UnsupportedAlgorithm) => Message::plain("card-unsupported"),
        });
        messages.push(match self.holder {
            HolderProof::Fresh => Message::plain("holder-fresh"),
            HolderProof::Recent { window } => Message::plain("holder-recent").with("seconds", window.to_string()),
            HolderProof::Bearer => Message::plain("holder-bearer"),
            HolderProof::NotProven { .. } => Message::plain("holder-not-proven"),
            HolderProof::Replayed => Message::plain("holder-replayed"),
        });
        messages.push(match self.validity {
            ValidityState::Current { until: Some(day) } => Message::plain("valid-until").with("day", day.to_string()),
            ValidityState::Current { until: None } => Message::plain("valid"),
            ValidityState::Expired { since } => Message::plain("expired-since").with("day", since.to_string()),
            ValidityState::Extended { until, .. } => Message::plain("extended-until").with("day", until.to_string()),
            ValidityState::NotYet { from } => Message::plain("valid-from").with("day", from.to_string()),
        });
        messages.push(match self.status {
            Status::Valid { as_of } => as_of_day(Message::plain("status-valid"), as_of),
            Status::Cancelled { as_of } => as_of_day(Message::plain("status-cancelled"), as_of),
            Status::Suspended { as_of } => as_of_day(Message::plain("status-suspended"), as_of),
            Status::Stale { as_of, .. } => as_of_day(Message::plain("status-stale"), as_of),
            Status::Unknown => Message::plain("status-unknown"),
        });
        messages.extend(self.trust_is_stale.then(|| Message::plain("trust-stale")));
        messages
            .extend(self.withheld.iter().map(|path| Message::plain("claim-withheld").with("claim", path.to_string())));
        messages
    }
}

/// The day a list was made, UTC.
fn as_of_day(message: Message, as_of: i64) -> Message {
    // Lists from beyond the calendar are not read.
    message.with("day", cwt::day_of(as_of).map(|day| day.to_string()).unwrap_or_default())
}
