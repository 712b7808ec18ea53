//! The core's ports in software, for the JVM on a desktop and for Linux. Left out of phone builds (feature `software`).

use crate::error::{HostError, Result};
use crate::host::{
    Clock, DeviceKey, DeviceKeyName, HolderKeyStore, HolderKeyUse, MonotonicCounter, Protection, WalletHost,
};
use amana_core::{ports, software};
use std::path::Path;
use std::sync::Arc;

/// A host whose keys and counter lie in files beside a wallet's file, and which says that it is software: whoever copies
/// them along with the wallet can guess PINs elsewhere. Not for phones: they have hardware for this.
#[uniffi::export]
pub fn software_host(file: String) -> Result<WalletHost> {
    let host = software::host_beside(Path::new(&file))?;
    Ok(WalletHost {
        device_key: Arc::new(FromCore(host.device_key)),
        counter: Arc::new(FromCore(host.counter)),
        clock: Arc::new(FromCore(host.clock)),
        holder_keys: host.holder_keys.map(|keys| Arc::new(FromCore(keys)) as Arc<dyn HolderKeyStore>),
    })
}

/// This machine's clocks.
#[uniffi::export]
pub fn system_clock() -> Arc<dyn Clock> {
    Arc::new(FromCore(Arc::new(software::SystemClock) as Arc<dyn ports::Clock>))
}

/// A port of the core's own, as Kotlin and Swift see it.
struct FromCore<T: ?Sized>(Arc<T>);

impl DeviceKey for FromCore<dyn ports::DeviceKey> {
    fn prf(&self, key: DeviceKeyName, input: Vec<u8>) -> Result<Vec<u8>, HostError> {
        Ok(self.0.prf(key, &fixed(input)?)?.to_vec())
    }

    fn replace(&self, key: DeviceKeyName) -> Result<(), HostError> {
        Ok(self.0.replace(key)?)
    }

    fn protection(&self) -> Result<Protection, HostError> {
        Ok(self.0.protection())
    }
}

impl HolderKeyStore for FromCore<dyn ports::HolderKeyStore> {
    fn make(&self, id: Vec<u8>, usage: HolderKeyUse) -> Result<Vec<u8>, HostError> {
        Ok(self.0.make(&fixed(id)?, usage)?)
    }

    fn sign(&self, id: Vec<u8>, data: Vec<u8>) -> Result<Vec<u8>, HostError> {
        Ok(self.0.sign(&fixed(id)?, &data)?)
    }

    fn agree(&self, id: Vec<u8>, peer: Vec<u8>) -> Result<Vec<u8>, HostError> {
        Ok(self.0.agree(&fixed(id)?, &peer)?.to_vec())
    }

    fn delete(&self, id: Vec<u8>) -> Result<(), HostError> {
        Ok(self.0.delete(&fixed(id)?)?)
    }
}

fn fixed<const N: usize>(bytes: Vec<u8>) -> Result<[u8; N], HostError> {
    bytes.try_into().map_err(|_| HostError::Unavailable)
}

impl MonotonicCounter for FromCore<dyn ports::MonotonicCounter> {
    fn read(&self) -> Result<u64, HostError> {
        Ok(self.0.read()?)
    }

    fn advance_to(&self, number: u64) -> Result<(), HostError> {
        Ok(self.0.advance_to(number)?)
    }
}

impl Clock for FromCore<dyn ports::Clock> {
    fn now(&self) -> Result<i64, HostError> {
        Ok(self.0.now()?)
    }

    fn elapsed(&self) -> Result<u64, HostError> {
        Ok(self.0.elapsed()?)
    }
}
