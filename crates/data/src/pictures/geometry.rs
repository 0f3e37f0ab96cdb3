//! The deterministic transform of test images and of every image that no augmentation touches: resizes and crops.

use std::fmt;

use image::RgbImage;
use serde::Serialize;

use super::geometry_error::{GeometryError, MAX_PIXELS};
use super::geometry_step::{GeometryStep, sides};
use super::size::{Sides, Size};
use crate::ImageShape;

/// Steps that give every picture the same size.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Geometry {
    steps: Vec<GeometryStep>,
    size: [usize; 2],
}

impl Geometry {
    /// These steps, in this order. Where they do not fix the size themselves (no steps, or only resizes of the shorter
    /// side), it is what they make of a picture of height and width `example`.
    ///
    /// # Errors
    ///
    /// When a side of a step is 0 or above [`Size::LARGEST_SIDE`], or the picture becomes too large.
    pub fn new(steps: Vec<GeometryStep>, example: [usize; 2]) -> Result<Self, GeometryError> {
        // Along with the checks of the steps: two harmless resizes can multiply to a picture larger than memory.
        let mut size = example;
        for step in &steps {
            step.check()?;
            let from = Sides(size);
            size = step.output_size(size);
            if size[0].saturating_mul(size[1]) > MAX_PIXELS {
                let to = Sides(size);
                return Err(GeometryError::TooLarge { from, to });
            }
        }
        Ok(Self { steps, size })
    }

    /// The size that these steps give to every picture, if they do.
    #[must_use]
    pub(crate) fn fixed_size(steps: &[GeometryStep]) -> Option<[usize; 2]> {
        steps.iter().fold(None, |size, step| step.fixed(size))
    }

    /// Both sides resized, without keeping the aspect ratio.
    #[must_use]
    pub fn resize_steps([height, width]: [usize; 2]) -> Vec<GeometryStep> {
        let size = Size::Exact { height, width };
        vec![GeometryStep::Resize { size }]
    }

    /// The steps.
    #[must_use]
    pub fn steps(&self) -> &[GeometryStep] {
        &self.steps
    }

    /// Height and width of every picture after the steps.
    #[must_use]
    pub fn size(&self) -> [usize; 2] {
        self.size
    }

    /// Channels, height and width of every picture after the steps.
    #[must_use]
    pub fn shape(&self) -> ImageShape {
        ImageShape {
            channels: 3,
            height: self.size[0],
            width: self.size[1],
        }
    }

    /// Transforms one picture.
    ///
    /// # Errors
    ///
    /// When it becomes too large on the way or does not come out with [`size`](Self::size).
    pub(crate) fn apply(&self, picture: RgbImage) -> Result<RgbImage, GeometryError> {
        let from = sides(&picture);
        let picture = (self.steps.iter()).try_fold(picture, |picture, step| step.apply(picture))?;
        let to = sides(&picture);
        if to == self.size {
            return Ok(picture);
        }
        Err(GeometryError::Differs {
            from: Sides(from),
            to: Sides(to),
            expected: Sides(self.size),
        })
    }

    /// Whether images of this size stay as they are.
    pub(crate) fn keeps(&self, size: [usize; 2]) -> bool {
        // Every step, not only the last size: a crop followed by a resize can end where it began with other pixels.
        size == self.size && self.steps.iter().all(|step| step.output_size(size) == size)
    }
}

/// `resize, shorter side 256; then centre crop of 224 x 224`; without steps `images as they are, 32 x 32`.
impl fmt::Display for Geometry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.steps.is_empty() {
            return write!(f, "images as they are, {} x {}", self.size[0], self.size[1]);
        }
        for (index, step) in self.steps.iter().enumerate() {
            if index > 0 {
                f.write_str("; then ")?;
            }
            write!(f, "{step}")?;
        }
        Ok(())
    }
}
