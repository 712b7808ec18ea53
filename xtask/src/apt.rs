//! Debian's packages, for the toolchains that a machine lacks.

use crate::process::{Output, Result, on_path, output, run};
use std::fs;
use std::process::Command;
use std::sync::Mutex;

/// One apt at a time: its lists have a lock that nobody waits for.
static APT: Mutex<()> = Mutex::new(());

/// Whether this is Debian and we are root.
pub fn can_install() -> bool {
    let is_debian =
        fs::read_to_string("/etc/os-release").is_ok_and(|text| text.lines().any(|line| line == "ID=debian"));
    let is_root = || output(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0");
    is_debian && on_path("apt-get") && is_root()
}

/// Of programs and the packages that bring them: the packages whose program is not on PATH.
pub fn missing(tools: &[(&str, &'static str)]) -> Vec<&'static str> {
    tools.iter().filter(|(program, _)| !on_path(program)).map(|(_, package)| *package).collect()
}

/// Installs packages.
pub fn install(packages: &[&str], to: &Output) -> Result {
    let _alone = APT.lock().map_err(|_| "an earlier apt run panicked")?;
    run(&mut get(&["update"]), to)?;
    run(get(&["install", "--yes", "--no-install-recommends"]).args(packages), to)
}

/// The mirror that this machine takes Debian from.
pub fn mirror(to: &Output) -> Result<String> {
    let _alone = APT.lock().map_err(|_| "an earlier apt run panicked")?;
    run(&mut get(&["update"]), to)?;
    let targets = output(&mut get(&[
        "indextargets",
        "--format",
        "$(REPO_URI)",
        "Created-By: Packages",
        "Origin: Debian",
        "Label: Debian",
        "Component: main",
    ]))?;
    Ok(targets.lines().next().ok_or("apt knows no mirror of Debian: see /etc/apt/sources.list.d")?.to_owned())
}

fn get(arguments: &[&str]) -> Command {
    let mut command = Command::new("apt-get");
    command.args(["-o", "DPkg::Lock::Timeout=600"]).args(arguments).env("DEBIAN_FRONTEND", "noninteractive");
    command
}
