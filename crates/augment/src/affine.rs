//! Affine resampling with aligned corners.

use burn::tensor::ops::{GridSampleOptions, GridSamplePaddingMode, InterpolateMode};
use burn::tensor::{Tensor, TensorData};

/// The 2×2 matrices of a batch: output (x, y) reads the input at (a x + b y, c x + d y), where -1 and 1 are the centres of
/// the outermost pixels. Each is `[batch, 1, 1]`.
pub(crate) struct Matrices {
    pub(crate) a: Tensor<3>,
    pub(crate) b: Tensor<3>,
    pub(crate) c: Tensor<3>,
    pub(crate) d: Tensor<3>,
}

/// Resamples `[batch, channels, height, width]` bilinearly; neighbours outside the picture are zero.
pub(crate) fn resample(images: Tensor<4>, matrices: Matrices) -> Tensor<4> {
    let [batch, _, height, width] = images.dims();
    // Coordinates are constants and need no graph.
    let device = images.device().inner();
    let axis = |side| TensorData::new(coordinates(side), [side]);
    let x = Tensor::<1>::from_data(axis(width), &device).reshape([1, 1, width]);
    let y = Tensor::<1>::from_data(axis(height), &device).reshape([1, height, 1]);
    let Matrices { a, b, c, d } = matrices;
    let horizontal = (a * x.clone() + b * y.clone()).expand([batch, height, width]);
    let vertical = (c * x + d * y).expand([batch, height, width]);
    let grid = Tensor::stack::<4>(vec![horizontal, vertical], 3);
    // As DD-Ranking samples: torch's `grid_sample` with aligned corners, zeros outside (docs/reference.md, section 3.1).
    let options = GridSampleOptions::new(InterpolateMode::Bilinear)
        .with_padding_mode(GridSamplePaddingMode::Zeros)
        .with_align_corners(true);
    images.grid_sample_2d(grid, options)
}

/// Pixel centres from -1 to 1; a single pixel is at 0 (as in PyTorch), which its aligned corners map to the picture's only
/// pixel for any factor.
fn coordinates(side: usize) -> Vec<f32> {
    if side == 1 {
        return vec![0.0];
    }
    (0..side)
        .map(|index| (2.0 * index as f64 / (side - 1) as f64 - 1.0) as f32)
        .collect()
}
