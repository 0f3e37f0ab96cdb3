//! The operators of networks.

use burn::tensor::activation::{leaky_relu, relu, sigmoid};
use burn::tensor::module::{avg_pool2d, conv2d, max_pool2d};
use burn::tensor::ops::{AvgPoolOptions, ConvOptions, MaxPoolOptions};
use burn::tensor::{Int, Tensor, TensorData};
use ddrank_kernels::{Tail, batch_norm_eval, batch_norm_train, conv2d_3x3, group_norm, total};

use super::case::{Case, case};
use super::recorder::Recorder;

/// As in `doctor.py`.
pub(super) const CASES: &[Case] = &[
    case("conv 3x3", |recorder| {
        convolve(recorder, [5, 7], [3, 1, 1], [9, 4], true);
    }),
    // Many channels, as real networks have: GPU backends choose other kernels for them than for few.
    case("conv 3x3, 128 channels", |recorder| {
        recorder.compare_means();
        convolve(recorder, [128, 128], [3, 1, 1], [16, 4], true);
    }),
    case("conv 3x3 stride 2", |recorder| {
        convolve(recorder, [6, 8], [3, 2, 1], [8, 3], false);
    }),
    case("conv 3x3 stride 2, 128 channels", |recorder| {
        recorder.compare_means();
        convolve(recorder, [64, 128], [3, 2, 1], [16, 4], false);
    }),
    case("conv 1x1", |recorder| {
        convolve(recorder, [9, 6], [1, 1, 0], [6, 3], false);
    }),
    case("conv 1x1 stride 2", |recorder| {
        convolve(recorder, [6, 10], [1, 2, 0], [8, 3], false);
    }),
    case("conv 1x1 stride 2, 128 channels", |recorder| {
        recorder.compare_means();
        convolve(recorder, [64, 128], [1, 2, 0], [16, 4], false);
    }),
    case("conv 5x5", |recorder| {
        convolve(recorder, [3, 6], [5, 1, 2], [9, 3], true);
    }),
    case("conv 7x7 stride 2", |recorder| {
        convolve(recorder, [3, 8], [7, 2, 3], [13, 2], false);
    }),
    case("norm of each channel", |recorder| {
        normalise(recorder, 8, Tail::Nothing);
    }),
    case("norm of each channel, ReLU, pooling", |recorder| {
        normalise(recorder, 8, Tail::ReluAveragePool);
    }),
    case("group norm", |recorder| {
        normalise(recorder, 4, Tail::Relu);
    }),
    case("layer norm", layer_norm),
    case("batch norm, training", |recorder| {
        let ([x], [weight, bias]) = batch_norm_inputs(recorder);
        let trained = batch_norm_train(x, weight, bias, EPSILON, Tail::Relu);
        recorder.keep("mean", trained.mean);
        recorder.keep("variance", trained.variance);
        recorder.differentiate(trained.output);
    }),
    case("batch norm, evaluation", |recorder| {
        let ([x], [weight, bias]) = batch_norm_inputs(recorder);
        let mean = recorder.constant("mean", [6], 1.0, 0.0);
        // Away from zero, where the root would magnify rounding.
        let variance = recorder.constant("variance", [6], 0.5, 1.0);
        let statistics = (mean, variance);
        let y = batch_norm_eval(x, (weight, bias), statistics, EPSILON, Tail::Nothing);
        recorder.differentiate(y);
    }),
    case("ReLU", |recorder| pointwise(recorder, relu)),
    case("sigmoid", |recorder| pointwise(recorder, sigmoid)),
    case("leaky ReLU", |recorder| {
        pointwise(recorder, |x| leaky_relu(x, 0.01));
    }),
    case("average pooling", |recorder| {
        pointwise(recorder, |x| avg_pool2d(x, AvgPoolOptions::new([2, 2])));
    }),
    case("max pooling", |recorder| {
        pointwise(recorder, |x| max_pool2d(x, MaxPoolOptions::new([2, 2])));
    }),
    case("linear", |recorder| {
        let x = recorder.leaf("x", [10, 70], 1.0, 0.0);
        let weight: Tensor<2> = recorder.leaf("w", [12, 70], 0.2, 0.0);
        let bias: Tensor<1> = recorder.leaf("b", [12], 1.0, 0.0);
        recorder.differentiate(x.matmul(weight.transpose()) + bias.unsqueeze());
    }),
    case("accuracy", accuracy),
    case("selection of images", |recorder| {
        let x: Tensor<4> = recorder.leaf("x", [7, 2, 3, 3], 1.0, 0.0);
        // 3 twice: its gradients have to be added, not written over each other.
        let places = TensorData::new(vec![6_i32, 0, 3, 3, 5], [5]);
        let places = Tensor::<1, Int>::from_data(places, recorder.device());
        recorder.differentiate(x.select(0, places));
    }),
];

const EPSILON: f64 = 1e-5;

/// A convolution `[inputs, outputs]` with `[kernel, stride, padding]` of `[side, batch]` images.
fn convolve(
    recorder: &mut Recorder,
    [inputs, outputs]: [usize; 2],
    [kernel, stride, padding]: [usize; 3],
    [side, batch]: [usize; 2],
    has_bias: bool,
) {
    let fan_in = (inputs * kernel * kernel) as f64;
    // Not square: exchanged axes must show.
    let x = recorder.leaf("x", [batch, inputs, side, side + 1], 1.0, 0.0);
    // Uniform numbers of variance 1 / fan_in: results have the size of inputs.
    let scale = (3.0 / fan_in).sqrt();
    let weight = recorder.leaf("w", [outputs, inputs, kernel, kernel], scale, 0.0);
    let bias = has_bias.then(|| recorder.leaf("b", [outputs], 0.5, 0.0));
    let y = convolution(x, weight, bias, stride, padding);
    recorder.differentiate(y);
}

/// As the layers of networks choose: the 3 x 3 convolution of this project, or burn's.
pub(super) fn convolution(
    x: Tensor<4>,
    weight: Tensor<4>,
    bias: Option<Tensor<1>>,
    stride: usize,
    padding: usize,
) -> Tensor<4> {
    if weight.dims()[2] == 3 && stride == 1 && padding == 1 {
        return conv2d_3x3(x, weight, bias);
    }
    let options = ConvOptions::new([stride, stride], [padding, padding], [1, 1], 1);
    conv2d(x, weight, bias, options)
}

fn normalise(recorder: &mut Recorder, groups: usize, tail: Tail) {
    let x = recorder.leaf("x", [3, 8, 6, 6], 2.0, 0.5);
    let weight = recorder.leaf("w", [8], 0.5, 1.0);
    let bias = recorder.leaf("b", [8], 0.5, 0.0);
    recorder.differentiate(group_norm(x, weight, bias, groups, EPSILON, tail));
}

/// The chain of operators that the layer of that name is.
fn layer_norm(recorder: &mut Recorder) {
    let x: Tensor<4> = recorder.leaf("x", [3, 4, 5, 5], 2.0, 0.5);
    let weight: Tensor<3> = recorder.leaf("w", [4, 5, 5], 0.5, 1.0);
    let bias: Tensor<3> = recorder.leaf("b", [4, 5, 5], 0.5, 0.0);
    let shape = x.dims();
    let values: Tensor<2> = x.flatten(1, 3);
    let mean = values.clone().mean_dim(1);
    let centred = values - mean;
    let variance = centred.clone().square().mean_dim(1);
    let normalised = centred / variance.add_scalar(EPSILON).sqrt();
    let y = normalised.reshape(shape) * weight.unsqueeze() + bias.unsqueeze();
    recorder.differentiate(y);
}

fn batch_norm_inputs(recorder: &mut Recorder) -> ([Tensor<4>; 1], [Tensor<1>; 2]) {
    let x = recorder.leaf("x", [5, 6, 4, 4], 2.0, 0.5);
    let weight = recorder.leaf("w", [6], 0.5, 1.0);
    let bias = recorder.leaf("b", [6], 0.5, 0.0);
    ([x], [weight, bias])
}

fn pointwise(recorder: &mut Recorder, function: impl FnOnce(Tensor<4>) -> Tensor<4>) {
    let x = recorder.leaf("x", [3, 4, 7, 6], 2.0, 0.0);
    recorder.differentiate(function(x));
}

/// As the evaluation loop counts hits, and the sum of the predicted classes.
fn accuracy(recorder: &mut Recorder) {
    let logits: Tensor<2> = recorder.plain("logits", [40, 10], 1.0);
    let classes: Vec<i32> = (0..40).map(|index| index % 10).collect();
    let classes = Tensor::<1, Int>::from_data(TensorData::new(classes, [40]), recorder.device());
    let predicted: Tensor<1, Int> = logits.argmax(1).squeeze_dim(1);
    // Both in one tensor of numbers that float32 holds exactly.
    let hits = total(predicted.clone().equal(classes).int());
    recorder.keep("y", Tensor::cat(vec![hits, total(predicted)], 0).float());
}
