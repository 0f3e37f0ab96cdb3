//! torchvision's VGGs.
//!
//! Simonyan and Zisserman 2014, "Very Deep Convolutional Networks for Large-Scale Image Recognition", arXiv 1409.1556.

use burn::module::Module;
use burn::tensor::Tensor;
use burn::tensor::module::adaptive_avg_pool2d;
use rand::Rng;

use super::vgg_stages::{CHANNELS, DEPTHS, convolutions};
use crate::architecture::{Architecture, Definition, Spelling};
use crate::blueprint::{Blueprint, Misfit};
use crate::initialise::Initialiser;
use crate::layers::{
    ActivationLayer, BatchNorm2d, Classifier, Conv2d, Convolution, Layer, Linear, Nonlinearity,
    PoolLayer, Sequential,
};
use crate::normalisation::Normalisation;
use crate::options::Pooling;
use crate::paper::Paper;

/// Side of the map that the linear layers see.
const MAP: usize = 7;
/// Units of the hidden linear layers.
const HIDDEN: usize = 4096;

/// torchvision's own names.
const SPELLINGS: [Spelling; 8] = [
    spelling("vgg11", 11, Normalisation::None),
    spelling("vgg13", 13, Normalisation::None),
    spelling("vgg16", 16, Normalisation::None),
    spelling("vgg19", 19, Normalisation::None),
    spelling("vgg11_bn", 11, Normalisation::Batch),
    spelling("vgg13_bn", 13, Normalisation::Batch),
    spelling("vgg16_bn", 16, Normalisation::Batch),
    spelling("vgg19_bn", 19, Normalisation::Batch),
];

const fn spelling(text: &'static str, depth: usize, normalisation: Normalisation) -> Spelling {
    Spelling {
        text,
        depth: Some(depth),
        normalisation,
    }
}

/// `VGG-D[-BN]` of torchvision: 3×3 convolutions with bias and ReLU in five stages that end with 2×2 max pooling, the mean
/// of 7×7 cells, two hidden linear layers with dropout 0.5.
///
/// It is batch-normalised where the name says `BN` and not normalised otherwise. Small images are not treated specially:
/// at 32 pixels the one cell of the last map fills the 7×7 cells. Sides must be at least 32 pixels. Weights start normal
/// with standard deviation `sqrt(2 / fan_out)` in convolutions and 0.01 in linear layers.
/// State-dict keys: `features.N` in sequence, `classifier.0`, `.3`, `.6`.
#[derive(Module, Debug)]
pub struct TorchvisionVgg {
    features: Sequential,
    classifier: Classifier,
}

/// The mean of 7×7 cells, flattened.
fn cells(maps: Tensor<4>) -> Tensor<2> {
    adaptive_avg_pool2d(maps, [MAP, MAP]).flatten(1, 3)
}

impl Architecture for TorchvisionVgg {
    const DEFINITION: Definition = Definition {
        depths: &DEPTHS,
        normalisations: &[Normalisation::Instance, Normalisation::Batch],
        images: "at least 32 pixels on both sides",
        chance: "half of the features of both hidden layers",
        spellings: &SPELLINGS,
        ..Definition::of(
            "3x3 convolutions in five stages, three linear layers; normalised where the name says BN",
            Paper {
                authors: "Simonyan and Zisserman",
                year: 2014,
                arxiv: Some("1409.1556"),
            },
        )
    };

    fn check(blueprint: &Blueprint) -> Result<(), Misfit> {
        Misfit::unless_sized(blueprint.input.shorter_side() >= 32)
    }

    fn build<R: Rng + ?Sized>(blueprint: &Blueprint, initialiser: &mut Initialiser<'_, R>) -> Self {
        let mut layers = Vec::new();
        let mut inputs = blueprint.input.channels;
        for (count, outputs) in convolutions(blueprint.depth).into_iter().zip(CHANNELS) {
            for _ in 0..count {
                let sizes = Convolution {
                    bias: true,
                    ..Convolution::same(inputs, outputs, 3, 1)
                };
                layers.push(Layer::Conv2d(Conv2d::kaiming_normal(sizes, initialiser)));
                if blueprint.normalisation == Normalisation::Batch {
                    layers.push(Layer::BatchNorm2d(BatchNorm2d::new(outputs, initialiser)));
                }
                let relu = ActivationLayer::new(Nonlinearity::Relu);
                layers.push(Layer::Activation(relu));
                inputs = outputs;
            }
            layers.push(Layer::Pool(PoolLayer::new(Pooling::Max)));
        }
        let mut linear = |inputs, outputs| Linear::normal(inputs, outputs, 0.01, initialiser);
        Self {
            features: Sequential::new(layers),
            classifier: Classifier::new()
                .linear(linear(inputs * MAP * MAP, HIDDEN))
                .relu()
                .dropout(0.5)
                .linear(linear(HIDDEN, HIDDEN))
                .relu()
                .dropout(0.5)
                .linear(linear(HIDDEN, blueprint.classes)),
        }
    }

    fn forward_train<R: Rng + ?Sized>(&mut self, images: Tensor<4>, draws: &mut R) -> Tensor<2> {
        let maps = self.features.forward_train(images);
        self.classifier.forward_train(cells(maps), draws)
    }

    fn embed(&self, images: Tensor<4>) -> Tensor<2> {
        let maps = self.features.forward_eval(images);
        self.classifier.embed(cells(maps))
    }

    fn classify(&self, features: Tensor<2>) -> Tensor<2> {
        self.classifier.classify(features)
    }
}
