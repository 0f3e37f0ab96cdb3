//! Kullback-Leibler divergence.

use burn::tensor::Tensor;
use burn::tensor::activation::log_softmax;
use ddrank_kernels::total;

use crate::softening::Softening;

/// `(1/N) sum_n sum_k p_k (log p_k - log q_k)`, `p = softmax(t/T)`, `q = softmax(z/T)`, for logits `z` and targets `t`, both
/// `[batch, classes]`: PyTorch's `batchmean`, divided by the batch alone.
///
/// Both logarithms come from the log-softmax, so they are finite where a probability underflows to 0.
pub(crate) fn kl_divergence(
    logits: Tensor<2>,
    targets: Tensor<2>,
    softening: &Softening,
) -> Tensor<1> {
    let batch = logits.dims()[0] as f64;
    let wanted = log_softmax(softening.soften(targets), 1);
    let answered = log_softmax(softening.soften(logits), 1);
    softening.scale(total(wanted.clone().exp() * (wanted - answered)) / batch)
}
