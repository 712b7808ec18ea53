//! What a command says: words for a person, or one JSON document a line with `--json`.

use crate::exit::Fault;
use crate::words::{Language, Sentences};
use amana_core::explain::Message;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::Value;
use std::io::{IsTerminal as _, Write as _};
use std::path::Path;
use std::time::Duration;

/// How something is set off from the text around it. Always said in words too: colour alone tells nothing.
#[derive(Clone, Copy)]
pub enum Ink {
    /// A heading.
    Bold,
    /// What is less important.
    Faint,
    /// All is well.
    Good,
    /// Look twice.
    Warn,
    /// It is refused.
    Bad,
}

/// Where a command's words go.
pub struct Output {
    json: bool,
    terminal: bool,
    colour: bool,
    sentences: Sentences,
}

impl Output {
    /// Standard output, as JSON or as words.
    pub fn new(json: bool, language: Language) -> Self {
        let terminal = std::io::stdout().is_terminal();
        // https://no-color.org: any value but the empty one.
        let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
            || std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        Self { json, terminal, colour: terminal && !plain && !json, sentences: Sentences::of(language) }
    }

    /// What a person is told by a message of the core.
    pub fn sentence(&self, message: &Message) -> String {
        self.sentences.sentence(message)
    }

    /// Whether a person looks at a terminal, so that a code can be drawn on it.
    pub fn draws(&self) -> bool {
        self.terminal && !self.json
    }

    /// Says the words, or the JSON.
    pub fn say(&self, words: impl AsRef<str>, json: &Value) -> Result<(), Fault> {
        self.words(words)?;
        self.json(json)
    }

    /// Says words that JSON output has no need of.
    pub fn words(&self, words: impl AsRef<str>) -> Result<(), Fault> {
        if self.json { Ok(()) } else { print(words.as_ref()) }
    }

    /// Says the JSON that goes with [`words`](Self::words).
    pub fn json(&self, json: &Value) -> Result<(), Fault> {
        if self.json { print(&json.to_string()) } else { Ok(()) }
    }

    /// Says what went wrong: in words on standard error, and as JSON on standard output where that is wanted.
    pub fn fault(&self, fault: &Fault) {
        self.warn(&fault.sentence);
        if self.json {
            // The exit code says the same: if nobody reads, nothing is lost.
            let _ = print(&fault.to_json().to_string());
        }
    }

    /// Says something on standard error that a person must not miss.
    pub fn warn(&self, words: &str) {
        let _ = writeln!(std::io::stderr(), "amana: {words}");
    }

    /// Sets words off.
    pub fn ink(&self, ink: Ink, words: impl AsRef<str>) -> String {
        let words = words.as_ref();
        let code = match ink {
            Ink::Bold => "1",
            Ink::Faint => "2",
            Ink::Good => "32",
            Ink::Warn => "33",
            Ink::Bad => "31",
        };
        if self.colour { format!("\x1b[{code}m{words}\x1b[0m") } else { words.to_owned() }
    }

    /// Turns on standard error, if that is a terminal, while something takes its time.
    pub fn spinner(&self, what: &'static str) -> ProgressBar {
        let bar = ProgressBar::with_draw_target(None, self.progress_target());
        bar.set_message(what);
        bar.enable_steady_tick(Duration::from_millis(100));
        bar
    }

    /// Fills on standard error, if that is a terminal, while `count` things are done.
    pub fn progress(&self, count: u64) -> ProgressBar {
        let bar = ProgressBar::with_draw_target(Some(count), self.progress_target());
        match ProgressStyle::with_template("{wide_bar} {pos} of {len}, {eta} left") {
            Ok(style) => bar.with_style(style),
            Err(_) => bar,
        }
    }

    fn progress_target(&self) -> ProgressDrawTarget {
        // indicatif draws nothing where standard error is no terminal.
        if self.json { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() }
    }
}

/// Fills on standard error, if that is a terminal, while codes are gathered. How many it takes is seen from the first.
pub fn bar() -> ProgressBar {
    let bar = ProgressBar::new(1);
    match ProgressStyle::with_template("{wide_bar} {pos} of {len} codes") {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

fn print(line: &str) -> Result<(), Fault> {
    let mut out = std::io::stdout().lock();
    let ended = if line.ends_with('\n') { "" } else { "\n" };
    let written = write!(out, "{line}{ended}").and_then(|()| out.flush());
    written.map_err(|error| Fault::file(Path::new("standard output"), &error))
}
