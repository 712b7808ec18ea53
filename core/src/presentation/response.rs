//! What a holder shows: an answer or a refusal, deflated, padded and sealed to the request's key.

use super::request::Request;
use crate::cose::cbor::{self, Value};
use crate::credential::{Credential, Format, Presentation};
use crate::crypto::seal::{self, Ephemeral, Use};
use crate::error::{Error, Result, damaged};
use crate::ports::Entropy;
use miniz_oxide::deflate::compress_to_vec;
use miniz_oxide::inflate::decompress_to_vec_with_limit;
use zeroize::Zeroizing;

/// Padded sizes in bytes. The first is what one code of version 27-M takes; the others go as files, or as frames.
pub const SIZES: [usize; 8] = [1032, 2048, 4096, 8192, 16_384, 32_768, 65_536, 131_072];
/// Most bytes that an answer inflates to: a card as large as a vault keeps one, and its proof.
pub const MAX_INFLATED: usize = 68 * 1024;
/// Requests for more claims than this get the second size, answered or not.
const FEW_ASKS: usize = 8;
/// Bytes before the deflated answer: its length.
const LENGTH_LEN: usize = 4;
/// Deflate's best; the answer is small.
const LEVEL: u8 = 9;

/// A sealed answer or refusal. Showing it again shows the same bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    bytes: Vec<u8>,
}

impl Response {
    /// The bytes to show.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

/// What was inside.
#[derive(Debug)]
pub enum Opened {
    /// The holder shares nothing, for whatever reason.
    Declined,
    /// A presentation, yet to be verified.
    Presented(Box<dyn Presentation>),
}

/// The padded size of an answer of at most `bytes` to this request. It follows from the request alone, unless the
/// answer does not fit.
pub(super) fn size_for(request: &Request, bytes: usize) -> usize {
    let usual = SIZES[usize::from(request.asks().len() > FEW_ASKS)];
    SIZES.iter().copied().find(|size| *size >= usual && *size >= bytes).unwrap_or(usize::MAX)
}

/// No answer with this card is larger once deflated, so that consent can say the size before the proof is made.
pub(super) fn most_bytes(card: &dyn Credential) -> usize {
    LENGTH_LEN + compress_to_vec(&card.to_bytes(), LEVEL).len() + card.proof_len()
}

pub(super) fn seal(
    request: &Request,
    proof: Option<(Format, &[u8])>,
    size: usize,
    entropy: &dyn Entropy,
) -> Result<Response> {
    let token = |(format, proof): (Format, &[u8])| Value::Array(vec![format.number().into(), proof.into()]);
    let plain = Zeroizing::new(Value::Array(proof.map(token).into_iter().collect()).to_bytes());
    if plain.len() > MAX_INFLATED {
        return Err(Error::TooLarge { bytes: plain.len() as u64, limit: MAX_INFLATED as u64 });
    }
    let deflated = Zeroizing::new(compress_to_vec(&plain, LEVEL));
    if size == usize::MAX || LENGTH_LEN + deflated.len() > size {
        let limit = SIZES[SIZES.len() - 1] as u64;
        return Err(Error::TooLarge { bytes: deflated.len() as u64, limit });
    }
    let mut padded = Zeroizing::new(vec![0; size]);
    padded[..LENGTH_LEN].copy_from_slice(&(deflated.len() as u32).to_be_bytes());
    padded[LENGTH_LEN..LENGTH_LEN + deflated.len()].copy_from_slice(&deflated);
    let bytes = seal::seal_to(request.reply_to(), Use::Response, request.hash(), &padded, entropy)?;
    Ok(Response { bytes })
}

/// Opens an answer to the request whose hash is `request`. Verifies nothing yet.
///
/// # Errors
/// `not-for-me` for an answer to another request; `damaged` or `untrusted` for bytes that nobody sealed to it.
pub fn open(ephemeral: &Ephemeral, request: &[u8; 32], bytes: &[u8]) -> Result<Opened> {
    let padded = ephemeral.open(Use::Response, request, bytes)?;
    let (length, rest) = padded.split_first_chunk::<LENGTH_LEN>().ok_or(damaged("response-length"))?;
    let length = u32::from_be_bytes(*length) as usize;
    let (deflated, padding) = rest.split_at_checked(length).ok_or(damaged("response-length"))?;
    if padding.iter().any(|byte| *byte != 0) {
        return Err(damaged("response-padding"));
    }
    let plain = decompress_to_vec_with_limit(deflated, MAX_INFLATED).map(Zeroizing::new);
    let Value::Array(mut tokens) = cbor::parse(&plain.map_err(|_| damaged("response-deflate"))?)? else {
        return Err(damaged("response-shape"));
    };
    match (tokens.pop(), tokens.len()) {
        (None, _) => Ok(Opened::Declined),
        (Some(token), 0) => match token.as_array() {
            Some([Value::Uint(format), Value::Bytes(token)]) => {
                Ok(Opened::Presented(Format::of_number(*format)?.parse_presentation(token)?))
            }
            Some([Value::Uint(_), _]) => Err(Error::TooNew),
            _ => Err(damaged("response-shape")),
        },
        // Several cards in one answer: a later version's business.
        (Some(_), _) => Err(Error::TooNew),
    }
}
