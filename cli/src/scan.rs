//! Finding the QR code in a picture: PNG or JPEG, drawn or photographed.

use crate::exit::Fault;
use image::codecs::png::PngDecoder;
use image::imageops::{self, FilterType};
use image::{AnimationDecoder as _, DynamicImage, GrayImage, ImageReader, Limits};
use rxing::common::{GlobalHistogramBinarizer, HybridBinarizer};
use rxing::qrcode::cpp_port::QrReader;
use rxing::{BarcodeFormat, Binarizer, BinaryBitmap, DecodeHints, Luma8LuminanceSource, Reader};
use std::collections::HashSet;
use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Longest side of a picture that is taken, in pixels.
const MAX_SIDE: u32 = 10_000;
/// Most memory that decoding a picture may take, in bytes.
const MAX_ALLOC: u64 = 256 * 1024 * 1024;
/// Most frames of an animated picture that are looked at: three rounds of the largest transfer.
const MAX_FRAMES: usize = 4096;
/// Longest side of the picture that is searched, in pixels: the largest code has 133 modules, so even one that fills only
/// a quarter of the width keeps nearly four pixels a module.
const LARGEST_SIDE: u32 = 2000;
/// Longest sides, in pixels, at which a code is looked for where it is not found at once: noise goes when a photo is made
/// smaller, and a tiny code is found when it is made larger.
const SIDES: [u32; 3] = [900, 600, 1400];

/// Whether these bytes start as a picture that [`text`] reads.
pub fn is_image(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\x89PNG\r\n\x1a\n") || bytes.starts_with(&[0xff, 0xd8, 0xff])
}

/// Whether these bytes start as a PNG picture with frames, for [`texts`].
pub fn is_animation(bytes: &[u8]) -> bool {
    is_image(bytes) && animation(bytes).is_some()
}

/// The text of the QR code in each frame of an animated picture, one after the other.
///
/// # Errors
/// `image`: as [`text`], each frame by itself.
pub fn texts(picture: &[u8]) -> Result<impl Iterator<Item = Result<String, Fault>>, Fault> {
    let frames = animation(picture).ok_or_else(damaged)?.apng().map_err(|_| damaged())?.into_frames();
    let of_frame = |frame: image::ImageResult<image::Frame>| {
        let frame = frame.map_err(|_| damaged())?;
        text_in(&DynamicImage::ImageRgba8(frame.into_buffer()).into_luma8())
    };
    Ok(frames.take(MAX_FRAMES).map(of_frame))
}

fn animation(bytes: &[u8]) -> Option<PngDecoder<Cursor<&[u8]>>> {
    let decoder = PngDecoder::with_limits(Cursor::new(bytes), limits()).ok()?;
    decoder.is_apng().is_ok_and(|is_apng| is_apng).then_some(decoder)
}

/// The text of the QR code in a picture.
///
/// # Errors
/// `image`: `damaged`, `too-large`, `no-code`.
pub fn text(picture: &[u8]) -> Result<String, Fault> {
    text_in(&decode(picture)?)
}

fn text_in(picture: &GrayImage) -> Result<String, Fault> {
    // rxing indexes into what it found in the picture, and has panicked on hostile ones: a picture without a code.
    let found = catch_unwind(AssertUnwindSafe(|| find(picture))).unwrap_or_default();
    found.ok_or_else(|| Fault::image("no-code", "No QR code was found in the picture."))
}

fn damaged() -> Fault {
    Fault::image("damaged", "The picture is torn, or is no PNG or JPEG.")
}

fn limits() -> Limits {
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    limits.max_alloc = Some(MAX_ALLOC);
    limits
}

fn decode(bytes: &[u8]) -> Result<GrayImage, Fault> {
    let mut reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format().map_err(|_| damaged())?;
    reader.limits(limits());
    let picture = reader.decode().map_err(|error| match error {
        image::ImageError::Limits(_) => Fault::image("too-large", "The picture is too large to be scanned."),
        _ => damaged(),
    })?;
    Ok(picture.into_luma8())
}

fn find(picture: &GrayImage) -> Option<String> {
    let longest = picture.width().max(picture.height());
    if longest > LARGEST_SIDE {
        return find(&scale(picture, LARGEST_SIDE));
    }
    let others = SIDES.into_iter().filter(|side| side.abs_diff(longest) > longest / 8);
    read(picture).or_else(|| others.into_iter().find_map(|side| read(&scale(picture, side))))
}

/// The picture with this longest side.
fn scale(picture: &GrayImage, side: u32) -> GrayImage {
    let longest = picture.width().max(picture.height()).max(1);
    let scaled = |pixels: u32| (u64::from(pixels) * u64::from(side) / u64::from(longest)).max(1) as u32;
    let (width, height) = (scaled(picture.width()), scaled(picture.height()));
    if side < longest {
        imageops::thumbnail(picture, width, height)
    } else {
        imageops::resize(picture, width, height, FilterType::Triangle)
    }
}

fn read(picture: &GrayImage) -> Option<String> {
    let source = || Luma8LuminanceSource::new(picture.as_raw().clone(), picture.width(), picture.height()).ok();
    // The first bears uneven light, the second low contrast.
    read_with(HybridBinarizer::new(source()?)).or_else(|| read_with(GlobalHistogramBinarizer::new(source()?)))
}

/// The reader that stems from ZXing-C++: the other one in rxing misses codes as large as Amana's even in clean drawings.
fn read_with(binarizer: impl Binarizer) -> Option<String> {
    let hints = DecodeHints {
        PossibleFormats: Some(HashSet::from([BarcodeFormat::QR_CODE])),
        TryHarder: Some(true),
        AlsoInverted: Some(true),
        ..DecodeHints::default()
    };
    let found = QrReader.decode_with_hints(&mut BinaryBitmap::new(binarizer), &hints).ok()?;
    Some(found.getText().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use amana_core::qr::Symbol;
    use amana_core::qr::armour::{self, Kind};

    #[test]
    fn every_drawn_code_is_read() {
        for len in [8, 40, 150, 300, 480, 700, 1088] {
            let bytes: Vec<u8> = (0..len).map(|i: u32| (i.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
            let drawn = armour::to_text(Kind::Response, &bytes);
            for scale in [3, 8] {
                let png = Symbol::of(&drawn).unwrap().to_png(scale).unwrap();
                assert_eq!(text(&png).as_deref(), Ok(drawn.as_str()), "{len} bytes at {scale} pixels a module");
            }
        }
    }

    #[test]
    fn what_is_no_picture_of_a_code_says_so() {
        let png = Symbol::of("AM1Q:BB8").unwrap().to_png(4).unwrap();
        assert_eq!(text(&png[..png.len() / 2]).unwrap_err().reason, Some("damaged"));
        assert_eq!(text(b"\x89PNG\r\n\x1a\n").unwrap_err().reason, Some("damaged"));
        let mut bomb = png.clone();
        bomb[16..24].copy_from_slice(&[0, 0x10, 0, 0, 0, 0x10, 0, 0]);
        // The header's checksum no longer holds, or the size is refused: either way nothing of that size is taken.
        assert!(matches!(text(&bomb).unwrap_err().reason, Some("damaged" | "too-large")));
        let mut blank = Vec::new();
        GrayImage::from_pixel(40, 40, image::Luma([200]))
            .write_to(&mut Cursor::new(&mut blank), image::ImageFormat::Png)
            .unwrap();
        assert_eq!(text(&blank).unwrap_err().reason, Some("no-code"));
        assert_eq!(text(&[]).unwrap_err().reason, Some("damaged"));
    }

    /// ZXing's own pictures and pass marks, where they are at hand.
    #[test]
    fn photographed_codes_are_read_as_well_as_zxing_reads_them() {
        let Some(vectors) = std::env::var_os("AMANA_VECTORS") else {
            eprintln!("skipped: AMANA_VECTORS is not set");
            return;
        };
        for (folder, least) in [("qrcode-1", 17), ("qrcode-2", 32), ("qrcode-3", 38)] {
            let folder = std::path::Path::new(&vectors).join("zxing-qr").join(folder);
            let files = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
            let pictures = files.filter(|file| file.extension().is_some_and(|ending| ending == "png"));
            let is_read = |file: &std::path::PathBuf| {
                let expected = std::fs::read_to_string(file.with_extension("txt")).unwrap_or_default();
                text(&std::fs::read(file).unwrap()).is_ok_and(|text| text == expected)
            };
            let read = pictures.filter(is_read).count();
            assert!(read >= least, "{}: {read}", folder.display());
        }
    }

    /// The EU's certificates for testing verifiers: every one is read from its picture, and verifies by nobody's key.
    #[test]
    fn health_certificates_are_read_from_their_pictures() {
        use amana_core::credential::health::HealthCertificate;
        use amana_core::crypto::{Curve, SigningKey};
        use amana_core::error::Error;

        let Some(vectors) = std::env::var_os("AMANA_VECTORS") else {
            eprintln!("skipped: AMANA_VECTORS is not set");
            return;
        };
        let mut folders = vec![std::path::Path::new(&vectors).join("eu-dcc-qa")];
        let mut pictures = Vec::new();
        while let Some(folder) = folders.pop() {
            for path in std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()) {
                match path.extension() {
                    _ if path.is_dir() => folders.push(path),
                    Some(ending) if ending == "png" => pictures.push(path),
                    _ => {}
                }
            }
        }
        assert_eq!(pictures.len(), 52);
        let stranger = SigningKey::make_on(Curve::P256, &amana_core::ports::OsEntropy).unwrap().public_key();
        let mut named_unsigned = 0;
        for picture in &pictures {
            let name = picture.display();
            let text = text(&std::fs::read(picture).unwrap()).unwrap_or_else(|_| panic!("{name}: no code"));
            let read = HealthCertificate::from_text(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
            let country = picture.strip_prefix(&vectors).unwrap().components().nth(1).unwrap().as_os_str();
            assert_eq!(read.issuer(), country, "{name}");
            assert!(read.content().value(&"nam".into()).is_some(), "{name}");
            assert_eq!(read.kid().or(read.unsigned_kid()).map(<[u8]>::len), Some(8), "{name}");
            named_unsigned += usize::from(read.kid().is_none());
            assert_eq!(read.verify(&stranger), Err(Error::Untrusted { reason: "signature-invalid" }), "{name}");
        }
        assert_eq!(named_unsigned, 12);
    }
}
