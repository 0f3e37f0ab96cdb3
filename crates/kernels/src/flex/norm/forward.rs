//! The forward pass.

use super::layer::{Layer, Statistics, inverse_deviation, planes_per_task};
use super::moments::moments;
use super::plane::{Affine, apply};
use crate::flex::images::Images;
use crate::flex::simd::{Kernel, Level, Simd, dispatch};
use crate::tail::Tail;
use rayon::prelude::*;

/// What the forward pass found.
pub(crate) struct Forward {
    /// Mean of every statistics group, images outermost.
    pub(crate) mean: Vec<f32>,
    /// One over the standard deviation of every statistics group.
    pub(crate) inverse: Vec<f32>,
    /// Biased variance of every statistics group.
    pub(crate) variance: Vec<f32>,
}

/// Applies `layer` to `x`, with `epsilon` added to variances, and writes the result to `y`.
pub(crate) fn forward(
    level: Level,
    layer: Layer<'_>,
    epsilon: f64,
    x: &[f32],
    y: &mut [f32],
) -> Forward {
    let Layer {
        images,
        weight,
        bias,
        statistics,
        tail,
    } = layer;
    let (plane, result) = (images.plane(), images.after(tail).plane());
    let channels = images.channels;
    let affine = |channel: usize, mean: f32, inverse: f32| Affine {
        mean,
        scale: weight[channel] * inverse,
        shift: bias[channel],
    };
    match statistics {
        Statistics::Group { groups } => {
            let width = channels / groups;
            let mut found = vec![[0.0; 3]; images.batch * groups];
            if result == 0 || found.is_empty() {
                // Nothing to write: the statistics are not needed either, and chunks must not be empty.
                return split(&found);
            }
            // In groups here, of `width` planes each.
            let task = planes_per_task(plane).div_ceil(width);
            let tasks = y.par_chunks_mut(task * width * result);
            let tasks = tasks
                .zip(x.par_chunks(task * width * plane))
                .zip(found.par_chunks_mut(task));
            tasks.enumerate().for_each(|(at, ((y, x), found))| {
                for (i, found) in found.iter_mut().enumerate() {
                    let channel = (at * task + i) % groups * width;
                    *found = dispatch(
                        level,
                        Group {
                            x: &x[i * width * plane..][..width * plane],
                            y: &mut y[i * width * result..][..width * result],
                            images,
                            weight: &weight[channel..][..width],
                            bias: &bias[channel..][..width],
                            epsilon,
                            tail,
                        },
                    );
                }
            });
            split(&found)
        }
        Statistics::Batch => {
            let mut planes = vec![(0.0, 0.0); images.batch * channels];
            if plane > 0 {
                let task = planes_per_task(plane);
                let tasks = planes.par_chunks_mut(task).zip(x.par_chunks(task * plane));
                tasks.for_each(|(planes, x)| dispatch(level, Moments { x, plane, planes }));
            }
            let found: Vec<_> = (0..channels)
                .map(|channel| {
                    // The planes of a channel are `channels` apart; images in order, whoever found the moments.
                    let planes = planes.iter().skip(channel).step_by(channels);
                    pooled(planes, images.batch, plane, epsilon)
                })
                .collect();
            let affine = |channel: usize| affine(channel, found[channel][0], found[channel][1]);
            apply_all(level, images, x, y, tail, affine);
            split(&found)
        }
        Statistics::Fixed { mean, variance } => {
            let found: Vec<_> = mean
                .iter()
                .zip(variance)
                .map(|(&mean, &variance)| {
                    [mean, inverse_deviation(variance.into(), epsilon), variance]
                })
                .collect();
            let affine = |channel: usize| affine(channel, found[channel][0], found[channel][1]);
            apply_all(level, images, x, y, tail, affine);
            split(&found)
        }
    }
}

/// Mean, inverse deviation and variance of groups to a list of each.
fn split(found: &[[f32; 3]]) -> Forward {
    let [mean, inverse, variance] = [0, 1, 2].map(|i| found.iter().map(|found| found[i]).collect());
    Forward {
        mean,
        inverse,
        variance,
    }
}

/// Mean, inverse deviation and variance of `count` planes of equal size together.
///
/// Squares about the common mean from squares about each plane's own, after Chan, Golub and LeVeque (1983): nothing
/// large is subtracted, and no plane is read again once its own mean is known and it has left the cache.
fn pooled<'a>(
    planes: impl Iterator<Item = &'a (f32, f32)> + Clone,
    count: usize,
    plane: usize,
    epsilon: f64,
) -> [f32; 3] {
    let mean = planes
        .clone()
        .map(|&(mean, _)| f64::from(mean))
        .sum::<f64>()
        / count as f64;
    let squares = planes
        .map(|&(m, squares)| f64::from(squares) + plane as f64 * (f64::from(m) - mean).powi(2))
        .sum::<f64>();
    let variance = squares / (count * plane) as f64;
    [
        mean as f32,
        inverse_deviation(variance, epsilon),
        variance as f32,
    ]
}

/// Applies the affine map of every channel.
fn apply_all(
    level: Level,
    images: Images,
    x: &[f32],
    y: &mut [f32],
    tail: Tail,
    affine: impl Fn(usize) -> Affine + Sync,
) {
    let (plane, result) = (images.plane(), images.after(tail).plane());
    if result == 0 {
        return;
    }
    let task = planes_per_task(plane);
    let tasks = y
        .par_chunks_mut(task * result)
        .zip(x.par_chunks(task * plane));
    tasks.enumerate().for_each(|(at, (y, x))| {
        for (i, (y, x)) in y
            .chunks_exact_mut(result)
            .zip(x.chunks_exact(plane))
            .enumerate()
        {
            let affine = affine((at * task + i) % images.channels);
            dispatch(
                level,
                Apply {
                    x,
                    y,
                    width: images.width,
                    affine,
                    tail,
                },
            );
        }
    });
}

/// Normalises the channels of one group of one image.
///
/// Statistics and result in one task: the group is read three times (mean, squares, result), but from memory only once.
struct Group<'a> {
    x: &'a [f32],
    y: &'a mut [f32],
    images: Images,
    weight: &'a [f32],
    bias: &'a [f32],
    epsilon: f64,
    tail: Tail,
}

impl Kernel for Group<'_> {
    /// Mean, inverse deviation, variance.
    type Output = [f32; 3];

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) -> Self::Output {
        let (plane, result) = (self.images.plane(), self.images.after(self.tail).plane());
        // Instance normalisation, the usual case, does without the allocation.
        let found = if self.weight.len() == 1 {
            pooled([moments(simd, self.x)].iter(), 1, plane, self.epsilon)
        } else {
            let planes: Vec<_> = self
                .x
                .chunks_exact(plane)
                .map(|x| moments(simd, x))
                .collect();
            pooled(planes.iter(), planes.len(), plane, self.epsilon)
        };
        let planes = self
            .x
            .chunks_exact(plane)
            .zip(self.y.chunks_exact_mut(result));
        for ((x, y), (&weight, &bias)) in planes.zip(self.weight.iter().zip(self.bias)) {
            let affine = Affine {
                mean: found[0],
                scale: weight * found[1],
                shift: bias,
            };
            apply(simd, x, y, self.images.width, affine, self.tail);
        }
        found
    }
}

/// Finds mean and squared differences of planes.
struct Moments<'a> {
    x: &'a [f32],
    plane: usize,
    planes: &'a mut [(f32, f32)],
}

impl Kernel for Moments<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        for (x, found) in self.x.chunks_exact(self.plane).zip(self.planes) {
            *found = moments(simd, x);
        }
    }
}

/// Applies a known affine map to a plane.
struct Apply<'a> {
    x: &'a [f32],
    y: &'a mut [f32],
    width: usize,
    affine: Affine,
    tail: Tail,
}

impl Kernel for Apply<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        apply(simd, self.x, self.y, self.width, self.affine, self.tail);
    }
}
