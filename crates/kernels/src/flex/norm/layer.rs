//! What a normalisation is given.

use crate::flex::images::Images;
use crate::tail::Tail;

/// A normalisation with its parameters.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Layer<'a> {
    /// Sizes of its input.
    pub(crate) images: Images,
    /// Weight of every channel.
    pub(crate) weight: &'a [f32],
    /// Bias of every channel.
    pub(crate) bias: &'a [f32],
    /// What it normalises with.
    pub(crate) statistics: Statistics<'a>,
    /// What follows.
    pub(crate) tail: Tail,
}

/// Which numbers share a mean and a variance.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Statistics<'a> {
    /// A group of neighbouring channels of one image.
    Group {
        /// Groups of an image.
        groups: usize,
    },
    /// A channel of all images.
    Batch,
    /// None: mean and biased variance of every channel are given.
    Fixed {
        /// Mean of every channel.
        mean: &'a [f32],
        /// Variance of every channel.
        variance: &'a [f32],
    },
}

/// One over the standard deviation, with `epsilon` under the root.
pub(super) fn inverse_deviation(variance: f64, epsilon: f64) -> f32 {
    (1.0 / (variance + epsilon).sqrt()) as f32
}

/// Planes to a task so that one is worth handing to another thread: 128 KiB of numbers, some ten microseconds of work.
///
/// A plane is never divided: whichever thread has it adds its numbers in the same order.
pub(super) fn planes_per_task(plane: usize) -> usize {
    (1 << 15) / plane.max(1) + 1
}
