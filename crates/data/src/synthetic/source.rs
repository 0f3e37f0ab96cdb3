//! Where a distilled set comes from.

use std::path::PathBuf;

use crate::{Geometry, ImageShape};

/// Where a distilled set lies and what it should be.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SyntheticSource {
    /// A tensor file with images `[n, channels, height, width]`, or a folder `<class>/<file>`.
    pub images: PathBuf,
    /// Which tensor of the file the images are; needed when it holds several.
    pub images_key: Option<String>,
    /// A tensor file with labels: `[n]` or `[n, 1]` whole numbers, or `[n, classes]` soft labels.
    pub labels: Option<PathBuf>,
    /// Which tensor the labels are: of `labels`, or without it of the file of the images.
    pub labels_key: Option<String>,
    /// Number of classes.
    pub classes: usize,
    /// Images per class.
    pub ipc: usize,
    /// The shape every image must have.
    pub shape: ImageShape,
    /// The order of the pictures of a folder in the tensor of labels, where orders differ.
    pub picture_order: Option<PictureOrder>,
    /// Names of the classes by label. A folder whose classes have these names gets these labels. Of another one, the
    /// numbers 0 to n - 1 are the labels; else the places in the sorted names.
    pub class_names: Vec<String>,
    /// Which classes images with soft labels have.
    pub classes_of_soft: ClassesOfSoft,
    /// How the pictures of a folder are brought to that shape; without it, all of them must have it.
    pub geometry: Option<Geometry>,
}

impl SyntheticSource {
    /// A set of these images, with everything else as it is where nothing is said: labels by names, beside the images or in
    /// class order, and pictures of the set's own size.
    #[must_use]
    pub fn new(images: impl Into<PathBuf>, classes: usize, ipc: usize, shape: ImageShape) -> Self {
        Self {
            images: images.into(),
            images_key: None,
            labels: None,
            labels_key: None,
            classes,
            ipc,
            shape,
            picture_order: None,
            class_names: Vec::new(),
            classes_of_soft: ClassesOfSoft::default(),
            geometry: None,
        }
    }
}

/// In which order a program listed the pictures of a folder when it wrote their labels.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PictureOrder {
    /// Class folders and files sorted as text, as Python's `sorted`, torchvision's `ImageFolder` and `ddrank relabel` do:
    /// `10.png` before `2.png`.
    Text,
    /// Sorted by the numbers in the names: `2.png` before `10.png`.
    Numbers,
    /// Class after class in the order of the labels, files sorted as text.
    Classes,
}

/// Which classes images with soft labels have.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum ClassesOfSoft {
    /// The largest value of each row.
    #[default]
    Largest,
    /// The class of the image's folder, or of its place in class order: rows are what a training learns from, not what the
    /// images are.
    Images,
}
