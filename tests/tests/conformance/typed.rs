//! Published facts small enough to be typed, each with its source.

use amana_core::crypto::kdf::{self, Argon2Cost};
use amana_core::crypto::seal::Ephemeral;
use amana_core::crypto::{Algorithm, Curve, SigningKey};
use amana_tests::from_hex;
use zeroize::Zeroizing;

/// RFC 8032 section 7.1, tests 1 to 3: seed, public key, message, signature.
const ED25519: [[&str; 4]; 3] = [
    [
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe246551\
         41438e7a100b",
    ],
    [
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d\
         291612bb0c00",
    ],
    [
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027\
         beceea1ec40a",
    ],
];

#[test]
fn ed25519_signs_as_rfc_8032_does() {
    for [seed, public, message, signature] in ED25519 {
        let seed: [u8; 32] = from_hex(seed).try_into().expect("32 bytes");
        let key = SigningKey::from_secret(Curve::Ed25519, &Zeroizing::new(seed)).unwrap();
        assert_eq!(key.public_key().coordinates(), (from_hex(public), None));
        assert_eq!(key.sign(&from_hex(message)).unwrap(), from_hex(signature));
        assert_eq!(key.public_key().verify(Algorithm::Ed25519, &from_hex(message), &from_hex(signature)), Ok(()));
    }
}

/// Argon2id 0x13 of the password "password" and the salt "somesalt": the reference implementation's `src/test.c`
/// (P-H-C/phc-winner-argon2 at f57e61e). Its `kats` take a secret and associated data, which the core never gives.
const ARGON2ID: [(u32, u32, u32, &str); 3] = [
    (256, 2, 1, "9dfeb910e80bad0311fee20f9c0e2b12c17987b4cac90c2ef54d5b3021c68bfe"),
    (256, 2, 2, "6d093c501fd5999645e0ea3bf620d7b8be7fd2db59c20d9fff9539da2bf57037"),
    (65_536, 2, 1, "09316115d5cf24ed5a15a31a3ba326e5cf32edc24702987c02b6566f61913cf7"),
];

#[test]
fn argon2id_derives_as_the_reference_does() {
    for (memory_kib, passes, lanes, expected) in ARGON2ID {
        let derived =
            kdf::argon2id(b"password", b"somesalt", Argon2Cost { memory_kib, passes, lanes }).expect("derived");
        assert_eq!(
            Ephemeral::from_secret(&derived).expose_secret()[..],
            from_hex(expected),
            "{memory_kib} {passes} {lanes}"
        );
    }
}
