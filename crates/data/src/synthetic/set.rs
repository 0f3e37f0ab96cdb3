//! A distilled set on the host.

use crate::{ImageShape, Pictures};

/// A distilled set of `classes * ipc` images with labels, on the host.
#[derive(Clone, Debug)]
pub struct SyntheticSet {
    /// The shape of each image.
    pub shape: ImageShape,
    /// Number of classes.
    pub classes: usize,
    /// Images per class.
    pub ipc: usize,
    /// The images one after another, each channel by channel, row by row.
    pub pixels: SyntheticPixels,
    /// The decoded pictures of an image folder, each with its own size.
    pub pictures: Option<Pictures>,
    /// One label for each image.
    pub labels: SyntheticLabels,
    /// What decided them.
    pub origin: LabelOrigin,
    /// Single numbers in the images' file that nobody named, and one of which may be the set's learning rate.
    pub numbers_beside: Vec<NumberBeside>,
}

/// What decided the labels of a distilled set.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum LabelOrigin {
    /// A file of labels.
    File,
    /// The tensor of this name, beside the images in their file.
    Beside(String),
    /// The order of the images: `ipc` of class 0, then `ipc` of class 1 ...
    Order,
    /// Class folders with the names of the dataset's classes.
    FolderNames,
    /// The numbers of the class folders.
    FolderNumbers,
    /// The places of the class folders, sorted as text.
    FolderPlaces,
}

/// A single number beside the images.
#[derive(Clone, PartialEq, Debug)]
pub struct NumberBeside {
    /// Its name in the file.
    pub name: String,
    /// Its value.
    pub value: f64,
}

/// The pixels of a distilled set, `[n, channels, height, width]` in row-major order.
#[derive(Clone, PartialEq, Debug)]
pub enum SyntheticPixels {
    /// From a tensor file: already normalised or whitened, to be used as they are.
    Normalised(Vec<f32>),
    /// From an image folder: RGB bytes, to be normalised like the real data.
    Encoded(Vec<u8>),
}

/// The labels of a distilled set.
#[derive(Clone, PartialEq, Debug)]
pub enum SyntheticLabels {
    /// One class index for each image.
    Hard(Vec<u32>),
    /// A row of logits or scores for each image.
    Soft {
        /// `[n, classes]` in row-major order.
        rows: Vec<f32>,
        /// One class for each image, as [`ClassesOfSoft`](super::ClassesOfSoft) says: the position of the largest value of its
        /// row (the first of equal ones), or the image's own.
        hard: Vec<u32>,
    },
}

impl SyntheticLabels {
    /// One class index for each image.
    #[must_use]
    pub fn hard(&self) -> &[u32] {
        match self {
            Self::Hard(hard) | Self::Soft { hard, .. } => hard,
        }
    }
}
