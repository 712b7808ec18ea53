//! Kotlin on the JVM, by Maven.

use crate::process::{Output, Result, output, run};
use crate::workspace::Workspace;
use crate::{apt, bindings, foreign};
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
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

    /// Installs what is missing.
    pub fn install(&self, to: &Output) -> Result {
        if self.missing.is_empty() { Ok(()) } else { apt::install(&self.missing, to) }
    }

    /// Installs what is missing and downloads what Maven will ask for.
    pub fn prepare(&self, workspace: &Workspace, to: &Output) -> Result {
        self.install(to)?;
        run(packages(workspace).arg("dependency:go-offline"), to)
    }

    /// Puts this machine's library where the package for the JVM takes it from, under JNA's name for such machines.
    pub fn add_library(workspace: &Workspace) -> Result {
        let system = if cfg!(target_os = "macos") { "darwin" } else { env::consts::OS };
        let machine = format!("{system}-{}", env::consts::ARCH.replace('_', "-"));
        let library = bindings::library(workspace);
        let name = library.file_name().ok_or("a library has a name")?;
        let native = workspace.root.join(PACKAGES).join("amana-jvm/target/native").join(machine);
        bindings::strip(&library, &native.join(name))
    }

    /// Compiles the generated code, tests it and the packages around it, and publishes these; `command` is the command
    /// `amana`.
    pub fn test(&self, workspace: &Workspace, command: &Path) -> Result {
        Self::add_library(workspace)?;
        publish(workspace, |deploy| run(deploy(packages(workspace)).env("AMANA_CLI", command), &Output::Shown))
            .map(drop)
    }
}

/// Puts the packages into a Maven repository that is a folder: `deploy` gets what makes Maven do that.
pub fn publish(workspace: &Workspace, deploy: impl FnOnce(&dyn Fn(Command) -> Command) -> Result) -> Result<PathBuf> {
    let repository = workspace.target.join("packages/maven");
    if repository.exists() {
        fs::remove_dir_all(&repository)?;
    }
    deploy(&|mut maven| {
        maven.args(["deploy", "-Dmaven.install.skip=true"]);
        maven.arg(format!("-DaltDeploymentRepository=amana::file:{}", repository.display()));
        maven
    })?;
    // Maven knows no packaging `aar`, and Gradle goes by it. The file's sums are made anew with it.
    let version = env!("CARGO_PKG_VERSION");
    let pom = repository.join(format!("org/amana/amana-android/{version}/amana-android-{version}.pom"));
    let text = fs::read_to_string(&pom)?;
    let name = "<artifactId>amana-android</artifactId>";
    fs::write(&pom, text.replacen(name, &format!("{name}\n  <packaging>aar</packaging>"), 1))?;
    for (ending, program) in [("md5", "md5sum"), ("sha1", "sha1sum")] {
        let sum = output(Command::new(program).arg(&pom))?;
        fs::write(pom.with_extension(format!("pom.{ending}")), sum.split_whitespace().next().unwrap_or_default())?;
    }
    // What Maven once took of ours from a repository it would never look for again.
    if let Some(ours) = local_repository().map(|maven| maven.join("org/amana")).filter(|ours| ours.exists()) {
        fs::remove_dir_all(ours)?;
    }
    // An app elsewhere has this parent, and Maven looks for a parent before it knows what `${…}` in a repository's address is.
    run(packages(workspace).args(["--non-recursive", "--quiet", "install"]), &Output::Shown)?;
    Ok(repository)
}

/// Follows the guide for Kotlin in an empty folder, by the packages that were published.
pub fn follow_guide(workspace: &Workspace, command: &Path) -> Result {
    foreign::follow(workspace, "kotlin", |folder| shell(workspace, command, folder), &Output::Shown).map(drop)
}

/// What a guide's commands are given to: a shell in this folder that knows where the checkout is and has the command.
pub fn shell(workspace: &Workspace, command: &Path, folder: &Path) -> Command {
    let mut shell = Command::new("sh");
    shell.current_dir(folder).env("AMANA", &workspace.root).args(["-c", "PATH=\"$1:$PATH\"; eval \"$2\"", "sh"]);
    shell.arg(command.parent().unwrap_or(Path::new("/")));
    shell
}

/// Where Maven keeps what it took from elsewhere.
pub fn local_repository() -> Option<PathBuf> {
    env::home_dir().map(|home| home.join(".m2/repository"))
}

/// The folder of the Kotlin packages.
const PACKAGES: &str = "bindings/kotlin";

/// Maven in the folder of the packages.
pub fn packages(workspace: &Workspace) -> Command {
    maven(workspace, &workspace.root.join(PACKAGES))
}

/// For compilers in Java: they are done before the JVM's second compiler would have paid for itself, which takes them half
/// as long again.
pub const QUICK_JVM: [&str; 2] = ["-XX:TieredStopAtLevel=1", "-XX:+UseParallelGC"];

/// Maven in a folder, with the library that tests load.
pub fn maven(workspace: &Workspace, folder: &Path) -> Command {
    let mut command = Command::new("mvn");
    command.args(["--batch-mode", "--no-transfer-progress"]).current_dir(folder);
    // People's own come last, and hold.
    let own = env::var("MAVEN_OPTS").unwrap_or_default();
    command.env("MAVEN_OPTS", format!("{} {own}", QUICK_JVM.join(" ")));
    command.arg(format!("-Damana.library.path={}", bindings::library_folder(workspace).display()));
    command.arg(format!("-Damana.target={}", workspace.target.display()));
    command
}
