//! The two linear layers of a transformer block.

use burn::module::Module;
use burn::tensor::Tensor;

use super::{Linear, gelu};

/// torchvision's `MLP` without dropout: linear, GELU (exact), linear. State-dict keys: `0` and `3`.
#[derive(Module, Debug)]
pub(crate) struct FeedForward {
    member_0: Linear,
    member_3: Linear,
}

impl FeedForward {
    /// The two layers in order.
    pub(crate) const fn new(first: Linear, second: Linear) -> Self {
        Self {
            member_0: first,
            member_3: second,
        }
    }

    /// `[.., features]` to the same shape.
    pub(crate) fn forward<const D: usize>(&self, input: Tensor<D>) -> Tensor<D> {
        self.member_3.forward(gelu(self.member_0.forward(input)))
    }
}
