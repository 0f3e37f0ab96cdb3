//! Sizes of pictures as configurations write them, and what resizes and crops make of them.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The size that a resize or a crop gives its pictures: `size = 32` or `size = [24, 32]` in a configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Size {
    /// One number. For a resize it is the length of the shorter side; crops are squares.
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
    /// The longest side that a resize or a crop accepts, in pixels.
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
    /// the longer one is `size * longer / shorter` rounded down, as in torchvision.
    #[must_use]
    pub fn of_resized(self, [height, width]: [usize; 2]) -> [usize; 2] {
        match self {
            Self::Exact { height, width } => [height, width],
            // Rounded down as torchvision does; a side of 0 cannot come from a file, but must not divide.
            Self::Side(side) if height <= width => [side, side * width / height.max(1)],
            Self::Side(side) => [side * height / width.max(1), side],
        }
    }

    /// Whether both sides are from 1 to [`Self::LARGEST_SIDE`].
    #[must_use]
    pub fn is_possible(self) -> bool {
        let sides = self.of_crop();
        sides
            .iter()
            .all(|side| (1..=Self::LARGEST_SIDE).contains(side))
    }
}

/// Height and width; displayed as `32x48`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Sides(pub [usize; 2]);

impl fmt::Display for Sides {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}x{}", self.0[0], self.0[1])
    }
}

/// The input line that line 0 of a centred crop reads, along one side: negative where the crop is larger than the picture
/// and begins outside it.
///
/// As in torchvision: `(side - crop) / 2` with halves rounded to even; of an odd number of missing lines the larger part
/// is at the end.
#[must_use]
pub fn centre_offset(side: usize, crop: usize) -> isize {
    if crop > side {
        // Padding: torchvision puts the larger half behind, which is not what the branch below would round to.
        -(((crop - side) / 2) as isize)
    } else {
        ((side - crop) as f64 / 2.0).round_ties_even() as isize
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

/// As a configuration writes it: a whole number, or two of them.
impl<'de> Deserialize<'de> for Size {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(
            untagged,
            expecting = "a whole number, or two of them, [height, width]"
        )]
        enum Written {
            Side(usize),
            Exact([usize; 2]),
        }
        Ok(match Written::deserialize(deserializer)? {
            Written::Side(side) => Self::Side(side),
            Written::Exact([height, width]) => Self::Exact { height, width },
        })
    }
}
