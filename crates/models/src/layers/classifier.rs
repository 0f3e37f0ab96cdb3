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
pub(crate) struct Classifier {
    layers: Vec<Member>,
}

impl Classifier {
    /// No layers yet.
    pub(crate) const fn new() -> Self {
        Self { layers: Vec::new() }
    }

    /// With dropout at the end.
    pub(crate) fn dropout(mut self, probability: f64) -> Self {
        self.layers.push(Member::Dropout(Dropout::new(probability)));
        self
    }

    /// With a linear layer at the end.
    pub(crate) fn linear(mut self, layer: Linear) -> Self {
        self.layers.push(Member::Linear(layer));
        self
    }

    /// With a ReLU at the end.
    pub(crate) fn relu(mut self) -> Self {
        let relu = ActivationLayer::new(Nonlinearity::Relu);
        self.layers.push(Member::Activation(relu));
        self
    }

    /// One pass in training mode: `[batch, in]` to `[batch, classes]`.
    pub(crate) fn forward_train<R: Rng + ?Sized>(
        &self,
        input: Tensor<2>,
        draws: &mut R,
    ) -> Tensor<2> {
        self.layers.iter().fold(input, |values, layer| match layer {
            Member::Dropout(layer) => layer.forward_train(values, draws),
            Member::Linear(_) | Member::Activation(_) => layer.forward_eval(values),
        })
    }

    /// What the last layer sees in evaluation mode.
    pub(crate) fn embed(&self, input: Tensor<2>) -> Tensor<2> {
        let before = self.layers.len().saturating_sub(1);
        self.layers[..before]
            .iter()
            .fold(input, |values, layer| layer.forward_eval(values))
    }

    /// The last layer alone: `[batch, in]` to `[batch, classes]`.
    pub(crate) fn classify(&self, features: Tensor<2>) -> Tensor<2> {
        self.layers
            .last()
            .into_iter()
            .fold(features, |values, layer| layer.forward_eval(values))
    }
}
