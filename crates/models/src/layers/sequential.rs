//! Layers one after the other.

use burn::module::Module;
use burn::tensor::Tensor;
use ddrank_kernels::Tail;
use rand::Rng;

use super::{ActivationLayer, BatchNorm2d, Conv2d, GroupNorm, LayerNorm, Nonlinearity, PoolLayer};
use crate::initialise::Initialiser;
use crate::options::Pooling;

/// One member of a [`Sequential`].
#[derive(Module, Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "a network has a handful of layers"
)]
pub(crate) enum Layer {
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
    /// A sequence in its place.
    Sequential(Sequential),
}

impl Layer {
    /// One pass in training mode: batch statistics are used and recorded. Only normalisations take a tail.
    fn forward_train(&mut self, input: Tensor<4>, tail: Tail) -> Tensor<4> {
        match self {
            Self::BatchNorm2d(layer) => layer.forward_train(input, tail),
            Self::Sequential(layers) => layers.forward_train(input),
            Self::Conv2d(_)
            | Self::GroupNorm(_)
            | Self::LayerNorm(_)
            | Self::Activation(_)
            | Self::Pool(_) => self.forward_eval(input, tail),
        }
    }

    /// One pass in evaluation mode: running statistics are used. Only normalisations take a tail.
    fn forward_eval(&self, input: Tensor<4>, tail: Tail) -> Tensor<4> {
        match self {
            Self::Conv2d(layer) => layer.forward(input),
            Self::BatchNorm2d(layer) => layer.forward_eval(input, tail),
            Self::GroupNorm(layer) => layer.forward(input, tail),
            Self::LayerNorm(layer) => layer.forward(input),
            Self::Activation(layer) => layer.forward(input),
            Self::Pool(layer) => layer.forward(input),
            Self::Sequential(layers) => layers.forward_eval(input),
        }
    }

    /// What of the following layers this one does in the same pass, and how many layers that is.
    fn tail(&self, following: &[Self]) -> (Tail, usize) {
        if !matches!(self, Self::BatchNorm2d(_) | Self::GroupNorm(_)) {
            return (Tail::Nothing, 0);
        }
        let rectifies = |layer: Option<&Self>| match layer {
            Some(Self::Activation(layer)) => layer.function() == Nonlinearity::Relu,
            _ => false,
        };
        let pools = |layer: Option<&Self>| match layer {
            Some(Self::Pool(layer)) => layer.pooling() == Pooling::Average,
            _ => false,
        };
        match (
            rectifies(following.first()),
            pools(following.first()),
            pools(following.get(1)),
        ) {
            (true, _, true) => (Tail::ReluAveragePool, 2),
            (true, _, false) => (Tail::Relu, 1),
            (false, true, _) => (Tail::AveragePool, 1),
            (false, false, _) => (Tail::Nothing, 0),
        }
    }
}

/// torchvision's `Conv2dNormActivation` without its `Sequential`: a convolution, its batch normalisation and, where one is
/// given, an activation.
pub(crate) fn normalised<R: Rng + ?Sized>(
    convolution: Conv2d,
    activation: Option<Nonlinearity>,
    initialiser: &mut Initialiser<'_, R>,
) -> Vec<Layer> {
    let norm = BatchNorm2d::new(convolution.outputs(), initialiser);
    let mut layers = vec![Layer::Conv2d(convolution), Layer::BatchNorm2d(norm)];
    layers.extend(activation.map(|function| Layer::Activation(ActivationLayer::new(function))));
    layers
}

/// PyTorch's `Sequential`: a member's key is its position, and layers without parameters take a position too.
///
/// A normalisation does a following ReLU and average pooling in the same pass (see [`ddrank_kernels`]).
#[derive(Module, Debug)]
pub(crate) struct Sequential {
    layers: Vec<Layer>,
}

impl Sequential {
    /// The layers in order.
    pub(crate) const fn new(layers: Vec<Layer>) -> Self {
        Self { layers }
    }

    /// One pass in training mode: batch statistics are used and recorded.
    pub(crate) fn forward_train(&mut self, input: Tensor<4>) -> Tensor<4> {
        let mut values = input;
        let mut rest = self.layers.as_mut_slice();
        while let Some((layer, following)) = rest.split_first_mut() {
            let (tail, done) = layer.tail(following);
            values = layer.forward_train(values, tail);
            rest = &mut following[done..];
        }
        values
    }

    /// One pass in evaluation mode: running statistics are used.
    pub(crate) fn forward_eval(&self, input: Tensor<4>) -> Tensor<4> {
        let mut values = input;
        let mut rest = self.layers.as_slice();
        while let Some((layer, following)) = rest.split_first() {
            let (tail, done) = layer.tail(following);
            values = layer.forward_eval(values, tail);
            rest = &following[done..];
        }
        values
    }
}
