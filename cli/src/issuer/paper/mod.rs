//! `amana issuer paper`: an ID for whoever has no phone, to print.

mod sheet;
mod spec;
mod text;

use crate::exit::{Exit, Fault};
use crate::io;
use crate::key::Key;
use crate::output::Output;
use amana_core::credential::claim169::{self, Draft};
use amana_core::credential::{ClaimName, Claims, Credential as _, Value};
use amana_core::crypto::key_file;
use amana_core::error::Error;
use amana_core::ports::{Clock as _, OsEntropy};
use amana_core::qr::Symbol;
use amana_core::software::SystemClock;
use clap::Args;
use serde_json::json;
use spec::Spec;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// Draw a paper ID to print: Claim 169 in a code, for whoever has no phone
#[derive(Args)]
#[command(after_help = spec::HELP)]
pub struct Paper {
    /// The issuer's private key: JWK or PEM
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// The issuer's id, as trust bundles name it
    #[arg(long, value_name = "ID")]
    issuer: String,
    /// What to print, as JSON
    #[arg(long, value_name = "JSON")]
    spec: PathBuf,
    /// A photograph of the person, for the code and the sheet: JPEG, WebP or AVIF of at most 4 KB; the smaller, the larger
    /// are the modules of the code
    #[arg(long, value_name = "FILE")]
    portrait: Option<PathBuf>,
    /// Seal the code under this key: a JWK of the kind "oct". Only those who have it can read the code
    #[arg(long, value_name = "FILE")]
    seal: Option<PathBuf>,
    /// Leave out tag 61, by which a CWT is known: some readers refuse it, most expect it
    #[arg(long, conflicts_with = "seal")]
    untagged: bool,
    /// How large it is printed
    #[arg(long, value_enum, default_value = "a6")]
    size: sheet::Size,
    /// Where to write the sheet, an SVG picture (mode 0600)
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

impl Paper {
    /// Draws it.
    pub fn run(&self, out: &Output) -> Result<Exit, Fault> {
        let (key, kid) = Key::load_private(&self.key)?;
        let spec = Spec::parse(&io::read_text(&self.spec)?).map_err(|fault| fault.within(&self.spec))?;
        let claims = match &self.portrait {
            Some(path) => with_portrait(&spec.claims, io::read(path)?)?,
            None => spec.claims.clone(),
        };
        let now = SystemClock.now().map_err(Error::from)?;
        let draft = Draft {
            valid_from: spec.valid_from,
            valid_until: spec.valid_until,
            issued_at: Some(now),
            claims,
            status: spec.status.clone(),
        };
        let of_portrait = |fault: Fault| match (&self.portrait, fault.reason) {
            (Some(path), Some("portrait-format")) => fault.within(path),
            _ => fault.within(&self.spec),
        };
        let card = claim169::issue(&draft, &self.issuer, &kid, &key).map_err(|error| of_portrait(error.into()))?;
        let token = match &self.seal {
            Some(path) => {
                let jwk = Zeroizing::new(io::read_text(path)?);
                let key = key_file::parse_symmetric(&jwk).map_err(|error| Fault::from(error).within(path))?;
                claim169::seal(&card, &key, key.cipher(), &OsEntropy)?
            }
            None if self.untagged => card.to_untagged_bytes(),
            None => card.to_bytes(),
        };
        let text = claim169::to_text(&token);
        let symbol = Symbol::of(&text).map_err(too_large)?;
        let sheet = sheet::draw(&card, &spec, &symbol, self.size, self.seal.is_some());
        io::write_private(&self.out, sheet.as_bytes())?;
        let json = json!({"file": self.out, "text": text, "version": symbol.version(), "characters": text.len(),
                          "valid_until": spec.valid_until.to_string()});
        out.say(words(&self.out, &symbol), &json)?;
        Ok(Exit::Done)
    }
}

fn words(path: &Path, symbol: &Symbol) -> String {
    format!("Drawn: {}, with a code of version {} of 40. Print it at its true size.", path.display(), symbol.version())
}

/// The same claims with a photograph.
fn with_portrait(claims: &Claims, picture: Vec<u8>) -> Result<Claims, Fault> {
    let portrait = (ClaimName::from("binary_image"), Value::Bytes(picture));
    Ok(Claims::new(claims.iter().cloned().chain([portrait]).collect())?)
}

fn too_large(error: Error) -> Fault {
    let sentence = match error {
        Error::TooLarge { bytes, limit } => format!(
            "The code would hold {bytes} characters. More than {limit}, and a cheap phone's camera does not read it: take a \
             smaller portrait, or fewer claims."
        ),
        _ => return error.into(),
    };
    Fault { sentence, ..error.into() }
}
