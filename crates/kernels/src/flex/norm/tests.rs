//! Every instruction set against the portable one, which the tests of the crate's functions compare with burn.

use super::{Layer, Statistics, backward, forward};
use crate::flex::images::Images;
use crate::flex::simd::Level;
use crate::tail::Tail;

/// Batch, channels, height, width.
const SHAPES: &[[usize; 4]] = &[
    [2, 4, 32, 32],
    [3, 4, 16, 16],
    [2, 6, 8, 8],
    [2, 2, 35, 37],
    [3, 2, 5, 70],
    [2, 2, 17, 16],
    [2, 2, 9, 8],
    [4, 2, 1, 1],
];

/// Result, input gradient, weight gradient, bias gradient, mean, variance.
fn all(
    level: Level,
    [batch, channels, height, width]: [usize; 4],
    statistics: Statistics<'_>,
    tail: Tail,
) -> [Vec<f32>; 6] {
    let images = Images {
        batch,
        channels,
        height,
        width,
    };
    let wave = |length: usize, speed: f32| -> Vec<f32> {
        (0..length)
            .map(|i| (i as f32 * speed).sin() + 0.2)
            .collect()
    };
    let after = images.after(tail).len();
    let (x, dy) = (wave(images.len(), 0.7), wave(after, 1.3));
    let (weight, bias) = (wave(channels, 0.5), wave(channels, 0.9));
    let layer = Layer {
        images,
        weight: &weight,
        bias: &bias,
        statistics,
        tail,
    };
    // Whatever is in the memory at first must not matter.
    let (mut y, mut dx) = (vec![f32::NAN; after], vec![f32::NAN; images.len()]);
    let found = forward(level, layer, 1e-5, &x, &mut y);
    let gradients = backward(
        level,
        layer,
        (&found.mean, &found.inverse),
        &x,
        &dy,
        &mut dx,
    );
    [
        y,
        dx,
        gradients.weight,
        gradients.bias,
        found.mean,
        found.variance,
    ]
}

fn cases(channels: usize) -> Vec<(Statistics<'static>, Tail)> {
    let kinds = [
        Statistics::Group { groups: channels },
        Statistics::Group {
            groups: channels / 2,
        },
        Statistics::Batch,
        Statistics::Fixed {
            mean: &[0.1; 6],
            variance: &[0.6; 6],
        },
    ];
    let tails = [
        Tail::Nothing,
        Tail::Relu,
        Tail::AveragePool,
        Tail::ReluAveragePool,
    ];
    kinds
        .iter()
        .flat_map(|&kind| tails.map(|tail| (kind, tail)))
        .collect()
}

/// `statistics` for so many channels.
fn fit(statistics: Statistics<'_>, channels: usize) -> Statistics<'_> {
    match statistics {
        Statistics::Fixed { mean, variance } => Statistics::Fixed {
            mean: &mean[..channels],
            variance: &variance[..channels],
        },
        other => other,
    }
}

#[test]
fn every_level_agrees_with_the_portable_one() {
    for &shape in SHAPES {
        for (statistics, tail) in cases(shape[1]) {
            let statistics = fit(statistics, shape[1]);
            let expected = all(Level::Portable, shape, statistics, tail);
            for &level in Level::ALL.iter().filter(|level| level.available()) {
                let found = all(level, shape, statistics, tail);
                for (what, (found, expected)) in found.iter().zip(&expected).enumerate() {
                    let scale = expected.iter().fold(1.0f32, |scale, x| scale.max(x.abs()));
                    for (at, (&found, &expected)) in found.iter().zip(expected).enumerate() {
                        let error = (found - expected).abs() / scale;
                        assert!(
                            error < 2e-5,
                            "{level:?} {shape:?} {statistics:?} {tail:?}, output {what} at {at}: {found} for {expected}"
                        );
                    }
                }
            }
        }
    }
}

#[cfg(target_arch = "x86_64")]
#[test]
fn avx512_and_avx2_give_the_same_bits() {
    if !Level::Avx512.available() {
        return;
    }
    for &shape in SHAPES {
        for (statistics, tail) in cases(shape[1]) {
            let statistics = fit(statistics, shape[1]);
            let [a, b] = [Level::Avx512, Level::Avx2].map(|level| {
                all(level, shape, statistics, tail)
                    .concat()
                    .into_iter()
                    .map(f32::to_bits)
                    .collect::<Vec<_>>()
            });
            assert!(a == b, "{shape:?} {statistics:?} {tail:?}");
        }
    }
}
