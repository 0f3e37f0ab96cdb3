//! A weighted sum.

use crate::KernelBackend;
use burn::backend::tensor::FloatTensor;
use burn::backend::{Backend, Dispatch};
use burn::tensor::Tensor;

/// `first` times `shares[0]` plus `second` times `shares[1]`, for running statistics: one kernel on GPUs. The result
/// is a constant for autodiff.
///
/// # Panics
///
/// If shapes or devices differ.
#[must_use]
pub fn blend<const D: usize>(first: Tensor<D>, second: Tensor<D>, shares: [f64; 2]) -> Tensor<D> {
    assert!(
        first.dims() == second.dims(),
        "blend: {:?} does not go with {:?}",
        first.dims(),
        second.dims()
    );
    Tensor::from_dispatch(<Dispatch as KernelBackend>::blend(
        first.detach().into_dispatch(),
        second.detach().into_dispatch(),
        shares,
    ))
}

/// [`blend`] of burn's operators.
pub(crate) fn composed<B: Backend>(
    first: FloatTensor<B>,
    second: FloatTensor<B>,
    shares: [f64; 2],
) -> FloatTensor<B> {
    B::float_add(
        B::float_mul_scalar(first, shares[0].into()),
        B::float_mul_scalar(second, shares[1].into()),
    )
}
