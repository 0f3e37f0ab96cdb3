//! torchvision's ShuffleNetV2 with half the channels.
//!
//! Ma, Zhang, Zheng and Sun 2018, "ShuffleNet V2: Practical Guidelines for Efficient CNN Architecture Design", arXiv
//! 1807.11164.

use burn::module::Module;
use burn::tensor::Tensor;
use rand::Rng;

use crate::architecture::{Architecture, Definition};
use crate::blueprint::Blueprint;
use crate::initialise::Initialiser;
use crate::layers::{
    Conv2d, Convolution, Layer, Linear, Nonlinearity, Sequential, global_average, normalised,
    stem_pool,
};
use crate::normalisation::Normalisation;
use crate::paper::Paper;

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
    fn normalised(self, sizes: Convolution) -> Self {
        self.with(sizes, None)
    }

    /// The same and ReLU.
    fn rectified(self, sizes: Convolution) -> Self {
        self.with(sizes, Some(Nonlinearity::Relu))
    }

    fn with(mut self, sizes: Convolution, activation: Option<Nonlinearity>) -> Self {
        let convolution = Conv2d::new(sizes, self.initialiser);
        let layers = normalised(convolution, activation, self.initialiser);
        self.layers.extend(layers);
        self
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

impl Architecture for ShuffleNetV2 {
    const DEFINITION: Definition = Definition {
        normalisations: &[Normalisation::Batch],
        ..Definition::of(
            "shuffled channels, half of the standard width",
            Paper {
                authors: "Ma et al.",
                year: 2018,
                arxiv: Some("1807.11164"),
            },
        )
    };

    fn build<R: Rng + ?Sized>(blueprint: &Blueprint, initialiser: &mut Initialiser<'_, R>) -> Self {
        let conv1 = Branch::new(initialiser)
            .rectified(Convolution::same(blueprint.input.channels, STEM, 3, 2))
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
        Self {
            conv1,
            stage2,
            stage3,
            stage4,
            conv5,
            fc: Linear::new(FEATURES, blueprint.classes, initialiser),
        }
    }

    fn forward_train<R: Rng + ?Sized>(&mut self, images: Tensor<4>, _draws: &mut R) -> Tensor<2> {
        let mut maps = stem_pool(self.conv1.forward_train(images));
        for stage in [&mut self.stage2, &mut self.stage3, &mut self.stage4] {
            for unit in stage {
                maps = unit.forward_train(maps);
            }
        }
        let features = global_average(self.conv5.forward_train(maps));
        self.fc.forward(features)
    }

    fn embed(&self, images: Tensor<4>) -> Tensor<2> {
        let mut maps = stem_pool(self.conv1.forward_eval(images));
        for stage in [&self.stage2, &self.stage3, &self.stage4] {
            for unit in stage {
                maps = unit.forward_eval(maps);
            }
        }
        global_average(self.conv5.forward_eval(maps))
    }

    fn classify(&self, features: Tensor<2>) -> Tensor<2> {
        self.fc.forward(features)
    }
}
