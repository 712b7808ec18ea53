//! Keys in files: JWK, PEM and COSE_Key, in and out. What every command that signs or checks shares.

use crate::exit::{Exit, Fault};
use crate::io;
use crate::output::Output;
use amana_core::cose::Verified;
use amana_core::cose::key::{self as cose_key, Thumbprint};
use amana_core::crypto::{Curve, PublicKey, SigningKey, SymmetricKey, key_file};
use amana_core::error::Error;
use amana_core::ports::OsEntropy;
use amana_core::trust::{Believed, Bundle, DEMO_KID, GivenKey};
use amana_core::x509::Certificate;
use clap::{Args, ValueEnum};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// Characters of its thumbprint by which a key without a name of its own is called.
const DEFAULT_KID_LEN: usize = 12;

/// A key as a file holds it.
pub struct Key {
    /// The public half.
    pub public: PublicKey,
    /// The private half, where the file has it.
    private: Option<SigningKey>,
    /// Its name, where the file gives one.
    pub kid: Option<Vec<u8>>,
}

impl Key {
    /// Reads a key, whatever form it has.
    ///
    /// # Errors
    /// `untrusted` (`demo-key`) for one of the demo's; what the key's form says.
    pub fn load(path: &Path) -> Result<Self, Fault> {
        Self::parse(&Zeroizing::new(io::read(path)?)).map_err(|fault| fault.within(path))
    }

    /// The same, for a key that signs.
    pub fn load_private(path: &Path) -> Result<(SigningKey, Vec<u8>), Fault> {
        let key = Self::load(path)?;
        let kid = key.name();
        let no_private = || Fault::usage(format!("{}: it holds only the public half of a key.", path.display()));
        Ok((key.private.ok_or_else(no_private)?, kid))
    }

    /// Reads a key from the bytes of a file.
    pub fn parse(bytes: &[u8]) -> Result<Self, Fault> {
        let key = match core::str::from_utf8(bytes).map(key_file::parse) {
            Ok(Ok(key)) => Self { public: key.public, private: key.private, kid: key.kid },
            // A COSE_Key is CBOR; one that happens to be UTF-8 is neither JWK nor PEM.
            Err(_) | Ok(Err(Error::Foreign)) => {
                let (public, kid) = cose_key::parse(bytes)?;
                Self { public, private: cose_key::parse_private(bytes)?, kid }
            }
            Ok(Err(error)) => return Err(error.into()),
        };
        if key.kid.as_deref().is_some_and(|kid| kid.starts_with(DEMO_KID)) {
            return Err(Error::Untrusted { reason: "demo-key" }.into());
        }
        Ok(key)
    }

    /// Its name, or the one it goes by where the file gives none: the start of its thumbprint.
    pub fn name(&self) -> Vec<u8> {
        self.kid.clone().unwrap_or_else(|| default_kid(&self.public).into_bytes())
    }
}

/// Keys that a command line names, each file saying itself what it is.
#[derive(Default)]
pub struct Keys {
    /// Public or private keys.
    pub keys: Vec<Key>,
    /// Certificates: authorities over signers, or signers' own.
    pub certificates: Vec<Certificate>,
    /// Keys that open what is sealed.
    pub symmetric: Vec<SymmetricKey>,
}

impl Keys {
    /// Reads key files: JWK (of the kind oct too), PEM or COSE_Key, and certificates in PEM or DER.
    pub fn load(paths: &[PathBuf]) -> Result<Self, Fault> {
        let mut all = Self::default();
        for path in paths {
            let bytes = Zeroizing::new(io::read(path)?);
            all.take(&bytes).map_err(|fault| fault.within(path))?;
        }
        Ok(all)
    }

    fn take(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        let text = core::str::from_utf8(bytes).unwrap_or_default();
        if text.contains("-----BEGIN CERTIFICATE-----") {
            self.certificates.extend(Certificate::parse_pem(text)?);
        } else if let Ok(certificate) = Certificate::parse(bytes) {
            self.certificates.push(certificate);
        } else if text.contains("\"oct\"") {
            self.symmetric.push(key_file::parse_symmetric(text)?);
        } else {
            self.keys.push(Key::parse(bytes)?);
        }
        Ok(())
    }

    /// Takes the first private key out.
    pub fn take_private(&mut self) -> Option<SigningKey> {
        // The verifier's own key vouches for no card.
        let at = self.keys.iter().position(|key| key.private.is_some())?;
        self.keys.swap_remove(at).private
    }

    /// Whom to believe by them, and by a bundle where there is one.
    pub fn believed(&self, bundle: Option<Verified<Bundle>>) -> Believed {
        let start = bundle.map(Believed::from).unwrap_or_default();
        let given = |key: &Key| GivenKey { kid: key.kid.clone(), key: key.public.clone() };
        let with_keys = self.keys.iter().map(given).fold(start, Believed::and_key);
        self.certificates.iter().cloned().fold(with_keys, Believed::and_certificate)
    }
}

fn default_kid(key: &PublicKey) -> String {
    Thumbprint::of(key).to_text().chars().take(DEFAULT_KID_LEN).collect()
}

/// How a key is written.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Form {
    /// JSON Web Key (RFC 7517)
    Jwk,
    /// PEM: PKCS #8 for private keys, SPKI for public ones; has no place for the key's name
    Pem,
    /// COSE_Key (RFC 9052), as bytes
    Cose,
}

const KEYGEN_EXAMPLE: &str = "Example:
  amana issuer keygen --kid desk-2026 --out desk.jwk --public desk.pub.jwk

The private key is written to --out (mode 0600, never overwritten), or to standard output without it.
The public key is written to --public, or to standard output where --out is given.";

/// The curve of a new key.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum CurveName {
    /// Ed25519: short, and what Amana's own messages are signed with
    Ed25519,
    /// P-256 (ES256): what mdocs, and most readers of SD-JWTs, demand
    P256,
}

/// Make a key
#[derive(Args)]
#[command(after_help = KEYGEN_EXAMPLE)]
pub struct KeyGen {
    /// The key's name, as cards and bundles carry it; the start of its thumbprint by default
    #[arg(long, value_name = "NAME")]
    kid: Option<String>,
    /// File for the private key
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// File for the public key
    #[arg(long, value_name = "FILE")]
    public: Option<PathBuf>,
    /// The curve
    #[arg(long, value_enum, default_value = "ed25519")]
    curve: CurveName,
    /// How to write both; the public half of a COSE_Key to --public alone
    #[arg(long, value_enum, default_value = "jwk")]
    format: Form,
}

impl KeyGen {
    /// Makes the key.
    pub fn run(&self, out: &Output) -> Result<Exit, Fault> {
        if self.kid.as_deref().is_some_and(|kid| kid.as_bytes().starts_with(DEMO_KID)) {
            return Err(Error::Untrusted { reason: "demo-key" }.into());
        }
        let curve = match self.curve {
            CurveName::Ed25519 => Curve::Ed25519,
            CurveName::P256 => Curve::P256,
        };
        let key = SigningKey::make_on(curve, &OsEntropy)?;
        let public = key.public_key();
        let kid = self.kid.clone().unwrap_or_else(|| default_kid(&public));
        if self.format == Form::Cose && self.out.is_none() {
            return Err(Fault::usage("A COSE_Key is bytes: give a file with --out."));
        }
        let text = |text: Zeroizing<String>| Zeroizing::new(text.as_bytes().to_vec());
        let private = match self.format {
            Form::Jwk => text(key_file::private_jwk(&key, Some(&kid))),
            Form::Pem => text(key_file::private_pem(&key)?),
            Form::Cose => cose_key::private_to_bytes(&key, kid.as_bytes()),
        };
        let public_text = match self.format {
            Form::Pem => key_file::public_pem(&public)?,
            _ => key_file::public_jwk(&public, Some(&kid)),
        };
        if let Some(path) = &self.out {
            io::write_new_private(path, &private)?;
            out.warn(&format!("the private key is in {}: whoever has that file signs as you.", path.display()));
        }
        if let Some(path) = &self.public {
            match self.format {
                Form::Cose => io::write(path, &cose_key::to_named_value(&public, kid.as_bytes()).to_bytes())?,
                _ => io::write(path, public_text.as_bytes())?,
            }
        }
        let private = Zeroizing::new(String::from_utf8_lossy(&private).into_owned());
        let made = format!("Made the key {kid}.");
        let words = match (&self.out, &self.public) {
            (None, _) => private.as_str(),
            (Some(_), None) => &public_text,
            (Some(_), Some(_)) => &made,
        };
        let mut json = json!({
            "kid": kid,
            "thumbprint": Thumbprint::of(&public).to_text(),
            "public": as_json(&public_text),
        });
        if self.out.is_none() {
            json["private"] = as_json(&private);
        }
        out.say(words, &json)?;
        Ok(Exit::Done)
    }
}

/// A JWK as the object it is; a PEM block as text.
fn as_json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| text.into())
}

const PUBKEY_EXAMPLE: &str = "Example:
  amana issuer pubkey --key desk.jwk --format cose --out desk.cosekey";

/// Write the public half of a key, in any form
#[derive(Args)]
#[command(after_help = PUBKEY_EXAMPLE)]
pub struct PubKey {
    /// The key: JWK, PEM or COSE_Key
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// How to write it
    #[arg(long, value_enum, default_value = "jwk")]
    format: Form,
    /// Where to write it; standard output by default, where a COSE_Key is in hexadecimal
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

impl PubKey {
    /// Writes the key.
    pub fn run(&self, out: &Output) -> Result<Exit, Fault> {
        let key = Key::load(&self.key)?;
        let kid = String::from_utf8_lossy(&key.name()).into_owned();
        let bytes = match self.format {
            Form::Jwk => key_file::public_jwk(&key.public, Some(&kid)).into_bytes(),
            Form::Pem => key_file::public_pem(&key.public)?.into_bytes(),
            Form::Cose => cose_key::to_named_value(&key.public, &key.name()).to_bytes(),
        };
        let text = match self.format {
            Form::Cose => bytes.iter().map(|byte| format!("{byte:02x}")).collect(),
            _ => String::from_utf8_lossy(&bytes).into_owned(),
        };
        if let Some(path) = &self.out {
            io::write(path, &bytes)?;
        }
        let json = json!({
            "kid": kid, "thumbprint": Thumbprint::of(&key.public).to_text(), "public": as_json(&text),
        });
        let words = match &self.out {
            Some(path) => format!("Written to {}.", path.display()),
            None => text,
        };
        out.say(words, &json)?;
        Ok(Exit::Done)
    }
}
