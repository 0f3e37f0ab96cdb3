//! ddrank's evaluation, from a configuration file to a report.
//!
//! The modules below are the path of the data, in order: a [`configuration`] is parsed and checked, an [`experiment`]
//! loads and fingerprints its data, the [`arms`] of its metric are expanded into a [`plan`] of [`trial`]s, the [`executor`] runs the missing
//! ones through the one [`training`] loop and the one [`evaluation`] loop into the [`run_directory`], [`scoring`]
//! combines their outcomes, and the [`report`] is what people read.
#![forbid(unsafe_code)]

pub mod configuration;
pub mod race;
pub mod recipe;

pub mod import;
pub mod recipes;
mod suggestion;
mod template;

pub mod real_data;

pub mod distilled;
mod noise;
pub mod teacher_files;

pub mod experiment;

pub mod arms;
pub mod plan;
pub mod trial;

pub mod device;
pub mod device_images;
pub mod doctor;
pub mod evaluation;
pub mod randomness;
pub mod training;

pub mod cache;
pub mod estimate;
pub mod executor;
pub mod optimizer;
pub mod progress;
pub mod run_directory;
pub mod user_cache;
mod work;

mod arm_reading;
mod provenance;
pub mod report;
mod scores;
pub mod scoring;
mod settings;

pub mod image_input;
mod image_progress;
pub mod relabelling;

pub mod augmented;
pub mod before_after;
pub mod teaching;
mod whole_folder;

pub mod command;
