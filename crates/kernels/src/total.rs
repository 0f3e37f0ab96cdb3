//! The sum of all numbers of a tensor.

use burn::tensor::Tensor;
use burn::tensor::kind::Numeric;

/// The sum of all numbers, as `[1]`, added along one line.
///
/// burn's own `sum` is tuned among kernels on GPUs, and most of them add with atomics, in the order in which threads
/// happen to arrive: the last bits differ from call to call. Old software rasterisers (Mesa 22) even crash on them.
#[must_use]
pub fn total<const D: usize, K>(tensor: Tensor<D, K>) -> Tensor<1, K>
where
    K: Numeric,
{
    let count = tensor.dims().iter().product::<usize>();
    tensor.reshape([1, count]).sum_dim(1).reshape([1])
}
