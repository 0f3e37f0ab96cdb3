//! The losses that a training can use.

use std::fmt;

use burn::tensor::Tensor;
use serde::{Deserialize, Serialize};

use crate::cross_entropy::cross_entropy;
use crate::kl_divergence::kl_divergence;
use crate::mse_gt::MseGt;
use crate::soft_cross_entropy::soft_cross_entropy;
use crate::softening::Softening;
use crate::targets::Targets;

/// A loss, chosen by `name` in a configuration: `{ name = "sce", temperature = 1.2, scale_loss = false }`.
///
/// A key that the criterion does not have is an error that names the key and those it has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(tag = "name", rename_all = "kebab-case", from = "Table")]
#[non_exhaustive]
pub enum Criterion {
    /// `cross-entropy`: cross-entropy with hard labels, mean over the batch, no label smoothing. With soft targets it
    /// uses the class indices beside them.
    #[default]
    CrossEntropy,
    /// `sce`: cross-entropy between the softened targets and the softened logits, mean over the batch.
    #[serde(rename = "sce")]
    SoftCrossEntropy(Softening),
    /// `kl`: Kullback-Leibler divergence of the softened logits from the softened targets, mean over the batch.
    #[serde(rename = "kl")]
    KlDivergence(Softening),
    /// `mse-gt`: squared error between logits and soft targets plus cross-entropy with the class indices.
    MseGt(MseGt),
}

/// How a configuration writes it. Unlike a unit variant, `CrossEntropy {}` refuses stray keys.
#[derive(Deserialize)]
#[serde(tag = "name", rename_all = "kebab-case", deny_unknown_fields)]
enum Table {
    CrossEntropy {},
    #[serde(rename = "sce")]
    SoftCrossEntropy(Softening),
    #[serde(rename = "kl")]
    KlDivergence(Softening),
    #[serde(alias = "mse_gt")]
    MseGt(MseGt),
}

impl From<Table> for Criterion {
    fn from(table: Table) -> Self {
        match table {
            Table::CrossEntropy {} => Self::CrossEntropy,
            Table::SoftCrossEntropy(softening) => Self::SoftCrossEntropy(softening),
            Table::KlDivergence(softening) => Self::KlDivergence(softening),
            Table::MseGt(weights) => Self::MseGt(weights),
        }
    }
}

impl Criterion {
    /// Whether it compares with soft labels, so that [`Targets::Classes`] are not enough.
    #[must_use]
    pub const fn needs_soft_targets(&self) -> bool {
        match self {
            Self::CrossEntropy => false,
            Self::SoftCrossEntropy(_) | Self::KlDivergence(_) | Self::MseGt(_) => true,
        }
    }

    /// The loss of logits `[batch, classes]` as a tensor of one element.
    ///
    /// No gradient reaches the targets, whatever graph they come from.
    ///
    /// # Panics
    ///
    /// When the numbers of logits and targets differ, when soft targets have another number of classes, and when the
    /// criterion [needs soft targets](Self::needs_soft_targets) and there are none.
    #[must_use]
    pub fn loss(&self, logits: Tensor<2>, targets: &Targets) -> Tensor<1> {
        assert_eq!(
            logits.dims()[0],
            targets.len(),
            "rows of logits (left) and targets (right) differ"
        );
        let classes = || targets.classes().clone();
        let soft = || {
            let Some(soft) = targets.logits() else {
                panic!("the criterion `{self}` needs soft targets, and these are hard")
            };
            assert_eq!(
                logits.dims()[1],
                soft.dims()[1],
                "classes of logits (left) and soft targets (right) differ"
            );
            soft.clone().inner()
        };
        match self {
            Self::CrossEntropy => cross_entropy(logits, classes()),
            Self::SoftCrossEntropy(softening) => {
                let soft = soft();
                soft_cross_entropy(logits, soft, softening)
            }
            Self::KlDivergence(softening) => {
                let soft = soft();
                kl_divergence(logits, soft, softening)
            }
            Self::MseGt(weights) => {
                let soft = soft();
                weights.loss(logits, soft, classes())
            }
        }
    }
}

/// The criterion in words, with its options: `soft cross-entropy, temperature 1.2`.
impl fmt::Display for Criterion {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CrossEntropy => formatter.write_str("cross-entropy"),
            Self::SoftCrossEntropy(softening) => {
                write!(formatter, "soft cross-entropy, {softening}")
            }
            Self::KlDivergence(softening) => write!(formatter, "KL divergence, {softening}"),
            Self::MseGt(weights) => write!(formatter, "MSE-GT, {weights}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::Device;

    fn read(text: &str) -> Result<Criterion, String> {
        #[derive(Deserialize)]
        struct File {
            criterion: Criterion,
        }
        toml::from_str::<File>(text)
            .map(|file| file.criterion)
            .map_err(|error| error.message().to_owned())
    }

    #[test]
    fn names_and_options_are_read() {
        let softening = |temperature, scale_loss| Softening::new(temperature, scale_loss).unwrap();
        for (text, expected) in [
            (r#"{ name = "cross-entropy" }"#, Criterion::CrossEntropy),
            (
                r#"{ name = "sce" }"#,
                Criterion::SoftCrossEntropy(softening(1.2, false)),
            ),
            (
                r#"{ name = "sce", temperature = 4, scale_loss = true }"#,
                Criterion::SoftCrossEntropy(softening(4.0, true)),
            ),
            (
                r#"{ temperature = 20.0, name = "kl" }"#,
                Criterion::KlDivergence(softening(20.0, false)),
            ),
            (
                r#"{ name = "mse-gt" }"#,
                Criterion::MseGt(MseGt::new(1.0, 0.0).unwrap()),
            ),
            (
                r#"{ name = "mse_gt", mse_weight = 0.5, ce_weight = 0.025 }"#,
                Criterion::MseGt(MseGt::new(0.5, 0.025).unwrap()),
            ),
        ] {
            assert_eq!(read(&format!("criterion = {text}")), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_is_wrong_is_named_with_what_is_allowed() {
        for (text, parts) in [
            (r#"{ name = "mse" }"#, &["`mse`", "sce", "kl", "mse-gt"][..]),
            (r#"{ temperature = 1.0 }"#, &["missing field `name`"]),
            (
                r#"{ name = "sce", temp = 1.0 }"#,
                &["`temp`", "`temperature`", "`scale_loss`"],
            ),
            (
                r#"{ name = "kl", ce_weight = 1.0 }"#,
                &["`ce_weight`", "`temperature`", "`scale_loss`"],
            ),
            (
                r#"{ name = "mse-gt", temperature = 1.0 }"#,
                &["`temperature`", "`mse_weight`", "`ce_weight`"],
            ),
            (
                r#"{ name = "cross-entropy", temperature = 1.0 }"#,
                &["`temperature`", "no fields"],
            ),
            (
                r#"{ name = "sce", temperature = 0 }"#,
                &["`temperature`", "0", "above 0"],
            ),
            (
                r#"{ name = "sce", temperature = -1.5 }"#,
                &["`temperature`", "-1.5", "above 0"],
            ),
            (
                r#"{ name = "kl", temperature = nan }"#,
                &["`temperature`", "NaN", "above 0"],
            ),
            (
                r#"{ name = "kl", temperature = "hot" }"#,
                &["string \"hot\""],
            ),
            (
                r#"{ name = "mse-gt", mse_weight = inf }"#,
                &["`mse_weight`", "inf"],
            ),
            (
                r#"{ name = "mse-gt", ce_weight = -1.0 }"#,
                &["`ce_weight`", "-1"],
            ),
            (
                r#"{ name = "mse-gt", mse_weight = 0.0 }"#,
                &["`mse_weight`", "`ce_weight`", "both 0"],
            ),
        ] {
            let message = read(&format!("criterion = {text}")).unwrap_err();
            for part in parts {
                assert!(message.contains(part), "{text}: {part} is not in {message}");
            }
        }
    }

    /// Trial keys hash this form.
    #[test]
    fn a_criterion_is_written_as_it_is_read() {
        for (criterion, expected) in [
            (Criterion::CrossEntropy, r#"{"name":"cross-entropy"}"#),
            (
                Criterion::KlDivergence(Softening::default()),
                r#"{"name":"kl","temperature":1.2,"scale_loss":false}"#,
            ),
            (
                Criterion::MseGt(MseGt::default()),
                r#"{"name":"mse-gt","mse_weight":1.0,"ce_weight":0.0}"#,
            ),
        ] {
            let written = serde_json::to_string(&criterion).unwrap();
            assert_eq!(written, expected);
            assert_eq!(
                serde_json::from_str::<Criterion>(&written).unwrap(),
                criterion
            );
        }
    }

    #[test]
    fn words_for_people_hold_the_options() {
        let scaled = Softening::new(4.0, true).unwrap();
        assert_eq!(
            Criterion::SoftCrossEntropy(scaled).to_string(),
            "soft cross-entropy, temperature 4, loss times temperature squared"
        );
        assert_eq!(
            Criterion::MseGt(MseGt::new(1.0, 0.025).unwrap()).to_string(),
            "MSE-GT, weight 1 of the squared error, weight 0.025 of the cross-entropy"
        );
    }

    #[test]
    #[should_panic(
        expected = "the criterion `KL divergence, temperature 1.2` needs soft targets, and these are hard"
    )]
    fn soft_criteria_refuse_hard_targets() {
        let device = Device::flex();
        let targets = Targets::from_classes(&[0], 3, &device).unwrap();
        let _ = Criterion::KlDivergence(Softening::default())
            .loss(Tensor::zeros([1, 3], &device), &targets);
    }

    #[test]
    #[should_panic(expected = "classes of logits (left) and soft targets (right) differ")]
    fn numbers_of_classes_must_agree() {
        let device = Device::flex();
        let targets = Targets::from_logits(Tensor::zeros([1, 4], &device), &[0]).unwrap();
        let _ = Criterion::MseGt(MseGt::default()).loss(Tensor::zeros([1, 3], &device), &targets);
    }
}
