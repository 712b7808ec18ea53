//! What lets people open their backup without us: a format that other tools read, and shares on paper.
//!
//! ```text
//!  Passphrase::typed, ::make ──────────────┐
//!                                          ├─► age::seal ─► a file ─► age::open, or `age -d`
//!  RecoveryKey ─► .passphrase() ───────────┘
//!    │  ▲
//!    │  └── combine ◄─ m shares ◄─ words on paper, or QR
//!    └───── split ───► n shares ─► words on paper, or QR         (SLIP-0039: other tools combine them, too)
//! ```
//!
//! | you want to | use |
//! |---|---|
//! | seal under what a person remembers or writes down | [`Passphrase`], [`age::seal`] |
//! | seal so that some of several people open it together | [`RecoveryKey`], [`Share`] |
//!
//! What the file holds is its caller's affair. `docs/backup.md` has the commands of other tools.

pub mod age;
mod shares;
mod words;

pub use shares::{RecoveryKey, Share};

use crate::crypto::Secret;
use crate::error::{Result, invalid};
use crate::ports::Entropy;
use core::fmt;
use zeroize::Zeroizing;

/// What opens a backup.
///
/// It counts byte by byte as typed, spaces too, and is not normalised (NFKC): age's own tool does not either, and what
/// opens here has to open there. [`Passphrase::make`] is plain letters, the same on every keyboard.
pub struct Passphrase(Zeroizing<String>);

impl Passphrase {
    /// Fewest characters of one that protects.
    pub const MIN: usize = 12;

    /// Takes a passphrase as typed: any, for the file may be another tool's. [`age::seal`] is stricter.
    ///
    /// # Errors
    /// `invalid` (`passphrase-empty`).
    pub fn typed(text: Zeroizing<String>) -> Result<Self> {
        if text.is_empty() { Err(invalid("passphrase-empty")) } else { Ok(Self(text)) }
    }

    /// Draws eight words of SLIP-0039's list, joined by hyphens: 80 bits.
    pub fn make(entropy: &dyn Entropy) -> Result<Self> {
        Ok(Self(words::spell(Secret::<10>::make(entropy)?.expose(), "-")))
    }

    /// Whether a new file may be sealed under it; ask while the person still types. [`age::seal`] asks anyway.
    ///
    /// # Errors
    /// `invalid` (`passphrase-short`) below 12 characters.
    pub fn fit_to_protect(&self) -> Result<()> {
        if self.0.chars().count() < Self::MIN { Err(invalid("passphrase-short")) } else { Ok(()) }
    }

    /// The text, to be shown to its owner and to nobody else.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Passphrase(redacted)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::OsEntropy;

    #[test]
    fn what_protects_is_longer_than_what_opens() {
        let typed = |text: &str| Passphrase::typed(Zeroizing::new(text.to_owned()));
        assert_eq!(typed("").unwrap_err(), invalid("passphrase-empty"));
        assert_eq!(typed("eleven char").unwrap().fit_to_protect(), Err(invalid("passphrase-short")));
        assert_eq!(typed("نان و نمک و چای").unwrap().fit_to_protect(), Ok(()));
        assert_eq!(format!("{:?}", typed("eleven char").unwrap()), "Passphrase(redacted)");
    }

    #[test]
    fn a_drawn_passphrase_is_eight_words() {
        let drawn = || Passphrase::make(&OsEntropy).unwrap();
        let passphrase = drawn();
        assert_eq!(passphrase.expose().split('-').filter(|word| words::find(word).is_some()).count(), 8);
        assert_eq!(passphrase.fit_to_protect(), Ok(()));
        assert_ne!(passphrase.expose(), drawn().expose());
    }
}
