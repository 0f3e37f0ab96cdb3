//! Fully connected layer.

use burn::module::{Module, Param};
use burn::tensor::Tensor;
use rand::Rng;

use crate::initialise::Initialiser;

/// PyTorch's `Linear`: `weight` `[out, in]`, `bias` `[out]`.
#[derive(Module, Debug)]
pub struct Linear {
    weight: Param<Tensor<2>>,
    bias: Param<Tensor<1>>,
}

impl Linear {
    /// A linear layer with PyTorch's default initialisation.
    pub fn new<R: Rng + ?Sized>(
        inputs: usize,
        outputs: usize,
        initialiser: &mut Initialiser<'_, R>,
    ) -> Self {
        Self {
            weight: initialiser.fan_in_uniform([outputs, inputs], inputs),
            bias: initialiser.fan_in_uniform([outputs], inputs),
        }
    }

    /// `[batch, in]` to `[batch, out]`.
    #[must_use]
    pub fn forward(&self, input: Tensor<2>) -> Tensor<2> {
        input.matmul(self.weight.val().transpose()) + self.bias.val().unsqueeze()
    }
}
