//! The crate through its public interface.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod building;
mod counts;
mod modes;
mod names;
mod options;
mod state_dicts;
mod support;
