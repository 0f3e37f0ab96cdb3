//! The multi-layer perceptron of dataset condensation.
//!
//! Zhao, Mopuri and Bilen 2020, "Dataset Condensation with Gradient Matching", arXiv 2006.05929: two hidden layers of 128
//! units.

use burn::module::Module;
use burn::tensor::Tensor;
use burn::tensor::activation::relu;
use rand::Rng;

use crate::architecture::{Architecture, Definition};
use crate::blueprint::Blueprint;
use crate::initialise::Initialiser;
use crate::layers::Linear;
use crate::paper::Paper;

/// Width of both hidden layers.
const HIDDEN: usize = 128;

/// `MLP`: two hidden layers of 128 units with ReLU on the flattened image (channels, rows, columns).
///
/// State-dict keys: `fc_1`, `fc_2`, `fc_3`. The reference takes square images only.
#[derive(Module, Debug)]
pub struct Mlp {
    fc_1: Linear,
    fc_2: Linear,
    fc_3: Linear,
}

impl Architecture for Mlp {
    const DEFINITION: Definition = Definition::of(
        "two hidden layers of 128 units",
        Paper {
            authors: "Zhao et al.",
            year: 2020,
            arxiv: Some("2006.05929"),
        },
    );

    fn build<R: Rng + ?Sized>(blueprint: &Blueprint, initialiser: &mut Initialiser<'_, R>) -> Self {
        let Blueprint { input, classes, .. } = *blueprint;
        let pixels = input.channels * input.height * input.width;
        Self {
            fc_1: Linear::new(pixels, HIDDEN, initialiser),
            fc_2: Linear::new(HIDDEN, HIDDEN, initialiser),
            fc_3: Linear::new(HIDDEN, classes, initialiser),
        }
    }

    fn forward_train<R: Rng + ?Sized>(&mut self, images: Tensor<4>, _draws: &mut R) -> Tensor<2> {
        self.forward_eval(images)
    }

    fn embed(&self, images: Tensor<4>) -> Tensor<2> {
        let hidden = relu(self.fc_1.forward(images.flatten(1, 3)));
        relu(self.fc_2.forward(hidden))
    }

    fn classify(&self, features: Tensor<2>) -> Tensor<2> {
        self.fc_3.forward(features)
    }
}
