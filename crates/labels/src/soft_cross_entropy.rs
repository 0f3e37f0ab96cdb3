//! Cross-entropy with soft labels.

use burn::tensor::Tensor;
use burn::tensor::activation::{log_softmax, softmax};
use ddrank_kernels::total;

use crate::softening::Softening;

/// `-(1/N) sum_n sum_k softmax(t/T)_k log softmax(z/T)_k` for logits `z` and targets `t`, both `[batch, classes]`.
pub(crate) fn soft_cross_entropy(
    logits: Tensor<2>,
    targets: Tensor<2>,
    softening: &Softening,
) -> Tensor<1> {
    let batch = logits.dims()[0] as f64;
    let wanted = softmax(softening.soften(targets), 1);
    let answered = log_softmax(softening.soften(logits), 1);
    softening.scale(total(answered * wanted) / -batch)
}
