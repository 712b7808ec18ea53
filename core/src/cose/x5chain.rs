//! The header `x5chain` (RFC 9360 section 2): one certificate as a byte string, several as an array of them.

use super::Sign1;
use super::cbor::Value;
use super::label;
use crate::error::{Result, damaged};

/// Most certificates that are read.
const MAX_CERTIFICATES: usize = 8;

pub(super) fn of(header: Option<&Value>) -> Result<Vec<Vec<u8>>> {
    const WRONG: crate::error::Error = damaged("x5chain");
    match header {
        None => Ok(Vec::new()),
        Some(Value::Bytes(one)) => Ok(vec![one.clone()]),
        Some(Value::Array(several)) if (1..=MAX_CERTIFICATES).contains(&several.len()) => {
            several.iter().map(|one| one.as_bytes().map(<[u8]>::to_vec).ok_or(WRONG)).collect()
        }
        Some(_) => Err(WRONG),
    }
}

impl Sign1 {
    /// Puts the signer's certificates, DER, the signer's first, into the unprotected header.
    pub fn set_x5chain(&mut self, chain: &[Vec<u8>]) {
        let value = match chain {
            [one] => Value::from(one.as_slice()),
            several => several.iter().map(|one| Value::from(one.as_slice())).collect::<Vec<_>>().into(),
        };
        let others = self.unprotected.as_map().unwrap_or_default().iter().cloned();
        let others = others.filter(|(key, _)| *key != label::X5CHAIN.into());
        self.unprotected = Value::map(others.chain((!chain.is_empty()).then(|| (label::X5CHAIN.into(), value))));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::SigningKey;
    use crate::ports::OsEntropy;

    #[test]
    fn one_stands_alone_and_several_in_an_array() {
        let key = SigningKey::make(&OsEntropy).unwrap();
        let mut made = Sign1::sign([], Vec::new(), b"", &key).unwrap();
        assert_eq!(made.x5chain(), Ok(Vec::new()));
        for chain in [vec![vec![1]], vec![vec![1], vec![2]], Vec::new()] {
            made.set_x5chain(&chain);
            assert_eq!(Sign1::parse(&made.to_bytes()).unwrap().x5chain(), Ok(chain));
        }
        for wrong in
            [Value::NULL, Vec::<Value>::new().into(), vec![Value::NULL].into(), vec![Value::from(vec![1]); 9].into()]
        {
            made.unprotected = Value::map([(label::X5CHAIN.into(), wrong)]);
            assert_eq!(made.x5chain(), Err(damaged("x5chain")));
        }
        let signed = Sign1::sign([(label::X5CHAIN.into(), vec![3].into())], Vec::new(), b"", &key).unwrap();
        assert_eq!(signed.x5chain(), Ok(vec![vec![3]]));
    }
}
