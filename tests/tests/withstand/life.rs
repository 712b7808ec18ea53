//! A vault's life in steps, and what the vault must hold after each.

use amana_core::error::{Error, Result};
use amana_core::ports::WalletHost;
use amana_core::software;
use amana_core::vault::{Door, FileAge, Integrity, RecordId, RecordKind, Session, Vault};
use amana_core::wallet::Argon2Cost;
use amana_tests::pin;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

pub const KIND: RecordKind = RecordKind(1);
/// Where records lie, and the door that is taken beside it.
const OWN: Door = Door::One;
const OTHER: Door = Door::Three;

pub const FINE: Integrity = Integrity { file: FileAge::Newest, records_intact: true };

pub fn id(n: u32) -> RecordId {
    RecordId(core::array::from_fn(|i| n.to_be_bytes()[i % 4]))
}

/// A record of its own for every `fill`.
pub fn content(len: usize, fill: u64) -> Vec<u8> {
    format!("{fill} of {len}; ").into_bytes().into_iter().cycle().take(len).collect()
}

/// A folder in memory, where the system has one: a killed process leaves there what it leaves on a disk, and nobody waits
/// for the disk.
#[cfg(unix)]
pub fn folder_in_memory() -> tempfile::TempDir {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }.expect("a folder")
}

pub fn host(vault: &Path) -> WalletHost {
    software::host_beside(vault).expect("keys in files")
}

/// Every record.
pub fn read_all(session: &mut Session) -> Result<BTreeMap<RecordId, Vec<u8>>> {
    session.list(KIND)?.into_iter().map(|id| Ok((id, session.read(KIND, id)?.to_vec()))).collect()
}

/// What happens to a record.
#[derive(Clone, Debug)]
pub enum Change {
    Put { id: u32, len: usize, fill: u64 },
    Delete { id: u32 },
}

/// What is done at once.
#[derive(Clone, Debug)]
pub enum Step {
    Create { pin: String },
    Unlock,
    Lock,
    Write(Vec<Change>),
    ChangePin { pin: String },
    TakeDoor { pin: String },
}

/// What a vault must hold.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Life {
    /// None where there is no vault yet.
    pub pin: Option<String>,
    pub records: BTreeMap<RecordId, Vec<u8>>,
    /// The PIN of the other door, where it was taken.
    pub other: Option<String>,
}

impl Life {
    pub fn after(mut self, step: &Step) -> Self {
        match step {
            Step::Create { pin } | Step::ChangePin { pin } => self.pin = Some(pin.clone()),
            Step::TakeDoor { pin } => self.other = Some(pin.clone()),
            Step::Unlock | Step::Lock => {}
            Step::Write(changes) => changes.iter().for_each(|change| match *change {
                Change::Put { id: n, len, fill } => drop(self.records.insert(id(n), content(len, fill))),
                Change::Delete { id: n } => drop(self.records.remove(&id(n))),
            }),
        }
        self
    }

    /// What a vault holds whose life was this, while `step` was under way: checks that it opens, that no interruption
    /// is called an attack, and that it is as it was before the step or after it.
    #[track_caller]
    pub fn check_after(self, step: Option<&Step>, path: &Path) -> Self {
        let next = step.map_or_else(|| self.clone(), |step| self.clone().after(step));
        let vault = match Vault::open(path, host(path)) {
            Err(Error::NotFound { .. }) if self.pin.is_none() => return self,
            opened => opened.unwrap_or_else(|e| panic!("{step:?}: the vault does not open: {e}")),
        };
        // The other door first: a PIN that is wrong there is no more counted once the own door has opened.
        let other = match self.other == next.other {
            // Nothing was done to it, and Argon2 takes its time.
            true if !matches!(step, None | Some(Step::TakeDoor { .. })) => self.other.clone(),
            _ => {
                let opens = [&self.other, &next.other].into_iter().flatten();
                let found = opens.into_iter().find(|typed| vault.unlock(OTHER, &pin(typed)).is_ok()).cloned();
                let is_lost = found.is_none() && self.other.is_some() && !matches!(step, Some(Step::TakeDoor { .. }));
                assert!(!is_lost, "{step:?}: the other door does not open");
                found
            }
        };
        let mut typed = [&self.pin, &next.pin].into_iter().flatten();
        let opened = typed.find_map(|typed| match vault.unlock(OWN, &pin(typed)) {
            Err(Error::WrongPin { .. }) => None,
            opened => Some((typed.clone(), opened.unwrap_or_else(|e| panic!("{step:?}: the door does not open: {e}")))),
        });
        let (own, mut session) = opened.unwrap_or_else(|| panic!("{step:?}: neither PIN opens"));
        assert_eq!(session.integrity(), FINE, "{step:?}");
        let records = read_all(&mut session).unwrap_or_else(|e| panic!("{step:?}: a record cannot be read: {e}"));
        let found = Self { pin: Some(own), records, other };
        let is_one = |life: &Self| life.records == found.records;
        assert!(is_one(&self) || is_one(&next), "{step:?}: not as before, nor as after; {}", self.difference(&found));
        found
    }

    fn difference(&self, found: &Self) -> String {
        let lost = self.records.keys().filter(|id| !found.records.contains_key(id)).count();
        let more = found.records.keys().filter(|id| !self.records.contains_key(id)).count();
        let other = self.records.iter().filter(|(id, old)| found.records.get(id).is_some_and(|new| new != *old));
        format!("{lost} are gone, {more} are new, {} are others", other.count())
    }
}

/// Who leads a life, with a vault.
pub struct Liver {
    path: PathBuf,
    vault: Option<Vault>,
    session: Option<Session>,
    pin: String,
}

impl Liver {
    /// Whose vault lies there already, or is made by the first step.
    pub fn at(path: &Path, pin: &str) -> Self {
        let vault = path.exists().then(|| Vault::open(path, host(path)).expect("a vault"));
        Self { path: path.to_owned(), vault, session: None, pin: pin.to_owned() }
    }

    pub fn is_unlocked(&self) -> bool {
        self.session.is_some()
    }

    pub fn read_only(&self) -> Option<&'static str> {
        self.session.as_ref().and_then(Session::read_only)
    }

    /// Takes a step.
    pub fn carry_out(&mut self, step: &Step) -> Result<()> {
        match step {
            Step::Create { pin: new } => {
                let cost = Argon2Cost::FLOOR;
                let host = software::host_beside(&self.path)?;
                self.vault = Some(Vault::create(&self.path, host, OWN, &pin(new), cost)?);
                self.pin.clone_from(new);
            }
            Step::Unlock => self.session = Some(self.vault().unlock(OWN, &pin(&self.pin))?),
            Step::Lock => self.session = None,
            Step::Write(changes) => self.session().write(|batch| {
                changes.iter().try_for_each(|change| match *change {
                    Change::Put { id: n, len, fill } => batch.put(KIND, id(n), &content(len, fill)),
                    Change::Delete { id: n } if batch.has(KIND, id(n)) => batch.delete(KIND, id(n)),
                    Change::Delete { .. } => Ok(()),
                })
            })?,
            Step::ChangePin { pin: new } => {
                let task = self.session().pin_task()?;
                let (current, stretched) = (task.stretch(&pin(&self.pin))?, task.stretch(&pin(new))?);
                self.session().change_pin(&current, &stretched)?;
                self.pin.clone_from(new);
            }
            Step::TakeDoor { pin: new } => self.vault().take_door_and_destroy_what_is_behind(OTHER, &pin(new))?,
        }
        Ok(())
    }

    fn vault(&self) -> &Vault {
        self.vault.as_ref().expect("a vault")
    }

    fn session(&mut self) -> &mut Session {
        self.session.as_mut().expect("an open door")
    }
}
