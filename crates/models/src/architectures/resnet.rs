//! DD-Ranking's ResNets for small images.
//!
//! After He, Zhang, Ren and Sun 2015, "Deep Residual Learning for Image Recognition", arXiv 1512.03385.

use burn::module::Module;
use burn::tensor::Tensor;
use rand::Rng;

use super::residual::{DEPTHS, ResidualPlan, STEM, Trunk};
use crate::architecture::{Architecture, Definition};
use crate::blueprint::Blueprint;
use crate::initialise::Initialiser;
use crate::layers::{Convolution, Linear, global_average};
use crate::normalisation::Normalisation;
use crate::paper::Paper;

/// `ResNet-D[-NORM]` of DD-Ranking: a 3×3 convolution, normalisation and ReLU without pooling, four stages of residual
/// blocks, the mean of each map, one linear layer.
///
/// The first convolution has stride 2 for images of height 64 and stride 1 otherwise. State-dict keys: `conv1`, `bn1`
/// (whatever the normalisation is), `layer1.0.conv1` and so on, `layer2.0.shortcut.0` and `.1`, `classifier`.
///
/// The reference pools 4×4 cells, which fits images of 32 and 64 pixels only; there it is the same as the mean of the
/// map, which is defined for every size.
#[derive(Module, Debug)]
pub struct ResNet {
    trunk: Trunk,
    classifier: Linear,
}

impl Architecture for ResNet {
    const DEFINITION: Definition = Definition {
        depths: &DEPTHS,
        normalisations: &[Normalisation::Instance, Normalisation::Batch],
        ..Definition::of(
            "residual blocks after one 3x3 convolution",
            Paper {
                authors: "He et al.",
                year: 2015,
                arxiv: Some("1512.03385"),
            },
        )
    };

    fn build<R: Rng + ?Sized>(blueprint: &Blueprint, initialiser: &mut Initialiser<'_, R>) -> Self {
        let Blueprint { input, classes, .. } = *blueprint;
        let plan = ResidualPlan::ddranking(blueprint.depth, blueprint.normalisation);
        // The reference looks at the height alone, and at no other height than 64.
        let stride = if input.height == 64 { 2 } else { 1 };
        let stem = plan.convolution(
            Convolution::same(input.channels, STEM, 3, stride),
            initialiser,
        );
        Self {
            trunk: plan.trunk(stem, false, initialiser),
            classifier: Linear::new(plan.features(), classes, initialiser),
        }
    }

    fn forward_train<R: Rng + ?Sized>(&mut self, images: Tensor<4>, _draws: &mut R) -> Tensor<2> {
        let maps = self.trunk.forward_train(images);
        self.classifier.forward(global_average(maps))
    }

    fn embed(&self, images: Tensor<4>) -> Tensor<2> {
        let maps = self.trunk.forward_eval(images);
        global_average(maps)
    }

    fn classify(&self, features: Tensor<2>) -> Tensor<2> {
        self.classifier.forward(features)
    }
}
