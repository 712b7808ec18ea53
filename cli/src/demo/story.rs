//! The story: from keys to a verdict, and what attackers get.

use super::cast::{self, CLAIMS, Cast, HOLDER, PURPOSE, PhoneClock, WORKER};
use super::stage::{Eyes, Mark, Panel, Stage, held, values_in};
use super::taken::Taken;
use crate::exit::Fault;
use crate::io;
use crate::wallet::flatten;
use crate::words;
use amana_core::credential::{ClaimPath, to_json};
use amana_core::crypto::SigningKey;
use amana_core::crypto::seal::{Ephemeral, Use};
use amana_core::error::Error;
use amana_core::explain::Message;
use amana_core::issuer::CardDraft;
use amana_core::ports::OsEntropy;
use amana_core::presentation::Ask;
use amana_core::qr::{Kind, armour};
use amana_core::software;
use amana_core::verifier::{Decision, HolderProof, Judged, OpenRequest, Policy, Verdict, Verifier, VerifierHost};
use amana_core::wallet::{Answer, Argon2Cost, Door, Holder, Wallet, WalletHost};
use std::path::Path;
use std::sync::Arc;

/// What the page says at its top.
pub struct Summary {
    pub shown: usize,
    pub held: usize,
    pub answer_bytes: usize,
}

/// Tells it.
pub fn tell(stage: &mut Stage<'_>, vault: &Path) -> Result<Summary, Fault> {
    let cast = Cast::new()?;
    let bundle = show_trust(stage, &cast)?;
    // What stays in the phone: it goes when the demo ends.
    let phone = tempfile::tempdir().map_err(|error| Fault::file(&std::env::temp_dir(), &error))?;
    let holder_clock = Arc::new(PhoneClock::default());
    let (wallet, holder) = make_wallet(stage, vault, phone.path(), holder_clock.clone())?;
    holder.load_trust(bundle.as_bytes(), &cast.believe())?;
    get_card(stage, &cast, &holder)?;
    search_vault(stage, vault)?;

    let verifier_clock = Arc::new(PhoneClock::default());
    let key = SigningKey::make(&OsEntropy)?;
    let registration = cast.registration(&key)?;
    let trust = Verifier::read_trust(bundle.as_bytes(), &cast.believe())?;
    let host = VerifierHost { clock: verifier_clock.clone(), entropy: Arc::new(OsEntropy) };
    let verifier = Verifier::new(trust, key, Some(registration), Policy::RATIONS, host)?;
    let mut scene = Scene { stage, holder, holder_clock, verifier, verifier_clock };
    let (request, request_text) = scene.ask()?;
    let answer = scene.decide(&request_text)?;
    let answer_text = scene.answer(&request, &answer)?;
    let verdict = scene.judge(&request, &answer_text)?;
    scene.attack(&request, &request_text, &answer_text)?;
    scene.holder.close_now();
    let taken = Taken { vault, phone: phone.path(), wallet };
    taken.stolen(stage)?;
    taken.decoy(stage, &cast)?;
    Ok(Summary {
        shown: flatten(&to_json(&verdict.claims)).len(),
        held: CLAIMS.len() + 1,
        answer_bytes: answer.bytes().len(),
    })
}

fn show_trust(stage: &mut Stage<'_>, cast: &Cast) -> Result<String, Fault> {
    stage.step(
        "trust",
        "Whom to believe",
        "The programme signs one small file, the trust bundle: who issues cards, and who vouches for those who check \
         them. Phones take it in from a poster, once, and need no network for it. All keys here are named DEMO; \
         nothing but this demo believes them.",
    )?;
    let text = armour::to_text(Kind::Bundle, &cast.bundle()?.sign(&cast.anchor)?);
    let scanned = stage.show("trust", "The trust bundle", &text)?;
    stage.panel(
        Panel::new(Eyes::Holder, "What every phone now believes")
            .line(Mark::Good, format!("{} issues ration cards", cast::OFFICE))
            .line(Mark::Good, format!("{} vouches for verifiers", cast::REGISTRAR)),
    );
    stage.bystander(&scanned, Vec::new())?;
    Ok(scanned)
}

fn make_wallet(
    stage: &mut Stage<'_>,
    vault: &Path,
    phone: &Path,
    clock: Arc<PhoneClock>,
) -> Result<(Wallet, Holder), Fault> {
    stage.step(
        "wallet",
        format!("A wallet on {HOLDER}’s phone"),
        format!(
            "{HOLDER} chooses a PIN. The wallet is one file, sealed by a key made of her PIN and a key that stays in her \
             phone: the file alone can be copied, and opens to nobody. In this demo the phone’s key goes when the demo \
             ends, and trying a PIN costs the least that is allowed (19 MiB, 2 passes), to spare your time; `amana wallet \
             init` measures what the machine can bear."
        ),
    )?;
    let host = WalletHost { clock, ..software::host_beside(&phone.join("phone"))? };
    let wallet = Wallet::create(vault, host, Door::One, &cast::pin()?, Argon2Cost::FLOOR)?;
    let wrong = amana_core::crypto::Pin::new("000000".to_owned().into())?;
    let refused = wallet.unlock(Door::One, &wrong).err().map(|error| words::error(&error)).unwrap_or_default();
    let holder = wallet.unlock(Door::One, &cast::pin()?)?;
    stage.say(&format!("Another PIN: {refused} Hers opens it."))?;
    stage.panel(
        Panel::new(Eyes::Holder, format!("What {HOLDER} sees"))
            .line(Mark::Bad, format!("Another PIN: {refused}"))
            .line(Mark::Good, "Her PIN: the wallet is open, and empty."),
    );
    Ok((wallet, holder))
}

fn get_card(stage: &mut Stage<'_>, cast: &Cast, holder: &Holder) -> Result<(), Fault> {
    stage.step(
        "offer",
        "The desk offers a card",
        "A code on the desk’s screen or wall says which card can be had, signed by the desk. One code serves the whole \
         queue.",
    )?;
    let offer = cast.desk.offer(cast::CARD_TYPE, 8 * 3600)?;
    let offer = stage.show("offer", "The offer", &armour::to_text(Kind::Offer, &offer.to_bytes()))?;
    stage.bystander(&offer, Vec::new())?;

    stage.step(
        "enrolment",
        "The phone answers with a fresh key",
        format!(
            "{HOLDER}’s phone makes a key for this one card and signs the offer with it. The card will be bound to that \
             key: a copied card is of no use without the phone."
        ),
    )?;
    let enrolment = stage.show("enrolment", "The enrolment", &holder.enrol(offer.as_bytes())?)?;
    let applicant = cast.desk.accept(enrolment.as_bytes())?;
    stage.panel(
        Panel::new(Eyes::Desk, "What the desk knows")
            .line(Mark::Good, "This phone holds the key, and answers the desk’s own offer.")
            .line(Mark::Plain, "Nothing about other cards, or about the phone: the key was never used before."),
    );
    stage.bystander(&enrolment, Vec::new())?;

    stage.step(
        "delivery",
        "The card comes sealed",
        format!(
            "The clerk has checked who {HOLDER} is, and the desk signs her card: {} facts, each of which she can show or \
             keep to herself. It travels sealed to her phone; nobody else in the room can read it off the screen.",
            CLAIMS.len() + 1
        ),
    )?;
    let issued = cast.desk.issue(CardDraft::from_json(&cast.card())?, applicant)?;
    let delivery = stage.show("delivery", "The sealed card", &armour::to_text(Kind::Delivery, &issued.delivery))?;
    let card = holder.add(delivery.as_bytes())?;
    let claims = flatten(&to_json(&holder.claims(card)?));
    stage.panel(
        Panel::new(Eyes::Holder, format!("What {HOLDER}’s phone now holds"))
            .lines(claims.into_iter().map(|(path, value)| (Mark::Plain, format!("{path}: {value}")))),
    );
    stage.bystander(&delivery, Vec::new())
}

/// Words of a file that a person could read, as `strings` finds them.
const LEAST_WORD: usize = 8;

fn search_vault(stage: &mut Stage<'_>, vault: &Path) -> Result<(), Fault> {
    let file = io::read(vault)?;
    let printable = |byte: &u8| byte.is_ascii_graphic() || *byte == b' ';
    let runs = file.split(|byte| !printable(byte)).filter(|run| run.len() >= LEAST_WORD);
    let readable: Vec<_> = runs.map(|run| String::from_utf8_lossy(run)).filter(|run| run.contains(' ')).collect();
    let found = values_in(&file);
    let verdict = match found[..] {
        [] => (
            Mark::Good,
            format!("Searched its {} bytes for {} things the card says: none is there.", file.len(), CLAIMS.len()),
        ),
        _ => (Mark::Bad, format!("Found: {}", found.join(", "))),
    };
    stage.say(&verdict.1)?;
    let shorten = |text: &str| text.chars().take(56).chain(['…']).collect::<String>();
    let layout = readable.iter().filter(|run| run.len() > 56).take(3).map(|run| (Mark::Raw, shorten(run)));
    stage.panel(
        Panel::new(Eyes::Bystander, "What a thief of the wallet’s file gets")
            .line(verdict.0, verdict.1)
            .line(Mark::Plain, "What can be read is the layout that every wallet has, empty or full:")
            .lines(layout)
            .line(Mark::Plain, "The file lies beside this page: wallet.amana. Look for yourself."),
    );
    Ok(())
}

/// The field: a holder, a verifier, and the stage they are on.
struct Scene<'a, 's> {
    stage: &'s mut Stage<'a>,
    holder: Holder,
    holder_clock: Arc<PhoneClock>,
    verifier: Verifier,
    verifier_clock: Arc<PhoneClock>,
}

impl Scene<'_, '_> {
    fn request(&self) -> Result<OpenRequest, Fault> {
        let ask = |path: &str, kept| Ok(Ask { path: ClaimPath::parse(path)?, kept });
        let asks: Result<Vec<_>, Fault> = [
            ask("household.family_size", false),
            ask("household.ration_card", false),
            ask("district", false),
            ask("phone", true),
        ]
        .into_iter()
        .collect();
        Ok(self.verifier.request(PURPOSE, &asks?)?)
    }

    fn ask(&mut self) -> Result<(OpenRequest, String), Fault> {
        self.stage.step(
            "request",
            "A field worker asks",
            format!(
                "Weeks later, far from any network. {WORKER} of the food point shows a code on his phone: who asks, why, \
                 and for what. It carries the registrar’s word for the food point, and a key made for this one question."
            ),
        )?;
        let request = self.request()?;
        let scanned = self.stage.show("request", "The request", &request.text())?;
        let size = request.request().bytes().len();
        self.stage.panel(
            Panel::new(Eyes::Verifier, format!("What {WORKER}’s phone keeps"))
                .line(Mark::Plain, format!("A request of {size} bytes, open for five minutes."))
                .line(Mark::Plain, "The secret that opens the answer, in memory until the verdict."),
        );
        self.stage.bystander(&scanned, Vec::new())?;
        Ok((request, scanned))
    }

    fn decide(&mut self, scanned: &str) -> Result<Answer, Fault> {
        self.stage.step(
            "consent",
            format!("{HOLDER} decides"),
            "Her phone holds every claim against what the registrar allows. What the purpose needs is marked; what goes \
             beyond is never marked by itself, and no single tap shares it.",
        )?;
        let mut incoming = self.holder.receive(scanned.as_bytes())?;
        let saw = Panel::new(Eyes::Holder, format!("What {HOLDER} sees"));
        self.stage.panel(saw.lines(incoming.explain().iter().map(mark)));
        let asked = incoming.items().len();
        // She shares the optional claim too; the one beyond stays with her.
        incoming.share(&ClaimPath::parse("district")?)?;
        let consent = incoming.review()?;
        let told = Panel::new(Eyes::Holder, "Before the last tap").lines(consent.explain().iter().map(mark));
        self.stage.panel(told);
        self.stage.say(&format!(
            "{} of {asked} claims will be shown, {} withheld.",
            consent.shown().len(),
            consent.withheld().len()
        ))?;
        Ok(consent.respond()?)
    }

    fn answer(&mut self, request: &OpenRequest, answer: &Answer) -> Result<String, Fault> {
        self.stage.step(
            "answer",
            "The answer, sealed for one question",
            format!(
                "{HOLDER}’s phone signs what she chose, for this request only, and seals it to the key in the request. \
                 Anybody may film the screen."
            ),
        )?;
        let scanned = self.stage.show("answer", "The answer", &answer.text())?;
        // The bystander has filmed the request, too, and tries a key of their own on the answer.
        let own = Ephemeral::make(&OsEntropy)?;
        let opened = own.open(Use::Response, request.request().hash(), answer.bytes());
        let tried = match opened {
            Err(error) => (Mark::Good, format!("Opening it with a key of their own: {}", words::error(&error))),
            Ok(_) => (Mark::Bad, "It opened with a stranger’s key.".to_owned()),
        };
        self.stage.bystander(&scanned, vec![tried])?;
        Ok(scanned)
    }

    fn judge(&mut self, request: &OpenRequest, scanned: &str) -> Result<Verdict, Fault> {
        self.stage.step(
            "verdict",
            "The verdict, in parts",
            format!(
                "{WORKER}’s phone opens the answer and checks it, with no network. The verdict is never a bare yes or no: \
                 what could not be checked is said, and is no finding about {HOLDER}."
            ),
        )?;
        let verdict = given(request.judge(scanned.as_bytes())?)?;
        let said = verdict.explain();
        self.stage.say(&words::in_english(said.first().unwrap_or(&Message::plain("decision-refuse"))))?;
        let parts = Panel::new(Eyes::Verifier, "What the check found").lines(said.iter().map(mark));
        self.stage.panel(parts);
        let shown = flatten(&to_json(&verdict.claims));
        let kept = CLAIMS.iter().map(|(path, _)| *path).filter(|path| shown.iter().all(|(shown, _)| shown != path));
        let kept = format!("Not learned: {}", kept.collect::<Vec<_>>().join(", "));
        let learned = Panel::new(Eyes::Verifier, format!("All that {WORKER} learned"));
        let learned = learned.lines(shown.into_iter().map(|(path, value)| (Mark::Plain, format!("{path}: {value}"))));
        self.stage.panel(learned.line(Mark::Good, kept));
        Ok(verdict)
    }

    fn attack(&mut self, request: &OpenRequest, request_text: &str, answer_text: &str) -> Result<(), Fault> {
        self.stage.step(
            "attacks",
            "What attackers get",
            "Each was carried out just now, on the codes above; these are the core’s own answers.",
        )?;
        self.replay(answer_text)?;
        self.second_answer(request, request_text, answer_text)?;
        self.refusal()?;
        self.wrong_clocks()
    }

    fn replay(&mut self, answer_text: &str) -> Result<(), Fault> {
        let judged = self.request()?.judge(answer_text.as_bytes());
        let panel = Panel::new(Eyes::Bystander, "A filmed answer, shown to the next request");
        self.report(panel, judged.err(), Error::NotForMe)
    }

    fn second_answer(&mut self, request: &OpenRequest, request_text: &str, answer_text: &str) -> Result<(), Fault> {
        let incoming = self.holder.receive(request_text.as_bytes())?;
        let warned = incoming.answered_at().is_some();
        let other = incoming.review()?.respond()?;
        let judged = request.judge(other.text().as_bytes());
        let again = given(request.judge(answer_text.as_bytes())?)?.decision == Decision::Accept;
        let panel = Panel::new(Eyes::Bystander, "A second answer to the same request")
            .lines(warned.then(|| (Mark::Plain, format!("{HOLDER}’s phone warns that it has answered this before."))))
            .lines(
                again.then(|| {
                    (Mark::Plain, "The first answer, read twice by the camera, repeats its verdict.".to_owned())
                }),
            );
        self.report(panel, judged.err(), Error::AlreadyAnswered)
    }

    fn refusal(&mut self) -> Result<(), Fault> {
        let request = self.request()?;
        let receive = || self.holder.receive(request.text().as_bytes());
        let (refusal, answer) = (receive()?.decline()?, receive()?.review()?.respond()?);
        let same = refusal.bytes().len() == answer.bytes().len();
        let scanned = self.stage.show("refusal", "A refusal", &refusal.text())?;
        self.stage.show("shared", "An answer to the same request", &answer.text())?;
        let declined = request.judge(scanned.as_bytes())? == Judged::Declined;
        let size = refusal.bytes().len();
        self.stage.panel(
            Panel::new(Eyes::Bystander, "Who said no?")
                .line(held(same), format!("A refusal and an answer: {size} bytes both, whatever was decided."))
                .line(held(declined), format!("{WORKER} is told that nothing is shared, not whether she has it.")),
        );
        Ok(())
    }

    fn wrong_clocks(&mut self) -> Result<(), Fault> {
        let mut panel = Panel::new(Eyes::Verifier, "Clocks that are years off");
        for (holder, verifier, who) in
            [(-6, 0, format!("{HOLDER}’s phone six years behind")), (0, 4, format!("{WORKER}’s four years ahead"))]
        {
            self.holder_clock.set_wrong(holder);
            self.verifier_clock.set_wrong(verifier);
            let request = self.request()?;
            let answer = self.holder.receive(request.text().as_bytes())?.review()?.respond()?;
            let verdict = given(request.judge(answer.bytes())?)?;
            let decision = match &verdict.decision {
                Decision::Accept => "accepted".to_owned(),
                Decision::AcceptWithException(reasons) => {
                    let reasons: Vec<_> = reasons.iter().map(|reason| reason.code()).collect();
                    format!("served, with the reasons on record: {}", reasons.join(", "))
                }
                Decision::Refuse(_) => "refused".to_owned(),
            };
            let fresh = verdict.holder == HolderProof::Fresh;
            panel = panel.line(held(fresh && verdict.decision.is_accept()), format!("{who}: still fresh, {decision}."));
        }
        self.holder_clock.set_wrong(0);
        self.verifier_clock.set_wrong(0);
        self.stage.panel(panel);
        Ok(())
    }

    /// Writes down what an attack met, and that it was what it should be.
    fn report(&mut self, panel: Panel, met: Option<Error>, expected: Error) -> Result<(), Fault> {
        let words =
            met.as_ref().map_or("It was accepted.".to_owned(), |error| format!("Refused. {}", words::error(error)));
        self.stage.say(&format!("{}: {words}", panel.title))?;
        self.stage.panel(panel.line(held(met == Some(expected)), words));
        Ok(())
    }
}

/// The verdict of an answer that must have one.
fn given(judged: Judged) -> Result<Verdict, Fault> {
    match judged {
        Judged::Verdict(verdict) => Ok(*verdict),
        Judged::Declined => Err(Error::Internal { reason: "demo-declined" }.into()),
    }
}

/// A sentence of the core's, with the mark that goes with it.
fn mark(message: &Message) -> (Mark, String) {
    let mark = match message.id {
        "claim-needed" => Mark::Needed,
        "claim-optional" => Mark::Optional,
        "claim-beyond" | "claim-kept" => Mark::Beyond,
        "asker-registered" | "will-show" | "decision-accept" | "card-genuine" | "holder-fresh" | "valid-until" => {
            Mark::Good
        }
        "decision-refuse" | "card-forged" | "holder-not-proven" => Mark::Bad,
        _ => Mark::Plain,
    };
    (mark, words::in_english(message))
}
