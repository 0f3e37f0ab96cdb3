//! Crops of the centre.

use std::fmt;

use burn::tensor::Tensor;
use ddrank_data::centre_offset;
use ddrank_keys::{Documented, Key, KeyError, Table};
use rand::Rng;
use serde::Serialize;

use crate::error::AugmentationError;
use crate::rearrange::{Crops, crop};
use crate::size::{PictureSize, Size};
use crate::transform::Transform;

const SIZE: Key<PictureSize> = Key::needed("size", "one number is a square");

/// The centre of every picture, as torchvision's `CenterCrop`; where the crop is larger, zeros are around the picture.
///
/// The first row is `(height - crop) / 2`, halves rounded to even; of an odd number of rows of zeros the larger part is
/// below. Columns alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct CenterCrop {
    size: Size,
}

impl CenterCrop {
    pub(crate) const MEANING: &'static str =
        "the centre, with zeros around it where the image is smaller";
    pub(crate) const KEYS: &'static [&'static dyn Documented] = &[&SIZE];

    /// Crops of this size.
    ///
    /// # Errors
    ///
    /// When a side is 0 or above [`Size::LARGEST_SIDE`].
    pub fn new(size: Size) -> Result<Self, KeyError> {
        let size = PictureSize::checked(size)?;
        Ok(Self { size })
    }

    pub(crate) fn read(table: &mut Table) -> Result<Self, KeyError> {
        let PictureSize(size) = table.take(&SIZE)?;
        Ok(Self { size })
    }
}

impl Transform for CenterCrop {
    type Draws = ();

    fn draw<R: Rng + ?Sized>(&self, _: [usize; 4], _: &mut R) {}

    fn apply(&self, images: Tensor<4>, (): &()) -> Tensor<4> {
        let [batch, channels, height, width] = images.dims();
        let [rows, columns] = self.size.of_crop();
        // torchvision pads a picture that is smaller than the crop before it cuts (docs/reference.md, section 3.5).
        let missing = |side: usize, wanted: usize| {
            let before = (-centre_offset(side, wanted)).max(0) as usize;
            (before, wanted.saturating_sub(side) - before)
        };
        let ((above, below), (left, right)) = (missing(height, rows), missing(width, columns));
        let images = if above + below + left + right > 0 {
            images.pad((left, right, above, below), 0.0)
        } else {
            images
        };
        let first = |side: usize, wanted: usize| centre_offset(side, wanted).max(0) as usize;
        let (top, left) = (first(height, rows), first(width, columns));
        images.slice([0..batch, 0..channels, top..top + rows, left..left + columns])
    }

    fn output_of_ragged(&self, channels: usize) -> Result<Option<[usize; 3]>, AugmentationError> {
        let [height, width] = self.size.of_crop();
        Ok(Some([channels, height, width]))
    }

    fn draw_ragged<R: Rng + ?Sized>(&self, _: usize, _: &[[usize; 2]], _: &mut R) {}

    fn apply_ragged(&self, images: Tensor<4>, sizes: &[[usize; 2]], (): &()) -> Tensor<4> {
        let [rows, columns] = self.size.of_crop();
        let first = |size: &[usize; 2]| {
            [
                centre_offset(size[0], rows),
                centre_offset(size[1], columns),
            ]
        };
        let crops = Crops {
            sizes,
            first: sizes.iter().map(first).collect(),
            crop: [rows, columns],
            fill: &[],
        };
        crop(images, &crops)
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
