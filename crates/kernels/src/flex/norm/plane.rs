//! Normalisation, ReLU and pooling of one channel plane.
//!
//! Which numbers of a plane go through vectors and which are left over depends on its size only, and so does the order
//! of every sum. Numbers left over are rounded twice (`a * b + c`) where vectors may round once: that is why the
//! backward pass must cut a plane as the forward pass does, or a number near zero could pass the ReLU in one and not in
//! the other.

use crate::flex::simd::{LANES, Simd};
use crate::tail::Tail;

/// What turns a plane's numbers into normalised ones: `(x - mean) * scale + shift`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Affine {
    /// Mean of the plane's statistics group.
    pub(crate) mean: f32,
    /// Weight over standard deviation.
    pub(crate) scale: f32,
    /// Bias.
    pub(crate) shift: f32,
}

/// The vector and scalar form of normalisation and, if `RELU`, ReLU.
#[derive(Clone, Copy)]
struct Activation<S: Simd, const RELU: bool> {
    simd: S,
    affine: Affine,
    mean: S::V,
    scale: S::V,
    shift: S::V,
}

impl<S: Simd, const RELU: bool> Activation<S, RELU> {
    #[inline(always)]
    fn new(simd: S, affine: Affine) -> Self {
        Self {
            simd,
            affine,
            mean: simd.splat(affine.mean),
            scale: simd.splat(affine.scale),
            shift: simd.splat(affine.shift),
        }
    }

    /// The vector form. The mean is taken away first: folded into the shift, a mean that is large compared with the
    /// deviation would cancel.
    #[inline(always)]
    fn load(&self, x: &[f32]) -> S::V {
        let centred = self.simd.sub(self.simd.load(x), self.mean);
        let v = self.simd.mul_add(centred, self.scale, self.shift);
        if RELU { self.simd.relu(v) } else { v }
    }

    /// The scalar form.
    #[inline(always)]
    fn at(&self, x: f32) -> f32 {
        let v = (x - self.affine.mean) * self.affine.scale + self.affine.shift;
        // Not `max`: not-a-number must stay one, so that a training that diverged is seen.
        if RELU && v <= 0.0 { 0.0 } else { v }
    }

    /// The gradient with respect to the normalised value, given the gradient behind the ReLU; adds to the sums of
    /// it and of it times `x - mean`.
    #[inline(always)]
    fn gradient(&self, x: &[f32], behind: S::V, sums: &mut [S::V; 2]) -> S::V {
        let simd = self.simd;
        let centred = simd.sub(simd.load(x), self.mean);
        // The same operations as in `load`, and so the same sign.
        let g = if RELU {
            simd.relu_mask(simd.mul_add(centred, self.scale, self.shift), behind)
        } else {
            behind
        };
        sums[0] = simd.add(sums[0], g);
        sums[1] = simd.mul_add(g, centred, sums[1]);
        g
    }

    /// [`Activation::gradient`] of one number.
    #[inline(always)]
    fn gradient_at(&self, x: f32, behind: f32, sums: &mut [f32; 2]) -> f32 {
        let g = if RELU && self.at(x) <= 0.0 {
            0.0
        } else {
            behind
        };
        sums[0] += g;
        sums[1] += g * (x - self.affine.mean);
        g
    }
}

/// Writes the normalised plane (`height x width`, row by row) to `y`, with what follows it.
#[inline(always)]
pub(crate) fn apply<S: Simd>(
    simd: S,
    x: &[f32],
    y: &mut [f32],
    width: usize,
    affine: Affine,
    tail: Tail,
) {
    match tail {
        Tail::Nothing => map::<S, false>(simd, x, y, affine),
        Tail::Relu => map::<S, true>(simd, x, y, affine),
        Tail::AveragePool => pool::<S, false>(simd, x, y, width, affine),
        Tail::ReluAveragePool => pool::<S, true>(simd, x, y, width, affine),
    }
}

#[inline(always)]
fn map<S: Simd, const RELU: bool>(simd: S, x: &[f32], y: &mut [f32], affine: Affine) {
    let activation = Activation::<S, RELU>::new(simd, affine);
    let whole = x.len() / LANES * LANES;
    for (x, y) in x[..whole]
        .chunks_exact(LANES)
        .zip(y[..whole].chunks_exact_mut(LANES))
    {
        simd.store(y, activation.load(x));
    }
    for (&x, y) in x[whole..].iter().zip(&mut y[whole..]) {
        *y = activation.at(x);
    }
}

/// Every branch adds (upper left + lower left) + (upper right + lower right). The two special widths are those of a
/// ConvNet on 32 x 32 pixels: its later planes have rows too short for the pair of vectors that the general branch
/// reads.
#[inline(always)]
fn pool<S: Simd, const RELU: bool>(
    simd: S,
    x: &[f32],
    y: &mut [f32],
    width: usize,
    affine: Affine,
) {
    let activation = Activation::<S, RELU>::new(simd, affine);
    // A power of two: no rounding, wherever it is multiplied in.
    let quarter = simd.splat(0.25);
    let half = width / 2;
    if half == 0 {
        return;
    }
    // Rows of the result that are done.
    let mut rows = 0;
    if width == LANES {
        // Two rows of the result to a vector.
        for (x, y) in x.chunks_exact(4 * LANES).zip(y.chunks_exact_mut(LANES)) {
            let upper = simd.add(activation.load(x), activation.load(&x[LANES..]));
            let lower = simd.add(
                activation.load(&x[2 * LANES..]),
                activation.load(&x[3 * LANES..]),
            );
            simd.store(y, simd.mul(simd.add_pairs(upper, lower), quarter));
            rows += 2;
        }
    } else if width == LANES / 2 {
        // Two rows of the plane to a vector.
        for (x, y) in x.chunks_exact(LANES).zip(y.chunks_exact_mut(half)) {
            let mut both = [0.0; LANES];
            simd.store(&mut both, activation.load(x));
            for (j, y) in y.iter_mut().enumerate() {
                *y = ((both[2 * j] + both[8 + 2 * j]) + (both[2 * j + 1] + both[9 + 2 * j])) * 0.25;
            }
            rows += 1;
        }
    }
    for (x, y) in x
        .chunks_exact(2 * width)
        .zip(y.chunks_exact_mut(half))
        .skip(rows)
    {
        let (upper, lower) = x.split_at(width);
        let vectors = half / LANES;
        for v in 0..vectors {
            let at = 2 * LANES * v;
            // Rows first: then neighbours are added once, not twice.
            let left = simd.add(activation.load(&upper[at..]), activation.load(&lower[at..]));
            let right = simd.add(
                activation.load(&upper[at + LANES..]),
                activation.load(&lower[at + LANES..]),
            );
            simd.store(
                &mut y[LANES * v..],
                simd.mul(simd.add_pairs(left, right), quarter),
            );
        }
        for (j, y) in y.iter_mut().enumerate().skip(vectors * LANES) {
            let [left, right] =
                [2 * j, 2 * j + 1].map(|k| activation.at(upper[k]) + activation.at(lower[k]));
            *y = (left + right) * 0.25;
        }
    }
}

/// Writes to `g` the gradient with respect to the normalised plane, given that with respect to the result; returns its
/// sum and the sum of its products with `x - mean`.
#[inline(always)]
pub(crate) fn gradient<S: Simd>(
    simd: S,
    x: &[f32],
    dy: &[f32],
    g: &mut [f32],
    width: usize,
    affine: Affine,
    tail: Tail,
) -> [f32; 2] {
    match tail {
        Tail::Nothing => map_gradient::<S, false>(simd, x, dy, g, affine),
        Tail::Relu => map_gradient::<S, true>(simd, x, dy, g, affine),
        Tail::AveragePool => pool_gradient::<S, false>(simd, x, dy, g, width, affine),
        Tail::ReluAveragePool => pool_gradient::<S, true>(simd, x, dy, g, width, affine),
    }
}

#[inline(always)]
fn map_gradient<S: Simd, const RELU: bool>(
    simd: S,
    x: &[f32],
    dy: &[f32],
    g: &mut [f32],
    affine: Affine,
) -> [f32; 2] {
    let activation = Activation::<S, RELU>::new(simd, affine);
    // Two vectors of each sum, which take turns, so that an addition does not wait for the last one.
    let (mut sums, mut rest) = ([[simd.splat(0.0); 2]; 2], [0.0; 2]);
    let whole = x.len() / LANES * LANES;
    for at in (0..whole).step_by(LANES) {
        let sums = &mut sums[at / LANES % 2];
        let v = activation.gradient(&x[at..], simd.load(&dy[at..]), sums);
        simd.store(&mut g[at..], v);
    }
    for at in whole..x.len() {
        g[at] = activation.gradient_at(x[at], dy[at], &mut rest);
    }
    total(simd, sums, rest)
}

/// The branches are those of [`pool`]. Each of the four numbers of a square gets a quarter of its gradient, unless a
/// ReLU stopped it.
#[inline(always)]
fn pool_gradient<S: Simd, const RELU: bool>(
    simd: S,
    x: &[f32],
    dy: &[f32],
    g: &mut [f32],
    width: usize,
    affine: Affine,
) -> [f32; 2] {
    let activation = Activation::<S, RELU>::new(simd, affine);
    let quarter = simd.splat(0.25);
    let half = width / 2;
    let (mut sums, mut rest) = ([[simd.splat(0.0); 2]; 2], [0.0; 2]);
    if half == 0 {
        g.fill(0.0);
        return rest;
    }
    let mut rows = 0;
    if width == LANES {
        let blocks = x.chunks_exact(4 * LANES).zip(dy.chunks_exact(LANES));
        for ((x, dy), g) in blocks.zip(g.chunks_exact_mut(4 * LANES)) {
            let (upper, lower) = simd.repeat_pairs(simd.mul(simd.load(dy), quarter));
            for (i, behind) in [upper, upper, lower, lower].into_iter().enumerate() {
                let v = activation.gradient(&x[i * LANES..], behind, &mut sums[i % 2]);
                simd.store(&mut g[i * LANES..], v);
            }
            rows += 2;
        }
    } else if width == LANES / 2 {
        let blocks = x.chunks_exact(LANES).zip(dy.chunks_exact(half));
        for ((x, dy), g) in blocks.zip(g.chunks_exact_mut(LANES)) {
            let mut both = [0.0; LANES];
            for (j, &dy) in dy.iter().enumerate() {
                for k in [2 * j, 2 * j + 1, 8 + 2 * j, 9 + 2 * j] {
                    both[k] = dy * 0.25;
                }
            }
            let v = activation.gradient(x, simd.load(&both), &mut sums[rows % 2]);
            simd.store(g, v);
            rows += 1;
        }
    }
    let pairs = x.chunks_exact(2 * width).zip(dy.chunks_exact(half));
    for ((x, dy), g) in pairs.zip(g.chunks_exact_mut(2 * width)).skip(rows) {
        let vectors = half / LANES;
        for v in 0..vectors {
            let at = 2 * LANES * v;
            let (left, right) = simd.repeat_pairs(simd.mul(simd.load(&dy[LANES * v..]), quarter));
            for (i, at) in [at, at + width].into_iter().enumerate() {
                let v = activation.gradient(&x[at..], left, &mut sums[i]);
                simd.store(&mut g[at..], v);
                let v = activation.gradient(&x[at + LANES..], right, &mut sums[i]);
                simd.store(&mut g[at + LANES..], v);
            }
        }
        for (j, &dy) in dy.iter().enumerate().skip(vectors * LANES) {
            for k in [2 * j, 2 * j + 1, width + 2 * j, width + 2 * j + 1] {
                g[k] = activation.gradient_at(x[k], dy * 0.25, &mut rest);
            }
        }
        // An odd last column was not pooled.
        if width % 2 == 1 {
            g[width - 1] = 0.0;
            g[2 * width - 1] = 0.0;
        }
    }
    // Neither was an odd last row.
    let pooled = x.len() / (2 * width) * 2 * width;
    g[pooled..].fill(0.0);
    total(simd, sums, rest)
}

#[inline(always)]
fn total<S: Simd>(simd: S, sums: [[S::V; 2]; 2], rest: [f32; 2]) -> [f32; 2] {
    [0, 1].map(|i| simd.sum(simd.add(sums[0][i], sums[1][i])) + rest[i])
}

/// The linear map from the gradient of a normalised plane to that of the plane:
/// `gradient * g + centred * (x - mean) + constant`.
///
/// With `n` numbers in a statistics group, weight `w`, inverse deviation `r` and `z = (x - mean) * r` it is
/// `r * (w * g - sum(w * g) / n - z * sum(w * g * z) / n)` (Ioffe and Szegedy, 2015, section 3).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Adjoint {
    /// Factor of the gradient: weight over standard deviation.
    pub(crate) gradient: f32,
    /// Factor of `x - mean`: the path through the variance.
    pub(crate) centred: f32,
    /// The path through the mean.
    pub(crate) constant: f32,
    /// The mean.
    pub(crate) mean: f32,
}

/// Replaces `g` by the gradient with respect to the plane `x`.
#[inline(always)]
pub(crate) fn finish<S: Simd>(simd: S, x: &[f32], g: &mut [f32], adjoint: Adjoint) {
    let [gradient, centred, constant, mean] = [
        adjoint.gradient,
        adjoint.centred,
        adjoint.constant,
        adjoint.mean,
    ]
    .map(|x| simd.splat(x));
    let whole = x.len() / LANES * LANES;
    for (x, g) in x[..whole]
        .chunks_exact(LANES)
        .zip(g[..whole].chunks_exact_mut(LANES))
    {
        let rest = simd.mul_add(simd.sub(simd.load(x), mean), centred, constant);
        simd.store(g, simd.mul_add(simd.load(g), gradient, rest));
    }
    for (&x, g) in x[whole..].iter().zip(&mut g[whole..]) {
        *g = adjoint.gradient * *g + (adjoint.centred * (x - adjoint.mean) + adjoint.constant);
    }
}
