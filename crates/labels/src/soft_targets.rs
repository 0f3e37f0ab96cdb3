//! The soft labels that a criterion compares with.

use burn::tensor::Tensor;

use crate::targets::Targets;

/// The soft labels `[batch, classes]` for logits of the same shape, without a graph: no gradient reaches them.
///
/// # Panics
///
/// When the targets are hard, which names `criterion`, or have another number of classes.
pub(crate) fn soft_targets(logits: &Tensor<2>, targets: &Targets, criterion: &str) -> Tensor<2> {
    let Some(soft) = targets.logits() else {
        panic!("the criterion `{criterion}` needs soft targets, and these are hard")
    };
    assert_eq!(
        logits.dims()[1],
        soft.dims()[1],
        "classes of logits (left) and soft targets (right) differ"
    );
    soft.clone().inner()
}
