//! DD-Ranking's VGGs for small images.
//!
//! After Simonyan and Zisserman 2014, "Very Deep Convolutional Networks for Large-Scale Image Recognition", arXiv
//! 1409.1556.

use burn::module::Module;
use burn::tensor::Tensor;
use rand::Rng;

use super::vgg_stages::{CHANNELS, DEPTHS, convolutions};
use crate::architecture::{Architecture, Definition};
use crate::blueprint::{Blueprint, Misfit};
use crate::initialise::Initialiser;
use crate::layers::{
    ActivationLayer, BatchNorm2d, Conv2d, Convolution, GroupNorm, Layer, Linear, Nonlinearity,
    PoolLayer, Sequential,
};
use crate::normalisation::Normalisation;
use crate::options::Pooling;
use crate::paper::Paper;

/// `VGG-D[-NORM]` of DD-Ranking: 3×3 convolutions with bias, normalisation and ReLU in five stages that end with 2×2 max
/// pooling, then one linear layer on the 512 values of the last map's top left cell.
///
/// For images of 32 pixels that cell is the whole map; at 64 pixels the reference's last pooling (kernel 1, stride 2)
/// takes it out of four. Sides from 32 to 95 pixels leave one or two cells; other sizes are errors.
/// State-dict keys: `features.N` in sequence (convolution, normalisation and ReLU take a number each, a pooling one),
/// `classifier`.
#[derive(Module, Debug)]
pub struct Vgg {
    features: Sequential,
    classifier: Linear,
}

/// The top left cell of every map.
fn corner(maps: Tensor<4>) -> Tensor<2> {
    maps.narrow(2, 0, 1).narrow(3, 0, 1).flatten(1, 3)
}

impl Architecture for Vgg {
    const DEFINITION: Definition = Definition {
        depths: &DEPTHS,
        normalisations: &[Normalisation::Instance, Normalisation::Batch],
        images: "32 to 95 pixels on both sides",
        ..Definition::of(
            "3x3 convolutions in five stages with max pooling, one linear layer",
            Paper {
                authors: "Simonyan and Zisserman",
                year: 2014,
                arxiv: Some("1409.1556"),
            },
        )
    };

    fn check(blueprint: &Blueprint) -> Result<(), Misfit> {
        let input = blueprint.input;
        let fits = |side| (32..96).contains(&side);
        Misfit::unless_sized(fits(input.height) && fits(input.width))
    }

    fn build<R: Rng + ?Sized>(blueprint: &Blueprint, initialiser: &mut Initialiser<'_, R>) -> Self {
        let mut layers = Vec::new();
        let mut inputs = blueprint.input.channels;
        let stages = convolutions(blueprint.depth);
        for (count, outputs) in stages.into_iter().zip(CHANNELS) {
            for _ in 0..count {
                let convolution = Convolution {
                    inputs,
                    outputs,
                    kernel: 3,
                    stride: 1,
                    padding: 1,
                    bias: true,
                    groups: 1,
                };
                layers.push(Layer::Conv2d(Conv2d::new(convolution, initialiser)));
                layers.push(match blueprint.normalisation {
                    Normalisation::Batch => {
                        Layer::BatchNorm2d(BatchNorm2d::new(outputs, initialiser))
                    }
                    // The grammar has no others.
                    Normalisation::Instance
                    | Normalisation::Layer
                    | Normalisation::Group
                    | Normalisation::None => {
                        Layer::GroupNorm(GroupNorm::new(outputs, outputs, initialiser))
                    }
                });
                layers.push(Layer::Activation(ActivationLayer::new(Nonlinearity::Relu)));
                inputs = outputs;
            }
            layers.push(Layer::Pool(PoolLayer::new(Pooling::Max)));
        }
        Self {
            features: Sequential::new(layers),
            classifier: Linear::new(inputs, blueprint.classes, initialiser),
        }
    }

    fn forward_train<R: Rng + ?Sized>(&mut self, images: Tensor<4>, _draws: &mut R) -> Tensor<2> {
        let maps = self.features.forward_train(images);
        self.classifier.forward(corner(maps))
    }

    fn embed(&self, images: Tensor<4>) -> Tensor<2> {
        corner(self.features.forward_eval(images))
    }

    fn classify(&self, features: Tensor<2>) -> Tensor<2> {
        self.classifier.forward(features)
    }
}
