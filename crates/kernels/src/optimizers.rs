//! Steps of optimizers, one pass over a parameter each.

use crate::KernelBackend;
use burn::backend::tensor::FloatTensor;
use burn::backend::{Backend, Dispatch};
use burn::tensor::Tensor;

/// A step of stochastic gradient descent as in PyTorch, without dampening or Nesterov's momentum.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SgdStep {
    /// Learning rate.
    pub rate: f64,
    /// Momentum.
    pub momentum: f64,
    /// Weight decay, added to the gradient.
    pub weight_decay: f64,
}

/// A step of Adam or AdamW as in PyTorch.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AdamStep {
    /// Learning rate.
    pub rate: f64,
    /// Decay of the two averages.
    pub betas: [f64; 2],
    /// Added to the root.
    pub epsilon: f64,
    /// Weight decay.
    pub weight_decay: f64,
    /// Whether the weight decays by itself (AdamW) or as part of the gradient (Adam).
    pub decoupled: bool,
    /// Steps so far, this one included: 1 at first.
    pub step: usize,
}

/// [`AdamStep`] as the numbers that every element needs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AdamFactors {
    /// Weight decay of the gradient.
    pub(crate) decay: f64,
    /// What remains of the weight.
    pub(crate) keep: f64,
    /// Rate over the first average's correction.
    pub(crate) rate: f64,
    /// One over the root of the second average's correction.
    pub(crate) root: f64,
}

impl AdamStep {
    pub(crate) fn factors(&self) -> AdamFactors {
        let [first, second] = self.betas.map(|beta| 1.0 - beta.powf(self.step as f64));
        let decoupled = if self.decoupled {
            self.weight_decay
        } else {
            0.0
        };
        AdamFactors {
            decay: self.weight_decay - decoupled,
            keep: 1.0 - self.rate * decoupled,
            rate: self.rate / first,
            root: 1.0 / second.sqrt(),
        }
    }
}

/// The next parameter and velocity. The velocity is zero before the first step.
///
/// With `f32` on `flex` and GPUs this is one pass; elsewhere burn's operators compose it. Not differentiable.
///
/// # Panics
///
/// If shapes or devices differ.
#[must_use]
pub fn sgd_step<const D: usize>(
    parameter: Tensor<D>,
    gradient: Tensor<D>,
    velocity: Tensor<D>,
    step: SgdStep,
) -> (Tensor<D>, Tensor<D>) {
    check("sgd_step", &parameter, [&gradient, &velocity]);
    let (parameter, velocity) = <Dispatch as KernelBackend>::sgd_step(
        parameter.into_dispatch(),
        gradient.into_dispatch(),
        velocity.into_dispatch(),
        step,
    );
    (
        Tensor::from_dispatch(parameter),
        Tensor::from_dispatch(velocity),
    )
}

/// The next parameter and averages of gradient and squared gradient. The averages are zero before the first step.
///
/// With `f32` on `flex` and GPUs this is one pass; elsewhere burn's operators compose it. Not differentiable.
///
/// # Panics
///
/// If shapes or devices differ.
#[must_use]
pub fn adam_step<const D: usize>(
    parameter: Tensor<D>,
    gradient: Tensor<D>,
    first: Tensor<D>,
    second: Tensor<D>,
    step: AdamStep,
) -> (Tensor<D>, Tensor<D>, Tensor<D>) {
    check("adam_step", &parameter, [&gradient, &first, &second]);
    let (parameter, first, second) = <Dispatch as KernelBackend>::adam_step(
        parameter.into_dispatch(),
        gradient.into_dispatch(),
        first.into_dispatch(),
        second.into_dispatch(),
        step,
    );
    (
        Tensor::from_dispatch(parameter),
        Tensor::from_dispatch(first),
        Tensor::from_dispatch(second),
    )
}

fn check<const D: usize, const N: usize>(
    operator: &str,
    parameter: &Tensor<D>,
    others: [&Tensor<D>; N],
) {
    for other in others {
        assert!(
            other.dims() == parameter.dims(),
            "{operator}: a parameter {:?} does not go with {:?}",
            parameter.dims(),
            other.dims()
        );
    }
}

/// [`sgd_step`] of burn's operators.
pub(crate) fn composed_sgd<B: Backend>(
    parameter: FloatTensor<B>,
    gradient: FloatTensor<B>,
    velocity: FloatTensor<B>,
    step: SgdStep,
) -> (FloatTensor<B>, FloatTensor<B>) {
    let decay = B::float_mul_scalar(parameter.clone(), step.weight_decay.into());
    let gradient = B::float_add(gradient, decay);
    let velocity = B::float_mul_scalar(velocity, step.momentum.into());
    let velocity = B::float_add(velocity, gradient);
    let change = B::float_mul_scalar(velocity.clone(), step.rate.into());
    (B::float_sub(parameter, change), velocity)
}

/// [`adam_step`] of burn's operators.
pub(crate) fn composed_adam<B: Backend>(
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
