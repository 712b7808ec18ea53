//! Holder keys wherever they lie: in the vault, and inside the device.

use amana_core::crypto::Curve;
use amana_core::error::{Error, PortError};
use amana_core::issuer::CardDraft;
use amana_core::ports::{HolderKeyStore as _, WalletHost};
use amana_core::verifier::{Decision, HolderProof, Judged, Verdict};
use amana_core::wallet::{Argon2Cost, CardId, Door, Holder, HolderKeys, KeyPlace, Wallet};
use amana_tests::{CARD_JSON, PURPOSE, World, ask, host_of, pin};
use std::fs;
use std::path::PathBuf;

/// A card whose key lies inside the device, in place of the one in the vault.
fn world_with_a_key_in_the_device() -> (World, CardId) {
    let world = World::new();
    world.holder.delete(world.card).unwrap();
    let draft = CardDraft::from_json(CARD_JSON).unwrap();
    let offer = world.desk.offer(&draft.card_type, 3600).unwrap();
    let enrolment = world.holder.enrol_with(&offer.to_bytes(), KeyPlace::Device).unwrap();
    let issued = world.desk.issue(draft, world.desk.accept(enrolment.as_bytes()).unwrap()).unwrap();
    assert_eq!(issued.card.holder_key().map(|key| key.curve()), Some(Curve::P256));
    let card = world.holder.add(&issued.delivery).unwrap();
    (world, card)
}

fn keys_in_device(world: &World) -> Vec<PathBuf> {
    let folder = world.vault.with_added_extension("holder-keys");
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    entries.map(|entry| entry.unwrap().path()).collect()
}

fn answer(world: &World, holder: &Holder) -> Result<Verdict, Error> {
    let request = world.verifier().request(PURPOSE, &[ask("household.family_size")]).unwrap();
    let answer = holder.receive(request.text().as_bytes())?.review()?.respond()?;
    match request.judge(answer.text().as_bytes())? {
        Judged::Verdict(verdict) => Ok(*verdict),
        Judged::Declined => panic!("declined"),
    }
}

#[test]
fn a_key_inside_the_device_proves_like_one_in_the_vault() {
    let (world, _) = world_with_a_key_in_the_device();
    assert_eq!(keys_in_device(&world).len(), 1);
    let verdict = answer(&world, &world.holder).unwrap();
    assert_eq!((verdict.holder, verdict.decision), (HolderProof::Fresh, Decision::Accept));
}

#[test]
fn a_key_inside_the_device_goes_with_its_card() {
    let (world, card) = world_with_a_key_in_the_device();
    world.holder.delete(card).unwrap();
    assert!(keys_in_device(&world).is_empty());
}

#[test]
fn a_key_that_the_device_lost_is_said_to_be_missing_and_nothing_is_written() {
    let (world, _) = world_with_a_key_in_the_device();
    keys_in_device(&world).iter().for_each(|key| fs::remove_file(key).unwrap());
    assert_eq!(answer(&world, &world.holder).unwrap_err(), Error::Host { reason: PortError::Missing });
    assert!(world.holder.history().unwrap().entries.is_empty());
    assert_eq!(world.holder.cards().unwrap().len(), 1, "the card is still there to be read");
}

#[test]
fn a_key_inside_the_device_never_goes_into_a_backup() {
    let (world, _) = world_with_a_key_in_the_device();
    let plan = world.holder.plan_backup(HolderKeys::IncludeSoftwareKeys).unwrap();
    assert_eq!((plan.goes().len(), plan.reissue().len()), (0, 1));
}

#[test]
fn a_device_without_a_place_for_keys_says_so() {
    let world = World::new();
    let folder = tempfile::tempdir().unwrap();
    let vault = folder.path().join("wallet.amana");
    let host = WalletHost { holder_keys: None, ..host_of(&vault, &world.holder_clock) };
    let wallet = Wallet::create(&vault, host, Door::One, &pin("482913"), Argon2Cost::FLOOR).unwrap();
    let holder = wallet.unlock(Door::One, &pin("482913")).unwrap();
    let offer = world.desk.offer(amana_tests::CARD_TYPE, 3600).unwrap();
    let enrolled = holder.enrol_with(&offer.to_bytes(), KeyPlace::Device);
    assert_eq!(enrolled, Err(Error::Host { reason: PortError::Missing }));
}

#[test]
fn a_keystore_that_signs_with_another_key_is_found_out() {
    let (world, _) = world_with_a_key_in_the_device();
    let [own] = &keys_in_device(&world)[..] else { panic!("one key") };
    let store = amana_core::software::FileHolderKeyStore::beside(&world.vault);
    store.make(&[7; 16], amana_core::ports::HolderKeyUse::Sign).unwrap();
    fs::rename(own.with_file_name("07".repeat(16)), own).unwrap();
    assert_eq!(answer(&world, &world.holder).unwrap_err(), Error::Host { reason: PortError::Invalidated });
}
