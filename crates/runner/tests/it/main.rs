//! Tests of the evaluation as a library.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod preparation;
mod teacher_files;
