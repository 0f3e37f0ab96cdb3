//! Running the trials that are missing, and keeping what came of them.

pub mod cache;
mod data_on_device;
pub mod estimate;
pub mod executor;
pub mod run_directory;
mod teacher_accuracy;
mod work;

pub use work::Work;
