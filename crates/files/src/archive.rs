//! Zip archives under limits: the container of `.npz` and of PyTorch files.
use std::fs::File;
use std::io::{BufReader, Read};

use zip::ZipArchive;

use crate::limits::{Budget, reserve};
use crate::{FileError, Limits};

/// A zip archive whose entries are read one by one, each within the budget.
pub(crate) struct Archive {
    zip: ZipArchive<BufReader<File>>,
    budget: Budget,
    file_bytes: u64,
    max_expansion: u64,
}

/// Below this size an entry may have been compressed by any ratio.
const FREE_BYTES: u64 = 16 << 20;

impl Archive {
    /// Reads the directory of the archive.
    pub(crate) fn open(file: File, file_bytes: u64, limits: &Limits) -> Result<Self, FileError> {
        let mut zip = ZipArchive::new(BufReader::new(file)).map_err(damaged)?;
        if zip.len() > limits.max_entries {
            return Err(FileError::TooMany {
                what: "entries in the archive",
                limit: limits.max_entries,
            });
        }
        // Readers disagree on which of two entries counts: a checker could see one file and a loader another.
        if zip.has_duplicate_names() {
            return Err(FileError::damaged(
                "the archive has two entries of the same name",
            ));
        }
        if zip.has_overlapping_entries().map_err(damaged)? {
            return Err(FileError::damaged(
                "entries of the archive overlap, as in a zip bomb",
            ));
        }
        Ok(Self {
            zip,
            budget: limits.budget(file_bytes),
            file_bytes,
            max_expansion: limits.max_expansion,
        })
    }

    /// The names of all entries that are files, in the order of the directory.
    pub(crate) fn names(&self) -> Result<Vec<String>, FileError> {
        self.zip
            .file_names()
            .map(|name| name.map(std::borrow::Cow::into_owned).map_err(damaged))
            .filter(|name| !matches!(name, Ok(n) if n.ends_with('/')))
            .collect()
    }

    /// The whole content of an entry.
    pub(crate) fn read(&mut self, name: &str) -> Result<Vec<u8>, FileError> {
        self.read_at_most(name, u64::MAX)
    }

    /// The whole content of an entry of at most `limit` bytes.
    pub(crate) fn read_at_most(&mut self, name: &str, limit: u64) -> Result<Vec<u8>, FileError> {
        let what = format!("archive entry `{name}`");
        let entry = self
            .zip
            .by_name(name)
            .map_err(|error| FileError::damaged(format!("{what}: {error}")))?;
        let (declared, packed) = (entry.size(), entry.compressed_size());
        if declared > limit {
            return Err(FileError::TooLarge {
                what,
                bytes: declared,
                limit,
            });
        }
        if packed > self.file_bytes {
            return Err(FileError::damaged(format!(
                "{what} is said to have {packed} bytes, the file has {}",
                self.file_bytes
            )));
        }
        // From the directory, before a byte is unpacked.
        let expanded = packed.saturating_mul(self.max_expansion);
        if declared > FREE_BYTES && declared > expanded {
            return Err(FileError::TooLarge {
                what: format!("{what}, unpacked from {packed} bytes,"),
                bytes: declared,
                limit: expanded.max(FREE_BYTES),
            });
        }
        let size = self.budget.take(&what, declared)?;
        let mut content = reserve(&what, size)?;
        // One byte more than declared: the end is reached, so the checksum is compared.
        let read = entry
            .take(declared.saturating_add(1))
            .read_to_end(&mut content);
        read.map_err(|error| FileError::damaged(format!("{what}: {error}")))?;
        if content.len() != size {
            return Err(FileError::damaged(format!(
                "{what} should have {declared} bytes and has {}",
                content.len()
            )));
        }
        Ok(content)
    }
}

fn damaged(error: zip::result::ZipError) -> FileError {
    match error {
        zip::result::ZipError::Io(error) if error.kind() != std::io::ErrorKind::UnexpectedEof => {
            FileError::Io(error)
        }
        other => FileError::damaged(format!("zip archive: {other}")),
    }
}
