//! Which evaluator of DD-Ranking a configuration is for: the file does not say, its keys have to.

use super::error::ImportError;
use super::keys::Keys;
use super::reader::{ARS, GENERAL, HARD, Reader, SOFT};
use crate::Metric;
use ddrank_metrics::Source;

/// Keys that only the evaluators of one metric read.
const DECISIVE: [(&str, Metric); 3] = [
    ("label_type", Metric::Ars),
    ("use_soft_label", Metric::Accuracy),
    ("eval_full_data", Metric::Lrs),
];

/// Keys that speak for LRS, but are found in other files too.
const LRS_HINTS: [&str; 4] = [
    "use_torchvision",
    "use_aug_for_hard",
    "syn_batch_size",
    "real_batch_size",
];

/// Keys that only soft labels need.
const SOFT_KEYS: [&str; 7] = [
    "soft_label_mode",
    "soft_label_criterion",
    "loss_fn_kwargs",
    "teacher_model_names",
    "teacher_dir",
    "stu_use_torchvision",
    "tea_use_torchvision",
];

/// The metric, and a notice if the keys leave it open.
pub(super) fn decide(
    keys: &Keys<'_>,
    asked: Option<Metric>,
) -> Result<(Metric, Option<String>), ImportError> {
    if let Some(metric) = asked {
        return Ok((metric, None));
    }
    let found: Vec<(&str, Metric)> = DECISIVE
        .into_iter()
        .filter(|(key, _)| keys.has(key))
        .collect();
    match found.as_slice() {
        [(_, metric)] => Ok((*metric, None)),
        [] if LRS_HINTS.iter().any(|key| keys.has(key)) => Ok((Metric::Lrs, None)),
        [] if keys.has("batch_size") => Err(ImportError::content(
            keys.path,
            None,
            "the keys fit ARS and plain accuracy; say which with --metric ars or --metric accuracy",
        )),
        [] => Ok((
            Metric::Lrs,
            Some("nothing in the file says which metric it is for: taken for LRS (--metric names another)".to_owned()),
        )),
        [(first, metric), (second, other), ..] => Err(ImportError::content(
            keys.path,
            None,
            format!(
                "`{first}` belongs to {} and `{second}` to {}; say which with --metric lrs, --metric ars or --metric accuracy",
                metric.name().to_uppercase(),
                other.name().to_uppercase()
            ),
        )),
    }
}

/// The evaluator for a metric: hard or soft labels.
pub(super) fn reader(keys: &Keys<'_>, metric: Metric) -> Result<Reader, ImportError> {
    // DD-Ranking has an evaluator for each kind of metric: with full data, with random selections, with neither.
    Ok(if metric.has_own(Source::Real) {
        if SOFT_KEYS.iter().any(|key| keys.has(key)) {
            SOFT
        } else {
            HARD
        }
    } else if metric.has_own(Source::Random) {
        ARS
    } else {
        GENERAL
    })
}

/// Whether the synthetic and random arms learn soft labels.
pub(super) fn has_soft_labels(keys: &Keys<'_>, reader: Reader) -> Result<bool, ImportError> {
    Ok(match reader {
        HARD => false,
        SOFT => true,
        ARS => keys
            .choice("label_type", &[("soft", true), ("hard", false)])?
            .unwrap_or(true),
        _ => keys.flag("use_soft_label")?.unwrap_or(false),
    })
}
