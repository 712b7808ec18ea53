//! Who plays: invented people and offices, their keys (named DEMO), clocks and devices.

use crate::exit::Fault;
use amana_core::cose::cwt;
use amana_core::credential::ClaimPath;
use amana_core::crypto::{Pin, SigningKey};
use amana_core::issuer::Desk;
use amana_core::ports::{Clock, OsEntropy, PortError};
use amana_core::software::SystemClock;
use amana_core::trust::{Anchor, Bundle, Issuer, IssuerKey, Names, Purpose, Registrar, Registration};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use time::{Date, Month};
use zeroize::Zeroizing;

pub const HOLDER: &str = "Zuhura";
pub const WORKER: &str = "Idris";
pub const OFFICE: &str = "Mlimani Registry of Persons";
pub const REGISTRAR: &str = "Data Protection Office";
pub const FOOD_POINT: &str = "Mlimani Food Point 3";
pub const CONTACT: &str = "+255 800 555 014";
pub const CARD_TYPE: &str = "ration-card";
pub const PURPOSE: &str = "food-ration";
pub const ISSUER: &str = "https://registry.example";
const DESK_KID: &[u8] = b"DEMO-desk";
const REGISTRAR_KID: &[u8] = b"DEMO-registrar";

/// The claims, by path, with what they say: what no file and no photo may show.
pub const CLAIMS: [(&str, &str); 6] = [
    ("person.given_name", "Zuhura"),
    ("person.family_name", "Kimathi"),
    ("person.birth_date", "1991-07-14"),
    ("household.ration_card", "RC-2208-4417"),
    ("district", "Mlimani North"),
    ("phone", "+255 700 555 142"),
];

/// The rest of the card: a number too short to be searched for.
pub const FAMILY_SIZE: u8 = 6;

/// The offices, and this demo's day.
pub struct Cast {
    pub anchor: SigningKey,
    pub desk: Desk,
    registrar: SigningKey,
    desk_key: amana_core::crypto::PublicKey,
    year: i32,
}

impl Cast {
    pub fn new() -> Result<Self, Fault> {
        let make = || SigningKey::make(&OsEntropy);
        let (anchor, issuer, registrar) = (make()?, make()?, make()?);
        let desk_key = issuer.public_key();
        let desk = Desk::new(ISSUER, DESK_KID, issuer, Arc::new(SystemClock), Arc::new(OsEntropy));
        let today = cwt::day_of(SystemClock.now().map_err(amana_core::error::Error::from)?)?;
        Ok(Self { anchor, desk, registrar, desk_key, year: today.year() })
    }

    /// Believes what the programme's key signed, DEMO keys and all. Only here.
    pub fn believe(&self) -> Anchor {
        Anchor::demo(self.anchor.public_key())
    }

    /// Whom wallets and verifiers believe.
    pub fn bundle(&self) -> Result<Bundle, Fault> {
        let key = |kid: &[u8], key| IssuerKey { kid: kid.to_vec(), key, retired: None };
        Ok(Bundle {
            sequence: 1,
            valid_from: day(self.year, Month::January, 1)?,
            valid_until: day(self.year, Month::December, 31)?,
            issuers: vec![Issuer {
                id: ISSUER.to_owned(),
                names: names(OFFICE, "Ofisi ya Usajili Mlimani")?,
                types: vec![CARD_TYPE.to_owned()],
                keys: vec![key(DESK_KID, self.desk_key.clone())],
                roots: Vec::new(),
            }],
            registrars: vec![Registrar {
                names: names(REGISTRAR, "Ofisi ya Faragha")?,
                keys: vec![key(REGISTRAR_KID, self.registrar.public_key())],
            }],
        })
    }

    /// The registrar's word for the food point: for rations it needs the household, and may ask for the district.
    pub fn registration(&self, verifier: &SigningKey) -> Result<Registration, Fault> {
        let path = ClaimPath::parse;
        let purpose = Purpose {
            needed: vec![path("household.family_size")?, path("household.ration_card")?],
            optional: vec![path("district")?],
        };
        Ok(Registration::sign(
            &verifier.public_key(),
            &names(FOOD_POINT, "Kituo cha Chakula Mlimani 3")?,
            &[(PURPOSE.to_owned(), purpose)],
            CONTACT,
            day(self.year + 1, Month::June, 30)?,
            REGISTRAR_KID,
            &self.registrar,
        )?)
    }

    /// The card, as the desk's JSON.
    pub fn card(&self) -> String {
        let said = |wanted: &str| CLAIMS.iter().find(|(path, _)| *path == wanted).map_or("", |(_, value)| value);
        serde_json::json!({
            "type": CARD_TYPE,
            "valid_from": format!("{}-01-01", self.year),
            "valid_until": format!("{}-12-31", self.year + 1),
            "claims": {
                "person": {
                    "given_name": said("person.given_name"),
                    "family_name": said("person.family_name"),
                    "birth_date": {"$date": said("person.birth_date")},
                },
                "household": {"family_size": FAMILY_SIZE, "ration_card": said("household.ration_card")},
                "district": said("district"),
                "phone": said("phone"),
            },
        })
        .to_string()
    }

    /// A card that may be seen by anybody.
    pub fn harmless_card(&self) -> String {
        serde_json::json!({
            "type": CARD_TYPE,
            "valid_from": format!("{}-01-01", self.year),
            "valid_until": format!("{}-12-31", self.year + 1),
            "claims": {"household": {"family_size": 1, "ration_card": "RC-0000-1200"}},
        })
        .to_string()
    }
}

fn names(en: &str, sw: &str) -> Result<Names, Fault> {
    Ok(Names::new(vec![("en".to_owned(), en.to_owned()), ("sw".to_owned(), sw.to_owned())])?)
}

fn day(year: i32, month: Month, day: u8) -> Result<Date, Fault> {
    let wrong = |_| amana_core::error::Error::Internal { reason: "demo-day" };
    Ok(Date::from_calendar_date(year, month, day).map_err(wrong)?)
}

/// The holder's PIN.
pub fn pin() -> Result<Pin, Fault> {
    Ok(Pin::new(Zeroizing::new("274159".to_owned()))?)
}

/// A phone's clock that somebody may have set wrong.
#[derive(Default)]
pub struct PhoneClock {
    wrong_by: AtomicI64,
}

impl PhoneClock {
    /// Sets it wrong by so many years.
    pub fn set_wrong(&self, years: i64) {
        self.wrong_by.store(years * 365 * 86_400, Ordering::SeqCst);
    }
}

impl Clock for PhoneClock {
    fn now(&self) -> Result<i64, PortError> {
        Ok(SystemClock.now()? + self.wrong_by.load(Ordering::SeqCst))
    }

    fn elapsed(&self) -> Result<u64, PortError> {
        SystemClock.elapsed()
    }
}
