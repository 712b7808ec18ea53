//! Amana core.
#![deny(missing_docs)]
pub mod cose;
pub mod credential;
pub mod crypto;
pub mod error;
pub mod explain;
pub mod ports;
pub mod presentation;
pub mod qr;
pub mod trust;
#[cfg(feature = "vault")]
pub mod vault;
