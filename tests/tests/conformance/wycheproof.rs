//! C2SP Wycheproof, through what the core exposes. What it does not take (other nonce lengths) is
//! counted as not exposed: no caller can reach it.

use crate::{Suite, bytes, fixed};
use amana_core::crypto::seal::{Ephemeral, Use};
use amana_core::crypto::{
    Agree as _, AgreementKey, Algorithm, Curve, PublicKey, Secret, aead, kdf, signature_from_der,
};
use amana_core::error::Error;
use hkdf::Hkdf;
use serde_json::Value;
use sha2::Sha256;
use zeroize::Zeroizing;

/// Every test of a file with its group. `check` says whether the core takes it; none where the core exposes no way to
/// ask. "acceptable" leaves the choice open.
fn run(suite: &Suite, file: &str, expected: usize, check: impl Fn(&Value, &Value) -> Option<bool>) {
    let vectors = suite.json(file);
    let (mut checked, mut not_exposed) = (0, 0);
    for group in vectors["testGroups"].as_array().expect("groups") {
        for test in group["tests"].as_array().expect("tests") {
            let Some(taken) = check(group, test) else {
                not_exposed += 1;
                continue;
            };
            let result = test["result"].as_str().expect("a result");
            assert!(result == "acceptable" || taken == (result == "valid"), "{file}: {test}");
            checked += 1;
        }
    }
    suite.report(format_args!("{file}: {checked} as they say, {not_exposed} not exposed"));
    assert_eq!(checked, expected, "{file}");
}

fn secret(key: [u8; 32]) -> Secret<32> {
    Secret::from_zeroizing(Zeroizing::new(key))
}

/// The bytes of a secret, by the one public way out of it.
fn reveal(secret: &Secret<32>) -> [u8; 32] {
    *Ephemeral::from_secret(secret).expose_secret()
}

fn verify(algorithm: Algorithm, key: &PublicKey, test: &Value) -> Option<bool> {
    Some(key.verify(algorithm, &bytes(test, "msg"), &bytes(test, "sig")).is_ok())
}

#[test]
fn signatures() {
    let Some(suite) = Suite::find("wycheproof") else { return };
    run(&suite, "ed25519_test.json", 151, |group, test| {
        let key = PublicKey::parse_ed25519(&bytes(&group["publicKey"], "pk")).expect("a key");
        verify(Algorithm::Ed25519, &key, test)
    });
    // There is no such file for P-384 here: the examples of SD-CWT and COSE stand for it.
    run(&suite, "ecdsa_secp256r1_sha256_p1363_test.json", 262, |group, test| {
        let point = bytes(&group["publicKey"], "uncompressed");
        verify(Algorithm::Es256, &PublicKey::parse_sec1(Curve::P256, &point).expect("a key"), test)
    });
    run(&suite, "ecdsa_secp256r1_sha256_test.json", 484, |group, test| {
        let key = PublicKey::parse_sec1(Curve::P256, &bytes(&group["publicKey"], "uncompressed")).expect("a key");
        let raw = signature_from_der(Algorithm::Es256, &bytes(test, "sig"));
        Some(raw.and_then(|raw| key.verify(Algorithm::Es256, &bytes(test, "msg"), &raw)).is_ok())
    });
}

/// The core shows no shared secret. So the vector's own is used to seal a message as an independent writer would, and
/// the core opens it if it agrees on the secret.
#[test]
fn agreement() {
    let Some(suite) = Suite::find("wycheproof") else { return };
    run(&suite, "x25519_test.json", 518, |_, test| {
        let (own, writer) = (Ephemeral::from_secret(&secret(fixed(test, "private"))), fixed::<32>(test, "public"));
        let context = [7; 32];
        let mut okm = [0; 44];
        let info = [&b"amana/1 response"[..], &own.public_key(), &writer];
        let expanded = Hkdf::<Sha256>::new(Some(&context), &bytes(test, "shared")).expand_multi_info(&info, &mut okm);
        expanded.expect("a length that HKDF has");
        let (key, nonce) = okm.split_first_chunk::<32>().expect("44 bytes");
        let body =
            aead::seal_once(&secret(*key), nonce.try_into().expect("12 bytes"), &context, b"agreed").expect("sealed");
        let sealed = [&context[..8], &writer, &body].concat();
        let opened = own.open(Use::Response, &context, &sealed);
        let has_flag = |flag: &str| test["flags"].as_array().is_some_and(|flags| flags.iter().any(|f| f == flag));
        if has_flag("ZeroSharedSecret") {
            // RFC 7748 section 6.1.
            assert_eq!(opened, Err(Error::Untrusted { reason: "point-small-order" }), "{test}");
            return Some(false);
        }
        assert_eq!(opened.map(|plain| plain.to_vec()), Ok(b"agreed".to_vec()), "{test}");
        Some(true)
    });
}

#[test]
fn agreement_on_p256() {
    let Some(suite) = Suite::find("wycheproof") else { return };
    run(&suite, "ecdh_secp256r1_ecpoint_test.json", 355, |_, test| {
        // The scalars stand as whole numbers: with a zero more, or as short as they are.
        let number = bytes(test, "private");
        let number = number.strip_prefix(&[0]).unwrap_or(&number);
        let mut scalar = Zeroizing::new([0; 32]);
        scalar[32 - number.len()..].copy_from_slice(number);
        let own = AgreementKey::from_secret(&scalar).expect("a scalar");
        let Ok(peer) = PublicKey::parse_sec1(Curve::P256, &bytes(test, "public")) else { return Some(false) };
        let shared = own.agree(&peer).expect("agreed");
        Some(reveal(&shared)[..] == bytes(test, "shared"))
    });
}

#[test]
fn derivation() {
    let Some(suite) = Suite::find("wycheproof") else { return };
    // Expanding further changes no byte before: the first 32 tell. Lengths beyond HKDF's do not compile.
    run(&suite, "hkdf_sha256_test.json", 83, |_, test| {
        let expected = bytes(test, "okm");
        let found = kdf::derive::<32>(&bytes(test, "ikm"), &bytes(test, "salt"), &[&bytes(test, "info")]);
        let len = expected.len().min(32);
        (test["size"].as_u64()? <= 255 * 32).then(|| reveal(&found)[..len] == expected[..len])
    });
    run(&suite, "hmac_sha256_test.json", 174, |_, test| {
        Some(kdf::hmac_starts_with(&bytes(test, "key"), &bytes(test, "msg"), &bytes(test, "tag")))
    });
    run(&suite, "pbkdf2_hmacsha256_test.json", 60, |_, test| {
        let (expected, rounds) = (bytes(test, "dk"), test["iterationCount"].as_u64()?.try_into().ok()?);
        let found = kdf::pbkdf2::<32>(&bytes(test, "password"), &bytes(test, "salt"), rounds);
        let len = expected.len().min(32);
        Some(reveal(&found)[..len] == expected[..len])
    });
}

#[test]
fn sealing() {
    let Some(suite) = Suite::find("wycheproof") else { return };
    run(&suite, "chacha20_poly1305_test.json", 316, |_, test| {
        let nonce: [u8; 12] = bytes(test, "iv").try_into().ok()?;
        let seal = |key: &_, aad: &[u8], plain: &[u8]| aead::seal_once(key, &nonce, aad, plain);
        Some(check_aead(test, seal, |key, aad, sealed| aead::open_once(key, &nonce, aad, sealed)))
    });
    run(&suite, "xchacha20_poly1305_test.json", 306, |_, test| {
        let nonce: [u8; 24] = bytes(test, "iv").try_into().ok()?;
        let seal = |key: &_, aad: &[u8], plain: &[u8]| aead::seal(key, &nonce, aad, plain);
        Some(check_aead(test, seal, |key, aad, sealed| aead::open(key, &nonce, aad, sealed)))
    });
}

#[test]
fn sealing_with_aes_gcm() {
    let Some(suite) = Suite::find("wycheproof") else { return };
    run(&suite, "aes_gcm_test.json", 197, |_, test| {
        let nonce: [u8; 12] = bytes(test, "iv").try_into().ok()?;
        let (key, aad, plain) = (bytes(test, "key"), bytes(test, "aad"), bytes(test, "msg"));
        let sealed = [bytes(test, "ct"), bytes(test, "tag")].concat();
        let opened = aead::gcm_open(&key, &nonce, &aad, &sealed);
        let is_sealed_alike = aead::gcm_seal(&key, &nonce, &aad, &plain).expect("sealed") == sealed;
        assert_eq!(opened.is_ok(), is_sealed_alike, "{test}");
        Some(opened.is_ok_and(|opened| *opened == plain))
    });
}

fn check_aead(
    test: &Value,
    seal: impl Fn(&Secret<32>, &[u8], &[u8]) -> Result<Vec<u8>, Error>,
    open: impl Fn(&Secret<32>, &[u8], &[u8]) -> Result<Zeroizing<Vec<u8>>, Error>,
) -> bool {
    let (key, aad, plain) = (secret(fixed(test, "key")), bytes(test, "aad"), bytes(test, "msg"));
    let sealed = [bytes(test, "ct"), bytes(test, "tag")].concat();
    let opened = open(&key, &aad, &sealed);
    let is_sealed_alike = seal(&key, &aad, &plain).expect("sealed") == sealed;
    assert_eq!(opened.is_ok(), is_sealed_alike, "{test}");
    opened.is_ok_and(|opened| *opened == plain)
}
