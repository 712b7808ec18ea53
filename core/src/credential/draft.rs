//! What a card will say, before it is signed: the same for every format that its holder can show in part.

use super::format::StatusReference;
use super::model::{ClaimName, ClaimPath, Claims, MAX_PORTRAIT_LEN, check_portraits};
use crate::cose::cwt::{self, claim};
use crate::error::{Result, invalid};
use time::Date;

/// What a card will say, before it is signed.
#[derive(Clone, Debug)]
pub struct Draft {
    /// What kind of card it is.
    pub card_type: String,
    /// First day of validity, UTC.
    pub valid_from: Date,
    /// Last day of validity, UTC.
    pub valid_until: Date,
    /// The claims. Every one can be withheld by the holder, unless it is in `open`; so can each member of a group.
    pub claims: Claims,
    /// Claims that stand in clear, whole groups with all inside them.
    pub open: Vec<ClaimPath>,
    /// Lists whose elements can be shown one by one.
    pub split: Vec<ClaimPath>,
    /// How many digests a level shows at least, so that every card of a type looks alike; decoys fill it up. No path
    /// means the top.
    pub digests: Vec<(Option<ClaimPath>, usize)>,
    /// Where its issuer will say whether it is cancelled. Stands in clear: nobody can withhold it. Draw the index by chance,
    /// and give each to one card only: it links every showing of the card.
    pub status: Option<StatusReference>,
}

/// Most digests that one level may be brought to.
const MAX_DIGESTS: usize = 256;

/// How a claim stands in a card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// In clear, with all inside it.
    Open,
    /// In clear, because something inside it is: so is the way there.
    OpenInside,
    /// Behind a digest.
    Closed,
}

impl Draft {
    /// # Errors
    /// `invalid`: `dates`, `claim-missing`, `claim-reserved`, `portrait-format`; `too-large` for a portrait.
    pub(super) fn check(&self) -> Result<()> {
        if self.valid_from > self.valid_until {
            return Err(invalid("dates"));
        }
        let missing = |path: &ClaimPath| self.claims.at(path).is_none();
        let levels = self.digests.iter().filter_map(|(path, _)| path.as_ref());
        if self.open.iter().chain(&self.split).chain(levels).any(missing) {
            return Err(invalid("claim-missing"));
        }
        let reserved = |name: &ClaimName| {
            let is = |(number, text): &(i64, &str)| *name == ClaimName::Int(*number) || *name == ClaimName::from(*text);
            *name != ClaimName::Int(claim::SUB) && cwt::JWT_NAMES.iter().any(is)
        };
        if self.claims.iter().any(|(name, _)| reserved(name)) {
            return Err(invalid("claim-reserved"));
        }
        self.status.as_ref().map_or(Ok(()), StatusReference::check)?;
        check_portraits(&self.claims, MAX_PORTRAIT_LEN)
    }

    pub(super) fn place(&self, path: &ClaimPath) -> Place {
        if self.open.iter().any(|open| path.is_within(open)) {
            Place::Open
        } else if self.open.iter().any(|open| open.is_within(path)) {
            Place::OpenInside
        } else {
            Place::Closed
        }
    }

    /// How many decoys a level with so many digests needs.
    ///
    /// # Errors
    /// `invalid` (`digest-count`) where it has more than it is to show.
    pub(super) fn decoys(&self, level: Option<&ClaimPath>, digests: usize) -> Result<usize> {
        let least = self.digests.iter().find(|(path, _)| path.as_ref() == level).map_or(0, |(_, least)| *least);
        match least.checked_sub(digests) {
            _ if least == 0 => Ok(0),
            Some(decoys) if least <= MAX_DIGESTS => Ok(decoys),
            _ => Err(invalid("digest-count")),
        }
    }
}
