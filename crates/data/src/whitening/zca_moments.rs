//! Sums and products of pixel bytes, exact.

use faer::linalg::matmul::triangular::{self, BlockStructure};
use faer::{Accum, MatMut, MatRef, Par};
use rayon::prelude::*;

/// Taken off every byte before multiplying, to keep the products small.
pub(super) const SHIFT: f64 = 128.0;

/// Images multiplied at a time. A product of two shifted bytes is at most 2^14 in size, so sums over 2^10 images stay within
/// 2^24, where every integer is an f32: the fast f32 product has no rounding at all, in any order of summation.
const BLOCK: usize = 1 << 10;

/// First and second moments of shifted bytes b - 128 over all images: exact integers, kept in f64.
pub(super) struct Moments {
    pub(super) images: usize,
    /// Sum of each of the D values of an image.
    pub(super) sums: Vec<f64>,
    /// D x D sums of products, column after column; only the lower triangle (row >= column) is filled.
    pub(super) products: Vec<f64>,
}

impl Moments {
    /// Of images of `size` bytes each.
    pub(super) fn of(bytes: &[u8], size: usize) -> Self {
        let mut sums = vec![0.0; size];
        let mut products = vec![0.0; size * size];
        let mut of_block = vec![0.0_f32; size * size];
        let mut block = Vec::with_capacity(bytes.len().min(BLOCK * size));
        for images in bytes.chunks(BLOCK * size) {
            block.clear();
            block.extend(images.iter().map(|&byte| f32::from(byte) - SHIFT as f32));
            // Sums of integers below 2^53 are exact in f64, whatever the order.
            for image in block.chunks_exact(size) {
                for (sum, &value) in sums.iter_mut().zip(image) {
                    *sum += f64::from(value);
                }
            }
            // Column j of this view is image j.
            let columns = MatRef::from_column_major_slice(&block, size, images.len() / size);
            triangular::matmul(
                MatMut::from_column_major_slice_mut(&mut of_block, size, size),
                BlockStructure::TriangularLower,
                Accum::Replace,
                columns,
                BlockStructure::Rectangular,
                columns.transpose(),
                BlockStructure::Rectangular,
                1.0,
                Par::rayon(0),
            );
            products
                .par_chunks_mut(size)
                .zip(of_block.par_chunks(size))
                .enumerate()
                .for_each(|(column, (to, from))| {
                    for (to, &from) in to[column..].iter_mut().zip(&from[column..]) {
                        *to += f64::from(from);
                    }
                });
        }
        Self {
            images: bytes.len() / size,
            sums,
            products,
        }
    }
}
