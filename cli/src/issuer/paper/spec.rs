//! What a paper ID says, in JSON: the claims in its code, and what is printed around it.

use crate::exit::Fault;
use crate::issuer::spec::Object;
use crate::words;
use amana_core::credential::{Claims, StatusReference, claims_from_json};
use amana_core::error::Error;
use time::Date;

/// The form of it.
pub const HELP: &str = r#"Example:
  amana issuer paper --key desk.jwk --issuer https://id.example --spec amina.json --portrait amina.webp --out amina.svg

The JSON:
  {"issuer_name": "Registry of Persons", "title": "Identity card", "contact": "+255 800 110 110",
   "valid_from": "2026-01-01", "valid_until": "2027-12-31",
   "claims": {"id": "3918592438", "full_name": "Amina Juma", "date_of_birth": {"$date": "1984-02-29"}, "gender": "female",
              "nationality": "TZ", "full_name_secondary_language": "أمينة جمعة", "secondary_language": "ara"},
   "status": {"uri": "https://id.example/status/1", "index": 4711},
   "texts": {"date_of_birth": "Amezaliwa", "female": "mke"}}
The claims are the fields of Claim 169 by name; docs/formats/claim-169.md lists them. The last two may be left out: "status"
names an entry of a list that `amana issuer status` makes, "texts" says in another language what the sheet says in English.

The code is Claim 169: any reader of that format scans it, and whoever does reads all of it. Print the SVG from a browser at
its true size. No holder's key is in it: verdicts say that the person must be compared."#;

/// Longest of the texts, in bytes.
const MAX_TEXT: usize = 400;

/// What the sheet says around the claims. `{name}` stands for what is known only then.
const TEXTS: &[(&str, &str)] = &[
    ("date_of_birth", "Born"),
    ("gender", "Gender"),
    ("nationality", "Nationality"),
    ("id", "Number"),
    ("address", "address"),
    ("email_id", "e-mail address"),
    ("phone_number", "telephone number"),
    ("marital_status", "marital status"),
    ("guardian", "guardian"),
    ("best_quality_fingers", "best fingers for a print"),
    ("location_code", "location code"),
    ("legal_status", "legal status"),
    ("country_of_issuance", "country of issuance"),
    ("male", "male"),
    ("female", "female"),
    ("others", "others"),
    ("valid", "Valid {from} through {until}"),
    ("proves", "The code proves that {issuer} signed what it says, and that nobody has changed it since."),
    (
        "compare",
        "It does not prove that whoever brings it is this person, nor that this is the only copy: compare the person \
         with what it says when scanned.",
    ),
    (
        "compare_picture",
        "It does not prove that whoever brings it is this person, nor that this is the only copy: scan it, and compare \
         the person with the picture in the code. The printed one could be another.",
    ),
    ("reads", "Whoever scans the code reads what is printed here."),
    ("reads_also", "Whoever scans the code reads what is printed here, and also: {fields}."),
    ("sealed", "The code is sealed: only those to whom the issuer gave its key read it."),
    ("complain", "Something is wrong, or this was used against you? Complain: {contact}"),
    ("code", "Claim 169, version {version}. Issuer {issuer}, key {key}."),
];

/// What is asked to be printed.
pub struct Spec {
    pub issuer_name: String,
    pub title: String,
    pub contact: String,
    pub valid_from: Date,
    pub valid_until: Date,
    pub claims: Claims,
    pub status: Option<StatusReference>,
    texts: Vec<(String, String)>,
}

impl Spec {
    /// Reads the JSON of [`HELP`].
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let field = || Fault::from(Error::Invalid { reason: "json-field" });
        const FIELDS: [&str; 8] =
            ["issuer_name", "title", "contact", "valid_from", "valid_until", "claims", "status", "texts"];
        let object = Object::parse(text, &FIELDS)?;
        let short = |name: &str| {
            let text = object.text(name)?;
            if (1..=MAX_TEXT).contains(&text.len()) { Ok(text.to_owned()) } else { Err(field()) }
        };
        let status = match object.optional("status") {
            None => None,
            Some(json) => {
                let status = Object::of(json, &["uri", "index"])?;
                let index = status.value("index")?.as_u64().ok_or_else(field)?;
                Some(StatusReference { uri: status.text("uri")?.to_owned(), index })
            }
        };
        let texts = match object.optional("texts") {
            None => Vec::new(),
            Some(json) => {
                let text = |(name, text): (&String, &serde_json::Value)| {
                    let text = text.as_str().filter(|text| text.len() <= MAX_TEXT).ok_or_else(field)?;
                    let is_known = TEXTS.iter().any(|(known, _)| known == name);
                    if is_known { Ok((name.clone(), text.to_owned())) } else { Err(field()) }
                };
                json.as_object().ok_or_else(field)?.iter().map(text).collect::<Result<_, Fault>>()?
            }
        };
        Ok(Self {
            issuer_name: short("issuer_name")?,
            title: short("title")?,
            contact: short("contact")?,
            valid_from: object.date("valid_from")?,
            valid_until: object.date("valid_until")?,
            claims: claims_from_json(object.value("claims")?.as_object().ok_or_else(field)?)?,
            status,
            texts,
        })
    }

    /// What the sheet says here, in the language that was given; a name without a text is said as it is.
    pub fn text<'a>(&'a self, name: &'a str) -> &'a str {
        let own = self.texts.iter().find(|(known, _)| known == name).map(|(_, text)| text.as_str());
        own.or_else(|| TEXTS.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)).unwrap_or(name)
    }

    /// A value that is a word of the format, in the language that was given; every other one as it is.
    pub fn word<'a>(&'a self, value: &'a str) -> &'a str {
        if matches!(value, "male" | "female" | "others") { self.text(value) } else { value }
    }

    /// A text with what belongs into it.
    pub fn fill(&self, name: &str, args: &[(&str, &str)]) -> String {
        words::fill(self.text(name), args.iter().copied())
    }
}
