//! Golden values: numbers computed elsewhere that our code has to reproduce.
//!
//! A golden set is a folder with a `manifest.json` and the safetensors files that it names. [`load`] reads the project's own
//! sets (`tests/goldens` and `tests/goldens/zoo`, each made by its `generate.py`) and every folder in the path list
//! `DDRANK_GOLDENS`. A [`Tally`] compares and keeps the score, and says what it did not cover.

mod manifest;
mod tally;
mod weight_rule;
mod words;

pub use manifest::{Array, Case, GoldenError, GoldenSet, Output, TensorEntry, load};
pub use tally::Tally;
pub use weight_rule::ruled_tensor;
pub use words::Words;
