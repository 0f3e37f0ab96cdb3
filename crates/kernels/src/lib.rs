#![doc = include_str!("../README.md")]
//!
//! # Operators
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
//! | [`total`] | the sum of all numbers, in one order |
//!
//! and, for augmentations without gradients on `flex`, [`resample`], [`mirror`] and [`paste`].
//!
//! They take and give ordinary burn tensors and, but for the steps and the weighted sum, are differentiable. With `f32`
//! they run kernels of this crate: on `flex` all but the depthwise convolution, the weighted sum and the total
//! (AVX-512, AVX2 or portable, found at run time), on GPUs the normalisations, the steps and the weighted sum (CubeCL).
//! With other types, for the other operators on GPUs, and on `ndarray` they are composed of burn's own operators. A
//! cargo feature per backend (`flex`, `ndarray`, `cuda`, `wgpu`, `vulkan`, `metal`) says where they are available at
//! all: a tensor of another backend is a panic.
//!
//! # Determinism
//!
//! On `flex` the results have the same bits for any number of threads and in every repetition: how work is divided, and
//! in which order partial sums are added, depends on shapes only. AVX-512 and AVX2 give the same bits too. The kernels
//! for GPUs repeat to the bit on the same device and driver; burn's convolutions beside them need not.
//!
//! # Threads and memory
//!
//! Work is shared out on the rayon pool that the caller runs in. Large results on `flex` are written to recycled
//! buffers, of which at most 1 GiB is kept.

// Vectors and the matrix micro-kernel (`flex::simd`) are the exception; each block there says why it is sound.
#![deny(unsafe_code, clippy::undocumented_unsafe_blocks)]

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
        unused_macros,
        reason = "without a backend there is nothing to dispatch to"
    )
)]
mod backend;
mod bands;
mod blend;
mod composed;
#[cfg(feature = "cube")]
mod cube;
#[cfg_attr(
    not(any(feature = "flex", feature = "ndarray", feature = "cube")),
    allow(dead_code, reason = "without a backend nothing is recorded")
)]
mod depthwise;
mod direct;
#[cfg(feature = "flex")]
mod flex;
mod operators;
mod optimizer_step;
mod optimizers;
#[cfg_attr(
    not(feature = "flex"),
    allow(unused_variables, reason = "only `flex` has kernels for pictures")
)]
mod pictures;
mod tail;
mod total;

pub use bands::Bands;
pub use blend::blend;
pub use direct::with_direct_convolution;
pub use operators::{
    BatchNormOutput, batch_norm_eval, batch_norm_train, conv2d, conv2d_3x3, depthwise_conv2d,
    group_norm,
};
pub use optimizer_step::{AdamStep, SgdStep};
pub use optimizers::{adam_step, sgd_step};
pub use pictures::{mirror, paste, resample};
pub use tail::Tail;
pub use total::total;
