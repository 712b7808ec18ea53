//! JWS (RFC 7515) and JWK (RFC 7517), as far as Amana's formats need them.
//!
//! Everything that arrives goes through [`json::parse`](crate::json::parse); base64url is read strictly (RFC 7515 section 2:
//! no padding, one text for each byte string).

pub mod jwk;
pub mod jws;

pub use jws::Jws;
