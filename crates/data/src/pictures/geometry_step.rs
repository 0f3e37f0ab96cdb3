//! One resize or crop of a deterministic transform.

use std::fmt;

use image::{GenericImage, RgbImage};
use serde::{Deserialize, Serialize};

use super::geometry_error::{GeometryError, MAX_PIXELS};
use super::picture::resized;
use super::size::{Sides, Size, centre_offset};

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
    pub(super) fn fixed(self, before: Option<[usize; 2]>) -> Option<[usize; 2]> {
        match (self, before) {
            (
                Self::Resize {
                    size: Size::Side(_),
                },
                None,
            ) => None,
            // Steps that fix the size do not look at the picture; its sides of 1 are never seen.
            (step, before) => Some(step.output_size(before.unwrap_or([1, 1]))),
        }
    }

    /// What a configuration calls it.
    fn name(self) -> &'static str {
        match self {
            Self::Resize { .. } => "resize",
            Self::CenterCrop { .. } => "center-crop",
        }
    }

    pub(super) fn check(self) -> Result<(), GeometryError> {
        let (Self::Resize { size } | Self::CenterCrop { size }) = self;
        if size.is_possible() {
            return Ok(());
        }
        let step = self.name();
        Err(GeometryError::Size { step, size })
    }

    pub(super) fn apply(self, picture: RgbImage) -> Result<RgbImage, GeometryError> {
        let from = sides(&picture);
        let to = self.output_size(from);
        // Pillow returns such a picture unchanged too; a filter of the same size could round.
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

/// `resize, shorter side 256`, `resize to 32x48`, `centre crop of 224 x 224`.
impl fmt::Display for GeometryStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Resize {
                size: Size::Side(side),
            } => write!(f, "resize, shorter side {side}"),
            Self::Resize { size } => write!(f, "resize to {size}"),
            Self::CenterCrop { size } => {
                let [height, width] = size.of_crop();
                write!(f, "centre crop of {height} x {width}")
            }
        }
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

/// Height and width.
pub(super) fn sides(picture: &RgbImage) -> [usize; 2] {
    [picture.height() as usize, picture.width() as usize]
}
