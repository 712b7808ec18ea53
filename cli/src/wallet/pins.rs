//! PINs of a wallet's doors: made, changed, taken over, and the one for when somebody is forced.

use super::{WalletArgs, ask, door, unlock};
use crate::exit::{Exit, Fault};
use crate::io;
use crate::output::Output;
use amana_core::crypto::Pin;
use amana_core::error::Error;
use amana_core::software::{self, FileDeviceKey, SystemClock};
use amana_core::wallet::{Argon2Cost, Door, Holder, Wallet};
use clap::Args;
use serde_json::json;
use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// Makes a wallet.
pub fn init(wallet: &WalletArgs, out: &Output) -> Result<Exit, Fault> {
    let (path, door) = (wallet.path()?, wallet.door);
    if path.exists() {
        return Err(Error::AlreadyExists.into());
    }
    let pin = read_new(wallet.pin_file.as_deref(), "PIN for the new wallet: ")?;
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        io::make_folder(folder)?;
    }
    let host = software::host_beside(&path)?;
    let spinner = out.spinner("Measuring how fast this machine is, then making the wallet …");
    let made = Argon2Cost::calibrate(&SystemClock, Wallet::TARGET_MS)
        .and_then(|cost| Ok((cost, Wallet::create(&path, host, door, &pin, cost)?)));
    spinner.finish_and_clear();
    let (cost, made) = made?;
    let device = FileDeviceKey::beside(&path);
    out.words(format!("Made the wallet {}, with door {} of its four in use.", path.display(), door.number()))?;
    out.words(format!(
        "Its device key is software, in {}: whoever copies both files can guess PINs elsewhere. On a phone that key lies \
         in the hardware. Without it no PIN opens the wallet: keep a backup (amana wallet backup make).",
        device.path().display()
    ))?;
    let Argon2Cost { memory_kib, passes, lanes } = cost;
    out.json(&json!({
        "vault": path, "device_key": device.path(), "protection": made.protection().code(), "door": door.number(),
        "cost": {"memory_kib": memory_kib, "passes": passes, "lanes": lanes},
    }))?;
    Ok(Exit::Done)
}

/// Change a door's PIN
#[derive(Args)]
#[command(after_help = "Example:\n  amana wallet change-pin --pin-file old.txt --new-pin-file new.txt")]
pub struct ChangePin {
    /// A file with the new PIN in its first line, instead of being asked for it
    #[arg(long, value_name = "FILE")]
    new_pin_file: Option<PathBuf>,
}

impl ChangePin {
    /// Changes it.
    pub fn run(&self, wallet: &WalletArgs, out: &Output) -> Result<Exit, Fault> {
        let (current, holder) = open(wallet, out)?;
        let new = read_new(self.new_pin_file.as_deref(), "New PIN: ")?;
        let spinner = out.spinner("Changing the PIN …");
        let changed = holder.change_pin(&current, &new);
        spinner.finish_and_clear();
        changed?;
        out.say("The PIN is changed.", &json!({"changed": true}))?;
        Ok(Exit::Done)
    }
}

const PANIC_EXAMPLE: &str = "Examples:
  amana wallet panic-pin --new-pin-file panic.txt
  amana wallet panic-pin --new-pin-file panic.txt --opens-door 2 --opens-pin-file two.txt
  amana wallet panic-pin --unset

Typed at this door, the panic PIN destroys what is behind it for good, and opens another door's contents or an empty
wallet. Nothing in the file tells whether there is one. What it does not protect against stands in docs/threats.md.";

/// Set the PIN that destroys what is behind this door and opens a decoy, for when somebody is forced
#[derive(Args)]
#[command(after_help = PANIC_EXAMPLE)]
pub struct PanicPin {
    /// A file with the panic PIN in its first line, instead of being asked for it
    #[arg(long, value_name = "FILE")]
    new_pin_file: Option<PathBuf>,
    /// The door whose contents it opens [default: none, an empty wallet]
    #[arg(long, value_name = "N", value_parser = door, requires = "opens_pin_file")]
    opens_door: Option<Door>,
    /// A file with that door's PIN
    #[arg(long, value_name = "FILE", requires = "opens_door")]
    opens_pin_file: Option<PathBuf>,
    /// Take the panic PIN away, if there is one
    #[arg(long, conflicts_with_all = ["new_pin_file", "opens_door"])]
    unset: bool,
}

impl PanicPin {
    /// Sets it, or takes it away.
    pub fn run(&self, wallet: &WalletArgs, out: &Output) -> Result<Exit, Fault> {
        let (current, holder) = open(wallet, out)?;
        if self.unset {
            holder.unset_panic_pin(&current)?;
            out.say("This door has no panic PIN.", &json!({"panic_pin": false}))?;
            return Ok(Exit::Done);
        }
        let opens = match self.opens_door {
            Some(door) => {
                let pin = read(self.opens_pin_file.as_deref(), "PIN of the door that it opens: ")?;
                Some(unlock(out, &wallet.open()?, door, &pin)?)
            }
            None => None,
        };
        let panic = read_new(self.new_pin_file.as_deref(), "Panic PIN: ")?;
        let spinner = out.spinner("Setting the panic PIN …");
        let set = holder.set_panic_pin(&current, &panic, opens.as_ref());
        spinner.finish_and_clear();
        set?;
        let opens = self.opens_door.map_or("an empty wallet".to_owned(), |door| format!("door {}", door.number()));
        out.say(
            format!(
                "Set. Typed at door {}, it destroys what is behind it for good and opens {opens}.",
                wallet.door.number()
            ),
            &json!({"panic_pin": true, "opens_door": self.opens_door.map(Door::number)}),
        )?;
        Ok(Exit::Done)
    }
}

const TAKE_EXAMPLE: &str = "Example:
  amana wallet take-door --door 2 --new-pin-file two.txt --destroy-what-is-behind

A wallet cannot tell whether somebody uses a door, and neither can you: whoever does loses everything behind it.";

/// Take a door for yourself; whatever is behind it is DESTROYED
#[derive(Args)]
#[command(after_help = TAKE_EXAMPLE)]
pub struct TakeDoor {
    /// A file with the door's new PIN in its first line, instead of being asked for it
    #[arg(long, value_name = "FILE")]
    new_pin_file: Option<PathBuf>,
    /// Do not ask again: whatever is behind the door is destroyed for good
    #[arg(long)]
    destroy_what_is_behind: bool,
}

impl TakeDoor {
    /// Takes it.
    pub fn run(&self, wallet: &WalletArgs, out: &Output) -> Result<Exit, Fault> {
        let number = wallet.door.number();
        let file = wallet.open()?;
        if !self.destroy_what_is_behind {
            let question = format!(
                "Somebody may be using door {number}: nobody can tell. If so, all that is behind it is destroyed for good.\n\
                 Type the word DESTROY to take it: "
            );
            if ask(&question, "--destroy-what-is-behind")? != "DESTROY" {
                out.words("Nothing was changed.")?;
                return Ok(Exit::Refused);
            }
        }
        let pin = read_new(self.new_pin_file.as_deref(), "PIN of the door: ")?;
        let spinner = out.spinner("Taking the door …");
        let taken = file.take_door_and_destroy_what_is_behind(wallet.door, &pin);
        spinner.finish_and_clear();
        taken?;
        out.say(format!("Door {number} is yours, and empty."), &json!({"door": number}))?;
        Ok(Exit::Done)
    }
}

fn open(wallet: &WalletArgs, out: &Output) -> Result<(Pin, Holder), Fault> {
    let file = wallet.open()?;
    let pin = read(wallet.pin_file.as_deref(), "PIN: ")?;
    let holder = unlock(out, &file, wallet.door, &pin)?;
    Ok((pin, holder))
}

/// Reads a PIN from a file, or asks for it.
pub fn read(file: Option<&Path>, prompt: &str) -> Result<Pin, Fault> {
    Ok(Pin::new(secret(file, prompt)?)?)
}

/// Reads a new PIN: asked for twice.
pub fn read_new(file: Option<&Path>, prompt: &str) -> Result<Pin, Fault> {
    Ok(Pin::new(new_secret(file, prompt)?)?)
}

/// A file's first line, or what is typed without being shown.
pub fn secret(file: Option<&Path>, prompt: &str) -> Result<Zeroizing<String>, Fault> {
    match file {
        Some(path) => {
            let text = Zeroizing::new(io::read_text(path)?);
            Ok(Zeroizing::new(text.lines().next().unwrap_or_default().to_owned()))
        }
        None => ask_secret(prompt),
    }
}

/// The same, asked for twice.
pub fn new_secret(file: Option<&Path>, prompt: &str) -> Result<Zeroizing<String>, Fault> {
    let once = secret(file, prompt)?;
    if file.is_none() && *once != *ask_secret("The same once more: ")? {
        return Err(Fault::usage("The two differ; nothing was changed."));
    }
    Ok(once)
}

fn ask_secret(prompt: &str) -> Result<Zeroizing<String>, Fault> {
    let no_terminal = || Fault::usage("Nobody is here to ask: give it in a file (--help names the option).");
    if !std::io::stdin().is_terminal() {
        return Err(no_terminal());
    }
    rpassword::prompt_password(prompt).map(Zeroizing::new).map_err(|_| no_terminal())
}
