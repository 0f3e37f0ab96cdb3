//! The deterministic transform of test images and of every image that no augmentation touches: resizes and crops.

use std::fmt;

use image::{GenericImage, RgbImage};
use serde::{Deserialize, Serialize};

use crate::picture::resized;
use crate::size::centre_offset;
use crate::{ImageShape, Size};

/// One step of a deterministic transform.
///
/// A configuration writes it like the augmentation of the same name: `{ name = "resize", size = 256 }`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "name", rename_all = "kebab-case", deny_unknown_fields)]
pub enum GeometryStep {
    /// Bilinear with antialiasing, as Pillow's; one number is the length of the shorter side.
    Resize {
        /// The size to reach.
        size: Size,
    },
    /// The centre, with black around it where the picture is smaller; one number is a square.
    CenterCrop {
        /// The size of the crop.
        size: Size,
    },
}

/// Steps that give every picture the same size.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Geometry {
    steps: Vec<GeometryStep>,
    size: [usize; 2],
}

/// Steps or pictures that do not fit a [`Geometry`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum GeometryError {
    /// A side of a step is 0 or too long.
    #[error(
        "`{step}` has the size {size}: expected 1 to {} pixels a side",
        Size::LARGEST_SIDE
    )]
    Size {
        /// The step's name.
        step: &'static str,
        /// Its size.
        size: Size,
    },
    /// A picture becomes too large on the way.
    #[error(
        "a picture of {from} pixels (height x width) becomes {to} when it is resized: expected at most {MAX_PIXELS} pixels"
    )]
    TooLarge {
        /// Height and width before.
        from: Sides,
        /// Height and width after.
        to: Sides,
    },
    /// A picture comes out with another size than the others.
    #[error(
        "{from} pixels (height x width){becomes}, the first picture has {expected}: give `size` to resize them all",
        becomes = if from == to { String::new() } else { format!(", {to} after the transform") }
    )]
    Differs {
        /// Height and width of the picture.
        from: Sides,
        /// Height and width after the steps.
        to: Sides,
        /// Height and width that the steps should lead to.
        expected: Sides,
    },
}

/// Height and width; displayed as `32x48`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Sides(pub [usize; 2]);

impl fmt::Display for Sides {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}x{}", self.0[0], self.0[1])
    }
}

/// Pixels that a picture may have between two steps.
const MAX_PIXELS: usize = 64 << 20;

impl GeometryStep {
    /// Height and width of a picture after this step.
    #[must_use]
    pub fn output_size(self, picture: [usize; 2]) -> [usize; 2] {
        match self {
            Self::Resize { size } => size.of_resized(picture),
            Self::CenterCrop { size } => size.of_crop(),
        }
    }

    /// The size after this step, where it is the same for every picture.
    fn fixed(self, before: Option<[usize; 2]>) -> Option<[usize; 2]> {
        match (self, before) {
            (
                Self::Resize {
                    size: Size::Side(_),
                },
                None,
            ) => None,
            (step, before) => Some(step.output_size(before.unwrap_or([1, 1]))),
        }
    }

    pub(crate) fn check(self) -> Result<(), GeometryError> {
        let (step, size) = match self {
            Self::Resize { size } => ("resize", size),
            Self::CenterCrop { size } => ("center-crop", size),
        };
        if size.is_possible() {
            return Ok(());
        }
        Err(GeometryError::Size { step, size })
    }

    fn apply(self, picture: RgbImage) -> Result<RgbImage, GeometryError> {
        let from = sides(&picture);
        let to = self.output_size(from);
        if from == to {
            return Ok(picture);
        }
        let pixels = to[0].checked_mul(to[1]);
        let (true, Ok(height), Ok(width)) = (
            pixels.is_some_and(|pixels| pixels <= MAX_PIXELS),
            u32::try_from(to[0]),
            u32::try_from(to[1]),
        ) else {
            return Err(GeometryError::TooLarge {
                from: Sides(from),
                to: Sides(to),
            });
        };
        Ok(match self {
            Self::Resize { .. } => resized(&picture, height, width),
            Self::CenterCrop { .. } => centred(&picture, height, width),
        })
    }
}

/// The centre of a picture, black outside it.
fn centred(picture: &RgbImage, height: u32, width: u32) -> RgbImage {
    // First line read, first line written, and how many there are, along one side.
    let overlap = |side: u32, crop: u32| {
        let offset = centre_offset(side as usize, crop as usize);
        let (from, to) = (offset.max(0) as u32, (-offset).max(0) as u32);
        (from, to, (side - from).min(crop - to))
    };
    let (top, to_top, rows) = overlap(picture.height(), height);
    let (left, to_left, columns) = overlap(picture.width(), width);
    let part = image::imageops::crop_imm(picture, left, top, columns, rows).to_image();
    if (columns, rows) == (width, height) {
        return part;
    }
    let mut crop = RgbImage::new(width, height);
    // It fits by construction: to + count is at most the crop's side.
    if crop.copy_from(&part, to_left, to_top).is_err() {
        debug_assert!(false, "the overlap lies inside the crop");
    }
    crop
}

impl Geometry {
    /// These steps, in this order. Where they do not fix the size themselves (no steps, or only resizes of the shorter
    /// side), it is what they make of a picture of height and width `example`.
    ///
    /// # Errors
    ///
    /// When a side of a step is 0 or above [`Size::LARGEST_SIDE`], or the picture becomes too large.
    pub fn new(steps: Vec<GeometryStep>, example: [usize; 2]) -> Result<Self, GeometryError> {
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
    pub fn fixed_size(steps: &[GeometryStep]) -> Option<[usize; 2]> {
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
            match step {
                GeometryStep::Resize {
                    size: Size::Side(side),
                } => write!(f, "resize, shorter side {side}")?,
                GeometryStep::Resize { size } => write!(f, "resize to {size}")?,
                GeometryStep::CenterCrop { size } => {
                    let [height, width] = size.of_crop();
                    write!(f, "centre crop of {height} x {width}")?;
                }
            }
        }
        Ok(())
    }
}

fn sides(picture: &RgbImage) -> [usize; 2] {
    [picture.height() as usize, picture.width() as usize]
}
