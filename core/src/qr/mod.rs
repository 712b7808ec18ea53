//! Codes: bytes to text that any QR scanner returns unharmed, and text to a symbol.
//!
//! | you have | use |
//! |---|---|
//! | bytes to show | [`armour::to_text`], then [`Symbol::of`] |
//! | more bytes than one code holds | [`Frames`], each of its texts as a symbol |
//! | several symbols to show in one file | [`animation`] |
//! | texts from a scanner, whole or frames | [`Collector`] |
//! | text from a scanner, of one code | [`armour::parse`] |
//!
//! This room knows nothing of what the bytes mean.

pub mod animation;
pub mod armour;
pub(crate) mod base45;
pub mod frames;
mod symbol;

pub use armour::Kind;
pub use frames::{Collector, Frames, Progress};
pub use symbol::Symbol;
