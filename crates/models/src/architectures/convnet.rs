//! ConvNet-D: the usual agent model of dataset distillation.
//!
//! Gidaris and Komodakis 2018, "Dynamic Few-Shot Visual Learning without Forgetting", arXiv 1804.09458, in the form that
//! dataset condensation made the common agent: Zhao, Mopuri and Bilen 2020, "Dataset Condensation with Gradient
//! Matching", arXiv 2006.05929.

use burn::module::Module;
use burn::tensor::Tensor;
use rand::Rng;

use crate::architecture::{Architecture, Definition};
use crate::blueprint::{Blueprint, Misfit};
use crate::initialise::Initialiser;
use crate::input_shape::InputShape;
use crate::layers::{
    ActivationLayer, BatchNorm2d, Conv2d, Convolution, GroupNorm, Layer, LayerNorm, Linear,
    PoolLayer, Sequential,
};
use crate::normalisation::Normalisation;
use crate::options::Pooling;
use crate::paper::Paper;

/// Groups of the `GN` normalisation.
const GROUPS: usize = 4;

/// `ConvNet-D[-NORM]`: D blocks of 3×3 convolution (stride 1, padding 1, with bias), normalisation, activation and 2×2
/// pooling, then one linear layer on the flattened map (channels, rows, columns).
///
/// The state-dict keys are those of the reference: `features.N` numbers convolutions, normalisations, activations and
/// poolings in sequence (what a variant leaves out takes no number), then `classifier`.
///
/// One-channel images of 28×28 pixels get a first convolution with padding 3, which makes the map 32×32; this is the
/// reference's treatment of MNIST. The reference pads every one-channel input so; other sizes do not need it and are
/// left alone here.
#[derive(Module, Debug)]
pub struct ConvNet {
    features: Sequential,
    classifier: Linear,
}

/// Whether these are the images of MNIST, which get a wider padding.
const fn is_mnist(input: InputShape) -> bool {
    matches!((input.channels, input.height, input.width), (1, 28, 28))
}

/// Height and width of the first convolution's map.
const fn sides(input: InputShape) -> (usize, usize) {
    // 28 + 2 · 3 − 2: the reference counts MNIST as 32×32.
    if is_mnist(input) {
        (32, 32)
    } else {
        (input.height, input.width)
    }
}

impl Architecture for ConvNet {
    const DEFINITION: Definition = Definition {
        depths: &[1, 2, 3, 4, 5, 6],
        normalisations: &Normalisation::ALL,
        images: "at least 2^depth pixels on both sides where it pools",
        has_options: true,
        ..Definition::of(
            "D blocks of 3x3 convolution, normalisation, activation, 2x2 pooling; one linear layer",
            Paper {
                authors: "Gidaris and Komodakis",
                year: 2018,
                arxiv: Some("1804.09458"),
            },
        )
    };

    fn check(blueprint: &Blueprint) -> Result<(), Misfit> {
        let Blueprint {
            depth,
            width,
            input,
            ..
        } = *blueprint;
        if blueprint.normalisation == Normalisation::Group && !width.has_groups(GROUPS) {
            return Err(Misfit::Groups { groups: GROUPS });
        }
        let (height, width) = sides(input);
        // Every pooling halves both sides and rounds down.
        match blueprint.pooling {
            Pooling::Average | Pooling::Max if height.min(width) >> depth == 0 => {
                Err(Misfit::TooSmall {
                    poolings: depth,
                    minimum: 1 << depth,
                })
            }
            Pooling::Average | Pooling::Max | Pooling::None => Ok(()),
        }
    }

    fn build<R: Rng + ?Sized>(blueprint: &Blueprint, initialiser: &mut Initialiser<'_, R>) -> Self {
        let Blueprint {
            depth,
            normalisation,
            activation,
            pooling,
            input,
            classes,
            ..
        } = *blueprint;
        let width = blueprint.width.channels();
        let is_mnist = is_mnist(input);
        let (mut height, mut map_width) = sides(input);
        let mut layers = Vec::new();
        for block in 0..depth {
            let convolution = Convolution {
                inputs: if block == 0 { input.channels } else { width },
                outputs: width,
                kernel: 3,
                stride: 1,
                padding: if block == 0 && is_mnist { 3 } else { 1 },
                bias: true,
                groups: 1,
            };
            layers.push(Layer::Conv2d(Conv2d::new(convolution, initialiser)));
            match normalisation {
                Normalisation::Instance => {
                    layers.push(Layer::GroupNorm(GroupNorm::new(width, width, initialiser)));
                }
                Normalisation::Batch => {
                    layers.push(Layer::BatchNorm2d(BatchNorm2d::new(width, initialiser)));
                }
                Normalisation::Layer => {
                    layers.push(Layer::LayerNorm(LayerNorm::new(
                        [width, height, map_width],
                        initialiser,
                    )));
                }
                Normalisation::Group => {
                    layers.push(Layer::GroupNorm(GroupNorm::new(GROUPS, width, initialiser)));
                }
                Normalisation::None => {}
            }
            layers.push(Layer::Activation(ActivationLayer::new(activation)));
            if pooling != Pooling::None {
                layers.push(Layer::Pool(PoolLayer::new(pooling)));
                height /= 2;
                map_width /= 2;
            }
        }
        Self {
            features: Sequential::new(layers),
            classifier: Linear::new(width * height * map_width, classes, initialiser),
        }
    }

    fn forward_train<R: Rng + ?Sized>(&mut self, images: Tensor<4>, _draws: &mut R) -> Tensor<2> {
        let maps = self.features.forward_train(images);
        self.classifier.forward(maps.flatten(1, 3))
    }

    fn embed(&self, images: Tensor<4>) -> Tensor<2> {
        self.features.forward_eval(images).flatten(1, 3)
    }

    fn classify(&self, features: Tensor<2>) -> Tensor<2> {
        self.classifier.forward(features)
    }
}
