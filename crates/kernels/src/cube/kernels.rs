//! The kernels. Images lie with their channels side by side: `[batch, height, width, channels]`.
//!
//! A cube (workgroup) has [`LANES`] channels side by side and [`ROWS`] threads for each of them, which share the pixels of a
//! part of an image. What a part adds up goes to `[part of image of batch, channels]`, and a second kernel adds that up: no
//! atomics, so that a repetition on the same device has the same bits.

use cubecl::prelude::*;

/// Channels, or groups, of a cube.
pub(super) const LANES: u32 = 32;
/// Threads of a channel.
pub(super) const ROWS: u32 = 8;

/// What a kernel has to know of the layer when it is compiled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Form {
    /// ReLU after the normalisation.
    pub(super) rectifies: bool,
    /// Average pooling 2 x 2 after that.
    pub(super) pools: bool,
    /// Statistics of a group of channels of one image, not of a channel of all of them.
    pub(super) per_image: bool,
}

/// Sizes of a layer.
#[derive(CubeLaunch, CubeType, Clone, Copy)]
pub(super) struct Sizes {
    pub(super) height: u32,
    pub(super) width: u32,
    pub(super) channels: u32,
    /// Channels of a group; one for batch normalisation.
    pub(super) group: u32,
    /// Parts that an image is divided into.
    pub(super) parts: u32,
}

/// The sum over the rows of a cube, in the same order in every row.
#[cube]
fn total(value: f32) -> f32 {
    let mut shared = Shared::<[f32]>::new_slice(comptime!((LANES * ROWS) as usize));
    shared[UNIT_POS as usize] = value;
    sync_cube();
    let mut sum = 0.0f32;
    #[unroll]
    for row in 0..ROWS {
        sum += shared[(row * LANES + UNIT_POS_X) as usize];
    }
    // The memory may be used again.
    sync_cube();
    sum
}

/// Pixels of a part.
#[cube]
fn part_length(pixels: u32, parts: u32) -> u32 {
    pixels.div_ceil(parts)
}

/// Pixels of part `part`; the last ones may have fewer, or none.
#[cube]
fn part_pixels(pixels: u32, parts: u32, part: u32) -> u32 {
    let length = part_length(pixels, parts);
    let start = u32::min(part * length, pixels);
    u32::min(start + length, pixels) - start
}

/// Mean of every channel of a part of an image, and the sum of the squared distances from it.
#[cube(launch)]
pub(super) fn moments(
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
    let centre = total(sum) / f32::cast_from(u32::max(count, 1));
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

/// Where number `index` of the parts of group `group` is.
#[cube]
fn place_of(group: u32, index: u32, sizes: &Sizes, #[comptime] per_image: bool) -> u32 {
    if comptime!(per_image) {
        let groups = sizes.channels / sizes.group;
        let image = group / groups;
        let part = index / sizes.group;
        (image * sizes.parts + part) * sizes.channels
            + (group - image * groups) * sizes.group
            + (index - part * sizes.group)
    } else {
        index * sizes.channels + group
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
/// `length` numbers belong to a group.
#[cube(launch)]
pub(super) fn statistics(
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
pub(super) fn inverse_deviation(
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

/// The group of this thread's channel.
#[cube]
fn group_of(channel: u32, sizes: &Sizes, #[comptime] per_image: bool) -> u32 {
    if comptime!(per_image) {
        CUBE_POS_Z * (sizes.channels / sizes.group) + channel / sizes.group
    } else {
        channel
    }
}

/// ReLU, where there is one.
#[cube]
fn rectified(value: f32, #[comptime] rectifies: bool) -> f32 {
    if comptime!(rectifies) {
        f32::max(value, 0.0)
    } else {
        value
    }
}

/// Normalisation with what follows. The parts are those of the result.
#[cube(launch)]
pub(super) fn normalise(
    x: &Tensor<f32>,
    weight: &Tensor<f32>,
    bias: &Tensor<f32>,
    mean: &Tensor<f32>,
    inverse: &Tensor<f32>,
    y: &mut Tensor<f32>,
    sizes: &Sizes,
    #[comptime] form: Form,
) {
    let channels = sizes.channels;
    let width = sizes.width;
    let channel = CUBE_POS_X * LANES + UNIT_POS_X;
    if channel < channels {
        let group = group_of(channel, sizes, comptime!(form.per_image)) as usize;
        let centre = mean[group];
        let scale = inverse[group] * weight[channel as usize];
        let shift = bias[channel as usize];
        let mut pooled_width = width;
        let mut results = sizes.height * width;
        if comptime!(form.pools) {
            pooled_width = width / 2;
            results = (sizes.height / 2) * pooled_width;
        }
        let length = part_length(results, sizes.parts);
        let end = u32::min((CUBE_POS_Y + 1) * length, results);
        let image = CUBE_POS_Z * sizes.height * width;
        let mut result = CUBE_POS_Y * length + UNIT_POS_Y;
        while result < end {
            let place = ((CUBE_POS_Z * results + result) * channels + channel) as usize;
            if comptime!(form.pools) {
                let row = result / pooled_width;
                let column = result - row * pooled_width;
                let first = (image + 2 * row * width + 2 * column) * channels + channel;
                let below = first + width * channels;
                let a = (x[first as usize] - centre) * scale + shift;
                let b = (x[(first + channels) as usize] - centre) * scale + shift;
                let c = (x[below as usize] - centre) * scale + shift;
                let d = (x[(below + channels) as usize] - centre) * scale + shift;
                y[place] = (rectified(a, comptime!(form.rectifies))
                    + rectified(b, comptime!(form.rectifies))
                    + (rectified(c, comptime!(form.rectifies))
                        + rectified(d, comptime!(form.rectifies))))
                    * 0.25;
            } else {
                let value =
                    (x[((image + result) * channels + channel) as usize] - centre) * scale + shift;
                y[place] = rectified(value, comptime!(form.rectifies));
            }
            result += ROWS;
        }
    }
}

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
    if comptime!(form.rectifies) && value <= 0.0 {
        gradient = 0.0f32;
    }
    gradient
}

/// For every channel of a part of an image: the sum of the gradients after the normalisation, and of their products with
/// what was normalised.
#[cube(launch)]
pub(super) fn gradient_sums(
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
pub(super) fn group_sums(
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

/// The gradient of the input. `share` is one over the numbers of a group, or zero where the statistics are given.
///
/// Sums of groups of an image have the weights in them, sums of the batch do not.
#[cube(launch)]
pub(super) fn input_gradient(
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
