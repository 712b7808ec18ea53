//! One model of a card, whatever format it comes in; one file or folder a format.
//!
//! | format | where | copy this one to add another |
//! |---|---|---|
//! | SD-CWT | [`sd_cwt`] | yes |
//!
//! A format module gives: parse (from untrusted bytes), the claims in this model, a presentation of chosen claims, and
//! verification against a key. Nothing outside it knows how the format is laid out; with the second format
//! its types go behind one enum.

pub mod enrolment;
mod json;
mod model;
pub mod sd_cwt;

pub use json::{claims_from_json, to_json, value_text};
pub use model::{
    ClaimName, ClaimPath, Claims, MAX_PORTRAIT_LEN, Validity, Value, check_portrait, check_portraits, is_deceptive,
};
