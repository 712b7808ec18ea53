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
use super::model::{ClaimName, ClaimPath, Claims, Validity, Value, is_shown, to_paths};
use crate::crypto::{Algorithm, PublicKey, Signer};
use crate::error::{Error, Result, damaged, invalid};
use crate::jose::{Jws, json, jwk};
use crate::ports::Entropy;
use core::fmt;
use disclosure::Unredacted;
use serde_json::Value as Json;

/// `typ` of an SD-JWT VC, and the one from before November 2024.
const TYPES_OF_VC: [&str; 2] = ["dc+sd-jwt", "vc+sd-jwt"];
/// Claims that an SD-JWT VC must not hide (draft-ietf-oauth-sd-jwt-vc section 3.2.2.2).
const NEVER_HIDDEN: [&str; 7] = ["iss", "nbf", "exp", "cnf", "vct", "vct#integrity", "status"];
/// Claims that make the token work; what else there is, is about the person.
const ABOUT_THE_TOKEN: [&str; 11] =
    ["iss", "nbf", "exp", "cnf", "vct", "vct#integrity", "status", "sub", "aud", "iat", "jti"];
/// Most disclosures of one card.
const MAX_DISCLOSURES: usize = 1024;

/// A card in this format: the issuer's signature, and the disclosures that came with it.
#[derive(Clone)]
pub struct SdJwt {
    signed: Jws,
    /// As their issuer wrote them.
    disclosures: Vec<String>,
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
    /// `foreign` for what is no SD-JWT; `damaged` with `sd-jwt-*`, `jws-*`, `json-*`, `jwk-*`, `cwt-date*` or `status-reference`;
    /// `sd-jwt-key-binding` for a presentation.
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        let parts = Parts::parse(bytes)?;
        if parts.key_binding.is_some() {
            return Err(damaged("sd-jwt-key-binding"));
        }
        Self::from_parts(Jws::parse(&parts.jwt)?, parts.disclosures)
    }

    fn from_parts(signed: Jws, disclosures: Vec<String>) -> Result<Self> {
        let is_vc = signed.typ().is_some_and(|typ| TYPES_OF_VC.contains(&typ));
        let Unredacted { claims, open } = disclosure::unredact(signed.payload(), &disclosures, &mut |_, _| {})?;
        let hidden = |name: &str| claims.value(&name.into()).is_some() && !open.iter().any(|open| open == name);
        if is_vc && NEVER_HIDDEN.iter().any(|name| hidden(name)) {
            return Err(damaged("sd-jwt-never-hidden"));
        }
        let text = |name: &str, wrong| match claims.value(&name.into()) {
            Some(Value::Text(text)) => Ok(text.clone()),
            Some(_) => Err(damaged(wrong)),
            None => Ok(String::new()),
        };
        let card_type = text("vct", "sd-jwt-vct")?;
        if is_vc && card_type.is_empty() {
            return Err(damaged("sd-jwt-vct"));
        }
        let validity = Validity { not_before: date(&claims, "nbf")?, expires: date(&claims, "exp")? };
        Ok(Self {
            issuer: text("iss", "sd-jwt-iss")?,
            card_type,
            validity,
            status: StatusReference::of(&claims)?,
            holder_key: holder_key(signed.payload())?,
            signed,
            disclosures,
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

    fn claims(&self) -> Claims {
        let about_the_token =
            |name: &ClaimName| matches!(name, ClaimName::Text(name) if ABOUT_THE_TOKEN.contains(&name.as_str()));
        self.claims.clone().filtered(|name| !about_the_token(name))
    }

    /// Cannot be told: a digest without a disclosure may be a decoy.
    fn check_whole(&self) -> Result<()> {
        Ok(())
    }

    fn verify_issuer(&self, key: &PublicKey) -> Result<()> {
        self.signed.verify(key)
    }

    fn select(&self, paths: &[ClaimPath]) -> Result<Card> {
        if paths.iter().any(|path| self.claims.at(path).is_none()) {
            return Err(Error::NotFound { what: "claim" });
        }
        let mut kept = Vec::new();
        disclosure::unredact(self.signed.payload(), &self.disclosures, &mut |index, at| {
            kept.extend(is_shown(at, paths).then_some(index));
        })?;
        kept.sort_unstable();
        let kept = kept.into_iter().map(|index| self.disclosures[index].clone()).collect();
        Ok(Box::new(Self::from_parts(self.signed.clone(), kept)?))
    }

    fn shown_by(&self, paths: &[ClaimPath]) -> Result<Vec<ClaimPath>> {
        let mut closed: Vec<Vec<ClaimName>> = Vec::new();
        disclosure::unredact(self.signed.payload(), &self.disclosures, &mut |_, at| {
            if !is_shown(at, paths) {
                closed.push(at.to_vec());
            }
        })?;
        let leaves = self.claims().leaves().into_iter();
        to_paths(leaves.filter(|leaf| !closed.iter().any(|at| leaf.starts_with(at))))
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
fn date(claims: &Claims, name: &str) -> Result<Option<i64>> {
    const EXACT: i64 = 1 << 53;
    match claims.value(&name.into()) {
        None => Ok(None),
        Some(Value::Int(seconds)) if (-EXACT..=EXACT).contains(seconds) => Ok(Some(*seconds)),
        Some(Value::Float(seconds)) if seconds.abs() <= EXACT as f64 => Ok(Some(seconds.floor() as i64)),
        Some(_) => Err(damaged("cwt-date")),
    }
}

/// The JWK of `cnf` (RFC 7800 section 3.2); it may not be hidden.
fn holder_key(payload: &[u8]) -> Result<Option<PublicKey>> {
    let payload = json::parse_object(payload)?;
    let Some(confirmation) = payload.get("cnf") else { return Ok(None) };
    jwk::from_value(confirmation.get("jwk").ok_or(damaged("sd-jwt-cnf"))?).map(Some)
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
        let text = core::str::from_utf8(bytes).map_err(|_| Error::Foreign)?.trim_end_matches(['\r', '\n']);
        if text.starts_with('{') { Self::parse_json(text) } else { Self::parse_compact(text) }
    }

    /// RFC 9901 section 4.
    fn parse_compact(text: &str) -> Result<Self> {
        let (jwt, rest) = text.split_once('~').ok_or(Error::Foreign)?;
        if jwt.bytes().filter(|byte| *byte == b'.').count() != 2 {
            return Err(Error::Foreign);
        }
        let (disclosures, key_binding) = match rest.rsplit_once('~') {
            Some((disclosures, key_binding)) => (disclosures.split('~').collect(), key_binding),
            None => (Vec::new(), rest),
        };
        if disclosures.len() > MAX_DISCLOSURES {
            return Err(damaged("sd-jwt-disclosures"));
        }
        Ok(Self {
            jwt: jwt.to_owned(),
            disclosures: disclosures.into_iter().map(str::to_owned).collect(),
            key_binding: (!key_binding.is_empty()).then(|| key_binding.to_owned()),
        })
    }

    /// RFC 9901 section 8: flattened, or general with one signature.
    fn parse_json(text: &str) -> Result<Self> {
        // Another's JSON is told before it is read strictly.
        if !(text.contains("\"payload\"") && text.contains("\"disclosures\"")) {
            return Err(Error::Foreign);
        }
        let wrong = damaged("sd-jwt-json");
        let object = json::parse_object(text.as_bytes())?;
        let signature = match object.get("signatures") {
            Some(Json::Array(signatures)) if object.get("signature").is_none() => match &signatures[..] {
                [Json::Object(signature)] => signature,
                _ => return Err(wrong),
            },
            Some(_) => return Err(wrong),
            None => &object,
        };
        let text = |from: &serde_json::Map<String, Json>, name| {
            from.get(name).and_then(Json::as_str).map(str::to_owned).ok_or(damaged("sd-jwt-json"))
        };
        let header = signature.get("header").and_then(Json::as_object).ok_or(wrong.clone())?;
        let list = header.get("disclosures").and_then(Json::as_array).ok_or(wrong.clone())?;
        if list.len() > MAX_DISCLOSURES {
            return Err(damaged("sd-jwt-disclosures"));
        }
        let disclosures = list.iter().map(|one| one.as_str().map(str::to_owned)).collect::<Option<_>>().ok_or(wrong)?;
        let key_binding = header.contains_key("kb_jwt").then(|| text(header, "kb_jwt")).transpose()?;
        let jwt = [text(signature, "protected")?, text(&object, "payload")?, text(signature, "signature")?].join(".");
        Ok(Self { jwt, disclosures, key_binding })
    }
}
