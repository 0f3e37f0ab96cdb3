//! Convolution 3 x 3 with stride 1 and padding 1: which way it is computed.

use super::patches;
use super::winograd::{self, Direction};
use crate::flex::images::Images;
use crate::flex::simd::Level;

/// Fewest input channels for which Winograd pays: its products are as deep as there are channels, and shallow ones cost
/// less than the transforms around them.
const WINOGRAD_FROM: usize = 12;

/// Writes the convolution of `x` with `weight` `[out, channels, 3, 3]` plus `bias` `[out]` to `y`.
pub(crate) fn forward(
    level: Level,
    images: Images,
    out: usize,
    x: &[f32],
    weight: &[f32],
    bias: &[f32],
    y: &mut [f32],
) {
    // Below, chunks of no length would be a panic.
    if images.len() == 0 || out == 0 {
        return;
    }
    if images.channels >= WINOGRAD_FROM {
        let filter =
            winograd::transform_filter(level, weight, images.channels, out, Direction::Forward);
        winograd::convolve(level, images, out, x, &filter, bias, y);
    } else {
        patches::forward(level, images, out, x, weight, bias, y);
    }
}

/// Writes the gradient with respect to `x` to `dx`: the convolution of `dy` with the kernels turned by 180 degrees.
///
/// Winograd's whatever the channels of `x` are: here its products are as deep as there are results.
pub(crate) fn input_gradient(
    level: Level,
    images: Images,
    out: usize,
    dy: &[f32],
    weight: &[f32],
    dx: &mut [f32],
) {
    let channels = images.channels;
    if images.len() == 0 || out == 0 {
        dx.fill(0.0);
        return;
    }
    let filter = winograd::transform_filter(level, weight, channels, out, Direction::Backward);
    let results = Images {
        channels: out,
        ..images
    };
    winograd::convolve(
        level,
        results,
        channels,
        dy,
        &filter,
        &vec![0.0; channels],
        dx,
    );
}

/// The gradients with respect to weight `[out, channels, 3, 3]` and bias `[out]`.
pub(crate) fn weight_gradient(
    level: Level,
    images: Images,
    out: usize,
    x: &[f32],
    dy: &[f32],
) -> (Vec<f32>, Vec<f32>) {
    if images.len() == 0 || out == 0 {
        return (vec![0.0; out * images.channels * 9], vec![0.0; out]);
    }
    if images.channels >= WINOGRAD_FROM {
        winograd::weight_gradient(level, images, out, x, dy)
    } else {
        patches::weight_gradient(level, images, out, x, dy)
    }
}
