//! The learning rate that came with a distilled set.

use std::path::Path;

use ddrank_configuration::LearningRateSource;
use ddrank_data::synthetic::NumberBeside;
use ddrank_files::{FileError, Limits, read_scalar, read_tensor_file};

/// Why there is no learning rate.
#[derive(Debug, thiserror::Error)]
pub enum RateError {
    /// Not a learning rate.
    #[error("{0} is not a learning rate; expected a positive number")]
    Value(f64),
    /// A file without one.
    #[error("no learning rate in that file")]
    File(#[from] Box<FileError>),
    /// A tensor with more or fewer values than one.
    #[error("the tensor `{name}` has {values} values; expected one")]
    Tensor {
        /// Its name.
        name: String,
        /// Its values.
        values: usize,
    },
}

/// That a number beside the images may be the learning rate that they were distilled for.
pub(super) fn rates_beside(key: &str, numbers: &[NumberBeside]) -> Option<String> {
    let shown: Vec<String> = numbers
        .iter()
        .take(5)
        .map(|number| format!("`{}` ({})", number.name, as_written(number.value)))
        .collect();
    if shown.is_empty() {
        return None;
    }
    Some(format!(
        "key `{key}.learning_rate` is not given, and beside the images in their file lies {}. If it is the set's learning \
         rate, name the tensor with `{key}.learning_rate_key`, or give the number",
        shown.join(", ")
    ))
}

/// The learning rate that came with a distilled set of these images.
pub(super) fn learning_rate(
    source: Option<&LearningRateSource>,
    images: &Path,
) -> Result<Option<f64>, RateError> {
    let rate = match source {
        None => return Ok(None),
        Some(LearningRateSource::Value(rate)) => *rate,
        Some(LearningRateSource::File(path)) => as_written(read_scalar(path).map_err(Box::new)?),
        Some(LearningRateSource::Tensor { file, key }) => {
            let path = file.as_deref().unwrap_or(images);
            let file = read_tensor_file(path, &Limits::default()).map_err(Box::new)?;
            let tensor = file.select(Some(key)).map_err(Box::new)?;
            match tensor.to_f64().as_slice() {
                &[rate] => as_written(rate),
                several => {
                    return Err(RateError::Tensor {
                        name: key.clone(),
                        values: several.len(),
                    });
                }
            }
        }
    };
    if rate.is_finite() && rate > 0.0 {
        Ok(Some(rate))
    } else {
        Err(RateError::Value(rate))
    }
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
