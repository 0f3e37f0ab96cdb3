//! Sixteen-lane vectors and the matrix micro-kernel: the one place of this crate with `unsafe`.
//!
//! Every kernel is written once over [`Simd`], whose vector is always sixteen `f32` wide: one AVX-512 register, two
//! AVX2 registers or a plain array. As the width never changes, the order of every reduction is the same on each
//! of them, and those with fused multiply-add give the same bits.
//!
//! # Why the `unsafe` is sound
//!
//! * A token ([`avx512::Avx512`], [`avx2::Avx2`]) is built only in the `run` of its module, which [`dispatch()`] calls
//!   for a [`Level`] that [`Level::available`] has confirmed for the processor at hand. Its methods call intrinsics of
//!   exactly the features that were confirmed; a token that outlives the call proves them still.
//! * Loads and stores take slices and check their length before the pointer is used.
//! * The micro-kernel ([`gemm()`]) reads and writes through pointers; its only caller checks once, from the
//!   dimensions and strides, that the last element touched lies inside each slice.

#[cfg(target_arch = "x86_64")]
#[allow(
    unsafe_code,
    reason = "intrinsics, which need what the token proves, and loads and stores"
)]
mod avx2;
#[cfg(target_arch = "x86_64")]
#[allow(
    unsafe_code,
    reason = "intrinsics, which need what the token proves, and loads and stores"
)]
mod avx512;
#[allow(unsafe_code, reason = "calls code that is compiled for what it checks")]
mod dispatch;
#[allow(
    unsafe_code,
    reason = "the micro-kernel, whose bounds are checked once for a product"
)]
mod gemm;
mod kernel;
mod level;
mod portable;
mod vector;

pub(crate) use dispatch::dispatch;
pub(crate) use gemm::{Matrix, PANEL, Panels, gemm};
pub(crate) use kernel::Kernel;
pub(crate) use level::Level;
pub(crate) use vector::{LANES, Simd};
