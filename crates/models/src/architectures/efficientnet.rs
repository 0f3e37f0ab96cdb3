//! torchvision's EfficientNet-B0.
//!
//! Tan and Le 2019, "EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks", arXiv 1905.11946.

use burn::module::Module;
use burn::tensor::Tensor;
use burn::tensor::activation::sigmoid;
use rand::Rng;

use crate::architecture::{Architecture, Definition};
use crate::blueprint::Blueprint;
use crate::initialise::Initialiser;
use crate::layers::{
    Classifier, Conv2d, Convolution, Linear, Nonlinearity, Sequential, StochasticDepth,
    global_average, normalised, silu,
};
use crate::normalisation::Normalisation;
use crate::paper::Paper;

/// Channels after the first convolution.
const STEM: usize = 32;
/// Channels after the last convolution.
const FEATURES: usize = 1280;
/// Expansion of the inner channels, kernel, output channels, blocks, stride of the first block.
const PLAN: [(usize, usize, usize, usize, usize); 7] = [
    (1, 3, 16, 1, 1),
    (6, 3, 24, 2, 2),
    (6, 5, 40, 2, 2),
    (6, 3, 80, 3, 2),
    (6, 5, 112, 3, 1),
    (6, 5, 192, 4, 2),
    (6, 3, 320, 1, 1),
];
/// What the probability of leaving out a block would be after the last one.
const STOCHASTIC_DEPTH: f64 = 0.2;

/// `efficientnet_b0` of torchvision: inverted residual blocks with SiLU and squeeze-and-excitation, dropout 0.2 before the
/// linear layer.
///
/// Block b of 16 (from 0) is left out in training with probability 0.2 b / 16, image by image, where it has a residual.
/// Every size works, small ones included, as torchvision's does. Weights start normal with standard deviation
/// `sqrt(2 / fan_out)` in convolutions, uniform in ±`1 / sqrt(classes)` in the linear layer.
/// State-dict keys: `features.0.0`, `features.1.0.block.0.0` and so on, `features.8.0`, `classifier.1`.
#[derive(Module, Debug)]
pub struct EfficientNet {
    features: Vec<Stage>,
    classifier: Classifier,
}

#[derive(Module, Debug)]
enum Stage {
    Convolution(Sequential),
    Blocks(Vec<MbConv>),
}

/// 1×1 convolution to more channels, convolution of each channel, squeeze-and-excitation, 1×1 convolution back.
#[derive(Module, Debug)]
struct MbConv {
    block: Vec<Member>,
    stochastic_depth: StochasticDepth,
    is_residual: bool,
}

#[derive(Module, Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "a network has a few dozen of them"
)]
enum Member {
    Convolution(Sequential),
    Squeeze(SqueezeExcitation),
}

/// Scales every channel by what two 1×1 convolutions make of the channels' means.
#[derive(Module, Debug)]
struct SqueezeExcitation {
    fc1: Conv2d,
    fc2: Conv2d,
}

impl SqueezeExcitation {
    fn new<R: Rng + ?Sized>(
        channels: usize,
        inner: usize,
        initialiser: &mut Initialiser<'_, R>,
    ) -> Self {
        let biased = |inputs, outputs| Convolution {
            bias: true,
            ..Convolution::same(inputs, outputs, 1, 1)
        };
        Self {
            fc1: Conv2d::kaiming_normal(biased(channels, inner), initialiser),
            fc2: Conv2d::kaiming_normal(biased(inner, channels), initialiser),
        }
    }

    fn forward(&self, input: Tensor<4>) -> Tensor<4> {
        let [batch, channels, ..] = input.dims();
        let means = global_average(input.clone()).reshape([batch, channels, 1, 1]);
        let scale = self.fc2.forward(silu(self.fc1.forward(means)));
        sigmoid(scale) * input
    }
}

/// Convolution, batch normalisation and SiLU.
fn activated<R: Rng + ?Sized>(
    sizes: Convolution,
    initialiser: &mut Initialiser<'_, R>,
) -> Sequential {
    let convolution = Conv2d::kaiming_normal(sizes, initialiser);
    let silu = Some(Nonlinearity::Silu);
    Sequential::new(normalised(convolution, silu, initialiser))
}

impl MbConv {
    fn new<R: Rng + ?Sized>(
        (inputs, outputs): (usize, usize),
        expansion: usize,
        (kernel, stride): (usize, usize),
        probability: f64,
        initialiser: &mut Initialiser<'_, R>,
    ) -> Self {
        let inner = inputs * expansion;
        let mut block = Vec::new();
        if expansion > 1 {
            let sizes = Convolution::same(inputs, inner, 1, 1);
            block.push(Member::Convolution(activated(sizes, initialiser)));
        }
        let sizes = Convolution::depthwise(inner, kernel, stride);
        block.push(Member::Convolution(activated(sizes, initialiser)));
        // A quarter of the block's inputs, not of the expanded channels that it squeezes.
        let squeeze = SqueezeExcitation::new(inner, inputs / 4, initialiser);
        block.push(Member::Squeeze(squeeze));
        let sizes = Convolution::same(inner, outputs, 1, 1);
        let last = Conv2d::kaiming_normal(sizes, initialiser);
        let last = normalised(last, None, initialiser);
        block.push(Member::Convolution(Sequential::new(last)));
        Self {
            block,
            stochastic_depth: StochasticDepth::new(probability),
            is_residual: stride == 1 && inputs == outputs,
        }
    }

    fn forward_train<R: Rng + ?Sized>(&mut self, input: Tensor<4>, draws: &mut R) -> Tensor<4> {
        let maps = self
            .block
            .iter_mut()
            .fold(input.clone(), |maps, member| match member {
                Member::Convolution(layers) => layers.forward_train(maps),
                Member::Squeeze(layer) => layer.forward(maps),
            });
        if self.is_residual {
            self.stochastic_depth.forward_train(maps, draws) + input
        } else {
            maps
        }
    }

    fn forward_eval(&self, input: Tensor<4>) -> Tensor<4> {
        let maps = self
            .block
            .iter()
            .fold(input.clone(), |maps, member| match member {
                Member::Convolution(layers) => layers.forward_eval(maps),
                Member::Squeeze(layer) => layer.forward(maps),
            });
        if self.is_residual { maps + input } else { maps }
    }
}

impl Architecture for EfficientNet {
    const DEFINITION: Definition = Definition {
        normalisations: &[Normalisation::Batch],
        chance: "0.2 of the features; residual branches of single images, up to 0.175 in the last one",
        ..Definition::of(
            "inverted residual blocks with squeeze-and-excitation, size B0",
            Paper {
                authors: "Tan and Le",
                year: 2019,
                arxiv: Some("1905.11946"),
            },
        )
    };

    fn build<R: Rng + ?Sized>(blueprint: &Blueprint, initialiser: &mut Initialiser<'_, R>) -> Self {
        let stem = Convolution::same(blueprint.input.channels, STEM, 3, 2);
        let mut features = vec![Stage::Convolution(activated(stem, initialiser))];
        let all: usize = PLAN.iter().map(|(.., blocks, _)| blocks).sum();
        let (mut inputs, mut before) = (STEM, 0_usize);
        for (expansion, kernel, outputs, blocks, stride) in PLAN {
            let blocks = (0..blocks).map(|block| {
                let stride = if block == 0 { stride } else { 1 };
                let made = MbConv::new(
                    (inputs, outputs),
                    expansion,
                    (kernel, stride),
                    STOCHASTIC_DEPTH * before as f64 / all as f64,
                    initialiser,
                );
                inputs = outputs;
                before += 1;
                made
            });
            features.push(Stage::Blocks(blocks.collect()));
        }
        let last = Convolution::same(inputs, FEATURES, 1, 1);
        features.push(Stage::Convolution(activated(last, initialiser)));
        let classes = blueprint.classes;
        let weight = initialiser.uniform([classes, FEATURES], 1.0 / (classes as f64).sqrt());
        let bias = initialiser.constant([classes], 0.0);
        Self {
            features,
            classifier: Classifier::new()
                .dropout(0.2)
                .linear(Linear::of(weight, Some(bias))),
        }
    }

    fn forward_train<R: Rng + ?Sized>(&mut self, images: Tensor<4>, draws: &mut R) -> Tensor<2> {
        let mut maps = images;
        for stage in &mut self.features {
            match stage {
                Stage::Convolution(layers) => maps = layers.forward_train(maps),
                Stage::Blocks(blocks) => {
                    for block in blocks {
                        maps = block.forward_train(maps, draws);
                    }
                }
            }
        }
        self.classifier.forward_train(global_average(maps), draws)
    }

    fn embed(&self, images: Tensor<4>) -> Tensor<2> {
        let maps = self
            .features
            .iter()
            .fold(images, |maps, stage| match stage {
                Stage::Convolution(layers) => layers.forward_eval(maps),
                Stage::Blocks(blocks) => blocks
                    .iter()
                    .fold(maps, |maps, block| block.forward_eval(maps)),
            });
        self.classifier.embed(global_average(maps))
    }

    fn classify(&self, features: Tensor<2>) -> Tensor<2> {
        self.classifier.classify(features)
    }
}
