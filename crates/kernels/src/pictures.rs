//! Pictures rearranged and resampled: what augmentations do to a batch, in one pass over it.
//!
//! These operators are offers: they give `None` where they have no kernel (another backend, another type than `f32`, a
//! tensor that is recorded for gradients), and the caller composes burn's operators.

use std::ops::Range;

use burn::tensor::Tensor;

#[cfg(feature = "flex")]
use crate::flex::pictures as flex;

/// A sparse matrix `[outputs, inputs]` whose rows are a few neighbouring numbers each: how one side of a picture is
/// resampled.
#[derive(Clone, Debug, PartialEq)]
pub struct Bands {
    pub(crate) inputs: usize,
    /// Numbers of a row, at least one.
    pub(crate) taps: usize,
    /// Input of the first number of each row; the last one of a row is an input too.
    pub(crate) first: Vec<usize>,
    /// Row after row.
    pub(crate) weights: Vec<f32>,
}

impl Bands {
    /// A matrix from its rows: the column of the first number, then the numbers.
    ///
    /// # Panics
    ///
    /// If there are no inputs, or numbers are beyond the last one.
    #[must_use]
    pub fn new(inputs: usize, rows: &[(usize, Vec<f32>)]) -> Self {
        assert!(inputs > 0, "nothing can be resampled from no inputs");
        let taps = rows.iter().map(|(_, numbers)| numbers.len()).max();
        let taps = taps.unwrap_or(0).max(1);
        let mut weights = vec![0.0; rows.len() * taps];
        let mut firsts = Vec::with_capacity(rows.len());
        for ((first, numbers), weights) in rows.iter().zip(weights.chunks_exact_mut(taps)) {
            assert!(
                first + numbers.len() <= inputs,
                "{} numbers from input {first} are beyond the last of {inputs}",
                numbers.len()
            );
            // A short row is filled up with zeros, before it where there is no room behind it.
            let start = (*first).min(inputs - taps);
            weights[first - start..][..numbers.len()].copy_from_slice(numbers);
            firsts.push(start);
        }
        Self {
            inputs,
            taps,
            first: firsts,
            weights,
        }
    }

    /// Rows.
    #[must_use]
    pub fn outputs(&self) -> usize {
        self.first.len()
    }

    /// The inputs that any output depends on.
    #[cfg(feature = "flex")]
    pub(crate) fn reach(&self) -> Range<usize> {
        let first = self.first.iter().min().copied().unwrap_or(0);
        let last = self.first.iter().max().map_or(0, |first| first + self.taps);
        first..last
    }
}

/// Each picture of `images` `[batch, channels, height, width]` multiplied by its matrices along both sides: those of its
/// rows from its height, those of its columns from its width. There is one matrix for each picture, or one for all;
/// `matrices` gives those of the rows and those of the columns, and is not asked where there is no kernel.
///
/// # Panics
///
/// If the matrices do not fit the pictures, or do not all have as many outputs.
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
