//! A weighted sum.

use crate::backend::KernelBackend;
use burn::backend::Dispatch;
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
    // Running statistics must not hold the graph of every step before.
    Tensor::from_dispatch(<Dispatch as KernelBackend>::blend(
        first.detach().into_dispatch(),
        second.detach().into_dispatch(),
        shares,
    ))
}
