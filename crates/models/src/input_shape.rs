//! What a network is fed.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The shape of one input image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InputShape {
    /// Number of channels, 3 for colour images.
    pub channels: usize,
    /// Height in pixels.
    pub height: usize,
    /// Width in pixels.
    pub width: usize,
}

impl InputShape {
    /// The shorter side in pixels.
    pub(crate) fn shorter_side(self) -> usize {
        self.height.min(self.width)
    }

    /// Whether these are the images of 32×32 and 64×64 pixels for which DD-Ranking changes the first layers of
    /// torchvision's networks (docs/reference.md, section 2.3).
    pub(crate) const fn is_small(self) -> bool {
        matches!((self.height, self.width), (32, 32) | (64, 64))
    }

    /// Whether there is nothing to see.
    pub(crate) const fn is_empty(self) -> bool {
        self.channels == 0 || self.height == 0 || self.width == 0
    }
}

impl fmt::Display for InputShape {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{} channels of {} x {} pixels",
            self.channels, self.height, self.width
        )
    }
}
