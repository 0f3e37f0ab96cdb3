//! Steps and pictures that do not fit.

use super::size::{Sides, Size};

/// Steps or pictures that do not fit a [`Geometry`](super::Geometry).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum GeometryError {
    /// A side of a step is 0 or too long.
    #[error(
        "`{step}` has the size {size}: expected 1 to {} pixels a side",
        Size::LARGEST_SIDE
    )]
    Size {
        /// The step's name.
        step: &'static str,
        /// Its size.
        size: Size,
    },
    /// A picture becomes too large on the way.
    #[error(
        "a picture of {from} pixels (height x width) becomes {to} when it is resized: expected at most {MAX_PIXELS} pixels"
    )]
    TooLarge {
        /// Height and width before.
        from: Sides,
        /// Height and width after.
        to: Sides,
    },
    /// A picture comes out with another size than the others.
    #[error(
        "{from} pixels (height x width){becomes}, the first picture has {expected}: give `size` to resize them all",
        becomes = if from == to { String::new() } else { format!(", {to} after the transform") }
    )]
    Differs {
        /// Height and width of the picture.
        from: Sides,
        /// Height and width after the steps.
        to: Sides,
        /// Height and width that the steps should lead to.
        expected: Sides,
    },
}

/// Pixels that a picture may have between two steps.
pub(super) const MAX_PIXELS: usize = 64 << 20;
