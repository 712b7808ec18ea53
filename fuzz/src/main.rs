//! One look for libFuzzer, chosen by `AMANA_FUZZ_LOOK`: one build serves all of them.
//!
//! `AMANA_FUZZ_SEEDS` names a folder that gets the look's samples, and the vectors that `AMANA_VECTORS` has of its kind,
//! before the fuzzer reads it.
#![no_main]

use amana_tests::looks::{Look, look, vectors};
use libfuzzer_sys::fuzz_target;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::{env, fs};

static LOOK: OnceLock<&'static Look> = OnceLock::new();

fuzz_target!(init: start(), |bytes: &[u8]| {
    LOOK.get().map(|look| (look.at)(bytes));
});

fn start() {
    let name = env::var("AMANA_FUZZ_LOOK").expect("start this as `cargo xtask fuzz`");
    let look = LOOK.get_or_init(|| look(&name).unwrap_or_else(|| panic!("no look is called {name}")));
    if let Some(folder) = env::var_os("AMANA_FUZZ_SEEDS") {
        seed(look, Path::new(&folder));
    }
}

fn seed(look: &Look, folder: &Path) {
    let write =
        |name: String, bytes: &[u8]| fs::write(folder.join(name), bytes).expect("the seeds' folder is writable");
    for (index, sample) in (look.samples)().iter().enumerate() {
        write(format!("sample-{index}"), sample);
    }
    let Some(root) = env::var_os("AMANA_VECTORS").map(PathBuf::from) else { return };
    let inputs = look.vectors.iter().flat_map(|kind| vectors(&root.join(kind)));
    inputs.enumerate().for_each(|(index, bytes)| write(format!("vector-{index}"), &bytes));
}
