//! A real dataset, still in its files or in memory.

use super::dataset_name::DatasetName;
use crate::{DataError, Geometry, LabelledImages, Normalisation, Pictures};

/// A real dataset whose pictures need not be decoded yet, nor have one size.
#[derive(Clone, Debug)]
pub struct OpenDataset {
    /// Which dataset it is.
    pub name: DatasetName,
    /// Names of the classes; the label is the position.
    pub class_names: Vec<String>,
    /// Training pictures.
    pub train: Pictures,
    /// Test pictures.
    pub test: Pictures,
    /// How test pictures, and training pictures that no augmentation touches, are brought to one size.
    pub geometry: Geometry,
    /// The statistics to normalise both with: the source's own choice, else the dataset's.
    pub normalisation: Normalisation,
}

/// A real dataset in host memory: pixel bytes of one size, labels, class names and how to normalise.
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

impl OpenDataset {
    /// Decodes what is not decoded and brings all images to size.
    ///
    /// # Errors
    ///
    /// When the images do not fit into memory, or a picture is broken or has another size than it should.
    pub fn load(self) -> Result<RealDataset, DataError> {
        Ok(RealDataset {
            name: self.name,
            class_names: self.class_names,
            train: self.train.prepared(&self.geometry)?,
            test: self.test.prepared(&self.geometry)?,
            normalisation: self.normalisation,
        })
    }
}
