//! DD-Ranking's AlexNet for small images.
//!
//! After Krizhevsky, Sutskever and Hinton 2012, "ImageNet Classification with Deep Convolutional Neural Networks"
//! (NeurIPS; not on arXiv).

use burn::module::Module;
use burn::tensor::Tensor;
use rand::Rng;

use crate::architecture::{Architecture, Definition};
use crate::blueprint::{Blueprint, Misfit};
use crate::initialise::Initialiser;
use crate::input_shape::InputShape;
use crate::layers::{
    ActivationLayer, Conv2d, Convolution, Layer, Linear, Nonlinearity, PoolLayer, Sequential,
};
use crate::options::Pooling;
use crate::paper::Paper;

/// Side of the last map, which the linear layer needs.
const MAP: usize = 4;
/// Output channels, kernel side, and whether 2×2 max pooling follows.
const PLAN: [(usize, usize, bool); 5] = [
    (128, 5, true),
    (192, 5, true),
    (256, 3, false),
    (192, 3, false),
    (192, 3, true),
];

/// `AlexNet` of DD-Ranking: five convolutions with ReLU, three 2×2 max poolings, one linear layer; no normalisation and
/// no dropout.
///
/// The first convolution has stride 1 for images of 32 pixels and stride 2 otherwise, so that 32×32 and 64×64 fit; what
/// does not fit is an error. State-dict keys: `features.0`, `.3`, `.6`, `.8`, `.10`, `fc`.
#[derive(Module, Debug)]
pub struct AlexNet {
    features: Sequential,
    fc: Linear,
}

/// Of the first convolution: the reference looks at the height alone.
const fn stride(input: InputShape) -> usize {
    if input.height == 32 { 1 } else { 2 }
}

impl Architecture for AlexNet {
    const DEFINITION: Definition = Definition {
        images: "32 x 32 and 64 x 64 pixels",
        ..Definition::of(
            "five convolutions with max pooling, one linear layer",
            Paper {
                authors: "Krizhevsky et al.",
                year: 2012,
                arxiv: None,
            },
        )
    };

    fn check(blueprint: &Blueprint) -> Result<(), Misfit> {
        let input = blueprint.input;
        // Three poolings of the first convolution's map.
        let map = |side: usize| side.div_ceil(stride(input)) / 8;
        Misfit::unless_sized(map(input.height) == MAP && map(input.width) == MAP)
    }

    fn build<R: Rng + ?Sized>(blueprint: &Blueprint, initialiser: &mut Initialiser<'_, R>) -> Self {
        let input = blueprint.input;
        let stride = stride(input);
        let mut layers = Vec::new();
        let mut inputs = input.channels;
        for (block, (outputs, kernel, is_pooled)) in PLAN.into_iter().enumerate() {
            let convolution = Convolution {
                inputs,
                outputs,
                kernel,
                stride: if block == 0 { stride } else { 1 },
                padding: kernel / 2,
                bias: true,
                groups: 1,
            };
            layers.push(Layer::Conv2d(Conv2d::new(convolution, initialiser)));
            layers.push(Layer::Activation(ActivationLayer::new(Nonlinearity::Relu)));
            if is_pooled {
                layers.push(Layer::Pool(PoolLayer::new(Pooling::Max)));
            }
            inputs = outputs;
        }
        Self {
            features: Sequential::new(layers),
            fc: Linear::new(inputs * MAP * MAP, blueprint.classes, initialiser),
        }
    }

    fn forward_train<R: Rng + ?Sized>(&mut self, images: Tensor<4>, _draws: &mut R) -> Tensor<2> {
        self.forward_eval(images)
    }

    fn embed(&self, images: Tensor<4>) -> Tensor<2> {
        self.features.forward_eval(images).flatten(1, 3)
    }

    fn classify(&self, features: Tensor<2>) -> Tensor<2> {
        self.fc.forward(features)
    }
}
