//! torchvision's MobileNetV2.
//!
//! Sandler, Howard, Zhu, Zhmoginov and Chen 2018, "MobileNetV2: Inverted Residuals and Linear Bottlenecks", arXiv
//! 1801.04381.

use burn::module::Module;
use burn::tensor::Tensor;
use rand::Rng;

use crate::architecture::{Architecture, Definition};
use crate::blueprint::Blueprint;
use crate::initialise::Initialiser;
use crate::layers::{
    Classifier, Conv2d, Convolution, Layer, Linear, Nonlinearity, Sequential, global_average,
    normalised,
};
use crate::normalisation::Normalisation;
use crate::paper::Paper;

/// Channels after the first convolution.
const STEM: usize = 32;
/// Channels after the last convolution.
const FEATURES: usize = 1280;
/// Expansion of the inner channels, output channels, blocks, stride of the first block.
const PLAN: [(usize, usize, usize, usize); 7] = [
    (1, 16, 1, 1),
    (6, 24, 2, 2),
    (6, 32, 3, 2),
    (6, 64, 4, 2),
    (6, 96, 3, 1),
    (6, 160, 3, 2),
    (6, 320, 1, 1),
];

/// `mobilenet_v2` of torchvision (width 1): inverted residual blocks with ReLU6, dropout 0.2 before the linear layer.
///
/// It halves the sides five times and takes every size, small ones included, as torchvision's does. Weights start normal
/// with standard deviation `sqrt(2 / fan_out)` in convolutions and 0.01 in the linear layer.
/// State-dict keys: `features.0.0`, `features.1.conv.0.0` and so on, `features.18.0`, `classifier.1`.
#[derive(Module, Debug)]
pub struct MobileNetV2 {
    features: Vec<Stage>,
    classifier: Classifier,
}

#[derive(Module, Debug)]
enum Stage {
    Convolution(Sequential),
    Block(InvertedResidual),
}

/// 1×1 convolution to more channels, 3×3 convolution of each channel, 1×1 convolution back; the input is added where
/// the size stays.
#[derive(Module, Debug)]
struct InvertedResidual {
    conv: Sequential,
    is_residual: bool,
}

/// Convolution, batch normalisation and ReLU6.
fn rectified<R: Rng + ?Sized>(
    sizes: Convolution,
    initialiser: &mut Initialiser<'_, R>,
) -> Sequential {
    let convolution = Conv2d::kaiming_normal(sizes, initialiser);
    let relu6 = Some(Nonlinearity::Relu6);
    Sequential::new(normalised(convolution, relu6, initialiser))
}

impl InvertedResidual {
    fn new<R: Rng + ?Sized>(
        (inputs, outputs): (usize, usize),
        expansion: usize,
        stride: usize,
        initialiser: &mut Initialiser<'_, R>,
    ) -> Self {
        let inner = inputs * expansion;
        let mut layers = Vec::new();
        if expansion > 1 {
            let sizes = Convolution::same(inputs, inner, 1, 1);
            layers.push(Layer::Sequential(rectified(sizes, initialiser)));
        }
        let sizes = Convolution::depthwise(inner, 3, stride);
        layers.push(Layer::Sequential(rectified(sizes, initialiser)));
        let sizes = Convolution::same(inner, outputs, 1, 1);
        let last = Conv2d::kaiming_normal(sizes, initialiser);
        layers.extend(normalised(last, None, initialiser));
        Self {
            conv: Sequential::new(layers),
            is_residual: stride == 1 && inputs == outputs,
        }
    }

    fn forward_train(&mut self, input: Tensor<4>) -> Tensor<4> {
        if self.is_residual {
            self.conv.forward_train(input.clone()) + input
        } else {
            self.conv.forward_train(input)
        }
    }

    fn forward_eval(&self, input: Tensor<4>) -> Tensor<4> {
        if self.is_residual {
            self.conv.forward_eval(input.clone()) + input
        } else {
            self.conv.forward_eval(input)
        }
    }
}

impl Architecture for MobileNetV2 {
    const DEFINITION: Definition = Definition {
        normalisations: &[Normalisation::Batch],
        chance: "0.2 of the features before the classifier",
        ..Definition::of(
            "inverted residual blocks, width 1",
            Paper {
                authors: "Sandler et al.",
                year: 2018,
                arxiv: Some("1801.04381"),
            },
        )
    };

    fn build<R: Rng + ?Sized>(blueprint: &Blueprint, initialiser: &mut Initialiser<'_, R>) -> Self {
        let stem = Convolution::same(blueprint.input.channels, STEM, 3, 2);
        let mut features = vec![Stage::Convolution(rectified(stem, initialiser))];
        let mut inputs = STEM;
        for (expansion, outputs, blocks, stride) in PLAN {
            for block in 0..blocks {
                let stride = if block == 0 { stride } else { 1 };
                features.push(Stage::Block(InvertedResidual::new(
                    (inputs, outputs),
                    expansion,
                    stride,
                    initialiser,
                )));
                inputs = outputs;
            }
        }
        let last = Convolution::same(inputs, FEATURES, 1, 1);
        features.push(Stage::Convolution(rectified(last, initialiser)));
        Self {
            features,
            classifier: Classifier::new().dropout(0.2).linear(Linear::normal(
                FEATURES,
                blueprint.classes,
                0.01,
                initialiser,
            )),
        }
    }

    fn forward_train<R: Rng + ?Sized>(&mut self, images: Tensor<4>, draws: &mut R) -> Tensor<2> {
        let maps = self
            .features
            .iter_mut()
            .fold(images, |maps, stage| match stage {
                Stage::Convolution(layers) => layers.forward_train(maps),
                Stage::Block(block) => block.forward_train(maps),
            });
        self.classifier.forward_train(global_average(maps), draws)
    }

    fn embed(&self, images: Tensor<4>) -> Tensor<2> {
        let maps = self
            .features
            .iter()
            .fold(images, |maps, stage| match stage {
                Stage::Convolution(layers) => layers.forward_eval(maps),
                Stage::Block(block) => block.forward_eval(maps),
            });
        self.classifier.embed(global_average(maps))
    }

    fn classify(&self, features: Tensor<2>) -> Tensor<2> {
        self.classifier.classify(features)
    }
}
