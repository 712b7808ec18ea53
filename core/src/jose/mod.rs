//! JSON, JWS (RFC 7515) and JWK (RFC 7517), as far as Amana's formats need them.
//!
//! Everything that arrives goes through [`json::parse`], which bounds depth, values and length before it takes memory, and
//! refuses duplicate names; base64url is read strictly (RFC 7515 section 2: no padding, one text for each byte string).

pub mod json;
pub mod jwk;
pub mod jws;

pub use jws::Jws;
