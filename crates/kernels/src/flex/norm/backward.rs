//! The backward pass.

use super::layer::{Layer, Statistics, planes_per_task};
use super::plane::{Adjoint, Affine, finish, gradient};
use crate::flex::scratch;
use crate::flex::simd::{Kernel, Level, Simd, dispatch};
use crate::tail::Tail;
use rayon::prelude::*;

/// Gradients with respect to the parameters.
pub(crate) struct Gradients {
    /// With respect to the weight of every channel.
    pub(crate) weight: Vec<f32>,
    /// With respect to the bias of every channel.
    pub(crate) bias: Vec<f32>,
}

/// Writes the gradient with respect to the input `x` of `layer` to `dx`, given `dy`, that with respect to the result;
/// `mean` and `inverse` are those that the forward pass found.
pub(crate) fn backward(
    level: Level,
    layer: Layer<'_>,
    (mean, inverse): (&[f32], &[f32]),
    x: &[f32],
    dy: &[f32],
    dx: &mut [f32],
) -> Gradients {
    let Layer {
        images,
        weight,
        bias,
        statistics,
        tail,
    } = layer;
    let (plane, result) = (images.plane(), images.after(tail).plane());
    let channels = images.channels;
    // Of every plane: the sums of the gradient, and of the gradient times the normalised number.
    let mut sums = vec![[0.0; 2]; images.batch * channels];
    if result == 0 || sums.is_empty() {
        dx.fill(0.0);
        return gather(&sums, channels);
    }
    let (groups, batch_wide) = match statistics {
        Statistics::Group { groups } => (groups, false),
        Statistics::Batch | Statistics::Fixed { .. } => (channels, true),
    };
    let width = channels / groups;
    // Batch and given statistics are one for each channel, groups' one for each group of each image.
    let step = |at: usize, i: usize| {
        // The group's place in the batch, its first channel and its statistics.
        let group = at + i;
        let channel = group % groups * width;
        let statistic = if batch_wide { group % groups } else { group };
        (channel, mean[statistic], inverse[statistic])
    };
    let task = planes_per_task(plane).div_ceil(width);
    let group_plane = width * plane;
    let group_result = width * result;

    // A gradient needs the sums over all images first: two passes. The first one throws `g` away and the second
    // computes it again, which reads `dy` twice (a quarter of a plane where there is pooling) but does not write and
    // read `g`.
    if let Statistics::Batch = statistics {
        let tasks = sums.par_chunks_mut(task);
        let tasks = tasks
            .zip(x.par_chunks(task * plane))
            .zip(dy.par_chunks(task * result));
        tasks.enumerate().for_each(|(at, ((sums, x), dy))| {
            scratch::with([plane], |[g]| {
                for (i, sums) in sums.iter_mut().enumerate() {
                    let (channel, mean, inverse) = step(at * task, i);
                    let (x, dy) = (&x[i * plane..][..plane], &dy[i * result..][..result]);
                    *sums = dispatch(
                        level,
                        Sums {
                            x,
                            dy,
                            g,
                            width: images.width,
                            affine: Affine {
                                mean,
                                scale: weight[channel] * inverse,
                                shift: bias[channel],
                            },
                            inverse,
                            tail,
                        },
                    );
                }
            });
        });
        let gradients = gather(&sums, channels);
        let tasks = dx.par_chunks_mut(task * plane);
        let tasks = tasks
            .zip(x.par_chunks(task * plane))
            .zip(dy.par_chunks(task * result));
        let count = (images.batch * plane) as f32;
        tasks.enumerate().for_each(|(at, ((dx, x), dy))| {
            let planes = dx
                .chunks_exact_mut(plane)
                .zip(x.chunks_exact(plane))
                .zip(dy.chunks_exact(result));
            for (i, ((dx, x), dy)) in planes.enumerate() {
                let (channel, mean, inverse) = step(at * task, i);
                let scale = weight[channel] * inverse;
                let affine = Affine {
                    mean,
                    scale,
                    shift: bias[channel],
                };
                let adjoint = Adjoint {
                    gradient: scale,
                    centred: -scale * inverse * gradients.weight[channel] / count,
                    constant: -scale * gradients.bias[channel] / count,
                    mean,
                };
                dispatch(
                    level,
                    Finish {
                        x,
                        dy,
                        dx,
                        width: images.width,
                        affine,
                        adjoint,
                        tail,
                    },
                );
            }
        });
        return gradients;
    }

    // Groups need nothing of other images, and given statistics nothing at all: one pass, `g` waiting in `dx` (and in
    // the cache) for the sums of its group.
    let through_statistics = matches!(statistics, Statistics::Group { .. });
    let tasks = dx
        .par_chunks_mut(task * group_plane)
        .zip(sums.par_chunks_mut(task * width));
    let tasks = tasks
        .zip(x.par_chunks(task * group_plane))
        .zip(dy.par_chunks(task * group_result));
    tasks.enumerate().for_each(|(at, (((dx, sums), x), dy))| {
        let groups = dx
            .chunks_exact_mut(group_plane)
            .zip(sums.chunks_exact_mut(width));
        let groups = groups
            .zip(x.chunks_exact(group_plane))
            .zip(dy.chunks_exact(group_result));
        for (i, (((dx, sums), x), dy)) in groups.enumerate() {
            let (channel, mean, inverse) = step(at * task, i);
            dispatch(
                level,
                Group {
                    x,
                    dy,
                    dx,
                    sums,
                    plane: (plane, result, images.width),
                    weight: &weight[channel..][..width],
                    bias: &bias[channel..][..width],
                    mean,
                    inverse,
                    through_statistics,
                    tail,
                },
            );
        }
    });
    gather(&sums, channels)
}

/// Adds the planes of every channel, images in order: sums of thousands of planes, hence the double precision.
fn gather(sums: &[[f32; 2]], channels: usize) -> Gradients {
    let total = |i: usize| {
        (0..channels)
            .map(|channel| {
                sums.iter()
                    .skip(channel)
                    .step_by(channels)
                    .map(|sums| f64::from(sums[i]))
                    .sum::<f64>() as f32
            })
            .collect()
    };
    Gradients {
        weight: total(1),
        bias: total(0),
    }
}

/// The sums of one plane.
struct Sums<'a> {
    x: &'a [f32],
    dy: &'a [f32],
    g: &'a mut [f32],
    width: usize,
    affine: Affine,
    inverse: f32,
    tail: Tail,
}

impl Kernel for Sums<'_> {
    type Output = [f32; 2];

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) -> [f32; 2] {
        let [plain, centred] = gradient(
            simd,
            self.x,
            self.dy,
            self.g,
            self.width,
            self.affine,
            self.tail,
        );
        [plain, centred * self.inverse]
    }
}

/// The gradient of one plane, once the sums over all planes of its statistics are known.
struct Finish<'a> {
    x: &'a [f32],
    dy: &'a [f32],
    dx: &'a mut [f32],
    width: usize,
    affine: Affine,
    adjoint: Adjoint,
    tail: Tail,
}

impl Kernel for Finish<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        gradient(
            simd,
            self.x,
            self.dy,
            self.dx,
            self.width,
            self.affine,
            self.tail,
        );
        finish(simd, self.x, self.dx, self.adjoint);
    }
}

/// The gradient of the channels of one group of one image.
struct Group<'a> {
    x: &'a [f32],
    dy: &'a [f32],
    dx: &'a mut [f32],
    sums: &'a mut [[f32; 2]],
    /// Pixels of a plane of `x`, of a plane of `dy`, and columns of the former.
    plane: (usize, usize, usize),
    weight: &'a [f32],
    bias: &'a [f32],
    mean: f32,
    inverse: f32,
    /// Whether mean and deviation depend on `x`.
    through_statistics: bool,
    tail: Tail,
}

impl Kernel for Group<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let (plane, result, width) = self.plane;
        let mut totals = [0.0; 2];
        for (i, (&weight, &shift)) in self.weight.iter().zip(self.bias).enumerate() {
            let affine = Affine {
                mean: self.mean,
                scale: weight * self.inverse,
                shift,
            };
            let (x, dy) = (
                &self.x[i * plane..][..plane],
                &self.dy[i * result..][..result],
            );
            // The result's memory serves for `g`, which `finish` replaces number by number.
            let g = &mut self.dx[i * plane..][..plane];
            let [plain, centred] = gradient(simd, x, dy, g, width, affine, self.tail);
            self.sums[i] = [plain, centred * self.inverse];
            totals[0] += weight * self.sums[i][0];
            totals[1] += weight * self.sums[i][1];
        }
        // With given statistics the paths through mean and variance vanish: a division by infinity.
        let count = if self.through_statistics {
            (self.weight.len() * plane) as f32
        } else {
            f32::INFINITY
        };
        for ((x, dx), &weight) in self
            .x
            .chunks_exact(plane)
            .zip(self.dx.chunks_exact_mut(plane))
            .zip(self.weight)
        {
            let adjoint = Adjoint {
                gradient: weight * self.inverse,
                centred: -self.inverse * self.inverse * totals[1] / count,
                constant: -self.inverse * totals[0] / count,
                mean: self.mean,
            };
            finish(simd, x, dx, adjoint);
        }
    }
}
