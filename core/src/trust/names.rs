//! One thing's name in several languages.

use crate::cose::cbor::Value;
use crate::credential::is_deceptive;
use crate::error::{Result, damaged, invalid};

/// Names by language tag (BCP 47), in the order given; at least one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Names(Vec<(String, String)>);

impl Names {
    /// Most languages.
    pub const MAX: usize = 32;
    /// Longest name, in bytes of UTF-8.
    pub const MAX_LEN: usize = 120;

    /// Names by language tag.
    ///
    /// # Errors
    /// `invalid` (`names`) for none, more than 32, an empty or overlong one, or one with control characters: a name is
    /// shown to a person who decides by it.
    pub fn new(names: Vec<(String, String)>) -> Result<Self> {
        let fine = |(tag, name): &(String, String)| {
            let tag_fine = (2..=35).contains(&tag.len()) && tag.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
            tag_fine && (1..=Self::MAX_LEN).contains(&name.len()) && !name.chars().any(is_deceptive)
        };
        let count_fine = (1..=Self::MAX).contains(&names.len());
        if count_fine && names.iter().all(fine) { Ok(Self(names)) } else { Err(invalid("names")) }
    }

    /// The name in the first of `languages` there is one for, else the first name.
    pub fn best(&self, languages: &[&str]) -> &str {
        let of = |language: &&str| self.0.iter().find(|(tag, _)| tag == language);
        languages.iter().find_map(of).unwrap_or(&self.0[0]).1.as_str()
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(tag, name)| (tag.as_str(), name.as_str()))
    }

    pub(super) fn from_cbor(value: Option<&Value>) -> Result<Self> {
        let wrong = damaged("names");
        let entries = value.and_then(Value::as_map).ok_or(wrong.clone())?;
        let name = |(tag, name): &(Value, Value)| Some((tag.as_text()?.to_owned(), name.as_text()?.to_owned()));
        let names = entries.iter().map(name).collect::<Option<Vec<_>>>().ok_or(wrong.clone())?;
        Self::new(names).map_err(|_| wrong)
    }

    #[cfg(feature = "issuer")]
    pub(super) fn to_cbor(&self) -> Value {
        Value::Map(self.0.iter().map(|(tag, name)| (tag.as_str().into(), name.as_str().into())).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_turn_the_line_around() {
        let named = |name: &str| Names::new(vec![("en".to_owned(), name.to_owned())]);
        assert!(named("Chakula kwa wote").is_ok());
        assert!(named("خوراک").is_ok());
        for wrong in ["", "a\nb", "safe\u{202e}live", &"x".repeat(121)] {
            assert_eq!(named(wrong), Err(invalid("names")), "{wrong:?}");
        }
    }

    #[test]
    fn the_best_language_is_the_first_known() {
        let names = Names::new(vec![("en".into(), "Food".into()), ("sw".into(), "Chakula".into())]).unwrap();
        assert_eq!(names.best(&["ur", "sw", "en"]), "Chakula");
        assert_eq!(names.best(&["ur"]), "Food");
    }
}
