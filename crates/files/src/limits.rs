//! How much a tensor file may ask for.
use crate::FileError;

/// Upper bounds for reading a file that nobody vouches for.
///
/// The defaults admit every published distilled set; raise a field to read a larger file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// Bytes of one tensor (default 10 GiB).
    pub max_tensor_bytes: u64,
    /// Bytes of all tensors of a file together, and of all storages together (default 16 GiB).
    pub max_total_bytes: u64,
    /// Entries of a zip archive and tensors of a file (default 100,000).
    pub max_entries: usize,
    /// How many times larger than the file the unpacked data may be, beyond a free 64 MiB (default 1000). It bounds
    /// compressed entries, and tensors that repeat their storage (stride 0).
    pub max_expansion: u64,
    /// Bytes of one pickle, tensor data not included (default 64 MiB).
    pub max_pickle_bytes: u64,
    /// Values in one pickle (default 4,000,000).
    pub max_pickle_values: usize,
    /// Nesting of lists, tuples and dictionaries in a pickle (default 64).
    pub max_depth: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_tensor_bytes: 10 << 30,
            max_total_bytes: 16 << 30,
            max_entries: 100_000,
            max_expansion: 1000,
            max_pickle_bytes: 64 << 20,
            max_pickle_values: 4_000_000,
            max_depth: 64,
        }
    }
}

/// Bytes that a small file may always expand to.
const FREE_EXPANSION: u64 = 64 << 20;

impl Limits {
    /// The budget of unpacked bytes for a file of `file_bytes`.
    pub(crate) fn budget(&self, file_bytes: u64) -> Budget {
        // Data that expands a thousandfold is a bomb, unless the file is so small that it does not matter.
        let expansion = file_bytes
            .saturating_mul(self.max_expansion)
            .saturating_add(FREE_EXPANSION);
        Budget {
            limit: self.max_total_bytes.min(expansion),
            taken: 0,
            tensor_limit: self.max_tensor_bytes,
        }
    }
}

/// Counts the bytes that reading has asked for.
#[derive(Debug)]
pub(crate) struct Budget {
    limit: u64,
    taken: u64,
    tensor_limit: u64,
}

impl Budget {
    /// Takes `bytes` for `what`, before they are allocated.
    pub(crate) fn take(&mut self, what: &str, bytes: u64) -> Result<usize, FileError> {
        if bytes > self.tensor_limit {
            return Err(FileError::TooLarge {
                what: what.to_owned(),
                bytes,
                limit: self.tensor_limit,
            });
        }
        // Saturating: sums of sizes from a header must not wrap below the limit.
        let taken = self.taken.saturating_add(bytes);
        if taken > self.limit {
            return Err(FileError::TooLarge {
                what: format!("all data up to {what}"),
                bytes: taken,
                limit: self.limit,
            });
        }
        self.taken = taken;
        usize::try_from(bytes).map_err(|_| FileError::TooLarge {
            what: what.to_owned(),
            bytes,
            limit: usize::MAX as u64,
        })
    }
}

/// An empty vector with room for `bytes`, or an error instead of an abort when memory is short.
pub(crate) fn reserve(what: &str, bytes: usize) -> Result<Vec<u8>, FileError> {
    let mut buffer = Vec::new();
    buffer
        .try_reserve_exact(bytes)
        .map_err(|_| FileError::OutOfMemory {
            what: what.to_owned(),
            bytes,
        })?;
    Ok(buffer)
}
