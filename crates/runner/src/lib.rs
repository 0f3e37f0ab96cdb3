#![doc = include_str!("../README.md")]
//!
//! The modules are the path of the data, in order: [`input`] loads and fingerprints what is trained on, a [`trial`] is one
//! training and its description, an [`experiment`] is a configuration with its data resolved, the [`plan`] lists the
//! trials that its metric needs, [`execution`] runs the missing ones into a run directory, and [`scoring`] makes a report
//! of their outcomes. [`images`] and [`teaching`] are what else is done with images and networks.
#![forbid(unsafe_code)]

pub mod input;

pub mod trial;

mod needed_memory;

pub mod experiment;

pub mod plan;

pub mod execution;

pub mod scoring;

pub mod images;

pub mod teaching;
