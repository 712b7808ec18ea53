//! The guides, followed word for word by somebody who never was here: each file that a page shows is written, each command run,
//! in an empty folder.

use crate::process::{Output, Result, run};
use crate::workspace::Workspace;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A page's steps in its order.
#[derive(Debug, PartialEq)]
enum Step {
    Write { file: String, text: String },
    Run(String),
}

/// Follows `docs/guides/<guide>.md`; `shell` makes the command that a page's commands are given to, in a folder.
pub fn follow(workspace: &Workspace, guide: &str, shell: impl Fn(&Path) -> Command, to: &Output) -> Result<PathBuf> {
    let page = fs::read_to_string(workspace.root.join("docs/guides").join(guide).with_extension("md"))?;
    // Named as people name a project: SwiftPM takes two packages in folders of one name for the same.
    let folder = workspace.target.join("foreign").join(guide).join("first-verdict");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    for step in steps(&page) {
        match step {
            Step::Write { file, text } => {
                let path = folder.join(file);
                fs::create_dir_all(path.parent().ok_or("a file lies in a folder")?)?;
                fs::write(path, text)?;
            }
            Step::Run(commands) => run(shell(&folder).arg(format!("set -eu\n{commands}")), to)?,
        }
    }
    Ok(folder)
}

/// The fenced blocks that do something: those of `sh`, and those whose language is followed by a file's name.
fn steps(page: &str) -> Vec<Step> {
    let blocks = page.split("\n```").skip(1).step_by(2);
    blocks
        .filter_map(|block| {
            let (head, text) = block.split_once('\n')?;
            match head.split_once(' ') {
                Some((_, file)) => Some(Step::Write { file: file.to_owned(), text: text.to_owned() + "\n" }),
                None if head == "sh" => Some(Step::Run(text.to_owned())),
                None => None,
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_page_shows_is_written_and_run_in_its_order() {
        let page = "# Guide\n\n```text\nexport A=b\n```\nThen:\n```json a/b.json\n{}\n```\n```sh\nls\n```\n";
        let wanted = [Step::Write { file: "a/b.json".into(), text: "{}\n".into() }, Step::Run("ls".into())];
        assert_eq!(steps(page), wanted);
    }
}
