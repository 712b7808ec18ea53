//! The key that a holder proves to have: in the vault, or inside the device.

use crate::crypto::{Algorithm, Curve, PublicKey, Signer, SigningKey, make_random, signature_from_der};
use crate::error::{Error, PortError, Result};
use crate::ports::{HolderKeyStore, HolderKeyUse, WalletHost};
use std::sync::Arc;

/// Where the key of a new card lies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum KeyPlace {
    /// In the vault: it goes where the vault goes, and into backups that its holder wants it in. Nothing outside the vault
    /// tells that it is there.
    #[default]
    Vault,
    /// Inside the device's hardware, on P-256: nobody can copy it, no backup holds it, and whoever can list the keystore
    /// sees that it is there.
    Device,
}

/// A holder key, wherever it lies.
pub enum HolderKey {
    /// The key itself.
    Vault(SigningKey),
    /// Its name inside the device, and its public half.
    Device { id: [u8; 16], public: PublicKey },
}

impl HolderKey {
    /// Makes a fresh key.
    pub fn make(place: KeyPlace, curve: Curve, host: &WalletHost) -> Result<Self> {
        match place {
            KeyPlace::Vault => SigningKey::make_on(curve, &*host.entropy).map(Self::Vault),
            KeyPlace::Device => {
                let id = make_random(&*host.entropy)?;
                let point = device(host)?.make(&id, HolderKeyUse::Sign)?;
                let public = PublicKey::parse_sec1(Curve::P256, &point).map_err(|_| PortError::Unavailable)?;
                Ok(Self::Device { id, public })
            }
        }
    }

    pub fn public_key(&self) -> PublicKey {
        match self {
            Self::Vault(key) => key.public_key(),
            Self::Device { public, .. } => public.clone(),
        }
    }

    /// What signs with it.
    pub fn signer<'a>(&'a self, host: &'a WalletHost) -> Result<Box<dyn Signer + 'a>> {
        Ok(match self {
            Self::Vault(key) => Box::new(key),
            Self::Device { id, public } => Box::new(InDevice { id, public, device: &**device(host)? }),
        })
    }

    /// Destroys what of it lies outside the vault. A device that does not answer keeps a key that no card needs.
    pub fn forget(&self, host: &WalletHost) {
        if let (Self::Device { id, .. }, Some(device)) = (self, &host.holder_keys) {
            let _ = device.delete(id);
        }
    }
}

fn device(host: &WalletHost) -> Result<&Arc<dyn HolderKeyStore>> {
    host.holder_keys.as_ref().ok_or(Error::Host { reason: PortError::Missing })
}

struct InDevice<'a> {
    id: &'a [u8; 16],
    public: &'a PublicKey,
    device: &'a dyn HolderKeyStore,
}

impl Signer for InDevice<'_> {
    fn public_key(&self) -> PublicKey {
        self.public.clone()
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>> {
        let der = self.device.sign(self.id, message)?;
        let signature = signature_from_der(Algorithm::Es256, &der).map_err(|_| PortError::Unavailable)?;
        // A keystore that signs with another key than it showed would make a card look forged.
        let holds = self.public.verify(self.public.algorithm(), message, &signature);
        holds.map_err(|_| PortError::Invalidated)?;
        Ok(signature)
    }
}
