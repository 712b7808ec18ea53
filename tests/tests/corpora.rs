//! Every input in `fuzz/corpus` and, where `AMANA_VECTORS` names them, the independent vectors, looked at once: no look
//! panics, and what the core itself made is taken.
//!
//! A file `sample-*` was made by the core, and is taken for as long as the format is read. What broke something once lies
//! beside it under a name that says what. `fuzz/README.md` says how both come in.

use amana_tests::looks::{LOOKS, Look, vectors};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus")
}

/// The files of a look's folder: names and bytes.
fn kept(look: &Look) -> Vec<(String, Vec<u8>)> {
    let folder = corpus().join(look.name);
    let entries = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let paths = entries.map(|entry| entry.expect("an entry").path());
    let name = |path: &Path| path.file_name().expect("a name").to_string_lossy().into_owned();
    paths.map(|path| (name(&path), fs::read(&path).expect("a file"))).collect()
}

#[test]
fn every_input_that_is_kept_is_looked_at() {
    for look in LOOKS {
        let files = kept(look);
        assert!(files.iter().any(|(name, _)| name.starts_with("sample-")), "no sample for {}", look.name);
        for (name, bytes) in files {
            println!("{}/{name}", look.name);
            let taken = (look.at)(&bytes);
            assert!(taken || !name.starts_with("sample-"), "{}/{name} is no longer taken", look.name);
        }
    }
}

#[test]
fn every_sample_is_taken() {
    for look in LOOKS {
        for (index, sample) in (look.samples)().iter().enumerate() {
            assert!((look.at)(sample), "sample {index} of {}", look.name);
        }
    }
}

#[test]
fn every_vector_is_looked_at() {
    let Some(root) = std::env::var_os("AMANA_VECTORS").map(PathBuf::from) else { return };
    for look in LOOKS {
        let inputs: Vec<_> = look.vectors.iter().flat_map(|folder| vectors(&root.join(folder))).collect();
        let taken = inputs.iter().filter(|bytes| (look.at)(bytes)).count();
        println!("{}: {taken} of {} taken", look.name, inputs.len());
    }
}

#[test]
fn every_folder_is_a_look_of_its_own() {
    let folders = fs::read_dir(corpus()).expect("fuzz/corpus");
    let folders: BTreeSet<_> =
        folders.map(|entry| entry.expect("an entry").file_name().into_string().unwrap()).collect();
    assert_eq!(folders, LOOKS.iter().map(|look| look.name.to_owned()).collect());
}

/// Not a test: writes what is missing. `fuzz/README.md` says when.
#[test]
#[ignore = "writes to fuzz/corpus"]
fn keep_the_samples() {
    for look in LOOKS {
        let folder = corpus().join(look.name);
        fs::create_dir_all(&folder).expect("a folder");
        for (index, sample) in (look.samples)().iter().enumerate() {
            let path = folder.join(format!("sample-{index}"));
            if !path.exists() {
                fs::write(path, sample).expect("written");
            }
        }
    }
}
