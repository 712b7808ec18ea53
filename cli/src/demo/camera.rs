//! A cheap phone's camera held by hand: what is scanned is never the drawn code itself, but such a photo of it.

use crate::exit::Fault;
use crate::scan;
use image::codecs::jpeg::JpegEncoder;
use image::imageops::fast_blur;
use image::{ExtendedColorType, GrayImage, ImageEncoder as _, Luma};

/// What spoils one photo.
#[derive(Clone, Copy)]
pub struct Hand {
    /// Degrees by which the phone is turned.
    turn: f32,
    /// How much further away the upper edge is than the lower, as a share.
    lean: f32,
    /// Blur, in pixels.
    blur: f32,
}

/// Held worse and better: a person whose phone does not read a code holds it straighter and tries again.
const TRIES: [Hand; 4] = [
    Hand { turn: 4.0, lean: 0.03, blur: 1.1 },
    Hand { turn: -2.5, lean: 0.02, blur: 0.9 },
    Hand { turn: 1.0, lean: 0.01, blur: 0.7 },
    Hand { turn: 0.3, lean: 0.0, blur: 0.5 },
];

/// A share of the photo's side that is table around the code.
const MARGIN: f32 = 0.07;
/// Grey of the table.
const TABLE: f32 = 96.0;
/// Pixels of a photo for one of the drawing: about five a module.
const ZOOM: f32 = 0.66;
/// Largest noise, in shades of grey.
const NOISE: f32 = 9.0;

/// A photo that a scanner reads.
pub struct Photo {
    /// The picture, as a JPEG file.
    pub jpeg: Vec<u8>,
    /// What the scanner read in it.
    pub text: String,
    /// How many photos it took.
    pub tries: usize,
}

/// Photographs a drawing until a scanner reads the photo.
///
/// # Errors
/// `image` where it reads none of them.
pub fn photograph(drawing: &GrayImage) -> Result<Photo, Fault> {
    let mut failed = None;
    for (tries, hand) in (1..).zip(TRIES) {
        let jpeg = develop(&expose(drawing, hand))?;
        match scan::text(&jpeg) {
            Ok(text) => return Ok(Photo { jpeg, text, tries }),
            Err(fault) => failed = Some(fault),
        }
    }
    Err(failed.unwrap_or_else(|| Fault::image("no-code", "There was no photo.")))
}

fn develop(photo: &GrayImage) -> Result<Vec<u8>, Fault> {
    let mut jpeg = Vec::new();
    JpegEncoder::new_with_quality(&mut jpeg, 82)
        .write_image(photo, photo.width(), photo.height(), ExtendedColorType::L8)
        .map_err(|_| amana_core::error::Error::Internal { reason: "jpeg" })?;
    Ok(jpeg)
}

fn expose(drawing: &GrayImage, hand: Hand) -> GrayImage {
    let side = (drawing.width() as f32 * ZOOM * (1.0 + 2.0 * MARGIN)) as u32;
    let (sine, cosine) = hand.turn.to_radians().sin_cos();
    let centre = side as f32 / 2.0;
    // From a point of the photo to one of the drawing: turned, leaning, scaled.
    let shade = |x: f32, y: f32| {
        let (dx, dy) = (x - centre, y - centre);
        let far = 1.0 - hand.lean * dy / centre;
        let (dx, dy) = (dx * far, dy * far);
        let (u, v) = (cosine * dx + sine * dy, cosine * dy - sine * dx);
        let half = drawing.width() as f32 / 2.0;
        sample(drawing, u / ZOOM + half, v / ZOOM + half)
    };
    let sharp = GrayImage::from_fn(side, side, |x, y| {
        let (x, y) = (x as f32, y as f32);
        let around = [(0.25, 0.25), (0.75, 0.25), (0.25, 0.75), (0.75, 0.75)];
        Luma([(around.iter().map(|(dx, dy)| shade(x + dx, y + dy)).sum::<f32>() / 4.0) as u8])
    });
    let mut photo = fast_blur(&sharp, hand.blur);
    let mut noise = Noise(u64::from(side));
    for (x, y, Luma([grey])) in photo.enumerate_pixels_mut() {
        // Light falls in from the left, and a screen's black is no black.
        let light = 0.96 - 0.22 * (x as f32 + 0.4 * y as f32) / side as f32;
        *grey = (22.0 + f32::from(*grey) * 0.86 * light + noise.draw()).clamp(0.0, 255.0) as u8;
    }
    photo
}

/// The grey between the four pixels around a point; the table outside.
fn sample(drawing: &GrayImage, x: f32, y: f32) -> f32 {
    let (x, y) = (x - 0.5, y - 0.5);
    let at = |x: f32, y: f32| {
        let inside = x >= 0.0 && y >= 0.0 && x < drawing.width() as f32 && y < drawing.height() as f32;
        if inside { f32::from(drawing.get_pixel(x as u32, y as u32).0[0]) } else { TABLE }
    };
    let (left, top) = (x.floor(), y.floor());
    let (right, down) = (x - left, y - top);
    let row = |y| at(left, y) * (1.0 - right) + at(left + 1.0, y) * right;
    row(top) * (1.0 - down) + row(top + 1.0) * down
}

/// A linear congruential generator: grain that is the same in every run.
struct Noise(u64);

impl Noise {
    fn draw(&mut self) -> f32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 40) as f32 / (1_u32 << 24) as f32 - 0.5) * 2.0 * NOISE
    }
}
