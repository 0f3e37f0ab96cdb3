//! The operators on burn's tensors.

use crate::backend::KernelBackend;
use crate::direct::is_direct;
use crate::tail::Tail;
use burn::backend::Dispatch;
use burn::tensor::Tensor;
use burn::tensor::module::conv2d as burns_conv2d;
use burn::tensor::ops::ConvOptions;

/// Convolution 3 x 3 with stride 1 and zero padding 1.
///
/// `x` is `[batch, channels, height, width]`, `weight` `[out, channels, 3, 3]` and `bias` `[out]`, as in PyTorch; the
/// result is `[batch, out, height, width]`. The gradient with respect to an input that is not tracked is not computed.
///
/// On `flex` with 12 or more channels this is Winograd's F(4x4, 3x3) with the points 0, ±3/4, ±3/2 and infinity, whose
/// rounding error is about six times that of the direct sum: 1e-6 of the result's root mean square (128 channels). See
/// [`with_direct_convolution`](crate::with_direct_convolution).
///
/// # Panics
///
/// If the shapes do not fit together, or the tensors are on different devices.
#[must_use]
pub fn conv2d_3x3(x: Tensor<4>, weight: Tensor<4>, bias: Option<Tensor<1>>) -> Tensor<4> {
    let [_, channels, _, _] = x.dims();
    let [out, weight_channels, rows, columns] = weight.dims();
    assert!(
        [weight_channels, rows, columns] == [channels, 3, 3],
        "conv2d_3x3: an input of {channels} channels needs a weight [out, {channels}, 3, 3], not {:?}",
        weight.dims()
    );
    // Zeros for no bias: one recorded step with three parents, not two kinds of it. It costs an addition a result.
    let bias = bias.unwrap_or_else(|| Tensor::<1>::zeros([out], &x.device()).cast(x.dtype()));
    check_channels("conv2d_3x3", "bias", &bias, out);
    // Above the backends, so that burn records its own backward step.
    if is_direct() {
        return direct(x, weight, bias, 1, 1);
    }
    Tensor::from_dispatch(<Dispatch as KernelBackend>::conv2d_3x3(
        x.into_dispatch(),
        weight.into_dispatch(),
        bias.into_dispatch(),
    ))
}

/// Convolution with one group, a square kernel, and zero padding on all four sides.
///
/// `x` is `[batch, channels, height, width]`, `weight` `[out, channels, kernel, kernel]` and `bias` `[out]`, as in
/// PyTorch. A kernel of 3 with stride and padding 1 is quicker as [`conv2d_3x3`]. The gradient with respect to an input
/// that is not tracked is not computed.
///
/// # Panics
///
/// If the shapes do not fit together, the kernel is larger than the padded image, the stride is 0, or the tensors are
/// on different devices.
#[must_use]
pub fn conv2d(
    x: Tensor<4>,
    weight: Tensor<4>,
    bias: Option<Tensor<1>>,
    stride: usize,
    padding: usize,
) -> Tensor<4> {
    let [_, channels, height, width] = x.dims();
    let [out, weight_channels, rows, columns] = weight.dims();
    assert!(
        (weight_channels, rows) == (channels, columns),
        "conv2d: an input of {channels} channels needs a weight [out, {channels}, k, k], not {:?}",
        weight.dims()
    );
    assert!(
        stride > 0 && rows > 0 && rows <= height.min(width) + 2 * padding,
        "conv2d: a kernel of {rows} with stride {stride} and padding {padding} does not fit {height} x {width} pixels"
    );
    let bias = bias.unwrap_or_else(|| Tensor::<1>::zeros([out], &x.device()).cast(x.dtype()));
    check_channels("conv2d", "bias", &bias, out);
    if is_direct() {
        return direct(x, weight, bias, stride, padding);
    }
    Tensor::from_dispatch(<Dispatch as KernelBackend>::conv2d_general(
        x.into_dispatch(),
        weight.into_dispatch(),
        bias.into_dispatch(),
        stride,
        padding,
    ))
}

/// burn's own convolution.
fn direct(
    x: Tensor<4>,
    weight: Tensor<4>,
    bias: Tensor<1>,
    stride: usize,
    padding: usize,
) -> Tensor<4> {
    let options = ConvOptions::new([stride, stride], [padding, padding], [1, 1], 1);
    burns_conv2d(x, weight, Some(bias), options)
}

/// Convolution of every channel by itself, with zero padding on all four sides.
///
/// `x` is `[batch, channels, height, width]` and `weight` `[channels, 1, kernel, kernel]`, as in PyTorch with one group
/// a channel. It is burn's grouped convolution with another way to the gradient of the weight: one convolution instead
/// of one a channel.
///
/// # Panics
///
/// If the shapes do not fit together, or the tensors are on different devices.
#[must_use]
pub fn depthwise_conv2d(
    x: Tensor<4>,
    weight: Tensor<4>,
    stride: usize,
    padding: usize,
) -> Tensor<4> {
    let [_, channels, _, _] = x.dims();
    let [out, one, rows, columns] = weight.dims();
    assert!(
        (out, one, rows) == (channels, 1, columns),
        "depthwise_conv2d: an input of {channels} channels needs a weight [{channels}, 1, k, k], not {:?}",
        weight.dims()
    );
    Tensor::from_dispatch(<Dispatch as KernelBackend>::depthwise_conv2d(
        x.into_dispatch(),
        weight.into_dispatch(),
        stride,
        padding,
    ))
}

/// Group normalisation (biased variance) of `x` `[batch, channels, height, width]` with `weight` and `bias`
/// `[channels]`, then `tail`. As many groups as channels is instance normalisation.
///
/// # Panics
///
/// If the channels cannot be divided into `groups`, the parameters do not have one number per channel, or the tensors
/// are on different devices.
#[must_use]
pub fn group_norm(
    x: Tensor<4>,
    weight: Tensor<1>,
    bias: Tensor<1>,
    groups: usize,
    epsilon: f64,
    tail: Tail,
) -> Tensor<4> {
    let channels = x.dims()[1];
    assert!(
        groups > 0 && channels.is_multiple_of(groups),
        "group_norm: {channels} channels cannot be divided into {groups} groups"
    );
    check_channels("group_norm", "weight", &weight, channels);
    check_channels("group_norm", "bias", &bias, channels);
    Tensor::from_dispatch(<Dispatch as KernelBackend>::group_norm_tail(
        x.into_dispatch(),
        weight.into_dispatch(),
        bias.into_dispatch(),
        groups,
        epsilon,
        tail,
    ))
}

/// What [`batch_norm_train`] returns.
#[derive(Debug)]
pub struct BatchNormOutput {
    /// The result, `[batch, channels, height, width]` after the tail.
    pub output: Tensor<4>,
    /// Mean of every channel over the batch, `[channels]`; a constant for autodiff.
    pub mean: Tensor<1>,
    /// Biased variance of every channel over the batch, `[channels]`; a constant for autodiff. PyTorch's running
    /// variance takes it times `n / (n - 1)`, `n` being `batch * height * width`.
    pub variance: Tensor<1>,
}

/// Batch normalisation of `x` `[batch, channels, height, width]` with the statistics of the batch, `weight` and `bias`
/// `[channels]`, then `tail`. Running statistics are the caller's.
///
/// # Panics
///
/// If the parameters do not have one number per channel, or the tensors are on different devices.
#[must_use]
pub fn batch_norm_train(
    x: Tensor<4>,
    weight: Tensor<1>,
    bias: Tensor<1>,
    epsilon: f64,
    tail: Tail,
) -> BatchNormOutput {
    let channels = x.dims()[1];
    check_channels("batch_norm_train", "weight", &weight, channels);
    check_channels("batch_norm_train", "bias", &bias, channels);
    let (output, mean, variance) = <Dispatch as KernelBackend>::batch_norm_train_tail(
        x.into_dispatch(),
        weight.into_dispatch(),
        bias.into_dispatch(),
        epsilon,
        tail,
    );
    BatchNormOutput {
        output: Tensor::from_dispatch(output),
        mean: Tensor::from_dispatch(mean),
        variance: Tensor::from_dispatch(variance),
    }
}

/// Batch normalisation of `x` `[batch, channels, height, width]` with given `mean` and `variance`, `weight` and `bias`
/// (all `[channels]`), then `tail`. On `flex` with `f32`, `mean` and `variance` are constants for autodiff.
///
/// # Panics
///
/// If the parameters do not have one number per channel, or the tensors are on different devices.
#[must_use]
pub fn batch_norm_eval(
    x: Tensor<4>,
    (weight, bias): (Tensor<1>, Tensor<1>),
    (mean, variance): (Tensor<1>, Tensor<1>),
    epsilon: f64,
    tail: Tail,
) -> Tensor<4> {
    let channels = x.dims()[1];
    for (name, tensor) in [
        ("weight", &weight),
        ("bias", &bias),
        ("mean", &mean),
        ("variance", &variance),
    ] {
        check_channels("batch_norm_eval", name, tensor, channels);
    }
    Tensor::from_dispatch(<Dispatch as KernelBackend>::batch_norm_eval_tail(
        x.into_dispatch(),
        weight.into_dispatch(),
        bias.into_dispatch(),
        mean.into_dispatch(),
        variance.into_dispatch(),
        epsilon,
        tail,
    ))
}

/// Panics unless `tensor` has one number per channel.
fn check_channels(operator: &str, name: &str, tensor: &Tensor<1>, channels: usize) {
    let [found] = tensor.dims();
    assert!(
        found == channels,
        "{operator}: {name} must have one number for each of the {channels} channels, not {found}"
    );
}
