//! What two devices say to each other beside documents: engagement, session transcript, session encryption (8.2.1, 9.1.1,
//! 9.1.5.1). Functions of bytes: no transport, no clock, no state but counters.
//!
//! ```text
//! holder   Engagement::make ──► shown by QR or NFC
//! reader   Engagement::parse, KeyBytes of a fresh key ──► SessionTranscript::of_qr ──► Session::of_reader ──► seal
//!          SessionEstablishment { reader_key, data } ──►
//! holder   SessionEstablishment::parse ──► SessionTranscript::of_qr ──► Session::of_device ──► open, seal
//!          ◄── SessionData { data }
//! ```
//! Keys of a session are drawn for it and agree on P-256 (cipher suite 1).

use super::fields::{Fields, SHAPE};
use super::parse_map;
use crate::cose::cbor::{self, Encoded, Value};
use crate::cose::key;
use crate::credential::format::Binding;
use crate::crypto::{Agree, PublicKey, Secret, aead, kdf, sha256};
use crate::error::{Error, Result, damaged, untrusted};
use core::fmt;
use zeroize::Zeroizing;

/// The status that ends a session (table 20).
pub const STATUS_TERMINATION: u64 = 20;
/// The status of a session whose encryption failed.
pub const STATUS_ENCRYPTION: u64 = 10;
/// The status of a message that is no CBOR.
pub const STATUS_CBOR: u64 = 11;

/// Most data items in an engagement or a message of a session.
const MAX_ITEMS: usize = 1024;
const ENGAGEMENT_VERSION: &str = "1.0";
/// P-256, HKDF-SHA-256, AES-256-GCM.
const CIPHER_SUITE: i64 = 1;

/// What names Amana's own handover, and keeps a proof for it from standing for another's.
const EXCHANGE: &str = "amana/1";

/// What a proof is bound to: how the two met, and with which keys (9.1.5.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionTranscript(Vec<u8>);

impl SessionTranscript {
    /// Of an engagement by QR.
    pub fn of_qr(engagement: &Engagement, reader_key: &KeyBytes) -> Self {
        Self::of(Encoded::of(&engagement.bytes).as_bytes(), reader_key.encoded.as_bytes(), &Value::NULL)
    }

    /// Of an engagement by NFC: the handover select message, and the handover request message where there was one.
    pub fn of_nfc(engagement: &Engagement, reader_key: &KeyBytes, select: &[u8], request: Option<&[u8]>) -> Self {
        let handover = vec![select.into(), request.map_or(Value::NULL, Value::from)];
        Self::of(Encoded::of(&engagement.bytes).as_bytes(), reader_key.encoded.as_bytes(), &handover.into())
    }

    /// Of Amana's exchange, in which nothing is engaged and no key of a reader takes part in the proof:
    ///
    /// ```text
    /// SessionTranscript = [null, null, ["amana/1", request, audience, challenge]]
    /// ```
    /// `request` is the SHA-256 of the request (R) or null, `audience` the verifier's id as text, `challenge` the bytes of
    /// the challenge or null. R covers the challenge already; it stands here too so that the proof holds to all that a
    /// [`Binding`] says, also where there is no request.
    pub fn of_exchange(binding: &Binding) -> Self {
        let bytes = |bytes: Option<&[u8]>| bytes.map_or(Value::NULL, Value::from);
        let handover = vec![
            EXCHANGE.into(),
            bytes(binding.request.as_ref().map(<[u8; 32]>::as_slice)),
            binding.audience.as_str().into(),
            bytes(binding.challenge.as_deref()),
        ];
        let null = Value::NULL.to_bytes();
        Self::of(&null, &null, &handover.into())
    }

    /// Takes an encoded transcript whose handover is another's, such as OpenID4VP's.
    ///
    /// # Errors
    /// `damaged` (`mdoc-transcript`, `cbor-*`) for what is no list of three.
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        match cbor::parse_within(bytes, &mut { MAX_ITEMS })?.as_array() {
            Some([_, _, _]) => Ok(Self(bytes.to_vec())),
            _ => Err(damaged("mdoc-transcript")),
        }
    }

    fn of(engagement: &[u8], reader_key: &[u8], handover: &Value) -> Self {
        Self([&[0x83], engagement, reader_key, &handover.to_bytes()].concat())
    }

    /// The encoding.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// SHA-256 of SessionTranscriptBytes: the salt of every key of the session.
    fn hash(&self) -> [u8; 32] {
        sha256(Encoded::of(&self.0).as_bytes())
    }
}

/// A key of a session as it came: transcripts are made of its bytes.
#[derive(Clone, Debug, PartialEq)]
pub struct KeyBytes {
    encoded: Encoded,
    public: PublicKey,
}

impl KeyBytes {
    /// Encodes a key.
    pub fn of(public: &PublicKey) -> Self {
        Self { encoded: Encoded::of_value(&key::to_value(public)), public: public.clone() }
    }

    /// The key.
    pub fn public_key(&self) -> &PublicKey {
        &self.public
    }

    fn of_encoded(encoded: Encoded) -> Result<Self> {
        let (public, _) = key::from_value_of_any_use(&cbor::parse_within(encoded.content(), &mut { MAX_ITEMS })?)?;
        Ok(Self { encoded, public })
    }
}

/// DeviceEngagement: how a holder's device is met (8.2.1.1). Ways to connect are the transport's, and read over.
#[derive(Clone, Debug, PartialEq)]
pub struct Engagement {
    bytes: Vec<u8>,
    device_key: KeyBytes,
}

impl Engagement {
    /// An engagement with the device's key of this session, and ways to connect as the transport encodes them
    /// (`DeviceRetrievalMethods`), if any.
    pub fn make(device_key: &PublicKey, ways: Option<Value>) -> Self {
        let device_key = KeyBytes::of(device_key);
        let security = Value::Array(vec![CIPHER_SUITE.into(), device_key.encoded.clone().into()]);
        let fields = [(0_i64.into(), ENGAGEMENT_VERSION.into()), (1_i64.into(), security)];
        let ways = ways.map(|ways| (2_i64.into(), ways));
        Self { bytes: Value::Map(fields.into_iter().chain(ways).collect()).to_bytes(), device_key }
    }

    /// Reads an engagement.
    ///
    /// # Errors
    /// `foreign` for what is no map; `too-new` for another major version; `untrusted` (`algorithm-unsupported`) for another
    /// cipher suite; `damaged`: `mdoc-shape`, `cose-key`, `key-point`, `cbor-*`.
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        let mut fields = Fields::of(parse_map(bytes, &mut { MAX_ITEMS })?)?;
        let version = fields.value(0_i64)?;
        // Later minor versions add fields.
        if !version.as_text().ok_or(SHAPE)?.starts_with("1.") {
            return Err(Error::TooNew);
        }
        let Value::Array(mut security) = fields.value(1_i64)? else { return Err(SHAPE) };
        match (security.first().and_then(Value::as_int), security.len(), security.pop()) {
            (Some(CIPHER_SUITE), 2, Some(Value::Encoded(encoded))) => {
                Ok(Self { bytes: bytes.to_vec(), device_key: KeyBytes::of_encoded(encoded)? })
            }
            (Some(CIPHER_SUITE) | None, ..) => Err(SHAPE),
            (Some(_), ..) => Err(untrusted("algorithm-unsupported")),
        }
    }

    /// The device's key of this session.
    pub fn device_key(&self) -> &PublicKey {
        &self.device_key.public
    }

    /// The encoding.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }
}

/// The encryption between a reader and a device (9.1.1.5). Every message has its number, which is not sent: one that comes
/// twice, or out of turn, does not open.
pub struct Session {
    sending: Lane,
    receiving: Lane,
}

/// One direction.
struct Lane {
    key: Secret<32>,
    /// Which direction it is: the first half of each nonce.
    identifier: u64,
    /// The number of its last message.
    counter: u32,
}

impl Session {
    /// The holder's side, with the device's secret key of this session.
    ///
    /// # Errors
    /// `invalid` (`key-type`) where `reader` is not on P-256; `host`.
    pub fn of_device(own: &dyn Agree, reader: &PublicKey, transcript: &SessionTranscript) -> Result<Self> {
        let (from_reader, from_device) = lanes(own, reader, transcript)?;
        Ok(Self { sending: from_device, receiving: from_reader })
    }

    /// The reader's side, with the reader's secret key of this session.
    ///
    /// # Errors
    /// As [`of_device`](Self::of_device).
    pub fn of_reader(own: &dyn Agree, device: &PublicKey, transcript: &SessionTranscript) -> Result<Self> {
        let (from_reader, from_device) = lanes(own, device, transcript)?;
        Ok(Self { sending: from_reader, receiving: from_device })
    }

    /// Seals the next message.
    ///
    /// # Errors
    /// `already-used` after 4,294,967,295 messages.
    pub fn seal(&mut self, message: &[u8]) -> Result<Vec<u8>> {
        let nonce = self.sending.next()?;
        let sealed = aead::gcm_seal(self.sending.key.expose(), &nonce, &[], message)?;
        self.sending.counter += 1;
        Ok(sealed)
    }

    /// Opens the next message of the other side. After one that does not open, the standard ends the session with
    /// [`STATUS_ENCRYPTION`].
    ///
    /// # Errors
    /// `untrusted` (`seal-broken`) for any other bytes, an earlier message's too; `already-used` as [`seal`](Self::seal).
    pub fn open(&mut self, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
        let nonce = self.receiving.next()?;
        let opened = aead::gcm_open(self.receiving.key.expose(), &nonce, &[], sealed)?;
        self.receiving.counter += 1;
        Ok(opened)
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Session(redacted)")
    }
}

impl Lane {
    fn next(&self) -> Result<[u8; aead::GCM_NONCE_LEN]> {
        let number = self.counter.checked_add(1).ok_or(Error::AlreadyUsed)?;
        let mut nonce = [0; aead::GCM_NONCE_LEN];
        nonce[..8].copy_from_slice(&self.identifier.to_be_bytes());
        nonce[8..].copy_from_slice(&number.to_be_bytes());
        Ok(nonce)
    }
}

/// From the reader, and from the device.
fn lanes(own: &dyn Agree, peer: &PublicKey, transcript: &SessionTranscript) -> Result<(Lane, Lane)> {
    let (shared, salt) = (own.agree(peer)?, transcript.hash());
    let lane =
        |info: &[u8], identifier| Lane { key: kdf::derive(shared.expose(), &salt, &[info]), identifier, counter: 0 };
    Ok((lane(b"SKReader", 0), lane(b"SKDevice", 1)))
}

/// EMacKey: under which a device's code stands for its signature (9.1.3.5).
pub(super) fn mac_key(own: &dyn Agree, peer: &PublicKey, transcript: &SessionTranscript) -> Result<Secret<32>> {
    Ok(kdf::derive(own.agree(peer)?.expose(), &transcript.hash(), &[b"EMacKey"]))
}

/// A reader's first message: its key, and the sealed request.
#[derive(Clone, Debug, PartialEq)]
pub struct SessionEstablishment {
    /// The reader's key of this session.
    pub reader_key: KeyBytes,
    /// The sealed request.
    pub data: Vec<u8>,
}

impl SessionEstablishment {
    /// Reads the message.
    ///
    /// # Errors
    /// `foreign` for what is no map; `damaged`: `mdoc-shape`, `cose-key`, `key-point`, `cbor-*`.
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        let mut fields = Fields::of(parse_map(bytes, &mut { MAX_ITEMS })?)?;
        Ok(Self { reader_key: KeyBytes::of_encoded(fields.encoded("eReaderKey")?)?, data: fields.bytes("data")? })
    }

    /// The encoding.
    pub fn to_bytes(&self) -> Vec<u8> {
        let reader_key = ("eReaderKey".into(), self.reader_key.encoded.clone().into());
        Value::Map(vec![reader_key, ("data".into(), self.data.as_slice().into())]).to_bytes()
    }
}

/// Every later message: something sealed, a status, or both.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SessionData {
    /// What is sealed.
    pub data: Option<Vec<u8>>,
    /// How the session goes on.
    pub status: Option<u64>,
}

impl SessionData {
    /// Reads a message.
    ///
    /// # Errors
    /// `foreign` for what is no map; `damaged`: `mdoc-shape` also for neither, `cbor-*`.
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        let mut fields = Fields::of(parse_map(bytes, &mut { MAX_ITEMS })?)?;
        let data = match fields.optional("data") {
            Some(Value::Bytes(data)) => Some(data),
            None => None,
            Some(_) => return Err(SHAPE),
        };
        let status = match fields.optional("status") {
            Some(Value::Uint(status)) => Some(status),
            None => None,
            Some(_) => return Err(SHAPE),
        };
        if data.is_none() && status.is_none() { Err(SHAPE) } else { Ok(Self { data, status }) }
    }

    /// The encoding.
    pub fn to_bytes(&self) -> Vec<u8> {
        let data = self.data.as_deref().map(|data| ("data".into(), data.into()));
        let status = self.status.map(|status| ("status".into(), status.into()));
        Value::Map(data.into_iter().chain(status).collect()).to_bytes()
    }
}
