//! Winograd's convolution F(4x4, 3x3) (Lavin and Gray, 2015, "Fast algorithms for convolutional neural networks"): 36
//! products for the 16 results of a tile, where the direct sum takes 144.
//!
//! Images are cut into tiles ([`tiles`]) and transformed to factors ([`factors`], [`transform`]), as are the filters
//! ([`filter`]). For each of the 36 products, factors of tiles times factors of filters is a matrix product over the
//! channels ([`convolve`]), and what comes out is transformed back. The gradient of the weight is the adjoint of that,
//! step by step ([`weight_gradient`]).

mod convolve;
mod factors;
mod filter;
mod tiles;
mod transform;
mod weight_gradient;

pub(super) use convolve::convolve;
pub(super) use filter::{Direction, transform as transform_filter};
pub(super) use weight_gradient::weight_gradient;
