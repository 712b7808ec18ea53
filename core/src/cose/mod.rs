//! CBOR (RFC 8949), COSE (RFC 9052) and CWT (RFC 8392), as far as Amana's formats need them.
//!
//! Everything that arrives as bytes goes through [`cbor::parse`], which bounds depth, items and lengths before it
//! takes memory, and refuses indefinite lengths and duplicate keys.

pub mod cbor;
pub mod cwt;
mod detached;
mod encrypt0;
pub mod key;
pub mod label;
mod mac0;
pub mod sign1;
mod x5chain;

pub use detached::Detached;
pub use encrypt0::Encrypt0;
pub use mac0::Mac0;
pub use sign1::Sign1;

use core::ops::Deref;

/// Something whose signature was checked. Only `verify_*` functions make one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified<T>(T);

impl<T> Verified<T> {
    pub(crate) fn new(checked: T) -> Self {
        Self(checked)
    }

    /// The checked value itself.
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T> Deref for Verified<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}
