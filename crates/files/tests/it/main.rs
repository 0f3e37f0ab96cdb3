//! Reading and writing tensor files, good, damaged and hostile ones.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod changed_tensors;
mod fixtures;
mod malformed;
mod neighbours;
mod parts;
mod pickled;
mod round_trip;
