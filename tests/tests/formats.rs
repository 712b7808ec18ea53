//! The whole loop in every format that is bound to a holder's key: offer, enrolment, delivery, request, answer, verdict; and
//! the same by chains of certificates, in backups, and with keys inside the device.

use amana_core::cose::cwt;
use amana_core::credential::sd_jwt::{self, SdJwt};
use amana_core::credential::{ClaimPath, Format, Value, parse_card};
use amana_core::crypto::{Curve, SigningKey};
use amana_core::error::Error;
use amana_core::issuer::{CardDraft, Desk};
use amana_core::ports::OsEntropy;
use amana_core::presentation::Ask;
use amana_core::qr::{Collector, Frames, Kind, Progress, armour};
use amana_core::trust::{Anchor, Believed, Bundle, GivenKey, IssuerKey, Signed};
use amana_core::verifier::{
    Authenticity, CannotCheck, Decision, HolderProof, Judged, OpenRequest, Policy, Verdict, Verifier, VerifierHost,
};
use amana_core::wallet::{Backup, CardId, Holder, HolderKeys, KeyPlace, Passphrase};
use amana_core::x509::{Certificate, Profile, make_root, make_signer};
use amana_tests::{ISSUER, Rng, World, certificate_draft, names, to_hex};
use base64ct::{Base64UrlUnpadded, Encoding as _};
use std::sync::Arc;
use zeroize::Zeroizing;

const FORMATS: [Format; 3] = [Format::SdCwt, Format::SdJwt, Format::Mdoc];
const TYPE: &str = "org.iso.18013.5.1.mDL";
const SPACE: &str = "org.iso.18013.5.1";

const DRAFT: &str = r#"{
    "type": "org.iso.18013.5.1.mDL", "valid_from": "2026-01-01", "valid_until": "2027-12-31",
    "claims": {"org.iso.18013.5.1": {
        "family_name": "Njoroge", "given_name": "Amina", "birth_date": {"$date": "1984-02-29"},
        "age_over_18": true, "resident_city": "Mwanza"
    }}
}"#;

fn path(element: &str) -> ClaimPath {
    ClaimPath::new(vec![SPACE.into(), element.into()]).unwrap()
}

/// A desk with a certificate, and everybody who believes its root.
struct Office {
    world: World,
    desk: Desk,
    bundle: Bundle,
}

impl Office {
    /// `believes` tells what of the desk the bundle has: its key, its root, or neither.
    fn new(believes_key: bool, believes_root: bool) -> Self {
        Self::certified_for(Profile::DocumentSigner, believes_key, believes_root)
    }

    fn certified_for(profile: Profile, believes_key: bool, believes_root: bool) -> Self {
        let world = World::new();
        let (root_key, key) = (p256(), p256());
        let (root, signer) = certificates(profile, &root_key, &key, ("2026-01-01", "2027-06-30"));
        let mut bundle = world.bundle.clone();
        bundle.sequence += 1;
        let issuer = &mut bundle.issuers[0];
        issuer.names = names("Registry of Persons", "Wakala wa Usajili");
        issuer.types.push(TYPE.to_owned());
        let own = IssuerKey { kid: b"desk-1".to_vec(), key: key.public_key(), retired: None };
        issuer.keys = believes_key.then_some(own).into_iter().collect();
        issuer.roots = believes_root.then_some(root).into_iter().collect();
        let clock = world.verifier_clock.clone();
        let desk = Desk::new(ISSUER, b"desk-1", key, clock, Arc::new(OsEntropy)).with_chain(vec![signer]).unwrap();
        let anchor = Anchor::new(world.anchor.public_key());
        world.holder.load_trust(&bundle.sign(&world.anchor).unwrap(), &anchor).unwrap();
        world.holder.delete(world.card).unwrap();
        Self { world, desk, bundle }
    }

    fn issue(&self, format: Format, place: KeyPlace) -> CardId {
        let draft = CardDraft::from_json(DRAFT).unwrap();
        let offer = self.desk.offer_in(format, TYPE, 3600).unwrap();
        let enrolment = self.world.holder.enrol_with(&offer.to_bytes(), place).unwrap();
        let issued = self.desk.issue(draft, self.desk.accept(enrolment.as_bytes()).unwrap()).unwrap();
        assert_eq!(issued.card.format(), format);
        let id = self.world.holder.add(&issued.delivery).unwrap();
        assert_eq!(self.world.holder.add(&issued.delivery), Ok(id), "a camera reads twice");
        id
    }

    fn verifier(&self) -> Verifier {
        let anchor = Anchor::new(self.world.anchor.public_key());
        let trust = Bundle::verify(&self.bundle.sign(&self.world.anchor).unwrap(), &anchor).unwrap();
        let host = VerifierHost { clock: self.world.verifier_clock.clone(), entropy: Arc::new(OsEntropy) };
        Verifier::new(trust, SigningKey::make(&OsEntropy).unwrap(), None, Policy::RATIONS, host).unwrap()
    }

    fn request(&self) -> OpenRequest {
        let asks = ["family_name", "age_over_18", "portrait"].map(|element| Ask { path: path(element), kept: false });
        self.verifier().request("age-check", &asks).unwrap()
    }

    fn ask(&self, holder: &Holder) -> Result<Verdict, Error> {
        let request = self.request();
        let mut incoming = holder.receive(request.text().as_bytes())?;
        incoming.share_beyond_registration(&path("age_over_18"))?;
        let consent = incoming.review()?;
        assert_eq!(consent.shown(), [path("age_over_18")]);
        assert_eq!(consent.also_shown(), [], "nothing goes along unasked");
        let answer = consent.respond()?;
        match request.judge(&armour::parse(&answer.text())?.1)? {
            Judged::Verdict(verdict) => Ok(*verdict),
            Judged::Declined => panic!("declined"),
        }
    }
}

fn p256() -> SigningKey {
    SigningKey::make_on(Curve::P256, &OsEntropy).unwrap()
}

fn certificates(
    profile: Profile,
    root_key: &SigningKey,
    key: &SigningKey,
    (from, until): (&str, &str),
) -> (Certificate, Certificate) {
    let day = |text| cwt::parse_full_date(text).unwrap();
    let draft =
        |name: &str, from, until| certificate_draft(name, (cwt::day_start(day(from)), cwt::day_end(day(until))));
    let root = make_root(&draft("Root", "2025-01-01", "2035-12-31"), root_key, &OsEntropy).unwrap();
    let signer = draft("Desk", from, until);
    let signer = make_signer(&signer, &key.public_key(), profile, &root, root_key, &OsEntropy).unwrap();
    (root, signer)
}

#[test]
fn every_format_goes_the_whole_loop() {
    for format in FORMATS {
        let office = Office::new(true, true);
        let card = office.issue(format, KeyPlace::Vault);
        let listed = &office.world.holder.cards().unwrap()[0];
        assert_eq!((listed.id, listed.format, listed.has_holder_key), (card, format, true));
        assert!(listed.issuer_names.is_some(), "{format:?}");
        let verdict = office.ask(&office.world.holder).unwrap();
        let genuine = matches!(verdict.authenticity, Authenticity::Genuine { .. });
        assert!(genuine, "{format:?}: {:?}", verdict.authenticity);
        assert_eq!(
            (verdict.holder, verdict.decision),
            (HolderProof::Fresh, Decision::Refuse(vec![amana_core::verifier::Reason::NeededWithheld]))
        );
        assert_eq!(verdict.withheld, [path("family_name"), path("portrait")]);
        assert!(verdict.claims.at(&path("age_over_18")).is_some() && verdict.claims.at(&path("family_name")).is_none());
        assert_eq!(office.world.holder.history().unwrap().entries.len(), 1);
    }
}

#[test]
fn keys_inside_the_device_prove_cards_of_every_format() {
    for format in FORMATS {
        let office = Office::new(true, true);
        office.issue(format, KeyPlace::Device);
        assert_eq!(office.ask(&office.world.holder).unwrap().holder, HolderProof::Fresh, "{format:?}");
    }
}

#[test]
fn a_root_alone_vouches_for_formats_that_bring_certificates() {
    for (format, is_genuine) in [(Format::SdCwt, false), (Format::SdJwt, true), (Format::Mdoc, true)] {
        let office = Office::new(false, true);
        office.issue(format, KeyPlace::Vault);
        let authenticity = office.ask(&office.world.holder).unwrap().authenticity;
        assert_eq!(matches!(authenticity, Authenticity::Genuine { .. }), is_genuine, "{format:?}: {authenticity:?}");
        let strangers = Office::new(false, false);
        strangers.issue(format, KeyPlace::Vault);
        let authenticity = strangers.ask(&strangers.world.holder).unwrap().authenticity;
        assert_eq!(authenticity, Authenticity::CannotCheck(CannotCheck::UnknownIssuer), "{format:?}");
    }
}

#[test]
fn certificates_for_something_else_accuse_nobody_who_is_believed_otherwise() {
    let judge = |format, believes_key, believes_root| {
        let office = Office::certified_for(Profile::Reader, believes_key, believes_root);
        let draft = CardDraft::from_json(DRAFT).unwrap();
        let offer = office.desk.offer_in(format, TYPE, 3600).unwrap();
        let enrolment = World::new().holder.enrol(&offer.to_bytes()).unwrap();
        let issued = office.desk.issue(draft, office.desk.accept(enrolment.as_bytes()).unwrap()).unwrap();
        office.verifier().judge_card(&issued.card.to_bytes()).unwrap().authenticity
    };
    let unknown = Authenticity::CannotCheck(CannotCheck::UnknownIssuer);
    for format in [Format::SdJwt, Format::Mdoc] {
        // Under no root that is known here: nothing is said against a stranger.
        assert_eq!(judge(format, false, false), unknown, "{format:?}");
        // Under the root, by a key that may ask for cards and not sign any.
        assert_eq!(judge(format, false, true), Authenticity::Forged { why: "chain-purpose" }, "{format:?}");
    }
    // The bundle has the key itself, and believes it whatever its certificate says.
    for believes_root in [false, true] {
        assert!(matches!(judge(Format::SdJwt, true, believes_root), Authenticity::Genuine { .. }));
    }
}

/// Keys beside a bundle: false is what the named key did not sign, or the one key alone that it could be.
#[test]
fn a_key_that_need_not_be_the_signers_accuses_nobody() {
    let (issuer, strangers) = (p256(), [p256(), p256()]);
    let signed = |kid: &[u8]| {
        let draft = CardDraft::from_json(amana_tests::CARD_JSON).unwrap();
        sd_jwt::issue(&draft, ISSUER, None, kid, &[], &issuer, &OsEntropy).unwrap()
    };
    let given = |kid: Option<&[u8]>, key: &SigningKey| GivenKey { kid: kid.map(<[u8]>::to_vec), key: key.public_key() };
    let believed = |keys: &[GivenKey]| keys.iter().cloned().fold(Believed::default(), Believed::and_key);
    let judge = |trust: &Believed, card: &SdJwt| trust.signer_of(card, amana_tests::NOW).1;
    let (named, nameless) = (signed(b"desk-1"), signed(b""));
    let not = Signed::Not { why: "signature-invalid" };

    let alone = believed(&[given(None, &strangers[0])]);
    assert_eq!((judge(&alone, &named), judge(&alone, &nameless)), (not, not));
    let both = believed(&strangers.each_ref().map(|key| given(None, key)));
    assert_eq!((judge(&both, &named), judge(&both, &nameless)), (Signed::UnknownKey, Signed::UnknownKey));
    let of_its_name = believed(&[given(Some(b"desk-1"), &strangers[0]), given(None, &strangers[1])]);
    assert_eq!((judge(&of_its_name, &named), judge(&of_its_name, &nameless)), (not, not));
    let of_another_name = believed(&[given(Some(b"desk-2"), &issuer)]);
    assert_eq!(judge(&of_another_name, &named), Signed::UnknownKey);
    assert_eq!(judge(&believed(&[given(None, &issuer)]), &named), Signed::By { retired: None });
    // Of several certificates of one key the one in its time counts, wherever it stands.
    let of_days = |days| certificates(Profile::DocumentSigner, &p256(), &issuer, days).1;
    let (over, now) = (of_days(("2025-01-01", "2026-06-30")), of_days(("2026-01-01", "2027-06-30")));
    let to_come = of_days(("2027-01-01", "2028-06-30"));
    let with = |all: &[&Certificate]| {
        let trust = all.iter().fold(Believed::default(), |trust, one| trust.and_certificate((*one).clone()));
        judge(&trust, &named)
    };
    assert_eq!(with(&[&to_come, &over, &now]), Signed::By { retired: None });
    assert!(matches!(with(&[&to_come, &over]), Signed::By { retired: Some(_) }));
    assert_eq!(with(&[&to_come]), Signed::UnknownKey);
    // An authority signs certificates. That it did not sign a card says nothing; where it did, it is the signer.
    let certificate = |key| certificates(Profile::DocumentSigner, key, &p256(), ("2026-01-01", "2027-06-30")).0;
    let authority = Believed::default().and_certificate(certificate(&strangers[0]));
    assert_eq!(judge(&authority, &named), Signed::UnknownKey);
    let (who, signed) = authority.and_certificate(certificate(&issuer)).signer_of(&named, amana_tests::NOW);
    assert_eq!((who.unwrap().iter().next().unwrap().1, signed), ("Root", Signed::By { retired: None }));
}

#[test]
fn a_signer_whose_certificate_is_over_is_told_and_not_called_a_forger() {
    let office = Office::new(false, true);
    office.issue(Format::Mdoc, KeyPlace::Vault);
    office.world.verifier_clock.set(cwt::day_start(cwt::parse_full_date("2027-07-02").unwrap()));
    let verdict = office.ask(&office.world.holder).unwrap();
    assert!(matches!(verdict.authenticity, Authenticity::CannotCheck(CannotCheck::RetiredKey { .. })), "{verdict:?}");
    // A verifier's clock that is years behind makes nobody a forger either.
    office.world.verifier_clock.set(cwt::day_start(cwt::parse_full_date("2020-01-01").unwrap()));
    let verdict = office.ask(&office.world.holder).unwrap();
    assert!(matches!(verdict.authenticity, Authenticity::CannotCheck(_)), "{verdict:?}");
}

#[test]
fn cards_of_every_format_come_back_from_a_backup_with_their_keys() {
    let passphrase =
        || Passphrase::typed(Zeroizing::new("seven words that nobody else would think of".to_owned())).unwrap();
    for format in FORMATS {
        let office = Office::new(true, true);
        office.issue(format, KeyPlace::Vault);
        let plan = office.world.holder.plan_backup(HolderKeys::IncludeSoftwareKeys).unwrap();
        assert_eq!((plan.goes().len(), plan.reissue().len()), (1, 0), "{format:?}");
        let backup = Backup::open(&plan.seal(&passphrase()).unwrap(), &passphrase()).unwrap();
        let phone = World::new();
        phone.holder.delete(phone.card).unwrap();
        phone.holder.restore(&backup).unwrap();
        let cards = phone.holder.cards().unwrap();
        assert_eq!((cards.len(), cards[0].format, cards[0].needs_reissue), (1, format, false));
        assert_eq!(office.ask(&phone.holder).unwrap().holder, HolderProof::Fresh, "{format:?}");
    }
}

#[test]
fn a_card_in_clear_is_taken_in_whatever_dress_and_judged_as_a_bearers() {
    for format in FORMATS {
        let office = Office::new(true, true);
        let draft = CardDraft::from_json(DRAFT).unwrap();
        let offer = office.desk.offer_in(format, TYPE, 3600).unwrap();
        let enrolment = office.world.holder.enrol(&offer.to_bytes()).unwrap();
        let issued = office.desk.issue(draft, office.desk.accept(enrolment.as_bytes()).unwrap()).unwrap();
        let bytes = issued.card.to_bytes();
        assert_eq!(parse_card(&bytes).unwrap().format(), format);
        let dressed = [bytes.clone(), to_hex(&bytes).into_bytes(), armour::to_text(Kind::Card, &bytes).into_bytes()];
        for dress in &dressed[..2] {
            let verdict = office.verifier().judge_card(dress).unwrap();
            assert_eq!(verdict.holder, HolderProof::Bearer, "{format:?}");
            assert!(matches!(verdict.authenticity, Authenticity::Genuine { .. }), "{format:?}");
        }
        let ids: Vec<_> = dressed.iter().map(|dress| office.world.holder.add(dress).unwrap()).collect();
        assert!(ids.iter().all(|id| *id == ids[0]), "{format:?}");
        assert_eq!(office.world.holder.cards().unwrap().len(), 1);
        // Another's wallet has no key for it.
        assert_eq!(World::new().holder.add(&bytes), Err(Error::NotForMe), "{format:?}");
    }
}

/// Shows frames from anywhere to a camera that loses some, reads some twice and all in disorder, and has another transfer in
/// view; what arrived.
fn film(kind: Kind, bytes: &[u8], loss: usize, rng: &mut Rng) -> Vec<u8> {
    let (frames, others) = (Frames::new(kind, bytes).unwrap(), Frames::new(kind, &vec![7; bytes.len()]).unwrap());
    let (mut collector, mut read) = (Collector::new(), 0);
    let start = rng.below(1000) as u32;
    for moment in (start..).step_by(12) {
        let mut texts: Vec<String> = (moment..moment + 12).map(|index| frames.text(index)).collect();
        texts.retain(|_| rng.below(100) >= loss);
        read += texts.len();
        texts.extend(texts.iter().step_by(3).cloned().collect::<Vec<_>>());
        texts.extend((moment..moment + 6).map(|index| others.text(index)));
        while !texts.is_empty() {
            let text = texts.swap_remove(rng.below(texts.len()));
            if let Ok(Progress::Whole(found, whole)) = collector.add(&text) {
                assert_eq!(found, kind);
                assert!(read <= frames.symbols() + 12 + 3, "{read} of {} at {loss} %", frames.symbols());
                return whole;
            }
        }
    }
    unreachable!("the frames have no end")
}

#[test]
fn a_large_mdoc_with_a_portrait_is_issued_and_shown_by_frames_whatever_is_lost() {
    let mut rng = Rng::new(1, "film", 0);
    let portrait: Vec<u8> =
        [0xff, 0xd8, 0xff, 0xe0].into_iter().chain((0..20_000).map(|_| rng.below(256) as u8)).collect();
    let said =
        format!("\"portrait\": {{\"$bytes\": \"{}\"}}, \"family_name\"", Base64UrlUnpadded::encode_string(&portrait));
    let draft = CardDraft::from_json(&DRAFT.replace("\"family_name\"", &said)).unwrap();
    for loss in [0, 10, 30, 50] {
        let office = Office::new(true, true);
        let holder = &office.world.holder;
        let offer = office.desk.offer_in(Format::Mdoc, TYPE, 3600).unwrap();
        let enrolment = holder.enrol(&offer.to_bytes()).unwrap();
        let issued = office.desk.issue(draft.clone(), office.desk.accept(enrolment.as_bytes()).unwrap()).unwrap();
        assert!(issued.delivery.len() > 20_000);
        holder.add(&film(Kind::Delivery, &issued.delivery, loss, &mut rng)).unwrap();

        let request = office.request();
        let mut incoming = holder.receive(request.text().as_bytes()).unwrap();
        incoming.share_beyond_registration(&path("portrait")).unwrap();
        let answer = incoming.review().unwrap().respond().unwrap();
        assert!(answer.bytes().len() > 20_000 && answer.symbol().is_err(), "no single code holds it");
        let Judged::Verdict(verdict) = request.judge(&film(Kind::Response, answer.bytes(), loss, &mut rng)).unwrap()
        else {
            panic!("declined")
        };
        assert!(matches!(verdict.authenticity, Authenticity::Genuine { .. }) && verdict.holder == HolderProof::Fresh);
        assert!(verdict.claims.at(&path("portrait")) == Some(&Value::Bytes(portrait.clone())), "{loss} %");
    }
}

#[test]
fn a_desk_without_a_certificate_offers_no_mdoc() {
    let world = World::new();
    let refused = world.desk.offer_in(Format::Mdoc, TYPE, 3600).unwrap_err();
    assert_eq!(refused, Error::Invalid { reason: "certificate" });
    let (root_key, key) = (p256(), p256());
    let (_, signer) = certificates(Profile::DocumentSigner, &root_key, &key, ("2026-01-01", "2027-06-30"));
    let other = Desk::new(ISSUER, b"k", p256(), world.verifier_clock.clone(), Arc::new(OsEntropy));
    assert_eq!(other.with_chain(vec![signer]).err(), Some(Error::Invalid { reason: "certificate" }));
}
