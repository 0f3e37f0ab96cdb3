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
    /// Names of the classes by label. A folder whose classes have these names gets these labels; any other one gets labels
    /// in the order of its sorted names.
    pub class_names: Vec<String>,
    /// Which classes images with soft labels have.
    pub classes_of_soft: ClassesOfSoft,
    /// How the pictures of a folder are brought to that shape; without it, all of them must have it.
    pub geometry: Option<Geometry>,
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
