//! Layers one after the other.

use burn::module::Module;
use burn::tensor::Tensor;

use super::{ActivationLayer, BatchNorm2d, Conv2d, GroupNorm, LayerNorm, PoolLayer};

/// One member of a [`Sequential`].
#[derive(Module, Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "a network has a handful of layers"
)]
#[non_exhaustive]
pub enum Layer {
    /// Convolution.
    Conv2d(Conv2d),
    /// Batch normalisation.
    BatchNorm2d(BatchNorm2d),
    /// Group or instance normalisation.
    GroupNorm(GroupNorm),
    /// Layer normalisation.
    LayerNorm(LayerNorm),
    /// Non-linearity.
    Activation(ActivationLayer),
    /// Pooling.
    Pool(PoolLayer),
}

impl Layer {
    /// One pass in training mode: batch statistics are used and recorded.
    #[must_use]
    pub fn forward_train(&mut self, input: Tensor<4>) -> Tensor<4> {
        match self {
            Self::BatchNorm2d(layer) => layer.forward_train(input),
            _ => self.forward_eval(input),
        }
    }

    /// One pass in evaluation mode: running statistics are used.
    #[must_use]
    pub fn forward_eval(&self, input: Tensor<4>) -> Tensor<4> {
        match self {
            Self::Conv2d(layer) => layer.forward(input),
            Self::BatchNorm2d(layer) => layer.forward_eval(input),
            Self::GroupNorm(layer) => layer.forward(input),
            Self::LayerNorm(layer) => layer.forward(input),
            Self::Activation(layer) => layer.forward(input),
            Self::Pool(layer) => layer.forward(input),
        }
    }
}

/// PyTorch's `Sequential`: a member's key is its position, and layers without parameters take a position too.
#[derive(Module, Debug)]
pub struct Sequential {
    layers: Vec<Layer>,
}

impl Sequential {
    /// The layers in order.
    #[must_use]
    pub const fn new(layers: Vec<Layer>) -> Self {
        Self { layers }
    }

    /// One pass in training mode: batch statistics are used and recorded.
    #[must_use]
    pub fn forward_train(&mut self, input: Tensor<4>) -> Tensor<4> {
        self.layers
            .iter_mut()
            .fold(input, |values, layer| layer.forward_train(values))
    }

    /// One pass in evaluation mode: running statistics are used.
    #[must_use]
    pub fn forward_eval(&self, input: Tensor<4>) -> Tensor<4> {
        self.layers
            .iter()
            .fold(input, |values, layer| layer.forward_eval(values))
    }
}
