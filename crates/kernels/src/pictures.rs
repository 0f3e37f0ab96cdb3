//! Pictures rearranged and resampled: what augmentations do to a batch, in one pass over it.
//!
//! These operators are offers: they give `None` where they have no kernel (another backend, another type than `f32`, a
//! tensor that is recorded for gradients), and the caller composes burn's operators.

use std::ops::Range;

use burn::tensor::Tensor;

use crate::bands::Bands;
#[cfg(feature = "flex")]
use crate::flex::pictures as flex;

/// Each picture of `images` `[batch, channels, height, width]` multiplied by its matrices along both sides: those of
/// its rows from its height, those of its columns from its width. There is one matrix for each picture, or one for all;
/// `matrices` gives those of the rows and those of the columns, and is not asked where there is no kernel.
///
/// # Panics
///
/// If there are no pictures, the matrices do not fit them, or do not all have as many outputs.
#[must_use]
pub fn resample(
    images: &Tensor<4>,
    matrices: impl FnOnce() -> [Vec<Bands>; 2],
) -> Option<Tensor<4>> {
    #[cfg(feature = "flex")]
    return flex::resample(images, || {
        let [batch, _, height, width] = images.dims();
        let [rows, columns] = matrices();
        for (name, bands, side) in [("rows", &rows, height), ("columns", &columns, width)] {
            let is_one_each = bands.len() == batch || bands.len() == 1;
            assert!(
                is_one_each && batch > 0,
                "resample: {} matrices of {name} for {batch} pictures",
                bands.len()
            );
            let outputs = bands[0].outputs();
            let fits = |bands: &Bands| bands.inputs == side && bands.outputs() == outputs;
            assert!(
                bands.iter().all(fits),
                "resample: matrices of {name} do not have {side} inputs and {outputs} outputs"
            );
        }
        [rows, columns]
    });
    #[cfg(not(feature = "flex"))]
    None
}

/// The pictures of `images` `[batch, channels, height, width]`, those that the flags name mirrored left and right.
///
/// # Panics
///
/// If there is not one flag a picture.
#[must_use]
pub fn mirror(images: &Tensor<4>, is_mirrored: &[bool]) -> Option<Tensor<4>> {
    let [batch, ..] = images.dims();
    assert_eq!(is_mirrored.len(), batch, "mirror: flags and pictures");
    #[cfg(feature = "flex")]
    return flex::mirror(images, is_mirrored);
    #[cfg(not(feature = "flex"))]
    None
}

/// The pictures of `images` `[batch, channels, height, width]`, each with one box taken from its partner.
///
/// # Panics
///
/// If there is not one partner a picture, a partner is no picture of the batch, or the box is not inside.
#[must_use]
pub fn paste(
    images: &Tensor<4>,
    partners: &[i32],
    rows: Range<usize>,
    columns: Range<usize>,
) -> Option<Tensor<4>> {
    let [batch, _, height, width] = images.dims();
    assert_eq!(partners.len(), batch, "paste: partners and pictures");
    // Partners come as the numbers that the backend's own `select` takes.
    let is_picture = |&partner: &i32| usize::try_from(partner).is_ok_and(|at| at < batch);
    assert!(
        partners.iter().all(is_picture),
        "paste: partners are pictures of the batch"
    );
    assert!(
        rows.end <= height && columns.end <= width,
        "paste: the box {rows:?}, {columns:?} is not inside {height} x {width}"
    );
    #[cfg(feature = "flex")]
    return flex::paste(images, partners, rows, columns);
    #[cfg(not(feature = "flex"))]
    None
}
