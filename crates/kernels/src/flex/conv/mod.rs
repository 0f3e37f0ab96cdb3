//! Convolution 3 x 3 with stride 1 and padding 1, and its gradients ([`three_by_three`]); any other one in [`general`].
//!
//! With enough channels this is Winograd's F(4x4, 3x3) ([`winograd`]): a quarter of the multiplications of the direct
//! sum. With few channels (the first layer) the products are too thin for that, and the patches of the image are laid
//! out as a matrix ([`patches`]).
//!
//! All convolutions here have sizes `(channels, out)`; images are `[batch, channels, height, width]`, contiguous.
//!
//! # Why results repeat to the bit
//!
//! Everything ends in [`gemm`](super::simd::gemm), whose sums run over the reduction in ascending order. Forward and
//! for the gradient of the input a task owns whole images, and no sum reaches beyond one. For the gradient of the
//! weight, which sums over all images, the division into partial sums and the order in which they are added depend on
//! sizes only.

pub(crate) mod general;
mod patches;
mod pixels;
mod three_by_three;
mod winograd;

pub(crate) use three_by_three::{forward, input_gradient, weight_gradient};

#[cfg(test)]
mod tests;
