//! Changing the PINs of an open door.
//!
//! ```text
//! pin_task (counts an attempt) ─► PinTask::stretch each PIN, without the session ─► change_pin · set_panic_pin · …
//! ```

use super::attempts;
use super::cells::OpenSlot;
use super::keys::{PinKeys, SlotKey};
use super::layout::{Door, FileRow};
use super::session::Session;
use super::slot::{SlotSeal, Wrap};
use crate::crypto::Pin;
use crate::error::{Error, Result, invalid};
use crate::ports::WalletHost;

/// What a change of PIN needs of a session, so that its long part runs without it.
pub struct PinTask {
    file: FileRow,
    door: Door,
    host: WalletHost,
}

impl PinTask {
    /// Stretches a PIN. Takes as long as Argon2 takes, and may wait for a person.
    ///
    /// # Errors
    /// `host`, `storage` (`memory`).
    pub fn stretch(&self, pin: &Pin) -> Result<PinKeys> {
        PinKeys::derive(&*self.host.device_key, &self.file, self.door, pin)
    }
}

/// What a panic PIN opens: a slot and its key.
pub struct PanicOpens(Door, SlotKey);

impl Session {
    /// Begins a change of PIN, and counts an attempt: an open phone is no place to search for PINs either.
    ///
    /// # Errors
    /// `too-soon`, `in-use`, `storage`, `host`.
    pub fn pin_task(&mut self) -> Result<PinTask> {
        self.write_header(|slot, header| attempts::count(header, &*slot.host.clock))?;
        let slot = self.slot();
        Ok(PinTask { file: slot.file.clone(), door: slot.door, host: slot.host.clone() })
    }

    /// What this session has open, for a panic PIN of another door.
    pub fn as_panic_target(&self) -> PanicOpens {
        PanicOpens(self.slot().slot, self.slot().slot_key.duplicate())
    }

    /// Wraps the slot's key under another PIN. The old PIN opens nothing afterwards.
    ///
    /// # Errors
    /// `wrong-pin` where `current` is not the PIN that this session was opened with; `invalid` (`panic-pin-same`);
    /// `host`, `in-use`, `storage`.
    pub fn change_pin(&mut self, current: &PinKeys, new: &PinKeys) -> Result<()> {
        self.change_pins(current, |slot, seal| {
            if seal.unwrap(&slot.file, slot.door, Wrap::Panic, new).is_some() {
                return Err(invalid("panic-pin-same"));
            }
            let leads_to = (slot.slot, &slot.slot_key);
            seal.wrap(&slot.file, slot.door, Wrap::Pin, new, leads_to, &*slot.host.entropy)
        })
    }

    /// Sets the door's panic PIN, in place of the one there may be. Typed at this door it destroys the door's key, and
    /// opens another slot that is open now, or none: an empty one. Nothing in the file tells whether there is one.
    ///
    /// # Errors
    /// As [`change_pin`](Self::change_pin); `invalid` (`panic-opens-itself`) where `opens` is what this door opens: it
    /// would not be destroyed.
    pub fn set_panic_pin(&mut self, current: &PinKeys, panic: &PinKeys, opens: Option<&PanicOpens>) -> Result<()> {
        self.change_pins(current, |slot, seal| {
            if opens.is_some_and(|opens| opens.0 == slot.slot) {
                return Err(invalid("panic-opens-itself"));
            }
            if seal.unwrap(&slot.file, slot.door, Wrap::Pin, panic).is_some() {
                return Err(invalid("panic-pin-same"));
            }
            let empty = PanicOpens(slot.door, SlotKey::make(&*slot.host.entropy)?);
            let PanicOpens(leads_to, key) = opens.unwrap_or(&empty);
            seal.wrap(&slot.file, slot.door, Wrap::Panic, panic, (*leads_to, key), &*slot.host.entropy)
        })
    }

    /// Takes the door's panic PIN away, if there is one.
    ///
    /// # Errors
    /// As [`change_pin`](Self::change_pin).
    pub fn unset_panic_pin(&mut self, current: &PinKeys) -> Result<()> {
        self.change_pins(current, |slot, seal| seal.unset(Wrap::Panic, &*slot.host.entropy))
    }

    fn change_pins(
        &mut self,
        current: &PinKeys,
        change: impl FnOnce(&OpenSlot, &mut SlotSeal) -> Result<()>,
    ) -> Result<()> {
        self.write_header(|slot, header| {
            let retry_after = attempts::to_seconds(attempts::delay_ms(header.attempts));
            header.attempts = 0;
            let seal = &mut header.slots[slot.door.index()];
            if seal.unwrap(&slot.file, slot.door, slot.by, current).is_none() {
                current.door.as_ref().map_err(Error::clone)?;
                return Err(Error::WrongPin { retry_after });
            }
            // What a panic PIN has opened becomes the door's own: to whoever watches, it always was.
            if slot.by == Wrap::Panic {
                let leads_to = (slot.slot, &slot.slot_key);
                seal.wrap(&slot.file, slot.door, Wrap::Pin, current, leads_to, &*slot.host.entropy)?;
                seal.unset(Wrap::Panic, &*slot.host.entropy)?;
            }
            change(slot, seal)
        })?;
        self.entered_by(Wrap::Pin);
        Ok(())
    }
}
