//! The convolution.

use super::factors::{input_factors, results};
use super::filter::Filter;
use super::tiles::{Tiles, padded};
use super::transform::PRODUCTS;
use crate::flex::images::Images;
use crate::flex::scratch;
use crate::flex::simd::{Kernel, LANES, Level, Matrix, PANEL, Panels, Simd, dispatch, gemm};
use rayon::prelude::*;

/// Writes the convolution of `x` with the filters, plus `bias`, to `y` `[batch, targets, height, width]`.
pub(in crate::flex::conv) fn convolve(
    level: Level,
    images: Images,
    targets: usize,
    x: &[f32],
    filter: &Filter,
    bias: &[f32],
    y: &mut [f32],
) {
    let tiles = Tiles::new(images);
    let (task, plane) = (tiles.task(), images.plane());
    let tasks = y
        .par_chunks_mut(task * targets * plane)
        .zip(x.par_chunks(task * images.channels * plane));
    tasks.for_each(|(y, x)| {
        // The last task may have fewer images.
        let batch = x.len() / (images.channels * plane);
        let tiles = Tiles {
            images: Images { batch, ..images },
            ..tiles
        };
        // As large as the strips of this task are, not as strips may be.
        let strip = tiles.strip.min(batch * tiles.rows) * tiles.columns;
        let sizes = [
            PRODUCTS * strip * padded(images.channels),
            PRODUCTS * strip * padded(targets),
            tiles.pixels(),
        ];
        scratch::with(sizes, |[factors, products, pixels]| {
            dispatch(
                level,
                Convolve {
                    tiles,
                    targets,
                    x,
                    filter,
                    bias,
                    y,
                    factors,
                    products,
                    pixels,
                },
            );
        });
    });
}

/// Convolves some images.
struct Convolve<'a> {
    tiles: Tiles,
    targets: usize,
    x: &'a [f32],
    filter: &'a Filter,
    bias: &'a [f32],
    y: &'a mut [f32],
    factors: &'a mut [f32],
    products: &'a mut [f32],
    pixels: &'a mut [f32],
}

impl Kernel for Convolve<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let Self {
            tiles,
            targets,
            x,
            filter,
            bias,
            y,
            factors,
            products,
            pixels,
        } = self;
        let (sources, all) = (tiles.images.channels, tiles.images.batch * tiles.rows);
        let (source_row, target_row) = (padded(sources), padded(targets));
        // Strip by strip through all three steps, so that factors and products are still in the cache when they are
        // read.
        for from in (0..all).step_by(tiles.strip) {
            let to = all.min(from + tiles.strip);
            let count = (to - from) * tiles.columns;
            for part in tiles.parts(from, to) {
                input_factors(simd, part, x, sources, factors, pixels);
            }
            // The sum over the channels, which the transforms left alone, happens here: a strip's transforms are paid
            // once for all channels of the other side.
            for product in 0..PRODUCTS {
                gemm(
                    simd,
                    (count, targets.next_multiple_of(LANES), sources),
                    Matrix {
                        data: &factors[product * count * source_row..],
                        row: source_row,
                        column: 1,
                    },
                    Panels {
                        data: &filter.data[product * sources * PANEL..],
                        panel: filter.panel(),
                        row: PANEL,
                    },
                    (&mut products[product * count * target_row..], target_row),
                    false,
                );
            }
            for part in tiles.parts(from, to) {
                results(simd, part, products, pixels, bias, y, targets);
            }
        }
    }
}
