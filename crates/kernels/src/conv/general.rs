//! Convolution with any square kernel, stride and padding, as products with the matrix of patches.
//!
//! Unlike in [`super::patches`] the patches of several small images stand side by side in one product, so that a weight
//! that is read from memory is used for many pixels.

use super::pixels::gather;
use crate::norm::Images;
use crate::scratch;
use crate::simd::{Kernel, LANES, Level, Matrix, Panels, Simd, dispatch, gemm};
use rayon::prelude::*;
use std::ops::Range;

/// Pixels of a panel of the right-hand matrix.
const PANEL: usize = 2 * LANES;

/// Pixels that a product should have at least, if there are as many.
const PIXELS: usize = 256;

/// Taps of a share of the weight gradient.
const TAPS: usize = 144;

/// Shares of the weight gradient that are worked on apart, at least, if there are as many.
const SHARES: usize = 8;

/// The sizes of a convolution with one group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Convolution {
    /// Its input.
    pub(crate) images: Images,
    /// Output channels.
    pub(crate) out: usize,
    /// Side of the kernel.
    pub(crate) kernel: usize,
    /// Stride in both directions.
    pub(crate) stride: usize,
    /// Zeros on all four sides.
    pub(crate) padding: usize,
}

impl Convolution {
    /// The sizes of its result.
    pub(crate) fn results(&self) -> Images {
        let side = |side: usize| {
            let padded = side + 2 * self.padding;
            padded
                .checked_sub(self.kernel)
                .map_or(0, |left| left / self.stride + 1)
        };
        Images {
            batch: self.images.batch,
            channels: self.out,
            height: side(self.images.height),
            width: side(self.images.width),
        }
    }

    /// Places of a kernel.
    fn places(&self) -> usize {
        self.kernel * self.kernel
    }

    /// Numbers of a patch.
    fn taps(&self) -> usize {
        self.images.channels * self.places()
    }

    /// Images of a product.
    fn together(&self) -> usize {
        let plane = self.results().plane().max(1);
        PIXELS.div_ceil(plane).clamp(1, self.images.batch.max(1))
    }

    /// The results along one side of `inputs` that see input `result * stride + place - padding`.
    fn inside(&self, place: usize, inputs: usize, results: usize) -> Range<usize> {
        let first = self.padding.saturating_sub(place).div_ceil(self.stride);
        let last = (inputs + self.padding)
            .checked_sub(place + 1)
            .map_or(0, |last| last / self.stride + 1);
        let end = last.min(results);
        first.min(end)..end
    }

    /// Calls `line(tap, image, row, columns, at)` for every tap of these channels and every line of results: the results
    /// `columns` of the line see the numbers from `at` on in the input, `stride` apart; the others see zeros.
    #[inline(always)]
    fn lines(
        &self,
        channels: Range<usize>,
        images: usize,
        mut line: impl FnMut(usize, usize, usize, Range<usize>, usize),
    ) {
        let (from, to) = (self.images, self.results());
        let mut tap = 0;
        for channel in channels {
            for place in 0..self.places() {
                let (down, across) = (place / self.kernel, place % self.kernel);
                let rows = self.inside(down, from.height, to.height);
                let columns = self.inside(across, from.width, to.width);
                for image in 0..images {
                    let plane = (image * from.channels + channel) * from.plane();
                    for row in 0..to.height {
                        if !rows.contains(&row) || columns.is_empty() {
                            line(tap, image, row, 0..0, 0);
                            continue;
                        }
                        let input = row * self.stride + down - self.padding;
                        let column = columns.start * self.stride + across - self.padding;
                        let at = plane + input * from.width + column;
                        line(tap, image, row, columns.clone(), at);
                    }
                }
                tap += 1;
            }
        }
    }

    /// Lays out the patches of so many images in panels: `[panel][tap][pixel]`, the pixels of all images one after the
    /// other, zeros after the last.
    #[inline(always)]
    fn lay_out(
        &self,
        channels: Range<usize>,
        images: usize,
        x: &[f32],
        panel: usize,
        patches: &mut [f32],
    ) {
        let to = self.results();
        let taps = channels.len() * self.places();
        let pixels = images * to.plane();
        let mut write = |tap: usize, pixel: usize, length: usize, from: Option<usize>| {
            let mut done = 0;
            while done < length {
                let pixel = pixel + done;
                let part = (length - done).min(panel - pixel % panel);
                let to = (pixel / panel * taps + tap) * panel + pixel % panel;
                let to = &mut patches[to..to + part];
                match from {
                    None => to.fill(0.0),
                    Some(from) if self.stride == 1 => {
                        to.copy_from_slice(&x[from + done..from + done + part]);
                    }
                    Some(from) => {
                        let x = &x[from + done * self.stride..];
                        for (to, x) in to.iter_mut().zip(x.iter().step_by(self.stride)) {
                            *to = *x;
                        }
                    }
                }
                done += part;
            }
        };
        self.lines(channels, images, |tap, image, row, columns, at| {
            let pixel = image * to.plane() + row * to.width;
            write(tap, pixel, columns.start, None);
            write(tap, pixel + columns.start, columns.len(), Some(at));
            write(tap, pixel + columns.end, to.width - columns.end, None);
        });
        let left = pixels.next_multiple_of(panel) - pixels;
        for tap in 0..taps {
            write(tap, pixels, left, None);
        }
    }
}

/// Writes the convolution of `x` with `weight` `[out, channels, kernel, kernel]` plus `bias` `[out]` to `y`.
pub(crate) fn forward(
    level: Level,
    sizes: Convolution,
    x: &[f32],
    weight: &[f32],
    bias: &[f32],
    y: &mut [f32],
) {
    let (from, to) = (sizes.images, sizes.results());
    if to.len() == 0 {
        return;
    }
    if from.channels == 0 {
        let planes = y.chunks_exact_mut(to.plane());
        planes
            .zip(bias.iter().cycle())
            .for_each(|(y, bias)| y.fill(*bias));
        return;
    }
    let (together, taps) = (sizes.together(), sizes.taps());
    let tasks = y
        .par_chunks_mut(together * to.channels * to.plane())
        .zip(x.par_chunks(together * from.channels * from.plane()));
    tasks.for_each(|(y, x)| {
        let images = y.len() / (to.channels * to.plane());
        let pixels = images * to.plane();
        let (columns, panels) = (pixels.next_multiple_of(LANES), pixels.div_ceil(PANEL));
        let room = [panels * taps * PANEL, to.channels * columns];
        scratch::with(room, |[patches, products]| {
            dispatch(
                level,
                Forward {
                    sizes,
                    images,
                    x,
                    weight,
                    patches,
                    products,
                },
            );
            for (image, y) in y.chunks_exact_mut(to.channels * to.plane()).enumerate() {
                let lines = products.chunks_exact(columns).zip(bias);
                for (y, (line, &bias)) in y.chunks_exact_mut(to.plane()).zip(lines) {
                    let line = &line[image * to.plane()..][..to.plane()];
                    for (y, product) in y.iter_mut().zip(line) {
                        *y = product + bias;
                    }
                }
            }
        });
    });
}

/// Some images' products, `[out][pixel]`.
struct Forward<'a> {
    sizes: Convolution,
    images: usize,
    x: &'a [f32],
    weight: &'a [f32],
    patches: &'a mut [f32],
    products: &'a mut [f32],
}

impl Kernel for Forward<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let (sizes, taps) = (self.sizes, self.sizes.taps());
        sizes.lay_out(
            0..sizes.images.channels,
            self.images,
            self.x,
            PANEL,
            self.patches,
        );
        let columns = self.products.len() / sizes.out;
        let weight = Matrix {
            data: self.weight,
            row: taps,
            column: 1,
        };
        let patches = Panels {
            data: self.patches,
            panel: taps * PANEL,
            row: PANEL,
        };
        let products = (self.products, columns);
        gemm(
            simd,
            (sizes.out, columns, taps),
            weight,
            patches,
            products,
            false,
        );
    }
}

/// Writes the gradient with respect to `x` to `dx`.
pub(crate) fn input_gradient(
    level: Level,
    sizes: Convolution,
    dy: &[f32],
    weight: &[f32],
    dx: &mut [f32],
) {
    let (from, to) = (sizes.images, sizes.results());
    if from.len() == 0 || to.len() == 0 {
        dx.fill(0.0);
        return;
    }
    let (together, taps) = (sizes.together(), sizes.taps());
    let tasks = dx
        .par_chunks_mut(together * from.channels * from.plane())
        .zip(dy.par_chunks(together * to.channels * to.plane()));
    tasks.for_each(|(dx, dy)| {
        let images = dy.len() / (to.channels * to.plane());
        let pixels = images * to.plane();
        let (columns, panels) = (pixels.next_multiple_of(LANES), pixels.div_ceil(PANEL));
        let room = [panels * to.channels * PANEL, taps * columns];
        scratch::with(room, |[gradients, products]| {
            dispatch(
                level,
                Backward {
                    sizes,
                    images,
                    dy,
                    weight,
                    gradients,
                    products,
                    dx,
                },
            );
        });
    });
}

/// Some images' gradients.
struct Backward<'a> {
    sizes: Convolution,
    images: usize,
    dy: &'a [f32],
    weight: &'a [f32],
    gradients: &'a mut [f32],
    products: &'a mut [f32],
    dx: &'a mut [f32],
}

impl Kernel for Backward<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let Self {
            sizes,
            images,
            dy,
            weight,
            gradients,
            products,
            dx,
        } = self;
        let (to, taps) = (sizes.results(), sizes.taps());
        // The gradients lie as patches of a convolution with a kernel of one pixel do.
        let plain = Convolution {
            images: to,
            out: 0,
            kernel: 1,
            stride: 1,
            padding: 0,
        };
        plain.lay_out(0..to.channels, images, dy, PANEL, gradients);
        let columns = products.len() / taps;
        gemm(
            simd,
            (taps, columns, to.channels),
            Matrix {
                data: weight,
                row: 1,
                column: taps,
            },
            Panels {
                data: gradients,
                panel: to.channels * PANEL,
                row: PANEL,
            },
            (&mut *products, columns),
            false,
        );
        dx.fill(0.0);
        let stride = sizes.stride;
        sizes.lines(
            0..sizes.images.channels,
            images,
            |tap, image, row, line, at| {
                if line.is_empty() {
                    return;
                }
                let pixel = tap * columns + image * to.plane() + row * to.width;
                let products = &products[pixel + line.start..pixel + line.end];
                let dx = &mut dx[at..];
                if stride == 1 {
                    for (dx, product) in dx.iter_mut().zip(products) {
                        *dx += product;
                    }
                } else {
                    for (dx, product) in dx.iter_mut().step_by(stride).zip(products) {
                        *dx += product;
                    }
                }
            },
        );
    }
}

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
    let mut parts = sums.chunks_exact(blocks * block * width);
    let mut total = parts.next().map(<[f32]>::to_vec).unwrap_or_default();
    for part in parts {
        for (total, sum) in total.iter_mut().zip(part) {
            *total += sum;
        }
    }
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
