//! Strict readers and writers: every length is stated, nothing is left over.

use crate::{Refused, Result};

/// Takes bytes from the front.
pub(crate) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(crate) fn take(&mut self, length: usize) -> Result<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or(Refused::Length)?;
        self.0 = rest;
        Ok(taken)
    }

    pub(crate) fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        array(self.take(N)?)
    }

    pub(crate) fn u8(&mut self) -> Result<u8> {
        Ok(self.array::<1>()?[0])
    }

    pub(crate) fn u16(&mut self) -> Result<u16> {
        Ok(u16::from_be_bytes(self.array()?))
    }

    pub(crate) fn u32(&mut self) -> Result<u32> {
        Ok(u32::from_be_bytes(self.array()?))
    }

    /// One byte that is 0 or 1.
    pub(crate) fn flag(&mut self) -> Result<bool> {
        Ok(self.up_to(1)? == 1)
    }

    /// One byte of a code that goes up to `most`.
    pub(crate) fn up_to(&mut self, most: u8) -> Result<u8> {
        let value = self.u8()?;
        if value > most {
            return Err(Refused::Version);
        }
        Ok(value)
    }

    /// A count, at most `most`, and that many pieces of `size` bytes.
    pub(crate) fn counted(&mut self, most: usize, size: usize) -> Result<Vec<Vec<u8>>> {
        let count = usize::from(self.u8()?);
        if count > most {
            return Err(Refused::Length);
        }
        (0..count).map(|_| Ok(self.take(size)?.to_vec())).collect()
    }

    /// The rest must be zeros.
    pub(crate) fn zeros(self) -> Result<()> {
        if self.0.iter().all(|&byte| byte == 0) {
            Ok(())
        } else {
            Err(Refused::Padding)
        }
    }

    /// Nothing may be left.
    pub(crate) fn end(self) -> Result<()> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(Refused::Length)
        }
    }
}

/// Exactly `N` bytes.
pub(crate) fn array<const N: usize>(bytes: &[u8]) -> Result<[u8; N]> {
    bytes.try_into().map_err(|_| Refused::Length)
}

/// Fills with zeros up to `length`; more than that is refused.
pub(crate) fn padded(mut bytes: Vec<u8>, length: usize) -> Result<Vec<u8>> {
    if bytes.len() > length {
        return Err(Refused::Length);
    }
    bytes.resize(length, 0);
    Ok(bytes)
}

/// A length as u32.
pub(crate) fn length32(bytes: &[u8]) -> Result<[u8; 4]> {
    Ok(u32::try_from(bytes.len())
        .map_err(|_| Refused::Length)?
        .to_be_bytes())
}
