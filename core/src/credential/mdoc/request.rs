//! DeviceRequest: what a reader asks for, and who asks (8.3.2.1.2.1, 9.1.4).

use super::fields::{Fields, SHAPE, by_name, check_version, list};
use super::parse_map;
use super::session::SessionTranscript;
use crate::cose::Detached;
use crate::cose::cbor::{self, Encoded, Value};
use crate::credential::model::{ClaimName, ClaimPath};
use crate::crypto::Signer;
use crate::error::{Error, Result, damaged, invalid, untrusted};
use crate::x509::{Certificate, Profile, Trusted, verify_chain};

/// Most data items in a request.
const MAX_ITEMS: usize = 2048;
const VERSION: &str = "1.0";
/// Versions that are read: the second edition's adds what is read over here.
const VERSIONS: [&str; 2] = [VERSION, "1.1"];

/// What a reader asks for.
#[derive(Clone, Debug)]
pub struct DeviceRequest {
    /// One for each document.
    pub documents: Vec<DocumentRequest>,
}

/// What is asked of one document.
#[derive(Clone, Debug)]
pub struct DocumentRequest {
    doc_type: String,
    elements: Vec<AskedElement>,
    /// ItemsRequest as it came: the reader signs it.
    items: Encoded,
    proof: Option<Detached>,
}

/// An element that is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AskedElement {
    /// Where it stands: a name space and an element.
    pub path: ClaimPath,
    /// Whether the reader means to keep it (`IntentToRetain`).
    pub kept: bool,
}

impl DeviceRequest {
    /// Reads a request. Verifies nothing yet. What it says beyond documents and elements is read over.
    ///
    /// # Errors
    /// `foreign` for anything else; `too-new`; `damaged`: `mdoc-shape`, `claim-path` for a name that could not be shown to
    /// whom it is asked of, `sign1-*`, `cbor-*`.
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        let mut items = MAX_ITEMS;
        let request = parse_map(bytes, &mut items)?;
        if request.get("version").is_none() || request.get("docRequests").is_none() {
            return Err(Error::Foreign);
        }
        let mut fields = Fields::of(request)?;
        check_version(&fields.text("version")?, &VERSIONS)?;
        let documents = list(fields.value("docRequests")?)?;
        let documents = documents.into_iter().map(|document| DocumentRequest::of_value(document, &mut items));
        Ok(Self { documents: documents.collect::<Result<_>>()? })
    }

    /// The encoding.
    pub fn to_bytes(&self) -> Vec<u8> {
        let documents: Vec<_> = self.documents.iter().map(DocumentRequest::to_value).collect();
        Value::Map(vec![("version".into(), VERSION.into()), ("docRequests".into(), documents.into())]).to_bytes()
    }
}

impl DocumentRequest {
    /// Asks for elements of a document. Nobody has signed it yet.
    ///
    /// # Errors
    /// `invalid` (`claim-path`) for none, or one that is not a name space and an element.
    pub fn make(doc_type: &str, elements: Vec<AskedElement>) -> Result<Self> {
        let mut spaces: Vec<(Value, Vec<(Value, Value)>)> = Vec::new();
        for AskedElement { path, kept } in &elements {
            let [ClaimName::Text(space), ClaimName::Text(element)] = path.names() else {
                return Err(invalid("claim-path"));
            };
            let (space, asked) = (Value::from(space.as_str()), (Value::from(element.as_str()), Value::from(*kept)));
            match spaces.iter_mut().find(|(name, _)| *name == space) {
                Some((_, list)) => list.push(asked),
                None => spaces.push((space, vec![asked])),
            }
        }
        if spaces.is_empty() {
            return Err(invalid("claim-path"));
        }
        let spaces = spaces.into_iter().map(|(name, asked)| (name, Value::Map(asked)));
        let items = [("docType".into(), doc_type.into()), ("nameSpaces".into(), Value::Map(spaces.collect()))];
        let items = Encoded::of_value(&Value::Map(items.into()));
        Ok(Self { doc_type: doc_type.to_owned(), elements, items, proof: None })
    }

    /// The same, signed by the reader over `transcript`; `chain` holds its certificates, its own first.
    ///
    /// # Errors
    /// `invalid` (`certificate`) where the first is not that of `key`; `host`.
    pub fn sign(self, transcript: &SessionTranscript, key: &dyn Signer, chain: &[Certificate]) -> Result<Self> {
        let is_own = |own: &Certificate| own.public_key() == Ok(&key.public_key());
        if !chain.first().is_some_and(is_own) {
            return Err(invalid("certificate"));
        }
        let mut proof = Detached::sign_of_old([], authentication(transcript, &self.items), &[], key)?;
        let chain: Vec<_> = chain.iter().map(|certificate| certificate.to_bytes().to_vec()).collect();
        proof.set_x5chain(&chain);
        Ok(Self { proof: Some(proof), ..self })
    }

    /// Which document it asks for.
    pub fn doc_type(&self) -> &str {
        &self.doc_type
    }

    /// Which elements it asks for.
    pub fn elements(&self) -> &[AskedElement] {
        &self.elements
    }

    /// The reader's certificates, its own first; none where nobody signed. Believes nothing of them.
    ///
    /// # Errors
    /// `damaged`: `x5chain`, and what [`Certificate::parse`] says.
    pub fn reader(&self) -> Result<Vec<Certificate>> {
        let chain = self.proof.as_ref().map(Detached::x5chain).transpose()?.unwrap_or_default();
        chain.iter().map(|der| Certificate::parse(der)).collect()
    }

    /// Checks that a reader whose certificates lead to one of `roots` signed this request in this session (9.1.4).
    ///
    /// # Errors
    /// `untrusted`: `proof-missing` where nobody signed, `signature-invalid` (another transcript says the same) and what
    /// [`verify_chain`] says; as [`reader`](Self::reader).
    pub fn verify_reader(&self, transcript: &SessionTranscript, roots: &[Certificate], at: i64) -> Result<Trusted> {
        let proof = self.proof.as_ref().ok_or(untrusted("proof-missing"))?;
        let chain = self.reader()?;
        let trusted = verify_chain(&chain, roots, at, Profile::Reader)?;
        proof.verify(&authentication(transcript, &self.items), &[], chain[0].public_key()?)?;
        Ok(trusted)
    }

    fn of_value(value: Value, allowance: &mut usize) -> Result<Self> {
        let mut fields = Fields::of(value)?;
        let items = fields.encoded("itemsRequest")?;
        let proof = fields.optional("readerAuth").map(Detached::from_value).transpose()?;
        let mut asked = Fields::of(cbor::parse_within(items.content(), allowance)?)?;
        let mut elements = Vec::new();
        for (space, names) in by_name(asked.value("nameSpaces")?)? {
            for (element, kept) in by_name(names)? {
                let path = vec![space.as_str().into(), element.as_str().into()];
                let path = ClaimPath::new(path).map_err(|_| damaged("claim-path"))?;
                elements.push(AskedElement { path, kept: kept.as_bool().ok_or(SHAPE)? });
            }
        }
        Ok(Self { doc_type: asked.text("docType")?, elements, items, proof })
    }

    fn to_value(&self) -> Value {
        let proof = self.proof.as_ref().map(|proof| ("readerAuth".into(), proof.to_value()));
        let items = ("itemsRequest".into(), self.items.clone().into());
        Value::Map([items].into_iter().chain(proof).collect())
    }
}

/// ReaderAuthenticationBytes: what the reader's signature covers (9.1.4.4).
fn authentication(transcript: &SessionTranscript, items: &Encoded) -> Vec<u8> {
    let name = Value::from("ReaderAuthentication").to_bytes();
    Encoded::of(&[&[0x83], &name[..], transcript.as_bytes(), items.as_bytes()].concat()).as_bytes().to_vec()
}
