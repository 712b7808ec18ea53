//! The stage: each step with its code, what the holder saw, what the verifier learned, what a bystander's photo gives.

use super::camera;
use super::cast::CLAIMS;
use crate::code;
use crate::exit::Fault;
use crate::inspect::{self, Context};
use crate::io;
use crate::output::{Ink, Output};
use crate::wallet::flatten;
use amana_core::ports::Clock as _;
use amana_core::qr::{Symbol, armour};
use amana_core::software::SystemClock;
use std::path::{Path, PathBuf};

/// Pixels a module of a drawn code has.
const PIXELS_PER_MODULE: usize = 8;
/// Bytes of a sealed message that the page shows.
const SHOWN_BYTES: usize = 24;

/// How a line stands out.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    Plain,
    Needed,
    Optional,
    Beyond,
    Good,
    Bad,
    /// Bytes or paths, as they are.
    Raw,
}

/// Whether something is as it should be.
pub fn held(holds: bool) -> Mark {
    if holds { Mark::Good } else { Mark::Bad }
}

/// One line of a panel, with a mark.
pub struct Line {
    pub mark: Mark,
    pub text: String,
}

/// Whose eyes a panel looks through.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Eyes {
    Holder,
    Verifier,
    Desk,
    Bystander,
}

/// What somebody saw.
pub struct Panel {
    pub eyes: Eyes,
    pub title: String,
    pub lines: Vec<Line>,
}

impl Panel {
    pub fn new(eyes: Eyes, title: impl Into<String>) -> Self {
        Self { eyes, title: title.into(), lines: Vec::new() }
    }

    pub fn line(mut self, mark: Mark, text: impl Into<String>) -> Self {
        self.lines.push(Line { mark, text: text.into() });
        self
    }

    pub fn lines(self, lines: impl IntoIterator<Item = (Mark, String)>) -> Self {
        lines.into_iter().fold(self, |panel, (mark, text)| panel.line(mark, text))
    }
}

/// A code that was drawn, photographed and scanned.
pub struct Code {
    /// The drawing, beside the page.
    pub drawing: String,
    /// The photo that was scanned, beside the page.
    pub photo: String,
    pub caption: String,
    pub version: usize,
    pub characters: usize,
    pub tries: usize,
}

/// One step of the story.
pub struct Step {
    pub id: &'static str,
    pub title: String,
    pub told: String,
    pub codes: Vec<Code>,
    pub panels: Vec<Panel>,
}

/// Where the story is told: pictures go to the folder, words to the terminal, steps to the page.
pub struct Stage<'a> {
    out: &'a Output,
    folder: PathBuf,
    steps: Vec<Step>,
}

impl<'a> Stage<'a> {
    pub fn new(out: &'a Output, folder: &Path) -> Self {
        Self { out, folder: folder.to_owned(), steps: Vec::new() }
    }

    pub fn into_steps(self) -> Vec<Step> {
        self.steps
    }

    /// Begins a step, and says so on the terminal.
    pub fn step(&mut self, id: &'static str, title: impl Into<String>, told: impl Into<String>) -> Result<(), Fault> {
        let (title, told) = (title.into(), told.into());
        let number = format!("{}.", self.steps.len() + 1);
        self.out.words(format!("{} {}", self.out.ink(Ink::Faint, &number), self.out.ink(Ink::Bold, &title)))?;
        self.steps.push(Step { id, title, told, codes: Vec::new(), panels: Vec::new() });
        Ok(())
    }

    /// Says a sentence on the terminal only.
    pub fn say(&self, sentence: &str) -> Result<(), Fault> {
        self.out.words(format!("   {sentence}"))
    }

    pub fn panel(&mut self, panel: Panel) {
        if let Some(step) = self.steps.last_mut() {
            step.panels.push(panel);
        }
    }

    /// Shows a code: draws it into a file, photographs that file, and scans the photo's file. Returns what was scanned.
    pub fn show(&mut self, name: &str, caption: &str, text: &str) -> Result<String, Fault> {
        let number = self.steps.len();
        let (drawing, photo) = (format!("{number:02}-{name}.png"), format!("{number:02}-{name}-photo.jpg"));
        let symbol = Symbol::of(text)?;
        let (drawing_path, photo_path) = (self.folder.join(&drawing), self.folder.join(&photo));
        io::write(&drawing_path, &symbol.to_png(PIXELS_PER_MODULE)?)?;
        let drawn = image::load_from_memory(&io::read(&drawing_path)?)
            .map_err(|_| amana_core::error::Error::Internal { reason: "png" })?;
        let taken = camera::photograph(&drawn.into_luma8())?;
        io::write(&photo_path, &taken.jpeg)?;
        let scanned = String::from_utf8_lossy(&code::read(&photo_path)?).into_owned();
        if scanned != text || taken.text != text {
            return Err(Fault::image("misread", "A photo was read as something else than what was drawn."));
        }
        let (version, characters) = (symbol.version(), text.len());
        self.say(&format!("{caption}: a code of {characters} characters, photographed and read."))?;
        let code = Code { drawing, photo, caption: caption.to_owned(), version, characters, tries: taken.tries };
        if let Some(step) = self.steps.last_mut() {
            step.codes.push(code);
        }
        Ok(scanned)
    }

    /// What a stranger gets out of a photo of this code, with `amana inspect` and no keys.
    pub fn bystander(&mut self, text: &str, more: Vec<(Mark, String)>) -> Result<(), Fault> {
        let at = SystemClock.now().map_err(amana_core::error::Error::from)?;
        let report = inspect::examine(text.as_bytes(), &Context::knowing_nobody(at));
        let (_, bytes) = armour::parse(text)?;
        let panel = Panel::new(Eyes::Bystander, "What a bystander’s photo gives");
        let mut panel = match &report.claims {
            Some(claims) => panel.line(Mark::Plain, "What is said here is meant for everybody:").lines(
                flatten(claims)
                    .into_iter()
                    .filter(|(path, value)| is_for_people(path, value))
                    .map(|(path, value)| (Mark::Raw, format!("{path} = {value}"))),
            ),
            None => {
                let start: Vec<_> = bytes.iter().take(SHOWN_BYTES).map(|byte| format!("{byte:02x}")).collect();
                panel
                    .line(Mark::Plain, format!("{} sealed bytes. They begin:", bytes.len()))
                    .line(Mark::Raw, format!("{} …", start.join(" ")))
                    .line(
                        Mark::Plain,
                        "8 bytes that tell which code this answers, 32 of a key used once; the rest looks like noise.",
                    )
            }
        };
        panel = panel.lines(more);
        let found = values_in(&[text.as_bytes(), &bytes, report.to_json().to_string().as_bytes()].concat());
        self.panel(match found[..] {
            [] => panel.line(Mark::Good, format!("Searched for {} things the card says: none is in it.", CLAIMS.len())),
            _ => panel.line(Mark::Bad, format!("Found: {}", found.join(", "))),
        });
        Ok(())
    }
}

/// Keys and random numbers say nothing to a person.
fn is_for_people(path: &str, value: &str) -> bool {
    !path.starts_with("cnf") && value.len() < 120 && !["nonce", "epk", "exp", "iat", "keep"].contains(&path)
}

/// Which of the card's values these bytes hold in the open.
pub fn values_in(bytes: &[u8]) -> Vec<&'static str> {
    let holds = |value: &str| bytes.windows(value.len()).any(|window| window == value.as_bytes());
    CLAIMS.iter().filter(|(_, value)| holds(value)).map(|(path, _)| *path).collect()
}
