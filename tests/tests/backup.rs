//! Point 10: a lost phone. Backups by passphrase and by shares on paper, the rehearsal, and restoring.

use amana_core::cose::key::Thumbprint;
use amana_core::credential::to_json;
use amana_core::crypto::Pin;
use amana_core::error::Error;
use amana_core::verifier::{Decision, Judged};
use amana_core::wallet::{Argon2Cost, Backup, Contents, Door, Holder, HolderKeys, Passphrase, Restored, Share, Wallet};
use amana_tests::{PURPOSE, TestClock, World, ask, host_of, pin};
use std::path::PathBuf;
use zeroize::Zeroizing;

const PASSPHRASE: &str = "acid-dwarf-echo-fiber-glad-hobo";

fn passphrase(text: &str) -> Passphrase {
    Passphrase::typed(Zeroizing::new(text.to_owned())).unwrap()
}

/// A world whose wallet has a card and a history of two requests.
fn lived_in() -> World {
    let world = World::new();
    answer(&world, &world.holder).unwrap();
    let request = world.verifier().request(PURPOSE, &[ask("person.sex")]).unwrap();
    world.holder.receive(request.text().as_bytes()).unwrap().decline().unwrap();
    world
}

fn answer(world: &World, holder: &Holder) -> Result<Decision, Error> {
    let request = world.verifier().request(PURPOSE, &[ask("household.family_size"), ask("household.ration_card")])?;
    let answer = holder.receive(request.text().as_bytes())?.review()?.respond()?;
    match request.judge(answer.text().as_bytes())? {
        Judged::Verdict(verdict) => Ok(verdict.decision),
        Judged::Declined => panic!("declined"),
    }
}

/// Another phone, with a wallet of its own.
struct OtherPhone {
    holder: Holder,
    _folder: tempfile::TempDir,
    _file: PathBuf,
}

fn other_phone() -> OtherPhone {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("wallet.amana");
    let clock = TestClock::at(amana_tests::NOW);
    let pin: Pin = pin("5555");
    let wallet = Wallet::create(&file, host_of(&file, &clock), Door::Two, &pin, Argon2Cost::FLOOR).unwrap();
    OtherPhone { holder: wallet.unlock(Door::Two, &pin).unwrap(), _folder: folder, _file: file }
}

#[test]
fn point_10_it_says_what_stays_behind_before_it_is_made() {
    let world = lived_in();
    let plan = world.holder.plan_backup(HolderKeys::StayBehind).unwrap();
    assert_eq!((plan.goes().len(), plan.reissue().len(), plan.history_entries()), (0, 1, 2));
    let ids: Vec<_> = plan.explain().into_iter().map(|message| message.id).collect();
    assert_eq!(ids, ["backup-card-reissue", "backup-history", "backup-forever"]);
    let plan = world.holder.plan_backup(HolderKeys::IncludeSoftwareKeys).unwrap();
    assert_eq!((plan.goes().len(), plan.reissue().len()), (1, 0));
    let ids: Vec<_> = plan.explain().into_iter().map(|message| message.id).collect();
    assert_eq!(ids, ["backup-card", "backup-history", "backup-can-be-you", "backup-forever"]);
    assert_eq!(plan.seal(&passphrase("short")), Err(Error::Invalid { reason: "passphrase-short" }));
}

#[test]
fn point_10_without_keys_the_card_is_read_elsewhere_and_must_be_issued_again() {
    let world = lived_in();
    let file = world.holder.plan_backup(HolderKeys::StayBehind).unwrap().seal(&passphrase(PASSPHRASE)).unwrap();
    assert!(!file.windows(5).any(|window| window == b"Amina"));
    let backup = Backup::open(&file, &passphrase(PASSPHRASE)).unwrap();
    let anchor = Some(Thumbprint::of(&world.anchor.public_key()).to_text());
    let contents = Contents { cards: 1, cards_to_reissue: 1, history_entries: 2, has_trust: true, anchor };
    assert_eq!((backup.contents(), backup.made_at()), (contents.clone(), amana_tests::NOW));

    let phone = other_phone();
    let restored = phone.holder.restore(&backup).unwrap();
    assert_eq!(restored, Restored { added: contents, cards_present: 0, histories_kept_out: 0 });
    let cards = phone.holder.cards().unwrap();
    assert!(cards[0].needs_reissue && cards[0].issuer_names.is_some());
    let (here, there) = (world.holder.claims(world.card).unwrap(), phone.holder.claims(cards[0].id).unwrap());
    assert_eq!(to_json(&here), to_json(&there));
    let history = phone.holder.history().unwrap();
    assert!(history.is_whole && history.entries.len() == 2);
    // Nothing here proves anything: it is not offered to be shown.
    assert_eq!(answer(&world, &phone.holder), Err(Error::NotFound { what: "card" }));
    // Again changes nothing.
    let again = phone.holder.restore(&backup).unwrap();
    assert_eq!(again, Restored { added: Contents::default(), cards_present: 1, histories_kept_out: 0 });
}

#[test]
fn point_10_with_keys_the_other_phone_is_the_holder() {
    let world = lived_in();
    let plan = |keys| world.holder.plan_backup(keys).unwrap().seal(&passphrase(PASSPHRASE)).unwrap();
    let open = |file: Vec<u8>| Backup::open(&file, &passphrase(PASSPHRASE)).unwrap();
    let phone = other_phone();
    // The card first without its key, then its key.
    phone.holder.restore(&open(plan(HolderKeys::StayBehind))).unwrap();
    phone.holder.restore(&open(plan(HolderKeys::IncludeSoftwareKeys))).unwrap();
    assert!(!phone.holder.cards().unwrap()[0].needs_reissue);
    assert_eq!(answer(&world, &phone.holder), Ok(Decision::Accept));
    // Its own history goes on beside the one that came along.
    let history = phone.holder.history().unwrap();
    assert!(history.is_whole && history.entries.len() == 3);
}

#[test]
fn point_10_into_a_wallet_that_is_lived_in_nothing_is_lost() {
    let world = lived_in();
    let file = world.holder.plan_backup(HolderKeys::StayBehind).unwrap().seal(&passphrase(PASSPHRASE)).unwrap();
    let backup = Backup::open(&file, &passphrase(PASSPHRASE)).unwrap();
    // The same wallet, later: it has gone on, and has forgotten something.
    answer(&world, &world.holder).unwrap();
    let oldest = world.holder.history().unwrap().entries.last().unwrap().id();
    world.holder.forget(oldest).unwrap();
    let restored = world.holder.restore(&backup).unwrap();
    assert_eq!(restored, Restored { added: Contents::default(), cards_present: 1, histories_kept_out: 0 });
    assert!(!world.holder.cards().unwrap()[0].needs_reissue, "the key that is here stays");
    let history = world.holder.history().unwrap();
    assert!(history.is_whole && history.entries.len() == 2, "what was forgotten stays forgotten");
    assert_eq!(answer(&world, &world.holder), Ok(Decision::Accept));
}

#[test]
fn point_10_two_of_three_shares_open_it_and_one_does_not() {
    let world = lived_in();
    let plan = world.holder.plan_backup(HolderKeys::StayBehind).unwrap();
    let (file, shares) = plan.seal_for_shares(2, 3).unwrap();
    let on_paper: Vec<_> = shares.iter().map(Share::words).collect();
    let read = |which: &[usize]| which.iter().map(|i| Share::parse(&on_paper[*i]).unwrap()).collect::<Vec<_>>();
    for pair in [[0, 1], [0, 2], [2, 1]] {
        assert_eq!(Backup::open_with_shares(&file, &read(&pair)).unwrap().contents().cards, 1);
    }
    let open = |shares: &[Share]| Backup::open_with_shares(&file, shares).err();
    assert_eq!(open(&read(&[1])), Some(Error::NeedMoreShares { have: 1, need: 2 }));
    assert_eq!(open(&read(&[1, 1])), Some(Error::NeedMoreShares { have: 1, need: 2 }));
    // A share of another set, a bad word, and another backup's shares.
    let (other_file, others) = plan.seal_for_shares(2, 3).unwrap();
    let mixed = [read(&[0]).remove(0), Share::parse(&others[1].words()).unwrap()];
    assert!(open(&mixed).is_some());
    let bad = on_paper[0].replacen(' ', " academic ", 1);
    assert!(matches!(Share::parse(&bad), Err(Error::Damaged { .. })));
    assert_eq!(Backup::open_with_shares(&other_file, &read(&[0, 1])).err(), Some(Error::WrongPassphrase));
}

#[test]
fn point_10_a_backup_that_is_not_whole_changes_nothing() {
    let world = lived_in();
    let file = world.holder.plan_backup(HolderKeys::StayBehind).unwrap().seal(&passphrase(PASSPHRASE)).unwrap();
    let open = |file: &[u8]| Backup::open(file, &passphrase(PASSPHRASE)).err();
    assert_eq!(Backup::open(&file, &passphrase("another passphrase")).err(), Some(Error::WrongPassphrase));
    for cut in [0, 10, 100, file.len() / 2, file.len() - 1] {
        assert!(matches!(open(&file[..cut]), Some(Error::Damaged { .. } | Error::Foreign)), "cut to {cut}");
    }
    for at in [200, file.len() / 2, file.len() - 3] {
        let mut altered = file.clone();
        altered[at] ^= 1;
        assert!(matches!(open(&altered), Some(Error::Damaged { .. })), "byte {at}");
    }
    assert_eq!(open(b"a text file that is no backup"), Some(Error::Foreign));
}

/// What an age tool would seal: documents that are not ours, or not as we make them.
#[test]
fn point_10_every_part_of_the_document_is_checked() {
    use amana_core::backup::age;
    use amana_core::ports::OsEntropy;
    let world = lived_in();
    let file = world.holder.plan_backup(HolderKeys::IncludeSoftwareKeys).unwrap().seal(&passphrase(PASSPHRASE));
    let plain = age::open(&file.unwrap(), &passphrase(PASSPHRASE)).unwrap();
    let whole: serde_json::Value = serde_json::from_slice(&plain).unwrap();
    let open = |document: &[u8]| {
        let file = age::seal(document, &passphrase(PASSPHRASE), 1, &OsEntropy).unwrap();
        Backup::open(&file, &passphrase(PASSPHRASE)).err()
    };
    assert_eq!(open(&plain), None);
    let with = |pointer: &str, value: serde_json::Value| {
        let mut altered = whole.clone();
        *altered.pointer_mut(pointer).unwrap_or_else(|| panic!("{pointer}")) = value;
        open(altered.to_string().as_bytes())
    };
    let damaged = |reason| Some(Error::Damaged { reason });
    assert_eq!(open(b"not json"), Some(Error::Foreign));
    assert_eq!(open(b"{}"), Some(Error::Foreign));
    assert_eq!(with("/amana_backup", 2.into()), Some(Error::TooNew));
    assert_eq!(with("/cards/0/format", "another".into()), Some(Error::TooNew));
    assert_eq!(with("/cards/0/token", "AAAA".into()), damaged("backup-card"));
    assert_eq!(with("/cards/0/key", "00".into()), damaged("backup-json"));
    assert_eq!(with("/holder_keys", serde_json::json!([])), damaged("backup-json"));
    assert_eq!(with("/holder_keys/0/jwk/d", "AAAA".into()), damaged("backup-json"));
    assert_eq!(with("/history/chains/0/until", 9.into()), damaged("history-chain"));
    assert_eq!(with("/history/chains/0/until", u64::MAX.into()), damaged("history-chain"));
    assert_eq!(with("/history/chains/0/entries/0/bytes", "oA".into()), damaged("history-json"));
    assert_eq!(
        with("/history/chains/0/entries/1", whole["history"]["chains"][0]["entries"][0].clone()),
        damaged("history-chain")
    );
    assert_eq!(with("/trust/demo", serde_json::Value::Null), damaged("backup-json"));
    assert!(with("/trust/bundle", "AAAA".into()).is_some());
    assert_eq!(with("/settings", serde_json::Value::Null), damaged("backup-json"));
}
