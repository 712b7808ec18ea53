//! `amana`: issuing desk, wallet, field verifier and inspector on one machine, with no network, and the demo.
//!
//! Parse, dispatch, exit code; one module a group of commands. All behaviour is the core's: what is here reads files,
//! scans and draws codes, asks people and tells them.

mod code;
mod demo;
mod exit;
mod frames;
mod inspect;
mod io;
mod issuer;
mod key;
mod output;
mod scan;
mod trust;
mod verifier;
mod wallet;
mod words;

use clap::{Parser, Subcommand};
use exit::{Exit, Fault};
use output::Output;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::sync::Mutex;

/// Every buffer is zeroed when it is freed: claims and PINs go through many.
#[global_allocator]
static ALLOCATOR: zeroizing_alloc::ZeroAlloc<std::alloc::System> = zeroizing_alloc::ZeroAlloc(std::alloc::System);

const HELP: &str = "Start with `amana demo`: it shows the whole story with real codes, and leaves a page to look at.

Exit codes: 0 done or accepted (also with an exception), 1 refused (also a wrong PIN), 2 malformed input,
3 cannot check, 64 wrong command line, 66 a file is missing or not to be read or written, 70 a fault of amana's own.";

/// Identity cards that work offline: issue, hold encrypted, show by QR, verify
#[derive(Parser)]
#[command(name = "amana", version, after_help = HELP)]
struct Cli {
    /// Say it as JSON, one document a line
    #[arg(long, global = true)]
    json: bool,
    /// The language of what is told about people and their cards; what went wrong is told in English
    #[arg(long, global = true, value_enum, default_value_t, env = "AMANA_LANGUAGE")]
    language: words::Language,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// The issuing desk: keys, offers, cards, registrations, trust bundles, lists of cancelled cards
    #[command(
        subcommand,
        after_help = "Example:\n  amana issuer keygen --kid desk-2026 --out desk.jwk --public desk.pub.jwk"
    )]
    Issuer(issuer::IssuerCommand),
    /// A holder's wallet: get cards, keep them encrypted, show them claim by claim
    #[command(after_help = "Example:\n  amana wallet init --vault mine.amana")]
    Wallet(wallet::WalletArgs),
    /// A field verifier: ask by QR, judge the answer
    #[command(subcommand, after_help = "Example:\n  amana verifier keygen --out point.jwk --public point.pub.jwk")]
    Verifier(verifier::VerifierCommand),
    Scan(code::Scan),
    Inspect(inspect::Inspect),
    Demo(demo::Demo),
}

impl Command {
    fn run(&self, out: &Output) -> Result<Exit, Fault> {
        match self {
            Self::Issuer(command) => command.run(out),
            Self::Wallet(command) => command.run(out),
            Self::Verifier(command) => command.run(out),
            Self::Scan(command) => command.run(out),
            Self::Inspect(command) => command.run(out),
            Self::Demo(command) => command.run(out),
        }
    }
}

/// Where the last panic happened.
static WHERE: Mutex<String> = Mutex::new(String::new());

fn main() -> ExitCode {
    // What a panic says may hold what it was given: only where it happened is told, and that only if nobody caught it.
    std::panic::set_hook(Box::new(|panic| {
        if let (Some(place), Ok(mut last)) = (panic.location(), WHERE.lock()) {
            *last = place.to_string();
        }
    }));
    let exit = catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|_| {
        let place = WHERE.lock().map(|place| place.clone()).unwrap_or_default();
        eprintln!("amana: a fault inside amana ({place}). Please report it, with what you did.");
        Exit::Internal
    });
    exit.into()
}

fn run() -> Exit {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let asked_for = !error.use_stderr();
            // Nobody to tell: the exit code says it too.
            let _ = error.print();
            return if asked_for { Exit::Done } else { Exit::Usage };
        }
    };
    let out = Output::new(cli.json, cli.language);
    cli.command.run(&out).unwrap_or_else(|fault| {
        out.fault(&fault);
        fault.exit()
    })
}
