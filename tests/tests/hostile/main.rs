//! Hostile input: every parser, under an allocator that counts. None panics, and none takes more than 1 MiB and eight
//! times its input.
//!
//! `AMANA_HOSTILE_SEED` draws other mutations than CI's, `AMANA_HOSTILE_COUNT` more of them. A failure names parser,
//! seed, index and bytes. All of it is one test, alone in its process: anything beside it would be counted too.

mod mdoc;
mod mutate;
mod parsers;
mod shapes;

use amana_tests::{Rng, setting, to_hex};
use mutate::mutate;
use parsers::{Parser, parsers};
use peak_alloc::PeakAlloc;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

const SEED: u64 = 20_261_122;
const MUTATIONS: u64 = 10_000;

const fn most_memory(input: usize) -> usize {
    (1 << 20) + 8 * input
}

/// Whether the parser took it, and the bytes it had live at most.
fn measure(parser: &Parser<'_>, input: &[u8]) -> Result<(bool, usize), String> {
    let before = ALLOCATOR.current_usage();
    ALLOCATOR.reset_peak_usage();
    let taken = catch_unwind(AssertUnwindSafe(|| (parser.parse)(input)));
    let used = ALLOCATOR.peak_usage() - before;
    match taken {
        Err(_) => Err("panicked".to_owned()),
        Ok(_) if used > most_memory(input.len()) => Err(format!("took {used} bytes for {}", input.len())),
        Ok(taken) => Ok((taken, used)),
    }
}

#[test]
fn no_parser_panics_or_takes_more_memory_than_its_input_is_worth() {
    let (seed, count) = (setting("AMANA_HOSTILE_SEED", SEED), setting("AMANA_HOSTILE_COUNT", MUTATIONS));
    println!("AMANA_HOSTILE_SEED={seed} AMANA_HOSTILE_COUNT={count}");
    parsers::with_world(|world| {
        let mut failures = Vec::new();
        for parser in parsers(world).into_iter().chain(mdoc::parsers()) {
            let started = Instant::now();
            for sample in &parser.samples {
                let input = (parser.dress)(sample);
                assert_eq!(measure(&parser, &input).map(|(taken, _)| taken), Ok(true), "control: {}", parser.name);
            }
            let (mut taken, mut most, mut heavy_taken) = (0, 0, false);
            for index in 0..count.div_ceil(parser.share) {
                let input = (parser.dress)(&mutate(&mut Rng::new(seed, parser.name, index), &parser.samples));
                match measure(&parser, &input) {
                    Ok((was_taken, used)) => {
                        taken += u64::from(was_taken);
                        most = most.max(used);
                    }
                    Err(why) => {
                        failures.push(format!("{} {why}, seed {seed}, index {index}: {}", parser.name, to_hex(&input)))
                    }
                }
            }
            let shapes = shapes::shapes();
            let shapes = shapes.iter().map(|shape| (shape, false));
            for ((shape, bytes), is_own) in shapes.chain(parser.heavy.iter().map(|shape| (shape, true))) {
                let input = (parser.dress)(bytes);
                match measure(&parser, &input) {
                    Ok((was_taken, used)) => {
                        heavy_taken |= was_taken && is_own;
                        most = most.max(used);
                    }
                    Err(why) => failures.push(format!("{} {why}, shape {shape}", parser.name)),
                }
            }
            assert!(heavy_taken || parser.heavy.is_empty(), "control: {} took nothing heavy", parser.name);
            println!("{:>6} taken, {:>5} KiB at most, {:.1?}: {}", taken, most / 1024, started.elapsed(), parser.name);
        }
        assert!(failures.is_empty(), "{} failures\n{}", failures.len(), failures[..failures.len().min(20)].join("\n"));
    });
}
