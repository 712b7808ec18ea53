//! mdoc: documents of ISO/IEC 18013-5:2021, such as the mobile driving licence. The numbers of sections below are its.
//!
//! ```text
//! desk    issue()  ──►  Mdoc with every item
//! wallet  Mdoc::parse ──► claims(), select(paths) ──► Document::sign ──►  DeviceResponse
//! field   DeviceResponse::parse ──► verify_device(transcript), card().verify_issuer(key) ──► card().claims()
//! ```
//!
//! | file | what | sections |
//! |---|---|---|
//! | this | the card: IssuerSigned | 8.3.2.1.2.2, 9.1.2.5 |
//! | `security_object.rs` | what the issuer signs | 9.1.2.4 |
//! | `response.rs` | DeviceResponse, the holder's signature or code | 8.3.2.1.2.2, 9.1.3 |
//! | `request.rs` | DeviceRequest, the reader's signature | 8.3.2.1.2.1, 9.1.4 |
//! | `session.rs` | transcripts, the encryption between two devices | 9.1.1, 9.1.5.1 |
//! | `issue.rs` | issuing (feature `issuer`) | 9.1.2 |
//!
//! Claims stand by name space and element: the path `org\.iso\.18013\.5\.1.family_name`. Everything can be withheld. What
//! the issuer hashed is hashed as it came, byte by byte. An mdoc names no issuer: the certificates that come along
//! ([`Credential::chain`]) lead to one, by [`verify_chain`](crate::x509::verify_chain) and [`Credential::check_signer`].
//!
//! Not read: session encryption of other cipher suites than 1, device keys on other curves than P-256, P-384 and Ed25519,
//! and, of CBOR, what [`cbor`] refuses. `docs/formats/mdoc.md` says more.

mod fields;
#[cfg(feature = "issuer")]
mod issue;
mod request;
mod response;
mod security_object;
pub mod session;

#[cfg(feature = "issuer")]
pub use issue::issue;
pub use request::{AskedElement, DeviceRequest, DocumentRequest};
pub use response::{DeviceResponse, Document, DocumentError, STATUS_OK};

use super::format::{Binding, Card, Credential, Format, StatusReference};
use super::model::{ClaimName, ClaimPath, Claims, Validity, Value as ClaimValue, is_shown, leaf_paths};
use crate::cose::Sign1;
use crate::cose::cbor::{self, Encoded, Value};
use crate::crypto::{Algorithm, PublicKey, Signer};
use crate::error::{Error, Result, damaged, invalid, untrusted};
use crate::ports::Entropy;
use crate::x509::{Certificate, Profile};
use core::fmt;
use fields::{Fields, SHAPE, by_name, list};
use security_object::SecurityObject;
use session::SessionTranscript;

/// Most data items in a card or a response, its items and the issuer's digests taken together.
const MAX_ITEMS: usize = 4096;
/// Bytes of an item's random, at least: with fewer, whoever has the digest could guess what it hides (9.1.2.5).
const RANDOM_LEN: usize = 16;
/// The name space of the mobile driving licence.
const DRIVING_LICENCE: &str = "org.iso.18013.5.1";

/// A card in this format: the issuer's signature, and the items that came with it.
#[derive(Clone)]
pub struct Mdoc {
    name_spaces: Vec<NameSpace>,
    issuer_auth: Sign1,
    chain: Vec<Vec<u8>>,
    object: SecurityObject,
    /// The elements as far as they are disclosed, by name space.
    claims: Claims,
    /// Digests that no item here answers.
    undisclosed: usize,
}

#[derive(Clone)]
struct NameSpace {
    name: String,
    items: Vec<Item>,
}

#[derive(Clone)]
struct Item {
    element: String,
    /// As its issuer hashed it.
    issued: Encoded,
}

impl Mdoc {
    /// Reads a card: IssuerSigned, or a document around it. Checks everything but signatures and the clock.
    ///
    /// # Errors
    /// `foreign` for anything else; `too-new`; `invalid` (`key-type`) for a holder's key of a kind that Amana does not know;
    /// `damaged` with `mdoc-*`, `sign1-*`, `x5chain`, `date-time`, `cose-key`, `key-point`, `status-reference` or `cbor-*`.
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        let mut items = MAX_ITEMS;
        let card = parse_map(bytes, &mut items)?;
        if card.get("issuerAuth").is_some() {
            return Self::of_value(card, &mut items);
        }
        if card.get("issuerSigned").is_none() {
            return Err(Error::Foreign);
        }
        let mut document = Fields::of(card)?;
        let doc_type = document.text("docType")?;
        Self::of_value(document.value("issuerSigned")?, &mut items)?.of_type(&doc_type)
    }

    fn of_value(issuer_signed: Value, items: &mut usize) -> Result<Self> {
        let mut fields = Fields::of(issuer_signed)?;
        let issuer_auth = Sign1::from_value(fields.value("issuerAuth")?)?;
        let disclosed = fields.optional("nameSpaces").map(by_name).transpose()?.unwrap_or_default();
        fields.end()?;
        let (object, mut digests) = SecurityObject::parse(issuer_auth.payload(), items)?;
        let (mut name_spaces, mut claims) = (Vec::with_capacity(disclosed.len()), Vec::with_capacity(disclosed.len()));
        for (name, issued) in disclosed {
            let (mut kept, mut elements) = (Vec::new(), Vec::new());
            for item in list(issued)? {
                let Value::Encoded(issued) = item else { return Err(SHAPE) };
                let (number, element, value) = read_item(&issued, items)?;
                digests.answer(&name, number, &issued)?;
                elements.push((ClaimName::from(element.as_str()), ClaimValue::from_cbor(value)?));
                kept.push(Item { element, issued });
            }
            let elements = Claims::new(elements).map_err(|_| damaged("mdoc-element-twice"))?;
            claims.push((ClaimName::from(name.as_str()), ClaimValue::Map(elements)));
            name_spaces.push(NameSpace { name, items: kept });
        }
        let claims = Claims::new(claims).map_err(|_| SHAPE)?;
        let (chain, undisclosed) = (issuer_auth.x5chain()?, digests.unanswered());
        Ok(Self { name_spaces, issuer_auth, chain, object, claims, undisclosed })
    }

    /// The card, if it is of the type that stands beside it.
    fn of_type(self, doc_type: &str) -> Result<Self> {
        if self.object.doc_type == doc_type { Ok(self) } else { Err(damaged("mdoc-doc-type")) }
    }

    /// When its issuer signed it, Unix seconds.
    pub fn signed_at(&self) -> i64 {
        self.object.signed
    }

    /// The issuer's signature, for what must look inside (`inspect`).
    pub fn signed(&self) -> &Sign1 {
        &self.issuer_auth
    }

    fn to_value(&self) -> Value {
        let items = |space: &NameSpace| {
            let items: Vec<_> = space.items.iter().map(|item| Value::Encoded(item.issued.clone())).collect();
            (space.name.as_str().into(), items.into())
        };
        let disclosed: Vec<_> = self.name_spaces.iter().map(items).collect();
        let name_spaces = (!disclosed.is_empty()).then(|| ("nameSpaces".into(), Value::Map(disclosed)));
        let issuer_auth = ("issuerAuth".into(), self.issuer_auth.to_untagged_value());
        Value::Map(name_spaces.into_iter().chain([issuer_auth]).collect())
    }
}

/// A map, by which everything of this format starts.
fn parse_map(bytes: &[u8], items: &mut usize) -> Result<Value> {
    const MAP: u8 = 5;
    if bytes.first().is_none_or(|first| first >> 5 != MAP) {
        return Err(Error::Foreign);
    }
    cbor::parse_within(bytes, items)
}

/// The number of an item's digest, its element, and the value.
fn read_item(issued: &Encoded, items: &mut usize) -> Result<(u64, String, Value)> {
    let mut fields = Fields::of(cbor::parse_within(issued.content(), items)?)?;
    if fields.bytes("random")?.len() < RANDOM_LEN {
        return Err(damaged("mdoc-random"));
    }
    Ok((fields.number("digestID")?, fields.text("elementIdentifier")?, fields.value("elementValue")?))
}

impl Credential for Mdoc {
    fn format(&self) -> Format {
        Format::Mdoc
    }

    /// None: the certificates name one.
    fn issuer(&self) -> &str {
        ""
    }

    fn kid(&self) -> Option<&[u8]> {
        self.issuer_auth.kid()
    }

    /// `x5chain`.
    fn chain(&self) -> &[Vec<u8>] {
        &self.chain
    }

    fn signer_profile(&self) -> Profile {
        Profile::DocumentSigner
    }

    fn algorithm(&self) -> Option<Algorithm> {
        self.issuer_auth.algorithm()
    }

    /// `docType`.
    fn card_type(&self) -> &str {
        &self.object.doc_type
    }

    /// `validFrom` and `validUntil`.
    fn validity(&self) -> Validity {
        self.object.validity
    }

    fn status(&self) -> Option<&StatusReference> {
        self.object.status.as_ref()
    }

    /// `deviceKey`.
    fn holder_key(&self) -> Option<&PublicKey> {
        Some(&self.object.device_key)
    }

    fn all_claims(&self) -> &Claims {
        &self.claims
    }

    fn claims(&self) -> Claims {
        self.claims.clone()
    }

    fn check_whole(&self) -> Result<()> {
        if self.undisclosed == 0 { Ok(()) } else { Err(damaged("mdoc-not-whole")) }
    }

    fn verify_issuer(&self, key: &PublicKey) -> Result<()> {
        self.issuer_auth.verify(&[], key)
    }

    /// It was signed while the certificate was valid, and a driving licence is of the country that the certificate names
    /// (9.3.1).
    fn check_signer(&self, signer: &Certificate) -> Result<()> {
        if !(signer.not_before()..signer.expires()).contains(&self.object.signed) {
            return Err(untrusted("chain-signed-outside"));
        }
        let country = match self.claims.value(&DRIVING_LICENCE.into()) {
            Some(ClaimValue::Map(elements)) => elements.value(&"issuing_country".into()),
            _ => None,
        };
        let is_of = |country: &ClaimValue| matches!(country, ClaimValue::Text(country) if signer.country().as_ref() == Some(country));
        if country.is_none_or(is_of) { Ok(()) } else { Err(untrusted("chain-country")) }
    }

    fn select(&self, paths: &[ClaimPath]) -> Result<Card> {
        if paths.iter().any(|path| self.claims.at(path).is_none()) {
            return Err(Error::NotFound { what: "claim" });
        }
        let is_kept = |space: &ClaimName, element: &ClaimName| is_shown(&[space.clone(), element.clone()], paths);
        let (mut name_spaces, mut undisclosed) = (Vec::new(), self.undisclosed);
        for NameSpace { name, items } in &self.name_spaces {
            let space = ClaimName::from(name.as_str());
            let kept = items.iter().filter(|item| is_kept(&space, &item.element.as_str().into()));
            let kept: Vec<_> = kept.cloned().collect();
            undisclosed += items.len() - kept.len();
            if !kept.is_empty() {
                name_spaces.push(NameSpace { name: name.clone(), items: kept });
            }
        }
        let kept = |(space, elements): &(ClaimName, ClaimValue)| {
            let ClaimValue::Map(elements) = elements else { return None };
            let elements = elements.clone().filtered(|element| is_kept(space, element));
            (!elements.is_empty()).then(|| (space.clone(), ClaimValue::Map(elements)))
        };
        let claims = Claims::new(self.claims.iter().filter_map(kept).collect())?;
        let (issuer_auth, chain, object) = (self.issuer_auth.clone(), self.chain.clone(), self.object.clone());
        Ok(Box::new(Self { name_spaces, issuer_auth, chain, object, claims, undisclosed }))
    }

    fn shown_by(&self, paths: &[ClaimPath]) -> Result<Vec<ClaimPath>> {
        leaf_paths(&self.claims, &|leaf| is_shown(&leaf[..leaf.len().min(2)], paths))
    }

    /// A response with this document alone, signed over the transcript of Amana's exchange.
    fn present(
        &self,
        binding: &Binding,
        key: Option<&dyn Signer>,
        _at: i64,
        _entropy: &dyn Entropy,
    ) -> Result<Vec<u8>> {
        let key = key.ok_or(invalid("holder-key"))?;
        let transcript = SessionTranscript::of_exchange(binding);
        let document = Document::sign(self.clone(), &Claims::default(), &transcript, key)?;
        Ok(DeviceResponse::of(document).to_bytes())
    }

    /// A signature, the type once more, and names.
    fn proof_len(&self) -> usize {
        240 + self.object.doc_type.len()
    }

    /// IssuerSigned.
    fn to_bytes(&self) -> Vec<u8> {
        self.to_value().to_bytes()
    }
}

/// Claims are personal data: what kind of card it is may be printed, what it says may not.
impl fmt::Debug for Mdoc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let items: usize = self.name_spaces.iter().map(|space| space.items.len()).sum();
        write!(f, "Mdoc({items} items, redacted)")
    }
}
