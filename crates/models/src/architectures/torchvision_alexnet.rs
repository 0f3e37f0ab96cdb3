//! torchvision's AlexNet.
//!
//! torchvision builds the one-column network of Krizhevsky 2014, "One weird trick for parallelizing convolutional neural
//! networks", arXiv 1404.5997, whose channels differ from those of Krizhevsky, Sutskever and Hinton 2012, "ImageNet
//! Classification with Deep Convolutional Neural Networks".

use burn::module::Module;
use burn::tensor::Tensor;
use burn::tensor::module::{adaptive_avg_pool2d, max_pool2d};
use burn::tensor::ops::MaxPoolOptions;
use rand::Rng;

use crate::architecture::{Architecture, Definition, Spelling};
use crate::blueprint::{Blueprint, Misfit};
use crate::initialise::Initialiser;
use crate::layers::{ActivationLayer, Classifier, Conv2d, Convolution, Linear, Nonlinearity};
use crate::normalisation::Normalisation;
use crate::paper::Paper;

/// Side of the map that the linear layers see.
const MAP: usize = 6;
/// Units of the hidden linear layers.
const HIDDEN: usize = 4096;

/// `AlexNet` of torchvision: five convolutions, three 3×3 max poolings of stride 2, the mean of 6×6 cells, dropout 0.5
/// before each of two hidden linear layers.
///
/// For images of 32×32 and 64×64 pixels DD-Ranking replaces the first convolution (11×11, stride 4) by a 3×3 one of
/// stride 1 without bias, and so does this under DD-Ranking's name; otherwise images must have at least 63 pixels a side.
/// Under torchvision's name (`alexnet`) it is torchvision's network at every size. Weights start with PyTorch's
/// defaults. State-dict keys: `features.0`, `.3`, `.6`, `.8`, `.10`, `classifier.1`, `.4`, `.6`.
#[derive(Module, Debug)]
pub struct TorchvisionAlexNet {
    features: Vec<Member>,
    classifier: Classifier,
}

#[derive(Module, Debug)]
enum Member {
    Convolution(Conv2d),
    Activation(ActivationLayer),
    Pool(Pool),
}

/// 3×3 max pooling of stride 2.
#[derive(Module, Debug)]
struct Pool {
    side: usize,
}

impl Pool {
    fn forward(&self, maps: Tensor<4>) -> Tensor<4> {
        let options = MaxPoolOptions::new([self.side; 2]).with_stride([2, 2]);
        max_pool2d(maps, options)
    }
}

/// Side of the map after a convolution or pooling without enough rows for one result is an error.
fn shrunk(side: usize, kernel: usize, stride: usize) -> Option<usize> {
    Some(side.checked_sub(kernel)? / stride + 1)
}

impl TorchvisionAlexNet {
    fn maps(&self, images: Tensor<4>) -> Tensor<2> {
        let maps = self
            .features
            .iter()
            .fold(images, |maps, member| match member {
                Member::Convolution(layer) => layer.forward(maps),
                Member::Activation(layer) => layer.forward(maps),
                Member::Pool(layer) => layer.forward(maps),
            });
        adaptive_avg_pool2d(maps, [MAP, MAP]).flatten(1, 3)
    }
}

impl Architecture for TorchvisionAlexNet {
    const DEFINITION: Definition = Definition {
        images: "at least 63 pixels on both sides; under the name AlexNet also 32 x 32",
        chance: "half of the features before each hidden layer",
        spellings: &[Spelling {
            text: "alexnet",
            depth: None,
            normalisation: Normalisation::None,
        }],
        ..Definition::of(
            "five convolutions with max pooling, three linear layers",
            Paper {
                authors: "Krizhevsky",
                year: 2014,
                arxiv: Some("1404.5997"),
            },
        )
    };

    fn check(blueprint: &Blueprint) -> Result<(), Misfit> {
        let input = blueprint.input;
        let fits = |side: usize| {
            let maps = shrunk(side + 4, 11, 4)?;
            let maps = shrunk(shrunk(maps, 3, 2)?, 3, 2)?;
            shrunk(maps, 3, 2)
        };
        // A longer side never leaves less, so the shorter one decides.
        Misfit::unless_sized(blueprint.has_small_stem || fits(input.shorter_side()).is_some())
    }

    fn build<R: Rng + ?Sized>(blueprint: &Blueprint, initialiser: &mut Initialiser<'_, R>) -> Self {
        let input = blueprint.input;
        let biased = |inputs, outputs, kernel| Convolution {
            bias: true,
            ..Convolution::same(inputs, outputs, kernel, 1)
        };
        let first = if blueprint.has_small_stem {
            Convolution::same(input.channels, 64, 3, 1)
        } else {
            Convolution {
                stride: 4,
                padding: 2,
                ..biased(input.channels, 64, 11)
            }
        };
        let plan = [
            (first, true),
            (biased(64, 192, 5), true),
            (biased(192, 384, 3), false),
            (biased(384, 256, 3), false),
            (biased(256, 256, 3), true),
        ];
        let mut features = Vec::new();
        for (sizes, is_pooled) in plan {
            features.push(Member::Convolution(Conv2d::new(sizes, initialiser)));
            let relu = ActivationLayer::new(Nonlinearity::Relu);
            features.push(Member::Activation(relu));
            if is_pooled {
                features.push(Member::Pool(Pool { side: 3 }));
            }
        }
        let mut linear = |inputs, outputs| Linear::new(inputs, outputs, initialiser);
        Self {
            features,
            classifier: Classifier::new()
                .dropout(0.5)
                .linear(linear(256 * MAP * MAP, HIDDEN))
                .relu()
                .dropout(0.5)
                .linear(linear(HIDDEN, HIDDEN))
                .relu()
                .linear(linear(HIDDEN, blueprint.classes)),
        }
    }

    fn forward_train<R: Rng + ?Sized>(&mut self, images: Tensor<4>, draws: &mut R) -> Tensor<2> {
        self.classifier.forward_train(self.maps(images), draws)
    }

    fn embed(&self, images: Tensor<4>) -> Tensor<2> {
        self.classifier.embed(self.maps(images))
    }

    fn classify(&self, features: Tensor<2>) -> Tensor<2> {
        self.classifier.classify(features)
    }
}
