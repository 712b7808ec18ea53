//! Where things are: the checkout, the target folder, what cargo puts there.

use crate::process::{Output, Result, output, run};
use std::env;
use std::env::consts::EXE_SUFFIX;
use std::path::{Path, PathBuf};
use std::process::Command;

/// It takes long to build and is built once, by `bindings::build`.
pub const NO_BINDGEN: &str = "--exclude=amana-bindgen";
/// They are built alone, so that they have the features that a phone gets and no others.
pub const NO_BINDINGS: &str = "--exclude=amana-ffi";

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

    /// Cargo in the checkout, with these arguments.
    pub fn cargo(&self, arguments: &[&str]) -> Command {
        let mut command = cargo();
        command.current_dir(&self.root).args(arguments);
        command
    }

    /// Rust's tests, or some of them. Over the workspace always: asked for one package, cargo would see other features in
    /// the dependencies, and build a third of them again.
    pub fn cargo_test(&self, arguments: &[&str]) -> Command {
        self.cargo(&[&["test", "--workspace", NO_BINDGEN, NO_BINDINGS], arguments].concat())
    }

    /// Builds the command `amana`, beside some test, so that cargo sees the dependencies as it did in the tests' run.
    pub fn build_command(&self) -> Result {
        let arguments = ["build", "--workspace", NO_BINDGEN, NO_BINDINGS, "--bin=amana", "--test=rooms"];
        run(&mut self.cargo(&arguments), &Output::Shown)
    }

    /// Where that lies.
    pub fn command(&self) -> PathBuf {
        self.target.join(format!("debug/amana{EXE_SUFFIX}"))
    }

    /// The folder for what runs in the background have to say.
    pub fn logs(&self) -> PathBuf {
        self.target.join("xtask")
    }
}

fn cargo() -> Command {
    Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}
