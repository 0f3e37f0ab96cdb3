//! The normalisation of a block that exists with both kinds.

use burn::module::Module;
use burn::tensor::Tensor;
use ddrank_kernels::Tail;
use rand::Rng;

use super::{BatchNorm2d, GroupNorm};
use crate::initialise::Initialiser;

/// Batch normalisation, or the reference's "instance normalisation" in its place and under its key.
#[derive(Module, Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "a network has a few dozen of them"
)]
pub(crate) enum Norm {
    /// Batch normalisation.
    Batch(BatchNorm2d),
    /// Group normalisation with one group a channel.
    Instance(GroupNorm),
}

impl Norm {
    /// Batch normalisation of `channels`.
    pub(crate) fn batch<R: Rng + ?Sized>(
        channels: usize,
        initialiser: &mut Initialiser<'_, R>,
    ) -> Self {
        Self::Batch(BatchNorm2d::new(channels, initialiser))
    }

    /// Instance normalisation of `channels`.
    pub(crate) fn instance<R: Rng + ?Sized>(
        channels: usize,
        initialiser: &mut Initialiser<'_, R>,
    ) -> Self {
        Self::Instance(GroupNorm::new(channels, channels, initialiser))
    }

    /// Normalises `[batch, channels, height, width]`, then does what `tail` says; batch statistics are used and recorded.
    ///
    /// # Panics
    ///
    /// When a batch normalisation sees a single value per channel.
    pub(crate) fn forward_train(&mut self, input: Tensor<4>, tail: Tail) -> Tensor<4> {
        match self {
            Self::Batch(norm) => norm.forward_train(input, tail),
            Self::Instance(norm) => norm.forward(input, tail),
        }
    }

    /// Normalises `[batch, channels, height, width]`, then does what `tail` says; running statistics are used.
    pub(crate) fn forward_eval(&self, input: Tensor<4>, tail: Tail) -> Tensor<4> {
        match self {
            Self::Batch(norm) => norm.forward_eval(input, tail),
            Self::Instance(norm) => norm.forward(input, tail),
        }
    }
}
