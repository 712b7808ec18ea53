//! `ur-peer`: how many frames of the crate ur it takes until a payload is there. A request is a line on stdin, its reply
//! one on stdout.
//!
//! ```text
//! about                       what is measured, as one line of text
//! frames LEN SIZE LOSS SEED   a payload of LEN bytes in fragments of SIZE, of which LOSS in a thousand are not seen;
//!                             replies how many fragments it has, and how many frames were shown until it was there
//! ```

#[path = "../../tests/benches/peers/records.rs"]
mod records;

use std::error::Error;
use std::io;

fn main() -> Result<(), Box<dyn Error>> {
    for line in io::stdin().lines() {
        println!("{}", answer(&line?).unwrap_or_else(|error| format!("error: {error}")));
    }
    Ok(())
}

fn answer(line: &str) -> Result<String, Box<dyn Error>> {
    match line.split_whitespace().collect::<Vec<_>>()[..] {
        ["about"] => Ok("ur 0.5.2".to_owned()),
        ["frames", len, size, loss, seed] => {
            let (len, size, loss, seed) = (len.parse()?, size.parse()?, loss.parse()?, seed.parse()?);
            let payload = records::content(seed, len);
            let mut encoder = ur::Encoder::bytes(&payload, size).map_err(said)?;
            let (fragments, mut decoder) = (encoder.fragment_count(), ur::Decoder::default());
            for lost in records::losses(seed, loss) {
                let part = encoder.next_part().map_err(said)?;
                if !lost {
                    decoder.receive(&part).map_err(said)?;
                }
                if decoder.complete() {
                    break;
                }
            }
            if decoder.message().map_err(said)?.as_deref() != Some(&payload[..]) {
                return Err("another payload".into());
            }
            Ok(format!("{fragments} {}", encoder.current_index()))
        }
        _ => Err("no such request".into()),
    }
}

/// Its errors are none of the standard library's.
fn said(error: ur::ur::Error) -> String {
    error.to_string()
}
