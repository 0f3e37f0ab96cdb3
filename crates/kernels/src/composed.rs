//! The operators composed of burn's own: what every backend without kernels of ours runs, and the reference of the
//! tests.

use crate::optimizer_step::{AdamStep, SgdStep};
use crate::tail::Tail;
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
        // An empty batch has no groups.
        shape.num_elements() / (batch * groups).max(1),
    ]);
    let x = B::float_reshape(x, grouped);
    // The mean is taken away before squares are: `E[x^2] - E[x]^2` would cancel where the mean is large.
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
        // Without padding it does not matter whether that counts; rounding sizes down drops an odd last row.
        B::avg_pool2d(x, [2, 2], [2, 2], [0, 0], true, false)
    } else {
        x
    }
}

/// See [`blend`](crate::blend).
pub(crate) fn blend<B: Backend>(
    first: FloatTensor<B>,
    second: FloatTensor<B>,
    shares: [f64; 2],
) -> FloatTensor<B> {
    B::float_add(
        B::float_mul_scalar(first, shares[0].into()),
        B::float_mul_scalar(second, shares[1].into()),
    )
}

/// See [`sgd_step`](crate::sgd_step).
pub(crate) fn sgd_step<B: Backend>(
    parameter: FloatTensor<B>,
    gradient: FloatTensor<B>,
    velocity: FloatTensor<B>,
    step: SgdStep,
) -> (FloatTensor<B>, FloatTensor<B>) {
    let decay = B::float_mul_scalar(parameter.clone(), step.weight_decay.into());
    let gradient = B::float_add(gradient, decay);
    // PyTorch's first step takes the gradient for the velocity, which is what a velocity of zero gives here: there is
    // no dampening.
    let velocity = B::float_mul_scalar(velocity, step.momentum.into());
    let velocity = B::float_add(velocity, gradient);
    let change = B::float_mul_scalar(velocity.clone(), step.rate.into());
    (B::float_sub(parameter, change), velocity)
}

/// See [`adam_step`](crate::adam_step).
pub(crate) fn adam_step<B: Backend>(
    parameter: FloatTensor<B>,
    gradient: FloatTensor<B>,
    first: FloatTensor<B>,
    second: FloatTensor<B>,
    step: AdamStep,
) -> (FloatTensor<B>, FloatTensor<B>, FloatTensor<B>) {
    let factors = step.factors();
    let decay = B::float_mul_scalar(parameter.clone(), factors.decay.into());
    let gradient = B::float_add(gradient, decay);
    let average = |old, new, beta: f64| {
        B::float_add(
            B::float_mul_scalar(old, beta.into()),
            B::float_mul_scalar(new, (1.0 - beta).into()),
        )
    };
    let first = average(first, gradient.clone(), step.betas[0]);
    let square = B::float_mul(gradient.clone(), gradient);
    let second = average(second, square, step.betas[1]);
    let root = B::float_mul_scalar(B::float_sqrt(second.clone()), factors.root.into());
    let direction = B::float_div(
        first.clone(),
        B::float_add_scalar(root, step.epsilon.into()),
    );
    let parameter = B::float_mul_scalar(parameter, factors.keep.into());
    let change = B::float_mul_scalar(direction, factors.rate.into());
    (B::float_sub(parameter, change), first, second)
}
