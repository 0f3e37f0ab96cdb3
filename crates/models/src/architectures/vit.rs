//! torchvision's vision transformer, size B with patches of 16×16 pixels.
//!
//! Dosovitskiy et al. 2020, "An Image is Worth 16x16 Words: Transformers for Image Recognition at Scale", arXiv
//! 2010.11929.

use burn::module::{Module, Param};
use burn::tensor::Tensor;
use rand::Rng;

use super::attention::attend;
use crate::architecture::{Architecture, Definition};
use crate::blueprint::{Blueprint, Misfit};
use crate::initialise::Initialiser;
use crate::layers::{Conv2d, Convolution, FeedForward, Linear, TokenNorm, linear};
use crate::normalisation::Normalisation;
use crate::paper::Paper;

/// Side of the images.
const IMAGE: usize = 224;
/// Side of the patches that become tokens.
const PATCH: usize = 16;
/// Tokens of an image, one of them for the class.
const TOKENS: usize = (IMAGE / PATCH) * (IMAGE / PATCH) + 1;
/// Features of a token.
const FEATURES: usize = 768;
/// Units of the hidden linear layers.
const HIDDEN: usize = 3072;
/// Heads of the attention.
const HEADS: usize = 12;
/// Number of blocks.
const BLOCKS: usize = 12;
/// Added to variances.
const EPSILON: f64 = 1e-6;

/// `vit_b_16` of torchvision: twelve transformer blocks on 196 patches and a class token, for images of 224×224 pixels
/// only. It has no dropout.
///
/// Weights start as torchvision's: the linear layer at the end is zero, so all classes are equal at first.
/// State-dict keys: `class_token`, `conv_proj`, `encoder.pos_embedding`, `encoder.layers.encoder_layer_0.ln_1` and so on,
/// `encoder.ln`, `heads.head`.
#[derive(Module, Debug)]
pub struct VisionTransformer {
    class_token: Param<Tensor<3>>,
    conv_proj: Conv2d,
    encoder: Encoder,
    heads: Heads,
}

#[derive(Module, Debug)]
struct Encoder {
    pos_embedding: Param<Tensor<3>>,
    layers: Blocks,
    ln: TokenNorm,
}

/// The blocks are called `encoder_layer_0` and so on.
#[derive(Module, Debug)]
struct Blocks {
    encoder_layer_: Vec<Block>,
}

#[derive(Module, Debug)]
struct Heads {
    head: Linear,
}

#[derive(Module, Debug)]
struct Block {
    ln_1: TokenNorm,
    self_attention: SelfAttention,
    ln_2: TokenNorm,
    mlp: FeedForward,
}

/// PyTorch's `MultiheadAttention` of a sequence with itself.
#[derive(Module, Debug)]
struct SelfAttention {
    in_proj_weight: Param<Tensor<2>>,
    in_proj_bias: Param<Tensor<1>>,
    out_proj: Linear,
}

impl SelfAttention {
    fn new<R: Rng + ?Sized>(initialiser: &mut Initialiser<'_, R>) -> Self {
        // Glorot's uniform rule for the 3 × FEATURES outputs together, as PyTorch's `MultiheadAttention` has it.
        let bound = (6.0 / (4 * FEATURES) as f64).sqrt();
        let in_proj_weight = initialiser.uniform([3 * FEATURES, FEATURES], bound);
        let in_proj_bias = initialiser.constant([3 * FEATURES], 0.0);
        let weight = initialiser.fan_in_uniform([FEATURES, FEATURES], FEATURES);
        Self {
            in_proj_weight,
            in_proj_bias,
            out_proj: Linear::of(weight, Some(initialiser.constant([FEATURES], 0.0))),
        }
    }

    fn forward(&self, tokens: Tensor<3>) -> Tensor<3> {
        let bias = Some(self.in_proj_bias.val());
        let projected = linear(tokens, self.in_proj_weight.val(), bias);
        self.out_proj
            .forward(attend(projected, HEADS, |scores| scores))
    }
}

impl Block {
    fn new<R: Rng + ?Sized>(initialiser: &mut Initialiser<'_, R>) -> Self {
        let ln_1 = TokenNorm::new(FEATURES, EPSILON, initialiser);
        let self_attention = SelfAttention::new(initialiser);
        let ln_2 = TokenNorm::new(FEATURES, EPSILON, initialiser);
        let mut layer = |inputs, outputs| {
            // Glorot's uniform rule; torchvision keeps the biases of these layers from being exactly zero.
            let bound = (6.0 / (inputs + outputs) as f64).sqrt();
            let weight = initialiser.uniform([outputs, inputs], bound);
            Linear::of(weight, Some(initialiser.normal([outputs], 1e-6)))
        };
        Self {
            ln_1,
            self_attention,
            ln_2,
            mlp: FeedForward::new(layer(FEATURES, HIDDEN), layer(HIDDEN, FEATURES)),
        }
    }

    fn forward(&self, tokens: Tensor<3>) -> Tensor<3> {
        let attended = self
            .self_attention
            .forward(self.ln_1.forward(tokens.clone()));
        let tokens = tokens + attended;
        tokens.clone() + self.mlp.forward(self.ln_2.forward(tokens))
    }
}

impl Architecture for VisionTransformer {
    const DEFINITION: Definition = Definition {
        normalisations: &[Normalisation::Layer],
        images: "224 x 224 pixels only",
        ..Definition::of(
            "attention between patches of 16x16 pixels, size B",
            Paper {
                authors: "Dosovitskiy et al.",
                year: 2020,
                arxiv: Some("2010.11929"),
            },
        )
    };

    fn check(blueprint: &Blueprint) -> Result<(), Misfit> {
        let input = blueprint.input;
        Misfit::unless_sized((input.height, input.width) == (IMAGE, IMAGE))
    }

    fn build<R: Rng + ?Sized>(blueprint: &Blueprint, initialiser: &mut Initialiser<'_, R>) -> Self {
        let Blueprint { input, classes, .. } = *blueprint;
        let patches = Convolution {
            inputs: input.channels,
            outputs: FEATURES,
            kernel: PATCH,
            stride: PATCH,
            padding: 0,
            bias: true,
            groups: 1,
        };
        let fan_in = input.channels * PATCH * PATCH;
        let class_token = initialiser.constant([1, 1, FEATURES], 0.0);
        // torchvision cuts this normal distribution at ±2, more than fifty deviations away.
        let conv_proj = Conv2d::normal(patches, (1.0 / fan_in as f64).sqrt(), initialiser);
        let pos_embedding = initialiser.normal([1, TOKENS, FEATURES], 0.02);
        let encoder_layer_ = (0..BLOCKS).map(|_| Block::new(initialiser)).collect();
        Self {
            class_token,
            conv_proj,
            encoder: Encoder {
                pos_embedding,
                layers: Blocks { encoder_layer_ },
                ln: TokenNorm::new(FEATURES, EPSILON, initialiser),
            },
            heads: Heads {
                head: Linear::of(
                    initialiser.constant([classes, FEATURES], 0.0),
                    Some(initialiser.constant([classes], 0.0)),
                ),
            },
        }
    }

    fn forward_train<R: Rng + ?Sized>(&mut self, images: Tensor<4>, _draws: &mut R) -> Tensor<2> {
        self.forward_eval(images)
    }

    fn embed(&self, images: Tensor<4>) -> Tensor<2> {
        let batch = images.dims()[0];
        let patches: Tensor<3> = self.conv_proj.forward(images).flatten(2, 3);
        let class = self.class_token.val().repeat_dim(0, batch);
        // The class token comes first: the position embeddings of checkpoints count on it.
        let tokens = Tensor::cat(vec![class, patches.swap_dims(1, 2)], 1);
        let tokens = tokens + self.encoder.pos_embedding.val();
        let blocks = &self.encoder.layers.encoder_layer_;
        let tokens = blocks
            .iter()
            .fold(tokens, |tokens, block| block.forward(tokens));
        self.encoder
            .ln
            .forward(tokens.narrow(1, 0, 1))
            .flatten(1, 2)
    }

    fn classify(&self, features: Tensor<2>) -> Tensor<2> {
        self.heads.head.forward(features)
    }
}
