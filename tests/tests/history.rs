//! What a wallet remembers of its requests: that it is true, whole, and its holder's alone.

use amana_core::error::Error;
use amana_core::wallet::{History, HistoryEntry, Outcome, ToldAsker};
use amana_tests::{PURPOSE, World, ask, claim};
use serde_json::Value as Json;

fn share(world: &World, verifier: &amana_core::verifier::Verifier) -> String {
    let request = verifier.request(PURPOSE, &[ask("household.family_size"), ask("person.birth_date")]).unwrap();
    let mut incoming = world.holder.receive(request.text().as_bytes()).unwrap();
    incoming.withhold(&claim("person.birth_date")).unwrap();
    incoming.review().unwrap().respond().unwrap();
    request.text()
}

fn decline(world: &World) {
    let request = world.verifier().request("census", &[ask("person.sex")]).unwrap();
    world.holder.receive(request.text().as_bytes()).unwrap().decline().unwrap();
}

fn paths(paths: &[amana_core::credential::ClaimPath]) -> Vec<String> {
    paths.iter().map(ToString::to_string).collect()
}

fn is_whole(world: &World, count: usize) -> History {
    let history = world.holder.history().unwrap();
    assert!(history.is_whole);
    assert_eq!(history.entries.len(), count);
    history
}

#[test]
fn it_says_who_asked_what_for_and_what_was_shown_and_withheld() {
    let world = World::new();
    is_whole(&world, 0);
    let verifier = world.verifier();
    let text = share(&world, &verifier);
    world.holder_clock.pass(86_400_000);
    decline(&world);

    let history = is_whole(&world, 2);
    let [declined, shared] = &history.entries[..] else { panic!("two") };
    assert_eq!((shared.outcome(), declined.outcome()), (Outcome::Shared, Outcome::Declined));
    assert_eq!((shared.asker(), declined.asker()), (ToldAsker::Registered, ToldAsker::Registered));
    assert_eq!(shared.names().unwrap().best(&["en"]), "Kasulu Food Point");
    assert_eq!((shared.purpose(), declined.purpose()), (PURPOSE, "census"));
    assert_eq!(paths(shared.shown()), ["household.family_size"]);
    assert_eq!(paths(shared.withheld()), ["person.birth_date"]);
    assert_eq!(paths(declined.withheld()), ["person.sex"]);
    assert_eq!(shared.card(), Some(("ration-card", amana_tests::ISSUER)));
    assert_eq!(declined.at() - shared.at(), 86_400);
    // The receipt is the request that was shown, and still verifies.
    let again = world.holder.receive(text.as_bytes()).unwrap();
    assert_eq!(shared.receipt(), again.request().bytes());
    assert_eq!(again.answered_at(), Some(shared.at()));
    let said: Vec<_> = shared.explain().into_iter().map(|message| message.id).collect();
    assert_eq!(said, ["history-shared", "history-shown", "history-withheld"]);
}

#[test]
fn it_holds_names_of_fields_and_never_a_value() {
    let world = World::new();
    share(&world, &world.verifier());
    let export = world.holder.export_history().unwrap();
    for value in ["Amina", "Juma", "1984", "0041-7782", "Nyarugusu"] {
        assert!(!export.contains(value), "{value}");
    }
    let receipt = is_whole(&world, 1).entries[0].receipt().to_vec();
    assert!(!receipt.windows(5).any(|window| window == b"Amina"));
    // The control.
    assert!(export.contains("household.family_size"));
}

#[test]
fn only_the_holder_forgets_and_the_rest_holds() {
    let world = World::new();
    let verifier = world.verifier();
    for _ in 0..5 {
        share(&world, &verifier);
        world.holder_clock.pass(1_000_000);
    }
    let ids: Vec<_> = is_whole(&world, 5).entries.iter().map(HistoryEntry::id).collect();
    world.holder.forget(ids[2]).unwrap();
    assert_eq!(world.holder.forget(ids[2]), Err(Error::NotFound { what: "entry" }));
    let history = is_whole(&world, 4);
    // Those before the newest but one.
    assert_eq!(world.holder.forget_before(history.entries[1].at()).unwrap(), 2);
    is_whole(&world, 2);
    share(&world, &verifier);
    is_whole(&world, 3);
    assert_eq!(world.holder.forget_before(i64::MAX).unwrap(), 3);
    is_whole(&world, 0);
    share(&world, &verifier);
    is_whole(&world, 1);
}

#[test]
fn who_keeps_none_has_none() {
    let world = World::new();
    let verifier = world.verifier();
    share(&world, &verifier);
    world.holder.keep_history(false).unwrap();
    let text = share(&world, &verifier);
    decline(&world);
    let history = is_whole(&world, 1);
    assert!(!history.is_kept);
    // Then nothing can warn of a request that was answered before.
    assert_eq!(world.holder.receive(text.as_bytes()).unwrap().answered_at(), None);
    world.holder.keep_history(true).unwrap();
    share(&world, &verifier);
    is_whole(&world, 2);
}

#[test]
fn an_export_is_checked_by_whoever_has_only_a_hash_function() {
    use base64ct::{Base64UrlUnpadded, Encoding as _};
    use sha2::{Digest as _, Sha256};
    let world = World::new();
    let verifier = world.verifier();
    for _ in 0..4 {
        share(&world, &verifier);
    }
    let second = is_whole(&world, 4).entries[2].id();
    world.holder.forget(second).unwrap();
    let export: Json = serde_json::from_str(&world.holder.export_history().unwrap()).unwrap();
    assert_eq!(export["amana_history"], 1);
    let hex = amana_tests::to_hex;
    // As docs/history.md tells it.
    let chain = &export["chains"][0];
    let mut last = chain["before"].as_str().unwrap().to_owned();
    let mut entries = chain["entries"].as_array().unwrap().iter();
    let mut seq = chain["from"].as_u64().unwrap();
    while seq <= chain["until"].as_u64().unwrap() {
        let forgotten = chain["forgotten"].as_array().unwrap().iter().find(|run| run[0] == seq);
        seq = forgotten.map_or(seq, |run| run[1].as_u64().unwrap()) + 1;
        last = match forgotten {
            Some(run) => run[2].as_str().unwrap().to_owned(),
            None => {
                let entry = entries.next().unwrap();
                let bytes = Base64UrlUnpadded::decode_vec(entry["bytes"].as_str().unwrap()).unwrap();
                let prev: Vec<u8> = (0..32).map(|i| u8::from_str_radix(&last[2 * i..2 * i + 2], 16).unwrap()).collect();
                assert!(bytes.windows(32).any(|window| window == prev), "entry {seq} holds on to the one before");
                assert_eq!(entry["hash"], hex(&Sha256::digest(&bytes)));
                entry["hash"].as_str().unwrap().to_owned()
            }
        };
    }
    assert_eq!(chain["head"], last);
    assert!(entries.next().is_none());
}
