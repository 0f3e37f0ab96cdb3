//! Loss criteria and the targets they compare with.
//!
//! [`Targets`] say what the network should answer for each picture of a batch, a [`Criterion`] turns logits and targets into
//! the loss. A new criterion is one new file and one variant of the enum.
//!
//! ```
//! use burn::tensor::{Device, Tensor};
//! use ddrank_labels::{Criterion, Targets};
//!
//! let device = Device::flex();
//! let targets = Targets::from_classes(&[2, 0], 3, &device)?;
//! let logits = Tensor::<2>::zeros([2, 3], &device);
//! let loss = Criterion::CrossEntropy.loss(logits, &targets).into_scalar::<f32>();
//! assert!((loss - 3.0_f32.ln()).abs() < 1e-6);
//! # Ok::<(), ddrank_labels::TargetError>(())
//! ```
#![forbid(unsafe_code)]

mod criterion;
mod cross_entropy;
mod targets;

pub use criterion::Criterion;
pub use targets::{TargetError, Targets};
