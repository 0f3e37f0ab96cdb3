//! Crops of the centre.

use std::fmt;

use burn::tensor::Tensor;
use rand::Rng;
use serde::Serialize;

use crate::error::AugmentationError;
use crate::keys::Keys;
use crate::size::Size;
use crate::transform::Transform;

/// The centre of every picture, as torchvision's `CenterCrop`; where the crop is larger, zeros are around the picture.
///
/// The first row is `(height - crop) / 2`, halves rounded to even; of an odd number of rows of zeros the larger part is
/// below. Columns alike.
///
/// Keys: `size` (needed; one number is a square).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct CenterCrop {
    size: Size,
}

impl CenterCrop {
    /// Crops of this size.
    ///
    /// # Errors
    ///
    /// When a side is 0 or above [`Size::LARGEST_SIDE`].
    pub fn new(size: Size) -> Result<Self, AugmentationError> {
        let size = size.checked()?;
        Ok(Self { size })
    }

    pub(crate) fn read(keys: &mut Keys) -> Result<Self, AugmentationError> {
        Self::new(keys.needed_size("size")?)
    }
}

impl Transform for CenterCrop {
    type Draws = ();

    fn draw<R: Rng + ?Sized>(&self, _: [usize; 4], _: &mut R) {}

    fn apply(&self, images: Tensor<4>, (): &()) -> Tensor<4> {
        let [batch, channels, height, width] = images.dims();
        let [rows, columns] = self.size.of_crop();
        let missing = |side: usize, wanted: usize| {
            let missing = wanted.saturating_sub(side);
            (missing / 2, missing.div_ceil(2))
        };
        let ((above, below), (left, right)) = (missing(height, rows), missing(width, columns));
        let images = if above + below + left + right > 0 {
            images.pad((left, right, above, below), 0.0)
        } else {
            images
        };
        let first = |side: usize, wanted: usize| {
            (side.saturating_sub(wanted) as f64 / 2.0).round_ties_even() as usize
        };
        let (top, left) = (first(height, rows), first(width, columns));
        images.slice([0..batch, 0..channels, top..top + rows, left..left + columns])
    }

    fn output_shape(&self, [channels, ..]: [usize; 3]) -> Result<[usize; 3], AugmentationError> {
        let [height, width] = self.size.of_crop();
        Ok([channels, height, width])
    }
}

impl fmt::Display for CenterCrop {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [height, width] = self.size.of_crop();
        write!(formatter, "centre crop of {height} x {width}")
    }
}
