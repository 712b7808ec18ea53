//! Other processes: this test binary, run once more to play a part.

use std::env;
use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Child as Process, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use zeroize::Zeroizing;

/// What a child does, given the arguments it was started with.
type Part = fn(&[String]);

/// Every part there is.
const PARTS: &[(&str, Part)] = &[
    #[cfg(unix)]
    ("live until killed", crate::crash::live_until_killed),
    #[cfg(target_os = "linux")]
    ("live through a fault", crate::faults::live_through_a_fault),
    #[cfg(target_os = "linux")]
    ("fill the disk", crate::disk::fill_the_disk),
    #[cfg(target_os = "linux")]
    ("write nowhere", crate::disk::write_nowhere),
    #[cfg(target_os = "linux")]
    ("show on a full disk", crate::disk::show_on_a_full_disk),
    #[cfg(target_os = "linux")]
    ("hold and close", crate::memory::hold_and_close),
    #[cfg(unix)]
    ("write beside others", crate::together::write_beside_others),
    #[cfg(unix)]
    ("read beside others", crate::together::read_beside_others),
];

const PART: &str = "AMANA_PART";
const ARGUMENTS: &str = "AMANA_PART_ARGUMENTS";
/// What arguments are joined by: no path and no text of ours has it.
const BETWEEN: &str = "\u{1f}";
/// How a line begins that a child says: the test harness prints lines of its own.
const SAYS: &str = "> ";

/// Not a test but a stage: started by another test with a part to play, it plays it. Without one, as `cargo test` runs
/// it, there is nothing to do.
#[test]
fn stage() {
    let Ok(name) = env::var(PART) else { return };
    let (_, part) = PARTS.iter().find(|(part, _)| *part == name).expect("a part that there is");
    let arguments = env::var(ARGUMENTS).unwrap_or_default();
    part(&arguments.split(BETWEEN).map(str::to_owned).collect::<Vec<_>>());
}

/// A child that plays a part, not yet started. It is run by the program `under` where that is not empty, such as
/// `strace` and its arguments.
pub fn command(under: &[&str], part: &str, arguments: &[&str]) -> Command {
    let own = env::current_exe().expect("this test binary").into_os_string();
    // One thread: then the part is played by the process's first, and nothing beside it.
    let harness = ["child::stage", "--exact", "--nocapture", "--test-threads=1"].map(Into::into);
    let mut words = under.iter().map(Into::into).chain([own]).chain(harness);
    let mut command = Command::new(words.next().expect("a program"));
    command.args(words).env(PART, part).env(ARGUMENTS, arguments.join(BETWEEN));
    command
}

/// Says a line to whoever started this child.
pub fn say(line: impl std::fmt::Display) {
    println!("\n{SAYS}{line}");
}

/// Waits until whoever started this child tells it a line, and returns that. It is read byte by byte, and stays in no
/// buffer: it may be a secret.
pub fn listen() -> Zeroizing<String> {
    let mut input = File::open("/dev/stdin").expect("stdin");
    let (mut line, mut byte) = (Zeroizing::new(String::with_capacity(256)), [0]);
    while input.read(&mut byte).expect("stdin") == 1 && byte != *b"\n" {
        line.push(char::from(byte[0]));
    }
    line
}

/// A running child. Killed where it is forgotten.
pub struct Child {
    process: Process,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Child {
    pub fn start(part: &str, arguments: &[&str]) -> Self {
        Self::run(command(&[], part, arguments))
    }

    pub fn run(mut command: Command) -> Self {
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = command.spawn().unwrap_or_else(|e| panic!("{}: {e}", command.get_program().display()));
        let (input, output) = (process.stdin.take(), process.stdout.take());
        Self { process, input: input.expect("a pipe"), output: BufReader::new(output.expect("a pipe")) }
    }

    #[cfg(target_os = "linux")]
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// The next line that it says; none once it has ended. Half a line was never said.
    pub fn hear(&mut self) -> Option<String> {
        loop {
            let mut line = String::new();
            self.output.read_line(&mut line).expect("text");
            let line = line.strip_suffix('\n')?;
            if let Some(said) = line.strip_prefix(SAYS) {
                return Some(said.to_owned());
            }
        }
    }

    /// Tells it a line.
    pub fn tell(&mut self, line: &str) {
        writeln!(self.input, "{line}").expect("it listens");
    }

    pub fn kill(&mut self) {
        self.process.kill().expect("it can be killed");
        self.process.wait().expect("it ends");
    }

    pub fn end(mut self) -> ExitStatus {
        self.process.wait().expect("it ends")
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
