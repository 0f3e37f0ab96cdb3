//! Normalisation with what follows it in a ConvNet, one pass over the data forward and one backward.

mod backward;
mod forward;
mod plane;

pub(crate) use backward::backward;
pub(crate) use forward::{Forward, forward};

use crate::tail::Tail;

/// Sizes of an image batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Images {
    /// Images.
    pub(crate) batch: usize,
    /// Channels.
    pub(crate) channels: usize,
    /// Rows.
    pub(crate) height: usize,
    /// Columns.
    pub(crate) width: usize,
}

impl Images {
    /// Pixels of a plane.
    pub(crate) fn plane(&self) -> usize {
        self.height * self.width
    }

    /// Numbers in all.
    pub(crate) fn len(&self) -> usize {
        self.batch * self.channels * self.plane()
    }

    /// The sizes after `tail`.
    pub(crate) fn after(&self, tail: Tail) -> Self {
        if tail.pools() {
            Self {
                height: self.height / 2,
                width: self.width / 2,
                ..*self
            }
        } else {
            *self
        }
    }
}

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
fn inverse_deviation(variance: f64, epsilon: f64) -> f32 {
    (1.0 / (variance + epsilon).sqrt()) as f32
}

/// Planes to a task so that one is worth handing to another thread.
fn planes_per_task(plane: usize) -> usize {
    (1 << 15) / plane.max(1) + 1
}

#[cfg(test)]
mod tests;
