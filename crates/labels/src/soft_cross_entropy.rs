//! Cross-entropy with soft labels.

use burn::tensor::Tensor;
use burn::tensor::activation::{log_softmax, softmax};
use ddrank_kernels::total;
use ddrank_keys::{Documented, KeyError, Table};

use crate::soft_targets::soft_targets;
use crate::softening::Softening;
use crate::targets::Targets;

pub(crate) const MEANING: &str =
    "cross-entropy between the softened soft labels and the softened logits, mean over the batch";
pub(crate) const KEYS: &[&dyn Documented] = Softening::KEYS;
pub(crate) const NEEDS_SOFT_TARGETS: bool = true;

pub(crate) fn read(table: &mut Table) -> Result<Softening, KeyError> {
    Softening::read(table)
}

pub(crate) fn words(softening: &Softening) -> String {
    format!("soft cross-entropy, {softening}")
}

/// `-(1/N) sum_n sum_k softmax(t/T)_k log softmax(z/T)_k` for logits `z` and targets `t`, both `[batch, classes]`.
pub(crate) fn loss(softening: &Softening, logits: Tensor<2>, targets: &Targets) -> Tensor<1> {
    let batch = logits.dims()[0] as f64;
    let targets = soft_targets(&logits, targets, &words(softening));
    let wanted = softmax(softening.soften(targets), 1);
    // From the log-softmax: the logarithm of a softmax that underflows to 0 would be infinite.
    let answered = log_softmax(softening.soften(logits), 1);
    softening.scale(total(answered * wanted) / -batch)
}
