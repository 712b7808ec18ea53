//! The host's ports in software, in files: for commands, desktops and tests. A phone has better ones.
//!
//! They say of themselves that they are software: whoever copies the vault together with these files can guess PINs
//! elsewhere, and whoever can put them all back can roll the vault back unnoticed.
//!
//! ```text
//! vault.amana   vault.amana.device-key   vault.amana.counter   vault.amana.holder-keys/
//! ```

use crate::crypto::{Agree as _, AgreementKey, Curve, PublicKey, SigningKey, kdf, signature_to_der};
use crate::error::{Error, Result};
use crate::ports::{
    Clock, DeviceKey, DeviceKeyName, Entropy as _, HolderKeyStore, HolderKeyUse, MonotonicCounter, OsEntropy,
    PortError, Protection, WalletHost,
};
use rustix::time::{ClockId, clock_gettime};
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};
use zeroize::Zeroizing;

/// A host whose keys and counter lie in files beside a vault. Makes the device key's file where it is missing, unless
/// the vault is there already: then it was lost, and the vault with it.
///
/// # Errors
/// `storage`, `host`.
pub fn host_beside(vault: &Path) -> Result<WalletHost> {
    let device_key = FileDeviceKey::beside(vault);
    if !vault.exists() {
        device_key.make_if_missing()?;
    }
    Ok(WalletHost {
        device_key: Arc::new(device_key),
        counter: Arc::new(FileCounter::beside(vault)),
        clock: Arc::new(SystemClock),
        entropy: Arc::new(OsEntropy),
        holder_keys: Some(Arc::new(FileHolderKeyStore::beside(vault))),
    })
}

/// This machine's clocks.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

/// The clock that goes on while the machine sleeps.
#[cfg(any(target_os = "linux", target_os = "android"))]
const ELAPSED: ClockId = ClockId::Boottime;
/// On macOS this one does too; elsewhere it is the best there is.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
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
    /// `storage`, `host`.
    pub fn make_if_missing(&self) -> Result<()> {
        let mut file = Zeroizing::new([0; FILE_LEN]);
        file[..MAGIC.len()].copy_from_slice(MAGIC);
        OsEntropy.fill(&mut file[MAGIC.len()..])?;
        match write_new_private(&self.path, &*file) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
            made => made.map_err(|error| Error::from_io(&error)),
        }
    }

    fn read(&self) -> Result<Zeroizing<Vec<u8>>, PortError> {
        let file = match fs::read(&self.path) {
            Ok(bytes) => Zeroizing::new(bytes),
            Err(error) if error.kind() == ErrorKind::NotFound => return Err(PortError::Missing),
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
        write_private(&self.path, &file).map_err(|_| PortError::Unavailable)
    }

    fn protection(&self) -> Protection {
        Protection::Software
    }
}

/// Holder keys in files that only their owner reads, one a key, named by its id.
pub struct FileHolderKeyStore {
    folder: PathBuf,
}

impl FileHolderKeyStore {
    /// The keys that lie beside a vault. The folder is made with the first.
    pub fn beside(vault: &Path) -> Self {
        Self { folder: vault.with_added_extension("holder-keys") }
    }

    fn path(&self, id: &[u8; 16]) -> PathBuf {
        self.folder.join(id.map(|byte| format!("{byte:02x}")).concat())
    }

    fn read(&self, id: &[u8; 16], usage: HolderKeyUse) -> Result<Zeroizing<[u8; 32]>, PortError> {
        let file = match fs::read(self.path(id)) {
            Ok(bytes) => Zeroizing::new(bytes),
            Err(error) if error.kind() == ErrorKind::NotFound => return Err(PortError::Missing),
            Err(_) => return Err(PortError::Unavailable),
        };
        match file.split_first() {
            Some((first, secret)) if *first == mark(usage) => {
                secret.try_into().map(Zeroizing::new).map_err(|_| PortError::Invalidated)
            }
            _ => Err(PortError::Invalidated),
        }
    }
}

/// The first byte of a key's file: one key, one purpose.
fn mark(usage: HolderKeyUse) -> u8 {
    match usage {
        HolderKeyUse::Sign => b's',
        HolderKeyUse::Agree => b'a',
    }
}

impl HolderKeyStore for FileHolderKeyStore {
    fn make(&self, id: &[u8; 16], usage: HolderKeyUse) -> Result<Vec<u8>, PortError> {
        let unavailable = |_| PortError::Unavailable;
        let key = SigningKey::make_on(Curve::P256, &OsEntropy).map_err(|_| PortError::Unavailable)?;
        let mut file = Zeroizing::new(vec![mark(usage)]);
        file.reserve_exact(SECRET_LEN);
        file.extend_from_slice(&*key.expose_secret());
        fs::create_dir_all(&self.folder).map_err(unavailable)?;
        write_new_private(&self.path(id), &file).map_err(unavailable)?;
        Ok(key.public_key().to_point())
    }

    fn sign(&self, id: &[u8; 16], message: &[u8]) -> Result<Vec<u8>, PortError> {
        let secret = self.read(id, HolderKeyUse::Sign)?;
        let key = SigningKey::from_secret(Curve::P256, &secret).map_err(|_| PortError::Invalidated)?;
        let raw = key.sign(message).map_err(|_| PortError::Unavailable)?;
        signature_to_der(&raw).map_err(|_| PortError::Unavailable)
    }

    fn agree(&self, id: &[u8; 16], peer: &[u8]) -> Result<Zeroizing<[u8; 32]>, PortError> {
        let secret = self.read(id, HolderKeyUse::Agree)?;
        let key = AgreementKey::from_secret(&secret).map_err(|_| PortError::Invalidated)?;
        let peer = PublicKey::parse_sec1(Curve::P256, peer).map_err(|_| PortError::Unavailable)?;
        let shared = key.agree(&peer).map_err(|_| PortError::Unavailable)?;
        Ok(Zeroizing::new(*shared.expose()))
    }

    fn delete(&self, id: &[u8; 16]) -> Result<(), PortError> {
        match fs::remove_file(self.path(id)) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(PortError::Unavailable),
            _ => Ok(()),
        }
    }
}

/// Number and check, in each of two places that are written in turn: a torn write leaves the number before.
const ENTRY_LEN: usize = 16;

/// A counter in a file.
pub struct FileCounter {
    path: PathBuf,
}

impl FileCounter {
    /// The counter that lies beside a vault. The file need not be there.
    pub fn beside(vault: &Path) -> Self {
        Self { path: vault.with_added_extension("counter") }
    }

    fn entry(number: u64) -> [u8; ENTRY_LEN] {
        let check = kdf::hmac_parts(b"amana counter", &[&number.to_be_bytes()]);
        core::array::from_fn(|i| if i < 8 { number.to_be_bytes()[i] } else { check[i] })
    }

    fn parse(entry: &[u8]) -> Option<u64> {
        let number = u64::from_be_bytes(*entry.first_chunk()?);
        (Self::entry(number) == entry).then_some(number)
    }

    fn write(&self, number: u64) -> io::Result<()> {
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(false);
        only_for_its_owner(&mut options);
        let mut file = options.open(&self.path)?;
        file.seek(SeekFrom::Start((number % 2) * ENTRY_LEN as u64))?;
        file.write_all(&Self::entry(number))?;
        file.sync_data()
    }
}

impl MonotonicCounter for FileCounter {
    fn read(&self) -> Result<u64, PortError> {
        let mut bytes = Vec::with_capacity(2 * ENTRY_LEN);
        match File::open(&self.path).and_then(|file| file.take(2 * ENTRY_LEN as u64).read_to_end(&mut bytes)) {
            Ok(_) => Ok(bytes.chunks(ENTRY_LEN).filter_map(Self::parse).max().unwrap_or(0)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(0),
            Err(_) => Err(PortError::Unavailable),
        }
    }

    fn advance_to(&self, number: u64) -> Result<(), PortError> {
        if number <= self.read()? {
            return Ok(());
        }
        self.write(number).map_err(|_| PortError::Unavailable)
    }
}

/// Writes a file that only its owner reads, whatever was there: whole or not at all, and on disk when this returns.
///
/// # Errors
/// What the system says.
pub fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    write_beside(path, bytes, Readers::Owner, |unfinished| fs::rename(unfinished, path))
}

/// Writes a file, whatever was there: whole or not at all, and on disk when this returns. Who could read it still can, and
/// nobody else.
///
/// # Errors
/// What the system says.
pub fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    write_beside(path, bytes, Readers::AsBefore, |unfinished| fs::rename(unfinished, path))
}

/// Writes a file that only its owner reads, where there was none: whole or not at all, and on disk when this returns.
///
/// # Errors
/// What the system says; `AlreadyExists` where there is one.
pub fn write_new_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    write_beside(path, bytes, Readers::Owner, |unfinished| match fs::hard_link(unfinished, path) {
        Ok(()) => fs::remove_file(unfinished),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Err(error),
        Err(_) if path.exists() => Err(ErrorKind::AlreadyExists.into()),
        // Some file systems have no second names.
        Err(_) => fs::rename(unfinished, path),
    })
}

/// Who may read a file.
#[derive(PartialEq)]
enum Readers {
    Owner,
    /// Whoever could before; of a new file, as the system's settings have it.
    AsBefore,
}

/// Writes a file beside its place and has it moved there. Always under the same name: what a crash left there, old keys
/// perhaps, is gone with the next write.
fn write_beside(
    path: &Path,
    bytes: &[u8],
    readers: Readers,
    move_there: impl FnOnce(&Path) -> io::Result<()>,
) -> io::Result<()> {
    let unfinished = path.with_added_extension("new");
    match fs::remove_file(&unfinished) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => (),
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    let before = if readers == Readers::AsBefore { fs::metadata(path).ok() } else { None };
    if readers == Readers::Owner || before.is_some() {
        only_for_its_owner(&mut options);
    }
    let written = options.open(&unfinished).and_then(|mut file| {
        if let Some(before) = before {
            file.set_permissions(before.permissions())?;
        }
        file.write_all(bytes)?;
        file.sync_all()
    });
    if let Err(error) = written.and_then(|()| move_there(&unfinished)) {
        // Nothing to do where it is not there.
        let _ = fs::remove_file(&unfinished);
        return Err(error);
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}

fn only_for_its_owner(options: &mut OpenOptions) {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    #[cfg(not(unix))]
    let _ = options;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vault() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let vault = folder.path().join("vault.amana");
        (folder, vault)
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_is_written_again_is_read_by_whom_it_was() {
        use std::os::unix::fs::PermissionsExt as _;
        let (folder, _) = vault();
        let path = folder.path().join("file");
        let mode = || fs::metadata(&path).unwrap().permissions().mode() & 0o777;
        write_private(&path, b"1").unwrap();
        write_whole(&path, b"2").unwrap();
        assert_eq!((mode(), fs::read(&path).unwrap()), (0o600, b"2".to_vec()));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        write_whole(&path, b"3").unwrap();
        assert_eq!((mode(), fs::read(&path).unwrap()), (0o640, b"3".to_vec()));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing unfinished is left");
    }

    #[test]
    fn keys_are_their_own_and_replaced_one_by_one() {
        let (_folder, vault) = vault();
        let device = FileDeviceKey::beside(&vault);
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
        fs::write(device.path(), b"AMANADK1 short").unwrap();
        assert_eq!(prf(DeviceKeyName::Header), Err(PortError::Invalidated));
        assert_eq!(device.protection(), Protection::Software);
    }

    #[test]
    fn the_counter_only_grows_and_a_torn_write_leaves_the_number_before() {
        let (_folder, vault) = vault();
        let counter = FileCounter::beside(&vault);
        assert_eq!(counter.read(), Ok(0));
        for number in [1, 2, 2, 1, 7, 8] {
            counter.advance_to(number).unwrap();
        }
        assert_eq!(counter.read(), Ok(8));
        let mut bytes = fs::read(&counter.path).unwrap();
        bytes[3] ^= 1;
        fs::write(&counter.path, &bytes).unwrap();
        assert_eq!(counter.read(), Ok(7));
        fs::write(&counter.path, b"nothing of ours, and longer than two entries").unwrap();
        assert_eq!(counter.read(), Ok(0));
    }

    #[test]
    fn a_lost_device_key_is_not_made_anew_under_a_vault() {
        let (_folder, vault) = vault();
        host_beside(&vault).unwrap();
        assert!(FileDeviceKey::beside(&vault).path().exists());
        fs::write(&vault, b"a vault").unwrap();
        fs::remove_file(FileDeviceKey::beside(&vault).path()).unwrap();
        let host = host_beside(&vault).unwrap();
        assert_eq!(host.device_key.prf(DeviceKeyName::Header, &[0; 32]).err(), Some(PortError::Missing));
    }

    #[test]
    fn a_holder_key_has_one_purpose_and_is_gone_when_deleted() {
        let (_folder, vault) = vault();
        let keys = FileHolderKeyStore::beside(&vault);
        let (signs, agrees) = ([1; 16], [2; 16]);
        let public = PublicKey::parse_sec1(Curve::P256, &keys.make(&signs, HolderKeyUse::Sign).unwrap()).unwrap();
        let point = keys.make(&agrees, HolderKeyUse::Agree).unwrap();
        let raw =
            crate::crypto::signature_from_der(crate::crypto::Algorithm::Es256, &keys.sign(&signs, b"message").unwrap())
                .unwrap();
        assert_eq!(public.verify(public.algorithm(), b"message", &raw), Ok(()));
        let peer = AgreementKey::make(&OsEntropy).unwrap();
        let shared = peer.agree(&PublicKey::parse_sec1(Curve::P256, &point).unwrap()).unwrap();
        assert_eq!(*keys.agree(&agrees, &peer.public_key().to_point()).unwrap(), *shared.expose());
        assert_eq!(keys.sign(&agrees, b"message"), Err(PortError::Invalidated));
        assert_eq!(keys.agree(&signs, &point).err(), Some(PortError::Invalidated));
        assert_eq!(keys.make(&signs, HolderKeyUse::Sign), Err(PortError::Unavailable), "never overwritten");
        keys.delete(&signs).unwrap();
        keys.delete(&signs).unwrap();
        assert_eq!(keys.sign(&signs, b"message"), Err(PortError::Missing));
    }

    #[test]
    fn the_clock_goes_on() {
        let (a, b) = (SystemClock.elapsed().unwrap(), SystemClock.elapsed().unwrap());
        assert!(a <= b && SystemClock.now().unwrap() > 1_700_000_000);
    }
}
