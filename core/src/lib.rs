//! Amana: an offline-first identity wallet core.
//!
//! A person's IDs stay encrypted on their own phone and are shown by QR; whoever checks them needs no network either.
//! This crate is everything Amana does. It opens no socket, reads no clock and draws no randomness of its own: the host
//! gives those through [`ports`].
//!
//! | you are | start at |
//! |---|---|
//! | writing a wallet | [`wallet::Wallet`] (feature `vault`) |
//! | writing a field verifier | [`verifier::Verifier`] |
//! | issuing cards | [`issuer::Desk`] (feature `issuer`) |
//! | opening or making a backup | [`backup`] (feature `vault`) |
//! | showing codes | [`qr::Symbol`] |
//! | telling people what happened | [`explain::Message`] |
//! | giving it a host without secure hardware | [`software::host_beside`] (feature `software`) |
//! | handling what went wrong | [`error::Error`] |
//!
//! Keys, PINs and passphrases are wiped by their own types. Claims pass through many buffers: set a global allocator that
//! zeroes what is freed (the crate `zeroizing-alloc`), as the bindings and the command do.
//!
//! Rooms, and which way they may look: `wallet`, `verifier` and `issuer` use `presentation`, then `trust`, then
//! `credential`, then `cose` and `x509`, then `crypto`; `credential` uses `qr` too; `wallet` alone uses `vault` and `backup`. `ARCHITECTURE.md` has the
//! picture, and a test keeps it.
#![deny(missing_docs)]

#[cfg(feature = "vault")]
pub mod backup;
pub mod cose;
pub mod credential;
pub mod crypto;
pub mod error;
pub mod explain;
#[cfg(feature = "issuer")]
pub mod issuer;
pub mod jose;
pub mod json;
pub mod ports;
pub mod presentation;
pub mod qr;
#[cfg(feature = "software")]
pub mod software;
pub mod trust;
#[cfg(feature = "vault")]
pub mod vault;
pub mod verifier;
#[cfg(feature = "vault")]
pub mod wallet;
pub mod x509;

/// The version of this crate (semantic versioning).
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
