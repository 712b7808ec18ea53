//! Finding the QR code in a picture: PNG or JPEG, drawn or photographed.

use crate::exit::Fault;
use image::imageops::{self, FilterType};
use image::{GrayImage, ImageReader, Limits};
use rxing::common::{GlobalHistogramBinarizer, HybridBinarizer};
use rxing::qrcode::QRCodeReader;
use rxing::{Binarizer, BinaryBitmap, DecodeHints, Luma8LuminanceSource, Reader};
use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Longest side of a picture that is taken, in pixels.
const MAX_SIDE: u32 = 10_000;
/// Most memory that decoding a picture may take, in bytes.
const MAX_ALLOC: u64 = 256 * 1024 * 1024;
/// Longest sides, in pixels, at which a code is looked for: a large photo is found faster and with less noise when it
/// is made smaller, a tiny code when it is made larger.
const SIDES: [u32; 3] = [1400, 900, 2400];

/// Whether these bytes start as a picture that [`text`] reads.
pub fn is_image(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\x89PNG\r\n\x1a\n") || bytes.starts_with(&[0xff, 0xd8, 0xff])
}

/// The text of the QR code in a picture.
///
/// # Errors
/// `image`: `damaged`, `too-large`, `no-code`.
pub fn text(picture: &[u8]) -> Result<String, Fault> {
    let picture = decode(picture)?;
    // rxing indexes into what it found in the picture, and has panicked on hostile ones: a picture without a code.
    let found = catch_unwind(AssertUnwindSafe(|| find(&picture))).unwrap_or_default();
    found.ok_or_else(|| Fault::image("no-code", "No QR code was found in the picture."))
}

fn decode(bytes: &[u8]) -> Result<GrayImage, Fault> {
    let damaged = || Fault::image("damaged", "The picture is torn, or is no PNG or JPEG.");
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    limits.max_alloc = Some(MAX_ALLOC);
    let mut reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format().map_err(|_| damaged())?;
    reader.limits(limits);
    let picture = reader.decode().map_err(|error| match error {
        image::ImageError::Limits(_) => Fault::image("too-large", "The picture is too large to be scanned."),
        _ => damaged(),
    })?;
    Ok(picture.into_luma8())
}

fn find(picture: &GrayImage) -> Option<String> {
    read(picture).or_else(|| {
        let longest = picture.width().max(picture.height()).max(1);
        SIDES.into_iter().filter(|side| side.abs_diff(longest) > longest / 8).find_map(|side| {
            let scaled = |pixels: u32| (u64::from(pixels) * u64::from(side) / u64::from(longest)).max(1) as u32;
            let (width, height) = (scaled(picture.width()), scaled(picture.height()));
            read(&imageops::resize(picture, width, height, FilterType::Triangle))
        })
    })
}

fn read(picture: &GrayImage) -> Option<String> {
    let source = || Luma8LuminanceSource::new(picture.as_raw().clone(), picture.width(), picture.height()).ok();
    // The first bears uneven light, the second low contrast.
    read_with(HybridBinarizer::new(source()?)).or_else(|| read_with(GlobalHistogramBinarizer::new(source()?)))
}

fn read_with(binarizer: impl Binarizer) -> Option<String> {
    let hints = DecodeHints { TryHarder: Some(true), AlsoInverted: Some(true), ..DecodeHints::default() };
    let found = QRCodeReader.decode_with_hints(&mut BinaryBitmap::new(binarizer), &hints).ok()?;
    Some(found.getText().to_owned())
}
