//! SD-CWT cards and SD-KBT presentations.

use super::{Context, Format, Found, Report, keys_in_bundle};
use amana_core::cose::Sign1;
use amana_core::credential::Claims;
use amana_core::credential::Credential as _;
use amana_core::credential::sd_cwt::{KeyBinding, SdCwt};
use amana_core::error::{Error, Result};
use amana_core::qr::Kind;

/// A card, with the disclosures that came with it.
pub const CARD: Format = Format {
    name: "sd-cwt",
    is: |found| found.kind == Some(Kind::Card) || is_typed(found, |bytes| SdCwt::parse(bytes).err()),
    look: |found, context, report| look_at_card(&SdCwt::parse(&found.bytes)?, context, report),
};

/// A presentation: the holder's proof around a card.
pub const KEY_BINDING: Format = Format {
    name: "sd-kbt",
    is: |found| is_typed(found, |bytes| KeyBinding::parse(bytes).err()),
    look: |found, context, report| {
        let proof = KeyBinding::parse(&found.bytes)?;
        report.check_proof(proof.verify_signature());
        // The proof may have dates of its own.
        report.check_dates(&Claims::parse(Sign1::parse(&found.bytes)?.payload())?, context.at);
        look_at_card(proof.card(), context, report)
    },
};

/// A token says what it is in its type; a torn one that says so is one all the same.
fn is_typed(found: &Found, parse: fn(&[u8]) -> Option<Error>) -> bool {
    found.signed.is_ok() && parse(&found.bytes) != Some(Error::Foreign)
}

fn look_at_card(card: &SdCwt, context: &Context, report: &mut Report) -> Result<()> {
    report.says(card.all_claims());
    let believed = keys_in_bundle(context, card.issuer(), card.card_type(), card.kid());
    let algorithm = card.signed().algorithm();
    report.check_signature(algorithm, card.kid(), context, &believed, |key| card.verify_issuer(key));
    report.check_dates(card.all_claims(), context.at);
    Ok(())
}
