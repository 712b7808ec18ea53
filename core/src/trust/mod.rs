//! Whom to believe: the trust bundle that names issuers and registrars, and the registrations of verifiers.
//!
//! Everything here is a signed file that the app loads from anywhere, checked against one key the app was given (the
//! *anchor*). Nothing is fetched. Each kind of message is signed under a context of its own (COSE external AAD), so
//! that one never stands for another.

mod believed;
mod bundle;
mod issuer;
mod names;
mod registration;

pub use believed::{Believed, GivenKey};
pub use bundle::{Anchor, Bundle, Registrar};
pub use issuer::{Issuer, IssuerKey, Signed};
pub use names::Names;
pub use registration::{Purpose, Registration, Standing};

/// The start of a key name that only the demo makes and only the demo believes.
pub const DEMO_KID: &[u8] = b"DEMO";
