//! LeNet-5 with ReLU and max pooling.

use burn::module::Module;
use burn::tensor::Tensor;
use burn::tensor::activation::relu;
use rand::Rng;

use crate::architecture::{Architecture, Grammar};
use crate::initialise::Initialiser;
use crate::layers::{
    ActivationLayer, Conv2d, Convolution, Layer, Linear, Nonlinearity, PoolLayer, Sequential,
};
use crate::name::Normalisation;
use crate::spec::{InputShape, ModelError, ModelSpec, Pooling};

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

impl Architecture for LeNet {
    const GRAMMAR: Grammar = Grammar {
        depths: &[],
        normalisations: &[Normalisation::None],
    };

    fn build<R: Rng + ?Sized>(
        spec: &ModelSpec,
        input: InputShape,
        classes: usize,
        initialiser: &mut Initialiser<'_, R>,
    ) -> Result<Self, ModelError> {
        let stride = if input.height == 32 { 1 } else { 2 };
        let map = |side: usize| {
            let first = (side.checked_sub(5)? / stride).div_ceil(2);
            Some((first.checked_sub(4)?) / 2)
        };
        if map(input.height) != Some(MAP) || map(input.width) != Some(MAP) {
            return Err(ModelError::Size {
                name: spec.name,
                input,
                allowed: "32 x 32 and 64 x 64 pixels",
            });
        }
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
                convolution(input.channels, 6, stride),
                initialiser,
            )),
            Layer::Activation(ActivationLayer::new(Nonlinearity::Relu)),
            Layer::Pool(PoolLayer::new(Pooling::Max)),
            Layer::Conv2d(Conv2d::new(convolution(6, 16, 1), initialiser)),
            Layer::Activation(ActivationLayer::new(Nonlinearity::Relu)),
            Layer::Pool(PoolLayer::new(Pooling::Max)),
        ];
        Ok(Self {
            features: Sequential::new(features),
            fc_1: Linear::new(16 * MAP * MAP, 120, initialiser),
            fc_2: Linear::new(120, 84, initialiser),
            fc_3: Linear::new(84, classes, initialiser),
        })
    }

    fn forward_train<R: Rng + ?Sized>(&mut self, images: Tensor<4>, _draws: &mut R) -> Tensor<2> {
        self.forward_eval(images)
    }

    fn forward_eval(&self, images: Tensor<4>) -> Tensor<2> {
        self.fc_3.forward(self.embed(images))
    }

    fn embed(&self, images: Tensor<4>) -> Tensor<2> {
        let maps = self.features.forward_eval(images).flatten(1, 3);
        relu(self.fc_2.forward(relu(self.fc_1.forward(maps))))
    }
}
