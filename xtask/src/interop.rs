//! Programs that others wrote: they judge what Amana issues, presents and tampers with, and present what it issues; Amana
//! judges that. `tests/interop/README.md` tells who they are.

use crate::apt;
use crate::kept::keep;
use crate::process::{Output, Result, on_path, output, run};
use crate::workspace::Workspace;
use clap::ValueEnum;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Programs that are installed and run in one way.
#[derive(Clone, Copy, PartialEq, ValueEnum)]
pub enum Group {
    Python,
    Node,
    Jvm,
}

impl Group {
    /// Those that are installed in seconds.
    pub const QUICK: [Self; 2] = [Self::Python, Self::Node];

    fn name(self) -> &'static str {
        match self {
            Self::Python => "python",
            Self::Node => "node",
            Self::Jvm => "jvm",
        }
    }

    /// What it takes, in words.
    fn needs(self) -> &'static str {
        match self {
            Self::Python => "Python 3.10 or later with its module venv (on Debian: python3-venv)",
            Self::Node => "Node 20 or later and npm (Debian 13 has nodejs and npm)",
            Self::Jvm => {
                "Maven, a JDK of 17 or later, and to run Java 21 or later (Debian 13 has openjdk-21-jdk-headless)"
            }
        }
    }

    /// What brings it on Debian, where that may be installed.
    fn packages(self) -> &'static [&'static str] {
        match self {
            Self::Python => &["python3-venv"],
            Self::Node => &["nodejs", "npm"],
            Self::Jvm => &["maven", "default-jdk-headless"],
        }
    }

    fn check(self) -> Result {
        if self.is_there() {
            return Ok(());
        }
        let (name, needs) = (self.name(), self.needs());
        Err(format!("the programs of {name} take {needs}. To leave them out: --groups, of a test --only rust").into())
    }

    fn is_there(self) -> bool {
        match self {
            Self::Python => {
                let check = "import ensurepip, sys; sys.exit(sys.version_info < (3, 10))";
                output(Command::new("python3").args(["-c", check])).is_ok()
            }
            Self::Node => {
                let check = "process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)";
                on_path("npm") && output(Command::new("node").args(["-e", check])).is_ok()
            }
            Self::Jvm => on_path("mvn") && on_path("javac") && java().is_some(),
        }
    }
}

/// The groups that are asked for.
pub struct Interop<'a> {
    folder: PathBuf,
    groups: &'a [Group],
}

impl<'a> Interop<'a> {
    pub fn find(workspace: &Workspace, groups: &'a [Group]) -> Result<Self> {
        if !apt::can_install() {
            groups.iter().try_for_each(|group| group.check())?;
        }
        Ok(Self { folder: workspace.root.join("tests/interop"), groups })
    }

    /// Installs the programs, and what runs them.
    pub fn prepare(&self, to: &Output) -> Result {
        for group in self.groups {
            if !group.is_there() {
                apt::install(group.packages(), to)?;
            }
            group.check()?;
            self.install(*group, to)?;
        }
        Ok(())
    }

    fn install(&self, group: Group, to: &Output) -> Result {
        match group {
            Group::Python => {
                let pinned = self.folder.join("python/requirements.txt");
                let venv = self.folder.join(".venv");
                keep(&venv, &fs::read_to_string(&pinned)?, || {
                    run(Command::new("python3").args(["-m", "venv"]).arg(&venv), to)?;
                    let mut pip = Command::new(self.python());
                    pip.args([
                        "-m",
                        "pip",
                        "install",
                        "--quiet",
                        "--disable-pip-version-check",
                        "--require-hashes",
                        "-r",
                    ]);
                    run(pip.arg(pinned), to)
                })
            }
            Group::Node => {
                let folder = self.folder.join("node");
                keep(&folder.join("node_modules"), &fs::read_to_string(folder.join("package-lock.json"))?, || {
                    let mut npm = Command::new("npm");
                    npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"]);
                    run(npm.current_dir(&folder), to)
                })
            }
            Group::Jvm => {
                let mut maven = Command::new("mvn");
                maven.args(["--batch-mode", "--no-transfer-progress", "--quiet", "process-classes"]);
                run(maven.current_dir(self.folder.join("jvm")), to)
            }
        }
    }

    /// Everything in both directions.
    pub fn test(&self, workspace: &Workspace) -> Result {
        let exchanged = workspace.target.join("tmp/interop");
        let presented = exchanged.join("presented");
        if presented.exists() {
            fs::remove_dir_all(&presented)?;
        }
        // Judges what the programs made some time ago, and writes what they are to judge and to present.
        run(&mut workspace.cargo_test(&["--test=interop"]), &Output::Shown)?;
        println!("what the programs made, judged by the programs:");
        self.judge(&self.folder.join("made"))?;
        println!("what Amana made, judged by the programs:");
        self.judge(&exchanged.join("shown"))?;
        println!("what Amana issued, presented by the programs:");
        let issued = files(&exchanged.join("issued"))?;
        run(self.script("present.py").arg(presented).args(issued), &Output::Shown)?;
        run(&mut workspace.cargo_test(&["--test=interop", "--", "--ignored", "--nocapture"]), &Output::Shown)
    }

    /// Has the programs make the files anew that Amana's tests read.
    pub fn make(&self) -> Result {
        let groups: Vec<_> = self.groups.iter().map(|group| group.name()).collect();
        run(self.python_script("make.py").arg(groups.join(",")), &Output::Shown)
    }

    fn judge(&self, folder: &Path) -> Result {
        run(self.script("check.py").args(files(folder)?), &Output::Shown)
    }

    fn script(&self, name: &str) -> Command {
        let groups: Vec<_> = self.groups.iter().map(|group| group.name()).collect();
        let mut command = self.python_script(name);
        command.arg("--groups").arg(groups.join(","));
        command
    }

    fn python_script(&self, name: &str) -> Command {
        // Scripts take any Python; the programs' own is there where they are.
        let python = if self.groups.contains(&Group::Python) { self.python() } else { "python3".into() };
        let mut command = Command::new(python);
        command.arg(self.folder.join(name));
        if let Some(java) = java() {
            let classes = self.folder.join("jvm/target");
            let path = format!("{0}/classes:{0}/lib/*", classes.display());
            command.env("INTEROP_JVM", format!("{} -cp {path} PeerKt", java.display()));
        }
        command
    }

    fn python(&self) -> PathBuf {
        self.folder.join(".venv/bin/python")
    }
}

/// A Java of 21 or later: on PATH, in JAVA_HOME, or where Linux keeps them.
fn java() -> Option<PathBuf> {
    let on_path = env::split_paths(&env::var_os("PATH")?).map(|folder| folder.join("java")).find(|java| java.is_file());
    let homes = fs::read_dir("/usr/lib/jvm").into_iter().flatten().flatten().map(|entry| entry.path());
    let homes = env::var_os("JAVA_HOME").map(PathBuf::from).into_iter().chain(homes).map(|home| home.join("bin/java"));
    on_path.into_iter().chain(homes).find(|java| is_recent(java))
}

/// A JDK says in a file what it is.
fn is_recent(java: &Path) -> bool {
    let home = fs::canonicalize(java).ok().and_then(|java| Some(java.parent()?.parent()?.to_owned()));
    let told = home.and_then(|home| fs::read_to_string(home.join("release")).ok()).unwrap_or_default();
    let version = told.lines().find_map(|line| line.strip_prefix("JAVA_VERSION=\""));
    let major = version.and_then(|version| version.split(['.', '"']).next()?.parse::<u32>().ok());
    major.is_some_and(|major| major >= 21)
}

/// The files of this form in a folder, and in the folders inside.
fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(files(&path)?);
        } else if path.extension().is_some_and(|ending| ending == "json") {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}
