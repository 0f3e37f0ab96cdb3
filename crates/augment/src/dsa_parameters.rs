//! The strengths of DSA's operations.

use ddrank_keys::{Key, KeyError, Table};

use crate::other_name::{other_name, take_either};

/// The strengths of the operations; the default is the usual setting of dataset distillation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DsaParameters {
    /// Probability of mirroring left and right, 0 to 1.
    pub flip: f64,
    /// Largest rotation in degrees in both directions, 0 to 180.
    pub rotate: f64,
    /// Largest scale r, above 0; the picture is sampled at factors from 1/r to r.
    pub scale: f64,
    /// Largest shift as a share of the side, 0 to 1.
    pub crop: f64,
    /// Side of the hole as a share of the picture's side, 0 to 1.
    pub cutout: f64,
    /// Width of the range of the added brightness, at least 0.
    pub brightness: f64,
    /// Largest factor of the distance from grey, at least 0.
    pub saturation: f64,
    /// Smallest factor of the distance from the mean, at least 0; the largest is one more.
    pub contrast: f64,
}

/// The strengths of Zhao and Bilen's program (arXiv 2102.08259), which the methods kept.
const USUAL: DsaParameters = DsaParameters {
    flip: 0.5,
    rotate: 15.0,
    scale: 1.2,
    crop: 0.125,
    cutout: 0.5,
    brightness: 1.0,
    saturation: 2.0,
    contrast: 0.5,
};

pub(crate) const FLIP: Key<f64> = Key::new(
    "flip",
    || USUAL.flip,
    "probability of mirroring left and right",
)
.where_("a probability from 0 to 1", is_share);
pub(crate) const ROTATE: Key<f64> = Key::new(
    "rotate",
    || USUAL.rotate,
    "largest rotation in both directions",
)
.where_("degrees from 0 to 180", |degrees| {
    (0.0..=180.0).contains(degrees)
});
pub(crate) const SCALE: Key<f64> = Key::new(
    "scale",
    || USUAL.scale,
    "largest scale r: each side is sampled at a factor from 1/r to r",
)
.where_("a number above 0, at most 1e6", |scale| {
    (f64::MIN_POSITIVE..=LARGEST).contains(scale)
});
pub(crate) const CROP: Key<f64> = Key::new(
    "crop",
    || USUAL.crop,
    "largest shift as a share of the side; zeros come in",
)
.where_("a share from 0 to 1", is_share);
pub(crate) const CUTOUT: Key<f64> = Key::new(
    "cutout",
    || USUAL.cutout,
    "side of the hole as a share of the image's side",
)
.where_("a share from 0 to 1", is_share);
pub(crate) const BRIGHTNESS: Key<f64> = Key::new(
    "brightness",
    || USUAL.brightness,
    "width of the range of the number that is added",
)
.where_("a number from 0 to 1e6", is_strength);
pub(crate) const SATURATION: Key<f64> = Key::new(
    "saturation",
    || USUAL.saturation,
    "largest factor of the distance from grey",
)
.where_("a number from 0 to 1e6", is_strength);
pub(crate) const CONTRAST: Key<f64> = Key::new(
    "contrast",
    || USUAL.contrast,
    "smallest factor of the distance from the image's mean; the largest is one more",
)
.where_("a number from 0 to 1e6", is_strength);

// DD-Ranking's README and demos write these, where its code does not know them (docs/reference.md, section 3.1).
pub(crate) const PROB_FLIP: Key<toml::Value> =
    other_name("prob_flip", "`flip`", "an older name of `flip`");
pub(crate) const RATIO_ROTATE: Key<toml::Value> =
    other_name("ratio_rotate", "`rotate`", "an older name of `rotate`");
pub(crate) const RATIO_SCALE: Key<toml::Value> =
    other_name("ratio_scale", "`scale`", "an older name of `scale`");
pub(crate) const RATIO_CROP_PAD: Key<toml::Value> =
    other_name("ratio_crop_pad", "`crop`", "an older name of `crop`");
pub(crate) const RATIO_CUTOUT: Key<toml::Value> =
    other_name("ratio_cutout", "`cutout`", "an older name of `cutout`");

/// A strength beyond this leaves single floats no digits of the picture.
const LARGEST: f64 = 1e6;

fn is_share(share: &f64) -> bool {
    (0.0..=1.0).contains(share)
}

fn is_strength(strength: &f64) -> bool {
    (0.0..=LARGEST).contains(strength)
}

impl Default for DsaParameters {
    fn default() -> Self {
        USUAL
    }
}

impl DsaParameters {
    pub(crate) fn read(table: &mut Table) -> Result<Self, KeyError> {
        Ok(Self {
            flip: take_either(table, &FLIP, &PROB_FLIP)?,
            rotate: take_either(table, &ROTATE, &RATIO_ROTATE)?,
            scale: take_either(table, &SCALE, &RATIO_SCALE)?,
            crop: take_either(table, &CROP, &RATIO_CROP_PAD)?,
            cutout: take_either(table, &CUTOUT, &RATIO_CUTOUT)?,
            brightness: table.take(&BRIGHTNESS)?,
            saturation: table.take(&SATURATION)?,
            contrast: table.take(&CONTRAST)?,
        })
    }

    /// Checks all ranges.
    ///
    /// # Errors
    ///
    /// The first parameter outside its range.
    pub fn validate(&self) -> Result<(), KeyError> {
        let Self {
            flip,
            rotate,
            scale,
            crop,
            cutout,
            brightness,
            saturation,
            contrast,
        } = *self;
        for (key, value) in [
            (FLIP, flip),
            (ROTATE, rotate),
            (SCALE, scale),
            (CROP, crop),
            (CUTOUT, cutout),
            (BRIGHTNESS, brightness),
            (SATURATION, saturation),
            (CONTRAST, contrast),
        ] {
            key.check(value)?;
        }
        Ok(())
    }
}
