//! LeNet-5 with ReLU and max pooling.
//!
//! After LeCun, Bottou, Bengio and Haffner 1998, "Gradient-Based Learning Applied to Document Recognition" (Proceedings of
//! the IEEE; not on arXiv), whose network had sigmoids and trained subsampling.

use burn::module::Module;
use burn::tensor::Tensor;
use burn::tensor::activation::relu;
use rand::Rng;

use crate::architecture::{Architecture, Definition};
use crate::blueprint::{Blueprint, Misfit};
use crate::initialise::Initialiser;
use crate::input_shape::InputShape;
use crate::layers::{
    ActivationLayer, Conv2d, Convolution, Layer, Linear, Nonlinearity, PoolLayer, Sequential,
};
use crate::options::Pooling;
use crate::paper::Paper;

/// Side of the last map, which the linear layers need.
const MAP: usize = 5;

/// `LeNet`: two 5×5 convolutions (6 and 16 channels, no padding) with ReLU and 2×2 max pooling, then linear layers of
/// 120 and 84 units.
///
/// The first convolution has stride 1 for images of 32 pixels and stride 2 otherwise, so that 32×32 and 64×64 fit; what
/// does not fit is an error. State-dict keys: `features.0`, `features.3`, `fc_1`, `fc_2`, `fc_3`.
#[derive(Module, Debug)]
pub struct LeNet {
    features: Sequential,
    fc_1: Linear,
    fc_2: Linear,
    fc_3: Linear,
}

/// Of the first convolution: the reference looks at the height alone.
const fn stride(input: InputShape) -> usize {
    if input.height == 32 { 1 } else { 2 }
}

impl Architecture for LeNet {
    const DEFINITION: Definition = Definition {
        images: "32 x 32 and 64 x 64 pixels",
        ..Definition::of(
            "two 5x5 convolutions with max pooling, three linear layers",
            Paper {
                authors: "LeCun et al.",
                year: 1998,
                arxiv: None,
            },
        )
    };

    fn check(blueprint: &Blueprint) -> Result<(), Misfit> {
        let input = blueprint.input;
        let map = |side: usize| {
            let first = (side.checked_sub(5)? / stride(input)).div_ceil(2);
            Some((first.checked_sub(4)?) / 2)
        };
        Misfit::unless_sized(map(input.height) == Some(MAP) && map(input.width) == Some(MAP))
    }

    fn build<R: Rng + ?Sized>(blueprint: &Blueprint, initialiser: &mut Initialiser<'_, R>) -> Self {
        let input = blueprint.input;
        let convolution = |inputs, outputs, stride| Convolution {
            inputs,
            outputs,
            kernel: 5,
            stride,
            padding: 0,
            bias: true,
            groups: 1,
        };
        let features = vec![
            Layer::Conv2d(Conv2d::new(
                convolution(input.channels, 6, stride(input)),
                initialiser,
            )),
            Layer::Activation(ActivationLayer::new(Nonlinearity::Relu)),
            Layer::Pool(PoolLayer::new(Pooling::Max)),
            Layer::Conv2d(Conv2d::new(convolution(6, 16, 1), initialiser)),
            Layer::Activation(ActivationLayer::new(Nonlinearity::Relu)),
            Layer::Pool(PoolLayer::new(Pooling::Max)),
        ];
        Self {
            features: Sequential::new(features),
            fc_1: Linear::new(16 * MAP * MAP, 120, initialiser),
            fc_2: Linear::new(120, 84, initialiser),
            fc_3: Linear::new(84, blueprint.classes, initialiser),
        }
    }

    fn forward_train<R: Rng + ?Sized>(&mut self, images: Tensor<4>, _draws: &mut R) -> Tensor<2> {
        self.forward_eval(images)
    }

    fn embed(&self, images: Tensor<4>) -> Tensor<2> {
        let maps = self.features.forward_eval(images).flatten(1, 3);
        relu(self.fc_2.forward(relu(self.fc_1.forward(maps))))
    }

    fn classify(&self, features: Tensor<2>) -> Tensor<2> {
        self.fc_3.forward(features)
    }
}
