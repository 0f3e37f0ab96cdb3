//! torchvision's ResNets.

use burn::module::Module;
use burn::tensor::Tensor;
use burn::tensor::module::max_pool2d;
use burn::tensor::ops::MaxPoolOptions;
use ddrank_kernels::Tail;
use rand::Rng;

use crate::architecture::{Architecture, Grammar};
use crate::initialise::Initialiser;
use crate::layers::{Conv2d, Convolution, Linear, Norm};
use crate::name::Normalisation;
use crate::residual::{Block, DEPTHS, ResidualPlan, STEM, global_average};
use crate::spec::{InputShape, ModelError, ModelSpec};

/// `ResNet-D` of torchvision, always with batch normalisation, whether the name says `BN` or not.
///
/// It begins with a 7×7 convolution of stride 2 and a 3×3 max pooling of stride 2. For images of 32×32 and 64×64 pixels
/// DD-Ranking replaces the first by a 3×3 convolution of stride 1 and leaves out the second, and so does this.
/// State-dict keys: `conv1`, `bn1`, `layer1.0.conv1` and so on, `layer2.0.downsample.0` and `.1`, `fc`.
///
/// Convolutions start as torchvision's do (normal, standard deviation `sqrt(2 / fan_out)`), but for the replaced one,
/// which has PyTorch's default.
#[derive(Module, Debug)]
pub struct TorchvisionResNet {
    conv1: Conv2d,
    bn1: Norm,
    layer1: Vec<Block>,
    layer2: Vec<Block>,
    layer3: Vec<Block>,
    layer4: Vec<Block>,
    fc: Linear,
    is_small: bool,
}

/// Pooling after the first convolution, where images are not small.
fn pool(maps: Tensor<4>, is_small: bool) -> Tensor<4> {
    if is_small {
        return maps;
    }
    let options = MaxPoolOptions::new([3, 3])
        .with_stride([2, 2])
        .with_padding([1, 1]);
    max_pool2d(maps, options)
}

impl Architecture for TorchvisionResNet {
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
        let plan = ResidualPlan::torchvision(spec.name.depth().unwrap_or(18));
        let is_small = matches!((input.height, input.width), (32, 32) | (64, 64));
        let conv1 = if is_small {
            Conv2d::new(Convolution::same(input.channels, STEM, 3, 1), initialiser)
        } else {
            plan.convolution(Convolution::same(input.channels, STEM, 7, 2), initialiser)
        };
        Ok(Self {
            conv1,
            bn1: plan.norm(STEM, initialiser),
            layer1: plan.stage(0, initialiser),
            layer2: plan.stage(1, initialiser),
            layer3: plan.stage(2, initialiser),
            layer4: plan.stage(3, initialiser),
            fc: Linear::new(plan.features(), classes, initialiser),
            is_small,
        })
    }

    fn forward_train<R: Rng + ?Sized>(&mut self, images: Tensor<4>, _draws: &mut R) -> Tensor<2> {
        let maps = self
            .bn1
            .forward_train(self.conv1.forward(images), Tail::Relu);
        let mut maps = pool(maps, self.is_small);
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
        self.fc.forward(global_average(maps))
    }

    fn forward_eval(&self, images: Tensor<4>) -> Tensor<2> {
        self.fc.forward(self.embed(images))
    }

    fn embed(&self, images: Tensor<4>) -> Tensor<2> {
        let maps = self
            .bn1
            .forward_eval(self.conv1.forward(images), Tail::Relu);
        let mut maps = pool(maps, self.is_small);
        for stage in [&self.layer1, &self.layer2, &self.layer3, &self.layer4] {
            for block in stage {
                maps = block.forward_eval(maps);
            }
        }
        global_average(maps)
    }
}
