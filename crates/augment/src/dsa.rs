//! Differentiable siamese augmentation (Zhao and Bilen, 2021) as DD-Ranking's evaluators use it: its strengths and modes.

use std::fmt;

use burn::tensor::Tensor;
use rand::Rng;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::dsa_draws::DsaDraws;
use crate::error::AugmentationError;
use crate::keys::Keys;
use crate::transform::Transform;

/// How many operations a batch goes through.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum DsaMode {
    /// `S`: one operation for the whole batch, each of the six equally likely.
    #[default]
    #[serde(rename = "S")]
    Single,
    /// `M`: all six operations one after the other.
    #[serde(rename = "M")]
    Multiple,
}

/// The strengths of the operations; the default is the usual setting of dataset distillation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DsaParameters {
    /// Probability of mirroring left and right, 0 to 1 (0.5).
    pub flip: f64,
    /// Largest rotation in degrees in both directions, 0 to 180 (15).
    pub rotate: f64,
    /// Largest scale r, above 0; the picture is sampled at factors from 1/r to r (1.2).
    pub scale: f64,
    /// Largest shift as a share of the side, 0 to 1 (0.125).
    pub crop: f64,
    /// Side of the hole as a share of the picture's side, 0 to 1 (0.5).
    pub cutout: f64,
    /// Width of the range of the added brightness, at least 0 (1).
    pub brightness: f64,
    /// Largest factor of the distance from grey, at least 0 (2).
    pub saturation: f64,
    /// Smallest factor of the distance from the mean, at least 0; the largest is one more (0.5).
    pub contrast: f64,
}

impl Default for DsaParameters {
    fn default() -> Self {
        Self {
            flip: 0.5,
            rotate: 15.0,
            scale: 1.2,
            crop: 0.125,
            cutout: 0.5,
            brightness: 1.0,
            saturation: 2.0,
            contrast: 0.5,
        }
    }
}

/// Keys that older programs use, and the names here.
const OLDER_NAMES: [(&str, &str); 5] = [
    ("prob_flip", "flip"),
    ("ratio_rotate", "rotate"),
    ("ratio_scale", "scale"),
    ("ratio_crop_pad", "crop"),
    ("ratio_cutout", "cutout"),
];

impl DsaParameters {
    /// The names of the parameters.
    pub const NAMES: [&'static str; 8] = [
        "flip",
        "rotate",
        "scale",
        "crop",
        "cutout",
        "brightness",
        "saturation",
        "contrast",
    ];

    /// The name of a parameter here, given that name or the one of an older program (`prob_flip`, `ratio_rotate`,
    /// `ratio_scale`, `ratio_crop_pad`, `ratio_cutout`).
    #[must_use]
    pub fn canonical_name(name: &str) -> Option<&'static str> {
        let older = OLDER_NAMES
            .iter()
            .find(|(older, _)| *older == name)
            .map(|(_, canonical)| *canonical);
        older.or_else(|| Self::NAMES.into_iter().find(|canonical| *canonical == name))
    }

    /// Checks all ranges.
    ///
    /// # Errors
    ///
    /// The first parameter outside its range.
    pub fn validate(&self) -> Result<(), DsaError> {
        let ranges = [
            ("flip", self.flip, 0.0, 1.0, "a probability from 0 to 1"),
            ("rotate", self.rotate, 0.0, 180.0, "degrees from 0 to 180"),
            (
                "scale",
                self.scale,
                f64::MIN_POSITIVE,
                1e6,
                "a number above 0",
            ),
            ("crop", self.crop, 0.0, 1.0, "a share from 0 to 1"),
            ("cutout", self.cutout, 0.0, 1.0, "a share from 0 to 1"),
            (
                "brightness",
                self.brightness,
                0.0,
                1e6,
                "a number of at least 0",
            ),
            (
                "saturation",
                self.saturation,
                0.0,
                1e6,
                "a number of at least 0",
            ),
            (
                "contrast",
                self.contrast,
                0.0,
                1e6,
                "a number of at least 0",
            ),
        ];
        for (name, value, low, high, allowed) in ranges {
            // Written so that NaN fails.
            if !(low..=high).contains(&value) {
                return Err(DsaError {
                    name,
                    value,
                    allowed,
                });
            }
        }
        Ok(())
    }
}

/// Differentiable siamese augmentation.
///
/// Six operations in this order: scale, rotate, flip, color (brightness, saturation, contrast), crop, cutout. Random
/// numbers are drawn for each picture; with `siamese` all pictures of a batch use the first picture's.
///
/// In a configuration every key is optional; unknown keys and values out of range are errors. [`Dsa::draw`] draws,
/// [`Dsa::apply`] computes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Table", into = "Table")]
pub struct Dsa {
    /// Strengths of the operations.
    pub parameters: DsaParameters,
    /// One operation a batch, or all of them.
    pub mode: DsaMode,
    /// Whether all pictures of a batch are treated alike.
    pub siamese: bool,
}

impl Dsa {
    /// A DSA with checked parameters.
    ///
    /// # Errors
    ///
    /// The first parameter outside its range.
    pub fn new(parameters: DsaParameters, mode: DsaMode, siamese: bool) -> Result<Self, DsaError> {
        parameters.validate()?;
        Ok(Self {
            parameters,
            mode,
            siamese,
        })
    }
}

impl Dsa {
    pub(crate) fn read(keys: &mut Keys) -> Result<Self, AugmentationError> {
        serde_json::from_value(keys.rest())
            .map_err(|error| AugmentationError::DsaTable(error.to_string()))
    }
}

impl Transform for Dsa {
    type Draws = DsaDraws;

    fn draw<R: Rng + ?Sized>(&self, shape: [usize; 4], generator: &mut R) -> DsaDraws {
        Self::draw(self, shape, generator)
    }

    fn apply(&self, images: Tensor<4>, draws: &DsaDraws) -> Tensor<4> {
        Self::apply(self, images, draws)
    }
}

impl fmt::Display for Dsa {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self.mode {
            DsaMode::Single => "DSA, one operation a batch",
            DsaMode::Multiple => "DSA, all operations",
        })?;
        if self.siamese {
            formatter.write_str(", all pictures alike")?;
        }
        Ok(())
    }
}

/// A strength outside its range.
#[derive(Clone, Copy, Debug, PartialEq, Error)]
#[error("DSA parameter `{name}` is {value}; it must be {allowed}")]
pub struct DsaError {
    /// The parameter.
    pub name: &'static str,
    /// Its value.
    pub value: f64,
    /// What is allowed, in words.
    pub allowed: &'static str,
}

/// How a configuration writes it.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Table {
    mode: DsaMode,
    siamese: bool,
    #[serde(alias = "prob_flip")]
    flip: f64,
    #[serde(alias = "ratio_rotate")]
    rotate: f64,
    #[serde(alias = "ratio_scale")]
    scale: f64,
    #[serde(alias = "ratio_crop_pad")]
    crop: f64,
    #[serde(alias = "ratio_cutout")]
    cutout: f64,
    brightness: f64,
    saturation: f64,
    contrast: f64,
}

impl Default for Table {
    fn default() -> Self {
        Dsa::default().into()
    }
}

impl From<Dsa> for Table {
    fn from(dsa: Dsa) -> Self {
        let DsaParameters {
            flip,
            rotate,
            scale,
            crop,
            cutout,
            brightness,
            saturation,
            contrast,
        } = dsa.parameters;
        Self {
            mode: dsa.mode,
            siamese: dsa.siamese,
            flip,
            rotate,
            scale,
            crop,
            cutout,
            brightness,
            saturation,
            contrast,
        }
    }
}

impl TryFrom<Table> for Dsa {
    type Error = DsaError;

    fn try_from(table: Table) -> Result<Self, DsaError> {
        let parameters = DsaParameters {
            flip: table.flip,
            rotate: table.rotate,
            scale: table.scale,
            crop: table.crop,
            cutout: table.cutout,
            brightness: table.brightness,
            saturation: table.saturation,
            contrast: table.contrast,
        };
        Self::new(parameters, table.mode, table.siamese)
    }
}
