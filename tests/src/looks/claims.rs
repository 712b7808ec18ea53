//! What must hold of every card and every presentation, whatever its format and whoever made it.

use super::LOOKS;
use amana_core::credential::{Card, Claims, Credential, Presentation, Value, parse_card, recognise_presentation};
use amana_core::error::Result;
use std::fmt::Debug;
use std::sync::OnceLock;

/// Shorter texts stand in what is printed by chance.
const TELLING_LEN: usize = 8;

/// A presentation, whatever format it comes in.
type Shown = Box<dyn Presentation>;

/// Checks a card that `parse` took.
pub fn check_card(card: &dyn Credential, parse: &dyn Fn(&[u8]) -> Result<Card>) {
    let written = card.to_bytes();
    let again = parse(&written).expect("what a card writes is read");
    assert_eq!(again.to_bytes(), written, "written twice, it differs");
    let outside = |card: &dyn Credential| {
        (card.format(), card.issuer().to_owned(), card.card_type().to_owned(), card.validity(), card.status().cloned())
    };
    assert_eq!(outside(&*again), outside(card));
    assert_eq!((again.kid(), again.chain(), again.algorithm()), (card.kid(), card.chain(), card.algorithm()));
    assert_eq!(again.holder_key(), card.holder_key());
    assert!(alike(again.all_claims(), card.all_claims()), "read again, its claims differ");
    check_silence(card, &public_part(card), card.all_claims());
    check_selection(card);
}

/// Checks a presentation that `parse` took.
pub fn check_presentation(shown: &dyn Presentation, parse: &dyn Fn(&[u8]) -> Result<Shown>) {
    let written = shown.to_bytes();
    let again = parse(&written).expect("what a presentation writes is read");
    assert_eq!(again.to_bytes(), written, "written twice, it differs");
    assert!(alike(again.card().all_claims(), shown.card().all_claims()), "read again, its claims differ");
    check_silence(shown, &public_part(shown.card()), shown.card().all_claims());
}

/// What is selected is never more than there is, and never less than was chosen.
fn check_selection(card: &dyn Credential) {
    let Ok(all) = card.shown_by_all() else { return };
    let whole = card.select(&all).expect("its own paths are found");
    assert!(alike(&whole.claims(), &card.claims()), "with everything chosen, something is missing");
    let none = card.select(&[]).expect("nothing is chosen");
    let open = none.shown_by_all().expect("a part of what is fine is fine");
    assert!(open.iter().all(|path| card.claims().at(path).is_some()), "something came in");
    if let Some(one) = all.first() {
        let part = card.select(std::slice::from_ref(one)).expect("it is there");
        assert!(part.claims().at(one).is_some(), "what was chosen is missing");
    }
}

/// Who issued it, what it is and where its status stands may be printed.
fn public_part(card: &dyn Credential) -> String {
    format!("{:?} {:?} {:?}", card.issuer(), card.card_type(), card.status())
}

/// Checks that what is printed for developers says nothing of `claims`, but for what is `public` and said there too.
pub fn check_silence(printed: &(impl Debug + ?Sized), public: &str, claims: &Claims) {
    let (short, long) = (format!("{printed:?}"), format!("{printed:#?}"));
    each_text(claims, &mut |text| {
        let told = text.len() >= TELLING_LEN && (short.contains(text) || long.contains(text));
        assert!(
            !told || public.contains(text) || usual_words().contains(&without_digits(text)),
            "a claim is printed: {text:?}"
        );
    });
}

/// What is printed of cards and presentations that say nothing of the kind. A fuzzer that is shown what is compared with what has claims say
/// it.
fn usual_words() -> &'static str {
    static WORDS: OnceLock<String> = OnceLock::new();
    WORDS.get_or_init(|| {
        let print = |sample: Vec<u8>| {
            let card = parse_card(&sample).map(|card| format!("{card:?}{card:#?}"));
            let shown = recognise_presentation(&sample).map(|shown| format!("{shown:?}{shown:#?}"));
            card.into_iter().chain(shown).collect::<String>()
        };
        without_digits(&LOOKS.iter().flat_map(|look| (look.samples)()).map(print).collect::<String>())
    })
}

fn without_digits(text: &str) -> String {
    text.chars().filter(|c| !c.is_ascii_digit()).collect()
}

fn each_text(claims: &Claims, check: &mut dyn FnMut(&str)) {
    fn look(value: &Value, check: &mut dyn FnMut(&str)) {
        match value {
            Value::Text(text) => check(text),
            Value::List(items) => items.iter().for_each(|item| look(item, check)),
            Value::Map(claims) => each_text(claims, check),
            _ => {}
        }
    }
    claims.iter().for_each(|(_, value)| look(value, check));
}

/// Whether claims say the same. Floats that are no number do too: they equal nothing by themselves.
fn alike(a: &Claims, b: &Claims) -> bool {
    fn values(a: &Value, b: &Value) -> bool {
        match (a, b) {
            (Value::Float(a), Value::Float(b)) => a.to_bits() == b.to_bits(),
            (Value::List(a), Value::List(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| values(a, b)),
            (Value::Map(a), Value::Map(b)) => alike(a, b),
            (a, b) => a == b,
        }
    }
    a.len() == b.len() && a.iter().all(|(name, value)| b.value(name).is_some_and(|other| values(value, other)))
}
