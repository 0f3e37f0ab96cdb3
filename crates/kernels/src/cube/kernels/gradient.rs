//! The gradients of a normalisation.

use super::division::{Form, LANES, ROWS, Sizes, group_of, part_length, place_of, total};
use cubecl::prelude::*;

/// The gradient before ReLU and pooling at pixel `pixel` of the input, whose normalised value is `value`.
#[cube]
fn gradient_at(
    dy: &Tensor<f32>,
    pixel: u32,
    channel: u32,
    value: f32,
    sizes: &Sizes,
    #[comptime] form: Form,
) -> f32 {
    // Zero stays where an odd last row or column was not pooled.
    let mut gradient = 0.0f32;
    if comptime!(form.pools) {
        let rows = sizes.height / 2;
        let columns = sizes.width / 2;
        let row = pixel / sizes.width;
        let column = (pixel - row * sizes.width) / 2;
        let row = row / 2;
        if row < rows && column < columns {
            let place = ((CUBE_POS_Z * rows + row) * columns + column) * sizes.channels + channel;
            gradient = dy[place as usize] * 0.25;
        }
    } else {
        let place = (CUBE_POS_Z * sizes.height * sizes.width + pixel) * sizes.channels + channel;
        gradient = dy[place as usize];
    }
    // The sign of the normalised number, computed again: no mask is kept.
    if comptime!(form.rectifies) && value <= 0.0 {
        gradient = 0.0f32;
    }
    gradient
}

/// For every channel of a part of an image: the sum of the gradients after the normalisation, and of their products
/// with what was normalised.
#[cube(launch)]
pub(in crate::cube) fn gradient_sums(
    x: &Tensor<f32>,
    dy: &Tensor<f32>,
    weight: &Tensor<f32>,
    bias: &Tensor<f32>,
    mean: &Tensor<f32>,
    inverse: &Tensor<f32>,
    sums: &mut Tensor<f32>,
    products: &mut Tensor<f32>,
    sizes: &Sizes,
    #[comptime] form: Form,
) {
    let channels = sizes.channels;
    let pixels = sizes.height * sizes.width;
    let channel = CUBE_POS_X * LANES + UNIT_POS_X;
    let mut sum = 0.0f32;
    let mut product = 0.0f32;
    if channel < channels {
        let group = group_of(channel, sizes, comptime!(form.per_image)) as usize;
        let centre = mean[group];
        let inverse = inverse[group];
        let scale = inverse * weight[channel as usize];
        let shift = bias[channel as usize];
        let length = part_length(pixels, sizes.parts);
        let end = u32::min((CUBE_POS_Y + 1) * length, pixels);
        let mut pixel = CUBE_POS_Y * length + UNIT_POS_Y;
        while pixel < end {
            let distance =
                x[((CUBE_POS_Z * pixels + pixel) * channels + channel) as usize] - centre;
            let gradient = gradient_at(dy, pixel, channel, distance * scale + shift, sizes, form);
            sum += gradient;
            product += gradient * (distance * inverse);
            pixel += ROWS;
        }
    }
    let sum = total(sum);
    let product = total(product);
    if channel < channels && UNIT_POS_Y == 0 {
        let place = ((CUBE_POS_Z * sizes.parts + CUBE_POS_Y) * channels + channel) as usize;
        sums[place] = sum;
        products[place] = product;
    }
}

/// [`gradient_sums`] added up: over all images for the gradients of bias and weight (`weighted` false), or over a group
/// with every channel's weight.
#[cube(launch)]
pub(in crate::cube) fn group_sums(
    sums: &Tensor<f32>,
    products: &Tensor<f32>,
    weight: &Tensor<f32>,
    group_sum: &mut Tensor<f32>,
    group_product: &mut Tensor<f32>,
    sizes: &Sizes,
    groups: u32,
    length: u32,
    #[comptime] weighted: bool,
) {
    let group = CUBE_POS_X * LANES + UNIT_POS_X;
    let mut sum = 0.0f32;
    let mut product = 0.0f32;
    if group < groups {
        let mut index = UNIT_POS_Y;
        while index < length {
            let place = place_of(group, index, sizes, weighted);
            let mut factor = 1.0f32;
            if comptime!(weighted) {
                factor = weight[(place % sizes.channels) as usize];
            }
            sum += factor * sums[place as usize];
            product += factor * products[place as usize];
            index += ROWS;
        }
    }
    let sum = total(sum);
    let product = total(product);
    if group < groups && UNIT_POS_Y == 0 {
        group_sum[group as usize] = sum;
        group_product[group as usize] = product;
    }
}

/// The gradient of the input: `inverse * (weight * g - sum - z * product)` for the gradient `g` behind the
/// normalisation and the normalised number `z` (Ioffe and Szegedy, 2015, section 3). `share` is one over the numbers of
/// a group, or zero where the statistics are given: then nothing comes through them.
///
/// Sums of groups of an image have the weights in them, sums of the batch do not.
#[cube(launch)]
pub(in crate::cube) fn input_gradient(
    x: &Tensor<f32>,
    dy: &Tensor<f32>,
    weight: &Tensor<f32>,
    bias: &Tensor<f32>,
    mean: &Tensor<f32>,
    inverse: &Tensor<f32>,
    group_sum: &Tensor<f32>,
    group_product: &Tensor<f32>,
    dx: &mut Tensor<f32>,
    sizes: &Sizes,
    share: f32,
    #[comptime] form: Form,
) {
    let channels = sizes.channels;
    let pixels = sizes.height * sizes.width;
    let channel = CUBE_POS_X * LANES + UNIT_POS_X;
    if channel < channels {
        let group = group_of(channel, sizes, comptime!(form.per_image)) as usize;
        let centre = mean[group];
        let inverse = inverse[group];
        let gamma = weight[channel as usize];
        let scale = inverse * gamma;
        let shift = bias[channel as usize];
        let mut factor = share;
        // A channel of the batch has one weight, which can be multiplied in last; a group of channels has several.
        if comptime!(!form.per_image) {
            factor = share * gamma;
        }
        let sum = group_sum[group] * factor;
        let product = group_product[group] * factor;
        let length = part_length(pixels, sizes.parts);
        let end = u32::min((CUBE_POS_Y + 1) * length, pixels);
        let mut pixel = CUBE_POS_Y * length + UNIT_POS_Y;
        while pixel < end {
            let place = ((CUBE_POS_Z * pixels + pixel) * channels + channel) as usize;
            let distance = x[place] - centre;
            let gradient = gradient_at(dy, pixel, channel, distance * scale + shift, sizes, form);
            dx[place] = inverse * (gamma * gradient - sum - distance * inverse * product);
            pixel += ROWS;
        }
    }
}
