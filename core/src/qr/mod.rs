//! Codes: bytes to text that any QR scanner returns unharmed, and text to a symbol.
//!
//! | you have | use |
//! |---|---|
//! | bytes to show | [`armour::to_text`], then [`Symbol::of`] |
//! | text from a scanner | [`armour::parse`] |
//!
//! This room knows nothing of what the bytes mean.

pub mod armour;
pub(crate) mod base45;
mod symbol;

pub use armour::Kind;
pub use symbol::Symbol;
