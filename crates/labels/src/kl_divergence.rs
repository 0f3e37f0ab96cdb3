//! Kullback-Leibler divergence, the loss of knowledge distillation (Hinton et al., arXiv 1503.02531).

use burn::tensor::Tensor;
use burn::tensor::activation::log_softmax;
use ddrank_kernels::total;
use ddrank_keys::{Documented, KeyError, Table};

use crate::soft_targets::soft_targets;
use crate::softening::Softening;
use crate::targets::Targets;

pub(crate) const MEANING: &str = "Kullback-Leibler divergence of the softened logits from the softened soft labels, mean over \
     the batch";
pub(crate) const KEYS: &[&dyn Documented] = Softening::KEYS;
pub(crate) const NEEDS_SOFT_TARGETS: bool = true;

pub(crate) fn read(table: &mut Table) -> Result<Softening, KeyError> {
    Softening::read(table)
}

pub(crate) fn words(softening: &Softening) -> String {
    format!("KL divergence, {softening}")
}

/// `(1/N) sum_n sum_k p_k (log p_k - log q_k)`, `p = softmax(t/T)`, `q = softmax(z/T)`, for logits `z` and targets `t`, both
/// `[batch, classes]`: PyTorch's `batchmean`, divided by the batch alone.
pub(crate) fn loss(softening: &Softening, logits: Tensor<2>, targets: &Targets) -> Tensor<1> {
    let batch = logits.dims()[0] as f64;
    let targets = soft_targets(&logits, targets, &words(softening));
    // Both logarithms come from the log-softmax, so they are finite where a probability underflows to 0.
    let wanted = log_softmax(softening.soften(targets), 1);
    let answered = log_softmax(softening.soften(logits), 1);
    softening.scale(total(wanted.clone().exp() * (wanted - answered)) / batch)
}
