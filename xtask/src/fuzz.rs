//! `cargo xtask fuzz`: the looks at hostile bytes (`tests/src/looks`), under libFuzzer.
//!
//! The compiler's own instrumentation is asked for by options that stable Rust has, so no other toolchain is needed; the
//! build takes a C++ compiler, for libFuzzer itself.

use crate::process::{self, Output, Result, output};
use crate::workspace::Workspace;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What libFuzzer reads: how often each edge was taken, and what is compared with what.
const INSTRUMENTATION: &[&str] = &[
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
];
/// An input that takes longer is a finding, as is one that takes more memory.
const MOST_SECONDS: u32 = 10;
const MOST_MEGABYTES: u32 = 1024;

pub struct Arguments {
    /// One look; none for all.
    pub look: Option<String>,
    /// Seconds for each.
    pub seconds: u64,
    /// Look at this file once, and at nothing else.
    pub input: Option<PathBuf>,
}

/// Runs one look or all, each from the inputs of its earlier runs, its samples, and what `AMANA_VECTORS` has of its kind.
pub fn run(workspace: &Workspace, arguments: &Arguments) -> Result {
    let names = names(workspace)?;
    if let Some(look) = &arguments.look
        && !names.contains(look)
    {
        return Err(format!("no look is called {look}: {}", names.join(", ")).into());
    }
    let fuzzer = build(workspace)?;
    if let Some(input) = &arguments.input {
        let look = arguments.look.as_deref().ok_or("which look? `cargo xtask fuzz LOOK --input FILE`")?;
        return process::run(Command::new(fuzzer).env("AMANA_FUZZ_LOOK", look).arg(input), &Output::Shown);
    }
    let mut broken = Vec::new();
    for name in names.iter().filter(|name| arguments.look.as_ref().is_none_or(|look| look == *name)) {
        if let Err(error) = fuzz(workspace, &fuzzer, name, arguments.seconds) {
            eprintln!("{name}: {error}");
            broken.push(name.as_str());
        }
    }
    match broken.is_empty() {
        true => Ok(()),
        false => Err(format!("found something: {}; fuzz/README.md says what to do with it", broken.join(", ")).into()),
    }
}

/// The looks: each has a folder of inputs that are kept, and a test sees to it.
fn names(workspace: &Workspace) -> Result<Vec<String>> {
    let folders = fs::read_dir(workspace.root.join("fuzz/corpus"))?;
    let mut names = folders
        .map(|folder| Ok(folder?.file_name().to_string_lossy().into_owned()))
        .collect::<std::io::Result<Vec<_>>>()?;
    names.sort();
    Ok(names)
}

fn fuzz(workspace: &Workspace, fuzzer: &Path, name: &str, seconds: u64) -> Result {
    let folder = workspace.target.join("fuzz/looks").join(name);
    let inputs = folder.join("inputs");
    fs::create_dir_all(&inputs)?;
    println!("\n=== {name}: {seconds} s, in {}", folder.display());
    let log = Output::logged(&folder, "log")?;
    let mut fuzzer = Command::new(fuzzer);
    fuzzer
        .current_dir(&folder)
        .env("AMANA_FUZZ_LOOK", name)
        .env("AMANA_FUZZ_SEEDS", &inputs)
        .arg(format!("-max_total_time={seconds}"))
        .arg(format!("-timeout={MOST_SECONDS}"))
        .arg(format!("-rss_limit_mb={MOST_MEGABYTES}"))
        // What it finds lies beside the log.
        .args(["-print_final_stats=1", "-artifact_prefix=found-"])
        .arg(&inputs)
        .arg(workspace.root.join("fuzz/corpus").join(name));
    process::run(&mut fuzzer, &log)?;
    let text = String::from_utf8_lossy(&fs::read(folder.join("log.log"))?).into_owned();
    text.lines()
        .filter(|line| line.starts_with("stat::number_of_executed") || line.contains("DONE"))
        .for_each(|line| println!("{line}"));
    Ok(())
}

/// Builds the fuzzer, in a target folder of its own: nothing else is instrumented so.
fn build(workspace: &Workspace) -> Result<PathBuf> {
    let target = workspace.target.join("fuzz");
    let host = host()?;
    // The versions that the workspace is built with; cargo adds libFuzzer's own.
    fs::copy(workspace.root.join("Cargo.lock"), workspace.root.join("fuzz/Cargo.lock"))?;
    let mut build = workspace.cargo(&["build", "--release", "--target", &host]);
    build
        .env("CARGO_ENCODED_RUSTFLAGS", INSTRUMENTATION.join("\u{1f}"))
        .arg("--manifest-path")
        .arg(workspace.root.join("fuzz/Cargo.toml"))
        .arg("--target-dir")
        .arg(&target);
    process::run(&mut build, &Output::Shown)?;
    Ok(target.join(host).join("release/amana-fuzz"))
}

/// Given as the target, so that build scripts and macros are left as they are.
fn host() -> Result<String> {
    let version = output(Command::new("rustc").arg("-vV"))?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(host.ok_or("`rustc -vV` names no host")?.to_owned())
}
