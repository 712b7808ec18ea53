//! The library that a phone gets, and the Kotlin and Swift side of it.
//!
//! Both languages are tested on the library in the profile `phone`, with one thing more than a phone gets: the ports in
//! files.

use crate::process::{Output, Result, run};
use crate::workspace::Workspace;
use std::env::consts::{DLL_PREFIX, DLL_SUFFIX, EXE_SUFFIX};
use std::fs;
use std::path::PathBuf;
use std::process::Command;

/// Whom the library is for.
#[derive(Clone, Copy)]
pub enum For {
    /// Phones, which have ports of their own.
    Phones,
    /// Tests, the JVM on a desktop and Linux.
    Desktops,
}

/// Builds the generator and the library; the generator first, since it changes least.
pub fn build(workspace: &Workspace, whom: For, to: &Output) -> Result {
    run(&mut workspace.cargo(&["build", "--profile=tool", "--package=amana-bindgen"]), to)?;
    build_library(workspace, whom, to)
}

pub fn build_library(workspace: &Workspace, whom: For, to: &Output) -> Result {
    let mut build = workspace.cargo(&["build", "--profile=phone", "--package=amana-ffi"]);
    if let For::Phones = whom {
        build.arg("--no-default-features");
    }
    run(&mut build, to)
}

/// Writes the generated code anew, where each language's build expects it.
pub fn generate(workspace: &Workspace) -> Result {
    let folders = [
        "bindings/kotlin/target/generated-sources/uniffi",
        "bindings/swift/Sources/Amana/Generated",
        "bindings/swift/Sources/AmanaFFI",
    ]
    .map(|folder| workspace.root.join(folder));
    for folder in folders.iter().filter(|folder| folder.exists()) {
        fs::remove_dir_all(folder)?;
    }
    let generator = workspace.target.join(format!("tool/amana-bindgen{EXE_SUFFIX}"));
    run(Command::new(generator).arg(library(workspace)).args(folders).current_dir(&workspace.root), &Output::Shown)
}

/// The folder of the library.
pub fn library_folder(workspace: &Workspace) -> PathBuf {
    workspace.target.join("phone")
}

/// The library, with its symbols: they carry what the generator reads.
pub fn library(workspace: &Workspace) -> PathBuf {
    library_folder(workspace).join(format!("{DLL_PREFIX}amana_ffi{DLL_SUFFIX}"))
}
