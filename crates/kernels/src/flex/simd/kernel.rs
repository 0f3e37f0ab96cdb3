//! Work that is compiled once for every instruction set.

use super::vector::Simd;

/// Work written over [`Simd`].
///
/// `run` and everything it calls must be `#[inline(always)]` up to the intrinsics, and must not hand work to other
/// threads: only what is inlined here is compiled for the level's instruction set.
pub(crate) trait Kernel {
    /// What it returns.
    type Output;
    /// Does the work.
    fn run<S: Simd>(self, simd: S) -> Self::Output;
}
