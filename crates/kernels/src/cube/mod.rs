//! The operators on burn's GPU backends (`cuda`, `wgpu`, `vulkan`, `metal`), as CubeCL kernels.
//!
//! Normalisation, ReLU and pooling are four passes over the data forward and backward together; composed of burn's
//! operators they are about thirty. Convolutions are burn's: it has tuned ones, and keeps images with their channels side
//! by side in memory, as the kernels here do.

mod autodiff;
mod elementwise;
mod kernels;
mod normalisation;

use crate::Tail;
use burn::backend::TensorMetadata;
use burn::tensor::DType;
use burn_cubecl::tensor::CubeTensor;

/// Workgroups of a launch in each direction that every GPU can take.
const EXTENT: usize = u16::MAX as usize;

/// Whether the kernels can work on these: `f32` all, and an image batch `x` of a size that they can count, of which `tail`
/// leaves something.
fn kernels_apply(x: &CubeTensor, parameters: &[&CubeTensor], tail: Tail) -> bool {
    let shape = x.shape();
    let [batch, channels, height, width] = shape.dims();
    let numbers = shape.num_elements();
    let least = if tail.pools() { 2 } else { 1 };
    x.dtype == DType::F32
        && parameters.iter().all(|tensor| tensor.dtype == DType::F32)
        && numbers > 0
        && u32::try_from(numbers).is_ok()
        // The extents of a launch.
        && batch <= EXTENT
        && (batch * channels).div_ceil(kernels::LANES as usize) <= EXTENT
        && height.min(width) >= least
}
