//! The passphrase part of the age file format, version 1: <https://c2sp.org/age>. Any age tool opens what [`seal`] makes.
//!
//! ```text
//! age-encryption.org/v1
//! -> scrypt <salt> <log n>       what follows is sealed under scrypt(passphrase, salt)
//! <the file key, sealed>
//! --- <MAC of all this>          keyed by HKDF(file key, "header")
//! nonce | chunk | … | chunk      64 KiB each, sealed under HKDF(file key, nonce, "payload"); the last one says so
//! ```
//!
//! Files for other recipients than a passphrase are read as far as to tell them apart. ASCII armour is read, not written.

use super::Passphrase;
use crate::crypto::{Secret, aead, kdf, make_random};
use crate::error::{Error, Result, damaged, invalid};
use crate::ports::Entropy;
use base64ct::{Base64, Base64Unpadded, Encoding as _};
use std::borrow::Cow;
use zeroize::Zeroizing;

/// How hard a new file makes guessing: scrypt over 64 MiB, about a second of a phone. age's tool takes 256 MiB, which the
/// cheap phones that a backup is restored on do not have to spare. [`Passphrase::make`] outweighs the difference.
pub const LOG_N: u8 = 16;

/// The most that a file may ask for: scrypt takes 1 KiB times 2 to the power of this, 1 GiB, and a phone some seconds.
/// age's own tool takes 18, others hardly more; a forged header cannot ask for more than this.
pub const MAX_LOG_N: u8 = 20;

const START: &[u8] = b"age-encryption.org/";
const SALT_LABEL: &[u8] = b"age-encryption.org/v1/scrypt";
const CHUNK: usize = 64 * 1024;

const BAD_HEADER: Error = damaged("age-header");
const BAD_STANZA: Error = damaged("age-scrypt");
const BAD_PAYLOAD: Error = damaged("age-payload");
const BAD_ARMOUR: Error = damaged("age-armour");

/// Seals under a passphrase; `log_n` is [`LOG_N`] unless the passphrase has the strength of a key.
///
/// # Errors
/// `invalid` (`passphrase-short`, `age-work-factor` outside 1 to [`MAX_LOG_N`]), `storage` (`memory`), `host`.
pub fn seal(plain: &[u8], passphrase: &Passphrase, log_n: u8, entropy: &dyn Entropy) -> Result<Vec<u8>> {
    passphrase.fit_to_protect()?;
    if !(1..=MAX_LOG_N).contains(&log_n) {
        return Err(invalid("age-work-factor"));
    }
    let file_key = Secret::make(entropy)?;
    let salt = make_random(entropy)?;
    let wrapped = aead::seal_once(&wrap_key(passphrase, &salt, log_n)?, &[0; 12], b"", file_key.expose())?;
    let (salt, wrapped) = (Base64Unpadded::encode_string(&salt), Base64Unpadded::encode_string(&wrapped));
    let mut file = format!("age-encryption.org/v1\n-> scrypt {salt} {log_n}\n{wrapped}\n---").into_bytes();
    let mac = kdf::hmac(mac_key(&file_key).expose(), &file);
    file.extend(format!(" {}\n", Base64Unpadded::encode_string(&*mac)).into_bytes());
    seal_payload(plain, &file_key, &make_random(entropy)?, &mut file)?;
    Ok(file)
}

/// Opens what [`seal`] or another age tool made, binary or in ASCII armour.
///
/// # Errors
/// `wrong-passphrase`; `foreign` for what is no age file, `too-new` for another version of age, `not-for-me` for an age
/// file that a key opens instead of a passphrase (the person is told that it is theirs to look for that key, not that it
/// is no backup); `damaged` (`age-armour`, `age-header`, `age-scrypt`, `age-work-factor` above the cap, `age-mac`,
/// `age-payload`); `storage` (`memory`).
pub fn open(file: &[u8], passphrase: &Passphrase) -> Result<Zeroizing<Vec<u8>>> {
    open_within(file, passphrase, MAX_LOG_N)
}

/// As [`open`], on a device that can spare less: `most_log_n` caps what the file may ask for.
///
/// # Errors
/// As [`open`].
pub fn open_within(file: &[u8], passphrase: &Passphrase, most_log_n: u8) -> Result<Zeroizing<Vec<u8>>> {
    open_with(file, |header| {
        let stanza = header.scrypt()?;
        if stanza.log_n > most_log_n.min(MAX_LOG_N) {
            return Err(damaged("age-work-factor"));
        }
        let wrap_key = wrap_key(passphrase, &stanza.salt, stanza.log_n)?;
        let opened = aead::open_once(&wrap_key, &[0; 12], b"", &stanza.wrapped).map_err(|_| Error::WrongPassphrase)?;
        let mut file_key = Zeroizing::new([0; 16]);
        file_key.copy_from_slice(&opened);
        Ok(Secret::from_zeroizing(file_key))
    })
}

fn open_with(file: &[u8], unwrap: impl FnOnce(&Header<'_>) -> Result<Secret<16>>) -> Result<Zeroizing<Vec<u8>>> {
    let file = parse_armour(file)?;
    let header = Header::parse(&file)?;
    let file_key = unwrap(&header)?;
    if !kdf::hmac_starts_with(mac_key(&file_key).expose(), header.signed, &header.mac) {
        return Err(damaged("age-mac"));
    }
    open_payload(header.payload, &file_key)
}

fn wrap_key(passphrase: &Passphrase, salt: &[u8; 16], log_n: u8) -> Result<Secret<32>> {
    kdf::scrypt(passphrase.expose().as_bytes(), &[SALT_LABEL, salt].concat(), log_n)
}

fn mac_key(file_key: &Secret<16>) -> Secret<32> {
    kdf::derive(file_key.expose(), b"", &[b"header"])
}

fn payload_key(file_key: &Secret<16>, nonce: &[u8; 16]) -> Secret<32> {
    kdf::derive(file_key.expose(), nonce, &[b"payload"])
}

fn seal_payload(plain: &[u8], file_key: &Secret<16>, nonce: &[u8; 16], file: &mut Vec<u8>) -> Result<()> {
    let key = payload_key(file_key, nonce);
    file.extend_from_slice(nonce);
    // Nothing is one empty chunk.
    let last = plain.len().saturating_sub(1) / CHUNK;
    for n in 0..=last {
        let chunk = &plain[n * CHUNK..plain.len().min((n + 1) * CHUNK)];
        file.extend(aead::seal_once(&key, &chunk_nonce(n, n == last), b"", chunk)?);
    }
    Ok(())
}

/// Nothing of it is given away before the last chunk is known to be the last.
fn open_payload(payload: &[u8], file_key: &Secret<16>) -> Result<Zeroizing<Vec<u8>>> {
    let (nonce, sealed) = payload.split_first_chunk().ok_or(BAD_HEADER)?;
    let key = payload_key(file_key, nonce);
    // Never grown: what it leaves behind when it moves is not wiped.
    let mut plain = Zeroizing::new(Vec::with_capacity(sealed.len()));
    let last = sealed.len().checked_sub(1).ok_or(BAD_PAYLOAD)? / (CHUNK + aead::TAG_LEN);
    for (n, chunk) in sealed.chunks(CHUNK + aead::TAG_LEN).enumerate() {
        let opened = aead::open_once(&key, &chunk_nonce(n, n == last), b"", chunk).map_err(|_| BAD_PAYLOAD)?;
        if opened.is_empty() && n > 0 {
            return Err(BAD_PAYLOAD);
        }
        plain.extend_from_slice(&opened);
    }
    Ok(plain)
}

/// Eleven bytes of number, one that tells the last.
fn chunk_nonce(n: usize, is_last: bool) -> [u8; 12] {
    let mut nonce = [0; 12];
    nonce[3..11].copy_from_slice(&(n as u64).to_be_bytes());
    nonce[11] = is_last.into();
    nonce
}

/// A header whose grammar holds, whomever it is for.
struct Header<'a> {
    /// The stanza that came first.
    first: Stanza<'a>,
    is_alone: bool,
    /// Whether a passphrase is among what opens it.
    has_scrypt: bool,
    /// What the MAC covers.
    signed: &'a [u8],
    mac: [u8; 32],
    payload: &'a [u8],
}

#[derive(Clone, Copy)]
struct Stanza<'a> {
    arguments: &'a [u8],
    /// Lines of base64, each checked.
    body: &'a [u8],
}

struct Scrypt {
    salt: [u8; 16],
    log_n: u8,
    wrapped: [u8; 32],
}

impl<'a> Header<'a> {
    fn parse(file: &'a [u8]) -> Result<Self> {
        let mut rest = file.strip_prefix(START).ok_or(Error::Foreign)?;
        match take_line(&mut rest)? {
            b"v1" => {}
            [b'v', number @ ..] if number.iter().all(u8::is_ascii_digit) && !number.is_empty() => {
                return Err(Error::TooNew);
            }
            _ => return Err(BAD_HEADER),
        }
        let mut first = None;
        let (mut count, mut has_scrypt) = (0_usize, false);
        loop {
            let before = file.len() - rest.len();
            let line = take_line(&mut rest)?;
            if let Some(arguments) = line.strip_prefix(b"-> ") {
                let stanza = Stanza::parse(arguments, &mut rest)?;
                has_scrypt |= stanza.is_scrypt();
                first.get_or_insert(stanza);
                count += 1;
            } else {
                let mac = line.strip_prefix(b"--- ").ok_or(BAD_HEADER)?;
                return Ok(Self {
                    first: first.ok_or(BAD_HEADER)?,
                    is_alone: count == 1,
                    has_scrypt,
                    signed: &file[..before + 3],
                    mac: base64(mac).ok_or(BAD_HEADER)?,
                    payload: rest,
                });
            }
        }
    }

    /// The stanza of a passphrase, which stands alone: beside it, a key of somebody else's would open the file, too.
    fn scrypt(&self) -> Result<Scrypt> {
        if !self.has_scrypt {
            return Err(Error::NotForMe);
        }
        let mut arguments = self.first.arguments.split(|byte| *byte == b' ').skip(1);
        match (self.is_alone, arguments.next(), arguments.next(), arguments.next()) {
            (true, Some(salt), Some(log_n), None) => Ok(Scrypt {
                salt: base64(salt).ok_or(BAD_STANZA)?,
                log_n: parse_log_n(log_n)?,
                wrapped: base64(self.first.body).ok_or(BAD_STANZA)?,
            }),
            _ => Err(BAD_STANZA),
        }
    }
}

impl<'a> Stanza<'a> {
    fn parse(arguments: &'a [u8], rest: &mut &'a [u8]) -> Result<Self> {
        let is_argument = |argument: &[u8]| !argument.is_empty() && argument.iter().all(u8::is_ascii_graphic);
        if !arguments.split(|byte| *byte == b' ').all(is_argument) {
            return Err(BAD_HEADER);
        }
        let start = *rest;
        loop {
            let line = take_line(rest)?;
            let mut bytes = [0; 48];
            if line.len() > 64 || Base64Unpadded::decode(line, &mut bytes).is_err() {
                return Err(BAD_HEADER);
            }
            if line.len() < 64 {
                let body = &start[..start.len() - rest.len() - 1];
                return Ok(Self { arguments, body });
            }
        }
    }

    fn is_scrypt(&self) -> bool {
        self.arguments.split(|byte| *byte == b' ').next() == Some(b"scrypt")
    }
}

/// Up to the next line feed, which is taken, too.
fn take_line<'a>(rest: &mut &'a [u8]) -> Result<&'a [u8]> {
    let end = rest.iter().position(|byte| *byte == b'\n').ok_or(BAD_HEADER)?;
    let line = &rest[..end];
    *rest = &rest[end + 1..];
    Ok(line)
}

fn parse_log_n(text: &[u8]) -> Result<u8> {
    if !text.iter().all(u8::is_ascii_digit) || text.starts_with(b"0") {
        return Err(BAD_STANZA);
    }
    let text = str::from_utf8(text).map_err(|_| BAD_STANZA)?;
    text.parse().map_err(|_| damaged("age-work-factor"))
}

/// Exactly `N` bytes in canonical base64 without padding.
fn base64<const N: usize>(text: &[u8]) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    let len = Base64Unpadded::decode(text, &mut bytes).ok()?.len();
    (len == N).then_some(bytes)
}

/// Takes ASCII armour (RFC 7468 section 3, strict) off, where there is any.
fn parse_armour(file: &[u8]) -> Result<Cow<'_, [u8]>> {
    const BEGIN: &[u8] = b"-----BEGIN AGE ENCRYPTED FILE-----";
    const END: &[u8] = b"-----END AGE ENCRYPTED FILE-----";
    let text = file.trim_ascii();
    if !text.starts_with(BEGIN) {
        return Ok(Cow::Borrowed(file));
    }
    let mut lines = text.split(|byte| *byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    if lines.next() != Some(BEGIN) || lines.next_back() != Some(END) {
        return Err(BAD_ARMOUR);
    }
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let mut lines = lines.peekable();
    while let Some(line) = lines.next() {
        let mut decoded = [0; 48];
        let decoded = Base64::decode(line, &mut decoded).map_err(|_| BAD_ARMOUR)?;
        // All but the last are full.
        if decoded.is_empty() || decoded.len() < 48 && lines.peek().is_some() {
            return Err(BAD_ARMOUR);
        }
        bytes.extend_from_slice(decoded);
    }
    Ok(Cow::Owned(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::OsEntropy;

    fn passphrase(text: &str) -> Passphrase {
        Passphrase::typed(Zeroizing::new(text.to_owned())).unwrap()
    }

    fn sealed(plain: &[u8]) -> Vec<u8> {
        seal(plain, &passphrase("twelve characters"), 1, &OsEntropy).unwrap()
    }

    fn opened(file: &[u8]) -> Result<Vec<u8>> {
        open(file, &passphrase("twelve characters")).map(|plain| plain.to_vec())
    }

    #[test]
    fn what_is_sealed_opens_at_every_length() {
        for len in [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK] {
            let plain: Vec<u8> = (0..len).map(|n| n as u8).collect();
            assert!(opened(&sealed(&plain)) == Ok(plain), "{len}");
        }
    }

    #[test]
    fn seal_refuses_what_does_not_protect() {
        let seal = |text, log_n| seal(b"plain", &passphrase(text), log_n, &OsEntropy).unwrap_err();
        assert_eq!(seal("elevenchars", LOG_N), invalid("passphrase-short"));
        for log_n in [0, MAX_LOG_N + 1] {
            assert_eq!(seal("twelve characters", log_n), invalid("age-work-factor"));
        }
    }

    #[test]
    fn a_file_says_why_it_does_not_open() {
        let file = sealed(b"plain");
        let text = |from: &str, to: &str| {
            let at = file.windows(from.len()).position(|window| window == from.as_bytes()).unwrap();
            [&file[..at], to.as_bytes(), &file[at + from.len()..]].concat()
        };
        assert_eq!(open(&file, &passphrase("another")).unwrap_err(), Error::WrongPassphrase);
        assert_eq!(opened(b"plain"), Err(Error::Foreign));
        assert_eq!(opened(&text("/v1\n", "/v2\n")), Err(Error::TooNew));
        assert_eq!(opened(&text("/v1\n", "/v1\r\n")), Err(BAD_HEADER));
        assert_eq!(opened(&text("-> scrypt ", "-> Scrypt ")), Err(Error::NotForMe));
        assert_eq!(opened(&text(" 1\n", " 01\n")), Err(BAD_STANZA));
        assert_eq!(opened(&text(" 1\n", " 21\n")), Err(damaged("age-work-factor")));
        assert_eq!(opened(&text(" 1\n", " 2\n")), Err(Error::WrongPassphrase));
        let cap = open_within(&text(" 1\n", " 11\n"), &passphrase("any"), 10);
        assert_eq!(cap.unwrap_err(), damaged("age-work-factor"));
        assert_eq!(opened(&[&file[..], b"\n"].concat()), Err(BAD_PAYLOAD));
        assert_eq!(opened(&file[..file.len() - 1]), Err(BAD_PAYLOAD));
    }

    #[test]
    fn no_byte_of_a_file_can_be_changed() {
        let file = sealed(b"plain");
        for at in 0..file.len() {
            let mut changed = file.clone();
            changed[at] ^= 1;
            // Not by a changed work factor of many digits, which would cost its time.
            assert!(open_within(&changed, &passphrase("twelve characters"), 10).is_err(), "{at}");
        }
    }

    /// C2SP CCTV's testkit for age, from the folder that `AMANA_VECTORS` names: also what it seals for keys, opened by the
    /// file key that each vector states. `tests/tests/conformance/age.rs` judges what a passphrase opens, and the rest.
    #[test]
    fn headers_and_payloads_are_read_as_the_testkit_says() {
        let Some(folder) = std::env::var_os("AMANA_VECTORS") else { return };
        let folder = std::path::Path::new(&folder).join("cctv/age/testdata");
        let (mut good, mut bad_mac, mut bad_payload, mut no_nonce) = (0, 0, 0, 0);
        for entry in std::fs::read_dir(folder).expect("AMANA_VECTORS is set") {
            let path = entry.unwrap().path();
            let vector = std::fs::read(&path).unwrap();
            let end = vector.windows(2).position(|pair| pair == b"\n\n").unwrap();
            let (fields, file) = (str::from_utf8(&vector[..end]).unwrap(), &vector[end + 2..]);
            let field = |name| fields.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
            let file = match field("compressed") {
                Some(_) => miniz_oxide::inflate::decompress_to_vec_zlib(file).unwrap(),
                None => file.to_vec(),
            };
            let opened = open_with(&file, |_| {
                let key = u128::from_str_radix(field("file key").unwrap(), 16).map_err(|_| damaged("too long"))?;
                Ok(Secret::from_zeroizing(Zeroizing::new(key.to_be_bytes())))
            });
            let digest = |plain: &[u8]| crate::crypto::sha256(plain).map(|byte| format!("{byte:02x}")).concat();
            let outcome = opened.map(|plain| digest(&plain));
            let (expected, count) = match field("expect").unwrap() {
                "success" => (Ok(field("payload").unwrap().to_owned()), &mut good),
                "HMAC failure" => (Err(damaged("age-mac")), &mut bad_mac),
                "payload failure" => (Err(BAD_PAYLOAD), &mut bad_payload),
                // A nonce cut short counts as the header's.
                "header failure" if path.to_string_lossy().contains("stream_") => (Err(BAD_HEADER), &mut no_nonce),
                // Of the header before there is a file key, or of another kind of recipient.
                "header failure" | "armor failure" | "no match" => continue,
                other => panic!("{other}"),
            };
            assert_eq!(outcome, expected, "{}", path.display());
            *count += 1;
        }
        assert_eq!((good, bad_mac, bad_payload, no_nonce), (26, 1, 19, 2));
    }
}
