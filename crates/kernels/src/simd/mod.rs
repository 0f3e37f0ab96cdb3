//! Sixteen-lane vectors and the matrix micro-kernel: the one place of this crate with `unsafe`.
//!
//! Every kernel is written once over [`Simd`], whose vector is always sixteen `f32` wide: one AVX-512 register, two
//! AVX2 registers or a plain array. As the width never changes, the order of every reduction is the same on each
//! of them, and those with fused multiply-add give the same bits.
//!
//! # Why the `unsafe` is sound
//!
//! * A token ([`avx512::Avx512`], [`avx2::Avx2`]) is built only in [`dispatch`], for a [`Level`] that
//!   [`Level::available`] has confirmed for the processor at hand. Its methods call intrinsics of exactly the features
//!   that were confirmed.
//! * Loads and stores take slices and check their length before the pointer is used.
//! * The micro-kernel ([`gemm`]) reads and writes through pointers; its only caller checks once, from the
//!   dimensions and strides, that the last element touched lies inside each slice.

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod gemm;
mod portable;

pub(crate) use gemm::{Matrix, Panels, gemm};

use std::sync::OnceLock;

/// Lanes of a vector.
pub(crate) const LANES: usize = 16;

/// An instruction set that the kernels are compiled for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Level {
    /// AVX-512 F, VL, DQ and BW.
    #[cfg(target_arch = "x86_64")]
    Avx512,
    /// AVX2 with fused multiply-add.
    #[cfg(target_arch = "x86_64")]
    Avx2,
    /// Arrays of sixteen numbers, which the compiler turns into whatever the target always has (SSE2, NEON).
    Portable,
}

impl Level {
    /// Every level of this target, best first.
    pub(crate) const ALL: &'static [Self] = &[
        #[cfg(target_arch = "x86_64")]
        Self::Avx512,
        #[cfg(target_arch = "x86_64")]
        Self::Avx2,
        Self::Portable,
    ];

    /// Whether the processor at hand has it.
    pub(crate) fn available(self) -> bool {
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::Avx512 => {
                is_x86_feature_detected!("avx512f")
                    && is_x86_feature_detected!("avx512vl")
                    && is_x86_feature_detected!("avx512dq")
                    && is_x86_feature_detected!("avx512bw")
                    && Self::Avx2.available()
            }
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma"),
            Self::Portable => true,
        }
    }

    /// The best level of the processor at hand, looked up once.
    pub(crate) fn best() -> Self {
        static BEST: OnceLock<Level> = OnceLock::new();
        *BEST.get_or_init(|| {
            Self::ALL
                .iter()
                .copied()
                .find(|level| level.available())
                .unwrap_or(Self::Portable)
        })
    }
}

/// Sixteen-lane arithmetic on `f32`.
pub(crate) trait Simd: Copy + Send + Sync + 'static {
    /// Sixteen numbers.
    type V: Copy;
    /// Rows of the matrix micro-kernel's tile.
    const TILE_ROWS: usize;
    /// Vectors in a row of the micro-kernel's tile: 1 or 2.
    const TILE_VECTORS: usize;

    /// All lanes `x`.
    fn splat(self, x: f32) -> Self::V;
    /// The first sixteen numbers of `from`.
    ///
    /// # Panics
    ///
    /// If there are fewer.
    fn load(self, from: &[f32]) -> Self::V;
    /// Writes the sixteen lanes to the start of `to`.
    ///
    /// # Panics
    ///
    /// If there is less room.
    fn store(self, to: &mut [f32], v: Self::V);
    /// `a + b`.
    fn add(self, a: Self::V, b: Self::V) -> Self::V;
    /// `a - b`.
    fn sub(self, a: Self::V, b: Self::V) -> Self::V;
    /// `a * b`.
    fn mul(self, a: Self::V, b: Self::V) -> Self::V;
    /// `a * b + c`, rounded once where the processor can.
    fn mul_add(self, a: Self::V, b: Self::V, c: Self::V) -> Self::V;
    /// `max(v, 0)`; not-a-number stays.
    fn relu(self, v: Self::V) -> Self::V;
    /// `g` where `v > 0`, else 0; `g` where `v` is not a number.
    fn relu_mask(self, v: Self::V, g: Self::V) -> Self::V;
    /// Sums of neighbours: lanes 0 to 7 from `a`, 8 to 15 from `b`.
    fn add_pairs(self, a: Self::V, b: Self::V) -> Self::V;
    /// Every lane twice: lanes 0 to 7 into the first vector, 8 to 15 into the second.
    fn repeat_pairs(self, v: Self::V) -> (Self::V, Self::V);
    /// Rows become columns.
    fn transpose(self, rows: [Self::V; LANES]) -> [Self::V; LANES];

    /// The sum of all lanes, always in the same order.
    #[inline(always)]
    fn sum(self, v: Self::V) -> f32 {
        let mut lanes = [0.0; LANES];
        self.store(&mut lanes, v);
        let mut width = LANES / 2;
        while width > 0 {
            for i in 0..width {
                lanes[i] += lanes[i + width];
            }
            width /= 2;
        }
        lanes[0]
    }
}

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

/// Runs `kernel` with the instructions of `level`.
///
/// # Panics
///
/// If the processor does not have them.
pub(crate) fn dispatch<K: Kernel>(level: Level, kernel: K) -> K::Output {
    assert!(level.available(), "this processor does not have {level:?}");
    match level {
        #[cfg(target_arch = "x86_64")]
        // SAFETY: the features were checked above.
        Level::Avx512 => unsafe { avx512::run(kernel) },
        #[cfg(target_arch = "x86_64")]
        // SAFETY: the features were checked above.
        Level::Avx2 => unsafe { avx2::run(kernel) },
        Level::Portable => kernel.run(portable::Portable),
    }
}
