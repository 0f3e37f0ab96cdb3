//! Criteria and teachers from outside.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod configuration;
mod criteria;
mod cross_entropy;
mod teachers;
