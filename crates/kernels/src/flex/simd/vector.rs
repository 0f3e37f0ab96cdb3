//! Vectors of sixteen numbers, whatever the processor has for them.

/// Lanes of a vector.
pub(crate) const LANES: usize = 16;

/// Sixteen-lane arithmetic on `f32`.
pub(crate) trait Simd: Copy + Send + Sync + 'static {
    /// Sixteen numbers.
    type V: Copy;
    /// Rows of the matrix micro-kernel's tile: as many as leave registers for a row of the right-hand matrix and one
    /// number of the left-hand one. Each number that is loaded is then used for a whole row or column of the tile (Goto
    /// and van de Geijn, 2008, "Anatomy of high-performance matrix multiplication").
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
        // Upper half onto lower half, which processors can do on registers; a portable order, so the same on all of
        // them.
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
