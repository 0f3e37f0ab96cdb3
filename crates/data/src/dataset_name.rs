//! The datasets by name: the table of all of them.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::Normalisation;
use crate::folder::{ClassRule, FolderKind, IMAGENET_CLASSES};
use crate::imagenet_subsets::{
    IMAGEFRUIT, IMAGEMEOW, IMAGENETTE, IMAGESQUAWK, IMAGEWOOF, IMAGEYELLOW, Subset,
};

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
    /// TinyImageNet: 200 classes, the archive as it is or `val/` sorted into class folders.
    TinyImagenet,
    /// ImageNet-1K: 1000 class folders in `train/` and `val/`.
    Imagenet1k,
    /// Ten easy classes of ImageNet.
    Imagenette,
    /// Ten dog breeds of ImageNet.
    Imagewoof,
    /// Ten cats of ImageNet.
    Imagemeow,
    /// Ten birds of ImageNet.
    Imagesquawk,
    /// Ten fruits of ImageNet.
    Imagefruit,
    /// Ten yellowish classes of ImageNet.
    Imageyellow,
    /// A folder of pictures in class folders.
    Folder,
}

/// A dataset name that does not exist.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown dataset `{0}`: expected one of {known}", known = DatasetName::ALL.map(DatasetName::as_str).join(", "))]
pub struct UnknownDataset(String);

impl DatasetName {
    /// Every dataset, in the order shown to people.
    pub const ALL: [Self; 12] = [
        Self::Demo,
        Self::Cifar10,
        Self::Cifar100,
        Self::TinyImagenet,
        Self::Imagenet1k,
        Self::Imagenette,
        Self::Imagewoof,
        Self::Imagemeow,
        Self::Imagesquawk,
        Self::Imagefruit,
        Self::Imageyellow,
        Self::Folder,
    ];

    /// The name as written in configurations.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Demo => "demo",
            Self::Cifar10 => "cifar10",
            Self::Cifar100 => "cifar100",
            Self::TinyImagenet => "tiny-imagenet",
            Self::Imagenet1k => "imagenet1k",
            Self::Imagenette => "imagenette",
            Self::Imagewoof => "imagewoof",
            Self::Imagemeow => "imagemeow",
            Self::Imagesquawk => "imagesquawk",
            Self::Imagefruit => "imagefruit",
            Self::Imageyellow => "imageyellow",
            Self::Folder => "folder",
        }
    }

    /// Whether it is read from files, so that a source needs their folder.
    #[must_use]
    pub fn has_files(self) -> bool {
        self != Self::Demo
    }

    /// Height and width that its images have unless a source says otherwise; `None` for folders, whose pictures tell.
    #[must_use]
    pub fn size(self) -> Option<[usize; 2]> {
        let side = match self {
            Self::Demo | Self::Cifar10 | Self::Cifar100 => 32,
            Self::TinyImagenet => 64,
            Self::Imagenet1k => 224,
            Self::Folder => return None,
            _ => 128,
        };
        Some([side, side])
    }

    /// Its mean and standard deviation, as DD-Ranking uses them.
    pub(crate) fn normalisation(self) -> Normalisation {
        match self {
            Self::Cifar10 | Self::Cifar100 => Normalisation::cifar10(),
            _ => Normalisation::imagenet(),
        }
    }

    /// How its folders are read; `None` where it does not lie in class folders.
    pub(crate) fn folder_kind(self) -> Option<FolderKind> {
        let imagenet = |classes| FolderKind {
            held_out: &["val"],
            classes,
        };
        let subset = |subset: &'static Subset| Some(imagenet(ClassRule::Subset(subset)));
        match self {
            Self::Demo | Self::Cifar10 | Self::Cifar100 => None,
            Self::TinyImagenet => Some(imagenet(ClassRule::Count(200))),
            Self::Imagenet1k => Some(imagenet(ClassRule::Count(IMAGENET_CLASSES))),
            Self::Imagenette => subset(&IMAGENETTE),
            Self::Imagewoof => subset(&IMAGEWOOF),
            Self::Imagemeow => subset(&IMAGEMEOW),
            Self::Imagesquawk => subset(&IMAGESQUAWK),
            Self::Imagefruit => subset(&IMAGEFRUIT),
            Self::Imageyellow => subset(&IMAGEYELLOW),
            Self::Folder => Some(FolderKind {
                held_out: &["test", "val"],
                classes: ClassRule::All,
            }),
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
