//! The field of RaptorQ's octets (RFC 6330 section 5.7): addition is exclusive or, multiplication is by logarithms.

/// Powers of the generator, twice over so that two logarithms may be added.
const POWERS: [u8; 510] = {
    let mut powers = [0; 510];
    let (mut power, mut i) = (1_u16, 0);
    while i < 510 {
        powers[i] = power as u8;
        power <<= 1;
        if power > 255 {
            power ^= 0x11d;
        }
        i += 1;
    }
    powers
};

const LOGARITHMS: [u8; 256] = {
    let mut logarithms = [0; 256];
    let mut i = 0;
    while i < 255 {
        logarithms[POWERS[i] as usize] = i as u8;
        i += 1;
    }
    logarithms
};

pub fn multiply(a: u8, b: u8) -> u8 {
    if a == 0 || b == 0 {
        return 0;
    }
    POWERS[usize::from(LOGARITHMS[usize::from(a)]) + usize::from(LOGARITHMS[usize::from(b)])]
}

/// What `a` is multiplied by to give 1; `a` is not 0.
pub fn inverse(a: u8) -> u8 {
    POWERS[255 - usize::from(LOGARITHMS[usize::from(a)])]
}

/// Adds `factor` times `from` to `to`.
pub fn add_scaled(to: &mut [u8], factor: u8, from: &[u8]) {
    match factor {
        0 => {}
        1 => to.iter_mut().zip(from).for_each(|(to, from)| *to ^= from),
        _ => {
            let products = products(factor);
            to.iter_mut().zip(from).for_each(|(to, from)| *to ^= products[usize::from(*from)]);
        }
    }
}

pub fn scale(row: &mut [u8], factor: u8) {
    let products = products(factor);
    row.iter_mut().for_each(|octet| *octet = products[usize::from(*octet)]);
}

/// Gauss and Jordan, for pivots in these columns in this order: the first rows get one each, the others are 0 there.
pub fn eliminate(rows: &mut [Vec<u8>], columns: impl Iterator<Item = usize>) -> Vec<usize> {
    let mut pivots = Vec::new();
    for column in columns {
        let rank = pivots.len();
        if rank == rows.len() {
            break;
        }
        let Some(below) = rows[rank..].iter().position(|row| row[column] != 0) else { continue };
        rows.swap(rank, rank + below);
        let factor = inverse(rows[rank][column]);
        scale(&mut rows[rank], factor);
        let pivot = core::mem::take(&mut rows[rank]);
        for row in rows.iter_mut().filter(|row| !row.is_empty()) {
            let factor = row[column];
            add_scaled(row, factor, &pivot);
        }
        rows[rank] = pivot;
        pivots.push(column);
    }
    pivots
}

fn products(factor: u8) -> [u8; 256] {
    core::array::from_fn(|octet| multiply(factor, octet as u8))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_a_field() {
        assert_eq!((multiply(2, 0x80), multiply(0, 7), multiply(1, 7)), (0x1d, 0, 7));
        for a in 1..=255 {
            assert_eq!(multiply(a, inverse(a)), 1);
            for b in 0..=255 {
                assert_eq!(multiply(a, b), multiply(b, a));
                assert_eq!(multiply(a, b) ^ multiply(a, 3), multiply(a, b ^ 3));
            }
        }
    }

    #[test]
    fn rows_are_scaled_and_added() {
        for factor in [0, 1, 2, 250] {
            let (from, mut to) = ([0, 1, 2, 255], [9, 9, 9, 9]);
            add_scaled(&mut to, factor, &from);
            let mut scaled = from;
            scale(&mut scaled, factor);
            for ((to, scaled), from) in to.iter().zip(scaled).zip(from) {
                assert_eq!((scaled, to ^ 9), (multiply(factor, from), scaled));
            }
        }
    }
}
