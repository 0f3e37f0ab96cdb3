//! The linear layers at the end of a network.

use burn::module::Module;
use burn::tensor::Tensor;
use rand::Rng;

use super::{ActivationLayer, Dropout, Linear, Nonlinearity};

/// One member of a [`Classifier`].
#[derive(Module, Debug)]
enum Member {
    Dropout(Dropout),
    Linear(Linear),
    Activation(ActivationLayer),
}

impl Member {
    fn forward_eval(&self, input: Tensor<2>) -> Tensor<2> {
        match self {
            Self::Dropout(_) => input,
            Self::Linear(layer) => layer.forward(input),
            Self::Activation(layer) => layer.forward(input),
        }
    }
}

/// A PyTorch `Sequential` of linear layers, ReLU and dropout that ends with a linear layer: a member's key is its
/// position, and layers without parameters take a position too.
#[derive(Module, Debug)]
pub struct Classifier {
    layers: Vec<Member>,
}

impl Classifier {
    /// No layers yet.
    #[must_use]
    pub const fn new() -> Self {
        Self { layers: Vec::new() }
    }

    /// With dropout at the end.
    #[must_use]
    pub fn dropout(mut self, probability: f64) -> Self {
        self.layers.push(Member::Dropout(Dropout::new(probability)));
        self
    }

    /// With a linear layer at the end.
    #[must_use]
    pub fn linear(mut self, layer: Linear) -> Self {
        self.layers.push(Member::Linear(layer));
        self
    }

    /// With a ReLU at the end.
    #[must_use]
    pub fn relu(mut self) -> Self {
        let relu = ActivationLayer::new(Nonlinearity::Relu);
        self.layers.push(Member::Activation(relu));
        self
    }

    /// One pass in training mode: `[batch, in]` to `[batch, classes]`.
    #[must_use]
    pub fn forward_train<R: Rng + ?Sized>(&self, input: Tensor<2>, draws: &mut R) -> Tensor<2> {
        self.layers.iter().fold(input, |values, layer| match layer {
            Member::Dropout(layer) => layer.forward_train(values, draws),
            _ => layer.forward_eval(values),
        })
    }

    /// One pass in evaluation mode.
    #[must_use]
    pub fn forward_eval(&self, input: Tensor<2>) -> Tensor<2> {
        pass(&self.layers, input)
    }

    /// What the last layer sees in evaluation mode.
    #[must_use]
    pub fn embed(&self, input: Tensor<2>) -> Tensor<2> {
        pass(&self.layers[..self.layers.len().saturating_sub(1)], input)
    }
}

impl Default for Classifier {
    fn default() -> Self {
        Self::new()
    }
}

fn pass(layers: &[Member], input: Tensor<2>) -> Tensor<2> {
    layers
        .iter()
        .fold(input, |values, layer| layer.forward_eval(values))
}
