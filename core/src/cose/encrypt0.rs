//! COSE_Encrypt0 (RFC 9052 section 5.2): a message sealed under a key that both sides hold already.
//!
//! Opened with AES-GCM of every key size and with ChaCha20-Poly1305; the algorithm counts only where it is protected.

use super::cbor::{self, TAG_ENCRYPT0, Value};
use super::label;
use super::sign1::{MAX_HEADER_ITEMS, read_headers};
#[cfg(feature = "issuer")]
use crate::crypto::aead::GCM_NONCE_LEN;
use crate::crypto::{Cipher, SymmetricKey};
use crate::error::{Result, damaged, untrusted};
use core::fmt;
use zeroize::Zeroizing;

#[cfg(feature = "issuer")]
use crate::{crypto::make_random, ports::Entropy};

/// A sealed message. Parsing keeps the protected bytes as they came.
#[derive(Clone, PartialEq)]
pub struct Encrypt0 {
    protected: Vec<u8>,
    headers: Value,
    unprotected: Value,
    ciphertext: Vec<u8>,
}

impl Encrypt0 {
    /// Reads a COSE_Encrypt0 with its ciphertext inside, with or without tag 16.
    ///
    /// # Errors
    /// `damaged`: `encrypt0-shape`; of its headers what [`Sign1`](super::Sign1) says; or what [`cbor::parse`] says.
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        Self::from_value(cbor::parse_within(bytes, &mut { MAX_HEADER_ITEMS })?)
    }

    /// Takes a data item apart, as found inside another.
    ///
    /// # Errors
    /// As [`parse`](Self::parse).
    pub fn from_value(value: Value) -> Result<Self> {
        let shape = damaged("encrypt0-shape");
        let Value::Array(parts) = value.without_tag(TAG_ENCRYPT0) else { return Err(shape) };
        let Ok([Value::Bytes(protected), unprotected @ Value::Map(_), Value::Bytes(ciphertext)]) =
            <[Value; 3]>::try_from(parts)
        else {
            return Err(shape);
        };
        let headers = read_headers(&protected, &unprotected)?;
        Ok(Self { protected, headers, unprotected, ciphertext })
    }

    /// Seals `plaintext` under a fresh nonce; the key's name goes into the protected headers, where it has one. `context`
    /// is the external AAD: it is authenticated, not sent.
    ///
    /// # Errors
    /// `untrusted` (`algorithm-mismatch`) where the key does not fit; `host`.
    #[cfg(feature = "issuer")]
    pub fn seal(
        plaintext: &[u8],
        context: &[u8],
        key: &SymmetricKey,
        cipher: Cipher,
        entropy: &dyn Entropy,
    ) -> Result<Self> {
        let kid = key.kid().map(|kid| (label::KID.into(), kid.into()));
        let headers = Value::map([(label::ALG.into(), cipher.cose_number().into())].into_iter().chain(kid));
        let protected = headers.to_bytes();
        let nonce = make_random::<GCM_NONCE_LEN>(entropy)?;
        let ciphertext = key.seal(cipher, &nonce, &authenticated(&protected, context), plaintext)?;
        let unprotected = Value::map([(label::IV.into(), (&nonce[..]).into())]);
        Ok(Self { protected, headers, unprotected, ciphertext })
    }

    /// Opens it with the first of `keys` that does. A key with a name is tried only where the protected header names it;
    /// one without a name wherever it fits the algorithm. `None` where none of them is for this message.
    ///
    /// # Errors
    /// `untrusted`: `algorithm-unsupported`; `algorithm-mismatch` where only the key of that name is of another length or
    /// for another algorithm; `seal-broken` where those that were tried do not open it. `damaged` (`encrypt0-iv`).
    pub fn open(&self, context: &[u8], keys: &[SymmetricKey]) -> Result<Option<Zeroizing<Vec<u8>>>> {
        let cipher = self.cipher().ok_or(untrusted("algorithm-unsupported"))?;
        let nonce = self.headers.get(label::IV).or_else(|| self.unprotected.get(label::IV)).and_then(Value::as_bytes);
        let nonce = nonce.and_then(|nonce| nonce.try_into().ok()).ok_or(damaged("encrypt0-iv"))?;
        let aad = authenticated(&self.protected, context);
        let is_meant = |key: &&SymmetricKey| match key.kid() {
            named @ Some(_) => named == self.kid(),
            None => key.fits(cipher),
        };
        let mut failed = Ok(None);
        for key in keys.iter().filter(is_meant) {
            match key.open(cipher, nonce, &aad, &self.ciphertext) {
                Ok(plaintext) => return Ok(Some(plaintext)),
                Err(error) => failed = Err(error),
            }
        }
        failed
    }

    /// The algorithm in the protected header; `None` where it is missing or not one Amana opens.
    pub fn cipher(&self) -> Option<Cipher> {
        Cipher::from_cose_number(self.headers.get(label::ALG)?.as_int()?)
    }

    /// The key identifier, from the protected header only.
    pub fn kid(&self) -> Option<&[u8]> {
        self.headers.get(label::KID)?.as_bytes()
    }

    /// The data item, with tag 16.
    pub fn to_value(&self) -> Value {
        let parts =
            vec![Value::Bytes(self.protected.clone()), self.unprotected.clone(), Value::Bytes(self.ciphertext.clone())];
        Value::Tag(TAG_ENCRYPT0, Box::new(Value::Array(parts)))
    }

    /// The encoding, with tag 16.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.to_value().to_bytes()
    }
}

/// Headers may hold names: how much there is may be printed, what it says may not.
impl fmt::Debug for Encrypt0 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Encrypt0({} + {} bytes, redacted)", self.protected.len(), self.ciphertext.len())
    }
}

/// What is authenticated beside the ciphertext (RFC 9052 section 5.3).
fn authenticated(protected: &[u8], context: &[u8]) -> Vec<u8> {
    Value::Array(vec!["Encrypt0".into(), protected.into(), context.into()]).to_bytes()
}

#[cfg(all(test, feature = "issuer"))]
mod tests {
    use super::*;
    use crate::ports::OsEntropy;

    fn key(len: usize, first: u8, kid: Option<&str>) -> SymmetricKey {
        let secret = Zeroizing::new((0..len as u8).map(|i| i ^ first).collect());
        SymmetricKey::new(secret, kid.map(|kid| kid.as_bytes().to_vec()), None).unwrap()
    }

    const CIPHERS: [Cipher; 4] = [Cipher::A128Gcm, Cipher::A192Gcm, Cipher::A256Gcm, Cipher::ChaCha20Poly1305];

    #[test]
    fn what_is_sealed_opens_for_its_key_and_context_only() {
        for cipher in CIPHERS {
            let made = |first, kid| key(cipher.key_len(), first, kid);
            let sealed = Encrypt0::seal(b"content", b"context", &made(0, None), cipher, &OsEntropy).unwrap();
            let read = Encrypt0::parse(&sealed.to_bytes()).unwrap();
            assert_eq!((read.cipher(), &read), (Some(cipher), &sealed));
            let open = |context: &[u8], keys: &[SymmetricKey]| {
                read.open(context, keys).map(|opened| opened.map(|plaintext| plaintext.to_vec()))
            };
            assert_eq!(open(b"context", &[made(1, None), made(0, None)]), Ok(Some(b"content".to_vec())));
            assert_eq!(open(b"", &[made(0, None)]), Err(untrusted("seal-broken")));
            assert_eq!(open(b"context", &[made(1, None)]), Err(untrusted("seal-broken")));
            assert_eq!(open(b"context", &[]), Ok(None));
        }
    }

    #[test]
    fn a_key_with_a_name_is_tried_for_that_name_only() {
        let cipher = Cipher::A128Gcm;
        let sealed = Encrypt0::seal(b"content", b"", &key(16, 0, Some("a")), cipher, &OsEntropy).unwrap();
        let opens = |key: SymmetricKey| sealed.open(b"", &[key]).map(|opened| opened.is_some());
        assert_eq!(sealed.kid(), Some(&b"a"[..]));
        assert_eq!(opens(key(16, 0, Some("a"))), Ok(true));
        assert_eq!(opens(key(16, 0, None)), Ok(true));
        assert_eq!(opens(key(16, 0, Some("b"))), Ok(false));
        assert_eq!(opens(key(32, 0, None)), Ok(false));
        assert_eq!(opens(key(32, 0, Some("a"))), Err(untrusted("algorithm-mismatch")));
        // A name outside the protected header names nobody.
        let unnamed = Encrypt0::seal(b"content", b"", &key(16, 0, None), cipher, &OsEntropy).unwrap();
        let entries = unnamed.unprotected.as_map().unwrap().iter().cloned();
        let unprotected = Value::map(entries.chain([(label::KID.into(), (&b"a"[..]).into())]));
        let unnamed = Encrypt0 { unprotected, ..unnamed };
        assert_eq!(unnamed.open(b"", &[key(16, 0, Some("a"))]).map(|opened| opened.is_some()), Ok(false));
    }

    #[test]
    fn every_bit_of_it_is_authenticated() {
        let key = [key(16, 0, None)];
        let sealed = Encrypt0::seal(b"content", b"", &key[0], Cipher::A128Gcm, &OsEntropy).unwrap().to_bytes();
        for bit in 0..sealed.len() * 8 {
            let mut altered = sealed.clone();
            altered[bit / 8] ^= 1 << (bit % 8);
            let opened = Encrypt0::parse(&altered).and_then(|read| read.open(b"", &key));
            assert!(!matches!(opened, Ok(Some(_))), "bit {bit}");
        }
    }

    #[test]
    fn what_cannot_be_opened_says_why() {
        let parts = |headers: Value, unprotected: Value| {
            let parts: [Value; 3] = [headers.to_bytes().into(), unprotected, vec![0; 20].into()];
            Encrypt0::parse(&Value::Array(parts.into()).to_bytes())
        };
        let iv = |len: usize| Value::map([(label::IV.into(), vec![0; len].into())]);
        let alg = |number: i64| Value::map([(label::ALG.into(), number.into())]);
        let open = |headers, unprotected| parts(headers, unprotected)?.open(b"", &[key(16, 0, None)]);
        // AES-CCM, and no algorithm at all.
        assert_eq!(open(alg(10), iv(13)), Err(untrusted("algorithm-unsupported")));
        assert_eq!(open(Value::Map(Vec::new()), iv(12)), Err(untrusted("algorithm-unsupported")));
        assert_eq!(open(alg(1), iv(13)), Err(damaged("encrypt0-iv")));
        assert_eq!(open(alg(1), Value::Map(Vec::new())), Err(damaged("encrypt0-iv")));
        assert_eq!(parts(alg(1), alg(1)), Err(damaged("sign1-header-twice")));
        let crit = [(label::CRIT.into(), Value::Array(vec![99_i64.into()])), (99_i64.into(), Value::NULL)];
        assert_eq!(parts(Value::map(crit), iv(12)), Err(damaged("sign1-crit")));
        assert_eq!(Encrypt0::parse(&[0x80]), Err(damaged("encrypt0-shape")));
    }
}
