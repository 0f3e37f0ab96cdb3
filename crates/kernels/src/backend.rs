//! The operators as an extension of burn's backends.

use crate::composed;
use crate::depthwise;
use crate::optimizer_step::{AdamStep, SgdStep};
use crate::tail::Tail;
use burn::backend::tensor::FloatTensor;
use burn::backend::{Backend, backend_extension};

/// What a backend must offer for this crate's operators; the default bodies compose its own operators.
///
/// Call the functions of the crate root instead: they check shapes.
#[backend_extension(
    Flex: cfg(feature = "flex"),
    NdArray: cfg(feature = "ndarray"),
    Cube: cfg(feature = "cube"),
    Autodiff
)]
pub(crate) trait KernelBackend: Backend {
    /// See [`conv2d_3x3`](crate::conv2d_3x3); `bias` is always there, zeros if need be.
    fn conv2d_3x3(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
    ) -> FloatTensor<Self> {
        composed::conv2d::<Self>(x, weight, bias, 1, 1)
    }

    /// See [`conv2d`](crate::conv2d); `bias` is always there, zeros if need be.
    fn conv2d_general(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        stride: usize,
        padding: usize,
    ) -> FloatTensor<Self> {
        composed::conv2d::<Self>(x, weight, bias, stride, padding)
    }

    /// See [`depthwise_conv2d`](crate::depthwise_conv2d).
    fn depthwise_conv2d(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        stride: usize,
        padding: usize,
    ) -> FloatTensor<Self> {
        depthwise::forward::<Self>(x, weight, stride, padding)
    }

    /// See [`group_norm`](crate::group_norm).
    fn group_norm_tail(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        groups: usize,
        epsilon: f64,
        tail: Tail,
    ) -> FloatTensor<Self> {
        composed::group_norm::<Self>(x, weight, bias, groups, epsilon, tail)
    }

    /// See [`batch_norm_train`](crate::batch_norm_train): result, mean, biased variance.
    fn batch_norm_train_tail(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        epsilon: f64,
        tail: Tail,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>) {
        composed::batch_norm_train::<Self>(x, weight, bias, epsilon, tail)
    }

    /// See [`batch_norm_eval`](crate::batch_norm_eval).
    fn batch_norm_eval_tail(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        mean: FloatTensor<Self>,
        variance: FloatTensor<Self>,
        epsilon: f64,
        tail: Tail,
    ) -> FloatTensor<Self> {
        composed::batch_norm_eval::<Self>(x, weight, bias, mean, variance, epsilon, tail)
    }

    /// See [`blend`](crate::blend).
    fn blend(
        first: FloatTensor<Self>,
        second: FloatTensor<Self>,
        shares: [f64; 2],
    ) -> FloatTensor<Self> {
        composed::blend::<Self>(first, second, shares)
    }

    /// See [`sgd_step`](crate::sgd_step).
    fn sgd_step(
        parameter: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        velocity: FloatTensor<Self>,
        step: SgdStep,
    ) -> (FloatTensor<Self>, FloatTensor<Self>) {
        composed::sgd_step::<Self>(parameter, gradient, velocity, step)
    }

    /// See [`adam_step`](crate::adam_step).
    fn adam_step(
        parameter: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        first: FloatTensor<Self>,
        second: FloatTensor<Self>,
        step: AdamStep,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>) {
        composed::adam_step::<Self>(parameter, gradient, first, second, step)
    }
}

/// The depthwise convolution of a backend with autodiff: one recorded step.
///
/// The default body would run on the autodiff backend, record burn's grouped convolution, and so end in its slow
/// gradient of the weight. A macro, because a blanket implementation for `Autodiff<B>` would forbid those of `flex` and
/// GPUs.
macro_rules! recorded_depthwise {
    ($backend:ty, $strategy:ty) => {
        fn depthwise_conv2d(
            x: burn::backend::tensor::FloatTensor<Self>,
            weight: burn::backend::tensor::FloatTensor<Self>,
            stride: usize,
            padding: usize,
        ) -> burn::backend::tensor::FloatTensor<Self> {
            $crate::depthwise::record::<$backend, $strategy>(x, weight, stride, padding)
        }
    };
}
#[cfg(any(feature = "flex", feature = "cube"))]
pub(crate) use recorded_depthwise;

#[cfg(feature = "ndarray")]
mod ndarray {
    use super::KernelBackend;
    use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
    use burn::backend::{Autodiff, NdArray};

    // All composed: a second opinion must not share the kernels it judges.
    impl KernelBackend for NdArray {}
    impl<C: CheckpointStrategy> KernelBackend for Autodiff<NdArray, C> {
        recorded_depthwise!(NdArray, C);
    }
}
