//! ISO/IEC 18013-5:2021 annex D: a driving licence, asked for and shown.
//!
//! Not in the vectors: the root of the issuer and that of the reader. Their signers' certificates are believed as they stand.

use crate::{Suite, bytes, fixed};
use amana_core::cose::cbor;
use amana_core::credential::mdoc::session::{
    Engagement, KeyBytes, STATUS_TERMINATION, Session, SessionData, SessionEstablishment, SessionTranscript,
};
use amana_core::credential::mdoc::{DeviceRequest, DeviceResponse, Mdoc, STATUS_OK};
use amana_core::credential::{ClaimPath, Credential as _, Format, Value, parse_card, to_json};
use amana_core::crypto::{Agree as _, AgreementKey};
use amana_core::error::Error;
use amana_core::x509::{Certificate, Profile, verify_chain};
use serde_json::{Value as Json, json};
use zeroize::Zeroizing;

/// 2021-01-01T00:00:00Z: both certificates are valid.
const THEN: i64 = 1_609_459_200;

const NAME_SPACE: &str = "org.iso.18013.5.1";

struct AnnexD {
    suite: Suite,
    vectors: Json,
}

impl AnnexD {
    fn find() -> Option<Self> {
        let suite = Suite::find("mdoc-18013-5")?;
        let vectors = suite.json("annexD_vectors.json");
        Some(Self { suite, vectors })
    }

    fn bytes(&self, name: &str) -> Vec<u8> {
        bytes(&self.vectors, &format!("ISO_18013_5_ANNEX_D_{name}"))
    }

    fn key(&self, name: &str) -> AgreementKey {
        let scalar = fixed(&self.vectors, &format!("ISO_18013_5_ANNEX_D_{name}_KEY_D"));
        AgreementKey::from_secret(&Zeroizing::new(scalar)).expect("a scalar")
    }

    fn certificate(&self, name: &str) -> Certificate {
        Certificate::parse(&self.bytes(&format!("{name}_CERT"))).expect("a certificate")
    }

    fn transcript(&self) -> SessionTranscript {
        let bytes = self.bytes("SESSION_TRANSCRIPT_BYTES");
        SessionTranscript::parse(cbor::content_of(&bytes).expect("encoded")).expect("a transcript")
    }

    fn response(&self) -> DeviceResponse {
        DeviceResponse::parse(&self.bytes("DEVICE_RESPONSE")).expect("a response")
    }
}

fn path(element: &str) -> ClaimPath {
    ClaimPath::new(vec![NAME_SPACE.into(), element.into()]).expect("a path")
}

#[test]
fn the_issuer_signed_every_element_that_is_shown() {
    let Some(annex) = AnnexD::find() else { return };
    let response = annex.response();
    assert_eq!((response.documents.len(), response.errors.len(), response.status), (1, 0, STATUS_OK));
    // Reading it has checked the six digests.
    let card = response.documents[0].card();
    assert_eq!(card.card_type(), "org.iso.18013.5.1.mDL");
    let expected = json!({
        "family_name": "Doe", "issue_date": "2019-10-20", "expiry_date": "2024-10-20", "document_number": "123456789",
        "driving_privileges": [
            {"vehicle_category_code": "A", "issue_date": "2018-08-09", "expiry_date": "2024-10-20"},
            {"vehicle_category_code": "B", "issue_date": "2017-02-23", "expiry_date": "2024-10-20"},
        ],
    });
    let mut shown = to_json(card.all_claims())[NAME_SPACE].clone();
    shown.as_object_mut().expect("elements").remove("portrait").expect("a portrait");
    assert_eq!(shown, expected);
    assert_eq!(
        card.all_claims().at(&path("portrait")),
        Some(&Value::Bytes(annex.bytes("DEVICE_RESPONSE_PORTRAIT_DATA")))
    );
    assert_eq!(card.check_whole(), Err(Error::Damaged { reason: "mdoc-not-whole" }));

    let signer = annex.certificate("DS");
    assert_eq!(card.chain(), [signer.to_bytes()]);
    assert_eq!(card.verify_issuer(signer.public_key().unwrap()), Ok(()));
    assert_eq!(card.check_signer(&signer), Ok(()));
    assert_eq!(card.signed_at(), 1_601_559_002);
    let validity = card.validity();
    assert_eq!((validity.not_before, validity.expires), (Some(1_601_559_002), Some(1_633_095_003)));
    let chain = [signer];
    let trusted = verify_chain(&chain, &chain, THEN, Profile::DocumentSigner).expect("trusted");
    assert_eq!(trusted.expires, 1_633_046_401);
    let at = |at| verify_chain(&chain, &chain, at, Profile::DocumentSigner);
    assert_eq!(at(trusted.expires), Err(Error::Untrusted { reason: "chain-expired" }));
    assert_eq!(at(1_601_510_399), Err(Error::Untrusted { reason: "chain-not-yet-valid" }));
    assert_eq!(
        verify_chain(&chain, &[], THEN, Profile::DocumentSigner),
        Err(Error::Untrusted { reason: "chain-root-unknown" })
    );
    annex.suite.report("the issuer's signature, six digests and the certificate hold");
}

#[test]
fn what_is_read_is_written_alike() {
    let Some(annex) = AnnexD::find() else { return };
    assert_eq!(annex.response().to_bytes(), annex.bytes("DEVICE_RESPONSE"));
    let request = annex.bytes("DEVICE_REQUEST");
    assert_eq!(DeviceRequest::parse(&request).unwrap().to_bytes(), request);
    let establishment = annex.bytes("SESSION_ESTABLISHMENT");
    assert_eq!(SessionEstablishment::parse(&establishment).unwrap().to_bytes(), establishment);
    for data in ["SESSION_DATA", "SESSION_TERMINATION"] {
        assert_eq!(SessionData::parse(&annex.bytes(data)).unwrap().to_bytes(), annex.bytes(data));
    }
    let card = annex.response().documents[0].card().to_bytes();
    assert_eq!(parse_card(&card).unwrap().format(), Format::Mdoc);
    assert_eq!(Mdoc::parse(&card).unwrap().to_bytes(), card);
}

#[test]
fn the_device_stands_behind_it_by_a_code() {
    let Some(annex) = AnnexD::find() else { return };
    let document = &annex.response().documents[0];
    let (transcript, reader) = (annex.transcript(), annex.key("EPHEMERAL_READER"));
    assert_eq!(document.card().holder_key(), Some(&annex.key("STATIC_DEVICE").public_key()));
    assert_eq!(document.verify_device(&transcript, Some(&reader)), Ok(()));
    // Whoever shares the key could have made it, and nobody else.
    let untrusted = |reason| Err(Error::Untrusted { reason });
    assert_eq!(document.verify_device(&transcript, None), untrusted("proof-missing"));
    assert_eq!(
        document.verify_device(&transcript, Some(&annex.key("EPHEMERAL_DEVICE"))),
        untrusted("signature-invalid")
    );
    let engagement = Engagement::parse(&annex.bytes("DEVICE_ENGAGEMENT")).expect("an engagement");
    let other = SessionTranscript::of_qr(&engagement, &KeyBytes::of(&reader.public_key()));
    assert_eq!(document.verify_device(&other, Some(&reader)), untrusted("signature-invalid"));
    annex.suite.report("the device's code holds");
}

#[test]
fn the_reader_signed_what_it_asks_for() {
    let Some(annex) = AnnexD::find() else { return };
    let request = DeviceRequest::parse(&annex.bytes("DEVICE_REQUEST")).expect("a request");
    let [document] = &request.documents[..] else { panic!("one document") };
    assert_eq!(document.doc_type(), "org.iso.18013.5.1.mDL");
    let kept: Vec<_> = document.elements().iter().map(|asked| (asked.path.clone(), asked.kept)).collect();
    let expected = [
        ("family_name", true),
        ("document_number", true),
        ("driving_privileges", true),
        ("issue_date", true),
        ("expiry_date", true),
        ("portrait", false),
    ];
    assert_eq!(kept, expected.map(|(element, kept)| (path(element), kept)));
    let reader = annex.certificate("READER");
    assert_eq!(document.reader().unwrap(), std::slice::from_ref(&reader));
    assert_eq!(reader.common_name().as_deref(), Some("reader"));
    let roots = [reader];
    assert!(document.verify_reader(&annex.transcript(), &roots, THEN).is_ok());
    let untrusted = |reason| Err(Error::Untrusted { reason });
    assert_eq!(document.verify_reader(&annex.transcript(), &[], THEN), untrusted("chain-root-unknown"));
    let other = SessionTranscript::parse(&[0x83, 0xf6, 0xf6, 0xf6]).unwrap();
    assert_eq!(document.verify_reader(&other, &roots, THEN), untrusted("signature-invalid"));
    annex.suite.report("the reader's signature holds");
}

#[test]
fn both_sides_of_the_session_open_what_the_other_sealed() {
    let Some(annex) = AnnexD::find() else { return };
    let (device, reader) = (annex.key("EPHEMERAL_DEVICE"), annex.key("EPHEMERAL_READER"));
    let establishment = SessionEstablishment::parse(&annex.bytes("SESSION_ESTABLISHMENT")).expect("a message");
    assert_eq!(*establishment.reader_key.public_key(), reader.public_key());
    // The two met by NFC: its engagement and the messages of the handover stand in the transcript. The other one is QR's.
    let transcript = annex.transcript();
    let parts = cbor::parse(transcript.as_bytes()).unwrap();
    let parts = parts.as_array().unwrap();
    let engagement = Engagement::parse(parts[0].as_encoded().unwrap().content()).expect("an engagement");
    for engagement in [&engagement, &Engagement::parse(&annex.bytes("DEVICE_ENGAGEMENT")).unwrap()] {
        assert_eq!(*engagement.device_key(), device.public_key());
    }
    let handover = parts[2].as_array().unwrap();
    let (select, request) = (handover[0].as_bytes().unwrap(), handover[1].as_bytes());
    assert!(SessionTranscript::of_nfc(&engagement, &establishment.reader_key, select, request) == transcript);

    let mut device = Session::of_device(&device, establishment.reader_key.public_key(), &transcript).unwrap();
    let mut reader = Session::of_reader(&reader, engagement.device_key(), &transcript).unwrap();
    let request = annex.bytes("DEVICE_REQUEST");
    assert_eq!(reader.seal(&request).unwrap(), establishment.data);
    assert_eq!(*device.open(&establishment.data).unwrap(), request);
    let (response, data) = (annex.bytes("DEVICE_RESPONSE"), SessionData::parse(&annex.bytes("SESSION_DATA")).unwrap());
    assert_eq!(device.seal(&response).ok(), data.data);
    assert_eq!(*reader.open(data.data.as_deref().unwrap()).unwrap(), response);
    let last = SessionData::parse(&annex.bytes("SESSION_TERMINATION")).unwrap();
    assert_eq!(last, SessionData { data: None, status: Some(STATUS_TERMINATION) });
    annex.suite.report("the session's keys and messages are the same");
}
