//! What a network should answer.

use burn::tensor::{Device, Int, Tensor, TensorData};
use thiserror::Error;

/// The targets of a set of pictures, on the device.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Targets {
    /// Hard labels: one class index a picture, `[pictures]`.
    Classes(Tensor<1, Int>),
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
        let mut checked = Vec::with_capacity(labels.len());
        for (position, &label) in labels.iter().enumerate() {
            let wrong = TargetError {
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
        Ok(Self::Classes(Tensor::from_data(data, device)))
    }

    /// The number of pictures.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Classes(classes) => classes.dims()[0],
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
        }
    }
}

/// A label that is no class.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("label {label} at position {position} is not below the number of classes, {classes}")]
pub struct TargetError {
    /// Position in the list of labels.
    pub position: usize,
    /// The label.
    pub label: usize,
    /// The number of classes.
    pub classes: usize,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn selection_keeps_the_order_asked_for() {
        let device = Device::flex();
        let targets = Targets::from_classes(&[4, 3, 2, 1], 5, &device).unwrap();
        let indices = Tensor::<1, Int>::from_data([3_i32, 0, 0], &device);
        let Targets::Classes(classes) = targets.select(indices);
        let got: Vec<i64> = classes.into_data().iter::<i64>().collect();
        assert_eq!(got, [1, 4, 4]);
        assert_eq!(targets.len(), 4);
        assert!(!targets.is_empty());
    }

    #[test]
    fn labels_outside_the_classes_are_refused() {
        let error = Targets::from_classes(&[0, 5, 9], 5, &Device::flex()).unwrap_err();
        let expected = TargetError {
            position: 1,
            label: 5,
            classes: 5,
        };
        assert_eq!(error, expected);
        assert_eq!(
            error.to_string(),
            "label 5 at position 1 is not below the number of classes, 5"
        );
    }
}
