//! Two AVX2 registers per vector.

use super::kernel::Kernel;
use super::vector::{LANES, Simd};
use std::arch::x86_64::{
    __m256, _CMP_NLE_UQ, _mm256_add_ps, _mm256_and_ps, _mm256_castpd_ps, _mm256_castps_pd,
    _mm256_cmp_ps, _mm256_fmadd_ps, _mm256_hadd_ps, _mm256_loadu_ps, _mm256_max_ps, _mm256_mul_ps,
    _mm256_permute2f128_ps, _mm256_permute4x64_pd, _mm256_set1_ps, _mm256_setzero_ps,
    _mm256_storeu_ps, _mm256_sub_ps, _mm256_unpackhi_pd, _mm256_unpackhi_ps, _mm256_unpacklo_pd,
    _mm256_unpacklo_ps,
};

/// Proof that the processor has AVX2 and FMA: only [`run`] makes one.
#[derive(Clone, Copy)]
pub(crate) struct Avx2(());

/// Lanes 0 to 7 and 8 to 15.
type Pair = [__m256; 2];

/// Runs `kernel` compiled for AVX2.
///
/// # Safety
///
/// The processor must have the features named here.
#[target_feature(enable = "avx2,fma")]
pub(super) unsafe fn run<K: Kernel>(kernel: K) -> K::Output {
    kernel.run(Avx2(()))
}

impl Simd for Avx2 {
    type V = Pair;
    // 6 sums of two registers each, a vector of the right-hand matrix and one number of the left-hand one: 15 of 16
    // registers.
    const TILE_ROWS: usize = 6;
    const TILE_VECTORS: usize = 1;

    #[inline(always)]
    fn splat(self, x: f32) -> Pair {
        // SAFETY: `self` proves AVX2, all that these instructions on registers need.
        unsafe { [_mm256_set1_ps(x); 2] }
    }

    #[inline(always)]
    fn load(self, from: &[f32]) -> Pair {
        let from = &from[..LANES];
        // SAFETY: `self` proves AVX2; `from` has sixteen numbers, which are what the two loads read. They may lie
        // anywhere: the loads are the unaligned ones.
        unsafe {
            [
                _mm256_loadu_ps(from.as_ptr()),
                _mm256_loadu_ps(from.as_ptr().add(8)),
            ]
        }
    }

    #[inline(always)]
    fn store(self, to: &mut [f32], v: Pair) {
        let to = &mut to[..LANES];
        // SAFETY: `self` proves AVX2; `to` has room for sixteen numbers, which are what the two stores write. It may
        // lie anywhere: the stores are the unaligned ones.
        unsafe {
            _mm256_storeu_ps(to.as_mut_ptr(), v[0]);
            _mm256_storeu_ps(to.as_mut_ptr().add(8), v[1]);
        }
    }

    #[inline(always)]
    fn add(self, a: Pair, b: Pair) -> Pair {
        // SAFETY: `self` proves AVX2, all that these instructions on registers need.
        unsafe { [_mm256_add_ps(a[0], b[0]), _mm256_add_ps(a[1], b[1])] }
    }

    #[inline(always)]
    fn sub(self, a: Pair, b: Pair) -> Pair {
        // SAFETY: `self` proves AVX2, all that these instructions on registers need.
        unsafe { [_mm256_sub_ps(a[0], b[0]), _mm256_sub_ps(a[1], b[1])] }
    }

    #[inline(always)]
    fn mul(self, a: Pair, b: Pair) -> Pair {
        // SAFETY: `self` proves AVX2, all that these instructions on registers need.
        unsafe { [_mm256_mul_ps(a[0], b[0]), _mm256_mul_ps(a[1], b[1])] }
    }

    #[inline(always)]
    fn mul_add(self, a: Pair, b: Pair, c: Pair) -> Pair {
        // SAFETY: `self` proves FMA with AVX2, all that these instructions on registers need.
        unsafe {
            [
                _mm256_fmadd_ps(a[0], b[0], c[0]),
                _mm256_fmadd_ps(a[1], b[1], c[1]),
            ]
        }
    }

    #[inline(always)]
    fn relu(self, v: Pair) -> Pair {
        // Zero first: where one operand is not a number, or both are zeros, `max` returns the second one.
        // SAFETY: `self` proves AVX2, all that these instructions on registers need.
        unsafe {
            [
                _mm256_max_ps(_mm256_setzero_ps(), v[0]),
                _mm256_max_ps(_mm256_setzero_ps(), v[1]),
            ]
        }
    }

    #[inline(always)]
    fn relu_mask(self, v: Pair, g: Pair) -> Pair {
        // "Not less or equal" and not "greater": true for what is not a number, so that its gradient passes.
        // SAFETY: `self` proves AVX2, all that these instructions on registers need.
        unsafe {
            let zero = _mm256_setzero_ps();
            [
                _mm256_and_ps(_mm256_cmp_ps::<_CMP_NLE_UQ>(v[0], zero), g[0]),
                _mm256_and_ps(_mm256_cmp_ps::<_CMP_NLE_UQ>(v[1], zero), g[1]),
            ]
        }
    }

    #[inline(always)]
    fn add_pairs(self, a: Pair, b: Pair) -> Pair {
        // SAFETY: `self` proves AVX2, all that these instructions on registers need.
        unsafe {
            // `hadd` works on halves: put them back in order.
            let order = |v: __m256| {
                _mm256_castpd_ps(_mm256_permute4x64_pd::<0b11_01_10_00>(_mm256_castps_pd(v)))
            };
            [
                order(_mm256_hadd_ps(a[0], a[1])),
                order(_mm256_hadd_ps(b[0], b[1])),
            ]
        }
    }

    #[inline(always)]
    fn repeat_pairs(self, v: Pair) -> (Pair, Pair) {
        // SAFETY: `self` proves AVX2, all that these instructions on registers need.
        unsafe {
            let spread = |v: __m256| {
                let (low, high) = (_mm256_unpacklo_ps(v, v), _mm256_unpackhi_ps(v, v));
                [
                    _mm256_permute2f128_ps::<0x20>(low, high),
                    _mm256_permute2f128_ps::<0x31>(low, high),
                ]
            };
            (spread(v[0]), spread(v[1]))
        }
    }

    #[inline(always)]
    fn transpose(self, rows: [Pair; LANES]) -> [Pair; LANES] {
        // Four blocks of 8 x 8, of which the one above the diagonal and the one below change places.
        let mut out = rows;
        for i in 0..2 {
            for j in 0..2 {
                let mut block = [rows[0][0]; 8];
                for (k, row) in block.iter_mut().enumerate() {
                    *row = rows[8 * i + k][j];
                }
                // SAFETY: `self` proves AVX2, which is what `transpose8` needs.
                let block = unsafe { transpose8(block) };
                for (k, row) in block.into_iter().enumerate() {
                    out[8 * j + k][i] = row;
                }
            }
        }
        out
    }
}

/// Transposes 8 x 8.
///
/// # Safety
///
/// The processor must have AVX2.
#[inline(always)]
unsafe fn transpose8(r: [__m256; 8]) -> [__m256; 8] {
    // SAFETY: the caller promises AVX2, all that these instructions on registers need.
    unsafe {
        // Pairs of rows, then pairs of pairs inside each half of the register, then halves.
        let mut t = r;
        for i in 0..4 {
            t[2 * i] = _mm256_unpacklo_ps(r[2 * i], r[2 * i + 1]);
            t[2 * i + 1] = _mm256_unpackhi_ps(r[2 * i], r[2 * i + 1]);
        }
        let mut q = t;
        for i in 0..2 {
            let [a, b, c, d] =
                [t[4 * i], t[4 * i + 1], t[4 * i + 2], t[4 * i + 3]].map(|v| _mm256_castps_pd(v));
            q[4 * i] = _mm256_castpd_ps(_mm256_unpacklo_pd(a, c));
            q[4 * i + 1] = _mm256_castpd_ps(_mm256_unpackhi_pd(a, c));
            q[4 * i + 2] = _mm256_castpd_ps(_mm256_unpacklo_pd(b, d));
            q[4 * i + 3] = _mm256_castpd_ps(_mm256_unpackhi_pd(b, d));
        }
        let mut out = q;
        for j in 0..4 {
            out[j] = _mm256_permute2f128_ps::<0x20>(q[j], q[4 + j]);
            out[4 + j] = _mm256_permute2f128_ps::<0x31>(q[j], q[4 + j]);
        }
        out
    }
}
