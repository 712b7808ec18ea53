//! A response of ISO/IEC 18013-5 with one document, beside the crate isomdl.
//!
//! Both sides read the response and verify the chain to a root, the issuer's signature, the digests of all items and the
//! device's signature: three ECDSA signatures on P-256. isomdl 0.2 compares no digests, so its peer does that for it; how it
//! fares without is shown on stderr.

use crate::peers::{Peer, ratio, row, rust_peer, time};
use crate::{CALLS, TURNS, beside, load, portrait, write};
use amana_core::cose::cwt::day_of;
use amana_core::credential::mdoc::session::{Engagement, KeyBytes, SessionTranscript};
use amana_core::credential::mdoc::{DeviceResponse, Document, issue};
use amana_core::credential::{Claims, Credential as _, Value};
use amana_core::crypto::{Curve, SigningKey};
use amana_core::issuer::CardDraft;
use amana_core::ports::OsEntropy;
use amana_core::x509::{Certificate, Profile, make_root, make_signer, verify_chain};
use amana_tests::certificate_draft;
use base64ct::{Base64UrlUnpadded, Encoding as _};
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

const DAY: i64 = 86_400;

pub fn measure(folder: &Path) {
    let Some(mut command) = rust_peer("isomdl") else { return eprintln!("mdoc: no peer to measure against") };
    let mut peer = Peer::start(&mut command, folder);
    let input = Input::make();
    eprintln!("\n12 elements, one a portrait: {} bytes, beside {}", input.response.len(), peer.about());
    input.write(folder);
    load(&mut peer, "mdoc", input.verify());
    let verified = beside(&mut peer, "mdoc", || input.verify());
    row("mdoc", verified, "x isomdl, digests too", 1.05);
    load(&mut peer, "mdoc:bare", input.verify());
    let ours = |_| (0..CALLS).map(|_| time(|| input.verify())).collect();
    ratio("isomdl, no digests", TURNS, ours, |_| peer.times(&format!("turn {CALLS}")));
}

struct Input {
    response: Vec<u8>,
    transcript: SessionTranscript,
    root: Certificate,
    /// The peer goes by the machine's clock.
    now: i64,
}

impl Input {
    fn make() -> Self {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs() as i64;
        let key = || SigningKey::make_on(Curve::P256, &OsEntropy).expect("randomness");
        let (root_key, issuer, holder) = (key(), key(), key());
        let certificate = |name: &str| certificate_draft(name, (now - 2 * DAY, now + 300 * DAY));
        let root = make_root(&certificate("Amana Root"), &root_key, &OsEntropy).expect("a root");
        let (signer, profile) = (certificate("Amana Signer"), Profile::DocumentSigner);
        let signer = make_signer(&signer, &issuer.public_key(), profile, &root, &root_key, &OsEntropy);
        let draft = CardDraft::from_json(&draft(now)).expect("a draft");
        let chain = [signer.expect("a certificate")];
        let card = issue(&draft, &holder.public_key(), &issuer, &chain, &OsEntropy).expect("a card");
        let transcript =
            SessionTranscript::of_qr(&Engagement::make(&key().public_key(), None), &KeyBytes::of(&key().public_key()));
        let document = Document::sign(card, &Claims::default(), &transcript, &holder).expect("a document");
        Self { response: DeviceResponse::of(document).to_bytes(), transcript, root, now }
    }

    fn write(&self, folder: &Path) {
        write(folder, "mdoc.response", &self.response);
        write(folder, "mdoc.transcript", self.transcript.as_bytes());
        write(folder, "mdoc.root", self.root.to_bytes());
    }

    /// Reads and verifies it; how many elements it has.
    fn verify(&self) -> usize {
        let response = DeviceResponse::parse(&self.response).expect("read");
        let document = &response.documents[0];
        let card = document.card();
        let chain: Vec<_> = card.chain().iter().map(|der| Certificate::parse(der).expect("a certificate")).collect();
        let roots = std::slice::from_ref(&self.root);
        verify_chain(&chain, roots, self.now, Profile::DocumentSigner).expect("it leads to the root");
        card.check_signer(&chain[0]).expect("a signer of mdocs");
        card.verify_issuer(chain[0].public_key().expect("a key")).expect("the issuer's signature holds");
        document.verify_device(&self.transcript, None).expect("the device's signature holds");
        let elements = card.all_claims().iter().map(|(_, elements)| match elements {
            Value::Map(elements) => elements.len(),
            _ => 0,
        });
        elements.sum()
    }
}

fn draft(now: i64) -> String {
    let day = |at: i64| day_of(at).expect("a day").to_string();
    let [from, until, portrait] = [day(now - DAY), day(now + 200 * DAY), Base64UrlUnpadded::encode_string(&portrait())];
    format!(
        r#"{{
            "type": "org.iso.18013.5.1.mDL", "valid_from": "{from}", "valid_until": "{until}",
            "claims": {{"org.iso.18013.5.1": {{
                "family_name": "Juma", "given_name": "Amina", "birth_date": {{"$date": "1984-02-29"}},
                "issue_date": {{"$date": "2026-01-01"}}, "expiry_date": {{"$date": "2031-01-01"}},
                "issuing_country": "TZ", "issuing_authority": "Registry of Persons", "document_number": "TZ-0041-7782",
                "portrait": {{"$bytes": "{portrait}"}}, "un_distinguishing_sign": "EAT", "age_over_18": true,
                "driving_privileges": [{{"vehicle_category_code": "A", "issue_date": {{"$date": "2020-01-01"}}}}]
            }}}}
        }}"#
    )
}
