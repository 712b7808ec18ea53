//! What people are told: every sentence that the core can ask for, in each language, and what went wrong, in English.
//!
//! Nothing here decides anything: the core says which sentence is true and what stands in it.

use amana_core::credential::is_deceptive;
use amana_core::error::Error;
use amana_core::explain::Message;
use clap::ValueEnum;
use clap::builder::PossibleValue;
use std::sync::LazyLock;

// LANGUAGES: every file in `bindings/words`, English first.
include!(concat!(env!("OUT_DIR"), "/languages.rs"));

/// A language that the sentences are there in.
#[derive(Clone, Copy)]
pub struct Language {
    tag: &'static str,
    /// Its file, which apps have too.
    source: &'static str,
}

impl Language {
    /// What is in its file: what it is called (`language`), the core's sentences (`explain`), and the apps'.
    fn tables(self) -> toml::Table {
        // `cargo xtask words` reads every file as well, and tells where one is none.
        toml::from_str(self.source).unwrap_or_default()
    }
}

impl Default for Language {
    fn default() -> Self {
        LANGUAGES[0]
    }
}

impl ValueEnum for Language {
    fn value_variants<'a>() -> &'a [Self] {
        &LANGUAGES
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        let tables = self.tables();
        let called = |key: &str| tables.get("language")?.get(key)?.as_str().map(str::to_owned);
        let names = [called("name"), called("english")];
        Some(PossibleValue::new(self.tag).help(match names {
            [Some(own), Some(english)] if own != english => format!("{own} ({english})"),
            [own, _] => own.unwrap_or_default(),
        }))
    }
}

/// What people are told in one language, by the id of the core's message; `{name}` stands for its argument.
pub struct Sentences(toml::Table);

impl Sentences {
    /// Those of a language.
    pub fn of(language: Language) -> Self {
        match language.tables().remove("explain") {
            Some(toml::Value::Table(sentences)) => Self(sentences),
            _ => Self(toml::Table::new()),
        }
    }

    /// The sentence of a message.
    pub fn sentence(&self, message: &Message) -> String {
        let template = self.0.get(message.id).and_then(toml::Value::as_str).unwrap_or(message.id);
        fill(template, message.args.iter().map(|(name, value)| (*name, value.as_str())))
    }
}

/// What people are told of a card that is sealed for others.
pub const SEALED: &str = "It is sealed: only those who have its key can read it. Give the key with --key.";

/// What people are told when something fails, by the error's code and reason; the first row that fits counts.
const ERRORS: &[(&str, Option<&str>, &str)] = &[
    ("damaged", Some("session"), "The session file is torn."),
    ("damaged", Some("sd-cwt-not-whole"), "The card came without some of its claims: ask the desk for all of it."),
    (
        "damaged",
        Some("armour-frame"),
        "This is one code of several: give a folder with pictures of them, or a file with one text a line.",
    ),
    ("damaged", Some("frame-false"), "These codes do not fit together: another code was in view. Scan them again."),
    ("damaged", None, "This is torn, cut short or altered ({reason}). Scan or load it again."),
    ("foreign", None, "This is not one of Amana's codes or files."),
    ("too-new", None, "This was made by a newer version of Amana. Update this one."),
    ("not-for-me", None, "This is whole, but meant for another request, desk or wallet."),
    (
        "too-large",
        None,
        "This is {bytes} bytes or characters, and codes take {limit}. Write it to a file that ends in .txt instead.",
    ),
    ("untrusted", Some("demo-key"), "This key is the demo's (its name starts with DEMO): nobody else believes it."),
    ("untrusted", Some("bundle-anchor"), "The trust bundle was signed by another key than the anchor you gave."),
    ("untrusted", Some("bundle-older"), "The wallet has a newer trust bundle than this one; it keeps that."),
    (
        "untrusted",
        Some("status-list-issuer"),
        "No issuer of the trust bundle signed this status list with a key in use.",
    ),
    ("untrusted", Some("status-list-older"), "A newer edition of this status list is loaded already."),
    ("untrusted", Some("offer-expired"), "The offer in the enrolment is over. Make a new offer."),
    ("untrusted", Some("seal-broken"), "This was sealed for somebody else, or altered."),
    ("untrusted", Some("point-small-order"), "The other side showed a key that keeps no secret. Do not answer it."),
    ("untrusted", Some("signature-invalid"), "The signature does not hold."),
    ("untrusted", Some("signature-missing"), "Nobody signed it: anybody could have made it."),
    ("untrusted", None, "A signature or proof does not hold, or nobody trusted made it ({reason})."),
    ("invalid", Some("pin-length"), "A PIN has 4 to 64 characters."),
    ("invalid", Some("passphrase-short"), "A passphrase that protects a backup has at least 12 characters."),
    ("invalid", Some("shares-of-two-sets"), "These shares are not all of one set: their first words differ."),
    (
        "invalid",
        Some("nothing-chosen"),
        "Nothing is chosen to be shown: choose claims with --share, or give --decline.",
    ),
    ("invalid", Some("registration"), "The registration is for another key."),
    ("invalid", Some("session"), "The session is another verifier's."),
    ("invalid", Some("json"), "This is not JSON of the form that is wanted; --help shows it."),
    ("invalid", Some("json-field"), "A field is missing, misspelt or of another kind; --help shows the form."),
    ("invalid", Some("json-date"), "A date is not of the form 2026-12-31."),
    ("invalid", Some("card-type"), "The card's type is not the one that was offered."),
    ("invalid", Some("dates"), "The last day lies before the first."),
    (
        "invalid",
        Some("biometrics"),
        "There is biometric data on it, such as fingerprints. It is never kept or passed on here: ask for a card without.",
    ),
    ("invalid", Some("claim-unknown"), "A claim is no field of Claim 169; docs/formats/claim-169.md lists them."),
    ("invalid", Some("claim-value"), "A claim's value is none that its field takes."),
    ("invalid", Some("portrait-format"), "The portrait is no picture of a kind that cards take."),
    ("invalid", Some("purpose"), "A purpose is 1 to 64 small letters, digits and hyphens."),
    ("invalid", Some("purposes"), "A registration needs at least one purpose."),
    ("invalid", Some("asks"), "A request asks for 1 to 32 claims, each once."),
    ("invalid", Some("status-list-bits"), "A status has 1, 2, 4 or 8 bits."),
    ("invalid", Some("status-list-size"), "A status list has at least one entry, and at most 2^20 bytes of them."),
    ("invalid", Some("status-index"), "The status list has no such entry."),
    ("invalid", Some("status-value"), "The status does not fit the bits that the list has for each."),
    ("invalid", Some("status-reference"), "A status names a list by a URI, and an entry from 0."),
    ("invalid", Some("status-list-count"), "Too many status lists at once: at most 64."),
    ("invalid", Some("names"), "Names: at least one, each of 1 to 120 bytes, by language tag."),
    ("invalid", Some("key-type"), "This kind of key is not one that Amana uses here: Ed25519, P-256."),
    ("invalid", None, "The input breaks a rule ({reason})."),
    ("not-found", Some("vault"), "There is no vault here. `amana wallet init` makes one."),
    (
        "not-found",
        Some("card"),
        "There is no such card, or none that has what is asked. `amana wallet list` shows those there are.",
    ),
    (
        "not-found",
        Some("claim"),
        "That claim is not asked for, not on the card, or beyond what they may ask: then only --share-beyond shares it.",
    ),
    ("not-found", Some("entry"), "There is no such entry. `amana wallet history` shows those there are."),
    ("not-found", None, "There is no such {reason}."),
    ("already-exists", None, "The file is there already and is not overwritten."),
    ("not-a-vault", Some("header-sealed"), "The vault was altered, or its device key file is another one."),
    ("not-a-vault", None, "This file is not a vault, or was altered ({reason})."),
    ("wrong-pin", Some("wait"), "The PIN is wrong. The next one can be tried in {seconds} seconds."),
    ("wrong-pin", None, "The PIN is wrong."),
    ("too-soon", Some("wrong-pins"), "Too many PINs were wrong. The next one can be tried in {seconds} seconds."),
    (
        "too-soon",
        None,
        "Nothing can be written ({reason}), so wrong PINs cannot be counted. Wait {seconds} seconds, then the wallet can \
         be opened to look at; or free the disk.",
    ),
    ("wrong-passphrase", None, "The passphrase is wrong."),
    ("need-more-shares", None, "{have} shares are here, and it takes {need}. Bring more of the same set."),
    ("in-use", None, "Another process is writing to the vault. Try again."),
    ("storage", None, "The disk refused ({reason}). What was there before is still there."),
    (
        "host",
        Some("missing"),
        "The vault's device key file is not there. Without it no PIN opens the vault: restore a backup into a new one.",
    ),
    (
        "host",
        Some("invalidated"),
        "The vault's device key file is torn. Without it no PIN opens the vault: restore a backup into a new one.",
    ),
    ("host", None, "This machine did not give what was asked of it ({reason})."),
    ("already-answered", None, "This request was answered before; the new answer was not read."),
    ("request-closed", None, "The request is closed: five minutes are over. Make a new one."),
    ("already-used", None, "This enrolment has its card already: each card takes an enrolment of its own."),
    ("locked", None, "A fault inside amana (locked). Please report it."),
    ("internal", None, "A fault inside amana ({reason}). Please report it."),
];

/// The sentence of a message in English, for what is told in English only.
pub fn in_english(message: &Message) -> String {
    static ENGLISH: LazyLock<Sentences> = LazyLock::new(|| Sentences::of(Language::default()));
    ENGLISH.sentence(message)
}

/// What a person is told of an error.
pub fn error(error: &Error) -> String {
    let (code, reason) = (error.code(), error.reason());
    let fits = |(c, r, _): &&(&str, Option<&str>, &str)| *c == code && (r.is_none() || *r == reason);
    let template = ERRORS.iter().find(fits).map_or("Something failed ({reason}).", |(.., template)| template);
    let numbers: &[(&str, u64)] = match error {
        Error::TooLarge { bytes, limit } => &[("bytes", *bytes), ("limit", *limit)],
        Error::WrongPin { retry_after } | Error::TooSoon { retry_after, .. } => &[("seconds", *retry_after)],
        Error::NeedMoreShares { have, need } => &[("have", *have), ("need", *need)],
        _ => &[],
    };
    let numbers: Vec<_> = numbers.iter().map(|(name, number)| (*name, number.to_string())).collect();
    let numbers = numbers.iter().map(|(name, number)| (*name, number.as_str()));
    fill(template, numbers.chain([("reason", reason.unwrap_or(code))]))
}

/// Text from outside as it may stand in a line: what would move the cursor, start a line or turn one around is shown as
/// a mark, so that no card can write words of its own into the verdict on it.
pub fn plain(text: &str) -> String {
    text.chars().map(|c| if is_deceptive(c) { char::REPLACEMENT_CHARACTER } else { c }).collect()
}

/// Replaces each `{name}`. What an argument holds is not looked at again, so that no name can pose as another.
pub fn fill<'a>(template: &str, args: impl IntoIterator<Item = (&'a str, &'a str)> + Clone) -> String {
    let mut out = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, after) = after.split_once('}').unwrap_or((after, ""));
        out.push_str(before);
        let value = args.clone().into_iter().find(|(n, _)| *n == name).map_or("?", |(_, value)| value);
        out.push_str(&plain(value));
        rest = after;
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `cargo xtask words` has every language have what English has.
    #[test]
    fn every_message_of_the_core_has_its_sentence() {
        let docs = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/explain.md");
        let text = std::fs::read_to_string(docs).unwrap();
        let first_cells = text.lines().filter_map(|line| line.strip_prefix("| `")?.split('|').next());
        let mut listed: Vec<_> = first_cells.flat_map(|cell| cell.split('`').step_by(2)).collect();
        listed.retain(|id| !id.trim().is_empty());
        listed.sort_unstable();
        let mut there: Vec<_> = Sentences::of(Language::default()).0.into_iter().map(|(id, _)| id).collect();
        there.sort_unstable();
        assert_eq!(there, listed);
    }

    #[test]
    fn no_sentence_turns_a_line_around_and_every_language_is_called_something() {
        assert!(LANGUAGES.len() >= 5);
        for language in LANGUAGES {
            let help = language.to_possible_value().and_then(|value| Some(value.get_help()?.to_string()));
            assert!(help.is_some_and(|help| !help.is_empty()), "{}", language.tag);
            for (id, sentence) in language.tables().values().flat_map(|table| table.as_table().unwrap()) {
                let plain = |text: &str| !text.contains(is_deceptive) && text.trim() == text;
                assert!(sentence.as_str().is_none_or(plain), "{} {id}", language.tag);
            }
        }
    }

    #[test]
    fn arguments_are_filled_in_and_never_filled_again() {
        let message = Message::plain("asker-lapsed").with("name", "{contact}").with("day", "2026-01-01");
        let said = in_english(&message);
        assert!(said.starts_with("{contact} asks, for ?. It was registered until 2026-01-01"), "{said}");
    }

    #[test]
    fn no_card_writes_words_of_its_own() {
        let message = Message::plain("card-genuine").with("issuer", "X\x1b[2K\x1b[1A\nsignature valid\u{202e}");
        assert!(!in_english(&message).contains(['\x1b', '\n', '\u{202e}']));
        assert_eq!(plain("Amina \u{200c}خوراک"), "Amina \u{200c}خوراک");
    }

    #[test]
    fn errors_say_what_to_do() {
        assert_eq!(error(&Error::WrongPin { retry_after: 0 }), "The PIN is wrong.");
        assert!(error(&Error::WrongPin { retry_after: 30 }).contains("30 seconds"));
        assert!(error(&Error::NeedMoreShares { have: 1, need: 3 }).starts_with("1 shares are here, and it takes 3."));
        assert!(error(&Error::NotFound { what: "vault" }).contains("amana wallet init"));
        assert!(error(&Error::Damaged { reason: "cbor-text" }).contains("cbor-text"));
    }
}
