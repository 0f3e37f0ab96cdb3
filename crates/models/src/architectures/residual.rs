//! Residual blocks and the four stages that ResNets of either source are made of.

use burn::module::Module;
use burn::tensor::Tensor;
use burn::tensor::activation::relu;
use ddrank_kernels::Tail;
use rand::Rng;

use crate::initialise::Initialiser;
use crate::layers::{Conv2d, Convolution, Layer, Norm, PoolLayer, Sequential, stem_pool};
use crate::normalisation::Normalisation;
use crate::options::{Pooling, Source};

/// Depths of ResNets in model names.
pub(crate) const DEPTHS: [usize; 5] = [18, 34, 50, 101, 152];
/// Channels before the first stage.
pub(crate) const STEM: usize = 64;
/// A bottleneck's outputs over its inner channels.
const EXPANSION: usize = 4;

/// One residual block: two 3×3 convolutions (basic), or 1×1, 3×3 and 1×1 (bottleneck), each normalised; ReLU comes after
/// the input is added. The 3×3 convolution carries the stride (the first one of a basic block).
///
/// Where the size changes the input passes through a 1×1 convolution and a normalisation, called `shortcut` by DD-Ranking
/// and `downsample` by torchvision; the state-dict keys follow. Where average pooling takes the place of strides it follows
/// the first ReLU of a basic block and the convolution of the shortcut.
#[derive(Module, Debug)]
struct Block {
    conv1: Conv2d,
    bn1: Norm,
    conv2: Conv2d,
    bn2: Norm,
    conv3: Option<Conv2d>,
    bn3: Option<Norm>,
    shortcut: Option<Sequential>,
    downsample: Option<Sequential>,
    is_pooled: bool,
}

/// All that ResNets have in common: a convolution, four stages of blocks.
///
/// PyTorch's classes have these members directly, beside the last linear layer; the state dict leaves out the name of the
/// field that holds them (see `state_dict.rs`).
#[derive(Module, Debug)]
pub(crate) struct Trunk {
    conv1: Conv2d,
    bn1: Norm,
    layer1: Vec<Block>,
    layer2: Vec<Block>,
    layer3: Vec<Block>,
    layer4: Vec<Block>,
    is_stem_pooled: bool,
}

impl Trunk {
    /// Images to the last maps; batch statistics are used and recorded.
    pub(crate) fn forward_train(&mut self, images: Tensor<4>) -> Tensor<4> {
        let maps = self.conv1.forward(images);
        let maps = self.bn1.forward_train(maps, Tail::Relu);
        let maps = self.pooled(maps);
        [
            &mut self.layer1,
            &mut self.layer2,
            &mut self.layer3,
            &mut self.layer4,
        ]
        .into_iter()
        .flatten()
        .fold(maps, |maps, block| block.forward_train(maps))
    }

    /// Images to the last maps; running statistics are used.
    pub(crate) fn forward_eval(&self, images: Tensor<4>) -> Tensor<4> {
        let maps = self.conv1.forward(images);
        let maps = self.pooled(self.bn1.forward_eval(maps, Tail::Relu));
        [&self.layer1, &self.layer2, &self.layer3, &self.layer4]
            .into_iter()
            .flatten()
            .fold(maps, |maps, block| block.forward_eval(maps))
    }

    fn pooled(&self, maps: Tensor<4>) -> Tensor<4> {
        if self.is_stem_pooled {
            stem_pool(maps)
        } else {
            maps
        }
    }
}

/// What makes the blocks of a network.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ResidualPlan {
    depth: usize,
    is_batch_normalised: bool,
    source: Source,
    pools: bool,
}

impl ResidualPlan {
    /// The plan of DD-Ranking's network of that depth.
    pub(crate) fn ddranking(depth: usize, normalisation: Normalisation) -> Self {
        Self {
            depth,
            is_batch_normalised: normalisation == Normalisation::Batch,
            source: Source::Ddranking,
            pools: false,
        }
    }

    /// The plan of DD-Ranking's network of basic blocks with average pooling in the place of strides.
    pub(crate) fn average_pooling(depth: usize, normalisation: Normalisation) -> Self {
        Self {
            pools: true,
            ..Self::ddranking(depth, normalisation)
        }
    }

    /// The plan of torchvision's network of that depth, which is always batch-normalised.
    pub(crate) const fn torchvision(depth: usize) -> Self {
        Self {
            depth,
            is_batch_normalised: true,
            source: Source::Torchvision,
            pools: false,
        }
    }

    /// Channels after the last stage.
    pub(crate) const fn features(self) -> usize {
        8 * STEM * self.expansion()
    }

    const fn expansion(self) -> usize {
        if self.depth < 50 { 1 } else { EXPANSION }
    }

    const fn blocks(self) -> [usize; 4] {
        match self.depth {
            18 => [2, 2, 2, 2],
            34 | 50 => [3, 4, 6, 3],
            101 => [3, 4, 23, 3],
            // 152; the grammar lets no other depth through.
            _ => [3, 8, 36, 3],
        }
    }

    /// Everything before the last linear layer. `stem` is the first convolution, already drawn because it comes first in
    /// the state dict; `is_stem_pooled` says whether 3×3 max pooling of stride 2 follows it.
    pub(crate) fn trunk<R: Rng + ?Sized>(
        self,
        stem: Conv2d,
        is_stem_pooled: bool,
        initialiser: &mut Initialiser<'_, R>,
    ) -> Trunk {
        Trunk {
            conv1: stem,
            bn1: self.norm(STEM, initialiser),
            layer1: self.stage(0, initialiser),
            layer2: self.stage(1, initialiser),
            layer3: self.stage(2, initialiser),
            layer4: self.stage(3, initialiser),
            is_stem_pooled,
        }
    }

    /// The blocks of stage 0 to 3, drawn in state-dict order.
    fn stage<R: Rng + ?Sized>(
        self,
        stage: usize,
        initialiser: &mut Initialiser<'_, R>,
    ) -> Vec<Block> {
        let inner = STEM << stage;
        let outputs = inner * self.expansion();
        let mut inputs = if stage == 0 { STEM } else { outputs / 2 };
        (0..self.blocks()[stage])
            .map(|block| {
                let stride = if stage > 0 && block == 0 { 2 } else { 1 };
                let made = self.block((inputs, inner, outputs), stride, initialiser);
                inputs = outputs;
                made
            })
            .collect()
    }

    fn block<R: Rng + ?Sized>(
        self,
        (inputs, inner, outputs): (usize, usize, usize),
        stride: usize,
        initialiser: &mut Initialiser<'_, R>,
    ) -> Block {
        let is_bottleneck = self.expansion() > 1;
        let is_changed = stride != 1 || inputs != outputs;
        let is_pooled = self.pools && stride != 1;
        let stride = if is_pooled { 1 } else { stride };
        let (conv1, conv2) = if is_bottleneck {
            (
                Convolution::same(inputs, inner, 1, 1),
                Convolution::same(inner, inner, 3, stride),
            )
        } else {
            (
                Convolution::same(inputs, inner, 3, stride),
                Convolution::same(inner, inner, 3, 1),
            )
        };
        let mut block = Block {
            conv1: self.convolution(conv1, initialiser),
            bn1: self.norm(inner, initialiser),
            conv2: self.convolution(conv2, initialiser),
            bn2: self.norm(inner, initialiser),
            conv3: is_bottleneck
                .then(|| self.convolution(Convolution::same(inner, outputs, 1, 1), initialiser)),
            bn3: is_bottleneck.then(|| self.norm(outputs, initialiser)),
            shortcut: None,
            downsample: None,
            is_pooled,
        };
        if is_changed {
            let sizes = Convolution::same(inputs, outputs, 1, stride);
            let mut projection = vec![Layer::Conv2d(self.convolution(sizes, initialiser))];
            if is_pooled {
                projection.push(Layer::Pool(PoolLayer::new(Pooling::Average)));
            }
            projection.push(match self.norm(outputs, initialiser) {
                Norm::Batch(norm) => Layer::BatchNorm2d(norm),
                Norm::Instance(norm) => Layer::GroupNorm(norm),
            });
            let projection = Sequential::new(projection);
            match self.source {
                Source::Ddranking => block.shortcut = Some(projection),
                Source::Torchvision => block.downsample = Some(projection),
            }
        }
        block
    }

    /// A convolution with the source's rule for initial weights.
    pub(crate) fn convolution<R: Rng + ?Sized>(
        self,
        sizes: Convolution,
        initialiser: &mut Initialiser<'_, R>,
    ) -> Conv2d {
        match self.source {
            Source::Ddranking => Conv2d::new(sizes, initialiser),
            Source::Torchvision => Conv2d::kaiming_normal(sizes, initialiser),
        }
    }

    /// A normalisation of the kind that the network has.
    fn norm<R: Rng + ?Sized>(self, channels: usize, initialiser: &mut Initialiser<'_, R>) -> Norm {
        if self.is_batch_normalised {
            Norm::batch(channels, initialiser)
        } else {
            Norm::instance(channels, initialiser)
        }
    }
}

impl Block {
    /// What follows the first normalisation.
    const fn tail(&self) -> Tail {
        if self.is_pooled {
            Tail::ReluAveragePool
        } else {
            Tail::Relu
        }
    }

    /// One pass in training mode.
    pub(crate) fn forward_train(&mut self, input: Tensor<4>) -> Tensor<4> {
        let maps = self.conv1.forward(input.clone());
        let tail = self.tail();
        let maps = self.conv2.forward(self.bn1.forward_train(maps, tail));
        let maps = match (&self.conv3, &mut self.bn3) {
            (Some(conv3), Some(bn3)) => {
                let maps = conv3.forward(self.bn2.forward_train(maps, Tail::Relu));
                bn3.forward_train(maps, Tail::Nothing)
            }
            _ => self.bn2.forward_train(maps, Tail::Nothing),
        };
        let skipped = match self.shortcut.as_mut().or(self.downsample.as_mut()) {
            Some(projection) => projection.forward_train(input),
            None => input,
        };
        relu(maps + skipped)
    }

    /// One pass in evaluation mode.
    pub(crate) fn forward_eval(&self, input: Tensor<4>) -> Tensor<4> {
        let maps = self.conv1.forward(input.clone());
        let maps = self.conv2.forward(self.bn1.forward_eval(maps, self.tail()));
        let maps = match (&self.conv3, &self.bn3) {
            (Some(conv3), Some(bn3)) => {
                let maps = conv3.forward(self.bn2.forward_eval(maps, Tail::Relu));
                bn3.forward_eval(maps, Tail::Nothing)
            }
            _ => self.bn2.forward_eval(maps, Tail::Nothing),
        };
        let skipped = match self.shortcut.as_ref().or(self.downsample.as_ref()) {
            Some(projection) => projection.forward_eval(input),
            None => input,
        };
        relu(maps + skipped)
    }
}
