//! Files and codes in and out.

use crate::exit::Fault;
use crate::frames::{self, Codes};
use crate::output::Output;
use crate::scan;
use amana_core::qr::{Symbol, armour};
use amana_core::software;
use clap::Args;
use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};

/// Largest file that is read, in bytes: a photo of a large camera.
const MAX_FILE: u64 = 64 * 1024 * 1024;

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
            (Some(file), _) => read_code(file),
            (None, text) => Ok(text.clone().unwrap_or_default().into_bytes()),
        }
    }
}

/// Reads a file that may be a picture of a code: then its text. Of several codes, in a folder or an animated picture or
/// a line each, the text that they hold together.
pub fn read_code(path: &Path) -> Result<Vec<u8>, Fault> {
    let within = |fault: Fault| fault.within(path);
    if path.is_dir() {
        return frames::read_folder(path).map_err(within);
    }
    let bytes = read(path)?;
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

/// Reads a file, or standard input for "-".
pub fn read(path: &Path) -> Result<Vec<u8>, Fault> {
    let failed = |error| Fault::file(path, &error);
    let mut bytes = Vec::new();
    let limit = MAX_FILE + 1;
    if path == Path::new("-") {
        std::io::stdin().lock().take(limit).read_to_end(&mut bytes).map_err(failed)?;
    } else {
        File::open(path).map_err(failed)?.take(limit).read_to_end(&mut bytes).map_err(failed)?;
    }
    if bytes.len() as u64 > MAX_FILE {
        return Err(failed(std::io::ErrorKind::FileTooLarge.into()));
    }
    Ok(bytes)
}

/// Reads a file that holds text.
pub fn read_text(path: &Path) -> Result<String, Fault> {
    let not_text = |_| Fault::from(amana_core::error::Error::Foreign).within(path);
    String::from_utf8(read(path)?).map_err(not_text)
}

/// Writes a file, whatever was there, which may be the only copy of what it held: whole or not at all, and on disk when this
/// returns. What is no file, such as a pipe, just gets it.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), Fault> {
    // Through links: their file is meant.
    let place = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let is_stream = fs::metadata(&place).is_ok_and(|what| !what.is_file());
    let written = if is_stream { fs::write(&place, bytes) } else { software::write_whole(&place, bytes) };
    written.map_err(|error| Fault::file(path, &error))
}

/// Deletes a file.
pub fn remove(path: &Path) -> Result<(), Fault> {
    fs::remove_file(path).map_err(|error| Fault::file(path, &error))
}

/// Makes a folder and those above it.
pub fn make_folder(path: &Path) -> Result<(), Fault> {
    fs::create_dir_all(path).map_err(|error| Fault::file(path, &error))
}

/// Writes a file that only its owner reads, whatever was there: whole or not at all.
pub fn write_private(path: &Path, bytes: &[u8]) -> Result<(), Fault> {
    software::write_private(path, bytes).map_err(|error| Fault::file(path, &error))
}

/// Writes a file that only its owner reads, where there was none.
pub fn write_new_private(path: &Path, bytes: &[u8]) -> Result<(), Fault> {
    software::write_new_private(path, bytes).map_err(|error| Fault::file(path, &error))
}

/// Draws codes.
type Draw = fn(&Codes) -> Result<Vec<u8>, Fault>;

/// How the text of a code is written, by the ending of its file.
const FORMS: &[(&str, Draw)] = &[("png", Codes::to_png), ("svg", |codes| Ok(codes.to_svg().into_bytes()))];

/// Writes a code to a file: a picture where the name ends in `.png` or `.svg`, else its text. What takes several codes
/// becomes a picture that shows them in turn; a folder gets a picture of each. Returns what a person has to know of it.
pub fn write_code(path: &Path, text: &str) -> Result<Option<String>, Fault> {
    let is_folder = path.is_dir() || path.as_os_str().as_encoded_bytes().ends_with(b"/");
    let ending = path.extension().and_then(|ending| ending.to_str()).map(str::to_ascii_lowercase);
    let form = FORMS.iter().find(|(form, _)| ending.as_deref() == Some(form));
    if !is_folder && form.is_none() {
        write(path, format!("{text}\n").as_bytes())?;
        return Ok(None);
    }
    let codes = Codes::of(text)?;
    match form {
        Some((_, draw)) if !is_folder => write(path, &draw(&codes)?)?,
        _ => codes.write_into(path)?,
    }
    Ok(codes.describe())
}

/// Gives a code out: to a file where one is named, else drawn on the terminal and as text.
pub fn give_code(out: &Output, path: Option<&Path>, text: &str) -> Result<(), Fault> {
    if let Some(path) = path {
        let more = write_code(path, text)?;
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
