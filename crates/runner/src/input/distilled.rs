//! Distilled sets: their images, their hard and soft labels, their learning rates.

use ddrank_data::synthetic::{
    ClassesOfSoft, SyntheticError, SyntheticLabels, SyntheticPixels, SyntheticSource,
    load_synthetic,
};
use ddrank_data::{Fingerprint, ImagesError, LabelledImages, Pictures, Pixels};
use ddrank_files::{FileError, read_scalar};

use crate::input::label_rows::{RowError, logits_of};
use crate::input::real_data::RealData;
use ddrank_configuration::{LabelMode, LearningRateSource, SyntheticSection};

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
    #[error("key `{key}.learning_rate`: {rate} is not a learning rate; expected a positive number")]
    LearningRate {
        /// The table of the set.
        key: String,
        /// The number.
        rate: f64,
    },
    /// The file with the learning rate.
    #[error("key `{key}.learning_rate`: no learning rate in that file")]
    LearningRateFile {
        /// The table of the set.
        key: String,
        /// What is wrong.
        source: Box<FileError>,
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
    let (set, notices) = load_synthetic(&SyntheticSource {
        images,
        images_key: section.images_key.clone(),
        labels: section.labels.clone(),
        labels_key: section.labels_key.clone(),
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
    let (hard, soft_labels, labels) = match (set.labels, mode) {
        (SyntheticLabels::Hard(_), LabelMode::Single) => {
            return Err(DistilledError::HardLabels { key: key() });
        }
        (SyntheticLabels::Hard(hard), _) if section.labels.is_some() => (hard, None, "hard"),
        (SyntheticLabels::Hard(hard), _) => (hard, None, "hard, from the order of the images"),
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
            (hard, Some(rows), read.words)
        }
        (SyntheticLabels::Soft { hard, .. }, LabelMode::Hard) => {
            warnings.push(format!(
                "key `{}.labels`: soft labels; the label mode \"hard\" uses the class of each row's largest value",
                key()
            ));
            (hard, None, "hard, the largest value of each soft label")
        }
        (SyntheticLabels::Soft { hard, .. }, LabelMode::Multiple) => {
            warnings.push(format!(
                "key `{}.labels` is not used: in the label mode \"multiple\" the teachers label every batch",
                key()
            ));
            (
                hard,
                None,
                "made by the teachers; hard ones by the images' classes",
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
        labels: labels.to_owned(),
        learning_rate: learning_rate(section.learning_rate.as_ref(), &key())?,
    })
}

/// Whether pictures have the network's size already, and the transform keeps it.
fn all_of_size(pictures: &Pictures, real: &RealData) -> bool {
    let size = real.geometry.size();
    let mut steps = real.geometry.steps().iter();
    steps.all(|step| step.output_size(size) == size) && pictures.all_have(size)
}

/// The learning rate that came with a distilled set.
fn learning_rate(
    source: Option<&LearningRateSource>,
    key: &str,
) -> Result<Option<f64>, DistilledError> {
    let rate = match source {
        None => return Ok(None),
        Some(LearningRateSource::Value(rate)) => *rate,
        Some(LearningRateSource::File(path)) => {
            let read = read_scalar(path).map_err(|source| DistilledError::LearningRateFile {
                key: key.to_owned(),
                source: Box::new(source),
            });
            as_written(read?)
        }
    };
    if rate.is_finite() && rate > 0.0 {
        return Ok(Some(rate));
    }
    Err(DistilledError::LearningRate {
        key: key.to_owned(),
        rate,
    })
}

/// A number that went through `f32`, as the decimal that it was meant to be: 0.01, not 0.009999999776482582.
fn as_written(rate: f64) -> f64 {
    let single = rate as f32;
    if f64::from(single) == rate {
        single.to_string().parse().unwrap_or(rate)
    } else {
        rate
    }
}
