//! `claim169-peer`: the crate claim169-core reads and verifies a Claim 169 text. `turns.rs` says how it is spoken to.
//!
//! An input is `NAME.text`, as it stands in a code, and `NAME.key`: 32 bytes for Ed25519, or a point of P-256. The key is
//! read once, as a verifier has it. Everything else is the decoder as it comes, its clock included. The number is the
//! portrait's bytes.

mod turns;

use claim169_core::{CryptoResult, Decoder, EcdsaP256Verifier, Ed25519Verifier, SignatureVerifier, VerificationStatus};
use coset::iana::Algorithm;
use std::fs;
use std::sync::Arc;
use turns::{Result, Verify, serve};

fn main() -> Result<()> {
    serve("claim169-core 0.3.0", load)
}

fn load(name: &str) -> Result<Verify> {
    let text = fs::read_to_string(format!("{name}.text"))?;
    let key = fs::read(format!("{name}.key"))?;
    let verifier: Arc<dyn SignatureVerifier> = match key.len() {
        32 => Arc::new(Ed25519Verifier::from_bytes(&key)?),
        _ => Arc::new(EcdsaP256Verifier::from_sec1_bytes(&key)?),
    };
    Ok(Box::new(move || {
        let decoded = Decoder::new(text.as_str()).verify_with(Shared(verifier.clone())).decode()?;
        if decoded.verification_status != VerificationStatus::Verified {
            return Err("not verified".into());
        }
        Ok(decoded.claim169.photo.as_ref().map_or(0, Vec::len))
    }))
}

/// A verifier that each decoder can have.
struct Shared(Arc<dyn SignatureVerifier>);

impl SignatureVerifier for Shared {
    fn verify(&self, algorithm: Algorithm, key_id: Option<&[u8]>, data: &[u8], signature: &[u8]) -> CryptoResult<()> {
        self.0.verify(algorithm, key_id, data, signature)
    }
}
