//! Real datasets, distilled sets, tensor files, random selection, whitening and fingerprints.
#![forbid(unsafe_code)]

pub mod files;
pub mod inspect;
mod shape;
pub mod synthetic;

pub use shape::ImageShape;
