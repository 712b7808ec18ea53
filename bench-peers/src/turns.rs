//! The loop of a peer that verifies. A request is a line on stdin, its reply one on stdout.
//!
//! ```text
//! about           what is measured, as one line of text
//! load NAME       takes up the input of this name, from files in the working folder, and verifies it once; replies a
//!                 number that tells what it read, by which both sides know that they read the same
//! turn COUNT      verifies it so often; replies the time of each, nanoseconds, separated by spaces
//! ```
//! Whatever fails replies `error:` and why.

use std::error::Error;
use std::io;
use std::time::Instant;

pub type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// Verifies an input that was loaded; the number that tells what it read.
pub type Verify = Box<dyn Fn() -> Result<usize>>;

/// Answers until the input ends. `load` reads the files of a name.
pub fn serve(about: &str, load: impl Fn(&str) -> Result<Verify>) -> Result<()> {
    let mut loaded = None;
    for line in io::stdin().lines() {
        // Standard output is flushed at each end of a line.
        println!("{}", answer(&line?, about, &load, &mut loaded).unwrap_or_else(|error| format!("error: {error}")));
    }
    Ok(())
}

fn answer(
    line: &str,
    about: &str,
    load: &impl Fn(&str) -> Result<Verify>,
    loaded: &mut Option<Verify>,
) -> Result<String> {
    match line.split_whitespace().collect::<Vec<_>>()[..] {
        ["about"] => Ok(about.to_owned()),
        ["load", name] => {
            let verify = loaded.insert(load(name)?);
            Ok(verify()?.to_string())
        }
        ["turn", count] => {
            let verify = loaded.as_ref().ok_or("nothing is loaded")?;
            let times = (0..count.parse()?).map(|_| {
                let start = Instant::now();
                let verified = verify();
                let time = start.elapsed();
                verified.map(|_| time.as_nanos().to_string())
            });
            Ok(times.collect::<Result<Vec<_>>>()?.join(" "))
        }
        _ => Err("no such request".into()),
    }
}
