#![doc = include_str!("../README.md")]
//!
//! [`Configuration::read`] turns TOML text and `--set` overrides into checked values. Whatever is wrong becomes a
//! [`ConfigurationError`] that shows the place, the value and what is allowed. The modules are the sections of a file,
//! each with its keys, their documentation and their checks in one place; [`documentation`] lists them all for `ddrank keys`
//! and `configs/README.md`.
#![forbid(unsafe_code)]

mod document;
mod error;
mod no_configuration;
mod section;

mod agent;
mod dataset;
mod labels;
mod preset;
mod race;
mod real;
mod recipe;
mod search;
mod selection;
mod synthetic;
mod training;

mod arms;
mod configuration;
mod cross_checks;
mod teaching;
mod whole_file;

pub mod documentation;

pub mod import;
pub mod recipes;
mod template;

pub use agent::TeacherSection;
pub use arms::ArmWork;
pub use configuration::{Baseline, Configuration};
pub use dataset::DatasetSection;
pub use ddrank_metrics::Metric;
pub use document::Override;
pub use error::ConfigurationError;
pub use labels::{LabelMode, LabelRows, LabelSection};
pub use preset::{Preset, UnknownPreset};
pub use race::{Race, rungs};
pub use real::RealArm;
pub use recipe::{Recipe, is_tested};
pub use search::Search;
pub use selection::Selection;
pub use synthetic::{LearningRateSource, NamedSet, SyntheticSection};
pub use teaching::TeachingConfiguration;
