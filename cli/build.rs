//! Lists the languages: one for each file in `bindings/words`, English first.

use std::env;
use std::error::Error;
use std::fs;
use std::path::PathBuf;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = fs::canonicalize("../bindings/words")?;
    println!("cargo::rerun-if-changed={}", folder.display());
    let mut files: Vec<PathBuf> =
        fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<Result<_, Box<dyn Error>>>()?;
    files.retain(|file| file.extension().is_some_and(|ending| ending == "toml"));
    files.sort_by_key(|file| (!file.ends_with("en.toml"), file.clone()));
    let lines = files.iter().map(|file| {
        let tag = file.file_stem().unwrap_or_default();
        format!("    Language {{ tag: {tag:?}, source: include_str!({file:?}) }},\n")
    });
    let list = format!("static LANGUAGES: [Language; {}] = [\n{}];\n", files.len(), lines.collect::<String>());
    Ok(fs::write(PathBuf::from(env::var("OUT_DIR")?).join("languages.rs"), list)?)
}
