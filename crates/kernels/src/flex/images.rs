//! Sizes of image batches.
//!
//! On `flex` an image batch is `[batch, channels, height, width]`, contiguous, as in PyTorch: one channel of one image,
//! a plane, is one run of numbers. That is what normalisation and augmentation want; the convolutions turn it into
//! vectors of sixteen channels as they read it.

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
