//! Which real dataset a user asks for.

use std::path::{Path, PathBuf};

use super::dataset_name::DatasetName;
use crate::{DataError, GeometryStep, Normalisation};

/// Which real dataset, from where, how much of it, and how its images are brought to size.
#[derive(Clone, Debug, PartialEq)]
pub struct DatasetSource {
    /// The dataset.
    pub name: DatasetName,
    /// Folder of its files; needed by all but the demo dataset, which takes none.
    pub root: Option<PathBuf>,
    /// Height and width of the images; without it the dataset's own ([`DatasetName::size`]), of a folder that of its
    /// pictures. Pictures of other sizes are resized, both sides, unless `transform` says how.
    pub size: Option<(usize, usize)>,
    /// How test images, and training images that no augmentation touches, are brought to size, instead of a resize of
    /// both sides. Where `size` is given too, it must be what these steps lead to.
    pub transform: Option<Vec<GeometryStep>>,
    /// Use only the first so many training images.
    pub train_limit: Option<usize>,
    /// Use only the first so many test images.
    pub test_limit: Option<usize>,
    /// Statistics to use instead of the dataset's own.
    pub normalisation: Option<Normalisation>,
}

impl DatasetSource {
    /// A dataset with no settings.
    #[must_use]
    pub fn new(name: DatasetName) -> Self {
        Self {
            name,
            root: None,
            size: None,
            transform: None,
            train_limit: None,
            test_limit: None,
            normalisation: None,
        }
    }

    pub(super) fn setting(&self, key: &'static str, problem: impl Into<String>) -> DataError {
        DataError::Setting {
            dataset: self.name,
            key,
            problem: problem.into(),
        }
    }

    pub(super) fn needed_root(&self) -> Result<&Path, DataError> {
        match self.root.as_deref() {
            Some(root) => Ok(root),
            None => Err(self.setting(
                "root",
                "is missing: expected the folder that holds its files",
            )),
        }
    }
}
