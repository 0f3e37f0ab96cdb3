//! torchvision's VGGs.

use burn::module::Module;
use burn::tensor::Tensor;
use burn::tensor::module::adaptive_avg_pool2d;
use rand::Rng;

use crate::architecture::{Architecture, Grammar};
use crate::initialise::Initialiser;
use crate::layers::{
    ActivationLayer, BatchNorm2d, Classifier, Conv2d, Convolution, Layer, Linear, Nonlinearity,
    PoolLayer, Sequential,
};
use crate::name::Normalisation;
use crate::spec::{InputShape, ModelError, ModelSpec, Pooling};
use crate::vgg::{CHANNELS, DEPTHS, convolutions};

/// Side of the map that the linear layers see.
const MAP: usize = 7;
/// Units of the hidden linear layers.
const HIDDEN: usize = 4096;

/// `VGG-D[-BN]` of torchvision: 3×3 convolutions with bias and ReLU in five stages that end with 2×2 max pooling, the mean
/// of 7×7 cells, two hidden linear layers with dropout 0.5.
///
/// It is batch-normalised where the name says `BN` and not normalised otherwise. Small images are not treated specially:
/// at 32 pixels the one cell of the last map fills the 7×7 cells. Sides must be at least 32 pixels. Weights start normal
/// with standard deviation `sqrt(2 / fan_out)` in convolutions and 0.01 in linear layers.
/// State-dict keys: `features.N` in sequence, `classifier.0`, `.3`, `.6`.
#[derive(Module, Debug)]
pub struct TorchvisionVgg {
    features: Sequential,
    classifier: Classifier,
}

/// The mean of 7×7 cells, flattened.
fn cells(maps: Tensor<4>) -> Tensor<2> {
    adaptive_avg_pool2d(maps, [MAP, MAP]).flatten(1, 3)
}

impl Architecture for TorchvisionVgg {
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
        if input.height < 32 || input.width < 32 {
            return Err(ModelError::Size {
                name,
                input,
                allowed: "at least 32 pixels on both sides",
            });
        }
        let mut layers = Vec::new();
        let mut inputs = input.channels;
        for (count, outputs) in convolutions(name.depth().unwrap_or(11))
            .into_iter()
            .zip(CHANNELS)
        {
            for _ in 0..count {
                let sizes = Convolution {
                    bias: true,
                    ..Convolution::same(inputs, outputs, 3, 1)
                };
                layers.push(Layer::Conv2d(Conv2d::kaiming_normal(sizes, initialiser)));
                if name.normalisation() == Normalisation::Batch {
                    layers.push(Layer::BatchNorm2d(BatchNorm2d::new(outputs, initialiser)));
                }
                let relu = ActivationLayer::new(Nonlinearity::Relu);
                layers.push(Layer::Activation(relu));
                inputs = outputs;
            }
            layers.push(Layer::Pool(PoolLayer::new(Pooling::Max)));
        }
        let mut linear = |inputs, outputs| Linear::normal(inputs, outputs, 0.01, initialiser);
        Ok(Self {
            features: Sequential::new(layers),
            classifier: Classifier::new()
                .linear(linear(inputs * MAP * MAP, HIDDEN))
                .relu()
                .dropout(0.5)
                .linear(linear(HIDDEN, HIDDEN))
                .relu()
                .dropout(0.5)
                .linear(linear(HIDDEN, classes)),
        })
    }

    fn forward_train<R: Rng + ?Sized>(&mut self, images: Tensor<4>, draws: &mut R) -> Tensor<2> {
        let maps = self.features.forward_train(images);
        self.classifier.forward_train(cells(maps), draws)
    }

    fn forward_eval(&self, images: Tensor<4>) -> Tensor<2> {
        let maps = self.features.forward_eval(images);
        self.classifier.forward_eval(cells(maps))
    }

    fn embed(&self, images: Tensor<4>) -> Tensor<2> {
        let maps = self.features.forward_eval(images);
        self.classifier.embed(cells(maps))
    }
}
