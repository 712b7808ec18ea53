//! The list itself: one status a card, packed (the draft's section 4.1).

use crate::error::{Result, damaged};
use core::fmt;
use miniz_oxide::inflate::TINFLStatus;
use miniz_oxide::inflate::core::inflate_flags::{
    TINFL_FLAG_PARSE_ZLIB_HEADER, TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF,
};
use miniz_oxide::inflate::core::{DecompressorOxide, decompress};

/// Most bytes that DEFLATE makes of one: a match of 258 bytes takes two bits.
const MOST_OF_A_BYTE: usize = 1032;

/// The statuses of many cards, each 1, 2, 4 or 8 bits, in bytes that are filled from the lowest bit up.
#[derive(Clone, PartialEq, Eq)]
pub struct StatusList {
    bits: u8,
    packed: Vec<u8>,
}

impl StatusList {
    /// Most bytes of a list once inflated: 2^20 statuses of eight bits, 2^23 of one.
    pub const MAX_BYTES: usize = 1 << 20;

    /// Reads a list as tokens hold it: how many bits a status has, and the bytes, in the ZLIB format (RFC 1950).
    ///
    /// # Errors
    /// `damaged`: `status-list-bits`; `status-list-size` for none, or more than [`MAX_BYTES`](Self::MAX_BYTES) bytes;
    /// `status-list-zlib` for what is torn, altered, or followed by more.
    pub fn parse(bits: u64, compressed: &[u8]) -> Result<Self> {
        let bits = checked_bits(bits).ok_or(damaged("status-list-bits"))?;
        // All the room at once, and never grown: nothing is copied, and nothing takes more than the limit.
        let room = compressed.len().saturating_mul(MOST_OF_A_BYTE).min(Self::MAX_BYTES);
        let mut packed = vec![0; room];
        let flags = TINFL_FLAG_PARSE_ZLIB_HEADER | TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF;
        let (status, read, written) = decompress(&mut DecompressorOxide::default(), compressed, &mut packed, 0, flags);
        match status {
            TINFLStatus::Done if read != compressed.len() => Err(damaged("status-list-zlib")),
            TINFLStatus::Done if written == 0 => Err(damaged("status-list-size")),
            TINFLStatus::Done => {
                packed.truncate(written);
                Ok(Self { bits, packed })
            }
            TINFLStatus::HasMoreOutput if room == Self::MAX_BYTES => Err(damaged("status-list-size")),
            _ => Err(damaged("status-list-zlib")),
        }
    }

    /// The status at `index`, from 0; none beyond the end.
    pub fn status(&self, index: u64) -> Option<u8> {
        let (byte, shift) = self.place(index)?;
        Some(self.packed.get(byte)? >> shift & self.mask())
    }

    /// How many bits a status has: 1, 2, 4 or 8.
    pub fn bits(&self) -> u8 {
        self.bits
    }

    /// How many statuses there are. Whole bytes are: the last few may belong to no card.
    pub fn entries(&self) -> u64 {
        self.packed.len() as u64 * u64::from(8 / self.bits)
    }

    /// How often each status stands in it; those that do not are left out.
    pub fn counts(&self) -> Vec<(u8, u64)> {
        let mut bytes = [0_u64; 256];
        self.packed.iter().for_each(|byte| bytes[usize::from(*byte)] += 1);
        let mut counts = [0_u64; 256];
        for (byte, times) in (0..=u8::MAX).zip(bytes) {
            (0..8).step_by(usize::from(self.bits)).for_each(|shift| {
                counts[usize::from(byte >> shift & self.mask())] += times;
            });
        }
        (0..=u8::MAX).zip(counts).filter(|(_, times)| *times > 0).collect()
    }

    /// Gives back the room that was taken before it was known how much is needed.
    pub(super) fn shrink(&mut self) {
        self.packed.shrink_to_fit();
    }

    /// Which byte, and how far from its lowest bit.
    fn place(&self, index: u64) -> Option<(usize, u32)> {
        let bits_log = self.bits.trailing_zeros();
        let in_a_byte_log = 3 - bits_log;
        let within = (index & ((1 << in_a_byte_log) - 1)) as u32;
        Some((usize::try_from(index >> in_a_byte_log).ok()?, within << bits_log))
    }

    fn mask(&self) -> u8 {
        u8::MAX >> (8 - self.bits)
    }
}

fn checked_bits(bits: u64) -> Option<u8> {
    u8::try_from(bits).ok().filter(|bits| matches!(bits, 1 | 2 | 4 | 8))
}

/// A list tells who is cancelled: how long it is may be printed, what it says may not.
impl fmt::Debug for StatusList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StatusList({} of {} bits, redacted)", self.entries(), self.bits)
    }
}

#[cfg(feature = "issuer")]
mod making {
    use super::{StatusList, checked_bits};
    use crate::error::{Result, invalid};
    use miniz_oxide::deflate::compress_to_vec_zlib;

    /// The best there is: a list is written once and sent often (the draft recommends it).
    const LEVEL: u8 = 10;

    impl StatusList {
        /// A list of `entries` statuses, all 0 (valid), rounded up to whole bytes.
        ///
        /// # Errors
        /// `invalid`: `status-list-bits`, or `status-list-size` for none or more than [`MAX_BYTES`](Self::MAX_BYTES) bytes.
        pub fn make(bits: u8, entries: u64) -> Result<Self> {
            let bits = checked_bits(bits.into()).ok_or(invalid("status-list-bits"))?;
            let len = usize::try_from(entries.div_ceil(u64::from(8 / bits))).unwrap_or(usize::MAX);
            if (1..=Self::MAX_BYTES).contains(&len) {
                Ok(Self { bits, packed: vec![0; len] })
            } else {
                Err(invalid("status-list-size"))
            }
        }

        /// Sets the status at `index`.
        ///
        /// # Errors
        /// `invalid`: `status-index` beyond the end, `status-value` where it does not fit the bits.
        pub fn set(&mut self, index: u64, status: u8) -> Result<()> {
            let mask = self.mask();
            if status > mask {
                return Err(invalid("status-value"));
            }
            let place = self.place(index).filter(|(byte, _)| *byte < self.packed.len());
            let (byte, shift) = place.ok_or(invalid("status-index"))?;
            self.packed[byte] = self.packed[byte] & !(mask << shift) | status << shift;
            Ok(())
        }

        /// As tokens hold it, in the ZLIB format.
        pub fn to_compressed(&self) -> Vec<u8> {
            compress_to_vec_zlib(&self.packed, LEVEL)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use miniz_oxide::deflate::compress_to_vec_zlib;

    fn zlib(packed: &[u8]) -> Vec<u8> {
        compress_to_vec_zlib(packed, 10)
    }

    /// The draft's section 4.1, both examples.
    #[test]
    fn statuses_are_packed_from_the_lowest_bit_up() {
        let one = StatusList::parse(1, &zlib(&[0xb9, 0xa3])).unwrap();
        let statuses: Vec<_> = (0..17).map_while(|index| one.status(index)).collect();
        assert_eq!(statuses, [1, 0, 0, 1, 1, 1, 0, 1, 1, 1, 0, 0, 0, 1, 0, 1]);
        assert_eq!(one.counts(), [(0, 7), (1, 9)]);
        let two = StatusList::parse(2, &zlib(&[0xc9, 0x44, 0xf9])).unwrap();
        let statuses: Vec<_> = (0..13).map_while(|index| two.status(index)).collect();
        assert_eq!(statuses, [1, 2, 0, 3, 0, 1, 0, 1, 1, 2, 3, 3]);
        assert_eq!((two.bits(), two.entries(), two.counts()), (2, 12, vec![(0, 3), (1, 4), (2, 2), (3, 3)]));
    }

    #[test]
    fn beyond_the_end_there_is_no_status() {
        for bits in [1, 2, 4, 8] {
            let list = StatusList::parse(bits, &zlib(&[0, 0])).unwrap();
            let last = list.entries() - 1;
            assert_eq!((list.status(last), list.status(last + 1)), (Some(0), None));
            for index in [u64::from(u32::MAX), i64::MAX as u64, u64::MAX - 1, u64::MAX] {
                assert_eq!(list.status(index), None, "{index}");
            }
        }
    }

    #[test]
    fn a_status_has_one_two_four_or_eight_bits() {
        for bits in [0, 3, 5, 6, 7, 9, 16, 256, 257, u64::MAX] {
            assert_eq!(StatusList::parse(bits, &zlib(&[0])), Err(damaged("status-list-bits")), "{bits}");
        }
    }

    #[test]
    fn a_list_has_at_most_2_20_bytes() {
        let most = StatusList::parse(8, &zlib(&vec![0; StatusList::MAX_BYTES])).unwrap();
        assert_eq!((most.entries(), most.status((1 << 20) - 1)), (1 << 20, Some(0)));
        let wide: Vec<u8> = (0..StatusList::MAX_BYTES as u64).map(|n| ((n * n) >> 7) as u8).collect();
        assert_eq!(StatusList::parse(1, &zlib(&wide)).unwrap().packed, wide);
        for too_long in [StatusList::MAX_BYTES + 1, 1 << 26] {
            let bomb = zlib(&vec![0; too_long]);
            assert_eq!(StatusList::parse(8, &bomb), Err(damaged("status-list-size")), "{too_long}");
        }
        assert_eq!(StatusList::parse(1, &zlib(&[])), Err(damaged("status-list-size")));
    }

    /// The room is a bound of DEFLATE's, not a guess: the densest stream there is needs no more.
    #[test]
    fn the_densest_stream_fits_the_room() {
        let densest = zlib(&vec![7; 700_000]);
        assert!(700_000 / densest.len() > 900, "{}", densest.len());
        assert_eq!(StatusList::parse(8, &densest).unwrap().entries(), 700_000);
    }

    #[test]
    fn torn_altered_and_followed_lists_are_refused() {
        let packed: Vec<u8> = (0..2000_u32).map(|n| ((n * n) >> 3) as u8).collect();
        let whole = zlib(&packed);
        assert!(StatusList::parse(1, &whole).is_ok());
        for len in 0..whole.len() {
            assert!(StatusList::parse(1, &whole[..len]).is_err(), "{len}");
        }
        assert_eq!(StatusList::parse(1, &[&whole[..], &[0]].concat()), Err(damaged("status-list-zlib")));
        assert_eq!(StatusList::parse(1, &[&whole[..], &whole[..]].concat()), Err(damaged("status-list-zlib")));
        assert_eq!(StatusList::parse(1, &[]), Err(damaged("status-list-zlib")));
        // Raw DEFLATE, and GZIP's two bytes.
        assert_eq!(StatusList::parse(1, &whole[2..]), Err(damaged("status-list-zlib")));
        assert_eq!(StatusList::parse(1, &[0x1f, 0x8b, 8, 0]), Err(damaged("status-list-zlib")));
        // No flip is read as another list: the last four bytes are a checksum.
        for at in 0..whole.len() * 8 {
            let mut altered = whole.clone();
            altered[at / 8] ^= 1 << (at % 8);
            assert!(StatusList::parse(1, &altered).map_or(true, |list| list.packed == packed), "bit {at}");
        }
    }

    #[cfg(feature = "issuer")]
    #[test]
    fn what_is_set_is_read_and_nothing_beside_it() {
        use crate::error::invalid;
        for bits in [1, 2, 4, 8] {
            let mut list = StatusList::make(bits, 1000).unwrap();
            let most = u8::MAX >> (8 - bits);
            for index in (0..1000).step_by(3) {
                list.set(index, most).unwrap();
            }
            list.set(0, 0).unwrap();
            let read = StatusList::parse(bits.into(), &list.to_compressed()).unwrap();
            assert_eq!(read, list);
            for index in 0..1000 {
                let expected = if index > 0 && index % 3 == 0 { most } else { 0 };
                assert_eq!(read.status(index), Some(expected), "{bits} bits, {index}");
            }
            assert_eq!(list.set(list.entries(), 0), Err(invalid("status-index")));
            assert_eq!(list.set(u64::MAX, 0), Err(invalid("status-index")));
        }
        assert_eq!(StatusList::make(2, 8).unwrap().set(0, 4), Err(invalid("status-value")));
        assert_eq!(StatusList::make(3, 8), Err(invalid("status-list-bits")));
        assert_eq!(StatusList::make(1, 0), Err(invalid("status-list-size")));
        assert_eq!(StatusList::make(1, (1 << 23) + 1), Err(invalid("status-list-size")));
        assert_eq!(StatusList::make(1, 9).unwrap().entries(), 16);
    }
}
