//! What the host gives: time, randomness, keys that stay in the device, and a number that only grows.
//!
//! Every method may be called from any thread and may block. [`DeviceKey::prf`] may wait for a person (a fingerprint
//! prompt): the core holds no lock meanwhile. The others ask nobody: the vault's lock is held while they run. None may
//! call back into the object that called it. Failures are [`PortError`]s.

use std::sync::Arc;
use zeroize::Zeroizing;

pub use crate::error::PortError;

/// Everything a wallet needs of its host. One host serves one vault file: a panic PIN destroys a key of it.
#[derive(Clone)]
pub struct WalletHost {
    /// The keys that stay in the device.
    pub device_key: Arc<dyn DeviceKey>,
    /// The number that tells an old file from the newest.
    pub counter: Arc<dyn MonotonicCounter>,
    /// Clocks.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
    /// Keys of cards that never leave the device; none where it has no place for them.
    pub holder_keys: Option<Arc<dyn HolderKeyStore>>,
}

/// The host's clocks.
pub trait Clock: Send + Sync {
    /// Seconds since 1970-01-01T00:00:00Z. May be wrong by years: the core says what it cannot know, never refuses.
    fn now(&self) -> Result<i64, PortError>;

    /// Milliseconds since some fixed moment of this boot, counting sleep (`SystemClock.elapsedRealtime`,
    /// `mach_continuous_time`, `CLOCK_BOOTTIME`). Never set back while the device runs.
    fn elapsed(&self) -> Result<u64, PortError>;
}

/// A source of randomness fit for keys.
pub trait Entropy: Send + Sync {
    /// Fills `out` with random bytes, or fails; never leaves part of it unset.
    fn fill(&self, out: &mut [u8]) -> Result<(), PortError>;
}

/// The operating system's randomness: what to use unless a test needs another.
#[derive(Clone, Copy, Debug, Default)]
pub struct OsEntropy;

impl Entropy for OsEntropy {
    fn fill(&self, out: &mut [u8]) -> Result<(), PortError> {
        getrandom::fill(out).map_err(|_| PortError::Unavailable)
    }
}

/// Which of the device's keys a [`DeviceKey`] call means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeviceKeyName {
    /// Seals the vault's header. Never prompts.
    Header,
    /// Opens door 1.
    Door1,
    /// Opens door 2.
    Door2,
    /// Opens door 3.
    Door3,
    /// Opens door 4.
    Door4,
    /// Replaced by every unlock that replaces no door's key, so that both look alike.
    Spare,
}

/// How well the device keeps its keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protection {
    /// A secure element or trusted environment: the keys cannot be copied off the device.
    Hardware,
    /// A file or memory of this device: whoever copies it can guess PINs elsewhere.
    Software,
    /// No device key: the PIN alone protects the vault.
    None,
}

impl Protection {
    /// The stable word for it.
    pub fn code(self) -> &'static str {
        match self {
            Self::Hardware => "hardware",
            Self::Software => "software",
            Self::None => "none",
        }
    }
}

/// Pseudo-random functions keyed inside the device.
///
/// HMAC-SHA-256 in the Android Keystore, an agreement in the Secure Enclave, a software secret elsewhere. The same
/// key and input always give the same output, until the key is replaced.
pub trait DeviceKey: Send + Sync {
    /// The 32-byte output of `key` for a 32-byte input. Makes the key on first use.
    fn prf(&self, key: DeviceKeyName, input: &[u8; 32]) -> Result<Zeroizing<[u8; 32]>, PortError>;

    /// Destroys `key` and makes a new one in its place. What the old one sealed opens to nobody any more.
    fn replace(&self, key: DeviceKeyName) -> Result<(), PortError>;

    /// How well these keys are kept. Honest: a software secret says so.
    fn protection(&self) -> Protection;
}

/// A number that only grows, kept apart from the vault's file, so that an old copy of the file is recognised.
///
/// Phones give apps none. It is emulated: a keystore key for each number, the one before deleted; in software, a file
/// elsewhere. It does not resist somebody who can put back the keystore's storage, or that file, as well.
pub trait MonotonicCounter: Send + Sync {
    /// The last number it was advanced to; 0 where it never was, or where it was lost.
    fn read(&self) -> Result<u64, PortError>;

    /// Advances to `number`, and returns once that is kept. The same number again, or a smaller one, changes nothing.
    fn advance_to(&self, number: u64) -> Result<(), PortError>;
}

/// What a key inside the device is for. One key, one purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HolderKeyUse {
    /// It signs ([`HolderKeyStore::sign`]).
    Sign,
    /// It agrees ([`HolderKeyStore::agree`]).
    Agree,
}

/// Keys of cards, made inside the device, that never leave it: on P-256, the one curve that phones' hardware has.
///
/// The Android Keystore and the Secure Enclave. An id is 16 bytes that say nothing outside the wallet. `sign` and `agree` may
/// wait for a person; the core holds no lock meanwhile. Whoever can list the keystore sees how many keys there are: that
/// is why cards get keys in the vault unless the holder chooses otherwise.
pub trait HolderKeyStore: Send + Sync {
    /// Makes a key, and returns its public half: the point, uncompressed (SEC 1 section 2.3.3), 65 bytes.
    fn make(&self, id: &[u8; 16], usage: HolderKeyUse) -> Result<Vec<u8>, PortError>;

    /// ECDSA with SHA-256 over `message`, in DER (RFC 3279 section 2.2.3), as both platforms return it.
    fn sign(&self, id: &[u8; 16], message: &[u8]) -> Result<Vec<u8>, PortError>;

    /// The x-coordinate shared with the holder of `peer`, an uncompressed point (SEC 1 section 3.3.1).
    fn agree(&self, id: &[u8; 16], peer: &[u8]) -> Result<Zeroizing<[u8; 32]>, PortError>;

    /// Destroys a key. One that is not there is destroyed already.
    fn delete(&self, id: &[u8; 16]) -> Result<(), PortError>;
}
