//! Batched image augmentation on the device with host-drawn parameters.
//!
//! An [`Augmentation`] works in two steps: `draw` takes random numbers from a generator on the host, `apply` uses them on
//! a batch of images `[batch, channels, height, width]` wherever it lives, without reading anything back.
//! [`Augmentation::augment`] is both. The same draws give the same pictures on every device, up to rounding.
//!
//! Pictures of several sizes share a padded batch: [`Augmentation::augment_ragged`] gives them one size.
//!
//! A new augmentation is one new file and one line of the table in `augmentation.rs`.
//!
//! ```
//! use burn::tensor::{Device, Tensor};
//! use ddrank_augment::{Augmentation, Dsa};
//! use rand_chacha::{ChaCha8Rng, rand_core::SeedableRng};
//!
//! let device = Device::flex();
//! let mut generator = ChaCha8Rng::seed_from_u64(0);
//! let augmentation = Augmentation::Dsa(Dsa::default());
//! let images = Tensor::<4>::zeros([8, 3, 32, 32], &device);
//! assert_eq!(augmentation.augment(images, &mut generator).dims(), [8, 3, 32, 32]);
//! ```
#![forbid(unsafe_code)]

mod affine;
mod antialias;
mod augmentation;
mod center_crop;
mod cutmix;
mod dsa;
mod dsa_apply;
mod dsa_draws;
mod error;
mod flip;
mod gaussian_noise;
mod keys;
mod mixing;
mod mixup;
mod normalize;
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
pub use dsa::{Dsa, DsaError, DsaMode, DsaParameters};
pub use dsa_draws::{DsaDraws, DsaOperation, DsaStep};
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
