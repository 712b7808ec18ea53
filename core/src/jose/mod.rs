//! JSON, JWS (RFC 7515) and JWK (RFC 7517), as far as the formats of others need them.
//!
//! Everything that arrives as bytes goes through [`json::parse`], which bounds depth, items and lengths before it takes
//! memory, and refuses duplicate keys. Base64url has no padding, no white space, and one encoding for each value.
//!
//! | you want to | use |
//! |---|---|
//! | read JSON of others | [`json`] |
//! | read, check or make a signed token | [`Jws`] |
//! | read or write a key inside JSON | [`jwk`] |
//! | read or write a file that holds a key | [`key_file`] |

pub mod json;
pub mod jwk;
mod jws;
pub mod key_file;

pub use jws::{Jws, algorithm_name, algorithm_of_name};
