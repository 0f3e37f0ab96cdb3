//! The crate against the paper's tables and against golden cases.
#![expect(clippy::unwrap_used, reason = "tests")]

mod goldens;
mod paper;
