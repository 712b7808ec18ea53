//! From a secret to keys: HKDF-SHA-256 (RFC 5869), HMAC-SHA-256 (RFC 2104), Argon2id (RFC 9106); for the formats of
//! others also scrypt (RFC 7914) and PBKDF2 (RFC 8018).

use super::Secret;
#[cfg(feature = "vault")]
use crate::error::{Error, Result};
#[cfg(feature = "vault")]
use crate::ports::Clock;
use hkdf::Hkdf;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use zeroize::Zeroizing;

/// HKDF-SHA-256 to `N` bytes; `N` at most 8,160.
pub fn derive<const N: usize>(secret: &[u8], salt: &[u8], info: &[&[u8]]) -> Secret<N> {
    const { assert!(N <= 255 * 32) };
    let mut out = Zeroizing::new([0; N]);
    let expanded = Hkdf::<Sha256>::new(Some(salt), secret).expand_multi_info(info, &mut *out);
    debug_assert!(expanded.is_ok(), "the length was checked at compile time");
    Secret::from_zeroizing(out)
}

/// HMAC-SHA-256 over parts, each preceded by its length as eight bytes, so that no two part lists collide.
pub fn hmac_parts(key: &[u8], parts: &[&[u8]]) -> Zeroizing<[u8; 32]> {
    Prf::new(key).over(parts)
}

/// [`hmac_parts`] under one key, many times: the key is taken in once. Wiped when dropped.
pub struct Prf(Hmac<Sha256>);

impl Prf {
    /// Takes a key of any length.
    pub fn new(key: &[u8]) -> Self {
        // HMAC takes keys of any length: new_from_slice cannot fail.
        let Ok(mac) = Hmac::new_from_slice(key) else { unreachable!("HMAC takes any key") };
        Self(mac)
    }

    /// HMAC-SHA-256 over parts, each preceded by its length as eight bytes.
    pub fn over(&self, parts: &[&[u8]]) -> Zeroizing<[u8; 32]> {
        let mut mac = self.0.clone();
        for part in parts {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        Zeroizing::new(mac.finalize().into_bytes().into())
    }
}

/// HMAC-SHA-256 of one message, for the formats of others; our own take [`hmac_parts`].
pub fn hmac(key: &[u8], message: &[u8]) -> Zeroizing<[u8; 32]> {
    Zeroizing::new(mac(key, message).finalize().into_bytes().into())
}

/// Whether `tag` is how [`hmac()`] starts, told in constant time.
pub fn hmac_starts_with(key: &[u8], message: &[u8], tag: &[u8]) -> bool {
    mac(key, message).verify_truncated_left(tag).is_ok()
}

fn mac(key: &[u8], message: &[u8]) -> Hmac<Sha256> {
    let Ok(mac) = Hmac::<Sha256>::new_from_slice(key) else { unreachable!("HMAC takes any key") };
    mac.chain_update(message)
}

/// PBKDF2-HMAC-SHA-256 to `N` bytes.
#[cfg(feature = "vault")]
pub fn pbkdf2<const N: usize>(password: &[u8], salt: &[u8], rounds: u32) -> Secret<N> {
    let mut out = Zeroizing::new([0; N]);
    let derived = pbkdf2::pbkdf2::<Hmac<Sha256>>(password, salt, rounds, &mut *out);
    debug_assert!(derived.is_ok(), "HMAC takes any key");
    Secret::from_zeroizing(out)
}

/// scrypt with r = 8 and p = 1 to 32 bytes; takes 1 KiB times 2 to the power of `log_n`, and leaves it to the allocator
/// to wipe it.
///
/// # Errors
/// `storage` (`memory`) where there is no such memory.
#[cfg(feature = "vault")]
pub fn scrypt(password: &[u8], salt: &[u8], log_n: u8) -> Result<Secret<32>> {
    use crate::error::Error;
    let memory = Error::Storage { reason: "memory" };
    let bytes = 1_usize.checked_shl(log_n.into()).and_then(|n| n.checked_mul(1024)).ok_or(memory.clone())?;
    // The crate aborts the process where it gets no memory, so it is asked for once before.
    let mut probe = Vec::<u8>::new();
    probe.try_reserve_exact(bytes).map_err(|_| memory)?;
    drop(core::hint::black_box(probe));
    let params = scrypt::Params::new(log_n, 8, 1).map_err(|_| Error::Internal { reason: "scrypt" })?;
    let mut out = Zeroizing::new([0; 32]);
    scrypt::scrypt(password, salt, &params, &mut *out).map_err(|_| Error::Internal { reason: "scrypt" })?;
    Ok(Secret::from_zeroizing(out))
}

/// The cost of one Argon2id run; belongs to the file it protects.
#[cfg(feature = "vault")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Argon2Cost {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes over it.
    pub passes: u32,
    /// Lanes.
    pub lanes: u32,
}

#[cfg(feature = "vault")]
impl Argon2Cost {
    /// The least that a new vault gets: 19 MiB, 2 passes, 1 lane (OWASP's floor for Argon2id).
    pub const FLOOR: Self = Self { memory_kib: 19 * 1024, passes: 2, lanes: 1 };

    /// The most that a file may ask of a phone, so that a forged header cannot exhaust it: 1 GiB, 16 passes, 4 lanes.
    pub const CEILING: Self = Self { memory_kib: 1024 * 1024, passes: 16, lanes: 4 };

    /// The cost that takes this device about `target_ms` milliseconds: 64 MiB and as many passes as fit, or
    /// [`FLOOR`](Self::FLOOR) where the device is too slow or too small for that. Takes about a second: call it on a
    /// worker, once, when a vault is made.
    ///
    /// # Errors
    /// `host` where the clock fails.
    pub fn calibrate(clock: &dyn Clock, target_ms: u64) -> Result<Self> {
        let timed = |cost| {
            let start = clock.elapsed()?;
            argon2id(b"calibrate", &[0; 32], cost)?;
            Ok::<_, Error>(clock.elapsed()?.saturating_sub(start))
        };
        let trial = Self { memory_kib: 64 * 1024, passes: 1, lanes: 1 };
        // Twice: the first run pays for memory that the system has yet to hand over.
        let pass_ms = match timed(trial).and_then(|_| timed(trial)) {
            Ok(ms) => ms.max(1),
            Err(Error::Storage { .. }) => return Ok(Self::FLOOR),
            Err(error) => return Err(error),
        };
        let passes = (target_ms / pass_ms).min(u64::from(Self::CEILING.passes)) as u32;
        if passes < Self::FLOOR.passes { Ok(Self::FLOOR) } else { Ok(Self { passes, ..trial }) }
    }

    /// Whether a file may ask for it.
    pub fn is_allowed(self) -> bool {
        let within = |value, least, most| (least..=most).contains(&value);
        within(self.memory_kib, Self::FLOOR.memory_kib, Self::CEILING.memory_kib)
            && within(self.passes, Self::FLOOR.passes, Self::CEILING.passes)
            && within(self.lanes, Self::FLOOR.lanes, Self::CEILING.lanes)
    }
}

/// Argon2id version 0x13 to 32 bytes.
///
/// # Errors
/// `storage` (`memory`) where the device has not got the memory.
#[cfg(feature = "vault")]
pub fn argon2id(password: &[u8], salt: &[u8], cost: Argon2Cost) -> Result<Secret<32>> {
    let failed = |_| Error::Internal { reason: "argon2" };
    let params = argon2::Params::new(cost.memory_kib, cost.passes, cost.lanes, Some(32)).map_err(failed)?;
    let mut blocks = Zeroizing::new(Vec::new());
    blocks.try_reserve_exact(params.block_count()).map_err(|_| Error::Storage { reason: "memory" })?;
    blocks.resize(params.block_count(), argon2::Block::default());
    let mut out = Zeroizing::new([0; 32]);
    argon2::Argon2::new(argon2::Algorithm::Argon2id, argon2::Version::V0x13, params)
        .hash_password_into_with_memory(password, salt, &mut *out, &mut *blocks)
        .map_err(failed)?;
    Ok(Secret::from_zeroizing(out))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A clock on which every reading comes a fixed time after the one before.
    #[cfg(feature = "vault")]
    struct Ticks(std::sync::atomic::AtomicU64, u64);

    #[cfg(feature = "vault")]
    impl Clock for Ticks {
        fn now(&self) -> Result<i64, crate::ports::PortError> {
            Err(crate::ports::PortError::Unavailable)
        }
        fn elapsed(&self) -> Result<u64, crate::ports::PortError> {
            Ok(self.0.fetch_add(self.1, std::sync::atomic::Ordering::SeqCst))
        }
    }

    #[cfg(feature = "vault")]
    #[test]
    fn calibration_stays_between_floor_and_ceiling() {
        let calibrate = |pass_ms| Argon2Cost::calibrate(&Ticks(0.into(), pass_ms), 800).unwrap();
        assert_eq!(calibrate(100), Argon2Cost { memory_kib: 65_536, passes: 8, lanes: 1 });
        assert_eq!(calibrate(300).passes, 2);
        assert_eq!(calibrate(500), Argon2Cost::FLOOR);
        assert_eq!(calibrate(0).passes, Argon2Cost::CEILING.passes);
    }

    #[test]
    fn hkdf_matches_rfc_5869_case_1() {
        let salt: Vec<u8> = (0..13).collect();
        let info: Vec<u8> = (0xf0..=0xf9).collect();
        let okm = derive::<42>(&[0x0b; 22], &salt, &[&info]);
        assert_eq!(okm.expose()[..8], [0x3c, 0xb2, 0x5f, 0x25, 0xfa, 0xac, 0xd5, 0x7a]);
        assert_eq!(okm.expose()[34..], [0x34, 0x00, 0x72, 0x08, 0xd5, 0xb8, 0x87, 0x18, 0x58, 0x65][2..]);
    }

    /// RFC 7914 sections 11 and 12.
    #[cfg(feature = "vault")]
    #[test]
    fn pbkdf2_and_scrypt_match_rfc_7914() {
        let derived = pbkdf2::<64>(b"passwd", b"salt", 1);
        assert_eq!(derived.expose()[..8], [0x55, 0xac, 0x04, 0x6e, 0x56, 0xe3, 0x08, 0x9f]);
        assert_eq!(derived.expose()[56..], [0x09, 0x11, 0x20, 0x41, 0xd3, 0xa1, 0x97, 0x83]);
        let derived = scrypt(b"pleaseletmein", b"SodiumChloride", 14).unwrap();
        assert_eq!(derived.expose()[..8], [0x70, 0x23, 0xbd, 0xcb, 0x3a, 0xfd, 0x73, 0x48]);
        assert_eq!(scrypt(b"", b"", 62).unwrap_err(), Error::Storage { reason: "memory" });
    }

    #[test]
    fn parts_do_not_run_into_each_other() {
        assert_ne!(*hmac_parts(b"k", &[b"ab", b"c"]), *hmac_parts(b"k", &[b"a", b"bc"]));
    }
}
