//! Whether a device computes what it should: every operator that recipes use, its gradients, and short trainings,
//! against values that are stored in the program.
//!
//! The expected values were computed by PyTorch in double precision (`tests/goldens/doctor.py`, which also says where the
//! tolerances come from: float32's own rounding, not what some device happens to reach). Inputs and weights follow a rule
//! that both sides compute.
//!
//! ```
//! # #[cfg(feature = "flex")] {
//! use burn::tensor::Device;
//! use ddrank_device::doctor::{Scope, examine};
//!
//! let checks = examine(&Device::flex(), Scope::Short, &mut |_| {});
//! assert!(checks.iter().all(|check| check.verdict.is_usable()));
//! # }
//! ```

mod augmentations;
mod case;
mod check;
mod examine;
mod kind;
mod losses;
mod operators;
mod passed;
mod recorder;
mod reference;
mod residual;
mod rule;
mod trainings;
mod verdict;

pub use check::Check;
pub use examine::{Scope, examine};
pub use kind::Kind;
pub use passed::{has_passed, remember};
pub use verdict::Verdict;
