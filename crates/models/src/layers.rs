//! Layers with PyTorch's names, memory layouts and arithmetic.
//!
//! The path of a parameter through these modules is its PyTorch state-dict key, so checkpoints need no renaming and no
//! transposing.

mod activation;
mod batch_norm;
mod conv2d;
mod group_norm;
mod layer_norm;
mod linear;
mod norm;
mod pool;
mod sequential;

pub use activation::ActivationLayer;
pub use batch_norm::BatchNorm2d;
pub use conv2d::{Conv2d, Convolution};
pub use group_norm::GroupNorm;
pub use layer_norm::LayerNorm;
pub use linear::Linear;
pub use norm::Norm;
pub use pool::PoolLayer;
pub use sequential::{Layer, Sequential};

/// Added to every variance before the root, as in PyTorch.
pub(crate) const EPSILON: f64 = 1e-5;
