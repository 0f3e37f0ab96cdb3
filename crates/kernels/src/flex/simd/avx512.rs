//! One AVX-512 register per vector.

use super::kernel::Kernel;
use super::vector::{LANES, Simd};
use std::arch::x86_64::{
    __m512, _CMP_NLE_UQ, _mm512_add_ps, _mm512_castpd_ps, _mm512_castps_pd, _mm512_cmp_ps_mask,
    _mm512_fmadd_ps, _mm512_loadu_ps, _mm512_maskz_mov_ps, _mm512_max_ps, _mm512_mul_ps,
    _mm512_permutex2var_ps, _mm512_permutexvar_ps, _mm512_set1_ps, _mm512_setr_epi32,
    _mm512_setzero_ps, _mm512_shuffle_f32x4, _mm512_storeu_ps, _mm512_sub_ps, _mm512_unpackhi_pd,
    _mm512_unpackhi_ps, _mm512_unpacklo_pd, _mm512_unpacklo_ps,
};

/// Proof that the processor has AVX-512 F, VL, DQ and BW: only [`run`] makes one.
#[derive(Clone, Copy)]
pub(crate) struct Avx512(());

/// Runs `kernel` compiled for AVX-512.
///
/// # Safety
///
/// The processor must have the features named here.
#[target_feature(enable = "avx512f,avx512vl,avx512dq,avx512bw,avx2,fma")]
pub(super) unsafe fn run<K: Kernel>(kernel: K) -> K::Output {
    kernel.run(Avx512(()))
}

impl Simd for Avx512 {
    type V = __m512;
    // 14 x 2 sums, a row of two vectors of the right-hand matrix and one number of the left-hand one: 31 of 32
    // registers.
    const TILE_ROWS: usize = 14;
    const TILE_VECTORS: usize = 2;

    #[inline(always)]
    fn splat(self, x: f32) -> __m512 {
        // SAFETY: `self` proves AVX-512 F, all that these instructions on registers need.
        unsafe { _mm512_set1_ps(x) }
    }

    #[inline(always)]
    fn load(self, from: &[f32]) -> __m512 {
        let from = &from[..LANES];
        // SAFETY: `self` proves AVX-512 F; `from` has the sixteen numbers that are read. They may lie anywhere: the
        // load is the unaligned one.
        unsafe { _mm512_loadu_ps(from.as_ptr()) }
    }

    #[inline(always)]
    fn store(self, to: &mut [f32], v: __m512) {
        let to = &mut to[..LANES];
        // SAFETY: `self` proves AVX-512 F; `to` has room for the sixteen numbers that are written. It may lie anywhere:
        // the store is the unaligned one.
        unsafe { _mm512_storeu_ps(to.as_mut_ptr(), v) }
    }

    #[inline(always)]
    fn add(self, a: __m512, b: __m512) -> __m512 {
        // SAFETY: `self` proves AVX-512 F, all that these instructions on registers need.
        unsafe { _mm512_add_ps(a, b) }
    }

    #[inline(always)]
    fn sub(self, a: __m512, b: __m512) -> __m512 {
        // SAFETY: `self` proves AVX-512 F, all that these instructions on registers need.
        unsafe { _mm512_sub_ps(a, b) }
    }

    #[inline(always)]
    fn mul(self, a: __m512, b: __m512) -> __m512 {
        // SAFETY: `self` proves AVX-512 F, all that these instructions on registers need.
        unsafe { _mm512_mul_ps(a, b) }
    }

    #[inline(always)]
    fn mul_add(self, a: __m512, b: __m512, c: __m512) -> __m512 {
        // SAFETY: `self` proves AVX-512 F, all that these instructions on registers need.
        unsafe { _mm512_fmadd_ps(a, b, c) }
    }

    #[inline(always)]
    fn relu(self, v: __m512) -> __m512 {
        // Zero first: where one operand is not a number, or both are zeros, `max` returns the second one.
        // SAFETY: `self` proves AVX-512 F, all that these instructions on registers need.
        unsafe { _mm512_max_ps(_mm512_setzero_ps(), v) }
    }

    #[inline(always)]
    fn relu_mask(self, v: __m512, g: __m512) -> __m512 {
        // "Not less or equal" and not "greater": true for what is not a number, so that its gradient passes.
        // SAFETY: `self` proves AVX-512 F, all that these instructions on registers need.
        unsafe { _mm512_maskz_mov_ps(_mm512_cmp_ps_mask::<_CMP_NLE_UQ>(v, _mm512_setzero_ps()), g) }
    }

    #[inline(always)]
    fn add_pairs(self, a: __m512, b: __m512) -> __m512 {
        // SAFETY: `self` proves AVX-512 F, all that these instructions on registers need.
        unsafe {
            let even = _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
            let odd = _mm512_setr_epi32(1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31);
            _mm512_add_ps(
                _mm512_permutex2var_ps(a, even, b),
                _mm512_permutex2var_ps(a, odd, b),
            )
        }
    }

    #[inline(always)]
    fn repeat_pairs(self, v: __m512) -> (__m512, __m512) {
        // SAFETY: `self` proves AVX-512 F, all that these instructions on registers need.
        unsafe {
            let low = _mm512_setr_epi32(0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7);
            let high =
                _mm512_setr_epi32(8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13, 14, 14, 15, 15);
            (
                _mm512_permutexvar_ps(low, v),
                _mm512_permutexvar_ps(high, v),
            )
        }
    }

    #[inline(always)]
    fn transpose(self, r: [__m512; LANES]) -> [__m512; LANES] {
        // SAFETY: `self` proves AVX-512 F, all that these instructions on registers need.
        unsafe {
            let mut t = r;
            // Pairs of rows, then pairs of pairs, inside each quarter of the register.
            for i in 0..8 {
                t[2 * i] = _mm512_unpacklo_ps(r[2 * i], r[2 * i + 1]);
                t[2 * i + 1] = _mm512_unpackhi_ps(r[2 * i], r[2 * i + 1]);
            }
            let mut q = t;
            for i in 0..4 {
                let [a, b, c, d] = [t[4 * i], t[4 * i + 1], t[4 * i + 2], t[4 * i + 3]]
                    .map(|v| _mm512_castps_pd(v));
                q[4 * i] = _mm512_castpd_ps(_mm512_unpacklo_pd(a, c));
                q[4 * i + 1] = _mm512_castpd_ps(_mm512_unpackhi_pd(a, c));
                q[4 * i + 2] = _mm512_castpd_ps(_mm512_unpacklo_pd(b, d));
                q[4 * i + 3] = _mm512_castpd_ps(_mm512_unpackhi_pd(b, d));
            }
            // q[4 i + j], quarter l: rows 4 i .. 4 i + 4 of column 4 l + j.
            let mut out = q;
            for j in 0..4 {
                let even_low = _mm512_shuffle_f32x4::<0x88>(q[j], q[4 + j]);
                let odd_low = _mm512_shuffle_f32x4::<0xdd>(q[j], q[4 + j]);
                let even_high = _mm512_shuffle_f32x4::<0x88>(q[8 + j], q[12 + j]);
                let odd_high = _mm512_shuffle_f32x4::<0xdd>(q[8 + j], q[12 + j]);
                out[j] = _mm512_shuffle_f32x4::<0x88>(even_low, even_high);
                out[8 + j] = _mm512_shuffle_f32x4::<0xdd>(even_low, even_high);
                out[4 + j] = _mm512_shuffle_f32x4::<0x88>(odd_low, odd_high);
                out[12 + j] = _mm512_shuffle_f32x4::<0xdd>(odd_low, odd_high);
            }
            out
        }
    }
}
