//! `cargo xtask bench`: what is measured, against the bar that it has to hold.
//!
//! An area is one function that measures one or more rows. Ratios and sizes only: what a machine's speed would decide
//! is no bar.

use crate::bindings;
use crate::process::{self, Output, Result, on_path};
use crate::workspace::Workspace;
use serde_json::json;
use std::fs;
use std::process::Command;

/// Every area: its name on the command line, and what measures it.
const AREAS: &[(&str, Measure)] = &[("phone-library", phone_library)];

type Measure = fn(&Workspace) -> Result<Vec<Row>>;

/// One measured value.
pub struct Row {
    name: &'static str,
    value: f64,
    unit: &'static str,
    /// The most that the value may be.
    bar: f64,
}

impl Row {
    fn holds(&self) -> bool {
        self.value <= self.bar
    }
}

pub fn area_names() -> Vec<&'static str> {
    AREAS.iter().map(|(name, _)| *name).collect()
}

/// Measures one area or all, and prints a table or JSON.
pub fn run(workspace: &Workspace, area: Option<&str>, json: bool) -> Result {
    let mut rows = Vec::new();
    for (_, measure) in AREAS.iter().filter(|(name, _)| area.is_none_or(|area| area == *name)) {
        rows.extend(measure(workspace)?);
    }
    if json {
        print_json(&rows)
    } else {
        print_table(&rows)
    }
    let broken: Vec<&str> = rows.iter().filter(|row| !row.holds()).map(|row| row.name).collect();
    if broken.is_empty() { Ok(()) } else { Err(format!("over the bar: {}", broken.join(", ")).into()) }
}

/// The library as a phone gets it: built alone, the symbols stripped.
fn phone_library(workspace: &Workspace) -> Result<Vec<Row>> {
    bindings::build_library(workspace, &Output::Shown)?;
    let stripped = workspace.target.join("xtask/libamana_ffi.stripped");
    fs::create_dir_all(workspace.target.join("xtask"))?;
    let strip = ["strip", "llvm-strip"].into_iter().find(|program| on_path(program));
    let strip = strip.ok_or("no `strip` on PATH: binutils or LLVM has it")?;
    process::run(Command::new(strip).arg("-o").arg(&stripped).arg(bindings::library(workspace)), &Output::Shown)?;
    let value = fs::metadata(stripped)?.len() as f64;
    Ok(vec![Row { name: "phone-library", value, unit: "bytes", bar: 3_000_000.0 }])
}

fn print_json(rows: &[Row]) {
    let rows = rows.iter().map(
        |row| json!({ "name": row.name, "value": row.value, "unit": row.unit, "bar": row.bar, "holds": row.holds() }),
    );
    println!("{:#}", serde_json::Value::from_iter(rows));
}

fn print_table(rows: &[Row]) {
    println!("{:<24}{:>14}  {:<8}{:>14}  holds", "name", "value", "unit", "bar");
    for row in rows {
        let holds = if row.holds() { "yes" } else { "NO" };
        println!("{:<24}{:>14}  {:<8}{:>14}  {holds}", row.name, row.value, row.unit, row.bar);
    }
}
