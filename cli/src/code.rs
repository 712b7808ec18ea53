//! Codes in and out: pictures, texts and files of them, one code or several.

use crate::exit::{Exit, Fault};
use crate::frames::{self, Codes};
use crate::output::Output;
use crate::words::plain;
use crate::{io, scan};
use amana_core::qr::{Symbol, armour};
use clap::Args;
use serde_json::json;
use std::path::{Path, PathBuf};

/// A code that a command takes in.
#[derive(Args)]
#[group(required = true, multiple = false)]
pub struct CodeIn {
    /// A picture of the code (PNG or JPEG), a file with its text, or "-" for standard input; for several codes a folder of
    /// pictures, an animated PNG, or a file with one text a line
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,
    /// The code's text itself
    #[arg(long, value_name = "TEXT")]
    text: Option<String>,
}

impl CodeIn {
    /// The code's text, or the bytes of a file that holds no text.
    pub fn read(&self) -> Result<Vec<u8>, Fault> {
        match (&self.file, &self.text) {
            (Some(file), _) => read(file),
            (None, text) => Ok(text.clone().unwrap_or_default().into_bytes()),
        }
    }
}

/// Say the text of the code in a picture: as a scanner reads it, of several codes the whole that they hold together
#[derive(Args)]
#[command(after_help = "Example:\n  amana scan photo.jpg > request.txt")]
pub struct Scan {
    /// A picture (PNG or JPEG), a folder of pictures, or an animated PNG
    #[arg(value_name = "PICTURE")]
    picture: PathBuf,
}

impl Scan {
    pub fn run(&self, out: &Output) -> Result<Exit, Fault> {
        let bytes = read(&self.picture)?;
        let text = String::from_utf8_lossy(&bytes);
        out.say(plain(&text), &json!({ "text": text }))?;
        Ok(Exit::Done)
    }
}

/// Reads a file that may be a picture of a code: then its text. Of several codes, in a folder or an animated picture or
/// a line each, the text that they hold together.
pub fn read(path: &Path) -> Result<Vec<u8>, Fault> {
    let within = |fault: Fault| fault.within(path);
    if path.is_dir() {
        return frames::read_folder(path).map_err(within);
    }
    let bytes = io::read(path)?;
    if scan::is_animation(&bytes) {
        return frames::gather(scan::texts(&bytes).map_err(within)?).map_err(within);
    }
    let bytes = if scan::is_image(&bytes) { scan::text(&bytes).map_err(within)?.into_bytes() } else { bytes };
    match str::from_utf8(&bytes) {
        Ok(text) if text.lines().any(armour::is_frame) => {
            frames::gather(text.lines().map(|line| Ok(line.to_owned()))).map_err(within)
        }
        _ => Ok(bytes),
    }
}

/// Draws codes.
type Draw = fn(&Codes) -> Result<Vec<u8>, Fault>;

/// How the text of a code is written, by the ending of its file.
const FORMS: &[(&str, Draw)] = &[("png", Codes::to_png), ("svg", |codes| Ok(codes.to_svg().into_bytes()))];

/// Writes a code to a file: a picture where the name ends in `.png` or `.svg`, else its text. What takes several codes
/// becomes a picture that shows them in turn; a folder gets a picture of each. Returns what a person has to know of it.
pub fn write(path: &Path, text: &str) -> Result<Option<String>, Fault> {
    let is_folder = path.is_dir() || path.as_os_str().as_encoded_bytes().ends_with(b"/");
    let ending = path.extension().and_then(|ending| ending.to_str()).map(str::to_ascii_lowercase);
    let form = FORMS.iter().find(|(form, _)| ending.as_deref() == Some(form));
    if !is_folder && form.is_none() {
        io::write(path, format!("{text}\n").as_bytes())?;
        return Ok(None);
    }
    let codes = Codes::of(text)?;
    match form {
        Some((_, draw)) if !is_folder => io::write(path, &draw(&codes)?)?,
        _ => codes.write_into(path)?,
    }
    Ok(codes.describe())
}

/// Gives a code out: to a file where one is named, else drawn on the terminal and as text.
pub fn give(out: &Output, path: Option<&Path>, text: &str) -> Result<(), Fault> {
    if let Some(path) = path {
        let more = write(path, text)?;
        let words = format!("Written to {}.", path.display());
        return out.words(more.map_or(words.clone(), |more| format!("{words} {more}")));
    }
    if out.draws() {
        // Too much for one code is no failure here: the text is there too.
        if let Ok(symbol) = Symbol::of(text) {
            out.words(symbol.to_half_blocks())?;
        }
    }
    out.words(text)
}
