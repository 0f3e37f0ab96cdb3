//! The operators on burn's `flex` backend, on the CPU.
//!
//! [`forward`] and [`autodiff`] extend the backend; what they call is written over plain slices: convolutions in
//! [`conv`], normalisations in [`norm`], both over the vectors of [`simd`].

mod autodiff;
mod buffer;
mod conv;
mod forward;
mod images;
mod norm;
mod optimizers;
pub(crate) mod pictures;
mod scratch;
mod simd;
mod tensors;
