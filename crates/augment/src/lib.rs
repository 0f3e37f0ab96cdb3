#![doc = include_str!("../README.md")]
//!
//! Pictures of several sizes share a padded batch: [`Augmentation::augment_ragged`] gives them one size.
//!
//! A new augmentation is one new file, its line here and its line of the table in `augmentation.rs`.
#![forbid(unsafe_code)]

mod affine;
mod antialias;
mod augmentation;
mod center_crop;
mod cutmix;
mod dsa;
mod dsa_apply;
mod dsa_draws;
mod dsa_mode;
mod dsa_parameters;
mod error;
mod fill;
mod flip;
mod gaussian_noise;
mod mixing;
mod mixup;
mod normalize;
mod other_name;
mod partners;
mod patch_shuffle;
mod ragged;
mod random_crop;
mod rearrange;
mod resize;
mod resize_crop;
mod sequence;
mod size;
mod transform;

pub use antialias::CropBox;
pub use augmentation::*;
pub use cutmix::CutMixDraws;
pub use dsa_draws::{DsaDraws, DsaOperation, DsaStep};
pub use dsa_mode::DsaMode;
pub use dsa_parameters::DsaParameters;
pub use error::AugmentationError;
pub use mixing::Mixing;
pub use mixup::MixupDraws;
pub use patch_shuffle::StripOrders;
pub use random_crop::RandomCropDraws;
pub use size::Size;
pub use transform::Transform;
