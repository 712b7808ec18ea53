//! Several symbols as one picture that shows them in turn, without end.

use super::symbol::Symbol;
#[cfg(feature = "png")]
use crate::error::{Error, Result};

/// An SVG picture that shows each symbol for so many milliseconds, by the style sheet in it. Where nothing moves, the
/// first one is seen.
pub fn to_svg(symbols: &[Symbol], milliseconds: u32) -> String {
    let side = widest(symbols);
    let (each, count) = (f64::from(milliseconds) / 1000.0, symbols.len().max(1) as f64);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {side} {side}\" shape-rendering=\"crispEdges\">\n\
         <style>path{{stroke:#000;visibility:hidden;animation:show {:.3}s step-end infinite}}\
         path:first-of-type{{visibility:visible}}\
         @keyframes show{{0%{{visibility:visible}}{:.5}%{{visibility:hidden}}}}</style>\n\
         <rect width=\"{side}\" height=\"{side}\" fill=\"#fff\"/>\n",
        each * count,
        100.0 / count,
    );
    for (i, symbol) in symbols.iter().enumerate() {
        let (delay, path) = (each * i as f64, symbol.to_path(side));
        svg.push_str(&format!("<path style=\"animation-delay:{delay:.3}s\" d=\"{path}\"/>\n"));
    }
    svg.push_str("</svg>\n");
    svg
}

/// An animated PNG picture of one bit a pixel, `scale` pixels a module, that shows each symbol for so many milliseconds.
/// A reader that knows no animation sees the first one.
///
/// # Errors
/// `internal` where there is no symbol.
#[cfg(feature = "png")]
pub fn to_png(symbols: &[Symbol], scale: usize, milliseconds: u16) -> Result<Vec<u8>> {
    let failed = |_| Error::Internal { reason: "png" };
    let (side, scale) = (widest(symbols), scale.clamp(1, 64));
    let pixels = (side * scale) as u32;
    let mut out = Vec::new();
    let mut encoder = png::Encoder::new(&mut out, pixels, pixels);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::One);
    if symbols.len() != 1 {
        encoder.set_animated(symbols.len() as u32, 0).map_err(failed)?;
        encoder.set_frame_delay(milliseconds, 1000).map_err(failed)?;
    }
    let mut writer = encoder.write_header().map_err(failed)?;
    for symbol in symbols {
        writer.write_image_data(&symbol.to_pixels(side, scale)).map_err(failed)?;
    }
    writer.finish().map_err(failed)?;
    Ok(out)
}

impl Symbol {
    /// A PNG picture of one bit a pixel, `scale` pixels a module, quiet zone included.
    #[cfg(feature = "png")]
    pub fn to_png(&self, scale: usize) -> Result<Vec<u8>> {
        to_png(core::slice::from_ref(self), scale, 0)
    }
}

fn widest(symbols: &[Symbol]) -> usize {
    symbols.iter().map(Symbol::full_width).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn symbols() -> Vec<Symbol> {
        ["AM1Q:BB8", "AM1Q:QED8WEX0", &"A".repeat(60)].map(|text| Symbol::of(text).unwrap()).to_vec()
    }

    #[test]
    fn one_symbol_is_seen_at_a_time() {
        let svg = to_svg(&symbols(), 200);
        assert_eq!(svg.matches("<path ").count(), 3);
        assert!(svg.contains("viewBox=\"0 0 37 37\"") && svg.contains("show 0.600s") && svg.contains("}33.33333%{"));
        assert!(svg.contains("animation-delay:0.400s"));
    }

    #[cfg(feature = "png")]
    #[test]
    fn every_symbol_is_a_frame_in_the_middle_of_one_size() {
        let symbols = symbols();
        let bytes = to_png(&symbols, 2, 200).unwrap();
        let mut reader = png::Decoder::new(std::io::Cursor::new(&bytes)).read_info().unwrap();
        assert_eq!(reader.info().animation_control().map(|control| control.num_frames), Some(3));
        for symbol in &symbols {
            let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
            let info = reader.next_frame(&mut pixels).unwrap();
            let margin = (37 - symbol.width()) / 2;
            let is_dark = |x: usize, y: usize| pixels[y * info.line_size + x / 8] & (0x80 >> (x % 8)) == 0;
            for (x, y) in (0..74 * 74_usize).map(|at| (at % 74, at / 74)) {
                let (column, line) = ((x / 2).wrapping_sub(margin), (y / 2).wrapping_sub(margin));
                assert_eq!(is_dark(x, y), symbol.is_dark(column, line));
            }
        }
        assert!(to_png(&[], 2, 200).is_err());
    }
}
