//! SD-JWT (RFC 9901) and SD-JWT VC (draft-ietf-oauth-sd-jwt-vc, `dc+sd-jwt`): a JWT whose claims can be shown one by one.
//!
//! ```text
//! desk    issue()  ──►  SdJwt with every disclosure      <JWT>~<disclosure>~…~
//! wallet  SdJwt::parse ──► claims(), select(paths) ──► present() ──►  <JWT>~<disclosure>~…~<KB-JWT>
//! field   SdJwtKb::parse ──► verify_holder(), card().verify_issuer(key) ──► card().claims()
//! ```
//!
//! Read are the compact form and the JWS JSON serialisations of RFC 9901 section 8; written is the compact form. Hashes are
//! SHA-256, SHA-384 and SHA-512. A digest that no disclosure answers may be a decoy, which RFC 9901 gives no disclosure: so
//! nobody can tell whether a card came whole from its desk.

mod disclosure;
#[cfg(feature = "issuer")]
mod issue;
mod key_binding;

#[cfg(feature = "issuer")]
pub use issue::issue;
pub use key_binding::SdJwtKb;

use super::format::{Binding, Card, Credential, Format, StatusReference};
use super::model::{ClaimName, ClaimPath, Claims, Place, Validity, Value, chosen, not_closed};
use crate::cose::cwt;
use crate::crypto::{Algorithm, PublicKey, Signer};
use crate::error::{Error, Result, damaged, invalid};
use crate::jose::{Jws, jwk};
use crate::json;
use crate::ports::Entropy;
use core::fmt;
use disclosure::{Hash, Unredacted};
use serde_json::{Map, Value as Json};

/// `typ` of an SD-JWT VC. The one from before November 2024, `vc+sd-jwt`, is also that of cards without a `vct`.
const TYPE_OF_VC: &str = "dc+sd-jwt";
/// Claims that no card may hide, nor anything inside them: without them nobody could tell whether it is valid (RFC 9901
/// section 9.7, draft-ietf-oauth-sd-jwt-vc section "Registered JWT Claims").
const NEVER_HIDDEN: [&str; 9] = ["iss", "aud", "nbf", "exp", "cnf", "vct", "vct#integrity", "aka_vcts", "status"];
/// Claims that make the token work too; what else there is, is about the person.
const ABOUT_THE_TOKEN: [&str; 3] = ["sub", "iat", "jti"];
/// Most disclosures of one card.
const MAX_DISCLOSURES: usize = 1024;

/// A card in this format: the issuer's signature, and the disclosures that came with it.
#[derive(Clone)]
pub struct SdJwt {
    signed: Jws,
    /// As their issuer wrote them.
    disclosures: Vec<String>,
    hash: Hash,
    claims: Claims,
    issuer: String,
    card_type: String,
    validity: Validity,
    status: Option<StatusReference>,
    holder_key: Option<PublicKey>,
}

impl SdJwt {
    /// Reads a card or what its holder chose of it, without key binding. Checks everything but signatures and the clock.
    ///
    /// # Errors
    /// `foreign` for what is no SD-JWT, or a token of another type; `invalid` (`key-type`, `key-use`) for a holder's key that
    /// Amana does not verify with; `damaged` with `sd-jwt-*`, `jws-*`, `json-*`, `jwk-*`, `cwt-date` or `status-reference`;
    /// `sd-jwt-key-binding` for a presentation.
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        let parts = Parts::parse(bytes)?;
        let card = Self::from_parts(Jws::parse(&parts.jwt)?, parts.disclosures)?;
        if parts.key_binding.is_some() { Err(damaged("sd-jwt-key-binding")) } else { Ok(card) }
    }

    fn from_parts(signed: Jws, disclosures: Vec<String>) -> Result<Self> {
        // A token of another kind by the same key must not pass for a card (RFC 8725 section 3.11).
        if !signed.typ().is_some_and(|typ| typ == "sd-jwt" || typ.ends_with("+sd-jwt")) {
            return Err(Error::Foreign);
        }
        let Unredacted { claims, confirmation, hash } =
            disclosure::unredact(signed.payload(), &disclosures, &mut |_, _| {})?;
        let text = |name: &str, wrong| match claims.value(&name.into()) {
            Some(Value::Text(text)) => Ok(text.clone()),
            Some(_) => Err(damaged(wrong)),
            None => Ok(String::new()),
        };
        let card_type = text("vct", "sd-jwt-vct")?;
        if signed.typ() == Some(TYPE_OF_VC) && card_type.is_empty() {
            return Err(damaged("sd-jwt-vct"));
        }
        let date = |name: &str| claims.value(&name.into()).map(date).transpose();
        let validity = Validity { not_before: date("nbf")?, expires: date("exp")? };
        Ok(Self {
            issuer: text("iss", "sd-jwt-iss")?,
            card_type,
            validity,
            status: StatusReference::of(&claims)?,
            holder_key: confirmation.map(|confirmation| holder_key(&confirmation)).transpose()?,
            signed,
            disclosures,
            hash,
            claims,
        })
    }

    /// The token under its signature, for what must look inside (`inspect`).
    pub fn signed(&self) -> &Jws {
        &self.signed
    }

    /// The compact form: `<JWT>~<disclosure>~…~`.
    pub fn to_text(&self) -> String {
        let mut text = self.signed.to_text();
        text.push('~');
        for disclosure in &self.disclosures {
            text.push_str(disclosure);
            text.push('~');
        }
        text
    }

    fn each_disclosure(&self, place: &mut Place<'_>) -> Result<()> {
        disclosure::unredact(self.signed.payload(), &self.disclosures, place).map(drop)
    }
}

/// Disclosures are claims in another dress: how many there are may be printed.
impl fmt::Debug for SdJwt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SdJwt({:?}, {} disclosures, redacted)", self.signed, self.disclosures.len())
    }
}

impl Credential for SdJwt {
    fn format(&self) -> Format {
        Format::SdJwt
    }

    /// `iss`.
    fn issuer(&self) -> &str {
        &self.issuer
    }

    fn kid(&self) -> Option<&[u8]> {
        self.signed.kid()
    }

    /// `x5c`.
    fn chain(&self) -> &[Vec<u8>] {
        self.signed.chain()
    }

    fn algorithm(&self) -> Option<Algorithm> {
        self.signed.algorithm()
    }

    /// `vct`.
    fn card_type(&self) -> &str {
        &self.card_type
    }

    fn validity(&self) -> Validity {
        self.validity
    }

    fn status(&self) -> Option<&StatusReference> {
        self.status.as_ref()
    }

    /// `cnf.jwk`.
    fn holder_key(&self) -> Option<&PublicKey> {
        self.holder_key.as_ref()
    }

    fn all_claims(&self) -> &Claims {
        &self.claims
    }

    fn is_meant_for(&self, audience: &str) -> bool {
        self.claims.names_audience(&"aud".into(), audience)
    }

    fn claims(&self) -> Claims {
        let is_in = |list: &[&str], name: &ClaimName| matches!(name, ClaimName::Text(name) if list.contains(&&**name));
        self.claims.clone().filtered(|name| !is_in(&NEVER_HIDDEN, name) && !is_in(&ABOUT_THE_TOKEN, name))
    }

    /// Cannot be told: a digest without a disclosure may be a decoy.
    fn check_whole(&self) -> Result<()> {
        Ok(())
    }

    fn verify_issuer(&self, key: &PublicKey) -> Result<()> {
        self.signed.verify(key)
    }

    fn select(&self, paths: &[ClaimPath]) -> Result<Card> {
        let kept = chosen(&self.claims, paths, &|place| self.each_disclosure(place))?;
        let kept = kept.into_iter().map(|index| self.disclosures[index].clone()).collect();
        Ok(Box::new(Self::from_parts(self.signed.clone(), kept)?))
    }

    fn shown_by(&self, paths: &[ClaimPath]) -> Result<Vec<ClaimPath>> {
        not_closed(&self.claims(), paths, &|place| self.each_disclosure(place))
    }

    fn present(&self, binding: &Binding, key: Option<&dyn Signer>, at: i64, _: &dyn Entropy) -> Result<Vec<u8>> {
        let text = match (&self.holder_key, key) {
            (None, _) => self.to_text(),
            (Some(_), None) => return Err(invalid("holder-key")),
            (Some(own), Some(key)) if key.public_key() != *own => return Err(invalid("holder-key")),
            (Some(_), Some(key)) => key_binding::sign(self, binding, at, key)?,
        };
        Ok(text.into_bytes())
    }

    /// A KB-JWT: its header, the binding claims and a signature, in base64url.
    fn proof_len(&self) -> usize {
        600
    }

    fn to_bytes(&self) -> Vec<u8> {
        self.to_text().into_bytes()
    }
}

/// A NumericDate (RFC 7519 section 2) as whole seconds, rounded down.
fn date(value: &Value) -> Result<i64> {
    cwt::numeric_date(&value.to_cbor())
}

/// The JWK of `cnf` (RFC 7800 section 3.2). A key that is named in another way must not pass for none.
fn holder_key(confirmation: &Json) -> Result<PublicKey> {
    jwk::from_value(confirmation.get("jwk").ok_or(damaged("sd-jwt-cnf"))?)
}

/// The parts of a text.
struct Parts {
    jwt: String,
    disclosures: Vec<String>,
    key_binding: Option<String>,
}

impl Parts {
    fn parse(bytes: &[u8]) -> Result<Self> {
        if bytes.len() > crate::jose::jws::MAX_LEN {
            // Nothing that large is looked into, whatever it is.
            return Err(if bytes.contains(&b'~') { damaged("jws-length") } else { Error::Foreign });
        }
        let text = core::str::from_utf8(bytes.trim_ascii()).map_err(|_| Error::Foreign)?;
        if text.starts_with('{') { Self::parse_json(text) } else { Self::parse_compact(text) }
    }

    /// RFC 9901 section 4.
    fn parse_compact(text: &str) -> Result<Self> {
        let (jwt, rest) = text.split_once('~').ok_or(Error::Foreign)?;
        // Addresses have dots and tildes too. A header's first character is a brace, which encodes so.
        let is_base64url = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        let parts: Vec<_> = jwt.splitn(4, '.').collect();
        if parts.len() != 3 || !jwt.starts_with('e') || !parts.iter().all(|part| part.bytes().all(is_base64url)) {
            return Err(Error::Foreign);
        }
        let (disclosures, key_binding) = rest.rsplit_once('~').map_or((None, rest), |(list, rest)| (Some(list), rest));
        if disclosures.is_some_and(|list| list.bytes().filter(|byte| *byte == b'~').count() >= MAX_DISCLOSURES) {
            return Err(damaged("sd-jwt-disclosures"));
        }
        Ok(Self {
            jwt: jwt.to_owned(),
            disclosures: disclosures.iter().flat_map(|list| list.split('~')).map(str::to_owned).collect(),
            key_binding: (!key_binding.is_empty()).then(|| key_binding.to_owned()),
        })
    }

    /// RFC 9901 section 8, flattened or general. Of several signatures the first counts: the proof is over that one.
    fn parse_json(text: &str) -> Result<Self> {
        // Another's JSON is told before it is read strictly.
        if !(text.contains("\"payload\"") && text.contains("\"protected\"")) {
            return Err(Error::Foreign);
        }
        let wrong = damaged("sd-jwt-json");
        let object = json::parse_object(text.as_bytes())?;
        let first = match object.get("signatures") {
            None => &object,
            Some(Json::Array(all)) if !object.contains_key("signature") => {
                let (first, others) = all.split_first().ok_or(wrong.clone())?;
                let shows = |one: &Json| ["disclosures", "kb_jwt"].iter().any(|name| one["header"].get(name).is_some());
                if others.iter().any(shows) {
                    return Err(wrong);
                }
                first.as_object().ok_or(wrong.clone())?
            }
            Some(_) => return Err(wrong),
        };
        let text = |value: Option<&Json>| value.and_then(Json::as_str).map(str::to_owned).ok_or(damaged("sd-jwt-json"));
        let header = match first.get("header") {
            None => &Map::new(),
            Some(header) => header.as_object().ok_or(wrong.clone())?,
        };
        // It counts only where it is signed (RFC 7515 section 4.1.11).
        if header.contains_key("crit") {
            return Err(damaged("jws-crit"));
        }
        let disclosures = match header.get("disclosures") {
            None => &Vec::new(),
            Some(list) => list.as_array().ok_or(wrong)?,
        };
        if disclosures.len() > MAX_DISCLOSURES {
            return Err(damaged("sd-jwt-disclosures"));
        }
        let parts = [first.get("protected"), object.get("payload"), first.get("signature")];
        Ok(Self {
            jwt: parts.into_iter().map(text).collect::<Result<Vec<_>>>()?.join("."),
            disclosures: disclosures.iter().map(|one| text(Some(one))).collect::<Result<_>>()?,
            key_binding: header.get("kb_jwt").map(|proof| text(Some(proof))).transpose()?,
        })
    }
}
