//! C2SP CCTV: 914 Ed25519 edge cases, on which honest implementations differ.

use crate::{Suite, bytes};
use amana_core::crypto::{Algorithm, PublicKey};
use serde_json::Value;

/// `verify_strict` takes only what no key or signature point of small order, no other encoding and no cofactor made
/// right: the vectors whose one flag, if any, is a component of small order that cancels out.
#[test]
fn ed25519_is_strict() {
    let Some(suite) = Suite::find("cctv") else { return };
    let vectors = suite.json("ed25519/ed25519vectors.json");
    let vectors = vectors.as_array().expect("a list");
    assert_eq!(vectors.len(), 914);
    let is_accepted = |vector: &&Value| {
        let message = vector["msg"].as_str().expect("a message").as_bytes();
        PublicKey::parse_ed25519(&bytes(vector, "key"))
            .is_ok_and(|key| key.verify(Algorithm::Ed25519, message, &bytes(vector, "sig")).is_ok())
    };
    let accepted: Vec<_> = vectors.iter().filter(is_accepted).collect();
    for vector in &accepted {
        let flags = vector["flags"].as_array().map(Vec::as_slice).unwrap_or_default();
        let harmless = ["low_order_component_A", "low_order_component_R"];
        assert!(flags.iter().all(|flag| harmless.contains(&flag.as_str().expect("a flag"))), "{vector}");
    }
    assert_eq!(accepted.len(), 43);
    suite.report("ed25519: 43 of 914 accepted");
}
