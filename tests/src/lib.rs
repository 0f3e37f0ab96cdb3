//! Checks that cross the crates.
#![forbid(unsafe_code)]

pub mod golden;
