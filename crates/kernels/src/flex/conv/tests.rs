//! Every instruction set against sums in double precision.

use super::{forward, general, input_gradient, weight_gradient};
use crate::flex::images::Images;
use crate::flex::simd::Level;

/// Batch, channels, height, width, out.
const SHAPES: &[[usize; 5]] = &[
    [2, 3, 9, 33, 20],
    [3, 1, 4, 8, 16],
    [2, 20, 9, 11, 35],
    [5, 16, 8, 8, 16],
    [1, 13, 1, 1, 2],
    [1, 16, 40, 36, 17],
];

/// Numbers between -1 and 1 that look random.
fn noise(length: usize, seed: u64) -> Vec<f32> {
    let mut state = seed;
    let mut next = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        ((state >> 40) as f32) / (1 << 23) as f32 - 1.0
    };
    (0..length).map(|_| next()).collect()
}

/// Result, input gradient, weight gradient, bias gradient.
type All = [Vec<f32>; 4];

fn kernels(level: Level, [batch, channels, height, width, out]: [usize; 5]) -> All {
    let images = Images {
        batch,
        channels,
        height,
        width,
    };
    let [x, dy] = [channels, out].map(|c| noise(batch * c * images.plane(), c as u64));
    let (weight, bias) = (noise(out * channels * 9, 7), noise(out, 8));
    // Whatever is in the memory at first must not matter.
    let (mut y, mut dx) = (vec![f32::NAN; dy.len()], vec![f32::NAN; x.len()]);
    forward(level, images, out, &x, &weight, &bias, &mut y);
    input_gradient(level, images, out, &dy, &weight, &mut dx);
    let (dw, db) = weight_gradient(level, images, out, &x, &dy);
    [y, dx, dw, db]
}

/// The same through [`general`].
fn general_kernels(level: Level, [batch, channels, height, width, out]: [usize; 5]) -> All {
    let images = Images {
        batch,
        channels,
        height,
        width,
    };
    let sizes = general::Convolution {
        images,
        out,
        kernel: 3,
        stride: 1,
        padding: 1,
    };
    let [x, dy] = [channels, out].map(|c| noise(batch * c * images.plane(), c as u64));
    let (weight, bias) = (noise(out * channels * 9, 7), noise(out, 8));
    let (mut y, mut dx) = (vec![f32::NAN; dy.len()], vec![f32::NAN; x.len()]);
    general::forward(level, sizes, &x, &weight, &bias, &mut y);
    general::input_gradient(level, sizes, &dy, &weight, &mut dx);
    let (dw, db) = general::weight_gradient(level, sizes, &x, &dy);
    [y, dx, dw, db]
}

const BOTH: [fn(Level, [usize; 5]) -> All; 2] = [kernels, general_kernels];

fn sums([batch, channels, height, width, out]: [usize; 5]) -> [Vec<f64>; 4] {
    let plane = height * width;
    let [x, dy] = [channels, out].map(|c| noise(batch * c * plane, c as u64));
    let (weight, bias) = (noise(out * channels * 9, 7), noise(out, 8));
    let mut all = [
        vec![0.0; dy.len()],
        vec![0.0; x.len()],
        vec![0.0; weight.len()],
        vec![0.0; out],
    ];
    for n in 0..batch {
        for k in 0..out {
            for r in 0..height {
                for q in 0..width {
                    let y_at = (n * out + k) * plane + r * width + q;
                    let g = f64::from(dy[y_at]);
                    all[0][y_at] += f64::from(bias[k]);
                    all[3][k] += g;
                    for c in 0..channels {
                        for place in 0..9 {
                            let (i, j) = (r + place / 3, q + place % 3);
                            if (1..=height).contains(&i) && (1..=width).contains(&j) {
                                let x_at = (n * channels + c) * plane + (i - 1) * width + j - 1;
                                let w_at = (k * channels + c) * 9 + place;
                                let (x, w) = (f64::from(x[x_at]), f64::from(weight[w_at]));
                                all[0][y_at] += x * w;
                                all[1][x_at] += g * w;
                                all[2][w_at] += g * x;
                            }
                        }
                    }
                }
            }
        }
    }
    all
}

#[test]
fn every_level_agrees_with_the_sums() {
    for &shape in SHAPES {
        let expected = sums(shape);
        let levels = Level::ALL.iter().filter(|level| level.available());
        for (&level, run) in levels.flat_map(|level| BOTH.map(|run| (level, run))) {
            for (what, (found, expected)) in run(level, shape).iter().zip(&expected).enumerate() {
                let square: f64 = expected.iter().map(|x| x * x).sum();
                let scale = (square / expected.len() as f64).sqrt();
                for (at, (&found, &expected)) in found.iter().zip(expected).enumerate() {
                    let error = (f64::from(found) - expected).abs() / scale;
                    assert!(
                        error < 1e-5,
                        "{level:?} {shape:?}, output {what} at {at}: error {error:.1e}"
                    );
                }
            }
        }
    }
}

#[test]
fn levels_with_fused_multiply_add_give_the_same_bits() {
    let fused = |level: &&Level| {
        level.available() && (**level != Level::Portable || cfg!(target_feature = "fma"))
    };
    for (&shape, run) in SHAPES.iter().flat_map(|shape| BOTH.map(|run| (shape, run))) {
        let mut all = Level::ALL
            .iter()
            .filter(fused)
            .map(|&level| run(level, shape).map(bits));
        let first = all.next();
        assert!(all.all(|other| Some(other) == first), "{shape:?}");
    }
}

fn bits(numbers: Vec<f32>) -> Vec<u32> {
    numbers.into_iter().map(f32::to_bits).collect()
}
