//! `amana issuer status`: a list of cards that were cancelled, made and kept up to date.

use crate::code;
use crate::exit::{Exit, Fault};
use crate::io;
use crate::key::Key;
use crate::output::Output;
use amana_core::error::Error;
use amana_core::ports::Clock as _;
use amana_core::qr::{Kind, armour};
use amana_core::software::SystemClock;
use amana_core::trust::StatusList;
use amana_core::trust::status_list::{self, StatusListClaims, TokenForm};
use amana_core::verifier::Verifier;
use clap::{Args, ValueEnum};
use serde_json::json;
use std::path::{Path, PathBuf};

const EXAMPLE: &str = "Examples:
  amana issuer status --key desk.jwk --uri https://id.example/status/1 --entries 1048576 --out list.cwt
  amana issuer status --key desk.jwk --update list.cwt --set 4711=cancelled --set 12=valid --out list.cwt

Cards name the list's URI and their entry: {\"type\": …, \"status\": {\"uri\": \"https://id.example/status/1\", \"index\": 4711}}.
Draw each index by chance, and never give one to two cards. A status is valid (0), cancelled (1), suspended (2, needs two bits)
or a number. Verifiers keep the newest of a list and go by it for --days, so sign a new one before they are over, changed or
not. A name that ends in .txt, .png or .svg gets the list's text or a picture of it; any other the token as it is.";

/// Make a list of cancelled cards, or bring one up to date
#[derive(Args)]
#[command(after_help = EXAMPLE)]
pub struct Status {
    /// The issuer's private key, as trust bundles name it: JWK or PEM
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// The list to bring up to date: a token or its text
    #[arg(long, value_name = "FILE", required_unless_present = "uri", conflicts_with_all = ["uri", "entries", "bits"])]
    update: Option<PathBuf>,
    /// The public key that signed the list to update, where it is another: JWK, PEM or COSE_Key
    #[arg(long, value_name = "FILE", requires = "update")]
    signed_by: Option<PathBuf>,
    /// Make a list: its name, which cards give as theirs
    #[arg(long, value_name = "URI", requires = "entries")]
    uri: Option<String>,
    /// How many entries it has; all are valid at first
    #[arg(long, value_name = "N", requires = "uri")]
    entries: Option<u64>,
    /// How many bits a status has: 1, 2, 4 or 8
    #[arg(long, value_name = "N", default_value_t = 1)]
    bits: u8,
    /// Set an entry
    #[arg(long, value_name = "INDEX=STATUS", value_parser = parse_setting)]
    set: Vec<(u64, u8)>,
    /// For how many days verifiers go by it
    #[arg(long, value_name = "N", default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=3650))]
    days: u32,
    /// After how many seconds there will be a newer one; then it is no longer gone by, even before its days are over
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..))]
    ttl: Option<u64>,
    /// The form of the token
    #[arg(long = "as", value_enum, default_value = "cwt")]
    form: FormName,
    /// Where to write it
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

/// The form of a token.
#[derive(Clone, Copy, ValueEnum)]
enum FormName {
    /// CBOR Web Token: the smaller one
    Cwt,
    /// JSON Web Token
    Jwt,
}

impl Status {
    /// Makes or updates the list.
    pub fn run(&self, out: &Output) -> Result<Exit, Fault> {
        let (key, kid) = Key::load_private(&self.key)?;
        let now = SystemClock.now().map_err(Error::from)?;
        let mut claims = match (&self.update, &self.uri, self.entries) {
            (Some(old), ..) => self.read(old, now, &key.public_key())?,
            (_, Some(uri), Some(entries)) => StatusListClaims {
                uri: uri.clone(),
                issued_at: now,
                expires: None,
                time_to_live: None,
                list: StatusList::make(self.bits, entries)?,
            },
            _ => return Err(Fault::usage("Give --update, or --uri and --entries.")),
        };
        if claims.issued_at > now {
            out.warn(
                "the list to update was made in the future by this clock; the new one is dated a second after it.",
            );
        }
        claims.expires = Some(claims.issued_at.saturating_add(i64::from(self.days) * 86_400));
        claims.time_to_live = self.ttl;
        self.set.iter().try_for_each(|(index, status)| claims.list.set(*index, *status))?;
        let form = match self.form {
            FormName::Cwt => TokenForm::Cwt,
            FormName::Jwt => TokenForm::Jwt,
        };
        let token = claims.sign(form, &kid, &key)?;
        self.write(&token)?;
        let StatusListClaims { uri, list, .. } = &claims;
        let json = json!({
            "file": self.out, "uri": uri, "bits": list.bits(), "entries": list.entries(), "bytes": token.len(),
            "as_of": claims.issued_at, "expires": claims.expires, "set": self.set.len(),
        });
        let words = format!(
            "Signed the list {uri}: {} entries of {} bit(s), {} of them set now, {} bytes: {}.",
            list.entries(),
            list.bits(),
            self.set.len(),
            token.len(),
            self.out.display()
        );
        out.say(words, &json)?;
        Ok(Exit::Done)
    }

    /// The list as it was, to be dated anew: later than before, or verifiers would keep the old one.
    fn read(&self, path: &Path, now: i64, own: &amana_core::crypto::PublicKey) -> Result<StatusListClaims, Fault> {
        let token = Verifier::read_status(&code::read(path)?).map_err(|error| Fault::from(error).within(path))?;
        let signer = self.signed_by.as_deref().map(Key::load).transpose()?;
        let signer = signer.as_ref().map_or(own, |key| &key.public);
        token.verify_issuer(signer).map_err(|error| Fault::from(error).within(path))?;
        let mut claims = token.into_claims().map_err(|error| Fault::from(error).within(path))?;
        claims.issued_at = now.max(claims.issued_at.saturating_add(1));
        Ok(claims)
    }

    fn write(&self, token: &[u8]) -> Result<(), Fault> {
        let ending = self.out.extension().and_then(|ending| ending.to_str()).map(str::to_ascii_lowercase);
        let is_text = match ending.as_deref() {
            Some("txt") => true,
            Some("png" | "svg") => false,
            _ => return io::write(&self.out, token),
        };
        let text = armour::to_text(Kind::StatusList, token);
        if text.len() > armour::MAX_TEXT {
            return Err(Fault::usage(format!(
                "The list's text has {} characters, and at most {} are read: write the token itself, to a name that ends \
                 in .cwt or .jwt.",
                text.len(),
                armour::MAX_TEXT
            )));
        }
        if is_text {
            io::write(&self.out, format!("{text}\n").as_bytes())
        } else {
            code::write(&self.out, &text).map(|_| ())
        }
    }
}

fn parse_setting(text: &str) -> Result<(u64, u8), String> {
    const WORDS: [(&str, u8); 3] =
        [("valid", status_list::VALID), ("cancelled", status_list::INVALID), ("suspended", status_list::SUSPENDED)];
    let status = |text: &str| {
        let named = WORDS.iter().find(|(word, _)| *word == text).map(|(_, status)| *status);
        named.or_else(|| text.parse().ok())
    };
    text.split_once('=')
        .and_then(|(index, text)| Some((index.parse().ok()?, status(text)?)))
        .ok_or_else(|| "give INDEX=STATUS, such as 4711=cancelled; a status is a word or a number up to 255".to_owned())
}
