//! What real and distilled images look like beside each other.

use ddrank_data::{LabelledImages, Pixels};

use crate::input::other_preparation::{OtherPreparation, PreparedReal};
use crate::input::pixel_statistics::PixelStatistics;
use crate::input::real_data::{Pipeline, RealData};

/// Whether distilled images look prepared otherwise than the real ones.
pub(super) fn other_preparation(
    images: &LabelledImages,
    real: &PreparedReal,
) -> Option<OtherPreparation> {
    let Pixels::Floats(values) = images.pixels() else {
        return None;
    };
    let distilled = PixelStatistics::of(values, images.shape())?;
    OtherPreparation::find(&distilled, real)
}

/// Training images that are looked at, and pixels of all of them together.
const LOOKED_AT: usize = 500;
const LOOKED_AT_PIXELS: usize = 10_000_000;

/// What training images spread over the set look like, before and after their preparation. A picture that cannot be read is
/// left to those who need it.
pub(super) fn looks(real: &RealData) -> Option<PreparedReal> {
    let RealData {
        train,
        geometry,
        pipeline,
        ..
    } = real;
    let shape = real.shape();
    let count = LOOKED_AT.min(LOOKED_AT_PIXELS / shape.len().max(1)).max(20);
    let step = train.len().div_ceil(count).max(1);
    let places: Vec<usize> = (0..train.len()).step_by(step).collect();
    let images = match &real.prepared {
        Some(images) => images.select(&places),
        None => train.select(&places).prepared(geometry).ok()?,
    };
    let bytes: Vec<f32> = images.bytes().ok()?.iter().map(|&b| f32::from(b)).collect();
    let Pixels::Floats(values) = pipeline.apply(&images).into_pixels() else {
        return None;
    };
    Some(PreparedReal {
        prepared: PixelStatistics::of(&values, shape)?,
        bytes: PixelStatistics::of(&bytes, shape)?,
        is_whitened: matches!(pipeline, Pipeline::Whiten(_)),
    })
}
