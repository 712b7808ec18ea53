//! The certificates of cose-wg/Examples: a root, one under it, and messages that carry them.

use crate::{Suite, bytes};
use amana_core::cose::cbor;
use amana_core::cose::sign1::Sign1;
use amana_core::error::Error;
use amana_core::x509::{Certificate, Profile, Trusted, verify_chain};

/// 2026-11-22T12:00:00Z.
const NOW: i64 = 1_795_348_800;

fn untrusted(reason: &'static str) -> Error {
    Error::Untrusted { reason }
}

#[test]
fn a_chain_that_others_made() {
    let Some(suite) = Suite::find("cose") else { return };
    let read = |file: &str| {
        let [certificate] = &Certificate::parse_pem(&suite.text(&format!("x509-examples/{file}.crt"))).unwrap()[..]
        else {
            panic!("one certificate");
        };
        assert_eq!(certificate.to_bytes(), suite.bytes(&format!("x509-examples/{file}.der")));
        certificate.clone()
    };
    let (root, alice) = (read("ca"), read("alice"));
    assert_eq!(root.common_name().as_deref(), Some("Sample COSE Certificate Authority"));
    assert_eq!(alice.common_name().as_deref(), Some("Alice Lovelace"));
    assert_eq!((root.is_authority(), alice.is_authority()), (true, false));
    assert_eq!(alice.authority_key_id(), root.subject_key_id());
    assert_eq!(alice.issuer(), root.subject());
    let (roots, chain) = ([root.clone()], [alice.clone()]);
    // Both end in the year 2053, after which one byte of a year is not enough.
    let verify = |at| verify_chain(&chain, &roots, at, Profile::AnySigner);
    assert_eq!(verify(NOW), Ok(Trusted { root: 0, expires: root.expires() }));
    assert_eq!(root.expires(), 2_643_729_813);
    assert_eq!(verify(root.expires() - 1).map(drop), Ok(()));
    assert_eq!(verify(root.expires()), Err(untrusted("chain-expired")));
    assert_eq!(verify(alice.not_before() - 1), Err(untrusted("chain-not-yet-valid")));
    assert_eq!(verify_chain(&chain, &roots, NOW, Profile::DocumentSigner), Err(untrusted("chain-purpose")));
    assert_eq!(verify_chain(&chain, &[], NOW, Profile::AnySigner), Err(untrusted("chain-root-unknown")));
    assert_eq!(root.verify_signature(root.public_key().unwrap()), Ok(()));
    assert_eq!(root.verify_signature(alice.public_key().unwrap()), Err(untrusted("signature-invalid")));

    // A whole page with both of them in it.
    let page = Certificate::parse_pem(&suite.text("x509-examples/README.md")).unwrap();
    assert_eq!(page, [root.clone(), alice.clone()]);

    // The headers of a signer, as a message of one signer could have them.
    for (file, expected) in [("signed-03", vec![&alice]), ("signed-04", vec![&alice, &root])] {
        let message = bytes(&suite.json(&format!("x509-examples/{file}.json"))["output"], "cbor");
        let Ok(cbor::Value::Tag(98, message)) = cbor::parse(&message) else { panic!("{file}: no COSE_Sign") };
        let signer = &message.as_array().unwrap()[3].as_array().unwrap()[0];
        let [protected, unprotected, signature] = signer.as_array().unwrap() else { panic!("{file}: no signer") };
        let parts = vec![protected.clone(), unprotected.clone(), Vec::<u8>::new().into(), signature.clone()];
        let chain = Sign1::from_value(cbor::Value::Array(parts)).unwrap().x5chain().unwrap();
        let expected: Vec<_> = expected.iter().map(|certificate| certificate.to_bytes().to_vec()).collect();
        assert_eq!(chain, expected, "{file}");
    }
    suite.report("x509: a root and what it signed, alone and in messages");
}
