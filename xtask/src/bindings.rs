//! The library that a phone gets, and the Kotlin and Swift side of it.
//!
//! Both languages are tested on the library in the profile `phone`, with one thing more than a phone gets: the ports in
//! files.

use crate::process::{Output, Result, on_path, run};
use crate::workspace::Workspace;
use std::env::consts::{DLL_PREFIX, DLL_SUFFIX, EXE_SUFFIX};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Whom the library is for.
#[derive(Clone, Copy)]
pub enum For {
    /// Phones, which have ports of their own.
    Phones,
    /// Tests, the JVM on a desktop and Linux.
    Desktops,
}

/// A kind of phone processor: what Android calls it, and what Rust does.
pub struct Abi {
    pub name: &'static str,
    pub target: &'static str,
}

pub const ABIS: [Abi; 3] = [
    Abi { name: "arm64-v8a", target: "aarch64-linux-android" },
    Abi { name: "armeabi-v7a", target: "armv7-linux-androideabi" },
    Abi { name: "x86_64", target: "x86_64-linux-android" },
];

impl Abi {
    /// The library that an NDK builds for it.
    pub fn library(&self, workspace: &Workspace) -> PathBuf {
        workspace.target.join(self.target).join("phone/libamana_ffi.so")
    }
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
        "bindings/kotlin/amana/target/generated-sources/uniffi",
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

/// A library without its symbols, as it is shipped.
pub fn strip(library: &Path, stripped: &Path) -> Result {
    fs::create_dir_all(stripped.parent().ok_or("a file lies in a folder")?)?;
    let strip = ["strip", "llvm-strip"].into_iter().find(|program| on_path(program));
    let strip = strip.ok_or("no `strip` on PATH: binutils or LLVM has it")?;
    run(Command::new(strip).arg("-o").arg(stripped).arg(library), &Output::Shown)
}

/// The folder of the library.
pub fn library_folder(workspace: &Workspace) -> PathBuf {
    workspace.target.join("phone")
}

/// The library, with its symbols: they carry what the generator reads.
pub fn library(workspace: &Workspace) -> PathBuf {
    library_folder(workspace).join(format!("{DLL_PREFIX}amana_ffi{DLL_SUFFIX}"))
}
