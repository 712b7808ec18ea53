//! The documentation lists what the code says: every error code and reason, every message id, every ADR; and its samples
//! are lines of tests.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn core_sources() -> Vec<String> {
    fn walk(folder: &Path, out: &mut Vec<String>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, out);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                // Tests make up errors of their own.
                let source = fs::read_to_string(path).unwrap();
                out.push(source.split("#[cfg(test)]\nmod tests {").next().unwrap().to_owned());
            }
        }
    }
    let mut out = Vec::new();
    walk(&root().join("core/src"), &mut out);
    out
}

/// The texts that follow `before` in quotes.
fn quoted_after(source: &str, before: &str) -> Vec<String> {
    let quoted = |rest: &str| rest.trim_start().strip_prefix('"')?.split_once('"').map(|(text, _)| text.to_owned());
    source.split(before).skip(1).filter_map(quoted).collect()
}

#[test]
fn every_error_code_and_reason_is_documented() {
    let page = read("docs/errors.md");
    let error = read("core/src/error.rs");
    let codes = error.split("pub fn code(&self)").nth(1).and_then(|rest| rest.split("pub fn reason").next()).unwrap();
    let codes = quoted_after(codes, "=>");
    assert!(codes.len() >= 19);
    for code in codes {
        assert!(page.contains(&format!("\n### {code}\n")), "{code} has no section in docs/errors.md");
    }
    let reasons = |starts: &[&str]| -> BTreeSet<String> {
        core_sources().iter().flat_map(|source| starts.iter().flat_map(|start| quoted_after(source, start))).collect()
    };
    let check = |reasons: BTreeSet<String>, least: usize, section: &str| {
        assert!(reasons.len() >= least);
        let listed: Vec<_> = section.split('`').skip(1).step_by(2).collect();
        let is_listed = |reason: &String| {
            listed.iter().any(|word| match word.strip_suffix('*') {
                Some(family) => reason.starts_with(family),
                None => word == reason,
            })
        };
        let missing: Vec<_> = reasons.iter().filter(|reason| !is_listed(reason)).collect();
        assert!(missing.is_empty(), "in docs/errors.md {missing:?} are missing from:\n{section}");
    };
    for (code, least) in [("damaged", 100), ("untrusted", 30), ("invalid", 40)] {
        let (_, section) = page.split_once(&format!("\n### {code}\n")).unwrap();
        check(reasons(&[&format!("{code}(")]), least, section.split_once("\n### ").unwrap().0);
    }
    let internal = reasons(&["Internal { reason:"]);
    check(reasons(&["reason:", "what:"]).difference(&internal).cloned().collect(), 10, &page);
}

#[test]
fn every_message_id_is_documented() {
    let page = read("docs/explain.md");
    let sources = core_sources();
    let direct = sources.iter().flat_map(|source| quoted_after(source, "Message::plain("));
    let ids: BTreeSet<String> =
        direct.chain(sources.iter().flat_map(|source| quoted_after(source, "claim("))).collect();
    assert!(ids.len() > 20);
    for id in ids {
        assert!(page.contains(&format!("`{id}`")), "{id} is not in docs/explain.md");
    }
}

#[test]
fn every_link_between_the_pages_leads_somewhere() {
    let mut pages: Vec<PathBuf> =
        ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md"].map(|page| root().join(page)).to_vec();
    for folder in ["docs", "docs/adr", "docs/formats", "docs/guides"] {
        let entries = fs::read_dir(root().join(folder)).unwrap().map(|entry| entry.unwrap().path());
        pages.extend(entries.filter(|path| path.extension().is_some_and(|extension| extension == "md")));
    }
    for page in pages {
        let text = fs::read_to_string(&page).unwrap_or_else(|error| panic!("{}: {error}", page.display()));
        for link in text.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(link, _)| link) {
            let file = link.split('#').next().unwrap();
            if file.is_empty() || file.contains("://") {
                continue;
            }
            let target = page.parent().unwrap().join(file);
            assert!(target.exists(), "{} links to {link}, which is not there", page.display());
        }
    }
}

/// The lines of a sample or a test, without indentation, comments and empty lines.
fn code_lines(text: &str) -> Vec<&str> {
    let code = |line: &'_ str| line.find(" //").unwrap_or(line.len());
    text.lines().map(|line| line[..code(line)].trim()).filter(|line| !line.is_empty()).collect()
}

#[test]
fn every_sample_in_kotlin_and_swift_stands_in_a_test() {
    let samples = [
        ("```kotlin\n", "bindings/kotlin/amana/src/test/kotlin/org/amana/SamplesTest.kt", "@Test"),
        ("```swift\n", "bindings/swift/Tests/AmanaTests/SamplesTests.swift", "func test"),
    ];
    for (fence, tests, each) in samples {
        let tests = read(tests);
        let tests: Vec<_> = tests.split(each).map(code_lines).collect();
        let mut found = 0;
        for page in ["README.md", "docs/embedding.md"] {
            for sample in read(page).split(fence).skip(1) {
                let sample = code_lines(sample.split("```").next().unwrap());
                // All its lines in their order; what a person does meanwhile may stand between.
                let is_in = |test: &Vec<&str>| {
                    let mut rest = test.iter();
                    sample.iter().all(|line| rest.any(|next| next == line))
                };
                assert!(tests.iter().any(is_in), "{page} has a sample that is in no test:\n{}", sample.join("\n"));
                found += 1;
            }
        }
        assert!(found >= 4, "{found} samples");
    }
}

/// What the table of formats says is shown by a test is shown by one.
#[test]
fn every_test_that_the_formats_name_is_there() {
    let names: BTreeSet<String> =
        ["tests/tests", "cli/tests", "core/src"].iter().flat_map(|folder| test_names(&root().join(folder))).collect();
    let table = read("docs/formats/README.md");
    let named: Vec<_> =
        table.split('`').skip(1).step_by(2).filter(|word| word.contains('_') && !word.contains('*')).collect();
    assert!(named.len() > 40, "{}", named.len());
    for name in named {
        assert!(names.contains(name), "no test is called {name}");
    }
}

fn test_names(folder: &Path) -> Vec<String> {
    let mut names = Vec::new();
    for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if path.is_dir() {
            names.extend(test_names(&path));
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            names.extend(
                text.split("fn ").skip(1).filter_map(|rest| rest.split_once('(')).map(|(name, _)| name.to_owned()),
            );
        }
    }
    names
}
