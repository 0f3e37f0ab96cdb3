//! Tests of the optimizers and schedules.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod configuration;
mod optimizers;
mod schedules;
