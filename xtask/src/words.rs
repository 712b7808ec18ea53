//! What people are told, from `bindings/words`, as the apps take it: Android's string files, Apple's string catalog, and the
//! names of the apps' own sentences for Kotlin and Swift, so that a sentence that is not there does not compile.

use crate::process::Result;
use crate::workspace::Workspace;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// A language: its file, Android's name for it, and whether somebody whose language it is has read it.
struct Language {
    tag: &'static str,
    android: &'static str,
    is_read: bool,
}

const LANGUAGES: [Language; 5] = [
    Language { tag: "en", android: "values", is_read: true },
    Language { tag: "ur", android: "values-ur", is_read: false },
    // Java's old name for Indonesian, which Android keeps.
    Language { tag: "id", android: "values-in", is_read: false },
    Language { tag: "sw", android: "values-sw", is_read: false },
    Language { tag: "lg", android: "values-lg", is_read: false },
];

/// The table whose sentences code names one by one.
const APP: &str = "app";

/// The sentences of a language by their names in the apps: `<table>_<key>`.
type Sentences = BTreeMap<String, String>;

/// Writes everything anew.
pub fn generate(workspace: &Workspace) -> Result {
    let all = LANGUAGES
        .iter()
        .map(|language| Ok((language, read(&workspace.root, language.tag)?)))
        .collect::<Result<Vec<_>>>()?;
    let [(_, english), others @ ..] = &all[..] else { return Err("no languages".into()) };
    for (language, sentences) in others {
        same_keys(english, sentences).map_err(|error| format!("bindings/words/{}.toml: {error}", language.tag))?;
    }
    let android = workspace.root.join("android-sample/app/target/generated");
    for (language, sentences) in &all {
        write(&android.join("res").join(language.android).join("strings.xml"), &strings_xml(sentences))?;
    }
    write(&android.join("kotlin/org/amana/sample/page/Word.kt"), &kotlin(english))?;
    let apple = workspace.root.join("ios-sample");
    write(&apple.join("AmanaScreens/Sources/AmanaScreens/Generated/Word.swift"), &swift(english))?;
    write(&apple.join("App/Generated/Localizable.xcstrings"), &catalog(&all)?)
}

fn read(root: &Path, tag: &str) -> Result<Sentences> {
    let text = fs::read_to_string(root.join(format!("bindings/words/{tag}.toml")))?;
    let tables: BTreeMap<String, BTreeMap<String, String>> = toml::from_str(&text)?;
    let name = |table: &str, key: &str| format!("{table}_{}", key.replace(['-', '.'], "_"));
    Ok(tables
        .into_iter()
        .flat_map(|(table, keys)| keys.into_iter().map(move |(key, sentence)| (name(&table, &key), sentence)))
        .collect())
}

fn same_keys(english: &Sentences, other: &Sentences) -> Result {
    let (wanted, there): (BTreeSet<_>, BTreeSet<_>) = (english.keys().collect(), other.keys().collect());
    let (missing, extra) =
        (wanted.difference(&there).collect::<Vec<_>>(), there.difference(&wanted).collect::<Vec<_>>());
    match missing.is_empty() && extra.is_empty() {
        true => Ok(()),
        false => Err(format!("missing {missing:?}, not in English {extra:?}").into()),
    }
}

fn strings_xml(sentences: &Sentences) -> String {
    let line =
        |(name, sentence): (&String, &String)| format!("    <string name=\"{name}\">{}</string>\n", xml(sentence));
    let lines: String = sentences.iter().map(line).collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<!-- Of bindings/words, by `cargo xtask words`. -->\n<resources>\n{lines}</resources>\n"
    )
}

/// As it may stand in a string resource.
fn xml(sentence: &str) -> String {
    let mut out = String::with_capacity(sentence.len());
    for (at, c) in sentence.chars().enumerate() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '\'' | '"' | '\\' => out.extend(['\\', c]),
            '@' | '?' if at == 0 => out.extend(['\\', c]),
            _ => out.push(c),
        }
    }
    out
}

/// The apps' own sentences: the name in code, and the name in the string files.
fn app_words(english: &Sentences) -> impl Iterator<Item = (&str, &str)> {
    english.keys().filter_map(|name| Some((name.strip_prefix(APP)?.strip_prefix('_')?, name.as_str())))
}

fn kotlin(english: &Sentences) -> String {
    let lines: String =
        app_words(english).map(|(key, name)| format!("    {}(\"{name}\"),\n", key.to_uppercase())).collect();
    format!(
        "package org.amana.sample.page\n\n/** The apps' own sentences. Of bindings/words, by `cargo xtask words`. */\n\
         enum class Word(val id: String) {{\n{lines}}}\n"
    )
}

fn swift(english: &Sentences) -> String {
    let lines: String =
        app_words(english).map(|(key, name)| format!("    case {} = \"{name}\"\n", camel(key))).collect();
    format!(
        "/// The apps' own sentences. Of bindings/words, by `cargo xtask words`.\npublic enum Word: String, CaseIterable, Sendable {{\n{lines}}}\n"
    )
}

fn camel(snake: &str) -> String {
    let mut parts = snake.split('_');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |out, part| {
        let mut chars = part.chars();
        out + &chars.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default() + chars.as_str()
    })
}

/// Apple's string catalog: what nobody has read yet says so.
fn catalog(all: &[(&Language, Sentences)]) -> Result<String> {
    let names = all.first().map(|(_, english)| english.keys()).into_iter().flatten();
    let strings = names.map(|name| {
        let unit = |(language, sentences): &(&Language, Sentences)| {
            let state = if language.is_read { "translated" } else { "needs_review" };
            let unit = json!({"stringUnit": {"state": state, "value": sentences.get(name)}});
            (language.tag.to_owned(), unit)
        };
        // Else Xcode takes for stale what it does not find in the views.
        (
            name.clone(),
            json!({"extractionState": "manual", "localizations": all.iter().map(unit).collect::<Map<_, _>>()}),
        )
    });
    let strings: Map<String, Value> = strings.collect();
    Ok(serde_json::to_string_pretty(&json!({"sourceLanguage": "en", "strings": strings, "version": "1.0"}))? + "\n")
}

fn write(path: &Path, text: &str) -> Result {
    // Left alone where nothing changed, so that no build sees a newer file.
    if fs::read_to_string(path).is_ok_and(|there| there == text) {
        return Ok(());
    }
    fs::create_dir_all(path.parent().ok_or("a file lies in a folder")?)?;
    Ok(fs::write(path, text)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_xml_and_android_read_otherwise_is_escaped() {
        assert_eq!(xml("?It's <5 & \"so\" \\n"), "\\?It\\'s &lt;5 &amp; \\\"so\\\" \\\\n");
    }

    #[test]
    fn a_missing_and_an_extra_sentence_are_told() {
        let words = |keys: &[&str]| keys.iter().map(|key| (format!("app_{key}"), String::new())).collect::<Sentences>();
        let error = same_keys(&words(&["a", "b"]), &words(&["b", "c"])).unwrap_err().to_string();
        assert!(error.contains("missing [\"app_a\"]") && error.contains("English [\"app_c\"]"), "{error}");
    }

    #[test]
    fn names_are_those_of_each_language() {
        let words = Sentences::from([
            ("app_read_aloud".to_owned(), "x".to_owned()),
            ("card_id_card".to_owned(), "y".to_owned()),
        ]);
        assert!(kotlin(&words).contains("    READ_ALOUD(\"app_read_aloud\"),\n}"));
        assert!(swift(&words).contains("    case readAloud = \"app_read_aloud\"\n}"));
    }
}
