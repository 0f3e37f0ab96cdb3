//! Filters to Winograd's factors, and gradients of the factors to those of the filters.

use super::transform::{self, PRODUCTS};
use crate::flex::scratch;
use crate::flex::simd::{Kernel, LANES, Level, PANEL, Simd, dispatch};
use rayon::prelude::*;

/// Which way the convolution runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::flex::conv) enum Direction {
    /// From the channels to the results.
    Forward,
    /// From the gradients of the results to those of the channels: kernels turned by 180 degrees.
    Backward,
}

/// Transformed filters: for every panel of 32 target channels, for every of the 36 products, for every source channel,
/// 32 numbers.
///
/// The matrix product of one of the 36 reads `[source][32]` of a panel from one end to the other; panels are outermost
/// so that each is filled by a task of its own.
pub(in crate::flex::conv) struct Filter {
    /// The numbers.
    pub(super) data: Vec<f32>,
    /// Source channels.
    pub(super) sources: usize,
}

impl Filter {
    /// From one panel to the next.
    pub(super) fn panel(&self) -> usize {
        PRODUCTS * self.sources * PANEL
    }
}

/// Transforms `weight` `[out, channels, 3, 3]`.
pub(in crate::flex::conv) fn transform(
    level: Level,
    weight: &[f32],
    channels: usize,
    out: usize,
    direction: Direction,
) -> Filter {
    let (sources, targets) = match direction {
        Direction::Forward => (channels, out),
        Direction::Backward => (out, channels),
    };
    let mut data = vec![0.0; targets.div_ceil(PANEL) * PRODUCTS * sources * PANEL];
    data.par_chunks_mut(PRODUCTS * sources * PANEL)
        .enumerate()
        .for_each(|(panel, data)| {
            dispatch(
                level,
                Transform {
                    weight,
                    channels,
                    direction,
                    sources,
                    targets: panel * PANEL..targets.min((panel + 1) * PANEL),
                    data,
                },
            );
        });
    Filter { data, sources }
}

/// Fills one panel.
struct Transform<'a> {
    weight: &'a [f32],
    channels: usize,
    direction: Direction,
    sources: usize,
    targets: std::ops::Range<usize>,
    data: &'a mut [f32],
}

impl Kernel for Transform<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let Self {
            weight,
            channels,
            direction,
            sources,
            targets,
            data,
        } = self;
        // Sixteen target channels to a vector. Those beyond the last stay zero: they give results that nobody reads.
        for source in 0..sources {
            for half in 0..PANEL / LANES {
                let first = targets.start + half * LANES;
                // [tap][target]: read from nine numbers of each target, which lie `channels * 9` apart.
                let mut taps = [0.0; 9 * LANES];
                for lane in 0..LANES.min(targets.end.saturating_sub(first)) {
                    let target = first + lane;
                    let at = match direction {
                        Direction::Forward => target * channels + source,
                        Direction::Backward => source * channels + target,
                    };
                    for (tap, &value) in weight[at * 9..][..9].iter().enumerate() {
                        // A pixel's gradient comes from the results around it, each through the opposite place of the
                        // kernel.
                        let tap = if direction == Direction::Forward {
                            tap
                        } else {
                            8 - tap
                        };
                        taps[tap * LANES + lane] = value;
                    }
                }
                transform::filter(
                    simd,
                    |i, j| simd.load(&taps[(3 * i + j) * LANES..]),
                    |product, v| {
                        simd.store(
                            &mut data[(product * sources + source) * PANEL + half * LANES..],
                            v,
                        );
                    },
                );
            }
        }
    }
}

/// Gradients of the factors, `factors[product][channel][row]` with `row` at least `out`, to those of `weight`
/// `[out, channels, 3, 3]`.
pub(super) fn gradient(
    level: Level,
    factors: &[f32],
    channels: usize,
    out: usize,
    row: usize,
) -> Vec<f32> {
    let mut weight = vec![0.0; out * channels * 9];
    weight
        .par_chunks_mut(LANES * channels * 9)
        .enumerate()
        .for_each(|(block, weight)| {
            dispatch(
                level,
                Gradient {
                    factors,
                    channels,
                    row,
                    first: block * LANES,
                    weight,
                },
            );
        });
    weight
}

/// The gradients of up to sixteen filters.
struct Gradient<'a> {
    factors: &'a [f32],
    channels: usize,
    row: usize,
    first: usize,
    weight: &'a mut [f32],
}

impl Kernel for Gradient<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let Self {
            factors,
            channels,
            row,
            first,
            weight,
        } = self;
        // [channel][tap][lane], then lanes to rows: written straight to the filters, each vector would go to sixteen
        // places `channels * 9` apart.
        scratch::with([channels * 9 * LANES], |[taps]| {
            for channel in 0..channels {
                let taps = &mut taps[channel * 9 * LANES..][..9 * LANES];
                transform::gradient(
                    simd,
                    |i, j| simd.load(&factors[((6 * i + j) * channels + channel) * row + first..]),
                    |tap, v| simd.store(&mut taps[tap * LANES..], v),
                );
            }
            for (lane, weight) in weight.chunks_exact_mut(channels * 9).enumerate() {
                for (at, value) in weight.iter_mut().enumerate() {
                    *value = taps[at * LANES + lane];
                }
            }
        });
    }
}
