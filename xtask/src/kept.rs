//! Folders that are made by a recipe and kept until it changes, such as what was downloaded.

use crate::process::Result;
use std::fs;
use std::path::Path;

/// Makes the folder, unless it is there, whole, and of this recipe.
pub fn keep(folder: &Path, recipe: &str, make: impl FnOnce() -> Result) -> Result {
    // Written last, so that a half-made folder is made anew.
    let marker = folder.join("amana-recipe");
    if fs::read_to_string(&marker).is_ok_and(|made| made == recipe) {
        return Ok(());
    }
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    make()?;
    Ok(fs::write(marker, recipe)?)
}
