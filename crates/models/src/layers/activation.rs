//! Non-linearities as layers.

use burn::module::Module;
use burn::tensor::Tensor;
use burn::tensor::activation::{leaky_relu, relu, sigmoid};

use crate::spec::Activation;

/// Slope of the leaky ReLU below zero, PyTorch's default.
const LEAK: f64 = 0.01;

/// An [`Activation`] in its place in a sequence.
#[derive(Module, Debug)]
pub struct ActivationLayer {
    #[module(skip)]
    activation: Activation,
}

impl ActivationLayer {
    /// The layer of that activation.
    #[must_use]
    pub const fn new(activation: Activation) -> Self {
        Self { activation }
    }

    /// Which activation it is.
    #[must_use]
    pub const fn activation(&self) -> Activation {
        self.activation
    }

    /// Applies it elementwise.
    #[must_use]
    pub fn forward(&self, input: Tensor<4>) -> Tensor<4> {
        match self.activation {
            Activation::Relu => relu(input),
            Activation::Sigmoid => sigmoid(input),
            Activation::LeakyRelu => leaky_relu(input, LEAK),
        }
    }
}
