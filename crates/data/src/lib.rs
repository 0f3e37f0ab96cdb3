//! Real datasets, distilled sets, tensor files, random selection, whitening and fingerprints.
#![forbid(unsafe_code)]

pub mod files;
mod shape;

pub use shape::ImageShape;
