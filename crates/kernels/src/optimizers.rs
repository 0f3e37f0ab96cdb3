//! Steps of optimizers, one pass over a parameter each.

use crate::backend::KernelBackend;
use crate::optimizer_step::{AdamStep, SgdStep};
use burn::backend::Dispatch;
use burn::tensor::Tensor;

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
