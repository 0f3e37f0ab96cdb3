//! Sizes of pictures as configurations write them.

use std::fmt;

use serde::{Serialize, Serializer};

use crate::error::AugmentationError;

/// The size that a transform gives its pictures: `size = 32` or `size = [24, 32]` in a configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Size {
    /// One number. For [`Resize`](crate::Resize) it is the length of the shorter side; crops are squares.
    Side(usize),
    /// Both sides.
    Exact {
        /// Rows.
        height: usize,
        /// Columns.
        width: usize,
    },
}

impl Size {
    /// The longest side that a transform accepts, in pixels.
    pub const LARGEST_SIDE: usize = 8192;

    /// Rows and columns of a crop of this size: one number is a square.
    #[must_use]
    pub const fn of_crop(self) -> [usize; 2] {
        match self {
            Self::Side(side) => [side, side],
            Self::Exact { height, width } => [height, width],
        }
    }

    /// Rows and columns of a picture `[height, width]` after a resize: one number is the length of its shorter side, and
    /// the longer one is `size * longer / shorter` rounded down.
    #[must_use]
    pub fn of_resized(self, [height, width]: [usize; 2]) -> [usize; 2] {
        match self {
            Self::Exact { height, width } => [height, width],
            Self::Side(side) if height <= width => [side, side * width / height.max(1)],
            Self::Side(side) => [side * height / width.max(1), side],
        }
    }

    /// The size, if both sides are from 1 to [`Self::LARGEST_SIDE`].
    pub(crate) fn checked(self) -> Result<Self, AugmentationError> {
        let sides = self.of_crop();
        if sides
            .iter()
            .all(|side| (1..=Self::LARGEST_SIDE).contains(side))
        {
            return Ok(self);
        }
        let allowed = "from 1 to 8192 pixels a side";
        Err(AugmentationError::value("size", self, allowed))
    }
}

/// `32` or `24 x 32`, height first.
impl fmt::Display for Size {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Side(side) => write!(formatter, "{side}"),
            Self::Exact { height, width } => write!(formatter, "{height} x {width}"),
        }
    }
}

/// As a configuration writes it.
impl Serialize for Size {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Side(side) => side.serialize(serializer),
            Self::Exact { height, width } => [height, width].serialize(serializer),
        }
    }
}
