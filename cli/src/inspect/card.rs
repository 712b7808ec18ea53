//! Cards and presentations, of every format that the core speaks.

use super::{Context, Report, Signature};
use crate::exit::Exit;
use amana_core::cose::Sign1;
use amana_core::credential::health::HealthCertificate;
use amana_core::credential::sd_jwt::SdJwtKb;
use amana_core::credential::{Claims, Credential, Format, forms, unseal};
use amana_core::error::{Error, Result};

/// Looks into a card or a presentation, in whatever form it came; none where it is neither.
pub fn look(input: &[u8], context: &Context) -> Option<Report> {
    let mut torn = None;
    if let Some(report) = look_at_sealed(input, context) {
        return Some(report);
    }
    for bytes in forms(input) {
        for format in Format::ALL {
            match look_as(format, &bytes, context) {
                Ok(report) => return Some(report),
                Err(report) => torn = torn.or(report),
            }
        }
    }
    torn.or_else(|| look_at_torn_text(input))
}

/// A health certificate's text that says what it is, and is broken.
fn look_at_torn_text(input: &[u8]) -> Option<Report> {
    let error = match HealthCertificate::from_text(core::str::from_utf8(input).ok()?) {
        Err(Error::Foreign) | Ok(_) => return None,
        Err(error) => error,
    };
    let mut report = Report::of(Format::Health.name());
    report.fail(&error);
    Some(report)
}

/// What a sealed card says, where a key at hand is for it; none where it is not sealed.
fn look_at_sealed(input: &[u8], context: &Context) -> Option<Report> {
    let opened = unseal(input, &context.keys.symmetric)?;
    let mut report = Report::of(Format::Claim169.name());
    match opened {
        Ok(card) => look_at_card(&*card, context, &mut report),
        Err(Error::NotForMe) => {
            report.signature = Signature::NoKey;
            report.note("sealed", Exit::CannotCheck);
        }
        Err(error) => report.fail(&error),
    }
    Some(report)
}

/// A report on what it is, or on what is wrong with it where it says that it is of this format.
fn look_as(format: Format, bytes: &[u8], context: &Context) -> Result<Report, Option<Report>> {
    let torn = |name, error: Error| {
        let mut report = Report::of(name);
        report.fail(&error);
        says_so(format, bytes, &error).then_some(report)
    };
    match format.parse_card(bytes) {
        Ok(card) => {
            let mut report = Report::of(format.name());
            look_at_card(&*card, context, &mut report);
            return Ok(report);
        }
        Err(Error::Foreign | Error::Damaged { reason: "sd-jwt-key-binding" }) => {}
        Err(error) => return Err(torn(format.name(), error)),
    }
    let presentation = match format.parse_presentation(bytes) {
        Ok(presentation) => presentation,
        Err(Error::Foreign) => return Err(None),
        Err(error) => return Err(torn(format.presentation_name(), error)),
    };
    let mut report = Report::of(format.presentation_name());
    report.check_proof(presentation.verify_signature());
    // The proof may have dates of its own.
    if let (Format::SdCwt, Ok(signed)) = (format, Sign1::parse(bytes))
        && let Ok(claims) = Claims::parse(signed.payload())
    {
        report.check_dates(&claims, context.at);
    }
    if let (Format::SdJwt, Ok(shown)) = (format, SdJwtKb::parse(bytes)) {
        let validity = shown.proof_validity();
        report.check_validity(validity.not_before, validity.expires, context.at);
    }
    look_at_card(presentation.card(), context, &mut report);
    Ok(report)
}

/// Whether a torn token says itself what it is, so that it is one all the same.
fn says_so(format: Format, bytes: &[u8], error: &Error) -> bool {
    match format {
        Format::SdCwt => Sign1::parse(bytes).is_ok(),
        // The tag of a CWT, which no other format has.
        Format::Claim169 => bytes.starts_with(&[0xd8, 0x3d]) || is_of_claim_169(error),
        // Its text says so: look_at_torn_text.
        Format::Health => false,
        _ => *error != Error::Foreign,
    }
}

fn is_of_claim_169(error: &Error) -> bool {
    error.reason().is_some_and(|reason| reason.starts_with("claim-169-"))
}

fn look_at_card(card: &dyn Credential, context: &Context, report: &mut Report) {
    report.says(card.all_claims());
    report.check_signer(card, context);
    let validity = card.validity();
    report.check_validity(validity.not_before, validity.expires, context.at);
}
