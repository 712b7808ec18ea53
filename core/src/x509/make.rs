//! Certificates for a desk of one's own: a root, and signers under it (ISO/IEC 18013-5 annex B.1).

use super::Profile;
use super::certificate::{Certificate, oid};
use crate::crypto::{Algorithm, Curve, PublicKey, Signer, make_random, sha1, signature_to_der};
use crate::error::{Error, Result, invalid};
use crate::ports::Entropy;
use core::time::Duration;
use der::Encode;
use der::asn1::{GeneralizedTime, ObjectIdentifier, UtcTime};

const BOOLEAN: u8 = 0x01;
const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const OCTET_STRING: u8 = 0x04;
const UTF8_STRING: u8 = 0x0c;
const PRINTABLE_STRING: u8 = 0x13;
const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
/// The form of a general name that is a URI.
const URI: u8 = 0x86;

/// What a certificate will say of its subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateDraft {
    /// The country, two capital letters of ISO 3166-1.
    pub country: String,
    /// The name.
    pub common_name: String,
    /// First second of validity.
    pub not_before: i64,
    /// First second after its last.
    pub expires: i64,
    /// Where the issuer is reached: a URI. The profile wants it.
    pub contact: String,
    /// Where a revocation list would be: a URI. The profile wants it; Amana reads none.
    pub revocation_list: String,
}

/// Makes a root that signs itself: an authority with no authority below it (annex B.1.2).
///
/// # Errors
/// `invalid`: `country`, `names` (empty, or over 64 bytes), `contact` (a URI that is empty, over 255 bytes, or not ASCII),
/// `dates`, `key-type` (P-384, which Amana only verifies with).
pub fn make_root(draft: &CertificateDraft, key: &dyn Signer, entropy: &dyn Entropy) -> Result<Certificate> {
    let public = key.public_key();
    let extensions = [
        extension(oid::BASIC_CONSTRAINTS, true, &tlv(SEQUENCE, &[&[BOOLEAN, 1, 0xff, INTEGER, 1, 0]])),
        // Certificates and revocation lists.
        extension(oid::KEY_USAGE, true, &[BIT_STRING, 2, 1, 0x06]),
    ];
    let name = name(draft)?;
    make(draft, [&name, &name], &public, &key_id(&public), &extensions, key, entropy)
}

/// Makes a signer's certificate under a root (annex B.1.4 and B.1.7).
///
/// # Errors
/// As [`make_root`]; `invalid` (`dates`) also where it would outlive the root, (`key-type`) where `root_key` is not the
/// root's.
pub fn make_signer(
    draft: &CertificateDraft,
    public: &PublicKey,
    profile: Profile,
    root: &Certificate,
    root_key: &dyn Signer,
    entropy: &dyn Entropy,
) -> Result<Certificate> {
    if root.public_key() != Ok(&root_key.public_key()) {
        return Err(invalid("key-type"));
    }
    if draft.not_before < root.not_before() || draft.expires > root.expires() {
        return Err(invalid("dates"));
    }
    let purpose =
        |id: ObjectIdentifier| extension(oid::EXTENDED_KEY_USAGE, true, &tlv(SEQUENCE, &[&object_identifier(id)]));
    let usage = extension(oid::KEY_USAGE, true, &[BIT_STRING, 2, 7, 0x80]);
    let extensions = match profile {
        Profile::DocumentSigner => vec![usage, purpose(oid::MDOC_DOCUMENT_SIGNER)],
        Profile::Reader => vec![usage, purpose(oid::MDOC_READER)],
        Profile::AnySigner => vec![usage],
    };
    let authority_id = root.subject_key_id().map_or_else(|| key_id(&root_key.public_key()), <[u8]>::to_vec);
    make(draft, [root.subject(), &name(draft)?], public, &authority_id, &extensions, root_key, entropy)
}

fn make(
    draft: &CertificateDraft,
    [issuer, subject]: [&[u8]; 2],
    public: &PublicKey,
    authority_id: &[u8],
    extensions: &[Vec<u8>],
    key: &dyn Signer,
    entropy: &dyn Entropy,
) -> Result<Certificate> {
    if draft.not_before >= draft.expires {
        return Err(invalid("dates"));
    }
    let is_uri = |uri: &&String| (1..=255).contains(&uri.len()) && uri.bytes().all(|b| b.is_ascii_graphic());
    if ![&draft.contact, &draft.revocation_list].iter().all(is_uri) {
        return Err(invalid("contact"));
    }
    // Positive, and never of a length that DER would shorten.
    let mut serial = make_random::<16>(entropy)?;
    serial[0] = serial[0] & 0x7f | 0x40;
    let algorithm = tlv(SEQUENCE, &[&object_identifier(signature_algorithm(key)?)]);
    let validity = tlv(SEQUENCE, &[&time(draft.not_before)?, &time(draft.expires - 1)?]);
    let list = tlv(0xa0, &[&tlv(0xa0, &[&tlv(URI, &[draft.revocation_list.as_bytes()])])]);
    let always = [
        extension(oid::SUBJECT_KEY_ID, false, &tlv(OCTET_STRING, &[&key_id(public)])),
        extension(oid::AUTHORITY_KEY_ID, false, &tlv(SEQUENCE, &[&tlv(0x80, &[authority_id])])),
        extension(oid::ISSUER_ALTERNATIVE_NAME, false, &tlv(SEQUENCE, &[&tlv(URI, &[draft.contact.as_bytes()])])),
        extension(oid::REVOCATION_LISTS, false, &tlv(SEQUENCE, &[&tlv(SEQUENCE, &[&list])])),
    ];
    let extensions: Vec<&[u8]> = extensions.iter().chain(&always).map(Vec::as_slice).collect();
    let to_be_signed = tlv(
        SEQUENCE,
        &[
            &[0xa0, 3, INTEGER, 1, 2],
            &tlv(INTEGER, &[&serial]),
            &algorithm,
            issuer,
            &validity,
            subject,
            &public_key_info(public),
            &tlv(0xa3, &[&tlv(SEQUENCE, &extensions)]),
        ],
    );
    let signature = key.sign(&to_be_signed)?;
    let signature = match key.public_key().algorithm() {
        Algorithm::Ed25519 => signature,
        _ => signature_to_der(&signature)?,
    };
    let signature = tlv(BIT_STRING, &[&[0], &signature]);
    // What leaves the desk went through the same reader as what arrives.
    Certificate::parse(&tlv(SEQUENCE, &[&to_be_signed, &algorithm, &signature]))
}

fn signature_algorithm(key: &dyn Signer) -> Result<ObjectIdentifier> {
    match key.public_key().curve() {
        Curve::Ed25519 => Ok(oid::ED25519),
        Curve::P256 => Ok(oid::ECDSA_SHA256),
        Curve::P384 => Err(invalid("key-type")),
    }
}

fn public_key_info(key: &PublicKey) -> Vec<u8> {
    let algorithm = match key.curve() {
        Curve::Ed25519 => object_identifier(oid::ED25519),
        Curve::P256 => [object_identifier(oid::EC_PUBLIC_KEY), object_identifier(oid::P256)].concat(),
        Curve::P384 => [object_identifier(oid::EC_PUBLIC_KEY), object_identifier(oid::P384)].concat(),
    };
    tlv(SEQUENCE, &[&tlv(SEQUENCE, &[&algorithm]), &tlv(BIT_STRING, &[&[0], &key.to_point()])])
}

/// SHA-1 of the key, which annex B.1 demands (RFC 5280 section 4.2.1.2, method 1).
fn key_id(key: &PublicKey) -> Vec<u8> {
    sha1(&key.to_point()).to_vec()
}

fn name(draft: &CertificateDraft) -> Result<Vec<u8>> {
    if draft.country.len() != 2 || !draft.country.bytes().all(|letter| letter.is_ascii_uppercase()) {
        return Err(invalid("country"));
    }
    // The most that X.520 gives a common name.
    if !(1..=64).contains(&draft.common_name.len()) {
        return Err(invalid("names"));
    }
    let attribute =
        |id, tag, text: &str| tlv(SET, &[&tlv(SEQUENCE, &[&object_identifier(id), &tlv(tag, &[text.as_bytes()])])]);
    let country = attribute(oid::COUNTRY, PRINTABLE_STRING, &draft.country);
    Ok(tlv(SEQUENCE, &[&country, &attribute(oid::COMMON_NAME, UTF8_STRING, &draft.common_name)]))
}

fn extension(id: ObjectIdentifier, is_critical: bool, value: &[u8]) -> Vec<u8> {
    let critical: &[u8] = if is_critical { &[BOOLEAN, 1, 0xff] } else { &[] };
    tlv(SEQUENCE, &[&object_identifier(id), critical, &tlv(OCTET_STRING, &[value])])
}

/// Up to the year 2049 one type, from then on another (RFC 5280 section 4.1.2.5).
fn time(seconds: i64) -> Result<Vec<u8>> {
    let seconds = u64::try_from(seconds).map(Duration::from_secs).map_err(|_| invalid("dates"))?;
    let encoded = match UtcTime::from_unix_duration(seconds) {
        Ok(time) => time.to_der(),
        Err(_) => GeneralizedTime::from_unix_duration(seconds).map_err(|_| invalid("dates"))?.to_der(),
    };
    encoded.map_err(|_| Error::Internal { reason: "der" })
}

fn object_identifier(id: ObjectIdentifier) -> Vec<u8> {
    tlv(0x06, &[id.as_bytes()])
}

/// An element of these parts.
fn tlv(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    let mut out = vec![tag];
    match length {
        0..=0x7f => out.push(length as u8),
        0x80..=0xff => out.extend_from_slice(&[0x81, length as u8]),
        _ => out.extend_from_slice(&[0x82, (length >> 8) as u8, length as u8]),
    }
    parts.iter().for_each(|part| out.extend_from_slice(part));
    out
}
