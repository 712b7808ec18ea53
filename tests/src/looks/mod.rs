//! One look at hostile bytes, a format each: what the fuzzer (`fuzz/`) calls millions of times, and what
//! `tests/corpora.rs` calls on every input that is kept.
//!
//! A look gives the bytes to a parser and, where they are taken, checks what must hold of whatever was taken: what it
//! writes is read again as the same, and no claim is printed. It panics where that does not hold. Nothing in a look
//! depends on the time or on chance, so that an input does the same tomorrow.

mod claims;
mod made;
mod vectors;

pub use vectors::vectors;

use amana_core::backup::{Share, age};
use amana_core::cose::cbor::{self, Value};
use amana_core::cose::{Sign1, key};
use amana_core::credential::claim169::{self, Claim169};
use amana_core::credential::enrolment::{Enrolment, Offer};
use amana_core::credential::health::HealthCertificate;
use amana_core::credential::mdoc::session::{Engagement, SessionData, SessionEstablishment, SessionTranscript};
use amana_core::credential::mdoc::{DeviceRequest, DeviceResponse, Mdoc};
use amana_core::credential::sd_cwt::{KeyBinding, SdCwt};
use amana_core::credential::sd_jwt::{SdJwt, SdJwtKb};
use amana_core::credential::{ClaimPath, Credential as _, Format, parse_card, recognise};
use amana_core::crypto::key_file;
use amana_core::error::Error;
use amana_core::issuer::CardDraft;
use amana_core::presentation::{Opened, Request, response};
use amana_core::qr::{Collector, Frames, Kind, Progress, armour};
use amana_core::trust::{Bundle, Registration, StatusList, StatusListToken};
use amana_core::wallet::{Backup, read_share, share_to_text};
use amana_core::x509::{Certificate, Profile, verify_chain};
use claims::{check_card, check_presentation};
use made::made;
use miniz_oxide::deflate::compress_to_vec;

/// A way into the core for bytes that nobody vouches for.
pub struct Look {
    /// What it is called on the command line, and what its folder in `fuzz/corpus` is called.
    pub name: &'static str,
    /// Whether the bytes were taken. Panics where something does not hold that must.
    pub at: fn(&[u8]) -> bool,
    /// What is taken: made by the core, the same each time.
    pub samples: fn() -> Vec<Vec<u8>>,
    /// The folders of independent vectors that hold more of the kind.
    pub vectors: &'static [&'static str],
}

/// Every look. A format that is added gets a row, and its samples get a folder (`tests/corpora.rs` says how).
pub const LOOKS: &[Look] = &[
    Look { name: "answer", at: answer, samples: made::answers, vectors: &[] },
    Look { name: "armour", at: armoured, samples: made::armoured, vectors: &[] },
    Look { name: "backup", at: backup, samples: made::backups, vectors: &["cctv/age"] },
    Look { name: "backup-document", at: backup_document, samples: made::backup_documents, vectors: &[] },
    Look { name: "bundle", at: bundle, samples: made::bundles, vectors: &[] },
    Look { name: "card", at: card, samples: made::cards, vectors: &["claim169", "mdoc-18013-5", "sd-cwt", "sd-jwt"] },
    Look { name: "cbor", at: cbor, samples: made::messages, vectors: &["cose", "sd-cwt"] },
    Look { name: "claim-169", at: claim_169, samples: made::claim_169s, vectors: &["claim169"] },
    Look { name: "cose", at: cose, samples: made::messages, vectors: &["cose", "sd-cwt"] },
    Look { name: "draft", at: draft, samples: made::drafts, vectors: &[] },
    Look { name: "enrolment", at: enrolment, samples: made::enrolments, vectors: &[] },
    Look { name: "frames", at: frames, samples: made::frames, vectors: &[] },
    Look { name: "health-certificate", at: health, samples: made::health_certificates, vectors: &[] },
    Look { name: "key-file", at: key_of_file, samples: made::key_files, vectors: &[] },
    Look { name: "mdoc", at: mdoc, samples: made::mdocs, vectors: &["mdoc-18013-5"] },
    Look { name: "mdoc-request", at: mdoc_request, samples: made::mdoc_requests, vectors: &["mdoc-18013-5"] },
    Look { name: "mdoc-response", at: mdoc_response, samples: made::mdoc_responses, vectors: &["mdoc-18013-5"] },
    Look { name: "mdoc-session", at: mdoc_session, samples: made::mdoc_sessions, vectors: &["mdoc-18013-5"] },
    Look { name: "path", at: path, samples: made::paths, vectors: &[] },
    Look { name: "registration", at: registration, samples: made::registrations, vectors: &[] },
    Look { name: "request", at: request, samples: made::requests, vectors: &[] },
    Look { name: "sd-cwt", at: sd_cwt, samples: made::sd_cwts, vectors: &["sd-cwt"] },
    Look { name: "sd-kbt", at: sd_kbt, samples: made::sd_kbts, vectors: &["sd-cwt"] },
    Look { name: "sd-jwt", at: sd_jwt, samples: made::sd_jwts, vectors: &["sd-jwt"] },
    Look { name: "sd-jwt-kb", at: sd_jwt_kb, samples: made::sd_jwt_kbs, vectors: &["sd-jwt"] },
    Look { name: "share", at: share, samples: made::shares, vectors: &[] },
    Look { name: "status-list", at: status_list, samples: made::status_lists, vectors: &["token-status-list"] },
    Look { name: "x509", at: x509, samples: made::certificates, vectors: &["mdoc-18013-5"] },
];

/// The look of a name.
pub fn look(name: &str) -> Option<&'static Look> {
    LOOKS.iter().find(|look| look.name == name)
}

fn cbor(bytes: &[u8]) -> bool {
    // Floats that are no number equal nothing, also not themselves: the encodings are compared.
    let again = |value: &Value| cbor::parse_claims(&value.to_bytes()).map(|again| again.to_bytes());
    let strict = cbor::parse(bytes).inspect(|value| {
        assert_eq!(cbor::parse(&value.to_bytes()).map(|again| again.to_bytes()), Ok(value.to_bytes()));
    });
    let claims = cbor::parse_claims(bytes).inspect(|value| assert_eq!(again(value), Ok(value.to_bytes())));
    strict.is_ok() || claims.is_ok()
}

fn cose(bytes: &[u8]) -> bool {
    let message = Sign1::parse(bytes).inspect(|message| {
        let written = message.to_bytes();
        assert_eq!(Sign1::parse(&written).map(|again| again.to_bytes()), Ok(written));
        let _ = (message.algorithm(), message.kid(), format!("{message:?}"));
        let _ = message.verify(b"amana/1 look", &made().holder_key.public_key());
    });
    let public = key::parse(bytes).inspect(|(public, _)| {
        assert_eq!(key::from_value(&key::to_value(public)).map(|(again, _)| again), Ok(public.clone()));
    });
    message.is_ok() || public.is_ok()
}

fn sd_cwt(bytes: &[u8]) -> bool {
    let card = SdCwt::parse(bytes);
    card.inspect(|card| check_card(card, &|bytes| Format::SdCwt.parse_card(bytes))).is_ok()
}

fn sd_kbt(bytes: &[u8]) -> bool {
    let shown = KeyBinding::parse(bytes);
    shown.inspect(|shown| check_presentation(shown, &|bytes| Format::SdCwt.parse_presentation(bytes))).is_ok()
}

/// A token as it comes, or its parts in clear: base64url hides from the fuzzer what it changes.
fn sd_jwt(bytes: &[u8]) -> bool {
    let check = |bytes: &[u8]| {
        let card = SdJwt::parse(bytes);
        card.inspect(|card| check_card(card, &|bytes| Format::SdJwt.parse_card(bytes))).is_ok()
    };
    check(bytes) | check(&made::sd_jwt_of(bytes, false))
}

fn sd_jwt_kb(bytes: &[u8]) -> bool {
    let check = |bytes: &[u8]| {
        let shown = SdJwtKb::parse(bytes);
        let shown = shown.inspect(|shown| {
            check_presentation(shown, &|bytes| Format::SdJwt.parse_presentation(bytes));
            let _ = shown.verify_key_binding(&made().binding.audience, "nonce");
        });
        shown.is_ok()
    };
    check(bytes) | check(&made::sd_jwt_of(bytes, true))
}

/// A card as it comes, or with digests that fit its items.
fn mdoc(bytes: &[u8]) -> bool {
    let check = |bytes: &[u8]| {
        let card = Mdoc::parse(bytes);
        card.inspect(|card| check_card(card, &|bytes| Format::Mdoc.parse_card(bytes))).is_ok()
    };
    check(bytes) | made::mdoc_of(bytes).is_some_and(|bytes| check(&bytes))
}

fn mdoc_response(bytes: &[u8]) -> bool {
    let check = |bytes: &[u8]| {
        let response = DeviceResponse::parse(bytes).inspect(|response| {
            let written = response.to_bytes();
            assert_eq!(DeviceResponse::parse(&written).map(|again| again.to_bytes()), Ok(written));
            for document in &response.documents {
                let _ = document.verify_device(&SessionTranscript::of_exchange(&made().binding), None);
            }
        });
        let shown = Format::Mdoc.parse_presentation(bytes);
        shown.inspect(|shown| check_presentation(&**shown, &|bytes| Format::Mdoc.parse_presentation(bytes))).is_ok()
            || response.is_ok()
    };
    check(bytes) | made::mdoc_of(bytes).is_some_and(|bytes| check(&bytes))
}

fn mdoc_request(bytes: &[u8]) -> bool {
    let request = DeviceRequest::parse(bytes).inspect(|request| {
        let written = request.to_bytes();
        assert_eq!(DeviceRequest::parse(&written).map(|again| again.to_bytes()), Ok(written));
        let transcript = SessionTranscript::of_exchange(&made().binding);
        for document in &request.documents {
            let _ = document.verify_reader(&transcript, std::slice::from_ref(&made().root), crate::NOW);
        }
    });
    request.is_ok()
}

/// How two devices meet, and what goes between them.
fn mdoc_session(bytes: &[u8]) -> bool {
    let engagement = Engagement::parse(bytes).inspect(|engagement| assert_eq!(engagement.as_bytes(), bytes));
    let transcript = SessionTranscript::parse(bytes).inspect(|transcript| assert_eq!(transcript.as_bytes(), bytes));
    let first = SessionEstablishment::parse(bytes).inspect(|message| {
        assert_eq!(SessionEstablishment::parse(&message.to_bytes()).as_ref(), Ok(message));
    });
    let later = SessionData::parse(bytes).inspect(|message| {
        assert_eq!(SessionData::parse(&message.to_bytes()).as_ref(), Ok(message));
    });
    engagement.is_ok() || transcript.is_ok() || first.is_ok() || later.is_ok()
}

/// The text of a code, a token, the claims of one, or what is inside of a sealed one.
fn claim_169(bytes: &[u8]) -> bool {
    let check_card = |card: &Claim169| {
        check_card(card, &|bytes| Format::Claim169.parse_card(bytes));
        let text = claim169::to_text(&card.to_bytes());
        assert_eq!(claim169::from_text(&text), Ok(card.to_bytes()));
        let numbers = (card.biometrics(), card.portrait().map(|portrait| portrait.format), format!("{card:?}"));
        assert!(card.check_whole().is_ok() == numbers.0.is_empty(), "biometric data is told, and never kept");
    };
    let check = |token: &[u8]| match claim169::parse_with(token, std::slice::from_ref(&made().symmetric_key)) {
        Ok(claim169::Parsed::Card(card)) => {
            // What was sealed is written as it was inside.
            check_card(&card);
            true
        }
        Ok(claim169::Parsed::Encrypted(sealed)) => {
            let _ = format!("{sealed:?}");
            true
        }
        Err(_) => false,
    };
    let of_text = str::from_utf8(bytes).ok().and_then(|text| claim169::from_text(text).ok());
    let tokens = [bytes.to_vec(), made().claim_169.signed(bytes), made().sealed(bytes)];
    // Every one of them is looked at.
    tokens.into_iter().chain(of_text).filter(|token| check(token)).count() > 0
}

fn health(bytes: &[u8]) -> bool {
    let check = |certificate: &HealthCertificate| {
        let _ = (certificate.content(), certificate.kid(), certificate.unsigned_kid(), certificate.algorithm());
        claims::check_silence(certificate, certificate.issuer(), certificate.all_claims());
    };
    let of_text = str::from_utf8(bytes).ok().and_then(|text| HealthCertificate::from_text(text).ok());
    let tokens = [bytes, &made().health.signed(bytes)].map(|token| HealthCertificate::parse(token).ok());
    tokens.into_iter().chain([of_text]).flatten().inspect(check).count() > 0
}

/// A card of any format, as bytes or as text.
fn card(bytes: &[u8]) -> bool {
    recognise(bytes, &[]).is_ok_and(|card| {
        check_card(&*card, &parse_card);
        true
    })
}

fn request(bytes: &[u8]) -> bool {
    let check = |bytes: &[u8]| match Request::verify(bytes) {
        Ok(request) => {
            assert_eq!(request.bytes(), bytes);
            let _ = format!("{request:?}");
            true
        }
        Err(_) => false,
    };
    let signed = made().request.signed(bytes);
    check(bytes) | check(&signed)
}

fn registration(bytes: &[u8]) -> bool {
    let check = |bytes: &[u8]| match Registration::parse(bytes) {
        Ok(registration) => {
            assert_eq!(Registration::parse(&registration.to_bytes()).as_ref(), Ok(&registration));
            let _ = registration.standing(Some(&made().bundle_as_made), crate::NOW);
            true
        }
        Err(_) => false,
    };
    let signed = made().registration.signed(bytes);
    check(bytes) | check(&signed)
}

fn bundle(bytes: &[u8]) -> bool {
    let check = |bytes: &[u8]| match Bundle::verify(bytes, &made().anchor()) {
        Ok(bundle) => {
            let _ = (bundle.is_stale(crate::NOW), bundle.replaces(Some(&made().bundle_as_made)));
            true
        }
        Err(_) => false,
    };
    let signed = made().bundle.signed(bytes);
    let _ = Bundle::claimed_anchor(bytes);
    check(bytes) | check(&signed)
}

fn enrolment(bytes: &[u8]) -> bool {
    let offer = Offer::parse(bytes).inspect(|offer| {
        assert_eq!(Offer::parse(&offer.to_bytes()).map(|again| again.to_bytes()), Ok(offer.to_bytes()));
    });
    let signed = made().enrolment.signed(bytes);
    let enrolled = [bytes, &signed].map(|bytes| Enrolment::verify(bytes).is_ok());
    offer.is_ok() || enrolled.contains(&true)
}

/// What is inside the seal: the padding, or the answer itself.
fn answer(bytes: &[u8]) -> bool {
    let made = made();
    let open = |inside: &[u8]| match response::open(&made.reader, &made.request_hash, &made.seal(inside)) {
        Ok(Opened::Presented(shown)) => {
            let parse = |bytes: &[u8]| shown.card().format().parse_presentation(bytes);
            check_presentation(&*shown, &parse);
            true
        }
        Ok(Opened::Declined) => true,
        Err(_) => false,
    };
    open(bytes) | open(&made::padded(&compress_to_vec(bytes, 1)))
}

fn armoured(bytes: &[u8]) -> bool {
    const KINDS: &[Kind] = &[Kind::Card, Kind::Request, Kind::Bundle];
    let read = armour::read(bytes, KINDS).is_ok();
    let parsed = str::from_utf8(bytes).is_ok_and(|text| match armour::parse(text) {
        Ok((kind, inside)) => {
            assert_eq!(armour::parse(&armour::to_text(kind, &inside)), Ok((kind, inside)));
            true
        }
        Err(_) => false,
    });
    read || parsed
}

/// A row of frames from a scanner: texts on lines, or frames without their check between separators.
fn frames(bytes: &[u8]) -> bool {
    let collect = |texts: &mut dyn Iterator<Item = String>| {
        let (mut collector, mut is_whole) = (Collector::new(), false);
        for text in texts {
            match collector.add(&text) {
                Ok(Progress::Whole(kind, bytes)) => {
                    is_whole = true;
                    // The frame that made it whole names it.
                    if let Some(transfer) = made::transfer_of(&text) {
                        let again = Frames::at_version(kind, &bytes, 27).map(|frames| frames.transfer());
                        assert_eq!(again, Ok(transfer), "another payload than was sent");
                    }
                }
                Ok(Progress::NeedMore { seen, of, .. }) => assert!(seen <= 2 * of + 16 && of > 0),
                Err(_) => {}
            }
        }
        is_whole
    };
    let lines = str::from_utf8(bytes).unwrap_or_default().lines().map(str::to_owned);
    let built = bytes.split(|byte| *byte == made::BETWEEN).map(made::frame_of);
    collect(&mut { lines }) | collect(&mut { built })
}

fn key_of_file(bytes: &[u8]) -> bool {
    str::from_utf8(bytes).is_ok_and(|text| key_file::parse(text).is_ok())
}

fn draft(bytes: &[u8]) -> bool {
    str::from_utf8(bytes).is_ok_and(|text| CardDraft::from_json(text).is_ok())
}

fn path(bytes: &[u8]) -> bool {
    let parsed = str::from_utf8(bytes).ok().and_then(|text| ClaimPath::parse(text).ok());
    parsed.inspect(|path| assert_eq!(ClaimPath::parse(&path.to_string()).as_ref(), Ok(path))).is_some()
}

fn share(bytes: &[u8]) -> bool {
    let check = |share: Share| {
        assert_eq!(Share::from_bytes(&*share.to_bytes()).map(|again| again.to_bytes()), Ok(share.to_bytes()));
        assert_eq!(Share::parse(&share.words()).map(|again| again.to_bytes()), Ok(share.to_bytes()));
        assert_eq!(read_share(&share_to_text(&share)).map(|again| again.to_bytes()), Ok(share.to_bytes()));
    };
    let written = Share::from_bytes(bytes).map(check).is_ok();
    let typed =
        str::from_utf8(bytes).is_ok_and(|text| Share::parse(text).or_else(|_| read_share(text)).map(check).is_ok());
    written || typed
}

/// A token as it comes, the claims of one, or a list to be inflated.
fn status_list(bytes: &[u8]) -> bool {
    let check_list = |list: &StatusList| {
        let entries = list.entries();
        assert!(list.status(entries).is_none() && list.status(entries - 1).is_some());
        assert_eq!(list.counts().iter().map(|(_, count)| count).sum::<u64>(), entries);
        assert_eq!(StatusList::parse(list.bits().into(), &list.to_compressed()).as_ref(), Ok(list));
    };
    let check = |bytes: &[u8]| {
        let token = StatusListToken::parse(bytes).inspect(|token| _ = format!("{token:?}"));
        let claims = token.and_then(StatusListToken::into_claims).inspect(|claims| {
            check_list(&claims.list);
            let _ = (claims.is_stale(crate::NOW), format!("{claims:?}"));
        });
        claims.is_ok()
    };
    let list = bytes.split_first().and_then(|(bits, compressed)| StatusList::parse((*bits).into(), compressed).ok());
    let tokens =
        [&made().status_list.signed(bytes)[..], &made::jwt_of(r#"{"typ":"statuslist+jwt","alg":"ES256"}"#, bytes)];
    check(bytes) | tokens.map(check).contains(&true) | list.inspect(check_list).is_some()
}

/// A certificate, or a file of them; and whether they lead to the root.
fn x509(bytes: &[u8]) -> bool {
    let one = Certificate::parse(bytes).inspect(|certificate| assert_eq!(certificate.to_bytes(), bytes));
    let file = str::from_utf8(bytes).ok().and_then(|text| Certificate::parse_pem(text).ok());
    let chain = one.map_or_else(|_| file.unwrap_or_default(), |certificate| vec![certificate]);
    for profile in [Profile::DocumentSigner, Profile::Reader, Profile::AnySigner] {
        let _ = verify_chain(&chain, std::slice::from_ref(&made().root), crate::NOW, profile);
    }
    for certificate in &chain {
        let _ =
            (certificate.public_key(), certificate.common_name(), certificate.country(), format!("{certificate:?}"));
    }
    !chain.is_empty()
}

/// A file of age's. One that another passphrase opens was read too, as far as anybody can.
fn backup(bytes: &[u8]) -> bool {
    /// What it may ask of scrypt: 256 KiB.
    const MOST_LOG_N: u8 = 8;
    matches!(age::open_within(bytes, &made().passphrase(), MOST_LOG_N), Ok(_) | Err(Error::WrongPassphrase))
}

/// What is inside a backup that its passphrase opens.
fn backup_document(bytes: &[u8]) -> bool {
    let file = age::seal(bytes, &made().passphrase(), 1, &made::Chance::new("backup document")).expect("sealed");
    Backup::open(&file, &made().passphrase()).is_ok_and(|backup| {
        let _ = (backup.contents(), format!("{backup:?}"));
        true
    })
}
