//! Where things are: the checkout, the target folder, what cargo puts there.

use crate::process::{Result, output};
use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Crates that stay out of runs over the whole workspace. `amana-ffi` is always built alone, so that it has the features
/// that a phone gets and no others; `amana-bindgen` takes long to build and is built once, by `bindings::build`.
const BUILT_ALONE: [&str; 2] = ["amana-ffi", "amana-bindgen"];

pub struct Workspace {
    /// The checkout.
    pub root: PathBuf,
    /// Cargo's target folder, which may lie elsewhere.
    pub target: PathBuf,
}

impl Workspace {
    pub fn find() -> Result<Workspace> {
        let xtask = env::var_os("CARGO_MANIFEST_DIR").ok_or("start this as `cargo xtask`")?;
        let root = Path::new(&xtask).parent().ok_or("xtask lies in the checkout")?.to_owned();
        let metadata =
            output(cargo().args(["metadata", "--format-version", "1", "--no-deps", "--offline"]).current_dir(&root))?;
        let metadata: serde_json::Value = serde_json::from_str(&metadata)?;
        let target = metadata["target_directory"].as_str().ok_or("cargo metadata names no target folder")?.into();
        Ok(Workspace { root, target })
    }

    /// Cargo in the checkout with these arguments; `--workspace` leaves out what is [`BUILT_ALONE`].
    pub fn cargo(&self, arguments: &[&str]) -> Command {
        let mut command = cargo();
        command.current_dir(&self.root);
        for argument in arguments {
            command.arg(argument);
            if *argument == "--workspace" {
                command.args(BUILT_ALONE.map(|name| format!("--exclude={name}")));
            }
        }
        command
    }

    /// The folder for what runs in the background have to say.
    pub fn logs(&self) -> PathBuf {
        self.target.join("xtask")
    }
}

fn cargo() -> Command {
    Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}
