//! `custom_train_trans` and `custom_val_trans`: lists of torchvision's transforms.
//!
//! ddrank prepares all images alike and normalises them once, so a list is taken apart: random operations become the
//! augmentation, the geometry of the validation list prepares the images, the statistics become the dataset's.

use super::document::{Node, Value};
use super::error::ImportError;
use super::geometry::{Operation, operation};
use super::translation::Work;
use crate::template::{Named, Statistics};

/// How images are prepared and augmented.
pub(super) struct Pictures {
    pub(super) augmentation: Vec<Named>,
    pub(super) transform: Vec<Named>,
    /// Where they are not the dataset's own.
    pub(super) statistics: Option<Statistics>,
}

/// One list, taken apart.
#[derive(Default)]
struct Parts {
    given: bool,
    operations: Vec<Placed>,
    statistics: Option<(Statistics, usize)>,
}

/// An operation, and whether it acts on normalised pixels.
struct Placed {
    operation: Operation,
    normalised: bool,
    line: usize,
}

/// Both lists.
pub(super) fn pictures(work: &mut Work<'_>, zca: bool) -> Result<Pictures, ImportError> {
    let train = parts(work, "custom_train_trans")?;
    let validation = parts(work, "custom_val_trans")?;
    let statistics = agreed(work, &train, &validation, zca)?;
    let effective = statistics.unwrap_or(work.dataset.statistics());
    let mut augmentation = Vec::new();
    for placed in train.operations {
        if matches!(placed.operation, Operation::Noise(_)) && !placed.normalised && !zca {
            let message = "key `custom_train_trans`: noise before Normalize is not offered; put GaussianNoise after it and divide sigma by the standard deviation";
            return Err(ImportError::content(
                work.keys.path,
                Some(placed.line),
                message,
            ));
        }
        augmentation.push(match placed.operation {
            Operation::PaddedCrop(crop) if !placed.normalised && zca => {
                work.say("`custom_train_trans`: the border of RandomCrop is the mean of whitened images; in DD-Ranking it is black");
                crop
            }
            Operation::PaddedCrop(crop) if !placed.normalised => {
                crop.with("fill", effective.black())
            }
            other => other.into_named(),
        });
    }
    let mut transform = Vec::new();
    for placed in validation.operations {
        match placed.operation {
            Operation::Fixed(named) => transform.push(named),
            other => {
                let message = format!(
                    "key `custom_val_trans`: {} is random; test images are prepared by Resize and CenterCrop",
                    other.into_named().name
                );
                return Err(ImportError::content(
                    work.keys.path,
                    Some(placed.line),
                    message,
                ));
            }
        }
    }
    Ok(Pictures {
        augmentation,
        transform,
        statistics,
    })
}

/// The statistics of both lists, where they are not the dataset's own.
fn agreed(
    work: &mut Work<'_>,
    train: &Parts,
    validation: &Parts,
    zca: bool,
) -> Result<Option<Statistics>, ImportError> {
    let (found, line) = match (train.statistics, validation.statistics) {
        (Some((first, _)), Some((second, line))) if !first.agrees_with(second) => {
            let message = "key `custom_val_trans`: Normalize has other statistics than in `custom_train_trans`; ddrank normalises all images alike";
            return Err(ImportError::content(work.keys.path, Some(line), message));
        }
        (Some(found), _) | (None, Some(found)) => found,
        (None, None) => {
            if (train.given || validation.given) && !zca {
                work.say("the lists of transforms have no Normalize; images are normalised with the dataset's own statistics");
            }
            return Ok(None);
        }
    };
    if zca {
        work.say(
            "Normalize in the lists of transforms is left out: whitened images are not normalised",
        );
        return Ok(None);
    }
    if found.std.iter().any(|std| *std <= 0.0) {
        let message = "Normalize: standard deviations must be above 0";
        return Err(ImportError::content(work.keys.path, Some(line), message));
    }
    if found.agrees_with(work.dataset.statistics()) {
        return Ok(None);
    }
    if train.given != validation.given {
        work.say("Normalize stands in one of the two lists of transforms only; ddrank uses its statistics for all images");
    }
    Ok(Some(found))
}

fn parts(work: &Work<'_>, key: &str) -> Result<Parts, ImportError> {
    let mut parts = Parts::default();
    let Some(items) = work.keys.list(key)? else {
        return Ok(parts);
    };
    parts.given = true;
    for item in items {
        let (name, args) = named(work, key, item)?;
        match operation(work, key, item, name, args)? {
            Operation::Nothing => {}
            Operation::Normalize(statistics) if parts.statistics.is_none() => {
                parts.statistics = Some((statistics, item.line));
            }
            Operation::Normalize(_) => {
                return Err(work.keys.refuse(key, item, "a second Normalize"));
            }
            operation => parts.operations.push(Placed {
                operation,
                normalised: parts.statistics.is_some(),
                line: item.line,
            }),
        }
    }
    Ok(parts)
}

/// An item's name and arguments.
fn named<'a>(
    work: &Work<'a>,
    key: &str,
    item: &'a Node,
) -> Result<(&'a str, Option<&'a Node>), ImportError> {
    const FORM: &str = "expected {name: ..., args: ...}";
    let refuse = |message: String| work.keys.refuse(key, item, &message);
    let entries = match &item.value {
        Value::Text(name) => return Ok((name, None)),
        Value::Table(entries) => entries,
        other => return Err(refuse(format!("{FORM}, found {other}"))),
    };
    let mut name = None;
    let mut args = None;
    for entry in entries {
        match (entry.key.as_str(), &entry.value.value) {
            ("name", Value::Text(text)) => name = Some(text.as_str()),
            ("args", Value::Null) => {}
            ("args", Value::List(_) | Value::Table(_)) => args = Some(&entry.value),
            (other, value) => {
                return Err(refuse(format!("{FORM}, found `{other}` with {value}")));
            }
        }
    }
    let name = name.ok_or_else(|| refuse(format!("{FORM}, found no name")))?;
    Ok((name, args))
}
