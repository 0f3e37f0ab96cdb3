//! The gradients of weight and bias.

use super::convolution::Convolution;
use crate::flex::conv::pixels::gather;
use crate::flex::scratch;
use crate::flex::simd::{Kernel, LANES, Level, Matrix, PANEL, Panels, Simd, dispatch, gemm};
use rayon::prelude::*;
use std::ops::Range;

/// Taps of a share of the weight gradient: 16 channels of a 3 x 3 kernel. Their patches of 256 pixels are 147 KB, which
/// stay in the second-level cache while the product runs over them.
const TAPS: usize = 144;

/// Shares of the weight gradient that are worked on apart, at least, if there are as many. No number of threads: the
/// shares of images are partial sums, whose number decides about the last bits.
const SHARES: usize = 8;

/// The gradients with respect to weight `[out, channels, kernel, kernel]` and bias `[out]`.
///
/// The taps are shared out, and if they are few the images too; each share adds up its pixels in order.
pub(crate) fn weight_gradient(
    level: Level,
    sizes: Convolution,
    x: &[f32],
    dy: &[f32],
) -> (Vec<f32>, Vec<f32>) {
    let (from, to) = (sizes.images, sizes.results());
    let (taps, places) = (sizes.taps(), sizes.places());
    if from.len() == 0 || to.len() == 0 {
        return (vec![0.0; sizes.out * taps], vec![0.0; sizes.out]);
    }
    let channels = (TAPS / places).clamp(1, from.channels.min(LANES));
    let blocks = from.channels.div_ceil(channels);
    let groups = SHARES.div_ceil(blocks).min(from.batch);
    let group = from.batch.div_ceil(groups);
    let groups = from.batch.div_ceil(group);
    let (width, block) = (to.channels.next_multiple_of(LANES), channels * places);
    let (x_image, y_image) = (from.channels * from.plane(), to.channels * to.plane());
    let mut sums = vec![0.0; groups * blocks * block * width];
    // Every share of taps reads all gradients as `[pixel][out]`: they are turned once, before.
    scratch::with([from.batch * to.plane() * width], |[turned]| {
        let images = turned.par_chunks_mut(to.plane() * width);
        images.zip(dy.par_chunks(y_image)).for_each(|(turned, dy)| {
            let plane = to.plane();
            dispatch(
                level,
                Turn {
                    dy,
                    plane,
                    width,
                    turned,
                },
            );
        });
        let turned = &*turned;
        let shares = sums.par_chunks_mut(block * width).enumerate();
        shares.for_each(|(share, sums)| {
            let first = share / blocks * group;
            let last = from.batch.min(first + group);
            let channel = share % blocks * channels;
            let together = sizes.together().min(last - first);
            let panel = together * to.plane();
            // One panel for all pixels of a product: here patches are the left-hand matrix, read along the pixels.
            scratch::with([block * panel], |[patches]| {
                for first in (first..last).step_by(together) {
                    let images = together.min(last - first);
                    dispatch(
                        level,
                        Accumulate {
                            sizes,
                            channels: channel..from.channels.min(channel + channels),
                            images,
                            x: &x[first * x_image..],
                            turned: &turned[first * to.plane() * width..],
                            width,
                            panel,
                            patches,
                            sums,
                        },
                    );
                }
            });
        });
    });
    // Groups of images in order.
    let mut parts = sums.chunks_exact(blocks * block * width);
    let mut total = parts.next().map(<[f32]>::to_vec).unwrap_or_default();
    for part in parts {
        for (total, sum) in total.iter_mut().zip(part) {
            *total += sum;
        }
    }
    // The sums are `[tap][out]`, because the micro-kernel's vectors lie along `out`; weights are `[out][tap]`.
    let mut weight = vec![0.0; sizes.out * taps];
    let lines = weight.par_chunks_mut(LANES * taps).enumerate();
    lines.for_each(|(at, weight)| {
        for (tap, sums) in total.chunks_exact(width).take(taps).enumerate() {
            let sums = &sums[at * LANES..];
            for (weight, sum) in weight[tap..].iter_mut().step_by(taps).zip(sums) {
                *weight = *sum;
            }
        }
    });
    // Thousands of numbers in one line: in single precision the last would hardly count.
    let bias = (0..sizes.out).into_par_iter().map(|k| {
        let planes = dy.chunks_exact(y_image);
        let planes = planes.map(|dy| &dy[k * to.plane()..][..to.plane()]);
        planes.flatten().copied().map(f64::from).sum::<f64>() as f32
    });
    (weight, bias.collect())
}

/// One image's gradient as `[pixel][out]`.
struct Turn<'a> {
    dy: &'a [f32],
    plane: usize,
    width: usize,
    turned: &'a mut [f32],
}

impl Kernel for Turn<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let Self {
            dy,
            plane,
            width,
            turned,
        } = self;
        for (block, planes) in dy.chunks(LANES * plane).enumerate() {
            gather(simd, planes, plane, (0, plane), |p, v| {
                simd.store(&mut turned[p * width + block * LANES..], v);
            });
        }
    }
}

/// Adds some images' share of the gradient of some channels' weights: `sums` is `[tap][out]`.
struct Accumulate<'a> {
    sizes: Convolution,
    channels: Range<usize>,
    images: usize,
    x: &'a [f32],
    turned: &'a [f32],
    width: usize,
    panel: usize,
    patches: &'a mut [f32],
    sums: &'a mut [f32],
}

impl Kernel for Accumulate<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let (sizes, width, panel) = (self.sizes, self.width, self.panel);
        let taps = self.channels.len() * sizes.places();
        sizes.lay_out(self.channels, self.images, self.x, panel, self.patches);
        gemm(
            simd,
            (taps, width, self.images * sizes.results().plane()),
            Matrix {
                data: self.patches,
                row: panel,
                column: 1,
            },
            Panels {
                data: self.turned,
                panel: PANEL,
                row: width,
            },
            (self.sums, width),
            true,
        );
    }
}
