//! What can go wrong when a real dataset is loaded.

use std::path::{Path, PathBuf};

use ddrank_files::FileError;

use crate::{DatasetName, DecodeError, GeometryError, ImagesError};

/// Why a real dataset could not be loaded.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DataError {
    /// A file or folder could not be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// None of the known layouts was found.
    #[error("no {dataset} files in {}: expected {expected}", root.display())]
    NotFound {
        /// The dataset asked for.
        dataset: DatasetName,
        /// Where it was looked for.
        root: PathBuf,
        /// What the folder should hold.
        expected: String,
    },
    /// Some files of the dataset are there, some are not.
    #[error("{dataset} is incomplete in {}: missing {}", folder.display(), missing.join(", "))]
    Incomplete {
        /// The dataset asked for.
        dataset: DatasetName,
        /// The folder with the files that are there.
        folder: PathBuf,
        /// Names of the missing files.
        missing: Vec<String>,
    },
    /// A file or folder does not hold what it should.
    #[error("{}: {problem}", path.display())]
    Content {
        /// The file or folder.
        path: PathBuf,
        /// What was seen and what was expected.
        problem: String,
    },
    /// A pickled batch could not be parsed.
    #[error("{}: not a pickled CIFAR batch", path.display())]
    Pickle {
        /// The file.
        path: PathBuf,
        /// What the parser said.
        source: FileError,
    },
    /// A picture could not be decoded.
    #[error("cannot decode the picture {}", path.display())]
    Picture {
        /// The file.
        path: PathBuf,
        /// What the decoder said.
        source: DecodeError,
    },
    /// A picture does not fit the transform to the images' size.
    #[error("cannot use the picture {picture}")]
    Resize {
        /// The file, or the position of the image.
        picture: String,
        /// Why.
        source: GeometryError,
    },
    /// The transform to the images' size is impossible.
    #[error(transparent)]
    Geometry(#[from] GeometryError),
    /// The threads that read ahead could not be started.
    #[error("cannot start the threads that decode pictures")]
    Threads(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// A setting that is missing, impossible, or has no meaning for this dataset.
    #[error("dataset {dataset}: `{key}` {problem}")]
    Setting {
        /// The dataset asked for.
        dataset: DatasetName,
        /// Name of the setting.
        key: &'static str,
        /// What was seen and what is allowed.
        problem: String,
    },
    /// The parts read do not fit together.
    #[error(transparent)]
    Images(#[from] ImagesError),
}

impl DataError {
    pub(crate) fn read(path: &Path, source: std::io::Error) -> Self {
        Self::Read {
            path: path.to_owned(),
            source,
        }
    }

    pub(crate) fn content(path: &Path, problem: impl Into<String>) -> Self {
        Self::Content {
            path: path.to_owned(),
            problem: problem.into(),
        }
    }
}
