//! Two-dimensional convolution.

use burn::module::{Module, Param};
use burn::tensor::Tensor;
use burn::tensor::module::conv2d;
use burn::tensor::ops::ConvOptions;
use ddrank_kernels::{conv2d as dense, conv2d_3x3, depthwise_conv2d};
use rand::Rng;

use crate::initialise::Initialiser;

/// The sizes of a [`Conv2d`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Convolution {
    /// Input channels.
    pub(crate) inputs: usize,
    /// Output channels.
    pub(crate) outputs: usize,
    /// Side of the square kernel.
    pub(crate) kernel: usize,
    /// Stride in both directions.
    pub(crate) stride: usize,
    /// Zeros added on all four sides.
    pub(crate) padding: usize,
    /// Whether a bias is added.
    pub(crate) bias: bool,
    /// Groups of channels that are convolved separately; it has to divide inputs and outputs.
    pub(crate) groups: usize,
}

impl Convolution {
    /// A convolution without bias that keeps the size but for its stride: padding `kernel / 2`, one group.
    pub(crate) const fn same(inputs: usize, outputs: usize, kernel: usize, stride: usize) -> Self {
        Self {
            inputs,
            outputs,
            kernel,
            stride,
            padding: kernel / 2,
            bias: false,
            groups: 1,
        }
    }

    /// The same with one group a channel.
    pub(crate) const fn depthwise(channels: usize, kernel: usize, stride: usize) -> Self {
        Self {
            groups: channels,
            ..Self::same(channels, channels, kernel, stride)
        }
    }

    const fn weight_shape(self) -> [usize; 4] {
        [
            self.outputs,
            self.inputs / self.groups,
            self.kernel,
            self.kernel,
        ]
    }
}

/// PyTorch's `Conv2d`: `weight` `[out, in / groups, kernel, kernel]`, `bias` `[out]`.
#[derive(Module, Debug)]
pub(crate) struct Conv2d {
    weight: Param<Tensor<4>>,
    bias: Option<Param<Tensor<1>>>,
    stride: usize,
    padding: usize,
    groups: usize,
}

impl Conv2d {
    /// A convolution with PyTorch's default initialisation.
    pub(crate) fn new<R: Rng + ?Sized>(
        sizes: Convolution,
        initialiser: &mut Initialiser<'_, R>,
    ) -> Self {
        let fan_in = sizes.inputs / sizes.groups * sizes.kernel * sizes.kernel;
        let weight = initialiser.fan_in_uniform(sizes.weight_shape(), fan_in);
        let bias = sizes
            .bias
            .then(|| initialiser.fan_in_uniform([sizes.outputs], fan_in));
        Self::of(sizes, weight, bias)
    }

    /// A convolution as torchvision initialises it: weights normal with standard deviation `sqrt(2 / fan_out)`
    /// (`fan_out` is output channels × kernel area, whatever the groups), bias 0.
    pub(crate) fn kaiming_normal<R: Rng + ?Sized>(
        sizes: Convolution,
        initialiser: &mut Initialiser<'_, R>,
    ) -> Self {
        let fan_out = sizes.outputs * sizes.kernel * sizes.kernel;
        let deviation = (2.0 / fan_out as f64).sqrt();
        Self::normal(sizes, deviation, initialiser)
    }

    /// A convolution with normal weights of that standard deviation and bias 0.
    pub(crate) fn normal<R: Rng + ?Sized>(
        sizes: Convolution,
        deviation: f64,
        initialiser: &mut Initialiser<'_, R>,
    ) -> Self {
        let weight = initialiser.normal(sizes.weight_shape(), deviation);
        let bias = sizes
            .bias
            .then(|| initialiser.constant([sizes.outputs], 0.0));
        Self::of(sizes, weight, bias)
    }

    fn of(sizes: Convolution, weight: Param<Tensor<4>>, bias: Option<Param<Tensor<1>>>) -> Self {
        debug_assert!(
            sizes.inputs.is_multiple_of(sizes.groups) && sizes.outputs.is_multiple_of(sizes.groups)
        );
        Self {
            weight,
            bias,
            stride: sizes.stride,
            padding: sizes.padding,
            groups: sizes.groups,
        }
    }

    /// Output channels.
    pub(crate) fn outputs(&self) -> usize {
        self.weight.val().dims()[0]
    }

    /// `[batch, in, height, width]` to `[batch, out, height', width']`.
    pub(crate) fn forward(&self, input: Tensor<4>) -> Tensor<4> {
        let bias = self.bias.as_ref().map(Param::val);
        let weight = self.weight.val();
        // The kernels of our own are for the shapes that networks spend their time in; they compute the same sums.
        if weight.dims()[2] == 3 && (self.stride, self.padding, self.groups) == (1, 1, 1) {
            return conv2d_3x3(input, weight, bias);
        }
        if weight.dims()[1] == 1 && self.groups > 1 && bias.is_none() {
            return depthwise_conv2d(input, weight, self.stride, self.padding);
        }
        if self.groups == 1 {
            return dense(input, weight, bias, self.stride, self.padding);
        }
        let options = ConvOptions::new(
            [self.stride, self.stride],
            [self.padding, self.padding],
            [1, 1],
            self.groups,
        );
        conv2d(input, weight, bias, options)
    }
}
