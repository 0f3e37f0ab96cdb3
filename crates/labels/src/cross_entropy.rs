//! Cross-entropy with class indices.

use burn::tensor::activation::log_softmax;
use burn::tensor::{Int, Tensor};
use ddrank_kernels::total;

/// What a configuration and a report call it.
pub(crate) const NAME: &str = "cross-entropy";

pub(crate) const MEANING: &str =
    "cross-entropy with the classes, mean over the batch, no label smoothing";

/// `-(1/N) sum_n log softmax(logits_n)[class_n]`, stable for large logits because the log-softmax subtracts the maximum.
pub(crate) fn cross_entropy(logits: Tensor<2>, classes: Tensor<1, Int>) -> Tensor<1> {
    let batch = logits.dims()[0] as f64;
    total(log_softmax(logits, 1).gather(1, classes.unsqueeze_dim(1))) / -batch
}
