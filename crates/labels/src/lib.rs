//! Loss criteria, the targets they compare with, and the teachers that make soft targets.
//!
//! [`Targets`] say what the network should answer for each picture of a batch, a [`Criterion`] turns logits and targets into
//! the loss. [`Teachers`] label images with the mean of their logits. A new criterion is one new file and one variant of the
//! enum.
//!
//! ```
//! use burn::tensor::{Device, Tensor};
//! use ddrank_labels::{Criterion, Softening, Targets};
//!
//! let device = Device::flex();
//! let logits = Tensor::<2>::zeros([2, 3], &device);
//! let hard = Targets::from_classes(&[2, 0], 3, &device)?;
//! let loss = Criterion::CrossEntropy.loss(logits.clone(), &hard).into_scalar::<f32>();
//! assert!((loss - 3.0_f32.ln()).abs() < 1e-6);
//!
//! let rows = Tensor::from_data([[0.0_f32, 1.0, 4.0], [2.0, 0.0, 0.0]], &device);
//! let soft = Targets::from_logits(rows.clone(), &[2, 0])?;
//! let criterion = Criterion::KlDivergence(Softening::new(4.0, true)?);
//! assert!(criterion.loss(logits, &soft).into_scalar::<f32>() > 0.1);
//! assert!(criterion.loss(rows, &soft).into_scalar::<f32>().abs() < 1e-6);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![forbid(unsafe_code)]

mod criterion;
mod cross_entropy;
mod kl_divergence;
mod mse_gt;
mod soft_cross_entropy;
mod softening;
mod targets;
mod teachers;

pub use criterion::Criterion;
pub use mse_gt::{MseGt, WeightError};
pub use softening::{Softening, TemperatureError};
pub use targets::{TargetError, Targets};
pub use teachers::{TeacherError, TeacherProblem, Teachers};
