//! Signatures: Ed25519 to sign, Ed25519, ES256 and ES384 to verify.

use crate::error::{Result, damaged, untrusted};
use crate::ports::Entropy;
use core::fmt;
use ed25519_dalek::Signer as _;
use p256::ecdsa::signature::Verifier as _;
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

    pub(super) fn from_ed25519(key: ed25519_dalek::VerifyingKey) -> Self {
        Self(Repr::Ed25519(key))
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({:?})", self.curve())
    }
}

/// An Ed25519 key that signs. Not Clone, not Serialize; wiped when dropped.
pub struct SigningKey(ed25519_dalek::SigningKey);

impl SigningKey {
    /// Draws a fresh key.
    pub fn make(entropy: &dyn Entropy) -> Result<Self> {
        let mut seed = Zeroizing::new([0; 32]);
        entropy.fill(&mut *seed)?;
        Ok(Self::from_seed(&seed))
    }

    /// The key of a 32-byte seed (RFC 8032 section 5.1.5).
    pub fn from_seed(seed: &Zeroizing<[u8; 32]>) -> Self {
        Self(ed25519_dalek::SigningKey::from_bytes(seed))
    }

    /// The seed, for a sealed record or an issuing desk's key file.
    pub fn expose_seed(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.0.to_bytes())
    }

    /// The key that verifies what this one signs.
    pub fn public_key(&self) -> PublicKey {
        PublicKey::from_ed25519(self.0.verifying_key())
    }

    /// Signs a message: 64 bytes (RFC 8032).
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.0.sign(message).to_bytes().to_vec()
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
        let key = SigningKey::make(&OsEntropy).unwrap();
        let signature = key.sign(b"message");
        let public = key.public_key();
        assert_eq!(public.verify(Algorithm::Ed25519, b"message", &signature), Ok(()));
        assert_eq!(public.verify(Algorithm::Ed25519, b"massage", &signature), Err(untrusted("signature-invalid")));
        assert_eq!(public.verify(Algorithm::Es256, b"message", &signature), Err(untrusted("algorithm-mismatch")));
        assert_eq!(public.verify(Algorithm::Ed25519, b"message", &[]), Err(untrusted("signature-invalid")));
        let other = SigningKey::make(&OsEntropy).unwrap().public_key();
        assert!(other.verify(Algorithm::Ed25519, b"message", &signature).is_err());
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
