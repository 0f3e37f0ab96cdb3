//! The convolution and the gradient of its input: one product with the weight for some images at a time.

use super::convolution::Convolution;
use crate::flex::scratch;
use crate::flex::simd::{Kernel, LANES, Level, Matrix, PANEL, Panels, Simd, dispatch, gemm};
use rayon::prelude::*;

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
    // A sum of nothing: the products would have no depth, and their chunks no length.
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
            // The product has all images of a channel side by side, and whole vectors; the result has neither.
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
            // The weight's transpose, as another order of reading it.
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
        // Patches overlap: an input is seen by several results, whose shares are added tap by tap, always in this
        // order, by the one thread that has the image.
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
