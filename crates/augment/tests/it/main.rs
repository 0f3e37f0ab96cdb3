//! The augmentations from outside: how configurations name them, their draws, and their pictures.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod augmentation;
mod configuration;
mod dsa;
mod kernels;
mod mixing;
mod ragged;
mod transforms;
