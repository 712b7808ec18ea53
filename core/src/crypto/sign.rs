//! Signatures: Ed25519 and ES256 to sign, ES384 too to verify.

use crate::error::{Error, Result, damaged, invalid, untrusted};
use crate::ports::Entropy;
use core::fmt;
use ed25519_dalek::Signer as _;
use p256::ecdsa::signature::Verifier as _;
use p256::ecdsa::signature::hazmat::PrehashVerifier as _;
use zeroize::Zeroizing;

/// A signature algorithm that Amana verifies (COSE algorithm numbers: RFC 9053, RFC 9864).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// Ed25519, number -19, or -8 (EdDSA) with an Ed25519 key.
    Ed25519,
    /// ECDSA with P-256 and SHA-256, number -9, or -7 (ES256) with a P-256 key.
    Es256,
    /// ECDSA with P-384 and SHA-384, number -51, or -35 (ES384) with a P-384 key.
    Es384,
}

impl Algorithm {
    /// The fully-specified COSE number (RFC 9864).
    pub fn cose_number(self) -> i64 {
        match self {
            Self::Ed25519 => -19,
            Self::Es256 => -9,
            Self::Es384 => -51,
        }
    }

    /// The COSE number from before RFC 9864, which leaves the curve to the key: what ISO/IEC 18013-5, Claim 169 and most
    /// readers of CWTs know.
    pub fn cose_number_of_old(self) -> i64 {
        match self {
            Self::Ed25519 => -8,
            Self::Es256 => -7,
            Self::Es384 => -35,
        }
    }

    /// The algorithm behind a COSE number, fully specified or not; `None` where Amana does not verify it.
    pub fn from_cose_number(number: i64) -> Option<Self> {
        match number {
            -19 | -8 => Some(Self::Ed25519),
            -9 | -7 => Some(Self::Es256),
            -51 | -35 => Some(Self::Es384),
            _ => None,
        }
    }
}

/// The curve of a public key (COSE curve numbers: RFC 9053 section 7.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Curve {
    /// Ed25519, number 6.
    Ed25519,
    /// NIST P-256, number 1.
    P256,
    /// NIST P-384, number 2.
    P384,
}

/// A public key that verifies signatures. Whoever has one has a point that lies on its curve.
#[derive(Clone, PartialEq, Eq)]
pub struct PublicKey(Repr);

#[derive(Clone, PartialEq, Eq)]
enum Repr {
    Ed25519(ed25519_dalek::VerifyingKey),
    P256(p256::ecdsa::VerifyingKey),
    P384(p384::ecdsa::VerifyingKey),
}

impl PublicKey {
    /// Reads an Ed25519 key from its 32 bytes (RFC 8032 section 5.1.5).
    ///
    /// # Errors
    /// `damaged` (`key-point`) for bytes that are no point, or a point of small order.
    pub fn parse_ed25519(bytes: &[u8]) -> Result<Self> {
        let bytes: &[u8; 32] = bytes.try_into().map_err(|_| damaged("key-point"))?;
        let key = ed25519_dalek::VerifyingKey::from_bytes(bytes).map_err(|_| damaged("key-point"))?;
        if key.is_weak() {
            return Err(damaged("key-point"));
        }
        Ok(Self(Repr::Ed25519(key)))
    }

    /// Reads a P-256 or P-384 key from a point as SEC 1 encodes it.
    ///
    /// # Errors
    /// `damaged` (`key-point`) for a point off the curve, or for [`Curve::Ed25519`].
    pub fn parse_sec1(curve: Curve, point: &[u8]) -> Result<Self> {
        let off = |_| damaged("key-point");
        match curve {
            Curve::P256 => Ok(Self(Repr::P256(p256::ecdsa::VerifyingKey::from_sec1_bytes(point).map_err(off)?))),
            Curve::P384 => Ok(Self(Repr::P384(p384::ecdsa::VerifyingKey::from_sec1_bytes(point).map_err(off)?))),
            Curve::Ed25519 => Err(damaged("key-point")),
        }
    }

    /// Which curve the key is on.
    pub fn curve(&self) -> Curve {
        match self.0 {
            Repr::Ed25519(_) => Curve::Ed25519,
            Repr::P256(_) => Curve::P256,
            Repr::P384(_) => Curve::P384,
        }
    }

    /// The one algorithm this key is used with.
    pub fn algorithm(&self) -> Algorithm {
        match self.curve() {
            Curve::Ed25519 => Algorithm::Ed25519,
            Curve::P256 => Algorithm::Es256,
            Curve::P384 => Algorithm::Es384,
        }
    }

    /// The coordinates, big-endian for P-256 and P-384: x, and y where the curve has one.
    pub fn coordinates(&self) -> (Vec<u8>, Option<Vec<u8>>) {
        let split = |point: &[u8]| {
            let (x, y) = point[1..].split_at((point.len() - 1) / 2);
            (x.to_vec(), Some(y.to_vec()))
        };
        match &self.0 {
            Repr::Ed25519(key) => (key.to_bytes().to_vec(), None),
            Repr::P256(key) => split(key.to_sec1_point(false).as_bytes()),
            Repr::P384(key) => split(key.to_sec1_point(false).as_bytes()),
        }
    }

    /// The point as others encode it: 32 bytes for Ed25519, else uncompressed (SEC 1 section 2.3.3).
    pub fn to_point(&self) -> Vec<u8> {
        let (x, y) = self.coordinates();
        match y {
            None => x,
            Some(y) => [&[4], &x[..], &y].concat(),
        }
    }

    /// Checks a signature: Ed25519 strictly (no small order, canonical; `verify_strict`), ECDSA as raw r ‖ s.
    ///
    /// # Errors
    /// `untrusted`: `algorithm-mismatch` where `algorithm` is not this key's, else `signature-invalid`.
    pub fn verify(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> Result<()> {
        if algorithm != self.algorithm() {
            return Err(untrusted("algorithm-mismatch"));
        }
        let holds = match &self.0 {
            Repr::Ed25519(key) => ed25519_dalek::Signature::from_slice(signature)
                .is_ok_and(|signature| key.verify_strict(message, &signature).is_ok()),
            Repr::P256(key) => p256::ecdsa::Signature::from_slice(signature)
                .is_ok_and(|signature| key.verify(message, &signature).is_ok()),
            Repr::P384(key) => p384::ecdsa::Signature::from_slice(signature)
                .is_ok_and(|signature| key.verify(message, &signature).is_ok()),
        };
        if holds { Ok(()) } else { Err(untrusted("signature-invalid")) }
    }

    /// Checks an ECDSA signature, in DER, over a digest of any usual length: a certificate names the hash and the curve apart
    /// (RFC 5758 section 3.2).
    ///
    /// # Errors
    /// `untrusted`: `algorithm-mismatch` for an Ed25519 key, else `signature-invalid`.
    pub fn verify_digest(&self, digest: &[u8], der: &[u8]) -> Result<()> {
        let holds = match &self.0 {
            Repr::Ed25519(_) => return Err(untrusted("algorithm-mismatch")),
            Repr::P256(key) => p256::ecdsa::Signature::from_der(der)
                .is_ok_and(|signature| key.verify_prehash(digest, &signature).is_ok()),
            Repr::P384(key) => p384::ecdsa::Signature::from_der(der)
                .is_ok_and(|signature| key.verify_prehash(digest, &signature).is_ok()),
        };
        if holds { Ok(()) } else { Err(untrusted("signature-invalid")) }
    }

    /// The point, for an agreement with the secret half of another key.
    pub(super) fn as_p256(&self) -> Option<&p256::ecdsa::VerifyingKey> {
        if let Repr::P256(key) = &self.0 { Some(key) } else { None }
    }
}

/// An ECDSA signature as X.509 and phones' key stores have it, SEQUENCE { r, s } in DER (RFC 3279 section 2.2.3), as the raw
/// r ‖ s that [`PublicKey::verify`] takes.
///
/// # Errors
/// `untrusted` (`signature-invalid`) for what is not strict DER of two scalars, or for [`Algorithm::Ed25519`].
pub fn signature_from_der(algorithm: Algorithm, der: &[u8]) -> Result<Vec<u8>> {
    let wrong = |_| untrusted("signature-invalid");
    match algorithm {
        Algorithm::Es256 => Ok(p256::ecdsa::Signature::from_der(der).map_err(wrong)?.to_bytes().to_vec()),
        Algorithm::Es384 => Ok(p384::ecdsa::Signature::from_der(der).map_err(wrong)?.to_bytes().to_vec()),
        Algorithm::Ed25519 => Err(untrusted("signature-invalid")),
    }
}

/// The other way: what a P-256 key signed, in DER.
///
/// # Errors
/// `damaged` (`key-scalar`) for what is not r ‖ s of P-256.
#[cfg(any(feature = "issuer", feature = "software"))]
pub fn signature_to_der(raw: &[u8]) -> Result<Vec<u8>> {
    let signature = p256::ecdsa::Signature::from_slice(raw).map_err(|_| damaged("key-scalar"))?;
    Ok(signature.to_der().as_bytes().to_vec())
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({:?})", self.curve())
    }
}

/// Something that signs: a key in memory, or one that never leaves a phone's hardware.
pub trait Signer: Send + Sync {
    /// The key that verifies what this one signs.
    fn public_key(&self) -> PublicKey;

    /// Signs a message: 64 bytes, for Ed25519 as RFC 8032 has them, for ES256 r ‖ s.
    ///
    /// # Errors
    /// `host`, where the key lies in the host's hands.
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>>;
}

/// A key that signs, on Ed25519 or P-256. Not Clone, not Serialize; wiped when dropped.
pub struct SigningKey(Secret);

enum Secret {
    Ed25519(ed25519_dalek::SigningKey),
    P256(p256::ecdsa::SigningKey),
}

impl SigningKey {
    /// Draws a fresh Ed25519 key.
    pub fn make(entropy: &dyn Entropy) -> Result<Self> {
        Self::make_on(Curve::Ed25519, entropy)
    }

    /// Draws a fresh key.
    ///
    /// # Errors
    /// `invalid` (`key-type`) for P-384, which Amana only verifies with; `host`.
    pub fn make_on(curve: Curve, entropy: &dyn Entropy) -> Result<Self> {
        let mut secret = Zeroizing::new([0; 32]);
        loop {
            entropy.fill(&mut *secret)?;
            match Self::from_secret(curve, &secret) {
                // One in 2^32 is no scalar of P-256 (FIPS 186-5 appendix A.2.2: draw again).
                Err(Error::Damaged { .. }) => {}
                made => return made,
            }
        }
    }

    /// The key of 32 secret bytes: a seed (RFC 8032 section 5.1.5) or a scalar, big-endian (SEC 1 section 3.2.1).
    ///
    /// # Errors
    /// `damaged` (`key-scalar`) for what is no scalar of P-256; `invalid` (`key-type`) for P-384.
    pub fn from_secret(curve: Curve, secret: &Zeroizing<[u8; 32]>) -> Result<Self> {
        match curve {
            Curve::Ed25519 => Ok(Self(Secret::Ed25519(ed25519_dalek::SigningKey::from_bytes(secret)))),
            Curve::P256 => p256::ecdsa::SigningKey::from_slice(&secret[..])
                .map(|key| Self(Secret::P256(key)))
                .map_err(|_| damaged("key-scalar")),
            Curve::P384 => Err(invalid("key-type")),
        }
    }

    /// The secret bytes, for a sealed record or an issuing desk's key file.
    pub fn expose_secret(&self) -> Zeroizing<[u8; 32]> {
        match &self.0 {
            Secret::Ed25519(key) => Zeroizing::new(key.to_bytes()),
            Secret::P256(key) => Zeroizing::new(key.to_bytes().into()),
        }
    }
}

impl SigningKey {
    /// The key that verifies what this one signs.
    pub fn public_key(&self) -> PublicKey {
        match &self.0 {
            Secret::Ed25519(key) => PublicKey(Repr::Ed25519(key.verifying_key())),
            Secret::P256(key) => PublicKey(Repr::P256(*key.verifying_key())),
        }
    }

    /// Signs a message, as [`Signer::sign`] says.
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>> {
        match &self.0 {
            Secret::Ed25519(key) => Ok(key.sign(message).to_bytes().to_vec()),
            Secret::P256(key) => {
                // Deterministic (RFC 6979): a weak source of randomness gives no key away.
                let signature: p256::ecdsa::Signature =
                    key.try_sign(message).map_err(|_| Error::Internal { reason: "sign" })?;
                Ok(signature.to_bytes().to_vec())
            }
        }
    }
}

impl Signer for SigningKey {
    fn public_key(&self) -> PublicKey {
        self.public_key()
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>> {
        self.sign(message)
    }
}

impl<S: Signer + ?Sized> Signer for &S {
    fn public_key(&self) -> PublicKey {
        (**self).public_key()
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>> {
        (**self).sign(message)
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey(redacted)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::OsEntropy;

    #[test]
    fn a_signature_holds_for_its_key_message_and_algorithm_only() {
        for (curve, wrong) in [(Curve::Ed25519, Algorithm::Es256), (Curve::P256, Algorithm::Ed25519)] {
            let key = SigningKey::make_on(curve, &OsEntropy).unwrap();
            let signature = key.sign(b"message").unwrap();
            let public = key.public_key();
            let right = public.algorithm();
            assert_eq!(public.verify(right, b"message", &signature), Ok(()));
            assert_eq!(public.verify(right, b"massage", &signature), Err(untrusted("signature-invalid")));
            assert_eq!(public.verify(wrong, b"message", &signature), Err(untrusted("algorithm-mismatch")));
            assert_eq!(public.verify(right, b"message", &[]), Err(untrusted("signature-invalid")));
            let other = SigningKey::make_on(curve, &OsEntropy).unwrap().public_key();
            assert!(other.verify(right, b"message", &signature).is_err());
            let again = SigningKey::from_secret(curve, &key.expose_secret()).unwrap();
            assert_eq!(again.public_key(), public);
        }
    }

    /// RFC 6979 appendix A.2.5: P-256, SHA-256, the message "sample".
    #[test]
    fn es256_is_deterministic_as_rfc_6979_has_it() {
        let hex = |text: &str| -> Vec<u8> {
            (0..text.len()).step_by(2).map(|i| u8::from_str_radix(&text[i..i + 2], 16).unwrap()).collect()
        };
        let secret = hex("c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721");
        let key = SigningKey::from_secret(Curve::P256, &Zeroizing::new(secret.try_into().unwrap())).unwrap();
        let r = "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716";
        let s = "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8";
        assert_eq!(key.sign(b"sample").unwrap(), hex(&format!("{r}{s}")));
    }

    #[test]
    fn signatures_in_der_are_strict() {
        let key = SigningKey::make_on(Curve::P256, &OsEntropy).unwrap();
        let raw = key.sign(b"message").unwrap();
        let der = p256::ecdsa::Signature::from_slice(&raw).unwrap().to_der().as_bytes().to_vec();
        assert_eq!(signature_from_der(Algorithm::Es256, &der), Ok(raw.clone()));
        let longer = [&der[..], &[0]].concat();
        for wrong in [&raw[..], &der[..der.len() - 1], &longer, &[]] {
            assert_eq!(signature_from_der(Algorithm::Es256, wrong), Err(untrusted("signature-invalid")));
        }
        assert!(signature_from_der(Algorithm::Ed25519, &der).is_err());
    }

    #[test]
    fn what_is_no_scalar_is_no_key() {
        for secret in [[0; 32], [0xff; 32]] {
            let made = SigningKey::from_secret(Curve::P256, &Zeroizing::new(secret));
            assert_eq!(made.unwrap_err(), damaged("key-scalar"));
        }
        let zero = Zeroizing::new([0; 32]);
        assert_eq!(SigningKey::from_secret(Curve::P384, &zero).unwrap_err(), invalid("key-type"));
    }

    #[test]
    fn points_of_small_order_are_no_keys() {
        // The identity, and the point of order two (RFC 8032 section 5.1: encodings of y = 1 and y = -1).
        let mut identity = [0; 32];
        identity[0] = 1;
        assert_eq!(PublicKey::parse_ed25519(&identity), Err(damaged("key-point")));
        let mut minus_one = [0xff; 32];
        minus_one[0] = 0xec;
        minus_one[31] = 0x7f;
        assert_eq!(PublicKey::parse_ed25519(&minus_one), Err(damaged("key-point")));
    }
}
