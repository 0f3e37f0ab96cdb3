//! Group normalisation.

use burn::module::{Module, Param};
use burn::tensor::Tensor;
use rand::Rng;

use super::EPSILON;
use crate::initialise::Initialiser;

/// PyTorch's `GroupNorm` (eps 1e-5, biased variance, affine): `weight` and `bias` `[channels]`.
///
/// With as many groups as channels it is what the reference calls instance normalisation. It has no running statistics
/// and does the same in training and evaluation.
#[derive(Module, Debug)]
pub struct GroupNorm {
    weight: Param<Tensor<1>>,
    bias: Param<Tensor<1>>,
    groups: usize,
}

impl GroupNorm {
    /// Weight 1, bias 0. Nothing is drawn. `groups` has to divide `channels`.
    pub fn new<R: Rng + ?Sized>(
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

    /// Normalises `[batch, channels, height, width]` within each picture and group.
    ///
    /// A group of a single value becomes the bias. (PyTorch does the same in batches of two and more and refuses batches
    /// of one.)
    #[must_use]
    pub fn forward(&self, input: Tensor<4>) -> Tensor<4> {
        let [batch, channels, height, width] = input.dims();
        let groups = self.groups;
        let in_group = channels / groups;
        let values = input.reshape([batch, groups, in_group * height * width]);
        let mean = values.clone().mean_dim(2);
        let centred = values - mean;
        let variance = centred.clone().square().mean_dim(2);
        let deviation = variance.add_scalar(EPSILON).sqrt();
        // One scale per picture and channel saves a pass over the map.
        let scale = self.weight.val().reshape([1, groups, in_group]) / deviation;
        let scale = scale.reshape([batch, channels, 1, 1]);
        centred.reshape([batch, channels, height, width]) * scale
            + self.bias.val().reshape([1, channels, 1, 1])
    }
}
