//! The depthwise convolution against burn's grouped one.

use crate::support::{assert_near, random, tracked};
use burn::tensor::module::conv2d;
use burn::tensor::ops::ConvOptions;
use burn::tensor::{Device, Tensor};
use ddrank_kernels::depthwise_conv2d;

/// Batch, channels, height, width, kernel, stride.
const SHAPES: &[[usize; 6]] = &[
    [4, 16, 9, 9, 3, 1],
    [3, 5, 8, 11, 3, 2],
    [2, 7, 13, 6, 5, 2],
    [1, 6, 7, 7, 5, 1],
    [3, 1, 4, 4, 3, 1],
    [2, 4, 1, 1, 3, 2],
    [5, 3, 2, 3, 5, 1],
];

type Conv = fn(Tensor<4>, Tensor<4>, usize, usize) -> Tensor<4>;

fn burns(x: Tensor<4>, weight: Tensor<4>, stride: usize, padding: usize) -> Tensor<4> {
    let groups = x.dims()[1];
    let options = ConvOptions::new([stride; 2], [padding; 2], [1, 1], groups);
    conv2d(x, weight, None, options)
}

/// Result and the gradients with respect to input and weight under a random weighting of the result.
fn run([n, c, h, w, k, stride]: [usize; 6], conv: Conv) -> [Tensor<4>; 3] {
    let device = Device::flex().autodiff();
    let x = tracked(random([n, c, h, w], 1, &device) + 0.3);
    let weight = tracked(random([c, 1, k, k], 2, &device));
    let y = conv(x.clone(), weight.clone(), stride, k / 2);
    let weighting = random(y.dims(), 3, &device);
    let grads = (y.clone() * weighting).sum().backward();
    [
        y.inner(),
        x.grad(&grads).unwrap(),
        weight.grad(&grads).unwrap(),
    ]
}

#[test]
fn results_and_gradients_are_those_of_burns_grouped_convolution() {
    for &shape in SHAPES {
        for (which, (got, expected)) in run(shape, depthwise_conv2d)
            .into_iter()
            .zip(run(shape, burns))
            .enumerate()
        {
            assert_eq!(got.dims(), expected.dims(), "{shape:?}, number {which}");
            assert_near(&format!("{shape:?}, number {which}"), &got, &expected, 5e-6);
        }
    }
}

#[test]
#[should_panic(expected = "needs a weight [3, 1, k, k], not [3, 2, 3, 3]")]
fn a_weight_of_another_kind_is_refused() {
    let device = Device::flex();
    let _ = depthwise_conv2d(
        Tensor::zeros([1, 3, 4, 4], &device),
        Tensor::zeros([3, 2, 3, 3], &device),
        1,
        1,
    );
}
