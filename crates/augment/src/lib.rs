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
mod checked;
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
pub use augmentation::{Augmentation, AugmentationDraws};
pub use center_crop::CenterCrop;
pub use cutmix::{CutMix, CutMixDraws};
pub use dsa::Dsa;
pub use dsa_draws::{DsaDraws, DsaOperation, DsaStep};
pub use dsa_mode::DsaMode;
pub use dsa_parameters::DsaParameters;
pub use error::AugmentationError;
pub use flip::Flip;
pub use gaussian_noise::GaussianNoise;
pub use mixing::Mixing;
pub use mixup::{Mixup, MixupDraws};
pub use normalize::Normalize;
pub use patch_shuffle::{PatchShuffle, StripOrders};
pub use random_crop::{RandomCrop, RandomCropDraws};
pub use resize::Resize;
pub use resize_crop::ResizeCrop;
pub use sequence::Sequence;
pub use size::Size;
pub use transform::Transform;
