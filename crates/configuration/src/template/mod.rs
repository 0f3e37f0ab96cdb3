//! A configuration to be written: what the recipes and imported files have in common.
//!
//! A [`Template`] is a configuration in which paths may be left to give. It becomes TOML text with a comment wherever
//! something needs saying; the text is read back like any other configuration.

mod full_data;
mod model;
mod reference_dataset;
mod render;

pub(crate) use full_data::{cached_accuracy, full_data};
pub(crate) use model::{
    Dataset, LEARNING_RATE_GRID, Labels, Model, Named, RealArm, SoftMode, Source, Synthetic,
    Teacher, Template, Training,
};
pub(crate) use reference_dataset::{ReferenceDataset, Statistics};
