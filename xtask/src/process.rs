//! Running other programs.

use std::env;
use std::error::Error;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

pub type Result<T = ()> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// Where a program's output goes.
pub enum Output {
    /// Where ours goes.
    Shown,
    /// To the end of this file, of which a failure shows the last lines: for what runs beside something that is shown.
    Logged(PathBuf),
}

impl Output {
    /// A new, empty log.
    pub fn logged(folder: &Path, name: &str) -> Result<Output> {
        fs::create_dir_all(folder)?;
        let path = folder.join(name).with_extension("log");
        File::create(&path)?;
        Ok(Output::Logged(path))
    }
}

/// Runs `command` and fails where it does.
pub fn run(command: &mut Command, output: &Output) -> Result {
    if let Output::Logged(path) = output {
        let log = File::options().append(true).open(path)?;
        command.stdout(log.try_clone()?).stderr(log);
    }
    let status = command.status().map_err(|error| format!("{}: {error}", name(command)))?;
    if status.success() {
        return Ok(());
    }
    let end = match output {
        Output::Shown => String::new(),
        Output::Logged(path) => format!("; the end of {}:\n{}", path.display(), last_lines(path)?),
    };
    Err(format!("`{}` failed ({status}){end}", line(command)).into())
}

/// What `command` prints.
pub fn output(command: &mut Command) -> Result<String> {
    let output = command.output().map_err(|error| format!("{}: {error}", name(command)))?;
    if !output.status.success() {
        return Err(format!("`{}` failed: {}", line(command), String::from_utf8_lossy(&output.stderr)).into());
    }
    Ok(String::from_utf8(output.stdout)?)
}

/// Whether PATH has this program.
pub fn on_path(program: &str) -> bool {
    env::var_os("PATH").is_some_and(|path| env::split_paths(&path).any(|folder| folder.join(program).is_file()))
}

fn name(command: &Command) -> String {
    command.get_program().to_string_lossy().into_owned()
}

fn line(command: &Command) -> String {
    let arguments = command.get_args().map(|argument| format!(" {}", argument.to_string_lossy()));
    name(command) + &arguments.collect::<String>()
}

fn last_lines(path: &Path) -> Result<String> {
    let text = String::from_utf8_lossy(&fs::read(path)?).into_owned();
    let lines: Vec<&str> = text.lines().collect();
    Ok(lines[lines.len().saturating_sub(60)..].join("\n"))
}
