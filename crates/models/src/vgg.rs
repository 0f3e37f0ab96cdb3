//! DD-Ranking's VGGs for small images.

use burn::module::Module;
use burn::tensor::Tensor;
use rand::Rng;

use crate::architecture::{Architecture, Grammar};
use crate::initialise::Initialiser;
use crate::layers::{
    ActivationLayer, BatchNorm2d, Conv2d, Convolution, GroupNorm, Layer, Linear, Nonlinearity,
    PoolLayer, Sequential,
};
use crate::name::Normalisation;
use crate::spec::{InputShape, ModelError, ModelSpec, Pooling};

/// Depths of VGGs in model names.
pub(crate) const DEPTHS: [usize; 4] = [11, 13, 16, 19];
/// Output channels of the five stages, each of which ends with 2×2 max pooling.
pub(crate) const CHANNELS: [usize; 5] = [64, 128, 256, 512, 512];

/// Convolutions in each of the five stages.
pub(crate) const fn convolutions(depth: usize) -> [usize; 5] {
    match depth {
        11 => [1, 1, 2, 2, 2],
        13 => [2, 2, 2, 2, 2],
        16 => [2, 2, 3, 3, 3],
        _ => [2, 2, 4, 4, 4],
    }
}

/// `VGG-D[-NORM]` of DD-Ranking: 3×3 convolutions with bias, normalisation and ReLU in five stages that end with 2×2 max
/// pooling, then one linear layer on the 512 values of the last map's top left cell.
///
/// For images of 32 pixels that cell is the whole map; at 64 pixels the reference's last pooling (kernel 1, stride 2)
/// takes it out of four. Sides from 32 to 95 pixels leave one or two cells; other sizes are errors.
/// State-dict keys: `features.N` in sequence (convolution, normalisation and ReLU take a number each, a pooling one),
/// `classifier`.
#[derive(Module, Debug)]
pub struct Vgg {
    features: Sequential,
    classifier: Linear,
}

/// The top left cell of every map.
fn corner(maps: Tensor<4>) -> Tensor<2> {
    maps.narrow(2, 0, 1).narrow(3, 0, 1).flatten(1, 3)
}

impl Architecture for Vgg {
    const GRAMMAR: Grammar = Grammar {
        depths: &DEPTHS,
        normalisations: &[Normalisation::Instance, Normalisation::Batch],
    };

    fn build<R: Rng + ?Sized>(
        spec: &ModelSpec,
        input: InputShape,
        classes: usize,
        initialiser: &mut Initialiser<'_, R>,
    ) -> Result<Self, ModelError> {
        let name = spec.name;
        if [input.height, input.width]
            .iter()
            .any(|side| !(32..96).contains(side))
        {
            return Err(ModelError::Size {
                name,
                input,
                allowed: "32 to 95 pixels on both sides",
            });
        }
        let mut layers = Vec::new();
        let mut inputs = input.channels;
        let stages = convolutions(name.depth().unwrap_or(11));
        for (count, outputs) in stages.into_iter().zip(CHANNELS) {
            for _ in 0..count {
                let convolution = Convolution {
                    inputs,
                    outputs,
                    kernel: 3,
                    stride: 1,
                    padding: 1,
                    bias: true,
                    groups: 1,
                };
                layers.push(Layer::Conv2d(Conv2d::new(convolution, initialiser)));
                layers.push(match name.normalisation() {
                    Normalisation::Batch => {
                        Layer::BatchNorm2d(BatchNorm2d::new(outputs, initialiser))
                    }
                    _ => Layer::GroupNorm(GroupNorm::new(outputs, outputs, initialiser)),
                });
                layers.push(Layer::Activation(ActivationLayer::new(Nonlinearity::Relu)));
                inputs = outputs;
            }
            layers.push(Layer::Pool(PoolLayer::new(Pooling::Max)));
        }
        Ok(Self {
            features: Sequential::new(layers),
            classifier: Linear::new(inputs, classes, initialiser),
        })
    }

    fn forward_train<R: Rng + ?Sized>(&mut self, images: Tensor<4>, _draws: &mut R) -> Tensor<2> {
        let maps = self.features.forward_train(images);
        self.classifier.forward(corner(maps))
    }

    fn forward_eval(&self, images: Tensor<4>) -> Tensor<2> {
        self.classifier.forward(self.embed(images))
    }

    fn embed(&self, images: Tensor<4>) -> Tensor<2> {
        corner(self.features.forward_eval(images))
    }
}
