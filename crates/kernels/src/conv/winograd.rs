//! Convolution and weight gradient through Winograd's transform.
//!
//! The work comes in strips: rows of tiles, of several small images or of a part of a large one. A strip's factors and
//! products fit the cache. A strip is `[product][tile][channel]`, the last padded to whole vectors and one more, lest
//! all tiles fall on the same few cache sets.

use super::filter::{self, Filter};
use super::pixels::{gather, scatter};
use super::transform::{self, PRODUCTS, SPAN, TILE};
use crate::norm::Images;
use crate::scratch;
use crate::simd::{Kernel, LANES, Level, Matrix, Panels, Simd, dispatch, gemm};
use rayon::prelude::*;

/// Tiles that a strip should have.
const STRIP_TILES: usize = 64;

/// Strips of a round of the weight gradient; each is transformed by one thread.
const ROUND: usize = 4;

/// How the tiles of images are laid out.
#[derive(Clone, Copy)]
struct Tiles {
    images: Images,
    /// Rows of tiles in an image.
    rows: usize,
    /// Tiles in a row.
    columns: usize,
    /// Rows of tiles in a strip.
    strip: usize,
}

/// Rows of tiles of one image.
#[derive(Clone, Copy)]
struct Part {
    image: usize,
    /// First row of tiles.
    first: usize,
    /// Rows of tiles.
    rows: usize,
    /// Place of the first tile in the strip.
    tile: usize,
}

impl Tiles {
    fn new(images: Images) -> Self {
        let (rows, columns) = (images.height.div_ceil(TILE), images.width.div_ceil(TILE));
        let strip = if rows * columns >= STRIP_TILES {
            // Part of an image.
            STRIP_TILES.div_ceil(columns).min(rows)
        } else {
            // Several images.
            (STRIP_TILES / (rows * columns)).min(images.batch) * rows
        };
        Self {
            images,
            rows,
            columns,
            strip,
        }
    }

    /// Images that one task of the convolution works on: whole ones, as many as make a strip.
    fn task(&self) -> usize {
        (self.strip / self.rows).max(1)
    }

    /// The parts of a strip: rows of tiles `from .. to` counted through all images.
    fn parts(&self, from: usize, to: usize) -> impl Iterator<Item = Part> + use<> {
        let Self { rows, columns, .. } = *self;
        (from / rows..to.div_ceil(rows)).map(move |image| {
            let first = from.max(image * rows) - image * rows;
            let last = to.min((image + 1) * rows) - image * rows;
            Part {
                image,
                first,
                rows: last - first,
                tile: (image * rows + first - from) * columns,
            }
        })
    }
}

/// Length of a tile's row of numbers for so many channels.
fn padded(channels: usize) -> usize {
    channels.next_multiple_of(LANES) + LANES
}

/// Writes the convolution of `x` with the filters, plus `bias`, to `y` `[batch, targets, height, width]`.
pub(super) fn convolve(
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
        let batch = x.len() / (images.channels * plane);
        let tiles = Tiles {
            images: Images { batch, ..images },
            ..tiles
        };
        let strip = tiles.strip.min(batch * tiles.rows) * tiles.columns;
        let sizes = [
            PRODUCTS * strip * padded(images.channels),
            PRODUCTS * strip * padded(targets),
            (tiles.strip.min(tiles.rows) * TILE + 2) * (tiles.columns * TILE + 2) * LANES,
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
        for from in (0..all).step_by(tiles.strip) {
            let to = all.min(from + tiles.strip);
            let count = (to - from) * tiles.columns;
            for part in tiles.parts(from, to) {
                input_factors(
                    simd,
                    tiles,
                    part,
                    x,
                    sources,
                    factors,
                    (count, source_row),
                    pixels,
                );
            }
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
                        data: &filter.data[product * sources * 2 * LANES..],
                        panel: filter.panel(),
                        row: 2 * LANES,
                    },
                    (&mut products[product * count * target_row..], target_row),
                    false,
                );
            }
            for part in tiles.parts(from, to) {
                results(
                    simd,
                    tiles,
                    part,
                    products,
                    (count, target_row),
                    pixels,
                    bias,
                    y,
                    targets,
                );
            }
        }
    }
}

/// Transforms the tiles of a part of an image of `channels` channels to factors.
#[inline(always)]
fn input_factors<S: Simd>(
    simd: S,
    tiles: Tiles,
    part: Part,
    x: &[f32],
    channels: usize,
    factors: &mut [f32],
    (count, row): (usize, usize),
    pixels: &mut [f32],
) {
    let Images { height, width, .. } = tiles.images;
    let plane = height * width;
    // The tiles' pixels with a border of one.
    let columns = tiles.columns * TILE + 2;
    let pixels = &mut pixels[..(part.rows * TILE + 2) * columns * LANES];
    let top = part.first * TILE;
    let first = top.saturating_sub(1);
    let last = height.min(top + part.rows * TILE + 1);
    pixels.fill(0.0);
    for block in (0..channels).step_by(LANES) {
        let planes =
            &x[(part.image * channels + block) * plane..][..LANES.min(channels - block) * plane];
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
        for tile in 0..part.rows * tiles.columns {
            let corner = (tile / tiles.columns * columns + tile % tiles.columns) * TILE;
            transform::input(
                simd,
                |i, j| simd.load(&pixels[(corner + i * columns + j) * LANES..]),
                |product, v| {
                    simd.store(
                        &mut factors[(product * count + part.tile + tile) * row + block..],
                        v,
                    )
                },
            );
        }
    }
}

/// Transforms the products of a part of an image to results and adds the bias.
#[inline(always)]
fn results<S: Simd>(
    simd: S,
    tiles: Tiles,
    part: Part,
    products: &[f32],
    (count, row): (usize, usize),
    pixels: &mut [f32],
    bias: &[f32],
    y: &mut [f32],
    targets: usize,
) {
    let Images { height, width, .. } = tiles.images;
    let plane = height * width;
    let columns = tiles.columns * TILE;
    let top = part.first * TILE;
    let last = height.min(top + part.rows * TILE);
    for block in (0..targets).step_by(LANES) {
        let present = LANES.min(targets - block);
        let mut shift = [0.0; LANES];
        shift[..present].copy_from_slice(&bias[block..][..present]);
        let shift = simd.load(&shift);
        for tile in 0..part.rows * tiles.columns {
            let corner = (tile / tiles.columns * columns + tile % tiles.columns) * TILE;
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
#[inline(always)]
fn result_factors<S: Simd>(
    simd: S,
    tiles: Tiles,
    part: Part,
    dy: &[f32],
    out: usize,
    factors: &mut [f32],
    (count, row): (usize, usize),
    pixels: &mut [f32],
    bias: &mut [f32],
) {
    let Images { height, width, .. } = tiles.images;
    let plane = height * width;
    let columns = tiles.columns * TILE;
    let pixels = &mut pixels[..part.rows * TILE * columns * LANES];
    let top = part.first * TILE;
    let last = height.min(top + part.rows * TILE);
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
        for tile in 0..part.rows * tiles.columns {
            let corner = (tile / tiles.columns * columns + tile % tiles.columns) * TILE;
            transform::result(
                simd,
                |i, j| simd.load(&pixels[(corner + i * columns + j) * LANES..]),
                |product, v| {
                    simd.store(
                        &mut factors[(product * count + part.tile + tile) * row + block..],
                        v,
                    )
                },
            );
        }
    }
}

/// The gradients with respect to weight and bias.
///
/// Rounds of [`ROUND`] strips: the strips are transformed side by side, then the 36 products are accumulated side by
/// side, each over the strips in order. So no sum depends on the number of threads.
pub(super) fn weight_gradient(
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
    let pixels = (tiles.strip.min(tiles.rows) * TILE + 2) * (tiles.columns * TILE + 2) * LANES;
    let mut biases = vec![0.0; strips * width];

    let sizes = [
        round * x_strip,
        round * y_strip,
        PRODUCTS * channels * width,
    ];
    let weight = scratch::with(sizes, |[x_factors, y_factors, weight]| {
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
        let count = (self.to - self.from) * self.tiles.columns;
        for part in self.tiles.parts(self.from, self.to) {
            let x = (count, padded(channels));
            input_factors(
                simd,
                self.tiles,
                part,
                self.x,
                channels,
                self.x_factors,
                x,
                self.pixels,
            );
            let y = (count, padded(self.out));
            result_factors(
                simd,
                self.tiles,
                part,
                self.dy,
                self.out,
                self.y_factors,
                y,
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
            Matrix {
                data: self.x,
                row: 1,
                column: self.x_row,
            },
            Panels {
                data: self.y,
                panel: 2 * LANES,
                row: self.y_row,
            },
            (self.weight, self.width),
            true,
        );
    }
}
