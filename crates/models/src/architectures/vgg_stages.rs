//! The five stages of convolutions that VGGs of either source are made of: Table 1 of the paper.

/// Depths of VGGs in model names.
pub(crate) const DEPTHS: [usize; 4] = [11, 13, 16, 19];
/// Output channels of the five stages, each of which ends with 2×2 max pooling.
pub(crate) const CHANNELS: [usize; 5] = [64, 128, 256, 512, 512];

/// Convolutions in each of the five stages.
pub(crate) const fn convolutions(depth: usize) -> [usize; 5] {
    match depth {
        11 => [1, 1, 2, 2, 2],
        13 => [2, 2, 2, 2, 2],
        16 => [2, 2, 3, 3, 3],
        // 19; the grammar lets no other depth through.
        _ => [2, 2, 4, 4, 4],
    }
}
