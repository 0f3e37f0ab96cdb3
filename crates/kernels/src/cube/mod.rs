//! The operators on burn's GPU backends (`cuda`, `wgpu`, `vulkan`, `metal`), as CubeCL kernels.
//!
//! Normalisation, ReLU and pooling are four passes over the data forward and backward together; composed of burn's
//! operators they are about thirty. Convolutions are burn's: it has tuned ones, and keeps images with their channels
//! side by side in memory, as the kernels here do.

mod autodiff;
mod elementwise;
mod kernels;
mod normalisation;
