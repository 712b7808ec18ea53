//! What people are told, from `bindings/words`, as the apps take it: Android's string files, Apple's string catalog, and the
//! names of the apps' own sentences and of the languages for Kotlin and Swift, so that what is not there does not compile.

use crate::process::Result;
use crate::workspace::Workspace;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// A language, as its file says: `<tag>.toml`, and the table `[language]` in it.
struct Language {
    /// Of BCP 47: two or three letters.
    tag: String,
    /// What its speakers call it.
    name: String,
    /// What English calls it.
    english: String,
    is_right_to_left: bool,
    /// Whether somebody whose language it is has read the sentences.
    is_read: bool,
    sentences: Sentences,
}

/// The sentences of a language by their names in the apps: `<table>_<key>`.
type Sentences = BTreeMap<String, String>;

/// The folder of the project's own words.
pub const FOLDER: &str = "bindings/words";

/// The language that the others are translated from.
const ENGLISH: &str = "en";

/// The table whose sentences code names one by one.
const APP: &str = "app";

/// Writes everything anew.
pub fn generate(workspace: &Workspace) -> Result {
    let all = languages(&workspace.root.join(FOLDER))?;
    write_android(&all, &workspace.root.join("android-sample/app"))?;
    let apple = workspace.root.join("ios-sample");
    let code = apple.join("AmanaScreens/Sources/AmanaScreens/Generated");
    write(&code.join("Word.swift"), &swift(&all[0].sentences))?;
    write(&code.join("Language.swift"), &swift_languages(&all))?;
    write(&apple.join("App/Generated/Localizable.xcstrings"), &catalog(&all)?)
}

/// What Android calls the languages of a folder beside English.
pub fn android_tags(words: &Path) -> Result<Vec<String>> {
    let all = languages(words)?;
    Ok(all.iter().filter_map(|language| language.android_folder().strip_prefix("values-").map(str::to_owned)).collect())
}

/// Writes what an Android app takes, of these words.
pub fn generate_for(app: &Path, words: &Path) -> Result {
    write_android(&languages(words)?, app)
}

/// Every language of a folder, English first; none with a sentence or an argument more or less than English.
fn languages(folder: &Path) -> Result<Vec<Language>> {
    let mut tags: Vec<String> = Vec::new();
    for entry in fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))? {
        let path = entry?.path();
        if let (Some(tag), Some("toml")) = (path.file_stem(), path.extension().and_then(|ending| ending.to_str())) {
            tags.push(tag.to_string_lossy().into_owned());
        }
    }
    tags.sort_by_key(|tag| (tag != ENGLISH, tag.clone()));
    let of_file = |tag: String| {
        let path = folder.join(&tag).with_extension("toml");
        read(&tag, &fs::read_to_string(&path)?).map_err(|error| format!("{}: {error}", path.display()).into())
    };
    let all = tags.into_iter().map(of_file).collect::<Result<Vec<_>>>()?;
    let Some((english, others)) = all.split_first().filter(|(first, _)| first.tag == ENGLISH) else {
        return Err(format!("{}: no {ENGLISH}.toml", folder.display()).into());
    };
    for (at, other) in others.iter().enumerate() {
        if all[..=at].iter().any(|before| before.english == other.english) {
            return Err(format!("{}: {} is there twice: see `english`", folder.display(), other.english).into());
        }
        same(&english.sentences, &other.sentences)
            .map_err(|error| format!("{}: {error}", folder.join(&other.tag).with_extension("toml").display()))?;
    }
    Ok(all)
}

fn read(tag: &str, text: &str) -> Result<Language> {
    if !(2..=3).contains(&tag.len()) || !tag.bytes().all(|byte| byte.is_ascii_lowercase()) {
        return Err("is called by no tag of two or three small letters (BCP 47)".into());
    }
    let mut tables: toml::Table = toml::from_str(text)?;
    let head = tables.remove("language").ok_or("no table [language]")?;
    let text = |key: &str| {
        head.get(key).and_then(toml::Value::as_str).ok_or_else(|| format!("[language] has no text `{key}`"))
    };
    let is_so = |key: &str| {
        head.get(key).and_then(toml::Value::as_bool).ok_or_else(|| format!("[language] has no true or false `{key}`"))
    };
    let english = text("english")?.to_owned();
    if english.is_empty() || !english.bytes().all(|byte| byte.is_ascii_alphabetic()) {
        return Err("`english` is no word of English letters".into());
    }
    let own_name = text("name")?.to_owned();
    if own_name.is_empty() || own_name.contains(['"', '\\', '$']) || own_name.contains(char::is_control) {
        return Err("`name` is empty or has a character that code reads otherwise".into());
    }
    let tables: BTreeMap<String, BTreeMap<String, String>> = tables.try_into()?;
    let name = |table: &str, key: &str| format!("{table}_{}", key.replace(['-', '.'], "_"));
    Ok(Language {
        tag: tag.to_owned(),
        name: own_name,
        english,
        is_right_to_left: is_so("right-to-left")?,
        is_read: is_so("read-by-a-speaker")?,
        sentences: tables
            .into_iter()
            .flat_map(|(table, keys)| keys.into_iter().map(move |(key, sentence)| (name(&table, &key), sentence)))
            .collect(),
    })
}

/// Whether another language has the sentences that English has, each with what is put into it.
fn same(english: &Sentences, other: &Sentences) -> Result {
    let (wanted, there): (BTreeSet<_>, BTreeSet<_>) = (english.keys().collect(), other.keys().collect());
    let (missing, extra) =
        (wanted.difference(&there).collect::<Vec<_>>(), there.difference(&wanted).collect::<Vec<_>>());
    if !missing.is_empty() || !extra.is_empty() {
        return Err(format!("missing {missing:?}, not in English {extra:?}").into());
    }
    let differs = |name: &&String| arguments(&english[*name]) != arguments(&other[*name]);
    let differing: Vec<_> = english.keys().filter(differs).collect();
    match differing.is_empty() {
        true => Ok(()),
        false => Err(format!("other {{arguments}} than English has: {differing:?}").into()),
    }
}

/// The arguments of a sentence, sorted.
fn arguments(sentence: &str) -> Vec<&str> {
    let mut names: Vec<_> = sentence.split('{').skip(1).filter_map(|rest| Some(rest.split_once('}')?.0)).collect();
    names.sort_unstable();
    names
}

fn write_android(all: &[Language], app: &Path) -> Result {
    let generated = app.join("target/generated");
    let strings = generated.join("res");
    for language in all {
        write(&strings.join(language.android_folder()).join("strings.xml"), &strings_xml(&language.sentences))?;
    }
    // What is not a language any more.
    for folder in fs::read_dir(&strings)? {
        let folder = folder?.path();
        if !all.iter().any(|language| folder.ends_with(language.android_folder())) {
            fs::remove_dir_all(folder)?;
        }
    }
    write(&generated.join("kotlin/org/amana/sample/page/Word.kt"), &kotlin(&all[0].sentences))?;
    write(&generated.join("kotlin/org/amana/sample/model/Language.kt"), &kotlin_languages(all))
}

impl Language {
    fn android_folder(&self) -> String {
        match self.tag.as_str() {
            ENGLISH => "values".to_owned(),
            // Java's old names, which Android keeps.
            "id" => "values-in".to_owned(),
            "he" => "values-iw".to_owned(),
            "yi" => "values-ji".to_owned(),
            tag => format!("values-{tag}"),
        }
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

fn kotlin_languages(all: &[Language]) -> String {
    let lines: String = all
        .iter()
        .map(|language| {
            let Language { tag, name, is_right_to_left, .. } = language;
            let case = language.english.to_uppercase();
            format!("    {case}(\"{tag}\", \"{name}\", isRightToLeft = {is_right_to_left}),\n")
        })
        .collect();
    format!(
        "package org.amana.sample.model\n\n/** The languages that the words are there in. Of bindings/words, by `cargo xtask words`. */\n\
         enum class Language(val tag: String, val ownName: String, val isRightToLeft: Boolean) {{\n{lines}    ;\n\n    companion object\n}}\n"
    )
}

fn swift_languages(all: &[Language]) -> String {
    let case = |language: &Language| language.english.to_lowercase();
    let cases: String =
        all.iter().map(|language| format!("    case {} = \"{}\"\n", case(language), language.tag)).collect();
    let names: String =
        all.iter().map(|language| format!("        case .{}: \"{}\"\n", case(language), language.name)).collect();
    let right_to_left: Vec<_> = all
        .iter()
        .filter(|language| language.is_right_to_left)
        .map(|language| format!(".{}", case(language)))
        .collect();
    format!(
        "/// The languages that the words are there in, by their tags. Of bindings/words, by `cargo xtask words`.\n\
         public enum Language: String, CaseIterable, Sendable {{\n{cases}\n    /// What its speakers call it.\n    \
         var ownName: String {{\n        switch self {{\n{names}        }}\n    }}\n\n    \
         /// Whether its lines run from right to left.\n    \
         public var isRightToLeft: Bool {{ ([{}] as Set<Language>).contains(self) }}\n}}\n",
        right_to_left.join(", ")
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
fn catalog(all: &[Language]) -> Result<String> {
    let names = all.first().map(|english| english.sentences.keys()).into_iter().flatten();
    let strings = names.map(|name| {
        let unit = |language: &Language| {
            let state = if language.is_read { "translated" } else { "needs_review" };
            let unit = json!({"stringUnit": {"state": state, "value": language.sentences.get(name)}});
            (language.tag.clone(), unit)
        };
        // Else Xcode takes for stale what it does not find in the views.
        (
            name.clone(),
            json!({"extractionState": "manual", "localizations": all.iter().map(unit).collect::<Map<_, _>>()}),
        )
    });
    let strings: Map<String, Value> = strings.collect();
    Ok(serde_json::to_string_pretty(&json!({"sourceLanguage": ENGLISH, "strings": strings, "version": "1.0"}))? + "\n")
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
    fn a_missing_sentence_an_extra_one_and_a_lost_argument_are_told() {
        let words =
            |keys: &[&str]| keys.iter().map(|key| (format!("app_{key}"), "x".to_owned())).collect::<Sentences>();
        let error = same(&words(&["a", "b"]), &words(&["b", "c"])).unwrap_err().to_string();
        assert!(error.contains("missing [\"app_a\"]") && error.contains("English [\"app_c\"]"), "{error}");
        let with = |sentence: &str| Sentences::from([("app_a".to_owned(), sentence.to_owned())]);
        assert!(same(&with("{b} of {a}"), &with("{a}: {b}")).is_ok());
        let error = same(&with("{b} of {a}"), &with("{a}: {c}")).unwrap_err().to_string();
        assert!(error.contains("than English has: [\"app_a\"]"), "{error}");
    }

    const HEAD: &str =
        "[language]\nname = \"X\"\nenglish = \"Xish\"\nright-to-left = true\nread-by-a-speaker = false\n";

    #[test]
    fn a_file_that_does_not_say_what_it_is_is_told() {
        assert!(
            read("xx", &format!("{HEAD}[app]\na-b = \"c\"\n"))
                .is_ok_and(|language| language.sentences["app_a_b"] == "c")
        );
        for (tag, text, told) in [
            ("xx-YY", HEAD.to_owned(), "tag"),
            ("xx", "[app]\n".to_owned(), "no table [language]"),
            ("xx", HEAD.replace("Xish", "X ish"), "no word"),
            ("xx", HEAD.replace("true", "\"yes\""), "`right-to-left`"),
            ("xx", HEAD.replace("name", "nom"), "`name`"),
            ("xx", HEAD.replace("\"X\"", "\"$X\""), "reads otherwise"),
            ("xx", HEAD.replace("\"X\"", "\"X\\n\""), "reads otherwise"),
            ("xx", format!("{HEAD}[app]\na = 1\n"), "string"),
        ] {
            let error = read(tag, &text).err().map(|error| error.to_string()).unwrap_or_default();
            assert!(error.contains(told), "{told}: {error}");
        }
    }

    /// What is the same word in several languages.
    const SAME: [&str; 3] = ["app_app_name", "app_check_name", "app_pin"];

    /// The project's own: whole, translated, and listed wherever a list cannot be made of them.
    #[test]
    fn the_words_of_the_apps_are_whole_and_every_page_knows_them() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let all = languages(&root.join(FOLDER)).unwrap();
        let page = |path: &str| fs::read_to_string(root.join(path)).unwrap();
        let tags: Vec<_> = all.iter().map(|language| language.tag.as_str()).collect();
        let listed = format!("CFBundleLocalizations: &languages [{}]", tags.join(", "));
        assert!(page("ios-sample/project.yml").contains(&listed), "ios-sample/project.yml: {listed}");
        for language in &all[1..] {
            for (name, sentence) in &language.sentences {
                // In brackets it stands for a translation that is still to come: docs/guides/language.md.
                let english = &all[0].sentences[name];
                let is_left = sentence == english || *sentence == format!("[{english}]");
                let is_one = !is_left || SAME.contains(&name.as_str());
                assert!(is_one, "{}: {name} is not translated", language.tag);
            }
            for (path, says) in [("docs/explain.md", "No native speaker"), ("README.md", "No native speaker")] {
                let text = page(path);
                let sentence = text.split(says).nth(1).and_then(|rest| rest.split(['.', '*']).next()).unwrap();
                assert_eq!(sentence.contains(&language.english), !language.is_read, "{path}: {}", language.english);
            }
        }
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
