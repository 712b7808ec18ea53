//! One certificate, read and taken apart.

use super::der::{DAMAGED, Elements};
use crate::crypto::{Algorithm, Curve, PublicKey, sha256, sha384, sha512};
use crate::error::{Error, Result, damaged, untrusted};
use base64ct::{Base64, Encoding as _};
use core::fmt;
use der::asn1::{BitStringRef, GeneralizedTime, ObjectIdentifier, UtcTime};
use der::{Tag, TagNumber};

/// Longest certificate that is read, in bytes.
const MAX_LEN: usize = 16 * 1024;
/// Most certificates in one file.
const MAX_IN_FILE: usize = 256;
/// Most extensions of one certificate.
const MAX_EXTENSIONS: usize = 64;

pub(super) mod oid {
    use super::ObjectIdentifier;

    const fn oid(text: &str) -> ObjectIdentifier {
        ObjectIdentifier::new_unwrap(text)
    }

    pub const EC_PUBLIC_KEY: ObjectIdentifier = oid("1.2.840.10045.2.1");
    pub const P256: ObjectIdentifier = oid("1.2.840.10045.3.1.7");
    pub const P384: ObjectIdentifier = oid("1.3.132.0.34");
    pub const ED25519: ObjectIdentifier = oid("1.3.101.112");
    pub const ECDSA_SHA256: ObjectIdentifier = oid("1.2.840.10045.4.3.2");
    pub const ECDSA_SHA384: ObjectIdentifier = oid("1.2.840.10045.4.3.3");
    pub const ECDSA_SHA512: ObjectIdentifier = oid("1.2.840.10045.4.3.4");
    pub const COMMON_NAME: ObjectIdentifier = oid("2.5.4.3");
    pub const COUNTRY: ObjectIdentifier = oid("2.5.4.6");
    pub const SUBJECT_KEY_ID: ObjectIdentifier = oid("2.5.29.14");
    pub const KEY_USAGE: ObjectIdentifier = oid("2.5.29.15");
    #[cfg(feature = "issuer")]
    pub const ISSUER_ALTERNATIVE_NAME: ObjectIdentifier = oid("2.5.29.18");
    pub const BASIC_CONSTRAINTS: ObjectIdentifier = oid("2.5.29.19");
    #[cfg(feature = "issuer")]
    pub const REVOCATION_LISTS: ObjectIdentifier = oid("2.5.29.31");
    pub const AUTHORITY_KEY_ID: ObjectIdentifier = oid("2.5.29.35");
    pub const EXTENDED_KEY_USAGE: ObjectIdentifier = oid("2.5.29.37");
    pub const MDOC_DOCUMENT_SIGNER: ObjectIdentifier = oid("1.0.18013.5.1.2");
    pub const MDOC_READER: ObjectIdentifier = oid("1.0.18013.5.1.6");
    /// Servers and clients of TLS, code, moments, revocation (RFC 5280 section 4.2.1.12).
    pub const NO_CARDS: [ObjectIdentifier; 5] = [
        oid("1.3.6.1.5.5.7.3.1"),
        oid("1.3.6.1.5.5.7.3.2"),
        oid("1.3.6.1.5.5.7.3.3"),
        oid("1.3.6.1.5.5.7.3.8"),
        oid("1.3.6.1.5.5.7.3.9"),
    ];
}

/// A certificate (RFC 5280 section 4.1). Reading one believes nothing of it.
#[derive(Clone, PartialEq, Eq)]
pub struct Certificate {
    der: Vec<u8>,
    /// What is signed, with its head.
    to_be_signed: Vec<u8>,
    algorithm: Option<SignatureAlgorithm>,
    signature: Vec<u8>,
    pub(super) issuer: Vec<u8>,
    pub(super) subject: Vec<u8>,
    not_before: i64,
    expires: i64,
    public_key: Option<PublicKey>,
    pub(super) extensions: Extensions,
}

/// How certificates are signed: ECDSA's hash does not follow from the curve (RFC 5758 section 3.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum SignatureAlgorithm {
    Ed25519,
    EcdsaSha256,
    EcdsaSha384,
    EcdsaSha512,
}

/// What the extensions say (RFC 5280 section 4.2.1).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Extensions {
    /// Of an authority, and how many authorities may stand below it.
    pub authority: Option<Option<u8>>,
    /// The first eight bits, from the highest.
    pub key_usage: Option<u8>,
    /// The object identifiers, as they are encoded.
    pub purposes: Vec<Vec<u8>>,
    pub subject_key_id: Option<Vec<u8>>,
    pub authority_key_id: Option<Vec<u8>>,
    /// One that must be understood and is not.
    pub has_unknown_critical: bool,
}

impl Certificate {
    /// Reads a certificate in DER. Checks neither its signature nor the clock.
    ///
    /// # Errors
    /// `damaged` (`certificate`, `key-point`); `too-large` over 16 KiB.
    pub fn parse(der: &[u8]) -> Result<Self> {
        if der.len() > MAX_LEN {
            return Err(Error::TooLarge { bytes: der.len() as u64, limit: MAX_LEN as u64 });
        }
        let mut outside = Elements::of(der)?;
        let mut certificate = outside.inside(Tag::Sequence)?;
        outside.end()?;
        let to_be_signed = certificate.whole()?;
        let algorithm = certificate.whole()?;
        let signature: BitStringRef<'_> = certificate.read()?;
        certificate.end()?;

        let mut fields = Elements::of(to_be_signed)?.inside(Tag::Sequence)?;
        // Version 3 alone has extensions, and without them a certificate says too little to be believed.
        let version = fields.optional(explicit(0))?.ok_or(DAMAGED)?;
        if version != [2, 1, 2] {
            return Err(DAMAGED);
        }
        fields.value(Tag::Integer)?;
        if fields.whole()? != algorithm {
            return Err(DAMAGED);
        }
        let issuer = fields.whole()?;
        let mut validity = fields.inside(Tag::Sequence)?;
        let (not_before, not_after) = (read_time(&mut validity)?, read_time(&mut validity)?);
        validity.end()?;
        let subject = fields.whole()?;
        let public_key = read_public_key(fields.inside(Tag::Sequence)?)?;
        // Unique ids, which nobody uses.
        fields.optional(implicit(1))?;
        fields.optional(implicit(2))?;
        let extensions = fields.optional(explicit(3))?.map(read_extensions).transpose()?.unwrap_or_default();
        fields.end()?;
        Ok(Self {
            der: der.to_vec(),
            to_be_signed: to_be_signed.to_vec(),
            algorithm: read_algorithm(algorithm)?,
            signature: signature.as_bytes().ok_or(DAMAGED)?.to_vec(),
            issuer: issuer.to_vec(),
            subject: subject.to_vec(),
            not_before,
            // It is valid through its last second (RFC 5280 section 4.1.2.5).
            expires: not_after + 1,
            public_key,
            extensions,
        })
    }

    /// Reads every certificate of a file in PEM (RFC 7468), in its order; what stands around them is skipped.
    ///
    /// # Errors
    /// `foreign` where there is none; `damaged` (`certificate-pem`) and as [`parse`](Self::parse).
    pub fn parse_pem(text: &str) -> Result<Vec<Self>> {
        const WRONG: Error = damaged("certificate-pem");
        let mut found = Vec::new();
        for block in text.split("-----BEGIN CERTIFICATE-----").skip(1) {
            let (body, _) = block.split_once("-----END CERTIFICATE-----").ok_or(WRONG)?;
            if found.len() == MAX_IN_FILE || body.len() > 2 * MAX_LEN {
                return Err(WRONG);
            }
            let body: String = body.chars().filter(|c| !c.is_ascii_whitespace()).collect();
            found.push(Self::parse(&Base64::decode_vec(&body).map_err(|_| WRONG)?)?);
        }
        if found.is_empty() { Err(Error::Foreign) } else { Ok(found) }
    }

    /// Writes it in PEM (RFC 7468).
    pub fn to_pem(&self) -> String {
        let body = Base64::encode_string(&self.der);
        let lines: Vec<_> = body.as_bytes().chunks(64).map(String::from_utf8_lossy).collect();
        format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", lines.join("\n"))
    }

    /// The key that it speaks of.
    ///
    /// # Errors
    /// `untrusted` (`algorithm-unsupported`) for a kind that Amana does not verify with.
    pub fn public_key(&self) -> Result<&PublicKey> {
        self.public_key.as_ref().ok_or(untrusted("algorithm-unsupported"))
    }

    /// Whose key it is: the name in DER.
    pub fn subject(&self) -> &[u8] {
        &self.subject
    }

    /// Who signed it: the name in DER.
    pub fn issuer(&self) -> &[u8] {
        &self.issuer
    }

    /// The subject's name for people, where it has one. Its maker chose it: look for deceptive characters before a
    /// person sees it.
    pub fn common_name(&self) -> Option<String> {
        attribute(&self.subject, oid::COMMON_NAME)
    }

    /// The subject's country, as ISO 3166-1 has it, where it names one.
    pub fn country(&self) -> Option<String> {
        attribute(&self.subject, oid::COUNTRY)
    }

    /// First second at which it is valid.
    pub fn not_before(&self) -> i64 {
        self.not_before
    }

    /// First second at which it is not valid any more.
    pub fn expires(&self) -> i64 {
        self.expires
    }

    /// Whether it is an authority, which may sign certificates.
    pub fn is_authority(&self) -> bool {
        self.extensions.authority.is_some()
    }

    /// The name of its key, as its issuer gave it.
    pub fn subject_key_id(&self) -> Option<&[u8]> {
        self.extensions.subject_key_id.as_deref()
    }

    /// The name of the key that signed it.
    pub fn authority_key_id(&self) -> Option<&[u8]> {
        self.extensions.authority_key_id.as_deref()
    }

    /// Checks that `key` signed it. Says nothing of names, times and purposes: [`verify_chain`](super::verify_chain) does.
    ///
    /// # Errors
    /// `untrusted`: `algorithm-unsupported`, `algorithm-mismatch` or `signature-invalid`.
    pub fn verify_signature(&self, key: &PublicKey) -> Result<()> {
        let (message, signature) = (&self.to_be_signed, &self.signature);
        match self.algorithm.ok_or(untrusted("algorithm-unsupported"))? {
            SignatureAlgorithm::Ed25519 => key.verify(Algorithm::Ed25519, message, signature),
            SignatureAlgorithm::EcdsaSha256 => key.verify_digest(&sha256(message), signature),
            SignatureAlgorithm::EcdsaSha384 => key.verify_digest(&sha384(message), signature),
            SignatureAlgorithm::EcdsaSha512 => key.verify_digest(&sha512(message), signature),
        }
    }

    /// The encoding, DER.
    pub fn to_bytes(&self) -> &[u8] {
        &self.der
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Certificate({} bytes)", self.der.len())
    }
}

fn explicit(number: u32) -> Tag {
    Tag::ContextSpecific { constructed: true, number: TagNumber(number) }
}

fn implicit(number: u32) -> Tag {
    Tag::ContextSpecific { constructed: false, number: TagNumber(number) }
}

fn read_time(validity: &mut Elements<'_>) -> Result<i64> {
    let seconds = if validity.is_next(Tag::UtcTime) {
        validity.read::<UtcTime>()?.to_unix_duration()
    } else {
        validity.read::<GeneralizedTime>()?.to_unix_duration()
    };
    i64::try_from(seconds.as_secs()).map_err(|_| DAMAGED)
}

/// The object identifier of an AlgorithmIdentifier and its parameters, where it has any: for a curve, the content of its
/// object identifier.
fn read_identifier<'a>(mut identifier: Elements<'a>) -> Result<(&'a [u8], Option<&'a [u8]>)> {
    let algorithm = identifier.value(Tag::ObjectIdentifier)?;
    if identifier.is_empty() {
        return Ok((algorithm, None));
    }
    let parameters = if identifier.is_next(Tag::ObjectIdentifier) {
        identifier.value(Tag::ObjectIdentifier)?
    } else {
        identifier.whole()?
    };
    identifier.end()?;
    Ok((algorithm, Some(parameters)))
}

fn read_algorithm(identifier: &[u8]) -> Result<Option<SignatureAlgorithm>> {
    let known = [
        (oid::ECDSA_SHA256, SignatureAlgorithm::EcdsaSha256),
        (oid::ECDSA_SHA384, SignatureAlgorithm::EcdsaSha384),
        (oid::ECDSA_SHA512, SignatureAlgorithm::EcdsaSha512),
        (oid::ED25519, SignatureAlgorithm::Ed25519),
    ];
    // Each of them stands without parameters (RFC 5758 section 3.2, RFC 8410 section 3).
    let (algorithm, parameters) = read_identifier(Elements::of(identifier)?.inside(Tag::Sequence)?)?;
    let is_this =
        |(oid, _): &&(ObjectIdentifier, SignatureAlgorithm)| parameters.is_none() && oid.as_bytes() == algorithm;
    Ok(known.iter().find(is_this).map(|(_, algorithm)| *algorithm))
}

fn read_public_key(mut info: Elements<'_>) -> Result<Option<PublicKey>> {
    let (algorithm, curve) = read_identifier(info.inside(Tag::Sequence)?)?;
    let bits: BitStringRef<'_> = info.read()?;
    info.end()?;
    let bits = bits.as_bytes().ok_or(DAMAGED)?;
    let is = |found: &[u8], oid: ObjectIdentifier| found == oid.as_bytes();
    match curve {
        None if is(algorithm, oid::ED25519) => PublicKey::parse_ed25519(bits).map(Some),
        Some(curve) if is(algorithm, oid::EC_PUBLIC_KEY) && is(curve, oid::P256) => {
            PublicKey::parse_sec1(Curve::P256, bits).map(Some)
        }
        Some(curve) if is(algorithm, oid::EC_PUBLIC_KEY) && is(curve, oid::P384) => {
            PublicKey::parse_sec1(Curve::P384, bits).map(Some)
        }
        _ => Ok(None),
    }
}

fn read_extensions(list: &[u8]) -> Result<Extensions> {
    let mut found = Extensions::default();
    let mut seen: Vec<&[u8]> = Vec::new();
    let mut outside = Elements::of(list)?;
    let mut list = outside.inside(Tag::Sequence)?;
    outside.end()?;
    while !list.is_empty() {
        let mut extension = list.inside(Tag::Sequence)?;
        let id = extension.value(Tag::ObjectIdentifier)?;
        let is_critical = extension.flag()?;
        let value = extension.value(Tag::OctetString)?;
        extension.end()?;
        // Which of two would count (RFC 5280 section 4.2)?
        if seen.contains(&id) || seen.len() == MAX_EXTENSIONS {
            return Err(DAMAGED);
        }
        seen.push(id);
        let is = |oid: ObjectIdentifier| id == oid.as_bytes();
        let mut value = Elements::of(value)?;
        if is(oid::BASIC_CONSTRAINTS) {
            let mut constraints = value.inside(Tag::Sequence)?;
            let is_authority = constraints.flag()?;
            let most = constraints.optional(Tag::Integer)?.map(read_path_length).transpose()?;
            constraints.end()?;
            found.authority = is_authority.then_some(most);
        } else if is(oid::KEY_USAGE) {
            let bits: BitStringRef<'_> = value.read()?;
            // None set allows nothing.
            found.key_usage = Some(bits.raw_bytes().first().copied().unwrap_or(0));
        } else if is(oid::EXTENDED_KEY_USAGE) {
            let mut purposes = value.inside(Tag::Sequence)?;
            while !purposes.is_empty() {
                found.purposes.push(purposes.value(Tag::ObjectIdentifier)?.to_vec());
            }
        } else if is(oid::SUBJECT_KEY_ID) {
            found.subject_key_id = Some(value.value(Tag::OctetString)?.to_vec());
        } else if is(oid::AUTHORITY_KEY_ID) {
            let mut parts = value.inside(Tag::Sequence)?;
            found.authority_key_id = parts.optional(implicit(0))?.map(<[u8]>::to_vec);
            continue;
        } else {
            found.has_unknown_critical |= is_critical;
            continue;
        }
        value.end()?;
    }
    Ok(found)
}

/// A path longer than any that is taken needs no number of its own.
fn read_path_length(integer: &[u8]) -> Result<u8> {
    match *integer {
        [most] if most < 0x80 => Ok(most),
        [first, _, ..] if first < 0x80 => Ok(u8::MAX),
        _ => Err(DAMAGED),
    }
}

/// The first attribute of this type in a name (RFC 5280 section 4.1.2.4).
fn attribute(name: &[u8], wanted: ObjectIdentifier) -> Option<String> {
    let mut sets = Elements::of(name).ok()?.inside(Tag::Sequence).ok()?;
    while !sets.is_empty() {
        let mut set = sets.inside(Tag::Set).ok()?;
        while !set.is_empty() {
            let mut pair = set.inside(Tag::Sequence).ok()?;
            if pair.value(Tag::ObjectIdentifier).ok()? == wanted.as_bytes() {
                let texts = [Tag::Utf8String, Tag::PrintableString, Tag::Ia5String];
                let text = texts.into_iter().find_map(|tag| pair.optional(tag).ok()?)?;
                return core::str::from_utf8(text).ok().map(str::to_owned);
            }
        }
    }
    None
}
