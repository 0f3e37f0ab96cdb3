#![doc = include_str!("../README.md")]
//!
//! # The quantities
//!
//! A distilled dataset is good when a model trained on it comes close to a model trained on all real data, and when it
//! beats as many real images picked at random. DD-Ranking ([arXiv 2505.13300](https://arxiv.org/abs/2505.13300)) turns
//! both into one number. With accuracies as fractions:
//!
//! | quantity | definition | better |
//! | --- | --- | --- |
//! | HLR, [`hard_label_recovery`] | real data with hard labels − synthetic data with hard labels | smaller |
//! | IOR, [`improvement_over_random`] | synthetic data − random real images, same recipe | larger |
//! | LRS, [`label_robust_score`] | [`squash`]`(λ IOR − (1 − λ) HLR)` | larger |
//! | ARS, [`augmentation_robust_score`] | [`squash`]`(γ IOR with augmentation + (1 − γ) IOR without)` | larger |
//!
//! Scores are computed round by round and then summarised ([`Summary`]): the mean of the scores, not the score of the
//! means. Intervals are 95 % confidence intervals by Student's t.
//!
//! # Where this differs from the DD-Ranking program
//!
//! The program (version 0.2.0) puts percentage points into the exponential, so almost every score it prints is −0.157
//! or a very large number; its paper used fractions, as this crate does, and this crate reproduces the paper's tables
//! (`tests/it/paper.rs`). It also collects every score twice, which makes its CSV writer fail. Standard deviations here
//! are the population ones, as there.
#![forbid(unsafe_code)]

mod accuracy;
mod arm;
mod bounded;
mod metric;
mod ranking;
mod score;
mod summary;
mod sweep;
mod top;
mod unit;
mod weight;

pub use accuracy::{Accuracy, Gap};
pub use arm::{Arm, ArmAugmentation, ArmLabels, ArmName, Rates, Source};
pub use bounded::OutOfRange;
pub use metric::{Difference, Metric, Part, ScoreRow, Scores, Setup};
pub use ranking::{Direction, Ranked, Separation, rank, separation};
pub use score::{
    Score, augmentation_robust_score, hard_label_recovery, improvement_over_random,
    label_robust_score, squash,
};
pub use summary::{Summary, SummaryError};
pub use sweep::{SweepPoint, augmentation_robust_sweep, label_robust_sweep};
pub use top::top_accuracy;
pub use unit::Unit;
pub use weight::Weight;
