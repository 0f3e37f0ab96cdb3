//! Random resized crops.

use std::fmt;

use burn::tensor::Tensor;
use ddrank_keys::{Documented, Key, KeyError, Table};
use rand::{Rng, RngExt};
use serde::Serialize;

use crate::antialias::{self, CropBox};
use crate::error::AugmentationError;
use crate::size::{PictureSize, Size};
use crate::transform::Transform;

const SIZE: Key<PictureSize> = Key::needed("size", "of the result; one number is a square");

const SCALE: Key<[f64; 2]> = Key::new(
    "scale",
    || ResizeCrop::SCALE,
    "smallest and largest share of the area",
)
.where_(
    "two numbers, [smallest, largest], above 0 and at most 1",
    |&[low, high]| low > 0.0 && low <= high && high <= 1.0,
);

const RATIO: Key<[f64; 2]> = Key::new(
    "ratio",
    || ResizeCrop::RATIO,
    "smallest and largest aspect ratio, width over height: 3/4 to 4/3",
)
.where_(
    "two numbers, [smallest, largest], above 0",
    |&[low, high]| low > 0.0 && low <= high && high.is_finite(),
);

/// A random box of each picture, resized bilinearly with antialiasing, as torchvision's `RandomResizedCrop`.
///
/// Up to ten times: a share of the area, uniform in `scale`, and an aspect ratio (width / height) whose logarithm is
/// uniform in that of `ratio`; the first box that fits is put at a uniform place. If none fits, the largest centred box
/// within the limits of the aspect ratio is taken.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct ResizeCrop {
    size: Size,
    scale: [f64; 2],
    ratio: [f64; 2],
}

/// Attempts before the centred box is taken.
const ATTEMPTS: usize = 10;

impl ResizeCrop {
    pub(crate) const MEANING: &'static str = "a random box of a share of the area in `scale` and an aspect ratio in `ratio`, \
         resized with antialiasing to `size`";
    pub(crate) const KEYS: &'static [&'static dyn Documented] = &[&SIZE, &SCALE, &RATIO];

    /// The usual smallest and largest share of the area.
    pub const SCALE: [f64; 2] = [0.08, 1.0];
    /// The usual smallest and largest aspect ratio.
    pub const RATIO: [f64; 2] = [3.0 / 4.0, 4.0 / 3.0];

    /// Crops resized to `size`, of a share of the area in `scale` and an aspect ratio in `ratio`.
    ///
    /// # Errors
    ///
    /// When a side is 0 or above [`Size::LARGEST_SIDE`], or a range is not as the type says.
    pub fn new(size: Size, scale: [f64; 2], ratio: [f64; 2]) -> Result<Self, KeyError> {
        Ok(Self {
            size: PictureSize::checked(size)?,
            scale: SCALE.check(scale.to_vec())?,
            ratio: RATIO.check(ratio.to_vec())?,
        })
    }

    pub(crate) fn read(table: &mut Table) -> Result<Self, KeyError> {
        let PictureSize(size) = table.take(&SIZE)?;
        Ok(Self {
            size,
            scale: table.take(&SCALE)?,
            ratio: table.take(&RATIO)?,
        })
    }

    /// Rows and columns of a box with this share of the area of a picture `[height, width]` and this logarithm of the
    /// aspect ratio, if it fits.
    #[must_use]
    pub fn sides(
        &self,
        [height, width]: [usize; 2],
        share: f64,
        log_ratio: f64,
    ) -> Option<[usize; 2]> {
        let area = (height * width) as f64 * share;
        let ratio = log_ratio.exp();
        // Halves to even, as Python rounds them (docs/reference.md, section 3.5).
        let columns = (area * ratio).sqrt().round_ties_even() as usize;
        let rows = (area / ratio).sqrt().round_ties_even() as usize;
        let fits = (1..=height).contains(&rows) && (1..=width).contains(&columns);
        fits.then_some([rows, columns])
    }

    /// The box that is taken when no attempt fits: as much of the picture `[height, width]` as the limits of the aspect
    /// ratio allow, in its centre.
    #[must_use]
    pub fn centred(&self, [height, width]: [usize; 2]) -> CropBox {
        let [low, high] = self.ratio;
        let found = width as f64 / height as f64;
        let side = |side: f64, limit: usize| (side.round_ties_even() as usize).clamp(1, limit);
        let [rows, columns] = if found < low {
            [side(width as f64 / low, height), width]
        } else if found > high {
            [height, side(height as f64 * high, width)]
        } else {
            [height, width]
        };
        CropBox {
            top: (height - rows) / 2,
            left: (width - columns) / 2,
            height: rows,
            width: columns,
        }
    }

    fn draw_box<R: Rng + ?Sized>(&self, picture: [usize; 2], generator: &mut R) -> CropBox {
        let logs = self.ratio.map(f64::ln);
        for _ in 0..ATTEMPTS {
            let mut between =
                |[low, high]: [f64; 2]| low + generator.random::<f64>() * (high - low);
            // In the logarithm, so that a ratio and its inverse are equally likely.
            let (share, log_ratio) = (between(self.scale), between(logs));
            if let Some([height, width]) = self.sides(picture, share, log_ratio) {
                return CropBox {
                    top: generator.random_range(0..=picture[0] - height),
                    left: generator.random_range(0..=picture[1] - width),
                    height,
                    width,
                };
            }
        }
        self.centred(picture)
    }
}

impl Transform for ResizeCrop {
    /// One box a picture.
    type Draws = Vec<CropBox>;

    fn draw<R: Rng + ?Sized>(&self, shape: [usize; 4], generator: &mut R) -> Vec<CropBox> {
        let _ = self.fitting(shape);
        let [batch, _, height, width] = shape;
        (0..batch)
            .map(|_| self.draw_box([height, width], generator))
            .collect()
    }

    fn apply(&self, images: Tensor<4>, draws: &Vec<CropBox>) -> Tensor<4> {
        let [_, height, width] = self.fitting(images.dims());
        antialias::resize(images, draws, [height, width])
    }

    fn output_of_ragged(&self, channels: usize) -> Result<Option<[usize; 3]>, AugmentationError> {
        let [height, width] = self.size.of_crop();
        Ok(Some([channels, height, width]))
    }

    fn draw_ragged<R: Rng + ?Sized>(
        &self,
        _: usize,
        sizes: &[[usize; 2]],
        generator: &mut R,
    ) -> Vec<CropBox> {
        let one = |size: &[usize; 2]| self.draw_box(*size, generator);
        sizes.iter().map(one).collect()
    }

    /// A box lies in its picture, and the filter reads only the box, so padding is not seen.
    fn apply_ragged(&self, images: Tensor<4>, _: &[[usize; 2]], draws: &Vec<CropBox>) -> Tensor<4> {
        antialias::resize(images, draws, self.size.of_crop())
    }

    fn output_shape(&self, shape: [usize; 3]) -> Result<[usize; 3], AugmentationError> {
        if shape[1] == 0 || shape[2] == 0 {
            return Err(AugmentationError::images(
                "resize-crop",
                shape,
                "they have no pixels",
            ));
        }
        let [height, width] = self.size.of_crop();
        Ok([shape[0], height, width])
    }
}

impl fmt::Display for ResizeCrop {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [height, width] = self.size.of_crop();
        let ([small, large], [tall, wide]) = (self.scale, self.ratio);
        write!(
            formatter,
            "random crop of {small} to {large} of the area, aspect ratio {tall:.3} to {wide:.3}, resized to {height} x {width}"
        )
    }
}
