//! The losses that a training can use.

use burn::tensor::Tensor;

use crate::cross_entropy::cross_entropy;
use crate::targets::Targets;

/// A loss.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[non_exhaustive]
pub enum Criterion {
    /// Cross-entropy with hard labels, mean over the batch, no label smoothing.
    #[default]
    CrossEntropy,
}

impl Criterion {
    /// The loss of logits `[batch, classes]` as a tensor of one element.
    ///
    /// # Panics
    ///
    /// When the numbers of logits and targets differ.
    #[must_use]
    pub fn loss(&self, logits: Tensor<2>, targets: &Targets) -> Tensor<1> {
        assert_eq!(
            logits.dims()[0],
            targets.len(),
            "rows of logits (left) and targets (right) differ"
        );
        match (self, targets) {
            (Self::CrossEntropy, Targets::Classes(classes)) => {
                cross_entropy(logits, classes.clone())
            }
        }
    }
}
