//! What a network should answer.

use burn::tensor::{Device, Int, Tensor, TensorData};
use thiserror::Error;

/// The targets of a set of pictures, on the device.
#[derive(Clone, Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "there is one for a set or a batch, never a list of them"
)]
#[non_exhaustive]
pub enum Targets {
    /// Hard labels: one class index a picture, `[pictures]`.
    Classes(Tensor<1, Int>),
    /// Soft labels, and the class indices for those criteria that also look at the ground truth.
    Soft {
        /// `[pictures, classes]`, before any softmax.
        logits: Tensor<2>,
        /// `[pictures]`.
        classes: Tensor<1, Int>,
    },
}

impl Targets {
    /// Hard labels from class indices, every one below `classes`.
    ///
    /// # Errors
    ///
    /// The first label that is no class.
    pub fn from_classes(
        labels: &[usize],
        classes: usize,
        device: &Device,
    ) -> Result<Self, TargetError> {
        Ok(Self::Classes(indices(labels, classes, device)?))
    }

    /// Soft labels: logits `[pictures, classes]` on their device, with the class index of each picture beside them.
    ///
    /// # Errors
    ///
    /// When the numbers of rows and labels differ; the first label that is no class.
    pub fn from_logits(logits: Tensor<2>, labels: &[usize]) -> Result<Self, TargetError> {
        let logits = logits.inner();
        let [rows, classes] = logits.dims();
        if rows != labels.len() {
            return Err(TargetError::Count {
                rows,
                labels: labels.len(),
            });
        }
        let classes = indices(labels, classes, &logits.device())?;
        Ok(Self::Soft { logits, classes })
    }

    /// The class index of each picture, `[pictures]`.
    #[must_use]
    pub const fn classes(&self) -> &Tensor<1, Int> {
        match self {
            Self::Classes(classes) | Self::Soft { classes, .. } => classes,
        }
    }

    /// The soft labels `[pictures, classes]`, if these are soft targets.
    #[must_use]
    pub const fn logits(&self) -> Option<&Tensor<2>> {
        match self {
            Self::Classes(_) => None,
            Self::Soft { logits, .. } => Some(logits),
        }
    }

    /// The number of pictures.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Classes(classes) => classes.dims()[0],
            // A batch of soft rows without as many class indices is no target at all.
            Self::Soft { logits, classes } => {
                let (rows, [labels]) = (logits.dims()[0], classes.dims());
                assert_eq!(
                    rows, labels,
                    "rows of soft labels (left) and class indices (right) differ"
                );
                rows
            }
        }
    }

    /// Whether there is no picture.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The targets of the pictures at `indices` `[batch]`, in that order.
    #[must_use]
    pub fn select(&self, indices: Tensor<1, Int>) -> Self {
        match self {
            Self::Classes(classes) => Self::Classes(classes.clone().select(0, indices)),
            Self::Soft { logits, classes } => Self::Soft {
                logits: logits.clone().select(0, indices.clone()),
                classes: classes.clone().select(0, indices),
            },
        }
    }
}

fn indices(
    labels: &[usize],
    classes: usize,
    device: &Device,
) -> Result<Tensor<1, Int>, TargetError> {
    let mut checked = Vec::with_capacity(labels.len());
    for (position, &label) in labels.iter().enumerate() {
        let wrong = TargetError::Label {
            position,
            label,
            classes,
        };
        if label >= classes {
            return Err(wrong);
        }
        checked.push(i32::try_from(label).map_err(|_| wrong)?);
    }
    let data = TensorData::new(checked, [labels.len()]);
    Ok(Tensor::from_data(data, device))
}

/// Labels that are no targets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum TargetError {
    /// A label that is no class.
    #[error("label {label} at position {position} is not below the number of classes, {classes}")]
    Label {
        /// Position in the list of labels.
        position: usize,
        /// The label.
        label: usize,
        /// The number of classes.
        classes: usize,
    },
    /// Soft and hard labels of different numbers of pictures.
    #[error(
        "there are {rows} rows of soft labels and {labels} class indices; expected one each for every picture"
    )]
    Count {
        /// Rows of soft labels.
        rows: usize,
        /// Class indices.
        labels: usize,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    fn classes(targets: &Targets) -> Vec<i64> {
        targets
            .classes()
            .clone()
            .into_data()
            .iter::<i64>()
            .collect()
    }

    #[test]
    fn selection_keeps_the_order_asked_for() {
        let device = Device::flex();
        let targets = Targets::from_classes(&[4, 3, 2, 1], 5, &device).unwrap();
        let indices = Tensor::<1, Int>::from_data([3_i32, 0, 0], &device);
        let selected = targets.select(indices);
        assert_eq!(classes(&selected), [1, 4, 4]);
        assert!(selected.logits().is_none());
        assert_eq!(targets.len(), 4);
        assert!(!targets.is_empty());
    }

    #[test]
    fn soft_rows_and_classes_stay_together() {
        let device = Device::flex();
        let rows = Tensor::<2>::from_data([[0.0_f32, 0.5], [1.0, 1.5], [2.0, 2.5]], &device);
        let targets = Targets::from_logits(rows, &[1, 0, 1]).unwrap();
        let indices = Tensor::<1, Int>::from_data([2_i32, 1, 2], &device);
        let selected = targets.select(indices);
        assert_eq!(classes(&selected), [1, 0, 1]);
        let rows: Vec<f32> = selected.logits().unwrap().to_data().iter().collect();
        assert_eq!(rows, [2.0, 2.5, 1.0, 1.5, 2.0, 2.5]);
        assert_eq!(selected.len(), 3);
    }

    #[test]
    fn labels_outside_the_classes_are_refused() {
        let error = Targets::from_classes(&[0, 5, 9], 5, &Device::flex()).unwrap_err();
        let expected = TargetError::Label {
            position: 1,
            label: 5,
            classes: 5,
        };
        assert_eq!(error, expected);
        assert_eq!(
            error.to_string(),
            "label 5 at position 1 is not below the number of classes, 5"
        );
        let rows = Tensor::<2>::zeros([1, 2], &Device::flex());
        let error = Targets::from_logits(rows, &[2]).unwrap_err();
        assert!(error.to_string().contains("label 2 at position 0"));
    }

    #[test]
    fn numbers_of_rows_and_labels_must_agree() {
        let rows = Tensor::<2>::zeros([3, 2], &Device::flex());
        let error = Targets::from_logits(rows, &[0, 1]).unwrap_err();
        assert_eq!(error, TargetError::Count { rows: 3, labels: 2 });
        assert!(
            error
                .to_string()
                .contains("3 rows of soft labels and 2 class indices")
        );
    }
}
