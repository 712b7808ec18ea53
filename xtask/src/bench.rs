//! `cargo xtask bench`: what is measured, against the bar that it has to hold.
//!
//! An area is one function that measures one or more rows. Ratios and sizes only: what a machine's speed would decide
//! is no bar.

use crate::android::Android;
use crate::bindings::{self, For};
use crate::process::{self, Output, Result, on_path};
use crate::workspace::Workspace;
use serde_json::{Value, json};
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// Every area: its name on the command line, and what measures it.
const AREAS: &[(&str, Measure)] = &[
    ("exchange", exchange),
    ("formats", formats),
    ("status-list", status_list),
    ("vault", vault),
    ("phone-library", phone_library),
    ("apps", apps),
];

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

/// Times of each format, over those of whoever else reads it in the same run; frames of transfers.
fn formats(workspace: &Workspace) -> Result<Vec<Row>> {
    let peers = rust_peers(workspace, &["claim169", "isomdl", "ur"])?;
    let node = node_peer(workspace)?;
    cargo_bench(workspace, "formats", &[("AMANA_RUST_PEERS", peers), ("AMANA_SD_JWT_PEER", node)])
}

/// Times of status lists.
fn status_list(workspace: &Workspace) -> Result<Vec<Row>> {
    cargo_bench(workspace, "status_list", &[])
}

/// Times of the vault, over Askar's in the same run.
fn vault(workspace: &Workspace) -> Result<Vec<Row>> {
    let peers = rust_peers(workspace, &["askar"])?;
    cargo_bench(workspace, "vault", &[("AMANA_RUST_PEERS", peers)])
}

/// Builds peers of `bench-peers`, with their own lock file and in their own target folder; the folder that they lie in.
fn rust_peers(workspace: &Workspace, names: &[&str]) -> Result<PathBuf> {
    let target = workspace.target.join("bench-peers");
    let manifest = workspace.root.join("bench-peers/Cargo.toml");
    let mut build = workspace.cargo(&["build", "--release", "--locked", "--features", &names.join(",")]);
    build.args(names.iter().map(|name| format!("--bin={name}-peer")));
    build.arg("--manifest-path").arg(manifest).arg("--target-dir").arg(&target);
    process::run(&mut build, &Output::Shown)?;
    Ok(target.join("release"))
}

/// Installs the peer that runs on Node; its script.
fn node_peer(workspace: &Workspace) -> Result<PathBuf> {
    if !on_path("node") || !on_path("npm") {
        return Err("the formats' bench takes node (20 or later) and npm on PATH".into());
    }
    let (source, folder) = (workspace.root.join("bench-peers/sd-jwt"), workspace.target.join("bench-peers/sd-jwt"));
    fs::create_dir_all(&folder)?;
    for file in ["package.json", "peer.mjs"] {
        fs::copy(source.join(file), folder.join(file))?;
    }
    // Every package is pinned, so that nothing has to be locked.
    let mut install = Command::new("npm");
    install.args(["install", "--no-package-lock", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"]);
    process::run(install.current_dir(&folder), &Output::Shown)?;
    Ok(folder.join("peer.mjs"))
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

/// From the text of an answer to the verdict on the screen, over the core's call alone.
fn apps(workspace: &Workspace) -> Result<Vec<Row>> {
    let android = Android::find(workspace)?;
    android.prepare(&Output::Shown)?;
    bindings::build(workspace, For::Desktops, &Output::Shown)?;
    bindings::generate(workspace)?;
    workspace.build_command()?;
    let lines = android.measure(&workspace.command())?;
    lines.lines().map(|line| Row::parse(line).ok_or_else(|| format!("no row: {line}").into())).collect()
}

/// The library as a phone gets it: built alone, without the ports in files.
fn phone_library(workspace: &Workspace) -> Result<Vec<Row>> {
    bindings::build_library(workspace, For::Phones, &Output::Shown)?;
    Ok(vec![library_size(workspace)?])
}

/// The size of the library that was built last, its symbols stripped.
pub fn library_size(workspace: &Workspace) -> Result<Row> {
    let stripped = workspace.target.join("xtask/libamana_ffi.stripped");
    bindings::strip(&bindings::library(workspace), &stripped)?;
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
