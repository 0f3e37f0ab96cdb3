//! Convolution with any square kernel, stride and padding, as products with the matrix of patches.
//!
//! Unlike in [`super::patches`] the patches of several small images stand side by side in one product, so that a weight
//! that is read from memory is used for many pixels.

mod convolution;
mod products;
mod weight_gradient;

pub(crate) use convolution::Convolution;
pub(crate) use products::{forward, input_gradient};
pub(crate) use weight_gradient::weight_gradient;
