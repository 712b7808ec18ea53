//! mdoc from desk to field, and what attacks it. The vectors of ISO/IEC 18013-5 are in `conformance/mdoc.rs`.

use amana_core::cose::Sign1;
use amana_core::cose::cbor::{self, Encoded, Value};
use amana_core::credential::Draft;
use amana_core::credential::mdoc::session::{
    Engagement, KeyBytes, Session, SessionData, SessionEstablishment, SessionTranscript,
};
use amana_core::credential::mdoc::{
    AskedElement, DeviceRequest, DeviceResponse, Document, DocumentError, DocumentRequest, Mdoc, issue,
};
use amana_core::credential::{
    Binding, ClaimName, ClaimPath, Claims, Credential, Format, Presentation as _, StatusReference, Value as ClaimValue,
    parse_card,
};
use amana_core::crypto::{
    Agree as _, AgreementKey, Curve, PublicKey, SigningKey, sha256, sha384, sha512, signature_to_der,
};
use amana_core::error::{Error, Result};
use amana_core::issuer::CardDraft;
use amana_core::ports::OsEntropy;
use amana_core::x509::{Certificate, CertificateDraft, Profile, make_root, make_signer, verify_chain};
use amana_tests::{NOW, certificate_draft};
use std::slice::from_ref;

const LICENCE: &str = "org.iso.18013.5.1";
const LOCAL: &str = "org.example.1";
const DOC_TYPE: &str = "org.iso.18013.5.1.mDL";
/// 2025-12-01T00:00:00Z and 2028-01-01T00:00:00Z.
const DESK_TIME: (i64, i64) = (1_764_547_200, 1_830_297_600);

const JSON: &str = r#"{
    "type": "org.iso.18013.5.1.mDL", "valid_from": "2026-01-01", "valid_until": "2027-12-31",
    "claims": {
        "org.iso.18013.5.1": {
            "family_name": "Juma", "birth_date": {"$date": "1984-02-29"}, "issuing_country": "UT",
            "portrait": {"$bytes": "_9j_4A"}, "driving_privileges": [{"vehicle_category_code": "A"}]
        },
        "org.example.1": {"age_over_18": true, "height": 1.5, "family_name": "J."}
    }
}"#;

struct Desk {
    root_key: SigningKey,
    root: Certificate,
    key: SigningKey,
    signer: Certificate,
    holder: SigningKey,
}

fn certificate_of(common_name: &str, country: &str) -> CertificateDraft {
    CertificateDraft { country: country.to_owned(), ..certificate_draft(common_name, DESK_TIME) }
}

fn key() -> SigningKey {
    SigningKey::make_on(Curve::P256, &OsEntropy).expect("randomness")
}

fn draft() -> Draft {
    CardDraft::from_json(JSON).expect("a draft")
}

impl Desk {
    fn new() -> Self {
        Self::of_holder(key())
    }

    fn of_holder(holder: SigningKey) -> Self {
        let (root_key, key) = (key(), key());
        let root = make_root(&certificate_of("Utopia root", "UT"), &root_key, &OsEntropy).expect("a root");
        let signer = certificate_of("Utopia signer", "UT");
        let signer = make_signer(&signer, &key.public_key(), Profile::DocumentSigner, &root, &root_key, &OsEntropy);
        Self { root_key, root, key, signer: signer.expect("a signer"), holder }
    }

    fn issue(&self) -> Mdoc {
        self.issue_draft(&draft()).expect("a card")
    }

    fn issue_draft(&self, draft: &Draft) -> Result<Mdoc> {
        issue(draft, &self.holder.public_key(), &self.key, from_ref(&self.signer), &OsEntropy)
    }

    /// All that a verifier with this desk's root checks of a card.
    fn judge(&self, card: &dyn Credential) -> Result<()> {
        let chain: Vec<_> = card.chain().iter().map(|der| Certificate::parse(der)).collect::<Result<_>>()?;
        verify_chain(&chain, from_ref(&self.root), NOW, Profile::DocumentSigner)?;
        card.check_signer(&chain[0])?;
        card.verify_issuer(chain[0].public_key()?)
    }

    fn judge_bytes(&self, bytes: &[u8]) -> Result<()> {
        self.judge(&Mdoc::parse(bytes)?)
    }

    fn sign(&self, object: &Entries) -> Sign1 {
        let payload = Encoded::of_value(&Value::Map(object.clone()));
        let mut signed = Sign1::sign_of_old([], payload.as_bytes().to_vec(), &[], &self.key).expect("signed");
        signed.set_x5chain(&[self.signer.to_bytes().to_vec()]);
        signed
    }

    /// A card as an issuer who does not keep to the rules could make it: its object and its name spaces changed, and signed.
    fn misissue(&self, change: impl FnOnce(&mut Entries, &mut Entries)) -> Vec<u8> {
        let (mut spaces, auth) = take_apart(&self.issue());
        let Ok(Value::Map(mut object)) = cbor::parse(cbor::content_of(auth.payload()).unwrap()) else {
            panic!("a map")
        };
        change(&mut object, &mut spaces);
        put_together(spaces, &self.sign(&object))
    }
}

type Entries = Vec<(Value, Value)>;

fn take_apart(card: &Mdoc) -> (Entries, Sign1) {
    let value = cbor::parse(&card.to_bytes()).expect("CBOR");
    let Some(Value::Map(spaces)) = value.get("nameSpaces").cloned() else { panic!("name spaces") };
    (spaces, Sign1::from_value(value.get("issuerAuth").cloned().expect("signed")).expect("a signature"))
}

fn put_together(spaces: Entries, auth: &Sign1) -> Vec<u8> {
    Value::Map(vec![("nameSpaces".into(), Value::Map(spaces)), ("issuerAuth".into(), auth.to_untagged_value())])
        .to_bytes()
}

fn field<'a>(entries: &'a mut Entries, name: &str) -> &'a mut Value {
    &mut entries.iter_mut().find(|(key, _)| *key == name.into()).unwrap_or_else(|| panic!("no {name}")).1
}

fn map(value: &mut Value) -> &mut Entries {
    if let Value::Map(entries) = value { entries } else { panic!("no map") }
}

fn list(value: &mut Value) -> &mut Vec<Value> {
    if let Value::Array(items) = value { items } else { panic!("no list") }
}

fn item(number: u64, random: usize, element: &str, value: Value) -> Encoded {
    Encoded::of_value(&Value::Map(vec![
        ("digestID".into(), number.into()),
        ("random".into(), vec![7; random].into()),
        ("elementIdentifier".into(), element.into()),
        ("elementValue".into(), value),
    ]))
}

/// Puts an item into a card, and its digest into the object.
fn add(object: &mut Entries, spaces: &mut Entries, number: u64, item: Encoded) {
    let digests = map(field(map(field(object, "valueDigests")), LOCAL));
    digests.push((number.into(), sha256(item.as_bytes())[..].into()));
    list(field(spaces, LOCAL)).push(item.into());
}

fn path(space: &str, element: &str) -> ClaimPath {
    ClaimPath::new(vec![space.into(), element.into()]).expect("a path")
}

fn binding() -> Binding {
    Binding { audience: "verifier".to_owned(), challenge: Some(vec![1; 16]), request: Some([2; 32]) }
}

fn damaged(reason: &'static str) -> Error {
    Error::Damaged { reason }
}

fn untrusted(reason: &'static str) -> Error {
    Error::Untrusted { reason }
}

fn invalid(reason: &'static str) -> Error {
    Error::Invalid { reason }
}

mod life {
    use super::*;

    /// A root on P-384 and three signers on P-256 below it, signed with SHA-256, SHA-384 and SHA-512: OpenSSL takes the first of
    /// them for any curve unless told otherwise.
    #[test]
    fn the_hash_of_a_certificates_signature_need_not_be_that_of_the_curve() {
        let all = Certificate::parse_pem(include_str!("files/p384-root-and-signers.pem")).unwrap();
        let (root, signers) = all.split_first().unwrap();
        assert_eq!(signers.len(), 3);
        for signer in signers {
            let at = signer.not_before() + 1;
            assert!(verify_chain(from_ref(signer), from_ref(root), at, Profile::DocumentSigner).is_ok());
            let mut der = signer.to_bytes().to_vec();
            *der.last_mut().unwrap() ^= 1;
            let forged = Certificate::parse(&der).unwrap();
            let refused = verify_chain(&[forged], from_ref(root), at, Profile::DocumentSigner);
            assert_eq!(refused, Err(Error::Untrusted { reason: "chain-signature" }));
        }
    }

    #[test]
    fn a_card_goes_from_desk_to_field() {
        for holder in [key(), SigningKey::make(&OsEntropy).unwrap()] {
            let desk = Desk::of_holder(holder);
            let issued = desk.issue();
            let card = parse_card(&issued.to_bytes()).unwrap();
            assert_eq!((card.format(), Format::of_name("mdoc")), (Format::Mdoc, Ok(Format::Mdoc)));
            assert_eq!((Format::Mdoc.number(), card.issuer(), card.card_type()), (3, "", DOC_TYPE));
            assert_eq!(card.to_bytes(), issued.to_bytes());
            assert_eq!((card.check_whole(), desk.judge(&*card)), (Ok(()), Ok(())));
            assert_eq!(card.claims(), sorted(&draft().claims, &card.claims()));
            let validity = card.validity();
            assert_eq!((validity.not_before, validity.expires), (Some(1_767_225_600), Some(1_830_297_600)));
            assert!(validity.holds_at(NOW));
            assert_eq!(card.status(), None);

            let chosen = [path(LOCAL, "age_over_18"), path(LICENCE, "family_name")];
            let part = card.select(&chosen).unwrap();
            assert_eq!(part.check_whole(), Err(damaged("mdoc-not-whole")));
            let shown = part.present(&binding(), Some(&desk.holder), NOW, &OsEntropy).unwrap();
            assert!(shown.len() <= part.to_bytes().len() + part.proof_len());
            let presented = Format::Mdoc.parse_presentation(&shown).unwrap();
            assert_eq!(presented.verify_holder(&binding()), Ok(()));
            assert_eq!(desk.judge(presented.card()), Ok(()));
            assert_eq!(presented.card().shown_by_all().unwrap(), chosen);
            assert_eq!(presented.to_bytes(), shown);
        }
    }

    /// The elements of `claims` in the order of `like`, which chance gave it.
    fn sorted(claims: &Claims, like: &Claims) -> Claims {
        let of = |claims: &Claims, name: &ClaimName| claims.value(name).expect("it is there").clone();
        let space = |(name, elements): &(ClaimName, ClaimValue)| {
            let ClaimValue::Map(own) = of(claims, name) else { panic!("a name space") };
            let ClaimValue::Map(elements) = elements else { panic!("a name space") };
            assert_eq!(own.len(), elements.len());
            let elements = elements.iter().map(|(element, _)| (element.clone(), of(&own, element))).collect();
            (name.clone(), ClaimValue::Map(Claims::new(elements).unwrap()))
        };
        assert_eq!(claims.len(), like.len());
        Claims::new(like.iter().map(space).collect()).unwrap()
    }

    #[test]
    fn everything_can_be_withheld_and_nothing_else_goes_along() {
        let desk = Desk::new();
        let card = desk.issue();
        let nothing = card.select(&[]).unwrap();
        assert!(nothing.claims().is_empty());
        assert_eq!((Mdoc::parse(&nothing.to_bytes()).map(drop), desk.judge(&*nothing)), (Ok(()), Ok(())));
        assert_eq!(card.shown_by(&[]), Ok(Vec::new()));
        // A whole name space, and an element by something inside it.
        let space = ClaimPath::new(vec![LOCAL.into()]).unwrap();
        assert_eq!(card.select(from_ref(&space)).unwrap().claims().leaves_count(), 3);
        let inside = ClaimPath::new(vec![LICENCE.into(), "driving_privileges".into(), 0_i64.into()]).unwrap();
        let privileges = card.select(from_ref(&inside)).unwrap();
        assert_eq!(privileges.shown_by_all(), card.shown_by(&[inside]));
        let bytes = privileges.to_bytes();
        for withheld in ["family_name", "portrait", LOCAL, "Juma"] {
            // The object, in which the digests stand, names name spaces and no element.
            let found = bytes.windows(withheld.len()).filter(|window| *window == withheld.as_bytes()).count();
            assert_eq!(found, usize::from(withheld == LOCAL), "{withheld}");
        }
        let missing = card.select(&[path(LOCAL, "portrait")]);
        assert_eq!(missing.err(), Some(Error::NotFound { what: "claim" }));
        assert!(!format!("{card:?}").contains("Juma"));
    }

    trait Leaves {
        fn leaves_count(&self) -> usize;
    }

    impl Leaves for Claims {
        fn leaves_count(&self) -> usize {
            self.iter().map(|(_, value)| if let ClaimValue::Map(inside) = value { inside.len() } else { 1 }).sum()
        }
    }

    #[test]
    fn a_card_is_read_with_its_document_around_it_and_nothing_else_is_taken_for_one() {
        let desk = Desk::new();
        let (card, bytes) = (desk.issue(), desk.issue().to_bytes());
        let inner = cbor::parse(&bytes).unwrap();
        let document = |doc_type: &str| {
            Value::Map(vec![("docType".into(), doc_type.into()), ("issuerSigned".into(), inner.clone())]).to_bytes()
        };
        assert_eq!(parse_card(&document(DOC_TYPE)).unwrap().to_bytes(), bytes);
        assert_eq!(Mdoc::parse(&document("org.example.other")).err(), Some(damaged("mdoc-doc-type")));
        let response = card.present(&binding(), Some(&desk.holder), NOW, &OsEntropy).unwrap();
        for other in [&b"AM1C:"[..], b"{}", &[], &[0xa0], &[0xd2, 0x84], &response] {
            assert_eq!(Mdoc::parse(other).err(), Some(Error::Foreign));
        }
        for other in [&bytes[..], &[0xa0], b"x"] {
            assert_eq!(DeviceResponse::parse(other).err(), Some(Error::Foreign));
            assert_eq!(DeviceRequest::parse(other).err(), Some(Error::Foreign));
        }
    }

    #[test]
    fn the_desk_refuses_what_the_format_has_not() {
        let desk = Desk::new();
        let refused = |change: &dyn Fn(&mut Draft)| {
            let mut draft = draft();
            change(&mut draft);
            desk.issue_draft(&draft).err()
        };
        let unsupported = Some(invalid("draft-unsupported"));
        assert_eq!(refused(&|draft| draft.open.push(path(LOCAL, "height"))), unsupported);
        assert_eq!(refused(&|draft| draft.split.push(path(LICENCE, "driving_privileges"))), unsupported);
        assert_eq!(refused(&|draft| draft.digests.push((None, 8))), unsupported);
        assert_eq!(refused(&|draft| draft.valid_until = time::macros::date!(2025 - 12 - 31)), Some(invalid("dates")));
        // Before the signer's certificate.
        assert_eq!(refused(&|draft| draft.valid_from = time::macros::date!(2025 - 11 - 30)), Some(invalid("dates")));
        for wrong in [
            vec![("name".into(), ClaimValue::Bool(true))],
            vec![("name".into(), ClaimValue::Map(Claims::default()))],
            vec![(7_i64.into(), ClaimValue::Map(Claims::default()))],
            Vec::new(),
        ] {
            let claims = Claims::new(wrong).unwrap();
            assert_eq!(refused(&|draft| draft.claims = claims.clone()), Some(invalid("name-space")));
        }
        let other = issue(&draft(), &desk.holder.public_key(), &key(), from_ref(&desk.signer), &OsEntropy);
        assert_eq!(other.err(), Some(invalid("certificate")));
        let stranger = key();
        let presented = desk.issue().present(&binding(), Some(&stranger), NOW, &OsEntropy);
        assert_eq!(presented, Err(invalid("holder-key")));
        assert_eq!(desk.issue().present(&binding(), None, NOW, &OsEntropy), Err(invalid("holder-key")));
    }

    #[test]
    fn two_devices_meet_ask_and_answer() {
        let (desk, agreeing) = (Desk::new(), AgreementKey::make(&OsEntropy).unwrap());
        // A card whose key agrees, for a proof by code.
        let card = issue(&draft(), &agreeing.public_key(), &desk.key, from_ref(&desk.signer), &OsEntropy).unwrap();
        let (device_key, reader_key) =
            (AgreementKey::make(&OsEntropy).unwrap(), AgreementKey::make(&OsEntropy).unwrap());
        let engagement = Engagement::make(&device_key.public_key(), None);
        let engagement = Engagement::parse(engagement.as_bytes()).unwrap();

        let own = KeyBytes::of(&reader_key.public_key());
        let transcript = SessionTranscript::of_qr(&engagement, &own);
        let mut reader = Session::of_reader(&reader_key, engagement.device_key(), &transcript).unwrap();
        let (signing, asked) = (key(), AskedElement { path: path(LOCAL, "age_over_18"), kept: false });
        let reader_certificate = make_signer(
            &certificate_of("A shop", "UT"),
            &signing.public_key(),
            Profile::Reader,
            &desk.root,
            &desk.root_key,
            &OsEntropy,
        );
        let chain = [reader_certificate.unwrap()];
        let document = DocumentRequest::make(DOC_TYPE, vec![asked.clone()]).unwrap();
        let document = document.sign(&transcript, &signing, &chain).unwrap();
        let request = DeviceRequest { documents: vec![document] };
        let data = reader.seal(&request.to_bytes()).unwrap();
        let first = SessionEstablishment { reader_key: own, data }.to_bytes();

        let first = SessionEstablishment::parse(&first).unwrap();
        assert_eq!(SessionTranscript::of_qr(&engagement, &first.reader_key), transcript);
        let mut device = Session::of_device(&device_key, first.reader_key.public_key(), &transcript).unwrap();
        let request = DeviceRequest::parse(&device.open(&first.data).unwrap()).unwrap();
        let trusted = request.documents[0].verify_reader(&transcript, from_ref(&desk.root), NOW);
        assert_eq!(trusted.map(|trusted| trusted.expires), Ok(DESK_TIME.1));
        assert_eq!(request.documents[0].elements(), from_ref(&asked));
        let part = Mdoc::parse(&card.select(&[asked.path]).unwrap().to_bytes()).unwrap();
        let peer = first.reader_key.public_key();
        let document = Document::authenticate(part, &Claims::default(), &transcript, &agreeing, peer).unwrap();
        let missing = DocumentError { doc_type: "org.example.other".to_owned(), code: 0 };
        let response = DeviceResponse { errors: vec![missing.clone()], ..DeviceResponse::of(document) };
        let answer =
            SessionData { data: Some(device.seal(&response.to_bytes()).unwrap()), status: Some(20) }.to_bytes();

        let answer = SessionData::parse(&answer).unwrap();
        let response = DeviceResponse::parse(&reader.open(&answer.data.unwrap()).unwrap()).unwrap();
        assert_eq!((response.errors, answer.status), (vec![missing], Some(20)));
        let document = &response.documents[0];
        assert_eq!(document.verify_device(&transcript, Some(&reader_key)), Ok(()));
        assert_eq!(desk.judge(document.card()), Ok(()));
        assert_eq!(document.card().claims().leaves_count(), 1);
    }

    #[test]
    fn requests_name_elements_and_only_signed_ones_name_a_reader() {
        let asked = |path| vec![AskedElement { path, kept: true }];
        for wrong in [vec![], asked(ClaimPath::parse("name").unwrap()), asked(ClaimPath::parse("a.b.c").unwrap())] {
            assert_eq!(DocumentRequest::make(DOC_TYPE, wrong).err(), Some(invalid("claim-path")));
        }
        let request = DocumentRequest::make(DOC_TYPE, asked(path(LOCAL, "height"))).unwrap();
        let transcript = SessionTranscript::of_exchange(&binding());
        assert_eq!(request.verify_reader(&transcript, &[], NOW), Err(untrusted("proof-missing")));
        assert_eq!(request.reader(), Ok(Vec::new()));
        assert_eq!(request.clone().sign(&transcript, &key(), &[]).err(), Some(invalid("certificate")));
        // A signer of documents is no reader.
        let desk = Desk::new();
        let signed = request.sign(&transcript, &desk.key, from_ref(&desk.signer)).unwrap();
        let verified = signed.verify_reader(&transcript, &[desk.root], NOW);
        assert_eq!(verified, Err(untrusted("chain-purpose")));
    }
}

mod attacks {
    use super::*;

    #[test]
    fn what_the_issuer_did_not_sign_is_refused() {
        let desk = Desk::new();
        let (spaces, auth) = take_apart(&desk.issue());
        let judge = |change: &dyn Fn(&mut Entries)| {
            let mut spaces = spaces.clone();
            change(&mut spaces);
            desk.judge_bytes(&put_together(spaces, &auth))
        };
        assert_eq!(judge(&|_| ()), Ok(()));
        // An item of one's own, an item of the other name space, one twice, two of one number.
        let own = item(0, 16, "age_over_18", Value::TRUE);
        assert_eq!(judge(&|spaces| list(field(spaces, LOCAL))[0] = own.clone().into()), Err(damaged("mdoc-digest")));
        let moved = |spaces: &mut Entries| {
            let item = list(field(spaces, LICENCE)).pop().expect("an item");
            list(field(spaces, LOCAL)).push(item);
        };
        // Its number is one that the other name space has not, or that of another item.
        let refused = judge(&moved);
        assert!([Err(damaged("mdoc-digest")), Err(damaged("mdoc-digest-twice"))].contains(&refused), "{refused:?}");
        let alone = |spaces: &mut Entries| {
            let items = list(field(spaces, LICENCE)).clone();
            *spaces = vec![(LOCAL.into(), items.into())];
        };
        assert_eq!(judge(&alone), Err(damaged("mdoc-digest")));
        let twice = |spaces: &mut Entries| list(field(spaces, LOCAL)).extend_from_within(..1);
        assert_eq!(judge(&twice), Err(damaged("mdoc-digest-twice")));
        let renamed = |spaces: &mut Entries| spaces[0].0 = "org.example.2".into();
        assert_eq!(judge(&renamed), Err(damaged("mdoc-digest")));
        assert_eq!(judge(&|spaces| list(field(spaces, LOCAL)).clear()), Err(damaged("mdoc-shape")));
        assert_eq!(judge(&|spaces| spaces.clear()), Err(damaged("mdoc-shape")));
        let plain = |spaces: &mut Entries| list(field(spaces, LOCAL))[0] = Value::Bytes(own.content().to_vec());
        assert_eq!(judge(&plain), Err(damaged("mdoc-shape")));
    }

    #[test]
    fn an_issuer_who_breaks_the_rules_is_refused() {
        let desk = Desk::new();
        let judge = |change: &dyn Fn(&mut Entries, &mut Entries)| desk.judge_bytes(&desk.misissue(change));
        assert_eq!(judge(&|_, _| ()), Ok(()));
        let added = |item: fn() -> Encoded| judge(&move |object, spaces| add(object, spaces, 100, item()));
        assert_eq!(added(|| item(100, 16, "sex", 2_u64.into())), Ok(()));
        assert_eq!(added(|| item(100, 15, "sex", 2_u64.into())), Err(damaged("mdoc-random")));
        assert_eq!(added(|| item(100, 16, "height", 2_u64.into())), Err(damaged("mdoc-element-twice")));
        // The same number twice in the object itself.
        assert_eq!(
            judge(&|object, spaces| add(object, spaces, 0, item(0, 16, "sex", 2_u64.into()))),
            Err(damaged("cbor-duplicate-key"))
        );
        let set = |name: &'static str, value: Value| judge(&move |object, _| *field(object, name) = value.clone());
        for version in ["1.1", "2.0", ""] {
            assert_eq!(set("version", version.into()), Err(Error::TooNew));
        }
        assert_eq!(set("digestAlgorithm", "SHA-1".into()), Err(damaged("mdoc-hash-unsupported")));
        assert_eq!(set("valueDigests", Value::Map(Vec::new())), Err(damaged("mdoc-shape")));
        assert_eq!(set("docType", Value::NULL), Err(damaged("mdoc-shape")));
        let date = |name: &'static str, date: Value| {
            judge(&move |object, _| *field(map(field(object, "validityInfo")), name) = date.clone())
        };
        let tagged = |text: &str| Value::Tag(0, Box::new(text.into()));
        assert_eq!(date("validUntil", tagged("2025-12-31T23:59:59Z")), Err(damaged("mdoc-dates")));
        assert_eq!(date("validUntil", tagged("2027-12-31")), Err(damaged("date-time")));
        assert_eq!(date("validUntil", "2027-12-31T23:59:59Z".into()), Err(damaged("mdoc-shape")));
        assert_eq!(date("signed", tagged("2025-11-30T23:59:59Z")), Err(untrusted("chain-signed-outside")));
        assert_eq!(date("signed", tagged("2028-01-01T00:00:00Z")), Err(untrusted("chain-signed-outside")));
        assert_eq!(date("signed", tagged("2027-12-31T23:59:59.9Z")), Ok(()));
    }

    #[test]
    fn hashes_cover_the_bytes_as_the_issuer_wrote_them() {
        let desk = Desk::new();
        // A head that need not be so long: another encoding of the same item.
        let plain = item(100, 16, "sex", 2_u64.into());
        let long = [&[0xd8, 24, 0x5a, 0, 0, 0, plain.content().len() as u8][..], plain.content()].concat();
        let Ok(Value::Encoded(long)) = cbor::parse(&long) else { panic!("encoded") };
        assert_ne!(long, plain);
        assert_eq!(desk.judge_bytes(&desk.misissue(|object, spaces| add(object, spaces, 100, long.clone()))), Ok(()));
        let swapped = desk.misissue(|object, spaces| {
            add(object, spaces, 100, long);
            *list(field(spaces, LOCAL)).last_mut().unwrap() = plain.into();
        });
        assert_eq!(desk.judge_bytes(&swapped), Err(damaged("mdoc-digest")));
        // The longer hashes of the family.
        type Hash = fn(&[u8]) -> Vec<u8>;
        let hashes: [(&str, Hash); 2] = [("SHA-384", |b| sha384(b).to_vec()), ("SHA-512", |b| sha512(b).to_vec())];
        for (name, hash) in hashes {
            let card = desk.misissue(|object, spaces| {
                *field(object, "digestAlgorithm") = name.into();
                for (space, items) in spaces {
                    let digests = map(field(map(field(object, "valueDigests")), space.as_text().unwrap()));
                    for item in list(items).iter() {
                        let Value::Encoded(item) = item else { panic!("encoded") };
                        let number = cbor::parse(item.content()).unwrap().get("digestID").unwrap().clone();
                        let digest = digests.iter_mut().find(|(key, _)| *key == number).unwrap();
                        digest.1 = hash(item.as_bytes()).into();
                    }
                }
            });
            assert_eq!(desk.judge_bytes(&card), Ok(()), "{name}");
        }
    }

    #[test]
    fn the_signer_must_be_one_who_may_sign_this_card_now() {
        let desk = Desk::new();
        let (card, roots) = (desk.issue(), [desk.root.clone()]);
        assert_eq!(card.verify_issuer(&key().public_key()), Err(untrusted("signature-invalid")));
        let ed25519 = SigningKey::make(&OsEntropy).unwrap().public_key();
        assert_eq!(card.verify_issuer(&ed25519), Err(untrusted("algorithm-mismatch")));
        // A stranger's card with the honest certificates beside it, and one with the stranger's own.
        let stranger = Desk::new();
        let (spaces, mut auth) = take_apart(&stranger.issue());
        auth.set_x5chain(&[desk.signer.to_bytes().to_vec()]);
        assert_eq!(desk.judge_bytes(&put_together(spaces, &auth)), Err(untrusted("signature-invalid")));
        assert_eq!(desk.judge(&stranger.issue()), Err(untrusted("chain-root-unknown")));
        // A certificate of a reader, of another country, and the root itself.
        let under = |profile, country: &str| {
            let draft = certificate_of("Utopia signer", country);
            make_signer(&draft, &desk.key.public_key(), profile, &desk.root, &desk.root_key, &OsEntropy).unwrap()
        };
        let judge = |signer: &Certificate| {
            verify_chain(from_ref(signer), &roots, NOW, Profile::DocumentSigner)?;
            card.check_signer(signer)
        };
        assert_eq!(judge(&under(Profile::DocumentSigner, "UT")), Ok(()));
        assert_eq!(judge(&under(Profile::Reader, "UT")), Err(untrusted("chain-purpose")));
        assert_eq!(judge(&under(Profile::DocumentSigner, "XX")), Err(untrusted("chain-country")));
        assert_eq!(judge(&desk.root), Err(untrusted("chain-key-usage")));
        let at = |at| verify_chain(from_ref(&desk.signer), &roots, at, Profile::DocumentSigner).map(drop);
        assert_eq!(at(DESK_TIME.0 - 1), Err(untrusted("chain-not-yet-valid")));
        assert_eq!(at(DESK_TIME.1), Err(untrusted("chain-expired")));
    }

    #[test]
    fn a_signature_in_der_is_none() {
        let desk = Desk::new();
        let (spaces, auth) = take_apart(&desk.issue());
        let der = signature_to_der(auth.signature()).unwrap();
        let Value::Array(mut parts) = auth.to_untagged_value() else { panic!("an array") };
        parts[3] = der.into();
        let auth = Sign1::from_value(parts.into()).unwrap();
        assert_eq!(desk.judge_bytes(&put_together(spaces, &auth)), Err(untrusted("signature-invalid")));
    }

    #[test]
    fn a_proof_is_for_one_verifier_one_challenge_and_one_request() {
        let desk = Desk::new();
        let shown = desk.issue().present(&binding(), Some(&desk.holder), NOW, &OsEntropy).unwrap();
        let document = Document::parse_presentation(&shown).unwrap();
        let others = [
            Binding { audience: "verifies".to_owned(), ..binding() },
            Binding { challenge: None, ..binding() },
            Binding { challenge: Some(vec![3; 16]), ..binding() },
            Binding { request: None, ..binding() },
            Binding { request: Some([3; 32]), ..binding() },
        ];
        for other in others {
            assert_eq!(document.verify_holder(&other), Err(untrusted("signature-invalid")), "{other:?}");
        }
        // A proof for two devices that met is none in the exchange, and the other way round.
        let (device, reader) = (AgreementKey::make(&OsEntropy).unwrap(), AgreementKey::make(&OsEntropy).unwrap());
        let engagement = Engagement::make(&device.public_key(), None);
        let met = SessionTranscript::of_qr(&engagement, &KeyBytes::of(&reader.public_key()));
        assert_eq!(document.verify_device(&met, None), Err(untrusted("signature-invalid")));
        let elsewhere = Document::sign(desk.issue(), &Claims::default(), &met, &desk.holder).unwrap();
        assert_eq!(elsewhere.verify_holder(&binding()), Err(untrusted("signature-invalid")));
        assert_eq!(elsewhere.verify_device(&met, None), Ok(()));
        // Somebody else's proof under this card.
        let other = Desk::new();
        let proof =
            cbor::parse(&other.issue().present(&binding(), Some(&other.holder), NOW, &OsEntropy).unwrap()).unwrap();
        let mut response = cbor::parse(&shown).unwrap();
        let signed = proof.get("documents").unwrap().as_array().unwrap()[0].get("deviceSigned").unwrap().clone();
        *field(map(&mut list(field(map(&mut response), "documents"))[0]), "deviceSigned") = signed;
        let document = Document::parse_presentation(&response.to_bytes()).unwrap();
        assert_eq!(document.verify_holder(&binding()), Err(untrusted("signature-invalid")));
    }

    #[test]
    fn a_presentation_is_one_document_that_was_given() {
        let desk = Desk::new();
        let document =
            Document::sign(desk.issue(), &Claims::default(), &SessionTranscript::of_exchange(&binding()), &desk.holder)
                .unwrap();
        let one = DeviceResponse::of(document.clone());
        let responses = [
            DeviceResponse { documents: vec![document.clone(), document], ..one.clone() },
            DeviceResponse { documents: Vec::new(), ..one.clone() },
            DeviceResponse { status: 10, ..one.clone() },
            DeviceResponse { errors: vec![DocumentError { doc_type: "x".to_owned(), code: 0 }], ..one.clone() },
        ];
        for response in responses {
            assert!(DeviceResponse::parse(&response.to_bytes()).is_ok());
            let parsed = Document::parse_presentation(&response.to_bytes());
            assert_eq!(parsed.err(), Some(damaged("mdoc-one-document")));
        }
        let changed = |change: &dyn Fn(&mut Entries)| {
            let mut value = cbor::parse(&one.to_bytes()).unwrap();
            change(map(&mut value));
            DeviceResponse::parse(&value.to_bytes()).err()
        };
        assert_eq!(changed(&|response| *field(response, "version") = "1.1".into()), Some(Error::TooNew));
        assert_eq!(changed(&|response| response.push(("more".into(), Value::NULL))), Some(damaged("mdoc-shape")));
        let document = |response: &mut Entries| list(field(response, "documents"))[0].clone();
        let set = |response: &mut Entries, value| list(field(response, "documents"))[0] = value;
        let other_type = |response: &mut Entries| {
            let mut value = document(response);
            *field(map(&mut value), "docType") = "org.example.other".into();
            set(response, value);
        };
        assert_eq!(changed(&other_type), Some(damaged("mdoc-doc-type")));
        let two_proofs = |response: &mut Entries| {
            let mut value = document(response);
            let proof = map(field(map(field(map(&mut value), "deviceSigned")), "deviceAuth"));
            let both = [("deviceMac".into(), proof[0].1.clone())];
            proof.extend(both);
            set(response, value);
        };
        assert_eq!(changed(&two_proofs), Some(damaged("mdoc-shape")));
    }

    #[test]
    fn a_code_is_good_in_its_session_only_and_none_in_the_exchange() {
        let (desk, agreeing) = (Desk::new(), AgreementKey::make(&OsEntropy).unwrap());
        let card = issue(&draft(), &agreeing.public_key(), &desk.key, from_ref(&desk.signer), &OsEntropy).unwrap();
        let session = || {
            let (device, reader) = (AgreementKey::make(&OsEntropy).unwrap(), AgreementKey::make(&OsEntropy).unwrap());
            let engagement = Engagement::make(&device.public_key(), None);
            (SessionTranscript::of_qr(&engagement, &KeyBytes::of(&reader.public_key())), reader)
        };
        let ((transcript, reader), (other, other_reader)) = (session(), session());
        let authenticate = |transcript: &SessionTranscript, peer: &PublicKey| {
            Document::authenticate(card.clone(), &Claims::default(), transcript, &agreeing, peer).unwrap()
        };
        let document = authenticate(&transcript, &reader.public_key());
        assert_eq!(document.verify_device(&transcript, Some(&reader)), Ok(()));
        assert_eq!(document.verify_device(&other, Some(&reader)), Err(untrusted("signature-invalid")));
        assert_eq!(document.verify_device(&transcript, Some(&other_reader)), Err(untrusted("signature-invalid")));
        let exchanged = authenticate(&SessionTranscript::of_exchange(&binding()), &reader.public_key());
        assert_eq!(exchanged.verify_holder(&binding()), Err(untrusted("proof-missing")));
        // A code under a key that cannot agree.
        let ed25519 = Desk::of_holder(SigningKey::make(&OsEntropy).unwrap());
        let mut signed = cbor::parse(&DeviceResponse::of(document).to_bytes()).unwrap();
        let issued = cbor::parse(&ed25519.issue().to_bytes()).unwrap();
        *field(map(&mut list(field(map(&mut signed), "documents"))[0]), "issuerSigned") = issued;
        let document = Document::parse_presentation(&signed.to_bytes()).unwrap();
        assert_eq!(document.verify_device(&transcript, Some(&reader)), Err(untrusted("algorithm-mismatch")));
    }

    #[test]
    fn a_device_signs_of_its_own_only_what_the_issuer_lets_it() {
        let desk = Desk::new();
        let claims = |space: &str, element: &str| {
            let element = Claims::new(vec![(element.into(), ClaimValue::Text("mine".to_owned()))]).unwrap();
            Claims::new(vec![(space.into(), ClaimValue::Map(element))]).unwrap()
        };
        let authorizations = Value::Map(vec![
            ("nameSpaces".into(), Value::Array(vec!["org.example.own".into()])),
            ("dataElements".into(), Value::Map(vec![(LOCAL.into(), Value::Array(vec!["nickname".into()]))])),
        ]);
        let card = desk.misissue(|object, _| {
            map(field(object, "deviceKeyInfo")).push(("keyAuthorizations".into(), authorizations));
        });
        let card = Mdoc::parse(&card).unwrap();
        let transcript = SessionTranscript::of_exchange(&binding());
        let sign = |card: &Mdoc, claims: &Claims| Document::sign(card.clone(), claims, &transcript, &desk.holder);
        for allowed in [claims("org.example.own", "anything"), claims(LOCAL, "nickname")] {
            let document = sign(&card, &allowed).unwrap();
            let read = Document::parse_presentation(&DeviceResponse::of(document).to_bytes()).unwrap();
            assert_eq!((read.verify_holder(&binding()), read.device_claims()), (Ok(()), &allowed));
            assert!(!format!("{:?}", DeviceResponse::of(read.clone())).contains("109, 105, 110, 101"));
            // It is the device's word, and never the issuer's.
            assert_eq!(read.card().claims(), card.claims());
            // The same document under a card that does not let it.
            let mut value = cbor::parse(&read.to_bytes()).unwrap();
            let strict = cbor::parse(&desk.issue().to_bytes()).unwrap();
            *field(map(&mut list(field(map(&mut value), "documents"))[0]), "issuerSigned") = strict;
            assert_eq!(DeviceResponse::parse(&value.to_bytes()).err(), Some(damaged("mdoc-device-claims")));
        }
        for refused in [claims(LOCAL, "height"), claims("org.example.other", "nickname"), claims("nickname", LOCAL)] {
            assert_eq!(sign(&card, &refused).err(), Some(invalid("device-claims")));
        }
    }

    #[test]
    fn messages_open_once_in_their_turn_and_in_their_direction() {
        let (device, reader) = (AgreementKey::make(&OsEntropy).unwrap(), AgreementKey::make(&OsEntropy).unwrap());
        let engagement = Engagement::make(&device.public_key(), None);
        let transcript = SessionTranscript::of_qr(&engagement, &KeyBytes::of(&reader.public_key()));
        let mut at_device = Session::of_device(&device, &reader.public_key(), &transcript).unwrap();
        let mut at_reader = Session::of_reader(&reader, &device.public_key(), &transcript).unwrap();
        let (first, second) = (at_reader.seal(b"one").unwrap(), at_reader.seal(b"two").unwrap());
        let broken = Err(untrusted("seal-broken"));
        assert_eq!(at_device.open(&second).map(|plain| plain.to_vec()), broken);
        assert_eq!(at_device.open(&first).unwrap()[..], *b"one");
        assert_eq!(at_device.open(&first).map(|plain| plain.to_vec()), broken);
        assert_eq!(at_device.open(&second).unwrap()[..], *b"two");
        // What the reader sent is not what the device sent.
        assert_eq!(at_reader.open(&first).map(|plain| plain.to_vec()), broken);
        assert_ne!(at_device.seal(b"one").unwrap(), first);
        // The same keys under another transcript are another session.
        let other = SessionTranscript::of_exchange(&binding());
        let mut elsewhere = Session::of_device(&device, &reader.public_key(), &other).unwrap();
        assert_eq!(elsewhere.open(&first).map(|plain| plain.to_vec()), broken);
        for bit in 0..second.len() * 8 {
            let mut flipped = second.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            let mut again = Session::of_device(&device, &reader.public_key(), &transcript).unwrap();
            again.open(&first).unwrap();
            assert_eq!(again.open(&flipped).map(|plain| plain.to_vec()), broken);
        }
    }

    #[test]
    fn status_stands_under_the_signature() {
        let desk = Desk::new();
        let status = |value: Value| desk.misissue(|object, _| object.push(("status".into(), value)));
        let list = |uri: Value| Value::Map(vec![("idx".into(), 412_u64.into()), ("uri".into(), uri)]);
        let listed = |uri| Value::Map(vec![("status_list".into(), list(uri))]);
        let card = Mdoc::parse(&status(listed("https://utopia.example/1".into()))).unwrap();
        let expected = StatusReference { uri: "https://utopia.example/1".to_owned(), index: 412 };
        assert_eq!((card.status(), desk.judge(&card)), (Some(&expected), Ok(())));
        assert_eq!(Mdoc::parse(&status(listed(Value::NULL))).err(), Some(damaged("status-reference")));
        let other = Value::Map(vec![("identifier_list".into(), Value::Map(Vec::new()))]);
        assert_eq!(Mdoc::parse(&status(other)).unwrap().status(), None);
        // So it is issued.
        let issue = |status: StatusReference| desk.issue_draft(&Draft { status: Some(status), ..draft() });
        let card = issue(expected.clone()).unwrap();
        assert_eq!((card.status(), desk.judge(&card)), (Some(&expected), Ok(())));
        let no_uri = StatusReference { uri: "1".to_owned(), ..expected };
        assert_eq!(issue(no_uri).err(), Some(invalid("status-reference")));
    }

    #[test]
    fn bombs_are_refused_before_they_take_memory() {
        let desk = Desk::new();
        let added = |value: Value| {
            Mdoc::parse(&desk.misissue(|object, spaces| add(object, spaces, 100, item(100, 16, "sex", value)))).err()
        };
        let deep = (0..cbor::MAX_DEPTH).fold(Value::NULL, |inner, _| vec![inner].into());
        assert_eq!(added(deep), Some(damaged("cbor-depth")));
        assert_eq!(added(vec![Value::NULL; 4096].into()), Some(damaged("cbor-items")));
        // Items that each are within bounds, and together are not.
        let several = desk.misissue(|object, spaces| {
            for number in 100..110 {
                let value = vec![Value::NULL; 500].into();
                add(object, spaces, number, item(number, 16, &format!("element-{number}"), value));
            }
        });
        assert_eq!(Mdoc::parse(&several).err(), Some(damaged("cbor-items")));
        let digests = |count: u64| {
            desk.misissue(|object, _| {
                let digests = (1000..count).map(|number| (number.into(), vec![0; 32].into()));
                map(field(map(field(object, "valueDigests")), LOCAL)).extend(digests);
            })
        };
        assert!(Mdoc::parse(&digests(2000)).is_ok());
        assert_eq!(Mdoc::parse(&digests(4000)).err(), Some(damaged("cbor-items")));
        // Indefinite lengths, which no encoder needs.
        let bytes = desk.issue().to_bytes();
        let indefinite = [&[0xbf], &bytes[1..], &[0xff]].concat();
        assert_eq!(Mdoc::parse(&indefinite).err(), Some(damaged("cbor-indefinite")));
    }

    /// A card of one element, so that there is not so much to flip.
    fn small(desk: &Desk) -> Mdoc {
        let element = Claims::new(vec![("age_over_18".into(), ClaimValue::Bool(true))]).unwrap();
        let claims = Claims::new(vec![(LOCAL.into(), ClaimValue::Map(element))]).unwrap();
        desk.issue_draft(&Draft { claims, ..draft() }).unwrap()
    }

    #[test]
    fn cut_anywhere_nothing_is_read() {
        let desk = Desk::new();
        let card = desk.issue();
        let shown = card.present(&binding(), Some(&desk.holder), NOW, &OsEntropy).unwrap();
        let transcript = SessionTranscript::of_exchange(&binding());
        let asked = vec![AskedElement { path: path(LOCAL, "height"), kept: false }];
        let request = DocumentRequest::make(DOC_TYPE, asked).unwrap();
        let request = request.sign(&transcript, &desk.key, from_ref(&desk.signer)).unwrap();
        let request = DeviceRequest { documents: vec![request] }.to_bytes();
        let reader_key = KeyBytes::of(&AgreementKey::make(&OsEntropy).unwrap().public_key());
        let engagement = Engagement::make(reader_key.public_key(), None);
        let first = SessionEstablishment { reader_key, data: vec![1; 40] }.to_bytes();
        let later = SessionData { data: Some(vec![1; 40]), status: Some(20) }.to_bytes();
        type Parse = fn(&[u8]) -> Result<()>;
        let parsers: [(Vec<u8>, Parse); 6] = [
            (card.to_bytes(), |bytes| Mdoc::parse(bytes).map(drop)),
            (shown, |bytes| Document::parse_presentation(bytes).map(drop)),
            (request, |bytes| DeviceRequest::parse(bytes).map(drop)),
            (engagement.as_bytes().to_vec(), |bytes| Engagement::parse(bytes).map(drop)),
            (first, |bytes| SessionEstablishment::parse(bytes).map(drop)),
            (later, |bytes| SessionData::parse(bytes).map(drop)),
        ];
        for (bytes, parse) in parsers {
            assert_eq!(parse(&bytes), Ok(()));
            assert_eq!(parse(&[&bytes[..], &[0]].concat()), Err(damaged("cbor-trailing")));
            for end in 0..bytes.len() {
                let refused = parse(&bytes[..end]);
                assert!([Err(damaged("cbor-truncated")), Err(Error::Foreign)].contains(&refused), "{end}: {refused:?}");
            }
        }
    }

    #[test]
    fn no_flipped_bit_is_believed() {
        let desk = Desk::new();
        let bytes = small(&desk).to_bytes();
        assert_eq!(desk.judge_bytes(&bytes), Ok(()));
        for bit in 0..bytes.len() * 8 {
            let mut flipped = bytes.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert!(desk.judge_bytes(&flipped).is_err(), "bit {bit}");
        }
    }

    #[test]
    fn no_flipped_bit_of_a_presentation_is_believed() {
        let desk = Desk::new();
        let bytes = small(&desk).present(&binding(), Some(&desk.holder), NOW, &OsEntropy).unwrap();
        let judge = |bytes: &[u8]| {
            let document = Document::parse_presentation(bytes)?;
            document.verify_holder(&binding())?;
            desk.judge(document.card())
        };
        assert_eq!(judge(&bytes), Ok(()));
        for bit in 0..bytes.len() * 8 {
            let mut flipped = bytes.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert!(judge(&flipped).is_err(), "bit {bit}");
        }
    }
}
