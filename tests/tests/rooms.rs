//! The core's rooms and the arrows between them: who may import whom.
//!
//! Every path in `core/src` that starts at `crate`, `super` or `self` is found in the tokens of its file, so that `use`
//! statements, inline paths, attributes and the inside of macros are all read by one rule. The room it leads to is the
//! first segment after the crate's root. ARCHITECTURE.md says why the rooms are cut this way.

use proc_macro2::{Delimiter, Ident, Span, TokenStream, TokenTree};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Every room, and the rooms it may use besides itself and [`OPEN`].
const ARROWS: &[(&str, &[&str])] = &[
    ("wallet", &["vault", "backup", "presentation", "trust", "credential", "cose", "jose", "crypto", "qr", "explain"]),
    ("verifier", &["presentation", "trust", "credential", "cose", "jose", "x509", "crypto", "qr", "explain"]),
    ("issuer", &["presentation", "trust", "credential", "cose", "jose", "x509", "crypto", "qr", "explain"]),
    ("presentation", &["trust", "credential", "cose", "crypto"]),
    ("trust", &["credential", "cose", "jose", "x509", "crypto"]),
    ("credential", &["cose", "jose", "x509", "crypto", "qr"]),
    ("cose", &["crypto"]),
    ("jose", &["crypto"]),
    ("x509", &["crypto"]),
    ("vault", &["crypto"]),
    ("software", &["crypto"]),
    ("backup", &["crypto"]),
    ("qr", &[]),
    ("crypto", &[]),
    ("explain", &[]),
    ("json", &[]),
    ("ports", &[]),
    ("error", &[]),
];

/// Rooms that everyone may use.
const OPEN: &[&str] = &["error", "json", "ports"];

/// The core's own name, by which its code could also reach its root.
const CRATE: &str = "amana_core";

#[test]
fn every_arrow_in_the_core_is_allowed() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../core/src");
    let files = rust_files(&source);
    assert!(files.contains(&PathBuf::from("lib.rs")), "no lib.rs in {}", source.display());
    let mut findings = Vec::new();
    for file in &files {
        let text = std::fs::read_to_string(source.join(file)).expect("a source file is readable");
        findings.extend(check_file(file, &text));
    }
    assert!(findings.is_empty(), "{} in core/src:\n  {}", findings.len(), findings.join("\n  "));
}

/// What is wrong in one file of the core, each as `file:line: sentence`.
fn check_file(file: &Path, text: &str) -> Vec<String> {
    let module = module_path(file);
    let says = |line: usize, what: String| format!("{}:{line}: {what}", file.display());
    let tokens = match syn::parse_file(text).and_then(|_| syn::parse_str::<TokenStream>(text)) {
        Ok(tokens) => tokens,
        Err(error) => return vec![says(line(error.span()), error.to_string())],
    };
    let Some(room) = module.first() else { return check_front_page(text, says) };
    if !is_room(room) {
        return vec![says(1, format!("`{room}` is not a room"))];
    }
    references(&tokens, &module)
        .into_iter()
        .filter_map(|(line, target)| refusal(room, &target).map(|what| says(line, what)))
        .collect()
}

/// `lib.rs` may name and re-export anything, but the modules that it declares are the rooms, where their names put them.
fn check_front_page(text: &str, says: impl Fn(usize, String) -> String) -> Vec<String> {
    let items = syn::parse_file(text).expect("it was parsed before").items;
    let modules = items.iter().filter_map(|item| match item {
        syn::Item::Mod(module) => Some(module),
        _ => None,
    });
    let wrong = |module: &&syn::ItemMod| {
        module.content.is_some()
            || module.attrs.iter().any(|attribute| attribute.path().is_ident("path"))
            || !is_room(&module.ident.to_string())
    };
    modules
        .filter(wrong)
        .map(|module| says(line(module.ident.span()), format!("`mod {}` is not a room in its place", module.ident)))
        .collect()
}

fn is_room(name: &str) -> bool {
    ARROWS.iter().any(|(room, _)| *room == name)
}

/// Why `room` may not use `target`, if it may not.
fn refusal(room: &str, target: &Target) -> Option<String> {
    let to = match target {
        Target::Name(name) => name.as_str(),
        Target::Root => return Some("takes in the crate's root, which hides where the arrows go".to_owned()),
        Target::Outside => return Some("leads out of the crate".to_owned()),
        Target::Moved => return Some("puts a file where its name does not say".to_owned()),
    };
    if to == room || OPEN.contains(&to) {
        return None;
    }
    let (_, allowed) = ARROWS.iter().find(|(name, _)| *name == room)?;
    if allowed.contains(&to) {
        None
    } else if is_room(to) {
        Some(format!("{room} may not use {to}"))
    } else {
        Some(format!("`crate::{to}` is a name of the front page: take it from its room"))
    }
}

/// Where a path leads.
#[derive(Debug, PartialEq)]
enum Target {
    /// To this name in the crate's root: a room, or something that the front page re-exports.
    Name(String),
    /// To the root itself: a glob or a new name for it.
    Root,
    /// Above the root.
    Outside,
    /// To a file that an attribute or a macro names.
    Moved,
}

/// Every reference in `tokens`, which stand in the module `module`, with its line.
fn references(tokens: &TokenStream, module: &[String]) -> Vec<(usize, Target)> {
    let tokens: Vec<TokenTree> = tokens.clone().into_iter().collect();
    let mut found = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let rest = &tokens[at..];
        at += 1;
        match rest {
            [TokenTree::Ident(keyword), TokenTree::Ident(name), TokenTree::Group(body), ..]
                if keyword == "mod" && body.delimiter() == Delimiter::Brace =>
            {
                let inner: Vec<String> = module.iter().cloned().chain([name.to_string()]).collect();
                found.extend(references(&body.stream(), &inner));
                at += 2;
            }
            [TokenTree::Group(group), ..] => found.extend(references(&group.stream(), module)),
            [TokenTree::Ident(first), TokenTree::Ident(second), ..] if first == "extern" && second == "crate" => {
                found.push((line(first.span()), Target::Root));
            }
            [TokenTree::Punct(sign), TokenTree::Group(attribute), ..]
                if sign.as_char() == '#' && starts_with(&attribute.stream(), "path", '=') =>
            {
                found.push((line(sign.span()), Target::Moved));
            }
            [TokenTree::Ident(first), TokenTree::Punct(sign), ..] if first == "include" && sign.as_char() == '!' => {
                found.push((line(first.span()), Target::Moved));
            }
            [TokenTree::Ident(first), ..] => {
                if let Some((targets, length)) = path(first, &rest[1..], module) {
                    found.extend(targets.into_iter().map(|target| (line(first.span()), target)));
                    at += length;
                }
            }
            _ => {}
        }
    }
    found
}

/// The targets of the path that starts with `first`, and how many of the tokens after it the path's start takes up.
fn path(first: &Ident, rest: &[TokenTree], module: &[String]) -> Option<(Vec<Target>, usize)> {
    let mut base = match first.to_string().as_str() {
        "crate" | CRATE => Some(&module[..0]),
        "self" => Some(module),
        "super" => module.split_last().map(|(_, parent)| parent),
        _ => return None,
    };
    let mut length = 0;
    while let [TokenTree::Ident(next), ..] = after_colons(&rest[length..])
        && next == "super"
    {
        base = base.and_then(|base| base.split_last()).map(|(_, parent)| parent);
        length += 3;
    }
    let Some(base) = base else { return Some((vec![Target::Outside], length)) };
    let next = after_colons(&rest[length..]);
    let renamed = matches!(&rest[length..], [TokenTree::Ident(word), ..] if word == "as");
    if next.is_empty() && !renamed {
        return None; // `self.field`, `pub(crate)`, `&self`
    }
    Some(match base.first() {
        Some(room) => (vec![Target::Name(room.clone())], length),
        None if renamed => (vec![Target::Root], length),
        None => (leaves(next), length + 2),
    })
}

/// The tokens after a leading `::`; none where there is no such.
fn after_colons(tokens: &[TokenTree]) -> &[TokenTree] {
    match tokens {
        [TokenTree::Punct(first), TokenTree::Punct(second), rest @ ..]
            if first.as_char() == ':' && second.as_char() == ':' =>
        {
            rest
        }
        _ => &[],
    }
}

/// What the tokens after `crate::` name in the root: one name, or all those of a `use` group.
fn leaves(tokens: &[TokenTree]) -> Vec<Target> {
    match tokens.first() {
        Some(TokenTree::Ident(name)) if name != "self" => vec![Target::Name(name.to_string())],
        Some(TokenTree::Group(group)) => {
            let tokens: Vec<TokenTree> = group.stream().into_iter().collect();
            tokens
                .split(|token| matches!(token, TokenTree::Punct(punct) if punct.as_char() == ','))
                .filter(|leaf| !leaf.is_empty())
                .flat_map(leaves)
                .collect()
        }
        _ => vec![Target::Root],
    }
}

/// Whether `tokens` begin with this word and this sign.
fn starts_with(tokens: &TokenStream, word: &str, sign: char) -> bool {
    let mut tokens = tokens.clone().into_iter();
    matches!(
        (tokens.next(), tokens.next()),
        (Some(TokenTree::Ident(first)), Some(TokenTree::Punct(second))) if first == word && second.as_char() == sign
    )
}

fn line(span: Span) -> usize {
    span.start().line
}

/// `credential/sd_cwt/mod.rs` is the module `credential::sd_cwt`; `lib.rs` is the root.
fn module_path(file: &Path) -> Vec<String> {
    let mut segments: Vec<String> =
        file.with_extension("").components().map(|part| part.as_os_str().to_string_lossy().into_owned()).collect();
    if segments.last().is_some_and(|last| last == "mod") || segments == ["lib"] {
        segments.pop();
    }
    segments
}

/// The Rust files below `folder`, relative to it.
fn rust_files(folder: &Path) -> BTreeSet<PathBuf> {
    let mut found = BTreeSet::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(&next).expect("a source folder is readable") {
            let path = entry.expect("a source folder is readable").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.insert(path.strip_prefix(folder).expect("it lies below").to_owned());
            }
        }
    }
    found
}

/// The checker itself, on sources made up to break the rules.
mod checker {
    use super::*;

    /// The findings in `text` as the file `file`, without the file's name.
    fn findings(file: &str, text: &str) -> Vec<String> {
        check_file(Path::new(file), text).iter().map(|found| found.trim_start_matches(file)[1..].to_owned()).collect()
    }

    #[test]
    fn allows_the_arrows_of_the_table() {
        let text = "use crate::{credential::{Claim, Value}, error::Error, vault, vault::{self, Slot}};
            pub(crate) fn f(&self) -> crate::ports::Seconds { self.x(); super::wallet::g(); Self::h() }";
        assert_eq!(findings("wallet/hold.rs", text), [""; 0]);
        assert_eq!(
            findings("qr/mod.rs", "mod frames; use self::frames::Frame; fn f() { let path = include_str!(\"x\"); }"),
            [""; 0]
        );
    }

    #[test]
    fn finds_an_arrow_however_it_is_written() {
        for text in [
            "use crate::vault::Vault;",
            "use crate::vault as store;",
            "use crate::{credential, vault};",
            "use crate::{credential::{Claim}, vault::{Slot, Cell}};",
            "use {crate::vault::Slot, std::fs};",
            "use super::super::vault;",
            "use super::super::{vault::Slot};",
            "use ::amana_core::vault;",
            "pub(in crate::vault) fn f() {}",
            "fn f() -> crate::vault::Slot { todo!() }",
            "fn f() { g::<crate::vault::Slot>() }",
            "fn f() { println!(\"{}\", crate::vault::SLOTS) }",
            "macro_rules! m { () => { $crate::vault::open() } }",
            "#[serde(with = crate::vault)] struct S;",
            "mod tests { use super::super::super::vault; }",
            "mod tests { mod deep { fn f() { super::super::super::super::vault::f() } } }",
        ] {
            assert_eq!(findings("trust/lists.rs", text), ["1: trust may not use vault"], "{text}");
        }
    }

    #[test]
    fn finds_each_forbidden_direction() {
        for (file, text, finding) in [
            ("crypto/keys.rs", "use crate::cose::Key;", "1: crypto may not use cose"),
            ("qr/mod.rs", "\nuse crate::crypto::sha256;", "2: qr may not use crypto"),
            ("vault/mod.rs", "use crate::credential::Claim;", "1: vault may not use credential"),
            ("presentation/response.rs", "use crate::vault::Slot;", "1: presentation may not use vault"),
            ("presentation/response.rs", "use crate::qr::Symbol;", "1: presentation may not use qr"),
            ("verifier/mod.rs", "use crate::wallet::Holder;", "1: verifier may not use wallet"),
            ("explain.rs", "use crate::trust::Notice;", "1: explain may not use trust"),
            ("error.rs", "use super::crypto;", "1: error may not use crypto"),
        ] {
            assert_eq!(findings(file, text), [finding]);
        }
    }

    #[test]
    fn refuses_what_would_hide_an_arrow() {
        let hides = "takes in the crate's root, which hides where the arrows go";
        for text in [
            "use crate::*;",
            "use super::*;",
            "use crate as me;",
            "use crate::{self as me};",
            "extern crate self as me;",
        ] {
            assert_eq!(findings("crypto/mod.rs", text), [format!("1: {hides}")], "{text}");
        }
        assert_eq!(findings("crypto/mod.rs", "mod tests { use super::*; }"), [""; 0]);
        assert_eq!(
            findings("crypto/mod.rs", "use crate::Wallet;"),
            ["1: `crate::Wallet` is a name of the front page: take it from its room"]
        );
        let moved = "puts a file where its name does not say";
        assert_eq!(findings("cose/mod.rs", "#[path = \"../vault/mod.rs\"] mod v;"), [format!("1: {moved}")]);
        assert_eq!(findings("cose/mod.rs", "include!(\"../vault/mod.rs\");"), [format!("1: {moved}")]);
        assert_eq!(findings("cose/mod.rs", "use super::super::x;"), ["1: leads out of the crate"]);
    }

    #[test]
    fn refuses_what_is_not_a_room() {
        assert_eq!(findings("utils/mod.rs", ""), ["1: `utils` is not a room"]);
        assert_eq!(findings("helpers.rs", ""), ["1: `helpers` is not a room"]);
        assert_eq!(findings("lib.rs", "pub mod wallet;\nmod utils;"), ["2: `mod utils` is not a room in its place"]);
        assert_eq!(findings("lib.rs", "mod qr { }"), ["1: `mod qr` is not a room in its place"]);
        assert_eq!(findings("lib.rs", "pub use wallet::*; pub mod wallet;"), [""; 0]);
    }
}
