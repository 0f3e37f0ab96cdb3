//! Sixteen channel planes to pixels of sixteen numbers, and back.
//!
//! Sixteen pixels at a time are a 16 x 16 transposition in registers: every load and store is a whole vector, where a
//! walk along the channels of a pixel would touch a cache line for each number.

use crate::flex::simd::{LANES, Simd};

/// Calls `put(p, v)` for every pixel `p < pixels`: `v` holds pixel `from + p` of the up to sixteen `planes` (each
/// `plane` numbers, one after the other), 0 for planes that are not there.
#[inline(always)]
pub(super) fn gather<S: Simd>(
    simd: S,
    planes: &[f32],
    plane: usize,
    (from, pixels): (usize, usize),
    mut put: impl FnMut(usize, S::V),
) {
    let present = (planes.len() / plane).min(LANES);
    let mut p = 0;
    while p + LANES <= pixels {
        // Planes that are not there are zeros in every pixel: lanes of zeros cost nothing and add nothing.
        let mut rows = [simd.splat(0.0); LANES];
        for (i, row) in rows.iter_mut().enumerate().take(present) {
            *row = simd.load(&planes[i * plane + from + p..]);
        }
        for (i, v) in simd.transpose(rows).into_iter().enumerate() {
            put(p + i, v);
        }
        p += LANES;
    }
    // A vector would read beyond the last plane.
    while p < pixels {
        let mut lanes = [0.0; LANES];
        for (i, lane) in lanes.iter_mut().enumerate().take(present) {
            *lane = planes[i * plane + from + p];
        }
        put(p, simd.load(&lanes));
        p += 1;
    }
}

/// The inverse: `get(p)` gives the up to sixteen numbers of pixel `p`, which go to pixel `from + p` of `planes`.
#[inline(always)]
pub(super) fn scatter<S: Simd>(
    simd: S,
    planes: &mut [f32],
    plane: usize,
    (from, pixels): (usize, usize),
    mut get: impl FnMut(usize) -> S::V,
) {
    let present = (planes.len() / plane).min(LANES);
    let mut p = 0;
    while p + LANES <= pixels {
        let mut rows = [simd.splat(0.0); LANES];
        for (i, row) in rows.iter_mut().enumerate() {
            *row = get(p + i);
        }
        for (i, v) in simd.transpose(rows).into_iter().enumerate().take(present) {
            simd.store(&mut planes[i * plane + from + p..], v);
        }
        p += LANES;
    }
    while p < pixels {
        let mut lanes = [0.0; LANES];
        simd.store(&mut lanes, get(p));
        for (i, &lane) in lanes.iter().enumerate().take(present) {
            planes[i * plane + from + p] = lane;
        }
        p += 1;
    }
}
