//! RaptorQ (RFC 6330) for one source block, by the crate `raptorq`, with its parameters checked before it sees them.
//!
//! What the crate does with a block depends on the number of symbols, their size and their numbers alone, never on what
//! is in them: bytes from outside cannot lead it astray once those three are in bounds.

use super::layout::{MAX_NUMBER, MAX_SYMBOLS};
use raptorq::{EncodingPacket, ObjectTransmissionInformation, PayloadId, SourceBlockDecoder, SourceBlockEncoder};

/// The only block of a transfer.
const BLOCK: u8 = 0;

/// A block, ready to give any of its symbols.
pub struct Encoder {
    encoder: SourceBlockEncoder,
    block: Vec<u8>,
    size: usize,
}

impl Encoder {
    /// Takes in a block of whole symbols.
    pub fn new(block: Vec<u8>, size: usize) -> Option<Self> {
        let configuration = configuration(block.len(), size)?;
        Some(Self { encoder: SourceBlockEncoder::new(BLOCK, &configuration, &block), block, size })
    }

    /// The symbol of this number: a part of the block itself, or a repair symbol.
    pub fn symbol(&self, number: u32) -> Vec<u8> {
        let symbols = self.block.len() / self.size;
        let number = number & MAX_NUMBER;
        match self.block.chunks_exact(self.size).nth(number as usize) {
            Some(symbol) => symbol.to_vec(),
            None => {
                let packets = self.encoder.repair_packets(number - symbols as u32, 1);
                packets.into_iter().next().map_or_else(Vec::new, |packet| packet.split().1)
            }
        }
    }
}

/// The block of so many symbols, from as many or more of them, each of `size` bytes and of a number of its own. None
/// where they do not determine it.
pub fn decode(symbols: usize, size: usize, received: &[(u32, &[u8])]) -> Option<Vec<u8>> {
    let configuration = configuration(symbols * size, size)?;
    if received.len() < symbols || received.iter().any(|(number, bytes)| *number > MAX_NUMBER || bytes.len() != size) {
        return None;
    }
    let packet = |(number, bytes): &(u32, &[u8])| EncodingPacket::new(PayloadId::new(BLOCK, *number), bytes.to_vec());
    SourceBlockDecoder::new(BLOCK, &configuration, (symbols * size) as u64).decode(received.iter().map(packet))
}

fn configuration(length: usize, size: usize) -> Option<ObjectTransmissionInformation> {
    let size = u16::try_from(size).ok().filter(|size| *size > 0)?;
    let symbols = length / usize::from(size);
    let whole = length.is_multiple_of(usize::from(size)) && (1..=MAX_SYMBOLS).contains(&symbols);
    whole.then(|| ObjectTransmissionInformation::new(length as u64, size, 1, 1, 1))
}
