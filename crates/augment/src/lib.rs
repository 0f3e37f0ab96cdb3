//! Batched image augmentation on the device with host-drawn parameters.
//!
//! An [`Augmentation`] works in two steps: `draw` takes random numbers from a generator on the host, `apply` uses them on
//! a batch of images `[batch, channels, height, width]` wherever it lives, without reading anything back.
//! [`Augmentation::augment`] is both. The same draws give the same pictures on every device, up to rounding.
//!
//! A new augmentation is one new file and one line in the [`Augmentation`] enum.
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
mod augmentation;
mod dsa;
mod dsa_apply;
mod dsa_draws;

pub use augmentation::Augmentation;
pub use dsa::{Dsa, DsaError, DsaMode, DsaParameters};
pub use dsa_draws::{DsaDraws, DsaOperation, DsaStep};
