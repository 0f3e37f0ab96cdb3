//! DD-Ranking's ResNets with average pooling in the place of strides.

use burn::module::Module;
use burn::tensor::Tensor;
use ddrank_kernels::Tail;
use rand::Rng;

use crate::architecture::{Architecture, Grammar};
use crate::initialise::Initialiser;
use crate::layers::{Conv2d, Convolution, Linear, Norm};
use crate::name::Normalisation;
use crate::residual::{Block, ResidualPlan, STEM};
use crate::spec::{InputShape, ModelError, ModelSpec};

/// Depths of these networks in model names: those of basic blocks. (The original code has bottlenecks too, whose shortcut
/// pools where the block does not.)
const DEPTHS: [usize; 2] = [18, 34];

/// `ResNetAP-D[-NORM]` of DD-Ranking and of dataset condensation (`ResNet18_AP`): the ResNet for small images in which every
/// stride of 2 is a convolution of stride 1 with 2×2 average pooling after it.
///
/// The last map is flattened, not averaged: the linear layer sees 512 × height/8 × width/8 values, 8192 at 32 pixels. Sides
/// must be at least 8 pixels. State-dict keys: those of `ResNet-D`, with the shortcut's normalisation at
/// `layer2.0.shortcut.2`.
#[derive(Module, Debug)]
pub struct ResNetAp {
    conv1: Conv2d,
    bn1: Norm,
    layer1: Vec<Block>,
    layer2: Vec<Block>,
    layer3: Vec<Block>,
    layer4: Vec<Block>,
    classifier: Linear,
}

impl Architecture for ResNetAp {
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
        let plan = ResidualPlan::average_pooling(name.depth().unwrap_or(18), name.normalisation());
        if input.height < 8 || input.width < 8 {
            return Err(ModelError::Size {
                name,
                input,
                allowed: "at least 8 pixels on both sides",
            });
        }
        let cells = (input.height / 8) * (input.width / 8);
        let stem = Convolution::same(input.channels, STEM, 3, 1);
        Ok(Self {
            conv1: plan.convolution(stem, initialiser),
            bn1: plan.norm(STEM, initialiser),
            layer1: plan.stage(0, initialiser),
            layer2: plan.stage(1, initialiser),
            layer3: plan.stage(2, initialiser),
            layer4: plan.stage(3, initialiser),
            classifier: Linear::new(plan.features() * cells, classes, initialiser),
        })
    }

    fn forward_train<R: Rng + ?Sized>(&mut self, images: Tensor<4>, _draws: &mut R) -> Tensor<2> {
        let mut maps = self
            .bn1
            .forward_train(self.conv1.forward(images), Tail::Relu);
        for stage in [
            &mut self.layer1,
            &mut self.layer2,
            &mut self.layer3,
            &mut self.layer4,
        ] {
            for block in stage {
                maps = block.forward_train(maps);
            }
        }
        self.classifier.forward(maps.flatten(1, 3))
    }

    fn forward_eval(&self, images: Tensor<4>) -> Tensor<2> {
        self.classifier.forward(self.embed(images))
    }

    fn embed(&self, images: Tensor<4>) -> Tensor<2> {
        let mut maps = self
            .bn1
            .forward_eval(self.conv1.forward(images), Tail::Relu);
        for stage in [&self.layer1, &self.layer2, &self.layer3, &self.layer4] {
            for block in stage {
                maps = block.forward_eval(maps);
            }
        }
        maps.flatten(1, 3)
    }
}
