//! torchvision's Swin transformer, size T.
//!
//! Liu et al. 2021, "Swin Transformer: Hierarchical Vision Transformer using Shifted Windows", arXiv 2103.14030.

use burn::module::{Module, Param};
use burn::tensor::{Int, Tensor};
use rand::Rng;

use super::attention::attend;
use super::swin_windows::{SIDE, TOKENS, Windows, padded, relative_positions};
use crate::architecture::{Architecture, Definition};
use crate::blueprint::{Blueprint, Misfit};
use crate::initialise::Initialiser;
use crate::layers::{Conv2d, Convolution, FeedForward, Linear, StochasticDepth, TokenNorm};
use crate::normalisation::Normalisation;
use crate::paper::Paper;

/// Side of the patches that become tokens.
const PATCH: usize = 4;
/// Features of a token in the first stage; every further stage doubles them.
const FEATURES: usize = 96;
/// Blocks and heads of the four stages.
const PLAN: [(usize, usize); 4] = [(2, 3), (2, 6), (6, 12), (2, 24)];
/// Probability of leaving out the last block.
const STOCHASTIC_DEPTH: f64 = 0.2;
/// Standard deviation of all initial weights but those of the patches. torchvision cuts the normal distribution at ±2,
/// a hundred deviations away.
const DEVIATION: f64 = 0.02;
/// Added to variances.
const EPSILON: f64 = 1e-5;

/// `swin_t` of torchvision: attention in windows of 7×7 tokens, every other block with windows shifted by 3, tokens of 4×4
/// pixels that are merged between stages.
///
/// Block b of 12 (from 0) is left out in training with probability 0.2 b / 11, image by image, its attention and its
/// linear layers separately. Sides must be at least 4 pixels; maps are filled with zeros up to whole windows, as
/// torchvision does. State-dict keys: `features.0.0`, `features.0.2`, `features.1.0.norm1` and so on, `norm`, `head`;
/// `relative_position_index` is a buffer.
#[derive(Module, Debug)]
pub struct SwinTransformer {
    features: Vec<Stage>,
    norm: TokenNorm,
    head: Linear,
}

#[derive(Module, Debug)]
enum Stage {
    Patches(Patches),
    Blocks(Vec<Block>),
    Merging(Merging),
}

/// Pictures to maps of tokens, `[batch, height, width, features]`.
#[derive(Module, Debug)]
struct Patches {
    member_0: Conv2d,
    member_2: TokenNorm,
}

/// Four neighbours become one token with twice the features.
#[derive(Module, Debug)]
struct Merging {
    reduction: Linear,
    norm: TokenNorm,
}

#[derive(Module, Debug)]
struct Block {
    norm1: TokenNorm,
    attn: WindowAttention,
    stochastic_depth: StochasticDepth,
    norm2: TokenNorm,
    mlp: FeedForward,
}

#[derive(Module, Debug)]
struct WindowAttention {
    relative_position_bias_table: Param<Tensor<2>>,
    relative_position_index: Param<Tensor<1, Int>>,
    qkv: Linear,
    proj: Linear,
    heads: usize,
    shift: usize,
}

impl Patches {
    fn forward(&self, images: Tensor<4>) -> Tensor<4> {
        let maps = self.member_0.forward(images).permute([0, 2, 3, 1]);
        self.member_2.forward(maps)
    }
}

impl Merging {
    fn forward(&self, maps: Tensor<4>) -> Tensor<4> {
        let [batch, height, width, features] = maps.dims();
        let [height, width] = [height, width].map(|side| side.next_multiple_of(2));
        let maps = padded(padded(maps, 1, height), 2, width);
        // Tokens of a square one after the other, columns first: (0, 0), (1, 0), (0, 1), (1, 1).
        let squares: Tensor<6> = maps.reshape([batch, height / 2, 2, width / 2, 2, features]);
        let merged = squares.permute([0, 1, 3, 4, 2, 5]).reshape([
            batch,
            height / 2,
            width / 2,
            4 * features,
        ]);
        self.reduction.forward(self.norm.forward(merged))
    }
}

impl WindowAttention {
    fn new<R: Rng + ?Sized>(
        features: usize,
        heads: usize,
        shift: usize,
        initialiser: &mut Initialiser<'_, R>,
    ) -> Self {
        let distances = (2 * SIDE - 1) * (2 * SIDE - 1);
        Self {
            relative_position_bias_table: initialiser.normal([distances, heads], DEVIATION),
            relative_position_index: initialiser.table(relative_positions()),
            qkv: Linear::normal(features, 3 * features, DEVIATION, initialiser),
            proj: Linear::normal(features, features, DEVIATION, initialiser),
            heads,
            shift,
        }
    }

    fn forward(&self, maps: Tensor<4>) -> Tensor<4> {
        let [batch, height, width, _] = maps.dims();
        let windows = Windows::new(batch, [height, width], self.shift);
        let projected = self.qkv.forward(windows.cut(maps));
        let bias = self
            .relative_position_bias_table
            .val()
            .select(0, self.relative_position_index.val())
            .reshape([TOKENS, TOKENS, self.heads])
            .permute([2, 0, 1])
            .unsqueeze();
        let attended = attend(projected, self.heads, |scores| windows.mask(scores + bias));
        windows.join(self.proj.forward(attended))
    }
}

impl Block {
    fn new<R: Rng + ?Sized>(
        features: usize,
        heads: usize,
        shift: usize,
        probability: f64,
        initialiser: &mut Initialiser<'_, R>,
    ) -> Self {
        let hidden = 4 * features;
        Self {
            norm1: TokenNorm::new(features, EPSILON, initialiser),
            attn: WindowAttention::new(features, heads, shift, initialiser),
            stochastic_depth: StochasticDepth::new(probability),
            norm2: TokenNorm::new(features, EPSILON, initialiser),
            mlp: FeedForward::new(
                Linear::normal(features, hidden, DEVIATION, initialiser),
                Linear::normal(hidden, features, DEVIATION, initialiser),
            ),
        }
    }

    fn forward_train<R: Rng + ?Sized>(&self, maps: Tensor<4>, draws: &mut R) -> Tensor<4> {
        let branch = self.attn.forward(self.norm1.forward(maps.clone()));
        let maps = maps + self.stochastic_depth.forward_train(branch, draws);
        let branch = self.mlp.forward(self.norm2.forward(maps.clone()));
        maps + self.stochastic_depth.forward_train(branch, draws)
    }

    fn forward_eval(&self, maps: Tensor<4>) -> Tensor<4> {
        let maps = maps.clone() + self.attn.forward(self.norm1.forward(maps));
        maps.clone() + self.mlp.forward(self.norm2.forward(maps))
    }
}

impl SwinTransformer {
    /// The mean of the normalised tokens.
    fn mean(&self, maps: Tensor<4>) -> Tensor<2> {
        let tokens: Tensor<3> = self.norm.forward(maps).flatten(1, 2);
        tokens.mean_dim(1).flatten(1, 2)
    }
}

impl Architecture for SwinTransformer {
    const DEFINITION: Definition = Definition {
        normalisations: &[Normalisation::Layer],
        images: "at least 4 pixels on both sides",
        chance: "residual branches of single images, up to 0.2 in the last block",
        ..Definition::of(
            "attention in shifted windows, size T",
            Paper {
                authors: "Liu et al.",
                year: 2021,
                arxiv: Some("2103.14030"),
            },
        )
    };

    fn check(blueprint: &Blueprint) -> Result<(), Misfit> {
        Misfit::unless_sized(blueprint.input.shorter_side() >= PATCH)
    }

    fn build<R: Rng + ?Sized>(blueprint: &Blueprint, initialiser: &mut Initialiser<'_, R>) -> Self {
        let patches = Convolution {
            inputs: blueprint.input.channels,
            outputs: FEATURES,
            kernel: PATCH,
            stride: PATCH,
            padding: 0,
            bias: true,
            groups: 1,
        };
        let mut features = vec![Stage::Patches(Patches {
            member_0: Conv2d::new(patches, initialiser),
            member_2: TokenNorm::new(FEATURES, EPSILON, initialiser),
        })];
        let all: usize = PLAN.iter().map(|(blocks, _)| blocks).sum();
        let (mut width, mut before) = (FEATURES, 0_usize);
        for (stage, (blocks, heads)) in PLAN.into_iter().enumerate() {
            if stage > 0 {
                let weight = initialiser.normal([2 * width, 4 * width], DEVIATION);
                features.push(Stage::Merging(Merging {
                    // Drawn before the normalisation, as its key comes first.
                    reduction: Linear::of(weight, None),
                    norm: TokenNorm::new(4 * width, EPSILON, initialiser),
                }));
                width *= 2;
            }
            let blocks = (0..blocks).map(|block| {
                let shift = if block % 2 == 0 { 0 } else { SIDE / 2 };
                // All - 1: here, unlike in EfficientNet, the last block gets the whole probability.
                let probability = STOCHASTIC_DEPTH * before as f64 / (all - 1) as f64;
                before += 1;
                Block::new(width, heads, shift, probability, initialiser)
            });
            features.push(Stage::Blocks(blocks.collect()));
        }
        Self {
            features,
            norm: TokenNorm::new(width, EPSILON, initialiser),
            head: Linear::normal(width, blueprint.classes, DEVIATION, initialiser),
        }
    }

    fn forward_train<R: Rng + ?Sized>(&mut self, images: Tensor<4>, draws: &mut R) -> Tensor<2> {
        let maps = self
            .features
            .iter()
            .fold(images, |maps, stage| match stage {
                Stage::Patches(layer) => layer.forward(maps),
                Stage::Blocks(blocks) => blocks
                    .iter()
                    .fold(maps, |maps, block| block.forward_train(maps, draws)),
                Stage::Merging(layer) => layer.forward(maps),
            });
        self.head.forward(self.mean(maps))
    }

    fn embed(&self, images: Tensor<4>) -> Tensor<2> {
        let maps = self
            .features
            .iter()
            .fold(images, |maps, stage| match stage {
                Stage::Patches(layer) => layer.forward(maps),
                Stage::Blocks(blocks) => blocks
                    .iter()
                    .fold(maps, |maps, block| block.forward_eval(maps)),
                Stage::Merging(layer) => layer.forward(maps),
            });
        self.mean(maps)
    }

    fn classify(&self, features: Tensor<2>) -> Tensor<2> {
        self.head.forward(features)
    }
}
