//! Every sentence the core can ask for, in English. Another language is another file like this one.
//!
//! Nothing here decides anything: the core says which sentence is true and what stands in it.

use amana_core::credential::is_deceptive;
use amana_core::error::Error;
use amana_core::explain::Message;

/// What people are told, by the id of the core's message; `{name}` stands for its argument.
const SENTENCES: &[(&str, &str)] = &[
    // Who asks
    ("asker-registered", "{name} asks, for {purpose}. {registrar} vouches for it. Complaints: {contact}"),
    (
        "asker-lapsed",
        "{name} asks, for {purpose}. It was registered until {day}, and is so no more by this device's clock. \
         Complaints: {contact}",
    ),
    (
        "asker-unregistered",
        "Somebody asks, for {purpose}, and nobody you believe vouches for them. All that is certain is their key: {id}",
    ),
    // What for
    ("claim-needed", "{claim}: needed for this."),
    ("claim-optional", "{claim}: optional. It helps, and you may keep it to yourself."),
    ("claim-beyond", "{claim}: BEYOND what they are registered to ask. You need not share it."),
    ("claim-kept", "{claim}: they say that they keep it."),
    ("claim-open", "{claim}: is shown with any answer. Its issuer left it open."),
    ("card-out-of-date", "By this device's clock the card is out of its days."),
    (
        "links-card",
        "This card looks the same every time you show it: those you show it to could tell, if they compare notes.",
    ),
    ("request-old", "The request seems {days} days old. One of the two clocks may be wrong."),
    ("request-future", "The request seems to come from {days} days in the future. One of the two clocks may be wrong."),
    ("request-answered-before", "You have answered this very request before."),
    // Before the last tap
    ("will-show", "{claim}: will be shown."),
    ("will-show-beside", "{claim}: goes with it. Its issuer left it open, or tied it to what you chose."),
    ("will-withhold", "{claim}: will be withheld."),
    ("answer-stands-out", "The answer is larger than a refusal: somebody who watches could tell that you shared."),
    // The verdict
    ("decision-accept", "ACCEPT"),
    ("decision-exception", "ACCEPT, with an exception to record"),
    ("decision-refuse", "REFUSE"),
    ("card-genuine", "The card is genuine: {issuer} signed it."),
    ("card-forged", "The card is not genuine: its issuer did not sign it like this."),
    ("card-unknown-issuer", "It cannot be told whether the card is genuine: its issuer is not in the trust bundle."),
    (
        "card-retired-key",
        "It cannot be told whether the card is genuine: the key that signed it was taken out of use on {day}.",
    ),
    ("card-unsupported", "It cannot be told whether the card is genuine: it is signed in a way unknown here."),
    ("holder-fresh", "The holder's key answered this very request."),
    ("holder-recent", "The holder's key answered within the last {seconds} seconds."),
    ("holder-bearer", "Nothing binds the card to a person: compare the person."),
    ("holder-not-proven", "The holder did not prove that the card is theirs."),
    ("holder-replayed", "The same answer was shown before."),
    ("valid-until", "It is valid through {day}."),
    ("valid", "It is valid, with no last day."),
    ("expired-since", "It is no longer valid since {day}."),
    ("extended-until", "Its own last day is over; its issuer has extended it through {day}."),
    ("valid-from", "It is not valid before {day}."),
    ("status-valid", "It was not cancelled when the list here was made ({day})."),
    ("status-cancelled", "Its issuer has cancelled it (by its list of {day})."),
    ("status-suspended", "Its issuer has suspended it for now (by its list of {day})."),
    ("status-stale", "It is not cancelled in the list here, which is too old to go by ({day})."),
    ("status-unknown", "Whether it was cancelled is not known here."),
    ("trust-stale", "The trust bundle is out of its days: fetch a newer one when you can."),
    ("claim-withheld", "{claim}: asked for, and not shown."),
    // The wallet itself
    (
        "file-rolled-back",
        "An OLDER COPY of this wallet was put in its place. Changes and openings that are lost: {changes}. If you did not do \
         this yourself, somebody had the phone.",
    ),
    (
        "file-counter-lost",
        "Whether this wallet is the newest cannot be told: the device has lost count. That happens when it is reset, or \
         when the file comes from elsewhere.",
    ),
    ("file-unchecked", "Whether this wallet is the newest cannot be told now: the device's counter does not answer."),
    ("records-altered", "Something in this wallet's file was put back, moved or damaged: a card may be out of date."),
    ("trust-unreadable", "The trust bundle here cannot be read: nobody is believed until it is loaded again."),
    (
        "settings-unreadable",
        "What you have chosen cannot be read: no history is kept until you choose again (wallet history --keep).",
    ),
    ("wallet-read-only", "The wallet can only be looked at: nothing can be written ({reason})."),
    ("protection-hardware", "This device's hardware keeps the wallet's key: a copied file opens to nobody."),
    (
        "protection-software",
        "The wallet's key is kept in software: whoever copies it along with the wallet can guess PINs elsewhere.",
    ),
    ("protection-none", "This device keeps no key: the PIN alone protects the wallet. Take a long one."),
    // The history
    ("history-shared", "{day}: {name} asked, for {purpose}. You shared:"),
    ("history-declined", "{day}: {name} asked, for {purpose}. You declined."),
    ("history-shown", "shown: {claim}"),
    ("history-withheld", "withheld: {claim}"),
    // Before a backup is made
    ("backup-card", "The card {card} goes along, with its key: another phone can show it."),
    (
        "backup-card-reissue",
        "The card {card} goes along to be read. Its key stays here: to show it from another phone, have it issued again.",
    ),
    ("backup-unreadable", "{count} cards cannot be read, and stay here."),
    ("backup-history-left-out", "{count} entries of the history cannot be read, and stay here."),
    ("backup-history", "{count} entries of the history go along: what was asked and shown, no values."),
    (
        "backup-can-be-you",
        "The cards' keys go along: WHOEVER OPENS THIS BACKUP CAN BE YOU, and nobody can take that back.",
    ),
    ("backup-forever", "Old backups and shares cannot be called back: destroy those you no longer need."),
];

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

/// The sentence of a message.
pub fn sentence(message: &Message) -> String {
    let template = SENTENCES.iter().find(|(id, _)| *id == message.id).map_or(message.id, |(_, template)| template);
    fill(template, message.args.iter().map(|(name, value)| (*name, value.as_str())))
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

    /// The ids that `docs/explain.md` lists are those that have a sentence here.
    #[test]
    fn every_message_of_the_core_has_its_sentence() {
        let docs = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/explain.md");
        let text = std::fs::read_to_string(docs).unwrap();
        let first_cells = text.lines().filter_map(|line| line.strip_prefix("| `")?.split('|').next());
        let mut listed: Vec<_> = first_cells.flat_map(|cell| cell.split('`').step_by(2)).collect();
        listed.retain(|id| !id.trim().is_empty());
        let mut known: Vec<_> = SENTENCES.iter().map(|(id, _)| *id).collect();
        listed.sort_unstable();
        known.sort_unstable();
        assert_eq!(known, listed);
    }

    #[test]
    fn arguments_are_filled_in_and_never_filled_again() {
        let message = Message::plain("asker-lapsed").with("name", "{contact}").with("day", "2026-01-01");
        let said = sentence(&message);
        assert!(said.starts_with("{contact} asks, for ?. It was registered until 2026-01-01"), "{said}");
    }

    #[test]
    fn no_card_writes_words_of_its_own() {
        let message = Message::plain("card-genuine").with("issuer", "X\x1b[2K\x1b[1A\nsignature valid\u{202e}");
        assert!(!sentence(&message).contains(['\x1b', '\n', '\u{202e}']));
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
