//! Pooling as a layer.

use burn::module::Module;
use burn::tensor::Tensor;
use burn::tensor::module::{avg_pool2d, max_pool2d};
use burn::tensor::ops::{AvgPoolOptions, MaxPoolOptions};

use crate::options::Pooling;

/// A [`Pooling`] of 2×2 with stride 2 in its place in a sequence.
#[derive(Module, Debug)]
pub(crate) struct PoolLayer {
    #[module(skip)]
    pooling: Pooling,
}

impl PoolLayer {
    /// The layer of that pooling.
    pub(crate) const fn new(pooling: Pooling) -> Self {
        Self { pooling }
    }

    /// Which pooling it is.
    pub(crate) const fn pooling(&self) -> Pooling {
        self.pooling
    }

    /// `[batch, channels, height, width]` to `[batch, channels, height / 2, width / 2]`, rounded down.
    pub(crate) fn forward(&self, input: Tensor<4>) -> Tensor<4> {
        match self.pooling {
            Pooling::Average => avg_pool2d(input, AvgPoolOptions::new([2, 2])),
            Pooling::Max => max_pool2d(input, MaxPoolOptions::new([2, 2])),
            Pooling::None => input,
        }
    }
}

/// 3×3 max pooling of stride 2 and padding 1: what torchvision's ResNets and ShuffleNets do after their first convolution.
pub(crate) fn stem_pool(maps: Tensor<4>) -> Tensor<4> {
    let options = MaxPoolOptions::new([3, 3])
        .with_stride([2, 2])
        .with_padding([1, 1]);
    max_pool2d(maps, options)
}

/// Mean of every map: `[batch, channels, height, width]` to `[batch, channels]`.
pub(crate) fn global_average(maps: Tensor<4>) -> Tensor<2> {
    let maps: Tensor<3> = maps.flatten(2, 3);
    maps.mean_dim(2).flatten(1, 2)
}
