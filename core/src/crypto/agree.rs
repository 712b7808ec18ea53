//! Agreement on P-256 (SEC 1 section 3.3.1), for the formats of others; our own messages are sealed by [`seal`](super::seal).

use super::{Curve, PublicKey, Secret, SigningKey};
use crate::error::{Result, invalid};
use crate::ports::Entropy;
use core::fmt;
use zeroize::Zeroizing;

/// Something that agrees: a key in memory, or one that never leaves a phone's hardware.
pub trait Agree: Send + Sync {
    /// The public half.
    fn public_key(&self) -> PublicKey;

    /// The secret shared with the holder of `peer`: the x-coordinate, 32 bytes, to be put through a key derivation.
    ///
    /// # Errors
    /// `invalid` (`key-type`) where `peer` is not on P-256; `host`, where the key lies in the host's hands.
    fn agree(&self, peer: &PublicKey) -> Result<Secret<32>>;
}

/// A P-256 key that agrees and never signs. Not Clone, not Serialize; wiped when dropped.
pub struct AgreementKey {
    secret: p256::SecretKey,
    public: PublicKey,
}

impl AgreementKey {
    /// Draws a fresh key.
    pub fn make(entropy: &dyn Entropy) -> Result<Self> {
        Self::from_secret(&SigningKey::make_on(Curve::P256, entropy)?.expose_secret())
    }

    /// The key of a scalar, big-endian (SEC 1 section 3.2.1).
    ///
    /// # Errors
    /// `damaged` (`key-scalar`).
    pub fn from_secret(secret: &Zeroizing<[u8; 32]>) -> Result<Self> {
        let public = SigningKey::from_secret(Curve::P256, secret)?.public_key();
        let secret = p256::SecretKey::from_slice(&secret[..]).map_err(|_| crate::error::damaged("key-scalar"))?;
        Ok(Self { secret, public })
    }

    /// The scalar, for a sealed record.
    pub fn expose_secret(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.secret.to_bytes().into())
    }
}

impl Agree for AgreementKey {
    fn public_key(&self) -> PublicKey {
        self.public.clone()
    }

    fn agree(&self, peer: &PublicKey) -> Result<Secret<32>> {
        let peer = peer.as_p256().ok_or(invalid("key-type"))?;
        // Every point of the curve but the identity, which no key is, has its order: none gives a secret away.
        let shared = p256::ecdh::diffie_hellman(self.secret.to_nonzero_scalar(), peer.as_affine());
        let mut bytes = Zeroizing::new([0; 32]);
        bytes.copy_from_slice(shared.raw_secret_bytes());
        Ok(Secret::from_zeroizing(bytes))
    }
}

impl fmt::Debug for AgreementKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AgreementKey(redacted)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::OsEntropy;

    #[test]
    fn both_sides_agree_on_one_secret() {
        let (a, b) = (AgreementKey::make(&OsEntropy).unwrap(), AgreementKey::make(&OsEntropy).unwrap());
        let shared = a.agree(&b.public_key()).unwrap();
        assert_eq!(shared.expose(), b.agree(&a.public_key()).unwrap().expose());
        let again = AgreementKey::from_secret(&a.expose_secret()).unwrap();
        assert_eq!(shared.expose(), again.agree(&b.public_key()).unwrap().expose());
        let ed25519 = SigningKey::make(&OsEntropy).unwrap().public_key();
        assert_eq!(a.agree(&ed25519).err(), Some(invalid("key-type")));
    }
}
