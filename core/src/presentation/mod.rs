//! The exchange: a request, a person's consent, a sealed response.
//!
//! ```text
//! verifier  Request::make ─────────────► code on the verifier's screen
//! holder    Request::verify ─► Asked::assess ─► Assessed ─► review ─► Reviewed ─► respond ─► Response
//!                                                   └────────────── decline ──────────────► Response
//! verifier  response::open ◄──────────── code on the holder's screen
//! ```
//!
//! No path leads to a response but through [`Assessed`] and a decision on it. Bytes in, bytes out: codes are the
//! business of [`qr`](crate::qr), storing what was answered is the wallet's. The whole is specified in
//! `docs/exchange.md`.

mod consent;
mod request;
pub mod response;

pub use consent::{Asked, Asker, Assessed, Item, Need, Reviewed};
pub use request::{Ask, MAX_ASKS, Request};
pub use response::{Opened, Response};
