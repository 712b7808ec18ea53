//! The ordinary `age` opens what we seal, and we open what it seals.
//!
//! It asks for passphrases on its terminal alone, so `script` (util-linux) gives it one.
#![cfg(target_os = "linux")]

use amana_core::backup::{Passphrase, RecoveryKey, age};
use amana_core::ports::OsEntropy;
use std::io::{Read as _, Write as _};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};
use zeroize::Zeroizing;

const PATIENCE: Duration = Duration::from_secs(120);

#[test]
fn the_age_tool_opens_what_we_seal() {
    let passphrase = RecoveryKey::make(&OsEntropy).expect("randomness").passphrase();
    // Nothing, one chunk, several.
    for len in [0, 5, 200_000] {
        let plain = some_bytes(len);
        let file = age::seal(&plain, &passphrase, age::LOG_N, &OsEntropy).expect("sealed");
        assert!(age_tool("-d", &file, &passphrase) == plain, "{len} bytes");
    }
}

#[test]
fn we_open_what_the_age_tool_seals() {
    let passphrase = Passphrase::typed(Zeroizing::new("chai na mandazi, asubuhi".to_owned())).expect("a passphrase");
    for (options, len) in [("-p", 70_000), ("-p -a", 0), ("-p -a", 300)] {
        let plain = some_bytes(len);
        let file = age_tool(options, &plain, &passphrase);
        assert!(*age::open(&file, &passphrase).expect("opened") == plain, "{options}, {len} bytes");
    }
}

fn some_bytes(len: usize) -> Vec<u8> {
    (0..len).map(|n| (n * 31 % 251) as u8).collect()
}

/// What `age` makes of the bytes, with the passphrase typed wherever it asks.
fn age_tool(options: &str, input: &[u8], passphrase: &Passphrase) -> Vec<u8> {
    let found = Command::new("age").arg("--version").stdout(Stdio::null()).status();
    assert!(found.is_ok_and(|status| status.success()), "this test runs `age`; on Debian: apt-get install age");
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("in"), input).expect("written");
    let terminal = Command::new("script")
        .args(["--quiet", "--return", "--command", &format!("age {options} -o out in"), "/dev/null"])
        .current_dir(folder.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("this test runs `script`; on Debian: apt-get install bsdutils");
    let (is_done, said) = Terminal::new(terminal).answer(passphrase);
    assert!(is_done, "age {options} said: {said}");
    // It makes the file at its first byte: there is none of nothing.
    std::fs::read(folder.path().join("out")).unwrap_or_default()
}

struct Terminal {
    child: Child,
    /// Open until the end: at its end of input `script` would end the program's, too.
    keyboard: ChildStdin,
    screen: Receiver<Vec<u8>>,
}

impl Terminal {
    fn new(mut child: Child) -> Self {
        let (keyboard, mut output) = (child.stdin.take().expect("a pipe"), child.stdout.take().expect("a pipe"));
        let (shown, screen) = mpsc::channel();
        std::thread::spawn(move || {
            let mut buffer = [0; 1024];
            while let Ok(len @ 1..) = output.read(&mut buffer) {
                if shown.send(buffer[..len].to_vec()).is_err() {
                    break;
                }
            }
        });
        Self { child, keyboard, screen }
    }

    /// Types the passphrase once for each time that it is asked for; tells whether all went well, and what was shown.
    fn answer(mut self, passphrase: &Passphrase) -> (bool, String) {
        let (mut said, mut answered, end) = (String::new(), 0, Instant::now() + PATIENCE);
        loop {
            match self.screen.recv_timeout(end.saturating_duration_since(Instant::now())) {
                Ok(shown) => said.push_str(&String::from_utf8_lossy(&shown)),
                Err(mpsc::RecvTimeoutError::Disconnected) => break,
                Err(mpsc::RecvTimeoutError::Timeout) => {
                    self.child.kill().expect("ended");
                    break;
                }
            }
            // "Enter passphrase …: ", then, to seal, "Confirm passphrase: ".
            while answered < said.matches("passphrase").count() {
                // One that has ended already asks for nothing; its words tell why.
                let _ = writeln!(self.keyboard, "{}", passphrase.expose());
                answered += 1;
            }
        }
        (self.child.wait().expect("ended").success(), said)
    }
}
