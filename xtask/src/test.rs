//! `cargo xtask test`: everything that has to hold before a change is merged.
//!
//! Downloads and the phone library's build run in the background, beside the checks and tests of the Rust side; Swift's tests,
//! which keep one processor busy, beside Android's, which keep another.

use crate::android::Android;
use crate::bench::Row;
use crate::bindings::For;
use crate::interop::{Group, Interop};
use crate::kotlin::{self, Kotlin};
use crate::process::{self, Output, Result};
use crate::report::Report;
use crate::swift::Swift;
use crate::workspace::{NO_BINDGEN, Workspace};
use crate::{apt, bench, bindings, words};
use clap::ValueEnum;
use std::fs;
use std::path::Path;
use std::thread::{self, ScopedJoinHandle};

#[derive(Clone, Copy, PartialEq, ValueEnum)]
pub enum Part {
    Rust,
    /// The Kotlin packages, on the JVM
    Kotlin,
    /// The Android apps, with the Kotlin packages that they are made of
    Android,
    /// The Swift package and what the iOS apps decide by
    Swift,
    /// Programs that others wrote, of those that are installed quickly: `cargo xtask interop` runs all of them.
    Interop,
}

/// The Rust side's steps: their names and cargo's arguments.
const RUST: &[(&str, &[&str])] = &[
    ("formatting", &["fmt", "--all", "--check"]),
    ("clippy", &["clippy", "--workspace", NO_BINDGEN, "--all-targets", "--", "-Dwarnings"]),
    ("clippy: core without features", &["clippy", CORE, NO_FEATURES, "--", "-Dwarnings"]),
    ("clippy: core with vault", &["clippy", CORE, NO_FEATURES, "--features=vault", "--", "-Dwarnings"]),
    ("clippy: core with issuer", &["clippy", CORE, NO_FEATURES, "--features=issuer", "--", "-Dwarnings"]),
    ("clippy: bindings for phones", &["clippy", "--package=amana-ffi", NO_FEATURES, "--", "-Dwarnings"]),
    ("docs", &["doc", CORE, "--no-deps", "--all-features"]),
];
const CORE: &str = "--package=amana-core";
const NO_FEATURES: &str = "--no-default-features";

/// What the tests of the Rust side take on Linux beside cargo, and the Debian package that brings each: they make disks
/// full and calls fail (`tests/tests/withstand/`), and have age's own tool open a backup.
const TOOLS: [(&str, &str); 4] = [("age", "age"), ("strace", "strace"), ("unshare", "util-linux"), ("mount", "mount")];

pub fn run(workspace: &Workspace, only: &[Part]) -> Result {
    let asked = |part: Part| only.is_empty() || only.contains(&part);
    // All toolchains are looked for first: what cannot be had should not come up after minutes of compiling.
    if asked(Part::Rust) && cfg!(target_os = "linux") {
        get_tools()?;
    }
    let android = asked(Part::Android).then(|| Android::find(workspace)).transpose()?;
    // The apps' run tests the packages as well.
    let kotlin = (asked(Part::Kotlin) && android.is_none()).then(Kotlin::find).transpose()?;
    let swift = asked(Part::Swift).then(Swift::find).transpose()?;
    let interop = asked(Part::Interop).then(|| Interop::find(workspace, &Group::QUICK)).transpose()?;
    let mut report = Report::default();
    let result = thread::scope(|scope| {
        let library = (kotlin.is_some() || android.is_some() || swift.is_some()).then(|| {
            let logged = || Output::logged(&workspace.logs(), "bindings");
            scope.spawn(move || build_libraries(workspace, asked(Part::Rust), &logged()?))
        });
        let kotlin = kotlin.as_ref().map(|kotlin| {
            let prepare = || kotlin.prepare(workspace, &Output::logged(&workspace.logs(), "kotlin")?);
            (kotlin, scope.spawn(prepare))
        });
        let android = android.as_ref().map(|android| {
            let prepare = || android.prepare(&Output::logged(&workspace.logs(), "android")?);
            (android, scope.spawn(prepare))
        });
        let interop = interop.as_ref().map(|interop| {
            let prepare = || interop.prepare(&Output::logged(&workspace.logs(), "interop")?);
            (interop, scope.spawn(prepare))
        });
        let swift = swift.as_ref().map(|swift| {
            let prepare = || swift.prepare(&Output::logged(&workspace.logs(), "swift")?);
            (swift, scope.spawn(prepare))
        });

        if asked(Part::Rust) {
            for (name, arguments) in RUST {
                let mut cargo = workspace.cargo(arguments);
                // What clippy is told by an argument, rustdoc takes from here.
                report.step(name, || process::run(cargo.env("RUSTDOCFLAGS", "-Dwarnings"), &Output::Shown))?;
            }
            report.step("Rust tests", || process::run(&mut workspace.cargo_test(&[]), &Output::Shown))?;
        }
        if let Some((interop, prepared)) = interop {
            report.step("programs of others (got in the background)", || wait(prepared))?;
            report.step("interop", || interop.test(workspace))?;
        }
        let Some(library) = library else { return Ok(()) };
        report.step("the command `amana`", || workspace.build_command())?;
        let command = workspace.command();
        report.step("the libraries (built in the background) and the phone's size", || {
            wait(library)?.map_or(Ok(()), |size| bench::report(&[size], false))
        })?;
        report.step("generated code", || bindings::generate(workspace).and_then(|()| words::generate(workspace)))?;
        let swift = swift.map(|(swift, prepared)| {
            let command = command.clone();
            scope.spawn(move || {
                wait(prepared)?;
                let to = Output::logged(&workspace.logs(), "swift-tests")?;
                swift.test(workspace, &command, &to)?;
                swift.follow_guide(workspace, &command, &to)?;
                if let Output::Logged(log) = &to { summary(log) } else { Ok(String::new()) }
            })
        });
        if let Some((kotlin, prepared)) = kotlin {
            report.step("Kotlin toolchain (got in the background)", || wait(prepared))?;
            report.step("Kotlin packages", || kotlin.test(workspace, &command))?;
            report.step("the guide for Kotlin", || kotlin::follow_guide(workspace, &command))?;
        }
        if let Some((android, prepared)) = android {
            report.step("Android toolchain (got in the background)", || wait(prepared))?;
            report.step("Kotlin packages and Android apps", || android.test(&command))?;
            report.step("the guide for Kotlin", || kotlin::follow_guide(workspace, &command))?;
            report.step("the same, shrunk by R8", || android.run_shrunk(&command))?;
            report.step("the guides for looks and languages", || android.follow_guides(&command))?;
        }
        if let Some(swift) = swift {
            report.step("Swift packages and the guide for Swift (tested in the background)", || {
                println!("{}", wait(swift)?);
                Ok(())
            })?;
        }
        Ok(())
    });
    report.print();
    result
}

fn get_tools() -> Result {
    let missing = apt::missing(&TOOLS);
    match missing.is_empty() {
        true => Ok(()),
        false if apt::can_install() => apt::install(&missing, &Output::Shown),
        false => Err(format!(
            "Rust's tests take age, strace, unshare and mount on PATH. On Debian: apt-get install {}. \
             To leave them out: --only android, --only swift, --only interop.",
            missing.join(" ")
        )
        .into()),
    }
}

/// The library that the tests of both languages take; before, and in its place, the one that a phone gets, where its size
/// is asked for.
fn build_libraries(workspace: &Workspace, is_size_asked: bool, to: &Output) -> Result<Option<Row>> {
    let size = match is_size_asked {
        true => {
            bindings::build(workspace, For::Phones, to)?;
            Some(bench::library_size(workspace)?)
        }
        false => None,
    };
    bindings::build(workspace, For::Desktops, to)?;
    Ok(size)
}

/// What XCTest says of each package.
fn summary(log: &Path) -> Result<String> {
    let text = fs::read_to_string(log)?;
    let told: Vec<_> = text.lines().filter(|line| line.contains("Executed ") || line.contains("error:")).collect();
    Ok(told.join("\n"))
}

fn wait<T>(work: ScopedJoinHandle<'_, Result<T>>) -> Result<T> {
    work.join().map_err(|_| "the background run panicked")?
}
