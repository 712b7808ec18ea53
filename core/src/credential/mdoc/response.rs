//! DeviceResponse: documents with the proof of whoever holds them (8.3.2.1.2.2, 9.1.3).

use super::fields::{Fields, SHAPE, by_name, check_version, list};
use super::session::{SessionTranscript, mac_key};
use super::{MAX_ITEMS, Mdoc, parse_map};
use crate::cose::cbor::{self, Encoded, Value};
use crate::cose::{Detached, Mac0};
use crate::credential::format::{Binding, Credential, Presentation};
use crate::credential::model::{ClaimName, Claims, Value as ClaimValue};
use crate::crypto::{Agree, PublicKey, Signer};
use crate::error::{Error, Result, damaged, invalid, untrusted};
use core::fmt;

const VERSION: &str = "1.0";
/// The status of a response that says all it has to say (table 8).
pub const STATUS_OK: u64 = 0;

/// What a device answers: documents, and which of those that were asked for it does not give.
#[derive(Clone, Debug)]
pub struct DeviceResponse {
    /// The documents.
    pub documents: Vec<Document>,
    /// Documents that are not given, and why.
    pub errors: Vec<DocumentError>,
    /// [`STATUS_OK`], or what went wrong: 10 in general, 11 decoding CBOR, 12 reading the request.
    pub status: u64,
}

/// Why a document is not given (table 9): 0 for no particular reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentError {
    /// Which document.
    pub doc_type: String,
    /// 0, or an application's own, below 0.
    pub code: i64,
}

/// A card that is presented: the items its holder chose, and their proof.
#[derive(Clone)]
pub struct Document {
    card: Mdoc,
    /// What the device signs beside the proof, as it came.
    name_spaces: Encoded,
    device_claims: Claims,
    proof: Proof,
}

#[derive(Clone)]
enum Proof {
    Signature(Detached),
    Mac(Mac0),
}

impl DeviceResponse {
    /// A response with one document.
    pub fn of(document: Document) -> Self {
        Self { documents: vec![document], errors: Vec::new(), status: STATUS_OK }
    }

    /// Reads a response. Checks everything but signatures and the clock. Which elements of a document were not given, and
    /// why (`errors`), is read over.
    ///
    /// # Errors
    /// `foreign` for anything else; `too-new` for another version; `damaged` with `mdoc-*`, `mac0-shape` and what
    /// [`Mdoc::parse`] says.
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        let mut items = MAX_ITEMS;
        let response = parse_map(bytes, &mut items)?;
        if response.get("version").is_none() || response.get("status").is_none() {
            return Err(Error::Foreign);
        }
        let mut fields = Fields::of(response)?;
        check_version(&fields.text("version")?, &[VERSION])?;
        let documents = fields.optional("documents").map(list).transpose()?.unwrap_or_default();
        let documents = documents.into_iter().map(|document| Document::of_value(document, &mut items));
        let documents = documents.collect::<Result<_>>()?;
        let mut errors = Vec::new();
        for error in fields.optional("documentErrors").map(list).transpose()?.unwrap_or_default() {
            for (doc_type, code) in by_name(error)? {
                errors.push(DocumentError { doc_type, code: code.as_int().ok_or(SHAPE)? });
            }
        }
        let status = fields.number("status")?;
        fields.end()?;
        Ok(Self { documents, errors, status })
    }

    /// The encoding.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.to_value().to_bytes()
    }

    fn to_value(&self) -> Value {
        let documents: Vec<_> = self.documents.iter().map(Document::to_value).collect();
        let error = |error: &DocumentError| Value::Map(vec![(error.doc_type.as_str().into(), error.code.into())]);
        let errors: Vec<_> = self.errors.iter().map(error).collect();
        let some = |name: &str, list: Vec<Value>| (!list.is_empty()).then(|| (name.into(), list.into()));
        let version = Some(("version".into(), VERSION.into()));
        let fields = [version, some("documents", documents), some("documentErrors", errors)];
        Value::Map(fields.into_iter().flatten().chain([("status".into(), self.status.into())]).collect())
    }
}

impl Document {
    /// Presents `card` with the holder's signature over `transcript`. `device_claims`, by name space, are what the device
    /// signs of its own; mostly none.
    ///
    /// # Errors
    /// `invalid`: `holder-key` where `key` is not the one the card names, `device-claims` where the issuer did not
    /// authorize the key to sign them; `host`.
    pub fn sign(card: Mdoc, device_claims: &Claims, transcript: &SessionTranscript, key: &dyn Signer) -> Result<Self> {
        let name_spaces = encode_device_claims(&card, device_claims, &key.public_key())?;
        let payload = authentication(transcript, &card.object.doc_type, &name_spaces);
        let proof = Proof::Signature(Detached::sign_of_old([], payload, &[], key)?);
        Ok(Self { card, name_spaces, device_claims: device_claims.clone(), proof })
    }

    /// The same with a code that only the reader whose session key is `reader` can check, and could have made: `key` is one
    /// that agrees (9.1.3.5).
    ///
    /// # Errors
    /// As [`sign`](Self::sign); `invalid` (`key-type`) where `reader` is not on P-256.
    pub fn authenticate(
        card: Mdoc,
        device_claims: &Claims,
        transcript: &SessionTranscript,
        key: &dyn Agree,
        reader: &PublicKey,
    ) -> Result<Self> {
        let name_spaces = encode_device_claims(&card, device_claims, &key.public_key())?;
        let payload = authentication(transcript, &card.object.doc_type, &name_spaces);
        let proof = Proof::Mac(Mac0::make(&payload, &[], &mac_key(key, reader, transcript)?));
        Ok(Self { card, name_spaces, device_claims: device_claims.clone(), proof })
    }

    /// Reads a presentation of Amana's exchange: a response with one document and nothing else.
    ///
    /// # Errors
    /// As [`DeviceResponse::parse`]; `damaged` (`mdoc-one-document`).
    pub fn parse_presentation(bytes: &[u8]) -> Result<Self> {
        let response = DeviceResponse::parse(bytes)?;
        let is_plain = response.errors.is_empty() && response.status == STATUS_OK;
        match <[Self; 1]>::try_from(response.documents) {
            Ok([document]) if is_plain => Ok(document),
            _ => Err(damaged("mdoc-one-document")),
        }
    }

    fn of_value(value: Value, items: &mut usize) -> Result<Self> {
        let mut fields = Fields::of(value)?;
        let doc_type = fields.text("docType")?;
        let card = Mdoc::of_value(fields.value("issuerSigned")?, items)?.of_type(&doc_type)?;
        let mut signed = Fields::of(fields.value("deviceSigned")?)?;
        fields.optional("errors");
        fields.end()?;
        let name_spaces = signed.encoded("nameSpaces")?;
        let mut proof = Fields::of(signed.value("deviceAuth")?)?;
        signed.end()?;
        let both = (proof.optional("deviceSignature"), proof.optional("deviceMac"));
        proof.end()?;
        let proof = match both {
            (Some(signature), None) => Proof::Signature(Detached::from_value(signature)?),
            (None, Some(code)) => Proof::Mac(Mac0::from_value(code)?),
            _ => return Err(SHAPE),
        };
        let Value::Map(spaces) = cbor::parse_within(name_spaces.content(), items)? else { return Err(SHAPE) };
        let device_claims = Claims::from_cbor(spaces)?;
        if !are_authorized(&card, &device_claims) {
            return Err(damaged("mdoc-device-claims"));
        }
        Ok(Self { card, name_spaces, device_claims, proof })
    }

    fn to_value(&self) -> Value {
        let (name, proof) = match &self.proof {
            Proof::Signature(signature) => ("deviceSignature", signature.to_value()),
            Proof::Mac(code) => ("deviceMac", code.to_value()),
        };
        let device_signed = Value::Map(vec![
            ("nameSpaces".into(), self.name_spaces.clone().into()),
            ("deviceAuth".into(), Value::Map(vec![(name.into(), proof)])),
        ]);
        Value::Map(vec![
            ("docType".into(), self.card.object.doc_type.as_str().into()),
            ("issuerSigned".into(), self.card.to_value()),
            ("deviceSigned".into(), device_signed),
        ])
    }

    /// The card that is presented, with the items its holder chose.
    pub fn card(&self) -> &Mdoc {
        &self.card
    }

    /// What the device says of its own, by name space: its holder's word, as far as the issuer let the key give it.
    pub fn device_claims(&self) -> &Claims {
        &self.device_claims
    }

    /// Checks the holder's proof by the key that the card names. Says nothing of the issuer. `reader` is the reader's
    /// session key, where a code may stand for a signature.
    ///
    /// # Errors
    /// `untrusted`: `proof-missing` for a code without `reader`, `algorithm-unsupported`, `algorithm-mismatch` or
    /// `signature-invalid`: another transcript says the same.
    pub fn verify_device(&self, transcript: &SessionTranscript, reader: Option<&dyn Agree>) -> Result<()> {
        let payload = authentication(transcript, &self.card.object.doc_type, &self.name_spaces);
        let device_key = &self.card.object.device_key;
        match &self.proof {
            Proof::Signature(signature) => signature.verify(&payload, &[], device_key),
            Proof::Mac(code) => {
                let reader = reader.ok_or(untrusted("proof-missing"))?;
                let key = mac_key(reader, device_key, transcript).map_err(|error| match error {
                    Error::Invalid { .. } => untrusted("algorithm-mismatch"),
                    other => other,
                })?;
                code.verify(&payload, &[], &key)
            }
        }
    }
}

/// What a device says of its own is personal data, as the card is.
impl fmt::Debug for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Document({:?})", self.card)
    }
}

impl Presentation for Document {
    fn card(&self) -> &dyn Credential {
        &self.card
    }

    /// A code proves nothing here: no reader's session key took part in Amana's exchange.
    fn verify_holder(&self, expected: &Binding) -> Result<()> {
        self.verify_device(&SessionTranscript::of_exchange(expected), None)
    }

    fn to_bytes(&self) -> Vec<u8> {
        DeviceResponse::of(self.clone()).to_bytes()
    }
}

/// DeviceAuthenticationBytes: what the device's proof covers (9.1.3.4).
fn authentication(transcript: &SessionTranscript, doc_type: &str, name_spaces: &Encoded) -> Vec<u8> {
    let text = |text: &str| Value::from(text).to_bytes();
    let parts: [&[u8]; 5] =
        [&[0x84], &text("DeviceAuthentication"), transcript.as_bytes(), &text(doc_type), name_spaces.as_bytes()];
    Encoded::of(&parts.concat()).as_bytes().to_vec()
}

fn encode_device_claims(card: &Mdoc, claims: &Claims, key: &PublicKey) -> Result<Encoded> {
    if *key != card.object.device_key {
        return Err(invalid("holder-key"));
    }
    if !are_authorized(card, claims) {
        return Err(invalid("device-claims"));
    }
    Ok(Encoded::of_value(&ClaimValue::Map(claims.clone()).to_cbor()))
}

/// Whether the issuer lets the device's key sign every one of these.
fn are_authorized(card: &Mdoc, claims: &Claims) -> bool {
    claims.iter().all(|(space, elements)| match (space, elements) {
        (ClaimName::Text(space), ClaimValue::Map(elements)) if !elements.is_empty() => {
            let is_allowed = |name: &ClaimName| {
                matches!(name, ClaimName::Text(element) if card.object.authorizations.allow(space, element))
            };
            elements.iter().all(|(name, _)| is_allowed(name))
        }
        _ => false,
    })
}
