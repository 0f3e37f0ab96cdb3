#![doc = include_str!("../README.md")]
//!
//! A new criterion is one new file, its line here and its line of the table in `criterion.rs`.
#![forbid(unsafe_code)]

mod criterion;
mod cross_entropy;
mod kl_divergence;
mod mse_gt;
mod soft_cross_entropy;
mod soft_targets;
mod softening;
mod targets;
mod teachers;

pub use criterion::Criterion;
pub use mse_gt::MseGt;
pub use softening::Softening;
pub use targets::{TargetError, Targets};
pub use teachers::{TeacherError, TeacherProblem, Teachers, with_weights};
