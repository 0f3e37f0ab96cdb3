//! Matrix product with the reduction in one fixed order.
//!
//! Each number of the result is one chain of multiply-adds along the reduction, in ascending order, whatever tile it
//! falls in. Tiles, panels and depth blocks decide only when a link of that chain is computed: a partial sum is the
//! same `f32` in a register and in memory. So the result does not depend on how many rows or columns a product has
//! beside that number, and levels with different tiles agree to the bit if both fuse multiplication and addition.

use super::vector::{LANES, Simd};

/// Columns of a panel of the right-hand matrix: the width of the widest tile, so that a tile reads one run of memory.
pub(crate) const PANEL: usize = 2 * LANES;

/// Longest stretch of the reduction that is worked through before the next tile: 256 rows of a panel are 32 KiB, which
/// the first-level cache keeps for all rows of the result.
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

/// A right-hand matrix in panels of [`PANEL`] = 32 columns: element `(p, j)` is
/// `data[j / 32 * panel + p * row + j % 32]`. A plain row-major matrix has `panel` 32.
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
    let panels = columns.div_ceil(PANEL);
    let last_width = columns - (panels - 1) * PANEL;
    assert!(
        last([(rows, c_row), (columns, 1)]) < c.len(),
        "c is too small"
    );
    if depth == 0 {
        if !accumulate {
            for r in 0..rows {
                c[r * c_row..r * c_row + columns].fill(0.0);
            }
        }
        return;
    }
    assert!(
        last([(rows, a.row), (depth, a.column)]) < a.data.len(),
        "a is too small"
    );
    // The last panel may be narrower than those before it, and need not be the one whose end lies furthest.
    if panels > 1 {
        assert!(
            last([(panels - 1, b.panel), (depth, b.row), (PANEL, 1)]) < b.data.len(),
            "b is too small"
        );
    }
    assert!(
        last([(panels, b.panel), (depth, b.row), (last_width, 1)]) < b.data.len(),
        "b is too small"
    );

    // Depth outermost, rows innermost: the part of a panel that a tile needs stays in the first-level cache for all
    // rows; `a`, of which a tile reads fewer numbers, comes from further away.
    let blocks = rows.div_ceil(S::TILE_ROWS);
    let vectors = columns / LANES;
    let mut from = 0;
    while from < depth {
        let deep = DEPTH_BLOCK.min(depth - from);
        // Later blocks go on from what the earlier ones left in `c`.
        let accumulate = accumulate || from > 0;
        let mut v = 0;
        while v < vectors {
            // A tile does not reach over the end of a panel.
            let n = if v % 2 == 0 {
                S::TILE_VECTORS.min(vectors - v)
            } else {
                1
            };
            let b_at = v / 2 * b.panel + v % 2 * LANES + from * b.row;
            for block in 0..blocks {
                // Even shares, so that no block is left with a single row.
                let (r0, r1) = (rows * block / blocks, rows * (block + 1) / blocks);
                // SAFETY: r0 < r1 <= rows, v + n <= vectors and from + deep <= depth, so the addresses that the tile
                // uses are those of elements of the three matrices; strides are not negative, so none lies beyond the
                // last element, which the assertions above found inside its slice (for `b` in the last panel and in
                // those before it, which may be wider). n vectors from v lie in one panel: n is 2 only where v is even.
                // `c` is borrowed mutably and is written through nothing else meanwhile.
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

/// Index of the last element along axes of `(count, stride)` with at least one element each. Saturates: no slice is as
/// long as what would overflow.
fn last<const N: usize>(axes: [(usize, usize); N]) -> usize {
    axes.into_iter().fold(0, |at, (count, stride)| {
        at.saturating_add((count - 1).saturating_mul(stride))
    })
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
                $($r if $r <= S::TILE_ROWS => {
                    // SAFETY: what the caller promises for `rows` rows is what `tile` asks for its R, which is equal.
                    unsafe { tile::<S, $r, N>(simd, depth, a, b, c, accumulate) }
                })*
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
    // SAFETY: r < R, the round p < depth and n < N throughout, so the caller's promise covers the number of `a` and
    // each run of sixteen numbers of `b` and `c`. Reads and writes of `c` do not overlap in time: every slice is gone
    // before the next is made.
    unsafe {
        // The length that `load` and `store` check is a constant: the check vanishes.
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
        // An outer product for each step of the reduction: R N multiply-adds, none of which waits for another, on N + R
        // loads.
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
