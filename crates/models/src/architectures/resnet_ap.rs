//! DD-Ranking's ResNets with average pooling in the place of strides.
//!
//! The name is that of Kim et al. 2022, "Dataset Condensation via Efficient Synthetic-Data Parameterization", arXiv
//! 2205.14959; the layers are those of `ResNet18_AP` in the code of dataset condensation (Zhao, Mopuri and Bilen 2020,
//! arXiv 2006.05929).

use burn::module::Module;
use burn::tensor::Tensor;
use rand::Rng;

use super::residual::{ResidualPlan, STEM, Trunk};
use crate::architecture::{Architecture, Definition};
use crate::blueprint::{Blueprint, Misfit};
use crate::initialise::Initialiser;
use crate::layers::{Convolution, Linear};
use crate::normalisation::Normalisation;
use crate::paper::Paper;

/// Depths of these networks in model names: those of basic blocks. (The original code has bottlenecks too, whose shortcut
/// pools where the block does not.)
const DEPTHS: [usize; 2] = [18, 34];

/// `ResNetAP-D[-NORM]` of DD-Ranking and of dataset condensation (`ResNet18_AP`): the ResNet for small images in which every
/// stride of 2 is a convolution of stride 1 with 2×2 average pooling after it.
///
/// The last map is flattened, not averaged: the linear layer sees 512 × height/8 × width/8 values, 8192 at 32 pixels. Sides
/// must be at least 8 pixels. State-dict keys: those of `ResNet-D`, with the shortcut's normalisation at
/// `layer2.0.shortcut.2`.
#[derive(Module, Debug)]
pub struct ResNetAp {
    trunk: Trunk,
    classifier: Linear,
}

impl Architecture for ResNetAp {
    const DEFINITION: Definition = Definition {
        depths: &DEPTHS,
        normalisations: &[Normalisation::Instance, Normalisation::Batch],
        images: "at least 8 pixels on both sides",
        ..Definition::of(
            "the ResNet with 2x2 average pooling for strides; its last map is flattened",
            Paper {
                authors: "Kim et al.",
                year: 2022,
                arxiv: Some("2205.14959"),
            },
        )
    };

    fn check(blueprint: &Blueprint) -> Result<(), Misfit> {
        Misfit::unless_sized(blueprint.input.shorter_side() >= 8)
    }

    fn build<R: Rng + ?Sized>(blueprint: &Blueprint, initialiser: &mut Initialiser<'_, R>) -> Self {
        let Blueprint { input, classes, .. } = *blueprint;
        let plan = ResidualPlan::average_pooling(blueprint.depth, blueprint.normalisation);
        // Three of the four stages halve both sides.
        let cells = (input.height / 8) * (input.width / 8);
        let stem = plan.convolution(Convolution::same(input.channels, STEM, 3, 1), initialiser);
        Self {
            trunk: plan.trunk(stem, false, initialiser),
            classifier: Linear::new(plan.features() * cells, classes, initialiser),
        }
    }

    fn forward_train<R: Rng + ?Sized>(&mut self, images: Tensor<4>, _draws: &mut R) -> Tensor<2> {
        let maps = self.trunk.forward_train(images);
        self.classifier.forward(maps.flatten(1, 3))
    }

    fn embed(&self, images: Tensor<4>) -> Tensor<2> {
        let maps = self.trunk.forward_eval(images);
        maps.flatten(1, 3)
    }

    fn classify(&self, features: Tensor<2>) -> Tensor<2> {
        self.classifier.forward(features)
    }
}
