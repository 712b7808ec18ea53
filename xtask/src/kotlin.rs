//! Kotlin on the JVM, by Maven.

use crate::process::{Output, Result, run};
use crate::workspace::Workspace;
use crate::{apt, bindings};
use std::path::Path;
use std::process::Command;

/// The programs that it takes, and the Debian package that brings each.
const TOOLS: [(&str, &str); 2] = [("javac", "default-jdk-headless"), ("mvn", "maven")];

pub struct Kotlin {
    /// Packages to install first.
    missing: Vec<&'static str>,
}

impl Kotlin {
    pub fn find() -> Result<Kotlin> {
        let missing = apt::missing(&TOOLS);
        if !missing.is_empty() && !apt::can_install() {
            return Err("Kotlin's tests take a JDK (17 or later) and Maven (3.8 or later) on PATH. \
                 On Debian: apt-get install default-jdk-headless maven. \
                 To leave them out: --only rust, --only swift."
                .into());
        }
        Ok(Kotlin { missing })
    }

    /// Installs what is missing and downloads what Maven will ask for.
    pub fn prepare(&self, workspace: &Workspace, to: &Output) -> Result {
        if !self.missing.is_empty() {
            apt::install(&self.missing, to)?;
        }
        run(maven(workspace).arg("dependency:go-offline"), to)
    }

    /// Compiles the generated code and tests it; `command` is the command `amana`.
    pub fn test(&self, workspace: &Workspace, command: &Path) -> Result {
        let library = format!("-Damana.library.path={}", bindings::library_folder(workspace).display());
        run(maven(workspace).arg("test").arg(library).env("AMANA_CLI", command), &Output::Shown)
    }
}

fn maven(workspace: &Workspace) -> Command {
    let mut command = Command::new("mvn");
    command.args(["--batch-mode", "--no-transfer-progress"]).current_dir(workspace.root.join("bindings/kotlin"));
    command
}
