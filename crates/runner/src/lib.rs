//! The evaluation, from a configuration file to a report.
#![forbid(unsafe_code)]

pub mod report;
