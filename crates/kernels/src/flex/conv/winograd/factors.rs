//! Images to Winograd's factors and products to results.
//!
//! Between planes and factors stands a copy of sixteen channels of a part of an image, `pixels`
//! `[row][column][channel]`: neighbouring tiles overlap by two pixels, and so each pixel is turned to a vector of
//! channels once, not up to four times.

use super::tiles::{Part, padded};
use super::transform::{self, SPAN, TILE};
use crate::flex::conv::pixels::{gather, scatter};
use crate::flex::simd::{LANES, Simd};

/// Transforms the tiles of a part of an image of `channels` channels to factors.
#[inline(always)]
pub(super) fn input_factors<S: Simd>(
    simd: S,
    part: Part,
    x: &[f32],
    channels: usize,
    factors: &mut [f32],
    pixels: &mut [f32],
) {
    let row = padded(channels);
    let Part {
        height,
        width,
        count,
        ..
    } = part;
    let plane = height * width;
    // The tiles' pixels with a border of one.
    let columns = part.columns * TILE + 2;
    let pixels = &mut pixels[..(part.rows * TILE + 2) * columns * LANES];
    let top = part.first * TILE;
    let first = top.saturating_sub(1);
    let last = height.min(top + part.rows * TILE + 1);
    // Once for all channels: every sixteen write the same pixels, and the border and what tiles have beyond the image
    // stay zero. Channels that are missing from the last sixteen are zero too (see `gather`).
    pixels.fill(0.0);
    for block in (0..channels).step_by(LANES) {
        let planes =
            &x[(part.image * channels + block) * plane..][..LANES.min(channels - block) * plane];
        // Row 0 is the row above the part, which for the image's first part is border. Row and column are counted: a
        // division for every pixel would cost more than the copy.
        let (mut r, mut c) = (first + 1 - top, 0);
        gather(
            simd,
            planes,
            plane,
            (first * width, (last - first) * width),
            |_, v| {
                simd.store(&mut pixels[(r * columns + c + 1) * LANES..], v);
                c += 1;
                if c == width {
                    (r, c) = (r + 1, 0);
                }
            },
        );
        for tile in 0..part.rows * part.columns {
            let corner = (tile / part.columns * columns + tile % part.columns) * TILE;
            // The 36 factors go to 36 places: each product is a matrix `[tile][channel]` of its own.
            transform::input(
                simd,
                |i, j| simd.load(&pixels[(corner + i * columns + j) * LANES..]),
                |product, v| {
                    simd.store(
                        &mut factors[(product * count + part.tile + tile) * row + block..],
                        v,
                    );
                },
            );
        }
    }
}

/// Transforms the products of a part of an image to results and adds the bias.
#[inline(always)]
pub(super) fn results<S: Simd>(
    simd: S,
    part: Part,
    products: &[f32],
    pixels: &mut [f32],
    bias: &[f32],
    y: &mut [f32],
    targets: usize,
) {
    let row = padded(targets);
    let Part {
        height,
        width,
        count,
        ..
    } = part;
    let plane = height * width;
    let columns = part.columns * TILE;
    let top = part.first * TILE;
    let last = height.min(top + part.rows * TILE);
    for block in (0..targets).step_by(LANES) {
        let present = LANES.min(targets - block);
        // Added to results, not to products: a bias has no simple place among the latter.
        let mut shift = [0.0; LANES];
        shift[..present].copy_from_slice(&bias[block..][..present]);
        let shift = simd.load(&shift);
        for tile in 0..part.rows * part.columns {
            let corner = (tile / part.columns * columns + tile % part.columns) * TILE;
            transform::output(
                simd,
                |i, j| {
                    simd.load(
                        &products[((SPAN * i + j) * count + part.tile + tile) * row + block..],
                    )
                },
                |at, v| {
                    let at = corner + at / TILE * columns + at % TILE;
                    simd.store(&mut pixels[at * LANES..], simd.add(v, shift));
                },
            );
        }
        // What tiles have beyond the image is not read again.
        let planes = &mut y[(part.image * targets + block) * plane..][..present * plane];
        let (mut r, mut c) = (0, 0);
        scatter(
            simd,
            planes,
            plane,
            (top * width, (last - top) * width),
            |_| {
                let v = simd.load(&pixels[(r * columns + c) * LANES..]);
                c += 1;
                if c == width {
                    (r, c) = (r + 1, 0);
                }
                v
            },
        );
    }
}

/// Transforms the gradients of a part's results to those of the products and adds them to `bias`.
///
/// The bias is added up here, lane by lane and pixel by pixel, because the gradients pass through registers anyway.
#[inline(always)]
pub(super) fn result_factors<S: Simd>(
    simd: S,
    part: Part,
    dy: &[f32],
    out: usize,
    factors: &mut [f32],
    pixels: &mut [f32],
    bias: &mut [f32],
) {
    let row = padded(out);
    let Part {
        height,
        width,
        count,
        ..
    } = part;
    let plane = height * width;
    let columns = part.columns * TILE;
    // Tiles of results do not overlap: no border.
    let pixels = &mut pixels[..part.rows * TILE * columns * LANES];
    let top = part.first * TILE;
    let last = height.min(top + part.rows * TILE);
    // Results beyond the image are thrown away forward, so they have no gradient.
    pixels.fill(0.0);
    for block in (0..out).step_by(LANES) {
        let planes = &dy[(part.image * out + block) * plane..][..LANES.min(out - block) * plane];
        let (mut r, mut c) = (0, 0);
        let mut sum = simd.load(&bias[block..]);
        gather(
            simd,
            planes,
            plane,
            (top * width, (last - top) * width),
            |_, v| {
                simd.store(&mut pixels[(r * columns + c) * LANES..], v);
                sum = simd.add(sum, v);
                c += 1;
                if c == width {
                    (r, c) = (r + 1, 0);
                }
            },
        );
        simd.store(&mut bias[block..], sum);
        for tile in 0..part.rows * part.columns {
            let corner = (tile / part.columns * columns + tile % part.columns) * TILE;
            transform::result(
                simd,
                |i, j| simd.load(&pixels[(corner + i * columns + j) * LANES..]),
                |product, v| {
                    simd.store(
                        &mut factors[(product * count + part.tile + tile) * row + block..],
                        v,
                    );
                },
            );
        }
    }
}
