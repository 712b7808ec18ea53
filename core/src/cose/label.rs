//! Header labels (IANA "COSE Header Parameters").

/// Signature algorithm.
pub const ALG: i64 = 1;
/// Labels the recipient must understand.
pub const CRIT: i64 = 2;
/// Key identifier.
pub const KID: i64 = 4;
/// Initialization vector: the nonce.
pub const IV: i64 = 5;
/// A CWT whose `cnf` holds the key that signs (RFC 9528; used by SD-KBT).
pub const KCWT: i64 = 13;
/// CWT claims in a header (RFC 9597).
pub const CWT_CLAIMS: i64 = 15;
/// Type of the whole object (RFC 9596).
pub const TYP: i64 = 16;
/// The signer's certificates (RFC 9360).
pub const X5CHAIN: i64 = 33;
/// Disclosures of an SD-CWT.
pub const SD_CLAIMS: i64 = 17;
/// Hash algorithm of the disclosures.
pub const SD_ALG: i64 = 170;
/// Encrypted disclosures, which Amana does not read.
pub const SD_AEAD_CLAIMS: i64 = 171;
