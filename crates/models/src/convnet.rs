//! ConvNet-D: the usual agent model of dataset distillation.

use burn::module::Module;
use burn::tensor::Tensor;
use rand::Rng;

use crate::architecture::{Architecture, Grammar};
use crate::initialise::Initialiser;
use crate::layers::{
    ActivationLayer, BatchNorm2d, Conv2d, Convolution, GroupNorm, Layer, LayerNorm, Linear,
    PoolLayer, Sequential,
};
use crate::name::Normalisation;
use crate::spec::{InputShape, ModelError, ModelSpec, Pooling};

/// Groups of the `GN` normalisation.
const GROUPS: usize = 4;

/// `ConvNet-D[-NORM]`: D blocks of 3×3 convolution (stride 1, padding 1, with bias), normalisation, activation and 2×2
/// pooling, then one linear layer on the flattened map (channels, rows, columns).
///
/// The state-dict keys are those of the reference: `features.N` numbers convolutions, normalisations, activations and
/// poolings in sequence (what a variant leaves out takes no number), then `classifier`.
///
/// One-channel images of 28×28 pixels get a first convolution with padding 3, which makes the map 32×32; this is the
/// reference's treatment of MNIST. The reference pads every one-channel input so; other sizes do not need it and are
/// left alone here.
#[derive(Module, Debug)]
pub struct ConvNet {
    features: Sequential,
    classifier: Linear,
}

impl Architecture for ConvNet {
    const GRAMMAR: Grammar = Grammar {
        depths: &[1, 2, 3, 4, 5, 6],
        normalisations: &Normalisation::ALL,
    };
    const HAS_OPTIONS: bool = true;

    fn build<R: Rng + ?Sized>(
        spec: &ModelSpec,
        input: InputShape,
        classes: usize,
        initialiser: &mut Initialiser<'_, R>,
    ) -> Result<Self, ModelError> {
        let ModelSpec {
            name,
            width,
            activation,
            pooling,
            ..
        } = *spec;
        let depth = name.depth().unwrap_or(1);
        if name.normalisation() == Normalisation::Group && !width.is_multiple_of(GROUPS) {
            return Err(ModelError::Groups {
                name,
                width,
                groups: GROUPS,
            });
        }

        let is_mnist = input
            == InputShape {
                channels: 1,
                height: 28,
                width: 28,
            };
        let (mut height, mut map_width) = if is_mnist {
            (32, 32)
        } else {
            (input.height, input.width)
        };
        if pooling != Pooling::None && (height.min(map_width) >> depth) == 0 {
            return Err(ModelError::TooSmall {
                name,
                input,
                poolings: depth,
                minimum: 1 << depth,
            });
        }

        let mut layers = Vec::new();
        for block in 0..depth {
            let convolution = Convolution {
                inputs: if block == 0 { input.channels } else { width },
                outputs: width,
                kernel: 3,
                stride: 1,
                padding: if block == 0 && is_mnist { 3 } else { 1 },
                bias: true,
                groups: 1,
            };
            layers.push(Layer::Conv2d(Conv2d::new(convolution, initialiser)));
            match name.normalisation() {
                Normalisation::Instance => {
                    layers.push(Layer::GroupNorm(GroupNorm::new(width, width, initialiser)));
                }
                Normalisation::Batch => {
                    layers.push(Layer::BatchNorm2d(BatchNorm2d::new(width, initialiser)));
                }
                Normalisation::Layer => {
                    layers.push(Layer::LayerNorm(LayerNorm::new(
                        [width, height, map_width],
                        initialiser,
                    )));
                }
                Normalisation::Group => {
                    layers.push(Layer::GroupNorm(GroupNorm::new(GROUPS, width, initialiser)));
                }
                Normalisation::None => {}
            }
            layers.push(Layer::Activation(ActivationLayer::new(activation)));
            if pooling != Pooling::None {
                layers.push(Layer::Pool(PoolLayer::new(pooling)));
                height /= 2;
                map_width /= 2;
            }
        }
        Ok(Self {
            features: Sequential::new(layers),
            classifier: Linear::new(width * height * map_width, classes, initialiser),
        })
    }

    fn forward_train<R: Rng + ?Sized>(&mut self, images: Tensor<4>, _draws: &mut R) -> Tensor<2> {
        let maps = self.features.forward_train(images);
        self.classifier.forward(maps.flatten(1, 3))
    }

    fn forward_eval(&self, images: Tensor<4>) -> Tensor<2> {
        self.classifier.forward(self.embed(images))
    }

    fn embed(&self, images: Tensor<4>) -> Tensor<2> {
        self.features.forward_eval(images).flatten(1, 3)
    }
}
