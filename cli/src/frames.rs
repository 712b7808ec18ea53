//! What takes several codes: drawn one after the other, and gathered from pictures or lines of text.

use crate::exit::Fault;
use crate::io;
use crate::output;
use crate::scan;
use amana_core::error::Error;
use amana_core::qr::{Collector, Frames, Progress, Symbol, animation, armour};
use std::fs;
use std::path::Path;

/// How long each of several codes is shown, in milliseconds: a camera has the time to see it more than once.
const SHOWN_FOR: u16 = 200;
/// Pixels a module of a PNG has: enough for a camera that looks at a print or a screen.
const PIXELS_PER_MODULE: usize = 8;

/// The codes that a text takes.
pub struct Codes {
    symbols: Vec<Symbol>,
    enough: usize,
}

impl Codes {
    /// One code where the text fits it, else as many as hold it and half as many again, so that some may be missed.
    pub fn of(text: &str) -> Result<Self, Fault> {
        match Symbol::of(text) {
            Ok(symbol) => return Ok(Self { symbols: vec![symbol], enough: 1 }),
            Err(Error::TooLarge { .. }) => {}
            Err(error) => return Err(error.into()),
        }
        let (kind, bytes) = armour::parse(text)?;
        let frames = Frames::new(kind, &bytes)?;
        let enough = frames.symbols();
        let indices = 0..(enough + enough.div_ceil(2)) as u32;
        let symbols = indices.map(|index| Symbol::of(&frames.text(index))).collect::<Result<_, _>>()?;
        Ok(Self { symbols, enough })
    }

    /// A PNG picture, an animated one for several codes.
    pub fn to_png(&self) -> Result<Vec<u8>, Fault> {
        Ok(animation::to_png(&self.symbols, PIXELS_PER_MODULE, SHOWN_FOR)?)
    }

    /// An SVG picture, an animated one for several codes.
    pub fn to_svg(&self) -> String {
        match &*self.symbols {
            [symbol] => symbol.to_svg(),
            symbols => animation::to_svg(symbols, u32::from(SHOWN_FOR)),
        }
    }

    /// Writes a PNG picture of each code into a folder, numbered.
    pub fn write_into(&self, folder: &Path) -> Result<(), Fault> {
        io::make_folder(folder)?;
        for (i, symbol) in self.symbols.iter().enumerate() {
            io::write(&folder.join(format!("{:04}.png", i + 1)), &symbol.to_png(PIXELS_PER_MODULE)?)?;
        }
        Ok(())
    }

    /// What a person has to know of it, where it is more than one code.
    pub fn describe(&self) -> Option<String> {
        let (count, enough) = (self.symbols.len(), self.enough);
        (count > 1).then(|| format!("These are {count} codes, one after the other; about {enough} of them are enough."))
    }
}

/// What the pictures of a folder show together, as the text of one code.
pub fn read_folder(folder: &Path) -> Result<Vec<u8>, Fault> {
    let failed = |error| Fault::file(folder, &error);
    let entries = fs::read_dir(folder).map_err(failed)?;
    let mut files = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>, _>>().map_err(failed)?;
    files.retain(|file| file.is_file());
    files.sort();
    let pictures = files.iter().filter_map(|file| match io::read(file) {
        Ok(bytes) => scan::is_image(&bytes).then(|| scan::text(&bytes).map_err(|fault| fault.within(file))),
        Err(fault) => Some(Err(fault)),
    });
    gather(pictures)
}

/// What the frames among these texts come to, as the text of one code. Texts of others are passed over.
pub fn gather(texts: impl IntoIterator<Item = Result<String, Fault>>) -> Result<Vec<u8>, Fault> {
    let bar = output::bar();
    let mut collector = Collector::new();
    let mut fault = Fault::image("no-code", "No QR code was found in the pictures.");
    let (mut most, mut failed) = (0, false);
    for text in texts {
        match text.and_then(|text| Ok(collector.add(&text)?)) {
            Ok(Progress::Whole(kind, bytes)) => {
                bar.finish_and_clear();
                return Ok(armour::to_text(kind, &bytes).into_bytes());
            }
            Ok(Progress::NeedMore { seen, of, disturbed, .. }) => {
                bar.set_length(of as u64);
                bar.set_position(seen.min(of) as u64);
                if seen > most {
                    most = seen;
                    fault = if disturbed { Error::Damaged { reason: "frame-false" }.into() } else { missing(seen, of) };
                }
            }
            // The first that failed, unless frames say more.
            Err(other) if most == 0 && !failed => (fault, failed) = (other, true),
            Err(_) => {}
        }
    }
    bar.finish_and_clear();
    Err(fault)
}

fn missing(seen: usize, of: usize) -> Fault {
    let sentence = format!("{seen} different codes are here, and at least {of} are needed: scan more of them.");
    Fault { code: "damaged", reason: Some("frames-missing"), sentence }
}

#[cfg(test)]
mod tests {
    use super::*;
    use amana_core::qr::Kind;

    fn large_text() -> String {
        let bytes: Vec<u8> = (0..5000_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
        armour::to_text(Kind::Bundle, &bytes)
    }

    fn frames() -> Vec<String> {
        let (kind, bytes) = armour::parse(&large_text()).unwrap();
        let frames = Frames::new(kind, &bytes).unwrap();
        (0..14).map(|index| frames.text(index)).collect()
    }

    #[test]
    fn frames_are_gathered_among_other_texts() {
        let mut texts: Vec<_> = frames().into_iter().skip(4).map(Ok).collect();
        texts.insert(2, Ok("https://example.com".to_owned()));
        texts.insert(5, Err(Fault::image("no-code", "")));
        assert_eq!(gather(texts), Ok(large_text().into_bytes()));
    }

    #[test]
    fn what_is_missing_is_told() {
        let few = || frames().into_iter().take(8).map(Ok);
        let fault = gather(few().chain([Err(Fault::image("no-code", ""))])).unwrap_err();
        assert_eq!((fault.code, fault.reason), ("damaged", Some("frames-missing")));
        assert!(fault.sentence.starts_with("8 different codes are here, and at least 9 "), "{}", fault.sentence);
        let foreign = gather([Ok("https://example.com".to_owned()), Err(Fault::image("no-code", ""))]).unwrap_err();
        assert_eq!(foreign.code, "foreign");
        assert_eq!(gather([]).unwrap_err().reason, Some("no-code"));
    }

    #[test]
    fn an_animated_picture_is_read_frame_by_frame() {
        let codes = Codes::of(&large_text()).unwrap();
        assert_eq!((codes.symbols.len(), codes.enough), (14, 9));
        let png = codes.to_png().unwrap();
        assert!(scan::is_animation(&png));
        assert_eq!(gather(scan::texts(&png).unwrap()), Ok(large_text().into_bytes()));
        let torn = gather(scan::texts(&png[..png.len() / 2]).unwrap()).unwrap_err();
        assert_eq!(torn.reason, Some("frames-missing"));
        let single = Codes::of("AM1Q:BB8").unwrap().to_png().unwrap();
        assert!(!scan::is_animation(&single));
    }
}
