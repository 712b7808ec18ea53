//! Files in and out.

use crate::exit::Fault;
use amana_core::software;
use std::fs::{self, File};
use std::io::Read as _;
use std::path::Path;

/// Largest file that is read, in bytes: a photo of a large camera.
const MAX_FILE: u64 = 64 * 1024 * 1024;

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
