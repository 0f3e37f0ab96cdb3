//! A whole tensor file.
use std::fmt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::tensor::printable;
use crate::{FileError, FileTensor};

/// The container a file was written in.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FileFormat {
    /// `torch.save` since PyTorch 1.6: a zip archive.
    TorchZip,
    /// `torch.save` before PyTorch 1.6: pickles followed by raw storages.
    TorchLegacy,
    /// A plain Python pickle with NumPy arrays or numbers.
    Pickle,
    /// Hugging Face safetensors.
    Safetensors,
    /// One NumPy array.
    Npy,
    /// A zip archive of NumPy arrays.
    Npz,
}

impl fmt::Display for FileFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::TorchZip => "PyTorch (zip)",
            Self::TorchLegacy => "PyTorch (legacy)",
            Self::Pickle => "Python pickle",
            Self::Safetensors => "safetensors",
            Self::Npy => "NumPy array (npy)",
            Self::Npz => "NumPy archive (npz)",
        })
    }
}

/// Something in a file that is not a tensor and was left out.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Skipped {
    /// Path inside the file, joined with `.`.
    pub name: String,
    /// What it is, such as `a number` or `an object of class argparse.Namespace`.
    pub what: String,
}

impl Skipped {
    pub(crate) fn new(name: impl Into<String>, what: impl Into<String>) -> Self {
        Self {
            name: printable(name.into()),
            what: printable(what.into()),
        }
    }
}

/// All tensors of a file, in the order of the file.
#[derive(Clone, PartialEq, Debug)]
pub struct TensorFile {
    pub(crate) path: PathBuf,
    pub(crate) format: FileFormat,
    pub(crate) tensors: Vec<FileTensor>,
    pub(crate) skipped: Vec<Skipped>,
}

impl TensorFile {
    /// Where the file was read from.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The container it was written in.
    #[must_use]
    pub fn format(&self) -> FileFormat {
        self.format
    }

    /// The tensors; at least one.
    #[must_use]
    pub fn tensors(&self) -> &[FileTensor] {
        &self.tensors
    }

    /// What else the file holds: numbers, texts, objects. At most 1000 are listed.
    #[must_use]
    pub fn skipped(&self) -> &[Skipped] {
        &self.skipped
    }

    /// The tensor named `key`; without a key, the only tensor of the file.
    ///
    /// # Errors
    /// [`FileError::SeveralTensors`] without a key when there are several, [`FileError::NoSuchTensor`] for an
    /// unknown name; both list the names and shapes. They come inside [`FileError::Read`], which names the file.
    pub fn select(&self, key: Option<&str>) -> Result<&FileTensor, FileError> {
        self.pick(key).map_err(|source| FileError::Read {
            path: self.path.clone(),
            source: Box::new(source),
        })
    }

    fn pick(&self, key: Option<&str>) -> Result<&FileTensor, FileError> {
        match (key, self.tensors.as_slice()) {
            (None, [only]) => Ok(only),
            (None, several) => Err(FileError::SeveralTensors {
                count: several.len(),
                names: self.names(),
            }),
            (Some(key), tensors) => {
                let key = printable(key.to_owned());
                if let Some(tensor) = tensors.iter().find(|t| t.name() == key) {
                    return Ok(tensor);
                }
                if let Some(skipped) = self.skipped.iter().find(|s| s.name == key) {
                    let what = &skipped.what;
                    return Err(FileError::NoSuchTensor {
                        names: format!("{}; `{key}` is {what}, not a tensor", self.names()),
                        key,
                    });
                }
                Err(FileError::NoSuchTensor {
                    names: self.names(),
                    key,
                })
            }
        }
    }

    /// Names, shapes and types of the first tensors, for messages.
    fn names(&self) -> String {
        const SHOWN: usize = 20;
        let mut names: Vec<String> = self
            .tensors
            .iter()
            .take(SHOWN)
            .map(FileTensor::describe)
            .collect();
        if self.tensors.len() > SHOWN {
            names.push(format!("and {} more", self.tensors.len() - SHOWN));
        }
        names.join(", ")
    }
}
