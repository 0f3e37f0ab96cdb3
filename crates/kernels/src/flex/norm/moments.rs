//! Mean and squared differences of one channel plane.

use crate::flex::simd::{LANES, Simd};

/// Mean of a plane and its sum of squared differences from that mean.
///
/// Two passes: the plane is in the first-level cache for the second, and the squares of a plane that is far from zero
/// do not cancel.
#[inline(always)]
pub(crate) fn moments<S: Simd>(simd: S, x: &[f32]) -> (f32, f32) {
    let mean = sum(simd, x, |_, v| v, |x| x) / x.len() as f32;
    let center = simd.splat(mean);
    let squares = sum(
        simd,
        x,
        |simd, v| {
            let difference = simd.sub(v, center);
            simd.mul(difference, difference)
        },
        |x| (x - mean) * (x - mean),
    );
    (mean, squares)
}

/// Sums `f(x)`, with `f` once for vectors and once for the numbers that are left over.
#[inline(always)]
fn sum<S: Simd>(
    simd: S,
    x: &[f32],
    vector: impl Fn(S, S::V) -> S::V,
    scalar: impl Fn(f32) -> f32,
) -> f32 {
    // Four sums side by side: one alone would wait three or four cycles for each addition.
    let mut sums = [simd.splat(0.0); 4];
    let mut blocks = x.chunks_exact(4 * LANES);
    for block in &mut blocks {
        for (i, sum) in sums.iter_mut().enumerate() {
            *sum = simd.add(*sum, vector(simd, simd.load(&block[i * LANES..])));
        }
    }
    let mut vectors = blocks.remainder().chunks_exact(LANES);
    for block in &mut vectors {
        sums[0] = simd.add(sums[0], vector(simd, simd.load(block)));
    }
    let total = simd.sum(simd.add(simd.add(sums[0], sums[1]), simd.add(sums[2], sums[3])));
    total + vectors.remainder().iter().map(|&x| scalar(x)).sum::<f32>()
}
