//! Non-linearities as layers.

use burn::module::Module;
use burn::tensor::Tensor;
use burn::tensor::activation::{leaky_relu, relu, sigmoid};

use crate::options::Activation;

/// Slope of the leaky ReLU below zero, PyTorch's default.
const LEAK: f64 = 0.01;

/// The non-linearities that networks use: those that a ConvNet can be given, and those of fixed architectures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Nonlinearity {
    /// max(x, 0).
    Relu,
    /// 1 / (1 + exp(-x)).
    Sigmoid,
    /// x, times 0.01 where negative.
    LeakyRelu,
    /// min(max(x, 0), 6).
    Relu6,
    /// x / (1 + exp(-x)), also called swish.
    Silu,
}

impl From<Activation> for Nonlinearity {
    fn from(activation: Activation) -> Self {
        match activation {
            Activation::Relu => Self::Relu,
            Activation::Sigmoid => Self::Sigmoid,
            Activation::LeakyRelu => Self::LeakyRelu,
        }
    }
}

/// A [`Nonlinearity`] in its place in a sequence.
#[derive(Module, Debug)]
pub(crate) struct ActivationLayer {
    #[module(skip)]
    function: Nonlinearity,
}

impl ActivationLayer {
    /// The layer of that function.
    pub(crate) fn new(function: impl Into<Nonlinearity>) -> Self {
        Self {
            function: function.into(),
        }
    }

    /// Which function it is.
    pub(crate) const fn function(&self) -> Nonlinearity {
        self.function
    }

    /// Applies it elementwise.
    pub(crate) fn forward<const D: usize>(&self, input: Tensor<D>) -> Tensor<D> {
        match self.function {
            Nonlinearity::Relu => relu(input),
            Nonlinearity::Sigmoid => sigmoid(input),
            Nonlinearity::LeakyRelu => leaky_relu(input, LEAK),
            Nonlinearity::Relu6 => relu(input).clamp_max(6.0),
            Nonlinearity::Silu => silu(input),
        }
    }
}

/// x / (1 + exp(-x)).
pub(crate) fn silu<const D: usize>(input: Tensor<D>) -> Tensor<D> {
    sigmoid(input.clone()) * input
}

/// x Φ(x), Φ being the normal distribution function.
///
/// Composed of `erf`, because burn's own GELU has the gradient of the tanh approximation on most backends.
pub(crate) fn gelu<const D: usize>(input: Tensor<D>) -> Tensor<D> {
    let distribution = input
        .clone()
        .mul_scalar(std::f64::consts::FRAC_1_SQRT_2)
        .erf()
        .add_scalar(1.0);
    input * distribution.mul_scalar(0.5)
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::Device;

    /// Values and derivatives from PyTorch 2.15 in double precision.
    #[test]
    fn values_and_slopes_are_pytorchs() {
        let device = Device::flex().autodiff();
        type Function = fn(Tensor<1>) -> Tensor<1>;
        let relu6: Function = |x| ActivationLayer::new(Nonlinearity::Relu6).forward(x);
        let cases: [(Function, [f32; 5], [f32; 5]); 3] = [
            (
                silu,
                [-0.142_277_62, -0.188_770_33, 0.0, 1.761_594_2, 6.993_622],
                [-0.088_104_08, 0.260_038_9, 0.5, 1.090_784_2, 1.005_460_7],
            ),
            (
                gelu,
                [-0.004_049_694, -0.154_268_77, 0.0, 1.954_499_7, 7.0],
                [-0.011_945_647, 0.132_504_87, 0.5, 1.085_231_9, 1.0],
            ),
            (relu6, [0.0, 0.0, 0.0, 2.0, 6.0], [0.0, 0.0, 0.0, 1.0, 0.0]),
        ];
        for (function, expected, slopes) in cases {
            let input =
                Tensor::<1>::from_floats([-3.0, -0.5, 0.0, 2.0, 7.0], &device).require_grad();
            let output = function(input.clone());
            let gradient = input.grad(&output.clone().sum().backward()).unwrap();
            for (got, expected) in [(output.inner(), expected), (gradient, slopes)] {
                let got = got.into_data().try_to_vec::<f32>().unwrap();
                for (got, expected) in got.iter().zip(expected) {
                    assert!((got - expected).abs() < 2e-6, "{got} instead of {expected}");
                }
            }
        }
    }
}
