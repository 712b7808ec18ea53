//! Status lists: which one, how old, and how often each status stands in it.

use super::{Context, Format, Report, is_typed};
use amana_core::error::Result;
use amana_core::qr::Kind;
use amana_core::trust::{IssuerKey, StatusListToken};
use serde_json::{Map, Value as Json, json};

/// A Status List Token, CWT or JWT.
pub const STATUS_LIST: Format = Format {
    name: "status-list",
    is: |found| found.kind == Some(Kind::StatusList) || is_typed(found, |bytes| StatusListToken::parse(bytes).err()),
    look: |found, context, report| look_at_list(&StatusListToken::parse(&found.bytes)?, context, report),
};

fn look_at_list(token: &StatusListToken, context: &Context, report: &mut Report) -> Result<()> {
    let claims = token.claims();
    let list = &claims.list;
    let counts: Map<_, _> =
        list.counts().into_iter().map(|(status, times)| (status.to_string(), times.into())).collect();
    let optional = [
        ("iss", token.issuer().map(Json::from)),
        ("exp", claims.expires.map(Json::from)),
        ("ttl", claims.time_to_live.map(Json::from)),
    ];
    let said = report.claims.get_or_insert_default();
    said.extend([("sub".to_owned(), claims.uri.as_str().into()), ("iat".to_owned(), claims.issued_at.into())]);
    said.extend(optional.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))));
    let lookup = context.index.map(|index| ("status", json!({"index": index, "is": list.status(index)})));
    let more = [("bits", list.bits().into()), ("entries", list.entries().into()), ("statuses", counts.into())];
    said.extend(more.into_iter().chain(lookup).map(|(name, value)| (name.to_owned(), value)));
    let believed = believed_keys(token, context);
    report.check_signature(token.algorithm(), token.kid(), context, &believed, |key| token.verify_issuer(key));
    report.check_validity(None, claims.stale_from(), context.at);
    Ok(())
}

/// The keys of the issuers that it may be of. Which cards it speaks for is told by those that name it.
fn believed_keys<'a>(token: &StatusListToken, context: &'a Context) -> Vec<&'a IssuerKey> {
    let issuers = context.trust.iter().flat_map(|bundle| &bundle.issuers);
    let may_be = issuers.filter(|issuer| token.issuer().is_none_or(|id| issuer.id == id));
    let named = |key: &&IssuerKey| token.kid().is_none_or(|kid| key.kid == kid);
    may_be.flat_map(|issuer| &issuer.keys).filter(named).collect()
}
