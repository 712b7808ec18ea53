//! Issuing: from named fields to a signed token, and to a sealed one.

use super::fields::{self, FIELDS, Kind, PORTRAIT, PORTRAIT_FORMAT};
use super::{CLAIM, Claim169, PictureFormat, Token};
use crate::cose::cbor::Value;
use crate::cose::cwt::{self, claim};
use crate::cose::label;
use crate::cose::{Encrypt0, Sign1};
use crate::credential::format::StatusReference;
use crate::credential::model::{Claims, MAX_PORTRAIT_LEN, Value as ClaimValue};
use crate::crypto::{Cipher, Signer, SymmetricKey};
use crate::error::{Error, Result, invalid};
use crate::ports::Entropy;
use time::Date;

/// Numbers that the specification leaves to closed ecosystems: its fields of the future that are no biometric ones.
const UNASSIGNED: [core::ops::RangeInclusive<i64>; 2] = [24..=49, 75..=99];

/// What a card will say, before it is signed.
#[derive(Clone, Debug)]
pub struct Draft {
    /// First day of validity, UTC.
    pub valid_from: Date,
    /// Last day of validity, UTC.
    pub valid_until: Date,
    /// When it is signed (`iat`), Unix seconds, where that is to be told.
    pub issued_at: Option<i64>,
    /// The fields by their names, or by numbers that are unassigned. Whoever sees the code reads every one of them.
    pub claims: Claims,
    /// Where its issuer will say whether it is cancelled.
    pub status: Option<StatusReference>,
}

/// Signs a card in the name of `issuer` (its id, as trust bundles have it), by the algorithm numbers from before RFC 9864
/// that readers of this format know.
///
/// # Errors
/// `invalid`: `dates`; `claim-unknown` for a name that is no field; `claim-value` for a value that its field does not take;
/// `claim-twice`; `biometrics`, which are never put on a card; `portrait-format`; `status-reference`. `too-large` for a
/// portrait; `host`.
pub fn issue(draft: &Draft, issuer: &str, kid: &[u8], key: &dyn Signer) -> Result<Claim169> {
    if draft.valid_from > draft.valid_until {
        return Err(invalid("dates"));
    }
    let identity = write(&draft.claims)?;
    draft.status.as_ref().map_or(Ok(()), StatusReference::check)?;
    let claims = [
        Some((claim::ISS.into(), issuer.into())),
        Some((claim::EXP.into(), cwt::day_end(draft.valid_until).into())),
        Some((claim::NBF.into(), cwt::day_start(draft.valid_from).into())),
        draft.issued_at.map(|at| (claim::IAT.into(), at.into())),
        Some((CLAIM.into(), identity)),
        draft.status.as_ref().map(|status| (claim::STATUS.into(), status.to_cbor())),
    ];
    let payload = Value::map(claims.into_iter().flatten());
    let signed = Sign1::sign_of_old([(label::KID.into(), kid.into())], payload.to_bytes(), &[], key)?;
    // What leaves the desk went through the same reader as what arrives at a scanner.
    Claim169::of(Token::Signed(signed), payload)
}

/// Seals a card under a key that its readers hold already: the token of a nested CWT (RFC 8392 section 7.1).
///
/// # Errors
/// `untrusted` (`algorithm-mismatch`) where the key does not fit the cipher; `host`.
pub fn seal(card: &Claim169, key: &SymmetricKey, cipher: Cipher, entropy: &dyn Entropy) -> Result<Vec<u8>> {
    // A message inside another has the tag of a COSE_Sign1 and no other.
    Ok(Encrypt0::seal(&card.to_untagged_bytes(), &[], key, cipher, entropy)?.to_bytes())
}

/// The map of claim 169.
fn write(claims: &Claims) -> Result<Value> {
    let mut entries: Vec<(i64, Value)> = Vec::with_capacity(claims.len() + 1);
    for (name, value) in claims.iter() {
        let number = fields::number_of(name).ok_or(invalid("claim-unknown"))?;
        let value = match FIELDS.iter().find(|field| field.number == number) {
            Some(field) => field.kind.write(value)?,
            None if fields::BIOMETRICS.contains(&number) => return Err(invalid("biometrics")),
            None if UNASSIGNED.iter().any(|range| range.contains(&number)) => value.to_cbor(),
            None => return Err(invalid("claim-unknown")),
        };
        if entries.iter().any(|(earlier, _)| *earlier == number) {
            return Err(invalid("claim-twice"));
        }
        entries.push((number, value));
    }
    let value_of = |number: i64| entries.iter().find(|(other, _)| *other == number).map(|(_, value)| value);
    let format = value_of(PORTRAIT.0).and_then(Value::as_bytes).and_then(PictureFormat::of).map(PictureFormat::number);
    // The format is the picture's own, whether it was told or not.
    match (format, value_of(PORTRAIT_FORMAT.0)) {
        (None, None) => {}
        (Some(format), None) => entries.push((PORTRAIT_FORMAT.0, format.into())),
        (Some(format), Some(told)) if told.as_int() == Some(format) => {}
        _ => return Err(invalid("portrait-format")),
    }
    Ok(Value::map(entries.into_iter().map(|(number, value)| (number.into(), value))))
}

impl Kind {
    /// A value as the specification has it.
    fn write(&self, value: &ClaimValue) -> Result<Value> {
        const WRONG: Error = invalid("claim-value");
        match (self, value) {
            (Self::Text, ClaimValue::Text(text)) => Ok(text.as_str().into()),
            (Self::Day, value) => {
                let day = match self.read(value.to_cbor())? {
                    ClaimValue::Date(day) => day,
                    _ => return Err(WRONG),
                };
                Ok(format!("{:04}{:02}{:02}", day.year(), u8::from(day.month()), day.day()).into())
            }
            (Self::Word(words), value) => {
                let ClaimValue::Text(said) = self.read(value.to_cbor())? else { return Err(WRONG) };
                words.iter().find(|(_, word)| *word == said).map(|(number, _)| (*number).into()).ok_or(WRONG)
            }
            (Self::Picture, ClaimValue::Bytes(picture)) => {
                if picture.len() > MAX_PORTRAIT_LEN {
                    return Err(Error::TooLarge { bytes: picture.len() as u64, limit: MAX_PORTRAIT_LEN as u64 });
                }
                PictureFormat::of(picture).map(|_| picture.as_slice().into()).ok_or(invalid("portrait-format"))
            }
            (Self::Fingers, ClaimValue::List(fingers))
                if fingers.iter().all(|finger| matches!(finger, ClaimValue::Int(0..=10))) =>
            {
                Ok(value.to_cbor())
            }
            _ => Err(WRONG),
        }
    }
}
