//! Reading bytes without believing declared lengths.
use std::io::{BufRead, Read};

use crate::FileError;

/// A reader that knows how many bytes are left.
pub(crate) struct Source<R> {
    reader: R,
    left: u64,
}

impl<R: BufRead> Source<R> {
    /// A source of at most `left` bytes.
    pub(crate) fn new(reader: R, left: u64) -> Self {
        Self { reader, left }
    }

    /// Bytes left to read.
    pub(crate) fn left(&self) -> u64 {
        self.left
    }

    /// The reader, placed behind what was read.
    pub(crate) fn reader(&mut self) -> &mut R {
        &mut self.reader
    }

    fn claim(&mut self, bytes: u64) -> Result<(), FileError> {
        self.left = self
            .left
            .checked_sub(bytes)
            .ok_or_else(|| FileError::damaged("the pickle is cut off, or longer than the limit"))?;
        Ok(())
    }

    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], FileError> {
        self.claim(N as u64)?;
        let mut bytes = [0; N];
        self.reader.read_exact(&mut bytes)?;
        Ok(bytes)
    }

    pub(super) fn byte(&mut self) -> Result<u8, FileError> {
        Ok(self.array::<1>()?[0])
    }

    /// `length` bytes; memory is taken only when that many are left.
    pub(super) fn bytes(&mut self, length: u64) -> Result<Vec<u8>, FileError> {
        self.claim(length)?;
        let length = usize::try_from(length)
            .map_err(|_| FileError::damaged("a length does not fit in memory"))?;
        // Claimed before: `length` is at most what the file still has.
        let mut bytes = vec![0; length];
        self.reader.read_exact(&mut bytes)?;
        Ok(bytes)
    }

    /// Text up to a line feed, which is read and left out.
    pub(super) fn line(&mut self) -> Result<String, FileError> {
        let bytes = self.until_line_feed(self.left.min(MAX_LINE))?;
        String::from_utf8(bytes).map_err(|_| FileError::damaged("a line of the pickle is not text"))
    }

    /// Bytes up to a line feed, which is read and left out: a value in text form, of any length that is left.
    pub(super) fn long_line(&mut self) -> Result<Vec<u8>, FileError> {
        self.until_line_feed(self.left)
    }

    fn until_line_feed(&mut self, limit: u64) -> Result<Vec<u8>, FileError> {
        let mut bytes = Vec::new();
        let read = (&mut self.reader)
            .take(limit)
            .read_until(b'\n', &mut bytes)?;
        self.claim(read as u64)?;
        if bytes.pop() != Some(b'\n') {
            return Err(FileError::damaged("a line of the pickle has no end"));
        }
        Ok(bytes)
    }
}

/// Longest name or number in text form.
const MAX_LINE: u64 = 4096;
