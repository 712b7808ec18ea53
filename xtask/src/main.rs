//! `cargo xtask`: what people and CI run to test and measure Amana. CONTRIBUTING.md says when to use what.

mod android;
mod apt;
mod bench;
mod bindings;
mod foreign;
mod fuzz;
mod interop;
mod kept;
mod kotlin;
mod package;
mod process;
mod report;
mod swift;
mod test;
mod words;
mod workspace;

use android::Android;
use bindings::For;
use clap::{Parser, Subcommand};
use interop::{Group, Interop};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use workspace::Workspace;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Tests and measures Amana")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Checks formatting and lints, tests Rust, Kotlin, Swift and programs of others; on Debian as root installs what it lacks
    Test {
        /// Test this part alone; may be given more than once
        #[arg(long, value_enum)]
        only: Vec<test::Part>,
    },
    /// Builds the library and writes the Kotlin and Swift side of it
    Bindgen {
        /// As phones get it, without the ports in files
        #[arg(long)]
        phone: bool,
    },
    /// Writes what people are told as the apps take it: string files, and names for the code
    Words,
    /// Makes what developers of apps take: Maven packages and APKs, or an XCFramework
    Package {
        #[arg(value_enum)]
        platform: package::Platform,
        /// The folder of your own Android apps, made of a copy of android-sample/app and of the packages
        #[arg(long)]
        app: Option<PathBuf>,
    },
    /// Draws every screen of the apps anew (docs/pictures)
    Pictures {
        /// The folder of your own Android apps, which get them in their folder `pictures`
        #[arg(long)]
        app: Option<PathBuf>,
        /// The languages to draw them in, by their tags
        #[arg(long, value_delimiter = ',', default_value = "en,ur")]
        language: Vec<String>,
    },
    /// Shows Amana's output to programs that others wrote, and theirs to Amana
    Interop {
        /// The programs to run
        #[arg(long, value_enum, value_delimiter = ',', default_value = "python,node,jvm")]
        groups: Vec<Group>,
        /// Have them make the files anew that Amana's tests read (tests/interop/made)
        #[arg(long)]
        make: bool,
    },
    /// Measures, and fails where a bar does not hold
    Bench {
        /// Measure this area alone
        #[arg(value_parser = bench::area_names())]
        area: Option<String>,
        /// Print a list of {"name", "value", "unit", "bar", "holds"}
        #[arg(long)]
        json: bool,
    },
    /// Gives the parsers bytes that nobody thought of, and fails where one breaks
    Fuzz {
        /// One look at hostile bytes, by its name in fuzz/corpus; all of them unless given
        look: Option<String>,
        /// Seconds for each
        #[arg(long, default_value_t = 60)]
        seconds: u64,
        /// Look at this file once, and at nothing else
        #[arg(long)]
        input: Option<PathBuf>,
    },
}

fn pictures(workspace: &Workspace, app: Option<&Path>, languages: &[String]) -> process::Result {
    let shown = &process::Output::Shown;
    let android = Android::of(workspace, app)?;
    android.prepare(shown)?;
    // Apps elsewhere take what `cargo xtask package android` made.
    if app.is_none() {
        bindings::build(workspace, For::Desktops, shown)?;
        bindings::generate(workspace)?;
        workspace.build_command()?;
    }
    let folder = android.pictures(&workspace.command(), languages)?;
    println!("\nPictures: {}", folder.display());
    Ok(())
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let result = Workspace::find().and_then(|workspace| match arguments.task {
        Task::Test { only } => test::run(&workspace, &only),
        Task::Bindgen { phone } => {
            let whom = if phone { For::Phones } else { For::Desktops };
            bindings::build(&workspace, whom, &process::Output::Shown).and_then(|()| bindings::generate(&workspace))
        }
        Task::Words => words::generate(&workspace),
        Task::Package { platform, app } => package::run_for(&workspace, platform, app.as_deref()),
        Task::Pictures { app, language } => pictures(&workspace, app.as_deref(), &language),
        Task::Interop { groups, make } => Interop::find(&workspace, &groups).and_then(|interop| {
            interop.prepare(&process::Output::Shown)?;
            if make { interop.make() } else { interop.test(&workspace) }
        }),
        Task::Bench { area, json } => bench::run(&workspace, area.as_deref(), json),
        Task::Fuzz { look, seconds, input } => fuzz::run(&workspace, &fuzz::Arguments { look, seconds, input }),
    });
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
