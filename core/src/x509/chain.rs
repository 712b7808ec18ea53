//! Whether a signer's chain leads to a certificate that is believed (RFC 5280 section 6, without its policies).

use super::certificate::{Certificate, oid};
use crate::error::{Error, Result, untrusted};

/// Longest chain that comes with a card, the signer's certificate counted.
pub const MAX_CHAIN: usize = 4;

/// Key usage: signing anything but certificates and revocation lists.
const DIGITAL_SIGNATURE: u8 = 0x80;
/// Key usage: signing certificates.
const CERTIFICATE_SIGN: u8 = 0x04;

/// What a signer must be certified for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// Signing mdocs: extended key usage 1.0.18013.5.1.2 (ISO/IEC 18013-5 annex B.1.4).
    DocumentSigner,
    /// Asking for mdocs: extended key usage 1.0.18013.5.1.6 (ISO/IEC 18013-5 annex B.1.7).
    Reader,
    /// Signing cards of formats that have no extended key usage of their own: none is needed, and those that are there must
    /// not all be for something else (asking for mdocs, TLS, code, moments, revocation). A missing key usage restricts
    /// nothing.
    AnySigner,
}

/// A chain that holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trusted {
    /// Which of the given certificates it leads to.
    pub root: usize,
    /// First second at which one of its certificates is not valid any more.
    pub expires: i64,
}

/// Checks that `chain`, the signer's certificate first, leads to one of `roots`, and that all of it is valid at a moment.
///
/// `roots` are believed by equality: an authority, or the signer's own certificate. Those of them that stand in the chain
/// are found there; whatever comes after them is not looked at. Whether the chain leads to one of them at all is settled
/// first, then who signed, and last when: of a stranger's chain nothing is said but that it is a stranger's.
///
/// # Errors
/// `untrusted`:
///
/// | reason | what |
/// |---|---|
/// | `chain-empty` | no certificate |
/// | `chain-root-unknown` | leads to none of `roots`, not within [`MAX_CHAIN`] certificates |
/// | `chain-names` | the same, for a certificate whose issuer is not the next one's subject |
/// | `chain-signature` | a certificate that the next one did not sign |
/// | `chain-not-authority`, `chain-path-length` | a signer of certificates that is no authority, or not one over so many |
/// | `chain-key-usage`, `chain-purpose` | a key that is not for this |
/// | `chain-critical-extension` | something that must be understood and is not |
/// | `chain-not-yet-valid`, `chain-expired` | at this moment |
/// | `algorithm-unsupported`, `algorithm-mismatch` | a key or signature of another kind |
pub fn verify_chain(chain: &[Certificate], roots: &[Certificate], at: i64, profile: Profile) -> Result<Trusted> {
    let signer = chain.first().ok_or(untrusted("chain-empty"))?;
    let (length, root) = find_root(chain, roots)?;
    check_signer(signer, profile)?;
    let path = || chain[..length].iter().chain([&roots[root]]);
    if path().any(|certificate| certificate.extensions.has_unknown_critical) {
        return Err(untrusted("chain-critical-extension"));
    }
    if path().any(|certificate| at < certificate.not_before()) {
        return Err(untrusted("chain-not-yet-valid"));
    }
    let expires = path().map(Certificate::expires).min().unwrap_or(i64::MIN);
    if expires <= at { Err(untrusted("chain-expired")) } else { Ok(Trusted { root, expires }) }
}

/// How much of the chain leads to which root, every signature on the way checked.
fn find_root(chain: &[Certificate], roots: &[Certificate]) -> Result<(usize, usize)> {
    let unknown = untrusted("chain-root-unknown");
    let is_believed = |certificate: &Certificate| roots.contains(certificate);
    let is_below = |certificate: &Certificate| roots.iter().any(|root| is_named_issuer(certificate, root));
    // By names alone: no signature of a stranger's is looked at.
    let mut last = 0;
    while !is_believed(&chain[last]) && !is_below(&chain[last]) {
        let next = chain.get(last + 1).filter(|_| last + 1 < MAX_CHAIN).ok_or(unknown.clone())?;
        if !is_named_issuer(&chain[last], next) {
            return Err(untrusted("chain-names"));
        }
        last += 1;
    }
    for (below, pair) in chain[..=last].windows(2).enumerate() {
        check_issuer(&pair[0], &pair[1], below)?;
    }
    if let Some(root) = roots.iter().position(|root| *root == chain[last]) {
        return Ok((last, root));
    }
    // An authority may have several keys under one name: one of them signed.
    let mut failed = unknown;
    for (root, certificate) in roots.iter().enumerate().filter(|(_, root)| is_named_issuer(&chain[last], root)) {
        match check_issuer(&chain[last], certificate, last) {
            Ok(()) => return Ok((last + 1, root)),
            Err(error) => failed = error,
        }
    }
    Err(failed)
}

fn is_named_issuer(certificate: &Certificate, issuer: &Certificate) -> bool {
    let same_key = certificate.authority_key_id().zip(issuer.subject_key_id()).is_none_or(|(a, b)| a == b);
    certificate.issuer == issuer.subject && same_key
}

/// Whether `issuer` may sign certificates, and signed this one, with `below` authorities below it.
fn check_issuer(certificate: &Certificate, issuer: &Certificate, below: usize) -> Result<()> {
    let most = issuer.extensions.authority.ok_or(untrusted("chain-not-authority"))?;
    if most.is_some_and(|most| below > usize::from(most)) {
        return Err(untrusted("chain-path-length"));
    }
    if issuer.extensions.key_usage.is_none_or(|usage| usage & CERTIFICATE_SIGN == 0) {
        return Err(untrusted("chain-key-usage"));
    }
    match certificate.verify_signature(issuer.public_key()?) {
        Err(Error::Untrusted { reason: "signature-invalid" }) => Err(untrusted("chain-signature")),
        checked => checked,
    }
}

fn check_signer(signer: &Certificate, profile: Profile) -> Result<()> {
    let purpose = match profile {
        Profile::DocumentSigner => Some(oid::MDOC_DOCUMENT_SIGNER),
        Profile::Reader => Some(oid::MDOC_READER),
        Profile::AnySigner => None,
    };
    let usage = signer.extensions.key_usage;
    if usage.map_or(purpose.is_some(), |usage| usage & DIGITAL_SIGNATURE == 0) {
        return Err(untrusted("chain-key-usage"));
    }
    let purposes = &signer.extensions.purposes;
    let is_for_this = match purpose {
        Some(purpose) => purposes.iter().any(|found| purpose.as_bytes() == found),
        None => {
            let other = || oid::NO_CARDS.iter().chain([&oid::MDOC_READER]);
            purposes.is_empty() || purposes.iter().any(|found| other().all(|other| other.as_bytes() != found))
        }
    };
    if is_for_this { Ok(()) } else { Err(untrusted("chain-purpose")) }
}

#[cfg(all(test, feature = "issuer"))]
mod tests {
    use super::*;
    use crate::crypto::{Curve, SigningKey, signature_to_der};
    use crate::error::damaged;
    use crate::ports::OsEntropy;
    use crate::x509::{CertificateDraft, make_root, make_signer};
    use core::slice::from_ref;

    const BORN: i64 = 1_700_000_000;
    const DIES: i64 = 1_800_000_000;
    const NOW: i64 = 1_750_000_000;

    fn named(common_name: &str, not_before: i64, expires: i64) -> CertificateDraft {
        CertificateDraft {
            country: "UT".to_owned(),
            common_name: common_name.to_owned(),
            not_before,
            expires,
            contact: "https://utopia.example".to_owned(),
            revocation_list: "https://utopia.example/crl".to_owned(),
        }
    }

    fn key() -> SigningKey {
        SigningKey::make_on(Curve::P256, &OsEntropy).unwrap()
    }

    struct Desk {
        root_key: SigningKey,
        root: Certificate,
        signer_key: SigningKey,
        signer: Certificate,
    }

    impl Desk {
        fn on(curve: Curve) -> Self {
            let make = || SigningKey::make_on(curve, &OsEntropy).unwrap();
            let (root_key, signer_key) = (make(), make());
            let root = make_root(&named("Utopia root", BORN, DIES), &root_key, &OsEntropy).unwrap();
            let signer = signer(&root, &root_key, &signer_key, Profile::DocumentSigner);
            Self { root_key, root, signer_key, signer }
        }
    }

    fn signer(root: &Certificate, root_key: &SigningKey, key: &SigningKey, profile: Profile) -> Certificate {
        let draft = named("Utopia signer", BORN + 10, DIES - 10);
        make_signer(&draft, &key.public_key(), profile, root, root_key, &OsEntropy).unwrap()
    }

    /// The certificate with `from` made `to`, and signed again by the key it was signed with.
    fn altered(certificate: &Certificate, from: &[u8], to: &[u8], key: &SigningKey) -> Certificate {
        assert_eq!(from.len(), to.len());
        let der = certificate.to_bytes();
        let at = der.windows(from.len()).position(|window| window == from).expect("it is there");
        let der = [&der[..at], to, &der[at + from.len()..]].concat();
        let signed = 4 + 4 + usize::from(u16::from_be_bytes([der[6], der[7]]));
        let signature = signature_to_der(&key.sign(&der[4..signed]).unwrap()).unwrap();
        let algorithm = &der[signed..signed + 12];
        let bits = [&[3, signature.len() as u8 + 1, 0], &signature[..]].concat();
        let inner = [&der[4..signed], algorithm, &bits].concat();
        let length = (inner.len() as u16).to_be_bytes();
        Certificate::parse(&[&[0x30, 0x82, length[0], length[1]], &inner[..]].concat()).unwrap()
    }

    fn refused(chain: &[Certificate], roots: &[Certificate], at: i64) -> &'static str {
        match verify_chain(chain, roots, at, Profile::DocumentSigner) {
            Err(Error::Untrusted { reason }) => reason,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_chain_leads_to_its_root_until_the_first_of_them_expires() {
        for curve in [Curve::P256, Curve::Ed25519] {
            let (desk, other) = (Desk::on(curve), Desk::on(curve));
            let roots = [other.root, desk.root.clone()];
            let trusted = Trusted { root: 1, expires: DIES - 10 };
            let verify =
                |chain: &[Certificate], roots: &[Certificate]| verify_chain(chain, roots, NOW, Profile::DocumentSigner);
            assert_eq!(verify(from_ref(&desk.signer), &roots), Ok(trusted));
            // The root may come along, and the signer may be believed as it stands.
            assert_eq!(verify(&[desk.signer.clone(), desk.root.clone()], &roots), Ok(trusted));
            assert_eq!(verify(from_ref(&desk.signer), from_ref(&desk.signer)), Ok(Trusted { root: 0, ..trusted }));
            assert_eq!(desk.signer.common_name().as_deref(), Some("Utopia signer"));
            assert_eq!(desk.signer.country().as_deref(), Some("UT"));
            assert_eq!(desk.signer.public_key(), Ok(&desk.signer_key.public_key()));
        }
    }

    #[test]
    fn strangers_forgers_and_expiry_are_told_apart() {
        let (desk, other) = (Desk::on(Curve::P256), Desk::on(Curve::P256));
        let (signer, root) = (desk.signer.clone(), [desk.root.clone()]);
        let chain = [signer.clone()];
        assert_eq!(refused(&chain, &[], NOW), "chain-root-unknown");
        assert_eq!(refused(&[signer.clone(), desk.root.clone()], &[], NOW), "chain-root-unknown");
        // Of the same name, and by its key's name not the one.
        assert_eq!(refused(&chain, from_ref(&other.root), NOW), "chain-root-unknown");
        assert_eq!(refused(&[signer.clone(), other.signer], &root[..0], NOW), "chain-names");
        assert_eq!(refused(&chain, &root, BORN + 9), "chain-not-yet-valid");
        assert_eq!(refused(&chain, &root, DIES - 10), "chain-expired");
        assert_eq!(refused(&chain, from_ref(&other.root), DIES), "chain-root-unknown");
        let forged = altered(&signer, b"Utopia signer", b"Utopia forger", &key());
        assert_eq!(refused(&[forged], &root, NOW), "chain-signature");
        let ed25519 = SigningKey::make(&OsEntropy).unwrap().public_key();
        assert_eq!(signer.verify_signature(&ed25519), Err(untrusted("algorithm-mismatch")));
        assert_eq!(signer.verify_signature(&key().public_key()), Err(untrusted("signature-invalid")));
        assert_eq!(refused(&[], &root, NOW), "chain-empty");
        // What comes after a root is not looked at; one that comes after too many is not reached.
        assert!(verify_chain(&vec![signer; 9], &root, NOW, Profile::DocumentSigner).is_ok());
        let long = [vec![desk.root.clone(); MAX_CHAIN], vec![other.root.clone()]].concat();
        assert_eq!(refused(&long, &[other.root], NOW), "chain-root-unknown");
    }

    #[test]
    fn a_key_signs_only_what_it_is_for() {
        let desk = Desk::on(Curve::P256);
        let root = [desk.root.clone()];
        for profile in [Profile::Reader, Profile::AnySigner] {
            let signer = signer(&desk.root, &desk.root_key, &key(), profile);
            assert_eq!(refused(from_ref(&signer), &root, NOW), "chain-purpose");
            assert!(verify_chain(&[signer], &root, NOW, profile).is_ok());
        }
        // Who asks for cards signs none, of no format; who signs mdocs signs others too.
        let any = |signer: &Certificate| verify_chain(from_ref(signer), &root, NOW, Profile::AnySigner).map(drop);
        let reader = signer(&desk.root, &desk.root_key, &key(), Profile::Reader);
        assert_eq!(any(&reader), Err(untrusted("chain-purpose")));
        assert_eq!(any(&desk.signer), Ok(()));
        // Of a stranger's it is only said that it is a stranger's.
        assert_eq!(refused(from_ref(&reader), &[], NOW), "chain-root-unknown");
        // A root is no signer of cards.
        assert_eq!(refused(&root, &root, NOW), "chain-key-usage");
        let usage = [3, 2, 7, 0x80];
        let encipherment = altered(&desk.signer, &usage, &[3, 2, 5, 0x20], &desk.root_key);
        assert_eq!(refused(&[encipherment], &root, NOW), "chain-key-usage");
        let no_certificates = altered(&desk.root, &[3, 2, 1, 6], &[3, 2, 1, 2], &desk.root_key);
        assert_eq!(refused(&[desk.signer], &[no_certificates], NOW), "chain-key-usage");
    }

    #[test]
    fn only_authorities_sign_certificates_and_only_so_many_below_them() {
        let desk = Desk::on(Curve::P256);
        let below = key();
        // What a signer signs is nothing, though it may sign cards.
        let draft = named("Utopia third", BORN + 10, DIES - 10);
        let third = make_signer(
            &draft,
            &below.public_key(),
            Profile::DocumentSigner,
            &desk.signer,
            &desk.signer_key,
            &OsEntropy,
        );
        let third = third.unwrap();
        let root = [desk.root.clone()];
        assert_eq!(refused(&[third.clone(), desk.signer.clone()], &root, NOW), "chain-not-authority");
        assert_eq!(refused(&[third], &[desk.signer], NOW), "chain-not-authority");
        // An authority below a root that has room for none, and below one that has room for one.
        let own = make_root(&named("Utopia 2nd.", BORN, DIES), &below, &OsEntropy).unwrap();
        let id = |of: &Certificate| [&[0x80, 20], of.subject_key_id().unwrap()].concat();
        let rename = |root: &Certificate| {
            let named = altered(&own, own.subject(), root.subject(), &desk.root_key);
            altered(&named, &id(&own), &id(root), &desk.root_key)
        };
        let with_room = altered(&desk.root, &[0xff, 2, 1, 0], &[0xff, 2, 1, 1], &desk.root_key);
        let signed = signer(&own, &below, &key(), Profile::DocumentSigner);
        let chain = [signed, rename(&desk.root)];
        assert_eq!(refused(&chain, &root, NOW), "chain-path-length");
        assert_eq!(refused(&chain, &[], NOW), "chain-root-unknown");
        assert_eq!(verify_chain(&chain, &[with_room], NOW, Profile::DocumentSigner).map(|trusted| trusted.root), Ok(0));
        assert_eq!(refused(&chain[..1], &root, NOW), "chain-root-unknown");
    }

    #[test]
    fn what_must_be_understood_and_is_not_is_refused() {
        let desk = Desk::on(Curve::P256);
        // Key usage under another name, still critical.
        let (key_usage, other) = ([0x55, 0x1d, 0x0f, 1, 1, 0xff], [0x55, 0x1d, 0x7f, 1, 1, 0xff]);
        let unknown = altered(&desk.signer, &key_usage, &other, &desk.root_key);
        let root = [desk.root];
        let verify = |signer: Certificate| verify_chain(&[signer], &root, NOW, Profile::AnySigner).map(drop);
        assert_eq!(verify(unknown), Err(untrusted("chain-critical-extension")));
        // The same, not critical; and a key usage that allows nothing, which is not the same as none.
        let ignored = [0x55, 0x1d, 0x7f, 1, 1, 0];
        assert_eq!(verify(altered(&desk.signer, &key_usage, &ignored, &desk.root_key)), Ok(()));
        let nothing = altered(&desk.signer, &[4, 4, 3, 2, 7, 0x80], &[4, 4, 3, 2, 7, 0], &desk.root_key);
        assert_eq!(verify(nothing), Err(untrusted("chain-key-usage")));
    }

    #[test]
    fn a_certificate_cut_anywhere_is_refused_and_no_flipped_bit_is_believed() {
        let desk = Desk::on(Curve::P256);
        let (der, root) = (desk.signer.to_bytes(), [desk.root.clone()]);
        for end in 0..der.len() {
            assert_eq!(Certificate::parse(&der[..end]), Err(damaged("certificate")), "{end}");
        }
        assert_eq!(Certificate::parse(&[der, &[0]].concat()), Err(damaged("certificate")));
        for bit in 0..der.len() * 8 {
            let mut flipped = der.to_vec();
            flipped[bit / 8] ^= 1 << (bit % 8);
            let verified = Certificate::parse(&flipped)
                .and_then(|signer| verify_chain(&[signer], &root, NOW, Profile::DocumentSigner));
            assert!(verified.is_err(), "{bit}");
        }
    }

    #[test]
    fn files_hold_several_and_something_around_them() {
        use base64ct::{Base64, Encoding as _};
        let desk = Desk::on(Curve::P256);
        let block = |certificate: &Certificate| {
            let body = Base64::encode_string(certificate.to_bytes());
            let lines: Vec<_> = body.as_bytes().chunks(64).map(|line| str::from_utf8(line).unwrap()).collect();
            format!("-----BEGIN CERTIFICATE-----\r\n{}\r\n-----END CERTIFICATE-----\r\n", lines.join("\r\n"))
        };
        let file = format!("subject=Utopia\n{}\n{}", block(&desk.root), block(&desk.signer));
        assert_eq!(Certificate::parse_pem(&file), Ok(vec![desk.root, desk.signer]));
        assert_eq!(Certificate::parse_pem(""), Err(Error::Foreign));
        assert_eq!(Certificate::parse_pem(&file[..file.len() - 10]), Err(damaged("certificate-pem")));
        let longer = "A".repeat(40_000);
        let wrong = format!("-----BEGIN CERTIFICATE-----{longer}-----END CERTIFICATE-----");
        assert_eq!(Certificate::parse_pem(&wrong), Err(damaged("certificate-pem")));
    }
}
