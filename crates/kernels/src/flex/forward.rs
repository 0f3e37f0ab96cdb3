//! Results without gradients.

use super::buffer::Buffer;
use super::conv;
use super::conv::general::{self, Convolution};
use super::images::Images;
use super::norm::{self, Forward, Layer, Statistics};
use super::optimizers;
use super::simd::Level;
use super::tensors::{images, kernels_apply, numbers, shape, small};
use crate::backend::KernelBackend;
use crate::composed;
use crate::optimizer_step::{AdamStep, SgdStep};
use crate::tail::Tail;
use burn::backend::flex::FlexTensor;
use burn::backend::{Flex, TensorMetadata};
use burn::tensor::Shape;

/// Normalisation of contiguous `f32` tensors, with the statistics found.
pub(super) fn normalise(
    x: &FlexTensor,
    weight: &FlexTensor,
    bias: &FlexTensor,
    statistics: Statistics<'_>,
    epsilon: f64,
    tail: Tail,
) -> (FlexTensor, Forward) {
    let images = images(x);
    let after = images.after(tail);
    let mut y = Buffer::new(after.len());
    let layer = Layer {
        images,
        weight: numbers(weight),
        bias: numbers(bias),
        statistics,
        tail,
    };
    let found = norm::forward(Level::best(), layer, epsilon, numbers(x), y.numbers());
    (y.into_tensor(shape(after)), found)
}

/// Convolution of contiguous `f32` tensors.
pub(super) fn convolve(x: &FlexTensor, weight: &FlexTensor, bias: &FlexTensor) -> FlexTensor {
    let images = images(x);
    let out = bias.shape()[0];
    let results = Images {
        channels: out,
        ..images
    };
    let mut y = Buffer::new(results.len());
    conv::forward(
        Level::best(),
        images,
        out,
        numbers(x),
        numbers(weight),
        numbers(bias),
        y.numbers(),
    );
    y.into_tensor(shape(results))
}

/// The sizes of a convolution with these tensors.
pub(super) fn sizes(
    x: &FlexTensor,
    weight: &FlexTensor,
    stride: usize,
    padding: usize,
) -> Convolution {
    let [out, _, kernel, _] = weight.shape().dims();
    Convolution {
        images: images(x),
        out,
        kernel,
        stride,
        padding,
    }
}

/// Any convolution of contiguous `f32` tensors.
pub(super) fn convolve_general(
    x: &FlexTensor,
    weight: &FlexTensor,
    bias: &FlexTensor,
    sizes: Convolution,
) -> FlexTensor {
    let mut y = Buffer::new(sizes.results().len());
    let (x, weight, bias) = (numbers(x), numbers(weight), numbers(bias));
    general::forward(Level::best(), sizes, x, weight, bias, y.numbers());
    y.into_tensor(shape(sizes.results()))
}

impl KernelBackend for Flex {
    fn conv2d_general(
        x: FlexTensor,
        weight: FlexTensor,
        bias: FlexTensor,
        stride: usize,
        padding: usize,
    ) -> FlexTensor {
        // Other types are burn's: double precision, with which the tests compare, must not come from the same kernels.
        if !kernels_apply(&[&x, &weight, &bias]) {
            return composed::conv2d::<Self>(x, weight, bias, stride, padding);
        }
        // Copies only what is a view of something else.
        let [x, weight, bias] = [x, weight, bias].map(|tensor| tensor.to_contiguous());
        convolve_general(&x, &weight, &bias, sizes(&x, &weight, stride, padding))
    }

    fn conv2d_3x3(x: FlexTensor, weight: FlexTensor, bias: FlexTensor) -> FlexTensor {
        if !kernels_apply(&[&x, &weight, &bias]) {
            return composed::conv2d::<Self>(x, weight, bias, 1, 1);
        }
        let [x, weight, bias] = [x, weight, bias].map(|tensor| tensor.to_contiguous());
        convolve(&x, &weight, &bias)
    }

    fn group_norm_tail(
        x: FlexTensor,
        weight: FlexTensor,
        bias: FlexTensor,
        groups: usize,
        epsilon: f64,
        tail: Tail,
    ) -> FlexTensor {
        if !kernels_apply(&[&x, &weight, &bias]) {
            return composed::group_norm::<Self>(x, weight, bias, groups, epsilon, tail);
        }
        let [x, weight, bias] = [x, weight, bias].map(|tensor| tensor.to_contiguous());
        normalise(
            &x,
            &weight,
            &bias,
            Statistics::Group { groups },
            epsilon,
            tail,
        )
        .0
    }

    fn batch_norm_train_tail(
        x: FlexTensor,
        weight: FlexTensor,
        bias: FlexTensor,
        epsilon: f64,
        tail: Tail,
    ) -> (FlexTensor, FlexTensor, FlexTensor) {
        if !kernels_apply(&[&x, &weight, &bias]) {
            return composed::batch_norm_train::<Self>(x, weight, bias, epsilon, tail);
        }
        let [x, weight, bias] = [x, weight, bias].map(|tensor| tensor.to_contiguous());
        let (y, found) = normalise(&x, &weight, &bias, Statistics::Batch, epsilon, tail);
        let channels = Shape::new([found.mean.len()]);
        (
            y,
            small(found.mean, channels.clone()),
            small(found.variance, channels),
        )
    }

    fn batch_norm_eval_tail(
        x: FlexTensor,
        weight: FlexTensor,
        bias: FlexTensor,
        mean: FlexTensor,
        variance: FlexTensor,
        epsilon: f64,
        tail: Tail,
    ) -> FlexTensor {
        if !kernels_apply(&[&x, &weight, &bias, &mean, &variance]) {
            return composed::batch_norm_eval::<Self>(
                x, weight, bias, mean, variance, epsilon, tail,
            );
        }
        let [x, weight, bias, mean, variance] =
            [x, weight, bias, mean, variance].map(|tensor| tensor.to_contiguous());
        let statistics = Statistics::Fixed {
            mean: numbers(&mean),
            variance: numbers(&variance),
        };
        normalise(&x, &weight, &bias, statistics, epsilon, tail).0
    }

    fn sgd_step(
        parameter: FlexTensor,
        gradient: FlexTensor,
        velocity: FlexTensor,
        step: SgdStep,
    ) -> (FlexTensor, FlexTensor) {
        if !kernels_apply(&[&parameter, &gradient, &velocity]) {
            return composed::sgd_step::<Self>(parameter, gradient, velocity, step);
        }
        optimizers::sgd([parameter, gradient, velocity], step)
    }

    fn adam_step(
        parameter: FlexTensor,
        gradient: FlexTensor,
        first: FlexTensor,
        second: FlexTensor,
        step: AdamStep,
    ) -> (FlexTensor, FlexTensor, FlexTensor) {
        if !kernels_apply(&[&parameter, &gradient, &first, &second]) {
            return composed::adam_step::<Self>(parameter, gradient, first, second, step);
        }
        optimizers::adam([parameter, gradient, first, second], step)
    }
}
