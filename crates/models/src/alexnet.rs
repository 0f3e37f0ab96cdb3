//! DD-Ranking's AlexNet for small images.

use burn::module::Module;
use burn::tensor::Tensor;
use rand::Rng;

use crate::architecture::{Architecture, Grammar};
use crate::initialise::Initialiser;
use crate::layers::{
    ActivationLayer, Conv2d, Convolution, Layer, Linear, Nonlinearity, PoolLayer, Sequential,
};
use crate::name::Normalisation;
use crate::spec::{InputShape, ModelError, ModelSpec, Pooling};

/// Side of the last map, which the linear layer needs.
const MAP: usize = 4;
/// Output channels, kernel side, and whether 2×2 max pooling follows.
const PLAN: [(usize, usize, bool); 5] = [
    (128, 5, true),
    (192, 5, true),
    (256, 3, false),
    (192, 3, false),
    (192, 3, true),
];

/// `AlexNet` of DD-Ranking: five convolutions with ReLU, three 2×2 max poolings, one linear layer; no normalisation and
/// no dropout.
///
/// The first convolution has stride 1 for images of 32 pixels and stride 2 otherwise, so that 32×32 and 64×64 fit; what
/// does not fit is an error. State-dict keys: `features.0`, `.3`, `.6`, `.8`, `.10`, `fc`.
#[derive(Module, Debug)]
pub struct AlexNet {
    features: Sequential,
    fc: Linear,
}

impl Architecture for AlexNet {
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
        let map = |side: usize| side.div_ceil(stride) / 8;
        if map(input.height) != MAP || map(input.width) != MAP {
            return Err(ModelError::Size {
                name: spec.name,
                input,
                allowed: "32 x 32 and 64 x 64 pixels",
            });
        }
        let mut layers = Vec::new();
        let mut inputs = input.channels;
        for (block, (outputs, kernel, is_pooled)) in PLAN.into_iter().enumerate() {
            let convolution = Convolution {
                inputs,
                outputs,
                kernel,
                stride: if block == 0 { stride } else { 1 },
                padding: kernel / 2,
                bias: true,
                groups: 1,
            };
            layers.push(Layer::Conv2d(Conv2d::new(convolution, initialiser)));
            layers.push(Layer::Activation(ActivationLayer::new(Nonlinearity::Relu)));
            if is_pooled {
                layers.push(Layer::Pool(PoolLayer::new(Pooling::Max)));
            }
            inputs = outputs;
        }
        Ok(Self {
            features: Sequential::new(layers),
            fc: Linear::new(inputs * MAP * MAP, classes, initialiser),
        })
    }

    fn forward_train<R: Rng + ?Sized>(&mut self, images: Tensor<4>, _draws: &mut R) -> Tensor<2> {
        self.forward_eval(images)
    }

    fn forward_eval(&self, images: Tensor<4>) -> Tensor<2> {
        self.fc.forward(self.embed(images))
    }

    fn embed(&self, images: Tensor<4>) -> Tensor<2> {
        self.features.forward_eval(images).flatten(1, 3)
    }
}
