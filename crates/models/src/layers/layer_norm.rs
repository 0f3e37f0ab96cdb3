//! Layer normalisation.

use burn::module::{Module, Param};
use burn::tensor::Tensor;
use rand::Rng;

use super::epsilon::EPSILON;
use crate::initialise::Initialiser;

/// PyTorch's `LayerNorm` over channels, height and width (eps 1e-5, biased variance, elementwise affine): `weight` and
/// `bias` `[channels, height, width]`.
#[derive(Module, Debug)]
pub(crate) struct LayerNorm {
    weight: Param<Tensor<3>>,
    bias: Param<Tensor<3>>,
}

impl LayerNorm {
    /// Weight 1, bias 0, for maps of `shape` `[channels, height, width]`. Nothing is drawn.
    pub(crate) fn new<R: Rng + ?Sized>(
        shape: [usize; 3],
        initialiser: &mut Initialiser<'_, R>,
    ) -> Self {
        Self {
            weight: initialiser.constant(shape, 1.0),
            bias: initialiser.constant(shape, 0.0),
        }
    }

    /// Normalises `[batch, channels, height, width]` within each picture.
    pub(crate) fn forward(&self, input: Tensor<4>) -> Tensor<4> {
        let shape = input.dims();
        let values: Tensor<2> = input.flatten(1, 3);
        let mean = values.clone().mean_dim(1);
        let centred = values - mean;
        let variance = centred.clone().square().mean_dim(1);
        let normalised = centred / variance.add_scalar(EPSILON).sqrt();
        normalised.reshape(shape) * self.weight.val().unsqueeze() + self.bias.val().unsqueeze()
    }
}
