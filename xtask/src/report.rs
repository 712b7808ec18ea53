//! What a long run says: a header before each step, the time after it, a table at the end.

use crate::process::Result;
use std::time::{Duration, Instant};

#[derive(Default)]
pub struct Report {
    steps: Vec<(String, Duration, bool)>,
}

impl Report {
    /// Carries out one step; a failure names it.
    pub fn step(&mut self, name: &str, work: impl FnOnce() -> Result) -> Result {
        println!("\n=== {name}");
        let start = Instant::now();
        let result = work();
        let elapsed = start.elapsed();
        println!("=== {name}: {} in {:.1} s", outcome(result.is_ok()), elapsed.as_secs_f64());
        self.steps.push((name.to_owned(), elapsed, result.is_ok()));
        result.map_err(|error| format!("{name}: {error}").into())
    }

    pub fn print(&self) {
        let width = self.steps.iter().map(|(name, ..)| name.len()).max().unwrap_or_default();
        println!();
        for (name, elapsed, is_ok) in &self.steps {
            println!("{name:width$}  {:>7.1} s  {}", elapsed.as_secs_f64(), outcome(*is_ok));
        }
        let total: Duration = self.steps.iter().map(|(_, elapsed, _)| *elapsed).sum();
        println!("{:width$}  {:>7.1} s", "all", total.as_secs_f64());
    }
}

fn outcome(is_ok: bool) -> &'static str {
    if is_ok { "passed" } else { "FAILED" }
}
