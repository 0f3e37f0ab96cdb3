//! Layers with PyTorch's names, memory layouts and arithmetic.
//!
//! The path of a parameter through these modules is its PyTorch state-dict key, so checkpoints need no renaming and no
//! transposing.

mod activation;
mod batch_norm;
mod classifier;
mod conv2d;
mod dropout;
mod feed_forward;
mod group_norm;
mod layer_norm;
mod linear;
mod norm;
mod pool;
mod sequential;
mod token_norm;

pub use activation::{ActivationLayer, Nonlinearity};
pub use batch_norm::BatchNorm2d;
pub use classifier::Classifier;
pub use conv2d::{Conv2d, Convolution};
pub use dropout::{Dropout, StochasticDepth};
pub use feed_forward::FeedForward;
pub use group_norm::GroupNorm;
pub use layer_norm::LayerNorm;
pub use linear::Linear;
pub use norm::Norm;
pub use pool::PoolLayer;
pub use sequential::{Layer, Sequential};
pub use token_norm::TokenNorm;

pub(crate) use activation::{gelu, silu};
pub(crate) use linear::linear;

/// Added to every variance before the root, as in PyTorch.
pub(crate) const EPSILON: f64 = 1e-5;
