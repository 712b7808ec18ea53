//! SD-JWT VC with key binding, beside the package @sd-jwt/sd-jwt-vc on Node.
//!
//! Two signatures are verified, and the algorithm's own cost is most of it: Node calls OpenSSL's assembler, Amana the same
//! Rust on every phone. What is Amana's own is the rest, which `sd-jwt-reading` measures alone: both sides read, hash and
//! compare as ever; the peer takes signatures for granted, and of Amana's time that of the same two is taken off.

use crate::peers::{Peer, ratio, row, time};
use crate::{CALLS, TURNS, beside, load, write};
use amana_core::credential::sd_jwt::{SdJwtKb, issue};
use amana_core::credential::{Binding, Credential as _};
use amana_core::crypto::{Curve, PublicKey, SigningKey};
use amana_core::issuer::CardDraft;
use amana_core::jose::{Jws, jwk};
use amana_core::ports::OsEntropy;
use amana_tests::{ISSUER, NOW};
use base64ct::{Base64UrlUnpadded, Encoding as _};
use serde_json::json;
use std::env;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

/// Twelve claims, each in a disclosure of its own; no group around them, so that both sides count alike.
const CARD: &str = r#"{
    "type": "https://id.example/ration-card", "valid_from": "2026-01-01", "valid_until": "2027-12-31",
    "claims": {"given_name": "Amina", "family_name": "Juma", "birth_date": "1984-02-29", "sex": "F", "family_size": 5,
        "children": 3, "ration_card": "TZ-0041-7782", "category": "B", "village": "Nyarugusu", "district": "Kasulu",
        "zone": "4", "country": "TZ"}
}"#;
const AUDIENCE: &str = "https://verifier.example";

pub fn measure(folder: &Path) {
    let Some(script) = env::var_os("AMANA_SD_JWT_PEER") else {
        return eprintln!("sd-jwt: no peer to measure against");
    };
    let mut peer = Peer::start(Command::new("node").arg(script), folder);
    eprintln!("\n12 claims in as many disclosures and a key binding, beside {}", peer.about());
    let mut input = Input::make(Curve::P256);
    for (name, curve, bar) in [("sd-jwt-es256", Curve::P256, 1.25), ("sd-jwt-eddsa", Curve::Ed25519, 0.4)] {
        input = Input::make(curve);
        input.write(folder, name);
        load(&mut peer, name, input.verify());
        let verified = beside(&mut peer, name, || input.verify());
        row(name, verified, "x sd-jwt-vc on Node", bar);
    }
    load(&mut peer, "sd-jwt-eddsa:reading", input.verify());
    let calls = |_| (0..CALLS).map(|_| input.but_for_signatures()).collect();
    let rest = ratio("sd-jwt-reading", TURNS, calls, |_| peer.times(&format!("turn {CALLS}")));
    row("sd-jwt-reading", rest, "x sd-jwt-vc, no signatures", 0.2);
}

struct Input {
    token: Vec<u8>,
    /// The key binding alone.
    proof: Jws,
    issuer: PublicKey,
    holder: PublicKey,
    nonce: String,
}

impl Input {
    fn make(curve: Curve) -> Self {
        let [issuer, holder] = [(); 2].map(|()| SigningKey::make_on(curve, &OsEntropy).expect("randomness"));
        let draft = CardDraft::from_json(CARD).expect("a draft");
        let card = issue(&draft, ISSUER, Some(&holder.public_key()), b"desk-1", &[], &issuer, &OsEntropy);
        let challenge = vec![7; 16];
        let nonce = Base64UrlUnpadded::encode_string(&challenge);
        let binding = Binding { audience: AUDIENCE.to_owned(), challenge: Some(challenge), request: None };
        let token = card.expect("a card").present(&binding, Some(&holder), NOW, &OsEntropy).expect("a presentation");
        let (_, proof) = str::from_utf8(&token).expect("text").rsplit_once('~').expect("a proof");
        let proof = Jws::parse(proof).expect("a JWS");
        Self { proof, token, issuer: issuer.public_key(), holder: holder.public_key(), nonce }
    }

    fn write(&self, folder: &Path, name: &str) {
        let token = str::from_utf8(&self.token).expect("text");
        let input = json!({"token": token, "issuer": jwk::to_value(&self.issuer), "nonce": self.nonce});
        write(folder, &format!("{name}.json"), input.to_string());
    }

    /// Reads and verifies it; how many claims the payload has.
    fn verify(&self) -> usize {
        let shown = SdJwtKb::parse(&self.token).expect("read");
        shown.card().verify_issuer(&self.issuer).expect("the issuer's signature holds");
        shown.verify_key_binding(AUDIENCE, &self.nonce).expect("the holder's proof holds");
        shown.card().all_claims().len()
    }

    /// What verifying takes beside its two signatures: they are verified once more, right after it.
    fn but_for_signatures(&self) -> Duration {
        let shown = SdJwtKb::parse(&self.token).expect("read");
        let verify = time(|| self.verify());
        let signatures = time(|| {
            shown.card().verify_issuer(&self.issuer).expect("the issuer's signature holds");
            self.proof.verify(&self.holder).expect("the holder's signature holds");
        });
        verify.saturating_sub(signatures)
    }
}
