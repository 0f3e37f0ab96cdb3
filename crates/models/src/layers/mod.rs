//! Layers with PyTorch's names, memory layouts and arithmetic.
//!
//! The path of a parameter through these modules is its PyTorch state-dict key, so checkpoints need no renaming and no
//! transposing.

mod activation;
mod batch_norm;
mod classifier;
mod conv2d;
mod dropout;
mod epsilon;
mod feed_forward;
mod group_norm;
mod layer_norm;
mod linear;
mod norm;
mod pool;
mod sequential;
mod token_norm;

pub(crate) use activation::{ActivationLayer, Nonlinearity, gelu, silu};
pub(crate) use batch_norm::BatchNorm2d;
pub(crate) use classifier::Classifier;
pub(crate) use conv2d::{Conv2d, Convolution};
pub(crate) use dropout::{Dropout, StochasticDepth};
pub(crate) use feed_forward::FeedForward;
pub(crate) use group_norm::GroupNorm;
pub(crate) use layer_norm::LayerNorm;
pub(crate) use linear::{Linear, linear};
pub(crate) use norm::Norm;
pub(crate) use pool::{PoolLayer, global_average, stem_pool};
pub(crate) use sequential::{Layer, Sequential, normalised};
pub(crate) use token_norm::TokenNorm;
