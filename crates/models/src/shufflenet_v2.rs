//! torchvision's ShuffleNetV2 with half the channels.

use burn::module::Module;
use burn::tensor::Tensor;
use burn::tensor::module::max_pool2d;
use burn::tensor::ops::MaxPoolOptions;
use rand::Rng;

use crate::architecture::{Architecture, Grammar};
use crate::initialise::Initialiser;
use crate::layers::{
    ActivationLayer, BatchNorm2d, Conv2d, Convolution, Layer, Linear, Nonlinearity, Sequential,
};
use crate::name::Normalisation;
use crate::residual::global_average;
use crate::spec::{InputShape, ModelError, ModelSpec};

/// Channels after the first convolution.
const STEM: usize = 24;
/// Output channels and blocks of the three stages.
const PLAN: [(usize, usize); 3] = [(48, 4), (96, 8), (192, 4)];
/// Channels after the last convolution.
const FEATURES: usize = 1024;

/// `shufflenet_v2_x0_5` of torchvision: blocks that convolve half of the channels and then interleave the halves.
///
/// It halves the sides five times and takes every size, small ones included, as torchvision's does. Weights start with
/// PyTorch's defaults. State-dict keys: `conv1.0`, `stage2.0.branch1.0` and so on, `conv5.0`, `fc`.
#[derive(Module, Debug)]
pub struct ShuffleNetV2 {
    conv1: Sequential,
    stage2: Vec<Unit>,
    stage3: Vec<Unit>,
    stage4: Vec<Unit>,
    conv5: Sequential,
    fc: Linear,
}

/// A unit of stride 1 passes one half of the channels through `branch2`; one of stride 2 has no halves but two branches.
#[derive(Module, Debug)]
struct Unit {
    branch1: Option<Sequential>,
    branch2: Sequential,
}

/// Layers in the order in which they are added, with weights drawn in that order.
struct Branch<'a, 'b, R: Rng + ?Sized> {
    layers: Vec<Layer>,
    initialiser: &'a mut Initialiser<'b, R>,
}

impl<'a, 'b, R: Rng + ?Sized> Branch<'a, 'b, R> {
    fn new(initialiser: &'a mut Initialiser<'b, R>) -> Self {
        Self {
            layers: Vec::new(),
            initialiser,
        }
    }

    /// Convolution and batch normalisation.
    fn normalised(mut self, sizes: Convolution) -> Self {
        let convolution = Conv2d::new(sizes, self.initialiser);
        let norm = BatchNorm2d::new(sizes.outputs, self.initialiser);
        self.layers.push(Layer::Conv2d(convolution));
        self.layers.push(Layer::BatchNorm2d(norm));
        self
    }

    /// The same and ReLU.
    fn rectified(self, sizes: Convolution) -> Self {
        let mut branch = self.normalised(sizes);
        let relu = ActivationLayer::new(Nonlinearity::Relu);
        branch.layers.push(Layer::Activation(relu));
        branch
    }

    fn build(self) -> Sequential {
        Sequential::new(self.layers)
    }
}

/// Channel i of group g of two becomes channel 2i + g.
fn interleave(left: Tensor<4>, right: Tensor<4>) -> Tensor<4> {
    let [batch, channels, height, width] = left.dims();
    let pairs: Tensor<5> = Tensor::stack(vec![left, right], 2);
    pairs.reshape([batch, 2 * channels, height, width])
}

fn halves(input: Tensor<4>) -> (Tensor<4>, Tensor<4>) {
    let half = input.dims()[1] / 2;
    (
        input.clone().narrow(1, 0, half),
        input.narrow(1, half, half),
    )
}

impl Unit {
    fn new<R: Rng + ?Sized>(
        inputs: usize,
        outputs: usize,
        stride: usize,
        initialiser: &mut Initialiser<'_, R>,
    ) -> Self {
        let inner = outputs / 2;
        let branch1 = (stride > 1).then(|| {
            Branch::new(initialiser)
                .normalised(Convolution::depthwise(inputs, 3, stride))
                .rectified(Convolution::same(inputs, inner, 1, 1))
                .build()
        });
        let inputs = if stride > 1 { inputs } else { inner };
        let branch2 = Branch::new(initialiser)
            .rectified(Convolution::same(inputs, inner, 1, 1))
            .normalised(Convolution::depthwise(inner, 3, stride))
            .rectified(Convolution::same(inner, inner, 1, 1))
            .build();
        Self { branch1, branch2 }
    }

    fn forward_train(&mut self, input: Tensor<4>) -> Tensor<4> {
        match &mut self.branch1 {
            Some(branch1) => interleave(
                branch1.forward_train(input.clone()),
                self.branch2.forward_train(input),
            ),
            None => {
                let (kept, convolved) = halves(input);
                interleave(kept, self.branch2.forward_train(convolved))
            }
        }
    }

    fn forward_eval(&self, input: Tensor<4>) -> Tensor<4> {
        match &self.branch1 {
            Some(branch1) => interleave(
                branch1.forward_eval(input.clone()),
                self.branch2.forward_eval(input),
            ),
            None => {
                let (kept, convolved) = halves(input);
                interleave(kept, self.branch2.forward_eval(convolved))
            }
        }
    }
}

fn pool(maps: Tensor<4>) -> Tensor<4> {
    let options = MaxPoolOptions::new([3, 3])
        .with_stride([2, 2])
        .with_padding([1, 1]);
    max_pool2d(maps, options)
}

impl Architecture for ShuffleNetV2 {
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
        let conv1 = Branch::new(initialiser)
            .rectified(Convolution::same(input.channels, STEM, 3, 2))
            .build();
        let mut inputs = STEM;
        let [stage2, stage3, stage4] = PLAN.map(|(outputs, units)| {
            (0..units)
                .map(|unit| {
                    let stride = if unit == 0 { 2 } else { 1 };
                    let made = Unit::new(inputs, outputs, stride, initialiser);
                    inputs = outputs;
                    made
                })
                .collect()
        });
        let conv5 = Branch::new(initialiser)
            .rectified(Convolution::same(inputs, FEATURES, 1, 1))
            .build();
        Ok(Self {
            conv1,
            stage2,
            stage3,
            stage4,
            conv5,
            fc: Linear::new(FEATURES, classes, initialiser),
        })
    }

    fn forward_train<R: Rng + ?Sized>(&mut self, images: Tensor<4>, _draws: &mut R) -> Tensor<2> {
        let mut maps = pool(self.conv1.forward_train(images));
        for stage in [&mut self.stage2, &mut self.stage3, &mut self.stage4] {
            for unit in stage {
                maps = unit.forward_train(maps);
            }
        }
        let features = global_average(self.conv5.forward_train(maps));
        self.fc.forward(features)
    }

    fn forward_eval(&self, images: Tensor<4>) -> Tensor<2> {
        self.fc.forward(self.embed(images))
    }

    fn embed(&self, images: Tensor<4>) -> Tensor<2> {
        let mut maps = pool(self.conv1.forward_eval(images));
        for stage in [&self.stage2, &self.stage3, &self.stage4] {
            for unit in stage {
                maps = unit.forward_eval(maps);
            }
        }
        global_average(self.conv5.forward_eval(maps))
    }
}
