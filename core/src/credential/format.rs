//! What every format gives: a card, a presentation of it, and a row in a table.

use super::model::{ClaimPath, Claims, Validity, Value, leaf_paths};
#[cfg(feature = "issuer")]
use crate::cose::cbor;
use crate::cose::cwt::claim;
use crate::crypto::{Algorithm, Curve, PublicKey, Signer};
#[cfg(feature = "issuer")]
use crate::error::invalid;
use crate::error::{Error, Result, damaged, untrusted};
use crate::ports::Entropy;
use crate::x509::{Certificate, Profile};
use core::fmt;

/// A card, whatever format it comes in.
pub type Card = Box<dyn Credential>;

/// The formats, each with its number: the same inside an answer and in the vault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// SD-CWT, presented as SD-KBT.
    SdCwt,
    /// SD-JWT and SD-JWT VC, presented with a KB-JWT.
    SdJwt,
    /// mdoc, presented as a DeviceResponse.
    Mdoc,
    /// Claim 169, presented as it is.
    Claim169,
    /// Health certificates (`HC1:`): judged, never held.
    Health,
}

/// What there is to know of a format beside its own module and its readers ([`recognise`](super::recognise)).
struct Row {
    /// Never given to another format.
    number: u64,
    name: &'static str,
    presentation_name: &'static str,
    holder_curve: Curve,
}

impl Format {
    /// All of them, in the order in which they are tried on what nobody named.
    pub const ALL: [Self; 5] = [Self::SdCwt, Self::SdJwt, Self::Mdoc, Self::Claim169, Self::Health];

    fn row(self) -> Row {
        match self {
            Self::SdCwt => Row { number: 1, name: "sd-cwt", presentation_name: "sd-kbt", holder_curve: Curve::Ed25519 },
            Self::SdJwt => Row { number: 2, name: "sd-jwt", presentation_name: "sd-jwt-kb", holder_curve: Curve::P256 },
            Self::Mdoc => {
                Row { number: 3, name: "mdoc", presentation_name: "mdoc-response", holder_curve: Curve::P256 }
            }
            Self::Claim169 => Row {
                number: 4,
                name: "claim-169",
                presentation_name: "claim-169",
                // None of its cards has a holder key.
                holder_curve: Curve::Ed25519,
            },
            Self::Health => Row {
                number: 5,
                name: "health-certificate",
                presentation_name: "health-certificate",
                holder_curve: Curve::Ed25519,
            },
        }
    }

    /// Its number inside an answer and in the vault.
    pub fn number(self) -> u64 {
        self.row().number
    }

    /// The format of a number.
    ///
    /// # Errors
    /// `too-new` for one that this version does not know.
    pub fn of_number(number: u64) -> Result<Self> {
        Self::ALL.into_iter().find(|format| format.number() == number).ok_or(Error::TooNew)
    }

    /// The format of a stable word.
    ///
    /// # Errors
    /// As [`of_number`](Self::of_number).
    pub fn of_name(name: &str) -> Result<Self> {
        Self::ALL.into_iter().find(|format| format.name() == name).ok_or(Error::TooNew)
    }

    /// The stable word for it.
    pub fn name(self) -> &'static str {
        self.row().name
    }

    /// The stable word for its presentation.
    pub fn presentation_name(self) -> &'static str {
        self.row().presentation_name
    }

    /// The curve of a new card's holder key, where the issuer leaves the choice.
    pub fn holder_curve(self) -> Curve {
        self.row().holder_curve
    }
}

/// A card: claims about a person that an issuer signed, some or all of which can be shown.
pub trait Credential: fmt::Debug + Send + Sync {
    /// The format it comes in.
    fn format(&self) -> Format;

    /// The issuer's id; empty where the card names none.
    fn issuer(&self) -> &str;

    /// The name of the key that signed, where the card gives one under the signature.
    fn kid(&self) -> Option<&[u8]>;

    /// The certificates that came along, DER, the signer's first; none in most formats.
    fn chain(&self) -> &[Vec<u8>] {
        &[]
    }

    /// The name by which the card would name a signer with this certificate; none where it names keys in another way.
    fn certificate_id(&self, _certificate: &Certificate) -> Option<Vec<u8>> {
        None
    }

    /// What the first of those certificates must be made for.
    fn signer_profile(&self) -> Profile {
        Profile::AnySigner
    }

    /// Checks what the format asks of the certificate of its signer, beyond its chain.
    ///
    /// # Errors
    /// `untrusted`, with a word of the format's.
    fn check_signer(&self, _signer: &Certificate) -> Result<()> {
        Ok(())
    }

    /// Whether there is a signature to be checked at all.
    fn is_signed(&self) -> bool {
        true
    }

    /// The algorithm that the issuer signed with; none where Amana does not verify it, or nothing is signed.
    fn algorithm(&self) -> Option<Algorithm>;

    /// What kind of card it is; empty where the card does not say.
    fn card_type(&self) -> &str;

    /// From when to when.
    fn validity(&self) -> Validity;

    /// Where its issuer says whether it is cancelled.
    fn status(&self) -> Option<&StatusReference> {
        None
    }

    /// The key that its holder proves to have; none for a bearer's card.
    fn holder_key(&self) -> Option<&PublicKey>;

    /// Every claim that is disclosed here, also those that make the token work.
    fn all_claims(&self) -> &Claims;

    /// Whether its issuer made it for this verifier's id, or for nobody in particular (`aud`).
    fn is_meant_for(&self, _audience: &str) -> bool {
        true
    }

    /// The claims about the person.
    fn claims(&self) -> Claims;

    /// Checks that every claim is disclosed: so a card comes from its desk, and a presentation need not be. And that it has
    /// nothing that must not be kept.
    ///
    /// # Errors
    /// `damaged`, or `invalid`, with a word of the format's.
    fn check_whole(&self) -> Result<()>;

    /// Checks the issuer's signature.
    ///
    /// # Errors
    /// `untrusted`: `algorithm-unsupported`, `algorithm-mismatch` or `signature-invalid`.
    fn verify_issuer(&self, key: &PublicKey) -> Result<()>;

    /// The same card with only those disclosures that show the claims at `paths`: each path's own, all inside it, and
    /// the groups around it. Claims that are always open need no path and stay.
    ///
    /// # Errors
    /// `not-found` (`claim`) for a path the card does not have.
    fn select(&self, paths: &[ClaimPath]) -> Result<Card>;

    /// Everything about the person that [`select`](Self::select) with these paths shows, value by value: also what
    /// stands open, and what its issuer put into one disclosure with what is chosen.
    ///
    /// # Errors
    /// `damaged` (`claim-path`) for a card with a name that must not be shown to a person, (`claim-paths`) for one whose names
    /// would take more than a megabyte.
    fn shown_by(&self, paths: &[ClaimPath]) -> Result<Vec<ClaimPath>>;

    /// Everything about the person that the card says, value by value.
    ///
    /// # Errors
    /// As [`shown_by`](Self::shown_by).
    fn shown_by_all(&self) -> Result<Vec<ClaimPath>> {
        leaf_paths(&self.claims(), &|_| true)
    }

    /// Presents it: the encoding that a verifier reads by [`Format::parse_presentation`], with the holder's proof where the
    /// card has a holder key. `at`, Unix seconds by the holder's clock, goes where a format demands a time; nobody judges
    /// by it.
    ///
    /// # Errors
    /// `invalid` (`holder-key`) where `key` is not the one the card names; `host`.
    fn present(&self, binding: &Binding, key: Option<&dyn Signer>, at: i64, entropy: &dyn Entropy) -> Result<Vec<u8>>;

    /// Most bytes that [`present`](Self::present) adds to the card.
    fn proof_len(&self) -> usize;

    /// The encoding, with the disclosures.
    fn to_bytes(&self) -> Vec<u8>;
}

/// What a holder shows: a card with the disclosures they chose, and their proof.
pub trait Presentation: fmt::Debug + Send + Sync {
    /// The card that is presented.
    fn card(&self) -> &dyn Credential;

    /// Checks that the holder's proof holds, by the key that the card names, and was made for this verifier, this
    /// challenge and this request. Says nothing of the issuer. A bearer's card, which has no holder key, proves nothing:
    /// ask [`Credential::holder_key`] first.
    ///
    /// # Errors
    /// `untrusted`: `audience`, `challenge`, `request`, `proof-missing`, `signature-invalid` and words of the format's.
    fn verify_holder(&self, expected: &Binding) -> Result<()>;

    /// Checks the holder's signature alone, where it can be checked without knowing what it is bound to.
    ///
    /// # Errors
    /// `untrusted`: `binding-unknown` where it cannot; else as [`verify_holder`](Self::verify_holder).
    fn verify_signature(&self) -> Result<()> {
        Err(untrusted("binding-unknown"))
    }

    /// The encoding.
    fn to_bytes(&self) -> Vec<u8>;
}

/// What a holder's proof is bound to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binding {
    /// The verifier's id (`aud`).
    pub audience: String,
    /// The challenge (`cnonce`, `nonce`), where there is one.
    pub challenge: Option<Vec<u8>>,
    /// SHA-256 of the request (`req`), where there is one.
    pub request: Option<[u8; 32]>,
}

/// Where in which status list a card's status stands (draft-ietf-oauth-status-list-21, section 6).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusReference {
    /// Which list (`uri`).
    pub uri: String,
    /// Which entry (`idx`), from 0.
    pub index: u64,
}

impl StatusReference {
    /// What a token's claims say: `status_list` inside `status`; none where there is none, or another mechanism.
    ///
    /// # Errors
    /// `damaged` (`status-reference`).
    pub(super) fn of(claims: &Claims) -> Result<Option<Self>> {
        let status = claims.value(&claim::STATUS.into()).or_else(|| claims.value(&"status".into()));
        let Some(Value::Map(status)) = status else { return Ok(None) };
        let Some(list) = status.value(&"status_list".into()) else { return Ok(None) };
        let Value::Map(list) = list else { return Err(damaged("status-reference")) };
        match (list.value(&"uri".into()), list.value(&"idx".into())) {
            (Some(Value::Text(uri)), Some(Value::Int(index @ 0..))) => {
                Ok(Some(Self { uri: uri.clone(), index: *index as u64 }))
            }
            _ => Err(damaged("status-reference")),
        }
    }

    /// Checks that a list could answer it.
    ///
    /// # Errors
    /// `invalid` (`status-reference`) for what is no URI of at most 2,048 bytes, or an index that no list reaches.
    #[cfg(feature = "issuer")]
    pub(super) fn check(&self) -> Result<()> {
        const MAX_URI_LEN: usize = 2048;
        const MAX_INDEX: u64 = u32::MAX as u64;
        let scheme = self.uri.split_once(':').is_some_and(|(scheme, rest)| !scheme.is_empty() && !rest.is_empty());
        let uri_fine = scheme && self.uri.len() <= MAX_URI_LEN && self.uri.bytes().all(|byte| byte.is_ascii_graphic());
        if uri_fine && self.index <= MAX_INDEX { Ok(()) } else { Err(invalid("status-reference")) }
    }

    /// The value of a CWT's `status` claim (the draft's section 6.3).
    #[cfg(feature = "issuer")]
    pub(super) fn to_cbor(&self) -> cbor::Value {
        let list = [("idx".into(), self.index.into()), ("uri".into(), self.uri.as_str().into())];
        cbor::Value::map([("status_list".into(), cbor::Value::map(list))])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_keeps_its_number_and_its_name() {
        assert_eq!(Format::ALL.map(Format::number), [1, 2, 3, 4, 5]);
        for format in Format::ALL {
            assert_eq!(Format::of_number(format.number()), Ok(format));
            assert_eq!(Format::of_name(format.name()), Ok(format));
        }
        assert_eq!(Format::of_number(0), Err(Error::TooNew));
    }
}
