//! One trial: its description, its key, the one training loop and the one evaluation loop, and its outcome.

mod description;
pub mod device_images;
mod evaluation;
mod key;
mod outcome;
mod race;
pub mod randomness;
pub mod training;

pub use description::{SoftLabels, TrainingData, Trial, TrialLabels};
pub(crate) use evaluation::accuracy;
pub use key::TrialKey;
pub use outcome::{CurvePoint, Outcome};
pub(crate) use race::{Entrant, RaceObserver, run_race};
