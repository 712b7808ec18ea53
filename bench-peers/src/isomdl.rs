//! `isomdl-peer`: the crate isomdl verifies a DeviceResponse of ISO/IEC 18013-5. `turns.rs` says how it is spoken to.
//!
//! An input is `NAME.response`, `NAME.transcript` (both CBOR) and `NAME.root` (DER). What is verified is what isomdl's
//! reader verifies once a session has deciphered the response: the claims read, the chain to the root by its rules for
//! mDL, the issuer's signature, the device's signature. isomdl 0.2 never compares the digests that the issuer signed with
//! the items that came, so without more a claim could be exchanged for another. The input `NAME` therefore gets the
//! comparison here, in the leanest way that there is; `NAME:bare` is isomdl as it comes. The number is the claims'.

mod turns;

use ciborium::Value;
use isomdl::cbor;
use isomdl::definitions::helpers::Tag24;
use isomdl::definitions::session::SessionTranscript;
use isomdl::definitions::x509::trust_anchor::{TrustAnchor, TrustAnchorRegistry, TrustPurpose};
use isomdl::definitions::x509::validation::ValidationRuleset;
use isomdl::definitions::x509::x5chain::CertificateWithDer;
use isomdl::definitions::{DeviceResponse, DigestAlgorithm, Document, Mso};
use isomdl::presentation::authentication::mdoc::{device_authentication, issuer_authentication};
use isomdl::presentation::reader;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fs;
use turns::{Result, Verify, serve};

fn main() -> Result<()> {
    serve("isomdl 0.2.0, with digests compared", load)
}

/// The transcript as it is: nothing in it is looked at.
#[derive(Clone, Serialize, Deserialize)]
#[serde(transparent)]
struct Transcript(Value);

impl SessionTranscript for Transcript {}

fn load(name: &str) -> Result<Verify> {
    let (name, with_digests) = name.strip_suffix(":bare").map_or((name, true), |name| (name, false));
    let response = fs::read(format!("{name}.response"))?;
    let transcript: Transcript = cbor::from_slice(&fs::read(format!("{name}.transcript"))?)?;
    let certificate = CertificateWithDer::from_der(&fs::read(format!("{name}.root"))?)?.inner;
    let roots = TrustAnchorRegistry { anchors: vec![TrustAnchor { certificate, purpose: TrustPurpose::Iaca }] };
    Ok(Box::new(move || {
        let response: DeviceResponse = cbor::from_slice(&response)?;
        let (document, chain, claims) = reader::parse(&response)?;
        let chained = ValidationRuleset::Mdl.validate(&chain, &roots);
        if !chained.success() {
            return Err(format!("the chain: {}", chained.errors.join(", ")).into());
        }
        issuer_authentication(chain, &document.issuer_signed)?;
        device_authentication(document, transcript.clone())?;
        if with_digests {
            compare_digests(document)?;
        }
        Ok(claims.values().filter_map(|space| space.as_object()).map(|space| space.len()).sum())
    }))
}

/// That each item is one that the issuer signed.
fn compare_digests(document: &Document) -> Result<()> {
    let payload = document.issuer_signed.issuer_auth.payload.as_ref().ok_or("detached")?;
    let mso = cbor::from_slice::<Tag24<Mso>>(payload)?.into_inner();
    if !matches!(mso.digest_algorithm, DigestAlgorithm::SHA256) {
        return Err("another hash".into());
    }
    let spaces = document.issuer_signed.namespaces.as_ref().ok_or("no items")?;
    for (space, items) in spaces.iter() {
        let digests = mso.value_digests.get(space).ok_or("no digests")?;
        for item in items.iter() {
            let digest = digests.get(&item.as_ref().digest_id).ok_or("no digest")?;
            let bytes = &item.inner_bytes;
            let mut hash = Sha256::new();
            hash.update(head_of(bytes.len()));
            hash.update(bytes);
            if hash.finalize()[..] != *digest.as_ref() {
                return Err("another item than was signed".into());
            }
        }
    }
    Ok(())
}

/// Tag 24, and the head of a byte string so long.
fn head_of(len: usize) -> Vec<u8> {
    let mut head = vec![0xd8, 0x18];
    match len {
        0..24 => head.push(0x40 | len as u8),
        24..256 => head.extend([0x58, len as u8]),
        _ => {
            head.push(0x59);
            head.extend((len as u16).to_be_bytes());
        }
    }
    head
}
