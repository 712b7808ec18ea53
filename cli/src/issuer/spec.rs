//! What the desk is told in JSON: registrations and bundles.

use crate::exit::Fault;
use crate::io;
use crate::key::{Key, Keys};
use amana_core::cose::cwt;
use amana_core::credential::ClaimPath;
use amana_core::error::Error;
use amana_core::json;
use amana_core::trust::{Bundle, Issuer, IssuerKey, Names, Purpose, Registrar};
use amana_core::x509::Certificate;
use serde_json::{Map, Value as Json};
use std::path::Path;
use time::Date;

/// The form of a registration.
pub const REGISTRATION_HELP: &str = r#"Example:
  amana issuer register --key registrar.jwk --verifier point.pub.jwk --registration point.json --out point.reg

The JSON:
  {"names": {"en": "Kasulu Food Point", "sw": "Kituo cha Chakula Kasulu"},
   "purposes": {"food-ration": {"needed": ["household.family_size"], "optional": ["address.district"]}},
   "contact": "+255 800 110 110", "valid_until": "2027-06-30"}

A claim that lies in a group is written with a dot. The first name is the one shown where no language fits."#;

/// The form of a bundle.
pub const BUNDLE_HELP: &str = r#"Example:
  amana issuer bundle --key anchor.jwk --spec bundle.json --out trust.txt

The JSON:
  {"sequence": 1, "valid_from": "2026-01-01", "valid_until": "2026-12-31",
   "issuers": [{"id": "https://id.example", "names": {"en": "Registry of Persons"}, "types": ["ration-card"],
                "keys": ["desk.pub.jwk", {"key": "old-desk.pub.jwk", "retired": "2026-06-01"}]}],
   "registrars": [{"names": {"en": "Data Protection Office"}, "keys": ["registrar.pub.jwk"]}]}

An issuer of mdocs, or of SD-JWTs with certificates, has "roots": ["root.pem"] too: who stands over its signers.
A key is a file (JWK, PEM or COSE_Key; from the JSON's folder) or a JWK itself. Raise the sequence with every edition."#;

fn field() -> Fault {
    Error::Invalid { reason: "json-field" }.into()
}

/// What a registrar vouches for.
pub struct RegistrationSpec {
    pub names: Names,
    pub purposes: Vec<(String, Purpose)>,
    pub contact: String,
    pub valid_until: Date,
}

impl RegistrationSpec {
    /// Reads the JSON of [`REGISTRATION_HELP`].
    pub fn read(path: &Path) -> Result<Self, Fault> {
        let read = || {
            let object = Object::parse(&io::read_text(path)?, &["names", "purposes", "contact", "valid_until"])?;
            let purpose = |(code, lists): (&String, &Json)| {
                let lists = Object::of(lists, &["needed", "optional"])?;
                Ok((code.clone(), Purpose { needed: lists.paths("needed")?, optional: lists.paths("optional")? }))
            };
            let purposes = object.value("purposes")?.as_object().ok_or_else(field)?;
            Ok(Self {
                names: object.names()?,
                purposes: purposes.iter().map(purpose).collect::<Result<_, Fault>>()?,
                contact: object.text("contact")?.to_owned(),
                valid_until: object.date("valid_until")?,
            })
        };
        read().map_err(|fault: Fault| within(fault, path))
    }
}

/// Reads the JSON of [`BUNDLE_HELP`].
pub fn read_bundle(path: &Path) -> Result<Bundle, Fault> {
    let folder = path.parent().unwrap_or(Path::new(""));
    let issuer = |json: &Json| {
        let object = Object::of(json, &["id", "names", "types", "keys", "roots"])?;
        let card_type = |json: &Json| json.as_str().map(str::to_owned).ok_or_else(field);
        Ok(Issuer {
            id: object.text("id")?.to_owned(),
            names: object.names()?,
            types: object.list("types")?.iter().map(card_type).collect::<Result<_, Fault>>()?,
            keys: object.keys(folder)?,
            roots: object.roots(folder)?,
        })
    };
    let registrar = |json: &Json| {
        let object = Object::of(json, &["names", "keys"])?;
        Ok(Registrar { names: object.names()?, keys: object.keys(folder)? })
    };
    let read = || {
        let fields = ["sequence", "valid_from", "valid_until", "issuers", "registrars"];
        let object = Object::parse(&io::read_text(path)?, &fields)?;
        let bundle = Bundle {
            sequence: object.value("sequence")?.as_u64().ok_or_else(field)?,
            valid_from: object.date("valid_from")?,
            valid_until: object.date("valid_until")?,
            issuers: object.list("issuers")?.iter().map(issuer).collect::<Result<_, Fault>>()?,
            registrars: object.list("registrars")?.iter().map(registrar).collect::<Result<_, Fault>>()?,
        };
        if bundle.valid_from > bundle.valid_until {
            return Err(Error::Invalid { reason: "dates" }.into());
        }
        Ok(bundle)
    };
    read().map_err(|fault: Fault| within(fault, path))
}

/// A fault of a file's content is told with the file; one of another file has its name already.
fn within(fault: Fault, path: &Path) -> Fault {
    if fault.code == "invalid" { fault.within(path) } else { fault }
}

/// A JSON object of which every field is known.
pub struct Object<'a>(std::borrow::Cow<'a, Map<String, Json>>);

impl<'a> Object<'a> {
    /// Reads one that has no other fields than these.
    pub fn parse(text: &str, fields: &[&str]) -> Result<Self, Fault> {
        let object = json::parse_object(text.as_bytes()).map_err(|_| Error::Invalid { reason: "json" })?;
        Self(std::borrow::Cow::Owned(object)).known(fields)
    }

    /// The same of one that is read already.
    pub fn of(json: &'a Json, fields: &[&str]) -> Result<Self, Fault> {
        Self(std::borrow::Cow::Borrowed(json.as_object().ok_or_else(field)?)).known(fields)
    }

    /// A misspelt field would be left out without a word.
    fn known(self, fields: &[&str]) -> Result<Self, Fault> {
        if self.0.keys().all(|name| fields.contains(&name.as_str())) { Ok(self) } else { Err(field()) }
    }

    /// A field that must be there.
    pub fn value(&self, name: &str) -> Result<&Json, Fault> {
        self.0.get(name).ok_or_else(field)
    }

    /// A field that may be left out.
    pub fn optional(&self, name: &str) -> Option<&Json> {
        self.0.get(name)
    }

    /// A text that must be there.
    pub fn text(&self, name: &str) -> Result<&str, Fault> {
        self.value(name)?.as_str().ok_or_else(field)
    }

    /// A date that must be there.
    pub fn date(&self, name: &str) -> Result<Date, Fault> {
        cwt::parse_full_date(self.text(name)?).map_err(|_| Error::Invalid { reason: "json-date" }.into())
    }

    /// A list; one that is left out is empty.
    pub fn list(&self, name: &str) -> Result<&[Json], Fault> {
        self.0.get(name).map_or(Ok(&[][..]), |list| list.as_array().map(Vec::as_slice).ok_or_else(field))
    }

    fn paths(&self, name: &str) -> Result<Vec<ClaimPath>, Fault> {
        let path = |json: &Json| Ok(ClaimPath::parse(json.as_str().ok_or_else(field)?)?);
        self.list(name)?.iter().map(path).collect()
    }

    fn names(&self) -> Result<Names, Fault> {
        let name = |(tag, name): (&String, &Json)| Ok((tag.clone(), name.as_str().ok_or_else(field)?.to_owned()));
        let names = self.value("names")?.as_object().ok_or_else(field)?;
        Ok(Names::new(names.iter().map(name).collect::<Result<_, Fault>>()?)?)
    }

    /// Files of certificates, PEM or DER.
    fn roots(&self, folder: &Path) -> Result<Vec<Certificate>, Fault> {
        let path = |json: &Json| Ok(folder.join(json.as_str().ok_or_else(field)?));
        let paths = self.list("roots")?.iter().map(path).collect::<Result<Vec<_>, Fault>>()?;
        Ok(Keys::load(&paths)?.certificates)
    }

    fn keys(&self, folder: &Path) -> Result<Vec<IssuerKey>, Fault> {
        let load = |json: &Json| match json {
            Json::String(file) => Key::load(&folder.join(file)),
            jwk => Key::parse(jwk.to_string().as_bytes()),
        };
        let key = |json: &Json| {
            let (key, retired) = match json.get("retired") {
                Some(_) => {
                    let object = Object::of(json, &["key", "retired"])?;
                    (load(object.value("key")?)?, Some(object.date("retired")?))
                }
                None => (load(json)?, None),
            };
            Ok(IssuerKey { kid: key.name(), key: key.public, retired })
        };
        self.list("keys")?.iter().map(key).collect()
    }
}
