//! The vectors and examples of draft-ietf-oauth-status-list-21.

use crate::{Suite, bytes};
use amana_core::cose::{Sign1, cbor};
use amana_core::credential::Claims;
use amana_core::crypto::{Curve, PublicKey};
use amana_core::error::Error;
use amana_core::trust::{StatusList, StatusListToken};
use amana_tests::from_hex;
use base64ct::{Base64UrlUnpadded, Encoding as _};
use serde_json::Value;
use std::collections::BTreeMap;

/// The public half of the key that the draft's examples are signed with: the repository's `src/util.py`, kid "12".
fn key() -> PublicKey {
    let coordinate = |text| Base64UrlUnpadded::decode_vec(text).expect("base64url");
    let x = coordinate("I3HWm_0Ds1dPMI-IWmf4mBmH-YaeAVbPVu7vB27CxXo");
    let y = coordinate("6N_d5Elj9bs1htgV3okJKIdbHEpkgTmAluYKJemzn1M");
    PublicKey::parse_sec1(Curve::P256, &[&[4], &x[..], &y].concat()).expect("a point")
}

/// A file whose lines are broken for print.
fn unbroken(suite: &Suite, file: &str) -> String {
    suite.text(file).split_ascii_whitespace().collect()
}

/// The `StatusList` structure in CBOR, as tokens hold it.
fn from_cbor(encoded: &[u8]) -> StatusList {
    let map = cbor::parse(encoded).expect("CBOR");
    let bits = map.get("bits").and_then(cbor::Value::as_int).expect("bits");
    let lst = map.get("lst").and_then(cbor::Value::as_bytes).expect("lst");
    StatusList::parse(bits as u64, lst).expect("a list")
}

/// The same in JSON.
fn from_json(json: &Value) -> StatusList {
    let lst = Base64UrlUnpadded::decode_vec(json["lst"].as_str().expect("lst")).expect("base64url");
    StatusList::parse(json["bits"].as_u64().expect("bits"), &lst).expect("a list")
}

/// The draft's appendix "Test vectors": four lists of 2^20 statuses, each status looked up.
#[test]
fn the_long_lists_at_every_index() {
    let Some(suite) = Suite::find("token-status-list") else { return };
    let vectors = suite.json("status_list_vectors.json");
    let vectors = vectors.as_array().expect("a list");
    let bits: Vec<_> = vectors.iter().map(|vector| vector["bits"].as_u64().expect("bits")).collect();
    assert_eq!(bits, [1, 2, 4, 8]);
    let mut looked_up = 0_u64;
    for vector in vectors {
        let size = vector["size"].as_u64().expect("size");
        assert_eq!(size, 1 << 20);
        let entries = vector["entries"].as_object().expect("entries").iter();
        let set: BTreeMap<u64, u8> = entries
            .map(|(index, status)| (index.parse().expect("a number"), status.as_u64().expect("a status") as u8))
            .collect();
        let (in_cbor, in_json) = (from_cbor(&bytes(vector, "cbor_hex")), from_json(&vector["json"]));
        assert_eq!(in_cbor, in_json);
        assert_eq!((u64::from(in_cbor.bits()), in_cbor.entries()), (vector["bits"].as_u64().expect("bits"), size));
        for index in 0..size {
            let expected = set.get(&index).copied().unwrap_or(0);
            assert_eq!(in_cbor.status(index), Some(expected), "{} bits, index {index}", in_cbor.bits());
            looked_up += 1;
        }
        assert_eq!(in_cbor.status(size), None);
        // What is written again is read alike.
        let again = StatusList::parse(in_cbor.bits().into(), &in_cbor.to_compressed());
        assert_eq!(again.as_ref(), Ok(&in_cbor));
    }
    suite.report(format_args!("{looked_up} statuses in {} lists, each in CBOR and JSON", vectors.len()));
}

/// The lists of the draft's section 4, and the long ones as its examples print them.
#[test]
fn the_lists_of_the_examples() {
    let Some(suite) = Suite::find("token-status-list") else { return };
    for (name, packed) in [("status_list_encoding", &[0xb9, 0xa3][..]), ("status_list_encoding2", &[0xc9, 0x44, 0xf9])]
    {
        let encoded = |form: &str| {
            let text = suite.text(&format!("examples/{name}_{form}.md"));
            text.split_once("encoded:").expect("a heading").1.to_owned()
        };
        let list = from_cbor(&from_hex(encoded("cbor").trim()));
        assert_eq!(from_json(&serde_json::from_str(&encoded("json")).expect("JSON")), list);
        let per_byte = 8 / u64::from(list.bits());
        for index in 0..packed.len() as u64 * per_byte {
            let expected = packed[(index / per_byte) as usize] >> (index % per_byte * u64::from(list.bits()));
            assert_eq!(list.status(index), Some(expected & (0xff >> (8 - list.bits()))));
        }
    }
    let vectors = suite.json("status_list_vectors.json");
    for (name, vector) in [("encoding1_long", 0), ("encoding2_long", 1), ("encoding4", 2), ("encoding8", 3)] {
        let printed = from_cbor(&from_hex(&unbroken(&suite, &format!("examples/status_list_{name}_cbor.md"))));
        assert_eq!(printed, from_cbor(&bytes(&vectors[vector], "cbor_hex")), "{name}");
        let json = unbroken(&suite, &format!("examples/status_list_{name}_json.md"));
        assert_eq!(printed, from_json(&serde_json::from_str(&json).expect("JSON")), "{name}");
    }
    suite.report("the lists of six examples, each in CBOR and JSON");
}

/// No bit can be turned but in the octets that are not signed, and no end can be cut off.
fn check_alterations(whole: &[u8], is_unsigned: impl Fn(usize) -> bool) {
    let holds = |bytes: &[u8]| StatusListToken::parse(bytes).is_ok_and(|token| token.verify_issuer(&key()).is_ok());
    for at in 0..whole.len() * 8 {
        let mut altered = whole.to_vec();
        altered[at / 8] ^= 1 << (at % 8);
        assert!(!holds(&altered) || is_unsigned(at / 8), "bit {at}");
    }
    for len in 0..whole.len() {
        assert!(!holds(&whole[..len]), "{len}");
    }
}

fn check_claims(token: StatusListToken) {
    let claims = token.into_claims().expect("a list");
    assert_eq!(claims.uri, "https://example.com/statuslists/1");
    assert_eq!((claims.issued_at, claims.expires), (1_686_920_170, Some(2_291_720_170)));
    assert_eq!(claims.time_to_live, Some(43_200));
    assert_eq!((claims.list.bits(), claims.list.entries()), (1, 16));
    let statuses: Vec<_> = (0..16).filter_map(|index| claims.list.status(index)).collect();
    assert_eq!(statuses, [1, 0, 0, 1, 1, 1, 0, 1, 1, 1, 0, 0, 0, 1, 0, 1]);
}

/// Its `kid` stands outside of the signature, and counts for nothing.
#[test]
fn the_token_in_cwt() {
    let Some(suite) = Suite::find("token-status-list") else { return };
    let whole = from_hex(&unbroken(&suite, "examples/status_list_cwt.md"));
    let token = StatusListToken::parse(&whole).expect("the example");
    assert_eq!((token.kid(), token.issuer()), (None, None));
    assert_eq!(token.verify_issuer(&key()), Ok(()));
    check_claims(token);
    check_alterations(&whole, |at| is_in_kid(&whole, at));
    suite.report("status_list_cwt: holds, and no flip of what is signed does");
}

/// Signed with an `iss` that the same example, printed by parts, does not have.
#[test]
fn the_token_in_jwt() {
    let Some(suite) = Suite::find("token-status-list") else { return };
    let whole = unbroken(&suite, "examples/status_list_jwt_raw.md").into_bytes();
    let token = StatusListToken::parse(&whole).expect("the example");
    assert_eq!((token.kid(), token.issuer()), (Some(&b"12"[..]), Some("https://example.com")));
    assert_eq!(token.verify_issuer(&key()), Ok(()));
    check_claims(token);
    check_alterations(&whole, |_| false);
    let printed = suite.text("examples/status_list_jwt.md");
    let (header, claims) = printed.split_once("\n.\n").expect("two parts");
    let mut parts = std::str::from_utf8(&whole).expect("text").split('.').map(Base64UrlUnpadded::decode_vec);
    let mut part =
        || -> Value { serde_json::from_slice(&parts.next().expect("a part").expect("base64url")).expect("JSON") };
    assert_eq!(part(), serde_json::from_str::<Value>(header).expect("JSON"));
    let mut said = part();
    assert_eq!(said.as_object_mut().expect("claims").remove("iss"), Some("https://example.com".into()));
    assert_eq!(said, serde_json::from_str::<Value>(claims).expect("JSON"));
    suite.report("status_list_jwt: holds, and no flip does");
}

/// Whether this byte belongs to the unprotected header `{4: "12"}`.
fn is_in_kid(whole: &[u8], at: usize) -> bool {
    let kid = whole.windows(5).position(|window| window == [0xa1, 0x04, 0x42, 0x31, 0x32]).expect("the kid");
    (kid..kid + 5).contains(&at)
}

/// A CWT that is no SD-CWT: its reference is where a card's would be.
#[test]
fn the_referenced_token() {
    let Some(suite) = Suite::find("token-status-list") else { return };
    let bytes = from_hex(&unbroken(&suite, "examples/referenced_token_cwt.md"));
    let signed = Sign1::parse(&bytes).expect("the example");
    assert_eq!(signed.verify(&[], &key()), Ok(()));
    assert_eq!(StatusListToken::parse(&bytes).err(), Some(Error::Foreign));
    let claims = amana_core::credential::to_json(&Claims::parse(signed.payload()).expect("claims"));
    let list = &claims["status"]["status_list"];
    assert_eq!((list["idx"].as_u64(), list["uri"].as_str()), (Some(0), Some("https://example.com/statuslists/1")));
    suite.report("referenced_token_cwt: holds");
}
