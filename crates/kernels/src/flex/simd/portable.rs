//! An array per vector, for processors without AVX2 and for other architectures.

use super::vector::{LANES, Simd};

/// Needs nothing of the processor.
#[derive(Clone, Copy)]
pub(crate) struct Portable;

/// A vector, aligned so that the compiler may keep it in registers of any width.
#[derive(Clone, Copy)]
#[repr(align(64))]
pub(crate) struct Lanes([f32; LANES]);

/// Lane by lane.
#[inline(always)]
fn zip(a: Lanes, b: Lanes, f: impl Fn(f32, f32) -> f32) -> Lanes {
    let mut out = a;
    for i in 0..LANES {
        out.0[i] = f(a.0[i], b.0[i]);
    }
    out
}

impl Simd for Portable {
    type V = Lanes;
    // A vector is four registers of NEON or SSE2. Twelve of SSE2's sixteen hold sums, 24 of NEON's 32.
    const TILE_ROWS: usize = if cfg!(target_arch = "aarch64") { 6 } else { 3 };
    const TILE_VECTORS: usize = 1;

    #[inline(always)]
    fn splat(self, x: f32) -> Lanes {
        Lanes([x; LANES])
    }

    #[inline(always)]
    fn load(self, from: &[f32]) -> Lanes {
        let mut out = [0.0; LANES];
        out.copy_from_slice(&from[..LANES]);
        Lanes(out)
    }

    #[inline(always)]
    fn store(self, to: &mut [f32], v: Lanes) {
        to[..LANES].copy_from_slice(&v.0);
    }

    #[inline(always)]
    fn add(self, a: Lanes, b: Lanes) -> Lanes {
        zip(a, b, |a, b| a + b)
    }

    #[inline(always)]
    fn sub(self, a: Lanes, b: Lanes) -> Lanes {
        zip(a, b, |a, b| a - b)
    }

    #[inline(always)]
    fn mul(self, a: Lanes, b: Lanes) -> Lanes {
        zip(a, b, |a, b| a * b)
    }

    #[inline(always)]
    fn mul_add(self, a: Lanes, b: Lanes, c: Lanes) -> Lanes {
        // Where the target has no instruction for it, a fused multiply-add is a slow library call.
        const FUSED: bool = cfg!(any(target_arch = "aarch64", target_feature = "fma"));
        let mut out = c;
        for i in 0..LANES {
            out.0[i] = if FUSED {
                a.0[i].mul_add(b.0[i], c.0[i])
            } else {
                a.0[i] * b.0[i] + c.0[i]
            };
        }
        out
    }

    // `<=` and not `max`: not-a-number fails the comparison and stays, as it does in the other levels.
    #[inline(always)]
    fn relu(self, v: Lanes) -> Lanes {
        zip(v, v, |v, _| if v <= 0.0 { 0.0 } else { v })
    }

    #[inline(always)]
    fn relu_mask(self, v: Lanes, g: Lanes) -> Lanes {
        zip(v, g, |v, g| if v <= 0.0 { 0.0 } else { g })
    }

    #[inline(always)]
    fn add_pairs(self, a: Lanes, b: Lanes) -> Lanes {
        let mut out = a;
        for i in 0..LANES / 2 {
            out.0[i] = a.0[2 * i] + a.0[2 * i + 1];
            out.0[LANES / 2 + i] = b.0[2 * i] + b.0[2 * i + 1];
        }
        out
    }

    #[inline(always)]
    fn repeat_pairs(self, v: Lanes) -> (Lanes, Lanes) {
        let (mut low, mut high) = (v, v);
        for i in 0..LANES {
            low.0[i] = v.0[i / 2];
            high.0[i] = v.0[LANES / 2 + i / 2];
        }
        (low, high)
    }

    #[inline(always)]
    fn transpose(self, rows: [Lanes; LANES]) -> [Lanes; LANES] {
        let mut out = rows;
        for (i, row) in rows.iter().enumerate() {
            for (j, &x) in row.0.iter().enumerate() {
                out[j].0[i] = x;
            }
        }
        out
    }
}
