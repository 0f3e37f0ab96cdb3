//! What a network is built from.

use crate::input_shape::InputShape;
use crate::normalisation::Normalisation;
use crate::options::{Activation, Pooling, Width};

/// A model in plain values: no names, no sources, nothing that is to be parsed.
///
/// Whoever makes one has checked that it has two classes, one channel and one pixel at least.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Blueprint {
    /// One of the depths of the architecture's grammar; 0 where that has none.
    pub(crate) depth: usize,
    /// One of the normalisations of the architecture's grammar, or (in torchvision's own names) of torchvision.
    pub(crate) normalisation: Normalisation,
    /// Channels of each convolution; for architectures with options.
    pub(crate) width: Width,
    /// Non-linearity; for architectures with options.
    pub(crate) activation: Activation,
    /// Pooling; for architectures with options.
    pub(crate) pooling: Pooling,
    /// The images.
    pub(crate) input: InputShape,
    /// Whether DD-Ranking's changes of torchvision's first layers are made: for small images, where the name is
    /// DD-Ranking's. torchvision's own names mean torchvision's networks at every size.
    pub(crate) has_small_stem: bool,
    /// The number of classes.
    pub(crate) classes: usize,
}

/// Why an architecture cannot be built from a [`Blueprint`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Misfit {
    /// It does not take images of this size.
    Size,
    /// Its poolings leave nothing of images of this size.
    TooSmall {
        /// The number of 2×2 poolings.
        poolings: usize,
        /// The shortest side that works.
        minimum: usize,
    },
    /// The width does not divide into the groups of its normalisation.
    Groups {
        /// The number of groups.
        groups: usize,
    },
}

impl Misfit {
    /// The verdict of an architecture that cares for the size of images alone.
    pub(crate) const fn unless_sized(fits: bool) -> Result<(), Self> {
        if fits { Ok(()) } else { Err(Self::Size) }
    }
}
