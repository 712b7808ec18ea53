//! `amana demo`: the whole story with real codes that are really photographed and scanned, and a page that shows it.

mod camera;
mod cast;
mod page;
mod stage;
mod story;
mod taken;

use crate::exit::{Exit, Fault};
use crate::io;
use crate::output::{Ink, Output};
use clap::Args;
use serde_json::json;
use stage::Stage;
use std::path::PathBuf;

const EXAMPLE: &str = "Example:
  amana demo --out /tmp/amana-demo

Leaves index.html to look at, with the pictures of the codes beside it. Its keys are named DEMO, are gone when it
ends, and are refused by every other command.";

/// The page, and the sign by which a folder is known to be an earlier demo's.
const PAGE: &str = "index.html";
/// The wallet's file. Its device key lies elsewhere and goes with the demo: nothing opens it afterwards.
const VAULT: &str = "wallet.amana";

/// Show the whole story with invented people and real codes, and leave a page to look at
#[derive(Args)]
#[command(after_help = EXAMPLE)]
pub struct Demo {
    /// The folder to leave it in
    #[arg(long, value_name = "DIR", default_value = "amana-demo")]
    out: PathBuf,
}

impl Demo {
    /// Shows it.
    pub fn run(&self, out: &Output) -> Result<Exit, Fault> {
        self.clear()?;
        let mut stage = Stage::new(out, &self.out);
        let summary = story::tell(&mut stage, &self.out.join(VAULT))?;
        let page = self.out.join(PAGE);
        let steps = stage.into_steps();
        io::write(&page, page::render(&steps, &summary).as_bytes())?;
        let steps: Vec<_> = steps.iter().map(|step| json!({"id": step.id, "title": step.title})).collect();
        let words = format!("\nLook at it: {}", out.ink(Ink::Bold, page.display().to_string()));
        out.say(words, &json!({"page": page, "steps": steps}))?;
        Ok(Exit::Done)
    }

    /// Makes room: an earlier demo goes, anything else stays.
    fn clear(&self) -> Result<(), Fault> {
        io::make_folder(&self.out)?;
        let failed = |error| Fault::file(&self.out, &error);
        let is_empty = std::fs::read_dir(&self.out).map_err(failed)?.next().is_none();
        let is_demo = std::fs::read_to_string(self.out.join(PAGE)).is_ok_and(|text| text.starts_with(page::HEAD));
        if !is_empty && !is_demo {
            let taken = "The folder is not empty, and holds no earlier demo: give another one with --out.";
            return Err(Fault::usage(taken).within(&self.out));
        }
        let earlier = ["", ".lock"].map(|suffix| self.out.join(format!("{VAULT}{suffix}")));
        earlier.iter().filter(|file| file.exists()).try_for_each(|file| io::remove(file))
    }
}
