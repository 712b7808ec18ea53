//! `amana issuer certificate`: a root of one's own, and signers under it.

use crate::exit::{Exit, Fault};
use crate::io;
use crate::key::{Key, Keys};
use crate::output::Output;
use amana_core::cose::cwt;
use amana_core::error::Error;
use amana_core::ports::OsEntropy;
use amana_core::x509::{CertificateDraft, Profile, make_root, make_signer};
use clap::{Args, ValueEnum};
use serde_json::json;
use std::path::PathBuf;
use time::Date;

const EXAMPLE: &str = "Examples:
  amana issuer keygen --curve p256 --out root.jwk --public root.pub.jwk
  amana issuer certificate --key root.jwk --country TZ --name \"Registry root\" --contact https://id.example \\
    --from 2026-01-01 --until 2036-01-01 --out root.pem
  amana issuer certificate --root root.pem --root-key root.jwk --key desk.pub.jwk --country TZ --name \"Desk 1\" \\
    --contact https://id.example --from 2026-01-01 --until 2028-01-01 --out desk.pem

The root goes into trust bundles (\"roots\"), the signer's certificate with its cards (--certificate).";

/// What a signer is certified for.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ProfileName {
    /// Signing mdocs (ISO/IEC 18013-5 annex B.1.4)
    DocumentSigner,
    /// Asking for mdocs (annex B.1.7)
    Reader,
    /// Signing anything
    Any,
}

/// Make a certificate: a root, or with --root a signer's under it
#[derive(Args)]
#[command(after_help = EXAMPLE)]
pub struct Certificate {
    /// The key it is for: the root's private key, or a signer's public one
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// The certificate that stands over it
    #[arg(long, value_name = "FILE", requires = "root_key")]
    root: Option<PathBuf>,
    /// The private key of that certificate
    #[arg(long, value_name = "FILE", requires = "root")]
    root_key: Option<PathBuf>,
    /// What a signer is certified for
    #[arg(long, value_enum, default_value = "document-signer", requires = "root")]
    profile: ProfileName,
    /// The country, two capital letters of ISO 3166-1
    #[arg(long, value_name = "CC")]
    country: String,
    /// The name
    #[arg(long, value_name = "NAME")]
    name: String,
    /// Where the issuer is reached: a URI
    #[arg(long, value_name = "URI")]
    contact: String,
    /// First day, UTC
    #[arg(long, value_name = "DATE", value_parser = parse_date)]
    from: Date,
    /// Last day, UTC
    #[arg(long, value_name = "DATE", value_parser = parse_date)]
    until: Date,
    /// Where to write it, in PEM
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

impl Certificate {
    /// Makes it.
    pub fn run(&self, out: &Output) -> Result<Exit, Fault> {
        let draft = CertificateDraft {
            country: self.country.clone(),
            common_name: self.name.clone(),
            not_before: cwt::day_start(self.from),
            expires: cwt::day_end(self.until),
            contact: self.contact.clone(),
            // The profile demands one; who is cancelled is told by status lists.
            revocation_list: self.contact.clone(),
        };
        let certificate = match (&self.root, &self.root_key) {
            (Some(root), Some(root_key)) => {
                let roots = Keys::load(std::slice::from_ref(root))?.certificates;
                let root = roots.first().ok_or_else(|| Fault::usage("--root names no certificate."))?;
                let profile = match self.profile {
                    ProfileName::DocumentSigner => Profile::DocumentSigner,
                    ProfileName::Reader => Profile::Reader,
                    ProfileName::Any => Profile::AnySigner,
                };
                let (root_key, _) = Key::load_private(root_key)?;
                make_signer(&draft, &Key::load(&self.key)?.public, profile, root, &root_key, &OsEntropy)?
            }
            _ => make_root(&draft, &Key::load_private(&self.key)?.0, &OsEntropy)?,
        };
        io::write(&self.out, certificate.to_pem().as_bytes())?;
        let json = json!({"file": self.out, "name": self.name, "until": self.until.to_string()});
        out.say(format!("Certified {} until {}: {}.", self.name, self.until, self.out.display()), &json)?;
        Ok(Exit::Done)
    }
}

fn parse_date(text: &str) -> Result<Date, String> {
    cwt::parse_full_date(text).map_err(|_: Error| "give a date such as 2026-11-22".to_owned())
}
