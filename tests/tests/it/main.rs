//! Checks that cross the crates: golden values, and how the house is built.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "tests")]

mod golden_augment;
mod golden_losses;
mod golden_models;
mod golden_optimizers;
mod golden_transforms;
mod golden_zoo;
mod layout;
