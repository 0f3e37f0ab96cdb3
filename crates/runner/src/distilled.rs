//! The distilled set of a configuration, its hard labels and its learning rate.

use ddrank_data::files::read_scalar;
use ddrank_data::synthetic::{SyntheticLabels, SyntheticPixels, SyntheticSource, load_synthetic};
use ddrank_data::{ImageShape, LabelledImages, Pixels};

use crate::configuration::{Configuration, LearningRateSource};
use crate::experiment::{ExperimentError, Pipeline};

/// The distilled set, ready for a network.
pub(crate) struct Distilled {
    pub(crate) images: LabelledImages,
    /// What its labels are, in words.
    pub(crate) labels: &'static str,
    pub(crate) warnings: Vec<String>,
}

/// Loads the distilled set of a configuration for images of this shape and so many classes.
pub(crate) fn load(
    configuration: &Configuration,
    shape: ImageShape,
    classes: usize,
    pipeline: &Pipeline,
) -> Result<Distilled, ExperimentError> {
    let section = &configuration.synthetic;
    let (set, notices) = load_synthetic(&SyntheticSource {
        images: section.images.clone(),
        images_key: section.images_key.clone(),
        labels: section.labels.clone(),
        labels_key: section.labels_key.clone(),
        classes,
        ipc: section.ipc,
        shape,
    })?;
    let mut warnings: Vec<String> = notices
        .iter()
        .map(|notice| format!("key `synthetic`: {notice}"))
        .collect();
    let (labels, kind) = match set.labels {
        SyntheticLabels::Hard(labels) if section.labels.is_some() => (labels, "hard"),
        SyntheticLabels::Hard(labels) => (labels, "hard, from the order of the images"),
        SyntheticLabels::Soft { hard, .. } => {
            warnings.push("key `synthetic.labels`: soft labels; LRS with hard labels uses the class of each row's largest value".into());
            (hard, "hard, the largest value of each soft label")
        }
    };
    let images = match set.pixels {
        SyntheticPixels::Normalised(values) => {
            LabelledImages::new(shape, classes, Pixels::Floats(values), labels)?
        }
        SyntheticPixels::Encoded(bytes) => pipeline.apply(&LabelledImages::new(
            shape,
            classes,
            Pixels::Bytes(bytes),
            labels,
        )?),
    };
    Ok(Distilled {
        images,
        labels: kind,
        warnings,
    })
}

/// The learning rate that came with the distilled set.
pub(crate) fn learning_rate(configuration: &Configuration) -> Result<Option<f64>, ExperimentError> {
    let rate = match &configuration.synthetic.learning_rate {
        None => return Ok(None),
        Some(LearningRateSource::Value(rate)) => *rate,
        Some(LearningRateSource::File(path)) => {
            as_written(read_scalar(path).map_err(ExperimentError::LearningRateFile)?)
        }
    };
    if rate.is_finite() && rate > 0.0 {
        return Ok(Some(rate));
    }
    Err(ExperimentError::LearningRate(rate))
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
