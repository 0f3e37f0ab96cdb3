//! Distilled sets: their images, their hard and soft labels, their learning rates.

use ddrank_data::synthetic::{
    ClassesOfSoft, SyntheticError, SyntheticLabels, SyntheticPixels, SyntheticSource,
    load_synthetic,
};
use ddrank_data::{Fingerprint, ImagesError, LabelledImages, Pictures, Pixels};

use crate::input::class_order::{ClassOrderError, check_class_order, hard_labels};
use crate::input::label_rows::{RowError, logits_of};
use crate::input::looks::{looks, other_preparation};
use crate::input::own_rate::{RateError, learning_rate, rates_beside};
use crate::input::real_data::RealData;
use ddrank_configuration::{LabelMode, SyntheticSection};

/// A distilled set, ready for a network.
#[derive(Clone, Debug)]
pub struct DistilledSet {
    /// The images with their classes, brought to the size that a network sees.
    pub images: LabelledImages,
    /// The pictures of an image folder, each with its own size.
    pub pictures: Option<Pictures>,
    /// The stored soft labels, where the recipe uses them.
    pub soft_labels: Option<SoftRows>,
    /// What its labels are, in words.
    pub labels: String,
    /// The learning rate that came with it.
    pub learning_rate: Option<f64>,
    /// Of images and classes.
    pub fingerprint: Fingerprint,
}

/// Soft labels `[images, classes]`, row by row, before any softmax.
#[derive(Clone, Debug, PartialEq)]
pub struct SoftRows {
    /// The values.
    pub values: Vec<f32>,
    /// Values a row.
    pub classes: usize,
}

impl SoftRows {
    /// BLAKE3 of the values and the length of a row, hexadecimal.
    pub fn fingerprint(&self) -> String {
        let mut hasher = blake3::Hasher::new_derive_key("ddrank soft labels v1");
        hasher.update(&(self.classes as u64).to_le_bytes());
        for value in &self.values {
            hasher.update(&value.to_le_bytes());
        }
        hasher.finalize().to_hex().to_string()
    }
}

/// Why a distilled set cannot be used. The messages begin with the key.
#[derive(Debug, thiserror::Error)]
pub enum DistilledError {
    /// No path is given.
    #[error("key `{key}.images`: not given; add it, or use --set {key}.images=PATH")]
    Missing {
        /// The table of the set.
        key: String,
    },
    /// The files.
    #[error("key `{key}`: {source}")]
    Files {
        /// The table of the set.
        key: String,
        /// What is wrong.
        source: Box<SyntheticError>,
    },
    /// Images and labels that do not fit together.
    #[error("key `{key}`: {source}")]
    Images {
        /// The table of the set.
        key: String,
        /// What is wrong.
        source: ImagesError,
    },
    /// Stored labels of the wrong kind.
    #[error(
        "key `{key}.labels`: classes, but the label mode \"single\" needs soft labels, a row of logits for each image"
    )]
    HardLabels {
        /// The table of the set.
        key: String,
    },
    /// Stored soft labels that are not what they are used as.
    #[error("key `{key}.labels`: {source}")]
    Rows {
        /// The table of the set.
        key: String,
        /// What is wrong.
        source: RowError,
    },
    /// The learning rate.
    #[error("key `{key}.learning_rate`: {source}")]
    LearningRate {
        /// The table of the set.
        key: String,
        /// What is wrong.
        source: RateError,
    },
    /// Labels whose classes are not clear.
    #[error("key `{key}`: {source}")]
    ClassOrder {
        /// The table of the set.
        key: String,
        /// What is wrong.
        source: ClassOrderError,
    },
}

/// What the images and labels of a distilled set must be.
pub(crate) struct Expectation<'a> {
    /// The table of the set, for messages.
    pub(crate) key: &'a str,
    pub(crate) classes: usize,
    pub(crate) mode: LabelMode,
}

/// Loads a distilled set; what is suspicious is added to the warnings.
pub(crate) fn load(
    section: &SyntheticSection,
    expected: &Expectation<'_>,
    real: &RealData,
    warnings: &mut Vec<String>,
) -> Result<DistilledSet, DistilledError> {
    let &Expectation { key, classes, mode } = expected;
    let shape = real.shape();
    let key = || key.to_owned();
    let images = section
        .images
        .clone()
        .ok_or_else(|| DistilledError::Missing { key: key() })?;
    let learning_rate = learning_rate(section.learning_rate.as_ref(), &images)
        .map_err(|source| DistilledError::LearningRate { key: key(), source })?;
    let (set, notices) = load_synthetic(&SyntheticSource {
        images,
        images_key: section.images_key.clone(),
        labels: section.labels.clone(),
        labels_key: section.labels_key.clone(),
        picture_order: section.picture_order,
        classes,
        ipc: section.ipc,
        shape,
        class_names: real.class_names.clone(),
        classes_of_soft: match mode {
            LabelMode::Hard => ClassesOfSoft::Largest,
            LabelMode::Single | LabelMode::Multiple => ClassesOfSoft::Images,
        },
        geometry: Some(real.geometry.clone()),
    })
    .map_err(|source| DistilledError::Files {
        key: key(),
        source: Box::new(source),
    })?;
    let notices = notices.iter();
    warnings.extend(notices.map(|notice| format!("key `{}`: {notice}", key())));
    if section.labels_rows.is_some() && mode != LabelMode::Single {
        warnings.push(format!(
            "key `{}.labels_rows` is not used: only the label mode \"single\" learns from stored rows",
            key()
        ));
    }
    if section.learning_rate.is_none() {
        warnings.extend(rates_beside(&key(), &set.numbers_beside));
    }
    check_class_order(&set.origin, &real.class_names, warnings)
        .map_err(|source| DistilledError::ClassOrder { key: key(), source })?;
    let (hard, soft_labels, labels) = match (set.labels, mode) {
        (SyntheticLabels::Hard(_), LabelMode::Single) => {
            return Err(DistilledError::HardLabels { key: key() });
        }
        (SyntheticLabels::Hard(hard), _) => (hard, None, hard_labels(&set.origin)),
        (SyntheticLabels::Soft { rows, hard }, LabelMode::Single) => {
            let read = logits_of(rows, classes, section.labels_rows)
                .map_err(|source| DistilledError::Rows { key: key(), source })?;
            let remark = read
                .remark
                .map(|remark| format!("key `{}.labels`: {remark}", key()));
            warnings.extend(remark);
            let rows = SoftRows {
                values: read.logits,
                classes,
            };
            (hard, Some(rows), read.words.to_owned())
        }
        (SyntheticLabels::Soft { hard, .. }, LabelMode::Hard) => {
            warnings.push(format!(
                "key `{}.labels`: soft labels; the label mode \"hard\" uses the class of each row's largest value",
                key()
            ));
            (
                hard,
                None,
                "hard, the largest value of each soft label".to_owned(),
            )
        }
        (SyntheticLabels::Soft { hard, .. }, LabelMode::Multiple) => {
            // Rows that lie beside the images were not asked for.
            if section.labels.is_some() || section.labels_key.is_some() {
                warnings.push(format!(
                    "key `{}.labels` is not used: in the label mode \"multiple\" the teachers label every batch",
                    key()
                ));
            }
            (
                hard,
                None,
                "made by the teachers; hard ones by the images' classes".to_owned(),
            )
        }
    };
    let images = match set.pixels {
        SyntheticPixels::Normalised(values) => {
            LabelledImages::new(shape, classes, Pixels::Floats(values), hard)
        }
        SyntheticPixels::Encoded(bytes) => {
            LabelledImages::new(shape, classes, Pixels::Bytes(bytes), hard)
                .map(|images| real.pipeline.apply(&images))
        }
    }
    .map_err(|source| DistilledError::Images { key: key(), source })?;
    let other = real.looks.get_or_init(|| looks(real)).as_ref();
    let other = other.and_then(|real| other_preparation(&images, real));
    warnings.extend(other.map(|found| format!("key `{}.images`: {found}", key())));
    let pictures = set.pictures.filter(|pictures| !all_of_size(pictures, real));
    if pictures.is_some() {
        warnings.push(format!(
            "key `{}.images`: pictures of other sizes than {shape}; without augmentation they are brought to it: {}",
            key(),
            real.geometry
        ));
    }
    let fingerprint = match &pictures {
        // What a network sees of them depends on the augmentation too.
        Some(pictures) => pictures
            .fingerprint()
            .map_err(|error| DistilledError::Files {
                key: key(),
                source: Box::new(error.into()),
            })?,
        None => images.fingerprint(),
    };
    Ok(DistilledSet {
        fingerprint,
        images,
        pictures,
        soft_labels,
        labels,
        learning_rate,
    })
}

/// Whether pictures have the network's size already, and the transform keeps it.
fn all_of_size(pictures: &Pictures, real: &RealData) -> bool {
    let size = real.geometry.size();
    let mut steps = real.geometry.steps().iter();
    steps.all(|step| step.output_size(size) == size) && pictures.all_have(size)
}
