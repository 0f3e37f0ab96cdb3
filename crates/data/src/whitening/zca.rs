//! ZCA whitening of whole datasets.

use faer::linalg::matmul::matmul;
use faer::linalg::matmul::triangular::{self, BlockStructure};
use faer::{Accum, Mat, MatMut, MatRef, Par, Side};
use rayon::prelude::*;

use super::error::{MAX_SIZE, WhiteningError};
use super::variant::ZcaVariant;
use super::zca_moments::{Moments, SHIFT};
use crate::{ImageShape, LabelledImages};

/// A fitted whitening: a value x of an image becomes (x - offset) * scale, and the image is multiplied by the matrix.
#[derive(Clone, Debug, PartialEq)]
pub struct Whitening {
    pub(super) shape: ImageShape,
    pub(super) variant: ZcaVariant,
    /// In bytes, one for each of the D values.
    pub(super) offset: Vec<f64>,
    pub(super) scale: Vec<f64>,
    /// D x D, symmetric.
    pub(super) matrix: Vec<f32>,
}

/// Images whitened at a time.
const APPLY_BLOCK: usize = 1024;

impl Whitening {
    /// Fits a whitening on the training images, which must be bytes.
    ///
    /// Sums and products of bytes are exact, everything after is in f64. For 32x32 colour images this takes some ten
    /// seconds on two cores; [`fit_cached`](Self::fit_cached) keeps the result.
    ///
    /// # Errors
    ///
    /// When the images are floats, fewer than two or larger than 64x64 in colour, when a channel is constant, or the
    /// parameter is not above 0.
    pub fn fit(train: &LabelledImages, variant: ZcaVariant) -> Result<Self, WhiteningError> {
        check(train, variant)?;
        let size = train.shape().len();
        let Moments {
            images,
            sums,
            mut products,
        } = Moments::of(train.bytes()?, size);
        let n = images as f64;
        let (offset, scale, divisor) = match variant {
            ZcaVariant::Kornia { .. } => {
                // The moments are of bytes less SHIFT, which keeps them exact; it is put back here.
                let mean = sums.iter().map(|sum| sum / n + SHIFT).collect();
                (mean, vec![1.0 / 255.0; size], n - 1.0)
            }
            ZcaVariant::Relative { .. } => {
                let (mean, std) = channel_statistics(train.shape(), images, &sums, &products)?;
                (mean, std.iter().map(|std| 1.0 / std).collect::<Vec<_>>(), n)
            }
        };
        // Sum of (x_i - o_i)(x_j - o_j) from the sums of shifted bytes.
        // Expanded rather than computed from centred images: the sums are exact integers, and one pass over the bytes
        // serves both variants.
        let shifted: Vec<f64> = offset.iter().map(|offset: &f64| offset - SHIFT).collect();
        for j in 0..size {
            for i in j..size {
                let product = products[j * size + i] - shifted[i] * sums[j] - shifted[j] * sums[i]
                    + n * shifted[i] * shifted[j];
                products[j * size + i] = product * scale[i] * scale[j] / divisor;
            }
        }
        let added = match variant {
            ZcaVariant::Kornia { eps } => eps,
            ZcaVariant::Relative { strength } => {
                strength * (0..size).map(|i| products[i * size + i]).sum::<f64>() / size as f64
            }
        };
        let matrix = inverse_root(
            MatRef::from_column_major_slice(&products, size, size),
            added,
        )?;
        Ok(Self {
            shape: train.shape(),
            variant,
            offset,
            scale,
            matrix,
        })
    }

    /// Whitens images of the fitted shape: bytes to floats, labels kept.
    ///
    /// # Errors
    ///
    /// When the images are floats or of another shape.
    pub fn apply(&self, images: &LabelledImages) -> Result<LabelledImages, WhiteningError> {
        if images.shape() != self.shape {
            return Err(WhiteningError::Shape {
                found: images.shape(),
                fitted: self.shape,
            });
        }
        let bytes = images.bytes()?;
        let size = self.shape.len();
        let matrix = MatRef::from_column_major_slice(&self.matrix, size, size);
        let mut floats = vec![0.0_f32; bytes.len()];
        // Block by block: all images as f64 or f32 would double the memory of the set.
        let mut block = vec![0.0_f32; size * APPLY_BLOCK.min(images.len())];
        for (to, from) in floats
            .chunks_mut(APPLY_BLOCK * size)
            .zip(bytes.chunks(APPLY_BLOCK * size))
        {
            let block = &mut block[..from.len()];
            block
                .par_chunks_mut(size)
                .zip(from.par_chunks(size))
                .for_each(|(to, from)| {
                    for (index, (to, &byte)) in to.iter_mut().zip(from).enumerate() {
                        // In f64, then rounded once: offsets near a byte would lose digits in f32.
                        *to = ((f64::from(byte) - self.offset[index]) * self.scale[index]) as f32;
                    }
                });
            // Columns are images; the matrix is symmetric, so W x is (x^T W)^T.
            let count = from.len() / size;
            let to = MatMut::from_column_major_slice_mut(to, size, count);
            let block = MatRef::from_column_major_slice(&*block, size, count);
            matmul(to, Accum::Replace, matrix, block, 1.0, Par::rayon(0));
        }
        Ok(images.with_floats(floats))
    }

    /// Shape of the images it was fitted on.
    #[must_use]
    pub fn shape(&self) -> ImageShape {
        self.shape
    }

    /// Which whitening it is.
    #[must_use]
    pub fn variant(&self) -> ZcaVariant {
        self.variant
    }

    /// What is taken off each of the D values of an image, in bytes (0 to 255).
    #[must_use]
    pub fn offset(&self) -> &[f64] {
        &self.offset
    }

    /// What each of the D values is multiplied by after that.
    #[must_use]
    pub fn scale(&self) -> &[f64] {
        &self.scale
    }

    /// The symmetric D x D matrix.
    #[must_use]
    pub fn matrix(&self) -> &[f32] {
        &self.matrix
    }
}

pub(super) fn check(train: &LabelledImages, variant: ZcaVariant) -> Result<(), WhiteningError> {
    variant.check()?;
    if train.shape().len() > MAX_SIZE {
        return Err(WhiteningError::TooLarge(train.shape()));
    }
    if train.len() < 2 {
        return Err(WhiteningError::TooFewImages(train.len()));
    }
    train.bytes()?;
    Ok(())
}

/// Mean and standard deviation (N - 1) of the bytes of each channel, repeated for each of its values.
fn channel_statistics(
    shape: ImageShape,
    images: usize,
    sums: &[f64],
    products: &[f64],
) -> Result<(Vec<f64>, Vec<f64>), WhiteningError> {
    let plane = shape.height * shape.width;
    let count = (images * plane) as f64;
    let (mut mean, mut std) = (Vec::new(), Vec::new());
    for channel in 0..shape.channels {
        let values = channel * plane..(channel + 1) * plane;
        let sum: f64 = sums[values.clone()].iter().sum();
        let squares: f64 = values.map(|i| products[i * sums.len() + i]).sum();
        let variance = (squares - sum * sum / count) / (count - 1.0);
        if variance <= 0.0 {
            return Err(WhiteningError::ConstantChannel(channel));
        }
        mean.extend(std::iter::repeat_n(sum / count + SHIFT, plane));
        std.extend(std::iter::repeat_n(variance.sqrt(), plane));
    }
    Ok((mean, std))
}

/// (C + added I)^(-1/2) of a symmetric C given by its lower triangle; eigenvalues that rounding made negative count as 0.
fn inverse_root(covariance: MatRef<'_, f64>, added: f64) -> Result<Vec<f32>, WhiteningError> {
    let size = covariance.nrows();
    let eigen = covariance
        .self_adjoint_eigen(Side::Lower)
        .map_err(|_| WhiteningError::NoConvergence)?;
    let mut vectors = eigen.U().to_owned();
    // U diag(f) U^T = V V^T with V = U diag(sqrt f).
    for (index, column) in vectors.as_mut().col_iter_mut().enumerate() {
        // The fourth root of the inverse on either side gives the square root in the product, which comes out
        // symmetric.
        let factor = (eigen.S()[index].max(0.0) + added).powf(-0.25);
        column.iter_mut().for_each(|value| *value *= factor);
    }
    let mut product = Mat::<f64>::zeros(size, size);
    triangular::matmul(
        product.as_mut(),
        BlockStructure::TriangularLower,
        Accum::Replace,
        vectors.as_ref(),
        BlockStructure::Rectangular,
        vectors.transpose(),
        BlockStructure::Rectangular,
        1.0,
        Par::rayon(0),
    );
    let mut matrix = vec![0.0; size * size];
    matrix
        .par_chunks_mut(size)
        .enumerate()
        .for_each(|(j, row)| {
            for (i, value) in row.iter_mut().enumerate() {
                // Only the lower triangle was computed; mirroring it makes the matrix symmetric to the last bit.
                *value = product[(i.max(j), i.min(j))] as f32;
            }
        });
    Ok(matrix)
}
