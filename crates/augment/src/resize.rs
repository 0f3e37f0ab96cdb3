//! Resizing whole pictures.

use std::fmt;

use burn::tensor::Tensor;
use rand::Rng;
use serde::Serialize;

use crate::antialias::{self, CropBox};
use crate::error::AugmentationError;
use crate::keys::Keys;
use crate::size::{Size, checked};
use crate::transform::Transform;

/// Resizes every picture, bilinearly with antialiasing, as torchvision's `Resize`.
///
/// Keys: `size` (needed): one number is the length of the shorter side, the longer one is `size * longer / shorter` rounded
/// down; `[height, width]` sets both.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Resize {
    size: Size,
}

impl Resize {
    /// A resize to this size.
    ///
    /// # Errors
    ///
    /// When a side is 0 or above [`Size::LARGEST_SIDE`].
    pub fn new(size: Size) -> Result<Self, AugmentationError> {
        let size = checked(size)?;
        Ok(Self { size })
    }

    pub(crate) fn read(keys: &mut Keys) -> Result<Self, AugmentationError> {
        Self::new(keys.needed_size("size")?)
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
