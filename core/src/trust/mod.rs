//! Whom to believe: the trust bundle that names issuers and registrars, the registrations of verifiers, and the lists of
//! cards that were cancelled.
//!
//! Everything here is a signed file that the app loads from anywhere, checked against one key the app was given (the
//! *anchor*), or against keys that stand in what was. Nothing is fetched. Each kind of Amana's messages is signed under a context
//! of its own (COSE external AAD), so that one never stands for another; status lists are others' tokens too, and say by their
//! `typ` what they are.

mod believed;
mod bundle;
mod issuer;
mod names;
mod registration;
pub mod status_list;

pub use believed::{Believed, GivenKey};
pub use bundle::{Anchor, Bundle, Registrar};
pub use issuer::{Issuer, IssuerKey, Signed};
pub use names::Names;
pub use registration::{Purpose, Registration, Standing};
pub use status_list::{StatusList, StatusListClaims, StatusListToken, StatusLists};

/// The start of a key name that only the demo makes and only the demo believes.
pub const DEMO_KID: &[u8] = b"DEMO";
