//! Batch normalisation.

use burn::module::{Module, Param};
use burn::tensor::{Int, Tensor};
use ddrank_kernels::{Tail, batch_norm_eval, batch_norm_train, blend};
use rand::Rng;

use super::epsilon::EPSILON;
use crate::initialise::Initialiser;

/// Share of a new batch in the running statistics.
const MOMENTUM: f64 = 0.1;

/// PyTorch's `BatchNorm2d` (eps 1e-5, momentum 0.1, affine): all tensors `[channels]`, plus a counter of batches.
///
/// A batch is normalised with its biased variance, while the running variance takes the unbiased one. burn's own layer
/// takes the biased one for both and shares its running statistics between clones; here clones are independent, because
/// a training pass needs `&mut self`.
#[derive(Module, Debug)]
pub(crate) struct BatchNorm2d {
    weight: Param<Tensor<1>>,
    bias: Param<Tensor<1>>,
    running_mean: Param<Tensor<1>>,
    running_var: Param<Tensor<1>>,
    num_batches_tracked: Param<Tensor<1, Int>>,
}

impl BatchNorm2d {
    /// Weight 1, bias 0, running mean 0, running variance 1, counter 0. Nothing is drawn.
    pub(crate) fn new<R: Rng + ?Sized>(
        channels: usize,
        initialiser: &mut Initialiser<'_, R>,
    ) -> Self {
        Self {
            weight: initialiser.constant([channels], 1.0),
            bias: initialiser.constant([channels], 0.0),
            running_mean: initialiser.buffer([channels], 0.0),
            running_var: initialiser.buffer([channels], 1.0),
            num_batches_tracked: initialiser.counter(),
        }
    }

    /// Normalises `[batch, channels, height, width]` with the statistics of this batch, records them, and then does
    /// what `tail` says.
    ///
    /// # Panics
    ///
    /// When there is a single value per channel, whose variance says nothing.
    pub(crate) fn forward_train(&mut self, input: Tensor<4>, tail: Tail) -> Tensor<4> {
        let [batch, _, height, width] = input.dims();
        let count = batch * height * width;
        assert!(
            count > 1,
            "batch normalisation in training mode needs more than one value per channel, got a batch of {batch} with \
             maps of {height} x {width}"
        );
        let normalised = batch_norm_train(input, self.weight.val(), self.bias.val(), EPSILON, tail);
        record(&mut self.running_mean, normalised.mean, 1.0);
        let unbiased = count as f64 / (count - 1) as f64;
        record(&mut self.running_var, normalised.variance, unbiased);
        let batches = self.num_batches_tracked.val().add_scalar(1);
        self.num_batches_tracked = Param::initialized(self.num_batches_tracked.id, batches);
        normalised.output
    }

    /// Normalises `[batch, channels, height, width]` with the running statistics, then does what `tail` says.
    pub(crate) fn forward_eval(&self, input: Tensor<4>, tail: Tail) -> Tensor<4> {
        let affine = (self.weight.val(), self.bias.val());
        let statistics = (self.running_mean.val(), self.running_var.val());
        batch_norm_eval(input, affine, statistics, EPSILON, tail)
    }
}

/// Takes a batch's statistic times `factor` into the running one.
fn record(running: &mut Param<Tensor<1>>, of_batch: Tensor<1>, factor: f64) {
    let shares = [1.0 - MOMENTUM, MOMENTUM * factor];
    let updated = blend(running.val(), of_batch, shares);
    *running = Param::initialized(running.id, updated);
}
