//! Pooling as a layer.

use burn::module::Module;
use burn::tensor::Tensor;
use burn::tensor::module::{avg_pool2d, max_pool2d};
use burn::tensor::ops::{AvgPoolOptions, MaxPoolOptions};

use crate::spec::Pooling;

/// A [`Pooling`] of 2×2 with stride 2 in its place in a sequence.
#[derive(Module, Debug)]
pub struct PoolLayer {
    #[module(skip)]
    pooling: Pooling,
}

impl PoolLayer {
    /// The layer of that pooling.
    #[must_use]
    pub const fn new(pooling: Pooling) -> Self {
        Self { pooling }
    }

    /// Which pooling it is.
    #[must_use]
    pub const fn pooling(&self) -> Pooling {
        self.pooling
    }

    /// `[batch, channels, height, width]` to `[batch, channels, height / 2, width / 2]`, rounded down.
    #[must_use]
    pub fn forward(&self, input: Tensor<4>) -> Tensor<4> {
        match self.pooling {
            Pooling::Average => avg_pool2d(input, AvgPoolOptions::new([2, 2])),
            Pooling::Max => max_pool2d(input, MaxPoolOptions::new([2, 2])),
            Pooling::None => input,
        }
    }
}
