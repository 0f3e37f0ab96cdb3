//! Real datasets by name: what exists, where it comes from, and loading it.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::{DataError, DemoOptions, LabelledImages, Normalisation, cifar, demo, folder};

/// The datasets this crate can load.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
#[non_exhaustive]
pub enum DatasetName {
    /// The built-in dataset: generated, needs no files.
    Demo,
    /// CIFAR-10 from its official binary or Python files.
    Cifar10,
    /// CIFAR-100 with fine labels, from its official binary or Python files.
    Cifar100,
    /// A folder of pictures in class folders.
    Folder,
}

/// A dataset name that does not exist.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown dataset `{0}`: expected one of {known}", known = DatasetName::ALL.map(DatasetName::as_str).join(", "))]
pub struct UnknownDataset(String);

impl DatasetName {
    /// Every dataset, in the order shown to people.
    pub const ALL: [Self; 4] = [Self::Demo, Self::Cifar10, Self::Cifar100, Self::Folder];

    /// The name as written in configurations.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Demo => "demo",
            Self::Cifar10 => "cifar10",
            Self::Cifar100 => "cifar100",
            Self::Folder => "folder",
        }
    }
}

impl fmt::Display for DatasetName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for DatasetName {
    type Err = UnknownDataset;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|name| name.as_str() == text)
            .ok_or_else(|| UnknownDataset(text.to_owned()))
    }
}

impl TryFrom<String> for DatasetName {
    type Error = UnknownDataset;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<DatasetName> for String {
    fn from(name: DatasetName) -> Self {
        name.as_str().to_owned()
    }
}

/// Which real dataset, from where, and how much of it.
#[derive(Clone, Debug, PartialEq)]
pub struct DatasetSource {
    /// The dataset.
    pub name: DatasetName,
    /// Folder of its files; needed by all but the demo dataset, which takes none.
    pub root: Option<PathBuf>,
    /// Height and width to resize to; only for folders of pictures.
    pub size: Option<(usize, usize)>,
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
            train_limit: None,
            test_limit: None,
            normalisation: None,
        }
    }

    pub(crate) fn setting(&self, key: &'static str, problem: impl Into<String>) -> DataError {
        DataError::Setting {
            dataset: self.name,
            key,
            problem: problem.into(),
        }
    }

    fn needed_root(&self) -> Result<&Path, DataError> {
        match self.root.as_deref() {
            Some(root) => Ok(root),
            None => Err(self.setting(
                "root",
                "is missing: expected the folder that holds its files",
            )),
        }
    }

    fn check(&self) -> Result<(), DataError> {
        if self.name == DatasetName::Demo && self.root.is_some() {
            return Err(self.setting(
                "root",
                "is given: this dataset is generated and reads no files",
            ));
        }
        match self.size {
            Some(_) if self.name != DatasetName::Folder => {
                return Err(
                    self.setting("size", "is given: images of this dataset are always 32x32")
                );
            }
            Some((0, _) | (_, 0)) => {
                return Err(self.setting("size", "has a 0: expected pixels, at least 1"));
            }
            _ => {}
        }
        for (key, limit) in [
            ("train_limit", self.train_limit),
            ("test_limit", self.test_limit),
        ] {
            if limit == Some(0) {
                return Err(self.setting(
                    key,
                    "is 0: expected at least 1, or leave it out for all images",
                ));
            }
        }
        Ok(())
    }
}

/// A real dataset in host memory: pixel bytes, labels, class names and how to normalise.
#[derive(Clone, Debug)]
pub struct RealDataset {
    /// Which dataset it is.
    pub name: DatasetName,
    /// Names of the classes; the label is the position.
    pub class_names: Vec<String>,
    /// Training images, as bytes.
    pub train: LabelledImages,
    /// Test images, as bytes.
    pub test: LabelledImages,
    /// The statistics to normalise both with: the source's own choice, else the dataset's.
    pub normalisation: Normalisation,
}

/// Loads a real dataset.
///
/// The order of images is fixed: for CIFAR that of the files, for folders and the demo dataset one image of each
/// class in turn, so that a limit keeps the classes balanced.
///
/// ```
/// use ddrank_data::{DatasetName, DatasetSource, load_dataset};
///
/// let mut source = DatasetSource::new(DatasetName::Demo);
/// source.train_limit = Some(50);
/// let dataset = load_dataset(&source)?;
/// let train = dataset.train.normalised(&dataset.normalisation)?;
/// assert_eq!(train.shape().to_string(), "3x32x32");
/// assert_eq!(train.class_counts(), [5; 10]);
/// # Ok::<(), ddrank_data::DataError>(())
/// ```
///
/// # Errors
///
/// When a setting is missing or has no meaning for the dataset, when files are missing, broken or not what their
/// place says, and when the normalisation has another number of channels than the images.
pub fn load_dataset(source: &DatasetSource) -> Result<RealDataset, DataError> {
    source.check()?;
    let mut dataset = match source.name {
        DatasetName::Demo => demo::demo_dataset(&DemoOptions::default()),
        DatasetName::Cifar10 => cifar::load(cifar::CIFAR10, source.needed_root()?)?,
        DatasetName::Cifar100 => cifar::load(cifar::CIFAR100, source.needed_root()?)?,
        DatasetName::Folder => folder::load(source.needed_root()?, source)?,
    };
    if let Some(limit) = source.train_limit {
        dataset.train = dataset.train.first(limit);
    }
    if let Some(limit) = source.test_limit {
        dataset.test = dataset.test.first(limit);
    }
    if let Some(normalisation) = &source.normalisation {
        let (found, shape) = (normalisation.channels(), dataset.train.shape());
        if found != shape.channels {
            return Err(crate::ImagesError::Channels { found, shape }.into());
        }
        dataset.normalisation = normalisation.clone();
    }
    Ok(dataset)
}
