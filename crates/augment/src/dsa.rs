//! Differentiable siamese augmentation (Zhao and Bilen, arXiv 2102.08259) as DD-Ranking's evaluators use it.

use std::fmt;

use burn::tensor::Tensor;
use ddrank_keys::{Documented, Key, KeyError, Table};
use rand::Rng;
use serde::de::Error as _;
use serde::ser::SerializeStruct;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::dsa_apply;
use crate::dsa_draws::DsaDraws;
use crate::dsa_mode::DsaMode;
use crate::dsa_parameters::{self as strengths, DsaParameters};
use crate::transform::Transform;

const MODE: Key<DsaMode> = Key::new(
    "mode",
    || DsaMode::Single,
    "`S`: one operation a batch; `M`: all six in order",
);

const SIAMESE: Key<bool> = Key::new(
    "siamese",
    || false,
    "whether all images of a batch get the first image's draw",
);

/// Differentiable siamese augmentation.
///
/// Six operations in this order: scale, rotate, flip, color (brightness, saturation, contrast), crop, cutout. Random
/// numbers are drawn for each picture; with `siamese` all pictures of a batch use the first picture's.
///
/// [`Dsa::draw`] draws, [`Dsa::apply`] computes.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Dsa {
    /// Strengths of the operations.
    pub parameters: DsaParameters,
    /// One operation a batch, or all of them.
    pub mode: DsaMode,
    /// Whether all pictures of a batch are treated alike.
    pub siamese: bool,
}

impl Dsa {
    pub(crate) const MEANING: &'static str = "differentiable siamese augmentation: scale, rotate, flip, color \
         (brightness, saturation, contrast), crop, cutout";
    pub(crate) const KEYS: &'static [&'static dyn Documented] = &[
        &MODE,
        &SIAMESE,
        &strengths::FLIP,
        &strengths::PROB_FLIP,
        &strengths::ROTATE,
        &strengths::RATIO_ROTATE,
        &strengths::SCALE,
        &strengths::RATIO_SCALE,
        &strengths::CROP,
        &strengths::RATIO_CROP_PAD,
        &strengths::CUTOUT,
        &strengths::RATIO_CUTOUT,
        &strengths::BRIGHTNESS,
        &strengths::SATURATION,
        &strengths::CONTRAST,
    ];

    /// A DSA with checked parameters.
    ///
    /// # Errors
    ///
    /// The first parameter outside its range.
    pub fn new(parameters: DsaParameters, mode: DsaMode, siamese: bool) -> Result<Self, KeyError> {
        parameters.validate()?;
        Ok(Self {
            parameters,
            mode,
            siamese,
        })
    }

    pub(crate) fn read(table: &mut Table) -> Result<Self, KeyError> {
        Ok(Self {
            mode: table.take(&MODE)?,
            siamese: table.take(&SIAMESE)?,
            parameters: DsaParameters::read(table)?,
        })
    }

    /// Draws everything that a batch of `shape` `[batch, channels, height, width]` needs.
    ///
    /// Mode `S` first draws the operation. Uniform numbers have 24 bits, one 32-bit word of the generator each, as
    /// PyTorch's have. With `siamese` numbers are drawn for every picture all the same.
    #[must_use]
    pub fn draw<R: Rng + ?Sized>(&self, shape: [usize; 4], generator: &mut R) -> DsaDraws {
        DsaDraws::draw(&self.parameters, self.mode, shape, generator)
    }

    /// Applies the steps of `draws` in order to images `[batch, channels, height, width]`.
    ///
    /// With u a unit of the draws, r the parameter, H and W the sides:
    ///
    /// * scale: output (x, y) reads the input at (sx x, sy y), each factor `1/r + u (r - 1/r)`;
    /// * rotate: by t = `(2u - 1) r` degrees, output (x, y) reads the input at (x cos t - y sin t, x sin t + y cos t); both
    ///   take -1 and 1 as the centres of the outermost pixels, interpolate bilinearly and read zeros outside;
    /// * flip: mirrored where u < r;
    /// * brightness: `x + (u - 0.5) r`; saturation: `m + (x - m) u r` with m the pixel's mean over the channels;
    ///   contrast: `m + (x - m) (u + r)` with m the picture's mean;
    /// * crop: output (i, j) is input (i + rows, j + columns), zero outside;
    /// * cutout: `floor(H r + 0.5)` rows and `floor(W r + 0.5)` columns around the centre are zero, positions clamped to
    ///   the picture.
    ///
    /// The numbers go to the images' device in one transfer; nothing comes back.
    ///
    /// # Panics
    ///
    /// When `draws` holds fewer values a step than there are pictures (one is enough with `siamese`).
    #[must_use]
    pub fn apply(&self, images: Tensor<4>, draws: &DsaDraws) -> Tensor<4> {
        dsa_apply::apply(&self.parameters, self.siamese, images, draws)
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

/// One flat table under the names of the keys. Trial keys hash it: the order of the fields is part of every key.
impl Serialize for Dsa {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let DsaParameters {
            flip,
            rotate,
            scale,
            crop,
            cutout,
            brightness,
            saturation,
            contrast,
        } = self.parameters;
        let mut table = serializer.serialize_struct("Dsa", 10)?;
        table.serialize_field(MODE.name(), &self.mode)?;
        table.serialize_field(SIAMESE.name(), &self.siamese)?;
        table.serialize_field(strengths::FLIP.name(), &flip)?;
        table.serialize_field(strengths::ROTATE.name(), &rotate)?;
        table.serialize_field(strengths::SCALE.name(), &scale)?;
        table.serialize_field(strengths::CROP.name(), &crop)?;
        table.serialize_field(strengths::CUTOUT.name(), &cutout)?;
        table.serialize_field(strengths::BRIGHTNESS.name(), &brightness)?;
        table.serialize_field(strengths::SATURATION.name(), &saturation)?;
        table.serialize_field(strengths::CONTRAST.name(), &contrast)?;
        table.end()
    }
}

impl<'de> Deserialize<'de> for Dsa {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut table = Table::new(toml::Table::deserialize(deserializer)?);
        let dsa = Self::read(&mut table).map_err(D::Error::custom)?;
        table.finish().map_err(D::Error::custom)?;
        Ok(dsa)
    }
}
