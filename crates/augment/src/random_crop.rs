//! Random crops with padding.

use std::fmt;

use burn::tensor::Tensor;
use rand::{Rng, RngExt};
use serde::Serialize;

use crate::error::AugmentationError;
use crate::keys::Keys;
use crate::rearrange::{Places, rearrange};
use crate::size::Size;
use crate::transform::Transform;

/// A crop of each picture at a uniform place after zeros were put around it, as torchvision's `RandomCrop`.
///
/// Zero is the mean colour of normalised images; torchvision's recipes pad before they normalise, with black.
///
/// Keys: `size` (needed; one number is a square), `padding` (0): pixels on all four sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct RandomCrop {
    size: Size,
    padding: usize,
}

/// The random numbers of [`RandomCrop`]: one place a picture, counted in the padded picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RandomCropDraws {
    /// First rows.
    pub top: Vec<usize>,
    /// First columns.
    pub left: Vec<usize>,
}

/// Padding beyond this is a mistake.
const LARGEST_PADDING: usize = 4096;

impl RandomCrop {
    /// Crops of `size` after `padding` pixels were added on each side.
    ///
    /// # Errors
    ///
    /// When a side is 0 or above [`Size::LARGEST_SIDE`], or the padding above 4096.
    pub fn new(size: Size, padding: usize) -> Result<Self, AugmentationError> {
        if padding > LARGEST_PADDING {
            let allowed = "a number of pixels from 0 to 4096";
            return Err(AugmentationError::value("padding", padding, allowed));
        }
        let size = size.checked()?;
        Ok(Self { size, padding })
    }

    pub(crate) fn read(keys: &mut Keys) -> Result<Self, AugmentationError> {
        let size = keys.needed_size("size")?;
        Self::new(size, keys.count("padding")?.unwrap_or(0))
    }
}

impl Transform for RandomCrop {
    type Draws = RandomCropDraws;

    fn draw<R: Rng + ?Sized>(&self, shape: [usize; 4], generator: &mut R) -> RandomCropDraws {
        let [_, rows, columns] = self.fitting(shape);
        let [batch, _, height, width] = shape;
        let mut places = |side: usize, wanted: usize| {
            let last = side + 2 * self.padding - wanted;
            (0..batch)
                .map(|_| generator.random_range(0..=last))
                .collect()
        };
        RandomCropDraws {
            top: places(height, rows),
            left: places(width, columns),
        }
    }

    fn apply(&self, images: Tensor<4>, draws: &RandomCropDraws) -> Tensor<4> {
        let [_, height, width] = self.fitting(images.dims());
        let padding = self.padding;
        let padded = if padding > 0 {
            images.pad((padding, padding, padding, padding), 0.0)
        } else {
            images
        };
        let lines = |first: &[usize], count: usize| {
            let of_one = |first: &usize| *first as i32..(first + count) as i32;
            first.iter().flat_map(of_one).collect()
        };
        let places = Places {
            rows: lines(&draws.top, height),
            columns: lines(&draws.left, width),
            height,
            width,
        };
        rearrange(padded, places)
    }

    fn output_shape(&self, shape: [usize; 3]) -> Result<[usize; 3], AugmentationError> {
        let [channels, height, width] = shape;
        let [rows, columns] = self.size.of_crop();
        if rows > height + 2 * self.padding || columns > width + 2 * self.padding {
            let padding = self.padding;
            let reason = format!(
                "a crop of {rows} x {columns} is larger than they are with `padding` = {padding}"
            );
            return Err(AugmentationError::images("random-crop", shape, reason));
        }
        Ok([channels, rows, columns])
    }
}

impl fmt::Display for RandomCrop {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [height, width] = self.size.of_crop();
        let padding = self.padding;
        write!(
            formatter,
            "random crop of {height} x {width}, padding {padding}"
        )
    }
}
