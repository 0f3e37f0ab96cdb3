//! The operators composed of burn's own: what every backend without kernels of ours runs, and the reference of the
//! tests.

use crate::Tail;
use burn::backend::ops::ConvOptions;
use burn::backend::tensor::FloatTensor;
use burn::backend::{Backend, TensorMetadata};
use burn::tensor::Shape;

/// The convolution with one group, through burn's general one.
pub(crate) fn conv2d<B: Backend>(
    x: FloatTensor<B>,
    weight: FloatTensor<B>,
    bias: FloatTensor<B>,
    stride: usize,
    padding: usize,
) -> FloatTensor<B> {
    let options = ConvOptions::new([stride, stride], [padding, padding], [1, 1], 1);
    B::conv2d(x, weight, Some(bias), options)
}

/// Group normalisation, then `tail`.
pub(crate) fn group_norm<B: Backend>(
    x: FloatTensor<B>,
    weight: FloatTensor<B>,
    bias: FloatTensor<B>,
    groups: usize,
    epsilon: f64,
    tail: Tail,
) -> FloatTensor<B> {
    let shape = x.shape();
    let [batch, channels] = [shape[0], shape[1]];
    let grouped = Shape::new([
        batch,
        groups,
        shape.num_elements() / (batch * groups).max(1),
    ]);
    let x = B::float_reshape(x, grouped);
    let x = B::float_sub(x.clone(), B::float_mean_dim(x, 2));
    let variance = B::float_mean_dim(B::float_mul(x.clone(), x.clone()), 2);
    let deviation = B::float_sqrt(B::float_add_scalar(variance, epsilon.into()));
    let x = B::float_reshape(B::float_div(x, deviation), shape);
    let per_channel = Shape::new([1, channels, 1, 1]);
    let x = B::float_mul(x, B::float_reshape(weight, per_channel.clone()));
    let x = B::float_add(x, B::float_reshape(bias, per_channel));
    after::<B>(x, tail)
}

/// Batch normalisation with the statistics of the batch, then `tail`.
pub(crate) fn batch_norm_train<B: Backend>(
    x: FloatTensor<B>,
    weight: FloatTensor<B>,
    bias: FloatTensor<B>,
    epsilon: f64,
    tail: Tail,
) -> (FloatTensor<B>, FloatTensor<B>, FloatTensor<B>) {
    let normalised = B::batch_norm_train(x, weight, bias, epsilon);
    (
        after::<B>(normalised.output, tail),
        normalised.mean,
        normalised.variance,
    )
}

/// Batch normalisation with given statistics, then `tail`.
pub(crate) fn batch_norm_eval<B: Backend>(
    x: FloatTensor<B>,
    weight: FloatTensor<B>,
    bias: FloatTensor<B>,
    mean: FloatTensor<B>,
    variance: FloatTensor<B>,
    epsilon: f64,
    tail: Tail,
) -> FloatTensor<B> {
    after::<B>(
        B::batch_norm(x, weight, bias, mean, variance, epsilon),
        tail,
    )
}

/// ReLU and pooling.
fn after<B: Backend>(x: FloatTensor<B>, tail: Tail) -> FloatTensor<B> {
    let x = if tail.rectifies() { B::relu(x) } else { x };
    if tail.pools() {
        B::avg_pool2d(x, [2, 2], [2, 2], [0, 0], true, false)
    } else {
        x
    }
}
