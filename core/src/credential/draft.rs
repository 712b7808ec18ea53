//! What a card will say, before a format signs it.

use super::format::StatusReference;
use super::model::{ClaimName, ClaimPath, Claims, check_portraits};
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
pub(super) enum Exposure {
    /// In clear, with all inside it.
    Open,
    /// In clear, because something inside it does.
    Around,
    /// Behind a digest.
    Withheld,
}

impl Draft {
    /// Checks what holds in every format; `is_reserved` tells the names that are the format's own.
    ///
    /// # Errors
    /// `invalid`: `dates`, `claim-missing`, `claim-reserved`, `status-reference`, `portrait-format`; `too-large` for a
    /// portrait.
    pub(super) fn check(&self, is_reserved: impl Fn(&ClaimName) -> bool) -> Result<()> {
        if self.valid_from > self.valid_until {
            return Err(invalid("dates"));
        }
        let missing = |path: &ClaimPath| self.claims.at(path).is_none();
        let levels = self.digests.iter().filter_map(|(path, _)| path.as_ref());
        if self.open.iter().chain(&self.split).chain(levels).any(missing) {
            return Err(invalid("claim-missing"));
        }
        if self.claims.iter().any(|(name, _)| is_reserved(name)) {
            return Err(invalid("claim-reserved"));
        }
        self.status.as_ref().map_or(Ok(()), StatusReference::check)?;
        check_portraits(&self.claims)
    }

    /// How the claim at `path` stands.
    pub(super) fn exposure(&self, path: &ClaimPath) -> Exposure {
        if self.open.iter().any(|open| path.is_within(open)) {
            Exposure::Open
        } else if self.open.iter().any(|open| open.is_within(path)) {
            Exposure::Around
        } else {
            Exposure::Withheld
        }
    }

    /// How many decoys a level gets that has so many digests of claims.
    ///
    /// # Errors
    /// `invalid` (`digest-count`).
    pub(super) fn decoys(&self, level: Option<&ClaimPath>, digests: usize) -> Result<usize> {
        let least = self.digests.iter().find(|(at, _)| at.as_ref() == level).map_or(0, |(_, least)| *least);
        if least > MAX_DIGESTS || (least > 0 && digests > least) {
            return Err(invalid("digest-count"));
        }
        Ok(least.saturating_sub(digests))
    }
}

/// The path of `name` inside the group at `level`.
pub(super) fn join(level: Option<&ClaimPath>, name: &ClaimName) -> Result<ClaimPath> {
    let outer = level.map(ClaimPath::names).unwrap_or_default();
    ClaimPath::new(outer.iter().cloned().chain([name.clone()]).collect())
}
