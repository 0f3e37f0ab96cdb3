//! Resizing whole pictures.

use std::fmt;

use burn::tensor::Tensor;
use rand::Rng;
use serde::Serialize;

use crate::antialias::{self, CropBox};
use crate::error::AugmentationError;
use crate::keys::Keys;
use crate::size::Size;
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
        let size = size.checked()?;
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
