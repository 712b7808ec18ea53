//! A Claim 169 text with a portrait, as it stands in a code: decoded, inflated, read and verified, beside the crate
//! claim169-core. Both sides end with every field and the portrait at hand.

use crate::peers::{Peer, row, rust_peer};
use crate::{beside, load, portrait, write};
use amana_core::credential::Credential as _;
use amana_core::credential::claim169::{Claim169, Draft, from_text, issue, to_text};
use amana_core::credential::claims_from_json;
use amana_core::crypto::{Curve, PublicKey, SigningKey};
use amana_core::ports::OsEntropy;
use amana_tests::{ISSUER, NOW};
use base64ct::{Base64UrlUnpadded, Encoding as _};
use serde_json::Value as Json;
use std::path::Path;
use time::macros::date;

pub fn measure(folder: &Path) {
    let Some(mut command) = rust_peer("claim169") else { return eprintln!("claim-169: no peer to measure against") };
    let mut peer = Peer::start(&mut command, folder);
    for (name, curve) in [("claim-169-eddsa", Curve::Ed25519), ("claim-169-es256", Curve::P256)] {
        let input = Input::make(curve);
        eprintln!("\n16 fields, one a portrait: {} characters, beside {}", input.text.len(), peer.about());
        write(folder, &format!("{name}.text"), &input.text);
        write(folder, &format!("{name}.key"), input.issuer.to_point());
        load(&mut peer, name, input.verify());
        let verified = beside(&mut peer, name, || input.verify());
        row(name, verified, "x claim169-core", 1.05);
    }
}

struct Input {
    text: String,
    issuer: PublicKey,
}

impl Input {
    fn make(curve: Curve) -> Self {
        let issuer = SigningKey::make_on(curve, &OsEntropy).expect("randomness");
        let portrait = Base64UrlUnpadded::encode_string(&portrait());
        let fields = format!(
            r#"{{"id": "3918592438", "version": "1.0", "language": "en", "full_name": "Amina Juma", "first_name": "Amina",
                "last_name": "Juma", "date_of_birth": {{"$date": "1984-02-29"}}, "gender": "female",
                "address": "Nyarugusu, zone 4, Kasulu", "email_id": "amina@example.org", "phone_number": "+255 800 110 110",
                "nationality": "TZ", "marital_status": "married", "binary_image": {{"$bytes": "{portrait}"}},
                "binary_image_format": "jpeg", "legal_status": "resident"}}"#
        );
        let Ok(Json::Object(fields)) = serde_json::from_str(&fields) else { panic!("no object") };
        let draft = Draft {
            valid_from: date!(2026 - 01 - 01),
            valid_until: date!(2036 - 12 - 31),
            issued_at: Some(NOW),
            claims: claims_from_json(&fields).expect("claims"),
            status: None,
        };
        let card = issue(&draft, ISSUER, b"desk-1", &issuer).expect("a card");
        // Without the tag of a CWT (61), which the peer does not read.
        Self { text: to_text(&card.to_untagged_bytes()), issuer: issuer.public_key() }
    }

    /// Reads and verifies it; how many bytes the portrait has.
    fn verify(&self) -> usize {
        let card = Claim169::parse(&from_text(&self.text).expect("a token")).expect("read");
        card.verify_issuer(&self.issuer).expect("the issuer's signature holds");
        card.portrait().expect("a portrait").bytes.len()
    }
}
