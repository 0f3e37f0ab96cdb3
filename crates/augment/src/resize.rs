//! Resizing whole pictures.

use std::fmt;

use burn::tensor::Tensor;
use ddrank_keys::{Documented, Key, KeyError, Table};
use rand::Rng;
use serde::Serialize;

use crate::antialias::{self, CropBox};
use crate::error::AugmentationError;
use crate::size::{PictureSize, Size};
use crate::transform::Transform;

const SIZE: Key<PictureSize> = Key::needed(
    "size",
    "one number is the length of the shorter side; the longer one is in proportion, rounded down",
);

/// Resizes every picture, bilinearly with antialiasing, as torchvision's `Resize`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Resize {
    size: Size,
}

impl Resize {
    pub(crate) const MEANING: &'static str = "resized with antialiasing";
    pub(crate) const KEYS: &'static [&'static dyn Documented] = &[&SIZE];

    /// A resize to this size.
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

impl Transform for Resize {
    type Draws = ();

    fn draw<R: Rng + ?Sized>(&self, shape: [usize; 4], _: &mut R) {
        let _ = self.fitting(shape);
    }

    fn apply(&self, images: Tensor<4>, (): &()) -> Tensor<4> {
        let [_, _, height, width] = images.dims();
        let [_, new_height, new_width] = self.fitting(images.dims());
        // The filter of factor 1 would give every pixel back, for a price.
        if [new_height, new_width] == [height, width] {
            return images;
        }
        let whole = CropBox {
            top: 0,
            left: 0,
            height,
            width,
        };
        antialias::resize(images, &[whole], [new_height, new_width])
    }

    fn output_of_ragged(&self, channels: usize) -> Result<Option<[usize; 3]>, AugmentationError> {
        Ok(match self.size {
            Size::Side(_) => None,
            Size::Exact { height, width } => Some([channels, height, width]),
        })
    }

    fn draw_ragged<R: Rng + ?Sized>(&self, _: usize, _: &[[usize; 2]], _: &mut R) {}

    fn apply_ragged(&self, images: Tensor<4>, sizes: &[[usize; 2]], (): &()) -> Tensor<4> {
        let outputs: Vec<_> = sizes
            .iter()
            .map(|size| self.size.of_resized(*size))
            .collect();
        let whole = |&[height, width]: &[usize; 2]| CropBox {
            top: 0,
            left: 0,
            height,
            width,
        };
        let boxes: Vec<_> = sizes.iter().map(whole).collect();
        antialias::resize_ragged(images, &boxes, &outputs)
    }

    fn output_shape(&self, shape: [usize; 3]) -> Result<[usize; 3], AugmentationError> {
        let [channels, height, width] = shape;
        if height == 0 || width == 0 {
            return Err(AugmentationError::images(
                "resize",
                shape,
                "they have no pixels",
            ));
        }
        let [height, width] = self.size.of_resized([height, width]);
        Ok([channels, height, width])
    }
}

impl fmt::Display for Resize {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.size {
            Size::Side(side) => write!(formatter, "resize, shorter side {side}"),
            exact @ Size::Exact { .. } => write!(formatter, "resize to {exact}"),
        }
    }
}
