//! One QR symbol (ISO/IEC 18004): error correction level M, at most version 27, a quiet zone of 4 modules.

use crate::error::{Error, Result};
use qrcode::bits::Bits;
use qrcode::{EcLevel, QrCode, Version};

/// Light modules around the symbol (ISO/IEC 18004 section 6.3.8).
pub const QUIET_ZONE: usize = 4;
/// The largest version shown as one code: beyond it, a cheap phone's camera does not read it from a phone's screen.
pub const MAX_VERSION: usize = 27;
/// Pixels a module needs on a screen to be scanned.
pub const PIXELS_PER_MODULE: usize = 3;
/// Alphanumeric characters that version 27-M holds.
pub const MAX_CHARACTERS: usize = 1637;

/// Modules along one side of this version.
fn side(version: usize) -> usize {
    17 + 4 * version
}

/// Alphanumeric characters that this version holds (ISO/IEC 18004 section 7.4).
pub(super) fn characters(version: usize) -> usize {
    let most_bits = Bits::new(Version::Normal(version as i16)).max_len(EcLevel::M).unwrap_or(0);
    let count_bits = match version {
        ..10 => 9,
        10..27 => 11,
        27.. => 13,
    };
    let bits = most_bits.saturating_sub(4 + count_bits);
    bits / 11 * 2 + usize::from(bits % 11 >= 6)
}

/// The modules of one code, without its quiet zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Symbol {
    width: usize,
    dark: Vec<bool>,
}

impl Symbol {
    /// The smallest symbol that holds `text`.
    ///
    /// # Errors
    /// `too-large` beyond version 27-M.
    pub fn of(text: &str) -> Result<Self> {
        let too_large = Error::TooLarge { bytes: text.len() as u64, limit: MAX_CHARACTERS as u64 };
        if text.len() > MAX_CHARACTERS {
            return Err(too_large);
        }
        let code = QrCode::with_error_correction_level(text, EcLevel::M).ok();
        // Digits in a row are packed more tightly, and now and then that costs a few bits more than it saves.
        let code = code.filter(|code| code.width() <= side(MAX_VERSION)).or_else(|| as_one_segment(text));
        let code = code.ok_or(too_large)?;
        let dark = code.to_colors().iter().map(|color| *color == qrcode::Color::Dark).collect();
        Ok(Self { width: code.width(), dark })
    }

    /// Modules along one side, without the quiet zone.
    pub fn width(&self) -> usize {
        self.width
    }

    /// The version, 1 to 27.
    pub fn version(&self) -> usize {
        (self.width - 17) / 4
    }

    /// Modules along one side, with the quiet zone.
    pub fn full_width(&self) -> usize {
        self.width + 2 * QUIET_ZONE
    }

    /// Whether the module at column `x`, row `y` is dark; all outside the symbol is light.
    pub fn is_dark(&self, x: usize, y: usize) -> bool {
        x < self.width && y < self.width && self.dark[y * self.width + x]
    }

    /// Row by row, the modules without the quiet zone; true is dark.
    pub fn modules(&self) -> &[bool] {
        &self.dark
    }

    /// Whether a square of so many physical pixels shows it, quiet zone included, at 3 pixels a module.
    pub fn fits(&self, pixels: usize) -> bool {
        self.full_width() * PIXELS_PER_MODULE <= pixels
    }

    /// Whether that square shows any symbol of this version.
    pub(super) fn fits_at(version: usize, pixels: usize) -> bool {
        (side(version) + 2 * QUIET_ZONE) * PIXELS_PER_MODULE <= pixels
    }

    /// An SVG picture, black on white, quiet zone included.
    pub fn to_svg(&self) -> String {
        let side = self.full_width();
        let path = self.to_path(side);
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {side} {side}\" shape-rendering=\"crispEdges\">\
             <rect width=\"{side}\" height=\"{side}\" fill=\"#fff\"/><path d=\"{path}\" stroke=\"#000\"/></svg>\n"
        )
    }

    /// Its runs of dark modules as strokes of an SVG path, in the middle of a square of so many modules.
    pub(super) fn to_path(&self, side: usize) -> String {
        let margin = (side - self.width) / 2;
        let mut path = String::new();
        for y in 0..self.width {
            let mut from = None;
            let mut x = 0;
            while x < self.width {
                let run = (x..self.width).take_while(|x| self.is_dark(*x, y)).count();
                if run > 0 {
                    path.push_str(&match from {
                        None => format!("M{} {}.5h{run}", x + margin, y + margin),
                        Some(from) => format!("m{} 0h{run}", x - from),
                    });
                    from = Some(x + run);
                }
                x += run.max(1);
            }
        }
        path
    }

    /// Lines of half-block characters for a terminal with light text on dark ground, quiet zone included.
    pub fn to_half_blocks(&self) -> String {
        let side = self.full_width();
        let light = |x: usize, y: usize| {
            y < side && !(x >= QUIET_ZONE && y >= QUIET_ZONE && self.is_dark(x - QUIET_ZONE, y - QUIET_ZONE))
        };
        let mut out = String::new();
        for y in (0..side).step_by(2) {
            out.extend((0..side).map(|x| match (light(x, y), light(x, y + 1)) {
                (true, true) => '█',
                (true, false) => '▀',
                (false, true) => '▄',
                (false, false) => ' ',
            }));
            out.push('\n');
        }
        out
    }

    /// Rows of one bit a pixel, in the middle of a square of so many modules.
    #[cfg(feature = "png")]
    pub(super) fn to_pixels(&self, side: usize, scale: usize) -> Vec<u8> {
        let margin = (side - self.width) / 2;
        let side = side * scale;
        let stride = side.div_ceil(8);
        let mut pixels = vec![0xff_u8; stride * side];
        for (y, row) in pixels.chunks_exact_mut(stride).enumerate() {
            for x in 0..side {
                let (column, line) = (x / scale, y / scale);
                if column >= margin && line >= margin && self.is_dark(column - margin, line - margin) {
                    row[x / 8] &= !(0x80 >> (x % 8));
                }
            }
        }
        pixels
    }
}

/// The largest symbol, with the text as it stands in the alphanumeric set.
fn as_one_segment(text: &str) -> Option<QrCode> {
    let mut bits = Bits::new(Version::Normal(MAX_VERSION as i16));
    let is_alphanumeric = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || b" $%*+-./:".contains(&byte);
    if !text.bytes().all(is_alphanumeric) {
        return None;
    }
    bits.push_alphanumeric_data(text.as_bytes()).ok()?;
    bits.push_terminator(EcLevel::M).ok()?;
    QrCode::with_bits(bits, EcLevel::M).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn version_27_m_is_the_largest() {
        let most = Symbol::of(&"A".repeat(MAX_CHARACTERS)).unwrap();
        assert_eq!((most.version(), most.full_width()), (27, 133));
        let text = "A".repeat(MAX_CHARACTERS + 1);
        assert_eq!(Symbol::of(&text), Err(Error::TooLarge { bytes: 1638, limit: 1637 }));
        // Small letters take a byte each: fewer of them fit.
        assert!(matches!(Symbol::of(&"a".repeat(MAX_CHARACTERS)), Err(Error::TooLarge { .. })));
    }

    #[test]
    fn every_version_holds_what_the_standard_says() {
        // Table 7 of ISO/IEC 18004, level M.
        for (version, most) in [(1, 20), (9, 262), (10, 311), (15, 600), (20, 970), (26, 1542), (27, MAX_CHARACTERS)] {
            assert_eq!(characters(version), most);
            assert_eq!(Symbol::of(&"A".repeat(most)).unwrap().version(), version);
        }
    }

    /// Runs of digits and letters, as chance has them: none takes more than its characters do.
    #[test]
    fn every_text_of_the_largest_length_fits() {
        const ALPHABET: &[u8; 45] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
        let mut state = 7_u64;
        let mut draw = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 33) as usize
        };
        for _ in 0..300 {
            let text: String = (0..MAX_CHARACTERS).map(|_| ALPHABET[draw() % 45] as char).collect();
            assert_eq!(Symbol::of(&text).map(|symbol| symbol.version()), Ok(MAX_VERSION), "{text}");
        }
    }

    #[test]
    fn a_screen_needs_three_pixels_a_module() {
        let symbol = Symbol::of("AM1Q:").unwrap();
        assert_eq!(symbol.full_width(), 29);
        assert!(symbol.fits(87) && !symbol.fits(86));
    }

    #[test]
    fn pictures_hold_every_module() {
        let symbol = Symbol::of("AM1Q:BB8").unwrap();
        let lines: Vec<Vec<char>> = symbol.to_half_blocks().lines().map(|line| line.chars().collect()).collect();
        assert_eq!((lines.len(), lines[0].len()), (15, 29));
        for y in 0..21 {
            for x in 0..21 {
                let cell = lines[(y + 4) / 2][x + 4];
                let light =
                    if (y + 4) % 2 == 0 { matches!(cell, '█' | '▀') } else { matches!(cell, '█' | '▄') };
                assert_eq!(light, !symbol.is_dark(x, y));
            }
        }
        let area = |run: &str| run.parse::<usize>().unwrap();
        let svg = symbol.to_svg();
        let path = svg.split("d=\"").nth(1).and_then(|rest| rest.split_once('"')).unwrap().0;
        let drawn: usize = path.split('h').skip(1).map(|s| area(s.split(['m', 'M']).next().unwrap())).sum();
        assert_eq!(drawn, symbol.modules().iter().filter(|dark| **dark).count());
    }
}
