//! Layer normalisation over the last axis.

use burn::module::{Module, Param};
use burn::tensor::Tensor;
use rand::Rng;

use crate::initialise::Initialiser;

/// PyTorch's `LayerNorm` over the last axis (biased variance, elementwise affine), as transformers use it: `weight` and
/// `bias` `[features]`.
#[derive(Module, Debug)]
pub(crate) struct TokenNorm {
    weight: Param<Tensor<1>>,
    bias: Param<Tensor<1>>,
    #[module(skip)]
    epsilon: f64,
}

impl TokenNorm {
    /// Weight 1, bias 0; `epsilon` is added to the variance. Nothing is drawn.
    pub(crate) fn new<R: Rng + ?Sized>(
        features: usize,
        epsilon: f64,
        initialiser: &mut Initialiser<'_, R>,
    ) -> Self {
        Self {
            weight: initialiser.constant([features], 1.0),
            bias: initialiser.constant([features], 0.0),
            epsilon,
        }
    }

    /// Normalises `[.., features]` over its last axis.
    pub(crate) fn forward<const D: usize>(&self, input: Tensor<D>) -> Tensor<D> {
        let centred = input.clone() - input.mean_dim(D - 1);
        let variance = centred.clone().square().mean_dim(D - 1);
        let normalised = centred / variance.add_scalar(self.epsilon).sqrt();
        normalised * self.weight.val().unsqueeze() + self.bias.val().unsqueeze()
    }
}
