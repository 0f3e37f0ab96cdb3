//! Tests of configurations.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod documentation;
mod words;
