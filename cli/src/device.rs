//! The host's side of the wallet in software: a clock that counts sleep, and a device key that lies in a file.

use crate::io;
use amana_core::crypto::kdf;
use amana_core::ports::{Clock, DeviceKey, DeviceKeyName, Entropy as _, OsEntropy, PortError, Protection};
use rustix::time::{ClockId, clock_gettime};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};
use zeroize::Zeroizing;

/// This machine's clocks.
pub struct SystemClock;

/// The clock that goes on while the machine sleeps.
#[cfg(target_os = "linux")]
const ELAPSED: ClockId = ClockId::Boottime;
/// On macOS this one does too; elsewhere it is the best there is.
#[cfg(not(target_os = "linux"))]
const ELAPSED: ClockId = ClockId::Monotonic;

impl Clock for SystemClock {
    fn now(&self) -> Result<i64, PortError> {
        let seconds = |time: std::time::Duration| i64::try_from(time.as_secs()).map_err(|_| PortError::Unavailable);
        match SystemTime::now().duration_since(UNIX_EPOCH) {
            Ok(since) => seconds(since),
            Err(before) => seconds(before.duration()).map(|seconds| -seconds),
        }
    }

    fn elapsed(&self) -> Result<u64, PortError> {
        let time = clock_gettime(ELAPSED);
        let milliseconds = time.tv_sec.checked_mul(1000).and_then(|ms| ms.checked_add(time.tv_nsec / 1_000_000));
        milliseconds.and_then(|ms| u64::try_from(ms).ok()).ok_or(PortError::Unavailable)
    }
}

/// First bytes of a device key file.
const MAGIC: &[u8; 8] = b"AMANADK1";
const SECRET_LEN: usize = 32;
/// The keys in a file, in this order.
const NAMES: [DeviceKeyName; 6] = [
    DeviceKeyName::Header,
    DeviceKeyName::Door1,
    DeviceKeyName::Door2,
    DeviceKeyName::Door3,
    DeviceKeyName::Door4,
    DeviceKeyName::Spare,
];
const FILE_LEN: usize = MAGIC.len() + NAMES.len() * SECRET_LEN;

/// Device keys in a file that only its owner reads: a secret of its own for each, so that replacing one destroys it.
///
/// This is software, and says so: whoever copies the file together with the vault can guess PINs elsewhere.
pub struct FileDeviceKey {
    path: PathBuf,
}

impl FileDeviceKey {
    /// The keys that lie beside a vault. The file need not be there.
    pub fn beside(vault: &Path) -> Self {
        Self { path: vault.with_added_extension("device-key") }
    }

    /// Where the keys lie.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Makes the file, unless it is there: then another vault's life depends on it.
    ///
    /// # Errors
    /// `file`, `host`.
    pub fn make_if_missing(&self) -> Result<(), crate::exit::Fault> {
        if self.path.exists() {
            return Ok(());
        }
        let mut file = Zeroizing::new([0; FILE_LEN]);
        file[..MAGIC.len()].copy_from_slice(MAGIC);
        OsEntropy.fill(&mut file[MAGIC.len()..]).map_err(amana_core::error::Error::from)?;
        io::write_new_private(&self.path, &*file)
    }

    fn read(&self) -> Result<Zeroizing<Vec<u8>>, PortError> {
        let file = match std::fs::read(&self.path) {
            Ok(bytes) => Zeroizing::new(bytes),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Err(PortError::Missing),
            Err(_) => return Err(PortError::Unavailable),
        };
        if file.len() == FILE_LEN && file.starts_with(MAGIC) { Ok(file) } else { Err(PortError::Invalidated) }
    }
}

fn place(key: DeviceKeyName) -> std::ops::Range<usize> {
    let index = NAMES.iter().position(|name| *name == key).unwrap_or(NAMES.len() - 1);
    let start = MAGIC.len() + index * SECRET_LEN;
    start..start + SECRET_LEN
}

impl DeviceKey for FileDeviceKey {
    fn prf(&self, key: DeviceKeyName, input: &[u8; 32]) -> Result<Zeroizing<[u8; 32]>, PortError> {
        let file = self.read()?;
        Ok(kdf::hmac_parts(&file[place(key)], &[b"amana device key", input]))
    }

    fn replace(&self, key: DeviceKeyName) -> Result<(), PortError> {
        let mut file = self.read()?;
        OsEntropy.fill(&mut file[place(key)])?;
        io::write_private(&self.path, &file).map_err(|_| PortError::Unavailable)
    }

    fn protection(&self) -> Protection {
        Protection::Software
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_their_own_and_replaced_one_by_one() {
        let folder = tempfile::tempdir().unwrap();
        let device = FileDeviceKey::beside(&folder.path().join("vault.amana"));
        let prf = |key| device.prf(key, &[1; 32]).map(|out| *out);
        assert_eq!(prf(DeviceKeyName::Header), Err(PortError::Missing));
        device.make_if_missing().unwrap();
        let before = NAMES.map(|name| prf(name).unwrap());
        assert!((1..before.len()).all(|i| !before[..i].contains(&before[i])));
        device.make_if_missing().unwrap();
        device.replace(DeviceKeyName::Door2).unwrap();
        let after = NAMES.map(|name| prf(name).unwrap());
        let changed: Vec<_> = (0..NAMES.len()).filter(|i| before[*i] != after[*i]).collect();
        assert_eq!(changed, [2]);
        std::fs::write(device.path(), b"AMANADK1 short").unwrap();
        assert_eq!(prf(DeviceKeyName::Header), Err(PortError::Invalidated));
    }

    #[test]
    fn the_clock_goes_on() {
        let (a, b) = (SystemClock.elapsed().unwrap(), SystemClock.elapsed().unwrap());
        assert!(a <= b && SystemClock.now().unwrap() > 1_700_000_000);
    }
}
