//! Convolution 3 x 3 with stride 1 and padding 1, and its gradients; any other one in [`general`].
//!
//! From [`WINOGRAD_FROM`] channels on this is Winograd's F(4x4, 3x3) ([`winograd`]): a quarter of the multiplications
//! of the direct sum. With fewer channels (the first layer) the products are too thin for that, and the patches of the
//! image are laid out as a matrix ([`patches`]).
//!
//! All convolutions here have sizes `(channels, out)`; images are `[batch, channels, height, width]`, contiguous.

mod factors;
mod filter;
pub(crate) mod general;
mod patches;
mod pixels;
mod tiles;
mod transform;
mod weight_gradient;
mod winograd;

use crate::norm::Images;
use crate::simd::Level;

/// Fewest input channels for which Winograd pays.
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
    if images.len() == 0 || out == 0 {
        return;
    }
    if images.channels >= WINOGRAD_FROM {
        let filter = filter::transform(
            level,
            weight,
            images.channels,
            out,
            filter::Direction::Forward,
        );
        winograd::convolve(level, images, out, x, &filter, bias, y);
    } else {
        patches::forward(level, images, out, x, weight, bias, y);
    }
}

/// Writes the gradient with respect to `x` to `dx`: the convolution of `dy` with the kernels turned by 180 degrees.
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
    let filter = filter::transform(level, weight, channels, out, filter::Direction::Backward);
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
        weight_gradient::weight_gradient(level, images, out, x, dy)
    } else {
        patches::weight_gradient(level, images, out, x, dy)
    }
}

#[cfg(test)]
mod tests;
