//! A paper ID to print: whom it is for, its code, what that proves and what not. An SVG picture of an A6 page.

use super::spec::Spec;
use super::text::{Box, fit, is_from_the_right};
use crate::words;
use amana_core::credential::claim169::{Claim169, PictureFormat};
use amana_core::credential::{ClaimName, Credential as _, value_text};
use amana_core::qr::Symbol;
use base64ct::{Base64, Encoding as _};
use clap::ValueEnum;
use std::fmt::Write as _;

/// How large it is printed.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Size {
    /// 148 by 105 millimetres: a quarter of A4
    A6,
    /// 297 by 210 millimetres: the same, twice as large
    A4,
}

// Millimetres on the A6 page.
const WIDTH: f64 = 148.0;
const HEIGHT: f64 = 105.0;
const MARGIN: f64 = 6.0;
const RIGHT: f64 = WIDTH - MARGIN;
const BOTTOM: f64 = HEIGHT - MARGIN + 2.0;
const RULE: f64 = 13.5;
/// The code with its quiet zone: at the largest version that is drawn, a module has half a millimetre.
const CODE: f64 = 76.0;
const CODE_X: f64 = WIDTH - CODE - 3.0;
const CODE_Y: f64 = RULE + 1.0;
const COLUMN: f64 = CODE_X - MARGIN - 1.0;
const PORTRAIT: (f64, f64) = (22.0, 28.0);

/// The claims that are printed under the name, in this order.
const PRINTED: [&str; 4] = ["date_of_birth", "gender", "nationality", "id"];
/// Those that are printed as names.
const NAMES: [&str; 5] = ["full_name", "first_name", "middle_name", "last_name", "full_name_secondary_language"];
/// Those that are no fields to tell somebody of.
const SILENT: [&str; 5] = ["binary_image", "binary_image_format", "version", "language", "secondary_language"];

/// Draws it. `is_sealed` says that only holders of a key read the code.
pub fn draw(card: &Claim169, spec: &Spec, symbol: &Symbol, size: Size, is_sealed: bool) -> String {
    let mut page = Page(String::with_capacity(32 * 1024));
    let claims = card.identity();
    let said = |name: &str| claims.value(&ClaimName::from(name)).map(value_text).unwrap_or_default();

    // The name of whoever issues it stands where reading begins.
    let (issuer_x, title_x) =
        if is_from_the_right(&spec.issuer_name) { (RIGHT - 90.0, MARGIN) } else { (MARGIN, RIGHT - 42.0) };
    let issuer_side = Side::of(&spec.issuer_name);
    let place = Box { width: 90.0, height: 9.0, lines: 2 };
    let from_rule = fit(&[&spec.issuer_name], place, 5.0).height + 0.8;
    page.block(issuer_x, RULE - from_rule, place, Ink::Strong, &[&spec.issuer_name], 5.0);
    page.line(title_x, 42.0, 11.0, Ink::Plain, issuer_side.other(), &spec.title, 4.2);
    let _ = writeln!(page.0, r##"<path d="M{MARGIN} {RULE}H{RIGHT}" stroke="#000" stroke-width=".3"/>"##);

    let mut y = RULE + 2.0;
    let full = said("full_name");
    let parts = ["first_name", "middle_name", "last_name"].map(said).join(" ");
    let name = if full.is_empty() { parts.trim() } else { &full };
    y = page.block(MARGIN, y, Box { width: COLUMN, height: 13.4, lines: 3 }, Ink::Strong, &[name], 5.2);
    let secondary = said("full_name_secondary_language");
    if !secondary.is_empty() {
        y = page.block(MARGIN, y, Box { width: COLUMN, height: 12.0, lines: 3 }, Ink::Plain, &[&secondary], 4.6);
    }
    y += 2.0;

    let (portrait_width, portrait_height) = PORTRAIT;
    let picture = card.portrait().and_then(|portrait| Some((media_type(portrait.format?)?, portrait.bytes)));
    let rows_x = match picture {
        Some((media_type, bytes)) => {
            let data = Base64::encode_string(bytes);
            let _ = writeln!(
                page.0,
                r##"<rect x="{MARGIN}" y="{y}" width="{portrait_width}" height="{portrait_height}" fill="#eee"/>
<image x="{MARGIN}" y="{y}" width="{portrait_width}" height="{portrait_height}" href="data:{media_type};base64,{data}"/>"##
            );
            MARGIN + portrait_width + 3.0
        }
        None => MARGIN,
    };
    let (mut row_y, rows_width) = (y, MARGIN + COLUMN - rows_x);
    for name in PRINTED {
        let value = said(name);
        if !value.is_empty() {
            let label = spec.text(name);
            page.line(rows_x, rows_width, row_y + 2.0, Ink::Faint, Side::of(label), label, 2.2);
            page.line(rows_x, rows_width, row_y + 5.8, Ink::Plain, Side::of(label), spec.word(&value), 3.4);
            row_y += 7.2;
        }
    }
    y = row_y.max(if picture.is_some() { y + portrait_height } else { y }) + 1.5;

    let also = claims.iter().map(|(name, _)| name.to_string());
    let is_told = |name: &String| [&PRINTED[..], &NAMES, &SILENT].iter().any(|list| list.contains(&name.as_str()));
    let also: Vec<_> = also.filter(|name| !is_told(name)).map(|name| spec.text(&name).to_owned()).collect();
    let reads = match (is_sealed, also.is_empty()) {
        (true, _) => spec.fill("sealed", &[]),
        (false, true) => spec.fill("reads", &[]),
        (false, false) => spec.fill("reads_also", &[("fields", &also.join(", "))]),
    };
    let sentences = [
        spec.fill("proves", &[("issuer", &spec.issuer_name)]),
        spec.fill(if picture.is_some() { "compare_picture" } else { "compare" }, &[]),
        reads,
        spec.fill("complain", &[("contact", &spec.contact)]),
    ];
    let sentences = sentences.each_ref().map(String::as_str);
    page.block(MARGIN, y, Box { width: COLUMN, height: BOTTOM - y, lines: 100 }, Ink::Plain, &sentences, 2.7);

    let code = symbol.to_svg();
    let place = format!(r#"<svg x="{CODE_X}" y="{CODE_Y}" width="{CODE}" height="{CODE}" "#);
    page.0.push_str(&code.replacen("<svg ", &place, 1));
    let (from, until) = (spec.valid_from.to_string(), spec.valid_until.to_string());
    let valid = spec.fill("valid", &[("from", &from), ("until", &until)]);
    let under = CODE_X + 3.0;
    page.line(under, RIGHT - under, 94.2, Ink::Strong, Side::of(&valid), &valid, 3.2);
    let kid = card.kid().map(|kid| String::from_utf8_lossy(kid).into_owned()).unwrap_or_default();
    let version = symbol.version().to_string();
    let code = spec.fill("code", &[("version", &version), ("issuer", card.issuer()), ("key", &kid)]);
    let place = Box { width: RIGHT - under, height: BOTTOM - 95.6, lines: 2 };
    page.block(under, 95.6, place, Ink::Faint, &[&code], 2.2);

    let (width, height) = match size {
        Size::A6 => (148, 105),
        Size::A4 => (297, 210),
    };
    format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" width="{width}mm" height="{height}mm" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="Noto Sans, DejaVu Sans, sans-serif"><rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>
{}</svg>
"##,
        page.0
    )
}

/// Of the pictures that what prints can draw.
fn media_type(format: PictureFormat) -> Option<&'static str> {
    match format {
        PictureFormat::Jpeg => Some("image/jpeg"),
        PictureFormat::Webp => Some("image/webp"),
        PictureFormat::Avif => Some("image/avif"),
        PictureFormat::Jpeg2000 => None,
    }
}

#[derive(Clone, Copy)]
enum Ink {
    Plain,
    Strong,
    Faint,
}

/// Where a line begins.
#[derive(Clone, Copy)]
enum Side {
    Left,
    Right,
}

impl Side {
    /// Where the reading of a text begins.
    fn of(text: &str) -> Self {
        if is_from_the_right(text) { Self::Right } else { Self::Left }
    }

    fn other(self) -> Self {
        match self {
            Self::Left => Self::Right,
            Self::Right => Self::Left,
        }
    }
}

/// What is drawn so far. Writing to a string does not fail.
struct Page(String);

impl Page {
    /// Lines from `y` down, in a box; returns where the next ones start.
    fn block(&mut self, x: f64, y: f64, place: Box, ink: Ink, text: &[&str], size: f64) -> f64 {
        let fitted = fit(text, place, size);
        for line in &fitted.lines {
            let side = if line.is_from_the_right { Side::Right } else { Side::Left };
            self.write((x, place.width), y + line.y, ink, side, &line.text, fitted.size);
        }
        y + fitted.height
    }

    /// One line whose foot is at `y`.
    #[allow(clippy::too_many_arguments)] // A place, a look, and what it says.
    fn line(&mut self, x: f64, width: f64, y: f64, ink: Ink, side: Side, text: &str, size: f64) {
        let fitted = fit(&[text], Box { width, height: f64::INFINITY, lines: 1 }, size);
        for line in &fitted.lines {
            self.write((x, width), y, ink, side, &line.text, fitted.size);
        }
    }

    fn write(&mut self, (x, width): (f64, f64), y: f64, ink: Ink, side: Side, text: &str, size: f64) {
        let look = match ink {
            Ink::Plain => "",
            Ink::Strong => r#" font-weight="bold""#,
            Ink::Faint => r##" fill="#555""##,
        };
        // At the edge where it begins: the start of a line that is read from the right is its right end.
        let (x, direction, anchor) = match (side, is_from_the_right(text)) {
            (Side::Left, false) => (x, "", ""),
            (Side::Left, true) => (x, r#" direction="rtl""#, r#" text-anchor="end""#),
            (Side::Right, false) => (x + width, "", r#" text-anchor="end""#),
            (Side::Right, true) => (x + width, r#" direction="rtl""#, ""),
        };
        let text = escape(&if direction.is_empty() { words::plain(text) } else { isolated(&words::plain(text)) });
        let _ = writeln!(
            self.0,
            r#"<text x="{x:.2}" y="{y:.2}" font-size="{size:.2}"{look}{direction}{anchor}>{text}</text>"#
        );
    }
}

/// Numbers, dates and addresses in a line that is read from the right, each kept in its own order (UAX 9: isolates).
fn isolated(text: &str) -> String {
    let is_within = |c: char| c.is_ascii_graphic() || c == ' ';
    let starts = |c: char| c.is_ascii_alphanumeric() || c == '+' || c == '(';
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, from)) = rest.find(starts).map(|start| rest.split_at(start)) {
        let end = from.find(|c| !is_within(c)).unwrap_or(from.len());
        let run = from[..end].trim_end_matches([' ', ',', '.', ';', ':', '!', '?']);
        out.extend([before, "\u{2066}", run, "\u{2069}"]);
        rest = &from[run.len()..];
    }
    out + rest
}

/// Text as it may stand in a picture: no markup, and nothing that XML does not hold.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\u{fffe}' | '\u{ffff}' => out.push(char::REPLACEMENT_CHARACTER),
            c => out.push(c),
        }
    }
    out
}
