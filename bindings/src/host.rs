//! The ports, implemented by the host in Kotlin or Swift.
//!
//! Every method is called on a worker thread, may block, and must not call back into the object that called it. `prf`, and
//! `sign` and `agree` of holder keys, may wait for a person: the core holds no lock meanwhile. The others must ask nobody.

use crate::error::HostError;
use amana_core::ports::{self, OsEntropy, PortError};
use std::sync::Arc;
use zeroize::Zeroizing;

/// The host's clocks.
#[uniffi::export(rust, foreign)]
pub trait Clock: Send + Sync {
    /// Seconds since 1970-01-01T00:00:00Z. May be wrong: the core never refuses for time alone.
    fn now(&self) -> Result<i64, HostError>;

    /// Milliseconds since some fixed moment of this boot, counting sleep: `SystemClock.elapsedRealtime` on Android,
    /// `mach_continuous_time` on Apple's systems.
    fn elapsed(&self) -> Result<u64, HostError>;
}

/// Pseudo-random functions keyed inside the device.
#[uniffi::export(rust, foreign)]
pub trait DeviceKey: Send + Sync {
    /// The 32-byte output of `key` for a 32-byte input. Makes the key on first use.
    fn prf(&self, key: DeviceKeyName, input: Vec<u8>) -> Result<Vec<u8>, HostError>;

    /// Destroys `key` and makes a new one in its place.
    fn replace(&self, key: DeviceKeyName) -> Result<(), HostError>;

    /// How well these keys are kept. Honest: a software secret says so.
    fn protection(&self) -> Result<Protection, HostError>;
}

/// A number that only grows, kept apart from the vault's file.
#[uniffi::export(rust, foreign)]
pub trait MonotonicCounter: Send + Sync {
    /// The last number it was advanced to; 0 where it never was, or where it was lost.
    fn read(&self) -> Result<u64, HostError>;

    /// Advances to `number`, and returns once that is kept. The same number again, or a smaller one, changes nothing.
    fn advance_to(&self, number: u64) -> Result<(), HostError>;
}

/// What a key inside the device is for. One key, one purpose.
#[uniffi::remote(Enum)]
pub enum HolderKeyUse {
    Sign,
    Agree,
}

/// Keys of cards, made inside the device on P-256, that never leave it. An id is 16 bytes. `sign` and `agree` may wait for a
/// person.
#[uniffi::export(rust, foreign)]
pub trait HolderKeyStore: Send + Sync {
    /// Makes a key, and returns its public half: the point, uncompressed (SEC 1 section 2.3.3), 65 bytes.
    fn make(&self, id: Vec<u8>, usage: HolderKeyUse) -> Result<Vec<u8>, HostError>;

    /// ECDSA with SHA-256 over the message, in DER, as both platforms return it.
    fn sign(&self, id: Vec<u8>, data: Vec<u8>) -> Result<Vec<u8>, HostError>;

    /// The x-coordinate shared with the holder of `peer`, an uncompressed point; 32 bytes.
    fn agree(&self, id: Vec<u8>, peer: Vec<u8>) -> Result<Vec<u8>, HostError>;

    /// Destroys a key. One that is not there is destroyed already.
    fn delete(&self, id: Vec<u8>) -> Result<(), HostError>;
}

/// Everything a wallet needs of its host. One host serves one wallet's file.
#[derive(Clone, uniffi::Record)]
pub struct WalletHost {
    /// The keys that stay in the device.
    pub device_key: Arc<dyn DeviceKey>,
    /// The number that tells an old file from the newest.
    pub counter: Arc<dyn MonotonicCounter>,
    /// Clocks.
    pub clock: Arc<dyn Clock>,
    /// Keys of cards that never leave the device; none where it has no place for them.
    #[uniffi(default = None)]
    pub holder_keys: Option<Arc<dyn HolderKeyStore>>,
}

impl From<WalletHost> for ports::WalletHost {
    fn from(host: WalletHost) -> Self {
        Self {
            device_key: Arc::new(HostDeviceKey(host.device_key)),
            counter: Arc::new(HostCounter(host.counter)),
            clock: Arc::new(HostClock(host.clock)),
            entropy: Arc::new(OsEntropy),
            holder_keys: host.holder_keys.map(|keys| Arc::new(HostHolderKeys(keys)) as Arc<dyn ports::HolderKeyStore>),
        }
    }
}

/// Which of the device's keys is meant.
#[uniffi::remote(Enum)]
pub enum DeviceKeyName {
    Header,
    Door1,
    Door2,
    Door3,
    Door4,
    Spare,
}

/// How well the device keeps its keys.
#[uniffi::remote(Enum)]
pub enum Protection {
    Hardware,
    Software,
    None,
}

pub use ports::{DeviceKeyName, HolderKeyUse, Protection};

/// A host's clock as the core sees it.
pub struct HostClock(pub Arc<dyn Clock>);

impl ports::Clock for HostClock {
    fn now(&self) -> Result<i64, PortError> {
        Ok(self.0.now()?)
    }

    fn elapsed(&self) -> Result<u64, PortError> {
        Ok(self.0.elapsed()?)
    }
}

/// A host's counter as the core sees it.
pub struct HostCounter(pub Arc<dyn MonotonicCounter>);

impl ports::MonotonicCounter for HostCounter {
    fn read(&self) -> Result<u64, PortError> {
        Ok(self.0.read()?)
    }

    fn advance_to(&self, number: u64) -> Result<(), PortError> {
        Ok(self.0.advance_to(number)?)
    }
}

/// A host's keys of cards as the core sees them.
pub struct HostHolderKeys(pub Arc<dyn HolderKeyStore>);

impl ports::HolderKeyStore for HostHolderKeys {
    fn make(&self, id: &[u8; 16], usage: HolderKeyUse) -> Result<Vec<u8>, PortError> {
        Ok(self.0.make(id.to_vec(), usage)?)
    }

    fn sign(&self, id: &[u8; 16], message: &[u8]) -> Result<Vec<u8>, PortError> {
        Ok(self.0.sign(id.to_vec(), message.to_vec())?)
    }

    fn agree(&self, id: &[u8; 16], peer: &[u8]) -> Result<Zeroizing<[u8; 32]>, PortError> {
        let shared = Zeroizing::new(self.0.agree(id.to_vec(), peer.to_vec())?);
        shared[..].try_into().map(Zeroizing::new).map_err(|_| PortError::Unavailable)
    }

    fn delete(&self, id: &[u8; 16]) -> Result<(), PortError> {
        Ok(self.0.delete(id.to_vec())?)
    }
}

/// A host's device key as the core sees it.
pub struct HostDeviceKey(pub Arc<dyn DeviceKey>);

impl ports::DeviceKey for HostDeviceKey {
    fn prf(&self, key: DeviceKeyName, input: &[u8; 32]) -> Result<Zeroizing<[u8; 32]>, PortError> {
        let output = Zeroizing::new(self.0.prf(key, input.to_vec())?);
        output[..].try_into().map(Zeroizing::new).map_err(|_| PortError::Unavailable)
    }

    fn replace(&self, key: DeviceKeyName) -> Result<(), PortError> {
        Ok(self.0.replace(key)?)
    }

    fn protection(&self) -> Protection {
        // A host that cannot say has shown nothing.
        self.0.protection().unwrap_or(Protection::None)
    }
}
