//! Group normalisation.

use burn::module::{Module, Param};
use burn::tensor::Tensor;
use ddrank_kernels::{Tail, group_norm};
use rand::Rng;

use super::epsilon::EPSILON;
use crate::initialise::Initialiser;

/// PyTorch's `GroupNorm` (eps 1e-5, biased variance, affine): `weight` and `bias` `[channels]`.
///
/// With as many groups as channels it is what the reference calls instance normalisation. It has no running statistics
/// and does the same in training and evaluation.
#[derive(Module, Debug)]
pub(crate) struct GroupNorm {
    weight: Param<Tensor<1>>,
    bias: Param<Tensor<1>>,
    groups: usize,
}

impl GroupNorm {
    /// Weight 1, bias 0. Nothing is drawn. `groups` has to divide `channels`.
    pub(crate) fn new<R: Rng + ?Sized>(
        groups: usize,
        channels: usize,
        initialiser: &mut Initialiser<'_, R>,
    ) -> Self {
        debug_assert!(channels.is_multiple_of(groups));
        Self {
            weight: initialiser.constant([channels], 1.0),
            bias: initialiser.constant([channels], 0.0),
            groups,
        }
    }

    /// Normalises `[batch, channels, height, width]` within each picture and group, then does what `tail` says.
    ///
    /// A group of a single value becomes the bias. (PyTorch does the same in batches of two and more and refuses batches
    /// of one.)
    pub(crate) fn forward(&self, input: Tensor<4>, tail: Tail) -> Tensor<4> {
        let (weight, bias) = (self.weight.val(), self.bias.val());
        group_norm(input, weight, bias, self.groups, EPSILON, tail)
    }
}
