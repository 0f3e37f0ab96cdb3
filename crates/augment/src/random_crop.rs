//! Random crops with padding.

use std::fmt;

use burn::tensor::Tensor;
use rand::{Rng, RngExt};
use serde::Serialize;

use crate::error::AugmentationError;
use crate::keys::Keys;
use crate::rearrange::{Crops, crop};
use crate::size::{Size, checked};
use crate::transform::Transform;

/// A crop of each picture at a uniform place after padding was put around it, as torchvision's `RandomCrop`.
///
/// The padding is in the images' own numbers: zero is the mean colour of normalised images. torchvision's recipes pad
/// before they normalise, with black, which is `-mean / std` of each channel after it.
///
/// Keys: `size` (needed; one number is a square), `padding` (0): pixels on all four sides, `fill` (0): what they hold, one
/// number or one a channel.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RandomCrop {
    size: Size,
    padding: usize,
    /// Empty for zero.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fill: Vec<f64>,
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
        let size = checked(size)?;
        Ok(Self {
            size,
            padding,
            fill: Vec::new(),
        })
    }

    /// The same crops with padding of this value: one number a channel, or one for all, in the images' own numbers. Black
    /// of images that were normalised is `-mean / std`.
    ///
    /// # Errors
    ///
    /// When there is no number, or one is not finite.
    pub fn with_fill(mut self, fill: Vec<f64>) -> Result<Self, AugmentationError> {
        if fill.is_empty() || !fill.iter().all(|value| value.is_finite()) {
            let allowed = "a finite number, or a list of them, one a channel";
            return Err(AugmentationError::value(
                "fill",
                format!("{fill:?}"),
                allowed,
            ));
        }
        self.fill = fill;
        if self.fill.iter().all(|value| *value == 0.0) {
            self.fill.clear();
        }
        Ok(self)
    }

    pub(crate) fn read(keys: &mut Keys) -> Result<Self, AugmentationError> {
        let size = keys.needed_size("size")?;
        let crop = Self::new(size, keys.count("padding")?.unwrap_or(0))?;
        match keys.number_or_numbers("fill")? {
            Some(fill) => crop.with_fill(fill),
            None => Ok(crop),
        }
    }

    fn check_fill(&self, shape: [usize; 3]) -> Result<(), AugmentationError> {
        let count = self.fill.len();
        if count <= 1 || count == shape[0] {
            return Ok(());
        }
        let reason = format!("`fill` has {count} numbers");
        Err(AugmentationError::images("random-crop", shape, reason))
    }

    fn crop(&self, images: Tensor<4>, sizes: &[[usize; 2]], draws: &RandomCropDraws) -> Tensor<4> {
        let padding = self.padding as isize;
        let places = draws.top.iter().zip(&draws.left);
        let crops = Crops {
            sizes,
            first: places
                .map(|(&top, &left)| [top as isize - padding, left as isize - padding])
                .collect(),
            crop: self.size.of_crop(),
            fill: &self.fill,
        };
        crop(images, &crops)
    }
}

impl Transform for RandomCrop {
    type Draws = RandomCropDraws;

    fn draw<R: Rng + ?Sized>(&self, shape: [usize; 4], generator: &mut R) -> RandomCropDraws {
        let [batch, channels, height, width] = shape;
        self.draw_ragged(channels, &vec![[height, width]; batch], generator)
    }

    fn apply(&self, images: Tensor<4>, draws: &RandomCropDraws) -> Tensor<4> {
        let _ = self.fitting(images.dims());
        let [batch, _, height, width] = images.dims();
        self.crop(images, &vec![[height, width]; batch], draws)
    }

    fn output_of_ragged(&self, channels: usize) -> Result<Option<[usize; 3]>, AugmentationError> {
        let [height, width] = self.size.of_crop();
        self.check_fill([channels, height, width])?;
        Ok(Some([channels, height, width]))
    }

    fn draw_ragged<R: Rng + ?Sized>(
        &self,
        channels: usize,
        sizes: &[[usize; 2]],
        generator: &mut R,
    ) -> RandomCropDraws {
        let crop = self.size.of_crop();
        for &[height, width] in sizes {
            let _ = self.fitting([1, channels, height, width]);
        }
        let mut places = |axis: usize| {
            let one = |size: &[usize; 2]| {
                generator.random_range(0..=size[axis] + 2 * self.padding - crop[axis])
            };
            sizes.iter().map(one).collect()
        };
        RandomCropDraws {
            top: places(0),
            left: places(1),
        }
    }

    fn apply_ragged(
        &self,
        images: Tensor<4>,
        sizes: &[[usize; 2]],
        draws: &RandomCropDraws,
    ) -> Tensor<4> {
        self.crop(images, sizes, draws)
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
        self.check_fill(shape)?;
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
        )?;
        if !self.fill.is_empty() {
            write!(formatter, " filled with {:?}", self.fill)?;
        }
        Ok(())
    }
}
