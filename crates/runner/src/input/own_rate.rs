//! The learning rate that came with a distilled set.

use ddrank_configuration::{LearningRateSource, SyntheticSection};
use ddrank_data::synthetic::NumberBeside;
use ddrank_files::{Limits, read_scalar, read_tensor_file};

use crate::input::distilled::DistilledError;

/// That a number beside the images may be the learning rate that they were distilled for.
pub(super) fn rates_beside(key: &str, numbers: &[NumberBeside]) -> Option<String> {
    let shown: Vec<String> = numbers
        .iter()
        .take(5)
        .map(|number| match number.value {
            Some(value) => format!("`{}` ({})", number.name, as_written(value)),
            None => format!("`{}` (a plain number)", number.name),
        })
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

/// The learning rate that came with a distilled set.
pub(super) fn learning_rate(
    section: &SyntheticSection,
    key: &str,
) -> Result<Option<f64>, DistilledError> {
    let failed = |source| DistilledError::LearningRateFile {
        key: key.to_owned(),
        source: Box::new(source),
    };
    let rate = match &section.learning_rate {
        None => return Ok(None),
        Some(LearningRateSource::Value(rate)) => *rate,
        Some(LearningRateSource::File(path)) => as_written(read_scalar(path).map_err(failed)?),
        Some(LearningRateSource::Tensor { file, key: name }) => {
            let Some(path) = file.as_ref().or(section.images.as_ref()) else {
                return Err(DistilledError::Missing {
                    key: key.to_owned(),
                });
            };
            let file = read_tensor_file(path, &Limits::default()).map_err(failed)?;
            let tensor = file.select(Some(name)).map_err(failed)?;
            match tensor.to_f64().as_slice() {
                &[rate] => as_written(rate),
                several => {
                    return Err(DistilledError::LearningRateTensor {
                        key: key.to_owned(),
                        name: name.clone(),
                        values: several.len(),
                    });
                }
            }
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
