//! DER (ITU-T X.690), one element after another.

use crate::error::{Error, Result, damaged};
use der::asn1::AnyRef;
use der::{Decode, Reader as _, SliceReader, Tag, Tagged as _};

pub(super) const DAMAGED: Error = damaged("certificate");

/// The elements that stand one after another in some bytes. Lengths are definite and minimal.
pub(super) struct Elements<'a>(SliceReader<'a>);

impl<'a> Elements<'a> {
    pub fn of(bytes: &'a [u8]) -> Result<Self> {
        SliceReader::new(bytes).map(Self).map_err(|_| DAMAGED)
    }

    /// The next one, decoded.
    pub fn read<T: Decode<'a>>(&mut self) -> Result<T> {
        T::decode(&mut self.0).map_err(|_| DAMAGED)
    }

    /// The next one's content, which is of this type.
    pub fn value(&mut self, tag: Tag) -> Result<&'a [u8]> {
        let any: AnyRef<'a> = self.read()?;
        if any.tag() == tag { Ok(any.value()) } else { Err(DAMAGED) }
    }

    /// What the next one holds, which is of this type.
    pub fn inside(&mut self, tag: Tag) -> Result<Self> {
        Self::of(self.value(tag)?)
    }

    /// The next one's content, if it is of this type.
    pub fn optional(&mut self, tag: Tag) -> Result<Option<&'a [u8]>> {
        if self.is_next(tag) { self.value(tag).map(Some) } else { Ok(None) }
    }

    /// The next one, if it is a truth value; false where there is none. Some write false out, which DER does not: it says
    /// the same.
    pub fn flag(&mut self) -> Result<bool> {
        match self.optional(Tag::Boolean)? {
            None | Some([0]) => Ok(false),
            Some([0xff]) => Ok(true),
            Some(_) => Err(DAMAGED),
        }
    }

    pub fn is_next(&self, tag: Tag) -> bool {
        Tag::peek(&self.0).is_ok_and(|next| next == tag)
    }

    /// The next one with its head.
    pub fn whole(&mut self) -> Result<&'a [u8]> {
        self.0.tlv_bytes().map_err(|_| DAMAGED)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_finished()
    }

    /// Refuses anything more.
    pub fn end(self) -> Result<()> {
        if self.is_empty() { Ok(()) } else { Err(DAMAGED) }
    }
}
