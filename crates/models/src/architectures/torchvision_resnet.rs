//! torchvision's ResNets.
//!
//! He, Zhang, Ren and Sun 2015, "Deep Residual Learning for Image Recognition", arXiv 1512.03385. The stride of a bottleneck
//! is in its 3×3 convolution, where the paper has it in the first 1×1 one.

use burn::module::Module;
use burn::tensor::Tensor;
use rand::Rng;

use super::residual::{DEPTHS, ResidualPlan, STEM, Trunk};
use crate::architecture::{Architecture, Definition, Spelling};
use crate::blueprint::Blueprint;
use crate::initialise::Initialiser;
use crate::layers::{Conv2d, Convolution, Linear, global_average};
use crate::normalisation::Normalisation;
use crate::paper::Paper;

/// torchvision's own names.
const SPELLINGS: [Spelling; 5] = [
    spelling("resnet18", 18),
    spelling("resnet34", 34),
    spelling("resnet50", 50),
    spelling("resnet101", 101),
    spelling("resnet152", 152),
];

const fn spelling(text: &'static str, depth: usize) -> Spelling {
    Spelling {
        text,
        depth: Some(depth),
        normalisation: Normalisation::Batch,
    }
}

/// `ResNet-D` of torchvision, always with batch normalisation, whether the name says `BN` or not.
///
/// It begins with a 7×7 convolution of stride 2 and a 3×3 max pooling of stride 2. For images of 32×32 and 64×64 pixels
/// DD-Ranking replaces the first by a 3×3 convolution of stride 1 and leaves out the second; so does this under
/// DD-Ranking's names. Under torchvision's (`resnet18`) it is torchvision's network at every size.
/// State-dict keys: `conv1`, `bn1`, `layer1.0.conv1` and so on, `layer2.0.downsample.0` and `.1`, `fc`.
///
/// Convolutions start as torchvision's do (normal, standard deviation `sqrt(2 / fan_out)`), but for the replaced one,
/// which has PyTorch's default.
#[derive(Module, Debug)]
pub struct TorchvisionResNet {
    trunk: Trunk,
    fc: Linear,
}

impl Architecture for TorchvisionResNet {
    const DEFINITION: Definition = Definition {
        depths: &DEPTHS,
        normalisations: &[Normalisation::Instance, Normalisation::Batch],
        spellings: &SPELLINGS,
        ..Definition::of(
            "residual blocks after a 7x7 convolution (3x3 at 32 and 64 pixels, but not under torchvision's own names); always batch-normalised",
            Paper {
                authors: "He et al.",
                year: 2015,
                arxiv: Some("1512.03385"),
            },
        )
    };

    fn build<R: Rng + ?Sized>(blueprint: &Blueprint, initialiser: &mut Initialiser<'_, R>) -> Self {
        let Blueprint {
            input,
            has_small_stem,
            classes,
            ..
        } = *blueprint;
        let plan = ResidualPlan::torchvision(blueprint.depth);
        let stem = if has_small_stem {
            // Replaced after torchvision has drawn its weights, hence not by torchvision's rule.
            Conv2d::new(Convolution::same(input.channels, STEM, 3, 1), initialiser)
        } else {
            plan.convolution(Convolution::same(input.channels, STEM, 7, 2), initialiser)
        };
        Self {
            trunk: plan.trunk(stem, !has_small_stem, initialiser),
            fc: Linear::new(plan.features(), classes, initialiser),
        }
    }

    fn forward_train<R: Rng + ?Sized>(&mut self, images: Tensor<4>, _draws: &mut R) -> Tensor<2> {
        let maps = self.trunk.forward_train(images);
        self.fc.forward(global_average(maps))
    }

    fn embed(&self, images: Tensor<4>) -> Tensor<2> {
        let maps = self.trunk.forward_eval(images);
        global_average(maps)
    }

    fn classify(&self, features: Tensor<2>) -> Tensor<2> {
        self.fc.forward(features)
    }
}
