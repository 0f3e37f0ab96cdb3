//! DD-Ranking's ResNets for small images.

use burn::module::Module;
use burn::tensor::Tensor;
use ddrank_kernels::Tail;
use rand::Rng;

use crate::architecture::{Architecture, Grammar};
use crate::initialise::Initialiser;
use crate::layers::{Conv2d, Convolution, Linear, Norm};
use crate::name::Normalisation;
use crate::residual::{Block, DEPTHS, ResidualPlan, STEM, global_average};
use crate::spec::{InputShape, ModelError, ModelSpec};

/// `ResNet-D[-NORM]` of DD-Ranking: a 3×3 convolution, normalisation and ReLU without pooling, four stages of residual
/// blocks, the mean of each map, one linear layer.
///
/// The first convolution has stride 2 for images of height 64 and stride 1 otherwise. State-dict keys: `conv1`, `bn1`
/// (whatever the normalisation is), `layer1.0.conv1` and so on, `layer2.0.shortcut.0` and `.1`, `classifier`.
///
/// The reference pools 4×4 cells, which fits images of 32 and 64 pixels only; there it is the same as the mean of the
/// map, which is defined for every size.
#[derive(Module, Debug)]
pub struct ResNet {
    conv1: Conv2d,
    bn1: Norm,
    layer1: Vec<Block>,
    layer2: Vec<Block>,
    layer3: Vec<Block>,
    layer4: Vec<Block>,
    classifier: Linear,
}

impl Architecture for ResNet {
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
        let plan = ResidualPlan::ddranking(name.depth().unwrap_or(18), name.normalisation());
        let stride = if input.height == 64 { 2 } else { 1 };
        let stem = Convolution::same(input.channels, STEM, 3, stride);
        Ok(Self {
            conv1: plan.convolution(stem, initialiser),
            bn1: plan.norm(STEM, initialiser),
            layer1: plan.stage(0, initialiser),
            layer2: plan.stage(1, initialiser),
            layer3: plan.stage(2, initialiser),
            layer4: plan.stage(3, initialiser),
            classifier: Linear::new(plan.features(), classes, initialiser),
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
        self.classifier.forward(global_average(maps))
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
        global_average(maps)
    }
}
