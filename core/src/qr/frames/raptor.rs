//! RaptorQ (RFC 6330) for one source block of at most [`MAX_SYMBOLS`](super::MAX_SYMBOLS) symbols. Sections and names are
//! the RFC's.
//!
//! A block of K symbols, filled with zeros to K', is the first of the symbols that L = K' + S + H intermediate ones give.
//! Those follow from S + H constraints and any K' symbols, by elimination: first where the rows are sparse, so that few
//! columns fill up ("inactivation", section 5.4.2), then among these, both over single bits, and last the H dense rows,
//! over octets. What is done depends on the numbers of the symbols alone, never on what is in them.

use super::constants::{HDPC, RANDOM, ROWS, Row};
use super::field;

/// A block, ready to give any of its symbols.
pub struct Encoder {
    code: Code,
    block: Vec<u8>,
    size: usize,
    intermediate: Vec<Vec<u8>>,
}

impl Encoder {
    /// Takes in a block of whole symbols of `size` bytes. None for none or too many.
    pub fn new(block: Vec<u8>, size: usize) -> Option<Self> {
        let code = Code::of(block.len().checked_div(size)?)?;
        let symbols: Vec<_> = (0..).zip(block.chunks_exact(size)).collect();
        let intermediate = code.solve(size, &symbols)?;
        Some(Self { code, block, size, intermediate })
    }

    /// The symbol of this number (encoding symbol id): a part of the block itself, or a repair symbol.
    pub fn symbol(&self, number: u32) -> Vec<u8> {
        match self.block.chunks_exact(self.size).nth(number as usize) {
            Some(symbol) => symbol.to_vec(),
            None => self.code.symbol(self.code.internal(number), &self.intermediate, self.size),
        }
    }
}

/// The block of so many symbols, from as many or more of them, each of `size` bytes and of a number of its own. None
/// where they do not determine it.
pub fn decode(symbols: usize, size: usize, received: &[(u32, &[u8])]) -> Option<Vec<u8>> {
    let code = Code::of(symbols)?;
    if received.len() < symbols || received.iter().any(|(_, symbol)| symbol.len() != size) {
        return None;
    }
    let mut parts = vec![None; symbols];
    for (number, symbol) in received {
        if let Some(part) = parts.get_mut(*number as usize) {
            *part = Some(*symbol);
        }
    }
    if let Some(parts) = parts.iter().copied().collect::<Option<Vec<_>>>() {
        return Some(parts.concat());
    }
    let intermediate = code.solve(size, received)?;
    let mut block = Vec::with_capacity(symbols * size);
    for (number, part) in (0..).zip(parts) {
        match part {
            Some(symbol) => block.extend_from_slice(symbol),
            None => block.extend_from_slice(&code.symbol(number, &intermediate, size)),
        }
    }
    Some(block)
}

/// The code for one number of source symbols.
struct Code {
    /// K.
    source: usize,
    /// K'.
    extended: usize,
    /// J(K').
    systematic: u32,
    /// S.
    ldpc: usize,
    /// W.
    lt: usize,
    /// L.
    all: usize,
    /// P1.
    prime: u32,
}

impl Code {
    fn of(source: usize) -> Option<Self> {
        let row: &Row = ROWS.iter().find(|row| source > 0 && usize::from(row[0]) >= source)?;
        let [extended, systematic, ldpc, lt] = row.map(usize::from);
        let all = extended + ldpc + HDPC;
        let is_prime = |number: &u32| (2..).take_while(|by| by * by <= *number).all(|by| !number.is_multiple_of(by));
        let prime = ((all - lt) as u32..).find(is_prime)?;
        Some(Self { source, extended, systematic: systematic as u32, ldpc, lt, all, prime })
    }

    /// The internal symbol id: the zeros between K and K' have numbers of their own.
    fn internal(&self, number: u32) -> u32 {
        if (number as usize) < self.source { number } else { number + (self.extended - self.source) as u32 }
    }

    /// Enc (section 5.3.5.3).
    fn symbol(&self, internal: u32, intermediate: &[Vec<u8>], size: usize) -> Vec<u8> {
        let mut symbol = vec![0; size];
        self.each_part(internal, |part| field::add_scaled(&mut symbol, 1, &intermediate[part]));
        symbol
    }

    /// The intermediate symbols that a symbol is the sum of: Tuple and Enc (sections 5.3.5.3 and 5.3.5.4).
    fn each_part(&self, internal: u32, mut part: impl FnMut(usize)) {
        let (lt, pi, prime) = (self.lt as u32, (self.all - self.lt) as u32, self.prime);
        let factor = (53_591 + self.systematic * 997) | 1;
        let y = (10_267 * (self.systematic + 1)).wrapping_add(internal.wrapping_mul(factor));
        let degree = degree(random(y, 0, 1 << 20)).min(lt - 2);
        let step = 1 + random(y, 1, lt - 1);
        let mut at = random(y, 2, lt);
        for _ in 0..degree {
            part(at as usize);
            at = (at + step) % lt;
        }
        let degree = if degree < 4 { 2 + random(internal, 3, 2) } else { 2 };
        let step = 1 + random(internal, 4, prime - 1);
        let mut at = random(internal, 5, prime);
        for _ in 0..degree {
            while at >= pi {
                at = (at + step) % prime;
            }
            part((lt + at) as usize);
            at = (at + step) % prime;
        }
    }

    /// The intermediate symbols. None where the symbols do not determine them.
    fn solve(&self, size: usize, symbols: &[(u32, &[u8])]) -> Option<Vec<Vec<u8>>> {
        let mut system = System::new(self, size, symbols);
        system.eliminate_sparse();
        system.eliminate_rest();
        system.resolve(self.dense_rows(), size)
    }

    /// The LDPC constraints (section 5.3.3.3), as rows of the columns in which they have a one.
    fn each_ldpc_part(&self, mut part: impl FnMut(usize, usize)) {
        let (count, pi) = (self.ldpc, self.all - self.lt);
        for column in 0..self.lt - count {
            let step = 1 + column / count;
            (0..3).for_each(|i| part((column + i * step) % count, column));
        }
        for row in 0..count {
            part(row, self.lt - count + row);
            part(row, self.lt + row % pi);
            part(row, self.lt + (row + 1) % pi);
        }
    }

    /// The HDPC constraints (section 5.3.3.3): MT times GAMMA from the last column to the first, then the identity.
    fn dense_rows(&self) -> Vec<Vec<u8>> {
        let last = self.extended + self.ldpc - 1;
        let count = HDPC as u32;
        let mut rows = vec![vec![0; self.all]; HDPC];
        let mut power = 1;
        for (i, row) in rows.iter_mut().enumerate() {
            row[last] = power;
            row[last + 1 + i] = 1;
            power = field::multiply(power, 2);
        }
        for column in (0..last).rev() {
            rows.iter_mut().for_each(|row| row[column] = field::multiply(2, row[column + 1]));
            let (one, other) = (random(column as u32 + 1, 6, count), random(column as u32 + 1, 7, count - 1));
            rows[one as usize][column] ^= 1;
            rows[((one + other + 1) % count) as usize][column] ^= 1;
        }
        rows
    }
}

/// Rand (section 5.3.5.1).
fn random(y: u32, i: u8, end: u32) -> u32 {
    let octets = y.to_le_bytes();
    (0..4).fold(0, |sum, k| sum ^ RANDOM[k][usize::from(octets[k].wrapping_add(i))]) % end
}

/// Deg (section 5.3.5.2).
fn degree(v: u32) -> u32 {
    const BELOW: [u32; 30] = [
        5243, 529_531, 704_294, 791_675, 844_104, 879_057, 904_023, 922_747, 937_311, 948_962, 958_494, 966_438,
        973_160, 978_921, 983_914, 988_283, 992_138, 995_565, 998_631, 1_001_391, 1_003_887, 1_006_157, 1_008_229,
        1_010_129, 1_011_876, 1_013_490, 1_014_983, 1_016_370, 1_017_662, 1_048_576,
    ];
    1 + BELOW.iter().take_while(|below| v >= **below).count() as u32
}

/// One equation over bits: the intermediate symbols in these columns add up to this symbol.
struct Equation {
    columns: Vec<u64>,
    symbol: Vec<u8>,
}

impl Equation {
    fn has(&self, column: usize) -> bool {
        self.columns[column / 64] >> (column % 64) & 1 == 1
    }

    fn flip(&mut self, column: usize) {
        self.columns[column / 64] ^= 1 << (column % 64);
    }

    fn add(&mut self, other: &Self) {
        self.columns.iter_mut().zip(&other.columns).for_each(|(to, from)| *to ^= from);
        field::add_scaled(&mut self.symbol, 1, &other.symbol);
    }

    fn columns(&self) -> impl Iterator<Item = usize> {
        self.columns.iter().enumerate().flat_map(|(i, word)| {
            let mut word = *word;
            core::iter::from_fn(move || {
                let bit = (word != 0).then(|| word.trailing_zeros() as usize)?;
                word &= word - 1;
                Some(64 * i + bit)
            })
        })
    }
}

/// The equations, those that are done with first: the n-th of these has the n-th pivot, and none after it has.
struct System {
    equations: Vec<Equation>,
    pivots: Vec<usize>,
    /// Columns in which rows are still sparse.
    active: Vec<bool>,
}

impl System {
    fn new(code: &Code, size: usize, symbols: &[(u32, &[u8])]) -> Self {
        let empty = || Equation { columns: vec![0; code.all.div_ceil(64)], symbol: vec![0; size] };
        let mut equations: Vec<Equation> = (0..code.ldpc).map(|_| empty()).collect();
        code.each_ldpc_part(|row, column| equations[row].flip(column));
        let zeros = (code.source..code.extended).map(|internal| (internal as u32, None));
        let symbols = symbols.iter().map(|(number, symbol)| (code.internal(*number), Some(*symbol)));
        for (internal, symbol) in zeros.chain(symbols) {
            let mut equation = empty();
            code.each_part(internal, |part| equation.flip(part));
            if let Some(symbol) = symbol {
                equation.symbol.copy_from_slice(symbol);
            }
            equations.push(equation);
        }
        Self { equations, pivots: Vec::new(), active: (0..code.all).map(|column| column < code.lt).collect() }
    }

    /// Takes the equation with the fewest active columns, gives it one of them and sets the others aside, until none has
    /// any: no active column fills up.
    fn eliminate_sparse(&mut self) {
        let active = |equation: &Equation| equation.columns().filter(|column| self.active[*column]).count();
        let mut degrees: Vec<usize> = self.equations.iter().map(active).collect();
        loop {
            let done = self.pivots.len();
            let open = degrees.iter().enumerate().skip(done).filter(|(_, degree)| **degree > 0);
            let Some((next, _)) = open.min_by_key(|(_, degree)| **degree) else { return };
            self.equations.swap(done, next);
            degrees.swap(done, next);
            let columns: Vec<usize> = self.equations[done].columns().filter(|column| self.active[*column]).collect();
            let Some((pivot, aside)) = columns.split_first() else { return };
            for column in &columns {
                self.active[*column] = false;
                for (equation, degree) in self.equations.iter().zip(&mut degrees).skip(done + 1) {
                    *degree -= usize::from(equation.has(*column));
                }
            }
            debug_assert!(aside.iter().all(|column| !self.active[*column]));
            self.eliminate(*pivot);
        }
    }

    /// Finds an equation for every column that has none, if there is one.
    fn eliminate_rest(&mut self) {
        let mut has_pivot = vec![false; self.active.len()];
        self.pivots.iter().for_each(|pivot| has_pivot[*pivot] = true);
        for column in (0..has_pivot.len()).filter(|column| !has_pivot[*column]) {
            let done = self.pivots.len();
            if let Some(next) = self.equations.iter().skip(done).position(|equation| equation.has(column)) {
                self.equations.swap(done, done + next);
                self.eliminate(column);
            }
        }
    }

    /// Gives the first open equation this column, and takes it out of all after it.
    fn eliminate(&mut self, column: usize) {
        let (done, open) = self.equations.split_at_mut(self.pivots.len() + 1);
        if let Some(pivot) = done.last() {
            open.iter_mut().filter(|equation| equation.has(column)).for_each(|equation| equation.add(pivot));
            self.pivots.push(column);
        }
    }

    /// The columns without a pivot follow from the dense rows, and all others from these.
    fn resolve(self, mut dense: Vec<Vec<u8>>, size: usize) -> Option<Vec<Vec<u8>>> {
        let all = self.active.len();
        let mut solved: Vec<Option<Vec<u8>>> = vec![None; all];
        for row in &mut dense {
            row.resize(all + size, 0);
            for (equation, pivot) in self.equations.iter().zip(&self.pivots) {
                let factor = row[*pivot];
                if factor != 0 {
                    equation.columns().for_each(|column| row[column] ^= factor);
                    field::add_scaled(&mut row[all..], factor, &equation.symbol);
                }
            }
        }
        let mut has_pivot = vec![false; all];
        self.pivots.iter().for_each(|pivot| has_pivot[*pivot] = true);
        let left = || (0..all).filter(|column| !has_pivot[*column]);
        if field::eliminate(&mut dense, left()).len() < left().count() {
            return None;
        }
        for (column, row) in left().zip(dense) {
            solved[column] = Some(row[all..].to_vec());
        }
        for (equation, pivot) in self.equations.iter().zip(&self.pivots).rev() {
            let mut symbol = equation.symbol.clone();
            for known in equation.columns().filter_map(|column| solved[column].as_ref()) {
                field::add_scaled(&mut symbol, 1, known);
            }
            solved[*pivot] = Some(symbol);
        }
        solved.into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::seek::Chance;
    use super::super::{MAX_NUMBER, MAX_SYMBOLS};
    use super::*;
    use raptorq::{EncodingPacket, ObjectTransmissionInformation, PayloadId, SourceBlockDecoder, SourceBlockEncoder};
    use std::collections::BTreeSet;

    const SIZE: usize = 3;

    fn block(symbols: usize, chance: &mut Chance) -> Vec<u8> {
        (0..symbols * SIZE).map(|_| chance.next() as u8).collect()
    }

    fn theirs(symbols: usize) -> ObjectTransmissionInformation {
        ObjectTransmissionInformation::new((symbols * SIZE) as u64, SIZE as u16, 1, 1, 1)
    }

    /// Theirs is the crate `raptorq`, an implementation that has nothing in common with this one.
    #[test]
    fn every_symbol_is_what_another_implementation_makes() {
        let mut chance = Chance::default();
        for symbols in 1..=MAX_SYMBOLS {
            let block = block(symbols, &mut chance);
            let their_encoder = SourceBlockEncoder::new(0, &theirs(symbols), &block);
            let encoder = Encoder::new(block, SIZE).unwrap();
            let any = (chance.next() as u32 & MAX_NUMBER).max(symbols as u32);
            for number in [symbols as u32, symbols as u32 + 1, symbols as u32 + 2, any, MAX_NUMBER] {
                let packet = their_encoder.repair_packets(number - symbols as u32, 1).remove(0);
                assert_eq!(encoder.symbol(number), packet.data(), "{number} of {symbols}");
            }
        }
    }

    #[test]
    fn what_another_implementation_decodes_is_decoded_alike() {
        let mut chance = Chance::default();
        let (mut ours_fail, mut theirs_fail) = (0, 0);
        for round in 0..3000 {
            let symbols = 1 + chance.next() as usize % if round % 30 == 0 { MAX_SYMBOLS } else { 40 };
            let block = block(symbols, &mut chance);
            let encoder = Encoder::new(block.clone(), SIZE).unwrap();
            // None, some or all of them from the source, and now and then one more than it takes.
            let end = if round % 2 == 0 { 2 * symbols as u32 } else { MAX_NUMBER };
            let mut numbers = BTreeSet::new();
            while numbers.len() < symbols + round % 5 / 4 {
                numbers.insert((chance.next() % u64::from(end)) as u32);
            }
            let received: Vec<(u32, Vec<u8>)> =
                numbers.iter().map(|number| (*number, encoder.symbol(*number))).collect();
            let packets =
                received.iter().map(|(number, symbol)| EncodingPacket::new(PayloadId::new(0, *number), symbol.clone()));
            let their_block = SourceBlockDecoder::new(0, &theirs(symbols), block.len() as u64).decode(packets);
            let received: Vec<(u32, &[u8])> = received.iter().map(|(number, symbol)| (*number, &**symbol)).collect();
            let our_block = decode(symbols, SIZE, &received);
            ours_fail += usize::from(our_block.is_none());
            theirs_fail += usize::from(their_block.is_none());
            assert!(our_block.is_none_or(|ours| ours == block) && their_block.is_none_or(|theirs| theirs == block));
        }
        println!("{ours_fail} and theirs {theirs_fail} of 3000 sets do not determine their block");
        assert!(ours_fail <= theirs_fail && (1..60).contains(&theirs_fail));
    }

    #[test]
    fn what_does_not_determine_the_block_gives_none() {
        let symbol: &[u8] = &[0; SIZE];
        assert!(decode(0, SIZE, &[]).is_none() && decode(MAX_SYMBOLS + 9, SIZE, &[]).is_none());
        assert!(Encoder::new(Vec::new(), SIZE).is_none() && Encoder::new(vec![1], 0).is_none());
        assert_eq!(decode(2, SIZE, &[(0, symbol)]), None);
        assert_eq!(decode(2, SIZE, &[(0, symbol), (1, &[0; 2])]), None);
        // The same symbol over and over.
        assert_eq!(decode(20, SIZE, &[(70, symbol); 20]), None);
        assert_eq!(decode(1, SIZE, &[(MAX_NUMBER, symbol)]), Some(vec![0; SIZE]));
    }
}
