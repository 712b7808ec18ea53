//! Finding the payload among symbols of which some are false.
//!
//! Nothing is known of a symbol but how it must fit the others: with more than it takes, each further one checks them.
//! The checks together tell where the false ones are (Metzner and Kapturowski, *A general decoding technique applicable to
//! replicated file disagreement location and concatenated code decoding*, 1990). Decode a choice of symbols, and see by
//! how much every other symbol differs from what it should be. These differences are known mixtures of the errors of
//! the false symbols. Mix the checks until some of them differ by nothing: such a check holds in spite of the errors,
//! so that **a symbol which no such check depends on is a suspect**. Where the errors are independent of each other, as
//! those of any symbols but chosen ones are, this finds all of them as soon as there are one or two more good symbols
//! than it takes, however many are false.
//!
//! Errors that depend on each other, such as one and the same for every symbol, hide behind each other: no symbol is
//! then without a check, but a few together are. Such groups are words of low weight in the code that the checks define,
//! and are sought as such (Stern, *A method for finding codewords of small weight*, 1988), by chance and for a bounded
//! time. Last, choices are tried as they fall. Only a hash that holds ends the search, so nothing here has to be certain.

use super::field;
use super::layout::Shape;
use super::raptor::{self, Encoder};

/// Symbols beyond those that it takes which are made into checks at once.
const MAX_CHECKS: usize = 128;
/// Octets that the search for groups of suspects may touch for one new frame.
const SEARCH: usize = 1 << 21;
/// Octets of blocks that choices which fall by chance may decode for one new frame.
const TRIES: usize = 1 << 19;
/// Most and fewest of these choices.
const MOST_TRIES: usize = 8;
const FEWEST_TRIES: usize = 1;
/// Checks that pairs of symbols are matched in.
const WINDOW: usize = 3;
/// Pairs of symbols in one place of a window beyond which it tells nothing.
const MOST_ALIKE: usize = 8;

/// A symbol as it came.
#[derive(PartialEq, Eq)]
pub struct Received {
    pub number: u32,
    /// The how manieth different number it is: the same for the same number.
    pub ordinal: usize,
    pub symbol: Vec<u8>,
}

/// Chance that nobody outside can foretell without knowing every frame that comes, in its order (SplitMix64).
#[derive(Default)]
pub struct Chance(u64);

impl Chance {
    pub fn stir(&mut self, octets: &[u8]) {
        self.0 = octets.iter().fold(self.next(), |sum, octet| (sum ^ u64::from(*octet)).wrapping_mul(0x0100_0000_01b3));
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn shuffled(&mut self, count: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..count).collect();
        for i in (1..count).rev() {
            order.swap(i, (self.next() % (i as u64 + 1)) as usize);
        }
        order
    }
}

/// The payload whose hash the transfer has, if it is found among these symbols in the time that one new frame is given.
pub fn payload(shape: &Shape, received: &[Received], chance: &mut Chance) -> Option<Vec<u8>> {
    let mut search = Search { shape, received, chance, suspects: vec![false; received.len()] };
    search.payload()
}

struct Search<'a> {
    shape: &'a Shape,
    received: &'a [Received],
    chance: &'a mut Chance,
    suspects: Vec<bool>,
}

impl Search<'_> {
    fn payload(&mut self) -> Option<Vec<u8>> {
        self.by_checks().or_else(|| self.by_chance())
    }

    fn by_checks(&mut self) -> Option<Vec<u8>> {
        let order = self.chance.shuffled(self.received.len());
        let (base, mut others) = self.split(&order)?;
        others.truncate(MAX_CHECKS);
        let mut checks = Checks::new(self.shape, self.received, base, others)?;
        for position in checks.unchecked() {
            self.suspects[position] = true;
        }
        // What is outside of the checks was not looked at: only where nothing else is left.
        let looked_at = checks.positions.clone();
        let mut suspected = self.suspects.contains(&true);
        let mut touched = 0;
        loop {
            if suspected && let Some(payload) = self.without_suspects(&looked_at) {
                return Some(payload);
            }
            suspected = false;
            while !suspected {
                touched += checks.cost()?;
                if touched > SEARCH {
                    return None;
                }
                for position in checks.hidden(self.chance) {
                    suspected |= !self.suspects[position];
                    self.suspects[position] = true;
                }
            }
        }
    }

    fn by_chance(&mut self) -> Option<Vec<u8>> {
        let tries = (TRIES / (self.shape.symbols() * self.shape.size)).clamp(FEWEST_TRIES, MOST_TRIES);
        (0..tries).find_map(|_| {
            let order = self.chance.shuffled(self.received.len());
            self.try_in(&order)
        })
    }

    /// Those that were looked at and are no suspects first, suspects last.
    fn without_suspects(&mut self, looked_at: &[usize]) -> Option<Vec<u8>> {
        let order = self.chance.shuffled(self.received.len());
        let is_looked_at = marked(self.received.len(), looked_at);
        let rank = |position: usize| match (self.suspects[position], is_looked_at[position]) {
            (false, true) => 0,
            (false, false) => 1,
            (true, _) => 2,
        };
        let of_rank = |wanted| order.iter().copied().filter(move |position| rank(*position) == wanted);
        let order: Vec<usize> = (0..3).flat_map(of_rank).collect();
        self.try_in(&order)
    }

    fn try_in(&self, order: &[usize]) -> Option<Vec<u8>> {
        let (base, _) = self.split(order)?;
        let base: Vec<_> = base.iter().map(|position| &self.received[*position]).collect();
        let symbols: Vec<_> = base.iter().map(|received| (received.number, &*received.symbol)).collect();
        let block = raptor::decode(self.shape.symbols(), self.shape.size, &symbols)?;
        self.shape.payload(&block).map(<[u8]>::to_vec)
    }

    /// As many as it takes, of different numbers, and the others.
    fn split(&self, order: &[usize]) -> Option<(Vec<usize>, Vec<usize>)> {
        let enough = self.shape.symbols();
        let mut has_number = vec![false; self.received.len()];
        let (mut base, mut others) = (Vec::new(), Vec::new());
        for position in order {
            let has_number = &mut has_number[self.received[*position].ordinal];
            let into = if *has_number || base.len() == enough { &mut others } else { &mut base };
            into.push(*position);
            *has_number = true;
        }
        (base.len() == enough).then_some((base, others))
    }
}

/// What every symbol beyond the base says of it, so mixed that the errors cancel out: each row is 0 for a choice of
/// symbols that are all good, and for the errors of those that are not.
struct Checks {
    /// A column each: the symbol's place among those received.
    positions: Vec<usize>,
    /// A row each, as long as `positions`.
    rows: Vec<Vec<u8>>,
}

impl Checks {
    /// None where the base does not determine the block.
    fn new(shape: &Shape, received: &[Received], base: Vec<usize>, others: Vec<usize>) -> Option<Self> {
        // Each symbol of the base is followed by a unit vector, so that what is decoded says how it was mixed.
        let (symbols, size) = (base.len(), shape.size);
        let width = size + symbols;
        let marked: Vec<(u32, Vec<u8>)> = base
            .iter()
            .enumerate()
            .map(|(i, position)| {
                let mut marked = received[*position].symbol.clone();
                marked.resize(width, 0);
                marked[size + i] = 1;
                (received[*position].number, marked)
            })
            .collect();
        let marked: Vec<(u32, &[u8])> = marked.iter().map(|(number, symbol)| (*number, &**symbol)).collect();
        let encoder = Encoder::new(raptor::decode(symbols, width, &marked)?, width)?;
        // By how much each other symbol differs, then what that depends on.
        let mut rows: Vec<Vec<u8>> = others
            .iter()
            .enumerate()
            .map(|(i, position)| {
                let mut row = encoder.symbol(received[*position].number);
                field::add_scaled(&mut row, 1, &received[*position].symbol);
                row.resize(width + others.len(), 0);
                row[width + i] = 1;
                row
            })
            .collect();
        let differing = field::eliminate(&mut rows, 0..size).len();
        let rows = rows.split_off(differing).into_iter().map(|row| row[size..].to_vec()).collect();
        let positions = base.into_iter().chain(others).collect();
        Some(Self { positions, rows })
    }

    /// Symbols that no check depends on.
    fn unchecked(&self) -> Vec<usize> {
        if self.rows.is_empty() {
            return Vec::new();
        }
        let is_unchecked = |column: &usize| self.rows.iter().all(|row| row[*column] == 0);
        (0..self.positions.len()).filter(is_unchecked).map(|column| self.positions[column]).collect()
    }

    /// Octets that one look for hidden ones touches. None where there are too few checks for one.
    fn cost(&self) -> Option<usize> {
        let count = self.rows.len();
        (count > WINDOW).then(|| count * (count + WINDOW) * self.positions.len())
    }

    /// Symbols that together are in no check, though each alone is: what one look by chance finds of them.
    fn hidden(&mut self, chance: &mut Chance) -> Vec<usize> {
        let order = chance.shuffled(self.positions.len());
        let pivots = field::eliminate(&mut self.rows, order.iter().copied());
        // Columns outside of the pivots are mixtures of few pivots where they hide something.
        let is_pivot = marked(self.positions.len(), &pivots);
        let columns: Vec<usize> = order.into_iter().filter(|column| !is_pivot[*column]).collect();
        let mut found = vec![false; self.positions.len()];
        for column in &columns {
            self.mark_hidden(&pivots, &[(*column, 1)], WINDOW, &mut found);
        }
        for window in self.rows[..pivots.len()].chunks_exact(WINDOW) {
            // What the column has here, so scaled that it begins with 1; then the column and the scale.
            let scaled = |column: &usize| {
                let octets: [u8; WINDOW] = core::array::from_fn(|i| window[i][*column]);
                let by = field::inverse(*octets.iter().find(|octet| **octet != 0)?);
                let [a, b, c] = octets.map(|octet| field::multiply(octet, by));
                Some(u64::from_be_bytes([0, a, b, c, 0, (*column >> 8) as u8, *column as u8, by]))
            };
            let mut alike: Vec<u64> = columns.iter().filter_map(scaled).collect();
            alike.sort_unstable();
            for group in alike.chunk_by(|a, b| a >> 32 == b >> 32).filter(|group| group.len() <= MOST_ALIKE) {
                let parts: Vec<_> = group.iter().map(|entry| ((entry >> 8 & 0xffff) as usize, *entry as u8)).collect();
                for (i, one) in parts.iter().enumerate() {
                    for other in &parts[i + 1..] {
                        self.mark_hidden(&pivots, &[*one, *other], WINDOW + 2, &mut found);
                    }
                }
            }
        }
        (0..found.len()).filter(|column| found[*column]).map(|column| self.positions[column]).collect()
    }

    /// Marks these columns, and the pivots that they are mixtures of, if at least so many and half of the pivots are not
    /// among them.
    fn mark_hidden(&self, pivots: &[usize], columns: &[(usize, u8)], at_least: usize, found: &mut [bool]) {
        let mixed = |row: &[u8]| columns.iter().fold(0, |sum, (column, by)| sum ^ field::multiply(row[*column], *by));
        let parts: Vec<usize> = (0..pivots.len()).filter(|i| mixed(&self.rows[*i]) != 0).collect();
        if pivots.len() - parts.len() >= at_least.max(pivots.len() / 2) {
            parts.iter().for_each(|i| found[pivots[*i]] = true);
            columns.iter().for_each(|(column, _)| found[*column] = true);
        }
    }
}

fn marked(count: usize, places: &[usize]) -> Vec<bool> {
    let mut marked = vec![false; count];
    places.iter().for_each(|place| marked[*place] = true);
    marked
}
