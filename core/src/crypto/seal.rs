//! A message that only one reader can open, and nobody later: X25519, HKDF-SHA-256, ChaCha20-Poly1305.
//!
//! The reader shows a fresh key inside something it signed (the *context*: a request, an enrolment). The writer draws
//! a key of its own for this one message and wipes it. Key and nonce come from one HKDF expansion salted with the
//! SHA-256 of the context, whose info holds both public keys; the context's hash is also the AAD. So a message filmed
//! today stays closed when either long-term key is taken tomorrow, and opens only as the answer to its context.
//!
//! Layout: 8 bytes of the context's SHA-256 in clear (to tell a foreign message without any key) ‖ the writer's public
//! key (32) ‖ ciphertext and tag.

use super::{Secret, aead, kdf};
use crate::error::{Error, Result, damaged, untrusted};
use crate::ports::Entropy;
use x25519_dalek::{PublicKey, StaticSecret};
use zeroize::Zeroizing;

/// Bytes of the context's hash that stand in clear.
pub const HINT_LEN: usize = 8;
/// Bytes that sealing adds to the plaintext.
pub const OVERHEAD: usize = HINT_LEN + 32 + aead::TAG_LEN;

/// What the sealing is for; keeps one use's messages from opening as another's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// A holder's response to a verifier's request.
    Response,
    /// A card on its way from the desk to the wallet that enrolled.
    Delivery,
}

impl Use {
    fn info(self) -> &'static [u8] {
        match self {
            Self::Response => b"amana/1 response",
            Self::Delivery => b"amana/1 delivery",
        }
    }
}

/// The reader's fresh key. Made for one context, wiped when dropped.
pub struct Ephemeral {
    secret: StaticSecret,
    public: [u8; 32],
}

impl Ephemeral {
    /// Draws a fresh key.
    pub fn make(entropy: &dyn Entropy) -> Result<Self> {
        Ok(Self::from_secret(&Secret::make(entropy)?))
    }

    /// The key of 32 secret bytes, as [`expose_secret`](Self::expose_secret) gave them.
    pub fn from_secret(secret: &Secret<32>) -> Self {
        let secret = StaticSecret::from(*secret.expose());
        let public = PublicKey::from(&secret).to_bytes();
        Self { secret, public }
    }

    /// The secret bytes, for a sealed record or a session file only its owner can read.
    pub fn expose_secret(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.secret.to_bytes())
    }

    /// The public half, to be shown inside the context.
    pub fn public_key(&self) -> [u8; 32] {
        self.public
    }

    /// Opens a message sealed to this key for this context.
    ///
    /// # Errors
    /// `damaged` (`sealed-length`), `not-for-me` for another context's message, `untrusted`: `point-small-order`
    /// (RFC 7748 section 6.1) or `seal-broken`.
    pub fn open(&self, usage: Use, context: &[u8; 32], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
        let (hint, rest) = sealed.split_first_chunk::<HINT_LEN>().ok_or(damaged("sealed-length"))?;
        if hint[..] != context[..HINT_LEN] {
            return Err(Error::NotForMe);
        }
        let (writer, body) = rest.split_first_chunk::<32>().ok_or(damaged("sealed-length"))?;
        if body.len() < aead::TAG_LEN {
            return Err(damaged("sealed-length"));
        }
        let (key, nonce) = agree(&self.secret, writer, usage, context, &self.public, writer)?;
        aead::open_once(&key, &nonce, context, body)
    }
}

/// Seals `plaintext` for the reader whose fresh key is `reader`, as the answer to `context` (a SHA-256).
///
/// # Errors
/// `untrusted` (`point-small-order`) where the reader's key is one that gives everybody the same secret.
pub fn seal_to(
    reader: &[u8; 32],
    usage: Use,
    context: &[u8; 32],
    plaintext: &[u8],
    entropy: &dyn Entropy,
) -> Result<Vec<u8>> {
    let writer = Ephemeral::make(entropy)?;
    let (key, nonce) = agree(&writer.secret, reader, usage, context, reader, &writer.public)?;
    let body = aead::seal_once(&key, &nonce, context, plaintext)?;
    Ok([&context[..HINT_LEN], &writer.public, &body].concat())
}

fn agree(
    own: &StaticSecret,
    peer: &[u8; 32],
    usage: Use,
    context: &[u8; 32],
    reader: &[u8; 32],
    writer: &[u8; 32],
) -> Result<(Secret<32>, [u8; 12])> {
    let shared = own.diffie_hellman(&PublicKey::from(*peer));
    if !shared.was_contributory() {
        return Err(untrusted("point-small-order"));
    }
    let okm = kdf::derive::<44>(shared.as_bytes(), context, &[usage.info(), reader, writer]);
    let (key, nonce) = okm.expose().split_at(32);
    let mut secret = Zeroizing::new([0; 32]);
    secret.copy_from_slice(key);
    let mut n = [0; 12];
    n.copy_from_slice(nonce);
    Ok((Secret::from_zeroizing(secret), n))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::OsEntropy;

    #[test]
    fn opens_for_its_reader_context_and_use_only() {
        let reader = Ephemeral::make(&OsEntropy).unwrap();
        let context = [7; 32];
        let sealed = seal_to(&reader.public_key(), Use::Response, &context, b"plain", &OsEntropy).unwrap();
        assert_eq!(sealed.len(), 5 + OVERHEAD);
        assert_eq!(*reader.open(Use::Response, &context, &sealed).unwrap(), b"plain");

        let mut other_context = context;
        other_context[31] ^= 1;
        assert_eq!(reader.open(Use::Response, &other_context, &sealed), Err(untrusted("seal-broken")));
        assert_eq!(reader.open(Use::Response, &[8; 32], &sealed), Err(Error::NotForMe));
        assert_eq!(reader.open(Use::Delivery, &context, &sealed), Err(untrusted("seal-broken")));
        let other = Ephemeral::make(&OsEntropy).unwrap();
        assert_eq!(other.open(Use::Response, &context, &sealed), Err(untrusted("seal-broken")));
    }

    #[test]
    fn points_of_small_order_are_refused_on_both_sides() {
        let zero = [0; 32];
        let refused = untrusted("point-small-order");
        assert_eq!(seal_to(&zero, Use::Response, &[7; 32], b"plain", &OsEntropy), Err(refused.clone()));
        let reader = Ephemeral::make(&OsEntropy).unwrap();
        let forged = [&[7; HINT_LEN][..], &zero, &[0; 20]].concat();
        assert_eq!(reader.open(Use::Response, &[7; 32], &forged), Err(refused));
    }

    #[test]
    fn every_length_short_of_whole_is_damaged() {
        let reader = Ephemeral::make(&OsEntropy).unwrap();
        let sealed = seal_to(&reader.public_key(), Use::Response, &[7; 32], b"", &OsEntropy).unwrap();
        for cut in 0..sealed.len() {
            assert_eq!(reader.open(Use::Response, &[7; 32], &sealed[..cut]), Err(damaged("sealed-length")));
        }
    }
}
