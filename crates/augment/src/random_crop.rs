//! Random crops with padding.

use std::fmt;

use burn::tensor::Tensor;
use ddrank_keys::{Documented, Key, KeyError, Table};
use rand::{Rng, RngExt};
use serde::Serialize;

use crate::error::AugmentationError;
use crate::fill::Fill;
use crate::rearrange::{Crops, crop};
use crate::size::{PictureSize, Size};
use crate::transform::Transform;

const SIZE: Key<PictureSize> = Key::needed("size", "one number is a square");

const PADDING: Key<usize> = Key::new(
    "padding",
    || 0,
    "pixels around the image, on all four sides",
)
.where_("a number of pixels from 0 to 4096", |padding| {
    *padding <= LARGEST_PADDING
});

const FILL: Key<Fill> = Key::new(
    "fill",
    || Fill(vec![0.0]),
    "what the padding holds, one number or one a channel; black before normalisation is `-mean / std` of each channel",
)
.where_(
    "a number, or a list of numbers, one a channel, all finite",
    |Fill(numbers)| !numbers.is_empty() && numbers.iter().all(|number| number.is_finite()),
);

/// A crop of each picture at a uniform place after padding was put around it, as torchvision's `RandomCrop`.
///
/// The padding is in the images' own numbers: zero is the mean colour of normalised images. torchvision's recipes pad
/// before they normalise, with black, which is `-mean / std` of each channel after it.
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
    pub(crate) const MEANING: &'static str = "padding on all sides, then a crop at a random place";
    pub(crate) const KEYS: &'static [&'static dyn Documented] = &[&SIZE, &PADDING, &FILL];

    /// Crops of `size` after `padding` pixels were added on each side.
    ///
    /// # Errors
    ///
    /// When a side is 0 or above [`Size::LARGEST_SIDE`], or the padding above 4096.
    pub fn new(size: Size, padding: usize) -> Result<Self, KeyError> {
        Ok(Self {
            size: PictureSize::checked(size)?,
            padding: PADDING.check(padding as i64)?,
            fill: Vec::new(),
        })
    }

    /// The same crops with padding of this value: one number a channel, or one for all, in the images' own numbers. Black
    /// of images that were normalised is `-mean / std`.
    ///
    /// # Errors
    ///
    /// When there is no number, or one is not finite.
    pub fn with_fill(self, fill: Vec<f64>) -> Result<Self, KeyError> {
        let fill = FILL.check(fill)?;
        Ok(self.filled(fill))
    }

    fn filled(mut self, Fill(fill): Fill) -> Self {
        self.fill = fill;
        // Zero, written in whichever way, is one trial and not several: keys hash the numbers.
        if self.fill.iter().all(|value| *value == 0.0) {
            self.fill.clear();
        }
        self
    }

    pub(crate) fn read(table: &mut Table) -> Result<Self, KeyError> {
        let PictureSize(size) = table.take(&SIZE)?;
        let crop = Self {
            size,
            padding: table.take(&PADDING)?,
            fill: Vec::new(),
        };
        Ok(crop.filled(table.take(&FILL)?))
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
        // No padded copy is made: what lies outside the picture is read from one line of the fill.
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
