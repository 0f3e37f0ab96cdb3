//! The gradients of the convolution's parameters.

use super::factors::{input_factors, result_factors};
use super::filter;
use super::tiles::{Tiles, padded};
use super::transform::PRODUCTS;
use crate::flex::images::Images;
use crate::flex::scratch;
use crate::flex::simd::{Kernel, LANES, Level, Matrix, PANEL, Panels, Simd, dispatch, gemm};
use rayon::prelude::*;

/// Strips of a round of the weight gradient; each is transformed by one thread. More would occupy more threads in the
/// first half of a round, and more memory: a strip's factors of 128 channels are 2.6 MB.
const ROUND: usize = 4;

/// The gradients with respect to weight and bias.
///
/// Rounds of [`ROUND`] strips: the strips are transformed side by side, then the 36 products are accumulated side by
/// side, each over the strips in order. So no sum depends on the number of threads, nor on [`ROUND`]: what a round adds
/// to goes on from where the last one stopped.
pub(in crate::flex::conv) fn weight_gradient(
    level: Level,
    images: Images,
    out: usize,
    x: &[f32],
    dy: &[f32],
) -> (Vec<f32>, Vec<f32>) {
    let tiles = Tiles::new(images);
    let channels = images.channels;
    let all = images.batch * tiles.rows;
    let strips = all.div_ceil(tiles.strip);
    let round = ROUND.min(strips);
    let (x_row, y_row, width) = (padded(channels), padded(out), out.next_multiple_of(LANES));
    let strip = tiles.strip * tiles.columns;
    let (x_strip, y_strip) = (PRODUCTS * strip * x_row, PRODUCTS * strip * y_row);
    let pixels = tiles.pixels();
    let mut biases = vec![0.0; strips * width];

    let sizes = [
        round * x_strip,
        round * y_strip,
        PRODUCTS * channels * width,
    ];
    let weight = scratch::with(sizes, |[x_factors, y_factors, weight]| {
        // Products are added to what is there, which at first is another layer's.
        weight.fill(0.0);
        for (at, biases) in biases.chunks_mut(round * width).enumerate() {
            let first = at * round;
            let tasks = x_factors
                .par_chunks_mut(x_strip)
                .zip(y_factors.par_chunks_mut(y_strip));
            tasks
                .zip(biases.par_chunks_mut(width))
                .enumerate()
                .for_each(|(at, ((x_factors, y_factors), bias))| {
                    let from = (first + at) * tiles.strip;
                    let to = all.min(from + tiles.strip);
                    scratch::with([pixels], |[pixels]| {
                        dispatch(
                            level,
                            Factors {
                                tiles,
                                from,
                                to,
                                out,
                                x,
                                dy,
                                x_factors,
                                y_factors,
                                pixels,
                                bias,
                            },
                        );
                    });
                });
            let in_round = biases.len() / width;
            // 36 tasks whatever the sizes are. Divided by strips instead, each would need a weight of its own, to be
            // added up.
            weight
                .par_chunks_mut(channels * width)
                .enumerate()
                .for_each(|(product, weight)| {
                    for at in 0..in_round {
                        let from = (first + at) * tiles.strip;
                        let count = (all.min(from + tiles.strip) - from) * tiles.columns;
                        let x =
                            &x_factors[at * x_strip + product * count * x_row..][..count * x_row];
                        let y =
                            &y_factors[at * y_strip + product * count * y_row..][..count * y_row];
                        dispatch(
                            level,
                            Accumulate {
                                count,
                                channels,
                                width,
                                x,
                                x_row,
                                y,
                                y_row,
                                weight,
                            },
                        );
                    }
                });
        }
        filter::gradient(level, weight, channels, out, width)
    });
    // Strips in order.
    let bias = (0..out)
        .map(|k| biases.iter().skip(k).step_by(width).sum())
        .collect();
    (weight, bias)
}

/// Transforms a strip of inputs and of gradients.
struct Factors<'a> {
    tiles: Tiles,
    from: usize,
    to: usize,
    out: usize,
    x: &'a [f32],
    dy: &'a [f32],
    x_factors: &'a mut [f32],
    y_factors: &'a mut [f32],
    pixels: &'a mut [f32],
    bias: &'a mut [f32],
}

impl Kernel for Factors<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let channels = self.tiles.images.channels;
        for part in self.tiles.parts(self.from, self.to) {
            input_factors(simd, part, self.x, channels, self.x_factors, self.pixels);
            result_factors(
                simd,
                part,
                self.dy,
                self.out,
                self.y_factors,
                self.pixels,
                self.bias,
            );
        }
    }
}

/// Adds one strip's share of one product's weight gradient.
struct Accumulate<'a> {
    count: usize,
    channels: usize,
    width: usize,
    x: &'a [f32],
    x_row: usize,
    y: &'a [f32],
    y_row: usize,
    weight: &'a mut [f32],
}

impl Kernel for Accumulate<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        gemm(
            simd,
            (self.channels, self.width, self.count),
            // Tiles are what is summed over: the factors `[tile][channel]` are read as `[channel][tile]`, which costs
            // nothing, for the micro-kernel reads single numbers on this side.
            Matrix {
                data: self.x,
                row: 1,
                column: self.x_row,
            },
            Panels {
                data: self.y,
                panel: PANEL,
                row: self.y_row,
            },
            (self.weight, self.width),
            true,
        );
    }
}
