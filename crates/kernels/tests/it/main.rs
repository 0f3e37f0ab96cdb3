//! The operators against burn's own, against double precision and against themselves.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod backends;
mod conv;
mod depthwise;
mod norm;
mod optimizer_steps;
mod support;
