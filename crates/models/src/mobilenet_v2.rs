//! torchvision's MobileNetV2.

use burn::module::Module;
use burn::tensor::Tensor;
use rand::Rng;

use crate::architecture::{Architecture, Grammar};
use crate::initialise::Initialiser;
use crate::layers::{
    ActivationLayer, BatchNorm2d, Classifier, Conv2d, Convolution, Layer, Linear, Nonlinearity,
    Sequential,
};
use crate::name::Normalisation;
use crate::residual::global_average;
use crate::spec::{InputShape, ModelError, ModelSpec};

/// Channels after the first convolution.
const STEM: usize = 32;
/// Channels after the last convolution.
const FEATURES: usize = 1280;
/// Expansion of the inner channels, output channels, blocks, stride of the first block.
const PLAN: [(usize, usize, usize, usize); 7] = [
    (1, 16, 1, 1),
    (6, 24, 2, 2),
    (6, 32, 3, 2),
    (6, 64, 4, 2),
    (6, 96, 3, 1),
    (6, 160, 3, 2),
    (6, 320, 1, 1),
];

/// `mobilenet_v2` of torchvision (width 1): inverted residual blocks with ReLU6, dropout 0.2 before the linear layer.
///
/// It halves the sides five times and takes every size, small ones included, as torchvision's does. Weights start normal
/// with standard deviation `sqrt(2 / fan_out)` in convolutions and 0.01 in the linear layer.
/// State-dict keys: `features.0.0`, `features.1.conv.0.0` and so on, `features.18.0`, `classifier.1`.
#[derive(Module, Debug)]
pub struct MobileNetV2 {
    features: Vec<Stage>,
    classifier: Classifier,
}

#[derive(Module, Debug)]
enum Stage {
    Convolution(Sequential),
    Block(InvertedResidual),
}

/// 1×1 convolution to more channels, 3×3 convolution of each channel, 1×1 convolution back; the input is added where
/// the size stays.
#[derive(Module, Debug)]
struct InvertedResidual {
    conv: Sequential,
    is_residual: bool,
}

/// Convolution, batch normalisation and ReLU6.
fn rectified<R: Rng + ?Sized>(
    sizes: Convolution,
    initialiser: &mut Initialiser<'_, R>,
) -> Sequential {
    Sequential::new(vec![
        Layer::Conv2d(Conv2d::kaiming_normal(sizes, initialiser)),
        Layer::BatchNorm2d(BatchNorm2d::new(sizes.outputs, initialiser)),
        Layer::Activation(ActivationLayer::new(Nonlinearity::Relu6)),
    ])
}

impl InvertedResidual {
    fn new<R: Rng + ?Sized>(
        (inputs, outputs): (usize, usize),
        expansion: usize,
        stride: usize,
        initialiser: &mut Initialiser<'_, R>,
    ) -> Self {
        let inner = inputs * expansion;
        let mut layers = Vec::new();
        if expansion > 1 {
            let sizes = Convolution::same(inputs, inner, 1, 1);
            layers.push(Layer::Sequential(rectified(sizes, initialiser)));
        }
        let sizes = Convolution::depthwise(inner, 3, stride);
        layers.push(Layer::Sequential(rectified(sizes, initialiser)));
        let sizes = Convolution::same(inner, outputs, 1, 1);
        layers.push(Layer::Conv2d(Conv2d::kaiming_normal(sizes, initialiser)));
        layers.push(Layer::BatchNorm2d(BatchNorm2d::new(outputs, initialiser)));
        Self {
            conv: Sequential::new(layers),
            is_residual: stride == 1 && inputs == outputs,
        }
    }

    fn forward_train(&mut self, input: Tensor<4>) -> Tensor<4> {
        if self.is_residual {
            self.conv.forward_train(input.clone()) + input
        } else {
            self.conv.forward_train(input)
        }
    }

    fn forward_eval(&self, input: Tensor<4>) -> Tensor<4> {
        if self.is_residual {
            self.conv.forward_eval(input.clone()) + input
        } else {
            self.conv.forward_eval(input)
        }
    }
}

impl MobileNetV2 {
    fn features_eval(&self, images: Tensor<4>) -> Tensor<2> {
        let maps = self
            .features
            .iter()
            .fold(images, |maps, stage| match stage {
                Stage::Convolution(layers) => layers.forward_eval(maps),
                Stage::Block(block) => block.forward_eval(maps),
            });
        global_average(maps)
    }
}

impl Architecture for MobileNetV2 {
    const GRAMMAR: Grammar = Grammar {
        depths: &[],
        normalisations: &[Normalisation::Batch],
    };

    fn build<R: Rng + ?Sized>(
        _spec: &ModelSpec,
        input: InputShape,
        classes: usize,
        initialiser: &mut Initialiser<'_, R>,
    ) -> Result<Self, ModelError> {
        let stem = Convolution::same(input.channels, STEM, 3, 2);
        let mut features = vec![Stage::Convolution(rectified(stem, initialiser))];
        let mut inputs = STEM;
        for (expansion, outputs, blocks, stride) in PLAN {
            for block in 0..blocks {
                let stride = if block == 0 { stride } else { 1 };
                features.push(Stage::Block(InvertedResidual::new(
                    (inputs, outputs),
                    expansion,
                    stride,
                    initialiser,
                )));
                inputs = outputs;
            }
        }
        let last = Convolution::same(inputs, FEATURES, 1, 1);
        features.push(Stage::Convolution(rectified(last, initialiser)));
        Ok(Self {
            features,
            classifier: Classifier::new().dropout(0.2).linear(Linear::normal(
                FEATURES,
                classes,
                0.01,
                initialiser,
            )),
        })
    }

    fn forward_train<R: Rng + ?Sized>(&mut self, images: Tensor<4>, draws: &mut R) -> Tensor<2> {
        let maps = self
            .features
            .iter_mut()
            .fold(images, |maps, stage| match stage {
                Stage::Convolution(layers) => layers.forward_train(maps),
                Stage::Block(block) => block.forward_train(maps),
            });
        self.classifier.forward_train(global_average(maps), draws)
    }

    fn forward_eval(&self, images: Tensor<4>) -> Tensor<2> {
        self.classifier.forward_eval(self.features_eval(images))
    }

    fn embed(&self, images: Tensor<4>) -> Tensor<2> {
        self.classifier.embed(self.features_eval(images))
    }
}
