//! What an app puts on a screen: codes, messages, claims, names.

use crate::error::Result;
use amana_core::credential::{self, ClaimPath, Value, value_text};
use amana_core::{cose::cwt, explain, qr, trust};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// A QR code to draw.
#[derive(uniffi::Object)]
pub struct Symbol(qr::Symbol);

impl Symbol {
    pub(crate) fn wrap(symbol: amana_core::error::Result<qr::Symbol>) -> Result<Arc<Self>> {
        Ok(Arc::new(Self(symbol?)))
    }
}

#[uniffi::export]
impl Symbol {
    /// The code of a text that one code holds, such as an enrolment's; `TooLarge` for more, which goes as `Frames`.
    #[uniffi::constructor]
    pub fn of(text: String) -> Result<Arc<Self>> {
        Self::wrap(qr::Symbol::of(&text))
    }

    /// Modules along one side, with the quiet zone of 4.
    pub fn full_width(&self) -> u32 {
        self.0.full_width() as u32
    }

    /// Modules along one side, without the quiet zone.
    pub fn width(&self) -> u32 {
        self.0.width() as u32
    }

    /// Row by row, the modules without the quiet zone: 1 is dark, 0 is light.
    pub fn modules(&self) -> Vec<u8> {
        self.0.modules().iter().map(|dark| u8::from(*dark)).collect()
    }

    /// Whether a square of so many physical pixels shows it at 3 pixels a module.
    pub fn fits(&self, pixels: u32) -> bool {
        self.0.fits(pixels as usize)
    }

    /// An SVG picture, black on white, quiet zone included.
    pub fn to_svg(&self) -> String {
        self.0.to_svg()
    }
}

/// What one code does not hold, as codes to cycle: show them one after the other, five or so a second, without end.
#[derive(uniffi::Object)]
pub struct Frames(qr::Frames);

#[uniffi::export]
impl Frames {
    /// Codes of this text, such as an answer's, each of which a square of so many physical pixels shows.
    #[uniffi::constructor]
    pub fn of(text: String, pixels: u32) -> Result<Arc<Self>> {
        let (kind, bytes) = qr::armour::parse(&text)?;
        Ok(Arc::new(Self(qr::Frames::fitting(kind, &bytes, pixels as usize)?)))
    }

    /// How many it takes where none is lost. There is no last one: those after repair what was lost.
    pub fn symbols(&self) -> u32 {
        self.0.symbols() as u32
    }

    /// The code to show as number `index`, from 0.
    pub fn symbol(&self, index: u32) -> Result<Arc<Symbol>> {
        Symbol::of(self.0.text(index))
    }

    /// Its text.
    pub fn text(&self, index: u32) -> String {
        self.0.text(index)
    }
}

/// What a code is.
#[uniffi::remote(Enum)]
pub enum Kind {
    Request,
    Response,
    Offer,
    Enrolment,
    Card,
    Delivery,
    Bundle,
    StatusList,
    Share,
}

use qr::Kind;

/// Puts together what a camera reads: single codes, and frames in any order.
#[derive(Default, uniffi::Object)]
pub struct Collector(Mutex<qr::Collector>);

#[uniffi::export]
impl Collector {
    /// One that has seen nothing.
    #[uniffi::constructor]
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    /// Takes in what was scanned. Throws for what is not Amana's; what was gathered stays.
    pub fn add(&self, scanned: String) -> Result<Gathered> {
        let mut collector = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(match collector.add(&scanned)? {
            qr::Progress::NeedMore { seen, of, disturbed, .. } => {
                Gathered::NeedMore { seen: seen as u32, of: of as u32, disturbed }
            }
            qr::Progress::Whole(kind, bytes) => Gathered::Whole { kind, text: qr::armour::to_text(kind, &bytes) },
        })
    }
}

/// What was gathered so far.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum Gathered {
    /// More frames are needed: `seen` of `of`, or some more where any was lost; `disturbed` where another code is in view.
    NeedMore {
        /// Different frames that are there.
        seen: u32,
        /// Frames that it takes where none is lost.
        of: u32,
        /// Whether frames of it do not fit together.
        disturbed: bool,
    },
    /// The whole text, for `receive`, `add` or `judge`.
    Whole {
        /// What it is.
        kind: Kind,
        /// The text.
        text: String,
    },
}

/// One sentence to show, in the app's own words for `id`. May hold personal data: show it, never log it.
#[derive(uniffi::Object)]
pub struct Message(explain::Message);

#[uniffi::export]
impl Message {
    /// Which sentence; `docs/explain.md` lists them.
    pub fn id(&self) -> String {
        self.0.id.to_owned()
    }

    /// What stands in it, by name.
    pub fn args(&self) -> HashMap<String, String> {
        self.0.args.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect()
    }
}

pub(crate) fn messages(messages: Vec<explain::Message>) -> Vec<Arc<Message>> {
    messages.into_iter().map(|message| Arc::new(Message(message))).collect()
}

/// Claims of a card. An object, so that nothing prints them by accident.
#[derive(uniffi::Object)]
pub struct Claims(pub(crate) credential::Claims);

#[uniffi::export]
impl Claims {
    /// The names at the top.
    pub fn names(&self) -> Vec<String> {
        self.0.iter().map(|(name, _)| name.to_string()).collect()
    }

    /// A claim as text, such as `household.family_size`; dates as `2026-11-22`, lists and groups as JSON.
    pub fn text(&self, path: &str) -> Option<String> {
        self.at(path).map(value_text)
    }

    /// A claim that is a whole number.
    pub fn integer(&self, path: &str) -> Option<i64> {
        if let Some(Value::Int(number)) = self.at(path) { Some(*number) } else { None }
    }

    /// A claim that is bytes, such as a portrait.
    pub fn bytes(&self, path: &str) -> Option<Vec<u8>> {
        if let Some(Value::Bytes(bytes)) = self.at(path) { Some(bytes.clone()) } else { None }
    }

    /// All of them as JSON.
    pub fn to_json(&self) -> String {
        serde_json::Value::Object(credential::to_json(&self.0)).to_string()
    }
}

impl Claims {
    fn at(&self, path: &str) -> Option<&Value> {
        self.0.at(&ClaimPath::parse(path).ok()?)
    }
}

pub(crate) fn names(names: &trust::Names) -> HashMap<String, String> {
    names.iter().map(|(language, name)| (language.to_owned(), name.to_owned())).collect()
}

pub(crate) fn paths(paths: &[ClaimPath]) -> Vec<String> {
    paths.iter().map(ClaimPath::to_string).collect()
}

/// A day as `2026-11-22`.
pub(crate) fn day(seconds: Option<i64>) -> Option<String> {
    seconds.and_then(|seconds| cwt::day_of(seconds).ok()).map(|day| day.to_string())
}
