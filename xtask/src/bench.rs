//! `cargo xtask bench`: what is measured, against the bar that it has to hold.
//!
//! An area is one function that measures one or more rows. Ratios and sizes only: what a machine's speed would decide
//! is no bar.

use crate::bindings::{self, For};
use crate::process::{self, Output, Result, on_path};
use crate::workspace::Workspace;
use serde_json::{Value, json};
use std::env::consts::EXE_SUFFIX;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// Every area: its name on the command line, and what measures it.
const AREAS: &[(&str, Measure)] =
    &[("exchange", exchange), ("status-list", status_list), ("vault", vault), ("phone-library", phone_library)];

type Measure = fn(&Workspace) -> Result<Vec<Row>>;

/// One measured value.
pub struct Row {
    name: String,
    value: f64,
    unit: String,
    /// The most that the value may be.
    bar: f64,
}

impl Row {
    fn parse(json: &str) -> Option<Row> {
        let row: Value = serde_json::from_str(json).ok()?;
        Some(Row {
            name: row["name"].as_str()?.to_owned(),
            value: row["value"].as_f64()?,
            unit: row["unit"].as_str()?.to_owned(),
            bar: row["bar"].as_f64()?,
        })
    }

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
    report(&rows, json)
}

/// Prints them, and fails where one is over its bar.
pub fn report(rows: &[Row], json: bool) -> Result {
    if json {
        print_json(rows)
    } else {
        print_table(rows)
    }
    let broken: Vec<&str> = rows.iter().filter(|row| !row.holds()).map(|row| row.name.as_str()).collect();
    if broken.is_empty() { Ok(()) } else { Err(format!("over the bar: {}", broken.join(", ")).into()) }
}

/// Times and sizes of the QR exchange.
fn exchange(workspace: &Workspace) -> Result<Vec<Row>> {
    cargo_bench(workspace, "exchange", &[])
}

/// Times of status lists.
fn status_list(workspace: &Workspace) -> Result<Vec<Row>> {
    cargo_bench(workspace, "status_list", &[])
}

/// Times of the vault, over Askar's in the same run.
fn vault(workspace: &Workspace) -> Result<Vec<Row>> {
    let peer = askar_peer(workspace)?;
    cargo_bench(workspace, "vault", &[("AMANA_ASKAR_PEER", peer)])
}

/// Builds the peer for [`vault`], with its own lock file and in its own target folder.
fn askar_peer(workspace: &Workspace) -> Result<PathBuf> {
    let folder = workspace.root.join("bench-peers");
    let mut build = workspace.cargo(&["build", "--release", "--locked", "--bin=askar-peer"]);
    build.arg("--manifest-path").arg(folder.join("Cargo.toml")).arg("--target-dir").arg(folder.join("target"));
    process::run(&mut build, &Output::Shown)?;
    Ok(folder.join(format!("target/release/askar-peer{EXE_SUFFIX}")))
}

/// The rows that a bench of `tests/benches` prints, as JSON, one a line.
fn cargo_bench(workspace: &Workspace, name: &str, environment: &[(&str, PathBuf)]) -> Result<Vec<Row>> {
    let mut bench = workspace.cargo(&["bench", "--package=amana-tests", "--bench", name]);
    bench.envs(environment.iter().cloned());
    let printed = process::output(bench.stderr(Stdio::inherit()))?;
    printed
        .lines()
        .map(|line| Row::parse(line).ok_or_else(|| format!("{name} printed no row: {line}").into()))
        .collect()
}

/// The library as a phone gets it: built alone, without the ports in files.
fn phone_library(workspace: &Workspace) -> Result<Vec<Row>> {
    bindings::build_library(workspace, For::Phones, &Output::Shown)?;
    Ok(vec![library_size(workspace)?])
}

/// The size of the library that was built last, its symbols stripped.
pub fn library_size(workspace: &Workspace) -> Result<Row> {
    let stripped = workspace.target.join("xtask/libamana_ffi.stripped");
    fs::create_dir_all(workspace.target.join("xtask"))?;
    let strip = ["strip", "llvm-strip"].into_iter().find(|program| on_path(program));
    let strip = strip.ok_or("no `strip` on PATH: binutils or LLVM has it")?;
    process::run(Command::new(strip).arg("-o").arg(&stripped).arg(bindings::library(workspace)), &Output::Shown)?;
    let value = fs::metadata(stripped)?.len() as f64;
    Ok(Row { name: "phone-library".into(), value, unit: "bytes".into(), bar: 3_000_000.0 })
}

fn print_json(rows: &[Row]) {
    let rows = rows.iter().map(
        |row| json!({ "name": row.name, "value": row.value, "unit": row.unit, "bar": row.bar, "holds": row.holds() }),
    );
    println!("{:#}", Value::from_iter(rows));
}

fn print_table(rows: &[Row]) {
    let unit = rows.iter().map(|row| row.unit.len()).max().unwrap_or_default().max("unit".len());
    println!("{:<20}{:>10}  {:<unit$}{:>10}  holds", "name", "value", "unit", "bar");
    for row in rows {
        let holds = if row.holds() { "yes" } else { "NO" };
        println!("{:<20}{:>10}  {:<unit$}{:>10}  {holds}", row.name, row.value, row.unit, row.bar);
    }
}
