//! Values that must not leak: never cloned, serialised or printed, wiped when dropped.

use crate::error::Result;
use crate::ports::Entropy;
use core::fmt;
use zeroize::Zeroizing;

/// `N` secret bytes.
pub struct Secret<const N: usize>(Zeroizing<[u8; N]>);

impl<const N: usize> Secret<N> {
    /// Draws a fresh secret.
    pub fn make(entropy: &dyn Entropy) -> Result<Self> {
        let mut bytes = Zeroizing::new([0; N]);
        entropy.fill(&mut *bytes)?;
        Ok(Self(bytes))
    }

    /// Takes over bytes that are secret already.
    pub fn from_zeroizing(bytes: Zeroizing<[u8; N]>) -> Self {
        Self(bytes)
    }

    pub(crate) fn expose(&self) -> &[u8; N] {
        &self.0
    }
}

impl<const N: usize> fmt::Debug for Secret<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(redacted)")
    }
}

/// A person's PIN: 4 to 64 characters of any script.
#[cfg(feature = "vault")]
pub struct Pin(Zeroizing<String>);

#[cfg(feature = "vault")]
impl Pin {
    /// Fewest characters.
    pub const MIN: usize = 4;
    /// Most characters.
    pub const MAX: usize = 64;

    /// Takes a PIN as typed.
    ///
    /// # Errors
    /// `invalid` (`pin-length`) outside 4 to 64 characters.
    pub fn new(typed: Zeroizing<String>) -> Result<Self> {
        match typed.chars().count() {
            // The digits of every keyboard are the same PIN: Arabic-Indic, Persian and Urdu, Devanagari, Bengali.
            Self::MIN..=Self::MAX => {
                // Of one size: growing would leave copies behind that nobody wipes.
                let mut pin = Zeroizing::new(String::with_capacity(typed.len()));
                pin.extend(typed.chars().map(western_digit));
                Ok(Self(pin))
            }
            _ => Err(crate::error::invalid("pin-length")),
        }
    }

    pub(crate) fn expose(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

#[cfg(feature = "vault")]
fn western_digit(c: char) -> char {
    const ZEROS: [char; 4] = ['\u{660}', '\u{6f0}', '\u{966}', '\u{9e6}'];
    let value = |zero: &char| (c as u32).checked_sub(*zero as u32).filter(|value| *value < 10);
    ZEROS.iter().find_map(value).and_then(|value| char::from_digit(value, 10)).unwrap_or(c)
}

#[cfg(feature = "vault")]
impl fmt::Debug for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pin(redacted)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::OsEntropy;

    #[test]
    fn secrets_print_as_redacted() {
        assert_eq!(format!("{:?}", Secret::<32>::make(&OsEntropy).unwrap()), "Secret(redacted)");
    }

    #[cfg(feature = "vault")]
    #[test]
    fn a_pin_has_a_length_and_prints_as_redacted() {
        let pin = Pin::new(Zeroizing::new("482913".to_owned())).unwrap();
        assert_eq!(format!("{pin:?}"), "Pin(redacted)");
        assert!(Pin::new(Zeroizing::new("123".to_owned())).is_err());
        assert!(Pin::new(Zeroizing::new("1".repeat(65))).is_err());
        let expose = |typed: &str| Pin::new(Zeroizing::new(typed.to_owned())).unwrap().expose().to_vec();
        for typed in ["1984", "١٩٨٤", "۱۹۸۴", "१९८४", "১৯৮৪"] {
            assert_eq!(expose(typed), b"1984");
        }
        assert_eq!(expose("چار۴"), "چار4".as_bytes());
    }
}
