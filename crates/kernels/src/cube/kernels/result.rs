//! The result of a normalisation.

use super::division::{Form, LANES, ROWS, Sizes, group_of, part_length};
use cubecl::prelude::*;

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
pub(in crate::cube) fn normalise(
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
                // Four reads for each result, each of them side by side for the threads of a row.
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
