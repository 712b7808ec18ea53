//! Swift, by SwiftPM: the one on PATH, or else Debian 13's in a root folder of its own, as Debian 12 has none.
//!
//! The folder lies in `$AMANA_CACHE`, else `$XDG_CACHE_HOME/amana`, else `~/.cache/amana`, outside any checkout. What
//! runs in it sees the checkout and the target folder under their own paths. These and /proc are mounted in a mount
//! namespace that ends with the run: nothing stays mounted, whatever happens.

use crate::kept::keep;
use crate::process::{Output, Result, on_path, run};
use crate::workspace::Workspace;
use crate::{apt, bindings, foreign};
use std::env;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

const RELEASE: &str = "trixie";
const PACKAGES: [&str; 4] = ["swiftlang", "clang", "libc6-dev", "libstdc++-14-dev"];

/// The Swift package, and the one that has everything of the iOS apps but the views.
const PACKAGES_TESTED: [&str; 2] = ["bindings/swift", "ios-sample/AmanaScreens"];

/// Mounts /proc and the paths up to `--` into the folder `$1`, and runs the rest there, in the same current folder.
const RUN_IN_FOLDER: &str = r#"
set -eu
folder=$1
shift
mount -t proc proc "$folder/proc"
while [ "$1" != -- ]; do
    mkdir -p "$folder$1"
    mount --rbind "$1" "$folder$1"
    shift
done
shift
exec chroot "$folder" env -C "$PWD" "$@"
"#;

pub enum Swift {
    OnPath,
    Folder(PathBuf),
}

impl Swift {
    pub fn find() -> Result<Swift> {
        if on_path("swift") {
            return Ok(Swift::OnPath);
        }
        if apt::can_install() {
            return Ok(Swift::Folder(cache()?.join(format!("{RELEASE}-swift"))));
        }
        Err("Swift's tests take a Swift toolchain (5.9 or later) on PATH: swift.org has it for Linux and macOS, \
             Debian 13 as the package swiftlang. On Debian 12, run this once as root and it is put into a folder of its \
             own. To leave them out: --only rust, --only kotlin."
            .into())
    }

    /// Makes the folder, unless it is there and whole.
    pub fn prepare(&self, to: &Output) -> Result {
        let Swift::Folder(folder) = self else { return Ok(()) };
        fs::create_dir_all(cache()?)?;
        // One at a time, also where two checkouts are tested at once.
        let lock = File::create(folder.with_extension("lock"))?;
        lock.lock()?;
        keep(folder, &format!("{RELEASE}: {}\n", PACKAGES.join(" ")), || {
            if !on_path("debootstrap") {
                apt::install(&["debootstrap"], to)?;
            }
            let mut debootstrap = Command::new("unshare");
            debootstrap
                .args(["--mount", "debootstrap", "--variant=minbase", RELEASE])
                .arg(folder)
                .arg(apt::mirror(to)?);
            run(&mut debootstrap, to)?;
            let mut install = in_folder(folder, &[], Path::new("/"));
            install.args(["DEBIAN_FRONTEND=noninteractive", "apt-get", "install", "--yes", "--no-install-recommends"]);
            run(install.args(PACKAGES), to)
        })
    }

    /// Tests the package around the generated code, and what the iOS apps decide by; `command` is the command `amana`.
    pub fn test(&self, workspace: &Workspace, command: &Path, to: &Output) -> Result {
        PACKAGES_TESTED.iter().try_for_each(|package| self.test_package(workspace, command, package, to))
    }

    /// Follows the guide for Swift in an empty folder.
    pub fn follow_guide(&self, workspace: &Workspace, command: &Path, to: &Output) -> Result {
        let library = bindings::library_folder(workspace);
        let shell = |folder: &Path| {
            let mut shell = self.command(workspace, folder);
            shell.arg(format!("AMANA={}", workspace.root.display()));
            shell.arg(format!("LIBRARY_PATH={}", library.display()));
            shell.arg(format!("LD_LIBRARY_PATH={}", library.display()));
            shell.args(["sh", "-c", "PATH=\"$1:$PATH\"; eval \"$2\"", "sh"]);
            shell.arg(command.parent().unwrap_or(Path::new("/")));
            shell
        };
        foreign::follow(workspace, "swift", shell, to).map(drop)
    }

    /// A command in this folder that goes on with `[NAME=VALUE]… PROGRAM [ARGUMENT]…`.
    fn command(&self, workspace: &Workspace, current: &Path) -> Command {
        match self {
            Swift::OnPath => {
                let mut command = Command::new("env");
                command.current_dir(current);
                command
            }
            Swift::Folder(folder) => in_folder(folder, &[&workspace.root, &workspace.target], current),
        }
    }

    fn test_package(&self, workspace: &Workspace, command: &Path, package: &str, to: &Output) -> Result {
        let library = bindings::library_folder(workspace);
        let variables = [
            format!("AMANA_CLI={}", command.display()),
            format!("AMANA_VERSION={}", env!("CARGO_PKG_VERSION")),
            format!("LIBRARY_PATH={}", library.display()),
            format!("LD_LIBRARY_PATH={}", library.display()),
        ];
        let mut test = self.command(workspace, &workspace.root);
        test.args(variables);
        // Without the second library of tests, of which there are none: it would close the run with "0 tests passed".
        test.args(["swift", "test", "--disable-swift-testing", "--package-path", package]);
        test.arg("--scratch-path").arg(workspace.target.join("swift").join(package.replace('/', "-")));
        run(test.args(["-Xswiftc", "-warnings-as-errors"]), to)
    }
}

/// A command that goes on with `[NAME=VALUE]… PROGRAM [ARGUMENT]…` and runs that in the root folder.
fn in_folder(folder: &Path, visible: &[&Path], current: &Path) -> Command {
    let mut command = Command::new("unshare");
    command.current_dir(current).args(["--mount", "sh", "-c", RUN_IN_FOLDER, "sh"]).arg(folder).args(visible);
    command.args(["--", "HOME=/root", "PATH=/usr/sbin:/usr/bin:/sbin:/bin"]);
    command
}

fn cache() -> Result<PathBuf> {
    let variable = |name: &str| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    variable("AMANA_CACHE")
        .or_else(|| Some(variable("XDG_CACHE_HOME")?.join("amana")))
        .or_else(|| Some(variable("HOME")?.join(".cache/amana")))
        .ok_or_else(|| "set AMANA_CACHE to a folder that may hold downloads".into())
}
