//! The distilled set a user hands in: a tensor file or an image folder, with or without labels.

mod decode;
mod error;
mod folder;
mod images;
mod labels;
mod warning;

use std::path::PathBuf;

use crate::files::{Limits, read_tensor_file};
use crate::{Geometry, ImageShape, Pictures};

pub use decode::DecodeError;
pub(crate) use decode::decode;
pub use error::SyntheticError;
pub(crate) use folder::{ClassFolder, scan};
pub use warning::DataWarning;

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
    /// How the pictures of a folder are brought to that shape; without it, all of them must have it.
    pub geometry: Option<Geometry>,
}

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
        /// The position of the largest value of each row (the first of equal ones).
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

/// Loads a distilled set and checks it.
///
/// Tensor files are read within [`Limits::default`]. Image folders have classes = sub-folder names and images =
/// file names, both sorted by bytes; files of any size of 64 megapixels at most are decoded to RGB. Without labels,
/// a tensor file must be in class order (`ipc` images of class 0, then of class 1 ...), and a folder's classes are
/// its labels.
///
/// # Errors
/// Whatever makes the set impossible to use: wrong shapes or counts, labels out of range, NaN or infinite values,
/// images that cannot be decoded. What is only suspicious comes back as [`DataWarning`].
pub fn load_synthetic(
    source: &SyntheticSource,
) -> Result<(SyntheticSet, Vec<DataWarning>), SyntheticError> {
    let expected = source.classes.checked_mul(source.ipc);
    let count = expected
        .filter(|&n| n > 0)
        .filter(|_| u32::try_from(source.classes).is_ok());
    let count = count.ok_or(SyntheticError::NoImages {
        classes: source.classes,
        ipc: source.ipc,
    })?;
    let mut warnings = Vec::new();
    let limits = Limits::default();
    let (pixels, pictures, default_labels, labels_tensor) = if source.images.is_dir() {
        if let Some(key) = &source.images_key {
            return Err(SyntheticError::KeyOfFolder {
                path: source.images.clone(),
                key: key.clone(),
            });
        }
        let (pixels, pictures) = images::from_folder(source, count, &mut warnings)?;
        let hard = pictures.labels().to_vec();
        (SyntheticPixels::Encoded(pixels), Some(pictures), hard, None)
    } else {
        let file = read_tensor_file(&source.images, &limits)?;
        let tensor = file.select(source.images_key.as_deref())?;
        let pixels = images::from_tensor(source, tensor, count, &mut warnings)?;
        let class_major = (0..source.classes as u32)
            .flat_map(|class| std::iter::repeat_n(class, source.ipc))
            .collect();
        let labels = match (&source.labels, &source.labels_key) {
            (None, Some(key)) => Some(file.select(Some(key))?.clone()),
            _ => None,
        };
        (
            SyntheticPixels::Normalised(pixels),
            None,
            class_major,
            labels,
        )
    };
    let labels = match (&source.labels, &source.labels_key, labels_tensor) {
        (Some(path), key, _) => {
            let file = read_tensor_file(path, &limits)?;
            let tensor = file.select(key.as_deref())?;
            labels::from_tensor(path, tensor, count, source.classes, &mut warnings)?
        }
        (None, _, Some(tensor)) => labels::from_tensor(
            &source.images,
            &tensor,
            count,
            source.classes,
            &mut warnings,
        )?,
        (None, Some(key), None) => {
            return Err(SyntheticError::KeyOfFolder {
                path: source.images.clone(),
                key: key.clone(),
            });
        }
        (None, None, None) => SyntheticLabels::Hard(default_labels),
    };
    labels::check_balance(labels.hard(), source.classes, source.ipc, &mut warnings);
    let set = SyntheticSet {
        shape: source.shape,
        classes: source.classes,
        ipc: source.ipc,
        pixels,
        pictures,
        labels,
    };
    Ok((set, warnings))
}
