//! Matrix product with the reduction in one fixed order.

use super::{LANES, Simd};

/// Longest stretch of the reduction that is worked through before the next tile: keeps a panel of `b` in the
/// first-level cache. Part of the definition of the result, as partial sums are rounded when they go to memory; so
/// it depends on nothing.
const DEPTH_BLOCK: usize = 256;

/// A left-hand matrix: element `(r, p)` is `data[r * row + p * column]`.
#[derive(Clone, Copy)]
pub(crate) struct Matrix<'a> {
    /// The numbers.
    pub(crate) data: &'a [f32],
    /// From one row to the next.
    pub(crate) row: usize,
    /// From one column to the next.
    pub(crate) column: usize,
}

/// A right-hand matrix in panels of 32 columns: element `(p, j)` is `data[j / 32 * panel + p * row + j % 32]`. A plain
/// row-major matrix has `panel` 32.
#[derive(Clone, Copy)]
pub(crate) struct Panels<'a> {
    /// The numbers.
    pub(crate) data: &'a [f32],
    /// From one panel to the next.
    pub(crate) panel: usize,
    /// From one row to the next.
    pub(crate) row: usize,
}

/// `c = a b`, or `c += a b` if `accumulate`: `c` is `rows x columns` with `c_row` from one row to the next, the
/// reduction runs over `depth`, ascending.
///
/// # Panics
///
/// If `columns` is no multiple of 16 or a matrix is too small for the dimensions.
#[inline(always)]
pub(crate) fn gemm<S: Simd>(
    simd: S,
    (rows, columns, depth): (usize, usize, usize),
    a: Matrix<'_>,
    b: Panels<'_>,
    c: (&mut [f32], usize),
    accumulate: bool,
) {
    let (c, c_row) = c;
    assert!(
        columns.is_multiple_of(LANES),
        "columns must come in vectors"
    );
    if rows == 0 || columns == 0 {
        return;
    }
    let panels = columns.div_ceil(2 * LANES);
    let last_width = columns - (panels - 1) * 2 * LANES;
    assert!((rows - 1) * c_row + columns <= c.len(), "c is too small");
    if depth == 0 {
        if !accumulate {
            for r in 0..rows {
                c[r * c_row..r * c_row + columns].fill(0.0);
            }
        }
        return;
    }
    assert!(
        (rows - 1) * a.row + (depth - 1) * a.column < a.data.len(),
        "a is too small"
    );
    // Panels may lie in any order relative to rows: the last element of the first and of the last panel.
    if panels > 1 {
        assert!(
            (panels - 2) * b.panel + (depth - 1) * b.row + 2 * LANES <= b.data.len(),
            "b is too small"
        );
    }
    assert!(
        (panels - 1) * b.panel + (depth - 1) * b.row + last_width <= b.data.len(),
        "b is too small"
    );

    let blocks = rows.div_ceil(S::TILE_ROWS);
    let vectors = columns / LANES;
    let mut from = 0;
    while from < depth {
        let deep = DEPTH_BLOCK.min(depth - from);
        let accumulate = accumulate || from > 0;
        let mut v = 0;
        while v < vectors {
            let n = if v % 2 == 0 {
                S::TILE_VECTORS.min(vectors - v)
            } else {
                1
            };
            let b_at = v / 2 * b.panel + v % 2 * LANES + from * b.row;
            for block in 0..blocks {
                // Even shares, so that no block is left with a single row.
                let (r0, r1) = (rows * block / blocks, rows * (block + 1) / blocks);
                // SAFETY: r1 - r0 rows from r0, n vectors from v and `deep` of the depth from `from` are
                // inside the matrices by the assertions above.
                unsafe {
                    let a = (
                        a.data.as_ptr().add(r0 * a.row + from * a.column),
                        a.row,
                        a.column,
                    );
                    let b = (b.data.as_ptr().add(b_at), b.row);
                    let c = (c.as_mut_ptr().add(r0 * c_row + v * LANES), c_row);
                    if S::TILE_VECTORS == 2 && n == 2 {
                        tile_rows::<S, 2>(simd, r1 - r0, deep, a, b, c, accumulate);
                    } else {
                        tile_rows::<S, 1>(simd, r1 - r0, deep, a, b, c, accumulate);
                    }
                }
            }
            v += n;
        }
        from += deep;
    }
}

/// Chooses the tile of `rows` rows, at most [`Simd::TILE_ROWS`].
///
/// # Safety
///
/// As [`tile`], with `R = rows`.
#[inline(always)]
unsafe fn tile_rows<S: Simd, const N: usize>(
    simd: S,
    rows: usize,
    depth: usize,
    a: (*const f32, usize, usize),
    b: (*const f32, usize),
    c: (*mut f32, usize),
    accumulate: bool,
) {
    macro_rules! choose {
        ($($r:literal)*) => {
            match rows {
                // The guard is a constant: tiles that do not fit the registers are not compiled.
                $($r if $r <= S::TILE_ROWS => unsafe { tile::<S, $r, N>(simd, depth, a, b, c, accumulate) },)*
                _ => unreachable!("a block has 1 to {} rows", S::TILE_ROWS),
            }
        };
    }
    choose!(1 2 3 4 5 6 7 8 9 10 11 12 13 14);
}

/// The micro-kernel: `R` rows of `N` vectors stay in registers over the whole depth.
///
/// # Safety
///
/// For all `r < R`, `p < depth`, `j < 16 N`: `a + r * a_row + p * a_column` and `b + p * b_row + j` can be read, and
/// `c + r * c_row + j` can be read and written.
#[inline(always)]
unsafe fn tile<S: Simd, const R: usize, const N: usize>(
    simd: S,
    depth: usize,
    (a, a_row, a_column): (*const f32, usize, usize),
    (b, b_row): (*const f32, usize),
    (c, c_row): (*mut f32, usize),
    accumulate: bool,
) {
    // SAFETY: all addresses are inside by the caller's promise.
    unsafe {
        let vector = |at: *const f32| simd.load(std::slice::from_raw_parts(at, LANES));
        let mut sums = [[simd.splat(0.0); N]; R];
        if accumulate {
            for (r, row) in sums.iter_mut().enumerate() {
                for (n, sum) in row.iter_mut().enumerate() {
                    *sum = vector(c.add(r * c_row + n * LANES));
                }
            }
        }
        let (mut a, mut b) = (a, b);
        for _ in 0..depth {
            let mut right = [simd.splat(0.0); N];
            for (n, right) in right.iter_mut().enumerate() {
                *right = vector(b.add(n * LANES));
            }
            for (r, row) in sums.iter_mut().enumerate() {
                let left = simd.splat(*a.add(r * a_row));
                for (n, sum) in row.iter_mut().enumerate() {
                    *sum = simd.mul_add(left, right[n], *sum);
                }
            }
            // Past the end after the last round, where they are not used: `wrapping`.
            a = a.wrapping_add(a_column);
            b = b.wrapping_add(b_row);
        }
        for (r, row) in sums.iter().enumerate() {
            for (n, sum) in row.iter().enumerate() {
                simd.store(
                    std::slice::from_raw_parts_mut(c.add(r * c_row + n * LANES), LANES),
                    *sum,
                );
            }
        }
    }
}
