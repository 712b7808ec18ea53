//! The holder's side.

use crate::error::{HostError, Result};
use crate::host::{Protection, WalletHost};
use crate::show::{self, Claims, Message, Symbol};
use crate::worker;
use amana_core::credential::ClaimPath;
use amana_core::crypto::{Pin, key_file};
use amana_core::error::Error;
use amana_core::ports;
use amana_core::presentation;
use amana_core::trust::Anchor;
use amana_core::wallet::{self as core, Argon2Cost, CardId, Door};
use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use zeroize::Zeroizing;

/// Where the key of a new card lies.
#[uniffi::remote(Enum)]
pub enum KeyPlace {
    Vault,
    Device,
}

pub use core::KeyPlace;

/// A wallet's file, locked.
#[derive(uniffi::Object)]
pub struct Wallet(core::Wallet);

#[uniffi::export]
impl Wallet {
    /// Makes a wallet with one door (1 to 4) in use, and leaves it locked. Takes a second or two: it measures what the
    /// phone can bear.
    #[uniffi::constructor]
    pub async fn create(file: String, door: u8, pin: String, host: WalletHost) -> Result<Arc<Self>> {
        let pin = Zeroizing::new(pin);
        worker::run(move || {
            let (door, pin, host) = (door_of(door)?, Pin::new(pin)?, ports::WalletHost::from(host));
            let cost = Argon2Cost::calibrate(&*host.clock, core::Wallet::TARGET_MS)?;
            Ok(Arc::new(Self(core::Wallet::create(Path::new(&file), host, door, &pin, cost)?)))
        })
        .await
    }

    /// Finds a wallet and leaves it locked. Makes nothing: where there is none, it says so.
    #[uniffi::constructor]
    pub async fn open(file: String, host: WalletHost) -> Result<Arc<Self>> {
        worker::run(move || Ok(Arc::new(Self(core::Wallet::open(Path::new(&file), host.into())?)))).await
    }

    /// Looks whether the device still opens this wallet, before anybody is asked for a PIN. `Host` says which way out
    /// there is: `Locked` until the person unlocks the device, `Invalidated` or `Missing` for good: then a backup helps.
    pub async fn check_device(self: Arc<Self>) -> Result<()> {
        worker::run(move || Ok(self.0.check_device()?)).await
    }

    /// Opens a door.
    pub async fn unlock(self: Arc<Self>, door: u8, pin: String) -> Result<Arc<Holder>> {
        let pin = Zeroizing::new(pin);
        worker::run(move || Ok(Arc::new(Holder(self.0.unlock(door_of(door)?, &Pin::new(pin)?)?)))).await
    }

    /// Gives a door to whoever types this PIN there from now on. What is behind it, if anything, is destroyed for good:
    /// nobody can know whether there is something. Say so, and ask twice.
    pub async fn take_door_and_destroy_what_is_behind(self: Arc<Self>, door: u8, pin: String) -> Result<()> {
        let pin = Zeroizing::new(pin);
        worker::run(move || Ok(self.0.take_door_and_destroy_what_is_behind(door_of(door)?, &Pin::new(pin)?)?)).await
    }

    /// How well the device keeps this wallet's keys.
    pub async fn protection(self: Arc<Self>) -> Result<Protection> {
        worker::run(move || Ok(self.0.protection())).await
    }
}

fn door_of(number: u8) -> Result<Door> {
    Ok(Door::from_number(number).ok_or(Error::Invalid { reason: "door" })?)
}

/// How a wallet stands.
#[derive(uniffi::Record)]
pub struct WalletState {
    /// Whether the file is the newest that this device has written.
    pub file: FileAge,
    /// Whether every record lies where it was last written; false where one was put back or moved. What is damaged inside
    /// is found when it is read.
    pub records_intact: bool,
    /// Why nothing can be written, such as `disk-full`; none where it can.
    pub read_only: Option<String>,
    /// How well the device keeps the keys.
    pub protection: Protection,
    /// Whether the trust bundle is there and cannot be read: nobody is believed until it is loaded again.
    pub trust_unreadable: bool,
    /// Whether what the holder has chosen cannot be read: no history is kept until they choose again.
    pub settings_unreadable: bool,
    /// What the person is told, most important first.
    pub explain: Vec<Arc<Message>>,
}

impl From<core::State> for WalletState {
    fn from(state: core::State) -> Self {
        Self {
            file: state.file.into(),
            records_intact: state.records_intact,
            read_only: state.read_only.map(str::to_owned),
            protection: state.protection,
            trust_unreadable: state.trust_unreadable,
            settings_unreadable: state.settings_unreadable,
            explain: show::messages(state.explain()),
        }
    }
}

/// What is known of the file's age.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum FileAge {
    /// It is the newest that this device has written.
    Newest,
    /// An older copy was put in its place.
    RolledBack {
        /// How many changes and unlocks were lost.
        by: u64,
    },
    /// The device's counter was lost or reset, or the file comes from elsewhere.
    CounterLost,
    /// The counter does not answer at present.
    Unchecked {
        /// Why.
        failure: HostError,
    },
}

impl From<core::FileAge> for FileAge {
    fn from(age: core::FileAge) -> Self {
        match age {
            core::FileAge::Newest => Self::Newest,
            core::FileAge::RolledBack { by } => Self::RolledBack { by },
            core::FileAge::CounterLost => Self::CounterLost,
            core::FileAge::Unchecked { reason } => Self::Unchecked { failure: reason.into() },
        }
    }
}

/// A card in a list.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct CardSummary {
    /// Its id in this wallet.
    pub id: String,
    /// The format it comes in: `sd-cwt`, `sd-jwt`, `mdoc`, `claim-169`.
    pub format: String,
    /// What kind of card.
    pub card_type: String,
    /// The issuer's id; empty where the card names none.
    pub issuer: String,
    /// The issuer's name by language, where the trust bundle has it and the signature holds.
    pub issuer_names: HashMap<String, String>,
    /// First day, UTC.
    pub valid_from: Option<String>,
    /// Last day, UTC.
    pub valid_until: Option<String>,
    /// Whether its holder proves a key when showing it. A bearer's card can be shown by whoever has it.
    pub has_holder_key: bool,
    /// Whether its key is not here: it came from a backup, and must be issued again before it can be shown.
    pub needs_reissue: bool,
}

impl From<core::CardSummary> for CardSummary {
    fn from(card: core::CardSummary) -> Self {
        Self {
            id: card.id.to_string(),
            issuer_names: card.issuer_names.as_ref().map(show::names).unwrap_or_default(),
            valid_from: show::day(card.validity.not_before),
            valid_until: show::day(card.validity.expires.map(|expires| expires - 1)),
            needs_reissue: card.needs_reissue,
            format: card.format.name().to_owned(),
            has_holder_key: card.has_holder_key,
            card_type: card.card_type,
            issuer: card.issuer,
        }
    }
}

/// An open wallet. Lock it as soon as it is out of sight.
#[derive(uniffi::Object)]
pub struct Holder(pub(crate) core::Holder);

#[uniffi::export]
impl Holder {
    /// Closes the wallet at once and wipes its keys; what is being written is finished first.
    pub async fn close_now(self: Arc<Self>) -> Result<()> {
        worker::run(move || {
            self.0.close_now();
            Ok(())
        })
        .await
    }

    /// Whether it is open. Never waits.
    pub fn is_open(&self) -> bool {
        self.0.is_open()
    }

    /// How the wallet stands: tell the person what is not as it should be.
    pub async fn state(self: Arc<Self>) -> Result<WalletState> {
        worker::run(move || Ok(self.0.state()?.into())).await
    }

    /// Takes note of what `state` tells of file and records: it is told no more.
    pub async fn acknowledge(self: Arc<Self>) -> Result<()> {
        worker::run(move || Ok(self.0.acknowledge()?)).await
    }

    /// Changes the PIN of this door.
    pub async fn change_pin(self: Arc<Self>, current: String, new: String) -> Result<()> {
        let (current, new) = (Zeroizing::new(current), Zeroizing::new(new));
        worker::run(move || Ok(self.0.change_pin(&Pin::new(current)?, &Pin::new(new)?)?)).await
    }

    /// Sets this door's panic PIN. Typed at this door, it destroys what is behind it and opens what `opens` has open
    /// now, or an empty wallet. Nothing tells whether there is one.
    pub async fn set_panic_pin(
        self: Arc<Self>,
        current: String,
        panic: String,
        opens: Option<Arc<Holder>>,
    ) -> Result<()> {
        let (current, panic) = (Zeroizing::new(current), Zeroizing::new(panic));
        worker::run(move || {
            let opens = opens.as_ref().map(|holder| &holder.0);
            Ok(self.0.set_panic_pin(&Pin::new(current)?, &Pin::new(panic)?, opens)?)
        })
        .await
    }

    /// Takes this door's panic PIN away, if there is one.
    pub async fn unset_panic_pin(self: Arc<Self>, current: String) -> Result<()> {
        let current = Zeroizing::new(current);
        worker::run(move || Ok(self.0.unset_panic_pin(&Pin::new(current)?)?)).await
    }

    /// Loads a trust bundle (a file's bytes, or scanned text as bytes), believed if the key in `anchor` (JWK or PEM)
    /// signed it. Returns its sequence number.
    pub async fn load_trust(self: Arc<Self>, bundle: Vec<u8>, anchor: String) -> Result<u64> {
        worker::run(move || {
            let anchor = Anchor::new(key_file::parse(&anchor)?.public);
            Ok(self.0.load_trust(&bundle, &anchor)?.sequence)
        })
        .await
    }

    /// Answers a desk's offer with a fresh key: the text to show or send.
    pub async fn enrol(self: Arc<Self>, offer: String) -> Result<String> {
        worker::run(move || Ok(self.0.enrol(offer.as_bytes())?)).await
    }

    /// The same, with the say of where the card's key lies. May wait for a person, where it lies in the device.
    pub async fn enrol_with(self: Arc<Self>, offer: String, place: KeyPlace) -> Result<String> {
        worker::run(move || Ok(self.0.enrol_with(offer.as_bytes(), place)?)).await
    }

    /// Takes in a card: a file's bytes, or scanned text as bytes. Returns its id.
    pub async fn add(self: Arc<Self>, card: Vec<u8>) -> Result<String> {
        worker::run(move || Ok(self.0.add(&card)?.to_string())).await
    }

    /// The cards, oldest first.
    pub async fn cards(self: Arc<Self>) -> Result<Vec<CardSummary>> {
        worker::run(move || Ok(self.0.cards()?.into_iter().map(CardSummary::from).collect())).await
    }

    /// The ids of cards that cannot be read: damaged, or written by a later version. They are kept.
    pub async fn unreadable_cards(self: Arc<Self>) -> Result<Vec<String>> {
        worker::run(move || Ok(self.0.unreadable_cards()?.iter().map(CardId::to_string).collect())).await
    }

    /// What a card says.
    pub async fn claims(self: Arc<Self>, card: String) -> Result<Arc<Claims>> {
        worker::run(move || Ok(Arc::new(Claims(self.0.claims(CardId::parse(&card)?)?)))).await
    }

    /// Deletes a card and its key. Nobody is told.
    pub async fn delete(self: Arc<Self>, card: String) -> Result<()> {
        worker::run(move || Ok(self.0.delete(CardId::parse(&card)?)?)).await
    }

    /// Reads a verifier's request.
    pub async fn receive(self: Arc<Self>, scanned: String) -> Result<Arc<IncomingRequest>> {
        worker::run(move || Ok(Arc::new(IncomingRequest::new(self.0.receive(scanned.as_bytes())?)))).await
    }
}

/// How a claim stands to what the verifier is registered for.
#[uniffi::remote(Enum)]
pub enum Need {
    Needed,
    Optional,
    Beyond,
}

use presentation::Need;

/// Who asks, as far as it can be known.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum Asker {
    /// A registrar the wallet believes vouches for this name.
    Registered {
        /// The verifier's name by language.
        names: HashMap<String, String>,
        /// Who vouches, by language.
        registrar: HashMap<String, String>,
        /// Where to complain.
        contact: String,
    },
    /// The same, but only until this day.
    Lapsed {
        /// The verifier's name by language.
        names: HashMap<String, String>,
        /// Where to complain.
        contact: String,
        /// Last day, UTC.
        on: String,
    },
    /// Nobody the wallet knows vouches for it.
    Unregistered {
        /// Its key's thumbprint, base64url.
        id: String,
    },
}

impl From<&presentation::Asker> for Asker {
    fn from(asker: &presentation::Asker) -> Self {
        match asker {
            presentation::Asker::Registered { names, registrar, contact } => Self::Registered {
                names: show::names(names),
                registrar: show::names(registrar),
                contact: contact.clone(),
            },
            presentation::Asker::Lapsed { names, contact, on } => {
                Self::Lapsed { names: show::names(names), contact: contact.clone(), on: on.to_string() }
            }
            presentation::Asker::Unregistered { id } => Self::Unregistered { id: id.to_text() },
        }
    }
}

/// One claim of a request.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct RequestItem {
    /// Which claim, such as `household.family_size`.
    pub path: String,
    /// How it stands to the registration.
    pub need: Need,
    /// Whether the verifier says it keeps the value.
    pub kept: bool,
    /// Whether the card in hand has it.
    pub held: bool,
}

impl From<&presentation::Item> for RequestItem {
    fn from(item: &presentation::Item) -> Self {
        Self { path: item.path.to_string(), need: item.need, kept: item.kept, held: item.held }
    }
}

/// A request that was received. Ends with `consent` or `decline`; afterwards it says `AlreadyUsed`.
#[derive(uniffi::Object)]
pub struct IncomingRequest(Once<core::Incoming>);

impl IncomingRequest {
    fn new(incoming: core::Incoming) -> Self {
        Self(Once::new(incoming))
    }
}

#[uniffi::export]
impl IncomingRequest {
    /// Who asks.
    pub fn asker(&self) -> Result<Asker> {
        self.0.look(|incoming| incoming.asker().into())
    }

    /// Why, a code of the registration.
    pub fn purpose(&self) -> Result<String> {
        self.0.look(|incoming| incoming.request().purpose().to_owned())
    }

    /// Every claim that is asked for.
    pub fn items(&self) -> Result<Vec<RequestItem>> {
        self.0.look(|incoming| incoming.items().iter().map(RequestItem::from).collect())
    }

    /// The claims that the purpose needs and the card has: the default.
    pub fn needed(&self) -> Result<Vec<String>> {
        self.0.look(|incoming| show::paths(&incoming.needed()))
    }

    /// The card in hand; none where no card has anything that is asked for.
    pub fn card(&self) -> Result<Option<String>> {
        self.0.look(|incoming| incoming.card().map(|card| card.to_string()))
    }

    /// When this wallet answered the same request before, Unix seconds.
    pub fn answered_at(&self) -> Result<Option<i64>> {
        self.0.look(core::Incoming::answered_at)
    }

    /// What the person is told before choosing.
    pub fn explain(&self) -> Result<Vec<Arc<Message>>> {
        self.0.look(|incoming| show::messages(incoming.explain()))
    }

    /// Takes up another card.
    pub fn use_card(&self, card: String) -> Result<()> {
        self.0.change(|incoming| incoming.use_card(CardId::parse(&card)?))
    }

    /// Chooses exactly these claims. None may be beyond the registration.
    pub fn consent(&self, share: Vec<String>) -> Result<Arc<Consent>> {
        self.consent_beyond_registration(share, Vec::new())
    }

    /// The same, with claims that the verifier is not registered to ask for: each one a person's explicit act.
    pub fn consent_beyond_registration(&self, share: Vec<String>, beyond: Vec<String>) -> Result<Arc<Consent>> {
        self.0.change(|incoming| choose(incoming, &share, &beyond))?;
        Ok(Arc::new(Consent(Once::new(self.0.take()?.review()?))))
    }

    /// Refuses: the answer looks like any other and says only that nothing is shared.
    pub async fn decline(self: Arc<Self>) -> Result<Arc<Answer>> {
        worker::run(move || Ok(Arc::new(Answer(self.0.take()?.decline()?)))).await
    }
}

fn choose(incoming: &mut core::Incoming, share: &[String], beyond: &[String]) -> amana_core::error::Result<()> {
    let asked: Vec<ClaimPath> = incoming.items().iter().map(|item| item.path.clone()).collect();
    asked.iter().try_for_each(|path| incoming.withhold(path))?;
    share.iter().try_for_each(|path| incoming.share(&ClaimPath::parse(path)?))?;
    beyond.iter().try_for_each(|path| incoming.share_beyond_registration(&ClaimPath::parse(path)?))?;
    // Before the request is used: one that cannot be answered can still be declined.
    incoming.check_ready()
}

/// A decision that only waits to be carried out. Ends with `respond`.
#[derive(uniffi::Object)]
pub struct Consent(Once<core::Consent>);

#[uniffi::export]
impl Consent {
    /// What will be shown.
    pub fn shown(&self) -> Result<Vec<String>> {
        self.0.look(|consent| show::paths(consent.shown()))
    }

    /// What will be shown beside it, because the issuer left it open or tied it to what was chosen.
    pub fn also_shown(&self) -> Result<Vec<String>> {
        self.0.look(|consent| show::paths(consent.also_shown()))
    }

    /// What was asked for and will not be shown.
    pub fn withheld(&self) -> Result<Vec<String>> {
        self.0.look(|consent| show::paths(consent.withheld()))
    }

    /// Whether the answer will be larger than a refusal, so that a bystander can tell them apart.
    pub fn stands_out(&self) -> Result<bool> {
        self.0.look(core::Consent::stands_out)
    }

    /// What the person is told before the last tap.
    pub fn explain(&self) -> Result<Vec<Arc<Message>>> {
        self.0.look(|consent| show::messages(consent.explain()))
    }

    /// Signs and seals the answer, and remembers it.
    pub async fn respond(self: Arc<Self>) -> Result<Arc<Answer>> {
        worker::run(move || Ok(Arc::new(Answer(self.0.take()?.respond()?)))).await
    }
}

/// A sealed answer to show.
#[derive(uniffi::Object)]
pub struct Answer(core::Answer);

#[uniffi::export]
impl Answer {
    /// What the person is told beside the code: where all is well, nothing.
    pub fn explain(&self) -> Vec<Arc<Message>> {
        show::messages(self.0.explain())
    }

    /// The text to show as a code.
    pub fn text(&self) -> String {
        self.0.text()
    }

    /// The code to show.
    pub fn symbol(&self) -> Result<Arc<Symbol>> {
        Symbol::wrap(self.0.symbol())
    }
}

/// Something that is used once: what the type system says in Rust, said across the border by an error.
struct Once<T>(Mutex<Option<T>>);

impl<T> Once<T> {
    fn new(value: T) -> Self {
        Self(Mutex::new(Some(value)))
    }

    fn take(&self) -> Result<T> {
        Ok(self.value().take().ok_or(Error::AlreadyUsed)?)
    }

    fn look<R>(&self, look: impl FnOnce(&T) -> R) -> Result<R> {
        Ok(look(self.value().as_ref().ok_or(Error::AlreadyUsed)?))
    }

    fn change<R>(&self, change: impl FnOnce(&mut T) -> amana_core::error::Result<R>) -> Result<R> {
        Ok(change(self.value().as_mut().ok_or(Error::AlreadyUsed)?)?)
    }

    fn value(&self) -> std::sync::MutexGuard<'_, Option<T>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
