//! The command, as people run it.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod augment;
mod augmentations;
mod bad_requests;
mod configurations;
mod devices;
mod halving;
mod help;
mod import;
mod optimizers;
mod options;
mod pictures;
mod published;
mod rank;
mod recipes;
mod relabel;
mod relabel_goldens;
mod resume;
mod score;
mod soft_labels;
mod train;
mod workbench;
