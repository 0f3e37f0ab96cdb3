//! Kernels run with the instructions of a level.

use super::kernel::Kernel;
use super::level::Level;
use super::portable;
#[cfg(target_arch = "x86_64")]
use super::{avx2, avx512};

/// Runs `kernel` with the instructions of `level`.
///
/// # Panics
///
/// If the processor does not have them.
pub(crate) fn dispatch<K: Kernel>(level: Level, kernel: K) -> K::Output {
    // Cheap: the standard library asks the processor once and keeps the answer.
    assert!(level.available(), "this processor does not have {level:?}");
    match level {
        #[cfg(target_arch = "x86_64")]
        // SAFETY: `available` has found every feature that `avx512::run` is compiled for: AVX-512 F, VL, DQ and BW,
        // AVX2, FMA.
        Level::Avx512 => unsafe { avx512::run(kernel) },
        #[cfg(target_arch = "x86_64")]
        // SAFETY: `available` has found every feature that `avx2::run` is compiled for: AVX2 and FMA.
        Level::Avx2 => unsafe { avx2::run(kernel) },
        Level::Portable => kernel.run(portable::Portable),
    }
}
