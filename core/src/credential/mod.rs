//! One model of a card, whatever format it comes in; one file or folder a format.
//!
//! | format | where | copy this one to add another |
//! |---|---|---|
//! | SD-CWT | [`sd_cwt`] | yes |
//! | SD-JWT, SD-JWT VC | [`sd_jwt`] | |
//! | mdoc (ISO/IEC 18013-5) | [`mdoc`] | |
//! | Claim 169 | [`claim169`] | |
//! | EU DCC, SMART Health Card: judged, never held | [`health`] | |
//!
//! A format module gives a type for its card and one for its presentation, which implement [`Credential`] and
//! [`Presentation`], and has a row in the table of `format.rs`. Nothing outside it knows how the format is laid out.

pub mod claim169;
mod compact;
#[cfg(feature = "issuer")]
mod draft;
pub mod enrolment;
mod format;
pub mod health;
mod json;
pub mod mdoc;
mod model;
mod recognise;
pub mod sd_cwt;
pub mod sd_jwt;

#[cfg(feature = "issuer")]
pub use draft::Draft;
pub use format::{Binding, Card, Credential, Format, Presentation, StatusReference};
pub use json::{claims_from_json, to_json, value_text};
pub use model::{
    ClaimName, ClaimPath, Claims, MAX_PORTRAIT_LEN, Validity, Value, check_portrait, check_portraits, is_deceptive,
};
pub use recognise::{forms, parse_card, recognise, recognise_presentation, unseal};
