//! Status lists: which one, how old, and how often each status stands in it.

use super::{Context, Message, Report};
use amana_core::error::{Error, Result};
use amana_core::qr::Kind;
use amana_core::trust::{IssuerKey, StatusListToken};
use serde_json::{Map, Value as Json, json};

/// A Status List Token, CWT or JWT.
pub const STATUS_LIST: Message = Message {
    name: "status-list",
    is: |found| {
        // A token says what it is in its type; a torn one that says so is one all the same.
        let is_token = found.signed.is_ok() || found.bytes.first().is_some_and(u8::is_ascii);
        found.kind == Some(Kind::StatusList)
            || is_token && StatusListToken::parse(&found.bytes).err() != Some(Error::Foreign)
    },
    look: |found, context, report| look_at_list(StatusListToken::parse(&found.bytes)?, context, report),
};

fn look_at_list(token: StatusListToken, context: &Context, report: &mut Report) -> Result<()> {
    let believed = believed_keys(&token, context);
    report.check_signature(token.algorithm(), token.kid(), context, &believed, |key| token.verify_issuer(key));
    let issuer = token.issuer().map(str::to_owned);
    let claims = token.into_claims()?;
    report.check_validity(None, claims.stale_from(), context.at);
    let list = &claims.list;
    let counts = list.counts().into_iter().map(|(status, times)| (status.to_string(), times.into()));
    let said = [
        ("iss", issuer.map(Json::from)),
        ("sub", Some(claims.uri.into())),
        ("iat", Some(claims.issued_at.into())),
        ("exp", claims.expires.map(Json::from)),
        ("ttl", claims.time_to_live.map(Json::from)),
        ("bits", Some(list.bits().into())),
        ("entries", Some(list.entries().into())),
        ("statuses", Some(counts.collect::<Map<_, _>>().into())),
        ("status", context.index.map(|index| json!({"index": index, "is": list.status(index)}))),
    ];
    let said = said.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
    report.claims.get_or_insert_default().extend(said);
    Ok(())
}

/// The keys of the issuers that it may be of. Which cards it speaks for is told by those that name it.
fn believed_keys<'a>(token: &StatusListToken, context: &'a Context) -> Vec<&'a IssuerKey> {
    let issuers = context.trust.iter().flat_map(|bundle| &bundle.issuers);
    let may_be = issuers.filter(|issuer| token.issuer().is_none_or(|id| issuer.id == id));
    let named = |key: &&IssuerKey| token.kid().is_none_or(|kid| key.kid == kid);
    may_be.flat_map(|issuer| &issuer.keys).filter(named).collect()
}
