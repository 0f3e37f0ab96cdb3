//! Two-dimensional convolution.

use burn::module::{Module, Param};
use burn::tensor::Tensor;
use burn::tensor::module::conv2d;
use burn::tensor::ops::ConvOptions;
use ddrank_kernels::conv2d_3x3;
use rand::Rng;

use crate::initialise::Initialiser;

/// The sizes of a [`Conv2d`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Convolution {
    /// Input channels.
    pub inputs: usize,
    /// Output channels.
    pub outputs: usize,
    /// Side of the square kernel.
    pub kernel: usize,
    /// Stride in both directions.
    pub stride: usize,
    /// Zeros added on all four sides.
    pub padding: usize,
    /// Whether a bias is added.
    pub bias: bool,
}

/// PyTorch's `Conv2d`: `weight` `[out, in, kernel, kernel]`, `bias` `[out]`.
#[derive(Module, Debug)]
pub struct Conv2d {
    weight: Param<Tensor<4>>,
    bias: Option<Param<Tensor<1>>>,
    stride: usize,
    padding: usize,
}

impl Conv2d {
    /// A convolution with PyTorch's default initialisation.
    pub fn new<R: Rng + ?Sized>(sizes: Convolution, initialiser: &mut Initialiser<'_, R>) -> Self {
        let Convolution {
            inputs,
            outputs,
            kernel,
            stride,
            padding,
            bias,
        } = sizes;
        let fan_in = inputs * kernel * kernel;
        Self {
            weight: initialiser.fan_in_uniform([outputs, inputs, kernel, kernel], fan_in),
            bias: bias.then(|| initialiser.fan_in_uniform([outputs], fan_in)),
            stride,
            padding,
        }
    }

    /// A convolution as torchvision initialises it: weights normal with standard deviation `sqrt(2 / fan_out)`
    /// (`fan_out` is output channels × kernel area), bias 0.
    pub fn kaiming_normal<R: Rng + ?Sized>(
        sizes: Convolution,
        initialiser: &mut Initialiser<'_, R>,
    ) -> Self {
        let Convolution {
            inputs,
            outputs,
            kernel,
            stride,
            padding,
            bias,
        } = sizes;
        let deviation = (2.0 / (outputs * kernel * kernel) as f64).sqrt();
        Self {
            weight: initialiser.normal([outputs, inputs, kernel, kernel], deviation),
            bias: bias.then(|| initialiser.constant([outputs], 0.0)),
            stride,
            padding,
        }
    }

    /// `[batch, in, height, width]` to `[batch, out, height', width']`.
    #[must_use]
    pub fn forward(&self, input: Tensor<4>) -> Tensor<4> {
        let bias = self.bias.as_ref().map(Param::val);
        let weight = self.weight.val();
        if weight.dims()[2] == 3 && self.stride == 1 && self.padding == 1 {
            return conv2d_3x3(input, weight, bias);
        }
        let options = ConvOptions::new(
            [self.stride, self.stride],
            [self.padding, self.padding],
            [1, 1],
            1,
        );
        conv2d(input, weight, bias, options)
    }
}
