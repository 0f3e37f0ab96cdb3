//! Scores for distilled datasets as plain numbers: no tensors, no training, nothing to install.
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
//! ```
//! use ddrank_metrics::{
//!     Accuracy, Summary, Weight, hard_label_recovery, improvement_over_random, label_robust_score,
//! };
//!
//! // One line per round: real data, synthetic data, random selection, all with hard labels.
//! let rounds = [[84.6, 31.9, 19.5], [84.4, 32.3, 19.1], [84.7, 31.4, 20.2]];
//! let mut scores = Vec::new();
//! for [real, synthetic, random] in rounds {
//!     let (real, synthetic) = (Accuracy::from_percent(real)?, Accuracy::from_percent(synthetic)?);
//!     let random = Accuracy::from_percent(random)?;
//!     let hlr = hard_label_recovery(real, synthetic);
//!     let ior = improvement_over_random(synthetic, random);
//!     scores.push(label_robust_score(ior, hlr, Weight::default()));
//! }
//! let lrs = Summary::of_each(&scores)?;
//! assert_eq!(format!("{:.1} ± {:.1}", lrs.mean, lrs.std), "19.1 ± 0.2");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Where this differs from the DD-Ranking program
//!
//! The program (version 0.2.0) puts percentage points into the exponential, so almost every score it prints is −0.157
//! or a very large number; its paper used fractions, as this crate does, and this crate reproduces the paper's tables
//! (`tests/paper.rs`). It also collects every score twice, which makes its CSV writer fail. Standard deviations here
//! are the population ones, as there.
#![forbid(unsafe_code)]

mod accuracy;
mod bounded;
mod ranking;
mod score;
mod summary;
mod sweep;
mod weight;

pub use accuracy::{Accuracy, Gap};
pub use bounded::OutOfRange;
pub use ranking::{Direction, Ranked, Separation, rank, separation};
pub use score::{
    Score, augmentation_robust_score, hard_label_recovery, improvement_over_random,
    label_robust_score, squash,
};
pub use summary::{Summary, SummaryError};
pub use sweep::{SweepPoint, augmentation_robust_sweep, label_robust_sweep};
pub use weight::Weight;
