//! Winograd's F(4x4, 3x3): a tile of 4 x 4 results from a tile of 6 x 6 inputs and 36 products.
//!
//! Cook-Toom with the points 0, ±a, ±b and infinity. a = 3/4 and b = 3/2 make all constants but those of the filter
//! exact and keep the rounding error about five times below that of the usual 1 and 2 (measured on 128 channels: 9e-7
//! against 2e-6 root mean square, 8e-6 against 4e-5 at worst; the direct sum has 2e-7 and 9e-7). How much points matter
//! is the subject of Barabasz, Anderson, Soodhalter and Gregg (2020, "Error analysis and improving the accuracy of
//! Winograd convolution for deep neural networks").
//!
//! In one dimension, with `P(x)` the product of all `x - p` over the finite points `p`: the row of point `p` is in the
//! input transform the coefficients of `P(x) / (x - p)`, in the filter transform `[1, p, p^2]` divided by that
//! polynomial's value at `p`, in the output transform's column `[1, p, p^2, p^3]`. The row of infinity has the
//! coefficients of `P(x)`, `[0, 0, 1]` and `[0, 0, 0, 1]`. Points come in pairs so that `p` and `-p` share their even
//! and odd terms.
//!
//! Tiles of 2 x 2 would take 64 products where these take 36, tiles of 6 x 6 28.4; but more points mean larger
//! constants, and rounding errors grow with them faster than products become fewer.

use crate::flex::simd::Simd;

/// Results to a side of a tile.
pub(super) const TILE: usize = 4;
/// Inputs to a side of a tile.
pub(super) const SPAN: usize = 6;
/// Products of a tile.
pub(super) const PRODUCTS: usize = SPAN * SPAN;

// Sums of few powers of two, and so are their products: no constant is rounded but the filter's quotients.
const A: f32 = 0.75;
const B: f32 = 1.5;
const A2: f32 = A * A;
const B2: f32 = B * B;
/// What a filter is divided by at 0, ±a and ±b: the product of the distances to the other points.
const AT_ZERO: f32 = A2 * B2;
const AT_A: f32 = 2.0 * A2 * (A2 - B2);
const AT_B: f32 = 2.0 * B2 * (B2 - A2);

/// `constant * v`.
#[inline(always)]
fn times<S: Simd>(simd: S, constant: f32, v: S::V) -> S::V {
    simd.mul(simd.splat(constant), v)
}

/// `constant * v + rest`.
#[inline(always)]
fn plus<S: Simd>(simd: S, constant: f32, v: S::V, rest: S::V) -> S::V {
    simd.mul_add(simd.splat(constant), v, rest)
}

/// One dimension of a transform of `N` to `M` numbers.
///
/// A trait and no function argument: only what must be inlined is compiled for the instruction set at hand.
trait Transform<const N: usize, const M: usize> {
    /// Applies it to every lane.
    fn apply<S: Simd>(simd: S, v: [S::V; N]) -> [S::V; M];
}

/// One dimension of the input transform.
struct Input;

impl Transform<6, 6> for Input {
    #[inline(always)]
    fn apply<S: Simd>(simd: S, d: [S::V; 6]) -> [S::V; 6] {
        // P(x) / (x - a) = x (x + a) (x^2 - b^2): even powers, and odd ones with a factor a, whose sign is that of the
        // point.
        let even_a = plus(simd, -B2, d[2], d[4]);
        let odd_a = plus(simd, -B2, d[1], d[3]);
        let even_b = plus(simd, -A2, d[2], d[4]);
        let odd_b = plus(simd, -A2, d[1], d[3]);
        [
            // P(x) / x = (x^2 - a^2) (x^2 - b^2).
            plus(simd, AT_ZERO, d[0], plus(simd, -(A2 + B2), d[2], d[4])),
            plus(simd, A, odd_a, even_a),
            plus(simd, -A, odd_a, even_a),
            plus(simd, B, odd_b, even_b),
            plus(simd, -B, odd_b, even_b),
            // P(x), the same one place further on.
            plus(simd, AT_ZERO, d[1], plus(simd, -(A2 + B2), d[3], d[5])),
        ]
    }
}

/// One dimension of the output transform.
struct Output;

impl Transform<6, 4> for Output {
    #[inline(always)]
    fn apply<S: Simd>(simd: S, m: [S::V; 6]) -> [S::V; 4] {
        // Row k is the sum of p^k m(p): sums of a pair for even k, differences for odd ones.
        let (sum_a, difference_a) = (simd.add(m[1], m[2]), simd.sub(m[1], m[2]));
        let (sum_b, difference_b) = (simd.add(m[3], m[4]), simd.sub(m[3], m[4]));
        [
            simd.add(m[0], simd.add(sum_a, sum_b)),
            plus(simd, A, difference_a, times(simd, B, difference_b)),
            plus(simd, A2, sum_a, times(simd, B2, sum_b)),
            plus(
                simd,
                A * A2,
                difference_a,
                plus(simd, B * B2, difference_b, m[5]),
            ),
        ]
    }
}

/// One dimension of the adjoint of the output transform.
struct Spread;

impl Transform<4, 6> for Spread {
    #[inline(always)]
    fn apply<S: Simd>(simd: S, y: [S::V; 4]) -> [S::V; 6] {
        let (even_a, even_b) = (plus(simd, A2, y[2], y[0]), plus(simd, B2, y[2], y[0]));
        let odd_a = plus(simd, A * A2, y[3], times(simd, A, y[1]));
        let odd_b = plus(simd, B * B2, y[3], times(simd, B, y[1]));
        [
            y[0],
            simd.add(even_a, odd_a),
            simd.sub(even_a, odd_a),
            simd.add(even_b, odd_b),
            simd.sub(even_b, odd_b),
            y[3],
        ]
    }
}

/// One dimension of the filter transform.
struct Filter;

impl Transform<3, 6> for Filter {
    #[inline(always)]
    fn apply<S: Simd>(simd: S, g: [S::V; 3]) -> [S::V; 6] {
        // The polynomial g(p) = g0 + g1 p + g2 p^2 over P(x) / (x - p) at p.
        let even_a = plus(simd, A2 / AT_A, g[2], times(simd, 1.0 / AT_A, g[0]));
        let even_b = plus(simd, B2 / AT_B, g[2], times(simd, 1.0 / AT_B, g[0]));
        [
            times(simd, 1.0 / AT_ZERO, g[0]),
            plus(simd, A / AT_A, g[1], even_a),
            plus(simd, -A / AT_A, g[1], even_a),
            plus(simd, B / AT_B, g[1], even_b),
            plus(simd, -B / AT_B, g[1], even_b),
            g[2],
        ]
    }
}

/// One dimension of the adjoint of the filter transform.
struct Gradient;

impl Transform<6, 3> for Gradient {
    #[inline(always)]
    fn apply<S: Simd>(simd: S, m: [S::V; 6]) -> [S::V; 3] {
        let (sum_a, difference_a) = (simd.add(m[1], m[2]), simd.sub(m[1], m[2]));
        let (sum_b, difference_b) = (simd.add(m[3], m[4]), simd.sub(m[3], m[4]));
        [
            plus(
                simd,
                1.0 / AT_ZERO,
                m[0],
                plus(simd, 1.0 / AT_A, sum_a, times(simd, 1.0 / AT_B, sum_b)),
            ),
            plus(
                simd,
                A / AT_A,
                difference_a,
                times(simd, B / AT_B, difference_b),
            ),
            simd.add(
                plus(simd, A2 / AT_A, sum_a, times(simd, B2 / AT_B, sum_b)),
                m[5],
            ),
        ]
    }
}

/// Applies a transform to the columns and rows of a square given and taken row by row.
///
/// All 36 numbers of each of sixteen channels at once would need more registers than there are: `half` lives in the
/// first-level cache.
#[inline(always)]
fn both_ways<S: Simd, T: Transform<N, M>, const N: usize, const M: usize>(
    simd: S,
    _: T,
    mut get: impl FnMut(usize, usize) -> S::V,
    mut put: impl FnMut(usize, S::V),
) {
    let zero = simd.splat(0.0);
    let mut half = [[zero; N]; M];
    let mut j = 0;
    while j < N {
        let mut column = [zero; N];
        for (i, v) in column.iter_mut().enumerate() {
            *v = get(i, j);
        }
        for (row, v) in half.iter_mut().zip(T::apply(simd, column)) {
            row[j] = v;
        }
        j += 1;
    }
    for (i, row) in half.into_iter().enumerate() {
        for (j, v) in T::apply(simd, row).into_iter().enumerate() {
            put(i * M + j, v);
        }
    }
}

/// 6 x 6 inputs to 36 factors.
#[inline(always)]
pub(super) fn input<S: Simd>(
    simd: S,
    get: impl FnMut(usize, usize) -> S::V,
    put: impl FnMut(usize, S::V),
) {
    both_ways(simd, Input, get, put);
}

/// 36 products to 4 x 4 results.
#[inline(always)]
pub(super) fn output<S: Simd>(
    simd: S,
    get: impl FnMut(usize, usize) -> S::V,
    put: impl FnMut(usize, S::V),
) {
    both_ways(simd, Output, get, put);
}

/// The adjoint of [`output`]: gradients of 4 x 4 results to those of 36 products.
#[inline(always)]
pub(super) fn result<S: Simd>(
    simd: S,
    get: impl FnMut(usize, usize) -> S::V,
    put: impl FnMut(usize, S::V),
) {
    both_ways(simd, Spread, get, put);
}

/// A 3 x 3 filter to 36 factors.
#[inline(always)]
pub(super) fn filter<S: Simd>(
    simd: S,
    get: impl FnMut(usize, usize) -> S::V,
    put: impl FnMut(usize, S::V),
) {
    both_ways(simd, Filter, get, put);
}

/// The adjoint of [`filter`]: gradients of 36 factors to those of a 3 x 3 filter.
#[inline(always)]
pub(super) fn gradient<S: Simd>(
    simd: S,
    get: impl FnMut(usize, usize) -> S::V,
    put: impl FnMut(usize, S::V),
) {
    both_ways(simd, Gradient, get, put);
}
