//! Mean and variance.

use super::division::{LANES, ROWS, Sizes, part_length, part_pixels, place_of, total};
use cubecl::prelude::*;

/// Mean of every channel of a part of an image, and the sum of the squared distances from it.
#[cube(launch)]
pub(in crate::cube) fn moments(
    x: &Tensor<f32>,
    mean: &mut Tensor<f32>,
    spread: &mut Tensor<f32>,
    sizes: &Sizes,
) {
    let channels = sizes.channels;
    let pixels = sizes.height * sizes.width;
    let channel = CUBE_POS_X * LANES + UNIT_POS_X;
    let length = part_length(pixels, sizes.parts);
    let count = part_pixels(pixels, sizes.parts, CUBE_POS_Y);
    let first = (CUBE_POS_Z * pixels + CUBE_POS_Y * length) * channels + channel;

    let mut sum = 0.0f32;
    if channel < channels {
        let mut pixel = UNIT_POS_Y;
        while pixel < count {
            sum += x[(first + pixel * channels) as usize];
            pixel += ROWS;
        }
    }
    // Outside the condition: see `total`. An empty part divides by one.
    let centre = total(sum) / f32::cast_from(u32::max(count, 1));
    // A second pass instead of sums of squares, which would cancel: there is no double precision on every GPU.
    let mut squares = 0.0f32;
    if channel < channels {
        let mut pixel = UNIT_POS_Y;
        while pixel < count {
            let distance = x[(first + pixel * channels) as usize] - centre;
            squares += distance * distance;
            pixel += ROWS;
        }
    }
    let squares = total(squares);
    if channel < channels && UNIT_POS_Y == 0 {
        let place = ((CUBE_POS_Z * sizes.parts + CUBE_POS_Y) * channels + channel) as usize;
        mean[place] = centre;
        spread[place] = squares;
    }
}

/// Pixels that number `index` of a group stands for.
#[cube]
fn weight_of(index: u32, sizes: &Sizes, #[comptime] per_image: bool) -> f32 {
    let part = if comptime!(per_image) {
        index / sizes.group
    } else {
        index % sizes.parts
    };
    f32::cast_from(part_pixels(sizes.height * sizes.width, sizes.parts, part))
}

/// Mean and biased variance of every group, and one over the standard deviation, from [`moments`].
///
/// `length` numbers belong to a group. Parts are put together as Chan, Golub and LeVeque (1983) do, with the squares of
/// the distances between their means; the last parts of an image may have fewer pixels, or none, and count accordingly.
#[cube(launch)]
pub(in crate::cube) fn statistics(
    part_mean: &Tensor<f32>,
    part_spread: &Tensor<f32>,
    mean: &mut Tensor<f32>,
    variance: &mut Tensor<f32>,
    inverse: &mut Tensor<f32>,
    sizes: &Sizes,
    groups: u32,
    length: u32,
    epsilon: f32,
    #[comptime] per_image: bool,
) {
    let group = CUBE_POS_X * LANES + UNIT_POS_X;
    let mut count = 0.0f32;
    let mut sum = 0.0f32;
    if group < groups {
        let mut index = UNIT_POS_Y;
        while index < length {
            let weight = weight_of(index, sizes, per_image);
            count += weight;
            sum += weight * part_mean[place_of(group, index, sizes, per_image) as usize];
            index += ROWS;
        }
    }
    let count = total(count);
    let centre = total(sum) / f32::max(count, 1.0);
    let mut squares = 0.0f32;
    if group < groups {
        let mut index = UNIT_POS_Y;
        while index < length {
            let place = place_of(group, index, sizes, per_image) as usize;
            let distance = part_mean[place] - centre;
            squares +=
                part_spread[place] + weight_of(index, sizes, per_image) * distance * distance;
            index += ROWS;
        }
    }
    let spread = total(squares) / f32::max(count, 1.0);
    if group < groups && UNIT_POS_Y == 0 {
        mean[group as usize] = centre;
        variance[group as usize] = spread;
        inverse[group as usize] = 1.0 / f32::sqrt(spread + epsilon);
    }
}

/// One over the standard deviation of every channel.
#[cube(launch)]
pub(in crate::cube) fn inverse_deviation(
    variance: &Tensor<f32>,
    inverse: &mut Tensor<f32>,
    channels: u32,
    epsilon: f32,
) {
    let channel = CUBE_POS_X * LANES + UNIT_POS_X;
    if channel < channels {
        inverse[channel as usize] = 1.0 / f32::sqrt(variance[channel as usize] + epsilon);
    }
}
