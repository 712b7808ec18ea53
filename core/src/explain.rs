//! What a person is told: message ids and arguments, never prose.
//!
//! Each app (and the command) has the sentences in its languages; the core says which sentence is true and what stands
//! in it. The ids are stable; `docs/explain.md` lists them.

/// One sentence to show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Which sentence.
    pub id: &'static str,
    /// What stands in it, by name. May hold personal data: show it, never log it.
    pub args: Vec<(&'static str, String)>,
}

impl Message {
    /// A sentence without arguments.
    pub fn plain(id: &'static str) -> Self {
        Self { id, args: Vec::new() }
    }

    /// The same sentence with one argument more.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.args.push((name, value.into()));
        self
    }
}
