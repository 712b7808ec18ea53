//! Amana and programs that others wrote, in both directions: what they issue and present holds here and what was tampered
//! with does not, and what Amana issues and presents is written down for them to judge. `tests/interop/README.md` tells how
//! the files came to be, and `cargo xtask interop` runs the programs.

mod judge;
mod ours;

use amana_core::credential::to_json;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Where Amana's files go, for the programs: `shown` to be judged, `issued` to be presented; into `presented` they write.
fn exchanged(folder: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("interop").join(folder)
}

/// The names and contents of the files in a folder, and in those inside.
fn files(folder: &Path) -> Vec<(String, Value)> {
    let mut found = Vec::new();
    for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|ending| ending == "json") {
            let folder = path.parent().and_then(Path::file_name).unwrap().to_string_lossy();
            let name = format!("{folder}/{}", path.file_stem().unwrap().to_string_lossy());
            found.push((name, serde_json::from_slice(&fs::read(&path).unwrap()).unwrap()));
        }
    }
    found.sort_by(|(left, _), (right, _)| left.cmp(right));
    found
}

/// Judges all of them; how many were to accept and to refuse, by the program that made them.
fn judge_all(files: &[(String, Value)]) -> BTreeMap<String, (usize, usize)> {
    let (mut counts, mut wrong) = (BTreeMap::<String, (usize, usize)>::new(), Vec::new());
    for (name, file) in files {
        let is_to_hold = file["expect"]["ok"].as_bool().unwrap();
        match judge::judge(file) {
            Ok(seen) if is_to_hold && judge::is_as_promised(file, seen.as_ref()) => {}
            Err(_) if !is_to_hold => {}
            found => {
                let said = found.map(|claims| claims.map(|claims| to_json(&claims)));
                wrong.push(format!("{name}: {} promised, found {said:?}", file["expect"]));
            }
        }
        let (accepted, refused) = counts.entry(file["program"].as_str().unwrap().to_owned()).or_default();
        *(if is_to_hold { accepted } else { refused }) += 1;
    }
    for (program, (accepted, refused)) in &counts {
        println!("{program}: {accepted} to accept, {refused} to refuse");
    }
    assert!(wrong.is_empty(), "{} of {counts:?}:\n{}", wrong.len(), wrong.join("\n"));
    counts
}

#[test]
fn what_independent_programs_made_is_judged_rightly() {
    let mut made = files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("interop/made"));
    // Packed codes without a signature, and bare CWTs, are no cards.
    made.retain(|(name, file)| file["format"] != "cwt" && !name.contains("pixelpass"));
    let counts = judge_all(&made);
    assert_eq!((counts.len(), made.len()), (12, 247));
}

/// Writes down what the programs are to judge and to present. Here it is seen that Amana judges it as they are to.
#[test]
fn what_amana_makes_is_written_down_for_the_programs() {
    let (shown, issued) = (ours::shown(), ours::issued());
    for (folder, files) in [("shown", &shown), ("issued", &issued)] {
        let folder = exchanged(folder);
        // Nothing of an earlier run is left to be judged.
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        for (name, file) in files {
            fs::write(folder.join(name).with_extension("json"), format!("{file:#}\n")).unwrap();
        }
    }
    let counts = judge_all(&shown);
    assert_eq!(counts["amana"], ours::COUNTS);
}

#[test]
#[ignore = "judges what `cargo xtask interop` had the programs present"]
fn what_the_programs_present_of_amanas_cards_is_judged_rightly() {
    let presented = files(&exchanged("presented"));
    assert!(!presented.is_empty(), "nothing was presented");
    judge_all(&presented);
}
