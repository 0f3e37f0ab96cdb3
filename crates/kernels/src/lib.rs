//! Fused operators for small ConvNets, through burn's backend extension.
//!
//! | operator | what it is |
//! | --- | --- |
//! | [`conv2d_3x3`] | convolution 3 x 3, stride 1, padding 1, and its three gradients |
//! | [`conv2d`] | any other convolution with one group and a square kernel, likewise |
//! | [`depthwise_conv2d`] | convolution of every channel by itself, with a quick gradient of its weight |
//! | [`group_norm`] | group normalisation with ReLU and 2 x 2 average pooling in the same pass |
//! | [`batch_norm_train`], [`batch_norm_eval`] | batch normalisation likewise, with batch or given statistics |
//! | [`sgd_step`], [`adam_step`] | one step of an optimizer for one parameter |
//! | [`blend`] | a weighted sum |
//!
//! and, for augmentations without gradients on `flex`, [`resample`], [`mirror`] and [`paste`].
//!
//! They take and give ordinary burn tensors and, but for the last two rows, are differentiable. With `f32` they run kernels
//! of this crate: on the `flex` backend all of them (AVX-512, AVX2 or portable, found at run time), on GPUs the
//! normalisations and the optimizers (CubeCL). With other types, for the other operators on GPUs, and on `ndarray` they are
//! composed of burn's own operators. A cargo feature per backend (`flex`, `ndarray`, `cuda`, `wgpu`, `vulkan`, `metal`)
//! says where they are available at all: a tensor of another backend is a panic.
//!
//! # Determinism
//!
//! On `flex` the results have the same bits for any number of threads and in every repetition: how work is divided, and
//! in which order partial sums are added, depends on shapes only. AVX-512 and AVX2 give the same bits too. The kernels for
//! GPUs repeat to the bit on the same device and driver; burn's convolutions beside them need not.
//!
//! # Threads and memory
//!
//! Work is shared out on the rayon pool that the caller runs in. Large results are written to recycled buffers (see
//! [`release_buffers`]).

#![deny(unsafe_code)]

#[cfg_attr(
    feature = "ndarray",
    allow(
        deprecated,
        reason = "burn deprecates the backend; ddrank offers it as a second opinion"
    )
)]
#[cfg_attr(
    not(any(feature = "flex", feature = "ndarray", feature = "cube")),
    allow(
        unused_variables,
        reason = "without a backend there is nothing to dispatch to"
    )
)]
mod backend;
mod blend;
mod composed;
#[cfg(feature = "flex")]
mod conv;
#[cfg(feature = "cube")]
mod cube;
mod depthwise;
mod direct;
#[cfg(feature = "flex")]
mod flex;
#[cfg(feature = "flex")]
mod norm;
mod operators;
mod optimizers;
mod pictures;
#[cfg(feature = "flex")]
mod scratch;
#[cfg(feature = "flex")]
#[allow(
    unsafe_code,
    reason = "SIMD intrinsics and the matrix micro-kernel; the module says why each use is sound"
)]
mod simd;
mod tail;
mod total;

pub use backend::KernelBackend;
pub use blend::blend;
pub use direct::with_direct_convolution;
#[cfg(feature = "flex")]
pub use flex::release_buffers;
pub use operators::{
    BatchNormOutput, batch_norm_eval, batch_norm_train, conv2d, conv2d_3x3, depthwise_conv2d,
    group_norm,
};
pub use optimizers::{AdamStep, SgdStep, adam_step, sgd_step};
pub use pictures::{Bands, mirror, paste, resample};
pub use tail::Tail;
pub use total::total;
