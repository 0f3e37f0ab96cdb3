//! Convolution of few channels as a product with the matrix of all 3 x 3 patches.
//!
//! The patches of an image lie in panels of 32 pixels: `[panel][tap][pixel]`, a tap being a channel and a place in the
//! kernel. One more tap is always 1: the bias is its weight, and its gradient falls out of the product that gives that
//! of the weight.

use super::pixels::gather;
use crate::flex::images::Images;
use crate::flex::scratch;
use crate::flex::simd::{Kernel, LANES, Level, Matrix, PANEL, Panels, Simd, dispatch, gemm};
use rayon::prelude::*;

/// Groups of images whose weight gradients are summed apart, at most: enough for many threads, and a constant, because
/// where the sums are cut decides about their last bits.
const GROUPS: usize = 32;

/// Taps of so many channels, with that of the bias.
fn taps(channels: usize) -> usize {
    channels * 9 + 1
}

/// Room for an image with a border of one, and for its patches.
fn sizes(images: Images) -> [usize; 2] {
    let bordered = images.channels * (images.height + 2) * (images.width + 2);
    [
        bordered,
        images.plane().div_ceil(PANEL) * taps(images.channels) * PANEL,
    ]
}

/// Lays out the patches of `image`. `bordered` is working memory.
fn lay_out(images: Images, image: &[f32], bordered: &mut [f32], patches: &mut [f32]) {
    let Images { height, width, .. } = images;
    let row = width + 2;
    let taps = taps(images.channels);
    // With a border of zeros every tap of a row is one run of numbers, and none asks where the image ends.
    bordered.fill(0.0);
    let places = bordered.chunks_exact_mut((height + 2) * row);
    for (plane, bordered) in image.chunks_exact(height * width).zip(places) {
        for (r, line) in plane.chunks_exact(width).enumerate() {
            bordered[(r + 1) * row + 1..][..width].copy_from_slice(line);
        }
    }
    for (channel, plane) in bordered.chunks_exact((height + 2) * row).enumerate() {
        for place in 0..9 {
            let tap = channel * 9 + place;
            for r in 0..height {
                let line = &plane[(r + place / 3) * row + place % 3..][..width];
                let mut done = 0;
                // A line of pixels may go on in the next panel.
                while done < width {
                    let pixel = r * width + done;
                    let length = (width - done).min(PANEL - pixel % PANEL);
                    let at = (pixel / PANEL * taps + tap) * PANEL + pixel % PANEL;
                    patches[at..at + length].copy_from_slice(&line[done..done + length]);
                    done += length;
                }
            }
        }
    }
    for panel in patches.chunks_exact_mut(taps * PANEL) {
        panel[(taps - 1) * PANEL..].fill(1.0);
    }
    // Pixels past the last are computed with and thrown away. Zeros, because arithmetic is slow on some of what may lie
    // in memory (subnormal numbers).
    let left = images.plane() % PANEL;
    if left > 0 {
        let last = patches.len() - taps * PANEL;
        for tap in patches[last..].chunks_exact_mut(PANEL) {
            tap[left..].fill(0.0);
        }
    }
}

/// Writes the convolution of `x` plus `bias` to `y`.
pub(super) fn forward(
    level: Level,
    images: Images,
    out: usize,
    x: &[f32],
    weight: &[f32],
    bias: &[f32],
    y: &mut [f32],
) {
    let (taps, plane) = (taps(images.channels), images.plane());
    // The bias as a column of the weight, for the tap that is always 1.
    let rows = weight.chunks_exact(taps - 1).zip(bias);
    let weight: Vec<f32> = rows
        .flat_map(|(row, &bias)| row.iter().copied().chain([bias]))
        .collect();
    // The product is `[out][pixel]`, a result as it must be. Those that are not whole vectors go through a copy.
    let padded = plane.next_multiple_of(LANES);
    let copy = if padded == plane { 0 } else { out * padded };
    let tasks = y
        .par_chunks_mut(out * plane)
        .zip(x.par_chunks(images.channels * plane));
    tasks.for_each(|(y, x)| {
        let [bordered, patches] = sizes(images);
        scratch::with([bordered, patches, copy], |[bordered, patches, copy]| {
            lay_out(images, x, bordered, patches);
            let to = if copy.is_empty() { &mut *y } else { &mut *copy };
            dispatch(
                level,
                Product {
                    size: (out, padded, taps),
                    a: Matrix {
                        data: &weight,
                        row: taps,
                        column: 1,
                    },
                    b: Panels {
                        data: patches,
                        panel: taps * PANEL,
                        row: PANEL,
                    },
                    c: to,
                    accumulate: false,
                },
            );
            if !copy.is_empty() {
                for (y, copy) in y.chunks_exact_mut(plane).zip(copy.chunks_exact(padded)) {
                    y.copy_from_slice(&copy[..plane]);
                }
            }
        });
    });
}

/// The gradients with respect to weight and bias.
pub(super) fn weight_gradient(
    level: Level,
    images: Images,
    out: usize,
    x: &[f32],
    dy: &[f32],
) -> (Vec<f32>, Vec<f32>) {
    let (taps, plane) = (taps(images.channels), images.plane());
    let width = out.next_multiple_of(LANES);
    let group = images.batch.div_ceil(GROUPS);
    let mut sums = vec![0.0; images.batch.div_ceil(group) * taps * width];
    let tasks = sums
        .par_chunks_mut(taps * width)
        .zip(x.par_chunks(group * images.channels * plane));
    tasks
        .zip(dy.par_chunks(group * out * plane))
        .for_each(|((sums, x), dy)| {
            let [bordered, patches] = sizes(images);
            scratch::with(
                [bordered, patches, PANEL * width],
                |[bordered, patches, turned]| {
                    for (x, dy) in x
                        .chunks_exact(images.channels * plane)
                        .zip(dy.chunks_exact(out * plane))
                    {
                        lay_out(images, x, bordered, patches);
                        dispatch(
                            level,
                            Accumulate {
                                plane,
                                taps,
                                width,
                                patches,
                                dy,
                                turned,
                                sums,
                            },
                        );
                    }
                },
            );
        });
    // Groups in order.
    let mut groups = sums.chunks_exact(taps * width);
    let mut total = groups.next().map(<[f32]>::to_vec).unwrap_or_default();
    for group in groups {
        for (total, sum) in total.iter_mut().zip(group) {
            *total += sum;
        }
    }
    let at = |k: usize, tap: usize| total[tap * width + k];
    let weight = (0..out)
        .flat_map(|k| (0..taps - 1).map(move |tap| (k, tap)))
        .map(|(k, tap)| at(k, tap))
        .collect();
    (weight, (0..out).map(|k| at(k, taps - 1)).collect())
}

/// One matrix product.
struct Product<'a> {
    size: (usize, usize, usize),
    a: Matrix<'a>,
    b: Panels<'a>,
    c: &'a mut [f32],
    accumulate: bool,
}

impl Kernel for Product<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let row = self.size.1;
        gemm(
            simd,
            self.size,
            self.a,
            self.b,
            (self.c, row),
            self.accumulate,
        );
    }
}

/// Adds one image's share of the gradients of weight and bias: `sums` is `[tap][out]`.
struct Accumulate<'a> {
    plane: usize,
    taps: usize,
    width: usize,
    patches: &'a [f32],
    dy: &'a [f32],
    turned: &'a mut [f32],
    sums: &'a mut [f32],
}

impl Kernel for Accumulate<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let Self {
            plane,
            taps,
            width,
            patches,
            dy,
            turned,
            sums,
        } = self;
        // Here pixels are what is summed over, 32 to a product: both sides of it stay in the first-level cache.
        for (panel, patches) in patches.chunks_exact(taps * PANEL).enumerate() {
            let from = panel * PANEL;
            let pixels = PANEL.min(plane - from);
            for (block, planes) in dy.chunks(LANES * plane).enumerate() {
                gather(simd, planes, plane, (from, pixels), |p, v| {
                    simd.store(&mut turned[p * width + block * LANES..], v);
                });
            }
            gemm(
                simd,
                (taps, width, pixels),
                Matrix {
                    data: patches,
                    row: PANEL,
                    column: 1,
                },
                Panels {
                    data: turned,
                    panel: PANEL,
                    row: width,
                },
                (sums, width),
                true,
            );
        }
    }
}
