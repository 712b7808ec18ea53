//! The trust bundle: which issuers and registrars an app believes, signed by whoever runs the programme.

use super::issuer::{KEY, date, keys_from_cbor, signed_under};
use super::{DEMO_KID, Issuer, IssuerKey, Names, Signed};
use crate::cose::cbor::{self, Value};
use crate::cose::key::{self, Thumbprint};
use crate::cose::{Sign1, Verified, cwt};
use crate::credential::Credential;
use crate::crypto::PublicKey;
use crate::error::{Error, Result, damaged, untrusted};
use time::Date;

const CONTEXT: &[u8] = b"amana/1 bundle";

/// The one key an app is given from outside, by which it believes bundles.
#[derive(Clone, Debug)]
pub struct Anchor {
    key: PublicKey,
    demo: bool,
}

impl Anchor {
    /// Believes bundles signed by `key`; refuses keys named DEMO.
    pub fn new(key: PublicKey) -> Self {
        Self { key, demo: false }
    }

    /// The same for a demonstration: keys named DEMO are believed too.
    pub fn demo(key: PublicKey) -> Self {
        Self { key, demo: true }
    }

    /// Its key.
    pub fn key(&self) -> &PublicKey {
        &self.key
    }

    /// Whether it believes keys named DEMO.
    pub fn is_demo(&self) -> bool {
        self.demo
    }
}

/// Whom an app believes, as of one sequence number.
#[derive(Clone, Debug, PartialEq)]
pub struct Bundle {
    /// Grows with every edition; an older one never replaces a newer.
    pub sequence: u64,
    /// First day it speaks for, UTC.
    pub valid_from: Date,
    /// Last day it speaks for, UTC. Afterwards it is still used, and said to be stale.
    pub valid_until: Date,
    /// Issuers of cards.
    pub issuers: Vec<Issuer>,
    /// Registrars of verifiers.
    pub registrars: Vec<Registrar>,
}

/// Somebody who registers verifiers.
#[derive(Clone, Debug, PartialEq)]
pub struct Registrar {
    /// Its name.
    pub names: Names,
    /// Its keys.
    pub keys: Vec<IssuerKey>,
}

impl Bundle {
    /// Reads a bundle and believes it if `anchor` signed it.
    ///
    /// # Errors
    /// `untrusted`: `bundle-anchor`, `signature-invalid`, `demo-key`; `damaged`: `bundle-*`, `names`, `cose-key` and
    /// what COSE and CBOR say.
    pub fn verify(bytes: &[u8], anchor: &Anchor) -> Result<Verified<Self>> {
        let signed = Sign1::parse(bytes)?;
        if signer(&signed)? != anchor.key {
            return Err(untrusted("bundle-anchor"));
        }
        signed.verify(CONTEXT, &anchor.key)?;
        let bundle = Self::from_cbor(&cbor::parse(signed.payload())?)?;
        if !anchor.demo && bundle.keys().any(|key| key.kid.starts_with(DEMO_KID)) {
            return Err(untrusted("demo-key"));
        }
        Ok(Verified::new(bundle))
    }

    /// The key that a bundle says it was signed by, for a person to compare by its thumbprint. Proves nothing.
    pub fn claimed_anchor(bytes: &[u8]) -> Result<(PublicKey, Thumbprint)> {
        let key = signer(&Sign1::parse(bytes)?)?;
        let thumbprint = Thumbprint::of(&key);
        Ok((key, thumbprint))
    }

    /// Refuses to go back: an older edition never replaces a newer one.
    ///
    /// # Errors
    /// `untrusted` (`bundle-older`).
    pub fn replaces(&self, current: Option<&Self>) -> Result<()> {
        if current.is_some_and(|current| current.sequence > self.sequence) {
            return Err(untrusted("bundle-older"));
        }
        Ok(())
    }

    /// The issuer with this id that is believed for this card type.
    pub fn issuer(&self, id: &str, card_type: &str) -> Option<&Issuer> {
        self.issuers.iter().find(|issuer| issuer.id == id && issuer.types.iter().any(|t| t == card_type))
    }

    /// The issuer of a card, where this bundle knows it for this type, and whether it signed; certificates are judged at the
    /// moment `at`, Unix seconds. An issuer is known by the id that the card names, or by standing over its signer's
    /// certificate.
    pub fn signer_of(&self, card: &dyn Credential, at: i64) -> Option<(&Issuer, Signed)> {
        let is_for = |issuer: &&Issuer| {
            let is_named = card.issuer().is_empty() || issuer.id == card.issuer();
            is_named && issuer.types.iter().any(|card_type| card_type == card.card_type())
        };
        let candidates = self.issuers.iter().filter(is_for);
        let by_chain = candidates.filter_map(|issuer| Some((issuer, signed_under(&issuer.roots, card, at)?)));
        let by_key = self.issuer(card.issuer(), card.card_type()).map(|issuer| {
            let signed = match card.algorithm() {
                Some(_) => issuer.signed(card.kid(), |key| card.verify_issuer(key)),
                // Says nothing against the card: nobody here can tell.
                None => Signed::UnknownKey,
            };
            (issuer, signed)
        });
        // One who signed, before one who did not, before one of whom it is not known.
        by_chain.chain(by_key).min_by_key(|(_, signed)| match signed {
            Signed::By { retired: None } => 0,
            Signed::By { retired: Some(_) } => 1,
            Signed::Not { .. } => 2,
            Signed::UnknownKey => 3,
        })
    }

    /// The registrars that have a key of this name, each with the key.
    pub(super) fn registrars_named<'a>(
        &'a self,
        kid: &'a [u8],
    ) -> impl Iterator<Item = (&'a Registrar, &'a IssuerKey)> {
        let keys = |registrar: &'a Registrar| registrar.keys.iter().map(move |key| (registrar, key));
        self.registrars.iter().flat_map(keys).filter(move |(_, key)| key.kid == kid)
    }

    /// Whether this moment (Unix seconds) is outside its days.
    pub fn is_stale(&self, now: i64) -> bool {
        !(cwt::day_start(self.valid_from)..cwt::day_end(self.valid_until)).contains(&now)
    }

    fn keys(&self) -> impl Iterator<Item = &IssuerKey> {
        let issuers = self.issuers.iter().flat_map(|issuer| &issuer.keys);
        issuers.chain(self.registrars.iter().flat_map(|registrar| &registrar.keys))
    }

    fn from_cbor(value: &Value) -> Result<Self> {
        let wrong = damaged("bundle-shape");
        let list = |name: &str| value.get(name).and_then(Value::as_array).ok_or(wrong.clone());
        let sequence = match value.get("seq") {
            Some(Value::Uint(sequence)) => *sequence,
            _ => return Err(wrong),
        };
        let bundle = Self {
            sequence,
            valid_from: date(value.get("from"))?,
            valid_until: date(value.get("until"))?,
            issuers: list("issuers")?.iter().map(Issuer::from_cbor).collect::<Result<_>>()?,
            registrars: list("registrars")?.iter().map(Registrar::from_cbor).collect::<Result<_>>()?,
        };
        if bundle.valid_from > bundle.valid_until { Err(damaged("bundle-dates")) } else { Ok(bundle) }
    }
}

impl Registrar {
    fn from_cbor(value: &Value) -> Result<Self> {
        Ok(Self { names: Names::from_cbor(value.get("names"))?, keys: keys_from_cbor(value)? })
    }
}

fn signer(signed: &Sign1) -> Result<PublicKey> {
    // A bundle is told from other signed messages by this header.
    Ok(key::from_value(signed.text_header(KEY).ok_or(Error::Foreign)?)?.0)
}

#[cfg(feature = "issuer")]
mod making {
    use super::*;
    use crate::cose::cbor::TAG_FULL_DATE;
    use crate::crypto::Signer;
    use crate::trust::issuer::ROOTS;

    impl Bundle {
        /// Signs this edition.
        ///
        /// # Errors
        /// `host`, where the key lies in the host's hands.
        pub fn sign(&self, anchor: &dyn Signer) -> Result<Vec<u8>> {
            let payload = Value::map([
                ("seq".into(), self.sequence.into()),
                ("from".into(), date_to_cbor(self.valid_from)),
                ("until".into(), date_to_cbor(self.valid_until)),
                ("issuers".into(), self.issuers.iter().map(Issuer::to_cbor).collect::<Vec<_>>().into()),
                ("registrars".into(), self.registrars.iter().map(Registrar::to_cbor).collect::<Vec<_>>().into()),
            ]);
            let headers = [(KEY.into(), key::to_value(&anchor.public_key()))];
            Ok(Sign1::sign(headers, payload.to_bytes(), CONTEXT, anchor)?.to_bytes())
        }
    }

    impl Issuer {
        fn to_cbor(&self) -> Value {
            let roots: Vec<Value> = self.roots.iter().map(|root| root.to_bytes().into()).collect();
            let roots = (!roots.is_empty()).then(|| (ROOTS.into(), roots.into()));
            let entries = [
                ("id".into(), self.id.as_str().into()),
                ("names".into(), self.names.to_cbor()),
                ("types".into(), Value::Array(self.types.iter().map(|t| t.as_str().into()).collect())),
                ("keys".into(), keys_to_cbor(&self.keys)),
            ];
            Value::map(entries.into_iter().chain(roots))
        }
    }

    impl Registrar {
        fn to_cbor(&self) -> Value {
            Value::map([("names".into(), self.names.to_cbor()), ("keys".into(), keys_to_cbor(&self.keys))])
        }
    }

    fn keys_to_cbor(keys: &[IssuerKey]) -> Value {
        let one = |key: &IssuerKey| {
            let retired = key.retired.map(|day| ("retired".into(), date_to_cbor(day)));
            let named = key::to_named_value(&key.key, &key.kid);
            Value::map([(KEY.into(), named)].into_iter().chain(retired))
        };
        keys.iter().map(one).collect::<Vec<_>>().into()
    }

    fn date_to_cbor(day: Date) -> Value {
        Value::Tag(TAG_FULL_DATE, Box::new(day.to_string().into()))
    }
}

#[cfg(all(test, feature = "issuer"))]
mod tests {
    use super::*;
    use crate::crypto::SigningKey;
    use crate::ports::OsEntropy;
    use time::macros::date;

    fn bundle(kid: &[u8]) -> Bundle {
        let names = || Names::new(vec![("en".into(), "Office".into()), ("sw".into(), "Ofisi".into())]).unwrap();
        let key =
            || IssuerKey { kid: kid.to_vec(), key: SigningKey::make(&OsEntropy).unwrap().public_key(), retired: None };
        Bundle {
            sequence: 7,
            valid_from: date!(2026 - 01 - 01),
            valid_until: date!(2026 - 12 - 31),
            issuers: vec![Issuer {
                id: "iss".into(),
                names: names(),
                types: vec!["card".into()],
                keys: vec![key()],
                roots: Vec::new(),
            }],
            registrars: vec![Registrar {
                names: names(),
                keys: vec![IssuerKey { retired: Some(date!(2026 - 02 - 01)), ..key() }],
            }],
        }
    }

    #[test]
    fn only_what_the_anchor_signed_is_believed() {
        let (anchor, other) = (SigningKey::make(&OsEntropy).unwrap(), SigningKey::make(&OsEntropy).unwrap());
        let bundle = bundle(b"k1");
        let bytes = bundle.sign(&anchor).unwrap();
        assert_eq!(*Bundle::verify(&bytes, &Anchor::new(anchor.public_key())).unwrap(), bundle);
        assert_eq!(Bundle::verify(&bytes, &Anchor::new(other.public_key())), Err(untrusted("bundle-anchor")));
        for at in 0..bytes.len() {
            let mut altered = bytes.clone();
            altered[at] ^= 1;
            assert!(Bundle::verify(&altered, &Anchor::new(anchor.public_key())).is_err(), "byte {at}");
        }
    }

    #[test]
    fn demo_keys_are_believed_in_the_demo_only() {
        let anchor = SigningKey::make(&OsEntropy).unwrap();
        let bytes = bundle(b"DEMO-1").sign(&anchor).unwrap();
        assert_eq!(Bundle::verify(&bytes, &Anchor::new(anchor.public_key())), Err(untrusted("demo-key")));
        assert!(Bundle::verify(&bytes, &Anchor::demo(anchor.public_key())).is_ok());
    }

    #[test]
    fn an_older_edition_never_replaces_a_newer() {
        let (old, new) = (Bundle { sequence: 6, ..bundle(b"k") }, bundle(b"k"));
        assert_eq!(old.replaces(Some(&new)), Err(untrusted("bundle-older")));
        assert_eq!(new.replaces(Some(&old)), Ok(()));
        assert_eq!(new.replaces(Some(&new)), Ok(()));
    }
}
