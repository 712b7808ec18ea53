//! A verifier's registration: a registrar binds the verifier's key to a name and to what it may ask.

use super::{Bundle, IssuerKey, Names, Registrar};
use crate::cose::cbor::{self, Value};
use crate::cose::cwt::{self, claim};
use crate::cose::{Sign1, key};
use crate::credential::{ClaimPath, is_deceptive};
use crate::crypto::PublicKey;
use crate::error::{Result, damaged};
use time::Date;

const CONTEXT: &[u8] = b"amana/1 registration";
const MAX_CONTACT_LEN: usize = 200;

/// What a verifier may ask for one purpose.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Purpose {
    /// Claims without which the purpose cannot be served.
    pub needed: Vec<ClaimPath>,
    /// Claims that help and may be withheld.
    pub optional: Vec<ClaimPath>,
}

/// A registration as it came inside a request. Its signature is checked by [`Registration::standing`].
#[derive(Clone, Debug, PartialEq)]
pub struct Registration {
    signed: Sign1,
    key: PublicKey,
    names: Names,
    purposes: Vec<(String, Purpose)>,
    contact: String,
    expires: i64,
}

/// How far a registration is to be believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// A registrar in the bundle vouches for it.
    Registered {
        /// The registrar's name.
        registrar: Names,
    },
    /// It was vouched for until the end of this day.
    Expired {
        /// Last day, UTC.
        on: Date,
    },
    /// Nobody the wallet knows vouches for it, or its signature does not hold.
    Unvouched,
}

impl Registration {
    /// Reads a registration.
    ///
    /// # Errors
    /// `damaged`: `registration-*`, `names`, `cose-key`, `key-point`, and what COSE and CBOR say.
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        Self::from_sign1(Sign1::parse(bytes)?)
    }

    pub(crate) fn from_sign1(signed: Sign1) -> Result<Self> {
        let wrong = damaged("registration-shape");
        let payload = cbor::parse(signed.payload())?;
        let confirmation = payload.get(claim::CNF).and_then(|cnf| cnf.get(cwt::CNF_COSE_KEY)).ok_or(wrong.clone())?;
        let contact = payload.get("contact").and_then(Value::as_text).ok_or(wrong.clone())?;
        if contact.len() > MAX_CONTACT_LEN || contact.chars().any(is_deceptive) {
            return Err(wrong);
        }
        let purposes = payload.get("for").and_then(Value::as_map).ok_or(wrong.clone())?;
        let purpose = |(code, lists): &(Value, Value)| {
            let code = code.as_text().ok_or(wrong.clone())?.to_owned();
            let [needed, optional] = lists.as_array().ok_or(wrong.clone())? else { return Err(wrong.clone()) };
            Ok((code, Purpose { needed: paths_from_cbor(needed)?, optional: paths_from_cbor(optional)? }))
        };
        Ok(Self {
            key: key::from_value(confirmation)?.0,
            names: Names::from_cbor(payload.get("names"))?,
            purposes: purposes.iter().map(purpose).collect::<Result<_>>()?,
            contact: contact.to_owned(),
            expires: cwt::numeric_date(payload.get(claim::EXP).ok_or(wrong.clone())?)?,
            signed,
        })
    }

    /// The verifier's key.
    pub fn key(&self) -> &PublicKey {
        &self.key
    }

    /// The verifier's name.
    pub fn names(&self) -> &Names {
        &self.names
    }

    /// Where to complain about this verifier.
    pub fn contact(&self) -> &str {
        &self.contact
    }

    /// What it may ask for this purpose.
    pub fn purpose(&self, code: &str) -> Option<&Purpose> {
        self.purposes.iter().find(|(c, _)| c == code).map(|(_, purpose)| purpose)
    }

    /// The purposes it may ask for.
    pub fn purposes(&self) -> impl Iterator<Item = &str> {
        self.purposes.iter().map(|(code, _)| code.as_str())
    }

    /// The name of the registrar's key that signed.
    pub fn kid(&self) -> Option<&[u8]> {
        self.signed.kid()
    }

    /// Checks the signature by one registrar's key. Whether that registrar is believed is [`standing`](Self::standing).
    ///
    /// # Errors
    /// `untrusted`.
    pub fn verify_registrar(&self, key: &PublicKey) -> Result<()> {
        self.signed.verify(CONTEXT, key)
    }

    /// Whether a registrar in `bundle` vouches for it at `now` (Unix seconds).
    pub fn standing(&self, bundle: Option<&Bundle>, now: i64) -> Standing {
        let holds = |(_, key): &(&Registrar, &IssuerKey)| {
            key.retired.is_none() && self.signed.verify(CONTEXT, &key.key).is_ok()
        };
        let named = self.signed.kid().zip(bundle).map(|(kid, bundle)| bundle.registrars_named(kid));
        let Some((registrar, _)) = named.into_iter().flatten().find(holds) else { return Standing::Unvouched };
        match cwt::day_of(self.expires - 1) {
            Ok(on) if now >= self.expires => Standing::Expired { on },
            _ => Standing::Registered { registrar: registrar.names.clone() },
        }
    }

    /// The encoding.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.signed.to_bytes()
    }

    pub(crate) fn to_value(&self) -> Value {
        self.signed.to_value()
    }
}

fn paths_from_cbor(value: &Value) -> Result<Vec<ClaimPath>> {
    value.as_array().ok_or(damaged("registration-shape"))?.iter().map(ClaimPath::from_cbor).collect()
}

#[cfg(feature = "issuer")]
mod making {
    use super::*;
    use crate::cose::label;
    use crate::crypto::Signer;
    use crate::error::invalid;

    impl Registration {
        /// Vouches for a verifier through the end of `until`.
        ///
        /// # Errors
        /// `invalid`: `contact`, or `purposes` for none.
        pub fn sign(
            verifier: &PublicKey,
            names: &Names,
            purposes: &[(String, Purpose)],
            contact: &str,
            until: Date,
            kid: &[u8],
            registrar: &dyn Signer,
        ) -> Result<Self> {
            if contact.is_empty() || contact.len() > MAX_CONTACT_LEN || contact.chars().any(is_deceptive) {
                return Err(invalid("contact"));
            }
            if purposes.is_empty() {
                return Err(invalid("purposes"));
            }
            let list = |paths: &[ClaimPath]| Value::Array(paths.iter().map(ClaimPath::to_cbor).collect());
            let purpose = |(code, p): &(String, Purpose)| {
                (code.as_str().into(), Value::Array(vec![list(&p.needed), list(&p.optional)]))
            };
            let payload = Value::map([
                (claim::EXP.into(), cwt::day_end(until).into()),
                (claim::CNF.into(), Value::map([(cwt::CNF_COSE_KEY.into(), key::to_value(verifier))])),
                ("names".into(), names.to_cbor()),
                ("for".into(), Value::map(purposes.iter().map(purpose))),
                ("contact".into(), contact.into()),
            ]);
            Self::from_sign1(Sign1::sign([(label::KID.into(), kid.into())], payload.to_bytes(), CONTEXT, registrar)?)
        }
    }
}
