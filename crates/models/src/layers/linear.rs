//! Fully connected layer.

use burn::module::{Module, Param};
use burn::tensor::Tensor;
use rand::Rng;

use crate::initialise::Initialiser;

/// PyTorch's `Linear`: `weight` `[out, in]`, `bias` `[out]` (or none).
#[derive(Module, Debug)]
pub(crate) struct Linear {
    weight: Param<Tensor<2>>,
    bias: Option<Param<Tensor<1>>>,
}

impl Linear {
    /// A linear layer with PyTorch's default initialisation.
    pub(crate) fn new<R: Rng + ?Sized>(
        inputs: usize,
        outputs: usize,
        initialiser: &mut Initialiser<'_, R>,
    ) -> Self {
        Self {
            weight: initialiser.fan_in_uniform([outputs, inputs], inputs),
            bias: Some(initialiser.fan_in_uniform([outputs], inputs)),
        }
    }

    /// A linear layer with normal weights of that standard deviation and bias 0, as torchvision often has it.
    pub(crate) fn normal<R: Rng + ?Sized>(
        inputs: usize,
        outputs: usize,
        deviation: f64,
        initialiser: &mut Initialiser<'_, R>,
    ) -> Self {
        let weight = initialiser.normal([outputs, inputs], deviation);
        Self::of(weight, Some(initialiser.constant([outputs], 0.0)))
    }

    /// The layer of these parameters.
    pub(crate) const fn of(weight: Param<Tensor<2>>, bias: Option<Param<Tensor<1>>>) -> Self {
        Self { weight, bias }
    }

    /// `[.., in]` to `[.., out]`.
    pub(crate) fn forward<const D: usize>(&self, input: Tensor<D>) -> Tensor<D> {
        let bias = self.bias.as_ref().map(Param::val);
        linear(input, self.weight.val(), bias)
    }
}

/// `[.., in]` to `[.., out]` with `weight` `[out, in]`: one matrix product over all leading axes.
pub(crate) fn linear<const D: usize>(
    input: Tensor<D>,
    weight: Tensor<2>,
    bias: Option<Tensor<1>>,
) -> Tensor<D> {
    let mut shape = input.dims();
    let [outputs, inputs] = weight.dims();
    let rows = shape[..D - 1].iter().product::<usize>();
    let product = input.reshape([rows, inputs]).matmul(weight.transpose());
    shape[D - 1] = outputs;
    match bias {
        Some(bias) => (product + bias.unsqueeze()).reshape(shape),
        None => product.reshape(shape),
    }
}
